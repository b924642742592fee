import { defineDetector } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { standingMps } from './motion.ts'
import { defineWear, type WearRuleState, wearBounds, wearSettings } from './wear.ts'

const about = {
  finds: 'The car shakes more than it may while it rides.',
  source:
    'GB/T 10058-2009, 3.3.5: 0.30 m/s² peak to peak (unverified; ISO 18738 gives no limit); the rest are unverified defaults',
  traps: [
    'children who jump in the car',
    'a door that slams while the car stands',
    'a car that has always ridden at 0.22 m/s²',
  ],
}

const settings = {
  ...wearSettings,
  resolution: 0.005,
  shiftShare: 0.3,
  shiftLeast: 0.05,
  overTimes: 20,
  peakMps2: 0.3,
}

const wear = defineWear({
  id: 'elevator/ride-vibration',
  ...{ about, settings, metric: 'carVibrationMps2', words: 'The car’s vibration', unit: 'm/s²' },
  reads: elevatorTelemetry.pick({ carVibrationMps2: true }),
  valueOf: ({ carVibrationMps2 }) => carVibrationMps2,
  limitOf: ({ peakMps2 }) => peakMps2,
})

interface State {
  /** A ride is on, and its last word told no vibration. */
  readonly untold: boolean
  readonly wear: WearRuleState
}

/**
 * The car shakes while it rides: guide rails out of line, worn guide shoes or rollers, ropes of unequal tension.
 *
 * Limit    `peakMps2` in ride after ride
 * Samples  of a riding car; or of the reading that says that it stands again, of a gateway that tells a ride's value at its end. Else a
 *          standing car says nothing, where the reading tells
 * Input    `carVibrationMps2`, m/s²; `carSpeedMps` where it is there
 * See      `wear.ts`
 * Source   vertical vibration at most 0.30 m/s² peak to peak: GB/T 10058-2009, 3.3.5 (unverified). ISO 18738 gives a method and no limit
 */
export const rideVibration = defineDetector({
  id: 'elevator/ride-vibration',
  about: { ...about, severities: ['warning'] },
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({ carVibrationMps2: true, carSpeedMps: true, mode: true, faultCode: true }),
  bounds: wearBounds,
  settings,
  initial: { untold: false, wear: wear.initial as WearRuleState } as State,

  step(state, input, settings, facts) {
    const { at, carVibrationMps2, carSpeedMps, mode, faultCode } = input
    const rides = carSpeedMps !== undefined && Math.abs(carSpeedMps) > standingMps
    const stands = carSpeedMps !== undefined && !rides
    const isTold = carVibrationMps2 !== undefined
    const untold = !isTold && !stands && (rides || state.untold)
    const isOfRide = isTold && (!stands || state.untold)
    const worn = wear.step(state.wear, isOfRide ? input : { at, mode, faultCode }, settings, facts)
    if (untold === state.untold && worn.state === state.wear) return { state }
    return { ...worn, state: { untold, wear: worn.state as WearRuleState } }
  },

  forecast: (state, settings, facts) => wear.forecast?.(state.wear, settings, facts),
  renewed: (state) => ({ untold: false, wear: wear.renewed?.(state.wear) as WearRuleState }),
})
