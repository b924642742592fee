import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { parseTelemetryTopic } from '../core/topic.ts'
import type { GatewayReading } from './message.ts'

export interface ReceivedMessage {
  readonly deviceId: string
  readonly readings: readonly GatewayReading[]
  /** Of its packet [MQTT-3.1.1, 2.2.3]. */
  readonly remainingBytes: number
}

export interface TestBroker {
  readonly url: string
  readonly port: number
  /** All that it acknowledged, in the order of arrival; what came twice is there twice. */
  readonly messages: ReceivedMessage[]
  /** Takes messages and never answers, as long as it is set. */
  silent: boolean
  /** CONNECTs so far, refused ones too. */
  readonly connects: number
  stop(): Promise<void>
}

/** A real broker for tests: in this process, on a free port (or on the one given), with one password for every gateway. */
export async function startTestBroker(options: { port?: number; password?: string } = {}): Promise<TestBroker> {
  const { password = 'secret' } = options
  const messages: ReceivedMessage[] = []
  const sockets = new Set<Socket>()
  let silent = false
  let connects = 0

  const aedes = await Aedes.createBroker({
    authenticate: (client, username, given, done) => {
      connects += 1
      const isKnown = username === client.id && given?.toString() === password
      done(isKnown ? null : Object.assign(new Error('refused'), { returnCode: 4 }), isKnown)
    },
    authorizePublish: (_, packet, done) => {
      if (silent) return
      const payload = packet.payload.toString()
      const parsed: unknown = JSON.parse(payload)
      messages.push({
        deviceId: parseTelemetryTopic(packet.topic)?.deviceId ?? '',
        readings: (Array.isArray(parsed) ? parsed : [parsed]) as GatewayReading[],
        remainingBytes: 2 + Buffer.byteLength(packet.topic) + 2 + Buffer.byteLength(payload),
      })
      done(null)
    },
  })
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    messages,
    get silent() {
      return silent
    },
    set silent(value) {
      silent = value
    },
    get connects() {
      return connects
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
      await new Promise<void>((resolve) => aedes.close(resolve))
    },
  }
}

/** The readings of one device in the order in which they came, each once. */
export function timesOf(messages: readonly ReceivedMessage[], deviceId: string): number[] {
  const own = messages.filter((message) => message.deviceId === deviceId)
  return [...new Set(own.flatMap(({ readings }) => readings.map(({ at }) => at)))]
}
