import fc from 'fast-check'
import mqtt from 'mqtt-packet'
import { expect, test } from 'vitest'
import { type Breach, createFrameReader, keepaliveSecondsOf, type Phase, scanFrames } from './frames.ts'

const limitBytes = 65_536
const noBudget = { packets: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

function scan(bytes: Uint8Array, phase: Phase = 'session') {
  return scanFrames(bytes, phase, limitBytes, noBudget)
}

function frame(first: number, ...body: (number | Uint8Array)[]): Buffer {
  const content = Buffer.concat(body.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)))
  const length = content.length < 128 ? [content.length] : [(content.length & 127) | 128, content.length >> 7]
  return Buffer.concat([Buffer.from([first, ...length]), content])
}

function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}

function connect(flags: number, ...fields: Buffer[]): Buffer {
  return frame(0x10, field('MQTT'), 4, flags, 0, 60, ...fields)
}

const id = field('gw-7')
const topic = field('liftwatt/v1/gw-7/elv-1/telemetry')

test.each<[string, Phase, Buffer]>([
  ['CONNECT with client id alone', 'connect', connect(2, id)],
  ['CONNECT with an empty client id', 'connect', connect(2, field(''))],
  ['CONNECT with user name and password', 'connect', connect(0xc2, id, field('gw-7'), field(Buffer.from([0, 255])))],
  ['CONNECT with a user name alone', 'connect', connect(0x82, id, field('gw-7'))],
  ['CONNECT with a retained QoS 2 will', 'connect', connect(0x36, id, topic, field(Buffer.from([0])))],
  ['CONNECT of MQTT 3.1', 'connect', frame(0x10, field('MQIsdp'), 3, 2, 0, 60, id)],
  ['PUBLISH QoS 0 without payload', 'session', frame(0x30, topic)],
  ['PUBLISH QoS 0 retained', 'session', frame(0x31, topic, 1, 2, 3)],
  ['PUBLISH QoS 1', 'session', frame(0x32, topic, 0, 1, 9)],
  ['PUBLISH QoS 1 sent again', 'session', frame(0x3a, topic, 0, 1, 9)],
  ['PUBLISH QoS 2', 'session', frame(0x34, topic, 255, 255)],
  ['PUBLISH to empty levels', 'session', frame(0x30, field('//a/'))],
  ['PUBLISH to Korean and emoji', 'session', frame(0x30, field('서울/🛗/é'))],
  ['PUBACK', 'session', frame(0x40, 0, 1)],
  ['PUBREC', 'session', frame(0x50, 1, 0)],
  ['PUBREL', 'session', frame(0x62, 0, 1)],
  ['PUBCOMP', 'session', frame(0x70, 0, 1)],
  ['SUBSCRIBE to two filters', 'session', frame(0x82, 0, 1, field('a/+/b'), 2, field('#'), 0)],
  ['SUBSCRIBE to +', 'session', frame(0x82, 0, 1, field('+'), 1)],
  ['SUBSCRIBE to +/+/#', 'session', frame(0x82, 0, 1, field('+/+/#'), 1)],
  ['UNSUBSCRIBE from two filters', 'session', frame(0xa2, 0, 1, field('a/#'), field('b'))],
  ['PINGREQ', 'session', frame(0xc0)],
  ['DISCONNECT', 'session', frame(0xe0)],
  ['PINGREQ with a padded length, which 3.1.1 allows', 'session', Buffer.from([0xc0, 0x80, 0x00])],
])('takes %s', (_, phase, bytes) => {
  expect(scan(bytes, phase)).toEqual({ end: bytes.length, packets: 1, frameBytes: 0, breach: undefined })
})

test.each<[string, Phase, Buffer, RegExp]>([
  ['reserved type 0', 'session', frame(0x00), /2\.2\.1/],
  ['reserved type 15', 'session', frame(0xf0), /2\.2\.1/],
  ['CONNECT with header flags', 'connect', frame(0x11), /2\.2\.2-2/],
  ['PUBACK with header flags', 'session', frame(0x42, 0, 1), /2\.2\.2-2/],
  ['PUBREL without its flags', 'session', frame(0x60, 0, 1), /2\.2\.2-2/],
  ['SUBSCRIBE without its flags', 'session', frame(0x80, 0, 1, field('a'), 0), /2\.2\.2-2/],
  ['UNSUBSCRIBE without its flags', 'session', frame(0xa0, 0, 1, field('a')), /2\.2\.2-2/],
  ['PINGREQ with header flags', 'session', frame(0xc1), /2\.2\.2-2/],
  ['DISCONNECT with header flags', 'session', frame(0xe8), /2\.2\.2-2/],
  ['a remaining length of 5 bytes', 'session', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]), /2\.2\.3/],
  ['PUBLISH with QoS 3', 'session', frame(0x36, topic, 0, 1), /3\.3\.1-4/],
  ['PUBLISH with QoS 0 and DUP', 'session', frame(0x38, topic), /3\.3\.1-2/],
  ['PUBLISH shorter than its topic', 'session', frame(0x30, 0, 9, 65), /3\.3\.2-1/],
  ['PUBLISH of one byte', 'session', frame(0x30, 0), /3\.3\.2-1/],
  ['PUBLISH of nothing', 'session', frame(0x30), /3\.3\.2-1/],
  ['PUBLISH to an empty topic', 'session', frame(0x30, field('')), /4\.7\.3-1/],
  ['PUBLISH to a/+', 'session', frame(0x30, field('a/+')), /3\.3\.2-2/],
  ['PUBLISH to é/#', 'session', frame(0x30, field('é/#')), /3\.3\.2-2/],
  ['PUBLISH QoS 1 without packet id', 'session', frame(0x32, topic), /2\.3\.1/],
  ['PUBLISH QoS 1 with half a packet id', 'session', frame(0x32, topic, 1), /2\.3\.1/],
  ['PUBLISH QoS 2 with packet id 0', 'session', frame(0x34, topic, 0, 0), /2\.3\.1-1/],
  ['PUBACK with packet id 0', 'session', frame(0x40, 0, 0), /2\.3\.1-6/],
  ['PUBACK of 1 byte', 'session', frame(0x40, 1), /length 1, must be 2/],
  ['PUBREC of 3 bytes', 'session', frame(0x50, 0, 1, 0), /length 3, must be 2/],
  ['PUBREL of 3 bytes', 'session', frame(0x62, 0, 1, 0), /length 3, must be 2/],
  ['PUBCOMP of 0 bytes', 'session', frame(0x70), /length 0, must be 2/],
  ['PINGREQ of 1 byte', 'session', frame(0xc0, 0), /length 1, must be 0/],
  ['DISCONNECT of 1 byte', 'session', frame(0xe0, 0), /length 1, must be 0/],
  ['SUBSCRIBE without packet id', 'session', frame(0x82, 1), /2\.3\.1/],
  ['SUBSCRIBE with packet id 0', 'session', frame(0x82, 0, 0, field('a'), 0), /2\.3\.1-1/],
  ['SUBSCRIBE without a filter', 'session', frame(0x82, 0, 1), /3\.8\.3-3/],
  ['SUBSCRIBE to an empty filter', 'session', frame(0x82, 0, 1, field(''), 0), /4\.7\.3-1/],
  ['SUBSCRIBE without QoS', 'session', frame(0x82, 0, 1, field('a')), /3\.8\.3-1/],
  ['SUBSCRIBE with QoS 3', 'session', frame(0x82, 0, 1, field('a'), 3), /3-8\.3-4/],
  ['SUBSCRIBE with MQTT 5 option bits', 'session', frame(0x82, 0, 1, field('a'), 4), /3-8\.3-4/],
  ['SUBSCRIBE shorter than its second filter', 'session', frame(0x82, 0, 1, field('a'), 0, 0, 5, 65), /filter/],
  ['SUBSCRIBE to a+', 'session', frame(0x82, 0, 1, field('a+'), 0), /4\.7\.1-3/],
  ['SUBSCRIBE to +a', 'session', frame(0x82, 0, 1, field('+a'), 0), /4\.7\.1-3/],
  ['SUBSCRIBE to a/#/b', 'session', frame(0x82, 0, 1, field('a/#/b'), 0), /4\.7\.1-2/],
  ['UNSUBSCRIBE from a#', 'session', frame(0xa2, 0, 1, field('a#')), /4\.7\.1-2/],
  ['UNSUBSCRIBE without a filter', 'session', frame(0xa2, 0, 1), /3\.10\.3-2/],
  ['UNSUBSCRIBE with packet id 0', 'session', frame(0xa2, 0, 0, field('a')), /2\.3\.1-1/],
  ['CONNECT of nothing', 'connect', frame(0x10), /3\.1\.2-1/],
  ['CONNECT of another protocol', 'connect', frame(0x10, field('MQTTX'), 4, 2, 0, 60, id), /3\.1\.2-1/],
  [
    'CONNECT of a protocol with a long name',
    'connect',
    frame(0x10, field('x'.repeat(90)), 4, 2, 0, 60, id),
    /3\.1\.2-1/,
  ],
  ['CONNECT cut after the name', 'connect', frame(0x10, field('MQTT')), /level/],
  ['CONNECT cut before the keep-alive', 'connect', frame(0x10, field('MQTT'), 4, 2, 0), /header/],
  ['CONNECT with the reserved flag', 'connect', connect(3, id), /3\.1\.2-3/],
  ['CONNECT with will QoS 3', 'connect', connect(0x1e, id, topic, field('')), /3\.1\.2-14/],
  ['CONNECT with will QoS without will', 'connect', connect(0x0a, id), /3\.1\.2-13/],
  ['CONNECT with will retain without will', 'connect', connect(0x22, id), /3\.1\.2-15/],
  ['CONNECT with a password without user name', 'connect', connect(0x42, id, field('x')), /3\.1\.2-22/],
  ['CONNECT without client id', 'connect', connect(2), /client id/],
  ['CONNECT without the will announced', 'connect', connect(6, id), /will topic/],
  ['CONNECT without the will message announced', 'connect', connect(6, id, topic), /will message/],
  ['CONNECT with an empty will topic', 'connect', connect(6, id, field(''), field('')), /4\.7\.3-1/],
  ['CONNECT with a will to a/#', 'connect', connect(6, id, field('a/#'), field('')), /wildcard/],
  ['CONNECT without the user name announced', 'connect', connect(0x82, id), /user name/],
  ['CONNECT without the password announced', 'connect', connect(0xc2, id, field('u')), /password/],
  ['CONNECT with leftover bytes', 'connect', connect(2, id, Buffer.from([0])), /1 bytes after/],
])('refuses %s', (_, phase, bytes, text) => {
  const { end, breach } = scan(bytes, phase)
  expect(end).toBe(0)
  expect(breach).toEqual({ code: 'malformed-packet', text: expect.stringMatching(text) })
})

test.each<[string, Uint8Array, RegExp]>([
  ['a NUL', Buffer.from('a\0b'), /1\.5\.3-2/],
  ['a lone high surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80]), /1\.5\.3-1/],
  ['a surrogate pair in CESU-8', Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]), /1\.5\.3-1/],
  ['an overlong slash', Buffer.from([0xc0, 0xaf]), /1\.5\.3-1/],
  ['an overlong NUL', Buffer.from([0xe0, 0x80, 0x80]), /1\.5\.3-1/],
  ['a stray continuation byte', Buffer.from([0x80]), /1\.5\.3-1/],
  ['a sequence cut short', Buffer.from([0x61, 0xe2, 0x82]), /1\.5\.3-1/],
  ['a byte that UTF-8 never has', Buffer.from([0xff, 0x80, 0x80, 0x80]), /1\.5\.3-1/],
  ['a code point over U+10FFFF', Buffer.from([0xf4, 0x90, 0x80, 0x80]), /1\.5\.3-1/],
  ['a tab', Buffer.from('a\tb'), /U\+0009/],
  ['DEL', Buffer.from('\x7f'), /U\+007F/],
  ['a C1 control', Buffer.from('\u0085'), /U\+0085/],
  ['the non-character U+FDD0', Buffer.from('\ufdd0'), /U\+FDD0/],
  ['the non-character U+1FFFE', Buffer.from('\u{1fffe}'), /U\+1FFFE/],
])('refuses %s in every string', (_, bad, text) => {
  const streams: [Phase, Buffer][] = [
    ['session', frame(0x30, field(bad))],
    ['session', frame(0x82, 0, 1, field(bad), 0)],
    ['session', frame(0xa2, 0, 1, field(bad))],
    ['connect', connect(2, field(bad))],
    ['connect', connect(6, id, field(bad), field(''))],
    ['connect', connect(0x82, id, field(bad))],
  ]
  for (const [phase, bytes] of streams) {
    expect(scan(bytes, phase).breach).toEqual({ code: 'malformed-packet', text: expect.stringMatching(text) })
  }
})

test.each<[string, Phase, Buffer]>([
  ['PUBLISH before CONNECT', 'connect', frame(0x30, topic)],
  ['PINGREQ before CONNECT', 'connect', frame(0xc0)],
  ['a second CONNECT', 'session', connect(2, id)],
  ['CONNACK', 'session', frame(0x20, 0, 0)],
  ['SUBACK', 'session', frame(0x90, 0, 1, 0)],
  ['UNSUBACK', 'session', frame(0xb0, 0, 1)],
  ['PINGRESP', 'session', frame(0xd0)],
])('refuses %s by its first byte', (_, phase, bytes) => {
  expect(scan(bytes.subarray(0, 1), phase).breach?.code).toBe('protocol-violation')
})

test.each([
  ['MQTT 5', 'MQTT', 5],
  ['a level of the future', 'MQTT', 6],
  ['the bridge bit of mosquitto', 'MQTT', 0x84],
  ['MQTT with the level of MQIsdp', 'MQTT', 3],
  ['MQIsdp with the level of MQTT', 'MQIsdp', 4],
])('asks for CONNACK 1 for %s', (_, name, level) => {
  const bytes = frame(0x10, field(name), level, 2, 0, 60, id)
  expect(scan(bytes, 'connect').breach?.code).toBe('unsupported-protocol-level')
})

test('judges the size from the fixed header alone', () => {
  const atLimit = Buffer.from([0x30, 0x80, 0x80, 0x04])
  const overLimit = Buffer.from([0x30, 0x81, 0x80, 0x04])
  const of256MiB = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])

  expect(scan(atLimit)).toEqual({ end: 0, packets: 0, frameBytes: 4 + 65_536, breach: undefined })
  expect(scan(overLimit).breach).toEqual({
    code: 'packet-too-large',
    text: 'PUBLISH with 65537 bytes after the fixed header, at most 65536 are taken',
  })
  expect(scan(of256MiB, 'connect').breach?.code).toBe('packet-too-large')
})

test('stops at the packet that spends the budget', () => {
  const ping = frame(0xc0)
  const three = Buffer.concat([ping, ping, ping])

  expect(scanFrames(three, 'session', limitBytes, { packets: 2, bytes: 99 }).end).toBe(4)
  expect(scanFrames(three, 'session', limitBytes, { packets: 9, bytes: 3 }).end).toBe(4)
  expect(scanFrames(three, 'session', limitBytes, { packets: 0, bytes: 9 }).end).toBe(0)
})

test('hands on what came before a bad packet, then refuses', () => {
  const reader = createFrameReader()
  reader.push(Buffer.concat([frame(0xc0), frame(0x30, topic), frame(0x40, 0, 0), frame(0xc0)]))

  expect(reader.take('session', limitBytes, noBudget)).toMatchObject({ packets: 2 })
  expect(reader.take('session', limitBytes, noBudget)).toMatchObject({ code: 'malformed-packet' })
  expect(reader.take('session', limitBytes, noBudget)).toMatchObject({ code: 'malformed-packet' })
})

test('passes whole chunks on without a copy', () => {
  const reader = createFrameReader()
  const chunk = Buffer.concat([frame(0xc0), frame(0x30, topic)])
  reader.push(chunk)

  expect(reader.take('session', limitBytes, noBudget)).toEqual({ bytes: chunk, packets: 2 })
  reader.push(chunk)
  const taken = reader.take('session', limitBytes, noBudget)
  expect(taken && 'bytes' in taken && taken.bytes).toBe(chunk)
})

test('a packet cut in the middle of its fixed header is understood when the rest comes', () => {
  const reader = createFrameReader()
  reader.push(Buffer.from([0xc0]))
  expect(reader.take('session', limitBytes, noBudget)).toBeUndefined()
  expect(reader.hungry()).toBe(true)
  reader.push(Buffer.from([0x00]))
  expect(reader.take('session', limitBytes, noBudget)).toEqual({ bytes: Buffer.from([0xc0, 0x00]), packets: 1 })
})

// Strings as MQTT lets them be; a client library would send nothing else
const char = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...'abz059/_-. ') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('é', '중', '🛗', '\ufeff', '\u00a0', '\ud7ff', '\ue000', '\ufffd', '\u{10fffd}'),
  },
)
const text = fc.string({ unit: char, maxLength: 20 })
const topicName = fc.string({ unit: char, minLength: 1, maxLength: 60 })
const level = fc.oneof(fc.constant('+'), fc.string({ unit: fc.constantFrom('a', 'é', '7'), maxLength: 3 }))
const topicFilter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/#'))
  .map(([levels, rest]) => levels.join('/') + rest)
  .filter((filter) => filter !== '')
const messageId = fc.integer({ min: 1, max: 65_535 })
const qos = fc.constantFrom<0 | 1 | 2>(0, 1, 2)
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

const will = fc.record({ topic: topicName, payload, qos, retain: fc.boolean() })
const connectPacket = fc
  .record({
    protocol: fc.constantFrom({ protocolId: 'MQTT', protocolVersion: 4 }, { protocolId: 'MQIsdp', protocolVersion: 3 }),
    clientId: text.filter((value) => value.length > 0),
    keepalive: fc.integer({ min: 0, max: 65_535 }),
    clean: fc.boolean(),
    login: fc.option(fc.record({ username: text.filter((value) => value.length > 0), password: payload }), { nil: {} }),
    will: fc.option(fc.record({ will }), { nil: {} }),
  })
  .map(({ protocol, login, will, ...rest }) => ({ cmd: 'connect', ...protocol, ...rest, ...login, ...will }))

const publishPacket = fc
  .record({ topic: topicName, payload, qos, retain: fc.boolean(), dup: fc.boolean(), messageId })
  .map((packet) => ({ ...packet, cmd: 'publish', dup: packet.dup && packet.qos > 0 }))
const ackPacket = fc.record({ cmd: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), messageId })
const subscribePacket = fc.record({
  cmd: fc.constant('subscribe'),
  messageId,
  subscriptions: fc.array(fc.record({ topic: topicFilter, qos }), { minLength: 1, maxLength: 5 }),
})
const unsubscribePacket = fc.record({
  cmd: fc.constant('unsubscribe'),
  messageId,
  unsubscriptions: fc.array(topicFilter, { minLength: 1, maxLength: 5 }),
})
const emptyPacket = fc.record({ cmd: fc.constantFrom('pingreq', 'disconnect') })
const sessionPacket = fc.oneof(publishPacket, ackPacket, subscribePacket, unsubscribePacket, emptyPacket)

const encode = (packet: unknown) => mqtt.generate(packet as mqtt.Packet)

function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = Math.min(bytes.length, at + (sizes[turn % sizes.length] ?? 1))
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return chunks
}

/** What the reader hands on of a client's stream, and the breach it ends with. */
function readAll(chunks: readonly Buffer[], budget = noBudget) {
  const reader = createFrameReader()
  const out: Buffer[] = []
  let packets = 0
  let breach: Breach | undefined
  for (const chunk of chunks) {
    if (breach) break
    reader.push(chunk)
    while (!breach && !reader.hungry()) {
      const taken =
        packets === 0
          ? reader.take('connect', 4096, { packets: 1, bytes: budget.bytes })
          : reader.take('session', limitBytes, budget)
      if (taken === undefined) continue
      if ('code' in taken) breach = taken
      else {
        out.push(taken.bytes)
        packets += taken.packets
      }
    }
  }
  return { bytes: Buffer.concat(out), packets, breach }
}

const chunkSizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 12 })
const budgets = fc.record({ packets: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 400 }) })

test('every stream that mqtt-packet writes passes unchanged, however TCP cuts it', () => {
  fc.assert(
    fc.property(
      connectPacket,
      fc.array(sessionPacket, { maxLength: 12 }),
      chunkSizes,
      budgets,
      (first, rest, sizes, budget) => {
        const sent = Buffer.concat([encode(first), ...rest.map(encode)])
        const read = readAll(chunked(sent, sizes), budget)

        expect(read.breach).toBeUndefined()
        expect(read.packets).toBe(1 + rest.length)
        expect(read.bytes.equals(sent)).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})

test('a CONNECT tells its keep-alive', () => {
  fc.assert(
    fc.property(connectPacket, (packet) => {
      expect(keepaliveSecondsOf(encode(packet))).toBe(packet.keepalive)
    }),
  )
})

const mutation = fc.record({
  kind: fc.constantFrom('set', 'insert', 'remove'),
  where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  byte: fc.integer({ min: 0, max: 255 }),
})

function mutate(bytes: Buffer, mutations: readonly { kind: string; where: number; byte: number }[]): Buffer {
  const list = [...bytes]
  for (const { kind, where, byte } of mutations) {
    const at = Math.floor(where * list.length)
    if (kind === 'insert') list.splice(at, 0, byte)
    else if (kind === 'remove') list.splice(at, 1)
    else list[at] = byte
  }
  return Buffer.from(list)
}

/** How many packets mqtt-packet, the parser in aedes, finds; -1 when it finds an error. */
function parsedPackets(bytes: Buffer): number {
  const parser = mqtt.parser()
  let packets = 0
  parser.on('packet', () => packets++)
  parser.on('error', () => {
    packets = Number.NEGATIVE_INFINITY
  })
  parser.parse(bytes)
  return Math.max(-1, packets)
}

test('a damaged stream never throws, and what passes of it is a prefix that mqtt-packet reads packet for packet', () => {
  let refused = 0
  fc.assert(
    fc.property(
      connectPacket,
      fc.array(sessionPacket, { maxLength: 6 }),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      chunkSizes,
      (first, rest, mutations, sizes) => {
        const sent = mutate(Buffer.concat([encode(first), ...rest.map(encode)]), mutations)
        const read = readAll(chunked(sent, sizes))

        if (read.breach) refused++
        expect(sent.subarray(0, read.bytes.length).equals(read.bytes)).toBe(true)
        expect(parsedPackets(read.bytes)).toBe(read.packets)
        expect(readAll([sent])).toMatchObject({ packets: read.packets, breach: read.breach })
      },
    ),
    { numRuns: 2_000 },
  )
  expect(refused).toBeGreaterThan(500)
})

test('random bytes never throw, nor does a sender of single bytes get more through', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, loggedIn) => {
      const sent = Buffer.concat(loggedIn ? [connect(2, id), bytes] : [bytes])
      const whole = readAll([sent])
      expect(readAll(chunked(sent, [1]))).toEqual(whole)
      expect(parsedPackets(whole.bytes)).toBe(whole.packets)
    }),
    { numRuns: 2_000 },
  )
})

test('nothing of a chunk passes behind its DISCONNECT', () => {
  const reader = createFrameReader()
  reader.push(Buffer.concat([frame(0xc0), frame(0xe0), frame(0x30, topic)]))
  expect(reader.take('session', limitBytes, noBudget)).toEqual({ bytes: Buffer.from([0xc0, 0, 0xe0, 0]), packets: 2 })
  expect(scan(Buffer.concat([frame(0xe0), frame(0xc0)])).breach?.code).toBe('protocol-violation')
})
