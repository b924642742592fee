import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import type { EpisodeEvent } from '../../core/episode.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { silentLog } from '../../core/log.ts'
import { recordWithOrders } from '../../response.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import type { Operations, OperationsStore } from '../../stores/operations/port.ts'
import { testMember, testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { incidentScene } from '../../test/incident-scene.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { chooseCrew } from '../crews/dispatch.ts'
import { recordEvent } from '../evidence/chain.ts'
import { verifyAll } from '../evidence/verify.ts'
import { notify } from '../notices/notify.ts'
import { armDeadlines, createDeadlineWorker } from '../plans/deadlines.ts'
import { createEscalate } from '../plans/escalate.ts'
import { gathering } from './gather.ts'
import { readAhead } from './gather-memory.ts'
import { peopleIn } from './gather-people.ts'

const detectedAt = Date.UTC(2026, 10, 24, 8)
const crews = ['crew-1', 'crew-2', 'crew-3', 'crew-4']

let database: TestDatabase
let operations: OperationsStore
beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  const scene = incidentScene(operations)
  await operations.insertChannel({ id: 'ch', type: 'webhook', name: 'ch', settings: {}, enabled: true, createdAt: 0 })
  const addresses = [{ channelId: 'ch', address: null }]
  for (const id of crews) await operations.insertTeam(testTeam(id, { addresses }))
  await operations.insertTeam(testTeam('duty', { type: 'duty-room', addresses }))
  for (const teamId of [...crews, 'duty']) await operations.insertMember(testMember(`wang-${teamId}`, teamId))
  await scene.addSites(['district', 'd', null], ['building', 'b', 'd'])
})
afterAll(() => database.remove())

let elevators = 0

/** As many elevators, each behind a gateway of its own unless one is named, with a motor that is too hot. */
async function hotMotors(count: number, shared?: string): Promise<EpisodeEvent[]> {
  const events: EpisodeEvent[] = []
  for (let position = 1; position <= count; position++) {
    elevators += 1
    const deviceId = `elv-${elevators}`
    const gatewayId = shared ?? `gw-${elevators}`
    if ((await operations.gateway(gatewayId)) === undefined) {
      await operations.insertGateway({ id: gatewayId, name: null, autoRegister: null, createdAt: 0, revokedAt: null })
    }
    await operations.insertDevice(testDevice({ id: deviceId, gatewayId }))
    events.push({
      ...{ change: 'opened', scope: { type: 'device', id: deviceId }, deviceId, position },
      ...{ finding: 'elevator/motor-over-temperature', severity: 'urgent', summary: 'It is hot', evidence: {} },
      ...{ occurredAt: detectedAt, at: detectedAt, receivedAt: detectedAt, detectedAt, ruleVersion: 0 },
    })
  }
  return events
}

/** All that one order brings with it, without ids, and without which crew was the least busy. */
async function storyOf({ deviceId }: EpisodeEvent) {
  const [order] = (await operations.orders({ deviceId: deviceId ?? '', limit: 2 })).items
  if (order === undefined) throw new Error(`there is no order for ${deviceId}`)
  const events = await operations.orderEvents(order.id)
  const notices = (await operations.notices({ orderId: order.id, limit: 100 })).items
  return {
    events: events.map(({ type, at, data }) => ({ type, at, step: data.step })),
    deadlines: (await operations.deadlinesOf(order.id)).map(({ step, state, dueAt }) => ({
      id: step.id,
      state,
      dueAt,
    })),
    notices: notices.map(({ reason, recipient }) => `${reason} ${recipient.party}`).sort(),
    isOfIncident: (await operations.incident(order.incidentId))?.orderId === order.id,
  }
}

function teamsOf(orders: readonly (WorkOrder | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const order of orders) counts.set(order?.teamId ?? 'nobody', (counts.get(order?.teamId ?? 'nobody') ?? 0) + 1)
  return counts
}

/** The same database, with every call noted, also those within transactions. */
function counting(inner: Operations, calls: Map<string, number>): Operations {
  const methods = Object.entries(inner).map(([name, method]) => [
    name,
    (...given: unknown[]) => {
      calls.set(name, (calls.get(name) ?? 0) + 1)
      return method(...given)
    },
  ])
  const transaction: Operations['transaction'] = (work) => inner.transaction((unit) => work(counting(unit, calls)))
  return { ...(Object.fromEntries(methods) as Operations), transaction }
}

const total = (calls: ReadonlyMap<string, number>) => [...calls.values()].reduce((sum, count) => sum + count, 0)

test('many events in one transaction do what each of them does in one of its own, and every chain is whole', async () => {
  const journalId = randomUUID()
  const [alone, ...together] = await hotMotors(9)
  if (alone === undefined) throw new Error('no event')
  await recordWithOrders(operations, [alone], journalId, detectedAt + 50)
  const fresh = await recordWithOrders(operations, together, journalId, detectedAt + 50)
  expect(fresh).toEqual(together)
  const expected = await storyOf(alone)
  expect(expected.events.map(({ type }) => type)).toEqual(['raised'])
  expect(expected.deadlines.length).toBeGreaterThan(5)
  expect(expected.notices).toContain('raised crew')
  for (const event of together) expect(await storyOf(event)).toEqual(expected)

  expect(await recordWithOrders(operations, [alone, ...together], journalId, detectedAt + 60)).toEqual([])
  const worker = workerAt(operations, detectedAt + 31 * minuteMs)
  await worker.runOnce()
  const fired = await storyOf(alone)
  expect(fired.events.length).toBeGreaterThan(expected.events.length)
  for (const event of together) expect(await storyOf(event)).toEqual(fired)
  expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true, breaks: [] })
})

test('of many orders at once each goes to the crew that has fewest by then', async () => {
  const events = await hotMotors(20)
  await recordWithOrders(operations, events, randomUUID(), detectedAt)
  const orders = await Promise.all(
    events.map(async ({ deviceId }) => (await operations.orders({ deviceId: deviceId ?? '', limit: 1 })).items[0]),
  )
  const counts = [...teamsOf(orders).values()]
  expect(counts).toHaveLength(crews.length)
  // the test before this one has left up to 3 with each
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3)
})

test('an order costs few round trips when there are many, and so does a deadline', async () => {
  const events = await hotMotors(32)
  const calls = new Map<string, number>()
  await recordWithOrders(counting(operations, calls) as Operations, events, randomUUID(), detectedAt)
  expect(total(calls) / events.length, JSON.stringify([...calls])).toBeLessThan(1)

  calls.clear()
  const due = await operations.dueDeadlines(detectedAt + minuteMs, 1_000)
  const fired = await workerAt(counting(operations, calls), detectedAt + minuteMs).runOnce()
  expect(fired).toBe(due.length)
  expect(total(calls) / fired, JSON.stringify([...calls])).toBeLessThan(1.5)
})

test('orders that nobody accepts go to the next crew and from there to the one after, in few round trips, each once', async () => {
  const events = await hotMotors(32)
  await recordWithOrders(operations, events, randomUUID(), detectedAt)
  const ordersNow = () =>
    Promise.all(
      events.map(async ({ deviceId }) => (await operations.orders({ deviceId: deviceId ?? '', limit: 1 })).items[0]),
    )
  const before = await ordersNow()

  // `minutes` apart, so that the second crew has had its chance
  for (const minutes of [5, 10]) {
    const calls = new Map<string, number>()
    const fired = await workerAt(counting(operations, calls), detectedAt + minutes * minuteMs).runOnce()
    expect(fired).toBeGreaterThanOrEqual(events.length)
    expect(total(calls) / fired, JSON.stringify([...calls])).toBeLessThan(1)
  }
  const after = await ordersNow()
  const counts = [...teamsOf(after).values()]
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(4)
  for (const [index, order] of after.entries()) {
    const moves = (await operations.orderEvents(order?.id ?? '')).filter(({ type }) => type === 'reassigned')
    const way = [before[index]?.teamId, ...moves.map(({ data }) => data.teamId)]
    expect(way).toHaveLength(3)
    expect(new Set(way).size).toBe(3)
    expect(way.at(-1)).toBe(order?.teamId)
    expect(moves[1]?.data.fromTeamId).toBe(way[1])
    expect(order?.assignedBecause).toBe(moves[1]?.data.because)
  }
  expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true, breaks: [] })
})

test('what is kept back of an order that was locked is seen by whoever reads the order', async () => {
  const [event] = await hotMotors(1)
  if (event === undefined) throw new Error('no event')
  await recordWithOrders(operations, [event], randomUUID(), detectedAt)
  const { id } = (await operations.orders({ deviceId: event.deviceId ?? '', limit: 1 })).items[0] as WorkOrder
  await operations.transaction(async (unit) => {
    const order = (await unit.lockOrder(id)) as WorkOrder
    const { incidentId } = order
    await gathering(unit, { orders: [order], at: detectedAt }, async (gathered) => {
      const reads = [
        () => gathered.order(id),
        () => gathered.lockOrder(id),
        () => gathered.orderOfIncident(incidentId),
        async () => (await gathered.ordersByIds([id]))[0],
      ]
      for (const [index, read] of reads.entries()) {
        expect(await gathered.updateOrder(id, 'raised', { note: `note ${index}` })).toBe(true)
        expect((await read())?.note).toBe(`note ${index}`)
      }
      expect(await gathered.updateOrder(id, 'accepted', { note: 'not at all' })).toBe(false)
      expect(await gathered.updateOrder(id, 'raised', { state: 'acknowledged', acknowledgedAt: detectedAt })).toBe(true)
      expect(await gathered.updateOrder(id, 'raised', { note: 'too late' })).toBe(false)
      expect(await gathered.updateOrder(id, 'acknowledged', { note: 'last' })).toBe(true)
    })
  })
  expect(await operations.order(id)).toMatchObject({ state: 'acknowledged', note: 'last' })
})

test('whoever asks for what was kept back sees it, and what a caller rolls back is gone', async () => {
  const [event] = await hotMotors(1)
  if (event === undefined) throw new Error('no event')
  await recordWithOrders(operations, [event], randomUUID(), detectedAt)
  const order = (await operations.orders({ deviceId: event.deviceId ?? '', limit: 1 })).items[0] as WorkOrder
  const before = await storyOf(event)

  const work = operations.transaction((unit) =>
    gathering(unit, { at: detectedAt }, async (gathered) => {
      const noted = { at: detectedAt, type: 'noted', actor: 'test', data: {} } as const
      await recordEvent(gathered, order.id, noted)
      await recordEvent(gathered, order.id, noted)
      expect((await unit.orderEvents(order.id)).map(({ type }) => type)).toEqual(['raised'])
      expect((await gathered.orderEvents(order.id)).map(({ type }) => type)).toEqual(['raised', 'noted', 'noted'])
      await armDeadlines(gathered, order)
      expect(await gathered.deadlinesOf(order.id)).toHaveLength(2 * before.deadlines.length)
      throw new TypeError('it goes no further')
    }),
  )
  await expect(work).rejects.toThrow('it goes no further')
  expect(await storyOf(event)).toEqual(before)
})

test('an incident and its order that are kept back are there for whoever asks, once', async () => {
  const [elevator] = await hotMotors(1)
  const deviceId = elevator?.deviceId ?? ''
  const incident = testIncident({ deviceId, detectedAt })
  const order = testOrder({ incidentId: incident.id, deviceId, detectedAt, raisedAt: detectedAt })
  const reads: ((gathered: Operations) => Promise<unknown>)[] = [
    async (gathered) => (await gathered.orders({ deviceId, limit: 1 })).items[0]?.id,
    async (gathered) => (await gathered.orderOfIncident(incident.id))?.id,
    async (gathered) => (await gathered.order(order.id))?.id,
    async (gathered) => (await gathered.lockOrder(order.id))?.id,
    async (gathered) => (await gathered.lockFollowedIncident(incident.id))?.orderId,
    async (gathered) => (await gathered.incident(incident.id))?.orderId,
    async (gathered) => (await gathered.incidents({ deviceId, limit: 1 })).items[0]?.orderId,
  ]
  for (const read of reads) {
    const work = operations.transaction((unit) =>
      gathering(unit, { at: detectedAt }, async (gathered) => {
        await gathered.insertNewIncidents([{ ...incident, followed: null }])
        expect(await gathered.insertOrder(order)).toBe(true)
        expect(await gathered.insertOrder({ ...order, id: randomUUID() })).toBe(false)
        expect(await unit.order(order.id)).toBeUndefined()
        expect(await read(gathered)).toBe(order.id)
        throw new TypeError('it goes no further')
      }),
    )
    await expect(work).rejects.toThrow('it goes no further')
  }
  expect(await operations.incident(incident.id)).toBeUndefined()
})

test('an incident that was said to be new and is not is refused with all that came with it', async () => {
  const [event] = await hotMotors(1)
  if (event === undefined) throw new Error('no event')
  await recordWithOrders(operations, [event], randomUUID(), detectedAt)
  const before = await storyOf(event)
  const { deviceId, finding, occurredAt } = event
  const work = operations.transaction((unit) =>
    gathering(unit, { at: detectedAt }, (gathered) =>
      gathered.insertNewIncidents([{ ...testIncident({ deviceId, finding, occurredAt }), followed: null }]),
    ),
  )
  await expect(work).rejects.toMatchObject({ code: 'invalid' })
  expect(await storyOf(event)).toEqual(before)
})

test('of many orders people are read once, and still as they are: who left, who has no roster, which channel is off', async () => {
  await operations.insertTeam(testTeam('gone', { removedAt: 1 }))
  await operations.insertChannel({
    id: 'off',
    type: 'webhook',
    name: 'off',
    settings: {},
    enabled: false,
    createdAt: 0,
  })
  const [one, other] = await hotMotors(2)
  const deviceIds = [one?.deviceId ?? '', other?.deviceId ?? '']
  await operations.transaction(async (unit) => {
    const calls = new Map<string, number>()
    await gathering(counting(unit, calls), { deviceIds, at: detectedAt }, async (gathered) => {
      for (const id of [...crews, 'duty']) {
        expect(await gathered.team(id)).toMatchObject((await unit.team(id)) ?? {})
        expect(await gathered.roster(id)).toEqual(await unit.roster(id))
        expect(await gathered.membersOf([id])).toEqual(await unit.membersOf([id]))
      }
      expect(await gathered.membersOf(['crew-2', 'crew-1'])).toEqual(await unit.membersOf(['crew-2', 'crew-1']))
      expect(await gathered.workingTeams(['duty-room'])).toEqual(await unit.workingTeams(['duty-room']))
      expect(await gathered.team('gone')).toMatchObject({ removedAt: 1 })
      for (const id of ['ch', 'off', 'none']) expect(await gathered.channel(id)).toEqual(await unit.channel(id))
    })
    const asked = (['workingTeams', 'team', 'roster', 'membersOf', 'channel', 'channels'] as const).map((name) =>
      calls.get(name),
    )
    expect(asked).toEqual([1, 1, undefined, 1, undefined, 1])
  })
})

test('of more teams and channels than are read together each is asked for when it is needed, once', async () => {
  const calls = new Map<string, number>()
  const unit = counting(operations, calls)
  const people = peopleIn(unit, await readAhead(unit, { at: detectedAt }), 1)
  for (let times = 0; times < 2; times++) {
    expect(await people.membersOf(['crew-1'])).toEqual(await operations.membersOf(['crew-1']))
    for (const id of ['off', 'none']) expect(await people.channel(id)).toEqual(await operations.channel(id))
  }
  expect(await people.membersOf(['crew-2'])).toEqual(await operations.membersOf(['crew-2']))
  expect([calls.get('membersOf'), calls.get('channel'), calls.get('channels')]).toEqual([2, 2, 1])
})

test('members of a running storm cost less than one statement each, and each is in it', async () => {
  const events = await hotMotors(72, 'gw-storm')
  const journalId = randomUUID()
  await recordWithOrders(operations, events.slice(0, 12), journalId, detectedAt)
  const calls = new Map<string, number>()
  await recordWithOrders(counting(operations, calls) as Operations, events.slice(12), journalId, detectedAt)
  expect(total(calls) / 60, JSON.stringify([...calls])).toBeLessThan(0.8)

  const { items } = await operations.incidents({ finding: 'elevator/motor-over-temperature', limit: 500 })
  const storm = items.find(({ scope }) => scope.id === 'gw-storm')
  expect(storm).toMatchObject({ state: 'open', count: 72, evidence: { members: 72 }, orderId: expect.any(String) })
  expect(await operations.countChildren(storm?.id ?? '')).toBe(72)
  const members = items.filter(({ parentId }) => parentId === storm?.id)
  expect(members.every(({ state, suppressed }) => state === 'suppressed' && suppressed?.id === storm?.id)).toBe(true)
})

test('what was frozen for the orders that a storm takes over is read at once, and is evidence of its order', async () => {
  const events = await hotMotors(10, 'gw-frozen')
  const journalId = randomUUID()
  await recordWithOrders(operations, events.slice(0, 9), journalId, detectedAt)
  const frozen: string[] = []
  for (const { deviceId } of events.slice(0, 9)) {
    const [order] = (await operations.orders({ deviceId: deviceId ?? '', limit: 1 })).items
    const { id: orderId = '', incidentId = '' } = order ?? {}
    const sha256 = randomUUID().replaceAll('-', '').padEnd(64, '0')
    frozen.push(sha256)
    const link = { part: 'before', name: 'Before', addedAt: detectedAt, addedBy: 'liftwatt' } as const
    await operations.insertEvidenceFile({ sha256, mediaType: 'application/json', bytes: 1, createdAt: detectedAt })
    await operations.insertEvidenceLink({ ...link, incidentId, orderId, sha256 })
  }
  const calls = new Map<string, number>()
  const orderIds = (await operations.orders({ limit: 9 })).items.map(({ id }) => id)
  const freeWhenRead: number[] = []
  const watched: Operations = {
    ...operations,
    transaction: (work) =>
      operations.transaction((unit) => {
        const evidenceOfEach: Operations['evidenceOfEach'] = async (ids) => {
          // what is frozen for an order needs its lock
          freeWhenRead.push((await operations.transaction((other) => other.lockFreeOrders(orderIds))).length)
          return unit.evidenceOfEach(ids)
        }
        return work({ ...unit, evidenceOfEach })
      }),
  }
  await recordWithOrders(counting(watched, calls), events.slice(9), journalId, detectedAt)
  expect([calls.get('evidenceOfEach'), calls.get('evidenceOf')]).toEqual([1, undefined])
  expect([orderIds.length, freeWhenRead]).toEqual([9, [0]])

  const [storm] = (await operations.incidents({ finding: 'elevator/motor-over-temperature', limit: 1 })).items
  expect(storm?.scope).toEqual({ type: 'gateway', id: 'gw-frozen' })
  const kept = await operations.evidenceOf(storm?.id ?? '')
  expect(kept.map(({ sha256 }) => sha256).sort()).toEqual([...frozen].sort())
  const merged = (await operations.orderEvents(storm?.orderId ?? '')).flatMap(({ data }) => data.mergedEvidence ?? [])
  expect(merged).toHaveLength(9)
  const each = await operations.evidenceOfEach([storm?.id ?? '', kept[0]?.incidentId ?? '', randomUUID()])
  expect([...each].map(([id, links]) => [id, links.length]).sort()).toEqual(
    [
      [storm?.id, 9],
      [kept[0]?.incidentId, 1],
    ].sort(),
  )
})

test('an incident that changes in a transaction is read in it as it is by then', async () => {
  const [event] = await hotMotors(1)
  await recordWithOrders(operations, event === undefined ? [] : [event], randomUUID(), detectedAt)
  const found = (await operations.incidents({ deviceId: event?.deviceId ?? '', limit: 1 })).items[0]
  const id = found?.id ?? ''
  await operations.transaction((unit) =>
    gathering(unit, { at: detectedAt }, async (gathered) => {
      await gathered.incident(id)
      await gathered.updateIncident(id, { count: 7 })
      await gathered.updateIncident(id, { severity: 'critical' })
      expect(await gathered.incident(id)).toMatchObject({ count: 7, severity: 'critical' })
      await gathered.updateIncident(id, { count: 8 })
      expect((await gathered.incidents({ deviceId: event?.deviceId ?? '', limit: 1 })).items).toMatchObject([
        { count: 8 },
      ])
      await gathered.updateIncident(id, { count: 9 })
    }),
  )
  expect(await operations.incident(id)).toMatchObject({ count: 9, severity: 'critical' })
})

test('an event whose place in its chain was taken is refused with all that came with it', async () => {
  const [event] = await hotMotors(1)
  if (event === undefined) throw new Error('no event')
  await recordWithOrders(operations, [event], randomUUID(), detectedAt)
  const order = (await operations.orders({ deviceId: event.deviceId ?? '', limit: 1 })).items[0] as WorkOrder
  const noted = (actor: string) => ({ at: detectedAt, type: 'noted', actor, data: {} }) as const

  const late = operations.transaction((unit) =>
    gathering(unit, { at: detectedAt }, async (gathered) => {
      await gathered.chainHead(order.id)
      await operations.transaction((other) => recordEvent(other, order.id, noted('first')))
      await recordEvent(gathered, order.id, noted('second'))
    }),
  )
  await expect(late).rejects.toMatchObject({ code: 'invalid' })
  expect((await operations.orderEvents(order.id)).map(({ actor }) => actor)).toEqual(['liftwatt', 'first'])
})

function workerAt(store: Operations, now: number) {
  const escalate = createEscalate({ notify, chooseCrew, recordEvent })
  return createDeadlineWorker({ operations: store, escalate, clock: () => now, log: silentLog })
}
