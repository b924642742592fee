import { schedule } from 'node-cron'
import { reasonOf } from './core/errors.ts'
import { shanghai } from './core/local-time.ts'
import type { Log } from './core/log.ts'

/** Work of every day at a local time, and of the start, one run after the other; a day that was missed is made up for by the next run. */
export function createDaily(options: {
  /** As cron says it: `30 5 * * *`. */
  at: string
  /** Answers what it did, for the log. */
  work: () => Promise<object>
  /** What the log says when it did it, and when it could not. */
  done: string
  failed: string
  log: Log
}) {
  const { at, work, done, failed, log } = options
  let running: Promise<unknown> = Promise.resolve()
  let task: ReturnType<typeof schedule> | undefined

  function run(): Promise<unknown> {
    const next = running.then(work).then(
      (did) => log.info({ ...did }, done),
      (cause) => log.warn({ reason: reasonOf(cause) }, failed),
    )
    running = next
    return next
  }

  return {
    start() {
      task = schedule(at, run, { timezone: shanghai })
      void run()
    },
    async stop() {
      await task?.destroy()
      await running
    },
  }
}
