import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { days, longNews, noon, seeded } from './series.ts'
import { terminalHeating } from './terminal-heating.ts'

interface Box {
  /** K per A² on each day, and the terminal's lag, min. */
  readonly heating?: (day: number) => number
  readonly lagMinutes?: number
  /** A at an hour of the day. */
  readonly amps?: (hour: number) => number
  readonly air?: (hour: number) => number
  readonly offsetKelvin?: number
  readonly seed?: number
  readonly everySeconds?: number
  readonly says?: (values: { terminalCelsius: number; ambientCelsius: number; amps: number }) => Values
}

/** Kettles in the morning, two hours at the stove, an air conditioner that cycles in the evening. */
const usualAmps = (hour: number) => {
  const ofDay = hour % 24
  if (ofDay > 7 && ofDay < 7.2) return 8
  if (ofDay > 17 && ofDay < 19) return 7
  return ofDay > 19.5 && (ofDay * 60) % 28 < 14 ? 4.6 : 0.4
}

function box(
  count: number,
  { everySeconds = 60, says = (values) => ({ ...values, occupied: true }), ...rest }: Box = {},
) {
  const { heating = () => 0.016, lagMinutes = 8, amps = usualAmps, offsetKelvin = 1, seed = 11 } = rest
  const { air = (hour) => 22 + 4 * Math.sin((hour * Math.PI) / 12) } = rest
  const random = seeded(seed)
  const kept = Math.exp(-everySeconds / 60 / lagMinutes)
  let rise = 0
  return days(count, everySeconds, noon, (hour) => {
    const flowing = amps(hour + 12)
    const target = heating(hour / 24) * flowing ** 2
    rise = target + (rise - target) * kept
    const ambientCelsius = air(hour)
    return says({
      amps: flowing,
      ambientCelsius: Math.round(ambientCelsius * 10) / 10,
      terminalCelsius: Math.round((ambientCelsius + rise + offsetKelvin + 0.4 * (random() - 0.5)) * 10) / 10,
    })
  })
}

const found = (count: number, options?: Box, facts = { breakerAmps: 40 }) =>
  longNews(terminalHeating, box(count, options), facts)
const worn = (from: number, times: number) => (day: number) => (day < from ? 0.016 : 0.016 * times)

test('a contact that heats three times as much is a warning within a day, far below any limit', () => {
  const [first] = found(6, { heating: worn(4, 3) })

  expect(first).toMatch(/^1(0|1)\d\.\d h warning$/)
})

test('it says how much it heats now, used to, and would at the rated current', () => {
  let state = terminalHeating.initial
  let last: ReturnType<typeof terminalHeating.step>['finding']
  for (const { at, values } of box(6, { heating: worn(4, 3) })) {
    const step = terminalHeating.step(state, { at, ...values }, terminalHeating.settings, { breakerAmps: 40 })
    state = step.state
    last = step.finding ?? last
  }

  expect(last?.summary).toMatch(/^A terminal warms [23]\.\d times as much as it used to: [678]\d K at 40 A$/)
  expect(last?.evidence).toMatchObject({ usualKelvinPerAmpSquared: expect.closeTo(0.016, 2), occupied: true })
})

test.each([
  [3, 10],
  [8, 60],
  [20, 60],
  [8, 300],
])('a terminal with a lag of %d min, sampled every %d s', (lagMinutes, everySeconds) => {
  expect(found(7, { lagMinutes, everySeconds, heating: worn(4, 3) })).toHaveLength(1)
})

test('a contact that wears over weeks is found, and does not become usual', () => {
  const [first] = found(40, { everySeconds: 120, heating: (day) => 0.016 * (1 + Math.max(0, day - 5) / 8) })

  expect(first).toMatch(/ warning$/)
  expect(Number.parseFloat(first ?? '')).toBeLessThan(24 * 20)
})

test('it must heat 20 K more than it used to at the rated current: a small breaker may warm to a multiple of nearly nothing', () => {
  const square = (hour: number) => ((hour * 60) % 60 < 30 ? 15 : 1)
  const at20Amps = (extraKelvin: number) => {
    return found(6, { amps: square, heating: worn(4, 1 + extraKelvin / 6.4), everySeconds: 120 }, { breakerAmps: 20 })
  }
  expect(at20Amps(22)).toHaveLength(1)
  expect(at20Amps(18)).toEqual([])
})

/** So little that a window takes most of a day. */
const lightAmps = (hour: number) => (hour % 24 > 18 && hour % 24 < 19.5 ? 6 : 0.4)

test('a contact that comes loose while its usual heating is still learned is found, and is not learned', () => {
  const said = found(8, { amps: lightAmps, heating: worn(1.3, 4), seed: 5 })
  expect(said).toEqual([expect.stringMatching(/^\d+\.\d h warning$/)])
  expect(Number.parseFloat(said[0] ?? '')).toBeLessThan(24 * 4.5)
})

test('a window lasts for three hours of samples, three of them tell what is usual; without load it ends after a day', () => {
  const ends = (readings: Iterable<{ at: number; values: Values }>) => {
    const hours: number[] = []
    let state = terminalHeating.initial as { window: { from: number }; usual: unknown }
    for (const { at, values } of readings) {
      const { window } = state
      state = terminalHeating.step(state, { at, ...values }, terminalHeating.settings, {}).state as typeof state
      if (window.from > 0 && state.window.from !== window.from) hours.push((at - window.from) / 3_600_000)
      if (state.usual !== null) break
    }
    return hours
  }
  const square = (hour: number) => ((hour * 60) % 60 < 30 ? 20 : 2)

  expect(ends(box(1, { amps: square }))).toEqual([3, 3, 3].map((hours) => expect.closeTo(hours, 0)))
  expect(ends(box(3, { amps: () => 0.3 }))[0]).toBeCloseTo(24, 0)
})

test('what warms and cools the box by 2 K within hours leaves its heating known', () => {
  const hourly = (hour: number) => (hour % 2 < 1 ? 6 : 0.5)
  let second = 0
  const says = ({ terminalCelsius, ...others }: { terminalCelsius: number; ambientCelsius: number; amps: number }) => {
    second += 60
    return { ...others, terminalCelsius: terminalCelsius + 2 * Math.sin((second * 2 * Math.PI) / (8 * 3_600)) }
  }
  let state = terminalHeating.initial
  for (const { at, values } of box(4, { amps: hourly, air: () => 22, says }))
    state = terminalHeating.step(state, { at, ...values }, terminalHeating.settings, {}).state

  expect(state).toMatchObject({ usual: [expect.closeTo(0.016, 2), expect.any(Number)] })
})

test('of a rise that steps up and stays, 63 % are drift after half an hour', () => {
  let state = terminalHeating.initial
  for (let minute = 0; minute <= 120; minute++) {
    const terminalCelsius = minute <= 90 ? 25 : 35
    const said = { at: noon + minute * 60_000, amps: 2, ambientCelsius: 20, terminalCelsius }
    state = terminalHeating.step(state, said, terminalHeating.settings, {}).state
  }
  const { drift } = (state as { window: { drift: readonly number[] } }).window
  expect(drift[2]).toBeCloseTo(5 + 10 * (1 - Math.exp(-1)), 1)
})

test('it is over when the contact was tightened', () => {
  expect(found(9, { heating: (day) => (day > 4 && day < 6 ? 0.06 : 0.016) }).at(-1)).toMatch(/ cleared$/)
})

test('after work on it, another terminal is learned anew', () => {
  let state = terminalHeating.initial
  const learn = (readings: Iterable<{ at: number; values: Values }>) => {
    for (const { at, values } of readings) {
      const step = terminalHeating.step(state, { at, ...values }, terminalHeating.settings, { breakerAmps: 40 })
      state = step.state
      if (step.finding) return step.finding.severity
    }
    return 'silent'
  }
  expect(learn(box(4))).toBe('silent')
  state = terminalHeating.renewed?.(state)
  expect(
    learn([...box(8, { heating: () => 0.04 })].map(({ at, values }) => ({ at: at + 4 * 86_400_000, values }))),
  ).toBe('silent')
})

test('each metric in a reading of its own tells as much', () => {
  const apart = [...box(6, { heating: worn(4, 3) })].flatMap(({ at, values }) =>
    Object.entries(values).map(([metric, value], index) => ({ at: at + index * 1_000, values: { [metric]: value } })),
  )
  expect(longNews(terminalHeating, apart, { breakerAmps: 40 })).toHaveLength(1)
})

test('by day two windows must agree; at night, with people in the room, one is enough', () => {
  const nightHeater = (hour: number) => (hour % 24 < 5 ? 9 : 0.4)
  const first = (occupied: boolean) => {
    const says = (values: Values) => ({ ...values, occupied })
    return Number.parseFloat(found(7, { heating: worn(4, 3), amps: nightHeater, says })[0] ?? '')
  }
  expect(first(true)).toBeLessThan(first(false))
})

let minutes = 0
/** The probe follows the sun on the box, by a kelvin more or less within hours. */
const drifting = ({
  terminalCelsius,
  ...others
}: {
  terminalCelsius: number
  ambientCelsius: number
  amps: number
}) => {
  minutes += 1
  const kelvin = Math.sin(minutes / 83 + 3 * Math.sin(minutes / 150))
  return { ...others, terminalCelsius: Math.round((terminalCelsius + kelvin) * 10) / 10 }
}

/** For a day and a half until one o'clock at night; then a fridge alone. */
const overloaded = (hour: number) => {
  if (hour < 84) return usualAmps(hour)
  return hour < 121 ? 51 : (hour * 60) % 40 < 15 ? 0.8 : 0.2
}

test.each<[string, Box]>([
  ['a large load that the terminal has never seen', { amps: (hour) => usualAmps(hour) + (hour > 110 ? 18 : 0) }],
  [
    'a hot summer after a cold spring',
    {
      air: (hour) => (hour < 120 ? 12 : 38) + 4 * Math.sin((hour * Math.PI) / 12),
      amps: (hour) => usualAmps(hour) + (hour > 120 && (hour * 60) % 25 < 15 ? 5 : 0),
    },
  ],
  [
    'sun on the box, and neighbours who warm it',
    { offsetKelvin: 0, says: drifting, amps: (hour) => usualAmps(hour), everySeconds: 60 },
  ],
  ['an empty room', { amps: () => 0.1, heating: worn(4, 3) }],
  ['a probe that reads 3 K too much', { offsetKelvin: 3 }],
  ['a contact that is a third worse, within what it varies by', { heating: worn(4, 1.3) }],
  [
    'a meter without the temperature of the air',
    { heating: worn(4, 3), says: ({ amps, terminalCelsius }) => ({ amps, terminalCelsius }) },
  ],
  ['a probe that was replaced', { heating: (day) => (day < 5 ? 0.016 : 0.02), offsetKelvin: 1 }],
  ['an overload that ends, and a quiet night after it', { amps: overloaded }],
  ['a contact that becomes a third worse while it is learned', { amps: lightAmps, heating: worn(1.3, 1.3) }],
  ['the first day, whatever it does', { heating: () => 0.2 }],
])('stays silent for %s', (_, options) => {
  expect(found(9, options)).toEqual([])
})

/** From 26 K at the breaker's rating at day 10 to 60 K at day 70. */
const wearing = (day: number) => 0.016 + Math.max(0, day - 10) * (0.0215 / 60)

function lookedAhead(count: number, options: Box) {
  const facts = { breakerAmps: 40 }
  const said = []
  const forecasts = []
  let state = terminalHeating.initial
  for (const { at, values } of box(count, { everySeconds: 120, ...options })) {
    const step = terminalHeating.step(state, { at, ...values }, terminalHeating.settings, facts)
    state = step.state
    if (step.finding && !('times' in step.finding.evidence))
      said.push({ day: (at - noon) / 86_400_000, ...step.finding })
    if (at % 86_400_000 !== 0) continue
    const ahead = terminalHeating.forecast?.(state, terminalHeating.settings, facts)
    if (ahead?.lowDays == null || ahead.highDays === null) continue
    const from = (ahead.at - noon) / 86_400_000
    forecasts.push({ low: from + ahead.lowDays, high: from + ahead.highDays })
  }
  return { state, said, forecasts }
}

test('a contact that wears for weeks is a planned order before it is worse than what terminals are tested to', () => {
  const { said } = lookedAhead(60, { heating: wearing })
  const [first] = said

  expect(first?.day).toBeGreaterThan(15)
  expect(first?.day).toBeLessThan(50)
  expect(first?.severity).toBe('warning')
  expect(first?.summary).toMatch(/^A terminal warms more and more, by \d\d K at 40 A; by 60 K in about \d+ days$/)
  expect(first?.evidence).toMatchObject({ limitKelvin: 60, occupied: true })
  const { leftLowDays, leftDays, leftHighDays } = first?.evidence ?? {}
  expect(Number(leftLowDays)).toBeLessThanOrEqual(30)
  expect(Number(leftLowDays)).toBeLessThan(Number(leftDays))
  expect(Number(leftDays)).toBeLessThan(Number(leftHighDays))
  const days = said.map(({ day }) => Math.floor((noon + day * 86_400_000) / 86_400_000))
  expect(days).toEqual([...new Set(days)])
  expect(days.length).toBeGreaterThan(5)
  expect(found(60, { heating: wearing, everySeconds: 120 })).toHaveLength(1)
})

test('a contact that stops to wear is no reason for a visit any more', () => {
  const stopped = found(90, { heating: (day) => Math.min(wearing(day), 0.025), everySeconds: 120 })

  expect(stopped.map((each) => each.split(' ')[2])).toEqual(['warning', 'cleared'])
})

test('seven of ten forecasts at least hold the day at which 60 K are reached', () => {
  const all = [3, 7, 11].flatMap((seed) => lookedAhead(68, { heating: wearing, seed }).forecasts)
  const inside = all.filter(({ low, high }) => low <= 70 && 70 <= high)

  expect(all.length).toBeGreaterThan(60)
  expect(inside.length / all.length).toBeGreaterThan(0.7)
})

test.each<[string, Box]>([
  ['a terminal that stays as it is', {}],
  [
    'seasons',
    {
      air: (hour) => 20 + 14 * Math.sin(hour / 300),
      amps: (hour) => usualAmps(hour) * (1 + 0.5 * Math.sin(hour / 300)),
    },
  ],
  ['people who use more and more', { amps: (hour) => usualAmps(hour) * (1 + hour / 1_440) }],
  [
    'an appliance that is new',
    { amps: (hour) => usualAmps(hour) + (hour > 480 && hour % 24 > 5 && hour % 24 < 6 ? 16 : 0) },
  ],
  ['a probe that was replaced and tells a third more', { heating: (day) => (day < 20 ? 0.016 : 0.021) }],
])('over weeks nothing is foreseen for %s', (_, options) => {
  const { state, said } = lookedAhead(45, options)

  expect(said).toEqual([])
  const ahead = terminalHeating.forecast?.(state, terminalHeating.settings, { breakerAmps: 40 })
  expect(ahead).toMatchObject({
    quantity: 'kelvinAtRated',
    days: null,
    refused: expect.stringMatching(/no-trend|step/),
  })
})

test('a terminal that has always been warm is measured by its own limit, and a new meter says that it knows too little', () => {
  const ahead = (count: number, kelvinPerAmpSquared: number) => {
    const { state } = lookedAhead(count, { heating: () => kelvinPerAmpSquared })
    return terminalHeating.forecast?.(state, terminalHeating.settings, { breakerAmps: 40 })
  }
  expect(ahead(12, 0.035)?.limit).toBeGreaterThan(80)
  expect(ahead(5, 0.016)).toMatchObject({ limit: 60, refused: 'too-little-data' })
})

test('after work on it nothing is foreseen; its memory is small and plain', () => {
  const { state } = lookedAhead(50, { heating: wearing })

  expect(JSON.stringify(state).length).toBeLessThan(900)
  expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  const renewed = terminalHeating.renewed?.(state)
  expect(terminalHeating.forecast?.(renewed, terminalHeating.settings, {})).toBeUndefined()
})
