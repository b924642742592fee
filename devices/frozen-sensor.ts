import { z } from 'zod'
import { hourMs, minuteMs } from '../core/clock.ts'
import { type Detector, defineDetector, type Finding } from '../core/detector.ts'

/** Per metric, in the order of `metrics`; times are counted in windows in which it came. */
interface State {
  /** When the present window began, ms; 0 before the first reading. */
  readonly from: number
  /** Which metrics came in it, and which came with another value than before: one bit each; and which ones are reported. */
  readonly came: number
  readonly moved: number
  readonly frozen: number
  /** Closed windows, modulo a day's. */
  readonly windows: number
  /** The value that each had when it last moved; null before it came. */
  readonly values: readonly (number | null)[]
  /** In how many windows it moved; no more is counted than a day of them. */
  readonly lively: readonly number[]
  /** For how many windows it has stood, and for how many it usually does at most. */
  readonly stood: readonly number[]
  readonly usual: readonly number[]
}

const windowMs = 20 * minuteMs
const windowsPerHour = hourMs / windowMs
const windowsPerDay = 24 * windowsPerHour

const defaults = {
  /** It must have moved in so many windows before it can be frozen. */
  warmUpWindows: windowsPerDay / 2,
  frozenWindows: 6 * windowsPerHour,
  timesUsual: 3,
  /** What usually stands for longer is set by hand, or comes in large steps. */
  livelyWindows: 8 * windowsPerHour,
  warningWindows: windowsPerDay,
}

type Settings = typeof defaults

/**
 * A kind's `<kind>/frozen-sensor`: a measured value repeats itself exactly, again and again, though it used to vary. The probe fell off, the
 * converter hangs, or the gateway sends its last value for ever; and the rules that need it see a calm that is none.
 *
 * Per metric it learns for how long this very device repeats one value: an integer temperature at night stands for hours, a voltage never. Time
 * is cut into windows of 20 minutes, and only windows in which the metric came count: what is told only when it changes does not stand.
 *
 * Limit    6 hours, but `timesUsual` the longest that it usually stands; past `livelyWindows` it is never called frozen
 * Rest     a metric of `restsAtZero` says 0 while nothing flows or runs: that is no standing
 * Learning after `warmUpWindows` in which it moved. A standing that ends by itself is learned up to the limit, and fades by a window a day
 * Input    `measured`: analog metrics of the kind that a device measures all the time
 * Finding  info, warning when one has stood for a day; says which, at which value; again when another joins, and daily
 * Clears   when all have moved again, at the end of the window
 * Memory   four small numbers per metric; written when a metric first moves in a window, so some times an hour
 * Source   all durations are unverified defaults
 *
 * @throws {TypeError} more than 31 metrics: their bits must fit into one number
 */
export function defineFrozenSensor({
  id,
  measured,
  restsAtZero,
}: {
  readonly id: `${string}/frozen-sensor`
  readonly measured: z.ZodObject
  readonly restsAtZero: readonly string[]
}): Detector {
  const metrics = Object.keys(measured.shape)
  if (metrics.length > 31) throw new TypeError(`${id} has ${metrics.length} metrics, and bits for 31`)
  const rests = bitsOf(metrics, (metric) => restsAtZero.includes(metric))
  const none = metrics.map(() => 0)
  const initial: State = {
    from: 0,
    came: 0,
    moved: 0,
    frozen: 0,
    windows: 0,
    values: metrics.map(() => null),
    lively: none,
    stood: none,
    usual: none,
  }

  return defineDetector({
    id,
    about: {
      finds: 'A measured value repeats itself exactly, though it used to vary.',
      severities: ['info', 'warning'],
      source: 'All durations are unverified defaults',
      traps: [
        'a device whose values vary',
        'a value in whole degrees that stands for hours every night',
        'a device that is silent for two days',
        'a value that is told only when it changes',
        'an empty room in which nothing flows',
      ],
    },
    clears: true,
    reads: z.object({}),
    mayRead: measured,
    settings: defaults,
    initial,

    step(state, input, settings) {
      const values: Readonly<Record<string, unknown>> = input
      if (state.from !== 0 && input.at - state.from < windowMs) return { state: heard(state, values, metrics, rests) }

      const closed = state.from === 0 ? state : closeWindow(state, settings)
      const next = heard({ ...closed, from: input.at, came: 0, moved: 0 }, values, metrics, rests)
      if (closed.frozen === 0) return state.frozen === 0 ? { state: next } : { state: next, cleared: true }
      const joined = (closed.frozen & ~state.frozen) !== 0
      const isDue = closed.stood.some((stood, index) => has(closed.frozen, index) && stood % windowsPerDay === 0)
      return joined || isDue
        ? { state: next, finding: findingOf(closed, metrics, input.at, settings) }
        : { state: next }
    },
  })
}

function has(bits: number, index: number): boolean {
  return ((bits >>> index) & 1) === 1
}

function bitsOf(metrics: readonly string[], holds: (metric: string, index: number) => boolean): number {
  return metrics.reduce((bits, metric, index) => (holds(metric, index) ? bits | (1 << index) : bits), 0)
}

/** Only what has not moved in this window yet is looked at: a reading costs little once all have. */
function heard(
  state: State,
  said: Readonly<Record<string, unknown>>,
  metrics: readonly string[],
  rests: number,
): State {
  let { came, moved } = state
  let values: (number | null)[] | undefined
  let standing = ~moved & (-1 >>> (32 - metrics.length))
  while (standing !== 0) {
    const index = 31 - Math.clz32(standing)
    standing ^= 1 << index
    const value = said[metrics[index] as string]
    if (typeof value !== 'number') continue
    came |= 1 << index
    if (value === state.values[index] && !(value === 0 && has(rests, index))) continue
    moved |= 1 << index
    values ??= [...state.values]
    values[index] = value
  }
  if (came === state.came && moved === state.moved) return state
  const { from, frozen, windows, lively, stood, usual } = state
  return { from, came, moved, frozen, windows, values: values ?? state.values, lively, stood, usual }
}

function closeWindow(state: State, settings: Settings): State {
  const windows = (state.windows + 1) % windowsPerDay
  const fades = windows === 0 ? 1 : 0
  const lively = [...state.lively]
  const stood = [...state.stood]
  const usual = state.usual.map((longest) => Math.max(0, longest - fades))
  let frozen = 0
  for (let index = 0; index < stood.length; index++) {
    const stoodFor = stood[index] ?? 0
    const limit = limitOf(state, index, settings)
    if (has(state.moved, index)) {
      lively[index] = Math.min((lively[index] ?? 0) + 1, settings.warmUpWindows)
      usual[index] = Math.max(usual[index] ?? 0, Math.min(stoodFor, limit ?? settings.livelyWindows + 1))
      stood[index] = 0
    } else {
      stood[index] = has(state.came, index) ? stoodFor + 1 : stoodFor
      if (limit !== undefined && (stood[index] ?? 0) >= limit) frozen |= 1 << index
    }
  }
  return { ...state, windows, frozen, lively, stood, usual }
}

/** Standing for so many windows, it is frozen; undefined where nobody can tell, or it stands by nature. */
function limitOf({ lively, usual }: State, index: number, settings: Settings): number | undefined {
  const longest = usual[index] ?? 0
  if ((lively[index] ?? 0) < settings.warmUpWindows || longest > settings.livelyWindows) return undefined
  return Math.max(settings.frozenWindows, settings.timesUsual * longest)
}

function findingOf(
  { frozen, stood, values }: State,
  metrics: readonly string[],
  at: number,
  settings: Settings,
): Finding {
  const names = metrics.filter((_, index) => has(frozen, index))
  const said = metrics.flatMap((metric, index) => (has(frozen, index) ? [`${metric} ${values[index]}`] : []))
  const longest = Math.max(...stood.filter((_, index) => has(frozen, index)))
  const hours = longest / windowsPerHour
  return {
    severity: longest >= settings.warningWindows ? 'warning' : 'info',
    summary: `For ${hours.toFixed(0)} h the same value again and again: ${said.join(', ')}`,
    evidence: { metrics: names.join(', '), stoodHours: Number(hours.toFixed(1)) },
    since: at - longest * windowMs,
  }
}
