import type {
  CauseClass,
  Incident,
  IncidentState,
  OrderEvent,
  OrderOutcome,
  OrderState,
  WorkOrder,
} from '../../../core/incident.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Page, PageRequest } from './page.ts'

/** How far an incident's episode was followed in which journal, so that a replay counts nothing twice. */
export interface Followed {
  readonly journalId: string
  readonly position: number
}

export interface NewIncident extends Omit<Incident, 'orderId'> {
  /** Null when it was reported, not found in a journal. */
  readonly followed: Followed | null
}

export interface FollowedIncident extends Incident {
  readonly followed: Followed | null
  /** The state of its order; null when it has none. */
  readonly orderState: OrderState | null
}

export interface IncidentChange {
  readonly state?: IncidentState
  readonly severity?: Incident['severity']
  readonly summary?: string
  readonly evidence?: Incident['evidence']
  readonly count?: number
  readonly clearedAt?: number | null
  readonly followed?: Followed
}

export interface OrderChange {
  readonly state?: OrderState
  readonly type?: WorkOrder['type']
  readonly severity?: WorkOrder['severity']
  readonly summary?: string
  readonly upgradedAt?: number
  readonly arriveBy?: number
  readonly acknowledgedAt?: number
  readonly acceptedAt?: number
  readonly arrivedAt?: number
  readonly restoredAt?: number
  readonly closedAt?: number
  readonly cancelledAt?: number
  readonly causeClass?: CauseClass
  readonly outcome?: OrderOutcome
}

/** What is wrong, and who does what about it. */
export interface OrderTables {
  /**
   * The newest incident of a scope's finding, locked with its order until the transaction ends: two processes cannot both
   * open one, and nobody closes the order while the incident takes a repeat.
   */
  lockNewestIncident(scope: Scope, finding: string): Promise<FollowedIncident | undefined>
  /** Answers false when this episode (scope, finding, `occurredAt`) has its incident already. */
  insertIncident(incident: NewIncident): Promise<boolean>
  updateIncident(id: string, change: IncidentChange): Promise<void>
  incident(id: string): Promise<Incident | undefined>
  /** Newest first. */
  incidents(page: PageRequest & { deviceId?: string; finding?: string; state?: IncidentState }): Promise<Page<Incident>>

  /** Answers false when the incident has its order already. */
  insertOrder(order: WorkOrder): Promise<boolean>
  /** Changes it if it is still in state `expected`, and answers whether it was: the guard against a second hand. */
  updateOrder(id: string, expected: OrderState, change: OrderChange): Promise<boolean>
  order(id: string): Promise<WorkOrder | undefined>
  lockOrder(id: string): Promise<WorkOrder | undefined>
  orderOfIncident(incidentId: string): Promise<WorkOrder | undefined>
  /** Newest first. */
  orders(page: PageRequest & { deviceId?: string; state?: OrderState }): Promise<Page<WorkOrder>>

  insertOrderEvent(orderId: string, event: OrderEvent, idempotencyKey?: string): Promise<void>
  /** Oldest first. */
  orderEvents(orderId: string): Promise<OrderEvent[]>
  /** The action that was done to this order under this key. */
  orderEventByKey(orderId: string, idempotencyKey: string): Promise<OrderEvent | undefined>
}
