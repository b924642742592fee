import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evidenceFiles } from '../../stores/evidence/files.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createWorkOrders } from '../life/act.ts'
import { chainOldOrders, recordEvent } from './chain.ts'
import { sealOnce } from './seals.ts'
import { verifyAll, type WrittenSeal } from './verify.ts'

const now = Date.UTC(2026, 10, 24, 18, 0, 0, 123)
const hostile = `a\0b\ud800c'"\\;--{}$1`

let database: TestDatabase
let directory: string

beforeAll(async () => {
  database = await startTestDatabase()
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-chain-'))
})
afterAll(async () => {
  await database?.remove()
  await rm(directory, { recursive: true, force: true })
})

/** As the command that makes the event sets it. */
const columns: Readonly<Record<string, (at: string) => string>> = {
  acknowledged: (at) => `state = 'acknowledged', acknowledged_at = ${at}`,
  accepted: (at) => `state = 'accepted', accepted_at = ${at}, technician_id = 'li'`,
}

async function orderWithEvents(types: readonly string[]): Promise<string> {
  const { orderId: _, ...incident } = testIncident({ deviceId: `elv-${Math.random()}`, detectedAt: now })
  const order = testOrder({ incidentId: incident.id, detectedAt: now })
  await database.operations.insertIncident({ ...incident, followed: null })
  await database.operations.insertOrder(order)
  for (const [index, type] of types.entries()) {
    await database.operations.transaction(async (unit) => {
      await unit.lockOrder(order.id)
      const data = { note: hostile, b: 1.5, a: null, technicianId: 'li' }
      const event = { at: now + index, type: type as 'noted', actor: hostile, data }
      await recordEvent(unit, order.id, event, `key-${index}`)
    })
    const changes = columns[type]?.(`to_timestamp(${(now + index) / 1000})`)
    if (changes !== undefined) await behindOurBack(`update work_orders set ${changes} where id = '${order.id}'`)
  }
  return order.id
}

const guarded = ['work_orders', 'work_order_events', 'seals']

/** As somebody with the database in their hands: the triggers, which refuse it, are off. */
async function behindOurBack(statement: string): Promise<number> {
  const client = new pg.Client(database.connection)
  await client.connect()
  try {
    for (const table of guarded) await client.query(`alter table ${table} disable trigger user`)
    return (await client.query(statement)).rowCount ?? 0
  } finally {
    for (const table of guarded) await client.query(`alter table ${table} enable trigger user`)
    await client.end()
  }
}

const verify = (...written: WrittenSeal[]) => verifyAll(database.operations, evidenceFiles(directory), written)

test('chains, seals and evidence that nobody touched are whole', async () => {
  await orderWithEvents(['raised', 'acknowledged', 'noted'])
  await sealOnce(database.operations, now)
  const { sha256, bytes } = await evidenceFiles(directory).put(new Uint8Array([1, 2, 3]))
  await database.operations.insertEvidenceFile({ sha256, bytes, mediaType: 'application/json', createdAt: now })
  expect(await verify()).toMatchObject({
    ok: true,
    orders: 1,
    events: 3,
    seals: 1,
    files: 1,
    head: { number: 1 },
    breaks: [],
  })
})

const kept = [
  ...['work_order_events', 'record_events', 'seals', 'audit', 'evidence_files', 'evidence_links', 'visit_evidence'],
  ...['erasures', 'redacted_files'],
]

test('the database itself refuses to change or delete what happened', async () => {
  await orderWithEvents(['raised'])
  const client = new pg.Client(database.connection)
  await client.connect()
  await expect(client.query("update work_order_events set actor = 'nobody'")).rejects.toThrow('append-only')
  await expect(client.query('delete from work_order_events')).rejects.toThrow('append-only')
  await expect(client.query('delete from seals')).rejects.toThrow('append-only')
  for (const table of kept) await expect(client.query(`truncate ${table} cascade`)).rejects.toThrow('append-only')
  await expect(client.query('truncate incidents cascade')).rejects.toThrow('append-only')
  await client.end()
})

test.each([
  [
    'one letter of an event',
    (id: string) =>
      `update work_order_events set data = jsonb_set(data, '{note}', '"x"') where order_id = '${id}' and number = 2`,
    2,
    'not as it was written',
  ],
  [
    'the time of an event',
    (id: string) =>
      `update work_order_events set at = at - interval '1 millisecond' where order_id = '${id}' and number = 3`,
    3,
    'not as it was written',
  ],
  [
    'an event taken out',
    (id: string) => `delete from work_order_events where order_id = '${id}' and number = 2`,
    2,
    'missing',
  ],
  [
    'the last event taken off, after it was sealed',
    (id: string) => `delete from work_order_events where order_id = '${id}' and number = 3`,
    3,
    'missing',
  ],
  [
    'two events that changed places',
    (id: string) =>
      `update work_order_events set number = case number when 2 then -2 when 3 then 2 else number end where order_id = '${id}'; update work_order_events set number = 3 where order_id = '${id}' and number = -2`,
    2,
    'not as it was written',
  ],
  [
    'when the order was detected',
    (id: string) => `update work_orders set detected_at = detected_at + interval '1 minute' where id = '${id}'`,
    1,
    'not as it was written',
  ],
])('%s is named', async (_what, statement, event, text) => {
  const id = await orderWithEvents(['raised', 'acknowledged', 'accepted'])
  await sealOnce(database.operations, now)
  expect((await verify()).breaks.filter((found) => found.id === id)).toEqual([])

  for (const part of statement(id).split(';')) await behindOurBack(part)
  const found = (await verify()).breaks.find((candidate) => candidate.id === id)
  expect(found).toMatchObject({ what: 'event', event, text: expect.stringContaining(text) })
})

test('a time of the order itself that is not what its event says is named, for reports read it there', async () => {
  const id = await orderWithEvents(['raised', 'acknowledged'])
  const of = async () => (await verify()).breaks.filter((found) => found.id === id)
  await behindOurBack(`update work_orders set acknowledged_at = to_timestamp(${(now + 1) / 1000}) where id = '${id}'`)
  expect(await of()).toEqual([])
  await behindOurBack(`update work_orders set acknowledged_at = to_timestamp(${now / 1000 + 60}) where id = '${id}'`)
  expect(await of()).toEqual([
    expect.objectContaining({ what: 'event', event: 2, text: expect.stringContaining('acknowledgedAt') }),
  ])
})

test('an order that vanishes as a whole is missed by the seal', async () => {
  const id = await orderWithEvents(['raised', 'acknowledged'])
  await sealOnce(database.operations, now)
  await behindOurBack(`delete from work_order_events where order_id = '${id}'`)
  await behindOurBack(`delete from work_orders where id = '${id}'`)
  expect((await verify()).breaks).toContainEqual(expect.objectContaining({ what: 'order', id }))
})

test('a chain that is written anew from end to end is found by the seal', async () => {
  const id = await orderWithEvents(['raised', 'acknowledged'])
  await sealOnce(database.operations, now)
  await behindOurBack(`delete from work_order_events where order_id = '${id}'`)
  await database.operations.transaction(async (unit) => {
    await recordEvent(unit, id, { at: now, type: 'raised', actor: 'forger', data: {} })
    await recordEvent(unit, id, { at: now + 1, type: 'acknowledged', actor: 'forger', data: {} })
  })
  const found = (await verify()).breaks.find((candidate) => candidate.id === id)
  expect(found).toMatchObject({ event: 2, text: expect.stringContaining('anew') })
})

test('a seal that was written down elsewhere is missed when it is gone, or another stands in its place', async () => {
  await orderWithEvents(['raised'])
  const seal = await sealOnce(database.operations, now)
  if (seal === undefined) throw new Error('nothing was sealed')
  const { number, hash } = seal
  const ofSeals = async (...written: WrittenSeal[]) =>
    (await verify(...written)).breaks.filter(({ what, id }) => what === 'seal' && id === String(number))
  expect(await ofSeals({ number, hash })).toEqual([])
  expect(await ofSeals({ number, hash: 'f'.repeat(64) })).toMatchObject([
    { text: expect.stringContaining('is not the one') },
  ])

  await behindOurBack(`delete from seals where number = ${number}`)
  expect(await ofSeals()).toEqual([])
  expect(await ofSeals({ number, hash })).toMatchObject([{ text: `Seal ${number}, which was written down, is gone` }])
})

test('the newest seal is missed by what it sealed, though nobody wrote it down; what still waits for one is whole', async () => {
  const id = await orderWithEvents(['raised', 'acknowledged'])
  const waits = async () => (await verify()).breaks.filter((one) => one.id === id)
  expect(await waits()).toEqual([])
  const seal = await sealOnce(database.operations, now)
  expect(await waits()).toEqual([])

  await behindOurBack(`delete from seals where number = ${seal?.number}`)
  expect(await waits()).toMatchObject([{ what: 'order', event: 1, text: expect.stringContaining('a seal is gone') }])
})

test('a seal that is made while it is verified misses nothing', async () => {
  const { operations } = database
  const id = await orderWithEvents(['raised'])
  const chainOf: Operations['chainOf'] = async (asked) => {
    const chain = await operations.chainOf(asked)
    if (asked === id) await sealOnce(operations, now)
    return chain
  }
  const found = await verifyAll({ ...operations, chainOf }, evidenceFiles(directory))
  expect(found.breaks.filter((one) => one.id === id)).toEqual([])
})

test.each(['{}', '"x"', '["x"]', 'null', '[[1, 2, 3], null]', '[["x", 1]]'])(
  'a seal with %s for its chains is named',
  async (heads) => {
    await orderWithEvents(['raised'])
    const seal = await sealOnce(database.operations, now)
    const number = String(seal?.number)
    await behindOurBack(`update seals set heads = '${heads}' where number = ${number}`)
    const { breaks } = await verify()
    await behindOurBack(`update seals set heads = '${JSON.stringify(seal?.heads)}' where number = ${number}`)
    const text = expect.stringContaining(`Seal ${number} was changed`)
    expect(breaks).toContainEqual({ what: 'seal', id: number, event: null, text })
    expect(breaks.map((one) => one.text).join()).not.toContain('undefined')
  },
)

test('what somebody does while it is verified is no break', async () => {
  const { operations } = database
  const id = await orderWithEvents(['raised'])
  let acted: Promise<unknown> | undefined
  const act = () => {
    acted ??= createWorkOrders({ operations, clock: () => now + 5 }).act({ orderId: id, action: 'accept', actor: 'li' })
    return acted
  }
  const order: Operations['order'] = async (asked) => {
    const before = await operations.order(asked)
    if (asked === id) await act()
    return before
  }
  const chainOf: Operations['chainOf'] = async (asked) => {
    if (asked === id) await act()
    return operations.chainOf(asked)
  }
  const found = await verifyAll({ ...operations, order, chainOf }, evidenceFiles(directory))
  expect(found.breaks.filter((one) => one.id === id)).toEqual([])
  expect(await operations.chainOf(id)).toHaveLength(2)
})

test('no event is earlier than the one before it, and a time that it sets stays what it was', async () => {
  const { operations } = database
  const id = await orderWithEvents(['raised'])
  await operations.transaction(async (unit) => {
    await unit.lockOrder(id)
    const noted = { at: now + 400, type: 'noted', actor: 'liftwatt', data: {} } as const
    await recordEvent(unit, id, noted)
    await recordEvent(unit, id, { ...noted, at: now + 300, type: 'notified' })
  })
  await createWorkOrders({ operations, clock: () => now + 100 }).act({ orderId: id, action: 'accept', actor: 'li' })
  const chain = await operations.chainOf(id)
  expect(chain.map(({ at }) => at - now)).toEqual([0, 400, 400, 400])
  expect(await operations.order(id)).toMatchObject({ acknowledgedAt: now + 100, acceptedAt: now + 100 })
  expect((await verify()).breaks.filter((found) => found.id === id)).toEqual([])
})

test('an incident that is less severe than when its order was raised is named', async () => {
  const { operations } = database
  const id = await orderWithEvents([])
  await operations.transaction((unit) =>
    recordEvent(unit, id, { at: now, type: 'raised', actor: 'liftwatt', data: { severity: 'critical' } }),
  )
  const incidentId = (await operations.order(id))?.incidentId
  const of = async () => (await verify()).breaks.filter((found) => found.id === id)
  expect(await of()).toEqual([])
  await behindOurBack(`update incidents set severity = 'info' where id = '${incidentId}'`)
  expect(await of()).toMatchObject([{ what: 'event', event: 1, text: expect.stringContaining('less severe') }])
})

test('one byte of an evidence file, or the whole file, is named', async () => {
  const files = evidenceFiles(directory)
  const { sha256, bytes } = await files.put(new Uint8Array([7, 8, 9]))
  await database.operations.insertEvidenceFile({ sha256, bytes, mediaType: 'application/json', createdAt: now })
  const path = join(directory, sha256.slice(0, 2), sha256)
  const content = readFileSync(path)
  content[1] = 0
  await chmod(path, 0o600)
  await writeFile(path, content)
  expect((await verify()).breaks).toContainEqual(
    expect.objectContaining({ what: 'evidence', id: sha256, text: expect.stringContaining('changed') }),
  )
  await rm(path)
  expect((await verify()).breaks).toContainEqual(
    expect.objectContaining({ what: 'evidence', id: sha256, text: expect.stringContaining('gone') }),
  )
})

test('twenty hands at one order leave one unbroken chain, and a seal made meanwhile misses nothing', async () => {
  const id = await orderWithEvents(['raised'])
  await Promise.all([
    ...Array.from({ length: 20 }, (_, hand) =>
      database.operations.transaction(async (unit) => {
        await unit.lockOrder(id)
        await recordEvent(unit, id, { at: now + hand, type: 'noted', actor: `hand ${hand}`, data: {} })
      }),
    ),
    sealOnce(database.operations, now),
  ])
  await sealOnce(database.operations, now + 1)
  const chain = await database.operations.chainOf(id)
  expect(chain.map(({ number }) => number)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
  const heads = (await database.operations.seals(0, 1_000)).flatMap((seal) => seal.heads)
  expect(heads.findLast(([orderId]) => orderId === id)).toEqual([id, 21, chain.at(-1)?.hash])
  expect((await verify()).breaks.filter((found) => found.id === id)).toEqual([])
})

test('orders of a version without chains get theirs once, as they are found', async () => {
  const id = await orderWithEvents(['raised', 'acknowledged'])
  await behindOurBack(`update work_order_events set number = null, hash = null where order_id = '${id}'`)
  expect((await verify()).breaks).toContainEqual(
    expect.objectContaining({ id, text: 'An event stands outside the chain' }),
  )
  expect(await chainOldOrders(database.operations)).toBeGreaterThanOrEqual(1)
  expect(await chainOldOrders(database.operations)).toBe(0)
  expect((await verify()).breaks.filter((found) => found.id === id)).toEqual([])
})
