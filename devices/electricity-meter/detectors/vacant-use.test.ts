import { expect, test } from 'vitest'
import { hourMs } from '../../../core/clock.ts'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay } from '../../replay.ts'
import { news, noon, series, times } from './series.ts'
import { vacantUse } from './vacant-use.ts'

const home = { occupied: true, watts: 1_600 }
const gone = { occupied: false, watts: 1_600 }
const left = { occupied: false, watts: 120 }
const midnight = noon + 12 * hourMs

test('a heater that runs on for two hours after everyone has left is a warning', () => {
  const inputs = series([...times(30, home), ...times(130, gone)], 60)

  expect(news(vacantUse, inputs)).toEqual([`${150 * 60} s warning`])
  expect(replay(vacantUse, inputs)[0]?.finding).toMatchObject({
    summary: '1600 W run in a room where nobody has been for 2.0 h',
    evidence: { watts: 1_600, limitWatts: 500, vacantHours: 2 },
  })
})

test('presence that is told only when it changes holds until it is told again', () => {
  const inputs = series([{ occupied: false }, ...times(130, { watts: 1_600 })], 60)
  expect(news(vacantUse, inputs)).toEqual([`${121 * 60} s warning`])
})

test('it is over when someone comes, or a quarter of an hour after it was switched off', () => {
  const burning = times(130, gone)
  expect(news(vacantUse, series([...burning, home], 60))).toEqual(['7200 s warning', '7800 s cleared'])
  expect(news(vacantUse, series([...burning, ...times(30, left)], 60))).toEqual(['7200 s warning', '8700 s cleared'])
  const dimmed = (watts: number) => series([...burning, ...times(60, { occupied: false, watts })], 60)
  expect(news(vacantUse, dimmed(410))).toEqual(['7200 s warning'])
  expect(news(vacantUse, dimmed(390))).toEqual(['7200 s warning', '8700 s cleared'])
})

test('a room that was left in the evening is empty at night too', () => {
  expect(news(vacantUse, series(times(900, gone), 60, noon + 9 * hourMs))).toEqual(['7200 s warning'])
})

test.each([
  [-4.1, 0],
  [-3.9, 1],
  [9.9, 1],
  [10.1, 0],
])('a vacancy that began by day, from 8 to 22, counts after two hours: one from %d h after noon on', (hours, count) => {
  expect(news(vacantUse, series(times(240, gone), 60, noon + hours * hourMs))).toHaveLength(count)
})

/** A heater that is left on from then on, by someone who was seen without a break for so many minutes before, hours after noon. */
const leavesAt = (hours: number, seenMinutes: number) =>
  series(
    [...times(5, { ...left, occupied: false }), ...times(seenMinutes, home), ...times(630, gone)],
    60,
    noon + hours * hourMs - (seenMinutes + 5) * 60_000,
  )
const toldAfterHours = (hours: number, seenMinutes: number) => {
  const [first] = replay(vacantUse, leavesAt(hours, seenMinutes))
  return first && Math.round(10 * ((first.at - noon) / hourMs - hours)) / 10
}

test('who leaves for work before eight has left: two hours, if they were about for half an hour, else from noon on', () => {
  expect(toldAfterHours(-4.25, 40)).toBe(2)
  expect(toldAfterHours(-6.5, 40)).toBe(2)
  expect(toldAfterHours(-4.25, 20)).toBe(6.3)
  // at four one goes to bed again
  expect(toldAfterHours(-7.5, 40)).toBe(9.5)
})

const keepingWarm = Array.from({ length: 600 }, (_, i) => (i % 60 < 25 ? gone : left))
const warmingUp = [...times(30, home), ...times(110, gone), ...times(300, left)]

test.each([
  ['a fridge and standby in an empty room', series(times(600, left), 60)],
  [
    'a water heater that keeps itself warm, or warms up again after the showers',
    series([...keepingWarm, ...warmingUp], 60),
  ],
  ['people who sleep, and are not seen', series([...times(10, home), ...times(11 * 60, gone)], 60, midnight)],
  [
    'people who sleep, and are not seen, after an evening at home',
    series([...times(240, home), ...times(11 * 60, gone), home], 60, midnight - 3 * hourMs),
  ],
  [
    'someone who went out for half an hour',
    series(
      Array.from({ length: 600 }, (_, i) => (i % 60 < 35 ? gone : home)),
      60,
    ),
  ],
  ['a room without a sensor of presence', series(times(600, { watts: 1_600 }), 60)],
  ['someone at home', series(times(600, home), 60)],
])('stays silent for %s', (_, inputs) => {
  expect(news(vacantUse, inputs)).toEqual([])
})

test('a room that has been empty since last night is empty', () => {
  expect(news(vacantUse, series(times(15 * 60, gone), 60, midnight))).toHaveLength(1)
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(vacantUse, {
    holds: { watts: 1_600 },
    calm: { watts: 120 },
    seconds: 7_200,
    before: series([{ occupied: false }], 10, -86_400_000),
  })
})
