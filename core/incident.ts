import type { Evidence } from './detector.ts'
import type { OrderType, Severity } from './severity.ts'

/** What an incident is about: one device, or something larger (a gateway, a building, a feeder). */
export interface Scope {
  readonly type: 'device' | 'gateway' | 'building' | 'feeder' | 'estate'
  readonly id: string
}

export const incidentStates = ['open', 'cleared', 'unknown', 'suppressed'] as const
export type IncidentState = (typeof incidentStates)[number]

/** All times are ms since 1970. */
export interface Incident {
  readonly id: string
  readonly state: IncidentState
  readonly scope: Scope
  /** Null when the incident is about more than one device. */
  readonly deviceId: string | null
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
  readonly evidence: Evidence
  /** How often the finding was reported in this episode. */
  readonly count: number
  /** When the condition began, by the device's clock. */
  readonly occurredAt: number
  /** When the message that completed the rule reached us. */
  readonly receivedAt: number
  /** When the rule was complete, by our clock: the 30 minutes run from here. */
  readonly detectedAt: number
  readonly clearedAt: number | null
  readonly orderId: string | null
}

export const orderStates = ['raised', 'acknowledged', 'accepted', 'arrived', 'restored', 'closed', 'cancelled'] as const
export type OrderState = (typeof orderStates)[number]

export const causeClasses = ['equipment', 'people', 'external'] as const
export type CauseClass = (typeof causeClasses)[number]

export const orderOutcomes = ['repaired', 'false-alarm', 'self-corrected', 'serviced', 'enforcement'] as const
export type OrderOutcome = (typeof orderOutcomes)[number]

/** The four times that regulators keep are `detectedAt`, `acceptedAt`, `arrivedAt`, `restoredAt`; ms since 1970, null = not yet. */
export interface WorkOrder {
  readonly id: string
  readonly incidentId: string
  readonly type: OrderType
  readonly state: OrderState
  readonly deviceId: string | null
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
  readonly occurredAt: number
  readonly receivedAt: number
  readonly detectedAt: number
  /** When the row was committed. */
  readonly raisedAt: number
  /** When rising severity made it an emergency, null otherwise. */
  readonly upgradedAt: number | null
  /** On site by then: 30 minutes after detection, or after the upgrade; null on planned orders. The clock never pauses. */
  readonly arriveBy: number | null
  readonly acknowledgedAt: number | null
  readonly acceptedAt: number | null
  readonly arrivedAt: number | null
  readonly restoredAt: number | null
  readonly closedAt: number | null
  readonly cancelledAt: number | null
  readonly causeClass: CauseClass | null
  readonly outcome: OrderOutcome | null
}

export interface OrderEvent {
  readonly at: number
  /** The state reached, or what else happened to the order. */
  readonly type: OrderState | 'upgraded' | 'noted'
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
}
