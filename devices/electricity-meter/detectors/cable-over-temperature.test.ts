import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, withTicks } from '../../replay.ts'
import { cableOverTemperature } from './cable-over-temperature.ts'
import { news, noon, series } from './series.ts'

const cable = (values: readonly number[], everySeconds = 10, from = noon) =>
  series(
    values.map((cableCelsius) => ({ cableCelsius })),
    everySeconds,
    from,
  )
const steady = (value: number, count: number) => Array<number>(count).fill(value)
const ramp = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1))

test('a cable that heats up is a warning from 60 °C and urgent from 70 °C, half a minute later each', () => {
  expect(news(cableOverTemperature, cable(ramp(40, 80, 401)))).toEqual(['2030 s warning', '3030 s urgent'])
})

test('it says what was measured, against what, and since when', () => {
  expect(replay(cableOverTemperature, cable([40, ...steady(84, 5)]))[0]?.finding).toEqual({
    severity: 'urgent',
    summary: 'The cable is at 84 °C; it bears 70 °C for ever',
    evidence: { cableCelsius: 84, limitCelsius: 70, conductorMaxCelsius: 70 },
    since: noon + 10_000,
  })
})

test('the limit is that of this very cable', () => {
  expect(news(cableOverTemperature, cable(steady(79, 100)), { conductorMaxCelsius: 90 })).toEqual([])
  expect(news(cableOverTemperature, cable(steady(81, 100)), { conductorMaxCelsius: 90 })).toEqual(['30 s warning'])
  expect(news(cableOverTemperature, cable(steady(91, 100)), { conductorMaxCelsius: 90 })).toEqual(['30 s urgent'])
  expect(news(cableOverTemperature, cable(steady(56, 100)), { conductorMaxCelsius: 55 })).toEqual(['30 s urgent'])
})

test('a meter that samples every ten minutes, or only says what is new, is believed after 75 s', () => {
  expect(news(cableOverTemperature, withTicks(cable([40, 75, 76], 600)))).toEqual(['675 s urgent'])
  expect(news(cableOverTemperature, withTicks(cable([40, 75]), { until: noon + 300_000 }))).toEqual(['85 s urgent'])
})

test('it is over after ten minutes below 55 °C, not above it, and not by silence', () => {
  const hot = steady(65, 10)
  expect(news(cableOverTemperature, cable([...hot, ...steady(54.9, 80)]))).toEqual(['30 s warning', '700 s cleared'])
  expect(news(cableOverTemperature, cable([...hot, ...steady(55.1, 400)]))).toEqual(['30 s warning'])
  expect(news(cableOverTemperature, [...cable(hot), ...cable([30], 10, noon + 7_200_000)])).toEqual(['30 s warning'])
})

test.each([
  ['a summer afternoon at full load, 58 °C', cable([...ramp(30, 58, 300), ...steady(58, 1_000)]), {}],
  ['an XLPE cable at 75 °C', cable(steady(75, 1_000)), { conductorMaxCelsius: 90 }],
  ['a single stray value', cable([...steady(35, 20), 300, ...steady(35, 20)]), {}],
])('stays silent for %s', (_, inputs, facts) => {
  expect(news(cableOverTemperature, inputs, facts)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(cableOverTemperature, { holds: { cableCelsius: 75 }, calm: { cableCelsius: 30 }, seconds: 30 })
})
