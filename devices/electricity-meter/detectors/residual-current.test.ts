import { expect, test } from 'vitest'
import { dayMs } from '../../../core/clock.ts'
import type { Values } from '../../../core/reading.ts'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { type ReplayInput, replay, replayAll, withTicks } from '../../replay.ts'
import { residualCurrent } from './residual-current.ts'
import { days as daysOf, longNews, noon, seeded } from './series.ts'

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

/** A meter that tells changes: leakage at these seconds, and its voltage each 20 s. */
function changes(told: readonly (readonly [second: number, milliamps: number])[], until: number): ReplayInput[] {
  const volts = Array.from({ length: until / 20 }, (_, i) => ({ at: i * 20_000, values: { volts: 226 + (i % 3) } }))
  const leaks = told.map(([second, residualMilliamps]) => ({ at: second * 1_000, values: { residualMilliamps } }))
  return withTicks([...volts, ...leaks].sort((one, other) => one.at - other.at))
}

test('of a meter that tells changes, a step that stands is urgent after 75 s, though nothing more is said of it', () => {
  const found = replay(
    residualCurrent,
    changes(
      [
        ...([
          [0, 4],
          [1_807, 4.5],
          [1_817, 5],
          [4_001, 25],
        ] as const),
      ],
      9_000,
    ),
  )

  expect(found.map(({ at, finding }) => [Math.floor(at / 1_000), finding?.severity])).toEqual([[4_085, 'urgent']])
  expect(found[0]?.finding).toMatchObject({ since: 4_001_000, evidence: { residualMilliamps: 25 } })
  expect(
    news(
      changes(
        [
          [0, 4],
          [1_807, 4.5],
          [1_817, 5],
          [4_001, 25],
          [4_070, 5],
        ],
        9_000,
      ),
    ),
  ).toEqual([])
})

test('the first word on the leakage, that of a meter without supply, and one that another contradicts, are believed by no tick', () => {
  const ends = { until: 300_000 }
  const last = (values: Values) =>
    [0, 10, 20].map((s) => ({ at: s * 1_000, values: s < 20 ? { residualMilliamps: 4 } : values }))

  expect(news(withTicks(last({ residualMilliamps: 40 }), ends))).toEqual(['urgent'])
  expect(news(withTicks(last({ residualMilliamps: 40 }).slice(2), ends))).toEqual([])
  expect(news(withTicks(last({ residualMilliamps: 40, volts: 0 }), ends))).toEqual([])
  expect(news(withTicks(last({ residualMilliamps: 40, breaker: 'open' }), ends))).toEqual([])
  const once = { at: 90_000, values: { residualMilliamps: 4 } }
  expect(news(withTicks([...last({ residualMilliamps: 40 }), once], ends))).toEqual([])
})

test('a reading that a tick has overtaken, for it was long on its way, begins no delay anew', () => {
  const told = (seconds: number, residualMilliamps: number) => ({ at: seconds * 1_000, values: { residualMilliamps } })
  const tick = { tick: true, at: 110_000, fresh: true, lastReadingAt: 30_000 } as const
  const inputs = [told(10, 4), told(20, 4), told(30, 25), tick, told(105, 25), told(150, 25)]
  const found = replay(residualCurrent, inputs, { settings: { ...residualCurrent.settings, delaySeconds: 120 } })
  expect(found).toMatchObject([{ at: 150_000, finding: { severity: 'urgent', since: 30_000 } }])
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

test.each([
  ['of one day', [3], 3],
  ['of two days', [3, 6], 3],
  ['of seven days', [7, 6.8, 4, 4.5, 3.5, 5.5, 4, 6, 5], 5.5],
])('its normal maximum is the second highest of the maxima of the last seven days: %s', (_, maxima, usual) => {
  const samples = readings([...maxima.flatMap((highest) => room(2, highest, 1)), 2, 9, 2, 14, 14])
  const found = replay(residualCurrent, samples)

  expect(found[0]?.finding?.evidence.usualMilliamps).toBe(usual)
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
  ['a weekend after quiet weekdays', [...room(3, 7.5, 2), ...room(2, 3.5, 5), ...room(3, 9.5, 2)]],
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

/** A room told once a minute; its highest value of a day is what the day says, give or take a tenth, and comes once, in the evening. */
function wearing(
  count: number,
  highest: (day: number) => number,
  heard: (hour: number) => boolean = () => true,
  seed = 5,
  everySeconds = 60,
) {
  const random = seeded(seed * 7_919)
  const factor = Array.from({ length: count }, () => 1 + 0.2 * (random() + random() - 1))
  const told = daysOf(count, everySeconds, noon, (hour) => {
    const day = Math.floor(hour / 24)
    const top = highest(day) * (factor[day] ?? 1)
    return { residualMilliamps: Math.round((hour % 24 > 6 && hour % 24 < 7 ? top : 0.6 * top) * 10) / 10 }
  })
  return [...told].filter((_, index) => heard((index * everySeconds) / 3_600))
}

/** From 4 mA at day 10 to the ceiling of 15 mA at day 70. */
const worn = (day: number) => 4 + Math.max(0, day - 10) * (11 / 60)

interface Ahead {
  readonly state: unknown
  readonly forecasts: readonly { readonly day: number; readonly low: number; readonly high: number }[]
}

function lookedAhead(readings: ReturnType<typeof wearing>, from = residualCurrent.initial): Ahead {
  const forecasts: { day: number; low: number; high: number }[] = []
  let state = from
  let dayBefore = 0
  for (const { at, values } of readings) {
    state = residualCurrent.step(state, { at, ...values }, residualCurrent.settings, {}).state
    const day = Math.floor((at - noon) / dayMs)
    if (day === dayBefore) continue
    dayBefore = day
    const ahead = residualCurrent.forecast?.(state, residualCurrent.settings, {})
    if (ahead?.lowDays == null || ahead.highDays === null) continue
    const from = (ahead.at - noon) / dayMs
    forecasts.push({ day: from, low: from + ahead.lowDays, high: from + ahead.highDays })
  }
  return { state, forecasts }
}

test('insulation that wears is one planned order weeks before its ceiling; at the ceiling it is urgent', () => {
  const said = longNews(residualCurrent, wearing(80, worn))
  const first = Number.parseFloat(said[0] ?? '') / 24

  expect(said.slice(0, 2).map((each) => each.split(' ')[2])).toEqual(['warning', 'urgent'])
  expect(first).toBeGreaterThan(30)
  expect(first).toBeLessThan(60)
})

test('it says how high the leakage gets, the ceiling, and the days that are left with their interval', () => {
  let state = residualCurrent.initial
  const said = []
  for (const { at, values } of wearing(60, worn)) {
    const step = residualCurrent.step(state, { at, ...values }, residualCurrent.settings, {})
    state = step.state
    if (step.finding) said.push(step.finding)
  }
  const [first] = said
  const { highestMilliamps, ceilingMilliamps, leftDays, leftLowDays, leftHighDays } = first?.evidence ?? {}

  expect(said.map(({ severity }) => severity)).toEqual(said.map(() => 'warning'))
  expect(said.length).toBeLessThan(60)
  expect(first?.summary).toMatch(/^Leakage grows, up to 1?\d\.\d mA today; at the ceiling of 15 mA in about \d\d days$/)
  expect(ceilingMilliamps).toBe(15)
  expect(Number(highestMilliamps)).toBeGreaterThanOrEqual(10)
  expect(Number(leftLowDays)).toBeLessThanOrEqual(30)
  expect(Number(leftLowDays)).toBeLessThan(Number(leftDays))
  expect(Number(leftDays)).toBeLessThan(Number(leftHighDays))
})

test('eight of ten forecasts, and not many more or fewer, hold the day at which the ceiling is reached', () => {
  const all = [1, 2, 3, 4, 5].flatMap((seed) => lookedAhead(wearing(68, worn, undefined, seed, 75)).forecasts)
  const inside = all.filter(({ low, high }) => low <= 70 && 70 <= high)

  expect(all.length).toBeGreaterThan(100)
  expect(inside.length / all.length).toBeGreaterThan(0.7)
  expect(inside.length / all.length).toBeLessThan(0.97)
})

const summer = (day: number) => 5 + 2 * Math.sin((day / 365) * 2 * Math.PI)
const steps = (day: number) => 4 + (day > 30 ? 1.5 : 0) + (day > 45 ? 1.5 : 0) + (day > 58 ? 1.5 : 0)
const wetWeeks = (day: number) => 3 + 4 * Math.max(0, Math.min(1, (day - 30) / 21, (92 - day) / 21))

test.each<[string, number, (day: number) => number, ((hour: number) => boolean)?]>([
  ['a year with its seasons', 365, summer],
  ['a wet season that doubles the leakage in three weeks', 110, wetWeeks],
  ['an appliance that is new and leaks 3 mA', 60, (day) => (day < 30 ? 4 : 7)],
  ['one new appliance after the other', 100, steps],
  ['people who cook only at weekends', 100, (day) => (day % 7 < 5 ? 4 : 7)],
  ['a replaced transformer that tells a third more', 60, (day) => (day < 30 ? 5 : 6.6)],
  ['days that are not heard', 100, () => 6, (hour) => Math.floor(hour / 24) % 7 > 2],
])('nothing is foreseen for %s', (_, count, highest, heard) => {
  expect(longNews(residualCurrent, wearing(count, highest, heard))).toEqual([])
})

test.each<[string, number, (day: number) => number, string]>([
  ['a week', 6, worn, 'too-little-data'],
  ['a steady room', 40, () => 6, 'no-trend'],
  ['a step', 45, (day) => (day < 30 ? 4 : 8), 'step'],
])('after %s it says why it foresees nothing', (_, count, highest, refused) => {
  const { state } = lookedAhead(wearing(count, highest))

  expect(residualCurrent.forecast?.(state, residualCurrent.settings, {})).toMatchObject({
    days: null,
    refused,
    limit: 15,
  })
})

test('a feeder that leaks 150 mA by nature is looked at in its own measure', () => {
  const feeder = (highest: (day: number) => number) =>
    longNews(residualCurrent, wearing(80, highest), { use: 'feeder' }).map((each) => each.split(' ')[2])

  expect(feeder(() => 180)).toEqual([])
  expect(feeder((day) => 150 + 1.7 * Math.max(0, day - 10))[0]).toBe('warning')
})

test('a growth that stopped is no reason for a visit any more, two weeks later', () => {
  const said = longNews(
    residualCurrent,
    wearing(120, (day) => Math.min(worn(day), 11)),
  )

  expect(said.map((each) => each.split(' ')[2])).toEqual(['warning', 'cleared'])
})

test('after work on it nothing is foreseen, and what is normal for the room stays known', () => {
  const { state } = lookedAhead(wearing(50, worn))
  const renewed = residualCurrent.renewed?.(state) as { learned: unknown }

  expect(residualCurrent.forecast?.(renewed, residualCurrent.settings, {})).toBeUndefined()
  expect(renewed.learned).toEqual((state as typeof renewed).learned)
})

test('a leak that comes and goes is over for itself, and what is foreseen is said again the next day', () => {
  const leak = (day: number, hour: number) => day === 55 && hour > 2 && hour < 3
  const readings = wearing(58, worn).map((reading) => {
    const hour = (reading.at - noon) / 3_600_000
    return leak(Math.floor(hour / 24), hour % 24) ? { ...reading, values: { residualMilliamps: 40 } } : reading
  })
  expect(longNews(residualCurrent, readings).map((each) => each.split(' ')[2])).toEqual([
    'warning',
    'urgent',
    'cleared',
    'warning',
  ])
})

test('what it remembers after a year fits into 700 bytes', () => {
  const { state } = lookedAhead(wearing(365, summer))

  expect(JSON.stringify(state).length).toBeLessThan(700)
  expect(JSON.parse(JSON.stringify(state))).toEqual(state)
})
