import type { Clock } from '../../core/clock.ts'
import { groupedBy } from '../../core/grouped.ts'
import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import type { Recipient } from '../../core/notice.ts'
import { type Member, teamTypes } from '../../core/people.ts'
import type { Deadline, Party } from '../../core/plan.ts'
import { onDutySince } from '../../core/roster.ts'
import { type Operations, type OperationsStore, pagesOf, type RosteredTeam } from '../../stores/operations/port.ts'
import { isNobodys, latestTimeOf } from '../life/transitions.ts'
import { noticesOf, notify, notifyRecipients, placeOf } from '../notices/notify.ts'
import { recipientsOf } from '../notices/recipients.ts'
import { isContactAsked } from '../plans/deadlines.ts'
import { watchAcceptance } from '../plans/told-again.ts'
import { chooseCrew, crewsThatHadIt } from './choose-crew.ts'
import { isOnDuty, isRostered, presentIn } from './teams.ts'

const ordersAtOnce = 1_000
/** Those who are told when a crew misses a step. */
const above = ['duty-room', 'supervisor', 'district'] as const
type Above = (typeof above)[number]

export interface ShiftWatch {
  /** Answers of how many orders somebody was told. @throws {StoreUnavailable} */
  runOnce(): Promise<number>
}

/**
 * Whoever comes on duty learns what emergencies their team has, once per order and shift; and one that nobody has, or whose team is
 * not there, goes to the crew that comes. In duty rooms, and above, they learn of which of those that nobody has a step was missed.
 * What people were told stands in the outbox: a restart tells nobody twice, and whoever came while the service was down is told when
 * it is there again.
 */
export function createShiftWatch(options: {
  operations: OperationsStore
  recordEvent: (unit: Operations, orderId: string, event: OrderEvent) => Promise<void>
  clock: Clock
}): ShiftWatch {
  const { operations, recordEvent, clock } = options
  /** Who was there when this process looked last: orders are looked through only when that changes. */
  let seen: ReadonlyMap<string, string> = new Map()

  async function runOnce(): Promise<number> {
    const now = clock()
    const teams = new Map((await operations.workingTeams(teamTypes)).map((team) => [team.id, team]))
    const members = groupedBy(await operations.membersOf([...teams.keys()]), ({ teamId }) => teamId)
    const present = new Map(
      [...teams.values()].map((team) => [team.id, whoCanGo(team, members.get(team.id) ?? [], now)]),
    )
    const changed = [...teams.values()].filter((team) => seen.get(team.id) !== present.get(team.id))
    const came = changed.filter((team) => isOnDuty(team, now))
    // a crew that goes may leave an order to one that has been there all the time
    const orders = changed.length === 0 ? [] : await emergenciesUnderWay(operations)
    let told = 0
    const failures: unknown[] = []
    for (const order of orders) {
      try {
        const isCrewTold = await lookAt(order, teams.get(order.teamId ?? ''), came, now)
        const areThoseAbove = await tellAbove(order, came, now)
        if (isCrewTold || areThoseAbove) told += 1
      } catch (cause) {
        failures.push(cause) // it keeps no other waiting, and is looked at again
      }
    }
    if (failures.length > 0) throw failures[0]
    seen = present
    return told
  }

  async function lookAt(
    order: WorkOrder,
    team: RosteredTeam | undefined,
    came: readonly RosteredTeam[],
    now: number,
  ): Promise<boolean> {
    const isThere = team !== undefined && isOnDuty(team, now)
    if (!isThere) return order.technicianId === null && operations.transaction((unit) => offer(unit, order, now))
    if (!came.includes(team)) return false
    if (isHereSince(order, team, now)) return false
    return operations.transaction((unit) => tellThoseWhoCame(unit, order, team, now))
  }

  async function tellAbove(order: WorkOrder, came: readonly RosteredTeam[], now: number): Promise<boolean> {
    if (!isNobodys(order)) return false
    const theirs = came.filter(isAbove).filter((team) => !isHereSince(order, team, now))
    const deadlines = theirs.length === 0 ? [] : await operations.deadlinesOf(order.id)
    let isTold = false
    for (const team of theirs.filter(({ type }) => missedBy(deadlines, type) !== undefined)) {
      if (await operations.transaction((unit) => tellWhatWasMissed(unit, order.id, team, now))) isTold = true
    }
    return isTold
  }

  function isHereSince(order: WorkOrder, team: RosteredTeam, now: number): boolean {
    return !seen.has(team.id) && latestComing(team, now) <= order.raisedAt
  }

  async function offer(unit: Operations, { id, teamId: formerId }: WorkOrder, now: number): Promise<boolean> {
    const order = await unit.lockOrder(id)
    if (order === undefined || !isUnderWay(order) || order.teamId !== formerId || order.technicianId !== null)
      return false
    const exclude = crewsThatHadIt(order, (await unit.reassignments([id])).get(id) ?? [])
    const { teamId, because } = await chooseCrew(unit, order, { exclude }, now)
    if (teamId === null) return false
    const change = { teamId, assignedBecause: because }
    if (!(await unit.updateOrder(id, order.state, change))) return false
    const from = { fromTeamId: order.teamId, fromTechnicianId: null }
    const reason = formerId === null ? 'they are on duty now' : 'who had it is off duty'
    const data = { action: 'reassign', teamId, ...from, reason, because }
    const at = Math.max(now, latestTimeOf(order))
    await recordEvent(unit, id, { at, type: 'reassigned', actor: 'liftwatt', data })
    const given = { ...order, ...change }
    await watchAcceptance(unit, given, now)
    if (!(await isContactAsked(unit, id))) {
      await notify(unit, { order: given, reason: 'reassigned', parties: ['crew'], now })
    }
    return true
  }

  return { runOnce }
}

async function tellThoseWhoCame(
  unit: Operations,
  { id, teamId }: WorkOrder,
  team: RosteredTeam,
  now: number,
): Promise<boolean> {
  const order = await unit.lockOrder(id)
  if (order === undefined || !isUnderWay(order) || order.teamId !== teamId) return false
  // then the step tells all who are there
  if (await isContactAsked(unit, id)) return false
  const recipients = await notToldSinceTheyCame(unit, order, team, 'crew', now)
  return (await notifyRecipients(unit, { order, reason: 'on-shift', recipients, now })).length > 0
}

/** The step that was missed last, of those of which this party is told. */
async function tellWhatWasMissed(
  unit: Operations,
  id: string,
  team: RosteredTeam & { readonly type: Above },
  now: number,
): Promise<boolean> {
  const order = await unit.lockOrder(id)
  if (order === undefined || !isUnderWay(order) || !isNobodys(order)) return false
  const missed = missedBy(await unit.deadlinesOf(id), team.type)
  if (missed === undefined) return false
  const recipients = await notToldSinceTheyCame(unit, order, team, team.type, now)
  const heard = { occasion: `on-shift ${team.id}@${now}` }
  const { step } = missed
  return (await notifyRecipients(unit, { order, reason: 'escalated', recipients, step, heard, now })).length > 0
}

/** Those of a team whom no notice of the order went to since they came on duty. */
async function notToldSinceTheyCame(
  unit: Operations,
  order: WorkOrder,
  team: RosteredTeam,
  party: Party,
  now: number,
): Promise<Recipient[]> {
  const lastTold = new Map<string, number>()
  for (const { recipient, createdAt, state } of await noticesOf(unit, order.id)) {
    if (recipient.teamId !== team.id || state === 'void') continue
    lastTold.set(placeOf(recipient), Math.max(createdAt, lastTold.get(placeOf(recipient)) ?? createdAt))
  }
  // who has no shifts is told once: whoever is new, or can be reached only now
  const since = ({ memberId }: Recipient) => {
    if (!isRostered(team)) return order.raisedAt
    return memberId === null ? latestComing(team, now) : (onDutySince(team.roster, memberId, now) ?? order.raisedAt)
  }
  const isThere = ({ memberId }: Recipient) =>
    memberId === null || !isRostered(team) || presentIn(team.roster, now).includes(memberId)
  const theirs = (await recipientsOf(unit, order, party, now)).filter(
    (one) => one.party === party && one.teamId === team.id && isThere(one),
  )
  return theirs.filter((one) => (lastTold.get(placeOf(one)) ?? Number.NEGATIVE_INFINITY) < since(one))
}

/** The last of the missed steps of which that party is told. */
function missedBy(deadlines: readonly Deadline[], party: Above): Deadline | undefined {
  const fired = deadlines.filter(({ state, step }) => state === 'fired' && step.tell.includes(party))
  return fired.toSorted((one, other) => one.dueAt - other.dueAt).at(-1)
}

function isAbove(team: RosteredTeam): team is RosteredTeam & { readonly type: Above } {
  return above.some((type) => type === team.type)
}

/** What decides which orders a team would get, and who of it hears of them. */
function whoCanGo(team: RosteredTeam, members: readonly Member[], now: number): string {
  const { type, areas, skills, addresses } = team
  const reached = members.map((member) => [member.id, member.addresses])
  return JSON.stringify([
    type,
    areas,
    skills,
    addresses,
    reached,
    isRostered(team) ? presentIn(team.roster, now) : null,
  ])
}

/** When the last of those who are there came on duty. */
function latestComing(team: RosteredTeam, now: number): number {
  if (!isRostered(team)) return Number.NEGATIVE_INFINITY
  const { roster } = team
  return Math.max(...presentIn(roster, now).map((id) => onDutySince(roster, id, now) ?? Number.NEGATIVE_INFINITY))
}

/** Somebody is to go, and nobody is there yet. */
function isUnderWay({ state, arriveBy }: WorkOrder): boolean {
  return arriveBy !== null && (state === 'raised' || state === 'acknowledged' || state === 'accepted')
}

async function emergenciesUnderWay(operations: Operations): Promise<WorkOrder[]> {
  const found: WorkOrder[] = []
  for (const type of ['emergency', 'manual'] as const) {
    const pages = pagesOf(ordersAtOnce, (page) => operations.orders({ ...page, type, state: 'open' }))
    for await (const orders of pages) found.push(...orders.filter(isUnderWay))
  }
  return found
}
