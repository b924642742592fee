import { parentPort, workerData } from 'node:worker_threads'
import { reasonOf } from './core/errors.ts'
import { giveWay } from './give-way.ts'
import { type RenderedFile, renderReport } from './quality/reports/render.ts'
import type { Report } from './quality/reports/report.ts'

/** What a report's own thread says. It ends by being terminated. */
export type FromReportThread =
  | { readonly type: 'done'; readonly files: readonly RenderedFile[] }
  | { readonly type: 'failed'; readonly reason: string }

/** Whoever sends, is sent or looks at a page goes first. */
giveWay(10)

const say = (message: FromReportThread) => parentPort?.postMessage(message)

renderReport(workerData as Report).then(
  (files) => say({ type: 'done', files }),
  (cause: unknown) => say({ type: 'failed', reason: reasonOf(cause) }),
)
