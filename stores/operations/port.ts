import type { Device, Gateway, Refusal } from '../../core/device.ts'
import type {
  CauseClass,
  Incident,
  IncidentState,
  OrderEvent,
  OrderOutcome,
  OrderState,
  WorkOrder,
} from '../../core/incident.ts'
import type { QuarantineItem } from '../../core/quarantine.ts'

/** A page of a list, in the list's own order; `after` is the `nextCursor` of the page before. */
export interface PageRequest {
  readonly limit: number
  readonly after?: string
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** One way for a gateway to prove itself; the secret is not in it. */
export interface GatewayCredential {
  readonly id: string
  readonly gatewayId: string
  /** Hex. */
  readonly salt: string
  /** Hex. */
  readonly hash: string
  readonly createdAt: number
  /** Void from then on; null = until it is rotated out. */
  readonly expiresAt: number | null
}

/** How far an incident's episode was followed in which journal, so that a replay counts nothing twice. */
export interface Followed {
  readonly journalId: string
  readonly position: number
}

export interface NewIncident extends Omit<Incident, 'orderId'> {
  readonly followed: Followed
}

export interface FollowedIncident extends Incident {
  readonly followed: Followed
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

export interface AuditEntry {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}

/** As many refusals are kept of each gateway. */
export const refusalsKept = 20

/** Who and where: gateways with their credentials and refusals, and devices. */
export interface RegistryTables {
  /** @throws {ExpectedError} `already-exists` */
  insertGateway(gateway: Gateway): Promise<void>
  updateGateway(id: string, change: Partial<Pick<Gateway, 'name' | 'autoRegister' | 'revokedAt'>>): Promise<boolean>
  gateway(id: string): Promise<Gateway | undefined>
  /** Locked until the transaction ends, so that rotating, revoking and adding devices cannot cross each other. */
  lockGateway(id: string): Promise<Gateway | undefined>
  gateways(page: PageRequest): Promise<Page<Gateway>>

  insertCredential(credential: GatewayCredential): Promise<void>
  /** Makes all of a gateway's credentials but one void from `expiresAt` on; those that end sooner keep their end. */
  expireCredentials(gatewayId: string, except: string | null, expiresAt: number): Promise<void>
  /** A gateway's credentials that are still valid at `now`: the one without an end first, then those that end last. */
  credentialsOf(gatewayId: string, now: number): Promise<GatewayCredential[]>
  /** Every credential that is still valid at `now`, of every gateway that is not revoked. */
  validCredentials(now: number): Promise<GatewayCredential[]>

  /** Keeps the newest `refusalsKept` of each gateway. */
  insertRefusals(refusals: readonly (Refusal & { gatewayId: string })[]): Promise<void>
  /** Newest first. */
  refusals(gatewayId: string): Promise<Refusal[]>

  /** @throws {ExpectedError} `already-exists`; `invalid` when its gateway does not exist */
  insertDevice(device: Device): Promise<void>
  /** Inserts those that do not exist yet and leaves the others alone. */
  insertDevicesIfAbsent(devices: readonly Device[]): Promise<void>
  updateDevice(id: string, change: Partial<Pick<Device, 'name' | 'siteId' | 'facts' | 'gatewayId'>>): Promise<boolean>
  device(id: string): Promise<Device | undefined>
  /** Locked until the transaction ends, so that two changes of its facts cannot overwrite each other. */
  lockDevice(id: string): Promise<Device | undefined>
  devicesByIds(ids: readonly string[]): Promise<Device[]>
  devices(page: PageRequest & { gatewayId?: string; kind?: string }): Promise<Page<Device>>
  countDevices(gatewayId: string): Promise<number>
}

/** What is wrong, and who does what about it. */
export interface OrderTables {
  /**
   * The newest incident of a device's finding, locked with its order until the transaction ends: two processes cannot both
   * open one, and nobody closes the order while the incident takes a repeat.
   */
  lockNewestIncident(deviceId: string, finding: string): Promise<FollowedIncident | undefined>
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

/** What was not accepted, what was done, what is set. */
export interface RecordTables {
  /**
   * An item that is there already (same journal and position) gets the faults that it had not: a message may be faulted by its
   * schema and by the history store. Answers the items that changed something.
   */
  insertQuarantine(journalId: string, items: readonly QuarantineItem[]): Promise<QuarantineItem[]>
  /** Newest first. */
  quarantine(page: PageRequest & { gatewayId?: string; deviceId?: string }): Promise<Page<QuarantineItem>>
  /** Drops what was received before, and the oldest beyond `maxBytes` of raw payloads. Answers how many went. */
  trimQuarantine(limits: { receivedBefore: number; maxBytes: number }): Promise<number>

  insertAudit(entry: AuditEntry): Promise<void>

  /** How much there is: gateways that may connect, devices, orders neither closed nor cancelled. */
  counts(): Promise<{ gateways: number; devices: number; openOrders: number }>

  setting(key: string): Promise<unknown>
  putSetting(key: string, value: unknown): Promise<void>
}

/**
 * Everything that people and rules decide: registry, incidents, orders, quarantine, audit.
 * Every method throws `StoreUnavailable` when the database cannot be reached, and loses nothing then.
 */
export interface Operations extends RegistryTables, OrderTables, RecordTables {
  /** All of it or none of it; the work may run again after a serialisation conflict. */
  transaction<T>(work: (unit: Operations) => Promise<T>): Promise<T>
}

export interface OperationsStore extends Operations {
  /** Resolves when the database answers. @throws {StoreUnavailable} */
  ping(): Promise<void>
  close(): Promise<void>
}
