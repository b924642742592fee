import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeChange, EpisodeEvent } from '../core/episode.ts'
import { ExpectedError } from '../core/errors.ts'
import type { ScopeType } from '../core/scope.ts'
import type { Severity } from '../core/severity.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { incidentScene, sceneStart } from '../test/incident-scene.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createWorkOrders } from '../workorders/life/act.ts'

const isLong = process.env.LIFTWATT_TEST_LONG === '1'

let database: TestDatabase
let operations: OperationsStore
beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())

const elevators = Array.from({ length: 12 }, (_, index) => `elevator-${index}`)
const rooms = Array.from({ length: 4 }, (_, index) => `room-${index}`)
const upperRooms = ['upper-0', 'upper-1', 'upper-2']
const otherRooms = ['other-0', 'other-1', 'other-2', 'other-3']

/**
 * The same small place again, under other ids: an estate of two buildings. One has twelve elevators behind one gateway, and two feeders with
 * four rooms and three; the other has four rooms without a feeder.
 */
async function newPlace() {
  const scene = incidentScene(operations)
  const journalId = randomUUID()
  await scene.addSites(['estate', 'estate', null], ['building', 'building', 'estate'], ['building', 'other', 'estate'])
  await scene.addDevices(elevators, { gateway: 'lifts', site: 'building', kind: 'elevator' })
  await scene.addDevices(rooms, { gateway: 'meters', site: 'building', feeder: 'feeder' })
  await scene.addDevices(upperRooms, { gateway: 'meters', site: 'building', feeder: 'upper-feeder' })
  await scene.addDevices(otherRooms, { gateway: 'other-meters', site: 'other' })
  const mine = (id: string) => id.slice(scene.idOf('').length)

  async function record(events: readonly EpisodeEvent[], now = (events.at(-1)?.detectedAt ?? sceneStart) + 100) {
    const placed = events.map((event) => {
      const id = scene.idOf(event.scope.id)
      return { ...event, scope: { ...event.scope, id }, ...(event.deviceId !== null && { deviceId: id }) }
    })
    await recordWithOrders(operations, placed, journalId, now)
  }

  async function begin({ begun: type, scope: [scopeType, name], finding }: Begun, now: number): Promise<void> {
    await operations.insertSuppression({
      ...{ id: randomUUID(), type, scope: { type: scopeType, id: scene.idOf(name) }, finding, reason: 'A test' },
      ...{ startsAt: now, endsAt: now + 5 * minuteMs, createdAt: now, createdBy: 'duty' },
      ...{ endedAt: null, endedBy: null, key: null, endedKey: null },
    })
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

  return { ...scene, record, begin, story }
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

/** What a device or a gateway tells, `gap` seconds after what came before it. */
const anyTold = fc.record({
  told: fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...elevators), fc.constant('elevator/motor-over-temperature')) },
    {
      weight: 5,
      arbitrary: fc.tuple(
        fc.constantFrom(...elevators.slice(0, 4)),
        fc.constantFrom(
          ...['elevator/alarm-button', 'elevator/entrapment', 'elevator/door-fault', 'elevator/service-mode'],
          ...['elevator/mains-lost', 'elevator/silent', 'elevator/out-of-service'],
        ),
      ),
    },
    {
      weight: 5,
      arbitrary: fc.tuple(
        fc.constantFrom(...rooms, ...upperRooms, ...otherRooms),
        fc.constantFrom('electricity-meter/outage', 'electricity-meter/outage', 'electricity-meter/under-voltage'),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('lifts', 'lifts', 'meters', 'other-meters'), fc.constant('gateway/silent')),
    },
  ),
  gap: fc.constantFrom(0, 1, 1, 5, 5, 20, 100),
  change: fc.constantFrom<EpisodeChange>('opened', 'opened', 'opened', 'opened', 'cleared', 'repeated', 'upgraded'),
  severity: fc.constantFrom<Severity>('info', 'warning', 'urgent', 'urgent', 'urgent', 'critical'),
})

type Told = typeof anyTold extends fc.Arbitrary<infer One> ? One : never

/** The same of many, one after the other: enough for a storm or an outage, or one too few. */
const anyFlood = fc
  .record({
    of: fc.constantFrom(
      ...elevators.map(() => ({ names: elevators, finding: 'elevator/motor-over-temperature', atLeast: 10 })),
      { names: elevators, finding: 'elevator/mains-lost', atLeast: 10 },
      { names: [...rooms, ...upperRooms], finding: 'electricity-meter/outage', atLeast: 6 },
      { names: rooms, finding: 'electricity-meter/outage', atLeast: 3 },
      { names: otherRooms, finding: 'electricity-meter/outage', atLeast: 3 },
    ),
    first: fc.nat({ max: 11 }),
    more: fc.integer({ min: -1, max: 2 }),
    gap: fc.constantFrom(0, 1, 5),
  })
  .map(({ of: { names, finding, atLeast }, first, more, gap }): Told[] =>
    [...names.slice(first % names.length), ...names]
      .slice(0, Math.min(names.length, atLeast + more))
      .map((name) => ({ told: [name, finding], gap, change: 'opened', severity: 'urgent' })),
  )

/** Not too many in one. */
const manyTold = fc
  .array(fc.oneof({ weight: 3, arbitrary: anyTold.map((one) => [one]) }, anyFlood), { minLength: 2, maxLength: 8 })
  .map((parts) => parts.flat())

/** What people do, or time. */
const anyDone = fc.oneof(
  fc.record({
    did: fc.constantFrom('acknowledge', 'accept', 'arrive', 'restore', 'cancel'),
    which: fc.nat({ max: 20 }),
  } as const),
  fc.record({
    begun: fc.constantFrom('maintenance', 'planned-work', 'shelf'),
    scope: fc.constantFrom<[ScopeType, string]>(
      ...[['gateway', 'lifts'] as [ScopeType, string], ['building', 'building'] as [ScopeType, string]],
      ...[['feeder', 'feeder'] as [ScopeType, string], ['device', 'elevator-1'] as [ScopeType, string]],
    ),
    finding: fc.option(fc.constant('elevator/motor-over-temperature')),
  } as const),
  fc.record({ passedMinutes: fc.constantFrom(1, 3, 12) }),
)

type Done = typeof anyDone extends fc.Arbitrary<infer One> ? One : never
type Begun = Extract<Done, { begun: unknown }>

function eventsAfter(seconds: number, told: readonly Told[]): EpisodeEvent[] {
  let at = seconds
  return told.map(({ told: [name, finding], gap, change, severity }) => {
    at += gap
    return event(at, name, finding, { change, severity })
  })
}

type Step = { readonly seconds: number } & ({ readonly event: EpisodeEvent } | { readonly done: Done })

function inOrder(steps: readonly (Told | Done)[]): Step[] {
  let seconds = 0
  return steps.map((step) => {
    if ('told' in step) {
      const [told] = eventsAfter(seconds, [step])
      if (told === undefined) throw new Error('nothing was told')
      seconds += step.gap
      return { seconds, event: told }
    }
    seconds += 'passedMinutes' in step ? step.passedMinutes * 60 : 1
    return { seconds, done: step }
  })
}

type TestPlace = Awaited<ReturnType<typeof newPlace>>

async function live(place: TestPlace, step: Step): Promise<void> {
  if ('event' in step) return place.record([step.event])
  const now = sceneStart + step.seconds * secondMs
  const { done } = step
  if ('passedMinutes' in done) return void (await operations.clearQuietIncidents(now))
  if ('begun' in done) return place.begin(done, now)
  const withOrders = (await place.incidents()).filter(({ orderId }) => orderId !== null)
  const { orderId } = withOrders[done.which % Math.max(1, withOrders.length)] ?? {}
  if (orderId == null) return
  const workOrders = createWorkOrders({ operations, clock: () => now, afterChange: settleAndTell })
  const request = { orderId, action: done.did, actor: 'duty', technicianId: 'li', reason: 'A test', note: 'A test' }
  await workOrders.act(request).catch((cause: unknown) => {
    if (!(cause instanceof ExpectedError)) throw cause
  })
}

/** Whether the same events become the same in each of these ways: `together` are the sizes of the batches, the last one again and again. */
async function alike(events: readonly EpisodeEvent[], ...ways: readonly (readonly number[])[]): Promise<void> {
  const single = await newPlace()
  for (const one of events) await single.record([one])
  const story = await single.story()
  for (const together of ways) {
    const many = await newPlace()
    for (const batch of inBatches(events, together)) await many.record(batch)
    expect(await many.story(), `in batches of ${together.join(', ')}`).toEqual(story)
  }
}

function inBatches(events: readonly EpisodeEvent[], [size = events.length, ...next]: readonly number[]) {
  const rest: readonly EpisodeEvent[][] =
    events.length > size ? inBatches(events.slice(size), next.length > 0 ? next : [size]) : []
  return [events.slice(0, size), ...rest]
}

test('whatever happened before, what comes in one transaction becomes what it does in one of its own each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 4, arbitrary: anyTold }, anyDone), { maxLength: 12 }),
      manyTold,
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }),
      async (before, told, together) => {
        const [single, many] = [await newPlace(), await newPlace()]
        const history = inOrder(before)
        for (const place of [single, many]) for (const step of history) await live(place, step)
        const events = eventsAfter(history.at(-1)?.seconds ?? 0, told)
        const now = (events.at(-1)?.detectedAt ?? 0) + 100
        for (const one of events) await single.record([one], now)
        for (const batch of inBatches(events, together)) await many.record(batch, now)
        expect(await many.story()).toEqual(await single.story())
      },
    ),
    isLong ? { numRuns: 200 } : { numRuns: 2, seed: 5 },
  )
}, 1_200_000)

const hotMotors = elevators.map((name, index) => event(300 + index, name, 'elevator/motor-over-temperature'))

test('a storm takes all of its devices, however they come together, when their gateway has just come back', async () => {
  const back = [event(0, 'lifts', 'gateway/silent'), event(299, 'lifts', 'gateway/silent', { change: 'cleared' })]
  await alike([...back, ...hotMotors], [14], [11, 3], [2, 5, 7])
})

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
