import { expect, test } from 'vitest'
import { hourMs } from '../../../core/clock.ts'
import type { Values } from '../../../core/reading.ts'
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

/** After how many hours a heater is told that was left on, hours after noon, by someone of whom this had been seen, minute by minute. */
const toldAfterHours = (hours: number, seen: readonly Values[], settings: Partial<typeof vacantUse.settings> = {}) => {
  const inputs = series([...seen, ...times(900, gone)], 60, noon + hours * hourMs - seen.length * 60_000)
  const [first] = replay(vacantUse, inputs, { settings: { ...vacantUse.settings, ...settings } })
  return first && Math.round(10 * ((first.at - noon) / hourMs - hours)) / 10
}
const asleep = times(60, { ...left, occupied: false })

test('who leaves for work before eight has left: two hours, if they were about for half an hour, else from noon on', () => {
  expect(toldAfterHours(-4.25, [...asleep, ...times(40, home)])).toBe(2)
  expect(toldAfterHours(-6.25, [...asleep, ...times(40, home)])).toBe(2)
  expect(toldAfterHours(-4.25, [...asleep, ...times(20, home)])).toBe(6.3)
  // at four one goes to bed again, and the morning begins at five
  expect(toldAfterHours(-6.5, [...asleep, ...times(40, home)])).toBe(8.5)
  expect(toldAfterHours(-7.5, [...asleep, ...times(40, home)])).toBe(9.5)
  // twice in the bathroom, then in bed again
  expect(toldAfterHours(-6.25, [...asleep, ...times(5, home), ...times(30, gone), ...times(5, home)])).toBe(8.3)
  // out of sight for a little, and back again for the keys
  const dresses = [...times(10, home), ...times(10, gone), ...times(40, home), ...times(10, gone), ...times(35, home)]
  expect(toldAfterHours(-4.25, [...asleep, ...dresses, left])).toBe(2)
})

test('whom the sensor saw asleep and loses in the morning has not left: not before noon', () => {
  expect(toldAfterHours(-6.5, times(450, home))).toBe(8.5)
  expect(toldAfterHours(-6.5, [...asleep, ...times(450, home)])).toBe(8.5)
  const turnsOver = [...asleep, ...times(450, home), ...times(10, gone), ...times(40, home)]
  expect(toldAfterHours(-5.5, turnsOver)).toBe(7.5)
  const atHomeSinceYesterday = [...asleep, ...times(24 * 60 + 30, home)]
  expect(toldAfterHours(-5, atHomeSinceYesterday)).toBe(7)
})

test('morning and noon are those of the set night, and who sleeps in it is not told of', () => {
  const shiftWorker = { nightFromHour: 8, nightToHour: 16 }
  expect(toldAfterHours(-3.5, times(10, home), shiftWorker)).toBe(13.5)
  expect(toldAfterHours(-3.5, [...asleep, ...times(90, home)], shiftWorker)).toBe(13.5)
  expect(toldAfterHours(3.5, [...asleep, ...times(60, home)], shiftWorker)).toBe(2)
  // of a short night its second half
  expect(toldAfterHours(-9.5, [...asleep, ...times(60, home)], { nightFromHour: 2, nightToHour: 4 })).toBe(7.5)
  // the day has no noon four hours after the night
  const longNight = { nightFromHour: 24, nightToHour: 22 }
  expect(toldAfterHours(-8, times(10, home), longNight)).toBe(14)
  expect(toldAfterHours(-11.5, [...asleep, ...times(60, home)], longNight)).toBe(14)
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
    'people who sleep, and are seen until half past five',
    series([...times(450, home), ...times(6 * 60, gone), home], 60, midnight - 2 * hourMs),
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
