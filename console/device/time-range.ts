import type { Span } from '../shared/components/chart-data.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export const rangeNames = ['24h', '7d', '30d', '90d'] as const
export type RangeName = (typeof rangeNames)[number]
const lengths: Readonly<Record<RangeName, number>> = {
  '24h': dayMs,
  '7d': 7 * dayMs,
  '30d': 30 * dayMs,
  '90d': 90 * dayMs,
}
const shortestMs = 2 * 60_000
const longestMs = 400 * dayMs

export interface TimeRange {
  readonly span: Span
  /** Null = a span of its own, which was zoomed to. */
  readonly name: RangeName | null
}

/** What an address asks for: `range=7d`, or `from` and `to`; a day where it asks for nothing that there is. */
export function timeRange(query: Pick<URLSearchParams, 'get'>, now: number): TimeRange {
  const [from, to] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? '')]
  if (to - from >= shortestMs && to - from <= longestMs && from < now) return { span: { from, to }, name: null }
  const name = rangeNames.find((candidate) => candidate === query.get('range')) ?? '24h'
  return { span: { from: now - lengths[name], to: now }, name }
}

/** What is to be in the address for a span. */
export function zoomedTo({ from, to }: Span): { from: string; to: string; range: null } {
  const missing = Math.max(0, shortestMs - (to - from))
  const iso = (at: number) => new Date(Math.round(at / 1_000) * 1_000).toISOString()
  return { from: iso(from - missing / 2), to: iso(to + missing / 2), range: null }
}

/** @param by 0.5 = half as long around the same middle, 2 = twice */
export function scaled({ from, to }: Span, by: number, now: number): Span {
  const [middle, half] = [(from + to) / 2, Math.min(((to - from) / 2) * by, longestMs / 2)]
  const late = Math.max(0, middle + half - now)
  return { from: middle - half - late, to: middle + half - late }
}

/** @param by 0.5 = half of its length later; never past `now` */
export function shifted({ from, to }: Span, by: number, now: number): Span {
  const move = Math.min(by * (to - from), Math.max(0, now - to))
  return { from: from + move, to: to + move }
}

/** How long the future may be, in shares of the past; longer when somebody asks for it. */
const futureShare = 0.5

/**
 * The axis with the future that a forecast speaks of; only from a month on, for in a day of wear nothing
 * is to be seen.
 * @param reaches when forecasts reach their limits last
 * @param isAsked somebody wants to see it: as long as the past
 */
export function withFuture({ span, name }: TimeRange, reaches: readonly number[], isAsked: boolean): Span {
  if (reaches.length === 0 || (name !== '30d' && name !== '90d')) return span
  return {
    from: span.from,
    to: Math.min(Math.max(span.to, ...reaches), span.to + (isAsked ? 1 : futureShare) * (span.to - span.from)),
  }
}

/** Around a moment, for who wants to see what it was. */
export function around(at: number, until: number | null, now: number): Span {
  const length = Math.max(2 * hourMs, 2 * ((until ?? at) - at))
  const to = Math.min(now, (until ?? at) + length)
  return { from: Math.min(at - length, to - 2 * hourMs), to }
}
