import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { BacktestResult } from './analytics/backtest.ts'
import type { RunBacktest } from './analytics/backtests.ts'
import type { BacktestStart, FromBacktest } from './backtest-worker.ts'
import { inOwnThread } from './own-thread.ts'

/** What a month of a large fleet keeps of its findings; beyond it the back-test ends, not the service. */
const megabytes = 512

/**
 * Each back-test in a thread of its own, which reads stored readings from the data thread; cancelled by ending the thread.
 * @param serve lets the data thread answer questions for readings that come in at this port
 */
export function backtestInThread(serve: (port: MessagePort) => void): RunBacktest {
  return ({ ...plan }, { onProgress, signal }) => {
    const { port1, port2 } = new MessageChannel()
    serve(port1)
    return inOwnThread<BacktestResult, FromBacktest>({
      script: new URL('./backtest-worker.js', import.meta.url),
      workerData: { plan, readings: port2 } satisfies BacktestStart,
      transferList: [port2],
      ...{ megabytes, signal },
      onMessage(message, end) {
        if (message.type === 'progress') onProgress(message.progress)
        if (message.type === 'done') end.resolve(message.result)
        if (message.type === 'failed') end.reject(message.reason)
      },
    })
  }
}
