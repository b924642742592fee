import { z } from 'zod'
import { hourMs, minuteMs } from '../core/clock.ts'
import { type Detector, defineDetector, type Finding } from '../core/detector.ts'

/** Per metric, in the order of `metrics`; times are counted in windows in which the device itself reported. */
interface State {
  /** When the present window began, ms; 0 before the first reading. */
  readonly from: number
  /** Which metrics came in it, and which ones are reported as silent: one bit each. */
  readonly came: number
  readonly silent: number
  /** Closed windows, modulo a day's. */
  readonly windows: number
  /** In how many windows it came; no more is counted than a day of them. 0 = it never came, or is forgotten. */
  readonly seen: readonly number[]
  /** How long it usually stays away at most. */
  readonly usual: readonly number[]
  /** How long it has been away. */
  readonly away: readonly number[]
}

const windowMs = 10 * minuteMs
const windowsPerHour = hourMs / windowMs
const windowsPerDay = 24 * windowsPerHour

const defaults = {
  /** It must have come in so many windows before it can be missed: a day with its night. */
  warmUpWindows: windowsPerDay,
  silentWindows: windowsPerHour,
  timesUsual: 4,
  /** What usually stays away for longer comes when something happens. */
  regularWindows: windowsPerHour,
  warningWindows: windowsPerDay,
  /** Away for so long, it was taken out. */
  forgetWindows: 30 * windowsPerDay,
}

type Settings = typeof defaults

/**
 * A kind's `<kind>/sensor-silent`: a metric that this device used to send stays away, while the device itself goes on reporting. The
 * rules that need it see nothing, and without this finding nobody would know.
 *
 * Per metric it learns how often this very device sends it. Time is cut into windows of 10 minutes, beginning with a reading; windows
 * without readings do not exist, so a device that is silent itself makes none of its sensors silent. The longest absence is
 * remembered and fades by a window a day. A metric that comes with events (a state told only when it changes, an hourly counter
 * at night) has long absences by nature: past `regularWindows` it is never missed.
 *
 * Limit    an hour away, but `timesUsual` its longest absence
 * Learning a day of windows in which it came; what is reported as silent is learned up to the limit only
 * Input    `sampled`: the metrics of the kind that a device measures all the time; not those of a door cycle, a stop or a run
 * Finding  info, warning when one has been away for a day; says which; again when another joins, and daily
 * Clears   when all are back, at the end of the window. One that is away for 30 days was taken out and is forgotten, without a word
 * Memory   three small numbers per metric, at most 400 bytes as JSON; written at most every 10 minutes once all metrics came
 * Source   all durations are unverified defaults
 *
 * @throws {TypeError} more than 31 metrics: their bits must fit into one number
 */
export function defineSensorSilent({
  id,
  sampled,
}: {
  readonly id: `${string}/sensor-silent`
  readonly sampled: z.ZodObject
}): Detector {
  const metrics = Object.keys(sampled.shape)
  if (metrics.length > 31) throw new TypeError(`${id} has ${metrics.length} metrics, and bits for 31`)
  const none = metrics.map(() => 0)

  return defineDetector({
    id,
    about: {
      finds: 'The device reports, but a metric that it used to send stays away.',
      severities: ['info', 'warning'],
      source: 'All durations are unverified defaults',
      traps: [
        'a device that sends everything',
        'a device that is silent itself for two days',
        'a sensor that pauses for 50 minutes',
        'what came for a few hours only',
      ],
    },
    clears: true,
    reads: z.object({}),
    mayRead: sampled,
    settings: defaults,
    initial: { from: 0, came: 0, silent: 0, windows: 0, seen: none, usual: none, away: none } as State,

    step(state, input, settings) {
      const values: Readonly<Record<string, unknown>> = input
      if (state.from === 0) return { state: { ...state, from: input.at, came: comeWith(values, metrics, 0) } }
      if (input.at - state.from < windowMs) {
        const came = comeWith(values, metrics, state.came)
        return { state: came === state.came ? state : withCame(state, came) }
      }

      const closed = closeWindow(state, settings)
      const next = { ...closed, from: input.at, came: comeWith(values, metrics, 0) }
      if (next.silent === 0) return oneCameBack(state) ? { state: next, cleared: true } : { state: next }
      const joined = (next.silent & ~state.silent) !== 0
      const due =
        joined || next.away.some((away, index) => has(next.silent, index) && away % settings.warningWindows === 0)
      return due ? { state: next, finding: findingOf(next, metrics, input.at, settings) } : { state: next }
    },
  })
}

function has(bits: number, index: number): boolean {
  return ((bits >>> index) & 1) === 1
}

/** Only what has not come in this window yet is looked for: a reading costs little once all came. */
function comeWith(values: Readonly<Record<string, unknown>>, metrics: readonly string[], came: number): number {
  let bits = came
  let missing = ~came & (-1 >>> (32 - metrics.length))
  while (missing !== 0) {
    const index = 31 - Math.clz32(missing)
    if (values[metrics[index] as string] !== undefined) bits |= 1 << index
    missing ^= 1 << index
  }
  return bits
}

/** Spelled out: spreading costs more than all the rest of the step. */
function withCame({ from, silent, windows, seen, usual, away }: State, came: number): State {
  return { from, came, silent, windows, seen, usual, away }
}

function closeWindow(state: State, settings: Settings): State {
  const windows = (state.windows + 1) % windowsPerDay
  const fades = windows === 0 ? 1 : 0
  const seen = [...state.seen]
  const usual = [...state.usual]
  const away = [...state.away]
  let silent = 0
  for (let index = 0; index < seen.length; index++) {
    const learned = usual[index] ?? 0
    const limit = limitOf(state, index, settings)
    const awayFor = away[index] ?? 0
    if (has(state.came, index)) {
      seen[index] = Math.min((seen[index] ?? 0) + 1, settings.warmUpWindows)
      usual[index] = Math.max(
        learned - fades,
        Math.min(awayFor, limit ?? settings.timesUsual * settings.regularWindows),
      )
      away[index] = 0
    } else if (awayFor + 1 >= settings.forgetWindows) {
      seen[index] = usual[index] = away[index] = 0
    } else if ((seen[index] ?? 0) > 0) {
      usual[index] = Math.max(learned - fades, 0)
      away[index] = awayFor + 1
      if (has(state.silent, index) || (limit !== undefined && awayFor + 1 >= limit)) silent |= 1 << index
    }
  }
  return { from: state.from, came: state.came, silent, windows, seen, usual, away }
}

/** Away for so many windows, it is missed; undefined where nobody can tell, or it comes with events. */
function limitOf({ seen, usual }: State, index: number, settings: Settings): number | undefined {
  const longest = usual[index] ?? 0
  if ((seen[index] ?? 0) < settings.warmUpWindows || longest > settings.regularWindows) return undefined
  return Math.max(settings.silentWindows, settings.timesUsual * longest)
}

/** What is only forgotten has not come back. */
function oneCameBack({ silent, came }: State): boolean {
  return (silent & came) !== 0
}

function findingOf({ silent, away }: State, metrics: readonly string[], at: number, settings: Settings): Finding {
  const names = metrics.filter((_, index) => has(silent, index)).join(', ')
  const longest = Math.max(...away.filter((_, index) => has(silent, index)))
  const hours = longest / windowsPerHour
  return {
    severity: longest >= settings.warningWindows ? 'warning' : 'info',
    summary: `The device reports, but for ${hours.toFixed(0)} h without ${names}`,
    evidence: { metrics: names, awayHours: Number(hours.toFixed(1)) },
    since: at - longest * windowMs,
  }
}
