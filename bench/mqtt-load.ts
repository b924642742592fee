import { generate, type IConnectPacket, type IPublishPacket } from 'mqtt-packet'

/** One simulated gateway with its device, as the generator gets it: text only, it knows nothing of readings. */
export interface LoadClient {
  readonly clientId: string
  /** Absent for a broker that asks nobody. */
  readonly password?: string
  readonly topic: string
  /** JSON of readings, each beginning with `{"at":` and 13 digits, which are written anew for every message. */
  readonly payloads: readonly string[]
}

export type ToGenerator =
  | { readonly type: 'connect'; readonly port: number; readonly clients: readonly LoadClient[] }
  /** Each connection keeps so many messages unacknowledged. */
  | { readonly type: 'closed-loop'; readonly window: number }
  /** Messages leave on schedule, whether earlier ones are acknowledged or not. */
  | { readonly type: 'open-loop'; readonly messagesPerSecond: number }
  | { readonly type: 'rest' | 'sample' | 'end' }

export type FromGenerator =
  | { readonly type: 'connected' | 'resting' }
  | { readonly type: 'failed'; readonly reason: string }
  | ({ readonly type: 'sample' } & LoadSample)

export interface LoadSample {
  /** performance.now() of the generator, ms. */
  readonly atMs: number
  readonly sent: number
  readonly acknowledged: number
  /** User and system CPU of the generator since its start, s. */
  readonly cpuSeconds: number
  /** Open loop: from the scheduled moment to the PUBACK, since the last sample, ms. Late sending counts as waiting. */
  readonly latenciesMs: Float64Array
  /** How late the generator itself sent, ms, since the last sample. */
  readonly latenessMs: Float64Array
}

/** PUBLISH packets one after the other; the two things that differ between repetitions are patched in place. */
export interface EncodedMessages {
  readonly bytes: Buffer
  readonly count: number
  /** Offset of packet `n`; one more than there are packets. */
  readonly starts: Int32Array
  readonly idAt: Int32Array
  readonly timeAt: Int32Array
}

const timePrefix = '{"at":'
const timeDigits = 13

export function encodeMessages({ topic, payloads }: LoadClient): EncodedMessages {
  const packets = payloads.map((text) => {
    if (!/^\{"at":\d{13}\D/.test(text)) throw new Error(`a payload begins with {"at": and 13 digits, not ${text}`)
    const payload = Buffer.from(text)
    const packet: IPublishPacket = { cmd: 'publish', qos: 1, messageId: 1, topic, payload, dup: false, retain: false }
    return { bytes: generate(packet), payloadBytes: payload.length }
  })
  const starts = new Int32Array(packets.length + 1)
  const idAt = new Int32Array(packets.length)
  const timeAt = new Int32Array(packets.length)
  packets.forEach(({ bytes, payloadBytes }, index) => {
    const end = (starts[index] ?? 0) + bytes.length
    starts[index + 1] = end
    idAt[index] = end - payloadBytes - 2
    timeAt[index] = end - payloadBytes + timePrefix.length
  })
  return { bytes: Buffer.concat(packets.map(({ bytes }) => bytes)), count: packets.length, starts, idAt, timeAt }
}

export function patchMessage(messages: EncodedMessages, index: number, packetId: number, at: number): void {
  const { bytes, idAt, timeAt } = messages
  const idOffset = idAt[index] ?? 0
  bytes[idOffset] = packetId >> 8
  bytes[idOffset + 1] = packetId & 0xff

  let rest = at
  const first = timeAt[index] ?? 0
  for (let offset = first + timeDigits - 1; offset >= first; offset--) {
    const tenth = Math.floor(rest / 10)
    bytes[offset] = 0x30 + rest - 10 * tenth
    rest = tenth
  }
}

export function encodeConnect({ clientId, password }: LoadClient): Buffer {
  const packet: IConnectPacket = {
    cmd: 'connect',
    clientId,
    clean: true,
    keepalive: 0,
    ...(password !== undefined && { username: clientId, password: Buffer.from(password) }),
  }
  return generate(packet)
}
