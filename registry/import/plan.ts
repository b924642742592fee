import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { inPlainWords } from '../../core/issue-words.ts'
import { readableOf } from '../../core/readable-of.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Fault } from '../fields.ts'
import { type CsvLine, linesPerTurn } from './read-csv.ts'

export const importKinds = ['sites', 'devices', 'contacts', 'contracts'] as const
export type ImportKind = (typeof importKinds)[number]

export interface FieldChange {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** What becomes of one line of a file. */
export interface ImportLine {
  readonly line: number
  /** Of the site or device that it is about; empty when the line does not say one. */
  readonly id: string
  readonly action: 'create' | 'change' | 'unchanged' | 'error'
  /** Of a change; empty otherwise. */
  readonly changes: readonly FieldChange[]
  readonly faults: readonly Fault[]
}

/** What a file would do, and doing it. */
export interface ImportPlan {
  readonly lines: readonly ImportLine[]
  /** Only called when no line has a fault, in the transaction in which it was planned. */
  write(actor: string, at: number): Promise<void>
}

/** How the lines of one kind of file are read. */
export interface Importer {
  columns(kinds: readonly DeviceKind[]): readonly string[]
  /** Without these no line says what it is about. */
  readonly needs: readonly string[]
  /** Locks what it is going to change. */
  plan(
    lines: readonly CsvLine[],
    context: { unit: Operations; kinds: readonly DeviceKind[]; at: number },
  ): Promise<ImportPlan>
}

/** A line whose cells have been read, or (`row` null) the faults in them. */
export interface ReadLine<Row> {
  readonly line: number
  readonly id: string
  readonly row: Row | null
  /** What else can be read of a line with faults, where its kind looks at that. */
  readonly rest?: Partial<Row>
  readonly faults: readonly Fault[]
}

/** A line held against what is there: `before` undefined = new; `after` null = its faults forbid to say. */
export interface PlannedLine<Thing> {
  readonly line: number
  readonly id: string
  readonly before: Thing | undefined
  readonly after: Thing | null
  readonly faults: readonly Fault[]
}

/** `map`, for as much as a file holds: other work gets its turn in between. */
export async function mapInTurns<From, To>(items: readonly From[], step: (item: From) => To): Promise<To[]> {
  const results: To[] = []
  for (const [index, item] of items.entries()) {
    if (index % linesPerTurn === 0) await turn()
    results.push(step(item))
  }
  return results
}

/** @param cells of a line with faults: those that can be read are its `rest` */
export function readLines<Row>(
  lines: readonly CsvLine[],
  schema: z.ZodType<Row>,
  cells?: z.ZodObject,
): Promise<ReadLine<Row>[]> {
  return mapInTurns(lines, (line) => readLine(line, schema, cells))
}

function readLine<Row>({ line, cells, fault }: CsvLine, schema: z.ZodType<Row>, shape?: z.ZodObject): ReadLine<Row> {
  const id = (cells.id ?? cells.deviceId ?? cells.siteId ?? '').slice(0, 64)
  if (fault !== null) return { line, id, row: null, faults: [{ path: '', message: fault }] }
  const parsed = schema.safeParse(cells, { error: inPlainWords })
  if (parsed.success) return { line, id, row: parsed.data, faults: [] }
  const faults = parsed.error.issues.map(({ code, path, message }) => {
    const column = String(path[0] ?? '')
    return { path: column, message: cells[column] === null && code !== 'custom' ? 'must not be empty' : message }
  })
  const rest = shape && (readableOf(shape, cells, parsed.error) as Partial<Row>)
  return { line, id, row: null, ...(rest && { rest }), faults }
}

/** Of lines with the same id the first; the others are errors. */
export function onlyOnce<Row>(read: readonly ReadLine<Row>[]): ReadLine<Row>[] {
  const lineOfId = new Map<string, number>()
  return read.map((one) => {
    if (one.row === null) return one
    const before = lineOfId.get(one.id)
    if (before === undefined) lineOfId.set(one.id, one.line)
    if (before === undefined) return one
    return { ...one, row: null, faults: [{ path: 'id', message: `line ${before} has it already` }] }
  })
}

export function importLine<Thing extends object>({ line, id, before, after, faults }: PlannedLine<Thing>): ImportLine {
  if (after === null || faults.length > 0) return { line, id, action: 'error', changes: [], faults }
  if (before === undefined) return { line, id, action: 'create', changes: [], faults }
  const changes = changesBetween(before, after)
  return { line, id, action: changes.length > 0 ? 'change' : 'unchanged', changes, faults }
}

/** What is to be written: what is new, and what differs. */
export function written<Thing>(planned: readonly PlannedLine<Thing>[]): { before: Thing | undefined; after: Thing }[] {
  return planned.flatMap(({ before, after }) =>
    after === null || isDeepStrictEqual(before, after) ? [] : [{ before, after }],
  )
}

/** Field by field; the facts one by one. */
export function changesBetween(before: object, after: object): FieldChange[] {
  return changedFields(flat(before), flat(after))
}

function flat(value: object): Record<string, unknown> {
  const { facts = {}, ...rest } = value as { facts?: object }
  return { ...rest, ...Object.fromEntries(Object.entries(facts).map(([name, fact]) => [`facts.${name}`, fact])) }
}

function changedFields(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return fields
    .filter((field) => !isDeepStrictEqual(before[field] ?? null, after[field] ?? null))
    .map((field) => ({ field, from: before[field] ?? null, to: after[field] ?? null }))
}
