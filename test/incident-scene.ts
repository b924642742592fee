import { randomUUID } from 'node:crypto'
import type { IncidentOutcome } from '../analytics/incidents.ts'
import { recordEpisode } from '../analytics/incidents.ts'
import { type OnReleased, releaseSuppressed } from '../analytics/release.ts'
import { minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import type { Incident } from '../core/incident.ts'
import { orderTypeOf } from '../core/severity.ts'
import type { SiteType } from '../core/site.ts'
import type { Operations, OperationsStore } from '../stores/operations/port.ts'
import { testDevice, testOrder } from './fixtures/rows.ts'

export const sceneStart = Date.UTC(2026, 10, 24, 8)

/** When, in seconds after `sceneStart`; what the event says of itself otherwise. */
type Told = Partial<EpisodeEvent> & { seconds: number }

/** A district, its devices and what becomes of them, with orders as short as they can be. */
export function incidentScene(operations: OperationsStore) {
  const journalId = randomUUID()
  const prefix = randomUUID().slice(0, 6)
  /** The tests of one file share a database: each scene has ids of its own. */
  const idOf = (name: string) => `${prefix}-${name}`
  let position = 0

  async function addSites(...rows: readonly [type: SiteType, name: string, parent: string | null][]) {
    await operations.saveSites(
      rows.map(([type, name, parent]) => ({
        ...{ id: idOf(name), type, name, parentId: parent === null ? null : idOf(parent) },
        ...{ use: null, address: null, entrance: null, emergencyPlan: null, contacts: [] },
        ...{ latitude: null, longitude: null, createdAt: 0 },
      })),
    )
  }

  async function addDevices(
    names: readonly string[],
    where: { gateway?: string; feeder?: string; site?: string; kind?: string } = {},
  ) {
    const gatewayId = idOf(where.gateway ?? 'gw')
    const gateway = { id: gatewayId, name: null, autoRegister: null, createdAt: 0, revokedAt: null }
    if ((await operations.gateway(gatewayId)) === undefined) await operations.insertGateway(gateway)
    await operations.insertDevicesIfAbsent(
      names.map((name) =>
        testDevice({
          id: idOf(name),
          gatewayId,
          kind: where.kind ?? 'electricity-meter',
          siteId: where.site === undefined ? null : idOf(where.site),
          feederId: where.feeder === undefined ? null : idOf(where.feeder),
        }),
      ),
    )
  }

  const event = (
    change: EpisodeEvent['change'],
    scope: EpisodeEvent['scope'],
    finding: string,
    { seconds, ...given }: Told,
  ): EpisodeEvent => {
    const at = sceneStart + seconds * secondMs
    position += 1
    return {
      ...{ change, scope, finding, severity: 'urgent', summary: `It is ${finding}`, evidence: {}, position },
      ruleVersion: 0,
      ...{ deviceId: scope.type === 'device' ? scope.id : null },
      ...{ occurredAt: at, at, receivedAt: at, detectedAt: at },
      ...given,
    }
  }
  const device = (change: EpisodeEvent['change'], name: string, finding: string, told: Told) =>
    event(change, { type: 'device', id: idOf(name) }, finding, told)
  const gateway = (change: EpisodeEvent['change'], name: string, told: Told) =>
    event(change, { type: 'gateway', id: idOf(name) }, 'gateway/silent', told)

  async function openOrder(unit: Operations, incident: Incident, now: number): Promise<string | undefined> {
    if (incident.suppressed !== null || incident.state !== 'open' || orderTypeOf(incident.severity) === null) return
    const { id: incidentId, deviceId, finding, severity, summary } = incident
    const order = testOrder({ incidentId, deviceId, finding, severity, summary, detectedAt: now, raisedAt: now })
    return (await unit.insertOrder(order)) ? order.id : undefined
  }

  async function merge(unit: Operations, absorbed: readonly Incident[], now: number) {
    for (const { orderId } of absorbed) {
      const merged = await unit.updateOrder(orderId ?? '', 'raised', { state: 'cancelled', cancelledAt: now })
      if (!merged) throw new Error('an order was taken over though somebody had answered it')
    }
  }

  /** As the data thread does it: incident, orders and what is merged in one transaction. */
  const record = (happened: EpisodeEvent): Promise<IncidentOutcome | undefined> =>
    operations.transaction(async (unit) => {
      const now = happened.detectedAt + 100
      const outcome = await recordEpisode(unit, happened, journalId, now)
      if (outcome === undefined) return undefined
      if (outcome.opened) await openOrder(unit, outcome.incident, now)
      if (outcome.upgraded) await openOrder(unit, outcome.incident, now)
      if (outcome.group?.opened) await openOrder(unit, outcome.group.incident, now)
      await merge(unit, outcome.absorbed, now)
      return outcome
    })

  const onReleased: OnReleased = async (unit, incident, absorbed) => {
    await openOrder(unit, incident, incident.detectedAt)
    await merge(unit, absorbed, incident.detectedAt)
  }
  const pass = (minutes: number) => releaseSuppressed({ operations, now: sceneStart + minutes * minuteMs, onReleased })

  async function setOrder(incidentId: string, ...states: ('accepted' | 'arrived' | 'restored' | 'closed')[]) {
    const at = sceneStart + minuteMs
    for (const state of states) {
      const order = await operations.orderOfIncident(incidentId)
      if (order === undefined) throw new Error('it has no order')
      const times = state === 'accepted' ? { acknowledgedAt: at, acceptedAt: at } : { [`${state}At`]: at }
      const closing = state === 'closed' && order.state !== 'restored' && { outcome: 'false-alarm' as const }
      await operations.updateOrder(order.id, order.state, { state, ...times, ...closing })
    }
  }

  /** Oldest first, of this scene alone. */
  async function incidents(filter: { parentId?: string; finding?: string } = {}): Promise<Incident[]> {
    const { items } = await operations.incidents({ limit: 10_000, ...filter })
    return items.filter(({ scope }) => scope.id.startsWith(prefix)).reverse()
  }
  /** What people are sent for: the running orders' scopes and findings. */
  async function running(): Promise<string[]> {
    const found: string[] = []
    for (const { scope, finding, orderId } of await incidents()) {
      const order = orderId === null ? undefined : await operations.order(orderId)
      if (order === undefined || order.state === 'closed' || order.state === 'cancelled') continue
      found.push(`${scope.id.slice(prefix.length + 1)} ${finding}`)
    }
    return found.sort()
  }

  return { idOf, addSites, addDevices, device, gateway, record, pass, setOrder, incidents, running }
}
