import { afterEach, beforeEach, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import type { Refusal } from '../core/device.ts'
import { StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { AuditEntry, Operations } from '../stores/operations/port.ts'
import { createRefusalLog, type RefusalLog } from './refusals.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now: number
let isDown: boolean
let refusals: (Refusal & { gatewayId: string })[]
let audit: AuditEntry[]
let log: RefusalLog

/** What it needs of the store, in memory, so that it can fail between any two writes. */
const store = {
  async gateway(id: string) {
    if (isDown) throw new StoreUnavailable('operations', 'down')
    return id === 'gw-none' ? undefined : { id, name: null, autoRegister: null, createdAt: 0, revokedAt: null }
  },
  async insertRefusals(rows: readonly (Refusal & { gatewayId: string })[]) {
    if (isDown) throw new StoreUnavailable('operations', 'down')
    refusals.push(...rows)
  },
  async insertAudit(entry: AuditEntry) {
    if (isDown) throw new StoreUnavailable('operations', 'down')
    audit.push(entry)
  },
} as unknown as Operations

beforeEach(() => {
  now = start
  isDown = false
  refusals = []
  audit = []
  log = createRefusalLog({ operations: store, clock: () => now, log: silentLog })
})
afterEach(() => log.stop())

const busy = { gatewayId: 'gw-1', address: '10.0.0.7', reason: 'busy', text: 'too many', breach: false }
const foreign = { gatewayId: 'gw-1', address: '10.0.0.7', reason: 'foreign-topic', text: 'not yours', breach: true }
const stranger = { gatewayId: null, address: '10.0.0.9', reason: 'wrong-credentials', text: 'wrong', breach: true }

test("a gateway's refusal is there for its installer; only a breach is audited", async () => {
  log.note(busy)
  log.note(foreign)
  log.note(stranger)
  await log.flush()

  expect(refusals).toEqual([
    { gatewayId: 'gw-1', at: start, reason: 'busy', text: 'too many' },
    { gatewayId: 'gw-1', at: start, reason: 'foreign-topic', text: 'not yours' },
  ])
  expect(audit.map(({ actor, action, subject, data }) => ({ actor, action, subject, data }))).toEqual([
    {
      actor: 'gw-1',
      action: 'breach',
      subject: 'foreign-topic',
      data: { address: '10.0.0.7', text: 'not yours', count: 1 },
    },
    {
      actor: '10.0.0.9',
      action: 'breach',
      subject: 'wrong-credentials',
      data: { address: '10.0.0.9', text: 'wrong', count: 1 },
    },
  ])
})

test('the same thing again within a second is counted; in the next second it is said again', async () => {
  for (let n = 0; n < 37; n++) log.note(foreign)
  await log.flush()
  now += secondMs
  log.note(foreign)
  await log.flush()

  expect(refusals.map(({ text }) => text)).toEqual(['not yours (37 times)', 'not yours'])
  expect(audit.map(({ data }) => data.count)).toEqual([37, 1])
})

test('it writes by itself, once a second', async () => {
  log.note(busy)
  await expect.poll(() => refusals.length).toBe(1)
})

test('a gateway that does not exist leaves nothing for an installer, but its breach is audited', async () => {
  log.note({ ...foreign, gatewayId: 'gw-none' })
  await log.flush()

  expect(refusals).toEqual([])
  expect(audit).toHaveLength(1)
})

test('while the store is down it waits, and then writes with the times at which things happened', async () => {
  isDown = true
  log.note(foreign)
  await log.flush()
  now += minuteMs
  log.note(foreign)
  log.note(busy)
  await log.flush()
  expect([refusals, audit]).toEqual([[], []])

  isDown = false
  await log.flush()
  expect(refusals.map(({ reason }) => reason).sort()).toEqual(['busy', 'foreign-topic'])
  expect(audit).toMatchObject([{ at: start, data: { count: 2 } }])
})

test('an attack fills neither the memory nor the audit: what is too much is counted, by reason', async () => {
  const seconds = 180
  let breaches = 0
  for (let second = 0; second < seconds; second++) {
    for (let n = 0; n < 800; n++, breaches++)
      log.note({ ...stranger, address: `10.${second % 250}.${n >> 8}.${n & 255}` })
    await log.flush()
    now += secondMs
  }
  await log.stop()

  expect(audit.length).toBeGreaterThan(50)
  expect(audit.length).toBeLessThan(50 + seconds + seconds / 60 + 5)
  const listed = audit.filter(({ action }) => action === 'breach')
  const summed = audit.filter(({ action }) => action === 'breaches-unlisted')
  expect(summed[0]).toMatchObject({ actor: 'broker', data: { byReason: { 'wrong-credentials': expect.any(Number) } } })
  const counted = summed.map(({ data }) => (data.byReason as Record<string, number>)['wrong-credentials'] ?? 0)
  expect(listed.length + counted.reduce((sum, count) => sum + count, 0)).toBe(breaches)
})

test('of one gateway the newest 20 wait, of very many gateways the newest 500', async () => {
  isDown = true
  for (let n = 0; n < 100; n++) log.note({ ...busy, text: `${n}` })
  await log.flush()
  isDown = false
  await log.flush()
  expect(refusals.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, n) => `${80 + n}`))

  refusals = []
  for (let n = 0; n < 2_000; n++) log.note({ ...busy, gatewayId: `gw-${n}` })
  await log.flush()
  expect(refusals).toHaveLength(500)
  expect(refusals.at(-1)?.gatewayId).toBe('gw-1999')
})

test('what waits is written when it stops, and a long text is cut', async () => {
  log.note({ ...busy, text: 'x'.repeat(10_000) })
  await log.stop()
  expect(refusals.map(({ text }) => text.length)).toEqual([300])
})
