import { join } from 'node:path'
import { type BenchSetOptions, dataFiles, openSet, readTable } from './bench-set.ts'
import { printScores, type SeriesFormat, scoreSet } from './score-series.ts'

const format: SeriesFormat = { separator: ';', timeColumn: 'datetime', labelColumns: ['anomaly', 'changepoint'] }

/**
 * The Skoltech Anomaly Benchmark (I. Katser and V. Kozitsin, 2020): eight channels of a water pump, one row a second, where every row
 * is right or wrong. An alarm is a score of 0.5 and more. Judge F1 together with the share of false alarms: always an alarm is 0.70.
 */
export function benchSkab({ data, out }: BenchSetOptions): void {
  const set = openSet(data, 'skab')
  scoreSet(set, format, out)
  const labelled = dataFiles(set).some((file) => readTable(join(data, 'data', file), ';').header.includes('anomaly'))
  if (!labelled) {
    console.log('The set has no labels (a column "anomaly"), so nothing is scored.')
    return
  }
  printScores(set, format, out, { 'always an alarm': () => 1, 'never an alarm': () => 0 }, ['--threshold', '0.5'])
}
