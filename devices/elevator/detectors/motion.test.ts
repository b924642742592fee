import { expect, test } from 'vitest'
import { type Motion, motionAfter, stands, tripCounted, unknownMotion } from './motion.ts'
import { every10s, type Said, said, start } from './said.ts'

/** What is known of the car's motion after these readings. */
function after(readings: readonly Said[]): Motion {
  return readings.reduce((motion, { at, values }) => motionAfter(motion, { at, ...values }), unknownMotion)
}

/** So many seconds after the start. */
const standsAt = (seconds: number, readings: readonly Said[]) => stands(after(readings), start + seconds * 1_000)

test('of a car that says nothing of its motion nobody knows', () => {
  expect(standsAt(0, [])).toBeUndefined()
  expect(standsAt(10, [said(0, {})])).toBeUndefined()
})

test.each([
  ['a speed of 0.05 m/s', { carSpeedMps: 0.05 }, true],
  ['the same, down', { carSpeedMps: -0.05 }, true],
  ['a faster one', { carSpeedMps: 0.06 }, false],
  ['a faster one, down', { carSpeedMps: -0.06 }, false],
  ['an applied brake', { brakeState: 'applied' }, true],
  ['a released brake', { brakeState: 'released' }, false],
  ['no arrow', { direction: 'none' }, true],
  ['an arrow', { direction: 'down' }, false],
])('%s says by itself whether the car stands', (_, values, expected) => {
  expect(standsAt(1, [said(0, values)])).toBe(expected)
})

test('the speed is believed before the brake, and the brake before the arrow', () => {
  const standing = { carSpeedMps: 0, brakeState: 'applied', direction: 'none' }

  expect(standsAt(1, [said(0, { ...standing, brakeState: 'released', direction: 'up' })])).toBe(true)
  expect(standsAt(1, [said(0, { ...standing, carSpeedMps: 1 })])).toBe(false)
  expect(standsAt(1, [said(0, { brakeState: 'applied', direction: 'up' })])).toBe(true)
  expect(standsAt(1, [said(0, { brakeState: 'released', direction: 'none' })])).toBe(false)
})

test.each([
  ['a brake that is released', { brakeState: 'applied' }, { brakeState: 'released' }],
  ['an arrow that lights', { direction: 'none' }, { direction: 'up' }],
])('%s after a speed of 0 begins a ride, and the next word on the speed wins again', (_, rest, begins) => {
  const begun = [said(0, { carSpeedMps: 0, ...rest }), said(20, begins)]

  expect(standsAt(21, begun)).toBe(false)
  expect(standsAt(31, [...begun, said(30, { carSpeedMps: 0 })])).toBe(true)
  expect(standsAt(1, [said(0, { carSpeedMps: 0, ...begins })])).toBe(true)
})

test('what a reading does not say stays as it was, and "stands" holds, however old', () => {
  expect(standsAt(86_400, [said(0, { carSpeedMps: 0 }), said(10, {}), said(20, { direction: 'none' })])).toBe(true)
  expect(after([said(0, { floor: 5 }), said(10, { carSpeedMps: 1 })]).floor).toBe(5)
})

test('"moves" is believed for 90 s after the last sign of it: then a word that it stands counts, else it stands', () => {
  const dead = [said(0, { carSpeedMps: 1.6, brakeState: 'released' })]

  expect(standsAt(90, dead)).toBe(false)
  expect(standsAt(90.001, dead)).toBe(true)
  expect(standsAt(91, [...dead, said(5, { brakeState: 'applied' })])).toBe(true)
  expect(standsAt(90, [...dead, said(5, { brakeState: 'applied' })])).toBe(false)
})

test.each([
  ['a speed that is said again', { carSpeedMps: 1.6 }, true],
  ['another floor', { floor: 6 }, true],
  ['the same floor', { floor: 5 }, false],
  ['a brake that stays released', { brakeState: 'released' }, false],
  ['an arrow that stays lit', { direction: 'up' }, false],
  ['an arrow that turns', { direction: 'down' }, false],
])('a new sign of movement or none: %s', (_, values, isSign) => {
  const riding = said(0, { carSpeedMps: 1.6, brakeState: 'released', direction: 'up', floor: 5 })
  expect(standsAt(140, [riding, said(60, values)])).toBe(!isSign)
})

test('a brake that is released, or an arrow that lights, is a sign of movement', () => {
  for (const [calm, moving] of [
    [{ brakeState: 'applied' }, { brakeState: 'released' }],
    [{ direction: 'none' }, { direction: 'up' }],
  ] as const) {
    expect(after([said(0, calm), said(50, moving)]).movedAt).toBe(start + 50_000)
    expect(after([said(0, calm), said(50, calm)]).movedAt).toBe(0)
  }
})

test('a floor alone says that the car stands when it is said again within 30 s, for 30 s', () => {
  const at = (...seconds: number[]) => seconds.map((s) => said(s, { floor: 3 }))

  expect(standsAt(0, at(0))).toBeUndefined()
  expect(standsAt(10, at(0, 10))).toBe(true)
  expect(standsAt(30, at(0, 30))).toBe(true)
  expect(standsAt(31, at(0, 31))).toBeUndefined()
  expect(standsAt(40, at(0, 10))).toBe(true)
  expect(standsAt(40.001, at(0, 10))).toBeUndefined()
  expect(standsAt(10, [said(0, { floor: 3 }), said(10, { floor: 4 })])).toBeUndefined()
  // once another metric tells of motion, the floor has no say
  expect(standsAt(60, [...at(0, 10), said(20, { direction: 'none' })])).toBe(true)
})

test('a reading that says nothing new leaves the same object, so that nothing is written', () => {
  const standing = { carSpeedMps: 0, brakeState: 'applied', direction: 'none', floor: 3 }
  const known = after([said(0, standing)])

  for (const { at, values } of every10s(10, 50, standing)) expect(motionAfter(known, { at, ...values })).toBe(known)
  expect(motionAfter(known, { at: start + 60_000, floor: 4 })).not.toBe(known)
})

test('a sign of movement outlasts, for 90 s, the words that the car stands from before it', () => {
  const parked = said(0, { carSpeedMps: 0, floor: 5 })
  const rides = [parked, said(20, { floor: 6 })]
  expect(standsAt(20, rides)).toBe(false)
  expect(standsAt(110, rides)).toBe(false)
  expect(standsAt(110.001, rides)).toBe(true)
  for (const word of [{ carSpeedMps: 0 }, { brakeState: 'applied' }, { direction: 'none' }]) {
    expect(standsAt(40, [...rides, said(30, word)])).toBe(true)
  }
  expect(standsAt(40, [...rides, said(30, { floor: 6 })])).toBe(false)
})

test('a word that it stands, in the reading of the sign, is of now', () => {
  expect(standsAt(21, [said(0, { carSpeedMps: 0, floor: 5 }), said(20, { carSpeedMps: 0, floor: 6 })])).toBe(true)
})

test('each metric comes by itself: a floor within two seconds after the word that it stands is of the same stop', () => {
  const stop = (seconds: number) => [
    said(0, { carSpeedMps: 1, floor: 5 }),
    said(10, { carSpeedMps: 0 }),
    said(seconds, { floor: 6 }),
  ]
  expect(standsAt(20, stop(12))).toBe(true)
  expect(standsAt(20, stop(12.1))).toBe(false)
})

test.each([{ brakeState: 'released' }, { direction: 'down' }])('it departs at once by %o', (word) => {
  const parked = said(0, { carSpeedMps: 0, direction: 'none' })
  expect(standsAt(1, [parked, said(0.5, word)])).toBe(false)
  expect(standsAt(1, [parked, said(0.5, { ...word, carSpeedMps: 0 })])).toBe(true)
})

test('an arrow that is lit moves no car whose brake is said to be applied: who is shut in presses buttons', () => {
  const parked = said(0, { carSpeedMps: 0, brakeState: 'applied', direction: 'none' })
  const lit = [parked, said(20, { direction: 'up' })]
  expect(standsAt(21, lit)).toBe(true)
  expect(standsAt(22, [...lit, said(22, { brakeState: 'released' })])).toBe(false)
  expect(standsAt(25, [...lit, said(25, { floor: 5 }), said(25, { floor: 6 })])).toBe(false)
})

test('a trip that is counted is a sign of movement, but of a car that is said to stand', () => {
  const counted = (readings: readonly Said[]) => stands(tripCounted(after(readings), start + 30_000), start + 31_000)
  expect(counted([said(0, { carSpeedMps: 0 })])).toBe(true)
  expect(counted([said(0, { carSpeedMps: 0, floor: 5 }), said(20, { floor: 6 })])).toBe(false)
})
