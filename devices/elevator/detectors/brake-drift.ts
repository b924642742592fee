import { type Detector, defineDetector, type Step } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, type WearRuleState, wearBounds, wearSettings, whereTold } from './wear.ts'

const settings = { ...wearSettings, resolution: 1, shiftLeast: 10, limitShare: 0.5 }

const about = {
  finds: 'The brake acts more slowly than it used to.',
  source: 'Shares of the own usual time are unverified defaults',
  traps: [
    'a brake that has always been slow',
    'one slow application',
    'a cold machine room in the morning',
    'a mechanic who tests it in inspection mode',
  ],
}

const apply = timeRule('brakeApplyMs', 'The time to apply the brake')
const release = timeRule('brakeReleaseMs', 'The time to release the brake')

interface State {
  readonly apply: WearRuleState
  readonly release: WearRuleState
}

/**
 * The brake acts more slowly than this very elevator's used to: worn linings and a larger gap, a weak spring, a coil or its supply that fails.
 * Applying late lengthens the way to rest; releasing late drags and heats it.
 *
 * Limit    `limitShare` more than usual, each time for itself
 * Input    `brakeApplyMs`, `brakeReleaseMs` of each stop, ms
 * Finding  warning, about the time that has come first
 * See      `wear.ts`; its memory twice
 * Source   shares are unverified defaults
 */
export const brakeDrift = defineDetector({
  id: 'elevator/brake-drift',
  about: { ...about, severities: ['warning'] },
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    ...{ brakeApplyMs: true, brakeReleaseMs: true, mode: true, faultCode: true },
    ...{ trips: true, ...whereTold },
  }),
  bounds: wearBounds,
  settings,
  initial: { apply: apply.initial, release: release.initial } as State,

  step(state, input, settings, facts) {
    const applied = stepOf(
      apply,
      state.apply,
      input,
      input.brakeApplyMs ?? input.mode ?? input.faultCode,
      settings,
      facts,
    )
    const released = stepOf(
      release,
      state.release,
      input,
      input.brakeReleaseMs ?? input.mode ?? input.faultCode,
      settings,
      facts,
    )
    if (applied.state === state.apply && released.state === state.release) return { state }
    const finding = applied.finding ?? released.finding
    return { state: { apply: applied.state, release: released.state }, ...(finding && { finding }) }
  },

  /** Of the one that will be at its limit first. */
  forecast(state, settings, facts) {
    const all = [apply.forecast?.(state.apply, settings, facts), release.forecast?.(state.release, settings, facts)]
    const known = all.filter((forecast) => forecast !== undefined)
    return known.sort((a, b) => (a.days ?? Number.POSITIVE_INFINITY) - (b.days ?? Number.POSITIVE_INFINITY))[0]
  },
  renewed: (state) => ({
    apply: apply.renewed?.(state.apply) as WearRuleState,
    release: release.renewed?.(state.release) as WearRuleState,
  }),
})

function timeRule(metric: 'brakeApplyMs' | 'brakeReleaseMs', words: string): Detector {
  return defineWear({
    id: 'elevator/brake-drift',
    ...{ about, metric, words, unit: 'ms', settings, oncePer: 'trips' },
    reads: elevatorTelemetry.pick({ [metric]: true } as { brakeApplyMs: true }),
    valueOf: (input) => input[metric],
    limitOf: ({ limitShare }, usual) => (usual === null ? null : usual * (1 + limitShare)),
  })
}

/** Its part of a reading, if the reading says anything of it. */
function stepOf(
  rule: Detector,
  state: WearRuleState,
  input: object,
  said: unknown,
  settings: object,
  facts: object,
): Step<WearRuleState> {
  return said === undefined ? { state } : (rule.step(state, input, settings, facts) as Step<WearRuleState>)
}
