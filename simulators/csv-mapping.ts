import { z } from 'zod'
import { dayMs, secondMs } from '../core/clock.ts'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import { Identifier, isIdentifier } from '../core/identifier.ts'
import type { MetricValue } from '../core/reading.ts'
import type { PacedReading } from './pace.ts'

const Column = z.string().min(1)
const PositiveSeconds = z.number().positive()

const Time = z.union([
  z.strictObject({
    column: Column,
    format: z.enum(['iso', 'epoch-ms', 'epoch-s']),
    /** Of ISO times that name no zone; UTC when absent. */
    utcOffset: z
      .string()
      .regex(/^[+-]\d{2}:\d{2}$/)
      .optional(),
  }),
  // For files without times: the rows of each device follow each other from `start` on.
  z.strictObject({ start: z.iso.datetime({ offset: true }), stepSeconds: PositiveSeconds }),
])

const Quantity = { scale: z.number().default(1), offset: z.number().default(0) }

const Metric = z.strictObject({ column: Column, as: z.enum(['number', 'text', 'flag']).default('number'), ...Quantity })

/** One row is many readings: every column from `from` to `to` is one of them, `stepSeconds` after the one before. */
const Series = z.strictObject({ metric: Column, from: Column, to: Column, stepSeconds: PositiveSeconds, ...Quantity })

/** How the columns of a CSV file become readings (simulators/README.md): what `liftwatt replay` is told by a small JSON file. */
export const CsvMapping = z
  .strictObject({
    delimiter: z.string().length(1).default(','),
    /** Cells that say nothing, beside the empty one: `NA`, `null`, … */
    empty: z.array(z.string()).default([]),
    time: Time,
    device: z.union([z.strictObject({ column: Column }), z.strictObject({ id: Identifier })]),
    metrics: z.record(Column, Metric).optional(),
    series: Series.optional(),
  })
  .refine(
    ({ metrics, series }) => (metrics === undefined) !== (series === undefined),
    'give either "metrics" or "series"',
  )
  .refine(({ metrics }) => metrics === undefined || Object.keys(metrics).length > 0, 'name at least one metric')

export type CsvMapping = z.infer<typeof CsvMapping>

/** @throws {ExpectedError} `invalid`: not JSON, or not a mapping; the sentence names what is wrong and where */
export function parseMapping(text: string): CsvMapping {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ExpectedError('invalid', `The mapping is not JSON: ${reasonOf(cause)}`, { cause })
  }
  const parsed = CsvMapping.safeParse(json)
  if (parsed.success) return parsed.data
  throw new ExpectedError('invalid', `The mapping is wrong:\n${z.prettifyError(parsed.error)}`)
}

export type Row = Readonly<Record<string, string>>

/** What a row says, and what is wrong with it: `column "power": "abc" is not a number`. */
export interface MappedRow {
  readonly readings: readonly PacedReading[]
  readonly problems: readonly string[]
}

/**
 * A reader of the rows of one file with this header, from the first row on. A row without any value gives no reading.
 * @throws {ExpectedError} `invalid`: the file lacks a column of the mapping, or has it twice
 */
export function rowReader(mapping: CsvMapping, header: readonly string[]): (row: Row) => MappedRow {
  checkColumns(mapping, header)
  const cellsOf = mapping.series ? seriesCells(mapping.series, header) : metricCells(mapping.metrics ?? {})
  const isEmpty = (cell: string) => cell === '' || mapping.empty.includes(cell)
  const timeOf = timeReader(mapping.time)

  return (row) => {
    const problems: string[] = []
    const attempt = <T>(column: string, work: () => T): T | undefined => {
      try {
        return work()
      } catch (cause) {
        problems.push(`column "${column}": ${reasonOf(cause)}`)
        return undefined
      }
    }

    const deviceId = 'id' in mapping.device ? mapping.device.id : cell(row, mapping.device.column)
    if (!isIdentifier(deviceId) && 'column' in mapping.device) {
      problems.push(`column "${mapping.device.column}": "${deviceId}" is not a device id (A-Z a-z 0-9 _ -, at most 64)`)
    }
    const rowAt = attempt('column' in mapping.time ? mapping.time.column : 'time', () => timeOf(row, deviceId))

    const byTime = new Map<number, Record<string, MetricValue>>()
    for (const { column, metric, afterMs, read } of cellsOf) {
      const text = cell(row, column)
      const value = isEmpty(text) ? undefined : attempt(column, () => read(text))
      if (value === undefined || rowAt === undefined) continue
      const values = byTime.get(rowAt + afterMs)
      if (values) values[metric] = value
      else byTime.set(rowAt + afterMs, { [metric]: value })
    }
    return { problems, readings: [...byTime].map(([at, values]) => ({ deviceId, at, values })) }
  }
}

interface Cell {
  readonly column: string
  readonly metric: string
  /** After the time of the row. */
  readonly afterMs: number
  read(text: string): MetricValue
}

function metricCells(metrics: Readonly<Record<string, z.infer<typeof Metric>>>): Cell[] {
  return Object.entries(metrics).map(([metric, { column, as, ...quantity }]) => ({
    column,
    metric,
    afterMs: 0,
    read: { number: readNumber(quantity), text: (text: string) => text, flag: readFlag }[as],
  }))
}

function seriesCells(
  { metric, from, to, stepSeconds, ...quantity }: z.infer<typeof Series>,
  header: readonly string[],
): Cell[] {
  const columns = header.slice(header.indexOf(from), header.indexOf(to) + 1)
  if (columns.length === 0) throw new ExpectedError('invalid', `In the file, column "${to}" stands before "${from}"`)
  const read = readNumber(quantity)
  return columns.map((column, index) => ({ column, metric, afterMs: Math.round(index * stepSeconds * secondMs), read }))
}

function checkColumns({ time, device, metrics = {}, series }: CsvMapping, header: readonly string[]): void {
  const needed = [
    ...('column' in time ? [time.column] : []),
    ...('column' in device ? [device.column] : []),
    ...Object.values(metrics).map(({ column }) => column),
    ...(series ? [series.from, series.to] : []),
  ]
  for (const column of needed) {
    const times = header.filter((name) => name === column).length
    if (times === 1) continue
    const has =
      header.length > 12 ? `${header.slice(0, 12).join(', ')}, … (${header.length} in all)` : header.join(', ')
    const what = times === 0 ? `has no column "${column}"` : `has column "${column}" ${times} times`
    throw new ExpectedError('invalid', `The file ${what}; its columns are: ${has}`)
  }
}

function cell(row: Row, column: string): string {
  return row[column]?.trim() ?? ''
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function parseNumber(text: string): number {
  const number = numberPattern.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(number)) throw new Error(`"${text}" is not a number`)
  return number
}

function readNumber({ scale, offset }: { scale: number; offset: number }) {
  return (text: string) => parseNumber(text) * scale + offset
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  '1': true,
  false: false,
  no: false,
  '0': false,
}

function readFlag(text: string): boolean {
  const flag = Object.hasOwn(flags, text.toLowerCase()) ? flags[text.toLowerCase()] : undefined
  if (flag === undefined) throw new Error(`"${text}" is neither true nor false`)
  return flag
}

function timeReader(time: z.infer<typeof Time>): (row: Row, deviceId: string) => number {
  if ('column' in time) {
    const { column, format, utcOffset = 'Z' } = time
    if (format === 'iso') return (row) => parseIso(cell(row, column), utcOffset)
    const unitMs = format === 'epoch-s' ? secondMs : 1
    return (row) => checkTime(Math.round(parseNumber(cell(row, column)) * unitMs), cell(row, column))
  }

  const startAt = Date.parse(time.start)
  const rowsOf = new Map<string, number>()
  return (_, deviceId) => {
    const rows = rowsOf.get(deviceId) ?? 0
    rowsOf.set(deviceId, rows + 1)
    return startAt + Math.round(rows * time.stepSeconds * secondMs)
  }
}

const isoPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s?(Z|[+-]\d{2}:?\d{2})?$/

function parseIso(text: string, utcOffset: string): number {
  const [, day = '', clock = '00:00', zone = utcOffset] = isoPattern.exec(text) ?? []
  // `Date` takes 31 February for 3 March.
  const isDay = new Date(`${day}T00:00:00Z`)
  const offset = zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const at = Date.parse(`${day}T${clock.replace(',', '.')}${offset}`)
  if (Number.isNaN(at) || isDay.toISOString().slice(0, 10) !== day) throw new Error(`"${text}" is not an ISO 8601 time`)
  return at
}

/** Seconds taken for milliseconds, or the other way round, land in 1970 or in the year 50000. */
function checkTime(at: number, text: string): number {
  const years = at / (365.25 * dayMs)
  if (years < 1 || years > 1_000)
    throw new Error(`"${text}" would be the year ${Math.floor(1970 + years)}: check "format"`)
  return at
}
