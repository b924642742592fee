import { findingTitles } from '../../../core/finding-titles.ts'
import type { Gateway } from '../../installer/wire.ts'
import { ApiProblem, type Asked } from '../../shared/api.ts'
import type { Found } from '../../shared/components/search-box.tsx'
import { language } from '../../shared/language.ts'
import type { Device, Page, Site, WorkOrder } from '../../shared/wire.ts'
import { words } from '../words.ts'

export interface Hit {
  readonly kind: 'page' | 'site' | 'device' | 'gateway' | 'order'
  readonly id: string
  readonly name: string
  /** Below `/console`. */
  readonly to: string
}

const sitesShown = 6

/** A GET below `/api/v1`. */
export type Ask = <Thing>(path: string, query?: Asked['query']) => Promise<Thing>

/** Sites by a part of them, pages by a part of their name, everything else by its whole id. */
export async function find(text: string, views: readonly string[], ask: Ask): Promise<Found<Hit>> {
  let problem: unknown = null
  const notFound = (cause: unknown) => {
    if (!isNotFound(cause)) problem ??= cause
    return undefined
  }
  const one = <Thing>(path: string) => ask<Thing>(path).catch(notFound)
  const isId = /^[a-zA-Z0-9_-]{1,64}$/.test(text)
  const isOrder = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
  const [sites, device, gateway, order] = await Promise.all([
    ask<Page<Site>>('/sites', { text, limit: sitesShown }).catch(notFound),
    isId ? one<Device>(`/devices/${text}`) : undefined,
    isId ? one<Gateway>(`/gateways/${text}`) : undefined,
    isOrder ? one<WorkOrder>(`/work-orders/${text}`) : undefined,
  ])
  const hits = [
    ...(order ? [hitOf('order', { ...order, name: titleOf(order) }, `/crew/${order.id}`)] : []),
    ...(device ? [hitOf('device', device, `/devices/${device.id}`)] : []),
    ...(gateway ? [hitOf('gateway', gateway, `/operate?view=gateways&gateway=${gateway.id}`)] : []),
    ...(sites?.items ?? []).map((site) => hitOf('site', site, `/operate?view=sites&site=${site.id}`)),
    ...pagesOf(text, views),
  ]
  return { hits, problem }
}

/** What is not there, or not theirs; all else is no answer to what was looked for. */
function isNotFound(cause: unknown): boolean {
  return cause instanceof ApiProblem && (cause.code === 'not-found' || cause.code === 'forbidden')
}

function pagesOf(text: string, views: readonly string[]): readonly Hit[] {
  const names: Readonly<Record<string, string>> = words().views
  return views
    .filter((view) => names[view]?.toLowerCase().includes(text.toLowerCase()))
    .map((view) => hitOf('page', { id: '', name: names[view] ?? view }, `/operate?view=${view}`))
}

function hitOf(
  kind: Hit['kind'],
  { id, name }: { readonly id: string; readonly name?: string | null },
  to: string,
): Hit {
  return { kind, id, name: name ?? '', to }
}

function titleOf({ finding }: WorkOrder): string {
  return findingTitles(language.value)[finding] ?? finding
}
