import type {
  CauseClass,
  Incident,
  IncidentState,
  OrderEvent,
  OrderOutcome,
  OrderState,
  Part,
  WorkOrder,
} from '../../../core/incident.ts'
import type { FrozenPlan } from '../../../core/plan.ts'
import type { Place, Scope } from '../../../core/scope.ts'
import type { OrderType, Severity } from '../../../core/severity.ts'
import type { Sight } from '../../../core/sight.ts'
import type { Suppressed } from '../../../core/suppression.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** How far an incident's episode was followed in which journal, so that a replay counts nothing twice. */
export interface Followed {
  readonly journalId: string
  readonly position: number
}

export interface NewIncident extends Omit<Incident, 'orderId'> {
  /** Null when it was reported, not found in a journal. */
  readonly followed: Followed | null
  /** When its newest member joined it; absent or null = it collects none. */
  readonly lastMemberAt?: number | null
}

export interface FollowedIncident extends Incident {
  readonly followed: Followed | null
  /** The state of its order; null when it has none. */
  readonly orderState: OrderState | null
  /** Since when its condition is over, by the device's clock; null while it holds. */
  readonly overAt: number | null
  /** It is cleared from then on, by our clock, if the condition stays away; null while it holds or nobody can tell. */
  readonly clearsAt: number | null
  /** When the newest member joined it; null = it collects none. */
  readonly lastMemberAt: number | null
  /** The Idempotency-Key under which it was acknowledged. */
  readonly acknowledgedKey: string | null
}

export interface IncidentChange {
  readonly state?: IncidentState
  readonly severity?: Incident['severity']
  readonly summary?: string
  readonly evidence?: Incident['evidence']
  readonly count?: number
  readonly clearedAt?: number | null
  readonly overAt?: number | null
  readonly clearsAt?: number | null
  readonly lastMemberAt?: number
  readonly parentId?: string | null
  readonly suppressed?: Suppressed | null
  readonly acknowledgedAt?: number
  readonly acknowledgedBy?: string
  readonly acknowledgedKey?: string
  /** Where its device is registered now. */
  readonly place?: Place
  readonly followed?: Followed
}

export interface IncidentFilter {
  readonly deviceId?: string
  readonly finding?: string
  readonly state?: IncidentState
  /** Those that this one collects or explains. */
  readonly parentId?: string
}

export interface OrderChange {
  readonly state?: OrderState
  readonly type?: WorkOrder['type']
  readonly finding?: string
  readonly severity?: WorkOrder['severity']
  readonly summary?: string
  readonly siteId?: string | null
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
  readonly plan?: FrozenPlan
  readonly teamId?: string | null
  readonly assignedBecause?: string
  readonly technicianId?: string | null
  readonly technicianName?: string | null
  readonly passengerToldAt?: number
  readonly inspectedAt?: number
  readonly dueAt?: number | null
  readonly followsId?: string
  readonly mergedIntoId?: string
  readonly note?: string
  readonly parts?: readonly Part[]
  readonly reportedBy?: Readonly<Record<string, string>>
}

/** Which orders: what is absent matches everything. */
export interface OrderFilter extends InSight {
  /** `open` is neither closed nor cancelled. */
  readonly state?: OrderState | 'open'
  readonly type?: OrderType
  readonly severity?: Severity
  readonly teamId?: string
  /** A site, with all that is in it. */
  readonly siteId?: string
  readonly finding?: string
  readonly deviceId?: string
  /** Of `detectedAt`, ms since 1970; `to` is exclusive. */
  readonly from?: number
  readonly to?: number
  readonly search?: OrderSearch
}

export interface OrderSearch {
  /** Part of the name or id of a place (also one above) or a device, or the beginning of an order's id. */
  readonly text: string
  /** Those that people know under this text. */
  readonly findings: readonly string[]
}

/** Of the list of a storm or an outage. */
export interface ListedDevice {
  readonly deviceId: string
  readonly name: string | null
  readonly siteName: string | null
}

/** What is wrong, and who does what about it. */
export interface OrderTables {
  /**
   * The newest incident of a scope's finding, locked with its order until the transaction ends: two processes cannot both
   * open one, and nobody closes the order while the incident takes a repeat.
   */
  lockNewestIncident(scope: Scope, finding: string): Promise<FollowedIncident | undefined>
  /** Locked with its order until the transaction ends. */
  lockFollowedIncident(id: string): Promise<FollowedIncident | undefined>
  /** Answers false when this episode (scope, finding, `occurredAt`) has its incident already. */
  insertIncident(incident: NewIncident): Promise<boolean>
  /** The same for many at once, at most 1,000. Answers the ids of those that were inserted. */
  insertIncidents(incidents: readonly NewIncident[]): Promise<string[]>
  /** Of episodes that have none, as the caller knows who holds their places. @throws {ExpectedError} `invalid` one of them has */
  insertNewIncidents(incidents: readonly NewIncident[]): Promise<void>
  /** From when it occurred, the first millisecond at which no episode of its scope and finding began; ms since 1970. */
  freeEpisodeTime(incident: Pick<Incident, 'scope' | 'finding' | 'occurredAt'>): Promise<number>
  updateIncident(id: string, change: IncidentChange): Promise<void>
  incident(id: string): Promise<Incident | undefined>
  incidentsByIds(ids: readonly string[]): Promise<Incident[]>
  /** Newest first. */
  incidents(page: PageRequest & InSight & IncidentFilter): Promise<Page<Incident>>
  /** About exactly these scopes, or about a feeder in this building, of these findings, while their condition holds; newest first. */
  holdingIncidents(scopes: readonly Scope[], findings: readonly string[], feedersOf?: string): Promise<Incident[]>
  /** How many it collects or explains. */
  countChildren(parentId: string, sight?: Sight): Promise<number>

  /** Before its order is locked, so that whoever needs both takes them in one order. */
  lockIncident(id: string): Promise<void>
  /**
   * What another system or a person reported, locked until the transaction ends: by its id there, or the newest one that is
   * not over and whose id begins with `prefix`.
   */
  lockReportedIncident(
    by: { source: string } & ({ externalId: string; prefix?: never } | { prefix: string; externalId?: never }),
  ): Promise<Incident | undefined>

  /** Which of these ids a source has reported before. */
  reportedBefore(source: string, externalIds: readonly string[]): Promise<string[]>

  /** Answers false when the incident has its order already. */
  insertOrder(order: WorkOrder): Promise<boolean>
  /** Orders of incidents that have none, at most 1,000. */
  insertOrders(orders: readonly WorkOrder[]): Promise<void>
  /** Which of these are orders. */
  ordersAmong(ids: readonly string[]): Promise<string[]>
  /** Changes it if it is still in state `expected`, and answers whether it was: the guard against a second hand. */
  updateOrder(id: string, expected: OrderState, change: OrderChange): Promise<boolean>
  /** Of orders that the caller has locked. */
  updateOrders(changes: ReadonlyMap<string, OrderChange>): Promise<void>
  order(id: string): Promise<WorkOrder | undefined>
  ordersByIds(ids: readonly string[]): Promise<WorkOrder[]>
  lockOrder(id: string): Promise<WorkOrder | undefined>
  /** The order that follows this one, or one that follows it, and has not ended. */
  openFollowUpOf(id: string): Promise<WorkOrder | undefined>
  /** Those of them that nobody holds at this moment, locked until the transaction ends: nobody waits for the others. */
  lockFreeOrders(ids: readonly string[]): Promise<WorkOrder[]>
  /**
   * Of those who are shut in there and not out yet, as a sensor found it or somebody told; newest first, at most 1,000. On a feeder: also
   * in elevators of its building of which nobody knows on which they are.
   */
  openEntrapmentsIn(of: Pick<Incident, 'scope' | 'place'>): Promise<WorkOrder[]>
  /** Devices in the list of an incident that nobody else is sent for: the first that were found, at most `limit`, and how many they are. */
  listedDevices(incidentId: string, limit: number): Promise<{ first: ListedDevice[]; count: number }>
  orderOfIncident(incidentId: string): Promise<WorkOrder | undefined>
  /** The order itself or, where it was merged, the one that goes on for it, however often that happened. */
  orderInPlaceOf(id: string): Promise<WorkOrder | undefined>
  /** Newest first. */
  orders(page: PageRequest & OrderFilter): Promise<Page<WorkOrder>>
  /** The orders that were cancelled because this one took them over, or one of them had before. */
  ordersMergedInto(id: string): Promise<WorkOrder[]>

  /** Oldest first. */
  orderEvents(orderId: string): Promise<OrderEvent[]>
  /** Of these orders, each time that one was given to another team; oldest first, and without those that never were. */
  reassignments(orderIds: readonly string[]): Promise<Map<string, OrderEvent[]>>
  /** The action that was done to this order under this key. */
  orderEventByKey(orderId: string, idempotencyKey: string): Promise<OrderEvent | undefined>
}
