import { Worker } from 'node:worker_threads'
import type { RenderedFile } from './quality/reports/render.ts'
import type { Report } from './quality/reports/report.ts'
import type { FromReportThread } from './report-worker.ts'

/** The fonts, and the pages of a large district; beyond it the report ends, not the service. */
const megabytes = 512

/** Each report in a thread of its own, so that nobody waits for its pages. */
export function renderInThread(report: Report, signal: AbortSignal): Promise<RenderedFile[]> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./report-worker.js', import.meta.url), {
      workerData: report,
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    })
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      thread.terminate().then(settle, settle)
    }
    const onAbort = () => end(() => reject(new Error('cancelled')))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    thread.on('message', (message: FromReportThread) => {
      if (message.type === 'done') end(() => resolve([...message.files]))
      else end(() => reject(new Error(message.reason)))
    })
    thread.once('error', (cause) => end(() => reject(cause)))
  })
}
