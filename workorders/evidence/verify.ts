import { setImmediate as turn } from 'node:timers/promises'
import { type ErasedEvents, isAsErased } from '../../core/erasure.ts'
import { reasonOf } from '../../core/errors.ts'
import { groupedBy } from '../../core/grouped.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import { faultOfChain, type RecordEvent } from '../../core/record-chain.ts'
import { isAsSaid } from '../../core/said.ts'
import { isMoreSevere, type Severity, severities } from '../../core/severity.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { ChainedEvent, EvidenceFile, EvidenceLink, Operations, Seal } from '../../stores/operations/port.ts'
import type { Taken } from '../life/absorb.ts'
import { chainHash, orderHash } from './chain.ts'
import { faultOfCorrections } from './corrected.ts'
import { type Erased, erasedIn } from './erased.ts'
import { faultOfFile } from './evidence-file.ts'
import { firstSealFollows, sealHash } from './seals.ts'
import { type Fault, faultOfRow } from './verify-row.ts'

/** One place where what is kept no longer is what was written. */
export interface Break {
  readonly what: 'event' | 'order' | 'record' | 'seal' | 'evidence'
  /** The order, the other record that has a chain, the seal's number or the file's hash. */
  readonly id: string
  /** Of a chain: the first event that does not fit. */
  readonly event: number | null
  /** One English sentence. */
  readonly text: string
}

export interface Verification {
  readonly ok: boolean
  readonly orders: number
  /** Inspections, samples and whatever else has a chain of its own. */
  readonly records: number
  readonly events: number
  readonly seals: number
  readonly files: number
  /** Visits of an earlier version that are to get a chain and have none yet: nothing of them is checked. */
  readonly visitsWithoutChain: number
  /** Events and files from which a person was erased: what is left of them is held against what the erasure says. */
  readonly erased: number
  /** The newest seal: written down elsewhere, it vouches for everything up to it. */
  readonly head: Pick<Seal, 'number' | 'at' | 'hash'> | null
  /** The first 100. */
  readonly breaks: readonly Break[]
  readonly breaksInAll: number
}

const batch = 200
const breaksKept = 100

/** What the row of such a record, locked, says against its events; undefined = nothing. Of a type that is not here only the chain is checked. */
export type RecordCheck = (unit: Operations, id: string) => Promise<string | undefined>
export type RecordChecks = Readonly<Record<string, RecordCheck>>

/** Of many records of a type, with their chains: those whose rows are to be checked one by one. */
export type RecordScreen = (
  operations: Operations,
  chains: ReadonlyMap<string, readonly RecordEvent[]>,
) => Promise<ReadonlySet<string>>
export type RecordScreens = Readonly<Record<string, RecordScreen>>

/** A seal as somebody wrote it down elsewhere. */
export type WrittenSeal = Pick<Seal, 'number' | 'hash'>

/**
 * Checks every order's chain and row, those of other records that have a chain, every seal and every evidence file. Memory grows with the
 * number of orders and records, 100 bytes each.
 * @param written seals that must be there as they were written down
 * @param recordChecks by the type of the record
 * @param screens of types of which there are very many; each row of another type is checked by itself
 */
export async function verifyAll(
  operations: Operations,
  evidence: EvidenceStore,
  written: readonly WrittenSeal[] = [],
  recordChecks: RecordChecks = {},
  screens: RecordScreens = {},
): Promise<Verification> {
  const breaks: Break[] = []
  let breaksInAll = 0
  const note = (found: Break) => {
    breaksInAll += 1
    if (breaks.length < breaksKept) breaks.push(found)
  }
  const visitsWithoutChain = await operations.countVisitsToRecord()
  // the seals first: what is appended while we read is then only more than was sealed
  const sealed = await verifySeals(operations, written, note)
  const erased = await erasedIn(operations)
  const grown: Grown[] = []
  const chains = await verifyChains(operations, sealed.heads, erased.events, grown, note)
  const others = await verifyRecords(
    operations,
    sealed.heads,
    { checks: recordChecks, screens },
    erased.events,
    grown,
    note,
  )
  await verifyGrown(operations, sealed.head?.number ?? 0, grown, note)
  for (const [id, { events }] of sealed.heads) {
    const text = `It is gone, though ${events} of its events were sealed`
    note({ what: 'order', id, event: null, text })
  }
  const files = await verifyFiles(operations, evidence, erased, note)
  const { orders } = chains
  const { records } = others
  const { seals, head } = sealed
  const events = chains.events + others.events
  const counts = {
    orders,
    records,
    events,
    seals,
    files,
    visitsWithoutChain,
    erased: erased.events.size + erased.files.size,
  }
  return { ok: breaksInAll === 0, ...counts, head, breaks, breaksInAll }
}

type Note = (found: Break) => void
/** Order → how many events were sealed of it, and the hash of the last. */
type Heads = Map<string, { events: number; hash: string }>

/** What has more events than the seals that were read say, and waits for no seal. */
interface Grown {
  readonly what: 'order' | 'record'
  readonly id: string
  readonly sealed: number
  readonly events: number
}

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
      for (const [orderId, events, last] of headsOf(seal)) heads.set(orderId, { events, hash: last })
      hash = seal.hash
      head = seal
    }
    await turn()
  }
}

/** Of a seal that somebody changed, what can still be read. */
function headsOf({ heads }: Seal): Seal['heads'] {
  const isHead = (head: unknown) =>
    Array.isArray(head) && typeof head[0] === 'string' && Number.isInteger(head[1]) && typeof head[2] === 'string'
  return Array.isArray(heads) ? heads.filter(isHead) : []
}

async function verifyChains(operations: Operations, heads: Heads, erased: ErasedEvents, grown: Grown[], note: Note) {
  let orders = 0
  let events = 0
  let after: string | null = null
  for (;;) {
    const ids: string[] = await operations.orderIds(after, batch)
    if (ids.length === 0) break
    const raised: Raised[] = []
    const longer: Grown[] = []
    for (const id of ids) {
      orders += 1
      const { order, chain, fault } = await verifyOrder(operations, id, heads.get(id), erased)
      events += chain.length
      if (fault !== undefined) note({ what: 'event', id, ...fault })
      else if (order !== undefined) raised.push({ order, severity: chain[0]?.data.severity })
      longer.push({ what: 'order', id, sealed: heads.get(id)?.events ?? 0, events: chain.length })
      heads.delete(id)
    }
    await verifyIncidents(operations, raised, note)
    grown.push(...(await withoutSeal(operations, longer)))
    after = ids.at(-1) ?? null
    await turn()
  }
  return { orders, events }
}

async function verifyRecords(
  operations: Operations,
  heads: Heads,
  { checks, screens }: { readonly checks: RecordChecks; readonly screens: RecordScreens },
  erased: ErasedEvents,
  grown: Grown[],
  note: Note,
) {
  let records = 0
  let events = 0
  let after: string | null = null
  for (;;) {
    const some = await operations.recordSubjects(after, batch)
    const longer: Grown[] = []
    // of what is checked one by one, each chain is read with its row
    const atOnce = some.filter(({ subjectType: type }) => checks[type] === undefined || screens[type] !== undefined)
    const chains = await operations.recordEventsOfEach(atOnce.map(({ subjectId }) => subjectId))
    const suspects = await suspectsAmong(operations, some, chains, { checks, screens })
    for (const { subjectId: id, subjectType } of some) {
      records += 1
      const known = chains.get(id) ?? []
      const isRight = !suspects.has(id) && faultOfChain(known, heads.get(id), erased) === undefined
      const { chain, fault } = isRight
        ? { chain: known, fault: undefined }
        : await verifyRecord(operations, id, heads.get(id), checks[subjectType], erased)
      events += chain.length
      if (fault !== undefined) note({ what: 'record', id, ...fault })
      longer.push({ what: 'record', id, sealed: heads.get(id)?.events ?? 0, events: chain.length })
      heads.delete(id)
      after = id
    }
    grown.push(...(await withoutSeal(operations, longer)))
    if (some.length < batch) break
    await turn()
  }
  for (const id of await operations.recordsWithoutEvents(breaksKept)) {
    note({ what: 'record', id, event: 1, text: 'It has no event, not even that it came to be' })
  }
  return { records, events }
}

/** Whose rows have to be held against their events one by one. */
async function suspectsAmong(
  operations: Operations,
  subjects: readonly { readonly subjectType: string; readonly subjectId: string }[],
  chains: ReadonlyMap<string, readonly RecordEvent[]>,
  { checks, screens }: { readonly checks: RecordChecks; readonly screens: RecordScreens },
): Promise<Set<string>> {
  const suspects = new Set<string>()
  for (const [type, own] of groupedBy(subjects, ({ subjectType }) => subjectType)) {
    if (checks[type] === undefined) continue
    const ofType = new Map(own.map(({ subjectId: id }) => [id, chains.get(id) ?? []]))
    for (const id of (await screens[type]?.(operations, ofType)) ?? ofType.keys()) suspects.add(id)
  }
  return suspects
}

async function withoutSeal(operations: Operations, chains: readonly Grown[]): Promise<Grown[]> {
  const longer = chains.filter(({ sealed, events }) => events > sealed)
  if (longer.length === 0) return []
  const unsealed = new Set(await operations.unsealedAmong(longer.map(({ id }) => id)))
  return longer.filter(({ id }) => !unsealed.has(id))
}

/** Whatever is written waits for a seal from then on. So what is in none, and waits for none, was in one that is gone. */
async function verifyGrown(operations: Operations, readTo: number, grown: readonly Grown[], note: Note): Promise<void> {
  if (grown.length === 0) return
  const since = new Map<string, number>()
  let after = readTo
  for (;;) {
    const some = await operations.seals(after, batch)
    for (const [id, events] of some.flatMap(headsOf)) since.set(id, events)
    after = some.at(-1)?.number ?? after
    if (some.length < batch) break
  }
  const unexplained = grown.filter(({ id, events }) => (since.get(id) ?? 0) < events)
  for (let from = 0; from < unexplained.length; from += batch) {
    for (const { what, id, sealed } of await withoutSeal(operations, unexplained.slice(from, from + batch))) {
      const text = `What follows event ${sealed} is in no seal, and waits for none: a seal is gone`
      note({ what, id, event: sealed + 1, text })
    }
  }
}

/** What somebody does between two of our questions is no break: before one is named, all is asked again while nobody can. */
async function verifyRecord(
  operations: Operations,
  id: string,
  sealed: Sealed,
  check: RecordCheck | undefined,
  erasedSoFar: ErasedEvents,
) {
  const look = async (unit: Operations, erased: ErasedEvents) => {
    const chain = await unit.recordEventsOf(id)
    const inChain = faultOfChain(chain, sealed, erased)
    const inRow = inChain === undefined ? await check?.(unit, id) : undefined
    const fault: Fault | undefined = inChain ?? (inRow === undefined ? undefined : { event: chain.length, text: inRow })
    return { chain, fault }
  }
  const looked = await look(operations, erasedSoFar)
  if (looked.fault === undefined) return looked
  return operations.transaction(async (unit) => look(unit, (await erasedIn(unit)).events))
}

interface Looked {
  readonly order?: WorkOrder
  readonly chain: readonly ChainedEvent[]
  readonly fault?: Fault | undefined
}

type Sealed = { events: number; hash: string } | undefined

/** What somebody does between two of our questions is no break: before one is named, all is asked again while nobody can. */
async function verifyOrder(operations: Operations, id: string, sealed: Sealed, erased: ErasedEvents): Promise<Looked> {
  const looked = await lookAt(operations, id, sealed, erased)
  if (looked.fault === undefined) return looked
  return operations.transaction(async (unit) => {
    await unit.lockOrder(id)
    return lookAt(unit, id, sealed, (await erasedIn(unit)).events)
  })
}

async function lookAt(operations: Operations, id: string, sealed: Sealed, erased: ErasedEvents): Promise<Looked> {
  const [order, chain, corrections] = await Promise.all([
    operations.order(id),
    operations.chainOf(id),
    operations.orderCorrections(id),
  ])
  if (order === undefined) return { chain: [] }
  const fault =
    faultOf(orderHash(order), chain, sealed, erased) ??
    faultOfRow(order, chain) ??
    faultOfCorrections(corrections, chain) ??
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
export function faultOf(
  beginning: string,
  chain: readonly ChainedEvent[],
  sealed: Sealed,
  erased: ErasedEvents = new Map(),
): Fault | undefined {
  if (chain.length === 0) return { event: 1, text: 'The order has no event, not even that it was raised' }
  let hash = beginning
  let isOfEarlier = true
  for (const [index, event] of chain.entries()) {
    const number = index + 1
    isOfEarlier &&= event.said == null
    if (event.number === null) return { event: number, text: 'An event stands outside the chain' }
    if (event.number !== number) return { event: number, text: `Event ${number} is missing` }
    const fits = event.hash === chainHash(hash, event)
    // an event of an earlier version stands before all others: only of such a one its own hash binds nothing once it is erased
    const isErased = (fits || isOfEarlier) && isAsErased(erased, event.orderId, event)
    const isAsWritten = fits && isAsSaid(event) && (isOfEarlier || event.said != null)
    if (event.hash === null || !(isAsWritten || isErased)) {
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

async function verifyFiles(operations: Operations, evidence: EvidenceStore, erased: Erased, note: Note) {
  const redacted = await operations.redactedFiles()
  let files = 0
  let after = ''
  for (;;) {
    const some = await operations.evidenceFiles(after, batch)
    for (const file of some) {
      const { sha256: id } = file
      files += 1
      after = id
      const without = redacted.get(id)
      const text =
        without === undefined
          ? await faultOfKept(evidence, file)
          : await faultOfErasedFile(evidence, id, erased.files.get(id) === without)
      if (text !== undefined) note({ what: 'evidence', id, event: null, text })
    }
    if (some.length < batch) return files
    await turn()
  }
}

/** The same without the names is a file of its own. */
async function faultOfErasedFile(evidence: EvidenceStore, id: string, isSaid: boolean): Promise<string | undefined> {
  if (!isSaid) return 'The file was replaced, and no erasure says so'
  return (await evidence.get(id)) === undefined ? undefined : 'A person was erased from the file, and it is still there'
}

async function faultOfKept(evidence: EvidenceStore, file: EvidenceFile): Promise<string | undefined> {
  try {
    return faultOfFile(await evidence.get(file.sha256), file)
  } catch (cause) {
    return `The file cannot be read: ${reasonOf(cause)}`
  }
}
