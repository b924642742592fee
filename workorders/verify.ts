import { setImmediate as turn } from 'node:timers/promises'
import { reasonOf } from '../core/errors.ts'
import type { WorkOrder } from '../core/incident.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import type { ChainedEvent, Operations, Seal } from '../stores/operations/port.ts'
import type { Taken } from './absorb.ts'
import { chainHash, orderHash, sha256 } from './chain.ts'
import { firstSealFollows, sealHash } from './seals.ts'

/** One place where what is kept no longer is what was written. */
export interface Break {
  readonly what: 'event' | 'order' | 'seal' | 'evidence'
  /** The order, the seal's number or the file's hash. */
  readonly id: string
  /** Of an order's chain: the first event that does not fit. */
  readonly event: number | null
  /** One English sentence. */
  readonly text: string
}

export interface Verification {
  readonly ok: boolean
  readonly orders: number
  readonly events: number
  readonly seals: number
  readonly files: number
  /** The newest seal: written down elsewhere, it vouches for everything up to it. */
  readonly head: Pick<Seal, 'number' | 'at' | 'hash'> | null
  /** The first 100. */
  readonly breaks: readonly Break[]
  readonly breaksInAll: number
}

const batch = 200
const breaksKept = 100

/** Checks every order's chain, every seal and every evidence file. Memory grows with the number of orders, 100 bytes each. */
export async function verifyAll(operations: Operations, evidence: EvidenceStore): Promise<Verification> {
  const breaks: Break[] = []
  let breaksInAll = 0
  const note = (found: Break) => {
    breaksInAll += 1
    if (breaks.length < breaksKept) breaks.push(found)
  }
  // the seals first: what is appended while we read is then only more than was sealed
  const sealed = await verifySeals(operations, note)
  const chains = await verifyChains(operations, sealed.heads, note)
  const files = await verifyFiles(operations, evidence, note)
  const { orders, events } = chains
  const { seals, head } = sealed
  return { ok: breaksInAll === 0, orders, events, seals, files, head, breaks, breaksInAll }
}

type Note = (found: Break) => void
/** Order → how many events were sealed of it, and the hash of the last. */
type Heads = Map<string, { events: number; hash: string }>

async function verifySeals(operations: Operations, note: Note) {
  const heads: Heads = new Map()
  let hash = firstSealFollows
  let head: Seal | null = null
  let seals = 0
  for (;;) {
    const some = await operations.seals(head?.number ?? 0, batch)
    if (some.length === 0) return { heads, seals, head: head && { number: head.number, at: head.at, hash: head.hash } }
    for (const seal of some) {
      seals += 1
      const id = String(seal.number)
      if (seal.number !== (head?.number ?? 0) + 1) {
        note({
          what: 'seal',
          id,
          event: null,
          text: `Seal ${seal.number} does not follow seal ${head?.number ?? 0}: one is missing`,
        })
      } else if (seal.hash !== sealHash(hash, seal)) {
        note({ what: 'seal', id, event: null, text: `Seal ${seal.number} was changed, or what it follows was` })
      }
      for (const [orderId, events, last] of seal.heads) heads.set(orderId, { events, hash: last })
      hash = seal.hash
      head = seal
    }
    await turn()
  }
}

async function verifyChains(operations: Operations, heads: Heads, note: Note) {
  let orders = 0
  let events = 0
  let after: string | null = null
  for (;;) {
    const ids: string[] = await operations.orderIds(after, batch)
    if (ids.length === 0) break
    for (const id of ids) {
      orders += 1
      events += await verifyOrder(operations, id, heads.get(id), note)
      heads.delete(id)
    }
    after = ids.at(-1) ?? null
    await turn()
  }
  for (const [id, { events: sealedEvents }] of heads) {
    const text = `The order is gone, though ${sealedEvents} of its events were sealed`
    note({ what: 'order', id, event: null, text })
  }
  return { orders, events }
}

async function verifyOrder(
  operations: Operations,
  id: string,
  sealed: { events: number; hash: string } | undefined,
  note: Note,
): Promise<number> {
  const [order, chain] = await Promise.all([operations.order(id), operations.chainOf(id)])
  if (order === undefined) return 0
  const fault =
    faultOf(orderHash(order), chain, sealed) ??
    faultOfRow(order, chain) ??
    (await faultOfNamed(operations, order, chain))
  if (fault !== undefined) note({ what: 'event', id, ...fault })
  return chain.length
}

/** The time of an order that its events set, by what they say. */
const timeOfEvent: Readonly<Record<string, keyof WorkOrder>> = {
  acknowledged: 'acknowledgedAt',
  accepted: 'acceptedAt',
  arrived: 'arrivedAt',
  restored: 'restoredAt',
  closed: 'closedAt',
  cancelled: 'cancelledAt',
  'tell-passenger': 'passengerToldAt',
  inspect: 'inspectedAt',
}

/** The first of an order's own times, or what it was closed as, that is not what its events say: lists and reports read the row. */
export function faultOfRow(
  order: WorkOrder,
  chain: readonly ChainedEvent[],
): { event: number; text: string } | undefined {
  const seen = new Set<string>()
  for (const { type, data, at, number } of chain) {
    const time = timeOfEvent[type] ?? timeOfEvent[String(data.action)]
    if (time !== undefined && !seen.has(time)) {
      seen.add(time)
      // what was done about another order that this one goes on for was done before it was noted here
      const done = data[time]
      if (order[time] !== (typeof done === 'string' ? Date.parse(done) : at))
        return { event: number ?? 0, text: `The order says another ${time} than its event ${number}` }
    }
    if (type !== 'closed') continue
    for (const field of ['outcome', 'causeClass'] as const) {
      if (typeof data[field] === 'string' && order[field] !== data[field]) {
        return { event: number ?? 0, text: `The order says another ${field} than its event ${number}` }
      }
    }
  }
  const unsaid = Object.values(timeOfEvent).find(
    (time) => order[time] !== null && !seen.has(time) && time !== 'acknowledgedAt',
  )
  return unsaid && { event: chain.length, text: `The order has a time ${unsaid} that none of its events set` }
}

/** The first event that names evidence which is listed no longer, or a merged order whose chain was another then. */
async function faultOfNamed(operations: Operations, order: WorkOrder, chain: readonly ChainedEvent[]) {
  const named = chain.filter(({ data }) => evidenceIn(data).length > 0 || data.mergedChain !== undefined)
  if (named.length === 0) return undefined
  const listed = new Set((await operations.evidenceOf(order.incidentId)).map(({ sha256 }) => sha256))
  for (const { number, data } of named) {
    const event = number ?? 0
    const gone = evidenceIn(data).find((sha256) => !listed.has(sha256))
    if (gone !== undefined) return { event, text: `The evidence ${gone}, which event ${number} names, is gone` }
    const { mergedOrderId = '', mergedChain } = data as Partial<Taken>
    if (mergedChain === undefined) continue
    const ended = (await operations.chainOf(mergedOrderId)).find((one) => one.number === mergedChain.number)
    if (ended?.hash === mergedChain.hash) continue
    return { event, text: `The order ${mergedOrderId}, which event ${number} took over, is not as it was then` }
  }
  return undefined
}

/** @returns the SHA-256 of each file that an event names */
function evidenceIn({ sha256, evidence, mergedEvidence = [] }: ChainedEvent['data'] & Partial<Taken>): string[] {
  const own = evidence !== undefined && typeof sha256 === 'string' ? [sha256] : []
  return [...own, ...mergedEvidence.map((one) => one.sha256)]
}

/** The first place where a chain does not fit. */
export function faultOf(
  beginning: string,
  chain: readonly ChainedEvent[],
  sealed: { events: number; hash: string } | undefined,
): { event: number; text: string } | undefined {
  if (chain.length === 0) return { event: 1, text: 'The order has no event, not even that it was raised' }
  let hash = beginning
  for (const [index, event] of chain.entries()) {
    const number = index + 1
    if (event.number === null) return { event: number, text: 'An event stands outside the chain' }
    if (event.number !== number) return { event: number, text: `Event ${number} is missing` }
    if (event.hash !== chainHash(hash, event)) {
      return {
        event: number,
        text: `Event ${number} (${event.type}) is not as it was written, or what stands before it is not`,
      }
    }
    if (sealed?.events === number && sealed.hash !== event.hash) {
      return { event: number, text: `The chain up to event ${number} was written anew after it was sealed` }
    }
    hash = event.hash
  }
  if (sealed !== undefined && sealed.events > chain.length) {
    const text = `Event ${chain.length + 1} is missing: ${sealed.events} were sealed`
    return { event: chain.length + 1, text }
  }
  return undefined
}

async function verifyFiles(operations: Operations, evidence: EvidenceStore, note: Note): Promise<number> {
  let files = 0
  let after = ''
  for (;;) {
    const some = await operations.evidenceFiles(after, batch)
    for (const { sha256: id, bytes } of some) {
      files += 1
      after = id
      const text = await faultOfFile(evidence, id, bytes)
      if (text !== undefined) note({ what: 'evidence', id, event: null, text })
    }
    if (some.length < batch) return files
    await turn()
  }
}

async function faultOfFile(evidence: EvidenceStore, id: string, bytes: number): Promise<string | undefined> {
  try {
    const content = await evidence.get(id)
    if (content === undefined) return 'The file is gone'
    if (content.byteLength !== bytes) return `The file has ${content.byteLength} bytes, it had ${bytes}`
    return sha256(content) === id ? undefined : 'The file was changed: it no longer has the hash that it is named by'
  } catch (cause) {
    return `The file cannot be read: ${reasonOf(cause)}`
  }
}
