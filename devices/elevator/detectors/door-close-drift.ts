import { defineDetector } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'

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
 * Clears   never by itself: a door does not heal, the visit ends the episode
 * Memory   five numbers per elevator, however long it runs. Nothing clears them after work on the door yet: a change that stays
 *          reports again after the order is closed, at most hourly, until the baseline has followed. To come: a reset at that close
 * Source   E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), 100–115; settings are unverified defaults
 */
export const doorCloseDrift = defineDetector({
  id: 'elevator/door-close-drift',
  about: {
    finds: 'The door closes more slowly than this very elevator used to.',
    severities: ['warning'],
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
  },
  reads: elevatorTelemetry.pick({ doorCloseSeconds: true }),
  mayRead: elevatorTelemetry.pick({ doorObstructed: true, doorReopens: true }),
  settings: { warmUpClosings: 50, memoryClosings: 20_000, toleranceSeconds: 0.1, capSeconds: 1, alarmAtSeconds: 5 },
  initial: { closings: 0, usualSeconds: 0, excessSeconds: 0, last: 0, lastButOne: 0 },

  step(state, { doorCloseSeconds, doorObstructed, doorReopens = 0 }, settings) {
    if (doorObstructed || doorReopens > 0) return { state }

    const closings = state.closings + 1
    const remembered = { ...state, closings, last: doorCloseSeconds, lastButOne: state.last }
    if (closings <= 2) return { state: remembered }

    const closeSeconds = median(doorCloseSeconds, state.last, state.lastButOne)
    const weight = 1 / Math.min(closings - 2, settings.memoryClosings)
    const usualSeconds = state.usualSeconds + (closeSeconds - state.usualSeconds) * weight
    if (closings <= settings.warmUpClosings) return { state: { ...remembered, usualSeconds } }

    const lateSeconds = Math.min(closeSeconds - usualSeconds - settings.toleranceSeconds, settings.capSeconds)
    const excessSeconds = Math.max(0, state.excessSeconds + lateSeconds)
    if (excessSeconds < settings.alarmAtSeconds) return { state: { ...remembered, usualSeconds, excessSeconds } }

    return {
      state: { ...remembered, usualSeconds, excessSeconds: 0 },
      finding: {
        severity: 'warning',
        summary: `The door takes ${closeSeconds.toFixed(1)} s to close, usually ${usualSeconds.toFixed(1)} s`,
        evidence: { doorCloseSeconds: closeSeconds, usualSeconds, excessSeconds },
      },
    }
  },
})

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
