import { randomUUID } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { BroadcastChannel } from 'node:worker_threads'
import { broken } from './marks.ts'

/**
 * The threads of one process share one LevelDB per directory, and two things follow from how `classic-level` 3 does that:
 * it is closed only when every thread has closed its handle, and its block cache dies with the handle that was opened first
 * (a handle that outlives it reads freed memory). So the writer opens first and closes last, and asks the readers to let go
 * before it closes. They talk over a channel named after the directory; nothing has to be passed on by hand.
 */
type Message =
  | { readonly type: 'join' | 'leave'; readonly reader: string }
  /** To which call to let go it is the answer: a late one must not be taken for the next. */
  | { readonly type: 'released'; readonly reader: string; readonly round: number }
  | { readonly type: 'welcome'; readonly reader: string; readonly head: number }
  /** There is a writer, and why it lets nobody in now. */
  | { readonly type: 'wait'; readonly reader: string; readonly reason: string }
  | { readonly type: 'release'; readonly round: number }
  | { readonly type: 'resume'; readonly end: number }

/** What there is may be read. */
export const endless = Number.MAX_SAFE_INTEGER

export interface ReaderHost {
  /** False when a reader has not let go within `limitMs`; then nothing may be closed. */
  release(limitMs: number): Promise<boolean>
  /** Lets the readers go on, up to `end`: what the journal holds beyond is not to be read. */
  resume(end: number): void
  close(): void
}

/** @param problem why the journal cannot be written at present, for a reader that comes meanwhile */
export function hostReaders(directory: string, head: () => number, problem: () => string): ReaderHost {
  const readers = new Set<string>()
  const holding = new Set<string>()
  let welcoming = true
  let round = 0

  const channel = openChannel(directory, (message) => {
    if (message.type === 'join' && welcoming) {
      readers.add(message.reader)
      channel.post({ type: 'welcome', reader: message.reader, head: head() })
    } else if (message.type === 'join') {
      channel.post({ type: 'wait', reader: message.reader, reason: problem() })
    }
    if (message.type === 'leave') readers.delete(message.reader)
    if (message.type === 'leave' || (message.type === 'released' && message.round === round)) {
      holding.delete(message.reader)
    }
  })

  return {
    async release(limitMs) {
      welcoming = false
      round += 1
      for (const reader of readers) holding.add(reader)
      channel.post({ type: 'release', round })
      const until = performance.now() + limitMs
      while (holding.size > 0 && performance.now() < until) await sleep(5)
      return holding.size === 0
    },
    resume(end) {
      welcoming = end === endless
      holding.clear()
      channel.post({ type: 'resume', end })
    },
    close: channel.close,
  }
}

export interface Membership {
  /** The writer's head when it let us in. */
  readonly head: number
  /** Only after the handle is closed. */
  leave(): void
}

/** @throws {StoreUnavailable} no writer in this process has let us in within `limitMs`, and why */
export async function joinWriter(
  directory: string,
  limitMs: number,
  handle: { release(): Promise<void>; resume(end: number): void },
): Promise<Membership> {
  const reader = randomUUID()
  let welcomeHead: number | null = null
  let reason = 'no thread of this process has it open for writing'

  const channel = openChannel(directory, (message) => {
    if (message.type === 'welcome' && message.reader === reader) welcomeHead = message.head
    if (message.type === 'wait' && message.reader === reader) reason = message.reason
    if (message.type === 'release') {
      const { round } = message
      handle.release().then(() => channel.post({ type: 'released', reader, round }))
    }
    if (message.type === 'resume') handle.resume(message.end)
  })
  const leave = () => {
    channel.post({ type: 'leave', reader })
    channel.close()
  }

  const until = performance.now() + limitMs
  while (welcomeHead === null && performance.now() < until) {
    channel.post({ type: 'join', reader })
    await sleep(20)
  }
  if (welcomeHead === null) {
    leave()
    throw broken(directory, reason)
  }
  return { head: welcomeHead, leave }
}

function openChannel(directory: string, receive: (message: Message) => void) {
  const channel = new BroadcastChannel(`liftwatt-journal:${realpathSync(directory)}`)
  channel.onmessage = (event: unknown) => receive((event as { data: Message }).data)
  channel.unref()
  return {
    post: (message: Message) => channel.postMessage(message),
    close: () => channel.close(),
  }
}
