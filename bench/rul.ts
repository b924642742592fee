import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { linearRegression, mean } from 'simple-statistics'
import { dayMs } from '../core/clock.ts'
import { type GrowthLaw, learnGrowthLaw, leaveOneOut, type WearLife } from '../core/estimators/growth-law.ts'
import { type TimeToLimit, timeToLimit, wearDefaults } from '../core/estimators/time-to-limit.ts'
import { newWear, observeWear, type WearState, wearPoints } from '../core/estimators/wear-history.ts'
import { type BenchSetOptions, columnOf, openSet, readTable, scoreOutputs, writeTable } from './bench-set.ts'

export interface RulOptions extends BenchSetOptions {
  /** The level at which a unit has failed. */
  readonly limit: number
}

interface Unit {
  readonly id: string
  readonly samples: readonly { readonly time: number; readonly level: number }[]
}

/** The set's unit of time is taken for a day. It wants a number for each unit, also early in a life: so more is ventured. */
const settings = { ...wearDefaults, resolution: 1, fewestPeriods: 3, farthest: 10 }

/** A life is remembered at so many times, evenly; each is a place from which its end is foretold. */
const remembered = 20

/**
 * Remaining life of tests that were cut off (`test.csv`), by the estimator that detectors use, with the law learned from
 * `train.csv` at each run. Every unit goes through once, forwards. Labels (`truth.csv`) are read after the last prediction.
 */
export function benchRul({ data, out, limit }: RulOptions): void {
  const set = openSet(data, 'rul')
  const startedAt = performance.now()
  const lives = readUnits(join(data, 'train.csv')).map(lifeOf)
  const law = learnGrowthLaw(lives, limit)
  const units = readUnits(join(data, 'test.csv'))
  const predictions = units.map((unit) => ({ unit, ...predict(unit, limit, law) }))
  const seconds = (performance.now() - startedAt) / 1_000

  writeTable(out, 'predictions.csv', {
    header: ['unit', 'rul', 'low', 'high'],
    rows: predictions.map(({ unit, days, lowDays, highDays }) => [
      unit.id,
      ...[days, lowDays, highDays].map((value) => value.toFixed(2)),
    ]),
  })
  console.log(
    `${set.name}: ${lives.length} lives learned from, ${units.length} units foretold in ${seconds.toFixed(1)} s`,
  )
  console.log(`law: ${JSON.stringify(law)}`)
  console.log(`leave-one-out on train, to the level each life came to: RMSE, MAE ${crossValidation(lives, limit, law)}`)

  const truthPath = join(data, 'truth.csv')
  if (!existsSync(truthPath)) {
    console.log(`no truth.csv in ${data}: not scored, only written`)
    return
  }
  const truth = readTruth(truthPath)
  const scored = predictions.flatMap((prediction) => {
    const rul = truth.get(prediction.unit.id)
    return rul === undefined ? [] : [{ ...prediction, rul }]
  })
  const inside = scored.filter(({ rul, lowDays, highDays }) => lowDays <= rul && rul <= highDays).length
  console.log(`RMSE and MAE of the remaining life, on ${scored.length} units:`)
  console.log(`  this           ${errorsText(scored.map(({ days, rul }) => days - rul))}`)
  console.log(`  inside 80 %    ${inside} of ${scored.length}`)
  const best = mean(scored.map(({ rul }) => rul))
  console.log(`  constant       ${errorsText(scored.map(({ rul }) => best - rul))}   (the mean of the truth itself)`)
  console.log(`  exponential    ${errorsText(scored.map(({ unit, rul }) => extrapolate(unit, limit, Math.log) - rul))}`)
  console.log(`  linear         ${errorsText(scored.map(({ unit, rul }) => extrapolate(unit, limit, (x) => x) - rul))}`)
  console.log(scoreOutputs(set, out) ?? 'no score.mjs beside the set')
}

function readUnits(path: string): Unit[] {
  const table = readTable(path)
  const [unit, time, level] = ['unit', 'time', 'differential_pressure'].map((name) => columnOf(table, name, path))
  const units = new Map<string, { time: number; level: number }[]>()
  for (const row of table.rows) {
    const id = row[unit ?? 0] ?? ''
    const samples = units.get(id) ?? []
    samples.push({ time: Number(row[time ?? 0]), level: Number(row[level ?? 0]) })
    units.set(id, samples)
  }
  return [...units].map(([id, samples]) => ({ id, samples }))
}

function readTruth(path: string): Map<string, number> {
  const table = readTable(path)
  const [unit, rul] = ['unit', 'rul'].map((name) => columnOf(table, name, path))
  return new Map(table.rows.map((row) => [row[unit ?? 0] ?? '', Number(row[rul ?? 0])]))
}

function observe(state: WearState, { time, level }: Unit['samples'][number]): WearState {
  return observeWear(state, time * dayMs, level, settings)
}

function lifeOf({ samples }: Unit): WearLife {
  let wear = newWear
  const life: WearLife[number][] = []
  const end = samples.at(-1)?.time ?? 0
  for (const sample of samples) {
    wear = observe(wear, sample)
    if (sample.time >= ((life.length + 1) * end) / remembered) life.push(wearPoints(wear))
  }
  return life
}

/** Of a unit that is hardly worn the product says nothing. Here a number is wanted: it has gone a third of its life, or so. */
function predict({ samples }: Unit, limit: number, law: GrowthLaw): Pick<TimeToLimit, 'days' | 'lowDays' | 'highDays'> {
  const now = samples.at(-1)?.time ?? 0
  const said = timeToLimit(samples.reduce(observe, newWear), now * dayMs, limit, settings, law)
  return said.refused === undefined ? said : { days: 2 * now, lowDays: now / 2, highDays: 8 * now }
}

function crossValidation(lives: readonly WearLife[], limit: number, law: GrowthLaw): string {
  const misses = leaveOneOut(lives, limit).map(({ forecast: { elapsed, mean, deviation }, life }) => ({
    error: elapsed * Math.exp(mean) - life,
    inside: Math.abs(Math.log(life / elapsed) - mean) < 1.2816 * law.miss * deviation,
    share: (elapsed * Math.exp(mean) - life) / life,
  }))
  const inside = misses.filter((miss) => miss.inside).length / misses.length
  const relative = Math.sqrt(mean(misses.map(({ share }) => share ** 2)))
  return `${errorsText(misses.map(({ error }) => error))}, ${(100 * relative).toFixed(1)} % of life, ${(100 * inside).toFixed(0)} % inside 80 % (${misses.length} forecasts)`
}

function errorsText(errors: readonly number[]): string {
  const rmse = Math.sqrt(mean(errors.map((error) => error ** 2)))
  return `${rmse.toFixed(2)}  ${mean(errors.map(Math.abs)).toFixed(2)}`
}

/** What anyone would try first: a straight line through the last 30 % of the readings, or of their logarithms. */
function extrapolate({ samples }: Unit, limit: number, scale: (level: number) => number): number {
  const last = samples.slice(Math.floor(0.7 * samples.length)).filter(({ level }) => level > 0)
  const { m, b } = linearRegression(last.map(({ time, level }) => [time, scale(level)]))
  return Math.max(0, (scale(limit) - b) / m - (samples.at(-1)?.time ?? 0))
}
