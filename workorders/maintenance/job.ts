import { schedule } from 'node-cron'
import type { Clock } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import { shanghai } from '../../core/local-time.ts'
import type { Log } from '../../core/log.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Maintenance } from './maintenance.ts'
import { type OpenDueOrder, openDueMaintenance } from './open-due.ts'

/** Before the first shift of the day, local time; on whole days a minute more or less does not matter. */
const everyMorning = '0 6 * * *'

/**
 * Every morning, and at the start: looks again at recent visits, then opens orders for what is due. Both do nothing the second
 * time, so a day that was missed is made up for by the next run.
 */
export function createMaintenanceJob(options: {
  operations: Operations
  maintenance: Pick<Maintenance, 'review'>
  openOrder: OpenDueOrder
  clock: Clock
  log: Log
}) {
  const { operations, maintenance, openOrder, clock, log } = options
  let running: Promise<unknown> = Promise.resolve()
  let task: ReturnType<typeof schedule> | undefined

  /** Answers how many orders it opened. */
  async function runOnce(): Promise<number> {
    await maintenance.review()
    return openDueMaintenance({ operations, openOrder, now: clock() })
  }

  function run(): Promise<unknown> {
    const next = running.then(runOnce).then(
      (opened) => log.info({ opened }, 'due maintenance was looked at'),
      (cause) => log.warn({ reason: reasonOf(cause) }, 'due maintenance could not be looked at'),
    )
    running = next
    return next
  }

  return {
    runOnce,
    start() {
      task = schedule(everyMorning, run, { timezone: shanghai })
      void run()
    },
    async stop() {
      await task?.destroy()
      await running
    },
  }
}
