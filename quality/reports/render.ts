import { createHash } from 'node:crypto'
import { type ReportFile, type ReportFormat, reportFormats } from '../../core/report.ts'
import { type Locale, locales } from '../../core/words.ts'
import { csvOf } from './csv.ts'
import { pdfOf } from './pdf/pdf.ts'
import { nameOfPeriod } from './period.ts'
import type { Report } from './report.ts'
import { workbookOf } from './workbook.ts'

export interface RenderedFile extends Omit<ReportFile, 'bytes' | 'removedAt'> {
  readonly content: Uint8Array
}

const made: Readonly<Record<ReportFormat, (report: Report, locale: Locale) => Uint8Array | Promise<Uint8Array>>> = {
  pdf: pdfOf,
  xlsx: workbookOf,
  csv: csvOf,
}

/** All files of a report, in every language: the same report gives the same bytes. */
export async function renderReport(
  report: Report,
  formats: readonly ReportFormat[] = reportFormats,
): Promise<RenderedFile[]> {
  const files: RenderedFile[] = []
  const period = nameOfPeriod(report.period).replace('/', '_')
  for (const locale of locales) {
    for (const format of formats) {
      const content = await made[format](report, locale)
      const sha256 = createHash('sha256').update(content).digest('hex')
      files.push({ name: `liftwatt-${period}-${locale}.${format}`, format, locale, sha256, content })
    }
  }
  return files
}
