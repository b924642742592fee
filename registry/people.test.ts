import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, hourMs } from '../core/clock.ts'
import { kinds } from '../devices/index.ts'
import type { Operations } from '../stores/operations/port.ts'
import { testShift } from '../test/fixtures/people.ts'
import { testIncident, testOrder } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createPeople, type People } from './people.ts'

const start = Date.UTC(2026, 10, 24, 8)
const now = start
let database: TestDatabase
let operations: Operations
let people: People

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  people = createPeople({ operations, kinds, clock: () => now })
})
afterAll(() => database.remove())

test('a team comes, changes and goes, and its history says who did what', async () => {
  const id = newId()
  const team = await people.addTeam({ id, type: 'crew', name: 'East', skills: ['elevator'] }, 'ann')
  expect(team).toMatchObject({ areas: [], skills: ['elevator'], phone: null, createdAt: start, removedAt: null })
  await people.updateTeam(id, { phone: '110' }, 'bob')
  await people.updateTeam(id, { phone: '110' }, 'bob') // nothing changes: no trace
  await people.removeTeam(id, 'ann')
  await expect(people.updateTeam(id, { name: 'x' }, 'ann')).rejects.toMatchObject({ code: 'not-found' })
  const history = (await operations.history('team', id, { limit: 10 })).items
  expect(history.map(({ actor, before, after }) => [actor, before !== null, after !== null])).toEqual([
    ['ann', true, false],
    ['bob', true, true],
    ['ann', false, true],
  ])
})

test('a team that still has orders stays until another one has them', async () => {
  const id = newId()
  await people.addTeam({ id, type: 'crew', name: 'East' }, 'ann')
  const { orderId: _, ...incident } = testIncident({ deviceId: newId(), detectedAt: start })
  const order = testOrder({ incidentId: incident.id, teamId: id, detectedAt: start })
  await operations.insertIncident({ ...incident, followed: null })
  await operations.insertOrder(order)
  await expect(people.removeTeam(id, 'ann')).rejects.toMatchObject({ code: 'already-done' })
  await operations.updateOrder(order.id, 'raised', { state: 'cancelled', cancelledAt: start })
  await people.removeTeam(id, 'ann')
})

test('who is on the way to an order stays until somebody else has it', async () => {
  const { teamId, li, wang } = await crew()
  const { orderId: _, ...incident } = testIncident({ deviceId: newId(), detectedAt: start })
  const technicianId = (await operations.member(li))?.name ?? ''
  const order = testOrder({ incidentId: incident.id, teamId, technicianId, detectedAt: start })
  await operations.insertIncident({ ...incident, followed: null })
  await operations.insertOrder(order)
  await people.removeMember(wang, 'ann')
  await expect(people.removeMember(li, 'ann')).rejects.toThrow(order.id)
  await expect(people.updateMember(li, { teamId: (await crew()).teamId }, 'ann')).rejects.toThrow(order.id)
  expect(await operations.hasLeft(teamId, technicianId)).toBe(false)
  await operations.updateOrder(order.id, 'raised', { technicianId: null })
  await people.removeMember(li, 'ann')
  expect(await operations.hasLeft(teamId, technicianId)).toBe(true)
})

test('an area, skill or channel that nobody knows is named', async () => {
  const wrong = { areas: ['atlantis'], skills: ['ship'], addresses: [{ channelId: 'smoke', address: null }] }
  const refused = await people
    .addTeam({ id: newId(), type: 'crew', name: 'x', ...wrong }, 'ann')
    .catch((cause) => cause)
  expect(refused.code).toBe('invalid')
  expect(refused.faults.map(({ path }: { path: string }) => path)).toEqual([
    'areas.0',
    'skills.0',
    'addresses.0.channelId',
  ])
})

test('a roster is written over the version that was read, and a stale one is refused', async () => {
  const { teamId, li } = await crew()
  const shifts = [testShift('20:00', '05:00', [li])]
  const document = { version: 0, shifts, swaps: [], holidays: [] }
  expect(await people.putRoster(teamId, document, 'ann')).toMatchObject({ version: 1, shifts })
  await expect(people.putRoster(teamId, document, 'bob')).rejects.toMatchObject({ code: 'already-done' })
  expect(await people.putRoster(teamId, { ...document, version: 1 }, 'bob')).toMatchObject({ version: 2 })
  expect((await operations.history('roster', teamId, { limit: 9 })).items.map(({ actor }) => actor)).toEqual([
    'bob',
    'ann',
  ])
})

test('of two who write a roster at once, one is told', async () => {
  const { teamId, li } = await crew()
  const document = { version: 0, shifts: [testShift('20:00', '05:00', [li])], swaps: [], holidays: [] }
  const results = await Promise.allSettled(['ann', 'bob'].map((actor) => people.putRoster(teamId, document, actor)))
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a roster names members of its team only, and shifts that can be', async () => {
  const { teamId, li } = await crew()
  const shifts = [
    testShift('20:00', '05:00', ['stranger']),
    testShift('20:00', '05:00', [li], { validFrom: '2026-12-01', validUntil: '2026-11-01' }),
    testShift('20:00', '05:00', [li], { days: [], holidays: false }),
  ]
  const swaps = [{ from: start, until: start, memberId: li, insteadId: 'stranger', reason: null }]
  const document = { version: 0, shifts, swaps, holidays: [] }
  const refused = await people.putRoster(teamId, document, 'ann').catch((cause) => cause)
  expect(refused.faults.map(({ path }: { path: string }) => path)).toEqual([
    'shifts.0.memberIds.0',
    'shifts.1.validUntil',
    'shifts.2.days',
    'swaps.0.until',
    'swaps.0.insteadId',
  ])
})

test('a swap is added to what is there; long past ones make room', async () => {
  const { teamId, li, wang } = await crew()
  const old = { from: start - 200 * dayMs, until: start - 199 * dayMs, memberId: li, insteadId: wang, reason: null }
  const shifts = [testShift('20:00', '05:00', [li])]
  await people.putRoster(teamId, { version: 0, shifts, swaps: [old], holidays: [] }, 'ann')
  const swap = { from: start + 5 * hourMs, until: start + 6 * hourMs, memberId: li, insteadId: wang, reason: 'ill' }
  expect(await people.addSwap(teamId, swap, 'ann')).toMatchObject({ version: 2, shifts, swaps: [swap] })
})

test('nobody stands in for somebody who is not on duty then, also by an earlier swap; what was written before stays', async () => {
  const { teamId, li, wang } = await crew()
  const shifts = [testShift('20:00', '05:00', [li])]
  await people.putRoster(teamId, { version: 0, shifts, swaps: [], holidays: [] }, 'ann')
  const atNight = { from: start + 5 * hourMs, until: start + 6 * hourMs, reason: null }
  const byDay = { ...atNight, from: start, until: start + hourMs, memberId: li, insteadId: wang }
  const refused = await people.addSwap(teamId, byDay, 'ann').catch((cause) => cause)
  expect(refused.faults).toEqual([
    { path: 'swaps.0.memberId', message: `${li} is not on duty then, so nobody can stand in` },
  ])
  await people.addSwap(teamId, { ...atNight, memberId: li, insteadId: wang }, 'ann')
  await expect(people.addSwap(teamId, { ...atNight, memberId: li, insteadId: null }, 'ann')).rejects.toThrow(
    /not on duty/,
  )
  const { swaps } = await people.addSwap(teamId, { ...atNight, memberId: wang, insteadId: null }, 'ann')
  const fewer = { version: 3, shifts: [testShift('08:00', '20:00', [li])], swaps, holidays: [] }
  expect(await people.putRoster(teamId, fewer, 'ann')).toMatchObject({ version: 4 })
})

test('who leaves a team leaves its roster', async () => {
  const { teamId, li, wang } = await crew()
  const shifts = [testShift('20:00', '05:00', [li, wang])]
  await people.putRoster(teamId, { version: 0, shifts, swaps: [], holidays: [] }, 'ann')
  await people.removeMember(li, 'ann')
  expect(await operations.roster(teamId)).toMatchObject({ version: 2, shifts: [{ memberIds: [wang] }] })
  const other = await crew()
  await people.updateMember(wang, { teamId: other.teamId }, 'ann')
  expect(await operations.roster(teamId)).toMatchObject({ version: 3, shifts: [{ memberIds: [] }] })
  await expect(people.removeMember(li, 'ann')).rejects.toMatchObject({ code: 'not-found' })
  const nowhere = people.addMember({ id: newId(), teamId: 'none', name: 'x' }, 'ann')
  await expect(nowhere).rejects.toMatchObject({ code: 'invalid' })
})

async function crew() {
  const teamId = newId()
  await people.addTeam({ id: teamId, type: 'crew', name: 'East' }, 'ann')
  const [li, wang] = [newId(), newId()]
  await people.addMember({ id: li, teamId, name: 'Li' }, 'ann')
  await people.addMember({ id: wang, teamId, name: 'Wang' }, 'ann')
  return { teamId, li, wang }
}

function newId(): string {
  return randomUUID()
}
