/**
 * Whether a spreadsheet would calculate this cell of a CSV file. Full-width signs count: Chinese and Japanese input methods write them, and
 * spreadsheets read them as the others.
 *
 * Source  OWASP, "CSV Injection"
 */
export function isFormula(cell: string): boolean {
  return /^[=+\-@\t\r＝＋－＠]/.test(cell)
}
