import type { WorkOrder } from '../core/incident.ts'
import type { Notice } from '../core/notice.ts'
import { type Site, siteTypes } from '../core/site.ts'
import {
  type ChainedEvent,
  type ChainHead,
  type EvidenceTask,
  loadCounted,
  type NearContact,
  type NewDeadline,
  type NewStreamEvent,
  type Operations,
} from '../stores/operations/port.ts'

/** What a stretch of work is about, as far as that is known before it begins: read at once, not one by one. */
export type Ahead =
  | {
      /** To be escalated. */
      readonly orders?: readonly WorkOrder[]
      /** About which something was found. */
      readonly deviceIds?: readonly string[]
      /** When it must be known whose the devices are, ms since 1970. */
      readonly at: number
    }
  /** Orders that only get another event. */
  | { readonly chains: readonly string[] }

/**
 * Runs work on many incidents and orders in one transaction with few round trips to the database:
 *
 * - What is only added (events of orders, of the stream, notices, due times, evidence to be frozen) is kept back and written
 *   together. An event whose place in its chain is taken is therefore refused at the end, not where it was added.
 * - What people seldom change (plans, teams, rosters, sites, devices) is read once, as it was when it was first asked for.
 * - Every call that is not known here to have nothing to do with either writes what was kept back and forgets what was read, so
 *   the work sees what it would have seen without this.
 *
 * The caller's transaction is committed by the caller: after a crash all of it has happened or none.
 */
export async function gathering<T>(
  unit: Operations,
  ahead: Ahead,
  work: (gathered: Operations) => Promise<T>,
): Promise<T> {
  const kept = createKept(unit)
  const memory = createMemory()
  const { orders = [], deviceIds = [], at } = 'at' in ahead ? ahead : { at: 0 }
  const chains = 'chains' in ahead ? ahead.chains : orders.map(({ id }) => id)
  await knowChains(unit, chains, memory)
  await knowDevices(unit, [...deviceIds, ...orders.flatMap(({ deviceId }) => deviceId ?? [])], orders, at, memory)
  const loads = createLoads(unit, orders)
  const result = await work(gatheredUnit(unit, kept, memory, loads))
  await kept.write()
  return result
}

/** Seldom changed, and never by work that gathers; an incident's own changes are seen to below. */
const readOnce: ReadonlySet<string> = new Set<keyof Operations>([
  ...(['plans', 'workingTeams', 'teams', 'team', 'roster', 'membersOf', 'channel', 'device', 'site'] as const),
  ...(['sitesAbove', 'sitesByIds', 'contactsOf', 'placeOf', 'deviceParty', 'partiesOf', 'incident'] as const),
])

/** These neither see nor change what is kept back or was read. */
const apart: ReadonlySet<string> = new Set<keyof Operations>([
  ...(['lockPlace', 'lockNewestIncident', 'lockFollowedIncident', 'lockFreeIncidents', 'surroundingsOf'] as const),
  ...(['orderOfIncident', 'lockOrder', 'placesOf', 'devicesIn', 'insertAudit'] as const),
])

type Method = (...given: never[]) => Promise<unknown>

function gatheredUnit(unit: Operations, kept: Kept, memory: Memory, loads: Loads): Operations {
  const orderly = (method: Method): Method => {
    return async (...given) => {
      await kept.write()
      memory.forgetAll()
      loads.forget()
      return method(...given)
    }
  }
  const methods = Object.entries(unit).map(([name, method]: [string, Method]) => {
    if (readOnce.has(name)) return [name, (...given: never[]) => memory.once(name, given, method)]
    return [name, apart.has(name) ? method : orderly(method)]
  })
  return {
    ...(Object.fromEntries(methods) as Operations),
    ...kept.add,
    ...ordersIn(unit, kept, memory, loads),
    openOrdersOf: loads.of,
    async insertIncident(incident) {
      const isNew = await unit.insertIncident(incident)
      const { followed: _, lastMemberAt: __, ...found } = incident
      if (isNew) memory.know('incident', [incident.id], { ...found, orderId: null })
      return isNew
    },
    updateIncident(id, change) {
      memory.forget('incident', id)
      return unit.updateIncident(id, change)
    },
  }
}

type OrderMethods = 'insertOrder' | 'order' | 'updateOrder' | 'orderEvents' | 'chainHead' | 'insertChainedEvent'

/** Orders and the heads of their chains, which grow while the events are kept back. */
function ordersIn(unit: Operations, kept: Kept, memory: Memory, loads: Loads): Pick<Operations, OrderMethods> {
  return {
    async insertOrder(order) {
      const isNew = await unit.insertOrder(order)
      if (!isNew) return false
      loads.assigned(order.id, order.teamId)
      memory.know('chainHead', [order.id], undefined)
      const incident = await memory.known('incident', [order.incidentId])
      if (incident !== undefined) memory.know('incident', [incident.id], { ...incident, orderId: order.id })
      // its chain begins with its times as the database keeps them, and it keeps whole milliseconds
      if ([order.detectedAt, order.occurredAt, order.raisedAt].every(Number.isInteger))
        memory.know('order', [order.id], order)
      return true
    },
    order: (id) => memory.known('order', [id]) ?? unit.order(id),
    async updateOrder(id, expected, change) {
      memory.forget('order', id)
      const isChanged = await unit.updateOrder(id, expected, change)
      if (change.state !== undefined) loads.forget()
      else if (isChanged && change.teamId !== undefined) loads.assigned(id, change.teamId)
      return isChanged
    },
    async orderEvents(orderId) {
      if (kept.events.some((event) => event.orderId === orderId)) await kept.write()
      return unit.orderEvents(orderId)
    },
    chainHead: (orderId) => memory.once('chainHead', [orderId], unit.chainHead),
    async insertChainedEvent(...events) {
      for (const event of events) memory.know('chainHead', [event.orderId], event)
      kept.events.push(...events)
    },
  }
}

interface Memory {
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

interface Loads {
  readonly of: Operations['openOrdersOf']
  assigned(orderId: string, teamId: string | null): void
  forget(): void
}

/** How many open orders teams have: counted once, then kept count of, so that each order of many goes to whoever has fewest by then. */
function createLoads(unit: Operations, orders: readonly WorkOrder[]): Loads {
  const loads = new Map<string, number>()
  const teams = new Map(orders.map(({ id, teamId }) => [id, teamId]))
  const add = (teamId: string | null, by: number) => {
    const load = teamId === null ? undefined : loads.get(teamId)
    if (teamId !== null && load !== undefined) loads.set(teamId, load + by)
  }
  return {
    async of(teamIds) {
      const unknown = teamIds.filter((id) => !loads.has(id))
      const counted = unknown.length === 0 ? new Map<string, number>() : await unit.openOrdersOf(unknown)
      for (const id of unknown) loads.set(id, counted.get(id) ?? 0)
      const known = teamIds.map((id) => [id, Math.min(loads.get(id) ?? 0, loadCounted)] as const)
      return new Map(known.filter(([, orders]) => orders > 0))
    },
    assigned(orderId, teamId) {
      add(teams.get(orderId) ?? null, -1)
      teams.set(orderId, teamId)
      add(teamId, 1)
    },
    forget: () => loads.clear(),
  }
}

/** PostgreSQL takes 65,535 parameters in a statement, and the widest of these rows has 20. */
const rowsAtOnce = 1_000

type Added = 'insertStreamEvent' | 'insertNotices' | 'insertDeadlines' | 'insertEvidenceTasks'

interface Kept {
  readonly events: (ChainedEvent & ChainHead)[]
  readonly add: Pick<Operations, Added>
  /** In the transaction, all of it, once. */
  write(): Promise<void>
}

function createKept(unit: Operations): Kept {
  const events: Kept['events'] = []
  const stream: NewStreamEvent[] = []
  const notices: Notice[] = []
  const deadlines: NewDeadline[] = []
  const tasks: Omit<EvidenceTask, 'attempts'>[] = []
  return {
    events,
    add: {
      insertStreamEvent: async (...more) => void stream.push(...more),
      insertNotices: async (more) => void notices.push(...more),
      insertDeadlines: async (more) => void deadlines.push(...more),
      insertEvidenceTasks: async (more) => void tasks.push(...more),
    },
    async write() {
      await inParts(events, (rows) => unit.insertChainedEvent(...rows))
      await inParts(deadlines, (rows) => unit.insertDeadlines(rows))
      await inParts(tasks, (rows) => unit.insertEvidenceTasks(rows))
      await inParts(notices, (rows) => unit.insertNotices(rows))
      await inParts(stream, (rows) => unit.insertStreamEvent(...rows))
    },
  }
}

async function inParts<Row>(rows: Row[], insert: (some: Row[]) => Promise<void>): Promise<void> {
  while (rows.length > 0) await insert(rows.splice(0, rowsAtOnce))
}

async function knowChains(unit: Operations, orderIds: readonly string[], { know }: Memory): Promise<void> {
  if (orderIds.length < 2) return // of one alone there is nothing to be read at once
  const heads = await unit.chainHeads(orderIds)
  for (const id of orderIds) know('chainHead', [id], heads.get(id))
}

/** Whose they are, where they are, and whom to call there. */
async function knowDevices(
  unit: Operations,
  deviceIds: readonly string[],
  orders: readonly WorkOrder[],
  at: number,
  { know }: Memory,
): Promise<void> {
  if (deviceIds.length + orders.length < 2) return
  const ids = [...new Set(deviceIds)]
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
