import { expect, test } from 'vitest'
import { around, scaled, shifted, timeRange, withFuture, zoomedTo } from './time-range.ts'

const now = Date.parse('2026-11-29T12:00:00Z')
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const asked = (text: string) => timeRange(new URLSearchParams(text), now)

test('a day is shown unless the address says otherwise', () => {
  expect(asked('')).toEqual({ span: { from: now - dayMs, to: now }, name: '24h' })
  expect(asked('range=90d').span).toEqual({ from: now - 90 * dayMs, to: now })
})

test.each([
  'range=1y',
  'from=tomorrow&to=later',
  'from=2026-11-29T11:00:00Z&to=2026-11-28T11:00:00Z',
  'from=2027-01-01&to=2027-02-01',
  'from=1970-01-01&to=2026-01-01',
])('an address with what there is none of is a day: %s', (text) => expect(asked(text).name).toBe('24h'))

test('what was zoomed to can be sent to somebody else', () => {
  const span = { from: now - 2 * dayMs, to: now - dayMs }
  const { from, to } = zoomedTo(span)
  expect(asked(`from=${from}&to=${to}&range=7d`)).toEqual({ span, name: null })
})

test('one cannot zoom closer than two minutes', () => {
  const { from, to } = zoomedTo({ from: now, to: now + 1_000 })
  expect(Date.parse(to) - Date.parse(from)).toBe(120_000)
})

test('closer keeps the middle, farther stays in the past', () => {
  const span = { from: now - 4 * hourMs, to: now }
  expect(scaled(span, 0.5, now)).toEqual({ from: now - 3 * hourMs, to: now - hourMs })
  expect(scaled(span, 2, now)).toEqual({ from: now - 8 * hourMs, to: now })
})

test('later ends at now', () => {
  const span = { from: now - 5 * hourMs, to: now - hourMs }
  expect(shifted(span, 0.5, now)).toEqual({ from: now - 4 * hourMs, to: now })
  expect(shifted(span, -0.5, now)).toEqual({ from: now - 7 * hourMs, to: now - 3 * hourMs })
})

test('the axis goes on as far as a forecast, but not in a day, not in a zoomed span, and not for ever', () => {
  const reach = now + 20 * dayMs
  expect(withFuture(asked('range=90d'), [reach], false).to).toBe(reach)
  expect(withFuture(asked('range=30d'), [reach], false).to).toBe(now + 15 * dayMs)
  expect(withFuture(asked('range=30d'), [reach], true).to).toBe(reach)
  expect(withFuture(asked('range=24h'), [reach], true).to).toBe(now)
  expect(withFuture(asked('range=90d'), [], true).to).toBe(now)
  expect(withFuture(asked('range=90d'), [now - dayMs], true).to).toBe(now)
})

test('around a finding there is a bit of before and of after, and nothing of the future', () => {
  const at = now - 10 * hourMs
  expect(around(at, null, now)).toEqual({ from: at - 2 * hourMs, to: at + 2 * hourMs })
  expect(around(now - 60_000, null, now)).toEqual({ from: now - 60_000 - 2 * hourMs, to: now })
})
