import type { WorkOrder } from '../../core/incident.ts'
import { type Site, siteTypes } from '../../core/site.ts'
import type { NearContact, Operations } from '../../stores/operations/port.ts'

/** What a stretch of work is about, as far as that is known before it begins: read at once, not one by one. */
export type Ahead =
  | Found
  /** Orders that only get another event. */
  | { readonly chains: readonly string[] }

interface Found {
  /** To be escalated; the caller has locked them. */
  readonly orders?: readonly WorkOrder[]
  /** About which something was found. */
  readonly deviceIds?: readonly string[]
  /** When it must be known whose the devices are, ms since 1970. */
  readonly at: number
}

/** What was read from the database, or will be there when this transaction commits. */
export interface Memory {
  /** The answer that is known; else asks, and knows it from then on. */
  once<Given extends readonly unknown[], Answer>(
    name: string,
    given: Given,
    ask: (...given: Given) => Promise<Answer>,
  ): Promise<Answer>
  known<Name extends keyof Operations>(name: Name, given: readonly unknown[]): ReturnType<Operations[Name]> | undefined
  know(name: keyof Operations, given: readonly unknown[], answer: unknown): void
  forget(name: keyof Operations, id: string): void
  forgetAll(): void
}

export async function readAhead(unit: Operations, ahead: Ahead): Promise<Memory> {
  const memory = createMemory()
  const orders = 'chains' in ahead ? [] : (ahead.orders ?? [])
  for (const order of orders) memory.know('order', [order.id], order)
  if (!isAboutMany(ahead)) return memory
  await knowChains(unit, 'chains' in ahead ? ahead.chains : orders.map(({ id }) => id), memory)
  if (!('chains' in ahead)) await knowDevices(unit, ahead, memory)
  return memory
}

function createMemory(): Memory {
  const answers = new Map<string, Promise<unknown>>()
  const keyOf = (name: string, given: readonly unknown[]) => `${name} ${JSON.stringify(given)}`
  return {
    once(name, given, ask) {
      const key = keyOf(name, given)
      const answer = (answers.get(key) as ReturnType<typeof ask> | undefined) ?? ask(...given)
      answers.set(key, answer)
      return answer
    },
    known: (name, given) => answers.get(keyOf(name, given)) as never,
    know: (name, given, answer) => void answers.set(keyOf(name, given), Promise.resolve(answer)),
    forget: (name, id) => void answers.delete(keyOf(name, [id])),
    forgetAll: () => answers.clear(),
  }
}

async function knowChains(unit: Operations, orderIds: readonly string[], { know }: Memory): Promise<void> {
  if (orderIds.length === 0) return
  const heads = await unit.chainHeads(orderIds)
  for (const id of orderIds) know('chainHead', [id], heads.get(id))
}

/** Of one alone there is nothing to be read at once. */
export function isAboutMany(ahead: Ahead): boolean {
  if ('chains' in ahead) return ahead.chains.length > 1
  return (ahead.deviceIds?.length ?? 0) + (ahead.orders?.length ?? 0) > 1
}

/** Whose they are, where they are, and whom to call there. */
async function knowDevices(
  unit: Operations,
  { orders = [], deviceIds = [], at }: Found,
  { know }: Memory,
): Promise<void> {
  const ids = [...new Set([...deviceIds, ...orders.flatMap(({ deviceId }) => deviceId ?? [])])]
  const devices = await unit.devicesByIds(ids)
  for (const device of devices) know('device', [device.id], device)
  for (const [id, { maintainerId, insurerId }] of await unit.partiesOf(ids, at)) {
    know('deviceParty', [id, 'maintainer', at], maintainerId)
    know('deviceParty', [id, 'insurer', at], insurerId)
  }
  const siteIds = [...orders, ...devices].flatMap(({ siteId }) => siteId ?? [])
  const sites = await withThoseAbove(unit, siteIds)
  for (const id of siteIds) know('sitesAbove', [id], upFrom(id, sites))
  for (const { id, siteId, contacts } of devices) {
    const near: NearContact[] = contacts.map((contact) => ({ ...contact, of: 'device', ofId: id }))
    for (const site of siteId === null ? [] : upFrom(siteId, sites)) {
      near.push(...site.contacts.map((contact) => ({ ...contact, of: site.type, ofId: site.id })))
    }
    know('contactsOf', [id], near)
  }
  if (orders.length === 0) return
  const incidents = await unit.incidentsByIds(orders.map(({ incidentId }) => incidentId))
  for (const incident of incidents) know('incident', [incident.id], incident)
}

/** Level by level: there are few. */
async function withThoseAbove(unit: Operations, ids: readonly string[]): Promise<Map<string, Site>> {
  const sites = new Map<string, Site>()
  let wanted = [...new Set(ids)]
  while (wanted.length > 0) {
    const found = await unit.sitesByIds(wanted)
    for (const site of found) sites.set(site.id, site)
    wanted = [...new Set(found.flatMap(({ parentId }) => parentId ?? []))].filter((id) => !sites.has(id))
  }
  return sites
}

/** Nearest first. Levels are finite, whatever the table holds. */
function upFrom(id: string, sites: ReadonlyMap<string, Site>): Site[] {
  const way: Site[] = []
  for (let site = sites.get(id); site !== undefined && way.length < siteTypes.length; ) {
    way.push(site)
    site = site.parentId === null ? undefined : sites.get(site.parentId)
  }
  return way
}
