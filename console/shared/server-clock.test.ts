import { expect, test } from 'vitest'
import { type ClockBounds, narrowed, offsetOf } from './server-clock.ts'

/** An answer of a server whose clock is `ahead` ms ahead of ours, 40 ms there and 40 ms back. */
function sample(sentAt: number, ahead: number) {
  const servedAt = sentAt + 40 + ahead
  return { sentAt, receivedAt: sentAt + 80, date: Math.floor(servedAt / 1_000) * 1_000 }
}

function after(count: number, ahead: number, from = 1_000_000): ClockBounds {
  let known: ClockBounds | null = null
  for (let index = 0; index < count; index += 1) known = narrowed(known, sample(from + index * 1_370, ahead))
  if (known === null) throw new Error('no sample')
  return known
}

test('one answer tells the offset to a second and a half, a minute of answers to a third', () => {
  for (const ahead of [-8 * 3_600_000, -777, 0, 12_345]) {
    const [first, later] = [after(1, ahead), after(40, ahead)]
    expect(Math.abs(offsetOf(first) - ahead)).toBeLessThan(700)
    expect(Math.abs(offsetOf(later) - ahead)).toBeLessThan(200)
    expect(later.most - later.least).toBeLessThan(400)
    expect(later.least).toBeLessThanOrEqual(ahead)
    expect(later.most).toBeGreaterThanOrEqual(ahead)
  }
})

test('a clock that was set begins anew: the old answers are not believed against the new one', () => {
  const moved = narrowed(after(40, 0), sample(2_000_000, 60_000))
  expect(Math.abs(offsetOf(moved) - 60_000)).toBeLessThan(700)
})
