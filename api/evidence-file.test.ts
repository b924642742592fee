import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { memoryEvidence } from '../stores/evidence/memory.ts'
import type { AuditEntry } from '../stores/operations/port.ts'
import { sendEvidence } from './evidence-file.ts'
import { createErrorHandler } from './problem.ts'

const now = Date.UTC(2026, 10, 24, 8)
const frozen = new TextEncoder().encode('{"volts":231.5}')

/** Evidence of which somebody may have changed the bytes, and what an operator learns of it. */
async function kept(changed: { bytes?: Uint8Array | undefined } = {}) {
  const files = memoryEvidence()
  const file = { ...(await files.put(frozen)), mediaType: 'application/json', createdAt: now }
  const evidence = { ...files, get: async () => ('bytes' in changed ? changed.bytes : frozen) }
  const audited: AuditEntry[] = []
  const logged: object[] = []
  const means = {
    operations: {
      audit: async () => ({
        items: audited.map((entry) => ({ ...entry, id: 1, before: null, after: null })),
        nextCursor: null,
      }),
      insertAudit: async (...entries: readonly AuditEntry[]) => void audited.push(...entries),
    },
    evidence,
    clock: () => now,
    log: { ...silentLog, error: (fields: object) => void logged.push(fields) },
  }
  const app = Fastify().setErrorHandler(createErrorHandler(silentLog))
  app.get('/evidence', async (_, reply) => sendEvidence(reply, file, means))
  return { sha256: file.sha256, audited, logged, get: () => app.inject('/evidence') }
}

test('a file is answered as it was frozen', async () => {
  const { get, audited } = await kept()
  const answer = await get()
  expect([answer.statusCode, new Uint8Array(answer.rawPayload)]).toEqual([200, frozen])
  expect(audited).toEqual([])
})

test.each([
  [
    'changed',
    { bytes: new TextEncoder().encode('{"volts":131.5}') },
    /^The file was changed: .*"liftwatt verify" says/,
  ],
  ['cut off', { bytes: frozen.subarray(1) }, /^The file has 14 bytes, it had 15; /],
  ['taken away', { bytes: undefined }, /^The file is gone; /],
])('one that was %s is damaged, and an operator is told once', async (_, changed, detail) => {
  const { get, sha256, audited, logged } = await kept(changed)
  for (let asked = 0; asked < 3; asked++) {
    const answer = await get()
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'evidence-damaged'])
    expect(answer.json().detail).toMatch(detail)
  }
  const fault = expect.any(String)
  expect(logged).toEqual([{ sha256, fault }])
  expect(audited).toEqual([
    { at: now, actor: 'liftwatt', action: 'evidence-damaged', subject: sha256, data: { fault } },
  ])
})
