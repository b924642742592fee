import { expect, test, vi } from 'vitest'
import { minuteMs, secondMs } from '../../core/clock.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import type { MissingDeadline, OverdueDeadline } from '../../stores/operations/port.ts'
import { createDeadlineAudit } from './audit-deadlines.ts'

// What it asks the database is tested in stores/operations/postgres-plans.test.ts and workorders/plans/deadlines.test.ts.

const start = Date.UTC(2026, 10, 24, 8)
const overdueOne: OverdueDeadline = {
  id: 'd1',
  orderId: 'o1',
  stepId: 'crew-is-there',
  dueAt: start - minuteMs,
  attempts: 0,
  lastError: null,
}

function auditOf(found: { overdue?: OverdueDeadline[]; missing?: MissingDeadline[] }) {
  const state = { now: start, found, away: false, askedBefore: 0 }
  const audit = createDeadlineAudit({
    operations: {
      async overdueDeadlines(before) {
        if (state.away) throw new StoreUnavailable('operations', new Error('gone'))
        state.askedBefore = before
        const { overdue = [] } = state.found
        return { count: overdue.length, worst: overdue[0] ?? null }
      },
      async missingDeadlines() {
        const { missing = [] } = state.found
        return { count: missing.length, first: missing[0] ?? null }
      },
    },
    clock: () => state.now,
    log: silentLog,
  })
  return { audit, state }
}

test('while all deadlines are looked after it is 0 and well', async () => {
  const { audit, state } = auditOf({})
  await audit.look()
  expect(audit.overdueUnescalated()).toBe(0)
  expect(audit.check()).toEqual({ name: 'deadlines', ok: true, text: 'none is overdue' })
  expect(state.askedBefore).toBe(start - 10 * secondMs)
})

test('what is overdue is counted, and the worst is named', async () => {
  const { audit } = auditOf({ overdue: [overdueOne], missing: [{ orderId: 'o2', stepId: 'crew-accepts' }] })
  await audit.look()
  expect(audit.overdueUnescalated()).toBe(2)
  expect(audit.check()).toEqual({
    name: 'deadlines',
    ok: false,
    text: '1 overdue and not escalated; the worst is crew-is-there of order o1, for 60 s; 1 of running orders are gone, such as crew-accepts of order o2',
  })
})

test('before it has looked, when it cannot, and when it has not for a minute, it says so instead of 0', async () => {
  const { audit, state } = auditOf({})
  expect([audit.overdueUnescalated(), audit.check()]).toMatchObject([NaN, { ok: false, text: 'nobody has looked yet' }])

  await audit.look()
  state.now += 61 * secondMs
  expect(audit.overdueUnescalated()).toBeNaN()
  expect(audit.check()).toMatchObject({ ok: false, text: expect.stringContaining('nobody has looked for 61 s') })

  await audit.look()
  expect(audit.overdueUnescalated()).toBe(0)
  state.away = true
  await audit.look()
  expect(audit.overdueUnescalated()).toBeNaN()
  expect(audit.check()).toMatchObject({ ok: false, text: expect.stringContaining('cannot tell') })

  state.away = false
  await audit.look()
  expect(audit.check().ok).toBe(true)
})

test('started, it looks by itself', async () => {
  const { audit, state } = auditOf({ overdue: [overdueOne] })
  audit.start()
  for (let tries = 0; tries < 100 && state.askedBefore === 0; tries++) await new Promise(setImmediate)
  await audit.stop()
  expect(audit.overdueUnescalated()).toBe(1)
})

test('what was overdue when it began to look is found to be escalated soon, not at the next round', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { audit, state } = auditOf({ overdue: [overdueOne] })
    audit.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(audit.check().text).toContain('1 overdue')
    state.found = {}
    await vi.advanceTimersByTimeAsync(secondMs)
    expect(audit.check().ok).toBe(true)
    await audit.stop()
  } finally {
    vi.useRealTimers()
  }
})
