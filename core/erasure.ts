import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/** What stands where a person was named. */
export const erasedMark = '[erased]'

/** An event, in whatever chain. */
interface Chained {
  readonly number: number | null
  readonly at: number
  readonly type: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * What is left of an event from which a person was erased: the event of the erasure vouches for it. SHA-256, hex.
 * What the chain still binds without it is in docs/decisions/0017-erasure.md.
 */
export function leftOf({ number, at, type, actor, data }: Chained): string {
  return createHash('sha256').update(canonicalJson({ number, at, type, actor, data })).digest('hex')
}

/** What erasures say of the events that they changed: `leftOf` by `eventKey`. */
export type ErasedEvents = ReadonlyMap<string, string>

/** @param chainId the order, or what else has the chain */
export function eventKey(chainId: string, number: number | null): string {
  return `${chainId} ${number}`
}

export function isAsErased(erased: ErasedEvents, chainId: string, event: Chained): boolean {
  return erased.get(eventKey(chainId, event.number)) === leftOf(event)
}

/** Whom it was about, without a name. */
export type ErasedPerson =
  | { readonly type: 'contact'; readonly of: 'site' | 'device'; readonly ofId: string; readonly role: string }
  | { readonly type: 'member' | 'account'; readonly id: string }

/** What was done to forget somebody. */
export interface ErasureReceipt {
  readonly person: ErasedPerson
  readonly reason: string
  /** Rows that were changed, by table. */
  readonly rows: Readonly<Record<string, number>>
  /** Of those, the events of chains: which chain, which event, what is left of it. */
  readonly events: readonly { readonly chainId: string; readonly number: number; readonly left: string }[]
  /** Evidence files: the original, which is gone, and the same without the names. */
  readonly files: readonly { readonly sha256: string; readonly redactedAs: string }[]
  /** Answers kept for idempotency keys that went. */
  readonly answers: number
  /** Places that were left as they were, because somebody else is meant. */
  readonly kept: readonly string[]
}
