import { statfs } from 'node:fs/promises'
import type { HealthReport } from './api/health-report.ts'
import { minuteMs } from './core/clock.ts'
import { reasonOf } from './core/errors.ts'
import type { DataThreadStatus } from './data-thread.ts'

/** Below it, somebody has to act soon: at the pilot's 384 readings/s the journal grows by about 8 GB a day. */
const minFreeBytes = 512 * 1024 * 1024
/** A consumer that has waited so long is trouble, not a hiccup. */
const longWaitMs = minuteMs / 6
const maxBehind = 100_000

/** Whether all is well, in words: what `/readyz` and the first page say. */
export async function checkHealth(seen: {
  journal: { head: number; problem: Error | null }
  data: DataThreadStatus | undefined
  dataFailed: string | null
  pingDatabase: () => Promise<void>
  directory: string
  now: number
}): Promise<HealthReport> {
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
  check('database', await seen.pingDatabase().then(() => null, reasonOf), 'answers')
  const { bavail, bsize } = await statfs(seen.directory)
  const free = bavail * bsize
  const megabytes = `${Math.floor(free / 1024 / 1024)} MiB free`
  check('disk', free < minFreeBytes ? `only ${megabytes}` : null, megabytes)
  return { ok: checks.every(({ ok }) => ok), checks }
}
