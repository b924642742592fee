import { isFormula } from '../../core/formula.ts'

type Cell = string | number | boolean | null | undefined

/**
 * One line of CSV (RFC 4180), ended by CRLF. A cell that a spreadsheet would run as a formula is prefixed by an apostrophe, which
 * `read-csv.ts` takes off again.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => quoted(prefixed(String(cell ?? '').trim()))).join(',')}\r\n`
}

/** Apostrophes before it count too, so that one taken off leaves what it was. */
function prefixed(cell: string): string {
  return isFormula(cell.replace(/^'+/, '')) ? `'${cell}` : cell
}

function quoted(cell: string): string {
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
