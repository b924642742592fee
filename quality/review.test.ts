import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { untouched, type WorkOrder } from '../core/incident.ts'
import type { KpiInspection, KpiOrder } from '../core/kpi-records.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import { blind, type Sight } from '../core/sight.ts'
import { emptySite } from '../registry/sites.ts'
import type { Operations } from '../stores/operations/port.ts'
import { testTeam } from '../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder, testOverhaul } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { countsAsDone, dueItems } from '../workorders/maintenance/due-dates.ts'
import type { Case } from './cases.ts'
import {
  february,
  golden,
  goldenAsOf,
  goldenRecords,
  goldenRegimes,
  goldenScores,
  goldenVisits,
  local,
} from './fixtures/golden-district.ts'
import { type KpiId, kpiIds, kpis } from './kpis/index.ts'
import { createReview, type Question } from './review.ts'
import { createRollUp } from './roll-up.ts'
import { eachCount } from './tally.ts'

const rules = { dueItems, countsAsDone }

let database: TestDatabase
let operations: Operations
let client: pg.Client
const time = { now: 0 }

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  client = new pg.Client(database.connection)
  await client.connect()
  await settleGoldenDistrict()
})
afterAll(async () => {
  await client.end()
  await database.remove()
})

const question: Question = { ...february, sight: 'everything', groupBy: 'maintainer', limit: 100 }
const review = () => createReview({ operations, rules, clock: () => time.now })

test('the golden district gives the same figures from the tables, rolled up and counted anew', async () => {
  time.now = goldenAsOf
  const rolledUp = await review().kpis(question)
  const countedAnew = await review().kpis({ ...question, asOf: goldenAsOf })
  for (const answer of [rolledUp, countedAnew]) {
    const [east, west] = answer.groups
    expect([east?.id, west?.id, answer.pending]).toEqual(['east', 'west', 0])
    for (const id of kpiIds) {
      const values = [east, west, answer.total].map((group) => group?.kpis[id]?.value ?? null)
      expect(values, id).toEqual(golden[id].map((value) => (value === null ? null : expect.closeTo(value, 4))))
    }
    expect([east?.name, east?.elevators, east?.others, west?.elevators]).toEqual(['East company', 2, 1, 3])
    expect(answer.total.elevators).toBe(4)
  }
  expect(countedAnew.groups).toEqual(rolledUp.groups)
  expect(rolledUp.groups[0]?.falseAlarmsByRule[0]).toMatchObject({ rule: 'electricity-meter/e-bike-charging' })
})

test('after an upgrade one definition holds: long days of inspection are cut, and what is still to be counted anew is only claimed', async () => {
  time.now = goldenAsOf
  const sums = async () => (await operations.kpiSums({ sight: 'everything' }, ['2024-02'], 'none', false))[0]?.sums
  const counted = await sums()
  const day = { deviceId: 'lift-a', day: '2024-02-10', knownAt: time.now }
  const [{ plannedMinutes = 0 } = {}] = await operations.deviceDays(['lift-a'], day.day, '2024-02-11', time.now)
  await operations.insertDeviceDays([{ ...day, inServiceMinutes: 800, outOfServiceMinutes: 20, plannedMinutes: 600 }])
  await client.query('update kpi_months set maintenance_claimed = 0; update kpi_totals set maintenance_claimed = 0')
  await client.query(`delete from kpi_stale; ${markAll}`)

  const file = '../stores/operations/migrations/0034_quality_in_one_definition.sql'
  for (const statement of readFileSync(new URL(file, import.meta.url), 'utf8').split('--> statement-breakpoint')) {
    await client.query(statement)
  }

  const cut = { ...day, inServiceMinutes: 800, outOfServiceMinutes: 380, plannedMinutes: 240 }
  expect(await operations.deviceDays(['lift-a'], day.day, '2024-02-11', time.now)).toEqual([cut])
  expect(counted?.maintenanceOnTime).toBeGreaterThan(counted?.maintenanceClaimed ?? 0)
  expect(await sums()).toMatchObject({ maintenanceClaimed: counted?.maintenanceOnTime })
  await createRollUp({ operations, rules }).catchUp(time.now)
  const planned = (counted?.plannedMinutes ?? 0) - plannedMinutes + 240
  expect(await sums()).toMatchObject({ maintenanceClaimed: counted?.maintenanceClaimed, plannedMinutes: planned })

  await client.query(`delete from device_days where known_at = $1`, [new Date(time.now)])
  await client.query(markAll)
  await createRollUp({ operations, rules }).catchUp(time.now)
  expect(await sums()).toEqual(counted)
})

test('a period that cuts a month is the sum of its parts, and a year before is compared with the same days', async () => {
  time.now = goldenAsOf
  const sums = async (from: string, to: string) =>
    (await review().kpis({ ...question, from: local(from), to: local(to) })).total.kpis
  const [first, second, whole] = [
    await sums('2024-02-01', '2024-02-15'),
    await sums('2024-02-15', '2024-03-01'),
    await sums('2024-02-01', '2024-03-01'),
  ]
  for (const id of [
    'failure-rate',
    'availability',
    'closure-rate',
    'maintenance-on-time',
    'verified-visits',
  ] as const) {
    const of = (figures: typeof first) => [figures[id]?.numerator ?? 0, figures[id]?.denominator ?? 0]
    const added = of(first).map((value, index) => value + (of(second)[index] ?? 0))
    expect(added, id).toEqual(of(whole).map((value) => expect.closeTo(value, 9)))
  }
  time.now = local('2025-03-05')
  const later = { ...question, from: local('2025-02-01'), to: local('2025-03-01'), compare: 'year-before' as const }
  const { total } = await review().kpis(later)
  expect(total.kpis['failure-rate']).toMatchObject({ numerator: 0, before: { numerator: 6 } })
})

test('a figure opens down to its records, page by page, the newest first', async () => {
  time.now = goldenAsOf
  const asked = { ...question, maintainerId: 'east', limit: 3 }
  const first = await review().cases('failure-rate', asked)
  expect(first.items).toMatchObject([
    { deviceId: 'lift-a', at: local('2024-02-20 08:00'), of: { type: 'order', id: idOf('3') } },
    { deviceId: 'lift-b', at: local('2024-02-14 23:59'), maintainerId: 'east', of: { id: idOf('12') } },
    { at: local('2024-02-05 08:00'), of: { id: idOf('2') } },
  ])
  const second = await review().cases('failure-rate', { ...asked, after: first.nextCursor ?? '' })
  expect(second).toMatchObject({ items: [{ of: { id: idOf('1') } }], nextCursor: null })
  const visits = await review().cases('verified-visits', { ...question, maintainerId: 'west' })
  expect(visits.items.map(({ what, of }) => [what, of.id])).toEqual(
    expect.arrayContaining([['visitsNotProven', idOf('b-0218')]]),
  )
  const days = await review().cases('availability', question)
  expect(days.items.map(({ of, deviceId, amount }) => [of.id, deviceId, amount])).toEqual([
    ...[
      ['2024-02-29', 'lift-a', 60],
      ['2024-02-22', 'lift-d', 400],
      ['2024-02-01', 'lift-a', 40],
    ],
  ])
  for (const { id, cases } of kpis.filter(({ id }) => id !== 'mean-health')) {
    const wanted: string[] = []
    const say = ({ what, at, amount, deviceId }: Pick<Case, 'what' | 'at' | 'amount' | 'deviceId'>) =>
      `${at} ${what} ${amount} of ${deviceId}`
    eachCount(goldenRecords(rules), february, goldenAsOf, (count) => wanted.push(say(count)), cases)
    expect((await review().cases(id, question)).items.map(say).sort(), id).toEqual(wanted.sort())
  }
})

test('what would be searched without end is refused before it is read, and nobody goes on for a client that is gone', async () => {
  time.now = goldenAsOf
  let reads = 0
  const rows = Array.from({ length: 1_300_000 }, (_, index) => ({
    deviceId: `e-${index}`,
    estateId: null,
    isPlaced: false,
  }))
  const large = (given: typeof rows) =>
    createReview({
      ...{ rules, clock: () => time.now },
      operations: {
        ...operations,
        kpiDeviceRows: async () => given,
        async qualityRecords(...asked) {
          reads += 1
          return operations.qualityRecords(...asked)
        },
      },
    }).cases('maintenance-on-time', { ...question, asOf: goldenAsOf, isGone: () => reads > 0 })
  await expect(large(rows)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/^from: more than/),
  })
  expect(reads).toBe(0)
  expect(await large(rows.slice(0, 2_000))).toEqual({ items: [], nextCursor: null })
  expect(reads).toBe(1)
})

test('a maintainer sees what was so while the elevators were theirs, a district what is at its places, and nothing of others', async () => {
  time.now = goldenAsOf
  const nothing = { sites: [], teams: [], maintainers: [], insurers: [] }
  const seenBy = async (sight: Sight, more: Partial<Question> = {}) => {
    const { groups, total } = await review().kpis({ ...question, ...more, sight })
    return [groups.map(({ id }) => id), total.kpis['failure-rate']?.numerator, total.elevators]
  }
  expect(await seenBy({ ...nothing, maintainers: ['east'] })).toEqual([['east'], 4, 2])
  expect(await seenBy({ ...nothing, maintainers: ['east'] }, { maintainerId: 'west' })).toEqual([[], 0, 0])
  expect(await seenBy({ ...nothing, maintainers: ['east'] }, { asOf: goldenAsOf })).toEqual([['east'], 4, 2])
  // what people did to lift-b under west is not east's, although lift-b was
  const byEstate = {
    ...question,
    groupBy: 'estate',
    asOf: goldenAsOf,
    sight: { ...nothing, maintainers: ['east'] },
  } as const
  const { groups, total } = await review().kpis(byEstate)
  expect([groups.map(({ id }) => id), total.kpis['failure-rate-people']?.numerator]).toEqual([[null, 'estate-1'], 1])
  expect(await seenBy({ ...nothing, insurers: ['another'] })).toEqual([[], 0, 0])
  expect(await seenBy({ ...nothing, sites: ['estate-1'] })).toEqual([['east'], 3, 1])
  expect(await seenBy({ ...nothing, sites: ['estate-1'] }, { groupBy: 'estate' })).toEqual([['estate-1'], 3, 1])
  expect(await seenBy(nothing)).toEqual([[], 0, 0])
  const cases = await review().cases('failure-rate', { ...question, sight: { ...nothing, maintainers: ['west'] } })
  expect(cases.items.map(({ of }) => of.id)).toEqual([idOf('13'), idOf('18')])
})

test('a cause that is put right changes the figure from then on, and what was known before can still be asked', async () => {
  const later = local('2024-03-10')
  time.now = later
  await operations.insertOrderCorrection({
    ...{ orderId: idOf('2'), at: local('2024-03-05'), causeClass: 'people', outcome: 'serviced' },
    ...{ reason: 'A pushchair had bent the sill', actor: 'inspector' },
  })
  const east = async (asOf?: number) => {
    const { groups } = await review().kpis({ ...question, asOf })
    const of = (id: KpiId) => groups[0]?.kpis[id]?.numerator
    return [of('failure-rate'), of('failure-rate-people'), of('repeat-faults')]
  }
  expect(await east(goldenAsOf)).toEqual([4, 1, 3])
  const casesOf = async (asOf?: number) =>
    (await review().cases('failure-rate', { ...question, maintainerId: 'east', asOf })).items.length
  expect([await casesOf(goldenAsOf), await casesOf()]).toEqual([4, 3])
  expect(await east()).toEqual([3, 2, 2]) // what came 15 days later no longer repeats anything, but its own reopening
  expect(await east(local('2024-02-20 09:00'))).toEqual([3, 0, 1]) // order 3 was not closed then
})

test('an objection that was accepted later proves nothing before; what is not known yet cannot be asked', async () => {
  const [visitId, decidedAt] = [idOf('b-0218'), local('2024-03-05')]
  await client.query(
    `insert into objections (id, visit_id, device_id, verdict, reason, state, raised_at, raised_by, decided_at)
     values ($1, $1, 'lift-b', 'not-proven', 'x', 'accepted', $2, 'x', $2)`,
    [visitId, new Date(decidedAt)],
  )
  await operations.setDecision(visitId, 'accepted')
  time.now = local('2024-03-10')
  const west = async (asOf?: number) => {
    const { groups } = await review().kpis({ ...question, asOf })
    const of = (id: KpiId) => groups.find(({ id: company }) => company === 'west')?.kpis[id]
    return [of('verified-visits')?.numerator, of('maintenance-days-overdue')?.numerator]
  }
  const then = await west(decidedAt - 1)
  expect([then, await west(decidedAt)]).toEqual([
    [1, 9],
    [2, expect.toSatisfy((days) => days < 9)],
  ])
  expect(await west()).toEqual(await west(time.now))
  await client.query('delete from objections; update visits set decision = null where decision is not null')
  for (const ask of [review().kpis, (one: Question) => review().cases('failure-rate', one)]) {
    await expect(ask({ ...question, asOf: time.now + 1 })).rejects.toThrow('asOf: is in the future')
  }
})

test('an elevator is one by its kind, also on the day on which no time under contract is counted yet', async () => {
  time.now = goldenAsOf
  const { total } = await review().kpis({ ...question, from: local('2024-03-01'), to: local('2024-04-01') })
  expect([total.elevators, total.others]).toEqual([4, 1])
})

test('a room under watch is one also where nothing happened: for whoever had it, while they had it', async () => {
  time.now = goldenAsOf
  const id = 'meter-quiet'
  const kind = 'electricity-meter'
  await operations.insertDevice(testDevice({ id, kind, createdAt: local('2024-01-20'), siteId: 'house-2' }))
  await operations.setDeviceParty(id, 'insurer', 'west', local('2024-02-10'))
  await operations.setDeviceParty(id, 'insurer', null, local('2024-02-20'))
  const others = async (month: string, more: Partial<Question> = {}) => {
    const period = { from: local(`${month}-01`), to: local(`${month}-28`) }
    return (await review().kpis({ ...question, ...period, ...more })).total.others
  }
  expect([await others('2023-12'), await others('2024-01'), await others('2024-02')]).toEqual([1, 2, 2])
  const insured = { sight: { ...blind, insurers: ['west'] } }
  expect([await others('2024-01', insured), await others('2024-02', insured)]).toEqual([0, 1])
  expect(await others('2024-02', { ...insured, asOf: local('2024-02-05') })).toBe(0)
  expect(await others('2024-02', { siteId: 'estate-2' })).toBe(1)
  expect(await others('2024-02', { maintainerId: 'east' })).toBe(1)
  await operations.updateDevice(id, { retiredAt: local('2024-01-21') })
  expect([await others('2024-01'), await others('2024-02')]).toEqual([2, 1])
})

test('one company alone is compared with nobody', async () => {
  time.now = goldenAsOf
  const ratios = async (more: Partial<Question>) =>
    (await review().kpis({ ...question, ...more })).groups.map(({ id, standardised }) => [id, standardised?.observed])
  expect(await ratios({})).toEqual([...[['east', 3]], ...[['west', 2]]])
  expect(await ratios({ maintainerId: 'east' })).toEqual([['east', undefined]])
})

test('what is in no group does not compete with groups', async () => {
  time.now = goldenAsOf
  const { groups } = await review().kpis({ ...question, groupBy: 'estate' })
  const ranks = groups.map(({ id, kpis }) => [id, kpis['closure-rate']?.rank])
  expect(ranks).toEqual([...[[null, null]], ...[['estate-1', 1]]])
})

test('of an inspection from the books of before, nothing was known before it was imported', async () => {
  const later = local('2024-03-10')
  const past = {
    kind: 'quarterly',
    endedAt: local('2024-02-11 10:00'),
    score: 70,
    passed: false,
    recheckOf: null,
  } as const
  await insertInspection({ ...past, id: idOf('past'), deviceId: 'lift-a' }, later - dayMs)
  time.now = later
  const judged = async (asOf?: number) =>
    (await review().kpis({ ...question, asOf })).total.kpis['inspections-passed']?.denominator
  expect([await judged(goldenAsOf), await judged()]).toEqual([5, 6])
})

test('a fault that comes back 30 days after a long repair is the same fault again, and so say its cases', async () => {
  const began = local('2024-02-22 08:00')
  const repaired = { restoredAt: began + 25 * dayMs, closedAt: began + 25 * dayMs }
  const fault = (at: number) => ({ ...randomOrder('lift-d', at, 1, 'equipment'), finding: 'elevator/brake-drift' })
  await insertOrder({ ...fault(began), ...repaired })
  const again = fault(began + 53 * dayMs)
  await insertOrder(again)
  time.now = local('2024-05-02')
  const april = { ...question, from: local('2024-04-01'), to: local('2024-05-01') }
  const { total } = await review().kpis(april)
  expect(total.kpis['repeat-faults']).toMatchObject({ numerator: 1, denominator: 1 })
  expect((await review().cases('repeat-faults', april)).items.map(({ what, of }) => [what, of.id])).toContainEqual([
    ...['repeatFaults', again.id],
  ])
})

test('several that catch up at once count every month once', async () => {
  time.now = local('2024-06-03 12:00')
  const rollUp = createRollUp({ operations, rules })
  await client.query(markAll)
  await rollUp.catchUp(time.now)
  const counted = await allMonths()
  for (let round = 0; round < 3; round++) {
    await client.query(`${markAll}; ${markAll}`)
    // each takes other marks of the same months
    const some = () => rollUp.catchUpSome(time.now, 5)
    await Promise.all([
      some(),
      some(),
      some(),
      rollUp.catchUp(time.now),
      createRollUp({ operations, rules }).catchUp(time.now),
    ])
    expect(await allMonths()).toEqual(counted)
    expect(await operations.countStaleMonths(10)).toBe(0)
  }
})

test('a device that is held at two places, until it is counted again where it is, is counted anew once', async () => {
  await client.query(`insert into kpi_holders (device_id, year, maintainer_id, insurer_id, estate_id, months)
    values ('lift-a', 2024, 'another', null, 'another', 4095)`)
  const rows = await operations.kpiDeviceRows({ sight: 'everything', deviceId: 'lift-a' }, ['2024-02'], 9)
  expect(rows.map(({ deviceId }) => deviceId)).toEqual(['lift-a'])
  await client.query(`delete from kpi_holders where maintainer_id = 'another'`)
})

test('whoever waits for an answer has few months counted, the newest first; the rest stays marked', async () => {
  time.now = local('2024-06-03 12:00')
  const rollUp = createRollUp({ operations, rules })
  await rollUp.catchUp(time.now)
  const counted = await allMonths()
  await client.query(`insert into kpi_stale (device_id, from_month) values ('lift-a', '2023-12'); ${forgotten}`)
  expect(await rollUp.catchUpSome(time.now, 3)).toBe(3)
  const { rows } = await client.query('select from_month, to_month from kpi_stale')
  expect(rows).toEqual([{ from_month: '2023-12', to_month: '2024-03' }])
  await client.query(markAll)
  await rollUp.catchUp(time.now)
  expect(await allMonths()).toEqual(counted)
})

test('a year that was mistyped is not centuries of months', async () => {
  time.now = local('2024-06-03 12:00')
  await client.query("insert into kpi_stale (device_id, from_month, to_month) values ('lift-a', '0202-08', '1980-03')")
  expect(await createRollUp({ operations, rules }).catchUp(time.now)).toBe(3)
})

test('after late data and corrections in any order, the roll-up is what counting everything anew gives', async () => {
  time.now = local('2024-06-03 12:00')
  const rollUp = createRollUp({ operations, rules })
  const changes = fc.sample(change, { seed: 20_240_229, numRuns: 80 })
  for (let from = 0; from < changes.length; from += 20) {
    for (const one of changes.slice(from, from + 20)) await applyChange(one)
    await rollUp.catchUp(time.now)
    const incremental = await allMonths()
    await client.query(`${forgotten}; ${markAll}`)
    await rollUp.catchUp(time.now)
    expect(incremental).toEqual(await allMonths())
  }
  expect((await allMonths()).length).toBeGreaterThan(20)
})

test('sums are those of the months, whoever asks: by company and by estate, from sums and from each device', async () => {
  time.now = local('2024-06-03 12:00')
  const asked = { ...question, from: local('2023-12-01'), to: local('2024-06-01') } as const
  const [insurer, place] = [
    { ...blind, insurers: ['insurer'] },
    // sees the same, by its devices one by one
    { ...blind, insurers: ['insurer'], sites: ['nowhere'] },
  ]
  for (const groupBy of ['none', 'maintainer', 'insurer', 'estate'] as const) {
    const { groups, total } = await review().kpis({ ...asked, groupBy, sight: insurer })
    const each = await review().kpis({ ...asked, groupBy, sight: place })
    expect({ groups, total }, groupBy).toEqual({ groups: each.groups, total: each.total })
    expect(total.kpis['arrive-p50']?.denominator, groupBy).toBeGreaterThan(20)
    expect(total.falseAlarmsByRule.length, groupBy).toBeGreaterThan(2)
  }
})

test('a place that is registered after its devices, or is put into another estate, says at once where they are', async () => {
  time.now = local('2024-06-03 12:00')
  await operations.insertDevice(testDevice({ id: 'lift-e', createdAt: local('2024-05-01'), siteId: 'house-3' }))
  const estate = async () => {
    const { groups } = await review().kpis({ ...question, ...may, groupBy: 'elevator', siteId: 'estate-2' })
    const byEstate = await review().kpis({ ...question, ...may, groupBy: 'estate', deviceId: 'lift-e' })
    return [groups.some(({ id }) => id === 'lift-e'), byEstate.groups.map(({ id }) => id)]
  }
  const may = { from: local('2024-05-01'), to: local('2024-06-01') }
  await createRollUp({ operations, rules }).catchUp(time.now)
  expect(await estate()).toEqual([false, [null]])
  const house = { ...emptySite, id: 'house-3', type: 'building', name: 'House', createdAt: 0 } as const
  await operations.saveSites([{ ...house, parentId: 'estate-1' }])
  expect(await estate()).toEqual([false, ['estate-1']])
  await operations.saveSites([{ ...house, parentId: 'estate-2' }])
  expect(await estate()).toEqual([true, ['estate-2']])
})

test('an estate is there in months before its devices were registered, if somebody had one of them then', async () => {
  const id = 'lift-older'
  await operations.insertDevice(testDevice({ id, createdAt: local('2024-05-01'), siteId: 'house-2' }))
  const november = { from: local('2023-11-01'), to: local('2023-12-01') }
  const devices = async () => {
    const hazards = await operations.estateHazards({ sight: 'everything' }, november, november.to, local('2024-06-01'))
    return hazards.find(({ siteId }) => siteId === 'estate-2')?.devices
  }
  expect(await devices()).toBeUndefined()
  await operations.setDeviceParty(id, 'maintainer', 'west', local('2023-11-15'))
  expect(await devices()).toBe(1)
  await operations.updateDevice(id, { retiredAt: local('2023-11-16') })
})

test('of what is retired, no figure and no case is of the time after', async () => {
  time.now = local('2024-06-03 12:00')
  const id = 'lift-retired'
  await operations.insertDevice(testDevice({ id, createdAt: local('2024-01-01'), siteId: 'house-2' }))
  await operations.insertRegime({
    ...{ deviceId: id, type: 'calendar', dueFrom: 'completion', validFrom: local('2024-01-01') },
  })
  const before = await review().kpis({ ...question, deviceId: id, groupBy: 'elevator' })
  expect(before.total.kpis['maintenance-on-time']?.denominator).toBe(1)
  await operations.updateDevice(id, { retiredAt: local('2024-02-10 12:00') })
  const after = { ...question, from: local('2024-02-01'), to: local('2024-06-01'), deviceId: id }
  const { total } = await review().kpis(after)
  expect(total.kpis['maintenance-on-time']?.denominator).toBe(0)
  expect(total.kpis['maintenance-days-overdue']?.numerator).toBe(10)
  expect(total.kpis['failure-rate']?.denominator).toBeCloseTo(10 / 366, 9)
  const { items } = await review().cases('maintenance-days-overdue', after)
  expect(
    items
      .map(({ at }) => localDate(at, shanghai))
      .sort()
      .at(-1),
  ).toBe('2024-02-10')
  expect(await review().kpis({ ...after, from: local('2024-03-01') })).toMatchObject({
    groups: [],
    total: { elevators: 0 },
  })
})

test('an order that nobody came for is late in the figures once its time is over, and is marked for it once', async () => {
  const id = 'lift-waiting'
  time.now = local('2024-08-03 12:00')
  await operations.insertDevice(testDevice({ id, createdAt: local('2024-05-01') }))
  const times = { detectedAt: time.now, occurredAt: time.now, raisedAt: time.now }
  const incident = testIncident({ deviceId: id, ...times })
  const { orderId: _, ...fresh } = incident
  await operations.insertIncident({ ...fresh, followed: null })
  await operations.insertOrder(
    testOrder({ incidentId: incident.id, deviceId: id, ...times, arriveBy: time.now + 30 * minuteMs }),
  )
  const rollUp = createRollUp({ operations, rules })
  await rollUp.catchUp(time.now)
  const before = time.now
  time.now += 31 * minuteMs
  const marks = async () => (await client.query(`select from kpi_stale where device_id = '${id}'`)).rowCount
  await operations.markPassed(before, time.now)
  expect(await marks()).toBe(1)
  await rollUp.catchUp(time.now)
  const august = { ...question, deviceId: id, from: local('2024-08-01'), to: local('2024-09-01') }
  const arrived = async (asOf?: number) => {
    const { numerator, denominator } =
      (await review().kpis({ ...august, asOf })).total.kpis['arrived-in-30-minutes'] ?? {}
    return [numerator, denominator]
  }
  expect(await arrived()).toEqual([0, 1])
  expect(await arrived(time.now)).toEqual([0, 1])
  await operations.markPassed(time.now, time.now + minuteMs)
  expect(await marks()).toBe(0)
})

test('what is overdue as a month begins is so from its first day on, also where nothing else has happened', async () => {
  const id = 'lift-abandoned'
  time.now = local('2024-06-03 12:00')
  await operations.insertDevice(testDevice({ id, createdAt: local('2024-05-01') }))
  await operations.insertRegime({
    ...{ deviceId: id, type: 'calendar', dueFrom: 'completion', validFrom: local('2024-05-01') },
  })
  const rollUp = createRollUp({ operations, rules })
  await rollUp.catchUp(time.now)
  time.now = local('2024-07-01 00:45')
  await operations.markPassed(0, time.now)
  const marks = async () => (await client.query(`select from kpi_stale where device_id = '${id}'`)).rowCount
  expect(await marks()).toBe(1)
  // while one waits to be counted, a second says nothing more
  await operations.markPassed(0, time.now)
  expect(await marks()).toBe(1)
  const july = { ...question, deviceId: id, from: local('2024-07-01'), to: local('2024-08-01') }
  const overdue = async (asOf?: number) =>
    (await review().kpis({ ...july, asOf })).total.kpis['maintenance-days-overdue']?.numerator
  expect(await overdue()).toBeGreaterThan(0)
  expect(await overdue()).toBe(await overdue(time.now))
})

test('on the first day of a month whoever has an elevator has it, also where nothing has happened to it', async () => {
  const id = 'lift-quiet'
  time.now = local('2024-06-03 12:00')
  await operations.insertDevice(testDevice({ id, createdAt: local('2024-05-01') }))
  const rollUp = createRollUp({ operations, rules })
  await rollUp.catchUp(time.now)
  time.now = local('2024-07-01 00:45')
  await operations.markPassed(0, time.now)
  const july = { ...question, deviceId: id, from: local('2024-07-01'), to: local('2024-08-01') }
  const rate = { value: null, denominator: 0 }
  const expected = { total: { elevators: 1, kpis: { 'failure-rate': rate } }, groups: [{ id: null, elevators: 1 }] }
  expect(await review().kpis(july)).toMatchObject(expected)
  expect(await review().kpis({ ...july, asOf: time.now })).toMatchObject(expected)
})

test('what becomes known late is counted in all months that it changes, however long after', async () => {
  time.now = local('2026-02-03 12:00')
  const late = 'lift-late'
  await operations.insertDevice(testDevice({ id: late, createdAt: local('2024-01-01') }))
  await operations.insertRegime({
    ...{ deviceId: late, type: 'calendar', dueFrom: 'completion', validFrom: local('2024-01-01') },
  })
  const warned = { ...randomOrder(late, local('2024-01-10'), 2, 'equipment'), finding: 'elevator/door-close-drift' }
  await insertOrder(warned)
  await insertOrder({ ...randomOrder(late, local('2024-03-25'), 1, 'equipment'), followsId: warned.id })
  const rollUp = createRollUp({ operations, rules })
  const months = async () => (await allMonths()).filter((row) => row.includes(late))
  await rollUp.catchUp(time.now)
  const before = await months()

  await applyChange({ is: 'visit', deviceId: late, at: local('2024-05-25 09:00'), number: 0 })
  await operations.insertOrderCorrection({
    ...{ orderId: warned.id, at: local('2026-02-01'), causeClass: null, outcome: 'false-alarm' },
    ...{ reason: 'Nothing was worn', actor: 'inspector' },
  })
  await rollUp.catchUp(time.now)
  const incremental = await months()
  expect(incremental).not.toEqual(before)
  await client.query(`${forgotten}; ${markAll}`)
  await rollUp.catchUp(time.now)
  expect(incremental).toEqual(await months())
})

/** Uuids for the short names of the golden district. */
function idOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

/** Each month, and all sums of them. */
async function allMonths(): Promise<string[]> {
  const { rows } = await client.query(`select row from (
    select 1 as part, row_to_json(k)::text as row from kpi_months k union all select 2, row_to_json(k)::text from kpi_totals k
    union all select 3, row_to_json(k)::text from kpi_occurrences k union all select 4, row_to_json(k)::text from kpi_holders k
  ) each order by part, row`)
  return rows.map(({ row }) => row)
}

const forgotten = 'delete from kpi_months; delete from kpi_totals; delete from kpi_occurrences; delete from kpi_holders'
const markAll = "insert into kpi_stale (device_id, from_month) select id, '' from devices"

async function insertOrder(
  given: Partial<WorkOrder> & Pick<WorkOrder, 'id' | 'occurredAt' | 'finding'> & { readonly source?: string },
): Promise<void> {
  const { source = 'liftwatt', ...order } = given
  const { deviceId = null, occurredAt, finding } = order
  const { orderId: _, ...incident } = testIncident({ deviceId, detectedAt: occurredAt, finding, source })
  await operations.insertIncident({ ...incident, followed: null })
  await operations.insertOrder(testOrder({ ...untouched, detectedAt: occurredAt, ...order, incidentId: incident.id }))
}

async function settleGoldenDistrict(): Promise<void> {
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  const { orders, tenures, days, inspections, overhauls, visits } = goldenRecords(rules)
  const site = { ...emptySite, type: 'estate', name: 'Garden', createdAt: 0 } as const
  await operations.saveSites([
    { ...site, id: 'estate-1' },
    { ...emptySite, id: 'house-1', type: 'building', name: 'House', parentId: 'estate-1', createdAt: 0 },
    { ...site, id: 'estate-2' },
    { ...emptySite, id: 'house-2', type: 'building', name: 'House', parentId: 'estate-2', createdAt: 0 },
  ])
  for (const id of ['east', 'west', 'insurer']) {
    const team = testTeam(id, {
      type: id === 'insurer' ? 'insurer-inspector' : 'maintainer',
      name: id === 'east' ? 'East company' : id,
    })
    await operations.insertTeam(team)
  }
  const begin = local('2023-12-01')
  for (const id of ['lift-a', 'lift-b', 'lift-c', 'lift-d', 'meter-1']) {
    const createdAt = id === 'lift-d' ? local('2024-02-21 12:00') : begin
    const kind = id === 'meter-1' ? 'electricity-meter' : 'elevator'
    const siteId = id === 'lift-a' ? 'house-1' : null
    await operations.insertDevice(
      testDevice({ id, kind, createdAt, siteId, facts: { stops: 11, installedOn: '2014-02-15' } }),
    )
  }
  for (const { deviceId, maintainerId, insurerId, from } of tenures) {
    await operations.setDeviceParty(deviceId, 'maintainer', maintainerId, from)
    await operations.setDeviceParty(deviceId, 'insurer', insurerId, from)
  }
  for (const { followsId, mergedIntoId, id, ...order } of orders.toSorted((a, b) => a.detectedAt - b.detectedAt)) {
    const ids = {
      id: idOf(id),
      followsId: followsId && idOf(followsId),
      mergedIntoId: mergedIntoId && idOf(mergedIntoId),
    }
    await insertOrder({ ...order, ...ids, raisedAt: order.detectedAt } as KpiOrder & WorkOrder)
  }
  for (const regime of goldenRegimes) await operations.insertRegime(regime)
  const claim = { teamId: null, workers: [], note: null, claimedBy: 'x', verdictText: null, verdictEvidence: null }
  await operations.insertVisitsIfAbsent(
    goldenVisits.map(({ health: _, ...visit }) => ({
      ...{
        ...claim,
        ...visit,
        id: idOf(visit.id),
        endedAt: visit.startedAt + hourMs,
        claimedAt: visit.startedAt + hourMs,
      },
    })),
  )
  expect(visits).toHaveLength(goldenVisits.length)
  const knownAt = local('2024-03-01 01:00')
  await operations.insertDeviceDays(
    days.map(({ at, ...minutes }) => ({ ...minutes, day: localDate(at, shanghai), knownAt })),
  )
  await operations.putHealthDays(
    goldenScores.map(({ deviceId, day, score }) => ({
      ...{ deviceId, day, score, at: local(day) + 23 * hourMs, coverage: 1, parts: [], coveredMs: 0 },
    })),
  )
  for (const { recheckOf, ...one } of inspections) {
    await insertInspection({ ...one, id: idOf(one.id), recheckOf: recheckOf && idOf(recheckOf) })
  }
  for (const { id, deviceId, proposedAt, doneAt } of overhauls) {
    await operations.insertOverhaul(testOverhaul({ id: idOf(id), deviceId, state: 'done', proposedAt, doneAt }))
  }
}

async function insertInspection(inspection: KpiInspection, plannedAt = inspection.endedAt): Promise<void> {
  const { id, deviceId, kind, endedAt, score, passed, recheckOf } = inspection
  await client.query(
    `insert into inspections (id, device_id, kind, state, due_on, planned_at, ended_at, score, passed, recheck_of, findings, photos, remedies)
     values ($1, $2, $3, 'done', '2024-02-28', $4, $5, $6, $7, $8, '[]', '[]', '[]')`,
    [id, deviceId, kind, new Date(plannedAt), new Date(endedAt), score, passed, recheckOf],
  )
}

const deviceId = fc.constantFrom('lift-a', 'lift-b', 'lift-c', 'lift-d', 'meter-1')
const at = fc.integer({ min: local('2023-11-01'), max: local('2024-06-01') })
const change = fc.oneof(
  fc.record({
    is: fc.constant('order'),
    deviceId,
    at,
    number: fc.integer({ min: 0, max: 7 }),
    cause: fc.constantFrom('equipment', 'people'),
  }),
  fc.record({
    is: fc.constant('correct'),
    number: fc.nat(40),
    at,
    cause: fc.constantFrom('equipment', 'external', null),
  }),
  fc.record({ is: fc.constant('follow'), number: fc.nat(40), at }),
  fc.record({ is: fc.constant('visit'), deviceId, at, number: fc.nat(3) }),
  fc.record({ is: fc.constant('day'), deviceId, at, number: fc.nat(1_440) }),
  fc.record({ is: fc.constant('health'), deviceId, at, number: fc.nat(100) }),
  fc.record({ is: fc.constant('party'), deviceId, at, number: fc.nat(1) }),
  fc.record({ is: fc.constant('regime'), deviceId, at, number: fc.nat(1) }),
  fc.record({ is: fc.constant('facts'), deviceId, at, number: fc.nat(20) }),
  fc.record({ is: fc.constant('move'), deviceId, at, number: fc.nat(2) }),
)
type Change = {
  is: string
  at: number
  deviceId?: string
  number: number
  cause?: 'equipment' | 'people' | 'external' | null
}

const findings = [
  'elevator/entrapment',
  'elevator/door-fault',
  'elevator/door-close-drift',
  'electricity-meter/residual-current',
]

async function applyChange({ is, at, deviceId = 'lift-a', number, cause = null }: Change): Promise<void> {
  const orders = async () =>
    (await client.query('select id, device_id, occurred_at from work_orders order by seq')).rows
  if (is === 'order') await insertOrder(randomOrder(deviceId, at, number, cause))
  if (is === 'correct') {
    const order = (await orders())[number]
    const outcome = cause === null ? 'false-alarm' : 'repaired'
    const correction = { orderId: order?.id, at, causeClass: cause, outcome, reason: 'x', actor: 'x' } as const
    if (order !== undefined) await operations.insertOrderCorrection(correction).catch(() => {}) // one of that moment is there
  }
  if (is === 'follow') {
    const order = (await orders())[number]
    if (order === undefined) return
    const later = new Date(order.occurred_at).getTime() + 3 * dayMs
    await insertOrder({ ...randomOrder(order.device_id, later + (at % dayMs), 1, 'equipment'), followsId: order.id })
  }
  if (is === 'visit') {
    const visit = {
      ...goldenVisits[0],
      id: randomUUID(),
      deviceId,
      startedAt: at,
      endedAt: at + hourMs,
      claimedAt: at + hourMs,
    }
    const verdict = (['proven', 'not-proven', 'cannot-tell', null] as const)[number] ?? null
    const rest = { items: ['half-month'] as const, teamId: null, workers: [], note: null, claimedBy: 'x' }
    await operations.insertVisitsIfAbsent([{ ...visit, ...rest, verdict, verdictText: null, verdictEvidence: null }])
    if (number === 1)
      await operations.setVerdict(visit.id, { verdict: 'proven', verdictText: 'late', verdictEvidence: null })
  }
  if (is === 'day') {
    const minutes = { inServiceMinutes: number, outOfServiceMinutes: 1_440 - number, plannedMinutes: 0 }
    await operations.insertDeviceDays([{ deviceId, day: localDate(at, shanghai), knownAt: at + number, ...minutes }])
  }
  if (is === 'health') {
    await operations.putHealthDays([
      { deviceId, day: localDate(at, shanghai), at, score: number, coverage: 1, parts: [], coveredMs: 0 },
    ])
  }
  if (is === 'party') await operations.setDeviceParty(deviceId, 'maintainer', ['east', 'west'][number] ?? null, at)
  if (is === 'regime') {
    const regime = {
      deviceId,
      type: number === 0 ? 'calendar' : 'on-demand',
      dueFrom: 'completion',
      validFrom: at,
    } as const
    await operations.insertRegime(regime).catch(() => {}) // history is not rewritten
  }
  if (is === 'move') await operations.updateDevice(deviceId, { siteId: ['house-1', 'house-2', null][number] ?? null })
  if (is === 'facts') await operations.updateDevice(deviceId, { facts: { stops: number + 2 } })
}

function randomOrder(deviceId: string, at: number, number: number, cause: Change['cause'] = null) {
  const isOpen = number >= 6
  const ended = isOpen
    ? {}
    : { closedAt: at + 2 * hourMs, state: 'closed' as const, causeClass: cause, outcome: 'repaired' as const }
  const isPlanned = number % 4 === 2
  return {
    ...{ id: randomUUID(), deviceId, occurredAt: at, raisedAt: at, finding: findings[number % 4] ?? '' },
    ...{
      type: isPlanned ? ('planned' as const) : ('emergency' as const),
      arriveBy: isPlanned ? null : at + 30 * minuteMs,
    },
    ...{
      acceptedAt: at + 60_000,
      arrivedAt: isOpen ? null : at + number * 9 * minuteMs,
      restoredAt: isOpen ? null : at + hourMs,
    },
    ...ended,
  }
}
