import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { type Clock, dayMs, minuteMs, systemClock } from '../core/clock.ts'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import { type Log, silentLog } from '../core/log.ts'
import { type CsvMapping, type MappedRow, type Row, rowReader } from './csv-mapping.ts'
import type { Gateway } from './gateway.ts'
import { durationAt, type PacedReading, recordAtPace, type Speed } from './pace.ts'

/** A row of the file as the mapping reads it. */
export interface CsvRow extends MappedRow {
  /** Counted from 1, the header's; the last one of a row that spans several. */
  readonly line: number
}

/**
 * The rows of a CSV text with a header line, one after the other: files of any size.
 * @throws {ExpectedError} `invalid`: not CSV, or not with the mapping's columns
 */
export async function* csvRows(text: AsyncIterable<string | Buffer>, mapping: CsvMapping): AsyncGenerator<CsvRow> {
  let read: ((row: Row) => MappedRow) | undefined
  const parser = parse({
    bom: true,
    delimiter: mapping.delimiter,
    skip_empty_lines: true,
    info: true,
    columns: (header: string[]) => {
      const names = header.map((name) => name.trim())
      read = rowReader(mapping, names)
      return names
    },
  })
  pipeline(Readable.from(text), parser, () => {}) // An error of either end comes out of the parser, below.

  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Row; info: { lines: number } }>) {
      if (read) yield { line: info.lines, ...read(record) }
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw new ExpectedError('invalid', `Not a proper CSV file: ${cause.message}`, { cause })
  }
  if (!read) throw new ExpectedError('invalid', 'The file is empty: it needs a header line')
}

export interface Survey {
  readonly rows: number
  /** Rows in which every cell of the mapping is empty. */
  readonly emptyRows: number
  readonly readings: number
  readonly devices: number
  /** ms since 1970. */
  readonly firstAt: number
  readonly lastAt: number
  readonly inOrder: boolean
  readonly inOrderPerDevice: boolean
}

const problemsShown = 5

/**
 * Reads everything and keeps nothing: a wrong line 90,000 is known before the first reading is published.
 * @throws {ExpectedError} `invalid`: names lines and columns of the first problems; or there is no reading at all
 */
export async function surveyCsv(text: AsyncIterable<string | Buffer>, mapping: CsvMapping): Promise<Survey> {
  const newestOf = new Map<string, number>()
  const survey = { rows: 0, emptyRows: 0, readings: 0, inOrder: true, inOrderPerDevice: true }
  const problems: string[] = []
  let problemCount = 0
  let firstAt = Number.POSITIVE_INFINITY
  let lastAt = Number.NEGATIVE_INFINITY

  for await (const row of csvRows(text, mapping)) {
    survey.rows += 1
    survey.readings += row.readings.length
    if (row.readings.length === 0 && row.problems.length === 0) survey.emptyRows += 1
    problemCount += row.problems.length
    if (problems.length < problemsShown) problems.push(...row.problems.map((problem) => `line ${row.line}, ${problem}`))

    for (const { deviceId, at } of row.readings) {
      if (at < lastAt) survey.inOrder = false
      if (at < (newestOf.get(deviceId) ?? at)) survey.inOrderPerDevice = false
      firstAt = Math.min(firstAt, at)
      lastAt = Math.max(lastAt, at)
      newestOf.set(deviceId, Math.max(newestOf.get(deviceId) ?? at, at))
    }
  }

  if (problemCount > 0) throw new ExpectedError('invalid', describeProblems(problems, problemCount))
  if (survey.readings === 0)
    throw new ExpectedError('invalid', `No reading in ${survey.rows} rows: every cell is empty`)
  return { ...survey, devices: newestOf.size, firstAt, lastAt }
}

function describeProblems(problems: readonly string[], count: number): string {
  const shown = problems.slice(0, problemsShown)
  const more = count > shown.length ? [`and ${count - shown.length} more`] : []
  return [...shown, ...more].join('\n')
}

export interface ReplayOptions {
  readonly file: string
  readonly mapping: CsvMapping
  /** Connected already, or it waits until it is; the caller stops it. */
  readonly gateway: Gateway
  /**
   * Shifts all times alike, so that the last reading's time is the moment when the last one is due: now, at full speed. Else
   * times stay as recorded.
   */
  readonly endNow: boolean
  readonly speed: Speed
  readonly clock?: Clock
  readonly log?: Log
  /** Ends the replay early. */
  readonly signal?: AbortSignal
}

export interface ReplayResult {
  readonly rows: number
  readonly emptyRows: number
  /** Readings handed to the gateway; what it has not had acknowledged is among its own figures. */
  readonly readings: number
  readonly devices: number
  /** As published, ms since 1970. */
  readonly firstAt: number
  readonly lastAt: number
}

/** Sorting needs the whole file in memory, about half a kilobyte a reading. */
const mostReadingsSorted = 2_000_000

/**
 * Publishes a recorded file as a gateway would, in the order of its times, and waits until the service has acknowledged it all.
 * @throws {ExpectedError} `invalid`: the file and the mapping do not fit, or the file cannot be read; nothing was published then
 */
export async function replayCsv(options: ReplayOptions): Promise<ReplayResult> {
  const { file, mapping, gateway, endNow, speed, clock = systemClock, log = silentLog, signal } = options
  const survey = await surveyCsv(textOf(file), mapping)
  const shiftMs = endNow ? clock() + durationAt(speed, survey.lastAt - survey.firstAt) - survey.lastAt : 0
  const firstAt = Math.round(survey.firstAt + shiftMs)
  const lastAt = Math.round(survey.lastAt + shiftMs)
  warnOfTimes(firstAt, lastAt, clock(), log)

  const shifted = shiftReadings(await inOrder(file, mapping, survey, speed), firstAt - survey.firstAt)
  const readings = await recordAtPace(shifted, { from: firstAt, speed, clock, signal }, () => gateway)
  await Promise.race([gateway.drained(), aborted(signal)])
  return { rows: survey.rows, emptyRows: survey.emptyRows, readings, devices: survey.devices, firstAt, lastAt }
}

async function* textOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file)
  } catch (cause) {
    throw new ExpectedError('invalid', `${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

/** At full speed it is enough that each device's own readings come in order; in time, all must. */
async function inOrder(file: string, mapping: CsvMapping, survey: Survey, speed: Speed) {
  if (survey.inOrder || (speed === 'max' && survey.inOrderPerDevice)) return readingsOf(file, mapping)
  if (survey.readings > mostReadingsSorted) {
    throw new ExpectedError(
      'invalid',
      `${file} is not in the order of time, and too large to be sorted here: sort it first`,
    )
  }
  const readings: PacedReading[] = []
  for await (const reading of readingsOf(file, mapping)) readings.push(reading)
  return readings.sort((one, other) => one.at - other.at)
}

async function* readingsOf(file: string, mapping: CsvMapping): AsyncGenerator<PacedReading> {
  for await (const { readings } of csvRows(textOf(file), mapping)) yield* readings
}

async function* shiftReadings(readings: Iterable<PacedReading> | AsyncIterable<PacedReading>, shiftMs: number) {
  for await (const reading of readings) yield { ...reading, at: reading.at + shiftMs }
}

/** The service quarantines such times; better said here than looked for there. */
function warnOfTimes(firstAt: number, lastAt: number, now: number, log: Log): void {
  const readable = { firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() }
  if (lastAt > now + 5 * minuteMs) log.warn(readable, 'Times ahead of the clock will be quarantined as clock-ahead')
  if (firstAt < now - 400 * dayMs) log.warn(readable, 'Times older than 400 days will be quarantined as clock-too-old')
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve()
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}
