import type { OrderEvent } from '../../../core/incident.ts'

export interface EvidenceFile {
  /** Of its content, hex: its name, too. */
  readonly sha256: string
  readonly mediaType: string
  readonly bytes: number
  readonly createdAt: number
}

export const evidenceParts = ['before', 'after', 'photo', 'document'] as const
export type EvidencePart = (typeof evidenceParts)[number]

export interface EvidenceLink {
  readonly incidentId: string
  readonly orderId: string | null
  readonly part: EvidencePart
  /** What people call it. */
  readonly name: string
  readonly sha256: string
  readonly addedAt: number
  readonly addedBy: string
}

/** A window of raw data still to be frozen. */
export interface EvidenceTask {
  readonly incidentId: string
  readonly part: 'before' | 'after'
  readonly dueAt: number
  readonly attempts: number
}

/** An event with its place in its order's chain. */
export interface ChainedEvent extends OrderEvent {
  readonly orderId: string
  readonly idempotencyKey: string | null
  /** From 1 on; null = older than the chains. */
  readonly number: number | null
  readonly hash: string | null
  /** Of who did it and what they said; absent in events of an earlier version. */
  readonly salt?: string | null
  readonly said?: string | null
}

/** The last event of a chain. */
export interface ChainHead {
  readonly number: number
  readonly hash: string
  readonly at: number
}

/** [order or other record, number of its events, hash of the last one] */
export type SealedHead = readonly [orderId: string, events: number, hash: string]

export interface Seal {
  readonly number: number
  readonly at: number
  readonly heads: readonly SealedHead[]
  readonly hash: string
}

/** Evidence files, the chains of order events, and the seals over them. */
export interface EvidenceTables {
  /** What is there already stays as it is. */
  insertEvidenceFile(file: EvidenceFile): Promise<void>
  evidenceFile(sha256: string): Promise<EvidenceFile | undefined>
  insertEvidenceLink(...links: readonly EvidenceLink[]): Promise<void>
  /** Of an incident, and of what has joined its order or was merged into it; oldest first, with their files, each file once. */
  evidenceOf(incidentId: string): Promise<(EvidenceLink & EvidenceFile)[]>
  /** The same for many at once; incidents without any are absent. */
  evidenceOfEach(incidentIds: readonly string[]): Promise<Map<string, (EvidenceLink & EvidenceFile)[]>>
  /** In order of their hashes, after `after`: for whoever checks them all. */
  evidenceFiles(after: string, limit: number): Promise<EvidenceFile[]>

  /** Tasks that are there already stay as they are. */
  insertEvidenceTasks(tasks: readonly Omit<EvidenceTask, 'attempts'>[]): Promise<void>
  /** The one due longest, locked until the transaction ends; none that another worker has. */
  claimEvidenceTask(now: number): Promise<EvidenceTask | undefined>
  finishEvidenceTask(task: EvidenceTask, doneAt: number): Promise<void>
  postponeEvidenceTask(task: EvidenceTask, dueAt: number, lastError: string): Promise<void>

  /** The last event of an order's chain. */
  chainHead(orderId: string): Promise<ChainHead | undefined>
  /** The same for many at once; orders without a chain are absent. */
  chainHeads(orderIds: readonly string[]): Promise<Map<string, ChainHead>>
  /** @throws {ExpectedError} `invalid` when a place in a chain is taken */
  insertChainedEvent(...events: readonly (ChainedEvent & ChainHead)[]): Promise<void>
  /** An order's events as they are kept: those older than the chains first. */
  chainOf(orderId: string): Promise<ChainedEvent[]>
  /** Ids of orders, each after the one before: for whoever checks them all. */
  orderIds(after: string | null, limit: number): Promise<string[]>
  /** Orders with events older than the chains. */
  unchainedOrderIds(limit: number): Promise<string[]>
  /** Of an order's events older than the chains, oldest first: gives each its place. */
  chainOldEvents(orderId: string, places: readonly { number: number; hash: string }[]): Promise<void>

  /** Orders and other records whose chains grew since the last seal, at most `limit`: taken off the list, so seal them in this transaction. */
  takeUnsealedHeads(limit: number): Promise<SealedHead[]>
  insertSeal(seal: Seal): Promise<void>
  /** Which of these orders and records have events that the next seal will take. */
  unsealedAmong(ids: readonly string[]): Promise<string[]>
  lastSeal(): Promise<Seal | undefined>
  /** Oldest first, after `after`. */
  seals(after: number, limit: number): Promise<Seal[]>
}
