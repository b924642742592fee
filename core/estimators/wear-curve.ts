import type { WearPoint } from './wear-history.ts'

/**
 * How the parts of one make wear, learned from their whole lives: a level that grows from 0 when new, faster for some.
 *
 * Between two levels the time since new grows by a factor, and that factor is much the same for all parts however long
 * they live: the pace, d ln(time) / d ln(level). A part that is slower than the fleet stays so for a while: its own
 * deviation, in units of the fleet's spread, is followed by a Kalman filter over ln(level) and fades with `fading`.
 *
 * Source   first-order autoregressive deviation and its filter: R. E. Kalman, J. Basic Eng. 82 (1960), 35–45; monotone levels:
 *          Barlow et al., "Statistical Inference under Order Restrictions" (1972). `fading` and `lasting` are unverified
 *          defaults, chosen by leave-one-out on 49 filter runs (Hagmeyer, Mauthe, Zeiler, IJPHM 12(2), 2021): flat from 1 to 4
 *          and from 0.3 to 0.5
 */
export interface WearCurve {
  /** Ascending, each `levelRatio` times the one before; the last is the limit. */
  readonly levels: readonly number[]
  /** From each level to the next: mean pace of the fleet, and the standard deviation of single parts. */
  readonly pace: readonly number[]
  readonly spread: readonly number[]
  /** Times the deviation that the model itself claims: what leave-one-out showed it to miss by. */
  readonly widening: number
}

/** ln(life / elapsed) is normal. */
export interface CurveEnd {
  /** Periods since the part was new, at the last level. */
  readonly elapsed: number
  readonly mean: number
  readonly deviation: number
}

/** One part's history as it was remembered at some times of its life, oldest first; the last tells its end. */
export type WearRun = readonly (readonly WearPoint[])[]

const levelRatio = 2 ** 0.25
/** Down to 1/64 of the limit. */
const levelSteps = 24
/** So far, in ln(level), until a deviation has faded to 1/e. */
const fading = 2
/** The share of a single step's variance that lasts; the rest is chance. */
const lasting = 0.35
/** No single step says more than so many spreads. */
const cutAt = 2.5
/** ln(level) over which neighbouring steps are averaged, as a standard deviation: few parts are seen to their end. */
const smoothing = 0.2

/**
 * Learns from parts that need not have reached the limit: each tells of the levels that it did reach. The widening is such that
 * of all ends foretold from earlier in a life, by a curve of the other parts, eight in ten lie in their 80 % interval.
 */
export function learnWearCurve(runs: readonly WearRun[], limit: number): WearCurve {
  const curve = meanCurve(runs, limit)
  const misses = leaveOneOut(runs, limit)
    .map(({ end, life }) => Math.abs(Math.log(life / end.elapsed) - end.mean) / end.deviation)
    .sort((a, b) => a - b)
  const middle = misses[Math.floor(0.8 * misses.length)]
  return { ...curve, widening: middle === undefined ? 1 : middle / normal80 }
}

/** 80 % of a normal distribution lie within so many deviations. */
const normal80 = 1.2816

/** What a curve of all other parts says from each time of a part's life, against what it came to. In periods. */
export function leaveOneOut(runs: readonly WearRun[], limit: number) {
  return runs.flatMap((run) => {
    const whole = crossings(run.at(-1) ?? [])
    const others = meanCurve(
      runs.filter((other) => other !== run),
      limit,
    )
    return run.slice(0, -1).flatMap((points) => {
      const end = whole && endByCurve(points, whole.last.level, others)
      return whole && end ? [{ end, life: whole.last.time }] : []
    })
  })
}

/** Undefined while the level is below the curve, or has reached the limit. */
export function endByCurve(points: readonly WearPoint[], limit: number, curve: WearCurve): CurveEnd | undefined {
  const own = crossings(points)
  if (!own || own.last.level < (curve.levels[0] ?? Infinity)) return undefined

  const deviation = followDeviation(own, curve)
  const from = Math.log(own.last.level)
  const ahead = Math.max(0, Math.log(limit) - from)
  let mean = 0
  let chance = 0
  let spread = 0
  for (let i = 0; i < curve.pace.length; i++) {
    const [begin, end] = stepOf(curve, i, from, from + ahead)
    if (end <= begin) continue
    const width = end - begin
    const stepSpread = curve.spread[i] ?? 0
    const faded = deviation.mean * Math.exp(-((begin + end) / 2 - from) / fading)
    mean += width * Math.max(leastPace, (curve.pace[i] ?? 0) + stepSpread * faded)
    chance += width * (1 - lasting) * Math.log(levelRatio) * stepSpread ** 2
    spread += width * stepSpread
  }
  const faded = fading * (1 - Math.exp(-ahead / fading))
  const fresh = lasting * (2 * fading * (ahead - faded) - faded ** 2)
  const lastingVariance = ahead > 0 ? (spread / ahead) ** 2 * (deviation.variance * faded ** 2 + fresh) : 0
  return {
    elapsed: own.last.time,
    mean,
    deviation: curve.widening * Math.sqrt(lastingVariance + chance) + leastDeviation,
  }
}

const leastPace = 0.02
const leastDeviation = 0.002

function followDeviation(own: Crossings, curve: WearCurve): { mean: number; variance: number } {
  let mean = 0
  let variance = lasting
  for (let i = 0; i < curve.pace.length; i++) {
    const [begin, end] = stepOf(curve, i, Math.log(own.first.level), Math.log(own.last.level))
    if (end <= begin) continue
    const width = end - begin
    const keeps = Math.exp(-width / fading)
    variance = variance * keeps ** 2 + lasting * (1 - keeps ** 2)
    const pace = Math.log(own.timeAt(Math.exp(end)) / own.timeAt(Math.exp(begin))) / width
    const seen = (pace - (curve.pace[i] ?? 0)) / (curve.spread[i] ?? 1)
    const noise = ((1 - lasting) * Math.log(levelRatio)) / width
    const gain = variance / (variance + noise)
    mean = mean * keeps + gain * (Math.max(-cutAt, Math.min(cutAt, seen)) - mean * keeps)
    variance *= 1 - gain
  }
  return { mean, variance }
}

/** The part of the curve's i-th step, in ln(level), that lies within bounds; the outer steps go on outwards. */
function stepOf({ levels }: WearCurve, i: number, from: number, to: number): [number, number] {
  const begin = Math.log(levels[i] ?? 0)
  const end = i + 2 >= levels.length ? Infinity : Math.log(levels[i + 1] ?? 0)
  return [Math.max(begin, from), Math.min(end, to)]
}

function meanCurve(runs: readonly WearRun[], limit: number): WearCurve {
  const levels = Array.from({ length: levelSteps + 1 }, (_, i) => limit * levelRatio ** (i - levelSteps))
  const paces = runs.map((run) => pacesOf(run, levels))
  const width = Math.log(levelRatio)
  const near = (i: number, j: number) => Math.exp(-0.5 * (((i - j) * width) / smoothing) ** 2)
  const steps = levels.slice(1).map((_, i) => {
    const seen = paces.flatMap((run) => run.map((pace, j) => ({ pace, weight: near(i, j) })))
    const known = seen.filter(({ pace, weight }) => Number.isFinite(pace) && weight > 0.01)
    const weight = known.reduce((sum, one) => sum + one.weight, 0)
    const mean = known.reduce((sum, one) => sum + one.weight * one.pace, 0) / weight
    const variance = known.reduce((sum, one) => sum + one.weight * (one.pace - mean) ** 2, 0) / weight
    return { mean, spread: Math.sqrt(variance) }
  })
  return { levels, pace: steps.map(({ mean }) => mean), spread: steps.map(({ spread }) => spread), widening: 1 }
}

/** Of each step; NaN where the part was not seen to pass it. */
function pacesOf(run: WearRun, levels: readonly number[]): number[] {
  const seen = run.map(crossings)
  const times = levels.map((level) => {
    const first = seen.find((one) => one !== undefined && one.last.level >= level)
    return first !== undefined && first.first.level <= level ? first.timeAt(level) : Number.NaN
  })
  return times.slice(1).map((time, i) => Math.log(time / (times[i] ?? Number.NaN)) / Math.log(levelRatio))
}

interface Crossings {
  readonly first: { readonly level: number; readonly time: number }
  readonly last: { readonly level: number; readonly time: number }
  /** Periods since new, at a level between the first and the last. */
  timeAt(level: number): number
}

/** Levels made monotone, so that each is passed once; a power law between two points. */
function crossings(points: readonly WearPoint[]): Crossings | undefined {
  const start = points[0]?.from ?? 0
  const rising = monotone(points).map(({ from, periods, level }) => ({ time: from + periods / 2 - start, level }))
  const above = rising.filter(({ level }, i) => level > 0 && level > (rising[i - 1]?.level ?? 0))
  const first = above[0]
  const last = above.at(-1)
  if (!first || !last) return undefined
  // The last level may have stood for a while.
  const end = { level: last.level, time: rising.at(-1)?.time ?? last.time }
  return {
    first,
    last: end,
    timeAt(level) {
      const i = above.findIndex((point) => point.level >= level)
      const after = i < 0 ? end : (above[i] ?? end)
      const before = above[i - 1]
      if (i <= 0 || !before) return after.time
      const share = Math.log(level / before.level) / Math.log(after.level / before.level)
      return before.time * (after.time / before.time) ** share
    },
  }
}

/** Pool adjacent violators: neighbours that fall share their mean. */
function monotone(points: readonly WearPoint[]): WearPoint[] {
  const pools: { level: number; weight: number; members: WearPoint[] }[] = []
  for (const point of points) {
    let pool = { level: point.level, weight: point.periods, members: [point] }
    for (let last = pools.at(-1); last && last.level >= pool.level; last = pools.at(-1)) {
      pools.pop()
      const weight = last.weight + pool.weight
      const level = (last.level * last.weight + pool.level * pool.weight) / weight
      pool = { level, weight, members: [...last.members, ...pool.members] }
    }
    pools.push(pool)
  }
  return pools.flatMap(({ level, members }) => members.map((point) => ({ ...point, level })))
}
