/**
 * The load generator, a process of its own: raw sockets, packets encoded beforehand, PUBACKs counted by their bytes. It must
 * cost little beside the service that it loads, and it prints what it did cost.
 */
import { connect as connectSocket, type Socket } from 'node:net'
import {
  type EncodedMessages,
  encodeConnect,
  encodeMessages,
  type FromGenerator,
  type LoadClient,
  patchMessage,
  type ToGenerator,
} from './mqtt-load.ts'

interface Connection {
  readonly socket: Socket
  readonly messages: EncodedMessages
  /** When each of the last messages was due, by its number: acknowledgements come in the order of the messages. */
  readonly dueAtMs: Float64Array
  sent: number
  acknowledged: number
  /** Bytes of a PUBACK whose rest is still to come. */
  partBytes: number
  lastAt: number
}

/** CONNACK and PUBACK have the same length [MQTT-3.1.1, 3.2 and 3.4]. */
const answerBytes = 4
const connectingAtOnce = 50
const restLimitMs = 30_000
/** One for all sockets: what is in it is counted before the next socket is read. */
const readBuffer = Buffer.alloc(64 * 1024)

let connections: Connection[] = []
let window = 0
let openLoop: { startedAtMs: number; messagesPerSecond: number; scheduled: number; next: number } | undefined
let acknowledged = 0
let sent = 0
let latenciesMs: number[] = []
let latenessMs: number[] = []

const say = (message: FromGenerator) => process.send?.(message)

function openConnection(client: LoadClient, port: number): Promise<Connection> {
  const messages = encodeMessages(client)
  return new Promise((resolve, reject) => {
    const socket = connectSocket({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (bytes) => {
          if (connection.sent > 0) takeAnswers(connection, bytes)
          else if (bytes === answerBytes && readBuffer[0] === 0x20 && readBuffer[3] === 0) resolve(connection)
          else reject(new Error(`${client.clientId} was not let in: ${readBuffer.toString('hex', 0, bytes)}`))
          return true
        },
      },
    })
    const connection: Connection = {
      socket,
      messages,
      dueAtMs: new Float64Array(messages.count),
      sent: 0,
      acknowledged: 0,
      partBytes: 0,
      lastAt: 0,
    }
    socket.on('error', reject)
    socket.on('close', () => say({ type: 'failed', reason: `the connection of ${client.clientId} was closed` }))
    socket.write(encodeConnect(client))
  })
}

function takeAnswers(connection: Connection, bytes: number): void {
  const all = connection.partBytes + bytes
  const count = Math.floor(all / answerBytes)
  connection.partBytes = all - count * answerBytes
  acknowledged += count
  if (openLoop !== undefined) noteLatencies(connection, count)
  connection.acknowledged += count
  if (window > 0) send(connection, window - (connection.sent - connection.acknowledged))
}

function noteLatencies({ dueAtMs, acknowledged: first, messages }: Connection, count: number): void {
  const now = performance.now()
  for (let number = first; number < first + count; number++)
    latenciesMs.push(now - (dueAtMs[number % messages.count] ?? 0))
}

/** A packet's place is used again only when its last use is acknowledged, so no byte in flight is overwritten. */
function send(connection: Connection, count: number): void {
  const { socket, messages } = connection
  const now = Date.now()
  for (let left = count; left > 0; ) {
    const first = connection.sent % messages.count
    const run = Math.min(left, messages.count - first)
    for (let index = first; index < first + run; index++) {
      connection.lastAt = Math.max(connection.lastAt + 1, now)
      patchMessage(messages, index, 1 + (connection.sent % 65_535), connection.lastAt)
      connection.sent += 1
    }
    socket.write(messages.bytes.subarray(messages.starts[first], messages.starts[first + run]))
    sent += run
    left -= run
  }
}

function sendWhatIsDue(): void {
  const loop = openLoop
  if (loop === undefined) return
  const now = performance.now()
  const due = Math.floor(((now - loop.startedAtMs) / 1000) * loop.messagesPerSecond)
  for (let passed = 0; loop.scheduled < due && passed < connections.length; loop.next++) {
    const connection = connections[loop.next % connections.length] as Connection
    const inFlight = connection.sent - connection.acknowledged
    if (inFlight === connection.messages.count) {
      passed += 1
      continue
    }
    passed = 0
    const dueAtMs = loop.startedAtMs + (loop.scheduled / loop.messagesPerSecond) * 1000
    connection.dueAtMs[connection.sent % connection.messages.count] = dueAtMs
    latenessMs.push(now - dueAtMs)
    send(connection, 1)
    loop.scheduled += 1
  }
  setTimeout(sendWhatIsDue, 1)
}

async function connectAll(port: number, clients: readonly LoadClient[]): Promise<void> {
  for (let first = 0; first < clients.length; first += connectingAtOnce) {
    const some = clients.slice(first, first + connectingAtOnce)
    connections.push(...(await Promise.all(some.map((client) => openConnection(client, port)))))
  }
  say({ type: 'connected' })
}

/** Sends nothing more and waits for what is in flight. */
function rest(untilMs = performance.now() + restLimitMs): void {
  window = 0
  openLoop = undefined
  const open = sent - acknowledged
  if (open === 0) say({ type: 'resting' })
  else if (performance.now() > untilMs) say({ type: 'failed', reason: `${open} messages were not acknowledged` })
  else setTimeout(rest, 5, untilMs)
}

function sample(): void {
  const { user, system } = process.cpuUsage()
  say({
    type: 'sample',
    atMs: performance.now(),
    sent,
    acknowledged,
    cpuSeconds: (user + system) / 1e6,
    latenciesMs: Float64Array.from(latenciesMs),
    latenessMs: Float64Array.from(latenessMs),
  })
  latenciesMs = []
  latenessMs = []
}

process.on('message', (message: ToGenerator) => {
  if (message.type === 'connect') {
    connectAll(message.port, message.clients).catch((cause: Error) => say({ type: 'failed', reason: cause.message }))
  } else if (message.type === 'closed-loop') {
    window = message.window
    for (const connection of connections) send(connection, window)
  } else if (message.type === 'open-loop') {
    const { messagesPerSecond } = message
    openLoop = { startedAtMs: performance.now(), messagesPerSecond, scheduled: 0, next: 0 }
    sendWhatIsDue()
  } else if (message.type === 'rest') rest()
  else if (message.type === 'sample') sample()
  else {
    for (const { socket } of connections) {
      socket.removeAllListeners('close')
      socket.destroy()
    }
    connections = []
    process.disconnect()
  }
})
