import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../../core/clock.ts'
import type { Detector } from '../../../core/detector.ts'
import type { WearState } from '../../../core/estimators/wear-history.ts'
import type { Values } from '../../../core/reading.ts'
import { inputFor } from '../../replay.ts'
import { brakeDrift } from './brake-drift.ts'
import { doorReopens } from './door-reopens.ts'
import { levellingDrift } from './levelling-drift.ts'
import { motorCurrentPerLoad } from './motor-current-per-load.ts'
import { relevelling } from './relevelling.ts'
import { rideVibration } from './ride-vibration.ts'
import { ropeSlip } from './rope-slip.ts'
import { stoppingDistance } from './stopping-distance.ts'
import { vibrationDrift } from './vibration-drift.ts'
import type { WearRuleState } from './wear.ts'

/** What every rule about wear does, at its own figures. */
interface Wears {
  readonly detector: Detector
  readonly says: (value: number) => Values
  /** From which value on a usual one has changed, and is over the limit. */
  readonly levels: readonly (readonly [usual: number, changed: number, limit: number])[]
  readonly resolution: number
  readonly overTimes: number
  readonly fewestValues: number
  /** Share by which a usual value varies: all of it where single events are counted. */
  readonly variesBy: number
  /** The counter of its events. */
  readonly oncePer?: 'trips' | 'doorCycles'
}

const rules: readonly Wears[] = [
  {
    detector: brakeDrift,
    oncePer: 'trips',
    says: (brakeApplyMs) => ({ brakeApplyMs }),
    levels: [
      [40, 50, 60],
      [180, 216, 270],
    ],
    resolution: 1,
    ...{ overTimes: 5, fewestValues: 3, variesBy: 0.06 },
  },
  {
    detector: stoppingDistance,
    oncePer: 'trips',
    says: (stopDistanceMm) => ({ stopDistanceMm }),
    levels: [
      [20, 25, 30],
      [100, 120, 150],
    ],
    resolution: 1,
    ...{ overTimes: 5, fewestValues: 3, variesBy: 0.06 },
  },
  {
    detector: levellingDrift,
    oncePer: 'trips',
    says: (levellingErrorMm) => ({ levellingErrorMm }),
    levels: [
      [4, 7, 10],
      [6.4, 9.6, 10],
    ],
    resolution: 0.5,
    ...{ overTimes: 5, fewestValues: 3, variesBy: 0.06 },
  },
  {
    detector: ropeSlip,
    oncePer: 'trips',
    says: (ropeSlipMm) => ({ ropeSlipMm }),
    levels: [
      [9, 19, 30],
      [24, 36, 72],
    ],
    resolution: 0.5,
    ...{ overTimes: 5, fewestValues: 3, variesBy: 0.06 },
  },
  {
    detector: vibrationDrift,
    says: (vibrationMmPerS) => ({ vibrationMmPerS }),
    levels: [
      [0.5, 0.7, 1.8],
      [1, 1.3, 2.5],
    ],
    resolution: 0.02,
    ...{ overTimes: 20, fewestValues: 3, variesBy: 0.06 },
  },
  {
    detector: rideVibration,
    says: (carVibrationMps2) => ({ carVibrationMps2 }),
    levels: [
      [0.1, 0.15, 0.3],
      [0.2, 0.26, 0.3],
    ],
    resolution: 0.005,
    ...{ overTimes: 20, fewestValues: 3, variesBy: 0.06 },
  },
  {
    detector: motorCurrentPerLoad,
    says: (motorAmps) => ({ motorAmps, direction: 'up', carSpeedMps: 1 }),
    levels: [[10, 11.5, 14]],
    resolution: 0.005,
    ...{ overTimes: 30, fewestValues: 10, variesBy: 0.06 },
  },
  {
    detector: relevelling,
    oncePer: 'trips',
    says: (relevels) => ({ relevels }),
    levels: [
      [0.1, 0.25, 1],
      [0.5, 1, 1.5],
    ],
    resolution: 0.2,
    ...{ overTimes: 20, fewestValues: 20, variesBy: 1 },
  },
  {
    detector: doorReopens,
    oncePer: 'doorCycles',
    says: (doorReopens) => ({ doorReopens }),
    levels: [
      [0.04, 0.12, 0.5],
      [0.2, 0.5, 0.6],
    ],
    resolution: 0.2,
    ...{ overTimes: 30, fewestValues: 20, variesBy: 1 },
  },
]

const cases = rules.flatMap(({ levels, ...rule }) =>
  levels.map(([usual, changed, limit]) => ({ ...rule, id: rule.detector.id, usual, changed, limit })),
)
type Case = (typeof cases)[number]

const start = Date.parse('2025-06-02T10:00:00+08:00')
const mostPerDay = 40

/** When it is first found: its day, and which value of that day it was. The values of a day come from 10 to 17 o'clock. */
function foundAt({ detector, says }: Case, valuesOf: (day: number) => readonly number[], days: number) {
  let state = detector.initial
  for (let day = 0; day < days; day++) {
    for (const [n, value] of valuesOf(day).entries()) {
      const at = start + day * dayMs + n * 10 * minuteMs
      const step = detector.step(state, { at, ...says(value) }, detector.settings, {})
      if (step.finding) return { day, count: n + 1 }
      state = step.state
    }
  }
  return undefined
}

/** As it usually is before day `from`, and this value from then on. */
const after =
  ({ usual, variesBy }: Case, from: number, value: number, perDay = mostPerDay) =>
  (day: number) =>
    day < from
      ? Array.from({ length: mostPerDay }, (_, n) => usual * (1 + (n % 2 === 0 ? -variesBy : variesBy)))
      : Array<number>(perDay).fill(value)

test.each(cases)('$id, usually $usual: over $limit it is found at once, at it or below it is not', (one) => {
  expect(foundAt(one, after(one, 12, 1.01 * one.limit), 13)).toEqual({ day: 12, count: one.overTimes })
  expect(foundAt(one, after(one, 12, one.limit), 13)).toBeUndefined()
})

test.each(cases)(
  '$id, usually $usual: three days over $changed are a change, also where little more than seven days are known',
  (one) => {
    expect(foundAt(one, after(one, 12, 1.02 * one.changed), 20)).toEqual({ day: 15, count: 1 })
    expect(foundAt(one, after(one, 6, 1.02 * one.changed), 20)).toEqual({ day: 11, count: 1 })
    expect(foundAt(one, after(one, 12, 0.98 * one.changed), 20)).toBeUndefined()
  },
)

test.each(cases)('$id, usually $usual: a day with fewer than $fewestValues values tells nothing', (one) => {
  const few = (count: number) => foundAt(one, after(one, 12, 1.02 * one.changed, count), 20)
  expect(few(one.fewestValues - 1)).toBeUndefined()
  expect(few(one.fewestValues)).toBeDefined()
})

test.each(cases)('$id, usually $usual: any number of days in a row can be asked for', (one) => {
  const detector = { ...one.detector, settings: { ...one.detector.settings, shiftDays: 5 } }
  const found = foundAt({ ...one, detector }, after(one, 16, Math.min(1.1 * one.changed, one.limit)), 40)

  expect(found?.day).toBeGreaterThanOrEqual(20)
  expect(found?.day).toBeLessThanOrEqual(24)
})

test.each([12, 13])('a day without a value is in no row of three: from day %d on', (from) => {
  const one = cases.find(({ id }) => id === levellingDrift.id) as Case
  const usual = after(one, from, 1.02 * one.changed)

  expect(foundAt(one, (day) => (day === from + 2 ? [] : usual(day)), from + 5)).toBeUndefined()
  expect(foundAt(one, (day) => (day === from + 2 ? [] : usual(day)), from + 8)).toBeDefined()
})

/** Everything that a gateway says, also without a value: as the host would give it, and what it found meanwhile. */
function heard(
  { detector }: Pick<Wears, 'detector'>,
  said: readonly { readonly at: number; readonly values: Values }[],
  before: unknown = detector.initial,
) {
  let state = before
  let found = 0
  for (const reading of said) {
    const input = inputFor(detector, reading)
    const step = input && detector.step(state, input, detector.settings, {})
    if (step?.finding) found++
    if (step) state = step.state
  }
  return { state, found }
}

const told = (from: number, values: readonly Values[]) =>
  values.map((each, n) => ({ at: start + from + n * minuteMs, values: each }))

test.each(cases)(
  '$id, usually $usual: what it does after a word on inspection, told by itself, is not its wear',
  (one) => {
    const { detector, says, limit } = one
    const usual = after(one, 30, 0)
    const before = heard(
      { detector },
      Array.from({ length: 12 }, (_, day) => told(day * dayMs, usual(day).map(says))).flat(),
    )
    const atWork = Array<Values>(3 * mostPerDay).fill(says(5 * limit))
    const during = heard({ detector }, told(12 * dayMs, [{ mode: 'inspection' }, ...atWork]), before.state)

    expect(before.found).toBe(0)
    expect(during.found).toBe(0)
    const { state } = heard({ detector }, told(12 * dayMs + 3 * hourMs, [{ mode: 'normal' }]), during.state)
    const { state: spared } = heard({ detector }, told(12 * dayMs, [{ mode: 'normal' }]), before.state)
    expect(state).toEqual(spared)
  },
)

const perEvent = cases.flatMap((one) => (one.oncePer ? [{ ...one, oncePer: one.oncePer }] : []))

/** So many readings of a value far over the limit after twelve days as usual; what else each says is given. */
function afterUsual(one: (typeof perEvent)[number], count: number, beside: (n: number) => Values) {
  const usual = after(one, 30, 0)
  const days = Array.from({ length: 12 }, (_, day) => told(day * dayMs, usual(day).map(one.says))).flat()
  const far = Array.from({ length: count }, (_, n) => ({ ...one.says(2 * one.limit), ...beside(n) }))
  return heard(one, [...days, ...told(12 * dayMs, far)]).found
}

test.each(perEvent)('$id, usually $usual: what a gateway repeats until the next $oncePer counts once', (one) => {
  const { oncePer, overTimes } = one
  expect(afterUsual(one, 60, () => ({ [oncePer]: 7, floor: 3 }))).toBe(0)
  expect(afterUsual(one, overTimes - 1, (n) => ({ [oncePer]: 7 + n, floor: 3 }))).toBe(0)
  expect(afterUsual(one, overTimes, (n) => ({ [oncePer]: 7 + n, floor: 3 }))).toBe(1)
})

test.each(perEvent)('$id, usually $usual: without a counter it counts once per floor where the car stands', (one) => {
  expect(afterUsual(one, 60, () => ({ floor: 3, carSpeedMps: 0 }))).toBe(0)
  expect(afterUsual(one, 60, (n) => ({ floor: n, carSpeedMps: 1.5 }))).toBe(0)
  expect(afterUsual(one, one.overTimes, (n) => ({ floor: n % 2, carSpeedMps: 0 }))).toBe(1)
})

test.each(perEvent)('$id, usually $usual: a counter or floor that some readings lack counts no repetition', (one) => {
  const inEvery = (step: number, values: Values) => afterUsual(one, 60, (n) => (n % step === 0 ? values : {}))

  expect(inEvery(2, { [one.oncePer]: 7 })).toBe(0)
  expect(inEvery(3, { [one.oncePer]: 7, floor: 3 })).toBe(0)
  expect(inEvery(2, { floor: 3, carSpeedMps: 0 })).toBe(0)
})

test.each(perEvent)('$id, usually $usual: floors that pass a car of unknown speed are no stops', (one) => {
  expect(afterUsual(one, 60, (n) => ({ floor: n }))).toBe(0)
  expect(afterUsual(one, 60, (n) => ({ floor: n, brakeState: 'released' }))).toBe(0)
  expect(afterUsual(one, one.overTimes, (n) => ({ floor: n % 2, brakeState: 'applied' }))).toBe(1)
})

const perTrip = perEvent.filter(({ oncePer }) => oncePer === 'trips')

test.each(perTrip)('$id, usually $usual: a trip that is counted as the car departs is one stop', (one) => {
  const rides = (stops: number) => {
    const usual = Array.from({ length: 12 }, (_, day) => told(day * dayMs, after(one, 30, 0)(day).map(one.says))).flat()
    const far = Array.from({ length: stops }, (_, n) => [
      { ...one.says(2 * one.limit + n / 10), trips: n, carSpeedMps: 0 },
      { ...one.says(2 * one.limit + n / 10), trips: n + 1, carSpeedMps: 1.5 },
    ])
    return heard(one, [...usual, ...told(12 * dayMs, far.flat())]).found
  }
  expect(rides(one.overTimes - 1)).toBe(0)
  expect(rides(one.overTimes)).toBe(1)
})

test.each(perTrip)('$id, usually $usual: a whole ride between two readings of a moving car was a stop', (one) => {
  expect(afterUsual(one, 2 * one.overTimes, (n) => ({ trips: n, carSpeedMps: 1.5 }))).toBe(1)
})

test.each(perEvent)('$id, usually $usual: a state saved before events were told apart goes on', (one) => {
  const usual = Array.from({ length: 12 }, (_, day) => told(day * dayMs, after(one, 30, 0)(day).map(one.says))).flat()
  const saved = JSON.parse(
    JSON.stringify(heard(one, usual).state, (key, value) => (['last', 'floors'].includes(key) ? undefined : value)),
  )
  const far = Array.from({ length: one.overTimes }, (_, n) => ({ ...one.says(2 * one.limit), [one.oncePer]: n }))

  expect(heard(one, told(12 * dayMs, far), saved).found).toBe(1)
})

test.each(perEvent)('$id, usually $usual: of what stands alone, the same minute after minute counts once', (one) => {
  expect(afterUsual(one, 60, () => ({}))).toBe(0)
})

test.each(rules)(
  '$detector.id: a machine that is set up in inspection mode teaches nothing',
  ({ detector, says, levels }) => {
    const values = Array<Values>(3 * mostPerDay).fill(says(levels[0]?.[0] ?? 0))
    const { state } = heard({ detector }, told(0, [{ mode: 'inspection' }, ...values, { mode: 'normal' }]))

    expect(state).toEqual(heard({ detector }, told(0, [{ mode: 'inspection' }, { mode: 'normal' }])).state)
  },
)

test.each(rules)(
  '$detector.id: of what never varied, a value far away counts for five times the resolution',
  (rule) => {
    const { detector, says, levels, resolution } = rule
    const usual = levels[0]?.[0] ?? 0
    let state = detector.initial
    for (let n = 0; n < 100; n++) {
      const at = start + Math.floor(n / 25) * dayMs + (n % 25) * 10 * minuteMs
      state = detector.step(state, { at, ...says(n === 99 ? 100 * usual : usual) }, detector.settings, {}).state
    }
    expect(wearOf(state)?.sum).toBeCloseTo(5 * resolution, 8)
  },
)

/** Of the quantity itself, or the first of two. */
function wearOf(state: unknown): WearState | undefined {
  const { apply, wear } = state as { apply?: WearRuleState; wear?: WearState | WearRuleState }
  const kept = apply?.wear ?? wear
  return kept !== undefined && 'wear' in kept ? kept.wear : kept
}

test('a growth that will be at the limit within 30 days, by the early end of its interval, is found then', () => {
  let state = levellingDrift.initial
  const said: unknown[] = []
  for (let day = 0; said.length === 0 && day < 150; day++) {
    for (let n = 0; said.length === 0 && n < 10; n++) {
      const levellingErrorMm = (6.6 + 0.03 * Math.max(0, day - 12)) * (n % 2 === 0 ? 0.99 : 1.01)
      const at = start + day * dayMs + n * (hourMs / 2)
      const step = levellingDrift.step(state, { at, levellingErrorMm }, levellingDrift.settings, {})
      if (step.finding) said.push(step.finding.evidence.leftLowDays)
      state = step.state
    }
  }
  expect(said[0]).toBeGreaterThan(25)
  expect(said[0]).toBeLessThanOrEqual(30)
})
