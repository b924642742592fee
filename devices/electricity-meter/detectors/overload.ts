import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { type ElectricityMeterFacts, electricityMeterFactDefaults } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, answerTick, type Climb, climb, type Ladder } from './climb.ts'

const defaults = {
  /** Of the breaker's rated current. */
  warningShare: 0.9,
  urgentShare: 1.13,
  hysteresisShare: 0.05,
  warningSeconds: 900,
  /** Of the conductor between cold and hot. */
  thermalMinutes: 10,
  clearSeconds: 600,
  freshSeconds,
}

/** What the conductor is taken for when the current reaches the first limit: as warm as at three quarters of the rating. */
const warmHeat = 0.6
/** Over the limit for so long, s, and hot enough. */
const urgentSeconds = 10

interface State {
  /** How hot the conductor is: 1 is where the rated current would bring it in the end. */
  readonly heat: number
  readonly climb: Climb
}

/**
 * The room draws more than its breaker is rated for. A breaker may carry 1.13 times its rating for ever, and 1.45 times for an hour: it
 * protects the cable, not the terminals, plugs and old sockets on the way.
 *
 * Warning  from `warningShare` of the rating on for `warningSeconds`
 * Urgent   from `urgentShare` on, once the conductor is as hot as its rating would ever make it: a first-order thermal model of the lower
 *          of two successive currents, in rated currents squared. 1.2 times the rating takes some 7 minutes, twice the rating not two. So a
 *          kettle on top, or a compressor that starts, is none
 * Delay    by samples or by ticks while the sample is fresh, two of which must agree, or one after which the device has said other things for
 *          75 s; a gap neither heats nor cools
 * Input    `amps`, A RMS; fact `breakerAmps`, 40 A where nobody knows; ticks
 * Finding  warning, urgent; evidence in A
 * Clears   `hysteresisShare` below the warning for `clearSeconds` of samples
 * Memory   nothing below the first limit, else seven values
 * Source   1.13 and 1.45 times the rating: IEC 60898-1, table 7 (conventional non-tripping and tripping current); 0.9 for 15 minutes, the time
 *          constant and the other values are unverified defaults
 */
export const overload = defineDetector({
  id: 'electricity-meter/overload',
  about: {
    finds: 'The room draws more than its breaker is rated for.',
    severities: ['warning', 'urgent'],
    source:
      '1.13 and 1.45 times the rating: IEC 60898-1, table 7; 0.9 for 15 minutes and the thermal time constant are unverified defaults',
    traps: [
      'a kettle of four minutes on top of a full load',
      'a compressor that starts',
      'an evening at 85 % of the rating',
      'a single stray value',
    ],
  },
  lasts: 'warningSeconds',
  rising: [['warningShare', 'urgentShare']],
  clears: true,
  reads: electricityMeterTelemetry.pick({ amps: true }),
  ticks: true,
  bounds: { warningShare: [0.5, 1.5], urgentShare: [0.5, 2] },
  settings: defaults,
  initial: null as State | null,

  step(state, input, settings, facts: ElectricityMeterFacts): Step<State | null> {
    const ratedAmps = facts.breakerAmps ?? electricityMeterFactDefaults.breakerAmps
    if (state === null && (input.tick || input.amps < settings.warningShare * ratedAmps)) return { state }

    const before = state?.climb ?? null
    const share = input.tick ? (before?.value ?? 0) : input.amps / ratedAmps
    const heat = state === null ? warmHeat : heated(state, input.at, share, settings)
    const ladder = ladderOf(heat, settings)
    const findingOf = (now: Climb) => tooMuch(now, ratedAmps, heat, settings)
    const said = input.tick
      ? answerTick(before, input, ladder, findingOf)
      : answer(before, climb(before, input.at, share, ladder), findingOf)
    if (input.tick && said.state === before) return { state }
    // the next sample heats it for this time, too
    const kept = input.tick && state !== null ? state.heat : heat
    return { ...said, state: said.state && { heat: kept, climb: said.state } }
  },
})

/** A first-order response to the square of the lower one of two successive currents. */
function heated({ heat, climb }: State, at: number, share: number, settings: typeof defaults): number {
  const elapsedMs = Math.min(at - climb.at, settings.freshSeconds * secondMs)
  const target = Math.min(climb.value, share) ** 2
  const next = target + (heat - target) * Math.exp(-elapsedMs / (settings.thermalMinutes * minuteMs))
  return Math.round(next * 1e4) / 1e4
}

function ladderOf(heat: number, settings: typeof defaults): Ladder {
  return {
    limits: [settings.warningShare, settings.urgentShare],
    hysteresis: settings.hysteresisShare,
    confirmSeconds: [settings.warningSeconds, heat >= 1 ? urgentSeconds : Number.POSITIVE_INFINITY],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
    mayBeBrief: true,
  }
}

function tooMuch({ level, value, since }: Climb, ratedAmps: number, heat: number, settings: typeof defaults): Finding {
  const severity = level === 2 ? 'urgent' : 'warning'
  const limitShare = settings[`${severity}Share`]
  const amps = Math.round(value * ratedAmps * 100) / 100
  return {
    severity,
    summary: `${amps.toFixed(1)} A flow through a breaker for ${ratedAmps} A; ${severity} from ${limitShare} of that on`,
    evidence: {
      amps,
      breakerAmps: ratedAmps,
      limitAmps: Math.round(limitShare * ratedAmps * 100) / 100,
      heatShare: heat,
    },
    since,
  }
}
