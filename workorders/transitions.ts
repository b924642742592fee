import type { OrderState } from '../core/incident.ts'

export const orderActions = ['acknowledge', 'accept', 'arrive', 'restore', 'close', 'cancel'] as const
export type OrderAction = (typeof orderActions)[number]

interface Transition {
  readonly to: OrderState
  readonly from: readonly OrderState[]
  /** Times that are set when the state is reached (and an earlier step that it implies). */
  readonly sets: readonly ('acknowledgedAt' | 'acceptedAt' | 'arrivedAt' | 'restoredAt' | 'closedAt' | 'cancelledAt')[]
}

const open = ['raised', 'acknowledged', 'accepted', 'arrived', 'restored'] as const

/** The life of an order. Accepting an unacknowledged order acknowledges it; nothing else may be skipped. */
export const transitions: Readonly<Record<OrderAction, Transition>> = {
  acknowledge: { from: ['raised'], to: 'acknowledged', sets: ['acknowledgedAt'] },
  accept: { from: ['raised', 'acknowledged'], to: 'accepted', sets: ['acknowledgedAt', 'acceptedAt'] },
  arrive: { from: ['accepted'], to: 'arrived', sets: ['arrivedAt'] },
  restore: { from: ['arrived'], to: 'restored', sets: ['restoredAt'] },
  close: { from: ['restored'], to: 'closed', sets: ['closedAt'] },
  cancel: { from: open, to: 'cancelled', sets: ['cancelledAt'] },
}

/** A false alarm may be closed from any open state: there is nothing to arrive at. */
export const closeAsFalseAlarm: Transition = { ...transitions.close, from: open }
