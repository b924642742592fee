import { expect, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import { monthOf, nextMonth } from '../../core/kpi.ts'
import { lastDayOfMonth, lastDayOfQuarter, quarterOf, weekdaysFrom } from './periods.ts'
import { type AtRisk, drawUnannounced, riskiest, riskOf } from './risk.ts'

const now = Date.parse('2026-12-01T00:00:00+08:00')

test('what nobody knows is a risk, and a good elevator can be come to, too', () => {
  const good = { deviceId: 'a', health: 100, emergencies: 0, installedAt: now - 1_000 * dayMs }
  const known = riskOf({ ...good, lastInspection: { at: now, score: 100 } }, now)
  expect(known).toEqual({ weight: 1, parts: [{ cause: 'base', points: 1, value: null, text: 'every elevator' }] })
  const unknown = { deviceId: 'a', health: null, emergencies: 0, installedAt: null, lastInspection: null }
  expect(riskOf(unknown, now).weight).toBe(6)
  const worst = { deviceId: 'a', health: 0, emergencies: 9, installedAt: 0, lastInspection: { at: 0, score: 0 } }
  expect(riskOf(worst, now).weight).toBe(15)
})

test('an elevator of three times the weight is come to three times as often', () => {
  const all = [1, 1, 1, 3].map((weight, index): AtRisk => ({ deviceId: `e${index}`, weight, parts: [] }))
  const counts = new Map<string, number>()
  const days = weekdaysFrom('2026-12-01', '2026-12')
  for (let seed = 0; seed < 6_000; seed += 1) {
    const [one] = drawUnannounced({ seed: String(seed), month: '2026-12' }, all, 1, days)
    counts.set(one?.deviceId ?? '', (counts.get(one?.deviceId ?? '') ?? 0) + 1)
  }
  // three standard deviations of 6,000 draws: 106 around 1,000, and 116 around 3,000
  expect(Math.abs((counts.get('e3') ?? 0) - 3_000)).toBeLessThan(116)
  expect(Math.abs((counts.get('e0') ?? 0) - 1_000)).toBeLessThan(106)
  const drawn = drawUnannounced({ seed: 's', month: '2026-12' }, all, 9, days)
  expect(drawn).toHaveLength(4)
  expect(drawn.every(({ dueOn }) => days.includes(dueOn))).toBe(true)
  expect(riskiest(all, 2).map(({ deviceId }) => deviceId)).toEqual(['e3', 'e0'])
})

test('months and quarters are those of Shanghai', () => {
  expect([monthOf(now - 1), monthOf(now), quarterOf(now)]).toEqual(['2026-11', '2026-12', '2026-Q4'])
  expect([nextMonth('2026-12'), lastDayOfMonth('2028-02'), lastDayOfQuarter('2027-Q1')]).toEqual([
    '2027-01',
    '2028-02-29',
    '2027-03-31',
  ])
  expect(weekdaysFrom('2026-11-29', '2026-11')).toEqual(['2026-11-30'])
  expect(weekdaysFrom('2027-02-28', '2027-02')).toEqual(['2027-02-28'])
  expect(weekdaysFrom('2026-11-20', '2026-12')).toHaveLength(23)
})
