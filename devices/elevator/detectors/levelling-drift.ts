import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The car stops less and less level with the floor: brake, encoder, a rope that has stretched. People trip over the step.
 *
 * Limit    `repeatedMm` again and again: the accuracy with which it has to stop. `keptMm` is where it must never be, and what the
 *          forecast counts to
 * Input    `levellingErrorMm` at each stop, mm; its size, whichever side
 * See      `wear.ts` for what is found when, and for memory
 * Source   stopping accuracy ±10 mm and levelling accuracy kept within ±20 mm: EN 81-20:2020, 5.12.1.1.4 (GB/T 7588.1-2020), seen in a secondary
 *          source; that five more stops over than under it count as "again and again" is an unverified default
 */
export const levellingDrift = defineWear({
  id: 'elevator/levelling-drift',
  about: {
    finds: 'The car stops less and less level with the floor.',
    source:
      'EN 81-20:2020, 5.12.1.1.4 (±10 mm when stopping, ±20 mm kept), seen in a secondary source; the rest are unverified defaults',
    traps: [
      'a car that has always stopped 6 mm off',
      'one stop of 30 mm',
      'a mechanic who levels it in inspection mode',
      'a hot afternoon that adds 1 mm',
    ],
  },
  metric: 'levellingErrorMm',
  words: 'The levelling error',
  unit: 'mm',
  reads: elevatorTelemetry.pick({ levellingErrorMm: true }),
  settings: { ...wearSettings, resolution: 0.5, shiftShare: 0.5, shiftLeast: 3, repeatedMm: 10 },
  valueOf: ({ levellingErrorMm }) => (levellingErrorMm === undefined ? undefined : Math.abs(levellingErrorMm)),
  limitOf: ({ repeatedMm }) => repeatedMm,
})
