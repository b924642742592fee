import { minuteMs } from './clock.ts'
import type { Evidence } from './detector.ts'
import type { FrozenPlan } from './plan.ts'
import type { Place, Scope } from './scope.ts'
import type { OrderType, Severity } from './severity.ts'
import type { Suppressed } from './suppression.ts'

export const incidentStates = ['open', 'cleared', 'unknown', 'suppressed'] as const
export type IncidentState = (typeof incidentStates)[number]

/** A cause may be found after its effects: those that are younger than this are explained too. Unverified default. */
export const lookBackMs = 10 * minuteMs

/**
 * So long a danger to life may still be felt after its crew has said that it is over: the door is yet to open, and a presence sensor holds
 * for a minute. After that somebody is sent again. Unverified default.
 */
export const stillFeltAfterMs = 2 * minuteMs

/** Somebody is shut in, whether a sensor found it or somebody told us. */
export function isEntrapment({ finding }: { readonly finding: string }): boolean {
  return finding.endsWith('/entrapment')
}

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
  readonly place: Place
  /** The larger incident that it is a part of, or that explains it. */
  readonly parentId: string | null
  /** Why it has no order of its own; null when it has one, or needs none. */
  readonly suppressed: Suppressed | null
  /** Somebody has seen it: another axis than open or cleared. */
  readonly acknowledgedAt: number | null
  readonly acknowledgedBy: string | null
  /** Who reported it: `liftwatt`, or another system with its own id of it. */
  readonly source: string
  readonly externalId: string | null
  /** Of the rule that found it, as people had set it; 0 = as it ships. */
  readonly ruleVersion: number
}

/** An incident of our own, about which nothing else is known yet. */
export const justFound = {
  ...{ parentId: null, suppressed: null, acknowledgedAt: null, acknowledgedBy: null },
  ...{ source: 'liftwatt', externalId: null, ruleVersion: 0 },
} as const satisfies Partial<Incident>

export const orderStates = ['raised', 'acknowledged', 'accepted', 'arrived', 'restored', 'closed', 'cancelled'] as const
export type OrderState = (typeof orderStates)[number]

export const causeClasses = ['equipment', 'people', 'external'] as const
export type CauseClass = (typeof causeClasses)[number]

export const orderOutcomes = ['repaired', 'false-alarm', 'self-corrected', 'serviced', 'enforcement', 'drill'] as const
export type OrderOutcome = (typeof orderOutcomes)[number]

export interface Part {
  readonly name: string
  readonly quantity: number
  readonly partNumber: string | null
}

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
  readonly siteId: string | null
  /** The plan it was raised under; null on orders that no plan was for. */
  readonly plan: FrozenPlan | null
  /** The crew or company that has it; null = nobody is assigned. */
  readonly teamId: string | null
  /** Why they, or why nobody. */
  readonly assignedBecause: string
  /** Who accepted it: the id of the member or account, where one is known; else the name that was said. */
  readonly technicianId: string | null
  /** As people called them then. */
  readonly technicianName: string | null
  /** Entrapment: when the trapped passenger was told that help is on its way. */
  readonly passengerToldAt: number | null
  /** When the insurer's inspector was there. */
  readonly inspectedAt: number | null
  /** Planned work: proposed date. */
  readonly dueAt: number | null
  /** The closed order that this one follows up. */
  readonly followsId: string | null
  /** The order that took this one over, when it was cancelled as its duplicate. */
  readonly mergedIntoId: string | null
  readonly note: string | null
  readonly parts: readonly Part[]
  /** Who reported it, where a person did: name, phone, words. */
  readonly reportedBy: Readonly<Record<string, string>> | null
}

/** An order about which nobody has done anything yet. */
export const untouched = {
  ...{ upgradedAt: null, acknowledgedAt: null, acceptedAt: null, arrivedAt: null, restoredAt: null },
  ...{ closedAt: null, cancelledAt: null, causeClass: null, outcome: null, plan: null, teamId: null },
  ...{ assignedBecause: '', technicianId: null, technicianName: null, passengerToldAt: null, inspectedAt: null },
  ...{ dueAt: null, followsId: null, mergedIntoId: null, note: null, parts: [], reportedBy: null },
} as const satisfies Partial<WorkOrder>

export interface OrderEvent {
  readonly at: number
  /** The state reached, or what else happened to the order. */
  readonly type: OrderState | 'upgraded' | 'noted' | 'escalated' | 'notified' | 'reassigned'
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Whether whoever is at the one is at the other: the same device or, of no device, the same site. */
export function isSamePlace(
  one: Pick<WorkOrder, 'deviceId' | 'siteId'>,
  other: Pick<WorkOrder, 'deviceId' | 'siteId'>,
): boolean {
  if (one.deviceId !== null || other.deviceId !== null) return one.deviceId === other.deviceId
  return one.siteId !== null && one.siteId === other.siteId
}

/** Accepted once, and given to others or back since, who have not answered: nobody is on the way. */
export function isGivenOn({
  state,
  technicianId,
}: Pick<WorkOrder, 'state'> & Partial<Pick<WorkOrder, 'technicianId'>>): boolean {
  return state === 'accepted' && technicianId === null
}

/** Whether its crew has left, or may have: it came for work that could wait. What is worse now is not what they came for. */
export function mayHaveLeft({ state, arriveBy, arrivedAt }: WorkOrder, now: number): boolean {
  if (state === 'restored') return true
  return arriveBy === null && arrivedAt !== null && now - arrivedAt > lookBackMs
}
