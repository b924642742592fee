import type { MetricValue, Reading, Values } from '../../core/reading.ts'

/** What an adapter must know of the kinds: kind id → metric → its type. Given by the composition root. */
export type MetricCatalogue = Readonly<Record<string, Readonly<Record<string, MetricType>>>>
export type MetricType = 'number' | 'string' | 'boolean'

export interface StoredReading {
  readonly at: number
  readonly values: Values
  /** When it came in, ms since 1970, and whether something newer of its device was there already: where asked for, and known. */
  readonly receivedAt?: number
  readonly late?: boolean
}

/** A metric's values in the window that starts at `at`; only numbers have a mean. */
export interface MetricBucket {
  readonly at: number
  readonly mean: number | null
  readonly min: MetricValue | null
  readonly max: MetricValue | null
  readonly last: MetricValue
  readonly count: number
}

export interface RangeQuery {
  readonly deviceId: string
  /** The device's kind, which says what its metrics are. */
  readonly kind: string
  /** ms since 1970, inclusive. */
  readonly from: number
  /** ms since 1970, exclusive. */
  readonly to: number
}

export interface BetweenQuery extends RangeQuery {
  readonly metric?: string
  readonly metrics?: readonly string[]
  readonly arrival?: boolean
  readonly limit: number
}

/**
 * Accepted readings. Identity is (deviceId, at): writing a reading twice leaves one; a second message for the same time adds
 * the metrics that the first had not, and changes none that it had.
 */
export interface ReadingStore {
  /**
   * Resolves once every reading is durable and `position` is remembered with them, in one step where the engine can.
   * Readings of one device come in any order.
   * @param keepRefused is given what the engine can never take before `position` is remembered, so that a crash brings it again
   * @throws {StoreUnavailable} some or all are not; write the whole batch again
   * @throws what `keepRefused` throws: the same
   */
  write(readings: readonly Reading[], position: JournalMark, keepRefused?: KeepRefused): Promise<WriteReport>

  /** Up to where `write` got in this journal; 0 when nothing of it was written. */
  position(journalId: string): Promise<number>

  /**
   * Oldest first, at most `limit`; readings that have `metric` when one is named, or any of `metrics`, and then nothing else of
   * them. With `arrival`, a store that knows says of each how it came: of what was merged, how its first part did.
   */
  between(query: BetweenQuery): Promise<StoredReading[]>

  /** The newest reading of each metric at or before now, merged: what is last known, with the time of the newest part. */
  last(deviceId: string, kind: string): Promise<StoredReading | undefined>

  /** Windows of `stepSeconds` aligned to the epoch, oldest first, empty ones left out; at most 2,000 are answered. */
  downsampled(query: RangeQuery & { metric: string; stepSeconds: number }): Promise<MetricBucket[]>

  /** What the engine holds of this process's memory, as far as it counts that itself, bytes; null when it runs elsewhere. */
  engineBytes(): Promise<number | null>

  close(): Promise<void>
}

/** The journal and the position up to which (exclusive) everything is in this write or an earlier one. */
export interface JournalMark {
  readonly journalId: string
  readonly position: number
}

export type KeepRefused = (refused: WriteReport['refused']) => Promise<void>

/** Readings that the engine can never take (a type conflict in an InfluxDB that others write to), with its own words. */
export interface WriteReport {
  readonly refused: readonly { readonly reading: Reading; readonly reason: string }[]
}
