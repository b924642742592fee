import type { WorkOrder } from './incident.ts'
import type { Inspection } from './inspection.ts'
import type { Overhaul } from './overhaul.ts'
import type { MaintenanceItem, Visit } from './visit.ts'

/** A device, as the figures see it. */
export interface KpiDevice {
  readonly id: string
  readonly kind: string
  /** What it is compared with: age, floors and use. */
  readonly stratum: string
  /** The estate that it is in now; null = in none. */
  readonly estateId: string | null
  /** ms since 1970: from then on nothing of it counts. Null = it is in service. */
  readonly retiredAt: number | null
}

/** Who had a device, for a time without a change. Null = nobody. */
export interface Tenure {
  readonly deviceId: string
  readonly maintainerId: string | null
  readonly insurerId: string | null
  /** ms since 1970; `to` is exclusive, Infinity = still. */
  readonly from: number
  readonly to: number
}

/** What the figures need of an order, with its cause and outcome as they were corrected. */
export type KpiOrder = Pick<
  WorkOrder,
  | 'id'
  | 'type'
  | 'state'
  | 'finding'
  | 'occurredAt'
  | 'detectedAt'
  | 'upgradedAt'
  | 'arriveBy'
  | 'acceptedAt'
  | 'arrivedAt'
  | 'restoredAt'
  | 'closedAt'
  | 'cancelledAt'
  | 'causeClass'
  | 'outcome'
  | 'followsId'
  | 'mergedIntoId'
> & {
  readonly deviceId: string
  /** Who reported it: `liftwatt` = a rule of ours. */
  readonly source: string
}

export interface KpiVisit extends Pick<Visit, 'id' | 'deviceId' | 'startedAt' | 'teamId' | 'verdict' | 'decision'> {
  /** Mean score of the seven days before and after; null with fewer than three that are known. */
  readonly healthBefore: number | null
  readonly healthAfter: number | null
}

/** A piece of maintenance that was or is due. */
export interface KpiDue {
  readonly deviceId: string
  readonly item: MaintenanceItem
  /** End of its last day, exclusive, ms since 1970. */
  readonly dueAt: number
  /** Null = nobody came, or not yet. */
  readonly doneAt: number | null
  /** Whether a visit in time is proven: by telemetry, or by evidence that was accepted. */
  readonly isProven: boolean
  /** When the next piece was missed as well, and is overdue in its place; null = none was. */
  readonly replacedAt: number | null
}

/** Minutes of one day or of several, which the time at `at` stands for; what is missing of them is unknown. */
export interface KpiDays {
  readonly deviceId: string
  readonly at: number
  readonly inServiceMinutes: number
  readonly outOfServiceMinutes: number
  readonly plannedMinutes: number
}

/** Known scores of one day or of several. */
export interface KpiHealth {
  readonly deviceId: string
  readonly at: number
  readonly days: number
  readonly points: number
}

/** One that is over. */
export interface KpiInspection extends Pick<Inspection, 'id' | 'deviceId' | 'kind' | 'score' | 'passed' | 'recheckOf'> {
  readonly endedAt: number
}

/** One that is done. */
export interface KpiOverhaul extends Pick<Overhaul, 'id' | 'deviceId' | 'proposedAt'> {
  readonly doneAt: number
}

/**
 * Everything about some devices that the figures of a period rest on. Orders reach back 30 days before it, for repeats and warnings, and
 * chains of orders that follow each other are whole.
 */
export interface KpiRecords {
  readonly devices: readonly KpiDevice[]
  readonly tenures: readonly Tenure[]
  readonly orders: readonly KpiOrder[]
  readonly visits: readonly KpiVisit[]
  readonly due: readonly KpiDue[]
  readonly inspections: readonly KpiInspection[]
  readonly overhauls: readonly KpiOverhaul[]
  readonly days: readonly KpiDays[]
  readonly health: readonly KpiHealth[]
}
