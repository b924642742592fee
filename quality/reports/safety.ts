import { monthOf } from '../../core/kpi.ts'
import type { KeptReport } from '../../core/report.ts'
import type { Sight } from '../../core/sight.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { EstateIndex, EstateIndices } from '../estate-index.ts'
import { fireSafety } from '../fire-safety.ts'

/** How safe places are: the estates' index, and what was found in rental rooms: how much, not where, for files go on to people without an account. */
export interface Safety {
  /** Of which the index is: the last one of the period, "2026-11". */
  readonly month: string
  /** By name. */
  readonly estates: readonly EstateIndex[]
  /** Beyond so many as fit into a file. */
  readonly estatesLeftOut: number
  readonly rooms: Readonly<Record<RoomCount, number>>
}

export const roomCounts = [
  ...(['withFindings', 'repeatedCharging', 'risingLeakage', 'attended', 'ended', 'selfCorrected'] as const),
] as const
export type RoomCount = (typeof roomCounts)[number]

export interface SafetySources {
  readonly operations: Pick<Operations, 'roomTroubles'>
  readonly indices: Pick<EstateIndices, 'ofMonth'>
}

const mostEstates = 2_000

/**
 * Null where it is not for its readers: a company that maintains looks at elevators, not at places and rooms.
 * @param now ms since 1970: what is known then is what it rests on, unless it asks for another time
 */
export async function gatherSafety(
  { operations, indices }: SafetySources,
  { from, to, asOf, filter, sight }: Pick<KeptReport, 'from' | 'to' | 'asOf' | 'filter' | 'sight'>,
  now: number,
): Promise<Safety | null> {
  if (filter.maintainerId !== undefined || isOfMaintainers(sight)) return null
  const { insurerId, siteId } = filter
  const query = { sight, insurerId, siteId }
  const known = asOf ?? now
  const month = monthOf(Math.min(to, known) - 1)
  // only figures of another time are counted from the records
  const estates = await indices.ofMonth({ ...query, month, ...(asOf !== null && { asOf }) })
  const { rooms, ...counts } = await fireSafety(operations, query, { from, to }, known)
  return {
    month,
    estates: estates.toSorted(byName).slice(0, mostEstates),
    estatesLeftOut: Math.max(0, estates.length - mostEstates),
    rooms: { withFindings: rooms.length, ...counts },
  }
}

function isOfMaintainers(sight: Sight): boolean {
  return sight !== 'everything' && sight.maintainers.length > 0
}

function byName(one: EstateIndex, other: EstateIndex): number {
  const key = ({ name, siteId }: EstateIndex) => `${name ?? siteId}\u0000${siteId}`
  return key(one) < key(other) ? -1 : 1
}
