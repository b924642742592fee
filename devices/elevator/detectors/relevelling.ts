import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The car re-levels at more and more of its stops: ropes, brake, or a load cell that is out of tune. A car that re-levels under people's feet
 * is on its way to stop off the floor.
 *
 * Limit    `timesUsual` as often as this elevator usually does, and `leastPerStop` at least
 * Input    `relevels` of each stop
 * See      `wear.ts`
 * Source   all limits are unverified defaults
 */
export const relevelling = defineWear({
  id: 'elevator/relevelling',
  about: {
    finds: 'The car re-levels at more and more of its stops.',
    source: 'Unverified defaults',
    traps: [
      'a car that has always re-levelled at every third stop',
      'a removal: one day of heavy loads',
      'a car that never re-levels, and does now and then',
    ],
  },
  metric: 'relevels',
  words: 'Re-levelling per stop',
  unit: '',
  reads: elevatorTelemetry.pick({ relevels: true }),
  settings: {
    ...wearSettings,
    resolution: 0.05,
    shiftShare: 1,
    shiftLeast: 0.3,
    overTimes: 20,
    fewestValues: 20,
    timesUsual: 3,
    leastPerStop: 1,
  },
  valueOf: ({ relevels }) => relevels,
  limitOf: ({ timesUsual, leastPerStop }, usual) =>
    usual === null ? null : Math.max(timesUsual * usual, leastPerStop),
})
