import { statfsSync } from 'node:fs'
import { mostBehind } from './admission.ts'
import type { HealthReport } from './api/health.ts'
import { minuteMs, secondMs } from './core/clock.ts'
import { reasonOf } from './core/errors.ts'
import type { DataThreadStatus } from './data-thread.ts'

/** Below it, somebody has to act soon: at the pilot's 384 readings/s the journal grows by about 8 GB a day. */
const minFreeBytes = 512 * 1024 * 1024
/** A consumer that has waited so long is trouble, not a hiccup; one whose store has not answered since the start is at once. */
const longWaitMs = minuteMs / 6
/** Somewhat more than gateways are let run ahead in a burst. */
const maxBehind = mostBehind * 1.2
/** One that takes a batch needs some seconds at most, a long one into a remote history. Unverified default. */
const hangsAfterMs = 30 * secondMs
/** The data thread tells its status every 100 ms; a long computation holds it up for a second or two. Unverified default. */
const silentAfterMs = 10 * secondMs

/** What can be seen from outside of a data thread that hangs and so cannot say it itself. */
export interface DataThreadProgress {
  /** When the last status came, ms. */
  readonly heardAt: number
  /** When each consumer last moved on, or had nothing to do, ms. */
  readonly movedAt: ReadonlyMap<string, number>
  /** Those that were seen to move since the start: their stores have answered. */
  readonly moved: ReadonlySet<string>
}

/** To be called as each status comes; `head` is the journal's at that moment. */
export function noteProgress(
  before: { status: DataThreadStatus; progress: DataThreadProgress } | undefined,
  status: DataThreadStatus,
  head: number,
  now: number,
): DataThreadProgress {
  const positions = new Map(before?.status.consumers.map(({ name, position }) => [name, position]))
  const moved = new Set(before?.progress.moved)
  const movedAt = status.consumers.map(({ name, position }): [string, number] => {
    if (position > (positions.get(name) ?? position)) moved.add(name)
    const stands = position < head && position === positions.get(name)
    return [name, stands ? (before?.progress.movedAt.get(name) ?? now) : now]
  })
  return { heardAt: now, movedAt: new Map(movedAt), moved }
}

/** What the process knows of its own parts, in words, for `/readyz` and the first page; they ask the database themselves. */
export function checkHealth(seen: {
  journal: { head: number; problem: Error | null }
  data: { status: DataThreadStatus; progress: DataThreadProgress } | undefined
  dataFailed: string | null
  directory: string
  now: number
  /** Of others, who know best how they are. */
  more?: readonly HealthReport['checks'][number][]
}): HealthReport {
  const { journal, data, dataFailed, now } = seen
  const checks: HealthReport['checks'][number][] = []
  const check = (name: string, problem: string | null, well: string) =>
    checks.push({ name, ok: problem === null, text: problem ?? well })

  check(
    'journal',
    journal.problem && `nothing is accepted from gateways: ${reasonOf(journal.problem)}`,
    `${journal.head} entries written${skipped(data?.status)}`,
  )
  check('data thread', dataFailed ?? silence(data?.progress, now), 'running')
  for (const { name, position, waitingFor, waitingSince } of data?.status.consumers ?? []) {
    const behind = journal.head - position
    const standsMs = now - (data?.progress.movedAt.get(name) ?? now)
    const patienceMs = data?.progress.moved.has(name) ? longWaitMs : 0
    const said = `${behind} ${behind === 1 ? 'entry' : 'entries'} behind`
    let problem: string | null = null
    if (waitingFor !== null && now - (waitingSince ?? now) >= patienceMs) {
      problem = `waits since ${new Date(waitingSince ?? now).toISOString()}: ${waitingFor} (${behind} entries are kept for it)`
    } else if (behind > 0 && standsMs >= hangsAfterMs) {
      problem = `has not moved for ${seconds(standsMs)}: ${behind} entries are kept for it. ${restart}`
    } else if (behind < 0) {
      problem = `${-behind} entries ahead of the journal, which has lost its end: what comes now is not looked at. Restart the service: then it is taken again; what the disk has lost is lost`
    } else if (behind > maxBehind) {
      problem = said
    }
    check(name, problem, said)
  }
  check('rules', blindness(data?.status), 'all run')
  const { bavail, bsize } = statfsSync(seen.directory)
  const free = bavail * bsize
  const megabytes = `${Math.floor(free / 1024 / 1024)} MiB free`
  const wanted = `${minFreeBytes / 1024 / 1024} MiB are wanted`
  check('disk', free < minFreeBytes ? `only ${megabytes}; ${wanted}` : null, megabytes)
  return { checks: [...checks, ...(seen.more ?? [])] }
}

const restart = 'If it stays so, restart the service: nothing that was acknowledged is lost'

/** What is lost is lost: no reason to call the service unready, which has gone on behind it. */
function skipped({ damagedEntries }: { damagedEntries: number } = { damagedEntries: 0 }): string {
  return damagedEntries === 0
    ? ''
    : `; ${damagedEntries} were damaged and have been skipped since the start: the log says which`
}

function blindness(status: DataThreadStatus | undefined): string | null {
  const { brokenRules = 0, leftOut = 0 } = status ?? {}
  if (brokenRules === 0 && leftOut === 0) return null
  return `${brokenRules} rules failed on a device, ${leftOut} events could not be recorded: dangers go untold. The log names them; please report it`
}

function silence(progress: DataThreadProgress | undefined, now: number): string | null {
  if (progress === undefined) return 'is starting: what gateways send is kept in the journal meanwhile'
  const silentMs = now - progress.heardAt
  if (silentMs < silentAfterMs) return null
  return `has not been heard of for ${seconds(silentMs)}: nothing is stored or analysed. ${restart}`
}

function seconds(ms: number): string {
  return `${Math.floor(ms / secondMs)} s`
}
