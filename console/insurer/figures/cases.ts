import { localDate, shanghai, startOfDate } from '../../../core/local-time.ts'
import type { Case } from '../wire.ts'

const dayMs = 86_400_000

/** Where the record behind a figure is shown; `filter` goes along. */
export function linkOfCase({ at, deviceId, of: { type, id } }: Case, filter: string): string {
  const device = encodeURIComponent(deviceId)
  if (type === 'order') return `/review/orders/${id}${filter}`
  if (type === 'visit') return `/review/visits/${id}${filter}`
  if (type === 'inspection') return `/review/inspections/${id}${filter}`
  if (type === 'overhaul') return `/review/overhauls/${id}${filter}`
  if (type === 'day') {
    const from = startOfDate(localDate(Date.parse(at), shanghai), shanghai)
    const iso = (time: number) => encodeURIComponent(new Date(time).toISOString())
    return `/devices/${device}?from=${iso(from)}&to=${iso(from + dayMs)}`
  }
  return `/review/elevators/${device}${filter}`
}

const tenths: readonly string[] = [
  ...['effectTenths', 'inspectionTenthsQuarterly', 'inspectionTenthsMonthly', 'inspectionTenthsUnannounced'],
]

/** How much a record counts, where that is more than once. */
export function amountOf({ what, amount }: Case): number | null {
  if (tenths.includes(what)) return amount / 10
  return amount === 1 ? null : amount
}

/** What makes a record the same one: days and pieces of maintenance are named alike on all elevators. */
export function keyOfRecord({ at, deviceId, of: { type, id } }: Case): string {
  return `${type} ${id} ${deviceId} ${type === 'day' ? at : ''}`
}

/** A record that counts as several things stands once, with all of them in the same order. */
export function casesByRecord(cases: readonly Case[]): [Case, ...Case[]][] {
  const byRecord = new Map<string, [Case, ...Case[]]>()
  for (const one of cases) {
    const known = byRecord.get(keyOfRecord(one))
    if (known === undefined) byRecord.set(keyOfRecord(one), [one])
    else known.push(one)
  }
  for (const all of byRecord.values()) all.sort((one, other) => (one.what < other.what ? -1 : 1))
  return [...byRecord.values()]
}
