import { setImmediate as turn } from 'node:timers/promises'
import { reasonOf } from '../core/errors.ts'
import type { Incident, WorkOrder } from '../core/incident.ts'
import { isMoreSevere, type Severity, severities } from '../core/severity.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import type { ChainedEvent, EvidenceFile, EvidenceLink, Operations, Seal } from '../stores/operations/port.ts'
import type { Taken } from './absorb.ts'
import { chainHash, orderHash, sha256 } from './chain.ts'
import { firstSealFollows, sealHash } from './seals.ts'
import { type Fault, faultOfRow } from './verify-row.ts'

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

/** A seal as somebody wrote it down elsewhere. */
export type WrittenSeal = Pick<Seal, 'number' | 'hash'>

/**
 * Checks every order's chain and row, every seal and every evidence file. Memory grows with the number of orders, 100 bytes each.
 * @param written seals that must be there as they were written down
 */
export async function verifyAll(
  operations: Operations,
  evidence: EvidenceStore,
  written: readonly WrittenSeal[] = [],
): Promise<Verification> {
  const breaks: Break[] = []
  let breaksInAll = 0
  const note = (found: Break) => {
    breaksInAll += 1
    if (breaks.length < breaksKept) breaks.push(found)
  }
  // the seals first: what is appended while we read is then only more than was sealed
  const sealed = await verifySeals(operations, written, note)
  const chains = await verifyChains(operations, sealed.heads, note)
  const files = await verifyFiles(operations, evidence, note)
  const { orders, events } = chains
  const { seals, head } = sealed
  return { ok: breaksInAll === 0, orders, events, seals, files, head, breaks, breaksInAll }
}

type Note = (found: Break) => void
/** Order → how many events were sealed of it, and the hash of the last. */
type Heads = Map<string, { events: number; hash: string }>

async function verifySeals(operations: Operations, written: readonly WrittenSeal[], note: Note) {
  const heads: Heads = new Map()
  let hash = firstSealFollows
  let head: Seal | null = null
  let seals = 0
  for (;;) {
    const some = await operations.seals(head?.number ?? 0, batch)
    if (some.length === 0) {
      const last = head?.number ?? 0
      for (const { number } of written.filter((one) => one.number > last)) {
        note({ what: 'seal', id: String(number), event: null, text: `Seal ${number}, which was written down, is gone` })
      }
      return { heads, seals, head: head && { number: head.number, at: head.at, hash: head.hash } }
    }
    for (const seal of some) {
      seals += 1
      const id = String(seal.number)
      if (written.some(({ number, hash: other }) => number === seal.number && other !== seal.hash)) {
        note({ what: 'seal', id, event: null, text: `Seal ${seal.number} is not the one that was written down` })
      }
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
    const raised: Raised[] = []
    for (const id of ids) {
      orders += 1
      const { order, chain, fault } = await verifyOrder(operations, id, heads.get(id))
      events += chain.length
      if (fault !== undefined) note({ what: 'event', id, ...fault })
      else if (order !== undefined) raised.push({ order, severity: chain[0]?.data.severity })
      heads.delete(id)
    }
    await verifyIncidents(operations, raised, note)
    after = ids.at(-1) ?? null
    await turn()
  }
  for (const [id, { events: sealedEvents }] of heads) {
    const text = `The order is gone, though ${sealedEvents} of its events were sealed`
    note({ what: 'order', id, event: null, text })
  }
  return { orders, events }
}

interface Looked {
  readonly order?: WorkOrder
  readonly chain: readonly ChainedEvent[]
  readonly fault?: Fault | undefined
}

type Sealed = { events: number; hash: string } | undefined

/** What somebody does between two of our questions is no break: before one is named, all is asked again while nobody can. */
async function verifyOrder(operations: Operations, id: string, sealed: Sealed): Promise<Looked> {
  const looked = await lookAt(operations, id, sealed)
  if (looked.fault === undefined) return looked
  return operations.transaction(async (unit) => {
    await unit.lockOrder(id)
    return lookAt(unit, id, sealed)
  })
}

async function lookAt(operations: Operations, id: string, sealed: Sealed): Promise<Looked> {
  const [order, chain] = await Promise.all([operations.order(id), operations.chainOf(id)])
  if (order === undefined) return { chain: [] }
  const fault =
    faultOf(orderHash(order), chain, sealed) ??
    faultOfRow(order, chain) ??
    (await faultOfNamed(operations, order, chain))
  return { order, chain, fault }
}

interface Raised {
  readonly order: WorkOrder
  /** As its first event says, where it does. */
  readonly severity: unknown
}

/** An incident may get worse, and never less severe than it was when its order was raised. */
async function verifyIncidents(operations: Operations, raised: readonly Raised[], note: Note): Promise<void> {
  const found = await operations.incidentsByIds(raised.map(({ order }) => order.incidentId))
  const incidents = new Map(found.map((incident) => [incident.id, incident]))
  for (const { order, severity } of raised) {
    const incident = incidents.get(order.incidentId)
    const text = incident === undefined ? 'Its incident is gone' : faultOfIncident(incident, severity)
    if (text !== undefined) note({ what: 'event', id: order.id, event: 1, text })
  }
}

function faultOfIncident({ severity }: Incident, raisedAs: unknown): string | undefined {
  const wasSaid = severities.some((one) => one === raisedAs)
  const isLess = wasSaid && isMoreSevere(raisedAs as Severity, severity)
  return isLess ? 'Its incident is less severe than when the order was raised' : undefined
}

/** The first event that names evidence which is not listed as it was then, or a merged order whose chain was another then. */
async function faultOfNamed(operations: Operations, order: WorkOrder, chain: readonly ChainedEvent[]) {
  const named = chain.filter(({ data }) => evidenceIn(data, order).length > 0 || data.mergedChain !== undefined)
  if (named.length === 0) return undefined
  const listed = new Map((await operations.evidenceOf(order.incidentId)).map((one) => [one.sha256, one]))
  for (const { number, data } of named) {
    const event = number ?? 0
    for (const { sha256, ...said } of evidenceIn(data, order)) {
      const link = listed.get(sha256)
      if (link === undefined) return { event, text: `The evidence ${sha256}, which event ${number} names, is gone` }
      const other = Object.entries(said).find(([field, value]) => link[field as keyof typeof link] !== value)
      if (other === undefined) continue
      return { event, text: `The evidence ${sha256} has another ${other[0]} than event ${number} says` }
    }
    const { mergedOrderId = '', mergedChain } = data as Partial<Taken>
    if (mergedChain === undefined) continue
    const ended = (await operations.chainOf(mergedOrderId)).find((one) => one.number === mergedChain.number)
    if (ended?.hash === mergedChain.hash) continue
    return { event, text: `The order ${mergedOrderId}, which event ${number} took over, is not as it was then` }
  }
  return undefined
}

type NamedEvidence = { readonly sha256: string } & Partial<EvidenceLink & EvidenceFile>

/** What an event says of each file that it names. */
function evidenceIn(data: ChainedEvent['data'] & Partial<Taken>, { id: orderId }: WorkOrder): NamedEvidence[] {
  const { sha256, evidence: part, mediaType = 'application/json', mergedEvidence = [] } = data
  const own = part === undefined || typeof sha256 !== 'string' ? [] : [{ sha256, orderId, part, mediaType }]
  return [...(own as NamedEvidence[]), ...mergedEvidence]
}

/** The first place where a chain does not fit. */
export function faultOf(beginning: string, chain: readonly ChainedEvent[], sealed: Sealed): Fault | undefined {
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
