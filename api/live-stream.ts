import type { ServerResponse } from 'node:http'
import { secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { type Concerned, isInSight, type Sight } from '../core/sight.ts'
import type { Operations, StreamEvent, StreamPosition } from '../stores/operations/port.ts'

const pollMs = secondMs
/** Unverified defaults, but for the first. */
const streamLimits = {
  /** A page must know within 5 s that its link is dead: two of these may go missing. */
  beatEveryMs: 2 * secondMs,
  readers: 1_200,
  /** For reading what is left, by one that was let go of. */
  farewellMs: 10 * secondMs,
}
/** Of one account, so that it cannot shut out the duty room. Unverified default. */
const mostReadersOfOne = 20
const pageEvents = 200
/** A reader that has so much unread is told so, and let go of: it comes again, and goes on where it was. */
const unreadBytes = 256 * 1024
const drainWithinMs = 30 * secondMs

type Events = Pick<Operations, 'streamAfter' | 'streamHead' | 'isInStream' | 'concernedBy'>

export interface LiveStream {
  /** False when there are as many readers as there may be, in all or of this account; null = the operator's token. */
  hasRoom(accountId: string | null): boolean
  /** Writes the events in a sight to a response, whose head is written, until either side ends it. */
  add(response: ServerResponse, who: Who, lastEventId: string | undefined): void
  /** Something was committed: look now, not at the next second. */
  wake(): void
  stop(): void
}

interface Who {
  /** Null = the operator's token. */
  readonly accountId: string | null
  readonly sight: Sight
}

interface Reader extends Who {
  readonly response: ServerResponse
  /** The same word for all who see the same. */
  readonly group: string
  position: StreamPosition
  /** It has everything up to the stream's own place: what comes is written to it as it comes. */
  live: boolean
}

/**
 * Events to many readers at once (Server-Sent Events). They are read from the database once for all who are up to date; one
 * who comes back reads what it missed by itself, at its own pace. Nobody is waited for, and nothing is kept for anyone.
 */
export function createLiveStream(options: {
  operations: Events
  log: Log
  limits?: Partial<typeof streamLimits>
}): LiveStream {
  const { operations, log } = options
  const limits = { ...streamLimits, ...options.limits }
  const readers = new Set<Reader>()
  let position: StreamPosition | undefined
  let polling = false
  let pollOnceMore = false
  const timers = [setInterval(wake, pollMs), setInterval(beat, limits.beatEveryMs)]
  for (const timer of timers) timer.unref()

  function wake(): void {
    if (readers.size === 0) return
    pollOnceMore = true
    if (polling) return
    polling = true
    poll()
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'the live stream could not be read'))
      .finally(() => {
        polling = false
      })
  }

  async function poll(): Promise<void> {
    while (pollOnceMore && readers.size > 0) {
      pollOnceMore = false
      position ??= await operations.streamHead()
      for (let from = position; ; ) {
        const events = await operations.streamAfter(from, pageEvents)
        const last = events.at(-1)
        if (last === undefined) break
        const told = await tellable(events, [...readers])
        if (readers.size === 0) return // whoever comes next begins at the head
        const upTo = positionOf(last)
        tellAll(told, from, upTo)
        from = upTo
        position = upTo // not before it is known whom they concern: what failed is read again at the next wake
      }
    }
  }

  /** The same bytes for all who see the same: made once, and kept once, however many have not read them yet. */
  function tellAll(told: readonly Tellable[], from: StreamPosition, upTo: StreamPosition): void {
    const bytes = new Map<string, Buffer>()
    for (const reader of readers) {
      if (!reader.live) continue
      // one that has just come may be ahead of the others
      if (isBefore(from, reader.position)) {
        write(reader, Buffer.from(textFor(reader, told)), upTo)
        continue
      }
      const forGroup = bytes.get(reader.group) ?? Buffer.from(textFor(reader, told))
      bytes.set(reader.group, forGroup)
      write(reader, forGroup, upTo)
    }
  }

  /** Each with its words and whom it concerns; that is asked once for all, and only for those who do not see everything. */
  async function tellable(events: readonly StreamEvent[], to: readonly Reader[]): Promise<Tellable[]> {
    const isFiltered = to.some(({ sight }) => sight !== 'everything')
    const concerned = isFiltered ? await operations.concernedBy(events) : new Map<number, Concerned>()
    return events.map((event) => ({ event, text: eventText(event), concerned: concerned.get(event.id) }))
  }

  /** To one that keeps up; one that does not is let go of. */
  function write(reader: Reader, bytes: Buffer, upTo: StreamPosition): void {
    if (reader.response.writableLength > unreadBytes) {
      letGo(reader)
      return
    }
    if (bytes.length > 0) reader.response.write(bytes)
    if (reader.position !== upTo && isBefore(reader.position, upTo)) reader.position = upTo
  }

  function drop(reader: Reader): void {
    readers.delete(reader)
    reader.response.destroy()
    if (readers.size === 0) position = undefined
  }

  /** Behind all that it has not read yet, it is told why there is no more. */
  function letGo(reader: Reader): void {
    readers.delete(reader)
    reader.response.end('event: dropped\ndata: {"reason":"too slow"}\n\n')
    setTimeout(() => drop(reader), limits.farewellMs).unref()
    if (readers.size === 0) position = undefined
  }

  function beat(): void {
    for (const reader of readers) if (reader.live) write(reader, stillHere, reader.position)
  }

  async function begin(reader: Reader, lastEventId: string | undefined): Promise<void> {
    if (lastEventId !== undefined) {
      const asked = positionFrom(lastEventId)
      if (asked !== undefined && (await operations.isInStream(asked))) reader.position = asked
      else reader.response.write('event: reset\ndata: {}\n\n') // what it missed is not kept any more: it must read all anew
    }
    while (readers.has(reader)) {
      const before = position
      const events = await operations.streamAfter(reader.position, pageEvents)
      const last = events.at(-1)
      if (last !== undefined) {
        const text = textFor(reader, await tellable(events, [reader]))
        if (text !== '') reader.response.write(text)
        reader.position = positionOf(last)
        if (reader.response.writableNeedDrain && !(await drained(reader.response))) return drop(reader)
      } else if (position === before) {
        // nothing came while it looked, and nothing is awaited from there to here: nothing falls between
        position ??= reader.position
        reader.live = true
        return
      }
    }
  }

  return {
    hasRoom(accountId) {
      if (readers.size >= limits.readers) return false
      const own = [...readers].filter((reader) => reader.accountId === accountId)
      return accountId === null || own.length < mostReadersOfOne
    },
    add(response, { accountId, sight }, lastEventId) {
      const position = { transaction: '0', id: 0 }
      const reader: Reader = { response, accountId, sight, group: JSON.stringify(sight), position, live: false }
      readers.add(reader)
      response.once('close', () => drop(reader))
      response.on('error', () => drop(reader))
      const start = async () => {
        reader.position = await operations.streamHead()
        response.write('retry: 1000\n\n') // not before: a page reads its lists when the stream is open, and misses nothing then
        await begin(reader, lastEventId)
      }
      start().catch((cause) => {
        log.warn({ reason: reasonOf(cause) }, 'the live stream could not be read')
        drop(reader) // it comes again
      })
    },
    wake,
    stop() {
      for (const timer of timers) clearInterval(timer)
      for (const reader of readers) drop(reader)
    },
  }
}

const stillHere = Buffer.from(': still here\n\n')

interface Tellable {
  readonly event: StreamEvent
  readonly text: string
  readonly concerned: Concerned | undefined
}

/** What it has not had, and may have. */
function textFor({ position, sight }: Reader, told: readonly Tellable[]): string {
  const fresh = told.filter(({ event }) => isBefore(position, positionOf(event)))
  return fresh.flatMap(({ text, concerned }) => (isInSight(sight, concerned) ? [text] : [])).join('')
}

function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isDrained: boolean) => () => {
      clearTimeout(timer)
      response.off('drain', onDrain).off('close', onClose)
      resolve(isDrained)
    }
    const [onDrain, onClose] = [end(true), end(false)]
    const timer = setTimeout(onClose, drainWithinMs)
    response.once('drain', onDrain).once('close', onClose)
  })
}

function eventText(event: StreamEvent): string {
  const { transaction, id, at, type, subject, data } = event
  const told = JSON.stringify({ at: new Date(at).toISOString(), type, subject, data })
  return `id: ${transaction}-${id}\nevent: ${type.replace(/[^\w.-]/g, '')}\ndata: ${told}\n\n`
}

function positionOf({ transaction, id }: StreamEvent): StreamPosition {
  return { transaction, id }
}

function positionFrom(text: string): StreamPosition | undefined {
  const [, transaction = '', id = ''] = /^(\d{1,19})-(\d{1,15})$/.exec(text) ?? []
  return transaction === '' ? undefined : { transaction, id: Number(id) }
}

function isBefore(a: StreamPosition, b: StreamPosition): boolean {
  if (a.transaction === b.transaction) return a.id < b.id
  const [one, other] = [BigInt(a.transaction), BigInt(b.transaction)]
  return one < other
}
