import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, systemClock } from '../core/clock.ts'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import { isIdentifier } from '../core/identifier.ts'
import { type Log, silentLog } from '../core/log.ts'
import type { Service } from '../core/service.ts'
import { encodeReading, type GatewayReading, type Message, packMessages } from './message.ts'
import { memoryOutbox, type OutboxEntry, openDiskOutbox } from './outbox.ts'
import { type Connection, defaultTiming, keepUplink, type Problem, type UplinkTiming } from './uplink.ts'

export interface GatewayOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  readonly gatewayId: string
  readonly password: string
  /** The authority that signed the broker's certificate, PEM; the system's when absent. */
  readonly ca?: string
  /** Where readings wait until they are acknowledged; in memory when absent, and then lost with the process. */
  readonly outboxDirectory?: string
  readonly log?: Log
  readonly clock?: Clock
  /** Spreads reconnects; numbers in [0, 1). */
  readonly random?: () => number
  readonly settings?: Partial<GatewaySettings>
}

export interface GatewaySettings extends UplinkTiming {
  /** Messages sent and not yet acknowledged, at most. */
  readonly window: number
  /** Readings taken from the outbox at once, and so packed together when the gateway catches up. */
  readonly readingsAtOnce: number
  readonly outboxMaxBytes: number
  /** How long `stop` waits for the acknowledgements under way. */
  readonly stopPatienceMs: number
}

export const defaultGatewaySettings: GatewaySettings = {
  ...defaultTiming,
  window: 32,
  readingsAtOnce: 2_000,
  outboxMaxBytes: 256 * 1024 * 1024,
  stopPatienceMs: 5_000,
}

export interface GatewayStats {
  readonly state: 'connecting' | 'connected' | 'refused' | 'stopped'
  /** The last thing that went wrong with the connection, a sentence; `undefined` once messages are acknowledged again. */
  readonly problem: string | undefined
  readonly connections: number
  /** Readings kept in the outbox by this process. */
  readonly recorded: number
  /** Readings that `record` turned away: the outbox was full, the disk failed, or no message could carry them. */
  readonly refused: number
  /** Readings and messages that the service has, by its PUBACK. */
  readonly acknowledged: number
  readonly messages: number
  /** Readings in the outbox, and their bytes. */
  readonly waiting: number
  readonly waitingBytes: number
  /** Messages on their way. */
  readonly inFlight: number
  /** ms since 1970. */
  readonly lastAcknowledgedAt: number | undefined
}

export interface Gateway extends Service {
  /**
   * Resolves once the reading is in the outbox (on disk): from then on it is delivered, at least once, whatever happens.
   * @throws {ExpectedError} `invalid`: it cannot be sent as it is
   * @throws {StoreUnavailable} the outbox is full, or the disk failed; it is counted as refused
   */
  record(deviceId: string, reading: GatewayReading): Promise<void>
  /** Whether the outbox can take any reading. */
  hasRoom(): boolean
  /** Resolves when it can again. For those who can wait; a real sensor cannot. */
  room(): Promise<void>
  /**
   * Resolves at the first connection.
   * @throws {ExpectedError} `unauthenticated`: the broker refuses the credential; `unavailable`: no broker `withinMs`. The
   *   gateway goes on trying all the same.
   */
  connected(withinMs: number): Promise<void>
  /** Resolves when the service has acknowledged every reading. Rejects when the gateway is stopped before. */
  drained(): Promise<void>
  stats(): GatewayStats
}

const diskPauseMs = 1_000

/** More than any reading: with so much room, none is refused. */
const largestReadingBytes = 64 * 1024

/**
 * The reference gateway: store and forward. A reading goes to the outbox, is published with QoS 1, and is forgotten when its
 * PUBACK is there; until then it is sent again after each reconnect. Killed at any moment, it goes on where it was.
 *
 * @throws {ExpectedError} `invalid` gateway id or URL; `unavailable` outbox directory
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { gatewayId, clock = systemClock, log = silentLog, random = Math.random } = options
  const settings = { ...defaultGatewaySettings, ...options.settings }
  if (!isIdentifier(gatewayId)) throw new ExpectedError('invalid', `"${gatewayId}" is not a gateway id`)
  checkUrl(options.url)

  const limits = { maxBytes: settings.outboxMaxBytes }
  const outbox = options.outboxDirectory ? await openDiskOutbox(options.outboxDirectory, limits) : memoryOutbox(limits)
  const changed = createBell()
  const inFlight = new Set<Promise<void>>()
  const count = { connections: 0, recorded: 0, refused: 0, acknowledged: 0, messages: 0 }
  let state: GatewayStats['state'] = 'connecting'
  let problem: Problem | undefined
  let refusing = false
  let lastAcknowledgedAt: number | undefined
  let sending: Promise<void> = Promise.resolve()

  async function record(deviceId: string, reading: GatewayReading): Promise<void> {
    try {
      if (state === 'stopped') throw new ExpectedError('unavailable', `Gateway ${gatewayId} is stopped`)
      await outbox.append(encodeReading(gatewayId, deviceId, reading))
      count.recorded += 1
      refusing = false
    } catch (cause) {
      count.refused += 1
      if (!refusing) log.warn({ gatewayId, deviceId }, `A reading is refused: ${reasonOf(cause)}`)
      refusing = true
      throw cause
    } finally {
      changed.ring()
    }
  }

  /** Publishes from the oldest reading on, for as long as the connection lasts. */
  async function sendAll(connection: Connection): Promise<void> {
    let ready: Message<OutboxEntry>[] = []
    let readUpTo = -1
    while (!connection.closed.aborted && state !== 'stopped') {
      const change = changed.next()
      if (ready.length === 0) {
        const entries = await untilItWorks('read', () => outbox.read(readUpTo, settings.readingsAtOnce))
        readUpTo = entries?.at(-1)?.position ?? readUpTo
        ready = packMessages(gatewayId, entries ?? [])
      }
      const free = settings.window - inFlight.size
      if (ready.length === 0 || free <= 0) await change
      else for (const message of ready.splice(0, free)) send(message, connection)
    }
    await Promise.all(inFlight)
  }

  function send(message: Message<OutboxEntry>, connection: Connection): void {
    const sent = sendOne(message, connection).finally(() => {
      inFlight.delete(sent)
      changed.ring()
    })
    inFlight.add(sent)
  }

  async function sendOne({ topic, payload, entries }: Message<OutboxEntry>, connection: Connection): Promise<void> {
    try {
      await connection.publish(topic, payload)
    } catch {
      return // Nothing is lost: it stays in the outbox, and the next connection begins with it.
    }
    problem = undefined
    lastAcknowledgedAt = clock()
    count.messages += 1
    count.acknowledged += entries.length
    await untilItWorks('forget what is acknowledged in', () => outbox.acknowledge(entries))
  }

  /** A disk that is full or gone for a while must not end the gateway. Gives up only when the gateway is stopped. */
  async function untilItWorks<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await work()
      } catch (cause) {
        log.error({ gatewayId }, `Cannot ${what} the outbox: ${reasonOf(cause)}`)
        if (state === 'stopped') return undefined
        await sleep(diskPauseMs)
      }
    }
  }

  const uplink = keepUplink({
    url: options.url,
    gatewayId,
    password: options.password,
    ca: options.ca,
    timing: settings,
    random,

    onConnected(connection) {
      if (state === 'stopped') return
      state = 'connected'
      count.connections += 1
      log.info({ gatewayId, waiting: outbox.entries }, 'Connected')
      connection.closed.addEventListener('abort', changed.ring)
      // The last connection's messages have all been given up by then, so none is under way twice.
      sending = sending.then(() => sendAll(connection))
      changed.ring()
    },

    onProblem(latest) {
      if (state === 'stopped') return
      const isNews = problem?.sentence !== latest.sentence
      log[isNews ? 'warn' : 'debug']({ gatewayId, waiting: outbox.entries }, latest.sentence)
      problem = latest
      state = latest.refused ? 'refused' : 'connecting'
      changed.ring()
    },
  })

  return {
    name: `gateway ${gatewayId}`,
    record,

    hasRoom,

    async room() {
      await until(hasRoom)
    },

    async drained() {
      await until(() => outbox.entries === 0)
    },

    async connected(withinMs) {
      const deadline = AbortSignal.timeout(withinMs)
      deadline.addEventListener('abort', changed.ring)
      await until(() => {
        if (count.connections > 0) return true
        if (problem?.refused) throw new ExpectedError('unauthenticated', problem.sentence)
        if (!deadline.aborted) return false
        throw new ExpectedError('unavailable', problem?.sentence ?? `No answer from ${options.url} in ${withinMs} ms`)
      })
    },

    stats: () => ({
      ...count,
      state,
      problem: problem?.sentence,
      waiting: outbox.entries,
      waitingBytes: outbox.bytes,
      inFlight: inFlight.size,
      lastAcknowledgedAt,
    }),

    async stop() {
      state = 'stopped'
      changed.ring()
      const patience = new AbortController()
      await Promise.race([sending, sleep(settings.stopPatienceMs, undefined, { signal: patience.signal })])
      patience.abort()
      await uplink.stop()
      await sending
      await outbox.close()
    },
  }

  function hasRoom(): boolean {
    return outbox.hasRoomFor(Math.min(largestReadingBytes, settings.outboxMaxBytes))
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (state === 'stopped') throw new ExpectedError('unavailable', `Gateway ${gatewayId} is stopped`)
      await changed.next()
    }
  }
}

/** A credential in the URL would win over the gateway's own, and stand in every log line. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && /^mqtts?:$/.test(url.protocol) && url.hostname !== '' && url.username + url.password === ''
  if (isPlain) return
  throw new ExpectedError('invalid', 'The broker is given as mqtt://host:port or mqtts://host:port, no more')
}

/** Lets any number of waiters look again whenever something has changed. */
function createBell() {
  let ring = () => {}
  let rung = armed()

  function armed(): Promise<void> {
    return new Promise((resolve) => {
      ring = resolve
    })
  }
  return {
    next: () => rung,
    ring: () => {
      ring()
      rung = armed()
    },
  }
}
