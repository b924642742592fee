import { monotone } from './monotone.ts'
import type { WearPoint } from './wear-history.ts'

/**
 * How parts of one make wear, learned from their lives: a level that grows from 0 when the part is new, in some faster than
 * in others.
 *
 * The pace, d ln(time since new) / d ln(level), is much the same however long a part lives; were it constant, the level would
 * be a power of time. The pace from now to the limit is taken as linear in the pace that this very part has shown lately,
 * for a part that differs from the others goes on differing, and in how near the limit the way lies.
 *
 * Memory   four numbers for a whole make
 * Source   own construction. Windows and bounds are unverified defaults, chosen by leave-one-out on 49 filter runs (Hagmeyer,
 *          Mauthe, Zeiler, IJPHM 12(2), 2021); windows of 4 to 15 do as well
 */
export interface GrowthLaw {
  /** pace ahead = constant + ownPace × own pace + nearness × ln(middle of the way / limit) */
  readonly constant: number
  readonly ownPace: number
  readonly nearness: number
  /** Standard deviation of ln(life): `miss` × (ln(limit / level) + `nearMiss`). */
  readonly miss: number
}

/** One part's history as it was remembered at some times of its life, oldest first; the last tells its end. */
export type WearLife = readonly (readonly WearPoint[])[]

/** ln(life / elapsed) is normal; both in periods since new. */
export interface LawForecast {
  readonly elapsed: number
  readonly mean: number
  readonly deviation: number
  /** At `elapsed`. */
  readonly level: number
  readonly perPeriod: number
}

/** The own pace is that over so many times of level, up to the present one. */
const lookBack = 8
/** Not told from less: the readings' scatter would be in it. */
const fewestLookBack = 1.5
/** Below this share of the limit nobody knows yet which way a part goes. */
const lowestShare = 1 / 24
/** A life that ended below this share of the limit tells nothing of the way to it. */
const lowestEnd = 1 / 4
const leastPace = 0.05
/** So much is missed with no way left, in ln(level): the level itself has scatter. */
const nearMiss = 0.25
/** 80 % of a normal distribution lie within so many deviations. */
const normal80 = 1.2816

/**
 * Learns from parts that need not have come to the limit: each tells of the way that it went. `miss` is such that eight in ten
 * ends lie in their interval when each is foretold by a law of all other parts.
 * @throws {Error} too few lives, or too much alike
 */
export function learnGrowthLaw(lives: readonly WearLife[], limit: number): GrowthLaw {
  const misses = leaveOneOut(lives, limit)
    .map(({ forecast, life }) => Math.abs(Math.log(life / forecast.elapsed) - forecast.mean) / forecast.deviation)
    .sort((a, b) => a - b)
  return { ...fitted(lives, limit), miss: (misses[Math.floor(0.8 * misses.length)] ?? 1) / normal80 }
}

/** What a law of all other parts says at each remembered time of a part's life, against what it came to, in periods. */
export function leaveOneOut(lives: readonly WearLife[], limit: number): { forecast: LawForecast; life: number }[] {
  return lives.flatMap((one) => {
    const ways = waysOf(one, limit)
    if (ways.length === 0) return []
    const law = fitted(
      lives.filter((other) => other !== one),
      limit,
    )
    return ways.map((way) => ({ forecast: forecastOf(way, limit, law), life: way.life }))
  })
}

/** Undefined while there is too little to see of the part's own pace. */
export function forecastByLaw(points: readonly WearPoint[], limit: number, law: GrowthLaw): LawForecast | undefined {
  const past = pastOf(points, limit)
  return past && forecastOf({ ...past, end: limit }, limit, law)
}

/** Of a part until now. */
interface Past {
  readonly elapsed: number
  readonly level: number
  readonly ownPace: number
}

/** From a present to a level that was reached, or will be. */
interface Way extends Past {
  readonly end: number
}

function forecastOf(way: Way, limit: number, law: GrowthLaw): LawForecast {
  const ahead = Math.max(0, Math.log(way.end / way.level))
  const [one, own, near] = factorsOf(way, limit)
  const pace = Math.max(leastPace, law.constant * one + law.ownPace * own + law.nearness * near)
  return {
    elapsed: way.elapsed,
    mean: pace * ahead,
    deviation: law.miss * (ahead + nearMiss),
    level: way.level,
    perPeriod: way.level / way.elapsed / pace,
  }
}

function factorsOf({ level, end, ownPace }: Way, limit: number): [number, number, number] {
  return [1, ownPace, Math.log(Math.sqrt(level * end) / limit)]
}

function fitted(lives: readonly WearLife[], limit: number): GrowthLaw {
  const samples = lives
    .flatMap((life) => waysOf(life, limit))
    .map((way) => {
      const ahead = Math.log(way.end / way.level)
      return { factors: factorsOf(way, limit), value: Math.log(way.life / way.elapsed) / ahead, weight: ahead }
    })
  const [constant, ownPace, nearness] = leastSquares(samples)
  return { constant, ownPace, nearness, miss: 1 }
}

/** From each remembered time of a life to its end. */
function waysOf(life: WearLife, limit: number): (Way & { life: number })[] {
  const whole = pastOf(life.at(-1) ?? [], limit)
  if (!whole || whole.level < lowestEnd * limit) return []
  return life.slice(0, -1).flatMap((points) => {
    const past = pastOf(points, limit)
    return past && past.level * 1.02 < whole.level ? [{ ...past, end: whole.level, life: whole.elapsed }] : []
  })
}

function pastOf(points: readonly WearPoint[], limit: number): Past | undefined {
  const start = points[0]?.from ?? 0
  const levels = monotone(
    points.map(({ level }) => level),
    points.map(({ periods }) => periods),
  )
  const rising = points.map(({ from, periods }, i) => ({ time: from + periods / 2 - start, level: levels[i] ?? 0 }))
  const now = rising.at(-1)
  if (!now || now.level < lowestShare * limit) return undefined

  const i = rising.findIndex(({ level }) => level >= now.level / lookBack)
  const after = rising[i]
  const before = rising[i - 1]
  if (!after) return undefined
  const then = before && before.level > 0 ? between(before, after, now.level / lookBack) : after
  const back = now.level / then.level
  if (back < fewestLookBack) return undefined
  return { elapsed: now.time, level: now.level, ownPace: Math.log(now.time / then.time) / Math.log(back) }
}

interface Moment {
  readonly time: number
  readonly level: number
}

/** A power of time between two moments. */
function between(before: Moment, after: Moment, level: number): Moment {
  const share = Math.log(level / before.level) / Math.log(after.level / before.level)
  return { time: before.time * (after.time / before.time) ** share, level }
}

interface LawSample {
  readonly factors: readonly [number, number, number]
  readonly value: number
  readonly weight: number
}

/** Weighted least squares of value = factors · result, by Cramer's rule on the normal equations. */
function leastSquares(samples: readonly LawSample[]): [number, number, number] {
  const sum = (of: (sample: LawSample) => number) =>
    samples.reduce((total, sample) => total + sample.weight * of(sample), 0)
  const column = (i: 0 | 1 | 2): Column => [
    sum(({ factors }) => factors[0] * factors[i]),
    sum(({ factors }) => factors[1] * factors[i]),
    sum(({ factors }) => factors[2] * factors[i]),
  ]
  const [a, b, c] = [column(0), column(1), column(2)]
  const right: Column = [
    sum(({ factors, value }) => factors[0] * value),
    sum(({ factors, value }) => factors[1] * value),
    sum(({ factors, value }) => factors[2] * value),
  ]
  const whole = determinant(a, b, c)
  if (!(Math.abs(whole) > 1e-12)) throw new Error(`a growth law needs more, and more different, lives than these`)
  return [determinant(right, b, c) / whole, determinant(a, right, c) / whole, determinant(a, b, right) / whole]
}

type Column = readonly [number, number, number]

function determinant(a: Column, b: Column, c: Column): number {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1])
}
