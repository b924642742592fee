import type { WorkOrder } from '../../core/incident.ts'
import { loadCounted, type NewIncident, type Operations } from '../../stores/operations/port.ts'
import { createKept, type Kept } from './gather-kept.ts'
import { type Ahead, isAboutMany, type Memory, readAhead } from './gather-memory.ts'
import { peopleIn } from './gather-people.ts'

/**
 * Runs work on many incidents and orders in one transaction with few round trips to the database:
 *
 * - What is only added (incidents that are new and their orders, events of orders, of the stream, notices, due times, evidence to be
 *   frozen) is kept back and written together, and so is what changes in incidents, and in orders that the caller has locked. An event
 *   whose place in its chain is taken is therefore refused at the end, not where it was added.
 * - What people seldom change (plans, teams, rosters, channels, sites, devices, suppressions) is read once, as it was when it was
 *   first asked for.
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
  const locked = 'chains' in ahead ? [] : (ahead.orders ?? [])
  const loads = createLoads(unit, kept, locked)
  const teamsAtOnce = isAboutMany(ahead) ? 200 : 50
  const scene = { unit, kept, locked, memory: await readAhead(unit, ahead), loads, teamsAtOnce }
  const result = await work(gatheredUnit(scene))
  await kept.write()
  return result
}

interface Scene {
  readonly unit: Operations
  readonly kept: Kept
  readonly memory: Memory
  readonly loads: Loads
  /** As they were when it began. */
  readonly locked: readonly WorkOrder[]
  /** Reading so many costs less than asking for those that are needed. Unverified defaults. */
  readonly teamsAtOnce: number
}

/** Seldom changed, and never by work that gathers; an incident's own changes are seen to below. */
const readOnce: ReadonlySet<string> = new Set<keyof Operations>([
  ...(['plans', 'workingTeams', 'teams', 'team', 'roster', 'membersOf', 'channel', 'device', 'site'] as const),
  ...(['sitesAbove', 'sitesByIds', 'contactsOf', 'placeOf', 'deviceParty', 'isRoleKnown', 'partiesOf'] as const),
  'suppressionsAt',
])

/** These neither see nor change what is kept back or was read. */
const apart: ReadonlySet<string> = new Set<keyof Operations>([
  ...(['lockPlace', 'placesOf', 'devicesIn', 'devicesByIds', 'insertAudit', 'insertEvidenceLink'] as const),
])

/** These see incidents and orders, and nothing else of what is kept back. */
const ofRows: ReadonlySet<string> = new Set<keyof Operations>([
  ...(['lockNewestIncident', 'lockFollowedIncident', 'lockFreeIncidents', 'surroundingsOf', 'lookAhead'] as const),
  ...([
    'lockReportedIncident',
    'freeEpisodeTime',
    'holdingIncidents',
    'openEntrapmentsIn',
    'listedDevices',
    'orders',
    'lockOrder',
    'orderOfIncident',
    'evidenceOf',
    'evidenceOfEach',
  ] as const),
])

type Method = (...given: never[]) => Promise<unknown>

function gatheredUnit(scene: Scene): Operations {
  const { unit, kept, memory, loads } = scene
  const orderly = (method: Method): Method => {
    return async (...given) => {
      await kept.write()
      memory.forgetAll()
      loads.forget()
      return method(...given)
    }
  }
  const afterRows = (method: Method): Method => {
    return async (...given) => {
      await kept.writeRows()
      return method(...given)
    }
  }
  // one by one into one object: spreading two hundred methods costs as much as a query
  const methods: Record<string, Method> = {}
  for (const [name, method] of Object.entries<Method>(unit as never)) {
    if (readOnce.has(name)) methods[name] = (...given) => memory.once(name, given, method)
    else if (ofRows.has(name)) methods[name] = afterRows(method)
    else methods[name] = apart.has(name) ? method : orderly(method)
  }
  return Object.assign(methods as unknown as Operations, {
    ...kept.add,
    ...ordersIn(scene),
    ...chainsIn(scene),
    ...incidentsIn(scene),
    ...peopleIn(unit, memory, scene.teamsAtOnce),
    openOrdersOf: loads.of,
  })
}

type IncidentMethods = 'insertIncident' | 'insertNewIncidents' | 'updateIncident' | 'incident'

function incidentsIn({ unit, kept, memory }: Scene): Pick<Operations, IncidentMethods> {
  const know = ({ followed: _, lastMemberAt: __, ...found }: NewIncident) =>
    memory.know('incident', [found.id], { ...found, orderId: null })
  return {
    async insertIncident(incident) {
      await kept.writeRows() // so that they are numbered as they were found
      const isNew = await unit.insertIncident(incident)
      if (isNew) know(incident)
      return isNew
    },
    async insertNewIncidents(incidents) {
      kept.incidents.push(...incidents)
      for (const incident of incidents) know(incident)
    },
    async updateIncident(id, change) {
      kept.changeIncident(id, change)
      memory.forget('incident', id)
    },
    async incident(id) {
      if (kept.isChanged(id) && memory.known('incident', [id]) === undefined) await kept.writeRows()
      return memory.once('incident', [id], unit.incident)
    },
  }
}

type OrderMethods = 'insertOrder' | 'order' | 'updateOrder'

function ordersIn({ unit, kept, memory, loads, locked }: Scene): Pick<Operations, OrderMethods> {
  const lockedIds = new Set(locked.map(({ id }) => id))
  return {
    async insertOrder(order) {
      if (!(await insertOrKeep(order))) return false
      loads.assigned(order.id, order.teamId)
      memory.know('chainHead', [order.id], undefined)
      const incident = await memory.known('incident', [order.incidentId])
      if (incident !== undefined) memory.know('incident', [incident.id], { ...incident, orderId: order.id })
      // its chain begins with its times as the database keeps them, and it keeps whole milliseconds
      if ([order.detectedAt, order.occurredAt, order.raisedAt].every(Number.isInteger))
        memory.know('order', [order.id], order)
      return true
    },
    async order(id) {
      const known = memory.known('order', [id])
      if (known !== undefined) return known
      await kept.writeRows()
      return unit.order(id)
    },
    async updateOrder(id, expected, change) {
      const order = lockedIds.has(id) ? await memory.known('order', [id]) : undefined
      if (order === undefined || change.state !== undefined) {
        await kept.writeRows()
        memory.forget('order', id)
        const isChanged = await unit.updateOrder(id, expected, change)
        if (change.state !== undefined) loads.forget()
        else if (isChanged && change.teamId !== undefined) loads.assigned(id, change.teamId)
        return isChanged
      }
      if (order.state !== expected) return false
      kept.changeOrder(id, change)
      memory.know('order', [id], { ...order, ...change })
      if (change.teamId !== undefined) loads.assigned(id, change.teamId)
      return true
    },
  }

  /** An incident that is kept back itself has no order yet, but one that is kept back, too. */
  async function insertOrKeep(order: WorkOrder): Promise<boolean> {
    const isOfKept = kept.incidents.some(({ id }) => id === order.incidentId)
    if (!isOfKept) {
      await kept.writeRows()
      return unit.insertOrder(order)
    }
    if (kept.orders.some(({ incidentId }) => incidentId === order.incidentId)) return false
    kept.orders.push(order)
    return true
  }
}

type ChainMethods = 'orderEvents' | 'reassignments' | 'chainHead' | 'insertChainedEvent'

/** The heads of chains grow while their events are kept back. */
function chainsIn({ unit, kept, memory, locked }: Scene): Pick<Operations, ChainMethods> {
  return {
    async orderEvents(orderId) {
      if (kept.events.some((event) => event.orderId === orderId)) await kept.write()
      return unit.orderEvents(orderId)
    },
    async reassignments(orderIds) {
      if (orderIds.some((id) => memory.known('reassignments', [id]) === undefined)) {
        await kept.write()
        // asked of one, read of all that are to be escalated
        const ids = new Set([...orderIds, ...locked.map(({ id }) => id)])
        const found = await unit.reassignments([...ids])
        for (const id of ids) memory.know('reassignments', [id], new Map([[id, found.get(id) ?? []]]))
      }
      const known = await Promise.all(orderIds.map((id) => memory.known('reassignments', [id])))
      return new Map(known.flatMap((one) => [...(one ?? [])]))
    },
    chainHead: (orderId) => memory.once('chainHead', [orderId], unit.chainHead),
    async insertChainedEvent(...events) {
      for (const event of events) {
        memory.know('chainHead', [event.orderId], event)
        const { orderId, type } = event
        const before =
          type === 'reassigned' ? (await memory.known('reassignments', [orderId]))?.get(orderId) : undefined
        if (before) memory.know('reassignments', [orderId], new Map([[orderId, [...before, event]]]))
      }
      kept.events.push(...events)
    },
  }
}

interface Loads {
  readonly of: Operations['openOrdersOf']
  assigned(orderId: string, teamId: string | null): void
  forget(): void
}

/** How many open orders teams have: counted once, then kept count of, so that each order of many goes to whoever has fewest by then. */
function createLoads(unit: Operations, kept: Kept, orders: readonly WorkOrder[]): Loads {
  const loads = new Map<string, number>()
  const teams = new Map(orders.map(({ id, teamId }) => [id, teamId]))
  const add = (teamId: string | null | undefined, by: number) => {
    const load = loads.get(teamId ?? '')
    if (teamId != null && load !== undefined) loads.set(teamId, load + by)
  }
  return {
    async of(teamIds) {
      const unknown = teamIds.filter((id) => !loads.has(id))
      if (unknown.length > 0) await kept.writeOrders()
      const counted = unknown.length === 0 ? new Map<string, number>() : await unit.openOrdersOf(unknown)
      for (const id of unknown) loads.set(id, counted.get(id) ?? 0)
      const known = teamIds.map((id) => [id, Math.min(loads.get(id) ?? 0, loadCounted)] as const)
      return new Map(known.filter(([, orders]) => orders > 0))
    },
    assigned(orderId, teamId) {
      add(teams.get(orderId), -1)
      teams.set(orderId, teamId)
      add(teamId, 1)
    },
    forget: () => loads.clear(),
  }
}
