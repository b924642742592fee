import { get } from '../../shared/api.ts'
import type { Page } from '../../shared/wire.ts'
import type { Report, ReportDetail } from '../wire-records.ts'

const shown = 10
/** What is made does not change: its files are asked for once. */
const made = new Map<string, ReportDetail>()

/** The newest reports, each with its files. */
export async function readReports(): Promise<ReportDetail[]> {
  const { items } = await get<Page<Report>>('/quality/reports', { limit: shown })
  return Promise.all(
    items.map(async (report) => {
      const known = made.get(report.id)
      if (known !== undefined) return known
      const detail =
        report.state === 'waiting' ? { ...report, files: [] } : await get<ReportDetail>(`/quality/reports/${report.id}`)
      if (detail.state !== 'waiting') made.set(report.id, detail)
      return detail
    }),
  )
}
