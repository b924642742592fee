import type { ReportPeriod, SealHead } from '../../core/report.ts'
import type { KpiId } from '../kpis/index.ts'
import type { Review, ReviewedFigure, ReviewedGroup } from '../review.ts'
import { nameOfPeriod } from './period.ts'
import type { Safety } from './safety.ts'

/** A group with all of its figures. */
export interface ShownGroup extends Pick<ReviewedGroup, 'id' | 'name' | 'elevators' | 'others' | 'standardised'> {
  readonly kpis: Readonly<Record<KpiId, ReviewedFigure>>
}

/** The review's answer, in which no figure is missing. */
export type Reviewed = Pick<Review, 'pending'> & { readonly groups: readonly ShownGroup[]; readonly total: ShownGroup }

export interface MonthShown {
  /** "2026-11" */
  readonly month: string
  readonly total: ShownGroup
}

/** Everything that a report says, as plain data: its files are made of this alone, and the same of the same. */
export interface Report {
  readonly period: ReportPeriod
  /** What was known then is what it rests on; ms since 1970. */
  readonly asOf: number
  /** Names of the companies and places that it is cut to; none = all there is. */
  readonly about: readonly string[]
  /** Months of devices whose records have changed and which were not counted again yet. */
  readonly pending: number
  readonly total: ShownGroup
  readonly maintainers: readonly ShownGroup[]
  readonly estates: readonly ShownGroup[]
  /** Smaller ones, where there are more than fit into a file. */
  readonly estatesLeftOut: number
  readonly months: readonly MonthShown[]
  /** Null = it is not for its readers. */
  readonly safety: Safety | null
  /** Null = nothing was sealed yet. */
  readonly sealed: SealHead | null
  /** Where people reach the service; null = nobody said. */
  readonly publicUrl: string | null
  /** That made it. */
  readonly version: string
}

export interface Answers {
  readonly period: ReportPeriod
  readonly asOf: number
  readonly about: readonly string[]
  readonly byMaintainer: Reviewed
  readonly byEstate: Reviewed
  readonly months: readonly { readonly period: ReportPeriod; readonly total: ShownGroup }[]
  readonly safety: Safety | null
  readonly sealed: SealHead | null
  readonly publicUrl: string | null
  readonly version: string
}

/** A file of so many is made within the memory of its thread. */
const mostEstates = 2_000

/** Pure: from what the review answers to what the report says, in an order that does not hang on the database. */
export function reportOf({ byMaintainer, byEstate, months, about, ...said }: Answers): Report {
  return {
    ...said,
    about: [...about].sort(),
    pending: byMaintainer.pending,
    total: byMaintainer.total,
    maintainers: inOrder(byMaintainer.groups),
    estates: inOrder(largest(byEstate.groups)),
    estatesLeftOut: Math.max(0, byEstate.groups.length - mostEstates),
    months: months.map(({ period, total }) => ({ month: nameOfPeriod(period), total })),
  }
}

function largest(groups: readonly ShownGroup[]): ShownGroup[] {
  return [...groups].sort((one, other) => other.elevators - one.elevators).slice(0, mostEstates)
}

/** By name, nobody last. No order by a figure: it would rank what cannot be told apart. */
function inOrder(groups: readonly ShownGroup[]): ShownGroup[] {
  const key = ({ id, name }: ShownGroup) => `${id === null ? 1 : 0}${name ?? ''}\u0000${id ?? ''}`
  return [...groups].sort((one, other) => (key(one) < key(other) ? -1 : 1))
}
