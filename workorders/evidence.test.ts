import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import type { Incident } from '../core/incident.ts'
import { silentLog } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import { metricCatalogue } from '../devices/index.ts'
import { memoryEvidence } from '../stores/evidence/memory.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import { testDevice, testIncident, testOrder } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
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

async function raised(): Promise<{ incident: Incident; orderId: string; deviceId: string }> {
  const deviceId = `elv-${randomUUID().slice(0, 8)}`
  await database.operations.insertDevice(testDevice({ id: deviceId, facts: { stops: 18 } }))
  const of: Reading[] = [-11, -9, -1, 0, 5, 11].map((minutes) => {
    const at = detectedAt + minutes * minuteMs
    return { deviceId, kind: 'elevator', at, receivedAt: at, values: { floor: 7, passengerPresent: true } }
  })
  await readings.write(of, { journalId: 'test', position: 1 })
  const incident = testIncident({ deviceId, detectedAt, evidence: { heldSeconds: 31 } })
  const { orderId: _, ...fresh } = incident
  const order = testOrder({ incidentId: incident.id, deviceId, detectedAt })
  await database.operations.transaction(async (unit) => {
    await unit.insertIncident({ ...fresh, followed: null })
    await unit.insertOrder(order)
    await scheduleEvidence(unit, incident, detectedAt)
    await scheduleEvidence(unit, incident, detectedAt)
  })
  return { incident, orderId: order.id, deviceId }
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
  expect(await database.operations.orderEvents(orderId)).toHaveLength(1)
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
