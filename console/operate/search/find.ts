import type { Gateway } from '../../installer/wire.ts'
import type { Found } from '../../shared/components/search-box.tsx'
import { titleOf } from '../../shared/finding.ts'
import { type Ask, createLookup, findDevices, isId } from '../../shared/lookup.ts'
import type { Page, Site, WorkOrder } from '../../shared/wire.ts'
import { words } from '../words.ts'

export interface Hit {
  readonly kind: 'page' | 'site' | 'device' | 'gateway' | 'order'
  readonly id: string
  readonly name: string
  /** In which site it is, of what every one of them has. */
  readonly siteId: string | null
  /** Below `/console`. */
  readonly to: string
}

const sitesShown = 6

/** Sites and devices by a part of them, pages by a part of their name, gateways and orders by their whole id. */
export async function find(text: string, views: readonly string[], ask: Ask): Promise<Found<Hit>> {
  const lookup = createLookup(ask)
  const isOrder = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
  const [sites, { exact, others }, gateway, order] = await Promise.all([
    lookup.look<Page<Site>>('/sites', { text, limit: sitesShown }),
    findDevices(text, lookup),
    isId(text) ? lookup.look<Gateway>(`/gateways/${text}`) : undefined,
    isOrder ? lookup.look<WorkOrder>(`/work-orders/${text}`) : undefined,
  ])
  const hits = [
    ...(order ? [hitOf('order', { ...order, name: titleOf(order) }, `/crew/${order.id}`)] : []),
    ...[...exact, ...others].map((device) => hitOf('device', device, `/devices/${device.id}`, device.siteId)),
    ...(gateway ? [hitOf('gateway', gateway, `/operate?view=gateways&gateway=${gateway.id}`)] : []),
    ...(sites?.items ?? []).map((site) => hitOf('site', site, `/operate?view=sites&site=${site.id}`, site.parentId)),
    ...pagesOf(text, views),
  ]
  return { hits, problem: lookup.problem() }
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
  siteId: string | null = null,
): Hit {
  return { kind, id, name: name ?? '', siteId, to }
}
