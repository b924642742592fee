import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { Operations } from '../stores/operations/port.ts'

/** What the detectors' side knows of a gateway that it has heard; it survives a restart. */
export interface HeardGateway {
  /** When the last message of it came that could be used, ms. */
  readonly heardAt: number
  /** How far its clock is ahead of ours, ms; behind us it is negative, and the time on the way is in it. Null = nobody can know yet. */
  readonly clockAheadMs: number | null
}

export interface GatewayLiveness {
  readonly connected: boolean
  /** When it last sent anything; null = never, as far as we know. */
  readonly lastMessageAt: number | null
  /** Null = nobody knows. */
  readonly clockAheadMs: number | null
  /** An hour ago, or the start of the service. */
  readonly countedSince: number
  /** That the door took since then, those among them that were put into quarantine. */
  readonly messages: number
  /** At the door, and messages of which something is in quarantine. */
  readonly refusals: number
  /** Connections in its name with a wrong password: its own after a rotation, or somebody else's. */
  readonly wrongPasswords: number
}

export interface Liveness {
  /** `receivedAt`: as the door has read it from the clock already, for this is called for every message. */
  accepted(gatewayId: string, receivedAt: number): void
  /** `claimedId`: in whose name it was tried, where that is a gateway of ours. */
  refused(refusal: { readonly gatewayId: string | null; readonly claimedId?: string | undefined }): void
  /**
   * The same gateways, each with its own. What the detectors' side does not answer in time is null.
   * @throws {StoreUnavailable}
   */
  each<G extends { readonly id: string }>(gateways: readonly G[]): Promise<(G & { liveness: GatewayLiveness })[]>
  /** @throws {StoreUnavailable} */
  of(gatewayId: string): Promise<GatewayLiveness>
}

const slotMs = 5 * minuteMs
const slots = hourMs / slotMs
/** A list is not kept waiting for a long computation. Unverified default. */
const usualPatienceMs = 2 * secondMs
const nothing: ReadonlyMap<string, HeardGateway> = new Map()
const counted = ['messages', 'refusals', 'wrongPasswords'] as const
type Counted = (typeof counted)[number]

/** Of one gateway: counts of the last hour, in slots of five minutes. Changed in place, for every message does. */
interface Book {
  lastMessageAt: number | null
  /** Of the newest slot, since 1970. */
  slot: number
  readonly counts: Readonly<Record<Counted, Uint32Array>>
}

/**
 * Whether gateways are heard of, for whoever looks after them: from the door's own counts, what the detectors' side knows and what
 * is in quarantine.
 */
export function createLiveness(options: {
  operations: Pick<Operations, 'quarantinedSince'>
  clock: Clock
  isConnected: (gatewayId: string) => boolean
  heard: (gatewayIds: readonly string[]) => Promise<ReadonlyMap<string, HeardGateway>>
  patienceMs?: number
}): Liveness {
  const { operations, clock, isConnected, heard, patienceMs = usualPatienceMs } = options
  const books = new Map<string, Book>()
  const startedAt = clock()

  function bookOf(gatewayId: string): Book {
    const known = books.get(gatewayId)
    if (known !== undefined) return known
    const empty = () => new Uint32Array(slots)
    const counts = { messages: empty(), refusals: empty(), wrongPasswords: empty() }
    const book: Book = { lastMessageAt: null, slot: 0, counts }
    books.set(gatewayId, book)
    return book
  }

  function count(gatewayId: string, what: Counted, now: number): Book {
    const book = bookOf(gatewayId)
    turn(book, now)
    const counts = book.counts[what]
    counts[book.slot % slots] = (counts[book.slot % slots] ?? 0) + 1
    return book
  }

  function ask(ids: readonly string[]): Promise<ReadonlyMap<string, HeardGateway>> {
    return Promise.race([heard(ids).catch(() => nothing), delay(patienceMs, nothing, { ref: false })])
  }

  async function livenessOf(ids: readonly string[]): Promise<(id: string) => GatewayLiveness> {
    const countedSince = Math.max(startedAt, (Math.floor(clock() / slotMs) + 1 - slots) * slotMs)
    const [known, quarantined] = await Promise.all([ask(ids), operations.quarantinedSince(ids, countedSince)])
    return (id) => {
      const [last, book] = [known.get(id), books.get(id)]
      if (book !== undefined) turn(book, clock())
      const sum = (what: Counted) => book?.counts[what].reduce((all, one) => all + one, 0) ?? 0
      const times = [last?.heardAt ?? null, book?.lastMessageAt ?? null].filter((time) => time !== null)
      return {
        connected: isConnected(id),
        lastMessageAt: times.length === 0 ? null : Math.max(...times),
        clockAheadMs: last?.clockAheadMs ?? null,
        countedSince,
        messages: sum('messages'),
        refusals: sum('refusals') + (quarantined.get(id) ?? 0),
        wrongPasswords: sum('wrongPasswords'),
      }
    }
  }

  return {
    accepted(gatewayId, receivedAt) {
      count(gatewayId, 'messages', receivedAt).lastMessageAt = receivedAt
    },
    refused({ gatewayId, claimedId }) {
      if (gatewayId !== null) count(gatewayId, 'refusals', clock())
      else if (claimedId !== undefined) count(claimedId, 'wrongPasswords', clock())
    },
    async each(gateways) {
      const liveness = await livenessOf(gateways.map(({ id }) => id))
      return gateways.map((gateway) => ({ ...gateway, liveness: liveness(gateway.id) }))
    },
    of: async (id) => (await livenessOf([id]))(id),
  }
}

/** To the slot of now: what lies an hour back is forgotten. A clock that was set back counts on in the newest slot. */
function turn(book: Book, now: number): void {
  const slot = Math.floor(now / slotMs)
  const passed = slot - book.slot
  if (passed <= 0) return
  for (const what of counted) {
    if (passed >= slots) book.counts[what].fill(0)
    else for (let next = book.slot + 1; next <= slot; next += 1) book.counts[what][next % slots] = 0
  }
  book.slot = slot
}
