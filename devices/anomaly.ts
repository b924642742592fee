import { z } from 'zod'
import { dayMs, minuteMs } from '../core/clock.ts'
import { type Detector, defineDetector, type Finding } from '../core/detector.ts'
import { initialScorer, type ScorerState, score } from '../core/scorer/score.ts'
import { scorerSettings } from '../core/scorer/settings.ts'

interface State {
  /** When the present window began, ms; 0 before the first reading. */
  readonly from: number
  /** When the first one began. */
  readonly firstAt: number
  /** Per metric: the sum and the number of its values in the window. */
  readonly sums: readonly number[]
  readonly counts: readonly number[]
  readonly scorers: readonly ScorerState[]
  /** Windows in a row with a metric away from its centre; and, once raised, of calm. */
  readonly away: number
  readonly calm: number
  readonly raised: boolean
  /** The last word is that its readings tell nothing of how it usually is. */
  readonly skipped: boolean
}

const settings = {
  windowMinutes: 10,
  /** Before that nobody knows what is usual: two weeks, with their Sundays. */
  learnDays: 14,
  /** Something new, so new that noise reaches it once in some 50,000 windows. */
  newScore: 0.95,
  /** So many windows in a row away from the centre, or one with something new. */
  awayWindows: 6,
  calmWindows: 6,
}

/**
 * A kind's `<kind>/anomaly`: something about this very device is not as it was, and no rule has a name for it.
 *
 * The mean of each metric over `windowMinutes` goes through the general scorer (`core/scorer/score.ts`), with the one setting that it has for
 * everything. What is new at once (`newScore`) is found in its window; what stays away from its centre, after `awayWindows`. Windows without
 * values do not exist.
 *
 * Finding  info: a scorer that knows nothing of elevators or meters is wrong too often to send somebody (73 false rows of 175,000 on public
 *          data, at a lower threshold). It is shown with the device, and takes two points of its health
 * Input    the metrics that the kind names, of those that a device measures all the time
 * Clears   after `calmWindows` of calm
 * Memory   about 0.5 KiB for each metric
 * Source   see the scorer; windows are unverified defaults
 */
export function defineAnomaly({
  id,
  watched,
  skips,
  mayRead = z.object({}),
}: {
  readonly id: `${string}/anomaly`
  readonly watched: z.ZodObject
  /** Whether readings tell nothing of how the device usually is, from now on; undefined when this one does not say. And the metrics that say so. */
  readonly skips?: (values: Readonly<Record<string, unknown>>) => boolean | undefined
  readonly mayRead?: z.ZodObject
}): Detector {
  const metrics = Object.keys(watched.shape)
  const none = metrics.map(() => 0)
  return defineDetector({
    id,
    about: {
      finds: 'Something about this device is not as it was, and no other rule has a name for it.',
      severities: ['info'],
      source:
        'A general streaming scorer, measured on public labelled data (docs/performance.md); windows are unverified defaults',
      traps: ['white noise', 'a day and a night that return', 'one stray value', 'a gap of a day'],
    },
    clears: true,
    reads: z.object({}),
    mayRead: watched.extend(mayRead.shape),
    bounds: { newScore: [0.5, 1] },
    settings,
    initial: {
      ...{ from: 0, firstAt: 0, sums: none, counts: none, away: 0, calm: 0, raised: false, skipped: false },
      scorers: metrics.map(() => initialScorer),
    } as State,

    step(was, input, settings) {
      const values: Readonly<Record<string, unknown>> = input
      const skipped = skips?.(values) ?? was.skipped
      const state = skipped === was.skipped ? was : { ...was, skipped }
      if (skipped) return { state }
      if (state.from !== 0 && input.at - state.from < settings.windowMinutes * minuteMs) {
        return { state: added(state, values, metrics) }
      }

      const firstAt = state.firstAt === 0 ? input.at : state.firstAt
      const begun = added({ ...state, from: input.at, firstAt, sums: none, counts: none }, values, metrics)
      if (state.counts.every((count) => count === 0)) return { state: begun }
      const judged = judge(state, settings)
      const next = { ...begun, ...judged.state }
      if (judged.state.raised) return { state: next, finding: findingOf(state, judged, metrics) }
      return state.raised ? { state: next, cleared: true } : { state: next }
    },
  })
}

function added(state: State, values: Readonly<Record<string, unknown>>, metrics: readonly string[]): State {
  let sums: number[] | undefined
  let counts: number[] | undefined
  for (let index = 0; index < metrics.length; index++) {
    const value = values[metrics[index] ?? '']
    if (typeof value !== 'number') continue
    sums ??= [...state.sums]
    counts ??= [...state.counts]
    sums[index] = (sums[index] ?? 0) + value
    counts[index] = (counts[index] ?? 0) + 1
  }
  if (sums === undefined || counts === undefined) return state
  const { from, firstAt, scorers, away, calm, raised, skipped } = state
  return { from, firstAt, sums, counts, scorers, away, calm, raised, skipped }
}

interface Judged {
  readonly state: Pick<State, 'scorers' | 'away' | 'calm' | 'raised'>
  /** Of the metric that stands out most. */
  readonly index: number
  readonly highest: number
}

/** What the window that is over says. */
function judge(state: State, { learnDays, newScore, awayWindows, calmWindows }: typeof settings): Judged {
  const scored = state.scorers.map((scorer, index) => {
    const count = state.counts[index] ?? 0
    const mean = count === 0 ? null : (state.sums[index] ?? 0) / count
    return score(scorer, { at: state.from, values: [mean] }, scorerSettings)
  })
  const highest = Math.max(...scored.map((each) => each.score))
  const index = scored.findIndex((each) => each.score === highest)
  const knows = state.from - state.firstAt >= learnDays * dayMs
  const away = knows && highest >= 0.5 ? state.away + 1 : 0
  const calm = highest >= 0.5 ? 0 : state.calm + 1
  const raised = state.raised ? calm < calmWindows : knows && (highest >= newScore || away >= awayWindows)
  return {
    state: {
      scorers: scored.map((each) => each.state),
      away: Math.min(away, awayWindows),
      calm: Math.min(calm, calmWindows),
      raised,
    },
    index,
    highest,
  }
}

function findingOf(state: State, { index, highest }: Judged, metrics: readonly string[]): Finding {
  const metric = metrics[index] ?? ''
  const mean = (state.sums[index] ?? 0) / Math.max(1, state.counts[index] ?? 1)
  const value = Number(mean.toPrecision(4))
  return {
    severity: 'info',
    summary: `${metric} is ${value}, which is unlike this device (score ${highest.toFixed(2)} of 1)`,
    evidence: { unusualMetric: metric, [metric]: value, score: Number(highest.toFixed(2)) },
    since: state.from,
  }
}
