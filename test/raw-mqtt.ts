import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import mqtt, { type Packet } from 'mqtt-packet'
import { eventually, type ServiceUnderTest } from './service.ts'

/** A client without manners: it may send any bytes at any time, and shows what it got. */
export interface RawClient {
  readonly socket: Socket
  readonly received: readonly Packet[]
  send(...what: readonly (Packet | Uint8Array)[]): void
  /** The first packet of this kind that came, or comes in time. */
  answer<Command extends Packet['cmd']>(command: Command): Promise<Extract<Packet, { cmd: Command }>>
  /** Resolves when the connection is over; rejects when it is not in time. */
  closed(withinMs?: number): Promise<void>
  /** Proves that the connection lives: the service answers a ping. */
  pings(): Promise<void>
  leave(): void
}

/** @param from the own address; the whole of 127.0.0.0/8 is this machine */
export async function dial(port: number, from = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from })
  await once(socket, 'connect')
  return rawClient(socket)
}

export function rawClient(socket: Socket): RawClient {
  const received: Packet[] = []
  const parser = mqtt.parser()
  let over = socket.destroyed
  parser.on('packet', (packet) => received.push(packet))
  socket.on('data', (bytes) => parser.parse(bytes))
  socket.on('error', () => {}) // a reset is one way of closing
  socket.on('close', () => {
    over = true
  })

  return {
    socket,
    received,
    send: (...what) => {
      socket.write(Buffer.concat(what.map((one) => (one instanceof Uint8Array ? one : mqtt.generate(one)))))
    },
    answer: (command) =>
      eventually(`a ${command} came`, async () =>
        received.find((packet): packet is Extract<Packet, { cmd: typeof command }> => packet.cmd === command),
      ),
    closed: async (withinMs) => {
      await eventually('the connection was closed', async () => over, withinMs)
    },
    async pings() {
      const isPong = ({ cmd }: Packet) => cmd === 'pingresp'
      const before = received.filter(isPong).length
      socket.write(mqtt.generate({ cmd: 'pingreq' }))
      await eventually('a ping was answered', async () => received.filter(isPong).length > before)
    },
    leave: () => socket.destroy(),
  }
}

/** Unlike `once`, content with any way of closing. */
export function whenClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

export interface Credential {
  readonly id: string
  readonly password: string
}

/** Each from another address, so that none is answered late for what another did. */
let asked = 0

/** Adds a gateway; resolves when the door lets it in. */
export async function addGateway(
  service: ServiceUnderTest,
  id: string,
  autoRegister = 'electricity-meter',
): Promise<Credential> {
  const credential = await service.api<{ id: string; password: string }>('POST', '/gateways', { id, autoRegister })
  await eventually(`${id} is let in`, async () => {
    const from = `127.9.${asked >> 8}.${asked++ & 255 || 1}`
    return (await connackCode(service, connectPacket(credential), from)) === 0
  })
  return credential
}

export function connectPacket({ id, password }: Credential, more: object = {}): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: id,
    username: id,
    password: Buffer.from(password),
    ...more,
  } as Packet
}

export function publishPacket(topic: string, payload: string | Buffer, more: object = {}): Packet {
  return { cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false, ...more } as Packet
}

/** Dials and logs in; throws when the CONNACK is not code 0. */
export async function logIn(
  service: ServiceUnderTest,
  credential: Credential,
  options: { readonly from?: string; readonly connect?: object } = {},
): Promise<RawClient> {
  const client = await dial(service.mqttPort, options.from)
  client.send(connectPacket(credential, options.connect))
  const { returnCode } = await client.answer('connack')
  if (returnCode !== 0) throw new Error(`the CONNACK of ${credential.id} has code ${returnCode}`)
  return client
}

/** The code of the CONNACK that this CONNECT is answered with. */
export async function connackCode(service: ServiceUnderTest, connect: Packet, from?: string): Promise<number> {
  const client = await dial(service.mqttPort, from)
  client.send(connect)
  const { returnCode } = await client.answer('connack')
  client.leave()
  return returnCode ?? -1
}

/** Sends one message and waits for its PUBACK. */
export async function publishOnce(client: RawClient, topic: string, payload: string | Buffer): Promise<void> {
  const messageId = client.received.length + 1
  client.send(publishPacket(topic, payload, { messageId }))
  await eventually('the PUBACK came', async () =>
    client.received.some((packet) => packet.cmd === 'puback' && packet.messageId === messageId),
  )
}
