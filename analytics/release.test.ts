import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../core/clock.ts'
import { incidentScene, sceneStart } from '../test/incident-scene.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { releaseSuppressed } from './release.ts'
import { createSuppressions, type NewSuppression } from './suppress.ts'

const hot = 'electricity-meter/terminal-over-temperature'
const outage = 'electricity-meter/outage'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)
const ids = (released: readonly { id: string }[]) => released.map(({ id }) => id)

let now = sceneStart
function suppressions() {
  return createSuppressions({ operations: database.operations, clock: () => now })
}
function begin(type: NewSuppression['type'], scope: NewSuppression['scope'], minutes: number | null) {
  now = sceneStart - minuteMs
  const endsAt = minutes === null ? null : sceneStart + minutes * minuteMs
  return suppressions().begin({ type, scope, finding: null, reason: 'Rewiring', startsAt: null, endsAt }, 'wang')
}

test('what still holds when the planned work ends gets its order then, once, and what is over gets none', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m', 'n'])
  await begin('planned-work', { type: 'gateway', id: scene.idOf('gw') }, 60)
  const held = await scene.record(scene.device('opened', 'm', hot, { seconds: 0 }))
  await scene.record(scene.device('opened', 'n', hot, { seconds: 0 }))
  await scene.record(scene.device('cleared', 'n', hot, { seconds: 600, occurredAt: sceneStart }))

  expect(await scene.pass(59.99)).toEqual([])
  const released = await scene.pass(60)
  expect(ids(released)).toEqual([held?.incident.id])
  expect(released).toMatchObject([{ state: 'open', suppressed: null }])
  expect(await scene.running()).toEqual([`m ${hot}`])
  expect(await scene.pass(61)).toEqual([])
  const over = (await scene.incidents()).find(({ deviceId }) => deviceId === scene.idOf('n'))
  expect(over).toMatchObject({ state: 'cleared', orderId: null, suppressed: { by: 'planned-work' } })
})

test('of many who release at once, one does', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m'])
  const maintenance = await begin('maintenance', { type: 'device', id: scene.idOf('m') }, null)
  await scene.record(scene.device('opened', 'm', hot, { seconds: 0 }))
  expect(await scene.pass(1_000)).toEqual([])
  now = sceneStart + 1_000 * minuteMs
  await suppressions().end(maintenance.id, 'wang')
  const all = await Promise.all([1, 2, 3, 4].map(() => scene.pass(1_000)))
  expect(all.flat()).toHaveLength(1)
  expect(await scene.running()).toHaveLength(1)
})

test('an end of one suppression changes nothing while another one holds', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m'])
  await begin('shelf', { type: 'device', id: scene.idOf('m') }, 30)
  const gateway = await begin('planned-work', { type: 'gateway', id: scene.idOf('gw') }, 60)
  await scene.record(scene.device('opened', 'm', hot, { seconds: 0 }))
  expect(await scene.pass(30)).toEqual([])
  expect(await scene.incidents()).toMatchObject([{ suppressed: { by: 'planned-work', id: gateway.id } }])
  expect(await scene.pass(60)).toHaveLength(1)
})

test('what is critical leaves its shelf, or never lies on it', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m', 'n'])
  for (const name of ['m', 'n']) await begin('shelf', { type: 'device', id: scene.idOf(name) }, 600)
  const known = await scene.record(scene.device('opened', 'm', hot, { seconds: 0, severity: 'warning' }))
  expect(known).toMatchObject({ incident: { state: 'suppressed', suppressed: { by: 'shelf' } } })
  const worse = { seconds: 60, severity: 'critical', occurredAt: sceneStart } as const
  expect(await scene.record(scene.device('upgraded', 'm', hot, worse))).toMatchObject({
    upgraded: true,
    incident: { state: 'open', suppressed: null, severity: 'critical' },
  })
  const atOnce = await scene.record(scene.device('opened', 'n', hot, { seconds: 70, severity: 'critical' }))
  expect(atOnce).toMatchObject({ opened: true, incident: { state: 'open', suppressed: null } })
  expect(await scene.running()).toEqual([`m ${hot}`, `n ${hot}`])
})

test('a crash before the release is committed leaves it to the next run', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m'])
  await begin('shelf', { type: 'device', id: scene.idOf('m') }, 10)
  await scene.record(scene.device('opened', 'm', hot, { seconds: 0 }))
  const { operations } = database
  const killed = releaseSuppressed({
    operations,
    now: sceneStart + 10 * minuteMs,
    onReleased: async () => Promise.reject(new TypeError('kill -9')),
  })
  await expect(killed).rejects.toThrow('kill -9')
  expect(await scene.incidents()).toMatchObject([{ state: 'suppressed' }])
  expect(await scene.pass(10)).toHaveLength(1)
})

test('many that are released together are a storm, not a flood of orders', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(names('m', 14))
  await begin('planned-work', { type: 'gateway', id: scene.idOf('gw') }, 60)
  for (const [n, name] of names('m', 14).entries()) {
    await scene.record(scene.device('opened', name, hot, { seconds: n * 200 }))
  }
  expect(await scene.running()).toEqual([])
  await scene.pass(60)
  expect(await scene.running()).toEqual([`gw ${hot}`])
})

async function silentGateway() {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m', 'n'])
  const silent = (change: 'opened' | 'cleared', name: string, seconds: number) =>
    scene.record(
      scene.device(change, name, 'electricity-meter/silent', {
        ...{ seconds, severity: 'warning', occurredAt: sceneStart },
      }),
    )
  await silent('opened', 'm', 0)
  await scene.record(scene.gateway('opened', 'gw', { seconds: 30 }))
  await silent('opened', 'n', 60)
  return { ...scene, silent }
}

test('a device that stays silent when its gateway is back gets its order, also when one was merged before', async () => {
  const { record, gateway, silent, pass, running, incidents, idOf } = await silentGateway()
  expect(await running()).toEqual(['gw gateway/silent'])
  await record(gateway('cleared', 'gw', { seconds: 600, occurredAt: sceneStart + 30_000 }))
  await silent('cleared', 'n', 610)
  expect(await pass(11.99)).toEqual([])

  const [released] = await pass(13)
  expect(released).toMatchObject({ deviceId: idOf('m'), state: 'open', detectedAt: sceneStart + 13 * minuteMs })
  expect(await running()).toEqual(['gw gateway/silent', 'm electricity-meter/silent'])
  expect((await incidents()).map(({ deviceId, state }) => [deviceId?.slice(-1) ?? 'gw', state])).toEqual([
    ['m', 'cleared'],
    ['gw', 'cleared'],
    ['n', 'cleared'],
    ['m', 'open'],
  ])
  expect(await pass(14)).toEqual([])
  await silent('cleared', 'm', 900)
  await pass(17)
  expect((await incidents()).every(({ state }) => state === 'cleared')).toBe(true)
})

test('a gateway that stays silent though its order was closed still explains its devices', async () => {
  const { record, gateway, setOrder, pass, incidents } = await silentGateway()
  const [first] = await incidents({ finding: 'gateway/silent' })
  await setOrder(first?.id ?? '', 'closed')
  const told = { seconds: 330, occurredAt: sceneStart + 30_000 }
  const second = await record(gateway('repeated', 'gw', told))
  expect(second).toMatchObject({ opened: true, incident: { suppressed: null } })
  expect(await pass(60)).toEqual([])
  const children = await incidents({ parentId: second?.incident.id ?? '' })
  expect(children.map(({ suppressed }) => suppressed?.id)).toEqual([second?.incident.id, second?.incident.id])
})

async function darkBuilding() {
  const scene = incidentScene(database.operations)
  await scene.addSites(['building', 'house', null])
  await scene.addDevices(names('a', 3), { site: 'house' })
  const room = (change: 'opened' | 'cleared', name: string, seconds: number) =>
    scene.record(
      scene.device(change, name, outage, {
        seconds,
        severity: 'info',
        occurredAt: sceneStart,
        at: sceneStart + seconds * 1_000,
      }),
    )
  for (const name of names('a', 3)) await room('opened', name, 0)
  const group = (await scene.incidents()).find(({ scope }) => scope.type === 'building')
  if (group === undefined) throw new Error('no outage was made')
  return { ...scene, room, group }
}

test('an outage is over when the last of its rooms has had power for two minutes', async () => {
  const { room, pass, group } = await darkBuilding()
  const state = async () => (await database.operations.incident(group.id))?.state
  await room('cleared', 'a-0', 600)
  await room('cleared', 'a-1', 610)
  await pass(30)
  expect(await state()).toBe('open')
  await room('cleared', 'a-2', 1_800)
  await pass(31.99)
  expect(await state()).toBe('open')
  await pass(32)
  expect(await database.operations.incident(group.id)).toMatchObject({
    state: 'cleared',
    clearedAt: sceneStart + 1_800_000,
  })
})

test('an outage whose order was closed while rooms are dark is sent again after 5 minutes, with its list', async () => {
  const { setOrder, pass, group, incidents, running, room } = await darkBuilding()
  await room('cleared', 'a-0', 60)
  await setOrder(group.id, 'closed')
  expect(await pass(5.99)).toEqual([])
  const [again] = await pass(6)
  expect(again).toMatchObject({ scope: group.scope, state: 'open', detectedAt: sceneStart + 6 * minuteMs })
  expect(await running()).toEqual([`house ${outage}`])
  expect(await incidents({ parentId: again?.id ?? '' })).toHaveLength(2)
  expect(await database.operations.incident(group.id)).toMatchObject({ state: 'cleared' })
  expect(await pass(600)).toEqual([])
})

async function stormOfSilentGateway() {
  const scene = incidentScene(database.operations)
  const meters = names('m', 10)
  await scene.addDevices(meters)
  const meter = (change: 'opened' | 'cleared', name: string, seconds: number) =>
    scene.record(scene.device(change, name, hot, { seconds, occurredAt: sceneStart }))
  for (const name of meters) await meter('opened', name, 0)
  const [storm] = (await scene.incidents()).filter(({ scope }) => scope.type === 'gateway')
  if (storm === undefined) throw new Error('no storm was made')
  await scene.record(scene.gateway('opened', 'gw', { seconds: 60 }))
  await scene.setOrder(storm.id, 'closed')
  const stateOf = async () => (await database.operations.incident(storm.id))?.state
  const heard = (seconds: number) =>
    scene.record(scene.gateway('cleared', 'gw', { seconds, occurredAt: sceneStart + 60_000 }))
  return { ...scene, meters, meter, storm, stateOf, heard }
}

test('a storm whose gateway is silent is unknown and not sent again; heard again and still there, it is', async () => {
  const { pass, stateOf, heard, storm, running } = await stormOfSilentGateway()
  expect(await stateOf()).toBe('unknown')
  expect([await pass(7), await pass(30), await stateOf()]).toEqual([[], [], 'unknown'])
  await heard(2_400)
  expect([await pass(44.99), await stateOf()]).toEqual([[], 'open'])
  const [again] = await pass(45)
  expect(again).toMatchObject({
    scope: storm.scope,
    finding: hot,
    state: 'open',
    detectedAt: sceneStart + 45 * minuteMs,
  })
  expect(await running()).toContain(`gw ${hot}`)
})

test('a storm that is over when its gateway is heard again is not sent again', async () => {
  const { pass, stateOf, heard, meters, meter } = await stormOfSilentGateway()
  await heard(2_400)
  for (const name of meters) await meter('cleared', name, 2_460)
  expect([await pass(43), await pass(46), await stateOf()]).toEqual([[], [], 'cleared'])
})

test('rooms that are still dark when planned work on their building ends are its outage, with one order', async () => {
  const scene = incidentScene(database.operations)
  await scene.addSites(['building', 'house', null])
  await scene.addDevices(names('a', 3), { site: 'house' })
  await begin('planned-work', { type: 'building', id: scene.idOf('house') }, 60)
  for (const name of names('a', 3)) {
    await scene.record(scene.device('opened', name, outage, { seconds: 0, severity: 'info' }))
  }
  expect(await scene.running()).toEqual([])
  expect((await scene.incidents()).map(({ suppressed }) => suppressed?.by)).toEqual(Array(3).fill('planned-work'))
  const [released] = await scene.pass(60)
  expect(released?.scope.type).toBe('building')
  expect(await scene.running()).toEqual([`house ${outage}`])
})

// The commands of people

const refusal = (given: Partial<NewSuppression>) => {
  now = sceneStart
  const wanted: NewSuppression = {
    ...{ type: 'shelf', scope: { type: 'feeder', id: 'f-1' }, finding: null, reason: 'Known' },
    ...{ startsAt: null, endsAt: sceneStart + hourMs },
    ...given,
  }
  return expect(suppressions().begin(wanted, 'wang')).rejects
}

test.each<[string, Partial<NewSuppression>, RegExp]>([
  ['a shelf without an end', { endsAt: null }, /endsAt: shelf needs an end/],
  ['a shelf of more than 30 days', { endsAt: sceneStart + 720 * hourMs + 1 }, /30 days at most/],
  ['an end in the past', { endsAt: sceneStart }, /endsAt: must be/],
  ['a shelf that begins later', { startsAt: sceneStart + 1 }, /only planned work begins later/],
  ['planned work without an end', { type: 'planned-work', endsAt: null }, /needs an end/],
  ['a shelf for trapped passengers', { finding: 'elevator/entrapment' }, /danger to life/],
  ['a device that nobody knows', { scope: { type: 'device', id: 'none' } }, /there is no device none/],
  ['a building that nobody knows', { scope: { type: 'building', id: 'none' } }, /there is no building none/],
])('refused: %s', async (_, given, message) => {
  await refusal(given).toThrow(message)
})

test('thirty days are allowed; planned work may begin later; each is written down with who and when', async () => {
  now = sceneStart
  const shelf = {
    finding: 'elevator/door-close-drift',
    reason: 'Parts ordered',
    scope: { type: 'feeder', id: 'f-9' },
  } as const
  const begun = await suppressions().begin(
    { ...shelf, type: 'shelf', startsAt: null, endsAt: sceneStart + 720 * hourMs },
    'wang',
  )
  expect(begun).toMatchObject({ ...shelf, startsAt: sceneStart, createdBy: 'wang', endedAt: null })
  const planned = await suppressions().begin(
    { ...shelf, type: 'planned-work', finding: null, startsAt: sceneStart + hourMs, endsAt: sceneStart + 2 * hourMs },
    'wang',
  )
  const inForce = (at: number) => database.operations.suppressionsAt([shelf.scope], at)
  expect(ids(await inForce(sceneStart))).toEqual([begun.id])
  expect(ids(await inForce(sceneStart + hourMs))).toEqual([begun.id, planned.id])

  now = sceneStart + 90 * minuteMs
  expect(await suppressions().end(planned.id, 'li')).toMatchObject({ endedAt: now, endedBy: 'li' })
  await expect(suppressions().end(planned.id, 'li')).rejects.toMatchObject({ code: 'already-done' })
  expect(ids(await inForce(now))).toEqual([begun.id])
  expect(await database.operations.suppression(planned.id)).toMatchObject({
    endsAt: sceneStart + 2 * hourMs,
    endedBy: 'li',
  })
})

test('two who set one device to maintenance at the same moment: one does, the other is told', async () => {
  const scene = incidentScene(database.operations)
  await scene.addDevices(['m'])
  const both = await Promise.allSettled(
    [1, 2].map(() => begin('maintenance', { type: 'device', id: scene.idOf('m') }, null)),
  )
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already-exists' } })
  const { items } = await database.operations.suppressions({ limit: 10, scopeId: scene.idOf('m') })
  expect(items).toHaveLength(1)
})
