import { inOwnThread } from './own-thread.ts'
import type { RenderedFile } from './quality/reports/render.ts'
import type { Report } from './quality/reports/report.ts'
import type { FromReportThread } from './report-worker.ts'

/** The fonts, and the pages of a large district; beyond it the report ends, not the service. */
const megabytes = 512

/** Each report in a thread of its own, so that nobody waits for its pages. */
export function renderInThread(report: Report, signal: AbortSignal): Promise<RenderedFile[]> {
  return inOwnThread<RenderedFile[], FromReportThread>({
    script: new URL('./report-worker.js', import.meta.url),
    workerData: report,
    ...{ megabytes, signal },
    onMessage(message, end) {
      if (message.type === 'done') end.resolve([...message.files])
      else end.reject(message.reason)
    },
  })
}
