import type { Contact, OrderAction, Runbook, WorkOrder } from '../shared/wire.ts'

/** What a crew does about an order, in the order of the day. */
export const steps = ['accept', 'arrive', 'restore', 'close'] as const satisfies readonly OrderAction[]
export type Step = (typeof steps)[number]
/** What a crew may do at any time besides; a photo is no action of the order, but waits and is sent as one. */
export type CrewAction = Step | 'tell-passenger' | 'ask-for-help' | 'note' | 'photo'

export function isStep(action: CrewAction): action is Step {
  return steps.some((step) => step === action)
}

export type ShownOrder = Pick<
  WorkOrder,
  | 'id'
  | 'type'
  | 'state'
  | 'finding'
  | 'severity'
  | 'summary'
  | 'deviceId'
  | 'siteId'
  | 'detectedAt'
  | 'arriveBy'
  | 'dueAt'
  | 'acceptedAt'
  | 'arrivedAt'
  | 'restoredAt'
  | 'closedAt'
  | 'cancelledAt'
  | 'mergedIntoId'
  | 'teamId'
  | 'technicianId'
  | 'technicianName'
  | 'passengerToldAt'
  | 'reportedBy'
>

export type PastOrder = Pick<WorkOrder, 'id' | 'finding' | 'severity' | 'summary' | 'state' | 'detectedAt' | 'outcome'>

/** How this phone reaches an order: by the link of its notice, or as somebody who signed in. */
export type Door =
  | { readonly type: 'link'; readonly token: string }
  | { readonly type: 'session'; readonly accountId: string; readonly orderId: string }

export interface Call {
  readonly role: Contact['role'] | 'duty-room'
  readonly name: string
  readonly phone: string | null
}

/** An order with all that a crew needs on the way, as `GET /o/:token/order.json` answers it. */
export interface CrewOrder {
  readonly order: ShownOrder
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>
  readonly deviceName: string | null
  /** "District / Estate / Building, address" */
  readonly where: string
  readonly entrance: string | null
  readonly emergencyPlan: string | null
  readonly contacts: readonly Call[]
  readonly teamName: string | null
  /** What this door is good for now. */
  readonly actions: readonly string[]
  /** `name` is what the order has as its `technicianId` when it is theirs. */
  readonly you: { readonly name: string; readonly teamIds: readonly string[] }
  readonly lastOrders: readonly PastOrder[]
  /** The newest value of each metric. */
  readonly last: { readonly at: string; readonly values: Readonly<Record<string, number | string | boolean>> } | null
}

/** What this phone keeps of an order, to be read where there is no link. */
export interface KeptOrder extends CrewOrder {
  /** Of its door. */
  readonly id: string
  readonly door: Door
  /** When the server told it, ms since 1970 by the server's clock. */
  readonly heardAt: number
  readonly curve: KeptCurve | null
  /** Undefined = not asked for yet. */
  readonly runbook: KeptRunbook | undefined
}

export interface KeptRunbook {
  readonly finding: string
  /** Null = there is no page about it. */
  readonly texts: Runbook['texts'] | null
}

export interface KeptCurve {
  readonly metric: string
  readonly limit: number | null
  /** s since 1970; null = nothing was measured. */
  readonly times: readonly number[]
  readonly means: readonly (number | null)[]
  /** Of all that was measured, not of the means. */
  readonly highest: number | null
  /** The newest value, and about when it was measured, ms since 1970. */
  readonly last: { readonly value: number; readonly at: number } | null
}

/** As a token and an order's id are written: nothing in an address leads to another path of the service. */
export function isPlainId(text: string): boolean {
  return /^[\w-]+$/.test(text)
}

export function doorId(door: Door): string {
  return door.type === 'link' ? `link:${door.token}` : `order:${door.accountId}:${door.orderId}`
}
