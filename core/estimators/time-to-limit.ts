import { errorFunction } from 'simple-statistics'
import { dayMs, hourMs } from '../clock.ts'
import { type Growth, weighStories } from './growth.ts'
import { forecastByLaw, type GrowthLaw } from './growth-law.ts'
import { type HistorySettings, type WearPoint, type WearState, wearPoints } from './wear-history.ts'

export interface WearSettings extends HistorySettings {
  /** So many periods with values since the last visit, at least, before anything is said. */
  readonly fewestPeriods: number
  /** So much belief, of 1, growth must have over noise and over one step. */
  readonly sureFrom: number
  /** Never further ahead than this times what was seen of the growth. */
  readonly farthest: number
  /** After so many periods without values nobody knows how it stands. */
  readonly stalePeriods: number
  /** Wear goes on unevenly: standard deviation of the time to come, as a share of it. */
  readonly uneven: number
}

/** All but `resolution`, which the quantity gives. Unverified defaults, checked on simulated wear in the test. */
export const wearDefaults = {
  periodHours: 24,
  fewestValues: 3,
  fewestPeriods: 8,
  sureFrom: 0.9,
  farthest: 2,
  stalePeriods: 7,
  uneven: 0.2,
}

/** Days from `at` on; eight times out of ten the limit is reached between `lowDays` and `highDays`. */
export interface TimeToLimit {
  readonly refused?: never
  /** The middle: as likely sooner as later. 0 when the level has reached the limit. */
  readonly days: number
  readonly lowDays: number
  readonly highDays: number
  /** The level now and before the growth began, as fitted, and its growth now. */
  readonly level: number
  readonly baseLevel: number
  readonly perDay: number
}

/**
 * Why there is no forecast. `too-little-data` since the last visit, or none lately; `no-trend` beyond noise; `step`: it
 * changed at once, which tells nothing of the time to come; `too-far` ahead of what was seen.
 */
export interface NoForecast {
  readonly refused: 'too-little-data' | 'no-trend' | 'step' | 'too-far'
}

/**
 * When a growing level reaches its limit, with an 80 % interval, or why nobody can say.
 *
 * Without a `law` every story that the history leaves believable (`growth.ts`) has its own end, and the answer is the mixture's
 * 10, 50 and 90 % quantiles. With the law of a whole make (`growth-law.ts`), for parts whose level grows from 0 when new, the
 * law's end is the only one. Levels that wear downwards: negate value and limit.
 *
 * Cost   some 100 µs: ask once a period, when `state.period` has changed, not at every reading
 */
export function timeToLimit(
  state: WearState,
  at: number,
  limit: number,
  settings: WearSettings,
  law?: GrowthLaw,
): TimeToLimit | NoForecast {
  const periodMs = settings.periodHours * hourMs
  const now = at / periodMs
  const points = wearPoints(state)
  const heard = points.reduce((sum, { periods }) => sum + periods, 0)
  const last = points.at(-1)
  if (!last || heard < settings.fewestPeriods || now - (last.from + last.periods) > settings.stalePeriods) {
    return { refused: 'too-little-data' }
  }

  const view = law ? viewByLaw(points, now, limit, law) : viewByStories(points, now, limit, settings)
  if ('refused' in view) return view
  const days = quantile(view.ends, 0.5)
  if (days > settings.farthest * view.seen) return { refused: 'too-far' }

  const toDays = periodMs / dayMs
  return {
    days: days * toDays,
    lowDays: quantile(view.ends, 0.1) * toDays,
    highDays: quantile(view.ends, 0.9) * toDays,
    level: view.level,
    baseLevel: view.baseLevel,
    perDay: view.perPeriod / toDays,
  }
}

/** What is seen of the wear at one time; in periods. */
interface View {
  /** For how long growth has been seen. */
  readonly seen: number
  readonly level: number
  readonly baseLevel: number
  readonly perPeriod: number
  readonly ends: readonly End[]
}

/** When the limit is reached, as one story has it. */
interface End {
  readonly belief: number
  /** The chance that it is reached within so many periods from now. */
  within(periods: number): number
}

/** A fifth of the way was seen: what is left to grow is no more than this times what has grown. Unverified default. */
const mostToGrow = 4

function viewByStories(
  points: readonly WearPoint[],
  now: number,
  limit: number,
  settings: WearSettings,
): View | NoForecast {
  const sound = withoutOutliers(points)
  const { flat, step, growths } = weighStories(sound, settings.resolution / 10, settings.sureFrom)
  if (1 - flat - step < settings.sureFrom) return { refused: step > flat ? 'step' : 'no-trend' }
  const level = mixed(growths, ({ base, rate, onset, power }) => base + rate * (now - onset) ** power)
  const baseLevel = mixed(growths, ({ base }) => base)
  if (limit - level > mostToGrow * (level - baseLevel)) return { refused: 'too-far' }
  return {
    ...{ level, baseLevel },
    seen: mixed(growths, ({ onset }) => now - onset),
    perPeriod: mixed(growths, (growth) => slopeAt(growth, now)),
    ends: growths.map((growth) => endOf(growth, now, limit, settings.uneven)),
  }
}

function viewByLaw(points: readonly WearPoint[], now: number, limit: number, law: GrowthLaw): View | NoForecast {
  const forecast = forecastByLaw(points, limit, law)
  if (!forecast) return { refused: 'too-little-data' }
  const { elapsed, mean, deviation, level, perPeriod } = forecast
  const since = now - (points[0]?.from ?? now)
  const within = (periods: number) => normalShare((Math.log((since + periods) / elapsed) - mean) / deviation)
  return { seen: elapsed, level, baseLevel: 0, perPeriod, ends: [{ belief: 1, within }] }
}

function endOf(growth: Growth, now: number, limit: number, uneven: number): End {
  const { belief, onset, power, base, rate } = growth
  const end = onset + Math.max(0, (limit - base) / rate) ** (1 / power)
  const slope = slopeAt(growth, Math.max(end, now))
  const fitted = Math.sqrt(growth.varianceAt(Math.max(end, now))) / slope
  const deviation = Math.hypot(fitted, uneven * Math.max(0, end - now), leastDeviation)
  return { belief, within: (periods) => normalShare((now + periods - end) / deviation) }
}

/** A period's level comes once a period: closer than this nobody can tell. */
const leastDeviation = 0.5

function slopeAt({ rate, power, onset }: Growth, t: number): number {
  return rate * power * (t - onset) ** (power - 1)
}

function mixed(growths: readonly Growth[], value: (growth: Growth) => number): number {
  let total = 0
  let beliefs = 0
  for (const growth of growths) {
    total += growth.belief * value(growth)
    beliefs += growth.belief
  }
  return total / beliefs
}

/** Of the mixture of all ends, by bisection, in periods; never before now. */
function quantile(ends: readonly End[], share: number): number {
  const beliefs = ends.reduce((sum, { belief }) => sum + belief, 0)
  const reached = (periods: number) =>
    ends.reduce((sum, { belief, within }) => sum + belief * within(periods), 0) >= share * beliefs
  if (reached(0)) return 0

  let low = 0
  let high = 1
  while (!reached(high)) {
    high *= 2
    if (high > never) return never
  }
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2
    if (reached(middle)) high = middle
    else low = middle
  }
  return high
}

/** Periods: later than any machine lives, and still a number. */
const never = 1e6

function normalShare(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2
}

/**
 * Leaves out a level far off both its neighbours: one bad day, which growth never is. Far: beyond `outlierAt` times the
 * median of such distances.
 */
function withoutOutliers(points: readonly WearPoint[]): WearPoint[] {
  const off = points.map(({ level }, i) => {
    const before = points[i - 1]?.level
    const after = points[i + 1]?.level
    if (before === undefined || after === undefined) return 0
    return Math.max(0, level - Math.max(before, after), Math.min(before, after) - level)
  })
  const distances = points.slice(1).map(({ level }, i) => Math.abs(level - (points[i]?.level ?? level)))
  const usual = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0
  return points.filter((_, i) => (off[i] ?? 0) <= outlierAt * usual)
}

const outlierAt = 5
