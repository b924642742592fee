import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { reasonOf } from '../core/errors.ts'

export interface UplinkOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  readonly gatewayId: string
  readonly password: string
  /** The authority that signed the broker's certificate, PEM; the system's when absent. */
  readonly ca?: string | undefined
  readonly timing: UplinkTiming
  readonly random: () => number
  /** A connection is there. It is over once its `closed` is aborted; the next one comes by itself. */
  onConnected(connection: Connection): void
  /** Every failed attempt and every lost connection, in words for the installer. */
  onProblem(problem: Problem): void
}

export interface UplinkTiming {
  readonly connectTimeoutMs: number
  /** How long a PUBACK may take before the connection counts as dead. */
  readonly acknowledgeTimeoutMs: number
  /** The first pause before connecting again; it doubles with each failure up to the longest. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** Pause after the broker has refused the credential: trying often cannot help and looks like an attack. */
  readonly refusedPauseMs: number
  readonly keepaliveSeconds: number
}

export const defaultTiming: UplinkTiming = {
  connectTimeoutMs: 10_000,
  acknowledgeTimeoutMs: 15_000,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  refusedPauseMs: 60_000,
  keepaliveSeconds: 60,
}

export interface Problem {
  readonly sentence: string
  /** The broker answered, and said no to this credential. */
  readonly refused: boolean
}

export interface Connection {
  readonly closed: AbortSignal
  /** Resolves at the PUBACK; rejects when there is none in time or when the connection closes: it always settles. */
  publish(topic: string, payload: string): Promise<void>
}

export interface Uplink {
  /** Takes leave of the broker (DISCONNECT) and connects no more. */
  stop(): Promise<void>
}

/**
 * Keeps one MQTT 3.1.1 connection to the broker, for ever.
 *
 * Each connection is a fresh MQTT.js client without reconnecting and without a session: what is unacknowledged is the outbox's
 * business, and MQTT.js' own store would send it a second time, or lose it (mqttjs/MQTT.js #1457, #2015).
 */
export function keepUplink(options: UplinkOptions): Uplink {
  const { timing } = options
  let failures = 0
  let stopped = false
  let current: { readonly client: MqttClient; readonly closed: AbortController } | undefined
  let timer: NodeJS.Timeout | undefined

  function attempt(): void {
    const client = connect(options.url, clientOptions(options))
    const closed = new AbortController()
    // One for each message under way.
    setMaxListeners(0, closed.signal)
    let lastError: Error | undefined
    current = { client, closed }

    client.on('connect', () => {
      options.onConnected({ closed: closed.signal, publish: (topic, payload) => publish(topic, payload) })
    })
    client.on('error', (error) => {
      lastError ??= error
      over()
    })
    client.on('close', () => over())

    // #1974: MQTT.js may never answer a publish whose connection has closed.
    function publish(topic: string, payload: string): Promise<void> {
      return new Promise((resolve, reject) => {
        const giveUp = () => settle(() => reject(new Error('The connection closed before the acknowledgement')))
        const late = setTimeout(() => {
          over(new Error(`no acknowledgement within ${timing.acknowledgeTimeoutMs / 1_000} s`))
        }, timing.acknowledgeTimeoutMs)
        const settle = (answer: () => void) => {
          clearTimeout(late)
          closed.signal.removeEventListener('abort', giveUp)
          answer()
        }
        if (closed.signal.aborted) return giveUp()
        closed.signal.addEventListener('abort', giveUp)
        client.publish(topic, payload, { qos: 1 }, (error) => {
          if (error) return over(error)
          failures = 0
          settle(resolve)
        })
      })
    }

    function over(error?: Error): void {
      if (closed.signal.aborted) return
      closed.abort()
      client.end(true)
      if (stopped) return

      const problem = describe(error ?? lastError, options)
      options.onProblem(problem)
      timer = setTimeout(attempt, pauseAfter(failures++, problem, options))
    }
  }

  attempt()

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      if (!current) return
      await leave(current.client)
      current.closed.abort()
    },
  }
}

function clientOptions(options: UplinkOptions): IClientOptions {
  return {
    protocolVersion: 4,
    clean: true,
    clientId: options.gatewayId,
    username: options.gatewayId,
    password: options.password,
    keepalive: options.timing.keepaliveSeconds,
    connectTimeout: options.timing.connectTimeoutMs,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    timerVariant: 'native',
    ...(options.ca ? { ca: options.ca } : {}),
  }
}

/** Doubles from failure to failure, and differs from gateway to gateway: a broker that comes back must not meet all at once. */
export function pauseAfter(failures: number, { refused }: Problem, options: Pick<UplinkOptions, 'timing' | 'random'>) {
  const { firstPauseMs, longestPauseMs, refusedPauseMs } = options.timing
  const pauseMs = refused ? refusedPauseMs : Math.min(longestPauseMs, firstPauseMs * 2 ** failures)
  return pauseMs * (0.5 + options.random() / 2)
}

/** Return codes of a CONNACK [MQTT-3.1.1, table 3.1]. */
const identifierRejected = 2
const badUserNameOrPassword = 4
const notAuthorized = 5

function describe(error: Error | undefined, { gatewayId, url }: UplinkOptions): Problem {
  const code = error && 'code' in error ? error.code : undefined
  if (code === badUserNameOrPassword || code === notAuthorized) {
    return {
      refused: true,
      sentence: `The broker at ${url} refuses gateway ${gatewayId}: the password is wrong, or no such gateway is registered`,
    }
  }
  if (code === identifierRejected) {
    return { refused: true, sentence: `The broker at ${url} refuses the client id ${gatewayId}` }
  }
  return {
    refused: false,
    sentence: error
      ? `The connection to ${url} failed: ${reasonOf(error)}`
      : `The broker at ${url} closed the connection`,
  }
}

/** A broker that does not answer must not hold us: after a second the socket is simply closed. */
async function leave(client: MqttClient): Promise<void> {
  if (client.connected) {
    const patience = new AbortController()
    await Promise.race([client.endAsync(), sleep(1_000, undefined, { signal: patience.signal })])
    patience.abort()
  }
  client.end(true)
  client.stream.destroy()
}
