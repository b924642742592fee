import { type Clock, minuteMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { AuditEntry, Operations } from '../stores/operations/port.ts'

/** Unverified default: a person who looks for the edges is listed whole, a program is counted. */
export const denialsPerMinute = 30

/** Somebody who has an account asked for what is not theirs. */
export interface Denial {
  /** The account. */
  readonly actor: string
  /** `role`: nobody in their roles may do it; `foreign`: they may, but not to this. */
  readonly why: 'role' | 'foreign'
  /** `GET /api/v1/devices/:id` */
  readonly route: string
  /** What it was about; null when the route says it all. */
  readonly subject: string | null
  readonly address: string
}

/**
 * Denials in the audit: of each account at most 30 a minute, and how many more there were. Nobody waits for it, so that what is
 * foreign is answered no later than what is not there.
 */
export interface DenialAudit {
  note(denial: Denial): void
  /** Writes what is left. */
  stop(): Promise<void>
}

export function createDenialAudit(options: { operations: Operations; clock: Clock; log: Log }): DenialAudit {
  const { operations, clock, log } = options
  const listed = new Map<string, number>()
  let since = clock()
  const writing = new Set<Promise<void>>()

  function write(entry: Omit<AuditEntry, 'at'>): void {
    const written: Promise<void> = operations
      .insertAudit({ at: clock(), ...entry })
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'a denial is not in the audit'))
      .finally(() => writing.delete(written))
    writing.add(written)
  }

  function endMinute(): void {
    for (const [actor, denials] of listed) {
      const unlisted = denials - denialsPerMinute
      if (unlisted > 0) write({ actor, action: 'denials-unlisted', subject: actor, data: { unlisted, since } })
    }
    listed.clear()
    since = clock()
  }

  const timer = setInterval(endMinute, minuteMs)
  timer.unref()
  return {
    note({ actor, why, route, subject, address }) {
      if (clock() - since >= minuteMs) endMinute()
      const denials = (listed.get(actor) ?? 0) + 1
      listed.set(actor, denials)
      if (denials > denialsPerMinute) return
      write({ actor, action: 'denied', subject: subject ?? route, data: { why, route, address } })
    },
    async stop() {
      clearInterval(timer)
      endMinute()
      await Promise.all(writing)
    },
  }
}
