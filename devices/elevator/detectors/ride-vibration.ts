import { elevatorTelemetry } from '../telemetry.ts'
import { standingMps } from './motion.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The car shakes while it rides: guide rails out of line, worn guide shoes or rollers, ropes of unequal tension.
 *
 * Limit    `peakMps2` in ride after ride
 * Samples  of a riding car; a standing one says nothing, where the reading tells
 * Input    `carVibrationMps2`, m/s²; `carSpeedMps` where it is there
 * See      `wear.ts`
 * Source   vertical vibration at most 0.30 m/s² peak to peak: GB/T 10058-2009, 3.3.5 (unverified). ISO 18738 gives a method and no limit
 */
export const rideVibration = defineWear({
  id: 'elevator/ride-vibration',
  about: {
    finds: 'The car shakes more than it may while it rides.',
    source:
      'GB/T 10058-2009, 3.3.5: 0.30 m/s² peak to peak (unverified; ISO 18738 gives no limit); the rest are unverified defaults',
    traps: [
      'children who jump in the car',
      'a door that slams while the car stands',
      'a car that has always ridden at 0.22 m/s²',
    ],
  },
  metric: 'carVibrationMps2',
  words: 'The car’s vibration',
  unit: 'm/s²',
  reads: elevatorTelemetry.pick({ carVibrationMps2: true }),
  mayRead: elevatorTelemetry.pick({ carSpeedMps: true }),
  settings: { ...wearSettings, resolution: 0.005, shiftShare: 0.3, shiftLeast: 0.05, overTimes: 20, peakMps2: 0.3 },
  valueOf: ({ carVibrationMps2, carSpeedMps }) =>
    carSpeedMps === undefined || Math.abs(carSpeedMps) > standingMps ? carVibrationMps2 : undefined,
  limitOf: ({ peakMps2 }) => peakMps2,
})
