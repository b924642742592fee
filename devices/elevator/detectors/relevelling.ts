import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The car re-levels at more and more of its stops: ropes, brake, or a load cell that is out of tune. A car that re-levels under people's feet
 * is on its way to stop off the floor.
 *
 * Limit    `timesUsual` as often as this elevator usually does, and `leastPerStop` at least
 * Change   fifteen more of a hundred stops: on each of three days, what twenty stops of chance do not reach. A stop with more re-levellings
 *          than one counts for one and a bit: `resolution` is set so that one is never cut off
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
      'one stop with re-levelling that the gateway repeats until the next',
    ],
  },
  metric: 'relevels',
  words: 'Re-levelling per stop',
  unit: '',
  reads: elevatorTelemetry.pick({ relevels: true }),
  oncePer: 'trips',
  settings: {
    ...wearSettings,
    resolution: 0.2,
    shiftShare: 1,
    shiftLeast: 0.15,
    overTimes: 20,
    fewestValues: 20,
    timesUsual: 3,
    leastPerStop: 1,
  },
  valueOf: ({ relevels }) => relevels,
  limitOf: ({ timesUsual, leastPerStop }, usual) =>
    usual === null ? null : Math.max(timesUsual * usual, leastPerStop),
})
