import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type BacktestPlan, type BacktestProgress, type BacktestResult, runBacktest } from './analytics/backtest.ts'
import { reasonOf } from './core/errors.ts'
import { kindOf } from './devices/index.ts'
import { remoteReadings } from './stores/readings/remote.ts'

/** What a back-test's own thread is given, and what it says. It ends by being terminated. */
export interface BacktestStart {
  readonly plan: BacktestPlan
  readonly readings: MessagePort
}

export type FromBacktest =
  | { readonly type: 'progress'; readonly progress: BacktestProgress }
  | { readonly type: 'done'; readonly result: BacktestResult }
  | { readonly type: 'failed'; readonly reason: string }

const { plan, readings } = workerData as BacktestStart
const say = (message: FromBacktest) => parentPort?.postMessage(message)
/** A page of a device's readings waits behind the service's own work. */
const patienceMs = 120_000

async function run(): Promise<BacktestResult> {
  const kind = kindOf(plan.kind)
  if (kind === undefined) throw new Error(`There is no kind ${plan.kind}`)
  return runBacktest(plan, {
    kind,
    readings: remoteReadings(readings, patienceMs).between,
    onProgress: (progress) => say({ type: 'progress', progress }),
    signal: new AbortController().signal,
  })
}

run().then(
  (result) => say({ type: 'done', result }),
  (cause: unknown) => say({ type: 'failed', reason: reasonOf(cause) }),
)
