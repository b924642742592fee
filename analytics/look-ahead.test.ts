import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeChange, EpisodeEvent } from '../core/episode.ts'
import type { Severity } from '../core/severity.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { incidentScene, sceneStart } from '../test/incident-scene.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createWorkOrders } from '../workorders/act.ts'

let database: TestDatabase
let operations: OperationsStore
beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())

const elevators = Array.from({ length: 12 }, (_, index) => `elevator-${index}`)
const rooms = Array.from({ length: 4 }, (_, index) => `room-${index}`)

/** The same small place again, under other ids: twelve elevators behind one gateway, four rooms on one feeder, one building. */
async function newPlace() {
  const scene = incidentScene(operations)
  const journalId = randomUUID()
  await scene.addSites(['estate', 'estate', null], ['building', 'building', 'estate'])
  await scene.addDevices(elevators, { gateway: 'lifts', site: 'building', kind: 'elevator' })
  await scene.addDevices(rooms, { gateway: 'meters', site: 'building', feeder: 'feeder' })
  const mine = (id: string) => id.slice(scene.idOf('').length)

  async function record(events: readonly EpisodeEvent[]): Promise<void> {
    const placed = events.map((event) => {
      const id = scene.idOf(event.scope.id)
      return { ...event, scope: { ...event.scope, id }, ...(event.deviceId !== null && { deviceId: id }) }
    })
    await recordWithOrders(operations, placed, journalId, (placed.at(-1)?.detectedAt ?? sceneStart) + 100)
  }

  /** All that has become of it, without the ids that differ from one place to the next. */
  async function story() {
    const incidents = await scene.incidents()
    const nameOf = new Map(
      incidents.map(({ id, scope, finding, occurredAt }) => [id, `${mine(scope.id)} ${finding} ${occurredAt}`]),
    )
    const told = incidents.map(async ({ id, state, severity, count, parentId, suppressed, orderId, clearedAt }) => {
      const order = orderId === null ? undefined : await operations.order(orderId)
      const into = order?.mergedIntoId == null ? undefined : await operations.order(order.mergedIntoId)
      const events = orderId === null ? [] : await operations.orderEvents(orderId)
      return {
        what: nameOf.get(id),
        ...{ state, severity, count, clearedAt, parent: nameOf.get(parentId ?? ''), suppressed: suppressed?.by },
        order: order && { state: order.state, severity: order.severity, type: order.type, arriveBy: order.arriveBy },
        events: events.map(({ type }) => type),
        mergedInto: into && nameOf.get(into.incidentId),
      }
    })
    return (await Promise.all(told)).sort((one, other) => ((one.what ?? '') < (other.what ?? '') ? -1 : 1))
  }

  return { ...scene, record, story }
}

let position = 0

function event(seconds: number, name: string, finding: string, given: Partial<EpisodeEvent> = {}): EpisodeEvent {
  const at = sceneStart + seconds * secondMs
  const isGateway = finding === 'gateway/silent'
  position += 1
  return {
    ...{ change: 'opened', scope: { type: isGateway ? 'gateway' : 'device', id: name }, finding, position },
    ...{ deviceId: isGateway ? null : name, severity: 'urgent', summary: `It is ${finding}`, evidence: {} },
    ...{ occurredAt: at, at, receivedAt: at, detectedAt: at, ruleVersion: 0, ...given },
  }
}

/** In [0, 1), the same for the same seed. Park and Miller, "Random number generators", CACM 31 (1988), 1192–1201 */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const ofElevators = ['alarm-button', 'entrapment', 'door-fault', 'motor-over-temperature', 'mains-lost', 'silent']

/** What happens at one place within some minutes: faults of few kinds that come, go, get worse and explain each other. */
function anyEvents(random: () => number, count: number): EpisodeEvent[] {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  return Array.from({ length: count }, (_, index) => {
    const seconds = index * 7
    const change = one<EpisodeChange>(['opened', 'opened', 'opened', 'cleared', 'repeated', 'upgraded'])
    const severity = one<Severity>(['info', 'warning', 'urgent', 'urgent', 'critical'])
    const kind = random()
    if (kind < 0.08) return event(seconds, one(['lifts', 'meters']), 'gateway/silent', { change, severity })
    if (kind < 0.3) return event(seconds, one(rooms), 'electricity-meter/outage', { change, severity })
    const finding = kind < 0.6 ? 'elevator/motor-over-temperature' : `elevator/${one(ofElevators)}`
    return event(seconds, one(elevators), finding, { change, severity })
  })
}

async function alike(events: readonly EpisodeEvent[], together: number): Promise<void> {
  const [single, many] = [await newPlace(), await newPlace()]
  for (const one of events) await single.record([one])
  for (let first = 0; first < events.length; first += together) await many.record(events.slice(first, first + together))
  expect(await many.story()).toEqual(await single.story())
}

test.each([11, 12])(
  'whatever happens together in one transaction becomes what it does in one of its own each (dice %i)',
  async (seed) => {
    const random = dice(seed)
    await alike(anyEvents(random, 40), 8 + Math.floor(random() * 25))
  },
)

test('the tenth hot motor of a gateway makes a storm, though all of them come in one transaction', async () => {
  const place = await newPlace()
  await place.record(elevators.map((name, index) => event(index, name, 'elevator/motor-over-temperature')))
  const suppressed = (await place.incidents()).filter((incident) => incident.suppressed?.by === 'storm')
  expect(suppressed).toHaveLength(elevators.length)
  expect(await place.running()).toEqual(['lifts elevator/motor-over-temperature'])
})

test('nine do not, also when they come as three and as six', async () => {
  const place = await newPlace()
  const hot = elevators.slice(0, 9).map((name, index) => event(index, name, 'elevator/motor-over-temperature'))
  await place.record(hot.slice(0, 3))
  await place.record(hot.slice(3))
  expect(await place.running()).toHaveLength(9)
})

test('what was known before explains all that come together: a silent gateway, a running storm, planned work', async () => {
  const place = await newPlace()
  await place.record([event(0, 'lifts', 'gateway/silent')])
  await place.record(elevators.slice(0, 3).map((name) => event(60, name, 'elevator/silent')))
  await place.record(elevators.slice(0, 10).map((name) => event(70, name, 'elevator/motor-over-temperature')))
  await place.record(elevators.slice(10).map((name) => event(80, name, 'elevator/motor-over-temperature')))
  const suppressed = {
    id: randomUUID(),
    type: 'planned-work',
    scope: { type: 'building', id: place.idOf('building') },
  } as const
  const when = { startsAt: sceneStart, endsAt: sceneStart + minuteMs * 60, createdAt: sceneStart, createdBy: 'duty' }
  await operations.insertSuppression({
    ...{ ...suppressed, ...when, finding: 'elevator/door-fault', reason: 'New doors' },
    ...{ endedAt: null, endedBy: null, key: null, endedKey: null },
  })
  await place.record(elevators.slice(0, 3).map((name) => event(90, name, 'elevator/door-fault')))
  expect(await place.running()).toEqual(['lifts elevator/motor-over-temperature', 'lifts gateway/silent'])
  const by = (await place.incidents()).flatMap((incident) => incident.suppressed?.by ?? [])
  expect(by.sort()).toEqual([
    ...Array(3).fill('inhibition'),
    ...Array(3).fill('planned-work'),
    ...Array(12).fill('storm'),
  ])
})

test('a cause that comes back explains what comes after it in the same transaction', async () => {
  const place = await newPlace()
  await place.record([event(0, 'lifts', 'gateway/silent')])
  await place.record([event(60, 'lifts', 'gateway/silent', { change: 'cleared' })])
  await operations.clearQuietIncidents(sceneStart + 10 * minuteMs)
  await place.record([event(900, 'lifts', 'gateway/silent'), event(901, 'elevator-0', 'elevator/silent')])
  expect(await place.incidents()).toMatchObject([
    { finding: 'gateway/silent', state: 'open', count: 2 },
    { finding: 'elevator/silent', suppressed: { by: 'inhibition' } },
  ])
})

test('so does one that comes back within its hold-off and sends nobody itself, for it was planned', async () => {
  const place = await newPlace()
  await operations.insertSuppression({
    ...{ id: randomUUID(), type: 'planned-work', scope: { type: 'gateway', id: place.idOf('lifts') } },
    ...{ finding: 'gateway/silent', reason: 'New modem', startsAt: sceneStart, endsAt: sceneStart + 70 * secondMs },
    ...{ createdAt: sceneStart, createdBy: 'duty', endedAt: null, endedBy: null, key: null, endedKey: null },
  })
  await place.record([event(0, 'lifts', 'gateway/silent')])
  await place.record([event(60, 'lifts', 'gateway/silent', { change: 'cleared' })])
  await operations.clearQuietIncidents(sceneStart + 10 * minuteMs)
  await place.record([event(100, 'lifts', 'gateway/silent'), event(101, 'elevator-0', 'elevator/silent')])
  expect(await place.incidents()).toMatchObject([
    { finding: 'gateway/silent', state: 'suppressed', count: 2 },
    { finding: 'elevator/silent', suppressed: { by: 'inhibition' } },
  ])
})

test('what is found once more after its order was closed is new, and what is told again from the journal is not', async () => {
  const place = await newPlace()
  const names = elevators.slice(0, 3)
  const events = names.map((name) => event(0, name, 'elevator/motor-over-temperature'))
  await place.record(events)
  const workOrders = createWorkOrders({ operations, clock: () => sceneStart + minuteMs, afterChange: settleAndTell })
  for (const { orderId } of await place.incidents()) {
    await workOrders.act({ orderId: orderId ?? '', action: 'cancel', actor: 'duty', reason: 'A test' })
  }
  await place.record(names.map((name) => event(60, name, 'elevator/motor-over-temperature', { change: 'cleared' })))
  await operations.clearQuietIncidents(sceneStart + 10 * minuteMs)
  await place.record(events)
  expect(await place.running()).toEqual([])

  const again = names.map((name) => event(900, name, 'elevator/motor-over-temperature'))
  await place.record(again)
  await place.record(again)
  expect(await place.running()).toHaveLength(names.length)
  expect(await place.incidents()).toHaveLength(2 * names.length)
})
