import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Aedes, type Client } from 'aedes'
import mqtt from 'mqtt-packet'
import { afterEach, expect, test } from 'vitest'
import type { Breach } from './frames.ts'
import { createGuard, type Guard, type GuardedSocket, type GuardLimits } from './guard.ts'
import { createTokenBucket, type Rate } from './token-bucket.ts'

const usual: GuardLimits = {
  maxBytesBeforeConnack: 4096,
  maxBytes: 65_536,
  connectDeadlineMs: 10_000,
  authenticateDeadlineMs: 10_000,
  maxUnauthenticated: 100,
  maxConnections: 100,
  maxKeepaliveSeconds: 120,
}

interface Published {
  topic: string
  payload: Buffer
}

interface Door {
  port: number
  guard: Guard
  breaches: Breach[]
  published: Published[]
  guarded: GuardedSocket[]
  pings: number
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** aedes behind the guard on a free port, as the service wires it. */
async function openDoor(
  limits: Partial<GuardLimits> = {},
  options: {
    rate?: Rate
    now?: () => number
    authenticate?: 'never' | 'refuse'
    preConnectMs?: number
    onPublish?: (done: () => void) => void
  } = {},
): Promise<Door> {
  const breaches: Breach[] = []
  const published: Published[] = []
  const guarded: GuardedSocket[] = []
  const now = options.now ?? (() => performance.now())
  const aedes = await Aedes.createBroker({
    preConnect: (_client, packet, done) => {
      packet.keepalive = 0
      setTimeout(done, options.preConnectMs ?? 0, null, true).unref()
    },
    authenticate: (_client, _username, _password, done) => {
      if (options.authenticate !== 'never') done(null, options.authenticate !== 'refuse')
    },
    authorizePublish: (_client, { topic, payload }, done) => {
      published.push({ topic, payload: Buffer.from(payload) })
      if (options.onPublish) options.onPublish(() => done(null))
      else done(null)
    },
  })
  const bucket = options.rate && createTokenBucket(options.rate, now())
  aedes.on('connackSent', (packet: { returnCode?: number }, client: Client) => {
    if (packet.returnCode === 0) (client.conn as GuardedSocket).authenticated(bucket)
  })
  const guard = createGuard({ ...usual, ...limits }, { onBreach: (_socket, breach) => breaches.push(breach), now })
  const server = createServer((socket) => {
    const admitted = guard.admit(socket)
    if (!admitted) return
    guarded.push(admitted)
    aedes.handle(admitted)
  })
  closers.push(() => new Promise((resolve) => aedes.close(resolve)))
  const door: Door = { port: await listen(server), guard, breaches, published, guarded, pings: 0 }
  aedes.on('ping', () => door.pings++)
  return door
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

interface Peer {
  socket: Socket
  received: mqtt.Packet[]
  closed: Promise<void>
  send(...bytes: Uint8Array[]): void
}

async function dial(port: number, from = '127.0.0.1'): Promise<Peer> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from })
  const received: mqtt.Packet[] = []
  const parser = mqtt.parser()
  parser.on('packet', (packet) => received.push(packet))
  socket.on('data', (bytes) => parser.parse(bytes))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  closers.push(async () => {
    socket.destroy()
    await closed
  })
  await once(socket, 'connect')
  return { socket, received, closed, send: (...bytes) => socket.write(Buffer.concat(bytes)) }
}

const encode = (packet: unknown) => mqtt.generate(packet as mqtt.Packet)
const hello = (clientId = 'gw-7', keepalive = 60) =>
  encode({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean: true, keepalive })
const publish = (payload: string | Buffer, qos: 0 | 1 = 0, messageId = 1) =>
  encode({
    cmd: 'publish',
    topic: 'liftwatt/v1/gw-7/elv-1/telemetry',
    payload,
    qos,
    messageId,
    dup: false,
    retain: false,
  })
const ping = Buffer.from([0xc0, 0])

async function logIn(port: number, clientId?: string, keepalive?: number): Promise<Peer> {
  const peer = await dial(port)
  peer.send(hello(clientId, keepalive))
  await expect.poll(() => peer.received).toMatchObject([{ cmd: 'connack', returnCode: 0 }])
  return peer
}

const codes = (door: Door) => door.breaches.map(({ code }) => code)

test('a gateway logs in, publishes and gets its PUBACK and PINGRESP', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  gateway.send(publish('20.5', 1, 7), ping)

  await expect.poll(() => gateway.received).toHaveLength(3)
  expect(gateway.received.slice(1)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ cmd: 'puback', messageId: 7 }),
      expect.objectContaining({ cmd: 'pingresp' }),
    ]),
  )
  expect(door.published.map(({ payload }) => payload.toString())).toEqual(['20.5'])
  expect(door.guarded[0]?.remoteAddress).toBe('127.0.0.1')
  expect(door.breaches).toEqual([])
})

test('packets sent right behind the CONNECT wait for the CONNACK and are all served', async () => {
  // aedes queues 42 packets meanwhile and then drops the connection
  const door = await openDoor({}, { preConnectMs: 200 })
  const gateway = await dial(door.port)
  const sent = Array.from({ length: 400 }, (_, n) => publish(`${n}`))
  gateway.send(hello(), ...sent.slice(0, 200))
  await sleep(50)
  gateway.send(...sent.slice(200))

  await expect.poll(() => door.published).toHaveLength(400)
  expect(door.published.map(({ payload }) => Number(payload))).toEqual(sent.map((_, n) => n))
})

test('nothing is published before the client is authenticated', async () => {
  // Alone, aedes handles a PUBLISH that arrives in a chunk of its own while preConnect is at work
  const door = await openDoor({ authenticateDeadlineMs: 400 }, { preConnectMs: 60_000 })
  const stranger = await dial(door.port)
  stranger.send(hello())
  for (let n = 0; n < 3; n++) {
    await sleep(50)
    stranger.send(publish(`${n}`))
  }
  await stranger.closed
  expect(door.published).toEqual([])
})

test('a packet that arrives byte by byte is served', async () => {
  const door = await openDoor()
  const gateway = await dial(door.port)
  gateway.socket.setNoDelay(true)
  for (const byte of Buffer.concat([hello(), publish('21')])) {
    gateway.send(Buffer.from([byte]))
    await sleep(1)
  }
  await expect.poll(() => door.published.map(({ payload }) => payload.toString())).toEqual(['21'])
})

test('a CONNECT that claims 256 MB is cut after its header', async () => {
  const door = await openDoor()
  const attacker = await dial(door.port)
  attacker.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))

  await attacker.closed
  expect(codes(door)).toEqual(['packet-too-large'])
})

test('a CONNECT of 5 KiB is cut though a later packet may have it', async () => {
  const door = await openDoor()
  const attacker = await dial(door.port)
  attacker.send(hello('x'.repeat(5_000)))
  await attacker.closed
  expect(codes(door)).toEqual(['packet-too-large'])

  const gateway = await logIn(door.port)
  gateway.send(publish(Buffer.alloc(5_000)))
  await expect.poll(() => door.published).toHaveLength(1)
})

test('a PUBLISH of 64 KiB is stored, one byte more is cut', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  const headBytes = publish('').length - 2
  gateway.send(publish(Buffer.alloc(65_536 - headBytes, 1)))
  await expect.poll(() => door.published).toHaveLength(1)
  expect(door.published[0]?.payload).toHaveLength(65_536 - headBytes)

  gateway.send(publish(Buffer.alloc(65_537 - headBytes)).subarray(0, 10))
  await gateway.closed
  expect(codes(door)).toEqual(['packet-too-large'])
  expect(door.published).toHaveLength(1)
})

test.each([
  ['PUBLISH before CONNECT', [publish('1')], 'protocol-violation'],
  ['a second CONNECT', [hello(), hello()], 'protocol-violation'],
  ['a PINGRESP', [hello(), Buffer.from([0xd0, 0])], 'protocol-violation'],
  ['packet id 0', [hello(), Buffer.from([0x40, 2, 0, 0])], 'malformed-packet'],
  ['a remaining length of 5 bytes', [Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80])], 'malformed-packet'],
])('%s closes the connection once, and others stay', async (_, packets, code) => {
  const door = await openDoor()
  const other = await logIn(door.port, 'gw-8')
  const attacker = await dial(door.port)
  attacker.send(...packets)

  await attacker.closed
  expect(codes(door)).toEqual([code])
  other.send(ping)
  await expect.poll(() => other.received.at(-1)?.cmd).toBe('pingresp')
  await expect.poll(() => door.guard.counts()).toEqual({ connections: 1, unauthenticated: 0 })
})

test('what came before a bad packet is served first', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  gateway.send(publish('1', 1, 1), publish('2', 1, 2), Buffer.from([0xd0, 0]), publish('3', 1, 3))

  await gateway.closed
  expect(door.published.map(({ payload }) => payload.toString())).toEqual(['1', '2'])
  expect(gateway.received.filter(({ cmd }) => cmd === 'puback')).toHaveLength(2)
})

test.each([5, 6])('a client of protocol level %d is told so with CONNACK 1', async (level) => {
  const door = await openDoor()
  const client = await dial(door.port)
  const connectPacket = hello()
  connectPacket[8] = level
  client.send(connectPacket)

  await client.closed
  expect(client.received).toMatchObject([{ cmd: 'connack', returnCode: 1 }])
  expect(codes(door)).toEqual(['unsupported-protocol-level'])
})

test('a socket that sends no whole CONNECT is closed at the deadline', async () => {
  const door = await openDoor({ connectDeadlineMs: 50 })
  const silent = await dial(door.port)
  const slow = await dial(door.port)
  slow.send(hello().subarray(0, 9))

  await Promise.all([silent.closed, slow.closed])
  expect(codes(door)).toEqual(['connect-deadline', 'connect-deadline'])
  await expect.poll(() => door.guard.counts()).toEqual({ connections: 0, unauthenticated: 0 })
})

test('an authentication that never answers is closed at the deadline', async () => {
  const door = await openDoor({ connectDeadlineMs: 5_000, authenticateDeadlineMs: 50 }, { authenticate: 'never' })
  const client = await dial(door.port)
  client.send(hello())

  await client.closed
  expect(codes(door)).toEqual(['authenticate-deadline'])
})

test('a client that is logged in outlives both deadlines', async () => {
  const door = await openDoor({ connectDeadlineMs: 400, authenticateDeadlineMs: 400 })
  const gateway = await logIn(door.port)
  await sleep(900)
  gateway.send(ping)

  await expect.poll(() => gateway.received).toHaveLength(2)
  expect(door.breaches).toEqual([])
})

test('a refused client gets its CONNACK and is no breach of the guard', async () => {
  const door = await openDoor({}, { authenticate: 'refuse' })
  const client = await dial(door.port)
  client.send(hello())

  await client.closed
  expect(client.received).toMatchObject([{ cmd: 'connack', returnCode: 5 }])
  expect(door.breaches).toEqual([])
})

test('sockets that do not log in cannot take the places of those who do', async () => {
  const door = await openDoor({ maxUnauthenticated: 2 })
  const gateway = await logIn(door.port)
  const waiting = [await dial(door.port), await dial(door.port)]
  await expect.poll(() => door.guard.counts()).toEqual({ connections: 3, unauthenticated: 2 })
  const refused = await dial(door.port)
  await refused.closed
  expect(codes(door)).toEqual(['too-many-unauthenticated'])

  waiting[0]?.socket.destroy()
  await expect.poll(() => door.guard.counts().unauthenticated).toBe(1)
  await logIn(door.port, 'gw-8')
  gateway.send(ping)
  await expect.poll(() => gateway.received).toHaveLength(2)
})

test('an address that has taken all the places gives one up to another, its oldest, until both have as many', async () => {
  const door = await openDoor({ maxUnauthenticated: 4 })
  const greedy: Peer[] = []
  for (const _ of [1, 2, 3, 4]) greedy.push(await dial(door.port))
  await expect.poll(() => door.guard.counts().unauthenticated).toBe(4)

  const others = [await dial(door.port, '127.0.0.2'), await dial(door.port, '127.0.0.2')]
  await Promise.all([greedy[0]?.closed, greedy[1]?.closed])
  expect(codes(door)).toEqual(['too-many-unauthenticated', 'too-many-unauthenticated'])
  expect(door.guard.counts()).toEqual({ connections: 4, unauthenticated: 4 })

  await (await dial(door.port, '127.0.0.2')).closed
  await (await dial(door.port)).closed
  for (const kept of [...others, ...greedy.slice(2)]) expect(kept.socket.destroyed).toBe(false)
  others[0]?.send(hello('gw-8'))
  await expect.poll(() => others[0]?.received).toMatchObject([{ cmd: 'connack', returnCode: 0 }])
  expect(door.guard.counts()).toEqual({ connections: 4, unauthenticated: 3 })
})

test('no more connections than allowed, and a place is free again when one ends', async () => {
  const door = await openDoor({ maxConnections: 1 })
  const first = await logIn(door.port)
  const second = await dial(door.port)
  await second.closed
  expect(codes(door)).toEqual(['too-many-connections'])

  first.socket.destroy()
  await expect.poll(() => door.guard.counts().connections).toBe(0)
  await logIn(door.port)
})

test('a flood is slowed to the rate, and nothing of it is lost', async () => {
  const door = await openDoor({}, { rate: { messagesPerSecond: 200, bytesPerSecond: 1_000_000 } })
  const gateway = await logIn(door.port)
  const startedMs = performance.now()
  gateway.send(...Array.from({ length: 400 }, (_, n) => publish(`${n}`)))

  await expect.poll(() => door.published).toHaveLength(400)
  // The burst of one second is free, the other 200 messages take a second; the last slice is free to go 50 ms before its end
  expect(performance.now() - startedMs).toBeGreaterThan(900)
  expect(door.published.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 400 }, (_, n) => n))
  expect(door.breaches).toEqual([])
})

test('bytes are slowed too, and packets larger than a slice pass', async () => {
  const door = await openDoor({}, { rate: { messagesPerSecond: 1000, bytesPerSecond: 100_000 } })
  const gateway = await logIn(door.port)
  const startedMs = performance.now()
  gateway.send(...Array.from({ length: 5 }, () => publish(Buffer.alloc(30_000))))

  await expect.poll(() => door.published).toHaveLength(5)
  // 150 kB, of which 100 kB are the burst and the last 30 kB are paid for afterwards
  expect(performance.now() - startedMs).toBeGreaterThan(150)
})

test('two connections of one gateway share its rate, and neither starves', async () => {
  const door = await openDoor({}, { rate: { messagesPerSecond: 200, bytesPerSecond: 1_000_000 } })
  const [one, two] = [await logIn(door.port, 'one'), await logIn(door.port, 'two')]
  one.send(...Array.from({ length: 400 }, () => publish('one')))
  two.send(...Array.from({ length: 400 }, () => publish('two')))

  await expect.poll(() => door.published.length).toBeGreaterThan(400)
  const ofOne = door.published.filter(({ payload }) => payload.toString() === 'one').length
  expect(ofOne).toBeGreaterThan(100)
  expect(door.published.length - ofOne).toBeGreaterThan(100)
})

test('a gateway that was idle sends nearly a second of its rate without a pause', async () => {
  // The clock stands, so nothing is refilled: without the burst each slice would wait longer than the last, 8.5 s in all
  const door = await openDoor({}, { rate: { messagesPerSecond: 1000, bytesPerSecond: 1_048_576 }, now: () => 0 })
  const gateway = await logIn(door.port)
  gateway.send(...Array.from({ length: 900 }, (_, n) => publish(`${n}`)))
  await expect.poll(() => door.published).toHaveLength(900)
})

test('while reading is paused nothing is taken; after the last resume all of it is', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  const [socket] = door.guarded
  socket?.pauseReading('unacknowledged')
  socket?.pauseReading('disk')
  gateway.send(publish('1', 1, 1), publish('2', 1, 2))
  await sleep(50)
  expect(door.published).toEqual([])

  socket?.resumeReading('disk')
  await sleep(20)
  expect(door.published).toEqual([])
  socket?.resumeReading('unacknowledged')
  await expect.poll(() => gateway.received).toHaveLength(3)
})

test('a paused socket pushes back to the sender instead of filling our memory', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  door.guarded[0]?.pauseReading('unacknowledged')
  const sent = Array.from({ length: 400 }, () => publish(Buffer.alloc(60_000)))
  gateway.send(...sent)
  await sleep(200)

  expect(gateway.socket.writableLength).toBeGreaterThan(0)
  expect(door.guarded[0]?.readableLength).toBeLessThanOrEqual(128 * 1024)
  door.guarded[0]?.resumeReading('unacknowledged')
  await expect.poll(() => door.published).toHaveLength(400)
})

test('what a client sent before it hung up is still served, though reading was paused', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  door.guarded[0]?.pauseReading('unacknowledged')
  gateway.send(publish('1'), publish('2'))
  gateway.socket.end()
  await sleep(50)
  door.guarded[0]?.resumeReading('unacknowledged')

  await expect.poll(() => door.published).toHaveLength(2)
  await expect.poll(() => door.guard.counts().connections).toBe(0)
})

test('one flooding client does not hold the event loop: timers run in between', async () => {
  const door = await openDoor()
  const gateway = await logIn(door.port)
  const flood = Array.from({ length: 20_000 }, () => ping)
  const turns = [0]
  const timer = setInterval(() => turns.push(door.pings), 1)
  gateway.send(...flood)

  await expect.poll(() => gateway.received).toHaveLength(20_001)
  clearInterval(timer)
  const steps = turns.slice(1).map((count, n) => count - (turns[n] ?? 0))
  expect(Math.max(...steps)).toBeLessThan(4_000)
})

test.each([0, 65_535])(
  'a dead client with keep-alive %d is cut after 1.5 times the longest allowed',
  async (keepalive) => {
    const door = await openDoor({ maxKeepaliveSeconds: 0.2 })
    const dead = await logIn(door.port, 'dead', keepalive)
    const startedMs = performance.now()

    await dead.closed
    expect(performance.now() - startedMs).toBeGreaterThan(200)
    expect(codes(door)).toEqual(['keepalive-timeout'])
  },
)

test('a client with a keep-alive of its own is cut after 1.5 times that, unless it pings', async () => {
  const door = await openDoor()
  const dead = await logIn(door.port, 'dead', 1)
  const alive = await logIn(door.port, 'alive', 1)
  const startedMs = performance.now()
  const beat = setInterval(() => alive.send(ping), 250)

  await dead.closed
  expect(performance.now() - startedMs).toBeGreaterThan(1_000)
  await sleep(800)
  clearInterval(beat)
  expect(codes(door)).toEqual(['keepalive-timeout'])
  expect(door.guard.counts().connections).toBe(1)
})

test('one whose ping we have not read is not silent: neither held back, nor behind messages that are being written', async () => {
  const written: (() => void)[] = []
  const door = await openDoor({}, { onPublish: (done) => written.push(done) })
  const heldBack = await logIn(door.port, 'held back', 1)
  const slow = await logIn(door.port, 'slow', 1)
  door.guarded[0]?.pauseReading('unacknowledged')
  heldBack.send(ping)
  slow.send(...[1, 2, 3].map((id) => publish('20.5', 1, id)))
  await expect.poll(() => written).toHaveLength(3)
  slow.send(ping)
  await sleep(2_500)
  expect([door.breaches, door.guard.counts().connections]).toEqual([[], 2])

  for (const done of written) done()
  door.guarded[0]?.resumeReading('unacknowledged')
  await expect.poll(() => heldBack.received.at(-1)).toMatchObject({ cmd: 'pingresp' })
  await expect.poll(() => slow.received.at(-1)).toMatchObject({ cmd: 'pingresp' })
  await Promise.all([heldBack.closed, slow.closed])
  expect(codes(door)).toEqual(['keepalive-timeout', 'keepalive-timeout'])
})

test('a client without keep-alive that goes on sending stays, and so does one we do not read from', async () => {
  const door = await openDoor({ maxKeepaliveSeconds: 0.8 })
  const alive = await logIn(door.port, 'alive', 0)
  await logIn(door.port, 'paused', 0)
  door.guarded[1]?.pauseReading('unacknowledged')
  for (let n = 0; n < 16; n++) {
    alive.send(ping)
    await sleep(100)
  }
  expect(door.breaches).toEqual([])
  expect(door.guard.counts().connections).toBe(2)
})
