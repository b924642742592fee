import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { type ReplayInput, replay, replayAll } from '../../replay.ts'
import { terminalOverTemperature } from './terminal-over-temperature.ts'

/** Readings every `everySeconds`, from `startSeconds` on. */
function readings(celsius: readonly number[], everySeconds = 10, startSeconds = 0): ReplayInput[] {
  return celsius.map((terminalCelsius, index) => ({
    at: (startSeconds + index * everySeconds) * 1_000,
    values: { terminalCelsius },
  }))
}

/** What is news, in order: severities and `cleared`. */
const news = (inputs: readonly ReplayInput[], facts: object = {}): string[] =>
  replay(terminalOverTemperature, inputs, { facts }).map(({ finding }) => finding?.severity ?? 'cleared')

const steady = (celsius: number, count: number): number[] => Array<number>(count).fill(celsius)
const ramp = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1))

test('a loose terminal that heats slowly is a warning at 60 °C, urgent at 70 °C, critical at 85 °C', () => {
  const celsius = ramp(50, 90, 401)
  const found = replay(terminalOverTemperature, readings(celsius, 30))

  expect(found.map(({ finding }) => finding?.severity)).toEqual(['warning', 'urgent', 'critical'])
  expect(found.map(({ index }) => celsius[index])).toEqual([60.1, 70.1, 85.1].map((limit) => expect.closeTo(limit)))
})

test('a true 90 °C is critical one sample later, and every further sample says so again', () => {
  const found = replayAll(terminalOverTemperature, readings([40, 40, 90, 90, 90, 90]))

  expect(found.map(({ index, finding }) => [index, finding?.severity])).toEqual([
    [3, 'critical'],
    [4, 'critical'],
    [5, 'critical'],
  ])
  expect(found[0]?.finding).toMatchObject({ since: 20_000, evidence: { terminalCelsius: 90, limitCelsius: 85 } })
})

test('a meter that reports every five minutes is believed at its first hot sample', () => {
  expect(news(readings([40, 40, 40, 90], 300))).toEqual(['critical'])
})

test('a single stray value does not send a crew, nor raise a warning to critical', () => {
  expect(news(readings([40, 40, 180, 40, 40]))).toEqual([])
  expect(news(readings([...steady(62, 40), 180, ...steady(62, 5)]))).toEqual(['warning'])
})

test('one hot sample after an hour of silence is not enough, a second one is', () => {
  const before = readings(steady(40, 10))
  expect(news([...before, ...readings([90], 10, 3_600)])).toEqual([])
  expect(news([...before, ...readings([90, 90], 10, 3_600)])).toEqual(['critical'])
})

test('nor does one of a meter that samples once a minute, and is late', () => {
  expect(news(readings([40, 40, 40, 300, 40, 40], 66))).toEqual([])
})

test('hot before a gap and hot after it are two stray values, not one agreement', () => {
  const samples = [...readings([...steady(40, 10), 90]), ...readings([90, 40], 10, 3_600)]

  expect(news(samples)).toEqual([])
})

test('hovering around a level does not flap: it holds 5 K below', () => {
  const hovering = Array.from({ length: 100 }, (_, index) => (index % 4 < 2 ? 71 : 66))
  const found = replayAll(terminalOverTemperature, readings([...ramp(50, 71, 100), ...hovering], 30))

  expect(found.slice(-100).map(({ finding }) => finding?.severity)).toEqual(Array(100).fill('urgent'))
})

test('a rise of more than 10 K in five minutes is a warning before the terminal is at 60 °C', () => {
  const found = replay(terminalOverTemperature, readings([...steady(38, 60), ...ramp(38, 52, 30), ...steady(52, 5)]))

  expect(found.map(({ finding }) => finding?.severity)).toEqual(['warning'])
  expect(found[0]?.finding?.evidence.riseKelvin).toBeGreaterThan(10)
})

test('a rise names the rise that was too much, not a level that was never reached', () => {
  const samples = readings([...steady(38, 60), ...ramp(38, 57, 30), ...steady(57, 100)])
  const said = replayAll(terminalOverTemperature, samples).map(({ finding }) => finding)

  expect(said[0]?.summary).toMatch(/^A terminal is at 49 °C, 10\.\d K up; warning above 10 K in 5 min$/)
  expect(said[0]?.evidence).toMatchObject({ limitKelvin: 10, limitMinutes: 5 })
  for (const finding of said) {
    expect(finding?.summary).not.toContain('60 °C')
    expect(finding?.evidence).not.toHaveProperty('limitCelsius')
  }
})

test('a rise that goes on past 60 °C names both', () => {
  const samples = readings([...steady(48, 60), ...ramp(48, 63, 30), ...steady(63, 5)])
  const last = replayAll(terminalOverTemperature, samples).at(-1)

  expect(last?.finding?.summary).toMatch(/^A terminal is at 63 °C, 1\d K up within minutes; warning from 60 °C$/)
})

/** At 7 A in a room's box at 24 °C, unless it says otherwise. */
const loaded = (celsius: readonly number[], more: (index: number) => Values = () => ({})): ReplayInput[] =>
  celsius.map((terminalCelsius, i) => ({
    at: i * 10_000,
    values: { terminalCelsius, amps: 7, ambientCelsius: 24, ...more(i) },
  }))

const without = (metric: string, inputs: readonly ReplayInput[]): ReplayInput[] =>
  inputs.map((input) =>
    'tick' in input
      ? input
      : { ...input, values: Object.fromEntries(Object.entries(input.values).filter(([name]) => name !== metric)) },
  )

test('below 45 °C a rise counts that neither the air nor the load of a sound terminal explains', () => {
  const rises = [...steady(28, 60), ...ramp(28, 44, 30), ...steady(44, 60)]
  const found = replay(terminalOverTemperature, loaded(rises), { facts: { breakerAmps: 32 } })

  expect(found.map(({ finding }) => finding?.severity)).toEqual(['warning'])
  expect(found[0]?.finding?.summary).toMatch(/^A terminal is at 39 °C, 10\.\d K up; warning above 10 K in 5 min$/)
})

test.each<[string, ReplayInput[], object?]>([
  ['which breaker it is', loaded([...steady(28, 60), ...ramp(28, 44, 30)]), {}],
  ['the current', without('amps', loaded([...steady(28, 60), ...ramp(28, 44, 30)]))],
  ['the air', without('ambientCelsius', loaded([...steady(28, 60), ...ramp(28, 44, 30)]))],
  [
    'of a heater that warms a small breaker',
    loaded([...steady(15, 60), ...ramp(15, 35, 30), ...steady(35, 60)]),
    { breakerAmps: 10 },
  ],
  [
    'of a heater that was on for the first half minute of the rise',
    loaded([...steady(15, 60), ...ramp(15, 28, 24)], (i) => ({ amps: i > 60 && i < 64 ? 18 : 0.3 })),
  ],
  [
    'the box opened in winter, and closed again',
    loaded([...steady(5, 60), ...ramp(5, 18, 30), ...steady(18, 60)], (i) => ({
      ambientCelsius: 2 + Math.min(16, Math.max(0, i - 60)),
    })),
  ],
])('below 45 °C it stays silent where it is not known, or explained: %s', (_, samples, facts = { breakerAmps: 32 }) => {
  expect(news(samples, facts)).toEqual([])
})

test.each([
  [
    'a heater that warms a cool terminal by 20 K',
    readings([...steady(15, 60), ...ramp(15, 35, 30), ...steady(35, 60)]),
  ],
  ['a summer afternoon that takes hours', readings(ramp(35, 58, 720), 10)],
  [
    'a rise of 12 K that took more than six minutes',
    readings([...steady(40, 60), ...ramp(40, 52, 38), ...steady(52, 60)]),
  ],
  ['a sensor that said 0 °C once', readings([...steady(50, 60), 0, ...steady(50, 60)])],
  [
    'a rise that nobody saw, over an hour of silence',
    [...readings(steady(40, 30)), ...readings(steady(55, 30), 10, 3_900)],
  ],
  ['a steady 59 °C', readings(steady(59, 500))],
])('stays silent for %s', (_, samples) => {
  expect(news(samples)).toEqual([])
})

test('is over after ten minutes of samples below 55 °C, and can begin again', () => {
  const samples = readings([...steady(62, 10), ...steady(54, 62), ...steady(72, 3)])
  const found = replay(terminalOverTemperature, samples)

  expect(found.map(({ index, finding }) => [index, finding?.severity])).toEqual([
    [1, 'warning'],
    [69, undefined],
    [73, 'urgent'],
  ])
})

test('is not over at 57 °C, nor by a silence, nor by one cool sample after it', () => {
  const hot = readings(steady(62, 10))

  expect(news([...hot, ...readings(steady(57, 500), 10, 100)])).toEqual(['warning'])
  expect(news([...hot, ...readings([30], 10, 7_200)])).toEqual(['warning'])
  expect(news([...hot, ...readings(steady(30, 30), 10, 100), ...readings(steady(30, 30), 10, 7_200)])).toEqual([
    'warning',
  ])
  expect(news([...hot, ...readings(steady(30, 30), 10, 100), ...readings(steady(30, 32), 10, 7_200)])).toEqual([
    'warning',
    'cleared',
  ])
})

test('is not over while it stays at 57 °C after a moment of cool', () => {
  expect(news(readings([...steady(62, 10), 30, ...steady(57, 500)]))).toEqual(['warning'])
})

test('a sample of a slow meter vouches for 90 s, so seven cool ones end an episode', () => {
  expect(news(readings([40, 40, 40, 62, ...steady(30, 6)], 300))).toEqual(['warning'])
  expect(news(readings([40, 40, 40, 62, ...steady(30, 7)], 300))).toEqual(['warning', 'cleared'])
})

test('a cable with weak insulation lowers the levels, a better one does not raise them', () => {
  const at56 = readings([...ramp(40, 56, 100), ...steady(56, 5)], 30)
  expect(news(at56, { conductorMaxCelsius: 55 })).toEqual(['warning', 'urgent'])

  const at61 = readings([...ramp(40, 61, 100), ...steady(61, 5)], 30)
  expect(news(at61, { conductorMaxCelsius: 90 })).toEqual(['warning'])
})
