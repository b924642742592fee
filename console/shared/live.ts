import { signal } from '@preact/signals'
import { send } from './api.ts'
import { localNow, serverNow } from './clock.ts'
import { eventStreamParser } from './event-stream.ts'
import { findMe } from './session.ts'

/** What happened, as `/api/v1/stream` tells it; `subject` is the id of the order or the incident. */
export interface LiveEvent {
  readonly at: string
  readonly type: string
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Link {
  /** `lost`: what is on the screen is as old as `heardAt`. `refused`: the service answers and gives no stream (429): ask for what is shown. */
  readonly state: 'connecting' | 'live' | 'refused' | 'lost'
  /** When the server was last heard of, by its clock, ms since 1970; null = not yet. */
  readonly heardAt: number | null
}

export const link = signal<Link>({ state: 'connecting', heardAt: null })

/** A stream that is silent for so long is asked about; it beats every 2 s, and that the server is there must be known within 5 s. */
const silentMs = 2_250
const probeWithinMs = 1_750
/** Three heartbeats are missing: the stream is dead, though the server answers. */
const deadMs = 6_500
const watchMs = 250
const connectWithinMs = 4_000
const againMs = 1_000
/** As many read the stream as may, one of them must end first; or too much was asked for. */
const refusedAgainMs = 5_000

class NoStream extends Error {}

interface Listener {
  /** Once after each beginning, also after a break: read what is shown anew. Events come from then on. */
  onBegin(): void
  onEvent(event: LiveEvent): void
}

/**
 * Follows the live stream until `close`, whatever happens to the link: begins again a second after it broke, and goes on after
 * the last event that it has. Keeps `link` right within 5 s. A stream that the service ends may be one of somebody who has other
 * rights now: whoever begins again finds out who they are, and `me` says it.
 */
export function followStream({ onBegin, onEvent }: Listener): { close(): void } {
  let closed = false
  let stream = new AbortController()
  let lastEventId: string | null = null
  let heardAt = localNow()
  let streamHeardAt = localNow()
  let probing = false
  let hasBegun = false
  /** Beginnings that came to nothing, in a row: one break is mended before anybody sees it. */
  let failures = 0

  function heard(): void {
    heardAt = localNow()
    if (link.value.state !== 'lost') link.value = { ...link.value, heardAt: serverNow() }
  }

  function lose(): void {
    stream.abort()
    if (link.value.state !== 'lost') link.value = { ...link.value, state: 'lost' }
  }

  async function probe(): Promise<void> {
    probing = true
    try {
      await send('GET', '/healthz', { withinMs: probeWithinMs })
      heard()
    } catch {
      lose()
    }
    probing = false
  }

  function isAnswered(): boolean {
    return link.value.state === 'live' || link.value.state === 'refused'
  }

  function watch(): void {
    if (probing || !isAnswered()) return
    if (link.value.state === 'live' && localNow() - streamHeardAt > deadMs) stream.abort()
    else if (localNow() - heardAt > silentMs) probe()
  }

  async function follow(): Promise<void> {
    const mine = new AbortController()
    stream = mine
    const tooLong = setTimeout(() => mine.abort(), connectWithinMs)
    try {
      await read(mine.signal, () => clearTimeout(tooLong))
    } finally {
      clearTimeout(tooLong)
      mine.abort() // nobody reads what is left of an answer that was no stream
    }
  }

  async function read(signal: AbortSignal, onChunk: () => void): Promise<void> {
    const headers = { accept: 'text/event-stream', ...(lastEventId !== null && { 'last-event-id': lastEventId }) }
    const response = await fetch('/api/v1/stream', { headers, cache: 'no-store', signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const isRefused = response.status === 401 || response.status === 403
    if (isRefused) await findMe()
    else if (hasBegun) findMe().catch(() => undefined) // not heard now, they are at the next beginning
    if (response.status === 429) throw new NoStream()
    if (!response.ok || reader === undefined) throw new Error(`HTTP ${response.status}`)
    const parse = eventStreamParser(({ id, event, data }) => {
      lastEventId = event === 'reset' ? null : (id ?? lastEventId)
      if (event === 'reset') onBegin()
      // what was too slow is let go of, and goes on where it was
      else if (event !== 'dropped') onEvent(JSON.parse(data) as LiveEvent)
    })
    for (let isFirst = true; ; isFirst = false) {
      const { done, value } = await reader.read()
      if (done) return
      onChunk()
      streamHeardAt = localNow()
      if (isFirst) {
        failures = 0
        hasBegun = true
        link.value = { state: 'live', heardAt: serverNow() }
        onBegin()
      }
      heard()
      parse(value)
    }
  }

  async function goOn(): Promise<void> {
    while (!closed) {
      // else the link broke, or there is none
      const isRefused = await follow().then(
        () => false,
        (cause: unknown) => cause instanceof NoStream,
      )
      if (closed) return
      if (isRefused) {
        failures = 0
        heardAt = localNow()
        link.value = { state: 'refused', heardAt: serverNow() }
        await new Promise((resolve) => setTimeout(resolve, refusedAgainMs))
        continue
      }
      failures += 1
      if (failures === 1) continue
      lose()
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }

  const watching = setInterval(watch, watchMs)
  const onOffline = () => {
    if (isAnswered() && !probing) probe()
  }
  addEventListener('offline', onOffline)
  goOn()
  return {
    close() {
      closed = true
      stream.abort()
      clearInterval(watching)
      removeEventListener('offline', onOffline)
      link.value = { state: 'connecting', heardAt: null }
    },
  }
}
