import { hourMs, minuteMs } from '../../../core/clock.ts'
import { defineDetector, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'
import { saysTheSame } from './reactive.ts'

interface State {
  /** The newest power, and when it was said; up to when it was added up. */
  readonly watts: number
  readonly wattsAt: number
  readonly at: number
  /** The counter when it was last read; what has flown since, kWh; null where a gap hid some of it. */
  readonly energyKwh: number | null
  readonly flownKwh: number | null
  /** Of the present window: when it began, what the counter rose by, and what has flown, kWh. */
  readonly from: number
  readonly meteredKwh: number
  readonly windowKwh: number
  /** So many windows in a row did not agree; and the newest ratio while it is raised. */
  readonly over: number
  readonly ratio: number | null
}

/** A power that stays is looked at so often. */
const lookEveryMs = minuteMs
/** Samples further apart say nothing of what flew between them. */
const apartMs = 16 * minuteMs

/**
 * The counter does not rise by what flows: a wrong transformer ratio, a bypass, a second meter behind the first, a broken register.
 *
 * Power is added up from sample to sample and compared with what the counter rose by, over windows of `windowHours` and `windowKwh` at least.
 * Only stretches without a gap are compared; what is fed in is not counted, as the counter does not.
 *
 * Limit    the counter's part is below `leastRatio` or above `mostRatio` in `windows` windows in a row: samples ten minutes apart miss a
 *          kettle, but not a fifth of everything, twice
 * Input    `watts`; `energyKwh`
 * Finding  warning; evidence in kWh
 * Clears   with a window that agrees
 * Memory   ten values
 * Source   all values are unverified defaults
 */
export const energyMismatch = defineDetector({
  id: 'electricity-meter/energy-mismatch',
  about: {
    finds: 'The energy counter does not rise by what flows.',
    severities: ['warning'],
    source: 'All values are unverified defaults',
    traps: [
      'a meter that is sampled every ten minutes',
      'a counter that tells whole kWh',
      'gaps of hours, through which the counter goes on',
      'a balcony that feeds in',
      'a counter that was replaced',
    ],
  },
  rising: [['leastRatio', 'mostRatio']],
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ watts: true, energyKwh: true }),
  bounds: { leastRatio: [0.1, 0.99], mostRatio: [1.01, 10] },
  settings: { windowHours: 24, windowKwh: 5, leastRatio: 0.75, mostRatio: 1.33, windows: 2 },
  initial: {
    watts: 0,
    wattsAt: 0,
    at: 0,
    energyKwh: null,
    flownKwh: null,
    from: 0,
    meteredKwh: 0,
    windowKwh: 0,
    over: 0,
    ratio: null,
  } as State,

  step(state, { at, watts, energyKwh }, settings): Step<State> {
    const isSame = watts !== undefined && saysTheSame(watts, state.watts) && at - state.wattsAt < lookEveryMs
    if (isSame) return { state }
    const flownKwh = flown(state, at)
    // spelled out: spreading costs more than all the rest of the step
    const next = {
      watts: watts ?? state.watts,
      wattsAt: watts === undefined ? state.wattsAt : at,
      at,
      energyKwh: state.energyKwh,
      flownKwh,
      from: state.from,
      meteredKwh: state.meteredKwh,
      windowKwh: state.windowKwh,
      over: state.over,
      ratio: state.ratio,
    }
    if (energyKwh === undefined || energyKwh === state.energyKwh) return { state: next }

    const risen = state.energyKwh === null ? 0 : energyKwh - state.energyKwh
    const counted = flownKwh !== null && risen >= 0
    next.energyKwh = energyKwh
    next.flownKwh = 0
    if (state.from === 0) next.from = at
    if (counted) next.meteredKwh = rounded(state.meteredKwh + risen)
    if (counted) next.windowKwh = rounded(state.windowKwh + flownKwh)
    const most = Math.max(next.meteredKwh, next.windowKwh)
    const isEnough = at - next.from >= settings.windowHours * hourMs && most >= settings.windowKwh
    return isEnough ? judge(next, settings) : { state: next }
  },
})

function flown({ watts, wattsAt, at: before, flownKwh }: State, at: number): number | null {
  if (flownKwh === null || at - wattsAt > apartMs) return null
  return flownKwh + (Math.max(0, watts) / 1_000) * ((at - before) / hourMs)
}

interface Limits {
  readonly leastRatio: number
  readonly mostRatio: number
  readonly windows: number
}

function judge(state: State, settings: Limits): Step<State> {
  const { at, from, meteredKwh, windowKwh } = state
  const ratio = Math.min(99, rounded(meteredKwh / Math.max(windowKwh, 0.001)))
  const isOver = ratio < settings.leastRatio || ratio > settings.mostRatio
  const over = isOver ? state.over + 1 : 0
  const raised = over >= settings.windows
  const next = { ...state, from: at, meteredKwh: 0, windowKwh: 0, over, ratio: raised ? ratio : null }
  if (!raised) return state.ratio === null ? { state: next } : { state: next, cleared: true }
  return {
    state: next,
    finding: {
      severity: 'warning',
      summary: `The counter rose by ${meteredKwh.toFixed(1)} kWh while ${windowKwh.toFixed(1)} kWh flew`,
      evidence: {
        meteredKwh,
        flownKwh: windowKwh,
        ratio,
        leastRatio: settings.leastRatio,
        mostRatio: settings.mostRatio,
      },
      since: from,
    },
  }
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
