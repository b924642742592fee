import { findingTitle, summaryOf } from '../shared/finding.ts'
import type { WorkOrder } from '../shared/wire.ts'

/** Fewer are read faster one by one. */
const leastMembers = 5

export type Row =
  | { readonly type: 'order'; readonly key: string; readonly order: WorkOrder }
  | { readonly type: 'storm'; readonly key: string; readonly orders: readonly WorkOrder[]; readonly isOpen: boolean }

/**
 * Orders as rows, in their order: many of one finding and severity that nobody has accepted are one row, which opens. What is
 * critical always stands for itself, and so does what people report, for only its words tell what it is.
 * @param open keys of the storms that somebody opened
 */
export function rowsOf(orders: readonly WorkOrder[], open: ReadonlySet<string>): Row[] {
  const byKey = new Map<string, WorkOrder[]>()
  for (const order of orders) {
    const key = stormKeyOf(order)
    if (key !== null) byKey.set(key, [...(byKey.get(key) ?? []), order])
  }
  const told = new Set<string>()
  return orders.flatMap((order): Row[] => {
    const key = stormKeyOf(order)
    const members = key === null ? [] : (byKey.get(key) ?? [])
    if (key === null || members.length < leastMembers) return [{ type: 'order', key: order.id, order }]
    if (told.has(key)) return []
    told.add(key)
    const isOpen = open.has(key)
    const one = (member: WorkOrder): Row => ({ type: 'order', key: member.id, order: member })
    return [{ type: 'storm', key, orders: members, isOpen }, ...(isOpen ? members.map(one) : [])]
  })
}

/** What they have in common: the name of what was found, else what all were reported with, else its id. */
export function stormTitle([first, ...others]: readonly WorkOrder[]): string {
  if (first === undefined) return ''
  const isSaidOfAll = others.every(({ summary }) => summary === first.summary)
  return findingTitle(first.finding) ?? (isSaidOfAll ? summaryOf(first) : first.finding)
}

function stormKeyOf({ severity, state, finding }: WorkOrder): string | null {
  const isReport = finding.startsWith('manual/')
  const isWaiting = state === 'raised' || state === 'acknowledged'
  return severity === 'critical' || isReport || !isWaiting ? null : `storm ${severity} ${finding}`
}
