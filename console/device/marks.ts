import type { Span } from '../shared/components/chart-data.ts'
import type { Incident, WorkOrder } from '../shared/wire.ts'
import type { Visit } from './wire.ts'

/** Something that happened, on the time axis. */
export type Mark = { readonly key: string; readonly at: number; readonly until: number | null } & (
  | { readonly type: 'finding'; readonly incident: Incident }
  | { readonly type: 'order'; readonly order: WorkOrder }
  | { readonly type: 'visit'; readonly visit: Visit }
)
type MarkType = Mark['type']
export const markTypes: readonly MarkType[] = ['finding', 'order', 'visit']

/** By time. A finding begins when its condition did, an order when it was raised; `until` is null while it is not over. */
export function marksOf(
  incidents: readonly Incident[],
  orders: readonly WorkOrder[],
  visits: readonly Visit[],
): Mark[] {
  const time = (text: string | null) => (text === null ? null : Date.parse(text))
  const marks: Mark[] = [
    ...incidents.map((incident): Mark => {
      const [at, until] = [Date.parse(incident.occurredAt), time(incident.clearedAt)]
      return { type: 'finding', key: incident.id, at, until, incident }
    }),
    ...orders.map((order): Mark => {
      const [at, until] = [Date.parse(order.raisedAt), time(order.closedAt ?? order.cancelledAt)]
      return { type: 'order', key: order.id, at, until, order }
    }),
    ...visits.map((visit): Mark => {
      return { type: 'visit', key: visit.id, at: Date.parse(visit.startedAt), until: Date.parse(visit.endedAt), visit }
    }),
  ]
  return marks.sort((one, other) => one.at - other.at)
}

export interface PlacedMarks {
  /** Of the axis, 0 to 1. */
  readonly share: number
  readonly marks: readonly Mark[]
}

/**
 * Marks of one type where they are on the axis. Those that would lie over each other are one, which opens all of them; what is not over yet
 * and began before the axis stands at its beginning.
 * @param apart the least distance of two, share of the axis
 */
export function placed(marks: readonly Mark[], { from, to }: Span, apart: number): PlacedMarks[] {
  const spots: { share: number; marks: Mark[] }[] = []
  for (const mark of marks) {
    const isSeen = mark.at < to && (mark.at >= from || mark.until === null || mark.until > from)
    if (!isSeen) continue
    const share = Math.max(0, (mark.at - from) / (to - from))
    const before = spots.at(-1)
    if (before !== undefined && share - before.share < apart) before.marks.push(mark)
    else spots.push({ share, marks: [mark] })
  }
  return spots
}

const severities = ['critical', 'urgent', 'warning', 'info'] as const

/** The worst of what one spot stands for; null for visits. */
export function worstOf(marks: readonly Mark[]): (typeof severities)[number] | null {
  const there = marks.map((mark) =>
    mark.type === 'finding' ? mark.incident.severity : mark.type === 'order' ? mark.order.severity : null,
  )
  return severities.find((severity) => there.includes(severity)) ?? null
}
