import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OrderState } from '../../core/incident.ts'
import type { Member, Roster, Team } from '../../core/people.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import type { Operations } from './port.ts'

let database: TestDatabase
let operations: Operations

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())

test('a team is kept as it is, changed, listed by id and type, and no longer listed once removed', async () => {
  const east = team('east', {
    areas: ['gongshu'],
    skills: ['elevator'],
    addresses: [{ channelId: 'c', address: null }],
  })
  await operations.insertTeam(east)
  await operations.insertTeam(team('duty', { type: 'duty-room' }))
  expect(await operations.team('east')).toEqual(east)
  await expect(operations.insertTeam(east)).rejects.toMatchObject({ code: 'already-exists' })

  expect(await operations.updateTeam('east', { name: 'East', phone: '110' })).toBe(true)
  expect(await operations.updateTeam('none', { name: 'x' })).toBe(false)
  expect(await operations.lockTeam('east')).toEqual({ ...east, name: 'East', phone: '110' })

  const one = await operations.teams({ limit: 1 })
  expect([one.items.map(({ id }) => id), one.nextCursor]).toEqual([['duty'], 'duty'])
  expect((await operations.teams({ limit: 1, after: 'duty' })).items.map(({ id }) => id)).toEqual(['east'])
  expect((await operations.teams({ limit: 9, type: 'crew' })).items.map(({ id }) => id)).toEqual(['east'])

  await operations.updateTeam('east', { removedAt: 5 })
  expect((await operations.teams({ limit: 9 })).items.map(({ id }) => id)).toEqual(['duty'])
  expect(await operations.workingTeams(['crew', 'duty-room'])).toMatchObject([{ id: 'duty', roster: null }])
  expect(await operations.team('east')).toMatchObject({ removedAt: 5 })
})

test('members belong to a team that exists', async () => {
  await operations.insertTeam(team('south'))
  const li = member('li', { teamId: 'south', addresses: [{ channelId: 'sms', address: '+86 1' }] })
  await operations.insertMember(li)
  await operations.insertMember(member('wang', { teamId: 'south' }))
  expect(await operations.member('li')).toEqual(li)
  expect(await operations.lockMember('li')).toEqual(li)
  await expect(operations.insertMember(li)).rejects.toMatchObject({ code: 'already-exists' })
  await expect(operations.insertMember(member('zhou', { teamId: 'none' }))).rejects.toMatchObject({ code: 'invalid' })

  await operations.updateMember('wang', { removedAt: 7 })
  expect((await operations.membersOf(['south'])).map(({ id }) => id)).toEqual(['li'])
  expect(await operations.membersOf([])).toEqual([])
  expect((await operations.members({ limit: 5, teamId: 'south' })).items.map(({ id }) => id)).toEqual(['li'])
})

test('a roster is written only over the version before it: of two at once, one wins', async () => {
  await operations.insertTeam(team('west'))
  expect(await operations.roster('west')).toBeUndefined()
  expect(await operations.putRoster(roster('west', 2))).toBe(false)
  expect(await operations.putRoster(roster('west', 1))).toBe(true)
  expect(await operations.putRoster(roster('west', 1))).toBe(false)

  const holidays = ['2026-10-01']
  const both = await Promise.all(
    [2, 2].map((version) => operations.putRoster({ ...roster('west', version), holidays })),
  )
  expect(both.filter(Boolean)).toHaveLength(1)
  expect(await operations.roster('west')).toEqual({ ...roster('west', 2), holidays })
  const [west] = (await operations.workingTeams(['crew'])).filter(({ id }) => id === 'west')
  expect(west?.roster).toEqual({ ...roster('west', 2), holidays })
})

test("a team's load is its open orders, counted up to what is full", async () => {
  await operations.insertTeam(team('busy'))
  await operations.insertTeam(team('idle'))
  const states: OrderState[] = ['raised', 'accepted', 'restored', 'closed', 'cancelled']
  for (const [index, state] of states.entries()) await insertOrder('busy', state, index)
  expect(await operations.openOrdersOf(['busy', 'idle'])).toEqual(new Map([['busy', 3]]))
  expect(await operations.openOrdersOf([])).toEqual(new Map())

  for (let n = 10; n < 210; n += 1) await insertOrder('busy', 'raised', n)
  expect((await operations.openOrdersOf(['busy'])).get('busy')).toBe(200)
})

async function insertOrder(teamId: string, state: OrderState, n: number): Promise<void> {
  const incident = testIncident({ deviceId: `elv-${n}` })
  const { orderId: _, ...fresh } = incident
  await operations.insertIncident({ ...fresh, followed: null })
  await operations.insertOrder(testOrder({ incidentId: incident.id, teamId, state }))
}

function team(id: string, given: Partial<Team> = {}): Team {
  const nothing = { phone: null, addresses: [], areas: [], skills: [], removedAt: null }
  return { id, type: 'crew', name: id, ...nothing, createdAt: 0, ...given }
}

function member(id: string, given: Partial<Member> & { teamId: string }): Member {
  return { id, name: id, phone: null, locale: 'zh-CN', addresses: [], createdAt: 0, removedAt: null, ...given }
}

function roster(teamId: string, version: number): Roster {
  const valid = { validFrom: null, validUntil: null }
  const shift = { days: [1, 2], from: '20:00', until: '05:00', memberIds: ['li'], ...valid, holidays: false }
  return { teamId, timeZone: 'Asia/Shanghai', shifts: [shift], swaps: [], holidays: [], version }
}
