import type { Severity, WorkOrder } from '../shared/wire.ts'

const ranks: Readonly<Record<Severity, number>> = { critical: 0, urgent: 1, warning: 3, info: 4 }
/** It only waits to be closed, below all whose time still runs. */
const restoredRank = 2

type Ranked = Pick<WorkOrder, 'id' | 'severity' | 'raisedAt' | 'arrivedAt' | 'restoredAt' | 'dueAt'>

/**
 * The most severe first, then where nobody is on site yet, then the newest; what has a date comes last, by that. What works again comes
 * after all that is critical or urgent.
 */
export function ranked<Order extends Ranked>(orders: Iterable<Order>): Order[] {
  return [...orders].sort(
    (one, other) =>
      rankOf(one) - rankOf(other) ||
      Number(one.arrivedAt !== null) - Number(other.arrivedAt !== null) ||
      dueOf(one) - dueOf(other) ||
      Date.parse(other.raisedAt) - Date.parse(one.raisedAt) ||
      (one.id < other.id ? -1 : 1),
  )
}

function rankOf({ severity, restoredAt }: Ranked): number {
  return restoredAt === null ? ranks[severity] : Math.max(ranks[severity], restoredRank)
}

const dueOf = ({ dueAt }: Ranked) => (dueAt === null ? 0 : Date.parse(dueAt))

export interface Arrangement {
  readonly shown: readonly string[]
  /** Not in the list yet, so that nothing moves under a hand. */
  readonly waiting: readonly string[]
}

/**
 * Which rows stand where. While a hand is on the list (`held`), every row keeps its place, also one that would go, and new ones
 * wait; they are named above the list meanwhile.
 * @param shown the rows as they stand
 * @param wanted the rows as they should
 */
export function arranged(shown: readonly string[], wanted: readonly string[], held: boolean): Arrangement {
  if (!held || shown.length === 0) return { shown: wanted, waiting: [] }
  return { shown, waiting: wanted.filter((id) => !shown.includes(id)) }
}
