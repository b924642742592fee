import mqtt, { type Packet } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { telemetryTopic } from '../core/topic.ts'
import { auditOf, isAlive, megabytes, metric, residentBytes } from './observe.ts'
import {
  addGateway,
  type Credential,
  connackCode,
  connectPacket,
  dial,
  logIn,
  publishOnce,
  publishPacket,
  type RawClient,
} from './raw-mqtt.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

// Attacks on the MQTT door of the running service, each with the answer that we promise. What is in the messages is attacked
// in attacks-payload.test.ts.

const long = process.env.LIFTWATT_TEST_LONG !== undefined
/** The promise is 5 s. `npm test` shares its machine with whatever else runs there. */
const soonMs = long ? 5_000 : 30_000
const kilobyte = 1024
const megabyte = 1024 * kilobyte

let service: ServiceUnderTest
let attacker: Credential
let victim: Credential
const clients: RawClient[] = []

beforeAll(async () => {
  service = await startService()
  attacker = await addGateway(service, 'attacker')
  victim = await addGateway(service, 'victim')
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.leave()
  expect(await isAlive(service)).toBe(true)
})
afterAll(() => service?.remove())

const reading = () => JSON.stringify({ at: Date.now(), values: { volts: 230 } })
const topic = (device: string) => telemetryTopic(attacker.id, device)

async function enter(credential: Credential, options?: Parameters<typeof logIn>[2]): Promise<RawClient> {
  const client = await logIn(service, credential, options)
  clients.push(client)
  return client
}

async function knock(from?: string): Promise<RawClient> {
  const client = await dial(service.mqttPort, from)
  clients.push(client)
  return client
}

function breachOf(actor: string, subject: string, words: string) {
  return eventually(`the audit has ${subject} of ${actor}`, async () =>
    (await auditOf(service)).find(
      (row) => row.actor === actor && row.subject === subject && row.data.text?.includes(words),
    ),
  )
}

function accepted(): Promise<number> {
  return metric(service, 'liftwatt_messages_accepted_total')
}

test("A1: publishing to another gateway's topic closes the connection, stores nothing, and is audited and told", async () => {
  const before = await accepted()
  const client = await enter(attacker)
  const foreign = telemetryTopic(victim.id, 'meter-a1')
  client.send(publishPacket(foreign, reading()))
  await client.closed()

  expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  expect(await breachOf(attacker.id, 'foreign-topic', foreign)).toMatchObject({
    action: 'breach',
    data: { address: '127.0.0.1' },
  })
  expect(await accepted()).toBe(before)
  await expect(service.api('GET', '/devices/meter-a1')).rejects.toThrow('404')
  const { refusals } = await service.api<{ refusals: { reason: string }[] }>('GET', `/gateways/${attacker.id}`)
  expect(refusals).toMatchObject([{ reason: 'foreign-topic' }])
})

test('A2: subscriptions beyond its own commands are answered with 0x80 and audited, and nothing is delivered', async () => {
  const foreign = [
    '#',
    '+/#',
    'liftwatt/v1/victim/commands',
    'liftwatt/v1/+/commands',
    '$SYS/#',
    '$share/group/#',
    topicOf('victim'),
    topicOf('attacker'),
  ]
  const client = await enter(attacker)
  const filters = [...foreign, 'liftwatt/v1/attacker/commands']
  client.send({
    cmd: 'subscribe',
    messageId: 7,
    subscriptions: filters.map((filter) => ({ topic: filter, qos: 1 })),
  } as Packet)
  expect((await client.answer('suback')).granted).toEqual([...foreign.map(() => 128), 1])
  for (const filter of foreign) {
    expect(await breachOf(attacker.id, 'foreign-subscription', `"${filter}"`)).toMatchObject({
      data: { address: '127.0.0.1' },
    })
  }

  const other = await enter(victim)
  await publishOnce(other, topicOf('victim'), reading())
  await client.pings()
  expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'pingresp'])
})

function topicOf(gatewayId: string): string {
  return telemetryTopic(gatewayId, `meter-of-${gatewayId}`)
}

test('A3: with its own password and the client id of another, a gateway is refused, and the other stays connected', async () => {
  const other = await enter(victim)
  expect(await connackCode(service, connectPacket(attacker, { clientId: victim.id }))).toBe(2)
  // as if it were the other: its name, and the attacker's password
  expect(await connackCode(service, connectPacket({ id: victim.id, password: attacker.password }))).toBe(4)

  await publishOnce(other, topicOf('victim'), reading())
  expect(other.socket.destroyed).toBe(false)
})

test('A6: telemetry with a retain flag is stored as telemetry, and no later subscriber sees it', async () => {
  const client = await enter(attacker)
  const at = Date.now()
  client.send(publishPacket(topic('meter-a6'), JSON.stringify({ at, values: { volts: 231 } }), { retain: true }))
  await client.answer('puback')
  client.leave()

  const later = await enter(attacker)
  later.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [
      { topic: 'liftwatt/v1/attacker/commands', qos: 1 },
      { topic: topic('meter-a6'), qos: 1 },
    ],
  } as Packet)
  expect((await later.answer('suback')).granted).toEqual([1, 128])
  await later.pings()
  expect(later.received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'pingresp'])
  const items = await eventually('the reading is stored', async () => {
    const found = await service.list<{ at: string }>('/devices/meter-a6/readings')
    return found.length > 0 && found
  })
  expect(items).toEqual([{ at: new Date(at).toISOString(), values: { volts: 231 } }])
})

test.each([
  ['for another gateway', { topic: telemetryTopic('victim', 'm'), qos: 1, retain: false }],
  ['retained, for another gateway', { topic: telemetryTopic('victim', 'm'), qos: 0, retain: true }],
  ['for the system topics', { topic: '$SYS/broker', qos: 0, retain: true }],
  ['with QoS 2', { topic: telemetryTopic('attacker', 'm'), qos: 2, retain: false }],
])('A7: a last will %s is refused when it is given', async (_, will) => {
  const before = await accepted()
  expect(await connackCode(service, connectPacket(attacker, { will: { ...will, payload: 'x' } }))).toBe(5)
  await breachOf(attacker.id, 'foreign-will', 'last will refused')
  expect(await accepted()).toBe(before)
})

test('A8: a packet that claims too much is cut after its header, before and after login, and costs no memory', async () => {
  const claims256MiB = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])
  const before = await knock()
  before.send(claims256MiB)
  await before.closed()
  expect(before.received).toEqual([])

  const client = await enter(attacker)
  client.send(Buffer.from([0x32, 0x81, 0x80, 0x04])) // PUBLISH, QoS 1, 65,537 bytes to come
  await client.closed()
  expect(await breachOf(attacker.id, 'packet-too-large', '65537')).toMatchObject({ data: { address: '127.0.0.1' } })

  const rssBefore = await residentBytes(service.pid)
  const twenty = await Promise.all(numbers(20).map(() => knock()))
  for (const one of twenty) one.send(claims256MiB, Buffer.alloc(8 * megabyte, 0x61))
  await Promise.all(twenty.map((one) => one.closed()))
  expect((await residentBytes(service.pid)) - rssBefore).toBeLessThan(100 * megabyte)
})

test('A8: 64 KiB to the byte is taken', async () => {
  const client = await enter(attacker)
  const overhead = 2 + topic('meter-a8').length + 2
  client.send(publishPacket(topic('meter-a8'), Buffer.alloc(64 * kilobyte - overhead, ' ')))
  await client.answer('puback')
})

test('A9: QoS 2 closes the connection at its first packet, however many come', async () => {
  const before = await accepted()
  const client = await enter(attacker)
  const all = numbers(65_535).map((number) => publishPacket(topic('m'), '{}', { qos: 2, messageId: number + 1 }))
  client.send(...all)
  await client.closed()

  expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  expect(await breachOf(attacker.id, 'qos-2', 'QoS 2')).toBeDefined()
  expect(await accepted()).toBe(before)
})

const utf8 = (text: string) => Buffer.from(text)
test.each([
  ['of 101 levels', utf8(Array(101).fill('a').join('/'))],
  ['of 30,000 empty levels', utf8('/'.repeat(30_000))],
  ['of 65,000 bytes', utf8('a'.repeat(65_000))],
  ['with NUL', utf8('liftwatt/v1/attacker/a\0b/telemetry')],
  [
    'with a lone surrogate',
    Buffer.concat([utf8('liftwatt/v1/attacker/'), Buffer.from([0xed, 0xa0, 0x80]), utf8('/telemetry')]),
  ],
  ['with an empty device', utf8('liftwatt/v1/attacker//telemetry')],
  ['with a level too many', utf8('liftwatt/v1/attacker/a/b/telemetry')],
  ['with a wildcard', utf8('liftwatt/v1/attacker/+/telemetry')],
  ['of the system', utf8('$SYS/attacker/a/telemetry')],
  ['for commands', utf8('liftwatt/v1/attacker/commands')],
  ['that is empty', utf8('')],
])('A10: a topic %s closes the connection, and nothing is stored', async (_, bytes) => {
  const before = await accepted()
  const client = await enter(attacker)
  client.send(rawPublish(bytes, utf8(reading())))
  await client.closed()
  expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  expect(await accepted()).toBe(before)
})

/** mqtt-packet will not write what is forbidden. */
function rawPublish(topicBytes: Buffer, payload: Buffer): Buffer {
  const id = Buffer.from([0, 1])
  const body = Buffer.concat([uint16(topicBytes.length), topicBytes, id, payload])
  return Buffer.concat([Buffer.from([0x32]), remainingLength(body.length), body])
}

function uint16(number: number): Buffer {
  return Buffer.from([number >> 8, number & 255])
}

function remainingLength(length: number): Buffer {
  const bytes: number[] = []
  let left = length
  do {
    bytes.push((left & 127) | (left > 127 ? 128 : 0))
    left >>= 7
  } while (left > 0)
  return Buffer.from(bytes)
}

test('A16: a PUBLISH before the CONNECT closes the connection', async () => {
  const client = await knock()
  client.send(publishPacket(topic('m'), reading()), connectPacket(attacker))
  await client.closed()
  expect(client.received).toEqual([])
})

test.each([
  ['a second CONNECT', () => mqtt.generate(connectPacket(attacker))],
  ['CONNACK', () => Buffer.from([0x20, 2, 0, 0])],
  ['SUBACK', () => Buffer.from([0x90, 3, 0, 1, 0])],
  ['UNSUBACK', () => Buffer.from([0xb0, 2, 0, 1])],
  ['PINGRESP', () => Buffer.from([0xd0, 0])],
  ['a packet of type 0', () => Buffer.from([0x00, 0])],
  ['AUTH of MQTT 5', () => Buffer.from([0xf0, 0])],
])('A16: %s from a gateway closes its connection', async (_, bytes) => {
  const client = await enter(attacker)
  client.send(bytes())
  await client.closed()
  expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
})

test.each([0, 1, 2, 3, 5, 6, 127, 255])(
  'A16: protocol level %i is refused, with code 1 and no session',
  async (level) => {
    const bytes = mqtt.generate(connectPacket(attacker))
    bytes[bytes.indexOf('MQTT') + 4] = level
    const client = await knock()
    client.send(bytes)
    await client.closed()
    expect(client.received).toMatchObject([{ cmd: 'connack', returnCode: 1 }])
  },
)

test('A18: a peer that falls silent is cut after one and a half times its keep-alive; one that pings is not', async () => {
  const dead = await enter(attacker, { connect: { keepalive: 1 } })
  const living = await enter(victim, { connect: { keepalive: 1 } })
  const beat = setInterval(() => living.send({ cmd: 'pingreq' }), 300)
  try {
    await dead.closed()
    expect(living.socket.destroyed).toBe(false)
  } finally {
    clearInterval(beat)
  }
})

// the longest that is granted is 300 s (broker/limits.ts), so it takes 450 s to see; broker/guard.test.ts has it with a short one
// not skipped but absent otherwise: what is skipped is what could not be had
if (long)
  test('A18: without a keep-alive, or with one of 18 hours, a silent peer is cut after 450 s', async () => {
    const silent = [
      await enter(attacker, { connect: { keepalive: 0 } }),
      await enter(victim, { connect: { keepalive: 65_535 } }),
    ]
    await Promise.all(silent.map((client) => client.closed(500_000)))
  }, 520_000)

/** It was cut before this: what it says now reaches nobody. Credentials are read again every 10 s, too, and that would be later. */
async function isCut(client: RawClient): Promise<void> {
  const before = client.received.length
  client.send({ cmd: 'pingreq' })
  await client.closed()
  expect(client.received.slice(before)).toEqual([])
}

test('revoking a gateway has cut its live connection and voided its password when it is answered, and touches no other', async () => {
  const gone = await addGateway(service, 'stolen')
  const revoked = await enter(gone)
  const other = await enter(victim)
  await publishOnce(revoked, telemetryTopic('stolen', 'm'), reading())

  await service.api('DELETE', '/gateways/stolen')
  await isCut(revoked)
  expect(await connackCode(service, connectPacket(gone), '127.0.3.1')).toBe(4)
  await publishOnce(other, topicOf('victim'), reading())
})

test('rotating a password twice has cut who still uses the oldest when it is answered; the one before the newest goes on', async () => {
  const first = await addGateway(service, 'rotated')
  const oldest = await enter(first)
  const second = await service.api<{ id: string; password: string }>('POST', '/gateways/rotated/rotate')
  await oldest.pings()

  await service.api('POST', '/gateways/rotated/rotate')
  await isCut(oldest)
  expect(await connackCode(service, connectPacket(first), '127.0.3.2')).toBe(4)
  await enter(second)
})

// last: afterwards its address is answered late, and the audit has had its fill
test('A4: thousands of wrong passwords from one address, then from 100, keep nobody else out, and are answered late', async () => {
  const rssBefore = await residentBytes(service.pid)
  // more at a time than have a place at the door
  const fromOne = await Promise.all(numbers(1_500).map((number) => guess(number, '127.0.0.1')))
  const begun = performance.now()
  const inTime = await enter(victim, { from: '127.0.0.2' })
  const loginMs = performance.now() - begun
  await publishOnce(inTime, topicOf('victim'), reading())

  await Promise.all(fromOne.map((client) => client.closed()))
  const answers = fromOne.flatMap(({ received }) => received)
  expect(new Set(answers.map((packet) => packet.cmd === 'connack' && packet.returnCode))).toEqual(new Set([4]))
  expect(answers.length).toBeGreaterThan(900)

  const addresses = numbers(100).map((number) => `127.0.1.${number + 1}`)
  const fromMany = await Promise.all(addresses.flatMap((from) => numbers(15).map((number) => guess(number, from))))
  await enter(attacker, { from: '127.0.0.2' })
  for (const client of fromMany) client.leave()

  const lateMs = await answerMs('127.0.0.1')
  const firstMs = await answerMs('127.0.0.4')
  const grownBytes = (await residentBytes(service.pid)) - rssBefore
  console.log(
    `A4: the right password was let in after ${loginMs.toFixed(0)} ms; a wrong one is answered after ${lateMs.toFixed(0)} ms, the first from its address after ${firstMs.toFixed(0)} ms; RSS ${megabytes(grownBytes)} MB more`,
  )
  expect(lateMs).toBeGreaterThan(4_900)
  expect(firstMs).toBeLessThan(lateMs)
  expect(loginMs).toBeLessThan(soonMs)
  expect(grownBytes).toBeLessThan(150 * megabyte)
  expect(inTime.socket.destroyed).toBe(false)
})

async function guess(number: number, from: string): Promise<RawClient> {
  const client = await knock(from)
  client.send(connectPacket({ id: number % 2 ? victim.id : 'nobody', password: `guess ${number}` }))
  return client
}

async function answerMs(from: string): Promise<number> {
  const client = await knock(from)
  const begun = performance.now()
  client.send(connectPacket({ id: victim.id, password: 'wrong' }))
  await client.answer('connack')
  return performance.now() - begun
}

test('A4: an unknown gateway, a known one and an empty password get the same bytes for an answer', async () => {
  const answers = await Promise.all(
    [
      { id: victim.id, password: 'wrong' },
      { id: 'nobody', password: victim.password },
      { id: '__proto__', password: 'x' },
      { id: victim.id, password: '' },
    ].map(async (credential, number) => {
      const client = await knock(`127.0.2.${number + 1}`)
      const bytes: Buffer[] = []
      client.socket.on('data', (chunk) => bytes.push(chunk))
      client.send(connectPacket(credential))
      await client.closed()
      return Buffer.concat(bytes).toString('hex')
    }),
  )
  expect(answers).toEqual(Array(4).fill('20020004'))
})

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number)
}
