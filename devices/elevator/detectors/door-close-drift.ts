import { defineDetector } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, type WearRuleState, wearSettings } from './wear.ts'

const about = {
  finds: 'The door closes more slowly than this very elevator used to.',
  source:
    'E. S. Page, “Continuous Inspection Schemes”, Biometrika 41 (1954), 100–115; settings are unverified defaults',
  traps: [
    'a slow but steady door',
    'a door that wavers, for years',
    'a door that the cold slows by 0.08 s',
    'a new door that is still settling',
    'people in the doorway',
    'people in the doorway, told by re-openings',
    'one closing that jams for a minute',
    'a door that became faster after the visit',
  ],
}

const settings = {
  warmUpClosings: 50,
  memoryClosings: 20_000,
  toleranceSeconds: 0.1,
  /** Seasons do as much to a slow door. */
  toleranceShare: 0.05,
  capSeconds: 0.5,
  alarmAtSeconds: 5,
  ...{ ...wearSettings, resolution: 0.02, shiftLeast: 0.3, overTimes: 50, fewestValues: 10 },
  /** More than usual, and the door takes too long. */
  limitShare: 0.4,
}

/** The slow growth over days and weeks. */
const growth = defineWear({
  id: 'elevator/door-close-drift',
  ...{ about, settings, metric: 'doorCloseSeconds', words: 'The time to close the door', unit: 's' },
  reads: elevatorTelemetry.pick({ doorCloseSeconds: true }),
  valueOf: ({ doorCloseSeconds }) => doorCloseSeconds,
  limitOf: ({ limitShare }, usual) => (usual === null ? null : usual * (1 + limitShare)),
})

/**
 * The door closes more slowly than this very elevator used to: worn rollers, slack belt, dirt.
 *
 * One-sided Page–Hinkley test on the closing time. Every elevator is its own baseline, so a slow but steady door stays
 * silent. Obstructed closings are people, not wear, and are skipped: `doorObstructed` or a re-opening says so where the
 * gateway sends one. Where it sends neither, the median of three closings drops the single jam, and no closing counts for
 * more than `capSeconds`. The baseline forgets slowly, over some weeks, so seasons pass and wear does not hide in it.
 *
 * Input    `doorCloseSeconds`, s, one per closing
 * Finding  warning; evidence in s; then the sum restarts, so a persisting fault reports again
 * Forecast when the growth over days and weeks will have added `limitShare` to what is usual; see `wear.ts`
 * Clears   never by itself: a door does not heal, the visit ends the episode; then all is learned anew
 * Memory   five numbers per elevator, and those of `wear.ts`
 * Source   E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), 100–115; settings are unverified defaults
 */
export const doorCloseDrift = defineDetector({
  id: 'elevator/door-close-drift',
  about: { ...about, severities: ['warning'] },
  reads: elevatorTelemetry.pick({ doorCloseSeconds: true }),
  mayRead: elevatorTelemetry.pick({ doorObstructed: true, doorReopens: true, mode: true, faultCode: true }),
  settings,
  initial: {
    closings: 0,
    usualSeconds: 0,
    excessSeconds: 0,
    last: 0,
    lastButOne: 0,
    growth: growth.initial as WearRuleState,
  },

  step(state, input, settings, facts) {
    const { doorCloseSeconds, doorObstructed, doorReopens = 0 } = input
    if (doorObstructed || doorReopens > 0) return { state }

    const { state: grown, finding } = growth.step(state.growth, input, settings, facts)
    const closings = state.closings + 1
    const remembered = {
      ...state,
      closings,
      last: doorCloseSeconds,
      lastButOne: state.last,
      growth: grown as WearRuleState,
    }
    if (closings <= 2) return { state: remembered }

    const closeSeconds = median(doorCloseSeconds, state.last, state.lastButOne)
    const weight = 1 / Math.min(closings - 2, settings.memoryClosings)
    const usualSeconds = state.usualSeconds + (closeSeconds - state.usualSeconds) * weight
    if (closings <= settings.warmUpClosings) return { state: { ...remembered, usualSeconds } }

    const tolerance = Math.max(settings.toleranceSeconds, settings.toleranceShare * usualSeconds)
    const lateSeconds = Math.min(closeSeconds - usualSeconds - tolerance, settings.capSeconds)
    const excessSeconds = Math.max(0, state.excessSeconds + lateSeconds)
    const next = { ...remembered, usualSeconds, excessSeconds }
    if (finding !== undefined) return { state: next, finding }
    if (excessSeconds < settings.alarmAtSeconds) return { state: next }

    return {
      state: { ...next, excessSeconds: 0 },
      finding: {
        severity: 'warning',
        summary: `The door takes ${closeSeconds.toFixed(1)} s to close, usually ${usualSeconds.toFixed(1)} s`,
        evidence: { doorCloseSeconds: closeSeconds, usualSeconds, excessSeconds },
      },
    }
  },

  forecast: (state, settings, facts) => growth.forecast?.(state.growth, settings, facts),
  renewed: (state) => ({
    ...{ closings: 0, usualSeconds: 0, excessSeconds: 0, last: 0, lastButOne: 0 },
    growth: growth.renewed?.(state.growth) as WearRuleState,
  }),
})

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
