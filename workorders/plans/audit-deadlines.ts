import { type Clock, secondMs } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { MissingDeadline, Operations, OverdueDeadline } from '../../stores/operations/port.ts'

/** The worker is given so long; firing is late by less than a second when all is well. */
const graceMs = 10 * secondMs
const everyMs = 10 * secondMs
/** While not all is well, for that may be over at any moment: after a time of being down the worker fires all that is due. */
const whileRedMs = 500
/** What was found longer ago says nothing of now. */
const staleAfterMs = 60 * secondMs

const none = { count: 0, first: null }

export interface DeadlineAudit {
  /** Looks once, whatever comes of it. */
  look(): Promise<void>
  /** Deadlines that are overdue and were not escalated, and those that are gone: must be 0. NaN while nobody can tell. */
  overdueUnescalated(): number
  check(): { readonly name: string; readonly ok: boolean; readonly text: string }
  start(): void
  stop(): Promise<void>
}

/**
 * Looks at the deadlines with questions of its own, beside the worker that fires them: whoever watches it sees when that one
 * has stopped, and also when this one has.
 */
export function createDeadlineAudit(options: {
  operations: Pick<Operations, 'overdueDeadlines' | 'missingDeadlines'>
  clock: Clock
  log: Log
}): DeadlineAudit {
  const { operations, clock, log } = options
  const startedAt = clock()
  let running: Promise<void> | undefined
  let next: NodeJS.Timeout | undefined
  let isStopped = false
  let seen: { at: number; count: number; text: string } | undefined
  let failure: string | undefined
  let missing: { at: number; count: number; first: MissingDeadline | null } = { at: Number.NEGATIVE_INFINITY, ...none }
  let saidAt = Number.NEGATIVE_INFINITY

  /** @param isRound one of many: what goes through all running orders is asked every 10 s, and not twice a second */
  async function look(isRound = false): Promise<void> {
    const at = clock()
    try {
      const overdue = await operations.overdueDeadlines(at - graceMs)
      if (!isRound || at - missing.at >= everyMs) missing = { at, ...(await operations.missingDeadlines(at - graceMs)) }
      const texts = [overdueText(overdue, at), missingText(missing)].filter((text) => text !== '')
      seen = { at, count: overdue.count + missing.count, text: texts.join('; ') || 'none is overdue' }
      failure = undefined
      if (seen.count > 0)
        say({ count: seen.count, found: seen.text }, 'deadlines are overdue and not escalated, or gone')
    } catch (cause) {
      failure = reasonOf(cause)
      say({ reason: failure }, 'whether a deadline is overdue cannot be told')
    }
  }

  /** As often as it looks while all is well. */
  function say(found: Record<string, unknown>, text: string): void {
    if (clock() - saidAt < everyMs) return
    saidAt = clock()
    log.error(found, text)
  }

  /** Why its last answer cannot be trusted now; undefined when it can. */
  function blindness(): string | undefined {
    if (failure !== undefined) return `cannot tell whether one is overdue: ${failure}`
    const silentMs = clock() - (seen?.at ?? startedAt)
    if (silentMs > staleAfterMs) {
      return `cannot tell whether one is overdue: nobody has looked for ${Math.floor(silentMs / secondMs)} s`
    }
    return seen === undefined ? 'nobody has looked yet' : undefined
  }

  function check() {
    const blind = blindness()
    const text = blind ?? seen?.text ?? ''
    return { name: 'deadlines', ok: blind === undefined && seen?.count === 0, text }
  }

  function goOn(): void {
    running = look(true).then(() => {
      if (!isStopped) next = setTimeout(goOn, check().ok ? everyMs : whileRedMs)
    })
  }

  return {
    look: () => look(),
    overdueUnescalated: () => (blindness() === undefined && seen !== undefined ? seen.count : Number.NaN),
    check,
    start() {
      if (running === undefined) goOn()
    },
    async stop() {
      isStopped = true
      clearTimeout(next)
      await running
    },
  }
}

function overdueText({ count, worst }: { count: number; worst: OverdueDeadline | null }, now: number): string {
  if (worst === null) return ''
  const since = Math.floor((now - worst.dueAt) / secondMs)
  const why = worst.lastError === null ? '' : `, tried ${worst.attempts} times: ${worst.lastError}`
  return `${count} overdue and not escalated; the worst is ${worst.stepId ?? 'a step without a name'} of order ${worst.orderId}, for ${since} s${why}`
}

function missingText({ count, first }: { count: number; first: MissingDeadline | null }): string {
  if (first === null) return ''
  return `${count} of running orders are gone, such as ${first.stepId} of order ${first.orderId}`
}
