import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, withTicks } from '../../replay.ts'
import { news, noon, series } from './series.ts'
import { underVoltage } from './under-voltage.ts'

const volts = (values: readonly number[], everySeconds = 10, from = noon) =>
  series(
    values.map((each) => ({ volts: each })),
    everySeconds,
    from,
  )
const steady = (value: number, count: number) => Array<number>(count).fill(value)

test('less than 187 V for a minute are a warning, less than 160 V for half a minute are urgent', () => {
  expect(news(underVoltage, volts(steady(186, 20)))).toEqual(['60 s warning'])
  expect(news(underVoltage, volts([...steady(225, 5), ...steady(159, 20)]))).toEqual(['80 s urgent'])
  expect(news(underVoltage, volts([...steady(180, 20), ...steady(150, 5)]))).toEqual(['60 s warning', '230 s urgent'])
})

test('55 V are a low voltage, 45 V are an outage', () => {
  expect(news(underVoltage, volts(steady(55, 20)))).toEqual(['30 s urgent'])
  expect(news(underVoltage, volts(steady(45, 20)))).toEqual([])
})

test('it says what was measured, against what, and since when', () => {
  expect(replay(underVoltage, volts([225, ...steady(148, 5)]))[0]?.finding).toEqual({
    severity: 'urgent',
    summary: 'The voltage is 148 V, too low; urgent up to 160 V',
    evidence: { volts: 148, limitVolts: 160 },
    since: noon + 10_000,
  })
})

test('one value is believed after 75 s of a meter that has said other things since; a dip in one sample in five minutes is not', () => {
  const energy = { at: noon + 40_000, values: { energyKwh: 7 } }
  expect(news(underVoltage, withTicks([...volts([225, 150]), energy], { until: noon + 300_000 }))).toEqual([
    '85 s urgent',
  ])
  expect(news(underVoltage, withTicks(volts([225, 150, 225], 300)))).toEqual([])
  expect(news(underVoltage, withTicks(volts([225, 150, 150], 300)))).toEqual(['600 s urgent'])
})

test('it is over after five minutes above 190 V, not by silence, and not by the outage that follows', () => {
  const low = steady(170, 10)
  expect(news(underVoltage, volts([...low, ...steady(190.1, 40)]))).toEqual(['60 s warning', '400 s cleared'])
  expect(news(underVoltage, volts([...low, ...steady(189.9, 400)]))).toEqual(['60 s warning'])
  expect(news(underVoltage, withTicks(volts([...low, ...steady(0, 400)])))).toEqual(['60 s warning'])
  expect(news(underVoltage, withTicks(volts([...steady(170, 10), 155, 0]), { until: noon + 900_000 }))).toEqual([
    '60 s warning',
  ])
})

test.each([
  ['an evening with 190 V', volts(steady(190, 3_000))],
  ['a motor that starts', volts([...steady(225, 20), ...steady(150, 6), ...steady(225, 20)], 1)],
  ['an outage, which has a finding of its own', volts([...steady(225, 20), ...steady(12, 200)])],
  ['a supply that breaks down within 20 seconds', withTicks(volts([225, 140, 110, 0]), { until: noon + 300_000 })],
  ['a single stray value', volts([...steady(225, 20), 120, ...steady(225, 20)])],
])('stays silent for %s', (_, inputs) => {
  expect(news(underVoltage, inputs)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(underVoltage, { holds: { volts: 180 }, calm: { volts: 225 }, seconds: 60 })
  expectNeverEarly(underVoltage, { holds: { volts: 150 }, calm: { volts: 225 }, seconds: 30 })
})
