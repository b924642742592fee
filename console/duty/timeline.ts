import type { OrderEvent } from '../shared/wire.ts'

/** An event of an order's timeline, with how many of its like came one after the other: the time is the last one's. */
export interface TimelineLine {
  readonly event: OrderEvent
  readonly count: number
}

/** A storm takes over hundreds of orders and keeps the evidence of each: a line for each of them would hide what people did. */
export function timelineOf(events: readonly OrderEvent[]): TimelineLine[] {
  const lines: TimelineLine[] = []
  for (const event of events) {
    const before = lines.at(-1)
    const goesOn = before !== undefined && manyOf(event) !== null && manyOf(event) === manyOf(before.event)
    if (goesOn) lines[lines.length - 1] = { event, count: before.count + 1 }
    else lines.push({ event, count: 1 })
  }
  return lines
}

/** What our own notes of an order say many times over; null = each says something of its own. */
export function manyOf({ actor, type, data }: OrderEvent): 'evidence' | 'merge' | null {
  if (actor !== 'liftwatt' || type !== 'noted') return null
  if (data.evidence !== undefined) return 'evidence'
  return data.action === 'merge' ? 'merge' : null
}
