import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storable } from '../core/canonical.ts'
import { leftOf } from '../core/erasure.ts'
import { silentLog } from '../core/log.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { createCorrections } from '../quality/corrections.ts'
import { memoryEvidence } from '../stores/evidence/memory.ts'
import type { Operations } from '../stores/operations/port.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import { testTeam } from '../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../test/fixtures/rows.ts'
import { hostileNames } from '../test/hostile-texts.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { chainHash, orderHash, recordEvent } from '../workorders/evidence/chain.ts'
import { createEvidenceWorker } from '../workorders/evidence/evidence.ts'
import { sealOnce } from '../workorders/evidence/seals.ts'
import { verifyAll } from '../workorders/evidence/verify.ts'
import { openByHand } from '../workorders/intake/manual.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import { createMaintenance } from '../workorders/maintenance/maintenance.ts'
import { faultOfVisit, visitsToLookAt } from '../workorders/maintenance/visit-record.ts'
import { createErasures, type Erasures } from './erase.ts'
import { namingOf } from './erase-naming.ts'
import { createPeople, type People } from './people.ts'
import { createRegistry, type Registry } from './registry.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
const clock = () => now
const files = memoryEvidence()
const readings = memoryReadings({ catalogue: metricCatalogue })
let database: TestDatabase
let operations: Operations
let registry: Registry
let people: People
let erasures: Erasures
let sql: pg.Client
let orderId: string
let visitId: string
let originals: string[]
let first: Uint8Array

const chen = { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant', name: '陈丽' } as const
const hers = [/陈丽/, /chen@example/, /138[ -]?0000/]

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  sql = new pg.Client(database.connection)
  await sql.connect()
  registry = createRegistry({ operations, kinds, clock, onChange: () => {} })
  people = createPeople({ operations, kinds, clock })
  erasures = createErasures({ operations, files, clock })
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertChannel({ id: 'sms', type: 'webhook', name: 'sms', settings: {}, enabled: true, createdAt: 0 })
  await operations.insertTeam(testTeam('east'))
  await tellStory()
})
afterAll(async () => {
  await sql?.end()
  await database?.remove()
})

/** A tenant who is written down, called, spoken of and told; and others who are not to be forgotten. */
async function tellStory(): Promise<void> {
  const contact = (name: string, phone: string, address: string | null) => {
    const addresses = address === null ? [] : [{ channelId: 'sms', address }]
    return { role: 'tenant' as const, name, phone, addresses }
  }
  const wang = contact('王芳', '13900000000', null)
  await registry.addSite(
    { id: 'room-301', type: 'unit', name: 'Room 301', contacts: [contact('陈丽', '138 0000 1234', null), wang] },
    'ann',
  )
  await registry.updateSite(
    'room-301',
    { contacts: [contact('陈丽', '138 0000 1234', 'chen@example.org'), wang] },
    'ann',
  )
  await operations.insertDevice(testDevice({ id: 'meter-301', kind: 'electricity-meter', siteId: 'room-301' }))
  await people.addMember({ id: 'li', teamId: 'east', name: 'Li Wei', phone: '137 1111 2222' }, 'ann')

  const workOrders = createWorkOrders({ operations, clock, endsWithOrder: () => true, afterChange: async () => {} })
  const reported = {
    summary: '陈丽 smells burning',
    severity: 'critical',
    reportedBy: { name: '陈丽', phone: '+8613800001234' },
  }
  const asked = { ...reported, deviceId: 'meter-301', actor: 'ann' }
  const opened = await operations.transaction((unit) => openByHand(unit, asked as never, now))
  orderId = opened.order.id
  const act = (action: string, more: object) => {
    now += 1_000
    return workOrders.act({ orderId, action, actor: 'ann', ...more } as never)
  }
  await act('accept', { technicianId: 'Li Wei', teamId: 'east' })
  await act('note', { note: 'Called chen@example.org: nobody there', actor: '陈丽' })
  await act('arrive', { technicianId: 'Li Wei' })
  await act('restore', {})
  await act('close', { outcome: 'repaired', causeClass: 'people', note: 'Told 陈丽 to call 138-0000-1234 no more' })
  await operations.insertNotices([
    noticeTo('陈丽', 'chen@example.org'),
    noticeTo('王芳', '139', { lines: ['陈丽 smells burning'] }),
  ])
  const correction = { causeClass: 'people', outcome: 'repaired', reason: '陈丽 had said so' } as const
  await createCorrections({ operations, clock, recordEvent }).correct(orderId, correction, 'ann')
  await operations.insertDutyEntry({
    ...{
      id: randomUUID(),
      at: now,
      type: 'note',
      siteId: null,
      text: '租客陈丽 was rude',
      name: 'Ann',
      writtenBy: 'ann',
    },
    ...{ takenOverAt: null, takenOverName: null, takenOverBy: null },
  } as never)
  await operations.putHealthDays([
    {
      ...{ deviceId: 'meter-301', day: '2026-11-23', at: now, score: 80, coverage: 1, coveredMs: 1 },
      parts: [{ cause: 'coverage', points: 20, finding: null, text: 'nothing' }],
    },
  ])
  await operations.insertDevice(testDevice({ id: 'elv-1', siteId: 'room-301' }))
  const visit = { startedAt: start - 7_200_000, endedAt: start - 3_600_000, items: ['half-month'] as const }
  const claim = { ...visit, workers: ['陈丽', 'Zhou'], note: '陈丽 opened the machine room', teamId: 'east' }
  visitId = (await createMaintenance({ operations, readings, clock }).claimVisit('elv-1', claim, '陈丽')).id
  await freezeEvidence()
  await sealOnce(operations, now)
}

function noticeTo(name: string, address: string, content = {}) {
  const who = { party: 'contact', teamId: null, memberId: null, channelId: 'sms', locale: 'zh-CN', why: '' } as const
  const id = randomUUID()
  return {
    ...{ id, key: id, orderId, reason: 'raised', recipient: { ...who, name, address }, content, critical: true },
    ...{ state: 'waiting', createdAt: now, nextAttemptAt: now, giveUpAt: now, attempts: 0, held: false },
    ...{ sentAt: null, sentAs: null, lastError: null },
  } as never
}

async function freezeEvidence(): Promise<void> {
  const measured = {
    deviceId: 'meter-301',
    kind: 'electricity-meter',
    at: now,
    receivedAt: now,
    values: { watts: 1_380 },
  }
  await readings.write([measured], { journalId: 'j', position: 1 })
  now += 3_600_000
  const worker = createEvidenceWorker({ operations, readings, files, ruleOf: async () => null, clock, log: silentLog })
  await worker.runOnce()
  originals = (await operations.evidenceFiles('', 100)).map(({ sha256 }) => sha256)
  first = (await files.get(originals[0] ?? '')) ?? new Uint8Array()
}

/** As somebody with the database in their hands. */
async function change(statement: string): Promise<void> {
  await sql.query('begin')
  await sql.query(`select set_config('liftwatt.erasing', 'on', true)`)
  await sql.query(statement)
  await sql.query('commit')
}

const verify = () => verifyAll(operations, files, [], { visit: faultOfVisit }, { visit: visitsToLookAt })

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const { rows } = await sql.query(`select table_name from information_schema.tables where table_schema = 'public'`)
  let text = ''
  for (const { table_name: table } of rows) text += JSON.stringify((await sql.query(`select * from ${table}`)).rows)
  for (const { sha256 } of await operations.evidenceFiles('', 100)) {
    text += new TextDecoder().decode((await files.get(sha256)) ?? new Uint8Array())
  }
  return text
}

test('before anything is erased, a preview names every place, and writes nothing', async () => {
  expect(originals).toHaveLength(2)
  expect(await verify()).toMatchObject({ ok: true, erased: 0 })
  const before = await everything()
  for (const her of hers) expect(before).toMatch(her)
  const places = await erasures.preview({ person: chen })
  expect(await everything()).toBe(before)
  expect([...new Set(places.map(({ place }) => place.split(' ')[0]))].toSorted()).toEqual([
    ...[
      'audit',
      'duty_log',
      'evidence',
      'history',
      'incidents',
      'notices',
      'order_corrections',
      'record_events',
      'sites',
      'visits',
      'work_order_events',
      'work_orders',
    ],
  ])
  expect(places.flatMap(({ texts }) => texts).filter((text) => !hers.some((her) => her.test(text)))).toEqual([])
})

test('A43: a tenant is forgotten: names, phones and what was said of them go, chains verify, a receipt lists what was done', async () => {
  const receipt = await erasures.erase({ person: chen, reason: '陈丽 asked for it' }, 'operator')
  const after = await everything()
  for (const her of hers) expect(after).not.toMatch(her)
  for (const other of [/王芳/, /13900000000/, /Li Wei/, /137 1111 2222/]) expect(after).toMatch(other)

  expect(receipt).toMatchObject({
    ...{ actor: 'operator', at: now, reason: '[erased]', answers: 0, kept: [] },
    person: { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant' },
    rows: { sites: 1, work_orders: 1, duty_log: 1, notices: 2, history: 2, order_corrections: 1, visits: 1 },
  })
  expect(new Set(receipt.events.map(({ chainId }) => chainId))).toEqual(new Set([orderId, visitId]))
  expect(receipt.files.map(({ sha256 }) => sha256).toSorted()).toEqual(originals.toSorted())
  expect(await erasures.get(receipt.id)).toEqual(receipt)
  expect((await erasures.list({ limit: 9 })).items).toEqual([receipt])

  await sealOnce(operations, now)
  expect(await verify()).toMatchObject({ ok: true, breaks: [], erased: receipt.events.length + 2 })
  const site = await operations.site('room-301')
  expect(site?.contacts.map(({ name }) => name)).toEqual(['王芳'])
  const order = await operations.order(orderId)
  expect(order).toMatchObject({ state: 'closed', outcome: 'repaired', technicianId: 'Li Wei', summary: '[erased]' })
  const { rows } = await sql.query(`select state, recipient ->> 'name' as name from notices order by name`)
  expect(rows).toEqual([
    { state: 'void', name: '[erased]' },
    { state: 'waiting', name: '王芳' },
  ])
  for (const sha256 of originals) expect(await files.get(sha256)).toBeUndefined()
})

test('a correction says what it said of the order, without the person', async () => {
  const corrections = await operations.orderCorrections(orderId)
  expect(corrections).toMatchObject([{ causeClass: 'people', outcome: 'repaired', reason: '[erased]', actor: 'ann' }])
})

test('a visit and its chain lose the person together, and say what they said of the work', async () => {
  expect(await operations.visit(visitId)).toMatchObject({
    ...{ workers: ['[erased]', 'Zhou'], claimedBy: '[erased]', items: ['half-month'], startedAt: start - 7_200_000 },
  })
  expect(await faultOfVisit(operations, visitId)).toBeUndefined()
})

test('what the meter measured, and what was made of it, is as it was', async () => {
  expect(await readings.last('meter-301', 'electricity-meter')).toMatchObject({ values: { watts: 1_380 } })
  expect(await operations.healthDays('meter-301', 9)).toMatchObject([{ score: 80, parts: [{ text: 'nothing' }] }])
})

test('an original that a stop left is named by verify, and removed at the next start', async () => {
  await files.put(first)
  expect((await verify()).breaks).toMatchObject([{ what: 'evidence', text: expect.stringContaining('still there') }])
  await erasures.removeLeft()
  expect(await verify()).toMatchObject({ ok: true })
})

test('who was forgotten is not there to be forgotten again', async () => {
  await expect(erasures.preview({ person: chen })).rejects.toMatchObject({ code: 'not-found' })
  await expect(erasures.get(randomUUID())).rejects.toMatchObject({ code: 'not-found' })
})

test('an erased event that somebody changes afterwards is found, and so is one that no erasure names', async () => {
  const [{ id, number } = expect.fail('nothing was erased')] = (
    await sql.query(`select id, number from work_order_events where data::text like '%[erased]%' limit 1`)
  ).rows
  const [{ data }] = (await sql.query(`select data from work_order_events where id = ${id}`)).rows
  await change(`update work_order_events set data = data || '{"note": "nobody was there"}' where id = ${id}`)
  expect((await verify()).breaks).toMatchObject([{ what: 'event', id: orderId, event: number }])
  await change(`update work_order_events set data = '${JSON.stringify(data)}' where id = ${id}`)
  expect(await verify()).toMatchObject({ ok: true })
  await expect(sql.query(`update work_order_events set actor = 'x' where id = ${id}`)).rejects.toThrow('append-only')
})

test('when it happened stays bound by the chain itself, whatever an erasure says', async () => {
  const [event] = (await operations.chainOf(orderId)).filter(({ salt, said }) => salt === null && said !== null)
  if (event === undefined) expect.fail('nothing was erased')
  const number = event.number ?? 0
  const set = (at: number) =>
    `update work_order_events set at = to_timestamp(${at / 1_000}) where order_id = '${orderId}' and number = ${number}`
  await change(set(event.at - 1_000))
  const id = randomUUID()
  await operations.insertErasure(id)
  const forged = { events: [{ chainId: orderId, number, left: leftOf({ ...event, at: event.at - 1_000 }) }] }
  await operations.appendRecordEvents({
    subjectType: 'erasure',
    subjectId: id,
    at: now,
    type: 'erased',
    actor: 'x',
    data: forged,
  })
  expect((await verify()).breaks).toMatchObject([{ what: 'event', id: orderId, event: number }])

  const honest = { events: [{ chainId: orderId, number, left: leftOf(event) }] }
  await operations.insertErasure(subjectOf(2))
  await operations.appendRecordEvents({
    subjectType: 'erasure',
    subjectId: subjectOf(2),
    at: now,
    type: 'erased',
    actor: 'x',
    data: honest,
  })
  await change(set(event.at))
  expect(await verify()).toMatchObject({ ok: true })
})

test('an event whose words are hashed apart is not taken for one of an earlier version, so that an erasure would vouch for its time', async () => {
  const event = (await operations.chainOf(orderId)).find(({ type }) => type === 'noted')
  if (event === undefined) expect.fail('nothing was noted')
  const number = event.number ?? 0
  const moved = { ...event, at: event.at - 500 }
  const set = (at: number, said: string | null, salt: string | null) =>
    `update work_order_events set at = to_timestamp(${at / 1_000}), said = ${said === null ? null : `'${said}'`},
      salt = ${salt === null ? null : `'${salt}'`} where order_id = '${orderId}' and number = ${number}`
  await change(set(moved.at, null, null))
  await operations.insertErasure(subjectOf(3))
  const data = { events: [{ chainId: orderId, number, left: leftOf(moved) }] }
  const forged = { subjectType: 'erasure', subjectId: subjectOf(3), at: now, type: 'erased', actor: 'x', data }
  await operations.appendRecordEvents(forged)
  expect((await verify()).breaks).toMatchObject([{ what: 'event', id: orderId, event: number }])
  await change(set(event.at, event.said ?? null, event.salt ?? null))
  const honest = { events: [{ chainId: orderId, number, left: leftOf(event) }] }
  await operations.insertErasure(subjectOf(4))
  await operations.appendRecordEvents({ ...forged, subjectId: subjectOf(4), data: honest })
  expect(await verify()).toMatchObject({ ok: true })
})
const subjectOf = (number: number) => `00000000-0000-4000-8000-00000000000${number}`

test('an event of an earlier version, whose chain hashes all of it at once, is erased and verified likewise', async () => {
  const { orderId: _, ...incident } = testIncident({ deviceId: 'meter-301', detectedAt: now })
  const order = testOrder({ incidentId: incident.id, deviceId: 'meter-301', detectedAt: now })
  await operations.insertIncident({ ...incident, followed: null })
  await operations.insertOrder(order)
  let before = orderHash(order)
  for (const [index, type] of (['raised', 'noted'] as const).entries()) {
    const data = type === 'raised' ? {} : { note: '孙悟空 was here' }
    const placed = { orderId: order.id, number: index + 1, at: now, type, actor: 'x', data, idempotencyKey: null }
    before = chainHash(before, placed)
    await operations.insertChainedEvent({ ...placed, hash: before })
  }
  await registry.updateSite(
    'room-301',
    { contacts: [{ role: 'owner', name: '孙悟空', phone: null, addresses: [] }] },
    'ann',
  )
  const person = { type: 'contact', of: 'site', ofId: 'room-301', role: 'owner', name: '孙悟空' } as const
  const { events } = await erasures.erase({ person, reason: 'x' }, 'operator')
  expect(events).toMatchObject([{ chainId: order.id, number: 2 }])
  expect(await verify()).toMatchObject({ ok: true, breaks: [] })
  await change(`update work_order_events set data = '{"note": "x"}' where order_id = '${order.id}' and number = 2`)
  expect((await verify()).breaks).toMatchObject([{ what: 'event', id: order.id, event: 2 }])
  await change(
    `update work_order_events set data = '{"note": "[erased]"}' where order_id = '${order.id}' and number = 2`,
  )
})

test('what somebody writes meanwhile is not written over: the erasure is refused, and nothing of it was done', async () => {
  const person = { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant', name: '王芳' } as const
  const busy = createErasures({
    ...{ files, clock },
    operations: {
      ...operations,
      transaction: (work) =>
        operations.transaction((unit) =>
          work({
            ...unit,
            async rowsNaming(pattern, limit) {
              const rows = await unit.rowsNaming(pattern, limit)
              await sql.query(`update notices set recipient = recipient || '{"why": "moved"}'`)
              return rows
            },
          }),
        ),
    },
  })
  await expect(busy.erase({ person, reason: 'x' }, 'operator')).rejects.toMatchObject({
    code: 'already-done',
    message: expect.stringMatching(/Somebody is writing in notices /),
  })
  const { rows } = await sql.query(`select recipient ->> 'why' as why from notices where recipient ->> 'name' = '王芳'`)
  expect(rows).toEqual([{ why: 'moved' }])
})

test.each(['repaired', 'People', 'false', 'ok'])('nobody is called %s: it is how records are kept', async (word) => {
  const person = { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant', name: '王芳' } as const
  const asked = { person, also: ['Wang', word], reason: 'x' }
  for (const ask of [() => erasures.preview(asked), () => erasures.erase(asked, 'operator')]) {
    await expect(ask()).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/^also\.1: /) })
  }
})

test('an order and the event that says the same of it are kept both, or neither', async () => {
  const person = { type: 'member', id: 'li' } as const
  await expect(erasures.preview({ person })).rejects.toMatchObject({ code: 'order-state' })
  await people.removeMember('li', 'ann')
  const places = (await erasures.preview({ person })).map(({ place }) => place)
  const row = `work_orders ${orderId}`
  const events = places.filter((place) => place.startsWith('work_order_events '))
  expect(places).toContain(row)
  expect(events).not.toEqual([])
  for (const keep of [[row], events]) {
    const refused = erasures.erase({ person, keep, reason: 'x' }, 'operator')
    await expect(refused).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/both, or neither/) })
  }
  expect(await verify()).toMatchObject({ ok: true, breaks: [] })
})

test('nobody keeps something by a place that is misspelt: what is erased does not come back', async () => {
  const person = { type: 'member', id: 'li' } as const
  const keep = [`work_orders ${orderId}`, 'history 99999']
  for (const ask of [
    () => erasures.preview({ person, keep }),
    () => erasures.erase({ person, keep, reason: 'x' }, 'a'),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/^keep\.1: /) })
})

test('where somebody is written down as themselves goes with them: the preview says so, and nobody keeps it', async () => {
  const person = { type: 'member', id: 'li' } as const
  const places = await erasures.preview({ person })
  expect(places.filter(({ isOwn }) => isOwn).map(({ place }) => place)).toEqual(['members li'])
  const refused = { code: 'invalid', message: 'keep.0: members li is where they are written down themselves: it goes' }
  await expect(erasures.erase({ person, keep: ['members li'], reason: 'x' }, 'a')).rejects.toMatchObject(refused)
})

test('a member is forgotten when they have left; a place that the operator keeps stays as it is', async () => {
  const person = { type: 'member', id: 'li' } as const
  const places = (await erasures.preview({ person })).map(({ place }) => place)
  const keep = places.filter((place) => place.startsWith('history '))
  expect(keep).not.toEqual([])
  const receipt = await erasures.erase({ person, keep, reason: 'left' }, 'operator')
  expect(receipt.rows).toMatchObject({ members: 1, work_orders: 1 })
  expect(receipt.rows.history).toBeUndefined()
  expect(await operations.member('li')).toMatchObject({ name: '[erased]', phone: null })
  expect(await operations.order(orderId)).toMatchObject({ technicianId: '[erased]' })
  expect(await verify()).toMatchObject({ ok: true, breaks: [] })

  await erasures.erase({ person, reason: 'the rest' }, 'operator')
  expect(await everything()).not.toMatch(/Li Wei|137 1111/)
  await expect(erasures.erase({ person, reason: 'again' }, 'x')).rejects.toMatchObject({ code: 'already-done' })
  expect(await verify()).toMatchObject({ ok: true, breaks: [] })
})

test('an account is forgotten when it is removed, whatever it was called before', async () => {
  const identity = { issuer: 'https://id.example.org', subject: 'u-4711-zhao' }
  const account = { id: 'zhao', name: 'Zhao Min', locale: 'en', memberships: [], createdAt: now } as const
  await operations.insertAccount({
    ...account,
    email: 'zhao@example.org',
    identity,
    passwordSetAt: null,
    removedAt: null,
  })
  const before = { ...account, name: '赵敏', email: 'min@example.org' }
  await operations.insertHistory({
    at: now,
    actor: 'ann',
    subjectType: 'account',
    subjectId: 'zhao',
    before,
    after: account,
  })
  await operations.insertAudit({ at: now, actor: 'zhao', action: 'x', subject: 'y', data: { address: '10.0.0.1' } })
  const person = { type: 'account', id: 'zhao' } as const
  await expect(erasures.erase({ person, reason: 'x' }, 'operator')).rejects.toMatchObject({ code: 'order-state' })
  await operations.updateAccount('zhao', { removedAt: now })
  await erasures.erase({ person, reason: 'left' }, 'operator')
  const after = await everything()
  for (const his of [/Zhao Min/, /赵敏/, /example\.org/, /u-4711/]) expect(after).not.toMatch(his)
  expect((await operations.audit({ limit: 9, actor: 'zhao' })).items).toHaveLength(1)
})

test.each([...hostileNames, 'Anne-Marie', 'a.*b', '[x]', '\\\\d+', 'x|y', '(?!)', '$1'])(
  'whatever somebody is called, PostgreSQL finds it where we do: %j',
  async (name) => {
    const naming = namingOf({ names: [name], phones: [], addresses: [name] })
    const { rows } = await sql.query(
      'select jsonb_build_object($1::text, jsonb_build_array($2::text))::text ~* $3 as found, $4::text ~* $3 as other',
      ['data', storable(name), naming.pattern, 'somebody else'],
    )
    expect([naming.isNamedIn(storable(name)), rows]).toEqual([true, [{ found: true, other: false }]])
  },
)
