import { signal } from '@preact/signals'
import { withoutDirections } from '../../core/plain-text.ts'
import { ApiProblem, get, list } from '../shared/api.ts'
import type { Contact, Device, Member, Site, SiteDetail, Team, WorkOrder } from '../shared/wire.ts'
import { openOrders } from './board.ts'
import type { Hit } from './find.ts'

/* Names behind the ids of orders. Districts, estates, buildings and people are read at once, units and devices when an order names them;
 * null = it is asked for and not answered yet. */

export const sites = signal<ReadonlyMap<string, Site>>(new Map())
export const devices = signal<ReadonlyMap<string, Device | null>>(new Map())
export const teams = signal<ReadonlyMap<string, Team>>(new Map())
export const members = signal<ReadonlyMap<string, Member>>(new Map())
const askedSites = new Set<string>()
/** Devices that were not answered, in the order in which they are asked for again. */
const unanswered = new Set<string>()
const firstWaitMs = 5_000
const longestWaitMs = 60_000
/** Twice as long each time that there is no answer again. */
let waitMs = firstWaitMs
let again: ReturnType<typeof setTimeout> | undefined
/** Whose places are read: another one from the next reader on. */
let reader = {}

export async function readPlaces(): Promise<void> {
  const whose = reader
  const byId = <Thing extends { id: string }>(things: readonly Thing[]) =>
    things.map((thing) => [thing.id, thing] as const)
  const readSites = async (type: Site['type']) => {
    const read = await list<Site>('/sites', { type })
    if (whose === reader) sites.value = new Map([...sites.value, ...byId(read)])
  }
  const readTeams = async () => {
    const read = await list<Team>('/teams')
    if (whose === reader) teams.value = new Map(byId(read))
  }
  const readMembers = async () => {
    const read = await list<Member>('/members')
    if (whose === reader) members.value = new Map(byId(read))
  }
  await Promise.allSettled([
    readSites('district'),
    readSites('estate'),
    readSites('building'),
    readTeams(),
    readMembers(),
  ])
}

/** They are somebody's who saw them. */
export function forgetPlaces(): void {
  for (const known of [sites, devices, teams, members]) known.value = new Map()
  askedSites.clear()
  unanswered.clear()
  clearTimeout(again)
  again = undefined
  waitMs = firstWaitMs
  reader = {}
}

/** Reads what an order names and is not known yet; what comes of it, the signals tell. */
export function need({ deviceId, siteId }: Pick<WorkOrder, 'deviceId' | 'siteId'>): void {
  if (deviceId !== null && !devices.value.has(deviceId)) {
    devices.value = new Map(devices.value).set(deviceId, null)
    readFirst(deviceId)
  }
  if (siteId !== null) readSite(siteId)
}

async function readFirst(id: string): Promise<void> {
  const whose = reader
  try {
    await readDevice(id)
  } catch (cause) {
    if (whose !== reader) return
    unanswered.add(id)
    again ??= setTimeout(askAgain, waitAfter(cause))
  }
}

/**
 * How to reach somebody who is trapped stands with the device: those that were not answered are asked for again while an open order
 * names them, one after another as long as they are answered.
 */
async function askAgain(): Promise<void> {
  const whose = reader
  for (const id of unanswered) {
    unanswered.delete(id)
    if (!openOrders.value.some(({ deviceId }) => deviceId === id)) {
      forget(id)
      continue
    }
    try {
      if (await readDevice(id)) waitMs = firstWaitMs
    } catch (cause) {
      if (whose !== reader) return
      unanswered.add(id)
      waitMs = Math.min(2 * waitMs, longestWaitMs)
      again = setTimeout(askAgain, waitAfter(cause))
      return
    }
    if (whose !== reader) return
  }
  again = undefined
}

/** Whether it will be known in a moment what the device is called, and where it is. */
export function isNameAwaited({ deviceId }: Pick<WorkOrder, 'deviceId'>): boolean {
  return deviceId !== null && devices.value.get(deviceId) === null
}

function noneIfRefused(cause: unknown): null {
  if (cause instanceof ApiProblem && ['not-found', 'forbidden', 'invalid'].includes(cause.code)) return null
  throw cause
}

/** ms */
function waitAfter(cause: unknown): number {
  const told = cause instanceof ApiProblem ? (cause.retryAfterSeconds ?? 0) * 1_000 : 0
  return Math.max(waitMs, told)
}

/** Where what was found is. */
export function needAround(hits: readonly Hit[]): void {
  for (const hit of hits) {
    if (hit.kind === 'order') need(hit.order)
    else need({ deviceId: null, siteId: hit.kind === 'device' ? hit.device.siteId : hit.site.parentId })
  }
}

/** False where it is refused. @throws when it was not answered */
async function readDevice(id: string): Promise<boolean> {
  const whose = reader
  const device = await get<Device>(`/devices/${encodeURIComponent(id)}`).catch(noneIfRefused)
  if (whose !== reader) return false
  if (device === null) {
    forget(id)
    return false
  }
  devices.value = new Map(devices.value).set(id, device)
  if (device.siteId !== null) readSite(device.siteId)
  return true
}

/** Asked for again when the next order names it. */
function forget(id: string): void {
  const left = new Map(devices.value)
  left.delete(id)
  devices.value = left
}

/** With all that it is in; what is not answered is asked for again when it is named again. */
async function readSite(id: string): Promise<void> {
  if (sites.value.has(id) || askedSites.has(id)) return
  const whose = reader
  askedSites.add(id)
  try {
    const site = await get<SiteDetail>(`/sites/${encodeURIComponent(id)}`)
    if (whose !== reader) return
    sites.value = new Map(sites.value).set(id, site)
    if (site.parentId !== null) await readSite(site.parentId)
  } catch {
    if (whose === reader) askedSites.delete(id)
  }
}

/** The site of an order and all above it, the smallest first. */
export function sitesOf(order: Pick<WorkOrder, 'deviceId' | 'siteId'>): Site[] {
  const device = order.deviceId === null ? null : devices.value.get(order.deviceId)
  const path: Site[] = []
  let site = sites.value.get(order.siteId ?? device?.siteId ?? '')
  while (site !== undefined && !path.includes(site)) {
    path.push(site)
    site = sites.value.get(site.parentId ?? '')
  }
  return path
}

/** "东苑 12 幢 2 单元 · 电梯 A", from the estate to the device; ids where nothing has a name. */
export function whereText(order: WorkOrder): string {
  const device = order.deviceId === null ? null : (devices.value.get(order.deviceId)?.name ?? order.deviceId)
  const place = nearText(sitesOf(order)) || (order.siteId ?? '')
  return withoutDirections([place, device].filter(Boolean).join(' · '))
}

/** "东苑 12 幢 2 单元": where a site or device is, which many others are called like; '' while it is not known. */
export function aroundText(siteId: string | null): string {
  return withoutDirections(nearText(sitesOf({ deviceId: null, siteId })))
}

/** From the estate on; where none is, all of it. */
function nearText(path: readonly Site[]): string {
  const near = path.filter(({ type }) => type === 'estate' || type === 'building' || type === 'unit')
  const names = (near.length > 0 ? near : path).map(({ name }) => name)
  return names.reverse().join(' ')
}

/** "东苑 12 幢": a building with its estate. */
export function placeName(siteId: string): string {
  const site = sites.value.get(siteId)
  const estate = site?.type === 'building' ? sites.value.get(site.parentId ?? '') : undefined
  return withoutDirections([estate?.name, site?.name ?? siteId].filter(Boolean).join(' '))
}

/** Of the device first, then of each place around it; each telephone once. */
export function contactsOf(order: WorkOrder): Contact[] {
  const device = order.deviceId === null ? null : devices.value.get(order.deviceId)
  const all = [...(device?.contacts ?? []), ...sitesOf(order).flatMap(({ contacts }) => contacts)]
  return all.filter(
    (one, index) => all.findIndex(({ role, phone }) => role === one.role && phone === one.phone) === index,
  )
}

export function teamName(id: string | null): string | null {
  return id === null ? null : (teams.value.get(id)?.name ?? id)
}

export function memberName(id: string | null): string | null {
  return id === null ? null : (members.value.get(id)?.name ?? id)
}
