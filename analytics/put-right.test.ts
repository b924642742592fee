import fc from 'fast-check'
import { expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import { timeOnceRight } from './put-right.ts'

const now = 1_800_000_000_000

test('what is analysed goes on from the wrong time, never back, and the right time catches up', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: minuteMs }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(fc.integer({ min: 31 * secondMs, max: 5 * minuteMs }), gaps, (aheadMs, gapsMs) => {
      let at = now
      let memory = { newestAt: now + aheadMs, rightAt: null as number | null }
      for (const gapMs of [0, ...gapsMs]) {
        at += gapMs
        if (at > memory.newestAt) return
        const taken = timeOnceRight(memory, at, at) as number
        expect(taken).toBeGreaterThan(memory.newestAt)
        expect(taken - memory.newestAt).toBeLessThanOrEqual(Math.max(1, gapMs))
        memory = { newestAt: taken, rightAt: at }
      }
    }),
  )
})

test('4 minutes are caught up with in 3 h 20 min', () => {
  let memory = { newestAt: now + 4 * minuteMs, rightAt: null as number | null }
  let at = now
  while (at < memory.newestAt) {
    memory = { newestAt: timeOnceRight(memory, at, at) as number, rightAt: at }
    at += 10 * secondMs
  }
  expect((at - now) / minuteMs).toBeCloseTo(200, -1.5)
})

test('a clock that falls back while another error is being caught up with begins anew', () => {
  const memory = { newestAt: now + 4 * minuteMs, rightAt: now + minuteMs }
  const hourAgo = now - 60 * minuteMs
  expect(timeOnceRight(memory, hourAgo, hourAgo)).toBe(memory.newestAt + 1)
})

test.each([
  ['it is older than what is on its way', now - 16 * secondMs, now + 4 * minuteMs, null],
  ['its own clock is ahead too', now + 16 * secondMs, now + 4 * minuteMs, null],
  ['the newest was hardly ahead of us', now, now + 30 * secondMs, null],
  ['it was there before', now, now + 4 * minuteMs, now],
  ['a newer one was there', now - 1, now + 4 * minuteMs, now],
])('a reading is an old one when %s', (_, at, newestAt, rightAt) => {
  expect(timeOnceRight({ newestAt, rightAt }, at, now)).toBeUndefined()
})
