import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { chineseDetail } from '../../core/chinese-detail.ts'
import { dayMs, hourMs, minuteMs } from '../../core/clock.ts'
import type { Incident } from '../../core/incident.ts'
import type { Values } from '../../core/reading.ts'
import { metricCatalogue } from '../../devices/index.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { sha256 } from '../evidence/chain.ts'
import { sealOnce } from '../evidence/seals.ts'
import { verifyAll } from '../evidence/verify.ts'
import { createMaintenance, type Maintenance, remarksOf, type VisitClaim } from './maintenance.ts'
import { createObjections, faultOfObjection, type Objections } from './objections.ts'
import { openDueMaintenance } from './open-due.ts'
import { faultOfVisit, oldVisitsAreToBeRecorded, recordOldVisits, visitsToLookAt } from './visit-record.ts'

const start = Date.parse('2026-11-24T12:00:00+08:00')
let now = start
let database: TestDatabase
let operations: Operations
let maintenance: Maintenance
let objections: Objections
const files = memoryEvidence()
let position = 0
const done: string[] = []
const readings = memoryReadings({ catalogue: metricCatalogue })

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertTeam(testTeam('lift-co', { type: 'maintainer' }))
  await operations.insertTeam(testTeam('insurer', { type: 'insurer-inspector' }))
  maintenance = createMaintenance({
    operations,
    readings,
    clock: () => now,
    onVisit: async (_unit, orderId) => void done.push(orderId),
  })
  objections = createObjections({
    ...{ operations, readings, files, clock: () => now },
    onVisit: async (_unit, orderId) => void done.push(orderId),
  })
})
afterAll(() => database.remove())
beforeEach(() => {
  now = start
})

test('an elevator without a regime has nothing due; with one, it has, and its history is kept', async () => {
  const id = await addElevator()
  expect(await maintenance.of(id)).toEqual({ deviceId: id, regime: null, items: [], overdue: false, lapsed: [] })
  const upkeep = await maintenance.putRegime(id, { type: 'calendar', dueFrom: 'completion' }, 'ann')
  expect(upkeep.items.map(({ item, dueDate }) => [item, dueDate])).toEqual([
    ['half-month', '2026-12-09'],
    ['quarter', '2027-02-24'],
    ['half-year', '2027-05-24'],
    ['year', '2027-11-24'],
  ])
  now += 20 * dayMs
  expect((await maintenance.of(id)).overdue).toBe(true)
  await maintenance.putRegime(id, { type: 'calendar', dueFrom: 'schedule' }, 'ann')
  expect(await operations.regimesOf(id)).toMatchObject([
    { dueFrom: 'schedule', validFrom: now, validUntil: null },
    { dueFrom: 'completion', validFrom: start, validUntil: now },
  ])
  const again = maintenance.putRegime(id, { type: 'calendar', dueFrom: 'schedule', validFrom: start }, 'ann')
  await expect(again).rejects.toMatchObject({ code: 'invalid' })
  const history = await operations.history('regime', id, { limit: 10 })
  expect(history.items.map(({ actor }) => actor)).toEqual(['ann', 'ann'])
})

test('where no visit is known, putting a regime again puts nothing off', async () => {
  const id = await addElevator()
  const calendar = { type: 'calendar', dueFrom: 'completion' } as const
  await maintenance.putRegime(id, { ...calendar, validFrom: start - 44 * dayMs }, 'ann')
  const before = await maintenance.of(id)
  expect(before.items[0]).toMatchObject({ item: 'half-month', dueDate: '2026-10-26', overdueDays: 29 })
  expect((await maintenance.putRegime(id, calendar, 'ann')).items).toEqual(before.items)
  expect((await openDue()).map(({ incident: { summary } }) => summary)).toEqual([
    'The half-month maintenance is due on 2026-10-26, 29 days overdue; no visit is known',
  ])
})

test('on-demand maintenance names what is missing, and begins when all of it is there', async () => {
  const id = await addElevator()
  const onDemand = { type: 'on-demand-iot', dueFrom: 'completion' } as const
  const missing = await maintenance.putRegime(id, onDemand, 'ann').catch((cause) => cause)
  expect(missing.faults.map(({ path }: { path: string }) => path)).toEqual([
    'remote-monitoring',
    'liability-insurance',
    'maintainer',
    'maintainer-class',
    'city-platform',
  ])
  expect(await operations.regimesOf(id)).toEqual([])

  await write(id, now - dayMs, { mode: 'normal' })
  await operations.setDeviceParty(id, 'insurer', 'insurer', 0)
  await operations.setDeviceParty(id, 'maintainer', 'lift-co', 0)
  const confirms = ['maintainer-class', 'city-platform'] as const
  const upkeep = await maintenance.putRegime(id, { ...onDemand, confirms }, 'ann')
  expect(upkeep.items[0]).toMatchObject({ item: 'half-month', dueDate: '2027-02-24' })
  expect(upkeep.lapsed).toEqual([])

  now += dayMs
  await operations.setDeviceParty(id, 'insurer', null, now)
  now += 13 * dayMs
  const lapsed = [{ name: 'liability-insurance', since: start + dayMs, text: 'no insurer is named since 2026-11-25' }]
  expect(await maintenance.of(id)).toMatchObject({ lapsed, items: [{ dueDate: '2026-12-10' }, {}, {}, {}] })
  const [{ incident } = expect.fail('nothing is due')] = await openDue()
  expect(incident.summary).toBe(
    'The half-month maintenance is due on 2026-12-10; no visit is known; no insurer is named since 2026-11-25',
  )
  expect(incident.evidence).toEqual({ dueDate: '2026-12-10', overdueDays: 0, lapsed: 'liability-insurance' })
  expect(chineseDetail(incident.evidence)).toContain('未登记保险公司')
  await operations.setDeviceParty(id, 'insurer', 'insurer', now)
  expect(await maintenance.of(id)).toMatchObject({ lapsed: [], items: [{ dueDate: '2027-02-24' }, {}, {}, {}] })
})

test('a visit is judged when it is claimed, by the maintainer if nobody else is named, and once', async () => {
  const id = await addElevator()
  await operations.setDeviceParty(id, 'maintainer', 'lift-co', 0)
  await maintenance.putRegime(id, { type: 'calendar', dueFrom: 'completion', validFrom: start - 30 * dayMs }, 'ann')
  expect((await maintenance.of(id)).items[0]).toMatchObject({ item: 'half-month', overdueDays: 15 })

  await workFrom(id, start - 2 * hourMs, 40)
  const claim = claimFrom(start - 2 * hourMs)
  const visit = await maintenance.claimVisit(id, claim, 'lift-co')
  expect(visit).toMatchObject({ verdict: 'proven', teamId: 'lift-co', claimedBy: 'lift-co' })
  expect(await operations.visit(visit.id)).toEqual(visit)
  expect((await maintenance.of(id)).items[0]).toMatchObject({ dueDate: '2026-12-09', overdueDays: 0 })
  await expect(maintenance.claimVisit(id, claim, 'lift-co')).rejects.toMatchObject({ code: 'already-exists' })
  // one stretch of work does not prove two visits
  const within = { ...claim, startedAt: claim.startedAt + minuteMs }
  await expect(maintenance.claimVisit(id, within, 'lift-co')).rejects.toMatchObject({ code: 'already-exists' })
  const before = claimFrom(claim.startedAt - (claim.endedAt - claim.startedAt))
  expect(await maintenance.claimVisit(id, before, 'lift-co')).toMatchObject({ deviceId: id })

  expect(remarksOf(visit)).toEqual([])
  for (const workers of [['Li'], ['Li', ' li']]) {
    expect(remarksOf({ workers })).toEqual([expect.stringContaining('Only one person')])
  }
})

test('one stretch of work does not prove a visit before and one after it as well, whenever they are looked at', async () => {
  const id = await addElevator()
  const from = start - 3 * hourMs
  await workFrom(id, from, 20)
  const claimed = (minute: number) =>
    maintenance.claimVisit(
      id,
      { ...claimFrom(from + minute * minuteMs), endedAt: from + (minute + 16) * minuteMs },
      'x',
    )
  const verdicts = [await claimed(-17), await claimed(0), await claimed(17)].map(({ verdict }) => verdict)
  expect(verdicts.filter((verdict) => verdict === 'proven')).toHaveLength(1)
  now += hourMs
  await maintenance.review()
  const { items } = await operations.visits({ limit: 9, deviceId: id })
  expect(items.filter(({ verdict }) => verdict === 'proven')).toHaveLength(1)
})

test.each<[string, Partial<VisitClaim>]>([
  ['ends before it begins', { endedAt: start - 3 * hourMs }],
  ['lies in the future', { endedAt: start + minuteMs }],
  ['lasts longer than a day', { startedAt: start - 26 * hourMs }],
  ['is by a team that nobody knows', { teamId: 'nobody' }],
])('a visit is refused that %s', async (_, wrong) => {
  const id = await addElevator()
  const claim = { ...claimFrom(start - 2 * hourMs), ...wrong }
  await expect(maintenance.claimVisit(id, claim, 'x')).rejects.toMatchObject({ code: 'invalid' })
})

test('who maintains it says within a week that they came, not after the month; an operator may', async () => {
  const id = await addElevator()
  const old = claimFrom(start - 7 * dayMs - 2 * hourMs)
  await expect(maintenance.claimVisit(id, old, 'x', ['lift-co'])).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('endedAt'),
  })
  expect(await maintenance.claimVisit(id, claimFrom(start - 7 * dayMs), 'x', ['lift-co'])).toMatchObject({
    deviceId: id,
  })
  expect(await maintenance.claimVisit(id, old, 'x')).toMatchObject({ deviceId: id })
  const ancient = Date.parse('1979-12-31T00:00:00Z')
  await expect(maintenance.claimVisit(id, claimFrom(ancient), 'x')).rejects.toMatchObject({ code: 'invalid' })
})

test('only elevators that exist are maintained', async () => {
  await operations.insertDevice(testDevice({ id: 'meter-1', kind: 'electricity-meter' }))
  await expect(maintenance.of('meter-1')).rejects.toMatchObject({ code: 'invalid' })
  await expect(maintenance.of('nothing')).rejects.toMatchObject({ code: 'not-found' })
})

test('telemetry that comes late still proves a visit', async () => {
  const id = await addElevator()
  const visit = await maintenance.claimVisit(id, claimFrom(start - 2 * hourMs), 'x')
  expect(visit.verdict).toBe('cannot-tell')
  await workFrom(id, start - 2 * hourMs, 40)
  now += hourMs
  expect(await maintenance.review()).toBe(1)
  expect((await operations.visit(visit.id))?.verdict).toBe('proven')
  expect(await maintenance.review()).toBe(0)
})

test('overdue maintenance opens one planned order per elevator, item and due date, and a visit ends the incident', async () => {
  const id = await addElevator()
  await maintenance.putRegime(id, { type: 'calendar', dueFrom: 'completion' }, 'ann')
  expect(await openDue()).toEqual([])
  now = start + 12 * dayMs // the 6th at noon; due until the end of the 9th
  expect(await openDue()).toEqual([])
  now += dayMs
  const [opened, ...more] = await openDue()
  expect(more).toEqual([])
  expect(opened?.incident).toMatchObject({
    finding: 'maintenance/half-month',
    severity: 'warning',
    summary: 'The half-month maintenance is due on 2026-12-09; no visit is known',
  })
  expect(opened?.incident.occurredAt).toBeLessThanOrEqual(now)
  expect(opened?.dueAt).toBe(Date.parse('2026-12-10T00:00:00+08:00'))
  now += dayMs
  expect(await openDue()).toEqual([])

  // 06:30 in Shanghai, where it is the 8th by then
  await workFrom(id, now - 5.5 * hourMs, 40)
  await maintenance.claimVisit(id, claimFrom(now - 5.5 * hourMs), 'x')
  const incident = await operations.incident(opened?.incident.id ?? '')
  expect(incident).toMatchObject({ state: 'cleared', clearedAt: now })
  expect(done).toContain(incident?.orderId)
  now += 13 * dayMs
  expect((await openDue()).map(({ incident: { summary } }) => summary)).toEqual([
    'The half-month maintenance is due on 2026-12-23; last done 2026-12-08',
  ])
})

test('while an order for an item is open that no visit has answered, another regime opens no second one', async () => {
  const id = await addElevator()
  await maintenance.putRegime(id, { type: 'calendar', dueFrom: 'completion' }, 'ann')
  now = start + 13 * dayMs
  const [{ incident } = expect.fail('nothing is due')] = await openDue()
  await write(id, now - dayMs, { mode: 'normal' })
  await operations.setDeviceParty(id, 'insurer', 'insurer', 0)
  await operations.setDeviceParty(id, 'maintainer', 'lift-co', 0)
  const onDemand = { type: 'on-demand', dueFrom: 'completion', confirms: ['maintainer-class'] } as const
  expect((await maintenance.putRegime(id, onDemand, 'ann')).items[0]).toMatchObject({ dueDate: '2026-12-24' })
  now = start + 28 * dayMs
  expect(await openDue()).toEqual([])

  const order = await operations.orderOfIncident(incident.id)
  await operations.updateOrder(order?.id ?? '', 'raised', { state: 'cancelled', cancelledAt: now })
  expect((await openDue()).map(({ incident: { evidence } }) => evidence.dueDate)).toEqual(['2026-12-24'])
})

test('past visits are imported whole or not at all, and the preview changes nothing', async () => {
  const id = await addElevator()
  const header = 'device_id,started_at,ended_at,items,team_id,workers,note'
  const good = `${header}
${id},2026-11-01 09:00,2026-11-01 10:00,half-month;quarter,lift-co,Li;Wang,
${id},2026-11-15T01:00:00Z,2026-11-15T02:00:00Z,half-month,,,"oiled, cleaned"`
  const run = (csv: string, apply: boolean) => maintenance.importVisits({ csv, apply, actor: 'ann' })
  const of = async () => (await operations.visits({ limit: 10, deviceId: id })).items

  expect(await run(good, false)).toMatchObject({ visits: 2, created: 2, existing: 0, applied: false, errorsInAll: 0 })
  expect(await of()).toEqual([])
  const bad = `${good}
nobody,2026-11-02 09:00,2026-11-02 08:00,weekly,x,,
${id},2026-11-01 09:00,2027-11-01 10:00,half-month,,,`
  const refused = await run(bad, true)
  expect(refused).toMatchObject({ applied: false })
  expect(refused.errors.map(({ line, column }) => `${line} ${column}`)).toEqual([
    '4 items',
    '4 device_id',
    '4 team_id',
    '4 ended_at',
    '5 ended_at',
    '5 ended_at',
    '5 started_at',
  ])
  expect(await of()).toEqual([])

  expect(await run(good, true)).toMatchObject({ created: 2, applied: true })
  expect(await of()).toMatchObject([
    { items: ['half-month'], startedAt: Date.UTC(2026, 10, 15, 1), workers: [], note: 'oiled, cleaned' },
    { items: ['half-month', 'quarter'], startedAt: Date.UTC(2026, 10, 1, 1), workers: ['Li', 'Wang'], verdict: null },
  ])
  expect(await run(good, true)).toMatchObject({ created: 0, existing: 2, applied: true })
  await expect(run('a,b\n1,2', false)).rejects.toMatchObject({ code: 'invalid' })
  for (const empty of ['', `${header}\n`]) await expect(run(empty, false)).rejects.toMatchObject({ code: 'invalid' })

  const doubtful = `${header}
${id},2026-11-01 09:00,2026-11-01 10:30,half-month;quarter,lift-co,,
${id},0202-11-01 09:00,0202-11-01 10:00,half-month,,,
${id},2026-11-02 09:00,2026-11-02 10:00,half-month,insurer,,
${id},2026-11-03 09:00,2026-11-03 10:00,half-month,,,`
  const { errors, created } = await run(doubtful, false)
  expect(errors.map(({ line, column, message }) => `${line} ${column} ${message}`)).toEqual([
    '2 started_at is there already as half-month, quarter until 2026-11-01 10:00, and stays so: take the line out',
    '3 started_at is before 1980',
    '4 team_id insurer is an insurer, and maintains nothing',
  ])
  expect(created).toBe(1)

  const overlapping = `${header}
${id},2026-11-01 09:30,2026-11-01 09:40,half-month,,,
${id},2026-10-31 23:00,2026-11-01 09:01,half-month,,,
${id},2026-11-03 09:00,2026-11-03 10:00,half-month,,,
${id},2026-11-03 09:59,2026-11-03 10:30,half-month,,,
${id},2026-11-03 10:30,2026-11-03 10:45,half-month,,,
${id},2026-11-01 09:00,2026-11-01 10:00,half-month;quarter,lift-co,,`
  const overlaps = await run(overlapping, false)
  expect(overlaps.errors.map(({ line, column, message }) => `${line} ${column} ${message}`)).toEqual([
    '2 started_at overlaps a visit that is there, from 2026-11-01 09:00 until 2026-11-01 10:00',
    '3 started_at overlaps a visit that is there, from 2026-11-01 09:00 until 2026-11-01 10:00',
    '5 started_at overlaps the visit of line 4, from 2026-11-03 09:00 until 2026-11-03 10:00',
  ])
})

const picture = (text: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from(text)])
const checks = { objection: faultOfObjection, visit: faultOfVisit }
/** Orders of a test have no events. */
const brokenRecords = async () =>
  (await verifyAll(operations, files, [], checks, { visit: visitsToLookAt })).breaks.filter(
    ({ what }) => what === 'record',
  )

test('a maintainer objects, adds evidence, and what the insurer accepts counts as done, in a chain that is verified', async () => {
  const id = await addElevator()
  await maintenance.putRegime(id, { type: 'calendar', dueFrom: 'completion' }, 'ann')
  now = start + 15 * dayMs
  const [{ incident } = expect.fail('nothing is due')] = await openDue()
  await workFrom(id, now - 2 * hourMs, 0)
  const visit = await maintenance.claimVisit(id, claimFrom(now - 2 * hourMs), 'lift-co')
  expect(visit.verdict).toBe('not-proven')
  expect((await operations.incident(incident.id))?.state).toBe('open')
  await expect(objections.addPhoto(visit.id, picture('early'), undefined, 'lift-co')).rejects.toMatchObject({
    code: 'not-found',
  })

  const raised = await objections.raise(visit.id, 'The mode switch is broken', 'lift-co')
  expect(raised).toMatchObject({ state: 'open', verdict: 'not-proven', verdictText: visit.verdictText })
  await expect(objections.raise(visit.id, 'again', 'lift-co')).rejects.toMatchObject({ code: 'already-exists' })
  await objections.note(visit.id, 'The switch is ordered', 'lift-co')
  const photo = await objections.addPhoto(visit.id, picture('switch'), undefined, 'lift-co')
  expect(await objections.addPhoto(visit.id, picture('switch'), 'other name', 'lift-co')).toEqual(photo)
  await expect(objections.addPhoto(visit.id, Buffer.from('text'), undefined, 'x')).rejects.toMatchObject({
    code: 'invalid',
  })
  await sealOnce(operations, now)

  now += hourMs
  const decided = await objections.decide(visit.id, { decision: 'accepted', reason: 'Seen in the pictures' }, 'picc')
  expect(decided.events.map(({ number, type, actor }) => [number, type, actor])).toEqual([
    [1, 'raised', 'lift-co'],
    [2, 'noted', 'lift-co'],
    [3, 'noted', 'lift-co'],
    [4, 'accepted', 'picc'],
  ])
  expect(decided.evidence.map(({ part, name }) => [part, name])).toEqual([
    ['readings', 'Telemetry of the visit'],
    ['photo', 'Picture 1'],
  ])
  expect(await operations.visit(visit.id)).toMatchObject({ verdict: 'not-proven', decision: 'accepted' })
  expect((await operations.incident(incident.id))?.state).toBe('cleared')
  expect((await maintenance.of(id)).items[0]?.lastDoneAt).toBe(visit.startedAt)
  for (const late of [
    () => objections.note(visit.id, 'late', 'lift-co'),
    () => objections.addPhoto(visit.id, picture('late'), undefined, 'lift-co'),
    () => objections.decide(visit.id, { decision: 'rejected', reason: 'no' }, 'picc'),
  ])
    await expect(late()).rejects.toMatchObject({ code: 'already-done' })
  // a picture that nobody is waiting for takes no room
  for (const text of ['early', 'late']) expect(await files.get(sha256(picture(text)))).toBeUndefined()
  expect(await brokenRecords()).toEqual([])
})

test('what is frozen for an objection is what its verdict was made of, and can be read again', async () => {
  const id = await addElevator()
  await workFrom(id, start - 2 * hourMs, 5)
  const visit = await maintenance.claimVisit(id, claimFrom(start - 2 * hourMs), 'x')
  const { evidence } = await objections.raise(visit.id, 'x', 'x')
  const frozen = JSON.parse(new TextDecoder().decode(await files.get(evidence[0]?.sha256 ?? '')))
  expect(frozen).toMatchObject({ visit: { id: visit.id }, verdict: { verdict: 'not-proven' } })
  const curve = await objections.curve(visit.id)
  expect(curve.items).toHaveLength(61)
  expect(curve.items[2]).toEqual({
    at: start - 2 * hourMs + 2 * minuteMs,
    values: expect.objectContaining({ doorState: 'open' }),
  })
  expect(frozen.readings).toEqual(curve.items.map(({ at, values }) => ({ at: new Date(at).toISOString(), values })))
})

test('there is nothing to object to in a visit that is proven; a rejected objection leaves the verdict, and late telemetry too', async () => {
  const id = await addElevator()
  await workFrom(id, start - 2 * hourMs, 40)
  const proven = await maintenance.claimVisit(id, claimFrom(start - 2 * hourMs), 'x')
  await expect(objections.raise(proven.id, 'x', 'x')).rejects.toMatchObject({ code: 'invalid' })
  await expect(objections.raise(randomUUID(), 'x', 'x')).rejects.toMatchObject({ code: 'not-found' })
  await expect(objections.of(proven.id)).rejects.toMatchObject({ code: 'not-found' })

  const other = await addElevator()
  const unseen = await maintenance.claimVisit(other, claimFrom(start - 2 * hourMs), 'x')
  await objections.raise(unseen.id, 'The gateway was off', 'x')
  await objections.decide(unseen.id, { decision: 'rejected', reason: 'Nobody says so' }, 'picc')
  await workFrom(other, start - 2 * hourMs, 40)
  await maintenance.review()
  expect(await operations.visit(unseen.id)).toMatchObject({ verdict: 'cannot-tell', decision: 'rejected' })
  expect((await operations.objections({ limit: 9, visitId: randomUUID() })).items).toEqual([])
  expect((await operations.objections({ limit: 9, visitId: unseen.id })).items).toMatchObject([{ visitId: unseen.id }])
  expect((await operations.objections({ limit: 9, state: 'rejected' })).items.map(({ visitId }) => visitId)).toEqual([
    unseen.id,
  ])
})

test('an objection or a decision that somebody changes behind our back is found', async () => {
  const id = await addElevator()
  const visit = await maintenance.claimVisit(id, claimFrom(start - 2 * hourMs), 'x')
  const { id: objectionId } = await objections.raise(visit.id, 'x', 'x')
  await operations.setDecision(visit.id, 'accepted')
  expect(await faultOfObjection(operations, objectionId)).toBe('The visit says another decision than the objection')
  await operations.updateObjection(objectionId, {
    state: 'accepted',
    decidedAt: 1,
    decidedBy: 'x',
    decisionReason: 'x',
  })
  expect(await faultOfObjection(operations, objectionId)).toBe('The objection is not as its events say')
  expect(await brokenRecords()).toMatchObject([{ what: 'record', id: objectionId, event: 1 }])
})

test('a verdict that somebody changes behind our back is found, and so is a decision that nobody made', async () => {
  const id = await addElevator()
  await workFrom(id, start - 2 * hourMs, 5)
  const visit = await maintenance.claimVisit(id, claimFrom(start - 2 * hourMs), 'x')
  const other = await maintenance.claimVisit(await addElevator(), claimFrom(start - 2 * hourMs), 'x')
  await workFrom(other.deviceId, start - 2 * hourMs, 40)
  await maintenance.review()
  expect((await operations.recordEventsOf(other.id)).map(({ type, actor }) => [type, actor])).toEqual([
    ['claimed', 'x'],
    ['judged', 'liftwatt'],
  ])
  for (const { id } of [visit, other]) expect(await faultOfVisit(operations, id)).toBeUndefined()

  await operations.setVerdict(visit.id, { verdict: 'proven', verdictText: 'x', verdictEvidence: null })
  await operations.setDecision(other.id, 'rejected')
  expect(await faultOfVisit(operations, visit.id)).toBe('The visit is not as its events say')
  expect(await faultOfVisit(operations, other.id)).toBe('The visit says a decision that no objection to it had')
  expect(await brokenRecords()).toEqual(
    expect.arrayContaining([visit, other].map(({ id }) => expect.objectContaining({ what: 'record', id }))),
  )
})

test('a visit that no event tells of is named, until it is written down as one of a version without chains', async () => {
  const { id, ...rest } = await maintenance.claimVisit(await addElevator(), claimFrom(start - 2 * hourMs), 'x')
  const old = { ...rest, id: randomUUID(), startedAt: start - 9 * hourMs }
  await operations.insertVisitsIfAbsent([old])
  expect(await operations.recordsWithoutEvents(9)).toEqual([old.id])
  await oldVisitsAreToBeRecorded(operations)
  expect(await operations.recordsWithoutEvents(9)).toEqual([]) // it is to get one
  expect(await recordOldVisits(operations, now)).toBe(1)
  expect(await recordOldVisits(operations, now)).toBe(0)
  expect(await operations.recordsWithoutEvents(9)).toEqual([])
  expect(await faultOfVisit(operations, old.id)).toBeUndefined()
})

async function openDue(): Promise<{ incident: Incident; dueAt: number }[]> {
  const opened: { incident: Incident; dueAt: number }[] = []
  const count = await openDueMaintenance({
    operations,
    now,
    openOrder: async (unit, incident, _now, { dueAt }) => {
      const order = testOrder({ incidentId: incident.id, deviceId: incident.deviceId, type: 'planned', dueAt })
      await unit.insertOrder(order)
      opened.push({ incident, dueAt })
      return order
    },
  })
  expect(count).toBe(opened.length)
  return opened.filter(({ incident }) => incident.deviceId === lastElevator)
}

let lastElevator = ''

async function addElevator(): Promise<string> {
  lastElevator = `elv-${randomUUID()}`
  await operations.insertDevice(testDevice({ id: lastElevator }))
  return lastElevator
}

function claimFrom(startedAt: number): VisitClaim {
  return { items: ['half-month'], startedAt, endedAt: startedAt + hourMs, workers: ['Li', 'Wang'] }
}

/** A mechanic for so many minutes, seen once a minute for an hour. */
async function workFrom(deviceId: string, from: number, minutes: number): Promise<void> {
  for (let minute = 0; minute <= 60; minute += 1) {
    const isWork = minute <= minutes
    const moving = isWork && minute % 5 === 0
    await write(deviceId, from + minute * minuteMs, {
      mode: isWork ? 'inspection' : 'normal',
      direction: moving ? 'up' : 'none',
      doorState: isWork && minute % 5 === 2 ? 'open' : 'closed',
    })
  }
}

async function write(deviceId: string, at: number, values: Values): Promise<void> {
  position += 1
  await readings.write([{ deviceId, kind: 'elevator', at, receivedAt: at, values }], { journalId: 'j', position })
}
