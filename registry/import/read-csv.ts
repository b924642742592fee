import { isUtf8 } from 'node:buffer'
import { pipeline, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { CsvError, parse } from 'csv-parse'
import { textOfCell } from '../../core/csv.ts'
import { ExpectedError } from '../../core/errors.ts'

export const mostLines = 20_000
const mostColumns = 100
const mostLineBytes = 64 * 1024
/** After so much text or so many lines, whatever else the process does gets its turn. */
const sliceBytes = 32 * 1024
export const linesPerTurn = 200

/** A line of a file: its cells by column, trimmed; an empty one is null. */
export interface CsvLine {
  /** Counted from 1, the header's; the last one of a line that spans several. */
  readonly line: number
  readonly cells: Readonly<Record<string, string | null>>
  /** Null when it has as many cells as the header. */
  readonly fault: string | null
}

export interface CsvFile {
  readonly columns: readonly string[]
  readonly lines: readonly CsvLine[]
}

/**
 * Reads a CSV file (RFC 4180, UTF-8) with a header line: separated by comma, semicolon or tab (whichever the header has most of), with
 * or without a BOM, lines ended by CRLF or LF. What `core/csv.ts` put in front of a cell is taken off.
 * @throws {ExpectedError} `invalid`: not UTF-8, not CSV, more than 20,000 lines, a column twice
 */
export async function readCsv(content: Uint8Array): Promise<CsvFile> {
  if (!isUtf8(content)) {
    throw new ExpectedError(
      'invalid',
      'The file is not UTF-8: save it as "CSV UTF-8", or see liftwatt import --charset',
    )
  }
  const parser = parse({
    bom: true,
    info: true,
    delimiter: delimiterOf(content),
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: mostLineBytes,
  })
  pipeline(Readable.from(slices(content)), parser, () => {}) // an error of either end comes out of the parser, below
  let columns: string[] | undefined
  const lines: CsvLine[] = []
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const cells = record.map(textOfCell)
      if (columns === undefined) columns = checkedHeader(cells)
      else if (cells.some((cell) => cell !== '')) lines.push(lineOf(columns, cells, info.lines))
      if (lines.length > mostLines) throw new ExpectedError('invalid', `A file has ${mostLines} lines at most`)
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw new ExpectedError('invalid', `Not a proper CSV file: ${cause.message}`, { cause })
  }
  if (columns === undefined) throw new ExpectedError('invalid', 'The file is empty: it needs a header line')
  return { columns, lines }
}

function delimiterOf(content: Uint8Array): string {
  const start = new TextDecoder().decode(content.subarray(0, 16 * 1024))
  const header = /^[^\r\n]*/.exec(start)?.[0] ?? ''
  const [best = ','] = [',', ';', '\t'].sort((one, other) => header.split(other).length - header.split(one).length)
  return best
}

async function* slices(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += sliceBytes) {
    yield content.subarray(start, start + sliceBytes)
    await turn()
  }
}

function checkedHeader(columns: string[]): string[] {
  if (columns.length > mostColumns) throw new ExpectedError('invalid', `A file has ${mostColumns} columns at most`)
  const empty = columns.indexOf('')
  if (empty >= 0) throw new ExpectedError('invalid', `Column ${empty + 1} has no name`)
  const twice = columns.find((column, index) => columns.indexOf(column) < index)
  if (twice !== undefined) throw new ExpectedError('invalid', `The column "${twice.slice(0, 100)}" stands twice`)
  return columns
}

function lineOf(columns: readonly string[], cells: readonly string[], line: number): CsvLine {
  const surplus = cells.slice(columns.length).some((cell) => cell !== '')
  const missing = cells.length < columns.length
  return {
    line,
    cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] || null])),
    fault: surplus || missing ? `has ${cells.length} cells, the header ${columns.length}` : null,
  }
}
