import { distinct, lateMs, type Trouble } from './trouble.ts'

/** What was seen of a device since somebody began to wait for its first message. */
export interface Seen {
  /** When the waiting began; ms since 1970, as all times here, by the service's clock. */
  readonly since: number
  /** The time of the reading that was there already; null = none was. */
  readonly before: number | null
  /** Between these two looks a reading came that was not there before; null = none has. */
  readonly came: { readonly after: number; readonly by: number } | null
}

export interface Verdict {
  /** `late`: a reading came, and it was measured long ago by its own clock. */
  readonly light: 'waiting' | 'wrong' | 'late' | 'green'
  /** While it waits, what is in the way; once green, what of the messages is still not accepted. The newest first. */
  readonly troubles: readonly Trouble[]
}

/** Whoever opens the page has tried a moment ago. */
const triedBeforeMs = 10 * 60_000
/** The time between an arrival and our seeing what became of it, and the error of our knowledge of the service's clock. */
const blurMs = 2_000

/**
 * Green at the first reading that was accepted and is of now. Trouble of before is over then; what comes with it or later (a metric with a
 * wrong name beside good ones) is still said. What was before the reading that was there already is over too.
 * @param measuredAt of the newest reading, by its own clock; null = there is none
 */
export function verdictOf(
  { since, before, came }: Seen,
  troubles: readonly Trouble[],
  measuredAt: number | null = null,
): Verdict {
  const from = came === null ? Math.max(since - triedBeforeMs, before ?? 0) : came.after - blurMs
  const standing = distinct(troubles.filter(({ at }) => at >= from))
  const isLate = came !== null && measuredAt !== null && came.by - measuredAt >= lateMs
  if (came !== null) return { light: isLate ? 'late' : 'green', troubles: standing }
  return { light: standing.length === 0 ? 'waiting' : 'wrong', troubles: standing }
}

/** Tries with a wrong password: how many the door has counted, and when one more was seen; null = none was. */
export interface WrongPasswords {
  readonly count: number
  readonly at: number | null
}

/** The door keeps no refusal of who has not shown to be the gateway: it counts them. Of one that was never heard of, each counts. */
export function lookAtPasswords(
  before: WrongPasswords | null,
  { wrongPasswords: count, lastMessageAt }: { readonly wrongPasswords: number; readonly lastMessageAt: string | null },
  now: number,
): WrongPasswords {
  const known = before?.count ?? (lastMessageAt === null ? 0 : count)
  return { count, at: count > known ? now : (before?.at ?? null) }
}

/** As a refusal, which it is to the installer. */
export function wrongPasswordsTrouble({ count, at }: WrongPasswords): Trouble[] {
  if (at === null) return []
  return [
    { at, reason: 'wrong-credentials', text: `${count} tries with a wrong password in the last hour`, message: null },
  ]
}

/** What concerns this device: of the others' only what may be its own under a wrong name, and what no device could be named for. */
export function concerning(deviceId: string, troubles: readonly Trouble[]): Trouble[] {
  return troubles.filter(
    ({ reason, message }) =>
      message === null ||
      message.deviceId === deviceId ||
      message.deviceId.includes('/') ||
      ['unknown-device', 'foreign-device', 'not-mapped'].includes(reason),
  )
}

/**
 * The next look at the newest reading's time. A known device has readings of before: only another one counts.
 * @param lastAt null = there is none
 */
export function look(
  before: { readonly lastAt: string | null; readonly at: number; readonly seen: Seen } | null,
  lastAt: string | null,
  now: number,
): { readonly lastAt: string | null; readonly at: number; readonly seen: Seen } {
  if (before === null)
    return { lastAt, at: now, seen: { since: now, before: lastAt === null ? null : Date.parse(lastAt), came: null } }
  const isNew = lastAt !== null && lastAt !== before.lastAt
  const came = isNew ? { after: before.at, by: now } : before.seen.came
  return { lastAt, at: now, seen: { ...before.seen, came } }
}
