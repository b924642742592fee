import { dayMs, hourMs } from '../../../core/clock.ts'
import { shanghai, wallClock } from '../../../core/local-time.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The door opens again while closing, more often than it used to: a worn track, a light curtain that sees dust, a motor that gives up.
 *
 * People   in the rush hours (7 to 10 and 17 to 20, when they hold doors for each other) do not count, nor do cycles that say `doorObstructed`
 * Limit    `timesUsual` as often per cycle as usual, and `leastPerCycle` at least
 * Counts   a cycle with more re-openings than one counts for one and a bit: `resolution` is set so that one is never cut off
 * Input    `doorReopens` of each door cycle
 * See      `wear.ts`
 * Source   re-opens above three times the own median as a sign of door wear: unverified default
 */
export const doorReopens = defineWear({
  id: 'elevator/door-reopens',
  about: {
    finds: 'The door opens again while closing, more often than it used to.',
    source: 'Unverified defaults',
    traps: [
      'people who hold the door in the rush hour',
      'a delivery that holds it for a morning',
      'a door that has always been touchy',
      'one re-opening that the gateway repeats until the next cycle',
    ],
  },
  metric: 'doorReopens',
  words: 'Re-opening per door cycle',
  unit: '',
  reads: elevatorTelemetry.pick({ doorReopens: true }),
  mayRead: elevatorTelemetry.pick({ doorObstructed: true }),
  oncePer: 'doorCycles',
  bounds: { rushHours: [0, 23] },
  settings: {
    ...wearSettings,
    resolution: 0.2,
    shiftShare: 1.5,
    shiftLeast: 0.08,
    overTimes: 30,
    fewestValues: 20,
    timesUsual: 3,
    leastPerCycle: 0.5,
    rushHours: [7, 8, 9, 17, 18, 19],
  },
  valueOf({ at, doorReopens, doorObstructed }, { rushHours }) {
    if (doorObstructed === true || rushHours.includes(Math.floor((wallClock(at, shanghai) % dayMs) / hourMs)))
      return undefined
    return doorReopens
  },
  limitOf: ({ timesUsual, leastPerCycle }, usual) =>
    usual === null ? null : Math.max(timesUsual * usual, leastPerCycle),
})
