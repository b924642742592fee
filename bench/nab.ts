import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { newFrom } from '../core/scorer/score.ts'
import { type BenchSetOptions, openSet } from './bench-set.ts'
import { printScores, type SeriesFormat, scoreSet } from './score-series.ts'

const format: SeriesFormat = { separator: ',', timeColumn: 'timestamp', labelColumns: [] }

/**
 * The Numenta Anomaly Benchmark (A. Lavin and S. Ahmad, 2015): series of one channel, where the first alarm within a labelled window
 * counts, and the earlier the more. The benchmark looks for the best threshold itself; beside it stands the product's own.
 */
export function benchNab({ data, out }: BenchSetOptions): void {
  const set = openSet(data, 'nab')
  scoreSet(set, format, out)
  if (!existsSync(join(data, 'windows.json'))) {
    console.log('The set has no labels (windows.json), so nothing is scored.')
    return
  }
  const references = { 'random scores': randomScores(1), 'never an alarm': () => 0 }
  printScores(set, format, out, references, ['--threshold', String(newFrom)])
}

/** Evenly spread between 0 and 1, the same in every run. */
function randomScores(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
