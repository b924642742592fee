import { schedule } from 'node-cron'
import type { Clock } from '../core/clock.ts'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import type { Log } from '../core/log.ts'
import { restAfter } from '../core/rest.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import { createDeviceDays } from './device-days.ts'
import type { MaintenanceRules } from './obligations.ts'
import { createRollUp } from './roll-up.ts'

/** When a day is over, and what its gateways still had to send has mostly come. */
const everyNight = '40 0 * * *'
const everyMinute = '* * * * *'

/**
 * Every night and at the start, writes down the days that are over; every minute, counts again what has changed, also by time alone. What was missed is made
 * up for by the next run.
 */
export function createQualityJob(options: {
  operations: Operations
  readings: Pick<ReadingStore, 'downsampled'>
  rules: MaintenanceRules
  clock: Clock
  log: Log
}) {
  const { operations, clock, log } = options
  const deviceDays = createDeviceDays(options)
  const rollUp = createRollUp(options)
  let running: Promise<unknown> = Promise.resolve()
  let isWaiting = false
  const tasks: ReturnType<typeof schedule>[] = []
  const stopping = new AbortController()
  const { signal } = stopping

  /** On which day all that were over before it were last written down. */
  let recordedOn = ''
  const today = () => localDate(clock(), shanghai)

  let markedUntil = 0
  async function markPassed(): Promise<void> {
    const now = clock()
    await operations.markPassed(markedUntil, now)
    markedUntil = now
  }

  async function recordDays(): Promise<void> {
    const day = today()
    const changed = await deviceDays.record(clock(), signal)
    markedUntil = 0 // an elevator may have come since the month began
    await markPassed()
    if (!signal.aborted) recordedOn = day
    log.info({ changed }, 'days of elevators were written down')
  }

  /** One after the other. */
  function inTurn(work: () => Promise<unknown>): Promise<unknown> {
    const next = running.then(work)
    running = next.catch(() => {})
    return next
  }

  function run(work: () => Promise<unknown>, what: string): Promise<unknown> {
    return inTurn(work).catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, `${what}: it comes again`))
  }

  const rest = (workedMs: number) => restAfter(workedMs, signal)

  /** What a stop has cut short is not counted in full. @throws {ExpectedError} `unavailable` */
  function mustGoOn(): void {
    if (signal.aborted)
      throw new ExpectedError('unavailable', 'The service is stopping: figures are counted after its next start')
  }

  /** One that waits for the one before is enough. */
  async function catchUp(): Promise<void> {
    if (isWaiting) return
    isWaiting = true
    await run(async () => {
      isWaiting = false
      await markPassed()
      await rollUp.catchUp(clock(), rest)
    }, 'figures were not counted')
  }

  return {
    start() {
      const record = () => run(recordDays, 'days of elevators were not written down')
      tasks.push(schedule(everyNight, record, { timezone: shanghai }), schedule(everyMinute, catchUp))
      void record()
    },
    /**
     * Resolves once days that are over are written down, what time alone has changed is marked, and all that has changed is counted: for
     * whoever says for good what figures are.
     * @throws {StoreUnavailable}
     * @throws {ExpectedError} `unavailable` when a stop comes first
     */
    caughtUp: () =>
      inTurn(async () => {
        if (recordedOn === today()) await markPassed()
        else await recordDays()
        mustGoOn()
        await rollUp.catchUp(clock(), rest)
        mustGoOn()
      }),
    async stop() {
      stopping.abort()
      for (const task of tasks) await task.destroy()
      await running
    },
  }
}
