import { byteOrderMark, csvLine } from '../../core/csv.ts'
import type { Locale } from '../../core/words.ts'
import type { Report } from './report.ts'
import { figureRows, monthRows, type Row } from './rows.ts'
import { cellNames, reportWords } from './words.ts'

/** Every figure of every group and month as CSV that Excel reads. */
export function csvOf(report: Report, locale: Locale): Uint8Array {
  const { cells } = reportWords[locale]
  const lines = [...figureRows(report, locale), ...monthRows(report, locale)].map((row: Row) =>
    csvLine(cellNames.map((name) => row[name])),
  )
  return Buffer.from(`${byteOrderMark}${csvLine(cellNames.map((name) => cells[name]))}${lines.join('')}`)
}
