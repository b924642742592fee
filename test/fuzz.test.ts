import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import mqtt, { type Packet } from 'mqtt-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { telemetryTopic } from '../core/topic.ts'
import { createGateway } from '../simulators/gateway.ts'
import { seededRandom } from '../simulators/random.ts'
import { caughtUp } from './judge.ts'
import { megabytes, residentBytes } from './observe.ts'
import { addGateway, type Credential, connectPacket, publishPacket, whenClosed } from './raw-mqtt.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

const long = process.env.LIFTWATT_TEST_LONG !== undefined
const sessions = Number(process.env.FUZZ_SESSIONS ?? (long ? 100_000 : 10_000))
/** FUZZ_SEED=n repeats a run: session n of a seed is always the same bytes but for the times in them, in the same pieces. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const sockets = 16

let service: ServiceUnderTest
const fuzzers: Credential[] = []
const backWithinBytes = 200_000_000
/** The collector gives memory back when it finds the time. */
const settlesWithinMs = 60_000

beforeAll(async () => {
  service = await startService({ environment: { LOG_LEVEL: 'error' } })
  for (let slot = 0; slot < sockets; slot++) fuzzers.push(await addGateway(service, `fuzz-${slot}`))
})
afterAll(() => service?.remove())

test(`${sessions} mutated sessions: the service lives, forgets them, and serves a normal gateway all the while`, async () => {
  const { password } = await addGateway(service, 'normal')
  const normal = await createGateway({ url: `mqtt://127.0.0.1:${service.mqttPort}`, gatewayId: 'normal', password })
  await normal.connected(60_000)
  await runSessions(200, seed + 1) // what is loaded and compiled once counts for nobody

  const before = await residentBytes(service.pid)
  const watch = watchService(normal)
  const begun = performance.now()
  await runSessions(sessions, seed)
  const seconds = (performance.now() - begun) / 1_000
  const { peak, sent, unhealthy, checks } = await watch.stop()
  await normal.drained()

  await eventually('all that was acknowledged is read', () => caughtUp(service), 120_000)
  const after = await settledBytes(service.pid, before + backWithinBytes)
  console.log(
    `fuzz: seed ${seed}, ${sessions} sessions, ${(sessions / seconds).toFixed(0)} a second; RSS ${megabytes(before)} MB before, ${megabytes(peak)} at most, ${megabytes(after)} after; ${sent.length} readings of the normal gateway, ${checks} health checks`,
  )

  expect(unhealthy).toEqual([])
  expect(checks).toBeGreaterThan(seconds / 2)
  expect(after - before).toBeLessThan(backWithinBytes)
  expect(normal.stats()).toMatchObject({ connections: 1, refused: 0, waiting: 0 })
  const stored = await service.list<{ at: string; values: { energyKwh: number } }>('/devices/normal-meter/readings')
  expect(stored.map(({ at, values }) => [Date.parse(at), values.energyKwh])).toEqual(sent)
  expect(sent.length).toBeGreaterThan(seconds)
  await normal.stop()
}, 1_800_000)

/** As soon as it is below `enough`, else what it is in the end. */
async function settledBytes(pid: number, enough: number): Promise<number> {
  const until = performance.now() + settlesWithinMs
  let bytes = await residentBytes(pid)
  while (bytes >= enough && performance.now() < until) {
    await delay(1_000)
    bytes = await residentBytes(pid)
  }
  return bytes
}

/** Publishes as the normal gateway, asks for its health and looks at its memory, until stopped. */
function watchService(normal: Awaited<ReturnType<typeof createGateway>>) {
  let stopped = false
  let peak = 0
  let checks = 0
  const sent: [at: number, energyKwh: number][] = []
  const unhealthy: string[] = []

  const publishing = (async () => {
    while (!stopped) {
      const at = Math.max(Date.now(), (sent.at(-1)?.[0] ?? 0) + 1)
      sent.push([at, sent.length])
      await normal.record('normal-meter', { at, values: { energyKwh: sent.length - 1 } })
      await delay(50)
    }
  })()
  const looking = (async () => {
    while (!stopped) {
      peak = Math.max(peak, await residentBytes(service.pid))
      const answer = await fetch(`${service.httpUrl}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
        ({ status }) => (status === 200 ? undefined : String(status)),
        (cause: unknown) => String(cause),
      )
      checks += 1
      if (answer !== undefined) unhealthy.push(answer)
      await delay(200)
    }
  })()
  return {
    async stop() {
      stopped = true
      await Promise.all([publishing, looking])
      return { peak, sent, unhealthy, checks }
    },
  }
}

/** Session `n` is made from `from + n` alone, whichever socket it gets; only its credential is the socket's own. */
async function runSessions(count: number, from: number): Promise<void> {
  let next = 0
  await Promise.all(
    fuzzers.map(async (credential) => {
      while (next < count) {
        const random = seededRandom(from * 1_000_003 + next++)
        await play(chunked(mutated(sessionBytes(credential, random), random), random), random)
      }
    }),
  )
}

/** Writes the pieces; then waits for a moment, for an answer, or for nothing at all, and hangs up. */
async function play(chunks: readonly Buffer[], random: () => number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: service.mqttPort, noDelay: true })
  socket.on('error', () => {}) // being cut is the usual end
  const over = whenClosed(socket)
  const answered = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  for (const chunk of chunks) {
    if (socket.destroyed) break
    socket.write(chunk)
    if (random() < 0.1) await delay(1)
  }
  const ending = random()
  if (ending < 0.1) socket.resetAndDestroy()
  else if (ending < 0.2) socket.destroy()
  else {
    await Promise.race([over, answered, delay(10)])
    if (ending < 0.4) await Promise.race([over, delay(10)])
    if (ending < 0.6) socket.resume().end()
    await Promise.race([over, delay(ending < 0.6 ? 10 : 0)])
    socket.destroy()
  }
  await over
}

type Random = () => number

function sessionBytes(credential: Credential, random: Random): Buffer {
  const packets: Packet[] = random() < 0.95 ? [firstPacket(credential, random)] : []
  for (let left = between(random, 0, 8); left > 0; left--) packets.push(laterPacket(credential, random))
  if (random() < 0.3) packets.push({ cmd: 'disconnect' })
  return Buffer.concat(packets.map((packet) => mqtt.generate(packet)))
}

function firstPacket(credential: Credential, random: Random): Packet {
  const kind = random()
  if (kind < 0.15) return connectPacket({ ...credential, password: 'wrong' })
  if (kind < 0.2) return connectPacket({ id: 'nobody', password: credential.password })
  if (kind < 0.25) return connectPacket(credential, { clientId: 'normal' })
  if (kind < 0.3) return connectPacket(credential, { protocolVersion: 3, protocolId: 'MQIsdp' })
  const own = telemetryTopic(credential.id, 'will')
  const will = {
    topic: random() < 0.5 ? own : telemetryTopic('normal', 'will'),
    payload: 'gone',
    qos: between(random, 0, 2),
    retain: random() < 0.5,
  }
  return connectPacket(credential, {
    keepalive: between(random, 0, 65_535),
    clean: random() < 0.8,
    ...(random() < 0.2 && { will }),
  })
}

function laterPacket(credential: Credential, random: Random): Packet {
  const messageId = between(random, 1, 65_535)
  const topic =
    random() < 0.9
      ? telemetryTopic(credential.id, `d-${between(random, 0, 3)}`)
      : telemetryTopic('normal', 'normal-meter')
  const kind = random()
  if (kind < 0.6) {
    const qos = pick(random, [0, 1, 1, 1, 1, 1, 1, 2])
    return publishPacket(topic, payload(random), {
      qos,
      retain: random() < 0.1,
      dup: qos > 0 && random() < 0.1,
      messageId,
    })
  }
  const filter = pick(random, [`liftwatt/v1/${credential.id}/commands`, '#', '+/#', '$SYS/#', topic])
  if (kind < 0.7) return { cmd: 'subscribe', messageId, subscriptions: [{ topic: filter, qos: 1 }] } as Packet
  if (kind < 0.75) return { cmd: 'unsubscribe', messageId, unsubscriptions: [filter] } as Packet
  if (kind < 0.8) return connectPacket(credential)
  if (kind < 0.85) return { cmd: 'pingreq' }
  return { cmd: pick(random, ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const), messageId } as Packet
}

function payload(random: Random): Buffer {
  const reading = () => ({
    at: Date.now() - between(random, 0, 1_000),
    values: { volts: 230 * random(), terminalCelsius: between(random, -80, 1_200), breaker: 'closed' },
  })
  const kind = random()
  if (kind < 0.6) return mutated(Buffer.from(JSON.stringify(reading())), random)
  if (kind < 0.8) return Buffer.from(JSON.stringify(Array.from({ length: between(random, 0, 20) }, reading)))
  if (kind < 0.9) return noise(between(random, 0, 2_000), random)
  return Buffer.alloc(between(random, 0, 70_000), pick(random, ['[', '{"a":', '"', '1']))
}

/** A tenth stays as it was, and some become pure noise. */
function mutated(bytes: Buffer, random: Random): Buffer {
  const kind = random()
  if (kind < 0.1) return bytes
  if (kind < 0.13) return noise(between(random, 1, 5_000), random)
  let changed: Buffer = Buffer.from(bytes)
  for (let left = between(random, 1, 4); left > 0 && changed.length > 0; left--)
    changed = pick(random, mutations)(changed, random)
  return changed
}

const mutations: ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBits(bytes, random) {
    for (let left = between(random, 1, 8); left > 0; left--) {
      const at = between(random, 0, bytes.length - 1)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << between(random, 0, 7))
    }
    return bytes
  },
  function setByte(bytes, random) {
    bytes[between(random, 0, bytes.length - 1)] = pick(random, [0, 0x7f, 0x80, 0xff, 0x10, 0x30, 0xe0])
    return bytes
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, between(random, 0, bytes.length))
  },
  function duplicate(bytes, random) {
    const [from, to] = slice(bytes, random)
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to)])
  },
  function cutOut(bytes, random) {
    const [from, to] = slice(bytes, random)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  function splice(bytes, random) {
    const [from, to] = slice(bytes, random)
    const at = between(random, 0, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)])
  },
  function insertNoise(bytes, random) {
    const at = between(random, 0, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), noise(between(random, 1, 64), random), bytes.subarray(at)])
  },
]

function slice(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = between(random, 0, bytes.length)
  return [from, between(random, from, Math.min(bytes.length, from + 2_000))]
}

function chunked(bytes: Buffer, random: Random): Buffer[] {
  const longest = pick(random, [1 + bytes.length, 1_400, 100, 7])
  const chunks: Buffer[] = []
  // single bytes only at the beginning: a long session in pieces of seven would take all the time
  for (let at = 0; at < bytes.length; ) {
    const size = chunks.length < 40 ? between(random, 1, longest) : bytes.length
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

function noise(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => between(random, 0, 255)))
}

function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[between(random, 0, from.length - 1)] as T
}
