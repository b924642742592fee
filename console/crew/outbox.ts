import type { CrewAction, Door } from './wire.ts'
import { doorId } from './wire.ts'

/*
 * What somebody did on this phone, from the tap until the service has answered. Pure; times are ms since 1970 by the server's clock
 * as the phone knows it.
 *
 * Written down at the tap and sent 5 s later, until when it can be taken back; when the page is hidden or closed, at once. What was
 * not answered is sent again under its own key until it is: the service does it once. What was refused stays, with why, until
 * somebody has read it.
 */

export const undoMs = 5_000
const firstWaitMs = 2_000
const longestWaitMs = 30_000

export interface Queued {
  /** The action's Idempotency-Key. */
  readonly key: string
  readonly door: Door
  readonly orderId: string
  readonly action: CrewAction
  /** When it was done. */
  readonly doneAt: number
  /** What is said with it, besides the time. */
  readonly said: Said
  /** It was done where no link was. */
  readonly offline: boolean
  /** It waits from `setAt` to `sendAt`: to be taken back, or until the next try. */
  readonly setAt: number
  readonly sendAt: number
  /** So often it was sent, and nobody answered. */
  readonly tries: number
  readonly refused: Refused | null
}

export interface Said {
  readonly note?: string
  /** How the arrival is known. */
  readonly by?: 'hand' | 'qr'
  /** What the code in the car said: the service knows whether it is its own. */
  readonly scanned?: string
  readonly position?: { readonly latitude: number; readonly longitude: number; readonly metres: number }
  /** Of a close: why it failed, how it ended, what was built in. */
  readonly end?: End
  /** Of a photo, made small. */
  readonly picture?: Blob
}

export interface End {
  readonly causeClass?: 'equipment' | 'people' | 'external'
  readonly outcome?: 'repaired' | 'serviced' | 'self-corrected' | 'false-alarm'
  readonly parts?: readonly { readonly name: string }[]
}

/** As many as the service takes. */
export const mostNoteCharacters = 2_000

/** So many pictures wait on a phone: each may be a quarter of a megabyte. */
export const mostPictures = 12

export interface Refused {
  readonly code: string
  /** The service's own words. */
  readonly detail: string
  readonly at: number
}

export type Answer =
  | { readonly type: 'done' }
  | { readonly type: 'none' }
  | { readonly type: 'later'; readonly seconds: number | null }
  | { readonly type: 'signed-out' }
  | { readonly type: 'refused'; readonly code: string; readonly detail: string }

/** Not yet answered, in the order in which it was done. */
export function waiting(items: readonly Queued[]): Queued[] {
  return items.filter(({ refused }) => refused === null)
}

export function atDoor(items: readonly Queued[], door: Door): Queued[] {
  return items.filter((item) => doorId(item.door) === doorId(door))
}

/** What can still be taken back: nothing that may have reached the service. */
export function undoable(items: readonly Queued[], now: number): Queued | undefined {
  const last = waiting(items).at(-1)
  return last !== undefined && last.tries === 0 && !isDue(last, now) ? last : undefined
}

export function undo(items: readonly Queued[], key: string, now: number): Queued[] {
  return items.filter((item) => item.key !== key || undoable([item], now) === undefined)
}

/**
 * What to send now. Actions of one door go one after the other, as they were done; one that must wait holds up those after it, and
 * nothing of other doors. Pictures go when nothing else does: no arrival waits for a megabyte.
 */
export function nextToSend(items: readonly Queued[], now: number, shut: ReadonlySet<string>): Queued | undefined {
  return allToSend(items, now, shut)[0] ?? allDue(waiting(items).filter(isPicture), now, shut)[0]
}

/** All of them but pictures, in their order: when the page goes away nobody is left to send one after the other. */
export function allToSend(items: readonly Queued[], now: number, shut: ReadonlySet<string>): Queued[] {
  return allDue(
    waiting(items).filter((item) => !isPicture(item)),
    now,
    shut,
  )
}

function isPicture({ action }: Queued): boolean {
  return action === 'photo'
}

function allDue(items: readonly Queued[], now: number, shut: ReadonlySet<string>): Queued[] {
  const held = new Set(shut)
  return items.filter((item) => {
    const door = doorId(item.door)
    if (!held.has(door) && isDue(item, now)) return true
    held.add(door)
    return false
  })
}

/** Each answer of the service puts the phone's clock right by a little. */
const puttingRightMs = 2_000

/** Also when the clock was put back meanwhile: nothing waits for a time that was never meant. */
function isDue({ setAt, sendAt }: Queued, now: number): boolean {
  return now >= sendAt || now < setAt - puttingRightMs
}

/** The page goes away: nothing waits for a change of mind any more. */
export function hurried(items: readonly Queued[], now: number): Queued[] {
  return items.map((item) => (item.tries === 0 && !isDue(item, now) ? { ...item, sendAt: now } : item))
}

/** There is a link again: nobody waits for the next try. */
export function triedNow(items: readonly Queued[], now: number): Queued[] {
  return items.map((item) => (item.tries > 0 && !isDue(item, now) ? { ...item, sendAt: now } : item))
}

/** After an answer to one, or none. */
export function answered(items: readonly Queued[], key: string, answer: Answer, now: number): Queued[] {
  return items.flatMap((item) => {
    if (item.key !== key) return [item]
    switch (answer.type) {
      case 'done':
        return []
      case 'refused':
        return [{ ...item, refused: { code: answer.code, detail: answer.detail, at: now } }]
      case 'later':
        return [again(item, now, (answer.seconds ?? 0) * 1_000)]
      default:
        return [again(item, now, 0)]
    }
  })
}

function again(item: Queued, now: number, leastMs: number): Queued {
  const waitMs = Math.max(leastMs, Math.min(longestWaitMs, firstWaitMs * 2 ** item.tries))
  return { ...item, tries: item.tries + 1, setAt: now, sendAt: now + waitMs }
}

/** What the service writes down beside the action. */
export function phoneOf({ doneAt, offline, said: { by, scanned, position } }: Queued) {
  return {
    doneAt: new Date(doneAt).toISOString(),
    ...(offline && { offline }),
    ...(by && { by }),
    ...(scanned !== undefined && { scanned }),
    ...(position && { position }),
  }
}

/** China has had one time zone, and no summer time, since 1991. */
export function shanghaiIso(at: number): string {
  return `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`
}
