import { randomUUID } from 'node:crypto'
import { createAnalyticsHost } from '../analytics/host.ts'
import { releaseSuppressed } from '../analytics/release.ts'
import { secondMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { silentLog } from '../core/log.ts'
import type { TeamType } from '../core/people.ts'
import type { Values } from '../core/reading.ts'
import { kinds } from '../devices/index.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openChannel } from '../workorders/channels/index.ts'
import { chooseCrew } from '../workorders/crews/dispatch.ts'
import { recordEvent } from '../workorders/evidence/chain.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import { upgradeOrder } from '../workorders/life/open.ts'
import { notify } from '../workorders/notices/notify.ts'
import { createOrderLinks } from '../workorders/notices/order-link.ts'
import { createOutbox } from '../workorders/notices/outbox.ts'
import { createDeadlineAudit } from '../workorders/plans/audit-deadlines.ts'
import { createDeadlineWorker } from '../workorders/plans/deadlines.ts'
import { createEscalate } from '../workorders/plans/escalate.ts'
import { testTeam } from './fixtures/people.ts'
import { testDevice } from './fixtures/rows.ts'
import type { startReceiver } from './webhook-receiver.ts'

/** Ticks of the journal come as often. */
const tickMs = 5 * secondMs
const teamTypes: Readonly<Record<string, TeamType>> = {
  ...{ duty: 'duty-room', 'crew-1': 'crew', 'crew-2': 'crew', boss: 'supervisor' },
}

/** A duty room, two crews and a supervisor, each behind a webhook of the receiver; once for a database. */
export async function employ(operations: OperationsStore, receiver: Awaited<ReturnType<typeof startReceiver>>) {
  for (const [id, type] of Object.entries(teamTypes)) {
    const channel = { id, type: 'webhook', name: id, settings: receiver.settingsFor(id), enabled: true } as const
    await operations.insertChannel({ ...channel, createdAt: 0 })
    await operations.insertTeam(testTeam(id, { type, addresses: [{ channelId: id, address: null }] }))
  }
}

/**
 * The detectors, incidents, orders, deadlines and the outbox as the service wires them, in one process and under a clock that only
 * `pass` moves. What is in memory is a process: `restart` ends it, with nothing said, and begins the next one.
 */
export function createCity(operations: OperationsStore, startAt: number) {
  const journalId = randomUUID()
  const prefix = randomUUID().slice(0, 6)
  let now = startAt
  let position = 0
  let host = createAnalyticsHost({ kinds, log: silentLog })
  const devices = new Map<string, ReturnType<typeof testDevice>>()
  const snapshot = new Map<string, string>()
  const clock = () => now
  const workOrders = createWorkOrders({ operations, clock, afterChange: settleAndTell })

  const idOf = (name: string) => `${prefix}-${name}`
  const entryNow = () => ({ position: ++position, receivedAt: now })

  async function record(events: readonly EpisodeEvent[]): Promise<void> {
    if (events.length > 0) await recordWithOrders(operations, events, journalId, now)
  }

  async function addElevators(names: readonly string[], gateway = 'gw'): Promise<void> {
    const gatewayId = idOf(gateway)
    if ((await operations.gateway(gatewayId)) === undefined) {
      await operations.insertGateway({ id: gatewayId, name: null, autoRegister: null, createdAt: 0, revokedAt: null })
    }
    for (const name of names) {
      const device = testDevice({ id: idOf(name), gatewayId })
      devices.set(device.id, device)
      await operations.insertDevice(device)
    }
  }

  /** Its gateway sends what the elevator measured `agoMs` before. */
  async function say(name: string, values: Values, agoMs = 0): Promise<void> {
    const device = devices.get(idOf(name))
    if (device === undefined) throw new Error(`there is no elevator ${name}`)
    const reading = { deviceId: device.id, kind: device.kind, at: now - agoMs, receivedAt: now, values }
    await record(host.message(device, [reading], entryNow()))
  }

  /** Time goes by, with a tick every 5 s; `meanwhile` is called after each. */
  async function pass(ms: number, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const end = now + ms
    while (now < end) {
      now = Math.min(now + tickMs, end)
      await record(host.tick(entryNow()))
      await meanwhile()
    }
  }

  function restart(downMs = 0): void {
    for (const [key, text] of host.takeChanges()) snapshot.set(key, text)
    now += downMs
    host = createAnalyticsHost({ kinds, log: silentLog })
    host.restore(snapshot, (id) => devices.get(id))
    host.start(entryNow())
  }

  return {
    ...{ idOf, addElevators, say, pass, restart, record, workOrders, clock },
    /** With none of the memory of the one before. */
    outbox: () =>
      createOutbox({
        operations,
        openChannel: (channel) => openChannel(channel, { publish: async () => {} }),
        links: createOrderLinks({ key: Buffer.alloc(32, 1), publicUrl: 'https://liftwatt.example' }),
        recordEvent,
        clock,
        log: silentLog,
      }),
    deadlines: () =>
      createDeadlineWorker({
        operations,
        escalate: createEscalate({ notify, chooseCrew, recordEvent }),
        clock,
        log: silentLog,
      }),
    audit: () => createDeadlineAudit({ operations, clock, log: silentLog }),
    release: () =>
      releaseSuppressed({
        operations,
        now,
        onReleased: (unit, incident) => upgradeOrder(unit, incident, now, now),
      }),
    /** Oldest first, of these elevators and gateways alone. */
    async incidents(finding?: string) {
      const { items } = await operations.incidents({ limit: 1_000, ...(finding !== undefined && { finding }) })
      return items.filter(({ scope }) => scope.id.startsWith(prefix)).reverse()
    },
    async orders(name: string) {
      return (await operations.orders({ deviceId: idOf(name), limit: 10 })).items
    },
    async theOrder(name: string) {
      const [order, ...others] = (await operations.orders({ deviceId: idOf(name), limit: 10 })).items
      if (order === undefined || others.length > 0) throw new Error(`${name} has ${others.length + 1} orders, or none`)
      return order
    },
    async escalations(orderId: string) {
      const events = await operations.orderEvents(orderId)
      return events.filter(({ type }) => type === 'escalated').map(({ data }) => data.step)
    },
  }
}
