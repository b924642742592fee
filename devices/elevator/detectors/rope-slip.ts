import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The ropes slip on the traction sheave more than they used to: worn grooves, greasy ropes, a car or counterweight that is out of balance.
 *
 * Limit    `timesUsual` as much per run as usual, and `leastMm` at least
 * Input    `ropeSlipMm` of each run, mm; its size, whichever way
 * See      `wear.ts`
 * Source   all limits are unverified defaults
 */
export const ropeSlip = defineWear({
  id: 'elevator/rope-slip',
  about: {
    finds: 'The ropes slip on the traction sheave more than they used to.',
    source: 'Unverified defaults',
    traps: ['ropes that have always crept 8 mm a run', 'one emergency stop', 'an encoder’s noise of a millimetre'],
  },
  metric: 'ropeSlipMm',
  words: 'Rope slip per run',
  unit: 'mm',
  reads: elevatorTelemetry.pick({ ropeSlipMm: true }),
  settings: { ...wearSettings, resolution: 0.5, shiftShare: 0.5, shiftLeast: 2, timesUsual: 3, leastMm: 30 },
  valueOf: ({ ropeSlipMm }) => (ropeSlipMm === undefined ? undefined : Math.abs(ropeSlipMm)),
  limitOf: ({ timesUsual, leastMm }, usual) => (usual === null ? null : Math.max(timesUsual * usual, leastMm)),
})
