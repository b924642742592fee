import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, dayMs, minuteMs, secondMs } from '../core/clock.ts'
import type { WearForecast } from '../core/detector.ts'
import { ExpectedError } from '../core/errors.ts'
import { type Health, type HealthRollUp, healthOf, rollUp } from '../core/health.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import type { Scope } from '../core/scope.ts'
import { type HealthDay, type Operations, pagesOf } from '../stores/operations/port.ts'

/** What the detectors know of a device beside what they found. */
export interface DeviceStatus {
  readonly newestAt: number
  readonly firstAt: number
  /** How long its samples have vouched for it since then, ms. */
  readonly coveredMs: number
  readonly forecasts: readonly (WearForecast & { readonly finding: string })[]
}

export interface DeviceHealth extends Health {
  readonly at: number
  readonly forecasts: DeviceStatus['forecasts']
  /** The last days, newest first. */
  readonly history: readonly Pick<HealthDay, 'day' | 'score' | 'coverage'>[]
}

export interface HealthWatch {
  /** @throws {ExpectedError} `not-found` */
  ofDevice(deviceId: string): Promise<DeviceHealth>
  /** Of all devices in a site. @throws {ExpectedError} `not-found` */
  ofSite(siteId: string): Promise<HealthRollUp>
  /**
   * The time of each one's newest reading, but not after it reached us, ms since 1970; of one that was never heard, nothing. Undefined =
   * nobody can say now.
   */
  lastHeard(deviceIds: readonly string[]): Promise<ReadonlyMap<string, number> | undefined>
  /** Writes down how every device is; again on the same day, the later one stays. Answers how many. */
  recordDay(): Promise<number>
}

const historyDays = 90
/** Health by day is kept so long; what was forecast, up to ten rows of a device and day, not so long. */
const keptDays = 800
const keptForecastDays = 90
const emergencyDays = 30
const devicesAtOnce = 1_000
/** Of a device that has just been heard for the first time, no share can be told. */
const settlesWithinMs = 10 * minuteMs
/** A list is not kept waiting while readings are taken in. Unverified default. */
const patienceMs = 2 * secondMs

/** How devices are: what is found, what will wear out, and what nobody knows. */
export function createHealthWatch(options: {
  operations: Operations
  /** Of those that have been heard; others are absent. */
  statusOf: (deviceIds: readonly string[]) => Promise<ReadonlyMap<string, DeviceStatus>>
  /** The time of the newest reading of those that have been heard, ms since 1970; costs next to nothing. */
  heardAtOf: (deviceIds: readonly string[]) => Promise<ReadonlyMap<string, number>>
  clock: Clock
}): HealthWatch {
  const { operations, statusOf, heardAtOf, clock } = options

  async function ofMany(ids: readonly string[]): Promise<Map<string, Health & { status: DeviceStatus | undefined }>> {
    const now = clock()
    const [found, emergencies, newest, statuses] = await Promise.all([
      operations.openFindings(ids),
      operations.emergenciesOf(ids, now - emergencyDays * dayMs),
      operations.newestHealth(ids),
      statusOf(ids),
    ])
    return new Map(
      ids.map((id) => {
        const status = statuses.get(id)
        const health = healthOf({
          findings: found.filter(({ deviceId }) => deviceId === id),
          forecasts: status?.forecasts ?? [],
          emergencies: emergencies.get(id) ?? 0,
          coverage: coverageOf(status, newest.get(id), now),
        })
        return [id, { ...health, status }]
      }),
    )
  }

  return {
    async ofDevice(deviceId) {
      if ((await operations.device(deviceId)) === undefined) {
        throw new ExpectedError('not-found', `There is no device ${deviceId}`)
      }
      const health = (await ofMany([deviceId])).get(deviceId)
      const days = await operations.healthDays(deviceId, historyDays)
      const { score = null, coverage = 0, parts = [], status } = health ?? {}
      const history = days.map(({ day, score, coverage }) => ({ day, score, coverage }))
      return { at: clock(), score, coverage, parts, forecasts: status?.forecasts ?? [], history }
    },
    async ofSite(siteId) {
      const site = await operations.site(siteId)
      if (site === undefined) throw new ExpectedError('not-found', `There is no site ${siteId}`)
      const scope: Scope = { type: site.type, id: siteId }
      const ids = await operations.devicesIn(scope)
      const scores: (number | null)[] = []
      for (let from = 0; from < ids.length; from += devicesAtOnce) {
        for (const { score } of (await ofMany(ids.slice(from, from + devicesAtOnce))).values()) scores.push(score)
      }
      return rollUp(scores)
    },
    async lastHeard(deviceIds) {
      const answer = heardAtOf(deviceIds).catch(() => undefined)
      return Promise.race([answer, delay(patienceMs, undefined, { ref: false })])
    },
    async recordDay() {
      const at = clock()
      const day = localDate(at, shanghai)
      let recorded = 0
      for await (const devices of pagesOf(devicesAtOnce, operations.devices)) {
        const all = await ofMany(devices.map(({ id }) => id))
        const rows = [...all].map(([deviceId, { score, coverage, parts, status }]) => ({
          ...{ deviceId, day, at, score, coverage, parts },
          coveredMs: Math.round(status?.coveredMs ?? 0),
        }))
        const forecasts = [...all].flatMap(([deviceId, { status }]) =>
          (status?.forecasts ?? []).map(({ at: sampleAt, refused = null, ...rest }) => ({
            ...rest,
            ...{ deviceId, day, at, sampleAt, refused },
          })),
        )
        await operations.transaction(async (unit) => {
          await unit.putHealthDays(rows)
          await unit.putForecastDays(day, [...all.keys()], forecasts)
        })
        recorded += rows.length
      }
      await operations.deleteHealthBefore(localDate(at - keptDays * dayMs, shanghai))
      await operations.deleteForecastsBefore(localDate(at - keptForecastDays * dayMs, shanghai))
      return recorded
    },
  }
}

/**
 * Of the time since the day that was written down last, together with that day, so that an hour alone decides nothing; of a device that
 * has none yet, since it was first heard. One that was never heard is not covered.
 */
function coverageOf(status: DeviceStatus | undefined, before: HealthDay | undefined, now: number): number {
  if (status === undefined) return 0
  const goesOn = before !== undefined && before.coveredMs <= status.coveredMs && before.at <= now
  const coveredMs = goesOn ? status.coveredMs - before.coveredMs + before.coverage * dayMs : status.coveredMs
  const elapsedMs = goesOn ? now - before.at + dayMs : now - status.firstAt
  if (elapsedMs < settlesWithinMs) return 1
  return Math.min(1, Number((coveredMs / elapsedMs).toFixed(3)))
}
