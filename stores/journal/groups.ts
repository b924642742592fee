import { reasonOf, StoreUnavailable } from '../../core/errors.ts'
import { checkBlob, readEntries } from './blob.ts'
import { keyOf, type Level, positionOf } from './level.ts'
import type { DamagedRange, JournalBatch, PositionedEntry } from './port.ts'

/** A blob as LevelDB gave it, nothing checked yet. */
export interface StoredBlob {
  readonly first: number
  readonly blob: Buffer
}

/**
 * Reads on from `from` and says what is missing between there and `head`, all of which was durable once.
 *
 * LevelDB passes over blocks that it cannot read, and mostly does not mention it: a gap in the positions is what finds them.
 * Damage is reported once its end is known, which is where the next good blob begins, or the head. Nothing at or beyond `end` is
 * looked at.
 */
export async function readBatch(
  level: Level,
  { from, head, end, maxBytes }: { from: number; head: number; end: number; maxBytes: number },
): Promise<JournalBatch> {
  const reading: Reading = { entries: [], damaged: [], next: from, suspicion: null }

  for (let seek = from; reading.entries.length === 0; ) {
    const blobs = await blobsFrom(level, seek, maxBytes, end)
    if (seek === from && from < head && blobs[0]?.first !== from) await takeAround(level, from, reading)
    for (const stored of blobs) {
      if (stored.first > reading.next && reading.entries.length > 0) break
      if (stored.first > reading.next) await askAgain(level, reading)
      take(stored, reading)
    }
    const last = blobs.at(-1)
    if (!last) break
    seek = last.first + 1
  }

  if (reading.entries.length === 0 && reading.next < head) await askAgain(level, reading)
  if (reading.entries.length === 0 && reading.next < head) {
    reading.damaged.push({ from: reading.next, to: head, reason: reading.suspicion ?? 'missing' })
    reading.next = head
  }
  const { entries, damaged, next } = reading
  return { entries, damaged, next }
}

interface Reading {
  readonly entries: PositionedEntry[]
  readonly damaged: DamagedRange[]
  next: number
  /** What is wrong at `next`, until it is known how far it reaches. */
  suspicion: string | null
}

function take({ first, blob }: StoredBlob, reading: Reading): void {
  const header = checkBlob(first, blob)
  if (typeof header === 'string') {
    reading.suspicion ??= header
    return
  }
  if (header.end <= reading.next) return
  if (first > reading.next) {
    reading.damaged.push({ from: reading.next, to: first, reason: reading.suspicion ?? 'missing' })
    reading.next = first
  }
  readEntries(header, blob, reading.next, reading.entries)
  reading.next = header.end
  reading.suspicion = null
}

// A position inside a blob: the blob stands under an earlier key. If that one is damaged it may have ended before us.
async function takeAround(level: Level, from: number, reading: Reading): Promise<void> {
  const before = await blobBefore(level, from)
  if (before && typeof checkBlob(before.first, before.blob) !== 'string') take(before, reading)
}

/**
 * A second opinion on a blob that an iterator did not give. An input or output error (too many open files, a loose cable) may be
 * over at the next try, so it is thrown: skipping acknowledged entries is for what is lost, not for what is out of reach.
 */
async function askAgain(level: Level, reading: Reading): Promise<void> {
  if (reading.suspicion !== null) return
  try {
    const blob = await level.get(keyOf(reading.next), { fillCache: false })
    if (blob) take({ first: reading.next, blob }, reading)
  } catch (error) {
    if (!isDamage(error)) throw new StoreUnavailable('journal', error)
    reading.suspicion = `unreadable: ${reasonOf(error)}`
  }
}

/** Up to about `maxBytes` of blobs, one at least when there is one. A last one that LevelDB cannot read is left out. */
export async function blobsFrom(level: Level, from: number, maxBytes: number, end: number): Promise<StoredBlob[]> {
  const range = { gte: keyOf(from), lt: keyOf(end), highWaterMarkBytes: maxBytes, fillCache: false }
  const iterator = level.iterator(range)
  try {
    return (await iterator.nextv(10_000)).map(toStored).filter(hasPosition)
  } catch (error) {
    if (!isDamage(error)) throw new StoreUnavailable('journal', error)
    return await readableBlobsFrom(level, range, maxBytes)
  } finally {
    await iterator.close()
  }
}

// An iterator that has met damage fails at its end, and then takes all it has found with it. One by one it gives them out.
async function readableBlobsFrom(level: Level, range: object, maxBytes: number): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = []
  const iterator = level.iterator(range)
  try {
    for (let bytes = 0; bytes <= maxBytes; ) {
      const [found] = await iterator.nextv(1)
      if (!found) break
      const stored = toStored(found)
      if (hasPosition(stored)) blobs.push(stored)
      bytes += stored.blob.length
    }
  } catch (error) {
    if (!isDamage(error)) throw new StoreUnavailable('journal', error)
  } finally {
    await iterator.close()
  }
  return blobs
}

export async function blobBefore(level: Level, position: number): Promise<StoredBlob | null> {
  const iterator = level.iterator({ lt: keyOf(position), reverse: true, limit: 1, fillCache: false })
  try {
    const [found] = await iterator.nextv(1)
    return found ? toStored(found) : null
  } catch (error) {
    if (!isDamage(error)) throw new StoreUnavailable('journal', error)
    return null
  } finally {
    await iterator.close()
  }
}

function isDamage(error: unknown): boolean {
  return (error as { code?: string }).code === 'LEVEL_CORRUPTION'
}

function toStored([key, blob]: [Buffer, Buffer]): StoredBlob {
  return { first: positionOf(key), blob }
}

function hasPosition({ first }: StoredBlob): boolean {
  return Number.isSafeInteger(first)
}
