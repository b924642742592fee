import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * From the brake's command to rest the car goes farther than it used to: worn or oily linings, a weak spring.
 *
 * Limit    `limitShare` more than this elevator's usual distance; every brake and load has its own
 * Input    `stopDistanceMm` at each stop, mm
 * See      `wear.ts`
 * Source   no standard gives a distance for all elevators (EN 81-20, 5.9.2.2.2 gives the deceleration); shares are unverified defaults
 */
export const stoppingDistance = defineWear({
  id: 'elevator/stopping-distance',
  about: {
    finds: 'From the brake’s command to rest the car goes farther than it used to.',
    source: 'No standard gives a distance for all elevators; shares of the own usual distance are unverified defaults',
    traps: ['a car with a long but steady way', 'one hard stop', 'full and empty cars through the day'],
  },
  metric: 'stopDistanceMm',
  words: 'The stopping distance',
  unit: 'mm',
  reads: elevatorTelemetry.pick({ stopDistanceMm: true }),
  oncePer: 'trips',
  settings: { ...wearSettings, resolution: 1, shiftLeast: 5, limitShare: 0.5 },
  valueOf: ({ stopDistanceMm }) => stopDistanceMm,
  limitOf: ({ limitShare }, usual) => (usual === null ? null : usual * (1 + limitShare)),
})
