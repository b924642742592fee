import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { blind, type Sight } from '../../core/sight.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createInspectionJob } from './job.ts'
import { drawMonth, enterPublicValue } from './month.ts'
import { createInspectionPlans } from './plans.ts'
import { recordChecks } from './record.ts'
import type { Reminder } from './remind.ts'
import { commitmentOf, drawSample, populationHash } from './sample.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
const ids = Array.from({ length: 40 }, (_, index) => `elv-${String(index + 1).padStart(2, '0')}`)
let now = at('2026-11-20T10:00:00')
let database: TestDatabase
let job: ReturnType<typeof createInspectionJob>
const reminders = new Set<string>()
const clock = () => now

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertTeam(testTeam('insurer', { type: 'insurer-inspector' }))
  await operations.insertTeam(testTeam('crew'))
  for (const id of ids) {
    const facts = id === 'elv-07' ? { installedOn: '1990-01-01' } : {}
    await operations.insertDevice(testDevice({ id, gatewayId: 'gw-1', facts }))
    await operations.setDeviceParty(id, 'insurer', 'insurer', 1)
  }
  const remind = async ({ subject, content }: Reminder) => reminders.add(`${subject} ${content.title.en}`)
  job = createInspectionJob({ operations, remind, clock, log: silentLog })
})
afterAll(() => database.remove())

const samples = async () => (await database.operations.samples({ limit: 10 })).items
const planned = async (kind: 'quarterly' | 'monthly' | 'unannounced') =>
  (await database.operations.inspections({ limit: 1_000, kind })).items
const nothing = { planned: 0, committed: 0, drawn: 0, revealed: 0, lists: 0 }

test('without a plan nothing is planned; only an insurer can have one', async () => {
  expect(await job.runOnce()).toEqual(nothing)
  const plans = createInspectionPlans({ operations: database.operations, clock })
  const content = {
    sheetId: 'elevator',
    quarterly: true,
    monthlyShare: 0.1,
    unannouncedPerMonth: 3,
    publicSource: null,
  }
  const everyone = { actor: 'ann', sight: 'everything' as const }
  await expect(plans.put('crew', content, undefined, everyone)).rejects.toMatchObject({ code: 'not-found' })
  const unknown = plans.put('insurer', { ...content, sheetId: 'none' }, undefined, everyone)
  await expect(unknown).rejects.toMatchObject({ code: 'invalid' })
  expect(await plans.put('insurer', content, 0, everyone)).toMatchObject({ version: 1, since: now })
  await expect(plans.put('insurer', content, 0, everyone)).rejects.toMatchObject({ code: 'already-done' })
  expect(await plans.put('insurer', content, 1, everyone)).toMatchObject({ version: 1 })
})

test('who sees no elevator of an insurer does not speak for it, also when it insures none', async () => {
  const { operations } = database
  await operations.insertTeam(testTeam('newcomer', { type: 'insurer-inspector' }))
  const content = { sheetId: 'elevator', quarterly: true, monthlyShare: 0, unannouncedPerMonth: 0, publicSource: null }
  const put = (sight: Sight) =>
    createInspectionPlans({ operations, clock }).put('newcomer', content, undefined, { actor: 'ann', sight })
  await expect(put({ ...blind, sites: ['estate-1'] })).rejects.toMatchObject({ code: 'not-found' })
  await expect(put({ ...blind, insurers: ['insurer'] })).rejects.toMatchObject({ code: 'not-found' })
  expect(await put({ ...blind, insurers: ['newcomer'] })).toMatchObject({ version: 1 })
})

test('the quarter is planned for every elevator, once; the riskiest are listed', async () => {
  expect(await job.runOnce()).toEqual({ ...nothing, planned: 40, lists: 1 })
  expect(await job.runOnce()).toEqual(nothing)
  expect(
    (await planned('quarterly')).every(({ dueOn, period }) => dueOn === '2026-12-31' && period === '2026-Q4'),
  ).toBe(true)
  const { items } = await database.operations.riskLists({ quarter: '2026-Q4', limit: 10 })
  expect(items).toMatchObject([{ insurerId: 'insurer', quarter: '2026-Q4', madeAt: now }])
  expect(items[0]?.items).toHaveLength(30)
  expect(items[0]?.items[0]).toMatchObject({ deviceId: 'elv-07', weight: 7 })
})

test('a week before the month its seed is committed to, with the elevators that may be drawn', async () => {
  now = at('2026-11-24T05:30:00')
  expect(await job.runOnce()).toEqual({ ...nothing, committed: 1 })
  expect(await job.runOnce()).toEqual(nothing)
  const [sample] = await samples()
  expect(sample).toMatchObject({
    month: '2026-12',
    count: 4,
    populationSize: 40,
    seed: null,
    cutOff: null,
    drawnAt: null,
  })
  expect(sample?.populationSha256).toBe(populationHash(ids))
  const kept = await database.operations.sample(sample?.id ?? '')
  expect(commitmentOf(kept?.seed ?? '')).toBe(sample?.seedSha256)
  const [committed] = await database.operations.recordEventsOf(sample?.id ?? '')
  expect(committed).toMatchObject({ type: 'committed', data: { seedSha256: sample?.seedSha256, count: 4 } })
  expect(JSON.stringify(committed)).not.toContain(kept?.seed)
})

test('when the month begins its sample is drawn from those of before, and whom to come to unannounced', async () => {
  const { operations } = database
  const [head] = await samples()
  const { seed = '', id = '' } = (await operations.sample(head?.id ?? '')) ?? {}
  const expected = drawSample(seed, '2026-12', ids, 4).map((one) => one.id)
  const [retired = '', ...others] = expected
  await operations.updateDevice(retired, { retiredAt: now })
  await operations.insertDevice(testDevice({ id: 'elv-new', gatewayId: 'gw-1' }))
  await operations.setDeviceParty('elv-new', 'insurer', 'insurer', now)

  now = at('2026-12-01T05:30:00')
  // six of the old ones and the new one: its quarter is planned, too
  expect(await job.runOnce()).toEqual({ ...nothing, planned: 1, drawn: 6 })
  expect(await job.runOnce()).toEqual(nothing)
  expect((await planned('monthly')).map(({ deviceId }) => deviceId).sort()).toEqual(others.sort())
  const hidden = await planned('unannounced')
  expect(hidden).toHaveLength(3)
  expect(hidden.every(({ dueOn, risk }) => dueOn > '2026-12-01' && dueOn <= '2026-12-31' && risk !== null)).toBe(true)
  expect((await samples())[0]).toMatchObject({ seed: null, cutOff: null, drawnAt: now })
  expect(await recordChecks.sample(operations, id)).toBeUndefined()
  for (const { id: one } of hidden) expect(await recordChecks.inspection(operations, one)).toBeUndefined()
})

test('what was missed while the service was away is made good, and a late commitment says that it is late', async () => {
  now = at('2027-02-10T12:00:00')
  const done = await job.runOnce()
  // December is revealed; of January nobody knows any more what would have been drawn; February is late
  expect(done).toMatchObject({ committed: 1, revealed: 1, planned: 40, lists: 1 })
  const [february, december] = await samples()
  expect(february).toMatchObject({ month: '2027-02', committedAt: now, drawnAt: now, seed: null })
  expect(december).toMatchObject({ month: '2026-12', revealedAt: now })
  const kept = await database.operations.sample(december?.id ?? '')
  expect(december?.seed).toBe(kept?.seed)
  expect(december?.cutOff).toBe(drawSample(kept?.seed ?? '', '2026-12', ids, 4).at(-1)?.rank)
  const types = (await database.operations.recordEventsOf(december?.id ?? '')).map(({ type }) => type)
  expect(types).toEqual(['committed', 'drawn', 'revealed'])
})

test('a month that went by while the service was away is drawn and revealed all the same; nobody has to go for it', async () => {
  now = at('2027-02-24T05:30:00')
  expect(await job.runOnce()).toEqual({ ...nothing, committed: 1 })
  const before = (await planned('monthly')).length
  now = at('2027-05-03T12:00:00')
  expect(await job.runOnce()).toMatchObject({ committed: 1, revealed: 2 })
  const ofMarch = (await samples()).find(({ month }) => month === '2027-03')
  expect(ofMarch).toMatchObject({ committedAt: at('2027-02-24T05:30:00'), drawnAt: now, revealedAt: now })
  const monthly = await planned('monthly')
  expect([monthly.length - before, monthly.some(({ period }) => period === '2027-03')]).toEqual([4, false])
})

test('where a public value is promised, nothing is drawn without it, and with it nobody could choose who is', async () => {
  const { operations } = database
  const plans = createInspectionPlans({ operations, clock })
  const everyone = { actor: 'ann', sight: 'everything' as const }
  const content = { sheetId: 'elevator', quarterly: false, monthlyShare: 0.1, unannouncedPerMonth: 0 }
  await plans.put('insurer', { ...content, publicSource: 'Lottery of 30 June' }, undefined, everyone)
  now = at('2027-06-25T05:30:00')
  await job.runOnce()
  const [head] = await samples()
  const id = head?.id ?? ''
  expect(head).toMatchObject({ month: '2027-07', publicSource: 'Lottery of 30 June', publicValue: null })

  now = at('2027-07-01T05:30:00')
  expect(await job.runOnce()).toMatchObject({ drawn: 0 })
  expect(await drawMonth(operations, id, { at: now, actor: 'ann' })).toBe(0)
  const enter = (value: string, sight: Sight = 'everything') =>
    enterPublicValue(operations, id, value, { at: now, actor: 'ann', sight })
  await expect(enter('5', { ...blind, sites: ['estate-1'] })).rejects.toMatchObject({ code: 'not-found' })
  now = at('2027-07-08T05:30:00')
  await job.runOnce()
  const missing = 'Nobody is drawn for inspection in 2027-07: the public value is missing'
  const told = [...reminders].filter((reminder) => reminder.includes(id))
  expect(told).toEqual([0, 1].map((week) => `public-value:${id}:${week} ${missing}`))
  await enter('5')
  expect(await enter('7')).toMatchObject({ publicValue: '7' })
  expect(await job.runOnce()).toMatchObject({ drawn: 4 })
  await expect(enter('8')).rejects.toMatchObject({ code: 'already-done' })
  const { seed = '' } = (await operations.sample(id)) ?? {}
  const expected = drawSample(`${seed}\n7`, '2027-07', [...ids, 'elv-new'].sort(), 5).map((one) => one.id)
  const monthly = (await planned('monthly')).filter(({ period }) => period === '2027-07')
  expect(expected).toEqual(expect.arrayContaining(monthly.map(({ deviceId }) => deviceId)))
  expect((await operations.recordEventsOf(id)).map(({ type }) => type)).toEqual([
    ...['committed', 'public-value', 'public-value', 'drawn'],
  ])
  expect(await recordChecks.sample(operations, id)).toBeUndefined()

  // of September nobody enters one: nobody is drawn, and its seed is published all the same
  now = at('2027-08-28T05:30:00')
  await job.runOnce()
  now = at('2027-10-01T05:30:00')
  await job.runOnce()
  const september = (await samples()).find(({ month }) => month === '2027-09')
  expect(september).toMatchObject({ drawnAt: null, cutOff: null, revealedAt: now, seed: expect.any(String) })
})

test('the database refuses another seed; one that came in all the same is neither drawn nor revealed, and is found', async () => {
  const may = (await samples()).find(({ month }) => month === '2027-05')
  const client = new pg.Client(database.connection)
  await client.connect()
  const swap = `update inspection_samples set seed = 'mine' where month = '2027-05'`
  await expect(client.query(swap)).rejects.toThrow('append-only')
  const redraw = `update inspection_samples set public_value = '8' where month = '2027-07'`
  await expect(client.query(redraw)).rejects.toThrow('append-only')
  await expect(client.query(`delete from inspections`)).rejects.toThrow('append-only')
  await client.query('alter table inspection_samples disable trigger user')
  await client.query(swap)
  await client.end()
  now += 30 * dayMs
  expect(await job.runOnce()).toMatchObject({ revealed: 0, committed: 1 })
  expect(await recordChecks.sample(database.operations, may?.id ?? '')).toContain('seed')
})
