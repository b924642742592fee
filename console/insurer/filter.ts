import { addMonths, localDate, shanghai, startOfDate } from '../../core/local-time.ts'

export const periodNames = ['12m', 'month', 'last-month', 'quarter', 'last-quarter', 'year'] as const
export type PeriodName = (typeof periodNames)[number]
export const groupings = ['maintainer', 'estate', 'elevator'] as const
export type Grouping = (typeof groupings)[number]

/** What the figures are cut to; `q`, `sort` and the like are the page's own. */
const kept = ['period', 'from', 'to', 'maintainerId', 'insurerId', 'siteId', 'deviceId', 'asOf'] as const
export const narrowing = ['maintainerId', 'insurerId', 'siteId', 'deviceId'] as const
export type Narrowing = (typeof narrowing)[number]

/** Which period an address asks for. */
export interface Period {
  /** Null = dates of its own. */
  readonly name: PeriodName | null
  /** ms since 1970; `to` exclusive, and ahead where the period is not over: whole months are counted beforehand. */
  readonly from: number
  readonly to: number
}

type Query = Pick<URLSearchParams, 'get'>

/** The last twelve months, this one included, where nothing that there is was asked for. */
export function periodOf(query: Query, now: number): Period {
  const [from, to] = [dateIn(query.get('from')), dateIn(query.get('to'))]
  if (from !== null && to !== null && from <= to) {
    return { name: null, from: startOfDate(from, shanghai), to: endOfDate(to) }
  }
  const name = periodNames.find((known) => known === query.get('period')) ?? '12m'
  const month = `${localDate(now, shanghai).slice(0, 7)}-01`
  const quarter = addMonths(month, -((Number(month.slice(5, 7)) - 1) % 3))
  const nextMonth = addMonths(month, 1)
  const [first, next] = {
    '12m': [addMonths(month, -11), nextMonth],
    month: [month, nextMonth],
    'last-month': [addMonths(month, -1), month],
    quarter: [quarter, addMonths(quarter, 3)],
    'last-quarter': [addMonths(quarter, -3), quarter],
    year: [`${month.slice(0, 4)}-01-01`, `${Number(month.slice(0, 4)) + 1}-01-01`],
  }[name] as [string, string]
  return { name, from: startOfDate(first, shanghai), to: startOfDate(next, shanghai) }
}

/** Which of the dates in an address say nothing, or lie ahead, so that others are shown. */
export function unreadIn(query: Query, now: number): ('dates' | 'asOf')[] {
  const [from, to] = [dateIn(query.get('from')), dateIn(query.get('to'))]
  const known = asOfDate(query)
  const isNoAsOf = known === null || startOfDate(known, shanghai) > now
  const hasDates = query.get('from') !== null || query.get('to') !== null
  return [
    ...(hasDates && (from === null || to === null || from > to) ? (['dates'] as const) : []),
    ...(query.get('asOf') !== null && isNoAsOf ? (['asOf'] as const) : []),
  ]
}

/** What the API is asked for. */
export function askedFor(query: Query, now: number): Record<string, string> {
  const { from, to } = periodOf(query, now)
  const asked: Record<string, string> = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  for (const { name, id } of narrowedBy(query)) asked[name] = id
  const known = asOfDate(query)
  if (known !== null && endOfDate(known) < now) asked.asOf = new Date(endOfDate(known)).toISOString()
  return asked
}

/** The day by whose end the figures were known; null = now. */
export function asOfDate(query: Query): string | null {
  return dateIn(query.get('asOf'))
}

export function groupingOf(query: Query): Grouping {
  return groupings.find((known) => known === query.get('by')) ?? 'maintainer'
}

/** What of the filter is set beside the period. */
export function narrowedBy(query: Query): { readonly name: Narrowing; readonly id: string }[] {
  return narrowing.flatMap((name) => {
    const id = query.get(name)
    return id === null || id === '' ? [] : [{ name, id }]
  })
}

/** The same filter on another page, with changes: "?period=year&maintainerId=b". */
export function sameFilter(query: Query, changes: Readonly<Record<string, string | null>> = {}): string {
  const next = new URLSearchParams()
  for (const name of kept) {
    const said = query.get(name)
    if (said !== null && !Object.hasOwn(changes, name)) next.set(name, said)
  }
  for (const [name, value] of Object.entries(changes)) if (value !== null) next.set(name, value)
  return next.size === 0 ? '' : `?${next}`
}

/** One level down from a group, and which elevators it is about. */
export function narrowedTo(grouping: Grouping, id: string): Record<string, string> {
  const name = { maintainer: 'maintainerId', estate: 'siteId', elevator: 'deviceId' }[grouping]
  return { [name]: id }
}

function dateIn(text: string | null): string | null {
  const at = text !== null && /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  // 31 February is no day, and not one of March either
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? null : text
}

function endOfDate(date: string): number {
  return startOfDate(new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10), shanghai)
}
