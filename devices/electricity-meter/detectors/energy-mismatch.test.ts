import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { energyMismatch } from './energy-mismatch.ts'
import { days, longNews, noon } from './series.ts'

interface Meter {
  /** What the counter counts of what flows. */
  readonly part?: (day: number) => number
  readonly watts?: (hour: number) => number
  readonly stepKwh?: number
  readonly everySeconds?: number
  readonly says?: (values: { watts: number; energyKwh: number }, hour: number) => Values
}

/** Six kWh a day: a fridge, kettles of four minutes, an hour at the stove. */
const home = (hour: number) => {
  const ofDay = hour % 24
  const kettle = (ofDay > 19 || ofDay < 1) && (ofDay * 60) % 60 < 4 ? 1_800 : 0
  return 110 + kettle + (ofDay > 6 && ofDay < 7.2 ? 1_600 : 0) + (ofDay > 8 && ofDay < 12 ? 350 : 0)
}

/** The counter runs on between the samples, every 10 s. */
function meter(count: number, options: Meter = {}) {
  const { part = () => 1, watts = home, stepKwh = 0.01, everySeconds = 30, says = (values) => values } = options
  let kwh = 1_200
  let counted = 0
  return days(count, everySeconds, noon, (hour) => {
    for (; counted <= hour; counted += 10 / 3_600)
      kwh += part(counted / 24) * (Math.max(0, watts(counted)) / 1_000) * (10 / 3_600)
    return says({ watts: watts(hour), energyKwh: Math.floor(kwh / stepKwh + 1e-9) * stepKwh }, hour)
  })
}

const found = (count: number, options?: Meter) =>
  longNews(
    energyMismatch,
    [...meter(count, options)].filter(({ values }) => Object.keys(values).length > 0),
  )

test('a counter that counts half of what flows is a warning after the second day, and over when it was mended', () => {
  expect(found(7, { part: (day) => (day > 2 && day < 5 ? 0.5 : 1) })).toEqual(['96.0 h warning', '144.0 h cleared'])
})

test('one that counts half as much again is one too', () => {
  expect(found(3, { part: () => 1.5 })).toEqual(['48.0 h warning'])
})

test('it says both sums', () => {
  let finding: ReturnType<typeof energyMismatch.step>['finding']
  let state = energyMismatch.initial
  for (const { at, values } of meter(3, { part: () => 0.5 })) {
    const step = energyMismatch.step(state, { at, ...values }, energyMismatch.settings, {})
    state = step.state
    finding ??= step.finding
  }
  expect(finding?.summary).toMatch(/^The counter rose by 3\.\d kWh while 6\.\d kWh flew$/)
  expect(finding?.evidence.ratio).toBeCloseTo(0.5, 1)
})

test('power and energy may come in readings of their own', () => {
  const apart = [...meter(3, { part: () => 0.5 })].flatMap(({ at, values }) => [
    { at, values: { watts: values.watts ?? 0 } },
    { at: at + 1_000, values: { energyKwh: values.energyKwh ?? 0 } },
  ])
  expect(longNews(energyMismatch, apart)).toEqual(['48.0 h warning'])
})

test.each<[string, Meter]>([
  ['a meter that is sampled every ten minutes', { everySeconds: 600 }],
  ['a counter that tells whole kWh', { stepKwh: 1 }],
  [
    'gaps of hours, through which the counter goes on',
    { says: (values, hour) => (hour % 24 > 5 && hour % 24 < 13 ? {} : { ...values }) },
  ],
  ['a balcony that feeds in', { watts: (hour) => (hour % 24 > 20 ? -500 : home(hour)) }],
  [
    'a counter that was replaced',
    { says: (values, hour) => ({ ...values, energyKwh: values.energyKwh - 8 * Math.floor(hour / 24) }) },
  ],
  [
    'a counter that begins anew each day',
    { says: (values, hour) => ({ ...values, energyKwh: values.energyKwh - 1_100 * (hour > 70 ? 1 : 0) }) },
  ],
  ['one bad day', { part: (day) => (day > 3 && day < 4 ? 0.5 : 1) }],
  [
    'a power that is no longer told',
    { says: (values, hour) => (hour > 60 ? { energyKwh: values.energyKwh } : { ...values }) },
  ],
  ['an empty room', { watts: () => 15, part: () => 0 }],
])('stays silent for %s', (_, options) => {
  expect(found(8, options)).toEqual([])
})
