/**
 * A gateway's message as received, or a moment that the service itself marked: one tick every 5 s, one start per process start,
 * what people changed or did that detectors must know in its place among the readings.
 */
export type JournalEntry =
  | {
      readonly type: 'message'
      readonly receivedAt: number
      readonly gatewayId: string
      readonly deviceId: string
      readonly payload: Uint8Array
    }
  /** What a gateway published in its own words, where a mapping of it was in force: that version says what it means. */
  | {
      readonly type: 'raw'
      readonly receivedAt: number
      readonly gatewayId: string
      readonly topic: string
      readonly mappingVersion: number
      readonly payload: Uint8Array
    }
  | { readonly type: 'tick' | 'start'; readonly receivedAt: number }
  /** Rules are as they were at this version from here on. */
  | { readonly type: 'rules'; readonly receivedAt: number; readonly version: number }
  /** Work that a finding of a device asked for is done. */
  | { readonly type: 'work'; readonly receivedAt: number; readonly deviceId: string; readonly finding: string }

export type PositionedEntry = JournalEntry & { readonly position: number }
/** An entry that no gateway sent. */
export type Moment = Exclude<PositionedEntry, { type: 'message' | 'raw' }>

/** A stretch of the journal that could not be read back as it was written; its entries are reported and skipped, never served. */
export interface DamagedRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly reason: string
}

export interface JournalBatch {
  readonly entries: readonly PositionedEntry[]
  readonly damaged: readonly DamagedRange[]
  /** Read on from here. Equal to the `from` that was asked for when there is nothing newer. */
  readonly next: number
}

/**
 * The one hand-over of the service: entries in the order in which they became durable, each at a position (0, 1, 2, …).
 * One process appends; any number of readers follow, each with a position of its own.
 */
export interface Journal {
  /** Made with the journal: positions of two journals cannot be compared. */
  readonly id: string
  /** The position that the next entry to become durable will get. */
  readonly head: number
  /** Bytes appended and not yet durable. */
  readonly pendingBytes: number

  /**
   * Copies the entries at once and calls back when they are on disk (fsync), in the order of the appends, or with an error when
   * they are not: then nothing of them may be acknowledged. Group commit: one fsync serves all that came while the last one ran.
   */
  append(entries: readonly JournalEntry[], onDurable: (error: Error | null) => void): void

  /** Entries from `from` on, in order, about `maxBytes` of them (always at least one when there is one). */
  read(from: number, maxBytes: number): Promise<JournalBatch>

  /** Where each named reader stands, durable. Trimming never passes the slowest. */
  positions(): Promise<ReadonlyMap<string, number>>
  savePosition(reader: string, position: number): Promise<void>

  /**
   * Drops the oldest entries that are older than `receivedBefore` (ms) or beyond `maxBytes` in all, but none that a named
   * reader has still to read. Answers the position of the oldest entry that is left.
   */
  trim(limits: { receivedBefore: number; maxBytes: number }): Promise<number>

  /** Waits for what was appended, then lets go of the files. */
  close(): Promise<void>
}
