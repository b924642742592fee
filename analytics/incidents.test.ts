import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { recordWithOrders } from '../response.ts'
import type { Operations, OperationsStore } from '../stores/operations/port.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import { openOrder, upgradeOrder } from '../workorders/life/open.ts'
import { recordEpisode } from './incidents.ts'
import { releaseSuppressed } from './release.ts'

const start = 1_800_000_000_000
const committedAfterMs = 700

let database: TestDatabase
let operations: OperationsStore

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(async () => {
  await database?.remove()
})

/** A device's life for one finding: each event gets the next position and a minute more, unless it says otherwise. */
function device(journalId: string = randomUUID()) {
  const deviceId = `d-${randomUUID().slice(0, 8)}`
  let position = 0
  const event = (change: EpisodeEvent['change'], overrides: Partial<EpisodeEvent> = {}): EpisodeEvent => {
    position += 1
    const at = start + position * minuteMs
    return {
      change,
      scope: { type: 'device', id: deviceId },
      deviceId,
      finding: 'smoke-detector/smoke',
      severity: 'critical',
      summary: `Smoke, ${change}`,
      evidence: { smokePercentPerM: 40 },
      occurredAt: start,
      at,
      receivedAt: at,
      detectedAt: at,
      ruleVersion: 0,
      position,
      ...overrides,
    }
  }
  const record = (happened: EpisodeEvent, crash?: (unit: Operations) => void, journal = journalId) =>
    operations.transaction(async (unit) => {
      const now = happened.detectedAt + committedAfterMs
      const outcome = await recordEpisode(unit, happened, journal, now)
      if (outcome?.opened) await openOrder(unit, outcome.incident, now)
      if (outcome?.upgraded) await upgradeOrder(unit, outcome.incident, happened.detectedAt, now)
      crash?.(unit)
    })
  const incidents = async () => (await operations.incidents({ deviceId, limit: 100 })).items.reverse()
  const orders = async () => (await operations.orders({ deviceId, limit: 100 })).items.reverse()
  return { deviceId, event, record, incidents, orders }
}

/** What time does by then. */
const pass = (now: number) => releaseSuppressed({ operations, now })

const workOrders = () => createWorkOrders({ operations, clock: () => start })

async function close(orderId: string | undefined) {
  await workOrders().act({ orderId: orderId ?? '', action: 'close', actor: 'test', outcome: 'false-alarm' })
}

test('an emergency opens one incident and one order, due 30 minutes after it was detected', async () => {
  const { event, record, incidents, orders, deviceId } = device()
  await record(event('opened', { detectedAt: start + 5_000, receivedAt: start + 4_000 }))

  const [incident] = await incidents()
  const [order] = await orders()
  expect(incident).toMatchObject({
    state: 'open',
    scope: { type: 'device', id: deviceId },
    count: 1,
    occurredAt: start,
    receivedAt: start + 4_000,
    detectedAt: start + 5_000,
    clearedAt: null,
    orderId: order?.id,
  })
  expect(order).toMatchObject({
    incidentId: incident?.id,
    type: 'emergency',
    state: 'raised',
    severity: 'critical',
    detectedAt: start + 5_000,
    raisedAt: start + 5_000 + committedAfterMs,
    arriveBy: start + 5_000 + 30 * minuteMs,
  })
  const events = await operations.orderEvents(order?.id ?? '')
  expect(events.map(({ type, actor }) => [type, actor])).toEqual([['raised', 'liftwatt']])
})

test('what was found on a device a moment before it was retired opens nothing, in a batch or alone', async () => {
  const gateway = { id: 'gw-retired', name: null, autoRegister: null, createdAt: 0, revokedAt: null }
  await operations.insertGateway(gateway)
  const [gone, other] = [device(), device()]
  const rows = [gone, other].map(({ deviceId: id }) => testDevice({ id, gatewayId: 'gw-retired' }))
  await operations.insertDevicesIfAbsent(rows)
  await operations.updateDevice(gone.deviceId, { retiredAt: start })
  const happened = [gone.event('opened'), other.event('opened')]
  const fresh = await recordWithOrders(operations, happened, randomUUID(), start + 5 * minuteMs)
  expect(fresh).toEqual([happened[1]])
  await gone.record(gone.event('opened'))
  expect([await gone.incidents(), await gone.orders()]).toEqual([[], []])
  expect(await other.orders()).toHaveLength(1)
})

test.each([
  ['warning', ['planned']],
  ['info', []],
] as const)('a finding of severity %s', async (severity, types) => {
  const { event, record, incidents, orders } = device()
  await record(event('opened', { severity }))
  expect(await incidents()).toHaveLength(1)
  expect((await orders()).map(({ type, arriveBy }) => [type, arriveBy])).toEqual(types.map((type) => [type, null]))
})

test('replayed in full and in part, nothing is counted or ordered twice', async () => {
  const { event, record, incidents, orders } = device()
  const life = [
    event('opened', { severity: 'urgent' }),
    event('repeated', { severity: 'urgent' }),
    event('upgraded'),
    event('cleared'),
  ]
  for (const happened of life) await record(happened)
  await pass(start + 10 * minuteMs)
  const before = [await incidents(), await orders()]
  for (const happened of [...life, ...life.slice(2), ...life.slice(0, 2)]) await record(happened)

  expect([await incidents(), await orders()]).toEqual(before)
  expect(before[0]).toMatchObject([{ state: 'cleared', count: 3, severity: 'critical' }])
  expect(before[1]).toHaveLength(1)
})

test('a crash before the commit leaves neither incident nor order, and the replay makes both', async () => {
  const { event, record, incidents, orders } = device()
  const opened = event('opened')
  const crash = () => {
    throw new Error('kill -9')
  }
  await expect(record(opened, crash)).rejects.toThrow('kill -9')
  expect([await incidents(), await orders()]).toEqual([[], []])

  await record(opened)
  const upgraded = event('repeated')
  await expect(record(upgraded, crash)).rejects.toThrow('kill -9')
  await record(upgraded)
  expect([(await incidents()).map(({ count }) => count), (await orders()).length]).toEqual([[2], 1])
})

test('as often as a condition comes and goes, there is one incident and one order until people close it', async () => {
  const { event, record, incidents, orders } = device()
  for (let i = 0; i < 5; i++) {
    const occurredAt = start + i * 10 * minuteMs
    await record(event('opened', { occurredAt }))
    await record(event('cleared', { occurredAt }))
  }
  await pass(start + 20 * minuteMs)
  expect((await incidents()).map(({ state, count }) => [state, count])).toEqual([['cleared', 5]])
  expect(await orders()).toHaveLength(1)

  await close((await orders())[0]?.id)
  await record(event('opened', { occurredAt: start + 100 * minuteMs }))
  expect((await incidents()).map(({ state, count }) => [state, count])).toEqual([
    ['cleared', 5],
    ['open', 1],
  ])
  expect(await orders()).toHaveLength(2)
})

test('a condition that outlives its closed order is sent again, as something that began when it was found again', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened'))
  await close((await orders())[0]?.id)
  const repeated = event('repeated')
  await record(repeated)
  await record(repeated)

  expect((await incidents()).map(({ occurredAt, state }) => [occurredAt, state])).toEqual([
    [start, 'cleared'],
    [repeated.at, 'open'],
  ])
  expect((await orders()).map(({ state }) => state)).toEqual(['closed', 'raised'])

  await close((await orders())[1]?.id)
  await record(event('cleared'))
  await record(event('opened', { occurredAt: start }))
  expect((await orders()).map(({ state }) => state)).toEqual(['closed', 'closed', 'raised'])
})

test('what is over after people have closed it changes nothing', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened'))
  await close((await orders())[0]?.id)
  const before = await incidents()
  await record(event('cleared'))
  expect(await incidents()).toEqual(before)
})

test('a planned order becomes an emergency, and its 30 minutes run from the rise', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened', { severity: 'warning' }))
  const upgraded = event('upgraded')
  await record(upgraded)

  const [order] = await orders()
  expect(order).toMatchObject({
    type: 'emergency',
    severity: 'critical',
    summary: upgraded.summary,
    upgradedAt: upgraded.detectedAt,
    arriveBy: upgraded.detectedAt + 30 * minuteMs,
  })
  expect(await incidents()).toMatchObject([{ severity: 'critical', summary: upgraded.summary }])
  const events = await operations.orderEvents(order?.id ?? '')
  expect(events).toMatchObject([
    { type: 'raised', data: { severity: 'warning' } },
    { type: 'upgraded', data: { from: 'warning', to: 'critical' } },
  ])
})

test('urgent that becomes critical keeps the 30 minutes it had', async () => {
  const { event, record, orders } = device()
  const opened = event('opened', { severity: 'urgent' })
  await record(opened)
  await record(event('upgraded'))
  expect(await orders()).toMatchObject([
    { severity: 'critical', upgradedAt: null, arriveBy: opened.detectedAt + 30 * minuteMs },
  ])
})

test('what was for information gets its order when it rises', async () => {
  const { event, record, orders } = device()
  await record(event('opened', { severity: 'info' }))
  expect(await orders()).toEqual([])
  const upgraded = event('upgraded', { severity: 'urgent' })
  await record(upgraded)
  expect(await orders()).toMatchObject([{ type: 'emergency', arriveBy: upgraded.detectedAt + 30 * minuteMs }])
})

test('an upgrade and a technician who accepts at the same moment do not lose each other', async () => {
  for (let i = 0; i < 10; i++) {
    const { event, record, orders } = device()
    await record(event('opened', { severity: 'warning' }))
    const orderId = (await orders())[0]?.id ?? ''
    const accept = workOrders().act({ orderId, action: 'acknowledge', actor: 'duty room' })
    await Promise.all([record(event('upgraded')), accept])
    expect(await orders()).toMatchObject([{ state: 'acknowledged', type: 'emergency', severity: 'critical' }])
  }
})

test('what passed before we could act is recorded, and nobody is sent', async () => {
  const { event, record, incidents, orders } = device()
  const passed = event('passed')
  await record(passed)
  expect(await incidents()).toMatchObject([{ state: 'cleared', clearedAt: passed.at, orderId: null, count: 1 }])
  expect(await orders()).toEqual([])

  await record(event('opened', { occurredAt: start + minuteMs }))
  expect((await incidents()).map(({ state }) => state)).toEqual(['cleared', 'open'])
  expect(await orders()).toHaveLength(1)
})

test('an old emergency does not make a planned order urgent, nor keep a new one from doing so', async () => {
  const { event, record, orders } = device()
  await record(event('opened', { severity: 'warning' }))
  await record(event('cleared', { severity: 'warning' }))
  await record(event('passed'))
  expect(await orders()).toMatchObject([{ type: 'planned', severity: 'warning' }])
  await record(event('opened'))
  expect(await orders()).toMatchObject([{ type: 'emergency', severity: 'critical' }])
})

test('positions of another journal say nothing: a replaced journal’s findings count', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened', { position: 900_000 }))
  const other = randomUUID()
  await record(event('repeated', { position: 3 }), undefined, other)
  await record(event('repeated', { position: 3 }), undefined, other)
  expect(await incidents()).toMatchObject([{ count: 2 }])

  await close((await orders())[0]?.id)
  await record(event('opened', { position: 4 }), undefined, other)
  expect(await orders()).toHaveLength(2)
})

test('the same episode told again by another journal after its order was closed sends nobody', async () => {
  const { event, record, orders } = device()
  const opened = event('opened')
  await record(opened)
  await close((await orders())[0]?.id)
  await record({ ...opened, position: 1 }, undefined, randomUUID())
  expect(await orders()).toHaveLength(1)
})

test('devices and findings do not share incidents', async () => {
  const [one, two] = [device(), device()]
  await one.record(one.event('opened'))
  await one.record(one.event('opened', { finding: 'smoke-detector/weak-battery', severity: 'warning' }))
  await two.record(two.event('opened'))
  expect([await one.incidents(), await two.incidents()].map(({ length }) => length)).toEqual([2, 1])
})

test('whatever an episode does and whoever is killed: never two open orders, and never an emergency without one', async () => {
  const step = fc.record({
    what: fc.constantFrom('condition', 'condition', 'over', 'close', 'close') as fc.Arbitrary<string>,
    severity: fc.constantFrom('urgent', 'critical') as fc.Arbitrary<EpisodeEvent['severity']>,
    crash: fc.boolean(),
    replay: fc.nat({ max: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const { event, record, incidents, orders } = device()
      const past: EpisodeEvent[] = []
      let holds: EpisodeEvent | undefined
      for (const { what, severity, crash, replay } of steps) {
        if (what === 'close') {
          const open = (await orders()).find(({ state }) => state !== 'closed')
          if (open) await close(open.id)
          continue
        }
        if (what === 'over' && holds === undefined) continue
        const occurredAt = holds?.occurredAt ?? start + (past.length + 1) * minuteMs
        const happened: EpisodeEvent = event(what === 'over' ? 'cleared' : holds ? 'repeated' : 'opened', {
          severity: holds?.severity ?? severity,
          occurredAt,
        })
        holds = what === 'over' ? undefined : happened
        if (crash) {
          const killed = record(happened, () => {
            throw new Error('kill -9')
          })
          await expect(killed).rejects.toThrow('kill -9')
        }
        await record(happened)
        past.push(happened)
        for (const again of past.slice(-replay)) await record(again)

        const open = (await orders()).filter(({ state }) => state !== 'closed')
        expect(open.length).toBeLessThanOrEqual(1)
        if (holds) expect(open).toHaveLength(1)
      }
      const found = await incidents()
      expect((await orders()).map(({ incidentId }) => incidentId).sort()).toEqual(found.map(({ id }) => id).sort())
      const told = past.filter(({ change }) => change !== 'cleared').length
      expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(told)
    }),
    { numRuns: 20 },
  )
})

async function act(orderId: string | undefined, ...actions: ('accept' | 'arrive' | 'restore')[]) {
  for (const action of actions) await workOrders().act({ orderId: orderId ?? '', action, actor: 'test' })
}

test('what comes after it was over and the crew has restored it is a new danger, though nobody closed the order yet', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened'))
  await act((await orders())[0]?.id, 'accept', 'arrive', 'restore')
  await record(event('cleared'))
  await record(event('opened', { occurredAt: start + 20 * minuteMs, evidence: { floor: 9 } }))

  expect((await incidents()).map(({ state, evidence }) => [state, evidence])).toEqual([
    ['cleared', { smokePercentPerM: 40 }],
    ['open', { floor: 9 }],
  ])
  const [, second] = await orders()
  expect(second).toMatchObject({ state: 'raised', arriveBy: (second?.detectedAt ?? 0) + 30 * minuteMs })
})

test('while the crew is still at it, what comes and goes is the same order; it shows what was said last', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened'))
  await act((await orders())[0]?.id, 'accept', 'arrive')
  await record(event('cleared'))
  await record(event('opened', { occurredAt: start + 20 * minuteMs, evidence: { floor: 9 } }))
  await act((await orders())[0]?.id, 'restore')
  await record(event('repeated', { occurredAt: start + 20 * minuteMs }))

  expect(await orders()).toHaveLength(1)
  expect(await incidents()).toMatchObject([{ state: 'open', count: 3, evidence: { floor: 9 } }])
})

test.each(['warning', 'urgent'] as const)(
  'what was %s when its crew restored it and is critical now begins anew, with 30 minutes that somebody must answer',
  async (severity) => {
    const { event, record, incidents, orders } = device()
    await record(event('opened', { severity }))
    const [first] = await orders()
    await act(first?.id, 'accept', 'arrive', 'restore')
    const upgraded = event('upgraded')
    await record(upgraded)
    await record(event('repeated'))

    expect((await incidents()).map((one) => [one.severity, one.state, one.count])).toEqual([
      [severity, 'cleared', 1],
      ['critical', 'open', 2],
    ])
    expect(await orders()).toMatchObject([
      { id: first?.id, state: 'restored', severity, arriveBy: first?.arriveBy },
      { state: 'raised', arrivedAt: null, arriveBy: upgraded.detectedAt + 30 * minuteMs },
    ])
  },
)

test('a crew that came for planned work and may have left is no arrival in the emergency that it becomes', async () => {
  const rise = async (minutes: number) => {
    const { event, record, orders } = device()
    await record(event('opened', { severity: 'warning' }))
    await act((await orders())[0]?.id, 'accept', 'arrive')
    const arrivedAt = (await orders())[0]?.arrivedAt ?? 0
    const at = arrivedAt + minutes * minuteMs
    await record(event('upgraded', { at, detectedAt: at }))
    return (await orders()).map(({ state, arriveBy }) => [state, arriveBy === null ? null : arriveBy - at])
  }
  expect(await rise(10)).toEqual([['arrived', 30 * minuteMs]])
  expect(await rise(11)).toEqual([
    ['arrived', null],
    ['raised', 30 * minuteMs],
  ])
})

test('who is found shut in once more two minutes after the crew has restored it is sent for again', async () => {
  const { event, record, incidents, orders } = device()
  const shutIn = { finding: 'elevator/entrapment' }
  await record(event('opened', shutIn))
  await act((await orders())[0]?.id, 'accept', 'arrive', 'restore')
  const restoredAt = (await orders())[0]?.restoredAt ?? 0
  for (const at of [restoredAt + 2 * minuteMs - 1, restoredAt + 2 * minuteMs, restoredAt + 10 * minuteMs]) {
    await record(event('repeated', { ...shutIn, at, detectedAt: at }))
  }
  expect((await incidents()).map(({ state, count }) => [state, count])).toEqual([
    ['cleared', 2],
    ['open', 2],
  ])
  expect(await orders()).toMatchObject([
    { state: 'restored' },
    { state: 'raised', detectedAt: restoredAt + 2 * minuteMs, arriveBy: restoredAt + 32 * minuteMs },
  ])
})

test('where no detector says that it is over, the end of the order ends the episode', async () => {
  const { event, record, incidents, orders } = device()
  await record(event('opened', { severity: 'warning' }))
  const [order] = await orders()
  const acting = createWorkOrders({ operations, clock: () => start + 90_000, endsWithOrder: () => true })
  await acting.act({ orderId: order?.id ?? '', action: 'close', actor: 'test', outcome: 'false-alarm' })
  expect(await incidents()).toMatchObject([{ state: 'cleared', clearedAt: start + 90_000 }])

  await record(event('repeated', { severity: 'warning' }))
  expect(await orders()).toHaveLength(2)
})

test('a condition that comes back within 2 minutes was never cleared; one that comes later is new', async () => {
  const { event, record, incidents } = device()
  const at = (seconds: number) => ({ at: start + seconds * 1_000, detectedAt: start + seconds * 1_000 })
  const info = (seconds: number) => ({ severity: 'info', occurredAt: start + seconds * 1_000, ...at(seconds) }) as const
  await record(event('opened', info(0)))
  await record(event('cleared', { ...info(0), ...at(60) }))
  await pass(start + 179_999)
  expect(await incidents()).toMatchObject([{ state: 'open', clearedAt: null }])

  await record(event('opened', info(170)))
  await pass(start + 400_000)
  expect(await incidents()).toMatchObject([{ state: 'open', clearedAt: null, count: 2 }])

  await record(event('cleared', { ...info(170), ...at(500) }))
  await pass(start + 620_000)
  expect(await incidents()).toMatchObject([{ state: 'cleared', clearedAt: start + 500_000, count: 2 }])
  await record(event('opened', info(620)))
  expect((await incidents()).map(({ state, count }) => [state, count])).toEqual([
    ['cleared', 2],
    ['open', 1],
  ])
})

test('whoever ran when, the same journal makes the same incidents: times decide, not when the row was changed', async () => {
  const life = async (passes: boolean) => {
    const { event, record, incidents } = device()
    const seconds = [0, 30, 100, 200, 400, 430, 1_000]
    for (const [index, second] of seconds.entries()) {
      const at = start + second * 1_000
      const occurredAt = start + (seconds[index - (index % 2)] ?? 0) * 1_000
      const change = index % 2 === 0 ? 'opened' : 'cleared'
      await record(event(change, { severity: 'info', at, detectedAt: at, occurredAt }))
      // the service's clock runs ahead of the journal that is still to be read
      if (passes) await pass(at + 10 * minuteMs)
    }
    return (await incidents()).map(({ state, count, occurredAt }) => [state, count, occurredAt - start])
  }
  const expected = [
    ['cleared', 2, 0],
    ['cleared', 1, 400_000],
    ['open', 1, 1_000_000],
  ]
  expect(await life(false)).toEqual(expected)
  expect(await life(true)).toEqual(expected)
})
