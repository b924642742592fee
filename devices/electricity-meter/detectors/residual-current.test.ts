import { median } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dayMs } from '../../../core/clock.ts'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { type ReplayInput, replay, replayAll } from '../../replay.ts'
import { residualCurrent } from './residual-current.ts'

const perDay = 8_640
const hours = (count: number) => count * 360

/** One reading per 10 s, from `start` (in tens of seconds) on. */
function readings(milliamps: readonly number[], start = 0, more: object = {}, everyMs = 10_000): ReplayInput[] {
  return milliamps.map((residualMilliamps, index) => ({
    at: (start + index) * everyMs,
    values: { residualMilliamps, ...more },
  }))
}

/** What is news, in order: severities and `cleared`. */
const news = (inputs: readonly ReplayInput[], facts: object = {}): string[] =>
  replay(residualCurrent, inputs, { facts }).map(({ finding }) => finding?.severity ?? 'cleared')

const steady = (milliamps: number, count: number): number[] => Array<number>(count).fill(milliamps)

/** A room's day: quiet at night, an hour at the induction stove in the evening, where its maximum is. */
const room = (quiet: number, cooking: number, days: number): number[] =>
  Array.from({ length: days * perDay }, (_, index) => {
    const hour = Math.floor((index % perDay) / 360)
    return hour === 18 ? cooking : hour < 7 ? quiet : quiet + 0.5
  })

test('from its first minute a room behind a 30 mA device is urgent at 15 mA, 10 s after the first such sample', () => {
  const found = replayAll(residualCurrent, readings([4, 4, 15, 15, 16]))

  expect(found.map(({ index, finding }) => [index, finding?.severity])).toEqual([
    [3, 'urgent'],
    [4, 'urgent'],
  ])
  expect(found[0]?.finding).toMatchObject({ since: 20_000, evidence: { limitMilliamps: 15, usualMilliamps: null } })
})

test.each([
  [10, 4.9, 5],
  [30, 14.9, 15],
  [100, 79, 80],
  [300, 239, 240],
  [500, 299, 300],
])('behind a device of %d mA it is silent at %d mA and urgent at %d mA', (residualDeviceMilliamps, silent, urgent) => {
  const after = (milliamps: number) => news(readings(steady(milliamps, 100)), { residualDeviceMilliamps })

  expect(after(silent)).toEqual([])
  expect(after(urgent)).toEqual(['urgent'])
})

test('a step to more than twice what this room ever leaks is urgent from 10 mA on, far below the ceiling', () => {
  const normal = room(2, 4, 3)
  const found = replay(residualCurrent, readings([...normal, ...steady(10.5, 10)]))

  expect(found.map(({ index, finding }) => [index, finding?.severity])).toEqual([[normal.length + 1, 'urgent']])
  expect(found[0]?.finding?.summary).toBe('10.5 mA leak to earth; normally at most 4.0 mA')
})

test('such a step below 10 mA is a warning; it is urgent when it grows, but not by one stray value or a short burst', () => {
  const step = [...room(2, 4, 3), ...steady(9.5, 10)]
  const then = (milliamps: readonly number[]) => news(readings([...step, ...milliamps]))
  const burst = [1, 2, 3].map((s) => ({
    at: (step.length - 1) * 10_000 + s * 1_000,
    values: { residualMilliamps: 40 },
  }))

  expect(then([])).toEqual(['warning'])
  expect(then([40, 9.5, 9.5])).toEqual(['warning'])
  expect(news([...readings(step), ...burst, ...readings([9.5, 9.5], step.length)])).toEqual(['warning'])
  expect(then([11, 11])).toEqual(['warning', 'urgent'])
})

test('a tenant who moves into a room that was empty sends no emergency crew, and within days is what is normal', () => {
  for (const emptyDays of [1, 7]) {
    const days = [...steady(0.3, emptyDays * perDay), ...room(3, 5.6, 6)]
    const oncePerMinute = readings(days).filter((_, index) => index % 6 === 0)
    const said = replay(residualCurrent, oncePerMinute).map(({ at, finding }) => ({
      day: Math.floor(at / dayMs) - emptyDays,
      what: finding?.severity ?? 'cleared',
    }))

    expect(said[0]).toEqual({ day: 0, what: 'warning' })
    expect(said.map(({ what }) => what)).not.toContain('urgent')
    expect(said.at(-1)?.what).toBe('cleared')
    expect(said.at(-1)?.day).toBeLessThanOrEqual(4)
  }
})

test.each([
  ['unknown', {}],
  ['that of a room', { residualDeviceMilliamps: 30 }],
])('a feeder whose rating is %s leaks 200 mA by nature, and is urgent at 300 mA', (_, facts) => {
  const after = (milliamps: number) => news(readings(steady(milliamps, 100)), { use: 'feeder', ...facts })

  expect(after(200)).toEqual([])
  expect(after(299)).toEqual([])
  expect(after(300)).toEqual(['urgent'])
})

test('a feeder with a staged device of its own keeps 80 % of its rating', () => {
  const facts = { use: 'feeder', residualDeviceMilliamps: 100 }

  expect(news(readings(steady(79, 100)), facts)).toEqual([])
  expect(news(readings(steady(80, 100)), facts)).toEqual(['urgent'])
})

test('its normal maximum is the median of the maxima of the last seven days', () => {
  const maxima = [3, 5, 4, 4.5, 3.5, 5.5, 4, 6, 5]
  const samples = readings([...maxima.flatMap((highest) => room(2, highest, 1)), 2, 9, 2, 14, 14])
  const found = replay(residualCurrent, samples)

  expect(found[0]?.finding?.evidence.usualMilliamps).toBe(median(maxima.slice(-7)))
})

test.each([
  ['nights, noons and cooking', room(3, 6, 9)],
  [
    'the first induction stove in a dry new room',
    [...room(0.5, 0.8, 2), ...steady(3.5, hours(1)), ...room(0.5, 0.8, 1)],
  ],
  [
    'a wet season that doubles the leakage in three weeks',
    Array.from({ length: 21 * perDay }, (_, i) => 3 + (4 * i) / (21 * perDay)),
  ],
  ['less than twice a normal maximum of 6 mA', [...room(3, 6, 2), ...steady(11.5, hours(1))]],
  ['a single stray value', [...room(3, 5, 2), 40, ...steady(3, 100)]],
  ['the first day, whatever it does below the ceiling', [...steady(1, hours(2)), ...steady(12, hours(2))]],
])('stays silent for %s', (_, milliamps) => {
  expect(news(readings(milliamps))).toEqual([])
})

test('a fault of three days does not become normal, and a second one is found again', () => {
  const normal = room(3, 5, 2)
  const samples = readings([...normal, ...steady(11, 3 * perDay), ...steady(3, hours(1)), ...steady(11, 10)])
  const found = replay(residualCurrent, samples)

  expect(found.map(({ finding }) => finding?.severity)).toEqual(['urgent', undefined, 'urgent'])
  expect(found.at(-1)?.finding?.evidence.usualMilliamps).toBe(5)
})

test('stray values do not raise what is normal', () => {
  const strays = room(3, 4, 2).map((milliamps, index) => (index % 500 === 250 ? 8.5 : milliamps))
  const found = replay(residualCurrent, readings([...strays, ...steady(9.2, 10)]))

  expect(found.at(-1)?.finding?.evidence.usualMilliamps).toBe(4)
})

test('bursts over the limit that are shorter than five seconds do not raise what is normal', () => {
  const burst = (at: number) => [1, 2, 3].map((s) => ({ at: at + s * 1_000, values: { residualMilliamps: 13 } }))
  const samples = readings(room(3, 4, 2)).flatMap((reading, index) =>
    index > perDay && index % 500 === 250 ? [reading, ...burst(reading.at)] : [reading],
  )
  const found = replay(residualCurrent, [...samples, ...readings(steady(9.2, 10), 2 * perDay)])

  expect(found).toHaveLength(1)
  expect(found[0]?.finding?.evidence.usualMilliamps).toBe(4)
})

test('between the hold and the limit is not calm', () => {
  expect(news(readings([...steady(18, 5), ...steady(3, 40), ...steady(13, 10), ...steady(3, 40)]))).toEqual(['urgent'])
})

test('a silence satisfies nothing: one sample after it is not enough, and it does not end an episode', () => {
  const hot = [...readings(steady(4, 50)), ...readings([18], 50)]
  expect(news([...hot, ...readings([18, 4], 500)])).toEqual([])
  expect(news([...hot, ...readings([18, 18], 500)])).toEqual(['urgent'])

  const found = readings(steady(18, 5))
  const thenCalm = (count: number) => news([...found, ...readings(steady(3, count), 5_000)])
  expect(thenCalm(60)).toEqual(['urgent'])
  expect(thenCalm(61)).toEqual(['urgent', 'cleared'])
})

test('a meter that reports every five minutes is believed at its first sample over the limit', () => {
  expect(news(readings([4, 4, 4, 18], 0, {}, 300_000))).toEqual(['urgent'])
})

test('five samples a second must last five seconds', () => {
  expect(replay(residualCurrent, readings(steady(18, 30), 0, {}, 200))[0]?.index).toBe(25)
})

test('hovering around the ceiling does not flap: it holds above 12 mA', () => {
  const hovering = Array.from({ length: 200 }, (_, index) => (index % 4 < 2 ? 15.5 : 12.5))

  expect(replayAll(residualCurrent, readings(hovering))).toHaveLength(199)
})

test.each([
  ['the breaker has tripped', { breaker: 'tripped' }],
  ['the supply is lost', { volts: 0 }],
])('no leakage while %s is no proof that it healed', (_, more) => {
  const found = readings(steady(18, 5), 0, { breaker: 'closed', volts: 225 })
  const dead = [...readings([0], 5, more), ...readings(steady(0, hours(2) - 1), 6)]
  const live = readings(steady(3, 61), 5 + hours(2), { breaker: 'closed', volts: 225 })

  expect(news([...found, ...dead])).toEqual(['urgent'])
  expect(news([...found, ...dead, ...live])).toEqual(['urgent', 'cleared'])
})

test('a room whose power is off teaches nothing: its return is no leak', () => {
  const off = readings(steady(0, 3 * perDay), 0)
  const samples = [
    { at: -10_000, values: { breaker: 'open' } },
    ...off,
    ...readings(steady(6, 50), 3 * perDay, { breaker: 'closed' }),
  ]

  expect(news(samples)).toEqual([])
})

test('it is never early, and no gap completes its delay', () => {
  const volts = 228
  const holds = { residualMilliamps: 18, volts }
  expectNeverEarly(residualCurrent, { holds, calm: { residualMilliamps: 3, volts }, seconds: 5, mostApartSeconds: 60 })
})
