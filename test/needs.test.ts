import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import type { Values } from '../core/reading.ts'
import { memoryEvidence } from '../stores/evidence/memory.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { whoIsOnDuty } from '../workorders/crews/on-duty.ts'
import { verifyAll } from '../workorders/evidence/verify.ts'
import { createCity, employ } from './city.ts'
import { testMember, testRoster, testShift } from './fixtures/people.ts'
import { startTestDatabase, type TestDatabase } from './operations-database.ts'
import { startReceiver } from './webhook-receiver.ts'

/*
 * What users of other platforms for devices and alarms have asked for, year after year, and did not get. Each test plays one of
 * these needs through the real detectors, incidents, orders and notices. The numbers are those of our list; the ones that are not
 * here are about readings on their way, and have their tests in `broker/`, `ingest/`, `simulators/` and `stores/`.
 */

const start = Date.UTC(2026, 10, 24, 8) // 16:00 in Hangzhou
const well: Values = { carSpeedMps: 1.5, doorState: 'closed', doorZone: false, passengerPresent: false, mode: 'normal' }
const shutIn: Values = { carSpeedMps: 0, doorState: 'closed', doorZone: false, passengerPresent: true, mode: 'normal' }
const free: Values = { carSpeedMps: 0, doorState: 'open', doorZone: true, passengerPresent: false, mode: 'normal' }
const entrapment = 'elevator/entrapment'

let database: TestDatabase
let operations: OperationsStore
let receiver: Awaited<ReturnType<typeof startReceiver>>
let city: ReturnType<typeof createCity>
let days = 0

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  receiver = await startReceiver()
  await employ(operations, receiver)
})
afterAll(async () => {
  receiver?.stop()
  await database?.remove()
})
beforeEach(() => {
  days += 1
  city = createCity(operations, start + days * dayMs)
})

/** Every 10 s for so long. */
async function keepSaying(names: readonly string[], values: Values, ms: number): Promise<void> {
  for (let spent = 0; spent < ms; spent += 10 * secondMs) {
    for (const name of names) await city.say(name, values)
    await city.pass(10 * secondMs)
  }
}

async function trap(name = 'e'): Promise<void> {
  await city.addElevators([name])
  await keepSaying([name], well, 20 * secondMs)
  await keepSaying([name], shutIn, 40 * secondMs)
}

function told(orderId: string) {
  return receiver.received.filter((one) => one.orderId === orderId).map(({ who, reason }) => `${who} ${reason}`)
}

/** As another finding, found now. */
function found(name: string, finding: string, given: Partial<EpisodeEvent> = {}): EpisodeEvent {
  const at = city.clock()
  const deviceId = city.idOf(name)
  return {
    ...{ change: 'opened', scope: { type: 'device', id: deviceId }, deviceId, finding, ruleVersion: 0 },
    ...{ severity: 'urgent', summary: `It is ${finding}`, evidence: {}, position: at },
    ...{ occurredAt: at, at, receivedAt: at, detectedAt: at, ...given },
  }
}

test('need 1: after a restart nobody is flooded with devices that could not reach us; who stays away is missed after a grace', async () => {
  const names = ['a', 'b', 'c', 'd']
  await city.addElevators(names)
  await keepSaying(names, well, 30 * secondMs)
  city.restart(20 * minuteMs)
  await city.pass(4 * minuteMs)
  expect(await city.incidents()).toEqual([])

  for (let minute = 0; minute < 20; minute++) {
    for (const name of ['a', 'b', 'c']) await city.say(name, well)
    await city.pass(minuteMs)
  }
  expect((await city.incidents()).map(({ scope, finding }) => [scope.id, finding])).toEqual([
    [city.idOf('d'), 'elevator/silent'],
  ])
})

test('need 2: a gap in the data completes no duration; with fresh samples it goes on', async () => {
  await city.addElevators(['e'])
  const atFloor = { ...shutIn, doorZone: true } // 3 minutes, and a sample is fresh for a minute and a half
  await keepSaying(['e'], atFloor, 60 * secondMs)
  await city.pass(10 * minuteMs)
  expect(await city.incidents(entrapment)).toEqual([])
  await keepSaying(['e'], atFloor, 5 * minuteMs)
  expect(await city.incidents(entrapment)).toHaveLength(1)
})

test('need 3: a condition that lasts less than its duration raises nothing, and none is raised early', async () => {
  await city.addElevators(['brief', 'long'])
  await keepSaying(['brief', 'long'], well, 20 * secondMs)
  await keepSaying(['brief', 'long'], shutIn, 20 * secondMs)
  await keepSaying(['brief', 'long'], well, 60 * secondMs)
  expect(await city.incidents(entrapment)).toEqual([])
  await keepSaying(['long'], shutIn, 40 * secondMs)
  const [incident, ...others] = await city.incidents(entrapment)
  expect([incident?.deviceId, others]).toEqual([city.idOf('long'), []])
  expect((incident?.detectedAt ?? 0) - (incident?.occurredAt ?? 0)).toBeGreaterThanOrEqual(30 * secondMs)
})

test('need 4: a device that falls silent is found by our own looking, a tick after its time, not when it comes back', async () => {
  await city.addElevators(['quiet', 'other'])
  await city.say('quiet', well)
  const heardAt = city.clock()
  for (let minute = 0; minute < 16; minute++) {
    await city.say('other', well)
    await city.pass(minuteMs)
  }
  const [silent] = await city.incidents('elevator/silent')
  const lateMs = (silent?.detectedAt ?? 0) - heardAt - 15 * minuteMs
  expect(lateMs).toBeGreaterThanOrEqual(0)
  expect(lateMs).toBeLessThanOrEqual(5 * secondMs)
})

test('need 5: what keeps a link alive is no life of the device: its silence is found behind a gateway that talks', async () => {
  await city.addElevators(['dead', 'alive'])
  await keepSaying(['dead', 'alive'], well, 20 * secondMs)
  for (let minute = 0; minute < 16; minute++) {
    await city.say('alive', well)
    await city.pass(minuteMs)
  }
  const scopes = (await city.incidents()).map(({ finding, scope }) => `${finding} ${scope.id}`)
  expect(scopes).toEqual([`elevator/silent ${city.idOf('dead')}`])
})

test('need 6: a value that its gateway repeats under fresh times is named for people to see, and planned work when it lasts', async () => {
  const finding = 'elevator/frozen-sensor'
  await city.addElevators(['stale', 'alive'])
  const startedAt = city.clock()
  const hours = () => (city.clock() - startedAt) / hourMs
  const warm = () => ({ ...well, motorCelsius: 40 + Math.round(100 * Math.sin(7 * hours())) / 10 })
  const live = async (untilHour: number, ofStale: () => Values) => {
    while (hours() < untilHour) {
      await city.say('stale', ofStale())
      await city.say('alive', warm())
      await city.pass(4 * minuteMs)
    }
  }
  await live(14, warm)
  const last = { ...well, motorCelsius: 41.5 }
  await live(19, () => last)
  expect(await city.incidents()).toEqual([])

  await live(22, () => last)
  const seen = { severity: 'info', state: 'open', suppressed: null, orderId: null, deviceId: city.idOf('stale') }
  const [incident, ...others] = await city.incidents()
  expect([incident, others]).toMatchObject([{ ...seen, finding, evidence: { metrics: 'motorCelsius' } }, []])
  expect((incident?.occurredAt ?? 0) - startedAt - 14 * hourMs).toBeLessThan(hourMs)
  expect(await city.orders('stale')).toEqual([])

  await live(40, () => last)
  expect(await city.theOrder('stale')).toMatchObject({ type: 'planned', severity: 'warning', arriveBy: null })
  await live(41, warm)
  await city.release()
  expect(await city.incidents()).toMatchObject([{ finding, severity: 'warning', state: 'cleared' }])
  expect(await city.orders('alive')).toEqual([])
})

test('need 7: what a gateway sends again makes no second incident, order or notice', async () => {
  await trap()
  await city.outbox().runOnce()
  const { id } = await city.theOrder('e')
  const before = told(id).length
  for (const agoMs of [30, 20, 10]) await city.say('e', shutIn, agoMs * secondMs)
  await city.pass(10 * secondMs)
  await city.outbox().runOnce()
  expect((await city.theOrder('e')).id).toBe(id)
  expect(await city.incidents(entrapment)).toHaveLength(1)
  expect(told(id)).toHaveLength(before)
})

test('need 8: what comes late says how it was: it ends no incident that goes on', async () => {
  await trap()
  await city.say('e', free, 5 * minuteMs)
  await city.pass(10 * secondMs)
  await city.release()
  expect(await city.incidents(entrapment)).toMatchObject([{ state: 'open', clearedAt: null }])
})

test('need 9: a report that comes late has the times of the device, and ours for what depends on us', async () => {
  await city.addElevators(['e'])
  await city.pass(30 * minuteMs)
  for (const agoMs of [60, 50, 40, 30, 20, 10]) await city.say('e', shutIn, agoMs * secondMs)
  const now = city.clock()
  const [incident] = await city.incidents(entrapment)
  expect(incident).toMatchObject({ receivedAt: now, detectedAt: now })
  expect(incident?.occurredAt).toBe(now - 60 * secondMs)
  expect((await city.theOrder('e')).arriveBy).toBe(now + 30 * minuteMs)
})

test('need 10: it is cleared only when it has stayed away for a while, and what comes back before goes on', async () => {
  await trap()
  await city.say('e', free)
  await city.pass(minuteMs, async () => void (await city.release()))
  expect(await city.incidents(entrapment)).toMatchObject([{ state: 'open' }])
  await keepSaying(['e'], shutIn, 40 * secondMs)
  await city.pass(3 * minuteMs, async () => void (await city.release()))
  expect(await city.incidents(entrapment)).toMatchObject([{ state: 'open', count: 2 }])
  await city.say('e', free)
  await city.pass(3 * minuteMs, async () => void (await city.release()))
  expect(await city.incidents(entrapment)).toMatchObject([{ state: 'cleared', count: 2 }])
  expect(await city.orders('e')).toHaveLength(1)
})

test('need 11: what happens again while its order is open is counted there, and seen', async () => {
  await city.addElevators(['e'])
  const finding = 'elevator/motor-over-temperature'
  await city.record([found('e', finding, { position: 1 })])
  await city.record([found('e', finding, { change: 'cleared', position: 2 })])
  const change = {
    change: 'opened',
    occurredAt: city.clock() + 1,
    summary: 'Hot again',
    evidence: { celsius: 141 },
  } as const
  await city.record([found('e', finding, { ...change, position: 3 })])
  const seen = { count: 2, summary: 'Hot again', evidence: { celsius: 141 }, state: 'open' }
  expect(await city.incidents(finding)).toMatchObject([seen])
  expect(await city.orders('e')).toHaveLength(1)
})

test('need 12: one person gets ten messages in ten minutes and then a digest; who has 30 minutes is never held back', async () => {
  // what the tests before have left to be sent
  await city.outbox().runOnce()
  await city.pass(11 * minuteMs)
  await city.outbox().runOnce()
  await city.pass(11 * minuteMs)
  const names = Array.from({ length: 14 }, (_, index) => `e${index}`)
  for (const [index, name] of names.entries()) {
    await city.addElevators([name], `gw-${index}`)
    await city.record([found(name, 'elevator/door-close-drift', { severity: 'warning', position: index + 1 })])
    await city.outbox().runOnce()
  }
  const since = receiver.received.length
  await city.record([found('e0', 'elevator/motor-over-temperature', { severity: 'critical', position: 100 })])
  await city.outbox().runOnce()
  expect(receiver.received.slice(since).map(({ who }) => who)).toContain('duty')

  const orderIds = new Set((await Promise.all(names.map((name) => city.orders(name)))).flat().map(({ id }) => id))
  const ofDuty = receiver.received.filter(({ who, orderId }) => who === 'duty' && orderIds.has(orderId))
  expect(ofDuty).toHaveLength(11)
  await city.pass(11 * minuteMs)
  await city.outbox().runOnce()
  const after = receiver.received.filter(({ who }) => who === 'duty').slice(-1)
  expect(after).toMatchObject([{ key: expect.stringMatching(/^digest:/) }])
})

test('need 13: when one line fails, its gateway is the incident, and what hangs on it sends nobody', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `e${index}`)
  await city.addElevators(names)
  await keepSaying(names, well, 20 * secondMs)
  await city.pass(17 * minuteMs)
  const incidents = await city.incidents()
  expect(incidents.filter(({ suppressed }) => suppressed === null)).toMatchObject([{ finding: 'gateway/silent' }])
  expect(incidents.filter(({ finding }) => finding === 'elevator/silent')).toHaveLength(12)
  for (const name of names) expect(await city.orders(name)).toEqual([])
})

test('need 14: no data is no recovery: what was open is unknown, and its order goes on', async () => {
  await trap()
  const { id } = await city.theOrder('e')
  await city.pass(20 * minuteMs, async () => void (await city.release()))
  expect(await city.incidents(entrapment)).toMatchObject([{ state: 'unknown', clearedAt: null }])
  expect(await operations.order(id)).toMatchObject({ state: 'raised' })
})

test('need 15: what was to be told when the process died is told by the next one, the end of it too', async () => {
  await trap()
  const { id } = await city.theOrder('e')
  city.restart(minuteMs)
  expect(told(id)).toEqual([])
  await city.outbox().runOnce()
  expect(told(id).sort()).toEqual([expect.stringMatching(/^crew-\d raised$/), 'duty raised'])

  await city.workOrders.act({ orderId: id, action: 'cancel', actor: 'duty', reason: 'They are out' })
  city.restart(minuteMs)
  await city.outbox().runOnce()
  expect(
    told(id)
      .filter((one) => one.endsWith('cancelled'))
      .sort(),
  ).toEqual([expect.stringMatching(/^crew-\d cancelled$/), 'duty cancelled'])
})

test('need 16: a restart says nothing again that was said', async () => {
  await trap()
  const { id } = await city.theOrder('e')
  await city.outbox().runOnce()
  const before = told(id)
  expect(before).toHaveLength(2)
  for (let n = 0; n < 3; n++) {
    city.restart(10 * secondMs)
    await city.say('e', shutIn)
    await city.outbox().runOnce()
  }
  await city.pass(30 * secondMs)
  await city.outbox().runOnce()
  expect(told(id)).toEqual(before)
})

test('need 18: escalation goes on after a restart, once; whoever accepts ends it for good', async () => {
  await trap('left')
  await trap('taken')
  const [left, taken] = [await city.theOrder('left'), await city.theOrder('taken')]
  await city.workOrders.act({ orderId: taken.id, action: 'accept', actor: 'wang', technicianId: 'wang' })
  city.restart(6 * minuteMs)
  await city.deadlines().runOnce()
  await city.deadlines().runOnce()
  const missed = ['duty-room-acknowledges', 'passenger-is-told', 'crew-accepts']
  expect(await city.escalations(left.id)).toEqual(missed)
  expect(await city.escalations(taken.id)).toEqual(['passenger-is-told'])

  await city.workOrders.act({ orderId: left.id, action: 'accept', actor: 'li', technicianId: 'li' })
  city.restart(15 * minuteMs)
  await city.deadlines().runOnce()
  expect(await city.escalations(left.id)).toEqual(missed)
})

test('need 19: somebody else counts what is overdue and was not escalated, and sees when the one who should stands still', async () => {
  await city.deadlines().runOnce()
  await trap()
  city.restart(2 * minuteMs)
  const audit = city.audit()
  await audit.look()
  expect(audit.overdueUnescalated()).toBeGreaterThan(0)
  expect(audit.check()).toMatchObject({ ok: false, text: expect.stringContaining('overdue and not escalated') })
  await city.deadlines().runOnce()
  await audit.look()
  expect([audit.overdueUnescalated(), audit.check().ok]).toEqual([0, true])
})

test('need 23: the 30 minutes to arrival never pause; only what becomes an emergency later begins them then', async () => {
  await trap()
  const { id, detectedAt } = await city.theOrder('e')
  const arriveBy = detectedAt + 30 * minuteMs
  await city.pass(minuteMs)
  await city.workOrders.act({ orderId: id, action: 'accept', actor: 'wang', technicianId: 'wang' })
  const { teamId } = await city.theOrder('e')
  const other = teamId === 'crew-1' ? 'crew-2' : 'crew-1'
  await city.workOrders.act({ orderId: id, action: 'reassign', actor: 'duty', teamId: other, reason: 'a flat tyre' })
  expect(await operations.order(id)).toMatchObject({ arriveBy, teamId: other })
  city.restart(arriveBy - city.clock() - 1)
  await city.deadlines().runOnce()
  expect(await city.escalations(id)).not.toContain('crew-is-there')
  await city.pass(1)
  await city.deadlines().runOnce()
  expect(await city.escalations(id)).toContain('crew-is-there')

  await city.addElevators(['warned'])
  const finding = 'elevator/motor-over-temperature'
  await city.record([found('warned', finding, { severity: 'warning', position: 1_000 })])
  expect((await city.theOrder('warned')).arriveBy).toBeNull()
  await city.pass(hourMs)
  await city.record([found('warned', finding, { change: 'upgraded', severity: 'critical', position: 1_001 })])
  expect((await city.theOrder('warned')).arriveBy).toBe(city.clock() + 30 * minuteMs)
})

test('need 24: what a request came with stays with its order, and with the one that follows it', async () => {
  await city.addElevators(['e'])
  const evidence = { people: 2, score: 0.8, picture: 'https://camera.example/7' }
  const report = {
    source: 'camera-7',
    externalId: city.idOf('seen'),
    actor: 'camera-7',
    deviceId: city.idOf('e'),
    evidence,
  }
  const said = { finding: 'camera/smoke', severity: 'critical', summary: 'Smoke in the car' } as const
  const { incident } = await city.workOrders.report({ ...report, ...said, state: 'open' })
  const { id, incidentId } = await city.theOrder('e')
  expect((await operations.incident(incidentId))?.evidence).toEqual(evidence)

  await city.workOrders.act({ orderId: id, action: 'cancel', actor: 'duty', reason: 'A cigarette' })
  const { order } = await city.workOrders.followUp({ orderId: id, actor: 'duty', reason: 'It smokes again' })
  expect(order.followsId).toBe(id)
  expect((await operations.incident(order.incidentId))?.evidence).toEqual(evidence)
  expect((await operations.incident(incident.id))?.evidence).toEqual(evidence)
  expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true })
})

test('need 25: a night shift from 20:00 to 05:00 is that of the place, over midnight, two in a day too', async () => {
  for (const id of ['night', 'noon']) await operations.insertMember(testMember(id, 'crew-1'))
  const shifts = [testShift('20:00', '05:00', ['night']), testShift('11:00', '13:00', ['noon'])]
  await operations.putRoster(testRoster('crew-1', shifts))
  const onDutyAt = async (hangzhou: string) => {
    const [team] = await whoIsOnDuty(operations, Date.parse(`${hangzhou}+08:00`), 'crew-1')
    return team?.members.map(({ id }) => id)
  }
  expect(await onDutyAt('2026-11-25T19:59:59')).toEqual([])
  expect(await onDutyAt('2026-11-25T20:00:00')).toEqual(['night'])
  expect(await onDutyAt('2026-11-26T00:30:00')).toEqual(['night'])
  expect(await onDutyAt('2026-11-26T04:59:59')).toEqual(['night'])
  expect(await onDutyAt('2026-11-26T05:00:00')).toEqual([])
  expect(await onDutyAt('2026-11-26T12:00:00')).toEqual(['noon'])

  await city.pass(0)
  await trap() // at 16:00: only the crew without a roster is there
  expect(await city.theOrder('e')).toMatchObject({ teamId: 'crew-2' })
})
