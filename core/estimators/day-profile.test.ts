import { mean } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../clock.ts'
import { type DayProfile, learnDayProfile, noDayProfile, usualOffset } from './day-profile.ts'

const learned = (everyMs: number, days: number, of: (at: number) => number, memoryMs = 14 * dayMs): DayProfile => {
  let profile = noDayProfile
  for (let at = 0, turn = 1; at < days * dayMs; at += everyMs, turn++)
    profile = learnDayProfile(profile, at, of(at), everyMs, memoryMs, turn)
  return profile
}
const sine = (at: number) => 20 + 5 * Math.sin((2 * Math.PI * at) / dayMs)

test('after a day it is the mean of these two hours less the mean of the day', () => {
  const profile = learned(10 * minuteMs, 1, sine)
  const evening = Array.from({ length: 12 }, (_, index) => sine(18 * hourMs + index * 10 * minuteMs))

  expect(usualOffset(profile, dayMs + 19 * hourMs)).toBeCloseTo((12 / 15) * (mean(evening) - 20), 2)
})

test('one sample an hour and one a minute end with the same profile', () => {
  const everyTwoHours = (at: number) => sine(Math.floor(at / (2 * hourMs)) * 2 * hourMs)
  const rare = learned(hourMs, 30, everyTwoHours)
  const often = learned(minuteMs, 30, everyTwoHours)

  for (const hour of [3, 7, 15, 19])
    expect(usualOffset(rare, hour * hourMs) / usualOffset(often, hour * hourMs)).toBeCloseTo(1, 0.9)
})

test('a habit that changed is forgotten within its memory, at any sampling', () => {
  for (const everyMs of [minuteMs, hourMs]) {
    const moved = learned(everyMs, 60, (at) => (at < 30 * dayMs ? sine(at) : sine(at + dayMs / 2)), 7 * dayMs)

    expect(usualOffset(moved, 7 * hourMs)).toBeLessThan(-3.5)
  }
})

test('says nothing about hours that it has not seen', () => {
  expect(usualOffset(learned(minuteMs, 0.25, sine), 13 * hourMs)).toBe(0)
})
