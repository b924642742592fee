import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../core/clock.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { Roster, TeamType } from '../../core/people.ts'
import { teamTypes } from '../../core/people.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { testMember, testRoster, testShift, testTeam } from '../../test/fixtures/people.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { recordEvent } from '../evidence/chain.ts'
import { notify } from '../notices/notify.ts'
import { armDeadlines } from '../plans/deadlines.ts'
import { freeze, shippedPlans } from '../plans/plans.ts'
import { createShiftWatch } from './shift-change.ts'

/** 08:00 in Shanghai, when the night's crew goes and the day's comes. */
const change = Date.UTC(2026, 10, 24)
let now = change
let database: TestDatabase
let operations: OperationsStore

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  const channel = { type: 'webhook', name: 'sms', settings: {}, enabled: true, createdAt: 0 } as const
  await operations.insertChannel({ ...channel, id: 'sms' })
})
afterAll(() => database.remove())
beforeEach(async () => {
  now = change - 10 * minuteMs
  for (const { id } of await operations.workingTeams(teamTypes)) await operations.updateTeam(id, { removedAt: 1 })
  for (const { id, state } of (await operations.orders({ state: 'open', limit: 100 })).items) {
    await operations.updateOrder(id, state, { state: 'cancelled', cancelledAt: change })
  }
})

const watch = () => createShiftWatch({ operations, recordEvent, clock: () => now })

test('who comes on duty is told at once that the team has an order, once, and also after a restart', async () => {
  const crew = await addCrew([
    ['20:00', '08:00', 'night'],
    ['08:00', '20:00', 'day'],
  ])
  const order = await raise(crew)
  const running = watch()
  expect([await running.runOnce(), await told(order)]).toEqual([0, ['raised night']])

  now = change
  expect([await running.runOnce(), await running.runOnce(), await watch().runOnce()]).toEqual([1, 0, 0])
  expect(await told(order)).toEqual(['raised night', 'on-shift day'])
  now = change + 12 * hourMs
  expect([await running.runOnce(), await watch().runOnce()]).toEqual([1, 0])
  expect((await told(order)).at(-1)).toBe('on-shift night')
})

test('after a time of being down those who came meanwhile are told; who is there since before the order is not', async () => {
  const crew = await addCrew([
    ['20:00', '08:00', 'night'],
    ['00:00', '12:00', 'early', 'day'],
  ])
  await swap(crew, 'day', null, 0, change)
  const order = await raise(crew)
  now = change + 30 * minuteMs
  expect(await watch().runOnce()).toBe(1)
  expect(await told(order)).toEqual(['raised early', 'raised night', 'on-shift day'])
})

test('a swap that is written down when it has begun already is a coming, too', async () => {
  const crew = await addCrew([['00:00', '00:00', 'ill']])
  const running = watch()
  const order = await raise(crew)
  await running.runOnce()
  await swap(crew, 'ill', idOf('well', crew), now - hourMs, now + hourMs)
  now += minuteMs
  expect(await running.runOnce()).toBe(1)
  expect(await told(order)).toEqual(['raised ill', 'on-shift well'])
})

test("what somebody has arrived at, what is planned, and what is another crew's is none of their business", async () => {
  const crew = await addCrew([
    ['20:00', '08:00', 'night'],
    ['08:00', '20:00', 'day'],
  ])
  const other = await addCrew([['00:00', '00:00', 'other']])
  const orders = [
    await raise(crew, { state: 'arrived', arrivedAt: now, acceptedAt: now, technicianId: 'night' }),
    await raise(crew, { type: 'planned', severity: 'warning', arriveBy: null }),
    await raise(other),
  ]
  now = change
  expect(await watch().runOnce()).toBe(0)
  for (const order of orders) expect((await told(order)).filter((one) => one.startsWith('on-shift'))).toEqual([])
})

test.each([
  ['that nobody has', null],
  ['whose team has nobody on duty', 'gone home'],
])('an order %s goes to the crew that comes, which is watched from then on', async (_, former) => {
  const night = former && (await addCrew([['20:00', '07:00', 'night']]))
  const order = await raise(night)
  const missed = (await operations.deadlinesOf(order.id)).map(({ id }) => id)
  await operations.endDeadlines(missed, 'fired', now)
  const running = watch()
  expect(await running.runOnce()).toBe(0)
  const day = await addCrew([['08:00', '20:00', 'day']])
  expect(await running.runOnce()).toBe(0)

  now = change
  expect([await running.runOnce(), await running.runOnce(), await watch().runOnce()]).toEqual([1, 0, 0])
  expect(await operations.order(order.id)).toMatchObject({ teamId: day, state: 'raised' })
  expect((await told(order)).at(-1)).toBe('reassigned day')
  expect((await operations.orderEvents(order.id)).at(-1)).toMatchObject({
    type: 'reassigned',
    actor: 'liftwatt',
    data: {
      teamId: day,
      fromTeamId: night,
      reason: former === null ? 'they are on duty now' : 'who had it is off duty',
    },
  })
  const waitedFor = (await operations.deadlinesOf(order.id)).filter(({ state }) => state === 'open')
  expect(new Set(waitedFor.map(({ step }) => step.goal))).toEqual(new Set(['accepted']))
})

test('an order that nobody has accepted when the shift of its crew ends goes at once to another crew that is there all the time', async () => {
  const night = await addCrew([['20:00', '08:00', 'night']])
  const other = await addCrew([['00:00', '00:00', 'other']])
  const [order, theirs] = [await raise(night), await raise(night)]
  await operations.updateOrder(theirs.id, 'raised', { state: 'accepted', acceptedAt: now, technicianId: 'night' })
  const running = watch()
  await running.runOnce()
  now = change
  expect([await running.runOnce(), await running.runOnce()]).toEqual([1, 0])
  expect(await operations.order(order.id)).toMatchObject({ teamId: other })
  expect((await told(order)).at(-1)).toBe('reassigned other')
  expect(await operations.order(theirs.id)).toMatchObject({ teamId: night, technicianId: 'night' })
})

test('who comes to a team without shifts, or can be reached only now, is told what it has, once', async () => {
  const crew = `crew-${randomUUID()}`
  const reached = (name: string) => ({ name, addresses: [{ channelId: 'sms', address: idOf(name, crew) }] })
  await operations.insertTeam(testTeam(crew))
  await operations.insertMember(testMember(idOf('first', crew), crew, reached('first')))
  await operations.insertMember(testMember(idOf('mute', crew), crew, { name: 'mute' }))
  const order = await raise(crew)
  const running = watch()
  expect(await running.runOnce()).toBe(0)
  now += minuteMs
  await operations.insertMember(testMember(idOf('new', crew), crew, reached('new')))
  await operations.updateMember(idOf('mute', crew), { addresses: reached('mute').addresses })
  expect([await running.runOnce(), await running.runOnce(), await watch().runOnce()]).toEqual([1, 0, 0])
  expect(await told(order)).toEqual(['raised first', 'on-shift mute', 'on-shift new'])
})

test('who has accepted and gone home keeps the order', async () => {
  const night = await addCrew([['20:00', '07:00', 'night']])
  await addCrew([['08:00', '20:00', 'day']])
  const order = await raise(night, { state: 'accepted', acceptedAt: now, technicianId: 'night' })
  now = change
  expect(await watch().runOnce()).toBe(0)
  expect(await operations.order(order.id)).toMatchObject({ teamId: night, technicianId: 'night' })
})

test('whoever has accepted off duty is not told that they are on duty when another comes', async () => {
  const crew = await addCrew([
    ['20:00', '08:00', 'night'],
    ['08:00', '20:00', 'day'],
  ])
  const order = await raise(crew)
  const accepted = {
    state: 'accepted',
    acknowledgedAt: now,
    acceptedAt: now,
    technicianId: idOf('well', crew),
  } as const
  await operations.updateOrder(order.id, 'raised', accepted)
  const running = watch()
  await running.runOnce()
  now = change
  await running.runOnce()
  expect(await told(order)).toEqual(['raised night', 'on-shift day'])
})

test('who comes on duty in the duty room or above hears what was missed of orders that nobody has, once', async () => {
  const crew = await addCrew([['00:00', '00:00', 'silent']])
  const day: Turn = ['08:00', '20:00', 'day']
  const [duty, supervisors] = [await addTeam('duty-room', [day]), await addTeam('supervisor', [day])]
  const orders = [
    await raise(crew),
    await raise(crew),
    await raise(crew, { state: 'accepted', technicianId: 'silent' }),
  ]
  const [waiting, , accepted] = orders
  for (const order of [waiting, accepted]) {
    const [{ id = '' } = {}] = (await operations.deadlinesOf(order?.id ?? '')).filter(
      ({ step }) => step.id === 'duty-room-acknowledges',
    )
    await operations.endDeadlines([id], 'fired', now)
  }
  const running = watch()
  await running.runOnce()
  now = change
  expect([await running.runOnce(), await running.runOnce(), await watch().runOnce()]).toEqual([1, 0, 0])
  const toldAbove = await Promise.all(
    orders.map(async ({ id }) =>
      (await operations.notices({ orderId: id, limit: 100 })).items
        .filter(({ recipient }) => recipient.teamId !== crew)
        .map(({ reason, recipient, content }) => [reason, recipient.teamId, content.missed]),
    ),
  )
  expect(toldAbove).toEqual([
    expect.arrayContaining([duty, supervisors].map((teamId) => ['escalated', teamId, 'acknowledged'])),
    [],
    [],
  ])
})

type Turn = readonly [from: string, until: string, ...names: string[]]

/** Its members are called by their names, and have the crew in their ids. */
function addCrew(turns: readonly Turn[], given: Partial<Roster> = {}): Promise<string> {
  return addTeam('crew', turns, given)
}

async function addTeam(type: TeamType, turns: readonly Turn[], given: Partial<Roster> = {}): Promise<string> {
  const crew = `${type}-${randomUUID()}`
  await operations.insertTeam(testTeam(crew, { type }))
  for (const name of new Set([...turns.flatMap(([, , ...names]) => names), 'well'])) {
    const addresses = [{ channelId: 'sms', address: idOf(name, crew) }]
    await operations.insertMember(testMember(idOf(name, crew), crew, { name, addresses }))
  }
  const shifts = turns.map(([from, until, ...names]) =>
    testShift(
      from,
      until,
      names.map((name) => idOf(name, crew)),
    ),
  )
  await operations.putRoster(testRoster(crew, shifts, given))
  return crew
}

function idOf(name: string, crew: string): string {
  return `${name} of ${crew}`
}

async function swap(crew: string, name: string, insteadId: string | null, from: number, until: number) {
  const roster = await operations.roster(crew)
  if (roster === undefined) throw new Error(`${crew} has no roster`)
  const swaps = [{ memberId: idOf(name, crew), insteadId, from, until, reason: null }]
  await operations.putRoster({ ...roster, swaps, version: roster.version + 1 })
}

/** An emergency, ten minutes before the change, of which the crew was told. */
async function raise(teamId: string | null, given: Partial<WorkOrder> = {}): Promise<WorkOrder> {
  const deviceId = `elv-${randomUUID()}`
  const incident = testIncident({ deviceId, detectedAt: now })
  const { orderId: _, ...fresh } = incident
  const [plan] = shippedPlans
  if (plan === undefined) throw new Error('no plan ships')
  const arriveBy = now + 30 * minuteMs
  const order = testOrder({
    ...{ incidentId: incident.id, deviceId, detectedAt: now, raisedAt: now, arriveBy, teamId, plan: freeze(plan) },
    ...given,
  })
  await operations.insertIncident({ ...fresh, followed: null })
  await operations.insertOrder(order)
  await operations.transaction(async (unit) => {
    await armDeadlines(unit, order)
    await notify(unit, { order, reason: 'raised', parties: ['crew'], now })
  })
  return order
}

/** Oldest first, and of one time by name. */
async function told({ id }: WorkOrder): Promise<string[]> {
  const { items } = await operations.notices({ orderId: id, limit: 100 })
  const inOrder = items.toSorted(
    (one, other) => one.createdAt - other.createdAt || one.recipient.name.localeCompare(other.recipient.name),
  )
  return inOrder.map(({ reason, recipient }) => `${reason} ${recipient.name}`)
}
