import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, secondMs } from '../core/clock.ts'
import { incidentScene, sceneStart } from '../test/incident-scene.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createSuppressions } from './suppress.ts'

const outage = 'electricity-meter/outage'
const hot = 'electricity-meter/terminal-over-temperature'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)

/** A building with six rooms on two feeders and a lift, and its neighbour. */
async function building() {
  const scene = incidentScene(database.operations)
  await scene.addSites(['estate', 'estate', null], ['building', 'house', 'estate'], ['building', 'other', 'estate'])
  await scene.addDevices(names('a', 3), { site: 'house', feeder: 'f-a' })
  await scene.addDevices(names('b', 3), { site: 'house', feeder: 'f-b' })
  await scene.addDevices(names('o', 3), { site: 'other', gateway: 'gw-o' })
  await scene.addDevices(['lift'], { site: 'house', kind: 'elevator', gateway: 'gw-lift' })
  const out = (name: string, seconds: number) => scene.device('opened', name, outage, { seconds, severity: 'info' })
  return { ...scene, out }
}

test('a building without power is one incident with one order; its rooms and its lift are the list', async () => {
  const { record, out, device, incidents, running, idOf } = await building()
  await record(device('opened', 'lift', 'elevator/mains-lost', { seconds: 0, severity: 'info' }))
  await record(out('a-0', 1))
  await record(out('b-0', 2))
  const third = await record(out('a-1', 3))
  for (const name of ['b-1', 'a-2', 'b-2']) await record(out(name, 60))

  const group = third?.group?.incident
  expect(third?.group).toMatchObject({
    opened: true,
    incident: {
      ...{ scope: { type: 'building', id: idOf('house') }, deviceId: null, finding: outage, severity: 'urgent' },
      ...{ state: 'open', suppressed: null, detectedAt: sceneStart + 3_000, place: { siteId: idOf('house') } },
    },
  })
  const children = await incidents({ parentId: group?.id ?? '' })
  expect(children).toHaveLength(7)
  for (const { state, suppressed } of children) {
    expect([state, suppressed?.by, suppressed?.id]).toEqual(['suppressed', 'group', group?.id])
  }
  expect((await incidents()).find(({ id }) => id === group?.id)).toMatchObject({ count: 7, evidence: { members: 7 } })
  expect(await running()).toEqual([`house ${outage}`])
})

test('a trapped passenger comes through the outage of the building, with an order of its own, and first', async () => {
  const { record, out, device, running } = await building()
  for (const name of ['a-0', 'b-0', 'a-1']) await record(out(name, 1))
  const trapped = await record(device('opened', 'lift', 'elevator/entrapment', { seconds: 2, severity: 'critical' }))
  expect(trapped).toMatchObject({ opened: true, incident: { state: 'open', suppressed: null } })
  const mains = await record(device('opened', 'lift', 'elevator/mains-lost', { seconds: 3, severity: 'warning' }))
  expect(mains).toMatchObject({ incident: { state: 'suppressed' } })
  expect(await running()).toEqual([`house ${outage}`, 'lift elevator/entrapment'])
})

test('a feeder, then the other one: the building takes the orders that nobody has answered', async () => {
  const { record, out, running, incidents, idOf } = await building()
  for (const name of names('a', 3)) await record(out(name, 1))
  expect(await running()).toEqual([`f-a ${outage}`])
  const outcomes = []
  for (const name of names('b', 3)) outcomes.push(await record(out(name, 20)))

  const last = outcomes.at(-1)
  expect(last?.group).toMatchObject({ opened: true, incident: { scope: { type: 'building', id: idOf('house') } } })
  expect(last?.absorbed.map(({ scope }) => scope.id)).toEqual([idOf('f-a')])
  expect(await running()).toEqual([`house ${outage}`])
  const parts = await incidents({ parentId: last?.group?.incident.id ?? '' })
  expect(parts.map(({ scope, state }) => [scope.type, state])).toEqual([
    ['feeder', 'suppressed'],
    ['feeder', 'suppressed'],
  ])
})

test('whoever is on the way to the first feeder stays on the way', async () => {
  const { record, out, running, incidents, setOrder } = await building()
  for (const name of names('a', 3)) await record(out(name, 1))
  const feeder = (await incidents()).find(({ scope }) => scope.type === 'feeder')
  await setOrder(feeder?.id ?? '', 'accepted')
  for (const name of names('b', 3)) await record(out(name, 20))

  expect(await running()).toEqual([`f-a ${outage}`, `house ${outage}`])
  const [after] = (await incidents()).filter(({ id }) => id === feeder?.id)
  expect(after).toMatchObject({ state: 'open', suppressed: null, parentId: expect.any(String) })
})

test('of many processes that see the rooms go dark at once, one makes the outage', async () => {
  for (let round = 0; round < 5; round++) {
    const { record, out, running, incidents } = await building()
    // at one moment by their clock: whoever comes later must not be dated before the others
    await Promise.all([...names('a', 3), ...names('b', 3)].map((name) => record(out(name, 0))))
    expect((await incidents()).filter(({ scope }) => scope.type === 'building')).toHaveLength(1)
    expect(await running()).toEqual([`house ${outage}`])
  }
})

test('the neighbour’s rooms are another outage, and both together are the estate’s', async () => {
  const { record, out, running } = await building()
  for (const name of ['a-0', 'b-0', 'a-1']) await record(out(name, 1))
  await record(out('o-0', 2))
  await record(out('o-1', 3))
  expect(await running()).toEqual([`house ${outage}`])
  const last = await record(out('o-2', 4))
  expect(last?.group?.incident.scope.type).toBe('estate')
  expect(await running()).toEqual([`estate ${outage}`])
})

test('an outage explains the undervoltage that came just before it, and not the one of this morning', async () => {
  const { record, out, device, running } = await building()
  const low = (name: string, seconds: number) =>
    device('opened', name, 'electricity-meter/under-voltage', { seconds, severity: 'urgent' })
  await record(low('b-0', -3_600))
  await record(low('b-1', -30))
  await record(low('o-0', -30))
  expect(await running()).toHaveLength(3)
  for (const name of ['a-0', 'b-0']) await record(out(name, 0))
  const third = await record(out('a-1', 0))

  expect(third?.absorbed.map(({ finding, suppressed }) => [finding, suppressed?.by])).toEqual([
    ['electricity-meter/under-voltage', 'inhibition'],
  ])
  expect(await running()).toEqual([
    'b-0 electricity-meter/under-voltage',
    `house ${outage}`,
    'o-0 electricity-meter/under-voltage',
  ])
  await record(low('b-2', 30))
  expect(await running()).toHaveLength(3)
})

test('an outage explains the controller’s code for it, told before or after it, and no other code', async () => {
  const { record, out, device, incidents, running, idOf } = await building()
  const code = (seconds: number, means: string) =>
    device('opened', 'lift', 'elevator/fault-code', { seconds, severity: 'warning', evidence: { means } })
  await record(code(0, 'elevator/mains-lost'))
  expect(await running()).toEqual(['lift elevator/fault-code'])
  for (const name of ['a-0', 'b-0', 'a-1']) await record(out(name, 30))
  expect(await running()).toEqual([`house ${outage}`])
  const [told] = await incidents({ finding: 'elevator/fault-code' })
  expect(told).toMatchObject({ deviceId: idOf('lift'), state: 'suppressed', suppressed: { by: 'inhibition' } })

  const next = await building()
  for (const name of ['a-0', 'b-0', 'a-1']) await next.record(next.out(name, 1))
  const other = { seconds: 9, severity: 'warning', evidence: { means: 'elevator/door-fault' } } as const
  await next.record(next.device('opened', 'lift', 'elevator/fault-code', other))
  expect(await next.running()).toEqual([`house ${outage}`, 'lift elevator/fault-code'])
})

test('a silent gateway explains its devices’ silence, found before or after it, and no other gateway’s', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(names('x', 3), { gateway: 'gw-x' })
  await scene.addDevices(['y'], { gateway: 'gw-y' })
  const silent = (name: string, seconds: number) =>
    scene.device('opened', name, 'electricity-meter/silent', { seconds, severity: 'warning' })
  await scene.record(silent('x-0', 0))
  await scene.record(silent('y', 0))
  const gateway = await scene.record(scene.gateway('opened', 'gw-x', { seconds: 20, severity: 'urgent' }))
  await scene.record(silent('x-1', 40))

  expect(gateway?.absorbed.map(({ deviceId }) => deviceId)).toEqual([scene.idOf('x-0')])
  const children = await scene.incidents({ parentId: gateway?.incident.id ?? '' })
  expect(children.map(({ deviceId, suppressed }) => [deviceId, suppressed?.by, suppressed?.text])).toEqual(
    ['x-0', 'x-1'].map((name) => [
      scene.idOf(name),
      'inhibition',
      `Explained by gateway/silent of gateway ${scene.idOf('gw-x')}: It is gateway/silent`,
    ]),
  )
  expect(await scene.running()).toEqual(['gw-x gateway/silent', 'y electricity-meter/silent'])
})

test('a gateway that loses its power with the building is explained by it', async () => {
  const { record, out, gateway, running } = await building()
  for (const name of ['a-0', 'b-0', 'a-1']) await record(out(name, 1))
  const silent = await record(gateway('opened', 'gw-lift', { seconds: 60 }))
  expect(silent?.incident).toMatchObject({ state: 'suppressed', suppressed: { by: 'inhibition' } })
  expect(await running()).toEqual([`house ${outage}`])
})

test('what is silent is unknown, never cleared, and open again when data come', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m', 'n'], { gateway: 'gw' })
  const states = async () =>
    (await scene.incidents()).filter(({ finding }) => finding === hot).map(({ state }) => state)
  const silence = (change: 'opened' | 'cleared', name: string, seconds: number) =>
    scene.record(scene.device(change, name, 'electricity-meter/silent', { seconds, occurredAt: sceneStart + 100_000 }))
  await scene.record(scene.device('opened', 'm', hot, { seconds: 0 }))
  await scene.record(scene.device('opened', 'n', hot, { seconds: 0 }))

  await silence('opened', 'm', 100)
  expect(await states()).toEqual(['unknown', 'open'])
  await scene.pass(600)
  expect(await states()).toEqual(['unknown', 'open'])
  await scene.record(scene.gateway('opened', 'gw', { seconds: 110 }))
  expect(await states()).toEqual(['unknown', 'unknown'])
  await scene.record(scene.gateway('cleared', 'gw', { seconds: 200, occurredAt: sceneStart + 110_000 }))
  expect(await states()).toEqual(['unknown', 'open'])
  await silence('cleared', 'm', 210)
  expect(await states()).toEqual(['open', 'open'])
})

test('what was over when the device fell silent is cleared only after two minutes of data without it', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m'])
  const state = async () => (await scene.incidents({ finding: hot })).at(-1)?.state
  const silent = { occurredAt: sceneStart + 100_000, severity: 'warning' } as const
  await scene.record(scene.device('opened', 'm', hot, { seconds: 0 }))
  await scene.record(scene.device('cleared', 'm', hot, { seconds: 60, occurredAt: sceneStart }))
  await scene.record(scene.device('opened', 'm', 'electricity-meter/silent', { seconds: 100, ...silent }))
  await scene.pass(60)
  expect(await state()).toBe('unknown')
  await scene.record(scene.device('cleared', 'm', 'electricity-meter/silent', { seconds: 600, ...silent }))
  await scene.pass(11.99)
  expect(await state()).toBe('open')
  await scene.pass(12)
  expect((await scene.incidents({ finding: hot })).at(-1)).toMatchObject({
    state: 'cleared',
    clearedAt: sceneStart + 60_000,
  })
})

test('maintenance of a gateway, a feeder or an estate sends nobody; what is found is kept, with the reason', async () => {
  const { record, device, running, idOf } = await building()
  const suppressions = createSuppressions({ operations: database.operations, clock: () => sceneStart - hourMs })
  const begin = (type: 'gateway' | 'feeder' | 'estate', id: string) =>
    suppressions.begin(
      { type: 'maintenance', scope: { type, id }, finding: null, reason: 'Rewiring', startsAt: null, endsAt: null },
      'wang',
    )
  const found = (name: string, seconds: number) => record(device('opened', name, hot, { seconds }))
  expect((await found('a-0', 0))?.incident.suppressed).toBeNull()
  const feeder = await begin('feeder', idOf('f-b'))
  expect((await found('b-0', 1))?.incident).toMatchObject({
    state: 'suppressed',
    orderId: null,
    suppressed: { by: 'maintenance', id: feeder.id, text: expect.stringContaining('Rewiring') },
  })
  await begin('gateway', idOf('gw-o'))
  expect((await found('o-0', 2))?.incident.state).toBe('suppressed')
  expect((await found('a-1', 3))?.incident.state).toBe('open')
  await begin('estate', idOf('estate'))
  expect((await found('a-2', 4))?.incident.state).toBe('suppressed')
  const trapped = device('opened', 'lift', 'elevator/entrapment', { seconds: 5, severity: 'critical' })
  expect((await record(trapped))?.incident.state).toBe('open')
  expect(await running()).toEqual([`a-0 ${hot}`, `a-1 ${hot}`, 'lift elevator/entrapment'])
})

test('while a mechanic works on an elevator, what it shows is recorded; a trapped passenger comes through', async () => {
  const { record, device, running } = await building()
  await record(device('opened', 'lift', 'elevator/service-mode', { seconds: 0, severity: 'info' }))
  const drift = await record(device('opened', 'lift', 'elevator/door-close-drift', { seconds: 5, severity: 'warning' }))
  expect(drift?.incident).toMatchObject({ state: 'suppressed', suppressed: { by: 'service-mode' } })
  await record(device('opened', 'lift', 'elevator/entrapment', { seconds: 9, severity: 'critical' }))
  expect(await running()).toEqual(['lift elevator/entrapment'])
})

test('a flood from one gateway is one order with a list, and never hides another’s, nor a trapped passenger', async () => {
  const scene = incidentScene(database.operations)
  const hotMotor = 'elevator/motor-over-temperature'
  await scene.addDevices(names('x', 30), { gateway: 'gw-x', kind: 'elevator' })
  await scene.addDevices(['y'], { gateway: 'gw-y', kind: 'elevator' })
  const outcomes = []
  for (const [n, name] of names('x', 30).entries()) {
    const severity = n === 20 ? 'critical' : 'urgent'
    outcomes.push(await scene.record(scene.device('opened', name, hotMotor, { seconds: n, severity })))
  }
  await scene.record(scene.device('opened', 'y', hotMotor, { seconds: 30 }))
  await scene.record(scene.device('opened', 'x-3', 'elevator/entrapment', { seconds: 31, severity: 'critical' }))

  expect(outcomes.findIndex((outcome) => outcome?.group !== undefined)).toBe(9)
  expect(outcomes[9]).toMatchObject({ group: { opened: true, incident: { severity: 'urgent' } } })
  expect(outcomes[9]?.absorbed).toHaveLength(9)
  expect(outcomes[20]?.group).toBeUndefined()
  const orders = [`gw-x ${hotMotor}`, `x-20 ${hotMotor}`, 'x-3 elevator/entrapment', `y ${hotMotor}`]
  expect(await scene.running()).toEqual(orders)
  const storm = outcomes[9]?.group?.incident.id ?? ''
  expect(await scene.incidents({ parentId: storm })).toHaveLength(29)
  expect(await database.operations.countChildren(storm)).toBe(29)

  const rise = (n: number) => {
    const told = { seconds: 40, severity: 'critical', occurredAt: sceneStart + n * secondMs } as const
    return scene.record(scene.device('upgraded', `x-${n}`, hotMotor, told))
  }
  // the order of the one was merged into the storm's, the other never had one
  for (const n of [5, 15]) {
    const own = { state: 'open', suppressed: null, parentId: null, severity: 'critical' }
    const worse = await rise(n)
    expect([worse?.incident, worse?.group]).toMatchObject([own, undefined])
  }
  expect(await scene.running()).toEqual([...orders, `x-5 ${hotMotor}`, `x-15 ${hotMotor}`].sort())
})

test('what is told again of an explained incident neither sends anybody nor opens another', async () => {
  const { record, out, device, running, incidents } = await building()
  await record(device('opened', 'b-1', 'electricity-meter/under-voltage', { seconds: -30 }))
  for (const name of ['a-0', 'b-0', 'a-1']) await record(out(name, 0))
  const before = (await incidents()).length
  const told = { seconds: 300, occurredAt: sceneStart - 30_000 }
  const again = await record(device('repeated', 'b-1', 'electricity-meter/under-voltage', told))
  expect(again).toMatchObject({ opened: false, incident: { state: 'suppressed', count: 2 } })
  expect((await incidents()).length).toBe(before)
  expect(await running()).toEqual([`house ${outage}`])
})
