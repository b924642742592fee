import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { meterFrozen } from './meter-frozen.ts'
import { days, longNews, noon } from './series.ts'

interface Meter {
  readonly watts?: (hour: number) => number
  /** Hours in which the counter stands, and the smallest step it tells, kWh. */
  readonly stands?: (hour: number) => boolean
  readonly stepKwh?: number
  readonly everySeconds?: number
  readonly says?: (values: { watts: number; energyKwh: number }, hour: number) => Values
}

function meter(count: number, options: Meter = {}) {
  const {
    watts = () => 400,
    stands = () => false,
    stepKwh = 0.01,
    everySeconds = 30,
    says = (values) => values,
  } = options
  let kwh = 1_200
  return days(count, everySeconds, noon, (hour) => {
    const flowing = watts(hour)
    if (!stands(hour)) kwh += (Math.max(0, flowing) / 1_000) * (everySeconds / 3_600)
    return says({ watts: flowing, energyKwh: Math.floor(kwh / stepKwh + 1e-9) * stepKwh }, hour)
  })
}

const found = (count: number, options?: Meter) => longNews(meterFrozen, meter(count, options))

test('a counter that stands while 400 W flow is a warning within the hour, and over when it rises', () => {
  expect(found(2, { stands: (hour) => hour > 24 && hour < 30 })).toEqual(['24.8 h warning', '30.0 h cleared'])
})

test('a counter that never rose is one after two kilowatt hours', () => {
  expect(found(1, { stands: () => true })).toEqual(['5.0 h warning'])
})

test('one that tells whole kWh is one after five of them, counted from its last', () => {
  expect(found(3, { stepKwh: 1, stands: (hour) => hour > 24 })).toEqual(['35.0 h warning'])
})

test('it says how much has flown', () => {
  let finding: ReturnType<typeof meterFrozen.step>['finding']
  let state = meterFrozen.initial
  for (const { at, values } of meter(2, { stands: (hour) => hour > 24 })) {
    const step = meterFrozen.step(state, { at, ...values }, meterFrozen.settings, {})
    state = step.state
    finding ??= step.finding
  }
  expect(finding?.summary).toMatch(/^0\.3 kWh have flown, and the counter stands at 1209\.6\d* kWh$/)
  expect(finding?.evidence).toMatchObject({ flownKwh: expect.closeTo(0.3, 1), limitKwh: 0.3, hours: 0.8 })
})

test('power and energy may come in readings of their own', () => {
  const apart = [...meter(2, { stands: (hour) => hour > 24 })].flatMap(({ at, values }) => [
    { at, values: { watts: values.watts ?? 0 } },
    { at: at + 1_000, values: { energyKwh: values.energyKwh ?? 0 } },
  ])
  expect(longNews(meterFrozen, apart)).toEqual(['24.8 h warning'])
})

test.each<[string, Meter]>([
  ['an empty room with a router', { watts: (hour) => (hour < 24 ? 300 : 8), stands: (hour) => hour > 24 }],
  ['a counter that tells whole kWh', { stepKwh: 1 }],
  [
    'a counter that is read once an hour',
    { says: (values, hour) => (hour % 1 < 0.01 ? { ...values } : { watts: values.watts }) },
  ],
  ['a balcony that feeds in', { watts: (hour) => (hour % 24 < 8 ? -400 : 100) }],
  [
    'a meter that was silent for a day',
    {
      stands: (hour) => hour > 30 && hour < 95.1,
      says: (values, hour) => (hour > 30.5 && hour < 95 ? {} : { ...values }),
    },
  ],
  [
    'a single stray value',
    {
      everySeconds: 60,
      watts: () => 100,
      says: (values, hour) => (Math.abs(hour - 30) < 0.001 ? { ...values, watts: 65_535 } : { ...values }),
    },
  ],
  [
    'a power that is no longer told',
    {
      stands: (hour) => hour > 30,
      says: (values, hour) => (hour > 30.5 ? { energyKwh: values.energyKwh } : { ...values }),
    },
  ],
])('stays silent for %s', (_, options) => {
  const said = [...meter(4, options)].filter(({ values }) => Object.keys(values).length > 0)
  expect(longNews(meterFrozen, said)).toEqual([])
})
