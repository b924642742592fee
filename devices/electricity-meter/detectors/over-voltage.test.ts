import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { overVoltage } from './over-voltage.ts'
import { news, noon, series } from './series.ts'

const volts = (values: readonly number[], everySeconds = 10, from = noon) =>
  series(
    values.map((each) => ({ volts: each })),
    everySeconds,
    from,
  )
const steady = (value: number, count: number) => Array<number>(count).fill(value)

test('more than 253 V for a minute are a warning, more than 275 V for 10 seconds are critical', () => {
  expect(news(overVoltage, volts(steady(254, 20)))).toEqual(['60 s warning'])
  expect(news(overVoltage, volts([...steady(230, 5), ...steady(276, 20)]))).toEqual(['60 s critical'])
  expect(news(overVoltage, volts([...steady(260, 20), ...steady(290, 5)]))).toEqual(['60 s warning', '210 s critical'])
})

test('it says what was measured, against what, and since when', () => {
  const [found] = replay(overVoltage, volts([230, 280, 284, 284]))

  expect(found?.finding).toEqual({
    severity: 'critical',
    summary: 'The voltage is 284 V, too high; critical from 275 V',
    evidence: { volts: 284, limitVolts: 275 },
    since: noon + 10_000,
  })
})

test.each([1, 10, 60, 300, 600])('a sample every %d s is enough', (everySeconds) => {
  const high = steady(300, Math.ceil(20 / everySeconds) + 1)
  expect(news(overVoltage, withTicks(volts([230, ...high], everySeconds)))).toHaveLength(1)
})

test('a meter that says one value and has nothing new to say is believed after 75 s, and not at all when it is stale', () => {
  expect(news(overVoltage, withTicks(volts([230, 290]), { until: noon + 300_000 }))).toEqual(['85 s critical'])
  expect(news(overVoltage, withTicks(volts([230, 290, 230]), { until: noon + 300_000 }))).toEqual([])
})

test('it is over after five minutes below 250 V, not above it, and not by silence', () => {
  const high = steady(260, 10)
  expect(news(overVoltage, volts([...high, ...steady(249.9, 40)]))).toEqual(['60 s warning', '400 s cleared'])
  expect(news(overVoltage, volts([...high, ...steady(250.1, 400)]))).toEqual(['60 s warning'])
  expect(news(overVoltage, [...volts(high), ...volts([230], 10, noon + 7_200_000)])).toEqual(['60 s warning'])
})

test('one stray value neither clears it nor delays it by much', () => {
  expect(news(overVoltage, volts([...steady(260, 3), 0, ...steady(260, 20), 0, ...steady(260, 3)]))).toEqual([
    '80 s warning',
  ])
})

test('what has fallen below the critical limit is a warning again, within the same episode', () => {
  const said = replayAll(overVoltage, volts([...steady(290, 5), ...steady(260, 60)]))

  expect(said.at(0)?.finding?.severity).toBe('critical')
  expect(said.at(-1)?.finding?.severity).toBe('warning')
  expect(said.every(({ finding }) => finding)).toBe(true)
})

test.each([
  ['a night with 250 V', volts(steady(250, 3_000))],
  ['a surge of a few seconds', volts([...steady(230, 20), ...steady(285, 8), ...steady(230, 20)], 1)],
  ['a single stray value', volts([...steady(230, 20), 400, ...steady(230, 20)])],
  ['a stray value now and then', volts(Array.from({ length: 3_000 }, (_, i) => (i % 7 === 3 ? 400 : 231)))],
  [
    'stray values of a meter that samples once a minute, and is late',
    withTicks(volts([230, 230, 650, 230, 650, 230], 66)),
  ],
  ['high samples on both sides of an hour of silence', [...volts([230, 300]), ...volts([230], 10, noon + 3_600_000)]],
])('stays silent for %s', (_, inputs) => {
  expect(news(overVoltage, inputs)).toEqual([])
})

test('a warning that time alone completed counts no time twice for what is worse', () => {
  const settings = { ...(overVoltage.settings as object), warningSeconds: 15, criticalSeconds: 40 }
  const said = replay(overVoltage, withTicks(volts(steady(290, 8))), { settings })
  expect(said.map(({ at, finding }) => [(at - noon) / 1_000, finding?.severity])).toEqual([
    [15, 'warning'],
    [40, 'critical'],
  ])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(overVoltage, { holds: { volts: 260 }, calm: { volts: 230 }, seconds: 60 })
  expectNeverEarly(overVoltage, { holds: { volts: 290 }, calm: { volts: 230 }, seconds: 10 })
})
