import { elevatorTelemetry } from '../telemetry.ts'
import { standingMps } from './motion.ts'
import { defineWear, wearSettings } from './wear.ts'

/**
 * The machine vibrates more than it used to: a bearing, the gear, a loose base. Every machine is its own measure; the ceiling that is the same
 * for all is `elevator/vibration-zone`.
 *
 * Limit    `timesUsual` its usual vibration in steady running, and `leastMmPerS` at least
 * Samples  not of a car that stands or is slower than `steadyShare` of its rated speed, where the reading says so
 * Input    `vibrationMmPerS`, mm/s RMS; `carSpeedMps`, fact `ratedSpeedMps` where they are there
 * See      `wear.ts`
 * Source   ISO 20816-1 counts a change of a quarter of the zone B limit as significant whatever the zone (from memory, unverified); the rest are
 *          unverified defaults
 */
export const vibrationDrift = defineWear({
  id: 'elevator/vibration-drift',
  about: {
    finds: 'The machine vibrates more than it used to.',
    source: 'ISO 20816-1 on significant changes (from memory, unverified); the rest are unverified defaults',
    traps: [
      'an old machine that has always shaken',
      'a rough start and stop of every ride',
      'a day of heavy goods',
      'a mechanic who runs it in inspection mode',
    ],
  },
  metric: 'vibrationMmPerS',
  words: 'The machine’s vibration',
  unit: 'mm/s',
  reads: elevatorTelemetry.pick({ vibrationMmPerS: true }),
  mayRead: elevatorTelemetry.pick({ carSpeedMps: true }),
  settings: {
    ...wearSettings,
    resolution: 0.02,
    shiftShare: 0.3,
    shiftLeast: 0.2,
    overTimes: 20,
    timesUsual: 2.5,
    leastMmPerS: 1.8,
    steadyShare: 0.8,
  },
  valueOf({ vibrationMmPerS, carSpeedMps }, { steadyShare }, { ratedSpeedMps }) {
    if (carSpeedMps === undefined) return vibrationMmPerS
    const steadyMps = ratedSpeedMps === undefined ? standingMps : steadyShare * ratedSpeedMps
    return Math.abs(carSpeedMps) > steadyMps ? vibrationMmPerS : undefined
  },
  limitOf: ({ timesUsual, leastMmPerS }, usual) => (usual === null ? null : Math.max(timesUsual * usual, leastMmPerS)),
})
