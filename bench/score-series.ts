import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialScorer, score } from '../core/scorer/score.ts'
import { scorerSettings } from '../core/scorer/settings.ts'
import { type BenchSet, columnOf, dataFiles, readTable, scoreOutputs, writeTable } from './bench-set.ts'
import { machineText } from './figures.ts'

/** A set of labelled series, one CSV file each: how its files are written. */
export interface SeriesFormat {
  readonly separator: string
  readonly timeColumn: string
  /** Columns that are no channel: the truth, where the set has it. */
  readonly labelColumns: readonly string[]
}

export interface Row {
  readonly timestamp: string
  readonly at: number
  readonly values: readonly (number | null)[]
}

/** @throws {Error} a time or a value is none; an empty value is null */
export function readSeries(path: string, { separator, timeColumn, labelColumns }: SeriesFormat): Row[] {
  const table = readTable(path, separator)
  const time = columnOf(table, timeColumn, path)
  const channels = table.header.flatMap((name, index) => (index === time || labelColumns.includes(name) ? [] : [index]))
  return table.rows.map((row, index) => {
    const timestamp = row[time] ?? ''
    const at = Date.parse(`${timestamp.replace(' ', 'T')}Z`)
    const values = channels.map((channel) => (row[channel] === '' ? null : Number(row[channel])))
    if (Number.isNaN(at) || values.some((value) => Number.isNaN(value)))
      throw new Error(`${path}: row ${index + 2} is not a time with numbers: ${row.join(separator)}`)
    return { timestamp, at, values }
  })
}

/** Through the product's scorer, once, forwards, row by row: a score depends on its row and the ones before it. */
export function scoreSeries(rows: readonly Row[]): { scores: number[]; stateBytes: number } {
  let state = initialScorer
  const scores = rows.map((row) => {
    const step = score(state, row, scorerSettings)
    state = step.state
    return step.score
  })
  return { scores, stateBytes: JSON.stringify(state).length }
}

/** Scores every file of the set into `out`, and prints what that cost. */
export function scoreSet(set: BenchSet, format: SeriesFormat, out: string): void {
  console.log(`${set.name}: ${machineText()}`)
  let rowCount = 0
  let microseconds = 0
  let mostBytes = 0
  const files = dataFiles(set)
  for (const file of files) {
    const rows = readSeries(join(set.folder, 'data', file), format)
    const startedAt = process.cpuUsage()
    const { scores, stateBytes } = scoreSeries(rows)
    const { user, system } = process.cpuUsage(startedAt)
    microseconds += user + system
    rowCount += rows.length
    mostBytes = Math.max(mostBytes, stateBytes)
    writeScores(out, file, rows, scores)
  }
  console.log(
    `${files.length} files, ${rowCount} rows: ${(microseconds / rowCount).toFixed(2)} µs CPU per row, ` +
      `state at most ${mostBytes} B of JSON; written to ${out}`,
  )
}

/** What the set's scorer says of our outputs and, beside it, of answers that took no thought. */
export function printScores(
  set: BenchSet,
  format: SeriesFormat,
  out: string,
  references: Readonly<Record<string, () => number>>,
  scorerArguments: readonly string[],
): void {
  const ours = scoreOutputs(set, out, scorerArguments)
  if (ours === null) {
    console.log('There is no score.mjs beside the set, so nothing is scored.')
    return
  }
  console.log(ours)
  for (const [name, answer] of Object.entries(references)) {
    const folder = mkdtempSync(join(tmpdir(), 'liftwatt-bench-'))
    try {
      for (const file of dataFiles(set)) {
        const rows = readSeries(join(set.folder, 'data', file), format)
        writeScores(folder, file, rows, rows.map(answer))
      }
      console.log(`for comparison, ${name}:\n${scoreOutputs(set, folder, scorerArguments)}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

function writeScores(out: string, file: string, rows: readonly Row[], scores: readonly number[]): void {
  const table = rows.map(({ timestamp }, index) => [timestamp, String(scores[index])])
  writeTable(out, file, { header: ['timestamp', 'anomaly_score'], rows: table })
}
