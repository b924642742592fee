/**
 * Which bytes of a client's stream are whole and well-formed MQTT 3.1 / 3.1.1 control packets. Pure: no socket, no clock.
 *
 * Stricter than mqtt-packet, which lets leftover bytes, packet id 0, NUL and lone surrogates through. The clauses in brackets
 * are those of MQTT 3.1.1 (OASIS, 29 October 2014); what they leave to the server ("MAY close") we close.
 */

/** Why a connection is closed: a stable code, and the same in plain words with the numbers. */
export interface Breach {
  readonly code: BreachCode
  readonly text: string
}

export type BreachCode =
  | 'packet-too-large'
  | 'malformed-packet'
  | 'protocol-violation'
  | 'unsupported-protocol-level'
  | 'connect-deadline'
  | 'authenticate-deadline'
  | 'keepalive-timeout'
  | 'too-many-connections'
  | 'too-many-unauthenticated'

/** How much may be handed on. A packet passes while both are above 0, so the last one may overdraw them. */
export interface Budget {
  readonly packets: number
  readonly bytes: number
}

/** `connect`: exactly one packet, a CONNECT, is due. `session`: everything else a client may send. */
export type Phase = 'connect' | 'session'

/** `end` is the offset after the last good packet; `frameBytes` the size of the unfinished one there, 0 while unknown. */
export interface Scan {
  readonly end: number
  readonly packets: number
  readonly frameBytes: number
  readonly breach: Breach | undefined
}

const packetNames = [
  'reserved type 0',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'reserved type 15',
]
const CONNECT = 1
const PUBLISH = 3
const PUBREL = 6
const SUBSCRIBE = 8
const UNSUBSCRIBE = 10
const PINGREQ = 12
const DISCONNECT = 14

/** Types a client may send once its CONNECT is in. */
const clientTypes = new Set([PUBLISH, 4, 5, PUBREL, 7, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT])

/**
 * Walks the packets of `bytes` until it has spent `budget`, meets an unfinished packet or a breach. Size and type are judged
 * from the fixed header alone, the content once the packet is whole. `maxBytes` bounds the remaining length of one packet.
 */
export function scanFrames(bytes: Uint8Array, phase: Phase, maxBytes: number, budget: Budget): Scan {
  let at = 0
  let packets = 0
  let last = 0
  while (at < bytes.length && packets < budget.packets && at < budget.bytes) {
    if (last >> 4 === DISCONNECT) {
      const breach: Breach = { code: 'protocol-violation', text: 'a packet after DISCONNECT [MQTT-3.14.4-2]' }
      return { end: at, packets, frameBytes: 0, breach }
    }
    last = bytes[at] as number
    const headerBreach = firstByteBreach(last, phase)
    if (headerBreach) return { end: at, packets, frameBytes: 0, breach: headerBreach }

    const body = bodyStart(bytes, at + 1)
    if (body === 0) return { end: at, packets, frameBytes: 0, breach: undefined }
    if (body < 0) {
      const breach = malformed('remaining length of more than 4 bytes [2.2.3]')
      return { end: at, packets, frameBytes: 0, breach }
    }

    const length = remainingLength(bytes, at + 1, body)
    const sizeBreach = lengthBreach(last, length, maxBytes)
    if (sizeBreach) return { end: at, packets, frameBytes: 0, breach: sizeBreach }

    const end = body + length
    if (end > bytes.length) return { end: at, packets, frameBytes: end - at, breach: undefined }

    const breach = contentBreach(bytes, at, body, end)
    if (breach) return { end: at, packets, frameBytes: end - at, breach }
    at = end
    packets++
  }
  return { end: at, packets, frameBytes: 0, breach: undefined }
}

/** The keep-alive interval of a CONNECT packet that has passed `scanFrames`, in s; 0 means none. */
export function keepaliveSecondsOf(connect: Uint8Array): number {
  const body = bodyStart(connect, 1)
  const afterName = body + 2 + uint16(connect, body)
  return uint16(connect, afterName + 2)
}

/** Whether the first byte of a packet is that of a PUBLISH with QoS 1, sent again or not, to be retained or not. */
export function isQos1Publish(first: number): boolean {
  return (first & 0xf6) === 0x32
}

function malformed(text: string): Breach {
  return { code: 'malformed-packet', text }
}

function firstByteBreach(first: number, phase: Phase): Breach | undefined {
  const type = first >> 4
  if (type === PUBLISH && phase === 'session') return publishFlagsBreach(first)
  if (type === 0 || type === 15) return malformed(`${packetNames[type]} [2.2.1]`)
  if (phase === 'connect' && type !== CONNECT) {
    return { code: 'protocol-violation', text: `${packetNames[type]} before CONNECT [MQTT-3.1.0-1]` }
  }
  if (phase === 'session' && type === CONNECT) {
    return { code: 'protocol-violation', text: 'a second CONNECT [MQTT-3.1.0-2]' }
  }
  if (phase === 'session' && !clientTypes.has(type)) {
    return { code: 'protocol-violation', text: `${packetNames[type]} is for servers to send [MQTT-4.8.0-1]` }
  }
  // [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] want 2, all others 0
  const required = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0
  const flags = first & 15
  if (flags === required) return undefined
  return malformed(`${packetNames[type]} with flags ${flags}, must be ${required} [MQTT-2.2.2-2]`)
}

function publishFlagsBreach(first: number): Breach | undefined {
  const qos = (first >> 1) & 3
  if (qos === 3) return malformed('PUBLISH with QoS 3 [MQTT-3.3.1-4]')
  if (qos === 0 && (first & 8) !== 0) return malformed('PUBLISH with QoS 0 and DUP [MQTT-3.3.1-2]')
  return undefined
}

/** Offset after the remaining length that starts at `from`; 0 while it is unfinished, -1 when it has over 4 bytes. */
export function bodyStart(bytes: Uint8Array, from: number): number {
  for (let at = from; at < from + 4; at++) {
    if (at >= bytes.length) return 0
    if ((bytes[at] as number) < 128) return at + 1
  }
  return -1
}

export function remainingLength(bytes: Uint8Array, from: number, to: number): number {
  let length = 0
  for (let at = to - 1; at >= from; at--) length = (length << 7) | ((bytes[at] as number) & 127)
  return length
}

function lengthBreach(first: number, length: number, maxBytes: number): Breach | undefined {
  const type = first >> 4
  if (length > maxBytes) {
    const text = `${packetNames[type]} with ${length} bytes after the fixed header, at most ${maxBytes} are taken`
    return { code: 'packet-too-large', text }
  }
  if (type === PUBLISH) return undefined
  if (type === CONNECT || type === SUBSCRIBE || type === UNSUBSCRIBE) return undefined
  // Tables 3.4.1 to 3.7.1 give 2 for the acknowledgements, 3.12.1 and 3.14.1 give 0 for PINGREQ and DISCONNECT
  const exact = type === PINGREQ || type === DISCONNECT ? 0 : 2
  if (length === exact) return undefined
  return malformed(`${packetNames[type]} with remaining length ${length}, must be ${exact}`)
}

function contentBreach(bytes: Uint8Array, start: number, body: number, end: number): Breach | undefined {
  const first = bytes[start] as number
  switch (first >> 4) {
    case PUBLISH:
      return publishBreach(bytes, first, body, end)
    case CONNECT:
      return connectBreach(bytes, body, end)
    case SUBSCRIBE:
      return filtersBreach(bytes, 'SUBSCRIBE', body, end)
    case UNSUBSCRIBE:
      return filtersBreach(bytes, 'UNSUBSCRIBE', body, end)
    case PINGREQ:
    case DISCONNECT:
      return undefined
    default:
      // An acknowledgement repeats the id it answers [MQTT-2.3.1-6], and that was not 0
      if (uint16(bytes, body) !== 0) return undefined
      return malformed(`${packetNames[first >> 4]} with packet id 0 [MQTT-2.3.1-6]`)
  }
}

function publishBreach(bytes: Uint8Array, first: number, body: number, end: number): Breach | undefined {
  const topicEnd = fieldEnd(bytes, body, end)
  if (topicEnd < 0) return malformed('PUBLISH shorter than its topic [MQTT-3.3.2-1]')
  const fault = topicNameFault(bytes, body + 2, topicEnd)
  if (fault !== undefined) return malformed(`PUBLISH topic ${fault}`)
  if ((first & 6) === 0) return undefined
  if (topicEnd + 2 > end) return malformed('PUBLISH without its packet id [2.3.1]')
  return uint16(bytes, topicEnd) === 0 ? malformed('PUBLISH with packet id 0 [MQTT-2.3.1-1]') : undefined
}

function filtersBreach(
  bytes: Uint8Array,
  name: 'SUBSCRIBE' | 'UNSUBSCRIBE',
  body: number,
  end: number,
): Breach | undefined {
  if (body + 2 > end) return malformed(`${name} without its packet id [2.3.1]`)
  if (uint16(bytes, body) === 0) return malformed(`${name} with packet id 0 [MQTT-2.3.1-1]`)
  if (body + 2 === end) return malformed(`${name} without a topic filter [MQTT-3.8.3-3] [MQTT-3.10.3-2]`)

  let at = body + 2
  while (at < end) {
    const filterEnd = fieldEnd(bytes, at, end)
    if (filterEnd < 0) return malformed(`${name} shorter than its topic filter`)
    const fault = topicFilterFault(bytes, at + 2, filterEnd)
    if (fault !== undefined) return malformed(`${name} topic filter ${fault}`)
    at = filterEnd
    if (name === 'UNSUBSCRIBE') continue

    if (at >= end) return malformed('SUBSCRIBE with a topic filter without its QoS [MQTT-3.8.3-1]')
    if ((bytes[at] as number) > 2) return malformed(`SUBSCRIBE with requested QoS byte ${bytes[at]} [MQTT-3-8.3-4]`)
    at++
  }
  return undefined
}

/** [MQTT-3.1.4-1]: a CONNECT that breaks section 3.1 is closed without a CONNACK. */
function connectBreach(bytes: Uint8Array, body: number, end: number): Breach | undefined {
  const nameEnd = fieldEnd(bytes, body, end)
  if (nameEnd < 0) return malformed('CONNECT shorter than its protocol name [MQTT-3.1.2-1]')
  const name = latin1(bytes, body + 2, nameEnd)
  // MQIsdp is the name of MQTT 3.1
  if (name !== 'MQTT' && name !== 'MQIsdp') return malformed('CONNECT of another protocol [MQTT-3.1.2-1]')
  if (nameEnd >= end) return malformed('CONNECT without a protocol level')

  const level = bytes[nameEnd] as number
  if (level !== (name === 'MQTT' ? 4 : 3)) {
    const text = `CONNECT with ${name} level ${level}; spoken are MQTT 4 (3.1.1) and MQIsdp 3 (3.1) [MQTT-3.1.2-2]`
    return { code: 'unsupported-protocol-level', text }
  }
  if (nameEnd + 4 > end) return malformed('CONNECT shorter than its variable header')

  const fault = connectFlagsFault(bytes[nameEnd + 1] as number)
  if (fault !== undefined) return malformed(`CONNECT ${fault}`)
  return connectPayloadBreach(bytes, bytes[nameEnd + 1] as number, nameEnd + 4, end)
}

const USERNAME = 0x80
const PASSWORD = 0x40
const WILL_RETAIN = 0x20
const WILL_QOS = 0x18
const WILL = 0x04

function connectFlagsFault(flags: number): string | undefined {
  if ((flags & 1) !== 0) return 'with the reserved flag set [MQTT-3.1.2-3]'
  if ((flags & WILL_QOS) === WILL_QOS) return 'with will QoS 3 [MQTT-3.1.2-14]'
  if ((flags & WILL) === 0 && (flags & WILL_QOS) !== 0) return 'with will QoS but no will [MQTT-3.1.2-13]'
  if ((flags & WILL) === 0 && (flags & WILL_RETAIN) !== 0) return 'with will retain but no will [MQTT-3.1.2-15]'
  if ((flags & PASSWORD) !== 0 && (flags & USERNAME) === 0) return 'with a password but no user name [MQTT-3.1.2-22]'
  return undefined
}

/** Exactly the fields the flags announce, in this order [MQTT-3.1.3-1], and nothing after them. */
function connectPayloadBreach(bytes: Uint8Array, flags: number, from: number, end: number): Breach | undefined {
  const fields = [{ name: 'client id', fault: utf8Fault }] // [MQTT-3.1.3-4]
  if ((flags & WILL) !== 0) {
    fields.push({ name: 'will topic', fault: topicNameFault }, { name: 'will message', fault: noFault }) // [MQTT-3.1.3-10]
  }
  if ((flags & USERNAME) !== 0) fields.push({ name: 'user name', fault: utf8Fault }) // [MQTT-3.1.3-11]
  if ((flags & PASSWORD) !== 0) fields.push({ name: 'password', fault: noFault })

  let at = from
  for (const field of fields) {
    const after = fieldEnd(bytes, at, end)
    if (after < 0) return malformed(`CONNECT shorter than its ${field.name} [MQTT-3.1.3-1]`)
    const fault = field.fault(bytes, at + 2, after)
    if (fault !== undefined) return malformed(`CONNECT ${field.name} ${fault}`)
    at = after
  }
  return at === end ? undefined : malformed(`CONNECT with ${end - at} bytes after its last field [MQTT-3.1.3-1]`)
}

function noFault(_bytes: Uint8Array, _from: number, _to: number): string | undefined {
  return undefined
}

/** Offset after the length-prefixed field at `at`, -1 when it reaches over `end`. */
export function fieldEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1
  const after = at + 2 + uint16(bytes, at)
  return after > end ? -1 : after
}

export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return to - from > 6 ? '' : String.fromCharCode(...bytes.subarray(from, to))
}

/** 1 for printable ASCII that means nothing in a topic: what nearly every topic consists of. */
const plain = new Uint8Array(256).fill(1, 0x20, 0x7f)
plain['+'.charCodeAt(0)] = 0
plain['#'.charCodeAt(0)] = 0

function topicNameFault(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (from === to) return 'is empty [MQTT-4.7.3-1]'
  let at = from
  while (at < to && plain[bytes[at] as number] === 1) at++
  if (at === to) return undefined

  for (; at < to; at++) {
    if (isWildcard(bytes[at] as number)) return 'has a wildcard [MQTT-3.3.2-2]'
  }
  return utf8Fault(bytes, from, to)
}

const HASH = 0x23
const PLUS = 0x2b
const SLASH = 0x2f

function isWildcard(byte: number): boolean {
  return byte === HASH || byte === PLUS
}

function topicFilterFault(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (from === to) return 'is empty [MQTT-4.7.3-1]'
  for (let at = from; at < to; at++) {
    if (!isWildcard(bytes[at] as number)) continue
    const alone = (at === from || bytes[at - 1] === SLASH) && (at + 1 === to || bytes[at + 1] === SLASH)
    if (!alone) return 'has a wildcard that is not a whole level [MQTT-4.7.1-2] [MQTT-4.7.1-3]'
    if (bytes[at] === HASH && at + 1 !== to) return 'has levels after # [MQTT-4.7.1-2]'
  }
  return utf8Fault(bytes, from, to)
}

/**
 * Well-formed UTF-8 (RFC 3629, section 4) without surrogates [MQTT-1.5.3-1] and U+0000 [MQTT-1.5.3-2]; and without control
 * characters and Unicode non-characters, for which section 1.5.3 says that the receiver MAY close.
 */
function utf8Fault(bytes: Uint8Array, from: number, to: number): string | undefined {
  let at = from
  while (at < to) {
    const first = bytes[at] as number
    if (first >= 0x20 && first < 0x7f) {
      at++
      continue
    }
    const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    const point = at + size > to ? -1 : codePoint(bytes, at, size)
    const fault = codePointFault(point)
    if (fault !== undefined) return fault
    at += size
  }
  return undefined
}

/** Smallest code point that needs 1, 2, 3, 4 bytes: what is encoded in more is overlong. */
const smallest = [0, 0, 0x80, 0x800, 0x10000]
/** Payload bits of the first byte, by the size of the sequence. */
const firstBits = [0, 0x7f, 0x1f, 0x0f, 0x07]

/** The code point of the `size` bytes at `at`; -1 when they are no UTF-8 sequence. */
function codePoint(bytes: Uint8Array, at: number, size: number): number {
  const first = bytes[at] as number
  if (first >= 0xf8 || (first >= 0x80 && first < 0xc0)) return -1
  let point = first & (firstBits[size] as number)
  for (let next = at + 1; next < at + size; next++) {
    const byte = bytes[next] as number
    if ((byte & 0xc0) !== 0x80) return -1
    point = (point << 6) | (byte & 0x3f)
  }
  return point < (smallest[size] as number) || point > 0x10ffff ? -1 : point
}

function codePointFault(point: number): string | undefined {
  if (point < 0) return 'is not UTF-8 [MQTT-1.5.3-1]'
  if (point >= 0xd800 && point <= 0xdfff) return 'has a surrogate [MQTT-1.5.3-1]'
  if (point === 0) return 'has U+0000 [MQTT-1.5.3-2]'
  if (point < 0x20 || (point >= 0x7f && point <= 0x9f)) return `has the control character ${unicode(point)} [1.5.3]`
  const nonCharacter = (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) === 0xfffe
  return nonCharacter ? `has the non-character ${unicode(point)} [1.5.3]` : undefined
}

function unicode(point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Whole, checked packets, ready to be handed on. */
export interface Frames {
  readonly bytes: Buffer
  readonly packets: number
}

/** Holds what has been read and not yet handed on: the unfinished packet at the end, and whole ones over the budget. */
export interface FrameReader {
  /** False while a whole (or a bad) packet may be waiting: take that before pushing more. */
  hungry(): boolean
  push(chunk: Buffer): void
  /** What may go on now, unchanged; a breach only when nothing good stands before it. */
  take(phase: Phase, maxBytes: number, budget: Budget): Frames | Breach | undefined
}

const nothing: Buffer = Buffer.alloc(0)

/**
 * The bytes that come out are those that went in: views of the chunks pushed, except for a packet split over chunks. Its parts
 * are gathered in a buffer of the size its header announces, so that a sender of single bytes costs no more than another.
 */
export function createFrameReader(): FrameReader {
  let held = nothing
  let heldBytes = 0
  /** Nothing can be taken before more bytes come. */
  let unfinished = true
  /** Size of the unfinished packet in `held`; 0 while its header is unfinished too. */
  let frameBytes = 0

  function push(chunk: Buffer): void {
    if (unfinished && heldBytes + chunk.length < frameBytes) {
      heldBytes += chunk.copy(held, heldBytes)
      return
    }
    held = heldBytes === 0 ? chunk : Buffer.concat([held.subarray(0, heldBytes), chunk])
    heldBytes = held.length
    unfinished = false
  }

  function keep(rest: Buffer): void {
    held = rest
    heldBytes = rest.length
  }

  function gather(start: Buffer, wholeBytes: number): void {
    keep(start)
    unfinished = true
    frameBytes = wholeBytes
    if (start.length === 0 || wholeBytes === 0) return
    held = Buffer.allocUnsafe(wholeBytes)
    start.copy(held)
  }

  function take(phase: Phase, maxBytes: number, budget: Budget): Frames | Breach | undefined {
    if (unfinished) return undefined
    const all = held
    const { end, packets, frameBytes, breach } = scanFrames(all, phase, maxBytes, budget)
    const overBudget = packets >= budget.packets || end >= budget.bytes
    if (end === all.length) gather(nothing, 0)
    else if (overBudget || breach) keep(all.subarray(end))
    else gather(all.subarray(end), frameBytes)
    return packets > 0 ? { bytes: end === all.length ? all : all.subarray(0, end), packets } : breach
  }

  return { hungry: () => unfinished, push, take }
}
