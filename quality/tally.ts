import { addCount, addTally, type Count, emptyTally, type Tally } from '../core/kpi.ts'
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
 * happened to a device that nobody had a contract for belongs to nobody, and counts all the same. Pure.
 *
 * @param asOf ms since 1970, when the records were so
 */
export function eachCount(
  records: KpiRecords,
  { from, to }: Period,
  asOf: number,
  take: (count: OwnedCount) => void,
): void {
  const strata = new Map(records.devices.map(({ id, stratum }) => [id, stratum]))
  const belongsTo = ownersOf(records.tenures, strata)
  const emit = (count: Count) => {
    if (count.at < from || count.at >= to || !strata.has(count.deviceId)) return
    take({ ...count, belongs: belongsTo(count.deviceId, count.at) })
  }
  countOrders(records, asOf, emit)
  countVisits(records, (deviceId, at) => belongsTo(deviceId, at).maintainerId, emit)
  countMaintenance(records, asOf, emit)
  countInspections(records, emit)
  countDays(records, emit)
  const within = records.tenures.map((tenure) => ({
    ...tenure,
    from: Math.max(tenure.from, from),
    to: Math.min(tenure.to, to),
  }))
  countExposure({ devices: records.devices, tenures: within }, asOf, emit)
}

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

export function sumOf(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally()
  for (const tally of tallies) addTally(sum, tally)
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
