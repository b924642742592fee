import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../../core/clock.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import { silentLog } from '../../core/log.ts'
import type { Reading } from '../../core/reading.ts'
import { metricCatalogue } from '../../devices/index.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createWorkOrders } from '../life/act.ts'
import { recordEvent } from './chain.ts'
import { createEvidenceWorker, type RuleOf, scheduleEvidence } from './evidence.ts'
import { createPhotos, sniff } from './photos.ts'
import { verifyAll } from './verify.ts'

const detectedAt = Date.UTC(2026, 10, 24, 2, 0, 0)
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])

let database: TestDatabase
let now = detectedAt
const readings = memoryReadings({ catalogue: metricCatalogue })
const clock = () => now

beforeAll(async () => {
  database = await startTestDatabase()
  await database.operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
})
afterAll(() => database?.remove())

function worker(files: EvidenceStore, from: Parameters<typeof createEvidenceWorker>[0]['readings'] = readings) {
  const ruleOf: RuleOf = async (_, { finding }) => ({ finding, settings: { heldSeconds: 30 } })
  return createEvidenceWorker({ operations: database.operations, readings: from, files, ruleOf, clock, log: silentLog })
}

async function elevator(): Promise<string> {
  const id = `elv-${randomUUID().slice(0, 8)}`
  await database.operations.insertDevice(testDevice({ id, facts: { stops: 18 } }))
  return id
}

async function raised(
  given: Pick<Partial<WorkOrder>, 'deviceId' | 'finding'> = {},
): Promise<{ incident: Incident; orderId: string; deviceId: string }> {
  const deviceId = given.deviceId ?? (await elevator())
  const around: Reading[] = [-11, -9, -1, 0, 5, 11].map((minutes) => {
    const at = detectedAt + minutes * minuteMs
    return { deviceId, kind: 'elevator', at, receivedAt: at, values: { floor: 7, passengerPresent: true } }
  })
  await readings.write(around, { journalId: 'test', position: 1 })
  const incident = testIncident({ detectedAt, evidence: { heldSeconds: 31 }, ...given, deviceId })
  const { orderId: _, ...fresh } = incident
  const order = testOrder({ incidentId: incident.id, detectedAt, ...given, deviceId })
  await database.operations.transaction(async (unit) => {
    await unit.insertIncident({ ...fresh, followed: null })
    await unit.insertOrder(order)
    await recordEvent(unit, order.id, { at: detectedAt, type: 'raised', actor: 'liftwatt', data: {} })
    await scheduleEvidence(unit, incident, detectedAt)
    await scheduleEvidence(unit, incident, detectedAt)
  })
  return { incident, orderId: order.id, deviceId }
}

/** As somebody with the database in their hands: the triggers, which refuse it, are off. */
async function behindOurBack(table: string, statement: string): Promise<void> {
  const client = new pg.Client(database.connection)
  await client.connect()
  await client.query(`alter table ${table} disable trigger user`)
  await client.query(statement)
  await client.query(`alter table ${table} enable trigger user`)
  await client.end()
}

async function filesOf(incident: Incident, files: EvidenceStore) {
  const links = await database.operations.evidenceOf(incident.id)
  return Promise.all(
    links.map(async ({ part, sha256 }) => ({
      part,
      content: JSON.parse(Buffer.from((await files.get(sha256)) ?? []).toString()),
    })),
  )
}

test('the ten minutes before are frozen at once and the ten after when they are over, each once, in the order’s chain', async () => {
  const files = memoryEvidence()
  const { incident, orderId, deviceId } = await raised()
  now = detectedAt + 15 * secondMs
  expect(await worker(files).runOnce()).toBe(1)
  expect(await worker(files).runOnce()).toBe(0)
  now = detectedAt + 10 * minuteMs + 15 * secondMs
  expect(await worker(files).runOnce()).toBe(1)

  const [before, after] = await filesOf(incident, files)
  expect(before?.content).toMatchObject({
    part: 'before',
    incident: { id: incident.id, detectedAt: '2026-11-24T02:00:00.000Z', evidence: { heldSeconds: 31 } },
    rule: { finding: 'elevator/entrapment', settings: { heldSeconds: 30 } },
    links: [{ gatewayId: 'gw-1', silent: false }],
  })
  const times = (content: { windows: { device: { id: string; facts: object }; readings: { at: string }[] }[] }) =>
    content.windows.map(({ device, readings: kept }) => [
      device.id,
      device.facts,
      kept.map(({ at }) => at.slice(11, 16)),
    ])
  expect(times(before?.content)).toEqual([[deviceId, { stops: 18 }, ['01:51', '01:59', '02:00']]])
  expect(times(after?.content)).toEqual([[deviceId, { stops: 18 }, ['02:05']]])

  const events = await database.operations.orderEvents(orderId)
  expect(events.map(({ type, data }) => [type, data.evidence])).toEqual([
    ['raised', undefined],
    ['noted', 'before'],
    ['noted', 'after'],
  ])
})

test('what was seen of something that joined an order is in the chain of the one that this was merged into', async () => {
  now = detectedAt + 15 * secondMs
  const files = memoryEvidence()
  const [merged, into, joined] = [await raised(), await raised(), testIncident({ detectedAt })]
  await database.operations.transaction(async (unit) => {
    const ending = { state: 'cancelled', cancelledAt: detectedAt + minuteMs, mergedIntoId: into.orderId } as const
    await unit.updateOrder(merged.orderId, 'raised', ending)
    const suppressed = { by: 'inhibition', id: merged.incident.id, text: '', at: now, orderId: merged.orderId } as const
    const { orderId: _, ...fresh } = joined
    await unit.insertIncident({ ...fresh, deviceId: merged.deviceId, state: 'suppressed', suppressed, followed: null })
    await scheduleEvidence(unit, joined, detectedAt)
  })
  await worker(files).runOnce()
  expect(await database.operations.evidenceOf(joined.id)).toMatchObject([{ part: 'before', orderId: into.orderId }])
})

test.each<[string, string, RegExp]>([
  ['the other window', "evidence_links set part = 'before'", /has another part/],
  ['that of another order', 'evidence_links set order_id = null', /has another orderId/],
  ['of another type', "evidence_files set media_type = 'image/png'", /has another mediaType/],
])('evidence that is made %s is named', async (_, change, text) => {
  const files = memoryEvidence()
  const { incident, orderId } = await raised()
  now = detectedAt + 10 * minuteMs + 15 * secondMs
  await worker(files).runOnce()
  const breaks = async () => (await verifyAll(database.operations, files)).breaks.filter(({ id }) => id === orderId)
  expect(await breaks()).toEqual([])
  const [after] = (await database.operations.evidenceOf(incident.id)).filter(({ part }) => part === 'after')
  const [table = ''] = change.split(' ')
  await behindOurBack(table, `update ${change} where sha256 = '${after?.sha256}'`)
  expect(await breaks()).toMatchObject([{ event: 3, text: expect.stringMatching(text) }])
})

test('a history that cannot be read puts one piece of evidence off and holds up no other', async () => {
  const files = memoryEvidence()
  now = detectedAt + 15 * secondMs
  const [first, second] = [await raised(), await raised()]
  const from = {
    between: (query: Parameters<typeof readings.between>[0]) =>
      query.deviceId === first.deviceId ? Promise.reject(new Error('history is down')) : readings.between(query),
  }
  expect(await worker(files, from).runOnce()).toBe(2)
  expect(await database.operations.evidenceOf(first.incident.id)).toEqual([])
  expect(await database.operations.evidenceOf(second.incident.id)).toHaveLength(1)

  now += 6 * secondMs
  expect(await worker(files).runOnce()).toBe(1)
  expect(await database.operations.evidenceOf(first.incident.id)).toHaveLength(1)
})

test('a picture is kept once, whatever it is called by its sender; what is no picture is refused', async () => {
  const files = memoryEvidence()
  const photos = createPhotos({ operations: database.operations, files, clock })
  const { orderId } = await raised()
  const first = await photos.add(orderId, png, 'Door sill', 'chen')
  expect(first).toMatchObject({ part: 'photo', mediaType: 'image/png', bytes: 11, name: 'Door sill', addedBy: 'chen' })
  expect(await photos.add(orderId, png, 'again', 'chen')).toMatchObject({ sha256: first.sha256, name: 'Door sill' })
  await expect(photos.add(orderId, Buffer.from('<script>'), undefined, 'x')).rejects.toMatchObject({ code: 'invalid' })
  await expect(photos.add(randomUUID(), png, undefined, 'x')).rejects.toMatchObject({ code: 'not-found' })
  expect(await database.operations.orderEvents(orderId)).toHaveLength(2)
  expect((await verifyAll(database.operations, files)).breaks.filter(({ id }) => id === orderId)).toEqual([])
})

test('what an order has no room for is not written to the disk', async () => {
  const kept = memoryEvidence()
  let puts = 0
  const files: EvidenceStore = {
    ...kept,
    put(content) {
      puts += 1
      return kept.put(content)
    },
  }
  const photos = createPhotos({ operations: database.operations, files, clock })
  const { orderId, incident } = await raised()
  const picture = (index: number) => new Uint8Array([...png, index])
  const { sha256 } = await photos.add(orderId, picture(0), undefined, 'chen')
  await database.operations.transaction(async (unit) => {
    const link = { incidentId: incident.id, orderId, part: 'photo', addedAt: now, addedBy: 'chen' } as const
    for (let index = 1; index < 50; index += 1) {
      const other = index.toString(16).padStart(64, '0')
      await unit.insertEvidenceFile({ sha256: other, bytes: 1, mediaType: 'image/png', createdAt: now })
      await unit.insertEvidenceLink({ ...link, sha256: other, name: `Picture ${index + 1}` })
    }
  })
  await expect(photos.add(orderId, picture(50), undefined, 'chen')).rejects.toMatchObject({ code: 'invalid' })
  expect(puts).toBe(1)
  expect(await photos.add(orderId, picture(0), undefined, 'chen')).toMatchObject({ sha256 }) // the same one again
})

test('JPEG, PNG and WebP are known by their first bytes', () => {
  expect(sniff(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]))).toBe('image/jpeg')
  expect(sniff(Buffer.from('RIFF\x01\x02\x03\x04WEBPVP8 '))).toBe('image/webp')
  expect(sniff(Buffer.from('RIFF\x01\x02\x03\x04WAVEfmt '))).toBeUndefined()
  expect(sniff(new Uint8Array())).toBeUndefined()
})

describe('of two orders of one car', () => {
  const files = memoryEvidence()
  let merged: Awaited<ReturnType<typeof raised>>
  let into: typeof merged
  const breaksOf = async (orderId: string) =>
    (await verifyAll(database.operations, files)).breaks.filter(({ id }) => id === orderId)
  const filesSeen = async ({ incident }: typeof merged) =>
    (await database.operations.evidenceOf(incident.id)).map(({ incidentId, part }) => [incidentId, part])

  beforeAll(async () => {
    const workOrders = createWorkOrders({ operations: database.operations, clock })
    into = await raised()
    merged = await raised({ deviceId: into.deviceId, finding: 'elevator/door-fault' })
    now = detectedAt + 15 * secondMs
    await worker(files).runOnce()
    const asked = { orderId: merged.orderId, intoId: into.orderId, actor: 'operator', reason: 'the same passengers' }
    await workOrders.act({ ...asked, action: 'merge' })
    now = detectedAt + 10 * minuteMs + 15 * secondMs
    await worker(files).runOnce()
    await createPhotos({ operations: database.operations, files, clock }).add(merged.orderId, png, 'Door', 'chen')
  })

  test('the one that goes on lists what was frozen for both, before they were merged and after, and so does its chain', async () => {
    const [first, second] = [into.incident.id, merged.incident.id]
    const all = [
      ...[first, second].map((id) => [id, 'before']),
      ...[first, second].map((id) => [id, 'after']),
      [second, 'photo'],
    ]
    expect((await filesSeen(into)).toSorted()).toEqual(all.toSorted())
    expect(await filesSeen(merged)).toEqual(all.filter(([id]) => id === second))

    const events = await database.operations.orderEvents(into.orderId)
    const named = events.flatMap(({ data }) => [
      ...(data.evidence === undefined ? [] : [data.sha256]),
      ...((data.mergedEvidence ?? []) as { sha256: string }[]).map(({ sha256 }) => sha256),
    ])
    const kept = (await database.operations.evidenceOf(into.incident.id)).map(({ sha256 }) => sha256)
    expect(named.toSorted()).toEqual(kept.toSorted())
    expect([await breaksOf(into.orderId), await breaksOf(merged.orderId)]).toEqual([[], []])
  })

  test('its chain vouches for the chain of the other, and misses evidence that vanishes with its row', async () => {
    // written anew from end to end: whole in itself
    await behindOurBack('work_order_events', `delete from work_order_events where order_id = '${merged.orderId}'`)
    const anew = { at: detectedAt, type: 'raised', actor: 'liftwatt', data: {} } as const
    await database.operations.transaction((unit) => recordEvent(unit, merged.orderId, anew))
    const takenOver = { what: 'event', event: 3, text: expect.stringContaining(merged.orderId) }
    expect(await breaksOf(into.orderId)).toEqual([expect.objectContaining(takenOver)])

    const own = (await database.operations.evidenceOf(into.incident.id)).find(
      ({ incidentId, part }) => incidentId === into.incident.id && part === 'before',
    )
    await behindOurBack('evidence_links', `delete from evidence_links where sha256 = '${own?.sha256}'`)
    await behindOurBack('evidence_files', `delete from evidence_files where sha256 = '${own?.sha256}'`)
    const gone = { what: 'event', event: 2, text: expect.stringContaining(`${own?.sha256}`) }
    expect(await breaksOf(into.orderId)).toEqual([expect.objectContaining(gone)])
  })
})
