import type { ServerResponse } from 'node:http'
import { secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Operations, StreamEvent, StreamPosition } from '../stores/operations/port.ts'

const pollMs = secondMs
const heartbeatMs = 15 * secondMs
const mostReaders = 200
const pageEvents = 200
/** A reader that has so much unread is let go of: it comes again, and goes on where it was. */
const unreadBytes = 256 * 1024
const drainWithinMs = 30 * secondMs

type Events = Pick<Operations, 'streamAfter' | 'streamHead' | 'isInStream'>

export interface LiveStream {
  /** False when there are as many readers as there may be. */
  readonly hasRoom: () => boolean
  /** Writes events to a response, whose head it writes too, until either side ends it. */
  add(response: ServerResponse, lastEventId: string | undefined): void
  /** Something was committed: look now, not at the next second. */
  wake(): void
  stop(): void
}

interface Reader {
  readonly response: ServerResponse
  position: StreamPosition
  /** It has everything up to the stream's own place: what comes is written to it as it comes. */
  live: boolean
}

/**
 * Events to many readers at once (Server-Sent Events). They are read from the database once for all who are up to date; one
 * who comes back reads what it missed by itself, at its own pace. Nobody is waited for, and nothing is kept for anyone.
 */
export function createLiveStream(options: { operations: Events; log: Log }): LiveStream {
  const { operations, log } = options
  const readers = new Set<Reader>()
  let position: StreamPosition | undefined
  let polling = false
  let pollOnceMore = false
  const timers = [setInterval(wake, pollMs), setInterval(beat, heartbeatMs)]
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
      for (;;) {
        const events = await operations.streamAfter(position, pageEvents)
        const last = events.at(-1)
        if (last === undefined) break
        position = positionOf(last)
        const texts = events.map((event) => ({ event, text: eventText(event) }))
        for (const reader of readers) {
          if (!reader.live) continue
          const fresh = texts.filter(({ event }) => isBefore(reader.position, positionOf(event)))
          write(reader, fresh.map(({ text }) => text).join(''), position)
        }
      }
    }
  }

  /** To one that keeps up; one that does not is let go of. */
  function write(reader: Reader, text: string, upTo: StreamPosition): void {
    if (reader.response.writableLength > unreadBytes) {
      drop(reader)
      return
    }
    if (text !== '') reader.response.write(text)
    if (isBefore(reader.position, upTo)) reader.position = upTo
  }

  function drop(reader: Reader): void {
    readers.delete(reader)
    reader.response.destroy()
    if (readers.size === 0) position = undefined
  }

  function beat(): void {
    for (const reader of readers) if (reader.live) write(reader, ': still here\n\n', reader.position)
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
        reader.response.write(events.map(eventText).join(''))
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
    hasRoom: () => readers.size < mostReaders,
    add(response, lastEventId) {
      const reader: Reader = { response, position: { transaction: '0', id: 0 }, live: false }
      readers.add(reader)
      response.once('close', () => drop(reader))
      response.on('error', () => drop(reader))
      response.write('retry: 1000\n\n')
      const start = async () => {
        reader.position = await operations.streamHead()
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
  const [one, other] = [BigInt(a.transaction), BigInt(b.transaction)]
  return one < other || (one === other && a.id < b.id)
}
