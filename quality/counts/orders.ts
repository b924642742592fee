import { dayMs, secondMs } from '../../core/clock.ts'
import { groupedBy } from '../../core/grouped.ts'
import { isEntrapment } from '../../core/incident.ts'
import type { Count, Countable, Duration } from '../../core/kpi.ts'
import type { KpiOrder, KpiRecords } from '../../core/kpi-records.ts'

/** A fault that comes back within so long was not repaired; a warning that comes so long before a fault foretold it. */
export const lookBackMs = 30 * dayMs

type Emit = (count: Count) => void
type KindOf = (deviceId: string) => string

/**
 * What orders count for. A drill counts for nothing, and neither does an order that another one took over. Orders that follow each other
 * are one fault, which occurred when the first of them that is no warning did and has the cause that was found last; each is an order of
 * its own for times, outcomes and repeats.
 *
 * @param asOf ms since 1970: until then nobody came who has not come
 */
export function countOrders(
  { orders, devices }: Pick<KpiRecords, 'orders' | 'devices'>,
  asOf: number,
  emit: Emit,
): void {
  const kinds = new Map(devices.map(({ id, kind }) => [id, kind]))
  const kindOf = (deviceId: string) => kinds.get(deviceId) ?? ''
  const counted = orders.filter(({ outcome, mergedIntoId }) => outcome !== 'drill' && mergedIntoId === null)
  for (const order of counted) {
    countTimes(order, emit)
    countArrival(order, asOf, emit)
    countClosure(order, emit)
    countRule(order, kindOf, emit)
    if (kindOf(order.deviceId) === 'electricity-meter') countElectricity(order, emit)
  }
  const ofElevators = counted.filter(({ deviceId }) => kindOf(deviceId) === 'elevator')
  for (const ofOne of groupedBy(ofElevators, ({ deviceId }) => deviceId).values()) {
    countFaults(ofOne, kindOf, emit)
    countRepeats(ofOne, emit)
  }
}

function counting(emit: Emit, { id, deviceId, occurredAt }: KpiOrder) {
  return (what: Countable, amount = 1, rule?: string) =>
    emit({ what, amount, at: occurredAt, deviceId, of: { type: 'order', id }, ...(rule !== undefined && { rule }) })
}

/**
 * The times run from detection or, of one that became an emergency later, from then on. What was done by then answered no emergency, and
 * has no time: nobody accepts or comes within 0 seconds.
 */
function countTimes(order: KpiOrder, emit: Emit): void {
  const { arriveBy, detectedAt, upgradedAt, acceptedAt, arrivedAt, restoredAt } = order
  if (arriveBy === null) return
  const count = counting(emit, order)
  const from = upgradedAt ?? detectedAt
  const time = (what: Duration, until: number | null) => {
    if (until === null || (upgradedAt !== null && until < upgradedAt)) return
    count(what, Math.max(0, Math.round((until - from) / secondMs)))
  }
  time('respond', acceptedAt)
  time('arrive', arrivedAt)
  time('restore', restoredAt)
}

/** Whoever ended an order before its time was over, and went nowhere, was neither in time nor late. */
function countArrival(order: KpiOrder, asOf: number, emit: Emit): void {
  const { arriveBy, arrivedAt, closedAt, cancelledAt } = order
  if (arriveBy === null) return
  const endedAt = arrivedAt ?? closedAt ?? cancelledAt ?? asOf
  if (arrivedAt === null && endedAt <= arriveBy) return
  const count = counting(emit, order)
  count('arrivalsDue')
  if (arrivedAt !== null && arrivedAt <= arriveBy) count('arrivalsOnTime')
}

function countClosure(order: KpiOrder, emit: Emit): void {
  if (order.state === 'cancelled') return
  const count = counting(emit, order)
  count('ordersRaised')
  if (order.state === 'closed') count('ordersClosed')
}

function countRule(order: KpiOrder, kindOf: KindOf, emit: Emit): void {
  if (order.state !== 'closed' || !isOfRule(order)) return
  const count = counting(emit, order)
  count('ruleOrdersEnded', 1, order.finding)
  if (order.outcome === 'false-alarm') count('falseAlarms', 1, order.finding)
  if (!isWarning(order, kindOf)) return
  count('warningsEnded')
  if (isConfirmed(order) && order.causeClass === 'equipment') count('warningsConfirmed')
}

const electricityOutcomes = {
  'self-corrected': 'electricitySelfCorrected',
  serviced: 'electricityServiced',
  repaired: 'electricityRepaired',
  enforcement: 'electricityEnforcement',
} as const satisfies Partial<Record<NonNullable<KpiOrder['outcome']>, Countable>>

/** Also of orders that were cancelled since a tenant had seen to it. */
function countElectricity(order: KpiOrder, emit: Emit): void {
  const { state, outcome } = order
  if (outcome === null || outcome === 'false-alarm' || outcome === 'drill') return
  if (state === 'closed' || state === 'cancelled') counting(emit, order)(electricityOutcomes[outcome])
}

const faultsOf = {
  equipment: 'faultsEquipment',
  people: 'faultsPeople',
  external: 'faultsExternal',
  unknown: 'faultsUnknown',
} as const

/** @param orders of one elevator */
function countFaults(orders: readonly KpiOrder[], kindOf: KindOf, emit: Emit): void {
  const warnings = orders.filter((order) => isWarning(order, kindOf) && order.outcome !== 'false-alarm')
  for (const chain of chainsOf(orders).values()) {
    const confirmed = chain.filter((order) => isFault(order) && isConfirmed(order))
    const first = chain.find(isFault)
    if (first === undefined || confirmed.length === 0) continue
    const cause = confirmed.findLast(({ causeClass }) => causeClass !== null)?.causeClass ?? 'unknown'
    const count = counting(emit, first)
    count(faultsOf[cause])
    if (chain.some(isEntrapment)) count('entrapments')
    if (cause !== 'equipment') continue
    if (chain.some(isEntrapment)) count('entrapmentsEquipment')
    if (first.upgradedAt !== null || warnings.some((warning) => isBefore(warning, first, chain))) count('faultsWarned')
  }
}

/** A warning that the fault followed foretold it, however long before it came. */
function isBefore(warning: KpiOrder, { occurredAt }: KpiOrder, chain: readonly KpiOrder[]): boolean {
  const sinceMs = occurredAt - warning.detectedAt
  return sinceMs > 0 && (sinceMs <= lookBackMs || chain.includes(warning))
}

/** The first order of each chain, with all of them from the oldest to the newest. */
function chainsOf(orders: readonly KpiOrder[]): Map<KpiOrder, KpiOrder[]> {
  const byId = new Map(orders.map((order) => [order.id, order]))
  const firstOf = (order: KpiOrder): KpiOrder => {
    const before = order.followsId === null ? undefined : byId.get(order.followsId)
    return before === undefined ? order : firstOf(before)
  }
  return groupedBy(
    orders.toSorted((a, b) => a.detectedAt - b.detectedAt),
    firstOf,
  )
}

/** @param orders of one elevator */
function countRepeats(orders: readonly KpiOrder[], emit: Emit): void {
  const repairs = orders.filter((order) => isFault(order) && isConfirmed(order) && order.causeClass === 'equipment')
  for (const order of repairs) {
    const count = counting(emit, order)
    count('faultOccurrences')
    const isAgain = repairs.some((before) => {
      const sinceMs = order.occurredAt - (before.restoredAt ?? before.closedAt ?? Infinity)
      return before !== order && isSameFault(before, order) && sinceMs >= 0 && sinceMs <= lookBackMs
    })
    if (isAgain) count('repeatFaults')
  }
}

/** Words of people name no fault: two reports by telephone may be about anything. */
const catchAlls: readonly string[] = ['manual/report', 'import/report']

function isSameFault(before: KpiOrder, order: KpiOrder): boolean {
  if (before.id === order.followsId) return true
  if (isEntrapment(before) && isEntrapment(order)) return true
  return before.finding === order.finding && !catchAlls.includes(order.finding)
}

function isFault({ type, arriveBy }: KpiOrder): boolean {
  return type === 'emergency' || (type === 'manual' && arriveBy !== null)
}

function isConfirmed({ state, outcome }: KpiOrder): boolean {
  return state === 'closed' && outcome !== 'false-alarm'
}

/** Of our own: neither people nor other systems reported it. */
function isOfRule({ source }: KpiOrder): boolean {
  return source === 'liftwatt'
}

/** A rule saw it come, also where it was an emergency in the end. That data are missing or stand still foretells nothing. */
function isWarning(order: KpiOrder, kindOf: KindOf): boolean {
  const { type, upgradedAt, deviceId, finding } = order
  const wasPlanned = type === 'planned' || upgradedAt !== null
  return wasPlanned && kindOf(deviceId) === 'elevator' && isOfRule(order) && !isAboutData(finding)
}

/** That data are missing or stand still, and not what they say. */
export const dataFindings: readonly string[] = ['silent', 'sensor-silent', 'frozen-sensor', 'meter-frozen']

function isAboutData(finding: string): boolean {
  const [about, name = ''] = finding.split('/')
  return about === 'gateway' || dataFindings.includes(name)
}
