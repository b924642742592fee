import { createHash } from 'node:crypto'
import { type Clock, dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { AttemptRule, Operations } from '../stores/operations/port.ts'
import type { ProvenPerson } from './person.ts'

/** Unverified defaults. */
export const attemptRule: AttemptRule = {
  free: 10,
  firstWaitMs: minuteMs,
  longestWaitMs: hourMs,
  forgottenAfterMs: dayMs,
}

/**
 * Under which number the tries with a name are counted, whether or not anybody has it: an attacker learns nothing of who
 * exists, and makes no more than 2^20 rows. Of a thousand accounts one in a thousand shares its number with another.
 */
export function bucketOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() >>> 12
}

const rowsPerMinute = 60

export interface Failure {
  /** Null = there is no such account. What was typed instead may be a password, and stands nowhere. */
  readonly accountId: string | null
  readonly address: string
  /** Wrong passwords in a row, of this name. */
  readonly failures?: number
  /** Who came from the provider, in its words: what an operator who knows them gives their account. */
  readonly person?: ProvenPerson
}

/**
 * Failed sign-ins in the audit: at most 60 a minute, and how many more there were. Nobody is kept waiting by it, and nobody is
 * turned away when it cannot be written.
 */
export function createFailureAudit(options: { operations: Operations; clock: Clock; log: Log }) {
  const { operations, clock, log } = options
  let minute = { since: Number.NEGATIVE_INFINITY, rows: 0, unlisted: 0 }

  function write(subject: string, action: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    return operations
      .insertAudit({ at: clock(), actor: 'sign-in', action, subject, data })
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'a failed sign-in is not in the audit'))
  }

  return async ({ accountId, ...data }: Failure): Promise<void> => {
    const now = clock()
    if (now - minute.since >= minuteMs) {
      const { since, unlisted } = minute
      minute = { since: now, rows: 0, unlisted: 0 }
      if (unlisted > 0) await write('unknown', 'sign-ins-failed', { unlisted, since })
    }
    minute.rows += 1
    if (minute.rows > rowsPerMinute) minute.unlisted += 1
    else await write(accountId ?? 'unknown', 'sign-in-failed', data)
  }
}
