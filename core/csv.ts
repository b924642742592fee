/*
 * How a cell is written into a CSV file and read again: one rule for all files that leave or come in. RFC 4180; a text that a
 * spreadsheet would calculate gets an apostrophe in front, which is taken off again.
 */

/** Excel takes CSV for UTF-8 only when it begins with this. */
export const byteOrderMark = '\ufeff'

export type Cell = string | number | boolean | null | undefined

/** One line, ended by CRLF. Numbers stay numbers; space around a text does not count. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

export function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null || cell === undefined ? '' : String(cell)
  const text = prefixed(cell.trim())
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What a cell says, as it stands in a file: the inverse of `csvCell`, once its quotes are taken off. */
export function textOfCell(cell: string): string {
  const text = cell.trim()
  return text.startsWith("'") && isFormula(withoutApostrophes(text)) ? text.slice(1) : text
}

/** Apostrophes before it count too, so that one taken off leaves what it was. */
function prefixed(text: string): string {
  return isFormula(withoutApostrophes(text)) ? `'${text}` : text
}

function withoutApostrophes(text: string): string {
  return text.replace(/^'+/, '')
}

/**
 * Whether a spreadsheet would calculate this cell. Full-width signs count: Chinese and Japanese input methods write them, and
 * spreadsheets read them as the others.
 *
 * Source  OWASP, "CSV Injection"
 */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r＝＋－＠]/.test(text)
}
