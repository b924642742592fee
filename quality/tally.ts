import { groupedBy } from '../core/grouped.ts'
import {
  addCount,
  addTally,
  type Count,
  type Countable,
  durations,
  emptyTally,
  measures,
  type Tally,
} from '../core/kpi.ts'
import type { KpiRecords, Tenure } from '../core/kpi-records.ts'
import { countDays, countExposure, countInspections, countMaintenance, countVisits } from './counts/care.ts'
import { countOrders } from './counts/orders.ts'

/** ms since 1970; `to` is exclusive. */
export interface Period {
  readonly from: number
  readonly to: number
}

/** Whose figure it is: by this, tallies are told apart. */
export interface Belongs {
  readonly deviceId: string
  readonly maintainerId: string | null
  readonly insurerId: string | null
  readonly stratum: string
}

/** A count, and whose it is. */
export interface OwnedCount extends Count {
  readonly belongs: Belongs
}

/**
 * Every count of a period, each with who had the device at that time: a contract that changed in May counts for its months alone. What
 * happened to a device that nobody had a contract for belongs to nobody, and counts all the same; of one that was retired, until then. Pure.
 *
 * @param asOf ms since 1970, when the records were so
 * @param wanted all of them, if it is not said
 */
export function eachCount(
  records: KpiRecords,
  { from, to }: Period,
  asOf: number,
  take: (count: OwnedCount) => void,
  wanted: readonly Countable[] = [...measures, ...durations, 'exposureMinutes'],
): void {
  const strata = new Map(records.devices.map(({ id, stratum }) => [id, stratum]))
  const ends = new Map(records.devices.map(({ id, retiredAt }) => [id, retiredAt ?? Infinity]))
  const belongsTo = ownersOf(records.tenures, strata)
  const isWanted = new Set(wanted)
  const tenuresOf = groupedBy(records.tenures, ({ deviceId }) => deviceId)
  const isTimed = (deviceId: string, at: number) =>
    tenuresOf.get(deviceId)?.some((tenure) => at >= tenure.from && at < tenure.to) === true
  const emit = (count: Count) => {
    if (!isWanted.has(count.what)) return
    if (count.at < from || count.at >= Math.min(to, ends.get(count.deviceId) ?? 0)) return
    if (overTime.has(count.what) && !isTimed(count.deviceId, count.at)) return
    take({ ...count, belongs: belongsTo(count.deviceId, count.at) })
  }
  countOrders(records, asOf, emit)
  countVisits(records, (deviceId, at) => belongsTo(deviceId, at).maintainerId, emit)
  countMaintenance(records, asOf, emit)
  countInspections(records, emit)
  countDays(records, emit)
  if (!isWanted.has('exposureMinutes')) return
  const within = records.tenures.map((tenure) => ({
    ...tenure,
    from: Math.max(tenure.from, from),
    to: Math.min(tenure.to, to, ends.get(tenure.deviceId) ?? Infinity),
  }))
  countExposure({ devices: records.devices, tenures: within }, asOf, emit)
}

/** What is divided by time: where no time is counted, since a device was not registered or under contract yet, they are not either. */
const overTime: ReadonlySet<Countable> = new Set<Countable>([
  ...(['faultsEquipment', 'faultsPeople', 'faultsExternal', 'faultsUnknown', 'faultsWarned'] as const),
  ...(['entrapments', 'entrapmentsEquipment'] as const),
])

/** The sums of each group, all of them in one pass. */
export function talliesOf(
  records: KpiRecords,
  period: Period,
  asOf: number,
  keyOf: (belongs: Belongs, count: Count) => string,
): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  eachCount(records, period, asOf, (count) => {
    const key = keyOf(count.belongs, count)
    const tally = tallies.get(key) ?? emptyTally()
    tallies.set(key, tally)
    addCount(tally, count)
  })
  return tallies
}

/** One alone is its own sum. */
export function sumOf(tallies: Iterable<Tally>): Tally {
  const [first, ...others] = tallies
  if (first !== undefined && others.length === 0) return first
  const sum = emptyTally()
  if (first !== undefined) addTally(sum, first)
  for (const tally of others) addTally(sum, tally)
  return sum
}

function ownersOf(tenures: readonly Tenure[], strata: ReadonlyMap<string, string>) {
  const byDevice = new Map<string, { from: number; to: number; belongs: Belongs }[]>()
  for (const { deviceId, maintainerId, insurerId, from, to } of tenures) {
    const belongs = { deviceId, maintainerId, insurerId, stratum: strata.get(deviceId) ?? '' }
    const known = byDevice.get(deviceId) ?? []
    known.push({ from, to, belongs })
    byDevice.set(deviceId, known)
  }
  return (deviceId: string, at: number): Belongs => {
    const held = byDevice.get(deviceId)?.find((tenure) => at >= tenure.from && at < tenure.to)
    return held?.belongs ?? { deviceId, maintainerId: null, insurerId: null, stratum: strata.get(deviceId) ?? '' }
  }
}
