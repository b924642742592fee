import { dayMs } from '../core/clock.ts'
import { groupedBy } from '../core/grouped.ts'
import { monthsBetween, spanOfMonth } from '../core/kpi.ts'
import type { KpiDays, KpiDue, KpiRecords, Tenure } from '../core/kpi-records.ts'
import { localDate, shanghai, startOfDate } from '../core/local-time.ts'
import {
  type DaySpan,
  type DeviceParty,
  type Operations,
  type QualityDevice,
  type QualityRecords,
  type RecordSource,
  recordSources,
} from '../stores/operations/port.ts'
import { stratumOf } from './compare.ts'
import { type MaintenanceRules, obligationsOf, recentObligationsOf } from './obligations.ts'
import type { Period } from './tally.ts'

export interface ReadOptions {
  readonly rules: MaintenanceRules
  /** All of them, if it is not said. */
  readonly sources?: readonly RecordSource[]
  /** Days one by one, not the sum of a month. */
  readonly isDaily?: boolean
}

type Reads = Pick<Operations, 'qualityRecords' | 'maintenanceVisits' | 'sumDays' | 'sumHealth' | 'deviceDays'>

const yearMs = 365.2425 * dayMs

/**
 * Everything that the figures of a period need of some devices, as it was known at `asOf`. A device is of the age that it had when the
 * period began.
 *
 * @param deviceIds so many that other work gets its turn
 */
export async function readRecords(
  operations: Reads,
  deviceIds: readonly string[],
  period: Period,
  asOf: number,
  { rules, sources = recordSources, isDaily = false }: ReadOptions,
): Promise<KpiRecords> {
  const stored = await operations.qualityRecords(deviceIds, period, asOf, sources)
  const tenures = tenuresOf(stored.devices, stored.parties)
  const spans = () => spansOf(stored.devices, tenures, period)
  const readDays = () => (isDaily ? eachDay(operations, tenures, period, asOf) : operations.sumDays(spans(), asOf))
  return {
    devices: stored.devices.map((device) => ({
      ...{ id: device.id, kind: device.kind, estateId: device.estateId, retiredAt: device.retiredAt },
      stratum: device.kind === 'elevator' ? stratumOf({ ...device, ageYears: ageOf(device, period.from) }) : '',
    })),
    tenures,
    orders: stored.orders,
    visits: stored.visits,
    due: await dueOf(operations, stored.regimes, period, asOf, rules),
    inspections: stored.inspections,
    overhauls: stored.overhauls,
    days: sources.includes('days') ? await readDays() : [],
    health: sources.includes('health') ? await operations.sumHealth(spans(), asOf) : [],
  }
}

function ageOf({ installedOn }: QualityDevice, at: number): number | null {
  return installedOn === null ? null : Math.max(0, (at - startOfDate(installedOn, shanghai)) / yearMs)
}

/** Dates that the rules were asked for: the same come again with every elevator that is visited on a day. */
const askedBy = new WeakMap<MaintenanceRules, Map<string, number>>()
const mostAsked = 50_000

/** Whoever is visited every two weeks is known by the last few visits; of others, all are read. */
const recentVisitsMs = 45 * dayMs

async function dueOf(
  operations: Reads,
  regimes: QualityRecords['regimes'],
  period: Period,
  asOf: number,
  rules: MaintenanceRules,
): Promise<KpiDue[]> {
  if (regimes.length === 0) return []
  const asked = askedBy.get(rules) ?? new Map<string, number>()
  askedBy.set(rules, asked)
  if (asked.size > mostAsked) asked.clear()
  const regimesOf = groupedBy(regimes, ({ deviceId }) => deviceId)
  const known = async (ids: readonly string[], halfMonthSince: number) => {
    const visits = await operations.maintenanceVisits(ids, period.from, asOf, halfMonthSince)
    const visitsOf = groupedBy(visits, ({ deviceId }) => deviceId)
    return ids.map((deviceId) => {
      return { deviceId, regimes: regimesOf.get(deviceId) ?? [], visits: visitsOf.get(deviceId) ?? [] }
    })
  }
  const since = period.from - recentVisitsMs
  const due: KpiDue[] = []
  const others: string[] = []
  for (const elevator of await known([...regimesOf.keys()], since)) {
    const own = recentObligationsOf(elevator, since, period, rules, asked)
    if (own === undefined) others.push(elevator.deviceId)
    else due.push(...own)
  }
  if (others.length === 0) return due
  return [...due, ...(await known(others, 0)).flatMap((elevator) => obligationsOf(elevator, period, rules, asked))]
}

/**
 * Who had each device from when to when, without a gap from its first contract, or from when it was registered, until it was retired: also
 * the times in which nobody had it. Pure.
 */
export function tenuresOf(
  devices: readonly Pick<QualityDevice, 'id' | 'createdAt' | 'retiredAt'>[],
  parties: readonly DeviceParty[],
): Tenure[] {
  const partiesOf = groupedBy(parties, ({ deviceId }) => deviceId)
  return devices.flatMap(({ id: deviceId, createdAt, retiredAt }) => {
    const own = partiesOf.get(deviceId) ?? []
    const begin = Math.min(createdAt, ...own.map(({ validFrom }) => validFrom))
    const end = retiredAt ?? Infinity
    const changes = own.flatMap(({ validFrom, validUntil }) => [validFrom, validUntil ?? Infinity])
    const times = [...new Set([begin, ...changes, end])].filter((at) => at >= begin && at <= end).sort((a, b) => a - b)
    const holder = (role: DeviceParty['role'], at: number) =>
      own.find((one) => one.role === role && one.validFrom <= at && (one.validUntil ?? Infinity) > at)?.teamId ?? null
    return times.slice(0, -1).map((from, index) => ({
      ...{ deviceId, from, to: times[index + 1] ?? end },
      ...{ maintainerId: holder('maintainer', from), insurerId: holder('insurer', from) },
    }))
  })
}

/** Whole days of elevators, each for whoever had it when the day began, by month; days that nobody's tenure reaches are left out. */
function spansOf(devices: readonly QualityDevice[], tenures: readonly Tenure[], { from, to }: Period): DaySpan[] {
  const elevators = new Set(devices.filter(({ kind }) => kind === 'elevator').map(({ id }) => id))
  const months = monthsBetween(from, to).map(spanOfMonth)
  return tenures.flatMap((tenure) => {
    if (!elevators.has(tenure.deviceId)) return []
    return months.flatMap((month) => {
      const fromDay = dayFrom(Math.max(tenure.from, from, month.from))
      const untilDay = dayFrom(Math.min(tenure.to, to, month.to))
      if (fromDay >= untilDay) return []
      return [{ deviceId: tenure.deviceId, fromDay, untilDay, at: startOfDate(fromDay, shanghai) }]
    })
  })
}

/** Days one by one, of devices that somebody could have a contract for. */
async function eachDay(
  operations: Reads,
  tenures: readonly Tenure[],
  { from, to }: Period,
  asOf: number,
): Promise<KpiDays[]> {
  const tenuresOf = groupedBy(tenures, ({ deviceId }) => deviceId)
  const days = await operations.deviceDays([...tenuresOf.keys()], dayFrom(from), dayFrom(to), asOf)
  return days
    .map((day) => ({ ...day, at: startOfDate(day.day, shanghai) }))
    .filter(({ deviceId, at }) => tenuresOf.get(deviceId)?.some((one) => at >= one.from && at < one.to))
}

/** The first day that begins then or later. */
function dayFrom(at: number): string {
  return localDate(at - 1 + dayMs, shanghai)
}
