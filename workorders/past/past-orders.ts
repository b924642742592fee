import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import { causeClasses, orderOutcomes } from '../../core/incident.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { instantOfText, isTooEarly, shanghai } from '../../core/local-time.ts'
import { readableOf } from '../../core/readable-of.ts'
import { severities } from '../../core/severity.ts'
import { recordColumns, recordStatuses } from './export.ts'
import { errorsOfCells, type LineError, type PastRow, readPastRecords } from './past-records.ts'

/* What other systems' books say of an order, under the columns of our export. */

const mostOrders = 5_000
/** After so many lines, whatever else the process does gets its turn. */
const linesPerTurn = 200

const cell = z.string().trim().default('')
const optional = cell.transform((text) => (text === '' ? null : text))

/** ISO 8601 with an offset; or "2026-11-24 16:00[:00]" as it was in Shanghai. */
const time = cell.transform((text, context) => {
  if (text === '') return null
  const at = instantOfText(text, shanghai)
  if (at !== undefined) return at
  context.addIssue({ code: 'custom', message: 'must be like 2026-11-24T08:00:00Z or, local, 2026-11-24 16:00:00' })
  return z.NEVER
})

function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.preprocess((value) => (value === '' || value === undefined ? null : value), z.enum(words).nullable())
}

const pastOrder = z.object({
  order_number: cell.pipe(z.string().min(1, 'is needed').max(200)),
  device_id: optional,
  site_id: optional,
  type: oneOf(['emergency', 'planned', 'inspection', 'manual']),
  severity: oneOf(severities),
  fault: cell.pipe(z.string().max(2_000)),
  description: cell.pipe(z.string().max(2_000)),
  occurred_at: time,
  responded_at: time,
  arrived_at: time,
  ended_at: time,
  status: oneOf(recordStatuses),
  /** What our own export says; other books may say anything. */
  state: optional,
  cause_class: oneOf(causeClasses),
  outcome: oneOf(orderOutcomes),
  team_id: optional,
})
export type PastOrder = z.output<typeof pastOrder>

export interface PastOrderLine {
  readonly line: number
  readonly record: PastOrder
}

/** What could be read of a line that is wrong already. */
export interface BrokenOrderLine {
  readonly line: number
  readonly record: Partial<PastOrder>
}

/**
 * The lines whose cells can be read, each order number once; what is wrong with the others, and what can be read of them.
 * @throws {ExpectedError} `invalid` when it is no CSV at all
 */
export async function readPastOrders(
  csv: string,
): Promise<{ lines: PastOrderLine[]; broken: BrokenOrderLine[]; errors: LineError[]; rows: number }> {
  const rows = rowsOf(csv)
  const lines: PastOrderLine[] = []
  const broken: BrokenOrderLine[] = []
  const errors: LineError[] = []
  const lineOf = new Map<string, number>()
  for (const [index, { line, cells }] of rows.entries()) {
    if (index % linesPerTurn === 0) await turn()
    const { data: record, error } = pastOrder.safeParse(cells, { error: inPlainWords })
    const before = record && lineOf.get(record.order_number)
    if (error) {
      errors.push(...errorsOfCells(line, error.issues))
      broken.push({ line, record: readableOf(pastOrder, cells, error) })
    } else if (before !== undefined) {
      errors.push({ line, column: 'order_number', message: `stands in line ${before} already` })
      broken.push({ line, record })
    } else {
      lineOf.set(record.order_number, line)
      lines.push({ line, record })
    }
  }
  return { lines, broken, errors, rows: rows.length }
}

function rowsOf(csv: string): PastRow[] {
  if (csv.trim() === '') throw new ExpectedError('invalid', 'The file is empty')
  const needed = ['order_number', 'occurred_at']
  return readPastRecords(csv, { what: 'orders', columns: recordColumns, needed, most: mostOrders })
}

export interface Problem {
  readonly column: string
  readonly message: string
}

/** What no order can be, wherever it was: only those that ended are imported. */
export function problemsOf(record: Partial<PastOrder>, now: number): Problem[] {
  return [...timeProblems(record, now), ...statusProblems(record), ...causeProblems(record)]
}

function timeProblems(record: Partial<PastOrder>, now: number): Problem[] {
  const problems: Problem[] = []
  let before = { column: 'occurred_at', at: record.occurred_at ?? 0 }
  for (const column of ['occurred_at', 'responded_at', 'arrived_at', 'ended_at'] as const) {
    const at = record[column]
    if (at === undefined) continue
    const isNeeded = column === 'occurred_at' || column === 'ended_at'
    if (at === null && isNeeded) problems.push({ column, message: 'is needed: only orders that ended are imported' })
    if (at === null) continue
    if (isTooEarly(at)) problems.push({ column, message: 'is before 1980' })
    if (at > now) problems.push({ column, message: 'lies in the future' })
    if (at < before.at) problems.push({ column, message: `lies before ${before.column}` })
    before = { column, at }
  }
  return problems
}

function statusProblems({ status = null }: Partial<PastOrder>): Problem[] {
  if (status === null || status === 'done' || status === 'false-alarm') return []
  return [{ column: 'status', message: 'must be done or false-alarm: only orders that ended are imported' }]
}

/** Nothing was the cause of a false alarm or of a drill. */
function causeProblems({ cause_class = null, outcome = null, status = null }: Partial<PastOrder>): Problem[] {
  const isNothing = outcome === 'false-alarm' || outcome === 'drill' || status === 'false-alarm'
  if (cause_class === null || !isNothing) return []
  return [{ column: 'cause_class', message: 'is said of what was found, and not of a false alarm or a drill' }]
}
