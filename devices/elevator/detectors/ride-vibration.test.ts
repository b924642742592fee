import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { rideVibration } from './ride-vibration.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => 0.12 + 0.02 * noise(day, n)
const well = (count: number) => days(count, (day, n) => ({ carVibrationMps2: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ carVibrationMps2: 0.12 + 0.02 * noise(day, n) + 0.004 * (day - 20) }), 20),
  ]
  const [first] = replay(rideVibration, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('carVibrationMps2')
})

test.each([
  [
    'children who jump in the car',
    [
      ...well(30),
      ...days(1, (_, n) => ({ carVibrationMps2: n < 10 ? 2 : 0.12 }), 30),
      ...days(20, (day, n) => ({ carVibrationMps2: usual(day, n) }), 31),
    ],
  ],
  [
    'a door that slams while the car stands',
    days(60, (day, n) =>
      n % 2 ? { carVibrationMps2: 0.8, carSpeedMps: 0 } : { carVibrationMps2: usual(day, n), carSpeedMps: 1.6 },
    ),
  ],
  [
    'a car that has always ridden at 0.22 m/s²',
    days(120, (day, n) => ({ carVibrationMps2: 0.22 + 0.02 * noise(day, n) })),
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(rideVibration, readings)).toEqual([])
})

test('twenty more values over the limit than under it are enough, and not one less', () => {
  const [first] = replay(rideVibration, [...well(12), ...days(1, () => ({ carVibrationMps2: 0.31 }), 12)])
  expect(first?.index).toBe(12 * 30 + 19)
})

/** A ride as two words: that it rides, and with the stop how the ride was; and what a standing car says after it. */
function toldAtTheStop(count: number, rideMps2: (day: number, n: number) => number, from = 0) {
  const rides = days(count, (day, n) => ({ carVibrationMps2: rideMps2(day, n), carSpeedMps: 0 }), from)
  return rides.flatMap(({ at, values }) => [
    { at: at - 20_000, values: { carSpeedMps: 1.6 } },
    { at, values },
    { at: at + 60_000, values: { carVibrationMps2: 0.8, carSpeedMps: 0 } },
  ])
}

test('a ride’s value may come with the word that the car stands again; what it says after that is of no ride', () => {
  expect(replay(rideVibration, toldAtTheStop(60, usual))).toEqual([])

  const [first] = replay(rideVibration, [...toldAtTheStop(12, usual), ...toldAtTheStop(1, () => 0.31, 12)])
  expect(first?.index).toBe(3 * (12 * 30 + 19) + 1)
})

test('a mechanic’s rides do not count, also where the mode comes in a reading of its own', () => {
  const shaking = days(1, () => ({ carVibrationMps2: 0.31 }), 12)
  const at = (shaking[0]?.at ?? 0) - 1_000
  const said = replay(rideVibration, [...well(12), { at, values: { mode: 'inspection' } }, ...shaking])
  expect(said).toEqual([])
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = rideVibration.renewed?.(rideVibration.initial)
  expect(renewed).toEqual(rideVibration.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = rideVibration.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = rideVibration.step(state, { at: input.at, ...input.values }, rideVibration.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
