import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ExpectedError } from '../core/errors.ts'
import { causeClasses, type OrderEvent, orderOutcomes, untouched, type WorkOrder } from '../core/incident.ts'
import { instantOfWall, shanghai } from '../core/local-time.ts'
import { orderTypeOf, severities } from '../core/severity.ts'
import type { Operations } from '../stores/operations/port.ts'
import { recordEvent } from './chain.ts'
import { recordColumns, recordStatuses } from './export.ts'
import { arriveWithinMs } from './open.ts'
import {
  errorsOfCells,
  type LineError,
  type PastRecords,
  type PastRow,
  readPastRecords,
  shownErrors,
  type Taken,
} from './past-records.ts'
import { insertReported, type Placed, whereIs } from './reported.ts'

/** Of incidents that came from another system's books, with their order number there as the id. */
export const importSource = 'import'

export interface ImportResult extends Taken {
  /** In the file. */
  readonly orders: number
}

const mostOrders = 5_000

/**
 * Past orders from another system's books, so that figures begin before us. Each is marked as imported, has the times that the
 * books give and no other, and neither deadlines nor notices. All of the file or nothing of it.
 * @throws {ExpectedError} `invalid` when it is no CSV at all
 */
export async function importOrders(unit: Operations, past: PastRecords, now: number): Promise<ImportResult> {
  const rows = rowsOf(past.csv)
  const errors: LineError[] = []
  const fresh: Checked[] = []
  const lines = new Map<string, number>()
  let existing = 0
  for (const row of rows) {
    const checked = await check(unit, row, lines, now)
    if (Array.isArray(checked)) errors.push(...checked)
    else if (await isThere(unit, checked.record)) existing += 1
    else fresh.push(checked)
  }

  const applied = past.apply && errors.length === 0
  if (applied) {
    for (const { record, placed } of fresh) await insertPast(unit, record, placed, past.actor)
    const data = { created: fresh.length, existing }
    await unit.insertAudit({ at: now, actor: past.actor, action: 'orders-imported', subject: importSource, data })
  }
  const counts = { orders: rows.length, created: fresh.length, existing }
  return { ...counts, applied, ...shownErrors(errors) }
}

interface Checked {
  readonly record: PastOrder
  readonly placed: Placed
}

/** @param lines where each order number of this file stands */
async function check(
  unit: Operations,
  { line, cells }: PastRow,
  lines: Map<string, number>,
  now: number,
): Promise<Checked | LineError[]> {
  const parsed = pastOrder.safeParse(cells)
  if (!parsed.success) return errorsOfCells(line, parsed.error.issues)
  const record = parsed.data
  const before = lines.get(record.order_number)
  if (before === undefined) lines.set(record.order_number, line)
  const problems = [...timeProblems(record, now), ...statusProblems(record), ...(await teamProblems(unit, record))]
  if (before !== undefined) problems.push({ column: 'order_number', message: `stands in line ${before} already` })

  const placed = await placeOf(unit, record)
  if (placed instanceof ExpectedError) {
    problems.push({ column: record.device_id === null ? 'site_id' : 'device_id', message: placed.message })
  } else if (problems.length === 0) return { record, placed }
  return problems.map((problem) => ({ line, ...problem }))
}

async function isThere(unit: Operations, { order_number: externalId }: PastOrder): Promise<boolean> {
  return (await unit.lockReportedIncident({ source: importSource, externalId })) !== undefined
}

const empty = (text: string) => (text === '' ? null : text)
const cell = z.string().trim().default('')
const optional = cell.transform(empty)

/** ISO 8601 with an offset; or "2026-11-24 16:00[:00]" as it was in Shanghai. */
const time = cell.transform((text, context) => {
  if (text === '') return null
  const at = instantOf(text)
  if (at !== undefined) return at
  context.addIssue({ code: 'custom', message: 'must be like 2026-11-24T08:00:00Z or, local, 2026-11-24 16:00:00' })
  return z.NEVER
})

function instantOf(text: string): number | undefined {
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return Date.parse(text)
  const local = text.replace(' ', 'T')
  if (!z.iso.datetime({ local: true }).safeParse(local).success) return undefined
  return instantOfWall(Date.parse(`${local}Z`), shanghai)
}

function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.preprocess((value) => (value === '' || value === undefined ? null : value), z.enum(words).nullable())
}

const pastOrder = z.object({
  order_number: cell.pipe(z.string().min(1, 'is needed').max(200)),
  device_id: optional,
  site_id: optional,
  type: oneOf(['emergency', 'planned', 'inspection', 'manual']),
  severity: oneOf(severities),
  fault: cell.pipe(
    z.union([
      z.literal(''),
      z.string().regex(/^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}$/, 'must be like elevator/entrapment'),
    ]),
  ),
  description: cell.pipe(z.string().max(2_000)),
  occurred_at: time,
  responded_at: time,
  arrived_at: time,
  ended_at: time,
  status: oneOf(recordStatuses),
  cause_class: oneOf(causeClasses),
  outcome: oneOf(orderOutcomes),
  team_id: optional,
})
type PastOrder = z.output<typeof pastOrder>

function rowsOf(csv: string): PastRow[] {
  if (csv.trim() === '') throw new ExpectedError('invalid', 'The file is empty')
  const needed = ['order_number', 'occurred_at']
  const rows = readPastRecords(csv, { what: 'orders', columns: recordColumns, needed, most: mostOrders })
  return rows.map(({ line, cells }) => ({ line, cells: mapValues(cells, unquoted) }))
}

/** What the export put before a cell that a spreadsheet would have run. */
function unquoted(text: string): string {
  return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text
}

function mapValues(record: Record<string, string>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, text]) => [name, change(text)]))
}

interface Problem {
  readonly column: string
  readonly message: string
}

function timeProblems(record: PastOrder, now: number): Problem[] {
  const problems: Problem[] = []
  let before = { column: 'occurred_at', at: record.occurred_at ?? 0 }
  for (const column of ['occurred_at', 'responded_at', 'arrived_at', 'ended_at'] as const) {
    const at = record[column]
    const isNeeded = column === 'occurred_at' || column === 'ended_at'
    if (at === null && isNeeded) problems.push({ column, message: 'is needed: only orders that ended are imported' })
    if (at === null) continue
    if (at > now) problems.push({ column, message: 'lies in the future' })
    if (at < before.at) problems.push({ column, message: `lies before ${before.column}` })
    before = { column, at }
  }
  return problems
}

function statusProblems({ status }: PastOrder): Problem[] {
  if (status === null || status === 'done' || status === 'false-alarm') return []
  return [{ column: 'status', message: 'must be done or false-alarm: only orders that ended are imported' }]
}

async function teamProblems(unit: Operations, { team_id: id }: PastOrder): Promise<Problem[]> {
  if (id === null || (await unit.team(id)) !== undefined) return []
  return [{ column: 'team_id', message: `there is no team ${id}` }]
}

async function placeOf(
  unit: Operations,
  { device_id: deviceId, site_id: siteId }: PastOrder,
): Promise<Placed | ExpectedError> {
  const named = deviceId !== null ? { deviceId } : siteId !== null ? { siteId } : {}
  return whereIs(unit, named).catch((cause: unknown) => {
    if (cause instanceof ExpectedError && cause.code === 'invalid') return cause
    throw cause
  })
}

/** Answers false when somebody else imports it at this moment. */
async function insertPast(unit: Operations, record: PastOrder, placed: Placed, actor: string): Promise<boolean> {
  const past = pastOrderRow(record, placed)
  const { finding, severity, summary, occurredAt, detectedAt, closedAt } = past
  const known = { finding, severity, summary, occurredAt, detectedAt, clearedAt: closedAt, evidence: {} }
  const origin = { state: 'cleared', source: importSource, externalId: record.order_number } as const
  const incident = await insertReported(unit, { ...placed, ...known, ...origin })
  if (incident === undefined) return false
  const order = { ...past, incidentId: incident.id }
  await unit.insertOrder(order)
  for (const event of eventsOf(order, record.order_number, actor)) await recordEvent(unit, order.id, event)
  return true
}

function pastOrderRow(record: PastOrder, { deviceId, place }: Placed): Omit<WorkOrder, 'incidentId'> {
  const occurredAt = record.occurred_at ?? 0
  const severity = record.severity ?? 'warning'
  const type = record.type ?? orderTypeOf(severity) ?? 'planned'
  const isFalseAlarm = record.status === 'false-alarm' || record.outcome === 'false-alarm'
  const finding = record.fault || 'manual/report'
  return {
    ...untouched,
    ...{ id: randomUUID(), type, state: 'closed', deviceId, finding, severity },
    ...{ summary: record.description || finding, occurredAt, receivedAt: occurredAt, detectedAt: occurredAt },
    ...{ raisedAt: occurredAt, arriveBy: type === 'emergency' ? occurredAt + arriveWithinMs : null },
    ...{ acknowledgedAt: record.responded_at, acceptedAt: record.responded_at, arrivedAt: record.arrived_at },
    ...{ restoredAt: isFalseAlarm ? null : record.ended_at, closedAt: record.ended_at },
    ...{ causeClass: record.cause_class, outcome: isFalseAlarm ? 'false-alarm' : record.outcome },
    ...{ siteId: place.siteId, teamId: record.team_id, assignedBecause: 'Imported' },
  }
}

function eventsOf(order: WorkOrder, orderNumber: string, actor: string): OrderEvent[] {
  const times = [
    ['raised', order.raisedAt],
    ['accepted', order.acceptedAt],
    ['arrived', order.arrivedAt],
    ['restored', order.restoredAt],
    ['closed', order.closedAt],
  ] as const
  const data = { imported: true, orderNumber }
  return times.flatMap(([type, at]) => (at === null ? [] : [{ at, type, actor, data }]))
}
