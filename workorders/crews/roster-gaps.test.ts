import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import type { Team } from '../../core/people.ts'
import { teamTypes } from '../../core/people.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { testMember, testRoster, testShift, testTeam } from '../../test/fixtures/people.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createRosterGapWatch, type RosterGapWarning } from './roster-gaps.ts'

/** 06:00 in Shanghai, 2026-11-24. */
const start = Date.UTC(2026, 10, 23, 22)
let now = start
let warnings: RosterGapWarning[] = []
let database: TestDatabase
let operations: OperationsStore

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())
beforeEach(async () => {
  now = start
  warnings = []
  for (const { id } of await operations.workingTeams(teamTypes)) await operations.updateTeam(id, { removedAt: 1 })
})

const watch = () =>
  createRosterGapWatch({
    operations,
    warn: async (_unit, warning) => void warnings.push(warning),
    clock: () => now,
    log: silentLog,
  })

test('a night that nobody covers is warned about once, a day before it begins, also after a restart', async () => {
  const crew = await addTeam([testShift('06:00', '22:00', ['li'])])
  now = start - 9 * hourMs // 21:00: the gap from 22:00 on is ahead
  expect(await watch().runOnce()).toBe(1)
  expect(warnings[0]).toMatchObject({ from: start - 8 * hourMs, until: start, team: { id: crew } })
  expect(warnings[0]?.key).toBe(`roster-gap:${crew}:2026-11-23T14:00:00.000Z@${now}`)

  now = start - 8 * hourMs - minuteMs
  expect(await watch().runOnce()).toBe(0)
  now = start - 4 * hourMs // in the midst of it; the next one is 20 hours ahead
  expect([await watch().runOnce(), warnings[1]?.from]).toEqual([1, start + 16 * hourMs])
  expect(await watch().runOnce()).toBe(0)
})

test('nothing is said earlier than a day before, nor where somebody is always there', async () => {
  await addTeam([testShift('08:00', '20:00', ['li']), testShift('20:00', '08:00', ['wang'])], { areas: ['a'] })
  await addTeam([testShift('08:00', '08:00', ['li'], { validUntil: '2026-11-24' })], { areas: ['b'] })
  await addTeam([], { areas: ['c'] }) // no roster: counted as always on duty
  expect(await watch().runOnce()).toBe(0)
  now = start + 2 * hourMs // the last shift ends on the 25th at 08:00
  expect(await watch().runOnce()).toBe(1)
})

test('a shift roster that ends for good is warned about once, not every day', async () => {
  await addTeam([testShift('08:00', '08:00', ['li'], { validUntil: '2026-11-24' })])
  let warned = 0
  for (now = start; now < start + 12 * dayMs; now += 6 * hourMs) warned += await watch().runOnce()
  expect(warned).toBe(1)
})

test('a day crew and a night crew of the same area cover each other, and their common gap is one warning', async () => {
  const area = { areas: ['lotus'], skills: ['elevator'] }
  const day = await addTeam([testShift('08:00', '20:00', ['li'])], area)
  const nights = await addTeam([testShift('20:00', '08:00', ['wang'])], area)
  expect(await watch().runOnce()).toBe(0)

  await operations.putRoster(testRoster(nights, [testShift('22:00', '08:00', ['wang'])], { version: 2 }))
  expect(await watch().runOnce()).toBe(1)
  expect(warnings[0]).toMatchObject({ from: start + 14 * hourMs, until: start + 16 * hourMs })
  expect([day, nights]).toContain(warnings[0]?.team.id)
})

test('a crew for meters does not cover the night of a crew for elevators', async () => {
  const lifts = await addTeam([testShift('08:00', '20:00', ['li'])], { skills: ['elevator'] })
  await addTeam([testShift('00:00', '00:00', ['wang'])], { skills: ['electricity-meter'] })
  await watch().runOnce()
  expect(new Set(warnings.map(({ team }) => team.id))).toEqual(new Set([lifts]))
})

test('the team itself and the duty room hear of it; what was not told for an error is told the next time', async () => {
  const crew = await addTeam([testShift('08:00', '20:00', ['li'])])
  const duty = await addTeam([], { type: 'duty-room', addresses: [{ channelId: 'robot', address: null }] })
  await operations.insertMember(
    testMember(randomUUID(), crew, { name: 'Li', addresses: [{ channelId: 'sms', address: '1' }] }),
  )
  const fails = createRosterGapWatch({
    operations,
    warn: () => Promise.reject(new Error('no')),
    clock: () => now,
    log: silentLog,
  })
  await expect(fails.runOnce()).rejects.toThrow('no')
  await watch().runOnce()
  expect(warnings[0]?.recipients.map(({ teamId, channelId }) => [teamId, channelId])).toContainEqual([duty, 'robot'])
  expect(warnings[0]?.recipients.map(({ name }) => name)).toContain('Li')
})

test('a gap that was filled is warned about again when it opens again, from the same hour on', async () => {
  now = start + 3 * hourMs
  const crew = await addTeam([testShift('08:00', '20:00', ['li'])])
  expect(await watch().runOnce()).toBe(1)
  now += 5 * minuteMs
  await operations.putRoster(testRoster(crew, [testShift('08:00', '08:00', ['li'])], { version: 2 }))
  expect(await watch().runOnce()).toBe(0)
  now += 5 * minuteMs
  await operations.putRoster(testRoster(crew, [testShift('08:00', '20:00', ['li'])], { version: 3 }))
  expect([await watch().runOnce(), await watch().runOnce()]).toEqual([1, 0])
  const [first, again] = warnings
  expect(again?.from).toBe(first?.from)
  // the subject of its notices: with the same one nobody would get a second
  expect(again?.key).not.toBe(first?.key)
})

test('a gap that a changed roster leaves is warned about at the next look', async () => {
  now = start + 3 * hourMs
  const crew = await addTeam([testShift('00:00', '00:00', ['li'])])
  const running = watch()
  expect(await running.runOnce()).toBe(0)
  const until = now + 10 * minuteMs
  await operations.putRoster(
    testRoster(crew, [testShift('00:00', '00:00', ['li'])], {
      version: 2,
      swaps: [{ from: now + minuteMs, until, memberId: 'li', insteadId: null, reason: null }],
    }),
  )
  now += 10_000
  expect([await running.runOnce(), await running.runOnce()]).toEqual([1, 0])
  expect(warnings[0]).toMatchObject({ until })
})

test('of a week that is entered late, each hole that it leaves is warned about, a day before it', async () => {
  const first = testShift('08:00', '08:00', ['li'], { validUntil: '2026-11-24' })
  const crew = await addTeam([first])
  now = start + 3 * hourMs
  expect(await watch().runOnce()).toBe(1) // from the 25th on nobody
  const week = { validFrom: '2026-11-25', validUntil: '2026-12-01' }
  const nights = (validFrom: string, validUntil: string) =>
    testShift('20:00', '08:00', ['li'], { validFrom, validUntil })
  const day = testShift('08:00', '20:00', ['li'], week)
  const shifts = [first, day, nights('2026-11-25', '2026-11-26'), nights('2026-11-28', '2026-12-01')]
  await operations.putRoster(testRoster(crew, shifts, { version: 2 }))
  const warnedAt: number[] = []
  for (now = start + 4 * hourMs; now < start + 5 * dayMs; now += 2 * hourMs) {
    if ((await watch().runOnce()) > 0) warnedAt.push(now)
  }
  const hole = Date.parse('2026-11-27T20:00:00+08:00')
  expect(warnedAt).toEqual([hole - dayMs])
  expect(warnings[1]).toMatchObject({ from: hole, until: hole + 12 * hourMs })
})

async function addTeam(shifts: ReturnType<typeof testShift>[], given: Partial<Team> = {}): Promise<string> {
  const id = `t-${randomUUID()}`
  await operations.insertTeam(testTeam(id, given))
  if (shifts.length > 0) await operations.putRoster(testRoster(id, shifts))
  return id
}
