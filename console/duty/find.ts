import { callersOf } from '../../core/callers.ts'
import type { Found } from '../shared/components/search-box.tsx'
import { type Ask, createLookup, findDevices } from '../shared/lookup.ts'
import type { Device, Page, Site, WorkOrder } from '../shared/wire.ts'

export type Hit =
  | { readonly kind: 'order'; readonly order: WorkOrder }
  | { readonly kind: 'device'; readonly device: Device }
  | { readonly kind: 'site'; readonly site: Site }

const ordersShown = 8
const sitesShown = 6

/**
 * What somebody on the phone may speak of: orders by their place, device, finding or number, and by who called about them; sites by a part of
 * name or address; devices by a part of name, id or registration code, one that is retired by its whole id. What is open comes first.
 * @param known orders that are here already, for callers are not looked for by the service
 */
export async function find(text: string, known: readonly WorkOrder[], ask: Ask): Promise<Found<Hit>> {
  const lookup = createLookup(ask)
  const [orders, sites, devices] = await Promise.all([
    lookup.look<Page<WorkOrder>>('/work-orders', { q: text, limit: ordersShown }),
    lookup.look<Page<Site>>('/sites', { text, limit: sitesShown }),
    findDevices(text, lookup),
  ])
  const told = known.filter((order) => isAbout(order, text))
  const found = byId([...(orders?.items ?? []), ...told]).sort(
    (one, other) => Number(hasEnded(one)) - Number(hasEnded(other)),
  )
  const hits: Hit[] = [
    ...found.slice(0, ordersShown).map((order): Hit => ({ kind: 'order', order })),
    ...devices.exact.map((device): Hit => ({ kind: 'device', device })),
    ...(sites?.items ?? []).map((site): Hit => ({ kind: 'site', site })),
    ...devices.others.map((device): Hit => ({ kind: 'device', device })),
  ]
  return { hits, problem: lookup.problem() }
}

/** Each once. */
function byId<Thing extends { readonly id: string }>(things: readonly Thing[]): Thing[] {
  return [...new Map(things.map((thing) => [thing.id, thing])).values()]
}

const hasEnded = ({ state }: WorkOrder) => state === 'closed' || state === 'cancelled'

/** Fewer digits are in too many numbers. */
const fewestDigits = 3

/** Whether somebody with this number, however it is written, or of this name called about it, or said so. */
export function isAbout({ reportedBy, summary }: Pick<WorkOrder, 'reportedBy' | 'summary'>, text: string): boolean {
  const callers = callersOf(reportedBy)
  const digits = /^[\d\s+()*#-]+$/.test(text) ? digitsOf(text) : ''
  if (digits.length >= fewestDigits && callers.some(({ phone = '' }) => digitsOf(phone).includes(digits))) return true
  const said = [summary, ...callers.flatMap(({ name = '', words = '' }) => [name, words])]
  return said.some((words) => words.toLowerCase().includes(text.toLowerCase()))
}

/** Of a number in China, with or without the code of the country. */
function digitsOf(phone: string): string {
  return phone.replace(/^\s*(?:\+|00)\s*86/, '').replace(/\D/g, '')
}
