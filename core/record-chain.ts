import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import { type ErasedEvents, isAsErased } from './erasure.ts'
import { isAsSaid, saidIn, sealSaid } from './said.ts'

/** What happened to something that is no order and keeps a history that nobody changes: an inspection, a sample, … */
export interface NewRecordEvent {
  /** `inspection`, `sample`, … */
  readonly subjectType: string
  /** A UUID. */
  readonly subjectId: string
  /** ms since 1970. */
  readonly at: number
  readonly type: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
}

/** With its place in the chain of its subject, from 1 on, and its hash upon the one before it. */
export interface RecordEvent extends NewRecordEvent {
  readonly number: number
  readonly hash: string
  readonly salt: string | null
  readonly said: string | null
}

/** The last event of a chain. */
export type RecordHead = Pick<RecordEvent, 'number' | 'hash' | 'at'>

/**
 * The event that comes after `head`: SHA-256 over the hash before it, a line feed, and itself as canonical JSON, with `said` in place of
 * who did it and what they said. The first stands on
 * the SHA-256 of what it is about. No event is earlier than the one before it.
 */
export function chained(event: NewRecordEvent, head: RecordHead | undefined): RecordEvent {
  const { subjectType, subjectId, type, actor, data } = event
  const at = Math.max(Math.trunc(event.at), head?.at ?? -Infinity)
  const number = (head?.number ?? 0) + 1
  const placed = { subjectType, subjectId, at, type, actor, data, number, ...sealSaid(event) }
  return { ...placed, hash: recordHash(head?.hash ?? recordBeginning(event), placed) }
}

/** Hex. */
export function recordHash(before: string, event: Omit<RecordEvent, 'hash'>): string {
  const { subjectType, subjectId, number, at, type } = event
  return sha256Hex(`${before}\n${canonicalJson({ subjectType, subjectId, number, at, type, ...saidIn(event) })}`)
}

/** What the first event of a chain stands on. Hex. */
export function recordBeginning({ subjectType, subjectId }: Pick<RecordEvent, 'subjectType' | 'subjectId'>): string {
  return sha256Hex(canonicalJson({ subjectType, subjectId }))
}

/** How many events of a chain were sealed, and the hash of the last of them. */
export interface SealedChain {
  readonly events: number
  readonly hash: string
}

/**
 * The first place where a chain is not as it was written; undefined = it is.
 * @param chain in order of their numbers
 * @param erased events from which a person was erased: what is left of them is held against that
 */
export function faultOfChain(
  chain: readonly RecordEvent[],
  sealed?: SealedChain,
  erased: ErasedEvents = new Map(),
): { readonly event: number; readonly text: string } | undefined {
  let before: string | undefined
  for (const [index, event] of chain.entries()) {
    const number = index + 1
    if (event.number !== number) return { event: number, text: `Event ${number} is missing` }
    const fits = event.hash === recordHash(before ?? recordBeginning(event), event)
    if (!fits || !(isAsSaid(event) || isAsErased(erased, event.subjectId, event))) {
      const text = `Event ${number} (${event.type}) is not as it was written, or what stands before it is not`
      return { event: number, text }
    }
    if (sealed?.events === number && sealed.hash !== event.hash) {
      return { event: number, text: `The chain up to event ${number} was written anew after it was sealed` }
    }
    before = event.hash
  }
  if (sealed !== undefined && sealed.events > chain.length) {
    const event = chain.length + 1
    return { event, text: `Event ${event} is missing: ${sealed.events} were sealed` }
  }
  return undefined
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
