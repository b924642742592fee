import { randomUUID } from 'node:crypto'
import { type Clock, dayMs } from '../../core/clock.ts'
import type { Device } from '../../core/device.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { earliestDate, isTooEarly } from '../../core/local-time.ts'
import type { MaintenanceItem, Regime, RegimeType, Visit } from '../../core/visit.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import type { PastRecords } from '../past/past-records.ts'
import { type Condition, type Confirmation, conditionsOf, firstOf, type Lapse, lapsesOf } from './conditions.ts'
import { countsAsDone, type DueItem, dueItems, visitsLookedAtMs } from './due-dates.ts'
import { importVisits, type VisitsImported } from './import-visits.ts'
import { maintenanceFinding } from './open-due.ts'
import { judgeVisit, provenBy, type Stretch, toleranceMs, type VisitReading } from './verdict.ts'
import { recordVisits } from './visit-record.ts'

export interface Upkeep {
  readonly deviceId: string
  /** Null = nobody said; nothing is due then. */
  readonly regime: Regime | null
  readonly items: readonly DueItem[]
  readonly overdue: boolean
  /** Of on-demand maintenance: what it asks for and is not so any more; half-month items are due by the calendar from then on. */
  readonly lapsed: readonly Lapse[]
}

export interface NewRegime {
  readonly type: RegimeType
  readonly dueFrom: Regime['dueFrom']
  /** ms since 1970; now, if it is not said. */
  readonly validFrom?: number | undefined
  readonly confirms?: readonly Confirmation[] | undefined
}

export interface VisitClaim {
  readonly items: readonly MaintenanceItem[]
  /** ms since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  readonly workers: readonly string[]
  /** The device's maintainer, if it is not said. */
  readonly teamId?: string | null | undefined
  readonly note?: string | null | undefined
}

/** Planned maintenance of elevators. Each change is one transaction with its audit row and its history. */
export interface Maintenance {
  /** @throws {ExpectedError} `not-found`; `invalid` for what is no elevator */
  of(deviceId: string): Promise<Upkeep>
  /** @throws {ExpectedError} `not-found`; `invalid`, naming each condition that is not met */
  putRegime(deviceId: string, regime: NewRegime, actor: string): Promise<Upkeep>
  /**
   * @param teams whom the actor speaks for; undefined = an operator there, who may speak for any
   * @throws {ExpectedError} `not-found`; `invalid`; `forbidden` when the elevator was another's then; `already-exists` when a visit
   *   there is claimed for some of that time
   */
  claimVisit(deviceId: string, claim: VisitClaim, actor: string, teams?: readonly string[]): Promise<Visit>
  /** All of a file or, when a line is wrong, nothing of it. @throws {ExpectedError} `invalid` when it is no CSV at all */
  importVisits(past: PastRecords): Promise<VisitsImported>
  /** Looks again at recent visits that are not proven, for telemetry may come late. Answers how many changed. */
  review(): Promise<number>
}

const maintainedKind = 'elevator'
const longestVisitMs = dayMs
const reviewedForMs = 7 * dayMs
/** Who maintains it claims a visit within the time in which telemetry may still judge it. Unverified default. */
const claimedForMs = reviewedForMs

function claimedAlready(): ExpectedError {
  return new ExpectedError('already-exists', 'A visit of this elevator at that time is claimed already')
}

/** A visit did what an open order asked for: whoever owns orders may note or end it, in the same transaction. */
export type OnVisit = (unit: Operations, orderId: string, visit: Visit, now: number) => Promise<void>

export function createMaintenance(options: {
  operations: Operations
  readings: Pick<ReadingStore, 'between' | 'last'>
  clock: Clock
  onVisit?: OnVisit
}): Maintenance {
  const { operations, readings, clock, onVisit = async () => {} } = options

  async function upkeep(unit: Operations, deviceId: string, now: number): Promise<Upkeep> {
    const regimes = await unit.regimesOf(deviceId)
    const regime = regimes.find((one) => isValid(one, now))
    if (regime === undefined) return { deviceId, regime: null, items: [], overdue: false, lapsed: [] }
    const visits = await unit.visitsSince([deviceId], now - visitsLookedAtMs)
    const lapsed = lapsesOf(regime, await unit.partyHistory(deviceId), now)
    const since = regimes.at(-1)?.validFrom ?? regime.validFrom
    const items = dueItems(regime, visits, now, { since, lapsedAt: firstOf(lapsed) })
    return { deviceId, regime, items, overdue: items.some(({ overdueDays }) => overdueDays > 0), lapsed }
  }

  async function conditionsFor(unit: Operations, device: Device, given: NewRegime, now: number): Promise<Condition[]> {
    if (given.type === 'calendar') return []
    const last = await readings.last(device.id, device.kind)
    const known = {
      lastHeardAt: last?.at ?? null,
      maintainerId: await unit.deviceParty(device.id, 'maintainer', now),
      insurerId: await unit.deviceParty(device.id, 'insurer', now),
      confirmed: given.confirms ?? [],
    }
    return conditionsOf(given.type, known, now)
  }

  return {
    async of(deviceId) {
      elevator(await operations.device(deviceId), deviceId)
      return upkeep(operations, deviceId, clock())
    },

    putRegime: (deviceId, given, actor) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const device = elevator(await unit.lockDevice(deviceId), deviceId)
        const missing = (await conditionsFor(unit, device, given, now)).filter(({ met }) => !met)
        if (missing.length > 0) throw new ConditionsMissing(given.type, missing)

        const { type, dueFrom, validFrom = now, confirms = [] } = given
        const [before = null] = await unit.regimesOf(deviceId)
        const regime = { deviceId, type, dueFrom, validFrom }
        await unit.insertRegime(regime)
        const data = { type, dueFrom, validFrom: new Date(validFrom).toISOString(), confirms }
        await unit.insertAudit({ at: now, actor, action: 'regime-changed', subject: deviceId, data })
        const after = { ...regime, validUntil: null, confirms }
        await unit.insertHistory({ at: now, actor, subjectType: 'regime', subjectId: deviceId, before, after })
        return upkeep(unit, deviceId, now)
      }),

    async claimVisit(deviceId, claim, actor, teams) {
      const now = clock()
      const device = elevator(await operations.device(deviceId), deviceId)
      checkTimes(claim, now)
      if (teams !== undefined && claim.endedAt < now - claimedForMs) {
        throw new ExpectedError('invalid', 'endedAt: is more than 7 days ago: ask an operator to claim or import it')
      }
      const window = await readWindow(readings, device, claim)
      return operations.transaction(async (unit) => {
        const { items, startedAt, endedAt, workers, note = null } = claim
        const teamId = await claimantOf(unit, deviceId, claim, teams)
        if (claim.teamId && (await unit.team(claim.teamId)) === undefined) {
          throw new ExpectedError('invalid', `teamId: there is no team ${claim.teamId}`)
        }
        await unit.lockDevice(deviceId)
        const around = await visitsAround(unit, deviceId, claim)
        if (around.some((other) => isOverlapping(other, claim))) throw claimedAlready()
        const verdict = judgeVisit(claim, window, spokenBy(around))
        const claimed = { id: randomUUID(), claimedAt: now, claimedBy: actor }
        const visit = {
          ...claimed,
          deviceId,
          items,
          startedAt,
          endedAt,
          teamId,
          workers,
          note,
          ...verdict,
          decision: null,
        }
        if ((await unit.insertVisitsIfAbsent([visit])).length === 0) throw claimedAlready()
        const data = { deviceId, items, startedAt: new Date(startedAt).toISOString(), verdict: verdict.verdict }
        await recordVisits(unit, [visit], { at: now, type: 'claimed', actor })
        await unit.insertAudit({ at: now, actor, action: 'visit-claimed', subject: visit.id, data })
        await settleVisit(unit, visit, now, onVisit)
        return visit
      })
    },

    importVisits: (past) => operations.transaction((unit) => importVisits(unit, past, clock())),

    async review() {
      const now = clock()
      let changed = 0
      for (const visit of await operations.unprovenSince(now - reviewedForMs)) {
        const device = await operations.device(visit.deviceId)
        if (device === undefined) continue
        changed += (await revise(visit, await readWindow(readings, device, visit), now)) ? 1 : 0
      }
      return changed
    },
  }

  function revise({ id, deviceId }: Visit, window: readonly VisitReading[], now: number): Promise<boolean> {
    return operations.transaction(async (unit) => {
      await unit.lockDevice(deviceId)
      const visit = await unit.lockVisit(id)
      // what people have decided about it stands
      if (visit === undefined || visit.decision != null) return false
      const others = (await visitsAround(unit, deviceId, visit)).filter((other) => other.id !== id)
      const verdict = judgeVisit(visit, window, spokenBy(others))
      if (visit.verdictText === verdict.verdictText) return false
      await unit.setVerdict(id, verdict)
      await recordVisits(unit, [{ ...visit, ...verdict }], { at: now, type: 'judged' })
      await settleVisit(unit, { ...visit, ...verdict }, now, onVisit)
      return true
    })
  }
}

type Span = Pick<Visit, 'startedAt' | 'endedAt'>

/** Those of the elevator that telemetry may tell of in the same minutes. */
async function visitsAround(unit: Operations, deviceId: string, { startedAt, endedAt }: Span): Promise<Visit[]> {
  const visits = await unit.visitsSince([deviceId], startedAt - longestVisitMs - 2 * toleranceMs)
  return visits.filter((visit) => visit.startedAt < endedAt + 2 * toleranceMs)
}

/** One stretch of work is one visit, whoever was there: named twice, it would prove two. */
function isOverlapping(one: Span, other: Span): boolean {
  return one.startedAt < other.endedAt && one.endedAt > other.startedAt
}

function spokenBy(visits: readonly Visit[]): Stretch[] {
  return visits.flatMap((visit) => provenBy(visit) ?? [])
}

/**
 * By whom it counts: whoever maintained the elevator then, or was sent for each piece of it. Where nobody maintained it, any team with an
 * order there may say so: what was due counts as done.
 */
async function claimantOf(
  unit: Operations,
  deviceId: string,
  claim: VisitClaim,
  teams: readonly string[] | undefined,
): Promise<string | null> {
  const holder = await unit.deviceParty(deviceId, 'maintainer', claim.startedAt)
  if (teams === undefined) return claim.teamId ?? holder
  const own = claim.teamId == null ? teams : teams.filter((id) => id === claim.teamId)
  if (holder !== null && own.includes(holder)) return holder
  const sent = await sentFor(unit, deviceId, claim)
  const [team] = holder === null ? own : own.filter((id) => id === sent)
  if (team !== undefined) return team
  throw new ExpectedError('forbidden', `${deviceId} was maintained by another then: they, or whom they send, say so`)
}

/** The team that had an order for each of these pieces while it was there. */
async function sentFor(
  unit: Operations,
  deviceId: string,
  { items, startedAt, endedAt }: VisitClaim,
): Promise<string | null> {
  const teams = new Set<string | null>()
  // in one order whoever asks: two claims do not wait for each other
  for (const item of items.toSorted()) {
    const incident = await unit.lockNewestIncident({ type: 'device', id: deviceId }, maintenanceFinding(item))
    const order = incident?.orderId == null ? undefined : await unit.order(incident.orderId)
    const isMeanwhile =
      order !== undefined && order.cancelledAt === null && order.raisedAt <= endedAt && startedAt <= endOf(order)
    teams.add(isMeanwhile ? order.teamId : null)
  }
  const [team = null] = teams
  return teams.size === 1 ? team : null
}

function endOf({ closedAt }: Pick<WorkOrder, 'closedAt'>): number {
  return closedAt ?? Infinity
}

/** What was due is done, unless telemetry says that nobody was there. */
export async function settleVisit(unit: Operations, visit: Visit, now: number, onVisit: OnVisit): Promise<void> {
  if (!countsAsDone(visit)) return
  for (const item of visit.items.toSorted()) {
    const scope = { type: 'device' as const, id: visit.deviceId }
    const incident = await unit.lockNewestIncident(scope, maintenanceFinding(item))
    if (incident === undefined || incident.state === 'cleared' || incident.detectedAt > visit.endedAt + dayMs) continue
    await unit.updateIncident(incident.id, { state: 'cleared', clearedAt: now })
    if (incident.orderId !== null) await onVisit(unit, incident.orderId, visit, now)
  }
}

class ConditionsMissing extends ExpectedError {
  readonly faults: readonly { readonly path: string; readonly message: string }[]

  constructor(type: RegimeType, missing: readonly Condition[]) {
    super('invalid', `Not everything is met for ${type}: ${missing.map(({ text }) => text).join('; ')}`)
    this.faults = missing.map(({ name, text }) => ({ path: name, message: text }))
  }
}

/** What a person should know of a claim beside its verdict. Source: two workers per visit, one licensed (local regulation). */
export function remarksOf({ workers }: Pick<Visit, 'workers'>): string[] {
  // whoever is named twice is one
  const people = new Set(workers.map((name) => name.trim().toLowerCase()))
  if (people.size >= 2) return []
  const named = people.size === 0 ? 'Nobody is named' : 'Only one person is named'
  return [`${named}: two workers per visit are asked for, one of them licensed`]
}

function elevator(device: Device | undefined, id: string): Device {
  if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
  if (device.kind === maintainedKind) return device
  throw new ExpectedError('invalid', `Only elevators have planned maintenance: ${id} is an ${device.kind}`)
}

function isValid({ validFrom, validUntil }: Regime, now: number): boolean {
  return validFrom <= now && (validUntil === null || validUntil > now)
}

function checkTimes({ startedAt, endedAt }: Pick<VisitClaim, 'startedAt' | 'endedAt'>, now: number): void {
  if (endedAt <= startedAt) throw new ExpectedError('invalid', 'endedAt: is not after startedAt')
  if (isTooEarly(startedAt)) {
    throw new ExpectedError('invalid', `startedAt: is before ${earliestDate}`)
  }
  if (endedAt > now) throw new ExpectedError('invalid', 'endedAt: lies in the future')
  if (endedAt - startedAt > longestVisitMs) throw new ExpectedError('invalid', 'endedAt: a visit lasts a day at most')
}

const readingsPerPage = 5_000

/** What telemetry says of a visit: what its verdict is made of. */
export async function readWindow(
  readings: Pick<ReadingStore, 'between'>,
  { id: deviceId, kind }: Device,
  { startedAt, endedAt }: Pick<VisitClaim, 'startedAt' | 'endedAt'>,
): Promise<VisitReading[]> {
  const to = endedAt + toleranceMs
  const found: VisitReading[] = []
  let from = startedAt - toleranceMs
  for (;;) {
    const page = await readings.between({ deviceId, kind, from, to, limit: readingsPerPage })
    found.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < readingsPerPage) return found
    from = last.at + 1
  }
}
