import type { Clock } from '../core/clock.ts'
import { StoreUnavailable } from '../core/errors.ts'
import type { Journal, JournalEntry } from '../stores/journal/port.ts'
import type { GuardControls } from './guard.ts'

/** Unacknowledged bytes of one connection, and of all, beyond which we stop reading. Unverified defaults. */
export const maxPendingBytesPerClient = 1024 * 1024
export const maxPendingBytes = 128 * 1024 * 1024
/** Of a message's cost beyond its payload, in the journal's buffer and in aedes. */
export const overheadBytes = 256

const pauseReason = 'unacknowledged'
const heldBackReason = 'held back'

export interface Accepted {
  readonly gatewayId: string
  readonly receivedAt: number
  readonly messages: number
  readonly bytes: number
}

export interface Acceptance {
  /** Writes what came together to the journal; `done` is called when it is on disk, in the order in which messages came. */
  accept(gatewayId: string, messages: readonly DeviceMessage[], from: GuardControls, done: Done): void
  /** The same, of what a gateway with a mapping says in its own words. */
  acceptRaw(gatewayId: string, as: MappedTopic, payload: Uint8Array, from: GuardControls, done: Done): void
  /** While it is on, whoever has sent something is not read again: more comes in than can be worked off. */
  holdBack(on: boolean): void
  pendingBytes(): number
  /** Resolves when nothing is pending. */
  settled(): Promise<void>
}

export interface DeviceMessage {
  readonly deviceId: string
  readonly payload: Uint8Array
}

/** A topic as a mapping reads it, and the mapping's version. */
export interface MappedTopic {
  readonly topic: string
  readonly mappingVersion: number
}

type Done = (error?: Error | null) => void
type Received = JournalEntry & { type: 'message' | 'raw' }

/**
 * The step between "received" and "acknowledged". Whoever has too much unacknowledged is not read, and while all together have
 * too much, nobody who sends is. A connection is paused at its first message beyond a limit, so what the guard had handed out
 * with it still comes: at most `maxPendingBytes` and, of every connection, one read (64 KiB and overhead) are pending.
 */
export function createAcceptance(options: {
  journal: Journal
  clock: Clock
  onAccepted?: (accepted: Accepted) => void
}): Acceptance {
  const { journal, clock, onAccepted } = options
  const pendingOf = new WeakMap<GuardControls, number>()
  const paused = new Set<GuardControls>()
  let pendingBytes = 0
  const heldBack = new Set<GuardControls>()
  let holdingBack = false
  const whenSettled: (() => void)[] = []

  function settle(from: GuardControls, bytes: number): void {
    const wasFull = pendingBytes > maxPendingBytes
    pendingBytes -= bytes
    pendingOf.set(from, (pendingOf.get(from) ?? 0) - bytes)
    if (pendingBytes > maxPendingBytes) return
    // those who had nothing left to settle while it was full have nobody else to wake them
    if (wasFull) for (const waiting of paused) resume(waiting)
    else resume(from)
    if (pendingBytes === 0) for (const resolve of whenSettled.splice(0)) resolve()
  }

  function append(entries: readonly Received[], from: GuardControls, done: Done): void {
    const payloadBytes = entries.reduce((sum, { payload }) => sum + payload.length, 0)
    const topicBytes = entries.reduce((sum, entry) => sum + topicBytesOf(entry), 0)
    const bytes = payloadBytes + topicBytes + entries.length * overheadBytes
    const pending = (pendingOf.get(from) ?? 0) + bytes
    pendingOf.set(from, pending)
    pendingBytes += bytes
    if ((pending > maxPendingBytesPerClient || pendingBytes > maxPendingBytes) && !paused.has(from)) {
      paused.add(from)
      from.pauseReading(pauseReason)
    }
    if (holdingBack && !heldBack.has(from)) {
      heldBack.add(from)
      from.pauseReading(heldBackReason)
    }
    journal.append(entries, (error) => {
      settle(from, bytes)
      // an error closes the connection: MQTT 3.1.1 has no other way to say "not stored, send it again"
      done(error && new StoreUnavailable('journal', error))
      const [first] = entries
      if (error !== null || first === undefined) return
      const { gatewayId, receivedAt } = first
      onAccepted?.({ gatewayId, receivedAt, messages: entries.length, bytes: payloadBytes })
    })
  }

  function resume(from: GuardControls): void {
    if ((pendingOf.get(from) ?? 0) < maxPendingBytesPerClient / 2 && paused.delete(from))
      from.resumeReading(pauseReason)
  }

  return {
    accept(gatewayId, messages, from, done) {
      const receivedAt = clock()
      const entries = messages.map(({ deviceId, payload }): Received => {
        return { type: 'message', receivedAt, gatewayId, deviceId, payload }
      })
      append(entries, from, done)
    },
    acceptRaw: (gatewayId, { topic, mappingVersion }, payload, from, done) =>
      append([{ type: 'raw', receivedAt: clock(), gatewayId, topic, mappingVersion, payload }], from, done),
    holdBack(on) {
      holdingBack = on
      if (on) return
      for (const waiting of heldBack) waiting.resumeReading(heldBackReason)
      heldBack.clear()
    },
    pendingBytes: () => pendingBytes,
    settled: () => (pendingBytes === 0 ? Promise.resolve() : new Promise<void>((resolve) => whenSettled.push(resolve))),
  }
}

function topicBytesOf(entry: Received): number {
  return entry.type === 'raw' ? Buffer.byteLength(entry.topic) : 0
}
