import type { Locale } from '../../core/words.ts'
import { kpis } from '../kpis/index.ts'
import { kpiWords } from '../kpis/words.ts'
import { minuteText } from './numbers.ts'
import { periodText } from './parts.ts'
import type { Report } from './report.ts'
import { figureRows, monthRows, type Row, type RowCell } from './rows.ts'
import { nameOf, summaryOf } from './summary.ts'
import { type CellName, cellNames, reportWords } from './words.ts'
import { type XlsxCell, type XlsxSheet, xlsxOf } from './xlsx.ts'

/** The report as a workbook: its words, every figure of every group and of every month, and the method. */
export function workbookOf(report: Report, locale: Locale): Uint8Array {
  const { title, sheets } = reportWords[locale]
  const named = `${title[report.period.type]} ${periodText(report, locale)}`
  return xlsxOf(
    [
      summarySheet(report, named, locale),
      numbersSheet(sheets.figures, figureRows(report, locale), locale),
      numbersSheet(sheets.months, monthRows(report, locale), locale),
      methodSheet(locale),
    ],
    { title: named, at: report.asOf },
  )
}

function summarySheet(report: Report, named: string, locale: Locale): XlsxSheet {
  const say = reportWords[locale]
  const { asOf, about, sealed, version, total } = report
  const rows: XlsxCell[][] = [
    [named, ''],
    [say.period, periodText(report, locale)],
    [say.asOf, minuteText(asOf)],
    [say.about, about.length === 0 ? say.everything : say.list(about)],
    [say.elevators, total.elevators],
    [say.others, total.others],
    [say.version, version],
    [say.proof.seal, sealed === null ? say.proof.none : `${sealed.number}:${sealed.hash}`],
    ...summaryOf(report, locale).map((sentence) => [say.sections.summary, sentence]),
  ]
  return { name: say.sheets.summary, rows, widths: [26, 110], isText: true }
}

const widths: Readonly<Record<CellName, number>> = {
  ...{ group: 12, id: 16, name: 30, elevators: 10, kpi: 26, figure: 30, unit: 24, value: 12, low: 12, high: 12 },
  ...{ numerator: 12, denominator: 12, coverage: 10, rank: 8, valueBefore: 14, lowBefore: 14, highBefore: 14 },
}

function numbersSheet(name: string, rows: readonly Row[], locale: Locale): XlsxSheet {
  const { cells } = reportWords[locale]
  return {
    name,
    widths: cellNames.map((cell) => widths[cell]),
    rows: [
      cellNames.map((cell) => cells[cell]),
      ...rows.map((row) => cellNames.map((cell) => cellOf(cell, row[cell], row.unit === kpiWords[locale].units.share))),
    ],
  }
}

const whole: readonly CellName[] = ['elevators', 'rank']
const ofUnit: readonly CellName[] = ['value', 'low', 'high', 'valueBefore', 'lowBefore', 'highBefore']

function cellOf(name: CellName, value: RowCell, isShare: boolean): XlsxCell {
  if (typeof value !== 'number') return value
  if (name === 'coverage' || (isShare && ofUnit.includes(name))) return { value, format: 'share' }
  return { value, format: whole.includes(name) ? 'whole' : 'decimal' }
}

function methodSheet(locale: Locale): XlsxSheet {
  const { sheets, columns, method } = reportWords[locale]
  return {
    name: sheets.method,
    widths: [30, 24, 70, 60, 50, 40],
    isText: true,
    rows: [
      [
        columns.figure,
        reportWords[locale].cells.unit,
        method.formula,
        method.excludes,
        method.interval,
        method.coverage,
      ],
      ...kpis.map(({ id, unit }) => {
        const { formula, excludes, interval, coverage } = kpiWords[locale].kpis[id]
        return [nameOf(id, locale), kpiWords[locale].units[unit], formula, excludes, interval, coverage]
      }),
    ],
  }
}
