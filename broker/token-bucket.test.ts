import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTokenBucket } from './token-bucket.ts'

const rate = { messagesPerSecond: 1000, bytesPerSecond: 1_048_576 }

test('a gateway that was idle sends a second of its rate at once, then waits', () => {
  const bucket = createTokenBucket(rate, 0)
  expect(bucket.draw(1000, 1000, 0)).toBe(0)
  expect(bucket.draw(50, 50, 0)).toBe(50)
})

test('waiting longer than a second saves up no more', () => {
  const bucket = createTokenBucket(rate, 0)
  bucket.draw(1000, 0, 0)
  expect(bucket.draw(1000, 0, 60_000)).toBe(0)
  expect(bucket.draw(1, 0, 60_000)).toBe(1)
})

test('bytes run out on their own', () => {
  const bucket = createTokenBucket(rate, 0)
  expect(bucket.draw(1, 1_048_576, 0)).toBe(0)
  expect(bucket.draw(1, 524_288, 0)).toBe(500)
})

test('a packet larger than the bucket is paid off, not refused for ever', () => {
  const bucket = createTokenBucket({ messagesPerSecond: 10, bytesPerSecond: 100 }, 0)
  expect(bucket.draw(1, 1_100, 0)).toBe(10_000)
  expect(bucket.draw(0, 0, 9_999)).toBeCloseTo(1)
  expect(bucket.draw(0, 0, 10_000)).toBe(0)
})

test('two connections of one gateway are told different times', () => {
  const bucket = createTokenBucket(rate, 0)
  bucket.draw(1000, 0, 0)
  expect([bucket.draw(50, 0, 0), bucket.draw(50, 0, 0), bucket.draw(50, 0, 0)]).toEqual([50, 100, 150])
})

test('one message in ten seconds is a rate too', () => {
  const bucket = createTokenBucket({ messagesPerSecond: 0.1, bytesPerSecond: 1000 }, 0)
  expect(bucket.slice.messages).toBe(1)
  bucket.draw(0.1, 0, 0)
  expect(bucket.draw(1, 10, 0)).toBeCloseTo(10_000)
})

test('a clock set back refills nothing and takes nothing', () => {
  const bucket = createTokenBucket(rate, 5_000)
  bucket.draw(1000, 0, 5_000)
  expect(bucket.draw(10, 0, 0)).toBe(10)
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a rate of %s is refused', (messagesPerSecond) => {
  expect(() => createTokenBucket({ messagesPerSecond, bytesPerSecond: 1 }, 0)).toThrow(RangeError)
})

test('whoever waits as told never exceeds the rate by more than the burst', () => {
  const draws = fc.array(fc.record({ messages: fc.integer({ min: 1, max: 200 }), idleMs: fc.nat(300) }), {
    maxLength: 100,
  })
  fc.assert(
    fc.property(draws, (list) => {
      const bucket = createTokenBucket(rate, 0)
      let nowMs = 0
      let used = 0
      for (const { messages, idleMs } of list) {
        nowMs += idleMs
        nowMs += bucket.draw(messages, 0, nowMs)
        used += messages
        expect(used).toBeLessThanOrEqual(1000 + nowMs + 1e-6)
      }
    }),
  )
})
