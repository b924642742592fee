import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { ropeSlip } from './rope-slip.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => 4 + 2 * noise(day, n)
const well = (count: number) => days(count, (day, n) => ({ ropeSlipMm: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ ropeSlipMm: 4 + 2 * noise(day, n) + 0.6 * (day - 20) }), 20),
  ]
  const [first] = replay(ropeSlip, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('ropeSlipMm')
})

test.each([
  ['ropes that have always crept 8 mm a run', days(120, (day, n) => ({ ropeSlipMm: -8 + 2 * noise(day, n) }))],
  [
    'ropes that slip 12 mm instead of 6 from one day on, and no more',
    [
      ...days(15, (day, n) => ({ ropeSlipMm: 6 + noise(day, n) })),
      ...days(60, (day, n) => ({ ropeSlipMm: 12 + 2 * noise(day, n) }), 15),
    ],
  ],
  [
    'one emergency stop',
    [
      ...well(30),
      ...days(1, (_, n) => ({ ropeSlipMm: n === 3 ? 120 : 4 }), 30),
      ...days(20, (day, n) => ({ ropeSlipMm: usual(day, n) }), 31),
    ],
  ],
  ['an encoder’s noise of a millimetre', days(120, (day, n) => ({ ropeSlipMm: noise(day, n) }))],
])('stays silent for %s', (_, readings) => {
  expect(replay(ropeSlip, readings)).toEqual([])
})

test('one run after many alike moves the level of its day by five times half a millimetre at most', () => {
  const slips = [...days(12, () => ({ ropeSlipMm: 4 })), ...days(1, (_, n) => ({ ropeSlipMm: n === 3 ? 120 : 4 }), 12)]
  const next = days(1, () => ({ ropeSlipMm: 4 }), 13).slice(0, 1)
  let state = ropeSlip.initial
  for (const { at, values } of [...slips, ...next]) {
    state = ropeSlip.step(state, { at, ...values }, ropeSlip.settings, {}).state
  }
  expect(ropeSlip.forecast?.(state, ropeSlip.settings, {})?.level).toBeCloseTo(4 + (5 * 0.5) / 30, 2)
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = ropeSlip.renewed?.(ropeSlip.initial)
  expect(renewed).toEqual(ropeSlip.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = ropeSlip.initial
  for (const input of well(180)) {
    if ('values' in input) state = ropeSlip.step(state, { at: input.at, ...input.values }, ropeSlip.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
