import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The ropes slip on the traction sheave more than they used to: worn grooves, greasy ropes, a car or counterweight that is out of balance.
 *
 * Limit    `timesUsual` as much per run as usual, and `leastMm` at least
 * Change   a third of `leastMm` more: new grease or wet weather may double a slip of a few millimetres, which then stays; what grows on, the
 *          forecast finds
 * Input    `ropeSlipMm` of each run, mm; its size, whichever way
 * See      `wear.ts`
 * Source   all limits are unverified defaults
 */
export const ropeSlip = defineWear({
  id: 'elevator/rope-slip',
  about: {
    finds: 'The ropes slip on the traction sheave more than they used to.',
    source: 'Unverified defaults',
    traps: [
      'ropes that have always crept 8 mm a run',
      'ropes that slip 12 mm instead of 6 from one day on, and no more',
      'one emergency stop',
      'an encoder’s noise of a millimetre',
    ],
  },
  metric: 'ropeSlipMm',
  words: 'Rope slip per run',
  unit: 'mm',
  reads: elevatorTelemetry.pick({ ropeSlipMm: true }),
  oncePer: 'trips',
  settings: { ...wearSettings, resolution: 0.5, shiftShare: 0.5, shiftLeast: 10, timesUsual: 3, leastMm: 30 },
  valueOf: ({ ropeSlipMm }) => (ropeSlipMm === undefined ? undefined : Math.abs(ropeSlipMm)),
  limitOf: ({ timesUsual, leastMm }, usual) => (usual === null ? null : Math.max(timesUsual * usual, leastMm)),
})
