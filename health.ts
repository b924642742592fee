import { statfsSync } from 'node:fs'
import type { HealthReport } from './api/health.ts'
import { minuteMs } from './core/clock.ts'
import { reasonOf } from './core/errors.ts'
import type { DataThreadStatus } from './data-thread.ts'

/** Below it, somebody has to act soon: at the pilot's 384 readings/s the journal grows by about 8 GB a day. */
const minFreeBytes = 512 * 1024 * 1024
/** A consumer that has waited so long is trouble, not a hiccup. */
const longWaitMs = minuteMs / 6
const maxBehind = 100_000

/** What the process knows of its own parts, in words, for `/readyz` and the first page; they ask the database themselves. */
export function checkHealth(seen: {
  journal: { head: number; problem: Error | null }
  data: DataThreadStatus | undefined
  dataFailed: string | null
  directory: string
  now: number
}): HealthReport {
  const { journal, data, dataFailed, now } = seen
  const checks: HealthReport['checks'][number][] = []
  const check = (name: string, problem: string | null, well: string) =>
    checks.push({ name, ok: problem === null, text: problem ?? well })

  check(
    'journal',
    journal.problem && `nothing is accepted from gateways: ${reasonOf(journal.problem)}`,
    `${journal.head} entries written`,
  )
  check('data thread', dataFailed, 'running')
  for (const { name, position, waitingFor, waitingSince } of data?.consumers ?? []) {
    const behind = journal.head - position
    const stuck = waitingFor !== null && now - (waitingSince ?? now) >= longWaitMs
    const problem = stuck
      ? `waits since ${new Date(waitingSince ?? now).toISOString()}: ${waitingFor} (${behind} entries are kept for it)`
      : behind > maxBehind
        ? `${behind} entries behind`
        : null
    check(name, problem, `${behind} entries behind`)
  }
  const { bavail, bsize } = statfsSync(seen.directory)
  const free = bavail * bsize
  const megabytes = `${Math.floor(free / 1024 / 1024)} MiB free`
  check('disk', free < minFreeBytes ? `only ${megabytes}` : null, megabytes)
  return { checks }
}
