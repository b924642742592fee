import type { Socket } from 'node:net'
import { type Breach, type Budget, createFrameReader, type Frames, keepaliveSecondsOf } from './frames.ts'
import type { TokenBucket } from './token-bucket.ts'

export interface GuardLimits {
  /** Remaining length of the CONNECT packet, bytes. Until its CONNACK nothing else is taken from the socket. */
  readonly maxBytesBeforeConnack: number
  /** Remaining length of every later packet, bytes. */
  readonly maxBytes: number
  /** From `admit` until the whole CONNECT is read. */
  readonly connectDeadlineMs: number
  /** From the whole CONNECT until `authenticated`. */
  readonly authenticateDeadlineMs: number
  readonly maxUnauthenticated: number
  readonly maxConnections: number
  /** A client that asks for no keep-alive, or for a longer one, is held to this one; any other to its own. */
  readonly maxKeepaliveSeconds: number
}

export interface GuardHooks {
  /** Called once per socket, just before the guard closes it; `remoteAddress` can still be read. */
  onBreach(socket: Socket, breach: Breach): void
  /** Any steady clock, ms. */
  now(): number
}

/**
 * Takes what it may from the beginning of whole, checked packets; answers how many bytes that was. What is left is aedes', which has
 * worked off all it got before the lane is asked again.
 */
export type Lane = (packets: Buffer) => number

const takesNothing: Lane = () => 0

/** The accepted socket itself: its `read` gives whole, checked packets only. Hand it to `aedes.handle`. */
export type GuardedSocket = Socket & GuardControls

export interface GuardControls {
  readonly remoteAddress: string
  /** A CONNACK with code 0 is out: the larger packets may come, at the rate of the bucket (none: at any), past the lane first. */
  authenticated(bucket?: TokenBucket, lane?: Lane): void
  /**
   * Reads nothing more until every reason given has been resumed; what the client sends waits in its own TCP stack.
   * The guard's own reasons are `connack`, `rate` and `cut`.
   */
  pauseReading(reason: string): void
  resumeReading(reason: string): void
}

export interface Guard {
  /** Undefined when a cap is reached or the peer has gone again: the socket is destroyed then. */
  admit(socket: Socket): GuardedSocket | undefined
  /** Connections open now, those without CONNACK among them. */
  counts(): { connections: number; unauthenticated: number }
}

/**
 * Stands between the sockets of one listener and aedes, which bounds neither the size of a packet nor the time a client may
 * take, and lets malformed ones through. It closes, and says why; what is merely too much waits, and nothing is dropped.
 *
 * It is also the only one to keep the time between packets, for it alone knows when it is us who do not read: give aedes a
 * CONNECT without keep-alive (in `preConnect`), or its own timer cuts those that we hold back.
 *
 * `read` is patched instead of a stream put in between: aedes then does 121 % of its messages/s under our journal, not 108 %.
 * Attach no `data` listener to an admitted socket, it would see the raw stream.
 */
export function createGuard(limits: GuardLimits, hooks: GuardHooks): Guard {
  const turns = createTurns()
  let connections = 0
  let unauthenticated = 0
  /** Those who have not logged in, by address, the oldest first; and how to count one out. */
  const waiting = new Map<string, Map<Socket, () => void>>()

  function refusal(address: string): Breach | undefined {
    if (connections >= limits.maxConnections) {
      return { code: 'too-many-connections', text: `${connections} connections are open, as many as are allowed` }
    }
    if (unauthenticated < limits.maxUnauthenticated || giveUpPlaceFor(address)) return undefined
    const text = `${unauthenticated} connections have not logged in yet, as many as are allowed`
    return { code: 'too-many-unauthenticated', text }
  }

  /** The address that has the most places gives up its oldest to one that has fewer: nobody keeps all others out. */
  function giveUpPlaceFor(address: string): boolean {
    const own = waiting.get(address) ?? new Map<Socket, () => void>()
    let most = own
    for (const ofAddress of waiting.values()) if (ofAddress.size > most.size) most = ofAddress
    const [oldest] = most
    if (oldest === undefined || most.size <= own.size + 1) return false

    const [socket, countOut] = oldest
    const text = `${unauthenticated} connections have not logged in yet, as many as are allowed; this address has the most`
    hooks.onBreach(socket, { code: 'too-many-unauthenticated', text })
    countOut()
    socket.destroy()
    return true
  }

  /** Counts a newcomer in until the function that it answers is called, once or more often. */
  function countIn(socket: Socket, address: string): () => void {
    const ofAddress = waiting.get(address) ?? new Map<Socket, () => void>()
    waiting.set(address, ofAddress)
    const countOut = () => {
      if (!ofAddress.delete(socket)) return
      unauthenticated--
      if (ofAddress.size === 0) waiting.delete(address)
    }
    ofAddress.set(socket, countOut)
    unauthenticated++
    return countOut
  }

  function admit(socket: Socket): GuardedSocket | undefined {
    // Between accepting and aedes' own listener a reset must not end the process
    socket.on('error', () => {})
    // Node keeps the address of a closed socket once it has been read
    const address = socket.remoteAddress
    const isGone = socket.destroyed || address === undefined
    const breach = isGone ? undefined : refusal(address)
    if (breach) hooks.onBreach(socket, breach)
    if (isGone || breach) {
      socket.destroy()
      return undefined
    }

    connections++
    const loggedIn = countIn(socket, address)
    socket.once('close', () => {
      connections--
      loggedIn()
    })
    return guardSocket(socket, limits, hooks, turns, loggedIn)
  }

  return { admit, counts: () => ({ connections, unauthenticated }) }
}

/** CONNACK with return code 1, unacceptable protocol version [MQTT-3.1.2-2]. mqtt-packet closes without it for most levels. */
const connackUnacceptableLevel = Buffer.from([0x20, 2, 0, 1])

/**
 * Patches one socket. aedes calls `read()` on each 'readable' and again when it has worked off what it got. A `read` that has
 * to answer null though bytes are there is owed another 'readable' once the cause is gone.
 */
function guardSocket(
  socket: Socket,
  limits: GuardLimits,
  hooks: GuardHooks,
  turns: Turns,
  loggedIn: () => void,
): GuardedSocket {
  const readRaw = socket.read.bind(socket)
  const frames = createFrameReader()
  const allowance = createAllowance()
  const holds = new Set<string>()
  let phase: 'connect' | 'authenticate' | 'session' = 'connect'
  let owed = false
  let keepaliveSeconds = limits.maxKeepaliveSeconds
  let servedInTurn = -1
  let lane: Lane = takesNothing

  let deadline = setTimeout(() => {
    cut({ code: 'connect-deadline', text: `no CONNECT within ${limits.connectDeadlineMs} ms` })
  }, limits.connectDeadlineMs)
  let idle: NodeJS.Timeout | undefined
  let rateTimer: NodeJS.Timeout | undefined

  socket.once('close', () => {
    clearTimeout(deadline)
    clearTimeout(idle)
    clearTimeout(rateTimer)
    turns.forget(wake)
  })

  function cut(breach: Breach): void {
    if (socket.destroyed || holds.has('cut')) return
    pauseReading('cut')
    hooks.onBreach(socket, breach)
    if (breach.code === 'unsupported-protocol-level') endWith(connackUnacceptableLevel)
    else socket.destroy()
  }

  function endWith(answer: Buffer): void {
    clearTimeout(deadline)
    deadline = setTimeout(() => socket.destroy(), limits.connectDeadlineMs)
    socket.end(answer, () => socket.destroy())
  }

  function wake(): void {
    if (!owed || holds.size > 0) return
    owed = false
    socket.emit('readable')
  }

  function pauseReading(reason: string): void {
    holds.add(reason)
  }

  function resumeReading(reason: string): void {
    // Never at once: aedes' parser must not be entered from within itself
    if (holds.delete(reason) && holds.size === 0 && owed) turns.wait(wake)
  }

  function read(size?: number): Buffer | null {
    // Node itself calls read(0), to have the next bytes fetched
    if (size === 0) return readRaw(0)
    if (socket.destroyed) return null
    owed = holds.size > 0
    if (owed) return null
    const got = phase === 'connect' ? readConnect() : readPackets()
    if (got === undefined) return null
    if ('code' in got) {
      cut(got)
      return null
    }
    return got.bytes
  }

  function takeFrames(maxBytes: number, budget: Budget): Frames | Breach | undefined {
    const wanted = phase === 'connect' ? 'connect' : 'session'
    const left = frames.take(wanted, maxBytes, budget)
    if (left !== undefined || !frames.hungry()) return left
    const chunk: Buffer | null = readRaw()
    if (chunk === null) return undefined
    frames.push(chunk)
    return frames.take(wanted, maxBytes, budget)
  }

  function readConnect(): Frames | Breach | undefined {
    const got = takeFrames(limits.maxBytesBeforeConnack, oneConnect)
    if (got === undefined || 'code' in got) return got
    phase = 'authenticate'
    const asked = keepaliveSecondsOf(got.bytes)
    if (asked > 0) keepaliveSeconds = Math.min(asked, limits.maxKeepaliveSeconds)
    // Until the CONNACK aedes would queue packets, and give up at 42 of them
    pauseReading('connack')
    clearTimeout(deadline)
    deadline = setTimeout(() => {
      const text = `no CONNACK within ${limits.authenticateDeadlineMs} ms of the CONNECT`
      cut({ code: 'authenticate-deadline', text })
    }, limits.authenticateDeadlineMs)
    return got
  }

  function readPackets(): Frames | Breach | undefined {
    // Nothing to hold back: lets Node tell aedes of the end of the stream, or ask for more
    if (frames.hungry() && socket.readableLength === 0) {
      readRaw()
      return undefined
    }
    owed = true
    const waitMs = allowance.waitMs(hooks.now())
    if (waitMs > 0) {
      pauseReading('rate')
      rateTimer = setTimeout(() => resumeReading('rate'), Math.ceil(waitMs))
      return undefined
    }
    // aedes may ask again from within its parser, which a second answer would confuse: one in a turn
    if (servedInTurn === turns.current() || isSpent(turns.left())) {
      turns.wait(wake)
      return undefined
    }
    owed = false
    const got = takeFrames(limits.maxBytes, smaller(allowance.left(), smaller(perSocketAndTurn, turns.left())))
    if (got === undefined || 'code' in got) return got
    servedInTurn = turns.current()
    allowance.spend(got)
    turns.spend(got)
    idle?.refresh()
    return behindLane(got)
  }

  /** What is left for aedes; it is asked to come again when that is nothing. */
  function behindLane(got: Frames): Frames | undefined {
    const taken = lane(got.bytes)
    if (taken < got.bytes.length) return { ...got, bytes: got.bytes.subarray(taken) }
    owed = true
    turns.wait(wake)
    return undefined
  }

  function authenticated(bucket?: TokenBucket, ownLane = takesNothing): void {
    if (phase !== 'authenticate' || socket.destroyed) return
    phase = 'session'
    lane = ownLane
    loggedIn()
    clearTimeout(deadline)
    allowance.drawFrom(bucket)
    watchIdle()
    resumeReading('connack')
  }

  /** The server closes after one and a half times the keep-alive [MQTT-3.1.2-24]; not while it is us who do not read. */
  function watchIdle(): void {
    const silentMs = keepaliveSeconds * 1500
    idle = setTimeout(() => {
      if (isUnread()) return watchIdle()
      const text = `no packet for ${silentMs / 1000} s, 1.5 times the keep-alive`
      cut({ code: 'keepalive-timeout', text })
    }, silentMs)
  }

  /** Something of the client's may lie here that aedes has not got: we hold it back, or aedes still works on what came before. */
  function isUnread(): boolean {
    return holds.size > 0 || owed || !frames.hungry() || socket.readableLength > 0
  }

  socket.read = read
  return Object.assign(socket, { authenticated, pauseReading, resumeReading }) as GuardedSocket
}

const oneConnect: Budget = { packets: 1, bytes: Number.POSITIVE_INFINITY }
const unlimited: Budget = { packets: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

function smaller(a: Budget, b: Budget): Budget {
  return { packets: Math.min(a.packets, b.packets), bytes: Math.min(a.bytes, b.bytes) }
}

function without(budget: Budget, spent: Frames): Budget {
  return { packets: budget.packets - spent.packets, bytes: budget.bytes - spent.bytes.length }
}

function isSpent(budget: Budget): boolean {
  return budget.packets <= 0 || budget.bytes <= 0
}

/** What one connection has drawn from its gateway's bucket and not yet used. */
function createAllowance() {
  let bucket: TokenBucket | undefined
  let left = unlimited

  return {
    drawFrom(source: TokenBucket | undefined): void {
      bucket = source
      left = source ? { packets: 0, bytes: 0 } : unlimited
    },
    /** Draws the next slice when the last is used up, what the last packet overdrew included; ms until it may be used. */
    waitMs(nowMs: number): number {
      if (!bucket || !isSpent(left)) return 0
      const { messages, bytes } = bucket.slice
      const waitMs = bucket.draw(messages - left.packets, bytes - left.bytes, nowMs)
      left = { packets: messages, bytes }
      return waitMs
    },
    left: () => left,
    spend(spent: Frames): void {
      left = without(left, spent)
    },
  }
}

/** 64 KiB is what libuv reads at once; unverified defaults. */
const perSocketAndTurn: Budget = { packets: 256, bytes: 64 * 1024 }
/** About 50 ms of work for aedes at 6.5 µs per message; unverified defaults. */
const perTurn: Budget = { packets: 8192, bytes: 4 * 1024 * 1024 }

type Turns = ReturnType<typeof createTurns>

/**
 * Shares each turn of the event loop among the sockets: 500 clients flooding with QoS 0 held it for 6 to 13 s at a time, and
 * timers, commits and new connections with it. Who comes too late waits in line for the next turn.
 */
function createTurns() {
  let current = 0
  let left = perTurn
  let scheduled = false
  const waiting = new Set<() => void>()

  function schedule(): void {
    if (!scheduled) setImmediate(next)
    scheduled = true
  }

  function next(): void {
    scheduled = false
    current++
    left = perTurn
    // Whoever asks again during this turn stands behind the others
    let inLine = waiting.size
    for (const wake of waiting) {
      if (inLine-- === 0 || isSpent(left)) break
      waiting.delete(wake)
      wake()
    }
    if (waiting.size > 0) schedule()
  }

  return {
    current: () => current,
    left: () => left,
    spend(spent: Frames): void {
      left = without(left, spent)
      schedule()
    },
    wait(wake: () => void): void {
      waiting.add(wake)
      schedule()
    },
    forget(wake: () => void): void {
      waiting.delete(wake)
    },
  }
}
