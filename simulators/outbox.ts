import { ClassicLevel } from 'classic-level'
import { ExpectedError, reasonOf, StoreUnavailable } from '../core/errors.ts'
import type { EncodedReading } from './message.ts'

export interface OutboxEntry extends EncodedReading {
  /** Rises with each append. */
  readonly position: number
}

/**
 * What a gateway has measured and the service has not acknowledged, oldest first.
 *
 * Full means full: it refuses new readings, aloud, and never drops one that it promised to keep.
 */
export interface Outbox {
  /** Readings appended and not acknowledged, those on their way to the disk included. */
  readonly entries: number
  readonly bytes: number
  /** Whether `append` would take a reading of so many bytes. */
  hasRoomFor(bytes: number): boolean
  /**
   * Resolves once the reading is kept; in the order of the calls.
   * @throws {StoreUnavailable} the outbox is full, or the disk failed: the reading is not kept
   */
  append(reading: EncodedReading): Promise<void>
  /** Kept readings with a position above `after`, oldest first. */
  read(after: number, limit: number): Promise<OutboxEntry[]>
  /** Forgets readings that the service has. A crash may bring some back: then they are sent again, which does no harm. */
  acknowledge(entries: readonly OutboxEntry[]): Promise<void>
  close(): Promise<void>
}

export interface OutboxLimits {
  readonly maxBytes: number
}

/** For fleets of thousands: what it holds is gone with the process. */
export function memoryOutbox({ maxBytes }: OutboxLimits): Outbox {
  const kept = new Map<number, OutboxEntry>()
  const size = createSize(maxBytes)
  let next = 0

  return {
    get entries() {
      return size.entries
    },
    get bytes() {
      return size.bytes
    },
    hasRoomFor: size.hasRoomFor,

    async append(reading) {
      size.take(bytesOf(reading))
      const position = next++
      kept.set(position, { position, ...reading })
    },

    async read(after, limit) {
      const found: OutboxEntry[] = []
      const oldest = kept.keys().next().value ?? next
      for (let position = Math.max(after + 1, oldest); position < next && found.length < limit; position++) {
        const entry = kept.get(position)
        if (entry) found.push(entry)
      }
      return found
    },

    async acknowledge(entries) {
      for (const entry of entries) {
        if (kept.delete(entry.position)) size.give(bytesOf(entry))
      }
    },

    async close() {},
  }
}

/**
 * On disk, in LevelDB: what was appended survives kill -9 and power loss. One fsync serves all appends that came while the last one ran.
 * @throws {ExpectedError} `unavailable`: another process has this directory open, or it cannot be written
 */
export async function openDiskOutbox(directory: string, { maxBytes }: OutboxLimits): Promise<Outbox> {
  const database = new ClassicLevel<string, string>(directory)
  await database.open().catch((cause: unknown) => {
    throw new ExpectedError('unavailable', `The outbox ${directory} cannot be opened: ${whyNot(cause)}`, { cause })
  })

  const size = createSize(maxBytes)
  let next = 0
  for await (const [key, value] of database.iterator()) {
    const entry = decode(key, value)
    size.count(bytesOf(entry))
    next = entry.position + 1
  }

  interface Waiting {
    readonly entry: OutboxEntry
    readonly resolve: () => void
    readonly reject: (error: Error) => void
  }
  let waiting: Waiting[] = []
  let committing: Promise<void> | undefined
  let damaged = false

  async function commitAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        if (damaged) await reopen()
        await database.batch(
          group.map(({ entry }) => put(entry)),
          { sync: true },
        )
        for (const { resolve } of group) resolve()
      } catch (cause) {
        damaged = true
        for (const { entry, reject } of group) {
          size.give(bytesOf(entry))
          reject(new StoreUnavailable('outbox', cause))
        }
      }
    }
    committing = undefined
  }

  // A failed write (a full disk) may leave half a record in the log, and what is written behind it would be lost at the next
  // start. Opening again starts a new log.
  async function reopen(): Promise<void> {
    await database.close()
    await database.open()
    damaged = false
  }

  return {
    get entries() {
      return size.entries
    },
    get bytes() {
      return size.bytes
    },
    hasRoomFor: size.hasRoomFor,

    async append(reading) {
      size.take(bytesOf(reading))
      const kept = new Promise<void>((resolve, reject) => {
        waiting.push({ entry: { position: next++, ...reading }, resolve, reject })
      })
      committing ??= commitAll()
      return kept
    },

    async read(after, limit) {
      const found = await database.iterator({ gte: keyOf(after + 1), limit }).all()
      return found.map(([key, value]) => decode(key, value))
    },

    async acknowledge(entries) {
      await database.batch(entries.map(({ position }) => ({ type: 'del', key: keyOf(position) })))
      for (const entry of entries) size.give(bytesOf(entry))
    },

    async close() {
      await committing
      await database.close()
    },
  }
}

/** Entries and bytes held, against the limit. */
function createSize(maxBytes: number) {
  let entries = 0
  let bytes = 0
  const hasRoomFor = (more: number) => bytes + more <= maxBytes
  const count = (more: number) => {
    entries += 1
    bytes += more
  }

  return {
    get entries() {
      return entries
    },
    get bytes() {
      return bytes
    },
    hasRoomFor,
    count,
    take(more: number): void {
      if (!hasRoomFor(more)) throw new StoreUnavailable('outbox', `full, ${entries} readings in ${bytes} bytes wait`)
      count(more)
    },
    give(fewer: number): void {
      entries -= 1
      bytes -= fewer
    },
  }
}

function bytesOf({ deviceId, json }: EncodedReading): number {
  return deviceId.length + Buffer.byteLength(json)
}

/** Sixteen digits hold every safe integer, so keys sort as positions do. */
function keyOf(position: number): string {
  return String(position).padStart(16, '0')
}

function put({ position, deviceId, json }: OutboxEntry) {
  return { type: 'put', key: keyOf(position), value: `${deviceId} ${json}` } as const
}

function decode(key: string, value: string): OutboxEntry {
  const space = value.indexOf(' ')
  return { position: Number(key), deviceId: value.slice(0, space), json: value.slice(space + 1) }
}

function whyNot(cause: unknown): string {
  const inner = cause instanceof Error ? cause.cause : undefined
  if (inner instanceof Error && 'code' in inner && inner.code === 'LEVEL_LOCKED') return 'another process is using it'
  return reasonOf(inner ?? cause)
}
