import { ApiProblem, get, list } from '../shared/api.ts'
import type { Span } from '../shared/components/chart-data.ts'
import { isOperatorOfAll } from '../shared/roles.ts'
import { hasRole, me } from '../shared/session.ts'
import type { DeviceDetail, Incident, MetricBucket, Page, Site, SiteDetail, WorkOrder } from '../shared/wire.ts'
import { rulesFor } from './limits.ts'
import { watcherRoles } from './roles.ts'
import type { DeviceHealth, RuleDetail, Upkeep, Visit } from './wire.ts'

/** Newest ones of each, on the time axis and in the limits. */
const mostMarks = 300

export type PartName = 'health' | 'incidents' | 'orders' | 'visits' | 'upkeep' | 'rules' | 'place'

export interface Known {
  readonly device: DeviceDetail
  /** From the widest to the nearest. */
  readonly place: readonly string[]
  /** Null where it is not for this reader, or did not come. */
  readonly health: DeviceHealth | null
  readonly upkeep: Upkeep | null
  /** Newest first. */
  readonly incidents: readonly Incident[]
  readonly orders: readonly WorkOrder[]
  readonly visits: readonly Visit[]
  readonly rules: readonly RuleDetail[]
  /** Not for this reader to see. */
  readonly hidden: ReadonlySet<PartName>
  /** Asked for, and not answered. */
  readonly missing: readonly PartName[]
  /** False while only the device itself is there. */
  readonly isWhole: boolean
}

/**
 * All that is known of a device but its curves. What is not for the reader is not asked for, for each refusal is written into the
 * audit; what does not come hides nothing of the rest.
 * @param onDevice is given the device as soon as it is there: curves can be asked for then
 * @throws what `get` throws, when there is no such device
 */
export async function readDevice(id: string, signal: AbortSignal, onDevice: (known: Known) => void): Promise<Known> {
  const path = `/devices/${encodeURIComponent(id)}`
  const device = await get<DeviceDetail>(path, {}, signal)
  onDevice(alone(device))
  const hidden = new Set<PartName>()
  const missing: PartName[] = []
  const part = async <T>(name: PartName, read: Promise<T>, without: T): Promise<T> => {
    try {
      return await read
    } catch (cause) {
      if (cause instanceof ApiProblem && cause.code === 'forbidden') hidden.add(name)
      else if (!(cause instanceof ApiProblem) || cause.code !== 'not-found') missing.push(name)
      return without
    }
  }
  const newest = async <T>(listPath: string, query: object = {}) =>
    (await get<Page<T>>(listPath, { limit: mostMarks, ...query }, signal)).items
  const isElevator = device.kind === 'elevator'
  const watches = hasRole(watcherRoles)
  /** @param may whether the reader's role sees it at all */
  const partFor = <T>(may: boolean, name: PartName, read: () => Promise<T>, without: T): Promise<T> => {
    if (may) return part(name, read(), without)
    hidden.add(name)
    return Promise.resolve(without)
  }
  const [place, health, upkeep, incidents, orders, visits, rules] = await Promise.all([
    part('place', readPlace(device.siteId, signal), []),
    part('health', get<DeviceHealth>(`${path}/health`, {}, signal), null),
    partFor(watches, 'upkeep', async () => (isElevator ? get<Upkeep>(`${path}/maintenance`, {}, signal) : null), null),
    partFor(watches, 'incidents', () => newest<Incident>('/incidents', { deviceId: id }), []),
    partFor(watches, 'orders', () => newest<WorkOrder>('/work-orders', { deviceId: id }), []),
    partFor(watches, 'visits', async () => (isElevator ? newest<Visit>(`${path}/visits`) : []), []),
    partFor(isOperatorOfAll(me.value?.memberships ?? []), 'rules', () => readRules(device.kind, id, signal), []),
  ])
  return { device, place, health, upkeep, incidents, orders, visits, rules, hidden, missing, isWhole: true }
}

function alone(device: DeviceDetail): Known {
  return {
    ...{ device, place: [], health: null, upkeep: null, incidents: [], orders: [], visits: [], rules: [] },
    ...{ hidden: new Set<PartName>(), missing: [], isWhole: false },
  }
}

async function readPlace(siteId: string | null, signal: AbortSignal): Promise<string[]> {
  if (siteId === null) return []
  const names: string[] = []
  let next: string | null = siteId
  while (next !== null) {
    const site: SiteDetail = await get<SiteDetail>(`/sites/${encodeURIComponent(next)}`, {}, signal)
    names.unshift(site.name)
    next = site.parentId
  }
  return names
}

function readRules(kind: string, deviceId: string, signal: AbortSignal): Promise<RuleDetail[]> {
  return Promise.all(rulesFor(kind).map((finding) => get<RuleDetail>(`/rules/${finding}`, { deviceId }, signal)))
}

/** Windows of each metric, rising. @throws what `get` throws */
export async function readWindows(
  deviceId: string,
  metrics: readonly string[],
  { span: { from, to }, stepSeconds: step }: { span: Span; stepSeconds: number },
  signal: AbortSignal,
): Promise<Map<string, readonly MetricBucket[]>> {
  const path = `/devices/${encodeURIComponent(deviceId)}/readings`
  const time = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const read = async (metric: string) => {
    const { items } = await get<Page<MetricBucket>>(path, { metric, step, ...time }, signal)
    return [metric, items] as const
  }
  return new Map(await Promise.all(metrics.map(read)))
}

/** Names of the places of many devices. */
export async function readSites(): Promise<Map<string, Site>> {
  const sites = await list<Site>('/sites')
  return new Map(sites.map((site) => [site.id, site]))
}
