import { parse } from 'csv-parse/sync'
import { textOfCell } from '../../core/csv.ts'
import { ExpectedError, reasonOf } from '../../core/errors.ts'

/*
 * Files from the books of before, one record a line: all of a file is taken or, when one line is wrong, nothing of it.
 */

/** Of incidents that came from another system's books, with their order number there as the id. */
export const importSource = 'import'

export interface PastRecords {
  /** With a header. */
  readonly csv: string
  /** False = say only what would be done. */
  readonly apply: boolean
  readonly actor: string
}

export interface LineError {
  /** As an editor counts: the header is line 1. */
  readonly line: number
  readonly column: string | null
  readonly message: string
}

/** What became of a file, beside how many records stand in it. */
export interface Taken {
  /** Not there yet: done, or to be done. */
  readonly created: number
  /** There already; they stay as they are. */
  readonly existing: number
  readonly applied: boolean
  /** The first 100. With one of them, nothing of the file is taken. */
  readonly errors: readonly LineError[]
  readonly errorsInAll: number
}

/** The lines of a file that was to be taken, and was not. */
export class LinesRefused extends ExpectedError {
  /** `line 3.severity`; the first 100. */
  readonly faults: readonly { readonly path: string; readonly message: string }[]

  constructor({ errors, errorsInAll }: Pick<Taken, 'errors' | 'errorsInAll'>) {
    const more = errorsInAll > errors.length ? `; the first ${errors.length} follow` : ''
    super(
      'invalid',
      `Nothing was imported: the file has ${errorsInAll} ${errorsInAll === 1 ? 'fault' : 'faults'}${more}`,
    )
    this.name = 'LinesRefused'
    this.faults = errors.map(({ line, column, message }) => ({
      path: column === null ? `line ${line}` : `line ${line}.${column}`,
      message,
    }))
  }
}

/**
 * A preview may have faults; what was to be done and is not is a refusal, for a script looks at nothing else.
 * @throws {LinesRefused}
 */
export function mustBeTaken<Result extends Taken>({ apply }: Pick<PastRecords, 'apply'>, result: Result): Result {
  if (apply && !result.applied) throw new LinesRefused(result)
  return result
}

const errorsShown = 100

export function shownErrors(errors: readonly LineError[]): Pick<Taken, 'errors' | 'errorsInAll'> {
  return { errors: errors.slice(0, errorsShown), errorsInAll: errors.length }
}

/** What a schema has against the cells of a line. */
export function errorsOfCells(line: number, issues: readonly { path: PropertyKey[]; message: string }[]): LineError[] {
  return issues.map(({ path, message }) => ({ line, column: String(path[0]), message }))
}

export interface PastRow {
  readonly line: number
  readonly cells: Record<string, string>
}

/**
 * The lines of a file under its columns.
 * @throws {ExpectedError} `invalid` when it is no CSV, has other columns, lacks a needed one, holds nothing, or is longer than `most`
 */
export function readPastRecords(
  csv: string,
  {
    what,
    columns,
    needed,
    most,
  }: { what: string; columns: readonly string[]; needed: readonly string[]; most: number },
): PastRow[] {
  let rows: { record: Record<string, string>; info: { lines: number } }[]
  try {
    const header = (names: string[]) => checkedHeader(names, columns, needed)
    rows = parse(csv, { columns: header, bom: true, info: true, skip_empty_lines: true, to: most + 1 }) as never
  } catch (cause) {
    if (cause instanceof ExpectedError) throw cause
    throw new ExpectedError('invalid', `This is no CSV: ${reasonOf(cause)}`)
  }
  if (rows.length === 0) throw new ExpectedError('invalid', `No ${what} stand in it: a header, and a line for each`)
  if (rows.length > most) throw new ExpectedError('invalid', `At most ${most} ${what} at once: cut the file`)
  return rows.map(({ record, info }) => ({ line: info.lines, cells: textsOf(record) }))
}

function textsOf(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, cell]) => [name, textOfCell(cell)]))
}

function checkedHeader(names: string[], columns: readonly string[], needed: readonly string[]): string[] {
  const header = names.map((name) => name.trim())
  const unknown = header.filter((name) => !columns.includes(name))
  const missing = needed.filter((name) => !header.includes(name))
  if (unknown.length === 0 && missing.length === 0) return header
  const said = [...unknown.map((name) => `unknown: ${name}`), ...missing.map((name) => `missing: ${name}`)]
  throw new ExpectedError('invalid', `The columns are wrong (${said.join(', ')}); there are ${columns.join(', ')}`)
}
