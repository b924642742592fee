import { setTimeout as delay } from 'node:timers/promises'
import { schedule } from 'node-cron'
import type { Clock } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import { shanghai } from '../core/local-time.ts'
import type { Log } from '../core/log.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import { createDeviceDays } from './device-days.ts'
import type { MaintenanceRules } from './obligations.ts'
import { createRollUp } from './roll-up.ts'

/** When a day is over, and what its gateways still had to send has mostly come. */
const everyNight = '40 0 * * *'
const everyMinute = '* * * * *'
/** Of the time, so much is left to others while much is counted: in a storm there is more urgent work. Unverified default. */
const restShare = 0.75

/**
 * Every night and at the start, writes down the days that are over; every minute, counts again what has changed. What was missed is made
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

  async function recordDays(): Promise<void> {
    const changed = await deviceDays.record(clock(), signal)
    await operations.markOverdue(clock())
    log.info({ changed }, 'days of elevators were written down')
  }

  function run(work: () => Promise<unknown>, what: string): Promise<unknown> {
    const next = running
      .then(work)
      .catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, `${what}: it comes again`))
    running = next
    return next
  }

  async function rest(workedMs: number): Promise<boolean> {
    await delay((workedMs * restShare) / (1 - restShare), undefined, { signal }).catch(() => {})
    return !signal.aborted
  }

  /** One that waits for the one before is enough. */
  async function catchUp(): Promise<void> {
    if (isWaiting) return
    isWaiting = true
    await run(async () => {
      isWaiting = false
      await rollUp.catchUp(clock(), rest)
    }, 'figures were not counted')
  }

  return {
    start() {
      const record = () => run(recordDays, 'days of elevators were not written down')
      tasks.push(schedule(everyNight, record, { timezone: shanghai }), schedule(everyMinute, catchUp))
      void record()
    },
    async stop() {
      stopping.abort()
      for (const task of tasks) await task.destroy()
      await running
    },
  }
}
