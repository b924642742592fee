import type { Gateway } from '../../installer/wire.ts'
import { ApiProblem, type Asked } from '../../shared/api.ts'
import type { Found } from '../../shared/components/search-box.tsx'
import { titleOf } from '../../shared/finding.ts'
import type { Device, Page, Site, WorkOrder } from '../../shared/wire.ts'
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
const devicesShown = 6

/** A GET below `/api/v1`. */
export type Ask = <Thing>(path: string, query?: Asked['query']) => Promise<Thing>

/** Sites and devices by a part of them, pages by a part of their name, gateways and orders by their whole id. */
export async function find(text: string, views: readonly string[], ask: Ask): Promise<Found<Hit>> {
  let problem: unknown = null
  const notFound = (cause: unknown) => {
    if (!isNotFound(cause)) problem ??= cause
    return undefined
  }
  const one = <Thing>(path: string) => ask<Thing>(path).catch(notFound)
  const isId = /^[a-zA-Z0-9_-]{1,64}$/.test(text)
  const isOrder = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
  const [sites, devices, device, gateway, order] = await Promise.all([
    ask<Page<Site>>('/sites', { text, limit: sitesShown }).catch(notFound),
    ask<Page<Device>>('/devices', { text, limit: devicesShown }).catch(notFound),
    isId ? one<Device>(`/devices/${text}`) : undefined,
    isId ? one<Gateway>(`/gateways/${text}`) : undefined,
    isOrder ? one<WorkOrder>(`/work-orders/${text}`) : undefined,
  ])
  const others = devices?.items.filter(({ id }) => id !== device?.id) ?? []
  const hits = [
    ...(order ? [hitOf('order', { ...order, name: titleOf(order) }, `/crew/${order.id}`)] : []),
    ...[...(device ? [device] : []), ...others].map((one) => hitOf('device', one, `/devices/${one.id}`, one.siteId)),
    ...(gateway ? [hitOf('gateway', gateway, `/operate?view=gateways&gateway=${gateway.id}`)] : []),
    ...(sites?.items ?? []).map((site) => hitOf('site', site, `/operate?view=sites&site=${site.id}`, site.parentId)),
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
  siteId: string | null = null,
): Hit {
  return { kind, id, name: name ?? '', siteId, to }
}
