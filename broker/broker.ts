import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from 'aedes'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Service } from '../core/service.ts'
import { commandsTopic } from '../core/topic.ts'
import type { Journal } from '../stores/journal/port.ts'
import { type Accepted, createAcceptance } from './accept.ts'
import { type Authenticator, createBackoff } from './authenticate.ts'
import { type MappingInForce, mayLeaveWill, mayPublish, maySubscribe, type RightsBreach } from './authorize.ts'
import { createGuard, type GuardedSocket, type GuardLimits } from './guard.ts'
import { createLane } from './lane.ts'
import { createTokenBucket, type Rate, type TokenBucket } from './token-bucket.ts'

export interface BrokerOptions {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly port: number; readonly cert: Buffer; readonly key: Buffer }
  readonly journal: Journal
  readonly authenticator: Authenticator
  /** Of a gateway that speaks in its own words. */
  readonly mappingOf?: (gatewayId: string) => MappingInForce | undefined
  /** Why nothing can be stored at present; null when it can. Nobody is let in meanwhile. */
  readonly storageProblem: () => string | null
  readonly guard: GuardLimits
  readonly rate: Rate
  readonly clock: Clock
  readonly log: Log
  /** Something a gateway (or somebody at its door) was refused. `gatewayId` is null before it has proven who it is. */
  readonly onRefusal: (refusal: BrokerRefusal) => void
  readonly onAccepted?: (accepted: Accepted) => void
}

export interface BrokerRefusal {
  readonly gatewayId: string | null
  /** In whose name it was tried, where that is a gateway of ours; nothing has proven it. */
  readonly claimedId?: string | undefined
  readonly address: string
  readonly reason: string
  readonly text: string
  /** A breach of rights is audited; a lost link or a full house is not. */
  readonly breach: boolean
  /** What it published where it may not. */
  readonly message?: { readonly topic: string; readonly payload: Uint8Array }
}

export interface Broker extends Service {
  readonly port: number
  readonly tlsPort: number | null
  /** Cuts every connection whose credential is no longer valid. */
  dropRevoked(): void
  /**
   * To the gateway's own `commands` topic. Resolves when it was handed to the connection.
   * @throws {Error} it is not connected, or does not listen there
   */
  send(gatewayId: string, payload: string): Promise<void>
  isConnected(gatewayId: string): boolean
  /** While it is on, connections are read no further after what they send next; what they sent is acknowledged. */
  holdBack(on: boolean): void
  status(): { connections: number; unauthenticated: number; pendingBytes: number }
}

/** What we know of a connection; aedes hands the client back to every hook. */
interface Session {
  gatewayId: string
  credentialId: string
  socket: GuardedSocket
  /** Topics it has published to, each of ASCII: checked once, then looked up. */
  deviceOfTopic: Map<string, string>
}

/** As aedes itself calls it; its types know only the public form. */
type Publish = (packet: { topic: string }, client: unknown, done: unknown) => void

const topicsRemembered = 1_000
/** aedes' own wait for a subscriber that does not read; while it lasts, publishers to its topics wait too. */
const drainTimeoutMs = 5_000

/** Opens the MQTT door: guard, credentials, topics, journal. A PUBACK leaves only when the message is on disk. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { journal, authenticator, mappingOf = () => undefined, clock, log, onRefusal } = options
  const sessions = new WeakMap<Client, Session>()
  /** Those without a client id: aedes has given them one of its own, which would tell nobody anything. */
  const unnamed = new WeakSet<Client>()
  const buckets = new Map<string, TokenBucket>()
  const backoff = createBackoff(clock)
  const acceptance = createAcceptance({ journal, clock, ...(options.onAccepted && { onAccepted: options.onAccepted }) })
  let stopping = false

  const guard = createGuard(options.guard, {
    now: () => performance.now(),
    onBreach(socket, breach) {
      const gatewayId = sessionOf(socket)?.gatewayId ?? null
      const isBreach = breach.code !== 'keepalive-timeout' // a lost link is nobody's guilt
      onRefusal({ gatewayId, address: addressOf(socket), reason: breach.code, text: breach.text, breach: isBreach })
    },
  })

  function sessionOf(socket: Socket & { client?: Client }): Session | undefined {
    return socket.client && sessions.get(socket.client)
  }

  function breached(client: Client, breach: RightsBreach & Pick<BrokerRefusal, 'message'>): Error {
    const session = sessions.get(client)
    const address = addressOf(client.conn as Socket)
    onRefusal({ gatewayId: session?.gatewayId ?? null, address, ...breach, breach: true })
    return new Error(breach.text)
  }

  const hooks: AedesOptions = {
    preConnect(client, packet, done) {
      if (packet.clientId === '') unnamed.add(client)
      // stored sessions are not offered: what matters is kept in our journal and in the gateway's outbox
      packet.clean = true
      // the guard has read it and keeps the time; aedes would cut those whose PINGREQ waits while we hold them back
      packet.keepalive = 0
      done(null, !stopping)
    },

    authenticate(client, username, password, done) {
      const login = { clientId: unnamed.has(client) ? '' : client.id, username, password }
      const answer = authenticator.check(login)
      if ('returnCode' in answer) {
        const address = addressOf(client.conn as Socket)
        const { returnCode, gatewayId, claimedId, reason, text } = answer
        onRefusal({ gatewayId, claimedId, address, reason, text, breach: true })
        setTimeout(() => done(authenticateError(returnCode, text), false), backoff.failed(address))
        return
      }
      const { gatewayId } = answer
      const socket = client.conn as GuardedSocket
      sessions.set(client, { ...answer, socket, deviceOfTopic: new Map() })

      const will = (client as { _will?: { topic: string; qos: number } })._will
      const breach = will && mayLeaveWill(gatewayId, will, mappingOf(gatewayId))
      if (breach) return done(authenticateError(5, breached(client, breach).message), false)
      const problem = options.storageProblem()
      if (problem !== null) return done(authenticateError(3, `the service cannot store anything: ${problem}`), false)
      done(null, true)
    },

    // Replaces aedes' default, which refuses $SYS topics; here only the gateway's own telemetry topics and those of its mapping pass.
    authorizePublish(client, packet, done) {
      const session = client && sessions.get(client)
      if (!session) return done(new Error('not connected'))
      let deviceId = session.deviceOfTopic.get(packet.topic)
      if (deviceId === undefined || packet.qos === 2) {
        const { gatewayId, socket } = session
        const allowed = mayPublish(gatewayId, packet.topic, packet.qos, mappingOf(gatewayId))
        if ('reason' in allowed) {
          const message = { topic: packet.topic, payload: packet.payload as Buffer }
          return done(breached(client, { ...allowed, message }))
        }
        // not remembered: a mapping may change while it is connected
        if ('topic' in allowed) return acceptance.acceptRaw(gatewayId, allowed, packet.payload as Buffer, socket, done)
        deviceId = allowed.deviceId
        if (session.deviceOfTopic.size < topicsRemembered) session.deviceOfTopic.set(packet.topic, deviceId)
      }
      acceptance.accept(session.gatewayId, [{ deviceId, payload: packet.payload as Buffer }], session.socket, done)
    },

    authorizeSubscribe(client, subscription, done) {
      const session = sessions.get(client)
      const breach = maySubscribe(session?.gatewayId ?? '', subscription.topic)
      if (breach === undefined) return done(null, subscription)
      breached(client, breach)
      done(null, null) // SUBACK 0x80 [MQTT-3.9.3]
    },
  }

  const aedes = await Aedes.createBroker({
    ...hooks,
    drainTimeout: drainTimeoutMs,
    connectTimeout: options.guard.connectDeadlineMs,
  })
  // What gateways publish has no subscribers, it has a journal: aedes' way to them costs as much as all the rest (docs/performance.md),
  // and would keep what a gateway in its own words wants retained. What aedes says itself begins with $
  const toSubscribers = aedes.publish.bind(aedes) as unknown as Publish
  const publish: Publish = (packet, client, done) => {
    if (!packet.topic.startsWith('$') && typeof done === 'function') done()
    else toSubscribers(packet, client, done)
  }
  aedes.publish = publish as unknown as typeof aedes.publish

  aedes.on('connackSent', (packet, client) => {
    const session = sessions.get(client)
    if (session === undefined || packet.returnCode !== 0) return
    const { gatewayId, socket, deviceOfTopic } = session
    let bucket = buckets.get(gatewayId)
    if (bucket === undefined) {
      bucket = createTokenBucket(options.rate, performance.now())
      buckets.set(gatewayId, bucket)
    }
    const lane = createLane({
      ...{ socket, drainTimeoutMs },
      deviceOf: (topic) => deviceOfTopic.get(topic),
      accept: (messages, done) => acceptance.accept(gatewayId, messages, socket, done),
    })
    socket.authenticated(bucket, lane)
    log.debug({ gateway: gatewayId, address: addressOf(socket) }, 'gateway connected')
  })
  // each is a client's own trouble, told where it arose; without listeners aedes would end the process
  aedes.on('clientError', (_client, error) => log.debug({ reason: error.message }, 'a connection ended with an error'))
  aedes.on('connectionError', (_client, error) => log.debug({ reason: error.message }, 'a connection failed'))
  ;(aedes as unknown as NodeJS.EventEmitter).on('error', (error: Error) =>
    log.error({ reason: error.message }, 'the broker failed'),
  )

  const admit = (socket: Socket) => {
    const guarded = guard.admit(socket)
    if (guarded !== undefined) aedes.handle(guarded)
  }
  const servers: Server[] = []
  const closeServers = () => servers.forEach((server) => void server.close())
  const closeAedes = () => new Promise<void>((resolve) => aedes.close(resolve))
  const open = async (server: Server, port: number) => {
    servers.push(await listen(server, options.host, port))
    return server
  }
  let tcp: Server
  let tlsServer: Server | undefined
  try {
    tcp = await open(createTcpServer({ noDelay: true }, admit), options.port)
    if (options.tls !== undefined) tlsServer = await open(createTlsDoor(options.tls), options.tls.port)
  } catch (cause) {
    closeServers() // one door does not stay open without the other
    await closeAedes()
    throw cause
  }

  function createTlsDoor({ cert, key }: { readonly cert: Buffer; readonly key: Buffer }): Server {
    const server = createTlsServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }, admit)
    server.maxConnections = options.guard.maxConnections // the guard sees nobody before the handshake
    server.on('tlsClientError', (error: Error, socket: Socket) => {
      log.debug({ reason: error.message }, 'a TLS handshake failed')
      socket.destroy() // Node leaves one that timed out open
    })
    return server
  }

  const byClientId = () => (aedes as unknown as { clients: Record<string, Client> }).clients
  const clients = (): Client[] => Object.values(byClientId())

  return {
    name: 'broker',
    port: portOf(tcp),
    tlsPort: tlsServer ? portOf(tlsServer) : null,
    status: () => ({ ...guard.counts(), pendingBytes: acceptance.pendingBytes() }),

    dropRevoked() {
      for (const client of clients()) {
        const session = sessions.get(client)
        if (session === undefined || authenticator.isValid(session.credentialId)) continue
        const text = 'The credential was revoked; the connection was closed'
        const address = addressOf(session.socket)
        onRefusal({ gatewayId: session.gatewayId, address, reason: 'revoked', text, breach: false })
        client.close()
      }
    },

    send(gatewayId, payload) {
      const topic = commandsTopic(gatewayId)
      const client = clients().find((candidate) => sessions.get(candidate)?.gatewayId === gatewayId)
      if (client === undefined) return Promise.reject(new Error(`The gateway ${gatewayId} is not connected`))
      const listens = Object.hasOwn((client as unknown as { subscriptions: object }).subscriptions, topic)
      if (!listens) return Promise.reject(new Error(`The gateway ${gatewayId} does not listen to its commands`))
      const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const
      return new Promise((resolve, reject) => client.publish(packet, (error) => (error ? reject(error) : resolve())))
    },

    isConnected(gatewayId) {
      const client = byClientId()[gatewayId] // a gateway's client id is its own
      return client !== undefined && sessions.get(client)?.gatewayId === gatewayId
    },

    holdBack: (on) => acceptance.holdBack(on),

    async stop() {
      stopping = true
      closeServers()
      // what was received before the stop is still written and acknowledged
      for (const client of clients()) sessions.get(client)?.socket.pauseReading('stopping')
      await acceptance.settled()
      await closeAedes()
    },
  }
}

function authenticateError(returnCode: 2 | 3 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError
}

function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? 'unknown'
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function listen(server: Server, host: string, port: number): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4096 }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  return server
}
