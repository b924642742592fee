import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { nightLoad } from './night-load.ts'
import { days, longNews, noon } from './series.ts'

/** From noon on; at `hour` of the day, on day 0, 1, … */
const room = (count: number, watts: (hour: number, day: number) => number, everySeconds = 30) =>
  days(count, everySeconds, noon, (since) => {
    const hour = (since + 12) % 24
    return { watts: watts(hour, Math.floor((since + 12) / 24)) }
  })
const rest = (hour: number) => 60 + ((hour * 60) % 41 < 14 ? 85 : 0)
const found = (count: number, watts: (hour: number, day: number) => number, facts = {}) =>
  longNews(nightLoad, room(count, watts), facts)

/** Between one and five in the night before day 5. */
const heater = (hour: number, day: number) => (day === 5 && hour > 1 && hour < 5 ? 1_500 : 0)

test('a heater in the fifth night is a warning after an hour, and over when it was switched off', () => {
  expect(found(6, (hour, day) => rest(hour) + heater(hour, day))).toEqual(['110.0 h warning', '113.3 h cleared'])
})

test('what was left on in the evening is told after two hours of the night', () => {
  const left = (hour: number, day: number) => (day === 5 && hour < 7) || (day === 4 && hour > 22)
  expect(found(6, (hour, day) => rest(hour) + (left(hour, day) ? 1_500 : 0))).toEqual([
    '110.0 h warning',
    expect.stringMatching(/cleared$/),
  ])
})

test('the night ends at six', () => {
  const until = (to: number) => found(6, (hour, day) => rest(hour) + (day === 5 && hour > 4.8 && hour < to ? 1_500 : 0))
  expect(until(6.5)).toEqual(['113.8 h warning', expect.stringMatching(/^114\.\d h cleared$/)])
  expect(until(5.7)).toEqual([])
})

test('it is over 200 W below the limit', () => {
  const turnedDown = (watts: number) =>
    found(6, (hour, day) => 100 + (day !== 5 || hour < 1 || hour > 6 ? 0 : hour < 3 ? 1_500 : watts))
  expect(turnedDown(830)).toEqual(['110.0 h warning', expect.stringMatching(/^114\.\d h cleared$/)])
  expect(turnedDown(790)).toEqual(['110.0 h warning', '111.3 h cleared'])
})

test('it says what is usual', () => {
  let finding: ReturnType<typeof nightLoad.step>['finding']
  let state = nightLoad.initial
  for (const { at, values } of room(6, (hour, day) => rest(hour) + heater(hour, day))) {
    const step = nightLoad.step(state, { at, ...values }, nightLoad.settings, {})
    state = step.state
    finding ??= step.finding
  }
  expect(finding?.summary).toMatch(/^1[56]\d\d W run at night; usually at most 1\d\d W for half an hour$/)
  expect(finding?.evidence).toMatchObject({ usualWatts: expect.any(Number), limitWatts: expect.any(Number) })
})

test('a habit is told for four nights; then most of the last seven have it', () => {
  const said = found(14, (hour, day) => rest(hour) + (day > 7 && hour > 1 && hour < 5 ? 1_400 : 0))
  expect(said.filter((each) => each.endsWith('warning'))).toHaveLength(4)
  expect(said.at(-1)).toMatch(/cleared$/)
})

test('4 kW are told for more nights before they are usual', () => {
  const nights = (watts: number) =>
    found(16, (hour, day) => rest(hour) + (day > 4 && hour > 1 && hour < 5 ? watts : 0)).filter((each) =>
      each.endsWith('warning'),
    ).length
  expect(nights(4_000)).toBeGreaterThan(nights(1_400))
})

test.each<[string, (hour: number, day: number) => number, object]>([
  [
    'the first hot night with the air conditioner',
    (hour, day) => rest(hour) + (day === 5 && (hour * 60) % 30 < 22 ? 950 : 0),
    {},
  ],
  ['a kettle and a stove at night', (hour, day) => rest(hour) + (day === 5 && hour > 2 && hour < 2.5 ? 1_900 : 0), {}],
  [
    'a heater for somebody who gets up half an hour before the night ends',
    (hour, day) => rest(hour) + (day === 5 && hour > 5.5 && hour < 9 ? 1_500 : 0),
    {},
  ],
  [
    'a heater in the evening, off before people sleep',
    (hour, day) => rest(hour) + ((day === 5 && hour > 19) || hour < 0.5 ? 1_800 : 0),
    {},
  ],
  [
    'a water heater that was emptied late in the evening',
    (hour, day) => rest(hour) + ((day === 5 && hour < 1.4) || (day === 4 && hour > 22.8) ? 1_500 : 0),
    {},
  ],
  ['a room whose heater runs every night', (hour) => rest(hour) + (hour > 1 && hour < 5 ? 1_500 : 0), {}],
  ['a hotel', (hour, day) => rest(hour) + heater(hour, day), { use: 'hotel' }],
  ['its first nights', (hour, day) => rest(hour) + (day === 3 && hour > 1 && hour < 5 ? 1_500 : 0), {}],
])('stays silent for %s', (_, watts, facts) => {
  expect(found(7, watts, facts)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  let learned = nightLoad.initial
  for (const { at, values } of room(5, rest))
    learned = nightLoad.step(learned, { at, ...values }, nightLoad.settings, {}).state
  // the test begins on 1 January 1970 at 8 o'clock in Hangzhou: a night for those who work at night
  const settings = { ...nightLoad.settings, fromHour: 8, toHour: 7 }
  const shift = { ...(learned as object), at: 0, halfHour: -1, seconds: 0, seen: 0 }

  expectNeverEarly(
    { ...nightLoad, initial: shift, settings },
    { holds: { watts: 1_700 }, calm: { watts: 60 }, seconds: 3_600 },
  )
})
