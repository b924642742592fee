import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson } from '../core/canonical.ts'
import type { Clock } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { type ErasedPerson, type ErasureReceipt, erasedMark, leftOf } from '../core/erasure.ts'
import { ExpectedError } from '../core/errors.ts'
import { groupedBy } from '../core/grouped.ts'
import type { Recipient } from '../core/notice.ts'
import type { Contact } from '../core/site.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import { type Operations, type Page, type PageRequest, pagesOf, type WordedRow } from '../stores/operations/port.ts'
import { isOwnWord, type KnownAs, type Naming, namingOf, textsNaming, withoutPerson } from './erase-naming.ts'

export type PersonToErase =
  | {
      readonly type: 'contact'
      readonly of: 'site' | 'device'
      readonly ofId: string
      readonly role: Contact['role']
      readonly name: string
    }
  | { readonly type: 'member' | 'account'; readonly id: string }

export interface ErasureRequest {
  readonly person: PersonToErase
  /** Other names, numbers and addresses of theirs that are not written down with them. */
  readonly also?: readonly string[] | undefined
  /** Places, as the preview names them, where somebody else is meant. */
  readonly keep?: readonly string[] | undefined
}

/** Somewhere a person is named. */
export interface NamedPlace {
  /** `work_orders 3f0d8c1e-…`: the table and the key of its row; `evidence` and a hash for a file. */
  readonly place: string
  /** What would go. */
  readonly texts: readonly string[]
}

export interface PreviewedPlace extends NamedPlace {
  /** Where they are written down as themselves: it goes with them, and is not to be kept. */
  readonly isOwn: boolean
}

export interface Erasure extends ErasureReceipt {
  readonly id: string
  readonly at: number
  readonly actor: string
}

/**
 * Forgets a person: names, phones, addresses and whatever was written about them go; what devices measured, and what was done and when,
 * stays. Chains go on to verify: the event of the erasure says what is left of each event that it changed. Every method throws
 * `StoreUnavailable` when a store cannot be reached.
 */
export interface Erasures {
  /**
   * Writes nothing.
   * @throws {ExpectedError} `not-found`; `order-state` while they work here; `invalid` for a name that is everywhere, or a place in `keep`
   *   that is none
   */
  preview(request: ErasureRequest): Promise<PreviewedPlace[]>
  /**
   * All of it in one transaction.
   * @throws {ExpectedError} as `preview`; `invalid` for a `keep` that parts a record from the event that says the same; `already-done` when
   *   somebody writes meanwhile in what is to be changed
   */
  erase(request: ErasureRequest & { readonly reason: string }, actor: string): Promise<Erasure>
  /** Originals of evidence files that a stop left between an erasure and their removal. */
  removeLeft(): Promise<void>
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Erasure>>
  /** @throws {ExpectedError} `not-found` */
  get(id: string): Promise<Erasure>
}

const subjectType = 'erasure'
/** A name that stands in more rows of one table is everybody's. Unverified default. */
const mostRows = 2_000
const filesAtOnce = 200

export function createErasures(options: { operations: Operations; files: EvidenceStore; clock: Clock }): Erasures {
  const { operations, files, clock } = options

  async function namedFiles(naming: Naming): Promise<NamedFile[]> {
    const found: NamedFile[] = []
    const redacted = await operations.redactedFiles()
    let after = ''
    for (;;) {
      const some = await operations.evidenceFiles(after, filesAtOnce)
      for (const { sha256, mediaType } of some) {
        after = sha256
        if (mediaType !== 'application/json' || redacted.has(sha256)) continue
        const content = await files.get(sha256)
        const named = content && namedFile(sha256, content, naming)
        if (named !== undefined) found.push(named)
      }
      if (some.length < filesAtOnce) return found
      await turn()
    }
  }

  async function removeLeft(): Promise<void> {
    for (const sha256 of (await operations.redactedFiles()).keys()) await files.remove(sha256)
  }

  return {
    async preview({ person, also = [], keep = [] }) {
      const naming = namingIn(await find(operations, person), also)
      const rows = await namedRows(operations, naming)
      const places = [
        ...rows.map((row) => ({ place: row.place, texts: row.texts })),
        ...(await namedFiles(naming)).map(({ sha256, texts }) => ({ place: placeOfFile(sha256), texts })),
      ]
      const own = ownPlace(person)
      const kept = keptOf(keep, places, own)
      return places
        .filter(({ place }) => !kept.has(place))
        .map(({ place, texts }) => ({ place, texts, isOwn: place === own }))
    },

    async erase({ person, also = [], keep = [], reason }, actor) {
      const before = namingIn(await find(operations, person), also)
      const allFiles = await namedFiles(before)
      const inFiles = allFiles.filter(({ sha256 }) => !keep.includes(placeOfFile(sha256)))
      const written = await Promise.all(inFiles.map(async (file) => ({ ...file, put: await files.put(file.content) })))
      const erasure = await operations.transaction(async (unit) => {
        const now = clock()
        const naming = namingIn(await find(unit, person), also)
        await unit.beginErasing()
        const forgotten = await forget(unit, person)
        const found = await namedRows(unit, naming)
        const inAll = [...found, ...allFiles.map(({ sha256 }) => ({ place: placeOfFile(sha256) }))]
        const kept = keptOf(keep, inAll, ownPlace(person))
        const rows = found.filter(({ place }) => !kept.has(place))
        mustKeepWhole(found, kept)
        for (const { place, row, cells } of rows) {
          if (await unit.updateWordedRow(row, cells)) continue
          throw new ExpectedError('already-done', `Somebody is writing in ${place}: look at the preview again`)
        }
        await unit.voidNoticesTo(rows.filter(isNoticeToThem).map(({ row }) => String(row.key.id)))
        for (const { sha256, put } of written) {
          await unit.insertEvidenceFile({ ...put, mediaType: 'application/json', createdAt: now })
          await unit.insertRedactedFile(sha256, put.sha256)
        }
        const receipt: ErasureReceipt = {
          person: withoutName(person),
          reason: String(withoutPerson(reason, 'reason', naming)),
          rows: counted([...forgotten, ...rows.map(({ row }) => row.table)]),
          events: rows.flatMap(eventLeft),
          files: written.map(({ sha256, put }) => ({ sha256, redactedAs: put.sha256 })),
          answers: await unit.deleteAnswersNaming(naming.pattern),
          kept: [...kept],
        }
        return record(unit, receipt, actor, now)
      })
      await removeLeft()
      return erasure
    },

    removeLeft,

    async list(page) {
      const { items, nextCursor } = await operations.erasures(page)
      const found: Erasure[] = []
      for (const id of items) found.push(await read(operations, id))
      return { items: found, nextCursor }
    },

    get: (id) => read(operations, id),
  }
}

async function record(unit: Operations, receipt: ErasureReceipt, actor: string, at: number): Promise<Erasure> {
  const id = randomUUID()
  await unit.insertErasure(id)
  await unit.appendRecordEvents({ subjectType, subjectId: id, at, type: 'erased', actor, data: { ...receipt } })
  const data = { person: receipt.person, rows: receipt.rows, files: receipt.files.length }
  await unit.insertAudit({ at, actor, action: 'person-erased', subject: id, data })
  return { id, at, actor, ...receipt }
}

async function read(unit: Operations, id: string): Promise<Erasure> {
  const [event] = await unit.recordEventsOf(id)
  if (event?.subjectType !== subjectType) throw new ExpectedError('not-found', `There is no erasure ${id}`)
  return { id, at: event.at, actor: event.actor, ...(event.data as unknown as ErasureReceipt) }
}

type ContactToErase = Extract<PersonToErase, { readonly type: 'contact' }>

function withoutName(person: PersonToErase): ErasedPerson {
  if (person.type !== 'contact') return person
  const { name: _, ...rest } = person
  return rest
}

/** All by which they are, or were ever, known here. @throws {ExpectedError} `not-found`; `order-state` while they work here */
async function find(unit: Operations, person: PersonToErase): Promise<KnownAs> {
  if (person.type === 'contact') return contactKnownAs(await pastOf(unit, person.of, person.ofId), person)
  const { type, id } = person
  const found = type === 'member' ? await unit.member(id) : await unit.account(id)
  if (found === undefined) throw new ExpectedError('not-found', `There is no ${type} ${id}`)
  if (found.removedAt === null) throw new ExpectedError('order-state', `${id} works here: remove the ${type} first`)
  return merged([found, ...(await pastOf(unit, type, id))].map(fieldsOf))
}

const pastAtOnce = 500

/** What a thing is and ever was. */
async function pastOf(unit: Operations, type: string, id: string): Promise<object[]> {
  const now = type === 'site' ? await unit.site(id) : type === 'device' ? await unit.device(id) : undefined
  const found: object[] = now === undefined ? [] : [now]
  for await (const changes of pagesOf(pastAtOnce, (page) => unit.history(type, id, page))) {
    for (const { before, after } of changes) {
      for (const one of [before, after]) if (typeof one === 'object' && one !== null) found.push(one)
    }
  }
  return found
}

function contactKnownAs(past: readonly object[], { of, ofId, role, name }: ContactToErase): KnownAs {
  const contacts = past.flatMap((one) => ('contacts' in one ? (one.contacts as readonly Contact[]) : []))
  const own = contacts.filter((contact) => contact.role === role && contact.name === name)
  if (own.length === 0) throw new ExpectedError('not-found', `The ${of} ${ofId} has and had no ${role} of this name`)
  return merged(own.map(fieldsOf))
}

function fieldsOf(thing: object): KnownAs {
  const { name, phone, addresses, email, identity } = thing as Partial<{
    name: string
    phone: string | null
    addresses: readonly { address: string | null }[]
    email: string | null
    identity: { subject: string } | null
  }>
  return {
    names: name === undefined ? [] : [name],
    phones: phone == null ? [] : [phone],
    addresses: [...(addresses ?? []).map(({ address }) => address), email, identity?.subject].filter(
      (one) => typeof one === 'string',
    ),
  }
}

function merged(all: readonly KnownAs[]): KnownAs {
  const each = (field: keyof KnownAs) => [...new Set(all.flatMap((one) => one[field]))]
  return { names: each('names'), phones: each('phones'), addresses: each('addresses') }
}

/** @throws {ExpectedError} `already-done` when nothing is left to look for; `invalid` for a word that is nobody's name */
function namingIn(known: KnownAs, also: readonly string[]): Naming {
  const isPhone = (text: string) => /^[\d+*#() -]+$/.test(text)
  const isAddress = (text: string) => text.includes('@')
  const own = also.findIndex(isOwnWord)
  if (own >= 0)
    throw new ExpectedError('invalid', `also.${own}: "${also[own]}" is a word of the records, nobody's name`)
  const said: KnownAs = {
    names: also.filter((text) => !isPhone(text) && !isAddress(text)),
    phones: also.filter(isPhone),
    addresses: also.filter(isAddress),
  }
  const naming = namingOf(merged([known, said]))
  if (naming.pattern === '')
    throw new ExpectedError('already-done', 'They are erased already: no name is left to look for')
  return naming
}

/** Where they are written down as themselves. Answers the table, or nothing where they are not any more. */
async function forget(unit: Operations, person: PersonToErase): Promise<string[]> {
  if (person.type === 'contact') return forgetContact(unit, person)
  if (person.type === 'member') await unit.updateMember(person.id, { name: erasedMark, phone: null, addresses: [] })
  else await unit.updateAccount(person.id, { name: erasedMark, email: null, identity: null })
  return [`${person.type}s`]
}

function ownPlace(person: PersonToErase): string {
  return person.type === 'contact' ? `${person.of}s ${person.ofId}` : `${person.type}s ${person.id}`
}

async function forgetContact(unit: Operations, { of, ofId, role, name }: ContactToErase): Promise<string[]> {
  if (of === 'site') await unit.lockSiteTree()
  const owner = of === 'site' ? await unit.site(ofId) : await unit.lockDevice(ofId)
  const contacts = owner?.contacts.filter((one) => one.role !== role || one.name !== name) ?? []
  if (owner === undefined || contacts.length === owner.contacts.length) return []
  if (of === 'site') await unit.updateSite(ofId, { contacts })
  else await unit.saveDevices([{ ...(owner as Device), contacts }])
  return [`${of}s`]
}

interface NamedRow extends NamedPlace {
  readonly row: WordedRow
  /** The cells that change, without the person. */
  readonly cells: Readonly<Record<string, unknown>>
}

async function namedRows(unit: Operations, naming: Naming): Promise<NamedRow[]> {
  const found = await unit.rowsNaming(naming.pattern, mostRows + 1)
  const named = found.flatMap((row) => {
    const changed = Object.entries(row.cells).flatMap(([column, value]) => {
      const without = withoutPerson(value, column, naming)
      return isDeepStrictEqual(without, value) ? [] : [[column, without] as const]
    })
    if (changed.length === 0) return []
    // the salt goes with the texts: without it nobody can guess them from their hash
    if (typeof row.whole.said === 'string') changed.push(['salt', null])
    const texts = Object.entries(row.cells).flatMap(([column, value]) => textsNaming(value, column, naming))
    return [{ place: placeOf(row), texts, row, cells: Object.fromEntries(changed) }]
  })
  const counts = counted(found.map(({ table }) => table))
  const everywhere = Object.entries(counts).find(([, rows]) => rows > mostRows)
  if (everywhere === undefined) return named
  const [table] = everywhere
  throw new ExpectedError(
    'invalid',
    `More than ${mostRows} rows of ${table} hold such a name: too many to be one person`,
  )
}

/** What is erased does not come back: nobody keeps something by a place that is misspelt. @throws {ExpectedError} `invalid` */
function keptOf(
  keep: readonly string[],
  places: readonly { readonly place: string }[],
  own: string,
): ReadonlySet<string> {
  const known = new Set(places.map(({ place }) => place))
  const wrong = keep.findIndex((place) => !known.has(place))
  if (wrong >= 0 && keep[wrong] === own) {
    throw new ExpectedError('invalid', `keep.${wrong}: ${own} is where they are written down themselves: it goes`)
  }
  if (wrong >= 0) throw new ExpectedError('invalid', `keep.${wrong}: nothing of theirs is in such a place`)
  return new Set(keep)
}

/** A record is held against what its events say of it: both lose a text, or neither. @throws {ExpectedError} `invalid` */
function mustKeepWhole(found: readonly NamedRow[], kept: ReadonlySet<string>): void {
  const records = groupedBy(found, ({ row: { table, whole } }) => (table === corrections ? whole.order_id : whole.id))
  for (const event of found) {
    const chainColumn = chainColumns[event.row.table]
    const own = chainColumn === undefined ? [] : (records.get(event.row.whole[chainColumn]) ?? [])
    for (const record of own) {
      if (kept.has(record.place) === kept.has(event.place)) continue
      if (!record.texts.some((text) => event.texts.includes(text))) continue
      throw new ExpectedError('invalid', `keep: ${record.place} and ${event.place} say the same: keep both, or neither`)
    }
  }
}

/** They stand in the chain of their order. */
const corrections = 'order_corrections'

/** Not one that tells somebody else of them. */
function isNoticeToThem({ row, cells }: NamedRow): boolean {
  if (row.table !== 'notices') return false
  const [before, after] = [row.cells.recipient, cells.recipient ?? row.cells.recipient] as Pick<
    Recipient,
    'name' | 'address'
  >[]
  return before?.name !== after?.name || before?.address !== after?.address
}

function placeOfFile(sha256: string): string {
  return `evidence ${sha256}`
}

function placeOf({ table, key }: WordedRow): string {
  return `${table} ${Object.values(key).join(' ')}`
}

const chainColumns: Readonly<Record<string, string>> = { work_order_events: 'order_id', record_events: 'subject_id' }

/** Of an event in a chain, what the erasure vouches for from now on. */
function eventLeft({ row: { table, whole, cells: before }, cells }: NamedRow): ErasureReceipt['events'] {
  const chainColumn = chainColumns[table]
  const number = whole.number
  if (chainColumn === undefined || typeof number !== 'number') return []
  const { actor, data } = { ...before, ...cells } as { actor: string; data: Record<string, unknown> }
  const event = { number, at: Date.parse(String(whole.at)), type: String(whole.type), actor, data }
  return [{ chainId: String(whole[chainColumn]), number, left: leftOf(event) }]
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

interface NamedFile {
  readonly sha256: string
  readonly texts: readonly string[]
  readonly content: Uint8Array
}

function namedFile(sha256: string, content: Uint8Array, naming: Naming): NamedFile | undefined {
  const text = new TextDecoder().decode(content)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const texts = textsNaming(value, '', naming)
  if (texts.length === 0) return undefined
  const without = `${canonicalJson(withoutPerson(value, '', naming))}\n`
  return { sha256, texts, content: new TextEncoder().encode(without) }
}
