import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import type { ElectricityMeterFacts } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, type Climb, climb, type Ladder } from './climb.ts'

const defaults = {
  /** What line and neutral may differ by: so many amperes, and at large currents this share of them, for two sensors are never equal. */
  imbalanceAmps: 0.5,
  imbalanceShare: 0.05,
  hysteresisShare: 0.2,
  confirmSeconds: 600,
  clearSeconds: 600,
  freshSeconds,
}

type Settings = typeof defaults

/** A neutral that never carried so much while the line did has no sensor, A. */
const wiredAmps = 0.2
/** A line current that has hardly changed is not noted again, A, ms. */
const sameAmps = 0.1
const noteEveryMs = 30 * secondMs
/** One that stands still while the other has moved so often is frozen. Unverified default. */
const frozenMoves = 3

interface State {
  /** The last word on the line. */
  readonly at: number
  readonly amps: number
  /** Both, as they were compared last; a pair that has hardly changed is not noted again. Null before the first. */
  readonly pair: Pair | null
  readonly wired: boolean
  /** Of the difference, in units of its limit. */
  readonly climb: Climb | null
  /** How often each has moved while they differ, from the pair before on; no more is counted than `frozenMoves`. */
  readonly moves: Pair
}

type Pair = readonly [line: number, neutral: number]

/**
 * What comes in through the line does not go back through the neutral: it leaks to earth, or returns through another room's neutral, or
 * another room's current returns through this one. A borrowed neutral is live when its own breaker is open. It is a coarse hint only: a
 * leak that matters is far below what two current sensors can tell (`electricity-meter/residual-current` sees it).
 *
 * Pairs    each `neutralAmps` with the newest `amps`, at most `freshSeconds` old: a neutral that is sampled rarely is not compared with a line
 *          that has changed meanwhile. It takes minutes, so that loads that switch between the two do not add up
 * Frozen   a current that repeats itself exactly, from before they differed on, while the other wavers or has ended, is no measurement: that is
 *          `electricity-meter/frozen-sensor`. It counts again once it has moved
 * Off      where the neutral never carried anything, for it has no sensor; where `use` is `feeder`, for a three-phase neutral carries the rest
 * Input    `amps`, `neutralAmps`, A RMS
 * Finding  warning; evidence in A
 * Clears   below `1 - hysteresisShare` of the limit for `clearSeconds` of samples
 * Memory   seven values, six more while they differ
 * Source   class 1 meters and their sensors (IEC 62053-21) differ by 2 % at most; limits and durations are unverified defaults
 */
export const neutralImbalance = defineDetector({
  id: 'electricity-meter/neutral-imbalance',
  about: {
    finds: 'Line and neutral carry different currents.',
    severities: ['warning'],
    source: 'Class 1 meters: IEC 62053-21; limits and durations are unverified defaults',
    traps: [
      'a meter without a sensor in its neutral',
      'sensors that differ by 3 %',
      'a neutral that is sampled less often than the line',
      'a line sensor that is frozen',
      'a neutral sensor that is frozen',
      'a three-phase feeder',
    ],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ amps: true, neutralAmps: true }),
  settings: defaults,
  initial: { at: 0, amps: 0, pair: null, wired: false, climb: null, moves: [0, 0] } as State,

  step(state, { at, amps, neutralAmps }, settings, facts: ElectricityMeterFacts): Step<State> {
    if (facts.use === 'feeder') return { state }
    const isNoted = amps !== undefined && at - state.at < noteEveryMs && Math.abs(amps - state.amps) < sameAmps
    const { pair, climb: before, moves: moved } = state
    const heard =
      isNoted || amps === undefined ? state : { at, amps, pair, wired: state.wired, climb: before, moves: moved }
    if (neutralAmps === undefined || at - heard.at > settings.freshSeconds * secondMs) return { state: heard }

    const line = amps ?? heard.amps
    const wired = heard.wired || (neutralAmps >= wiredAmps && line >= wiredAmps)
    const difference = Math.abs(line - neutralAmps)
    const limitAmps = Math.max(settings.imbalanceAmps, settings.imbalanceShare * Math.max(line, neutralAmps))
    const counts = wired && (difference >= limitAmps || heard.climb !== null)
    const said: Pair = [line, neutralAmps]
    if (!counts) {
      if (isNoted && state.pair !== null && wired === state.wired) return { state }
      return { state: { at: heard.at, amps: heard.amps, pair: said, wired, climb: null, moves: moved } }
    }

    const moves = movesAfter(state, said)
    const share = isFrozen(moves, said) ? 0 : Math.round((difference / limitAmps) * 100) / 100
    const now = climb(heard.climb, at, share, ladderOf(settings))
    const step = answer(heard.climb, now, ({ since }) => different(line, neutralAmps, limitAmps, since))
    return { ...step, state: { at: heard.at, amps: heard.amps, pair: said, wired, climb: step.state, moves } }
  },
})

function movesAfter({ pair, climb, moves }: State, [line, neutral]: Pair): Pair {
  const [lineMoves, neutralMoves] = climb === null ? [0, 0] : moves
  const more = (count: number, before: number, now: number) => Math.min(count + Number(before !== now), frozenMoves)
  const [lineBefore, neutralBefore] = pair ?? [line, neutral]
  return [more(lineMoves, lineBefore, line), more(neutralMoves, neutralBefore, neutral)]
}

function isFrozen([lineMoves, neutralMoves]: Pair, [line, neutral]: Pair): boolean {
  const stands = (moves: number, value: number, othersMoves: number, other: number) =>
    moves === 0 && value > 0 && (othersMoves >= frozenMoves || other === 0)
  return stands(lineMoves, line, neutralMoves, neutral) || stands(neutralMoves, neutral, lineMoves, line)
}

function ladderOf(settings: Settings): Ladder {
  return {
    limits: [1],
    hysteresis: settings.hysteresisShare,
    confirmSeconds: [settings.confirmSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
  }
}

function different(amps: number, neutralAmps: number, limitAmps: number, since: number): Finding {
  const differenceAmps = Math.round(Math.abs(amps - neutralAmps) * 100) / 100
  return {
    severity: 'warning',
    summary: `The line carries ${amps.toFixed(1)} A, the neutral ${neutralAmps.toFixed(1)} A`,
    evidence: { amps, neutralAmps, differenceAmps, limitAmps: Math.round(limitAmps * 100) / 100 },
    since,
  }
}
