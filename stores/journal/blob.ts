import { crc32 } from 'node:zlib'
import type { JournalEntry, PositionedEntry } from './port.ts'

/**
 * How a run of entries lies on disk. All numbers little-endian:
 *
 *   header   crc32 of all that follows it (u32), entries (u32), position of the first (f64),
 *            journal bytes before this blob (f64), newest time of receipt (f64, ms)
 *   entry    type (u8), time of receipt (f64, ms); a message goes on with
 *            lengths of gateway (u8), device (u8) and payload (u32), then the three; rules with their version (f64);
 *            work with the lengths of device (u8) and finding (u8), then the two; what came in a gateway's own words with
 *            lengths of gateway (u8), topic (u16, UTF-8) and payload (u32), the mapping's version (f64), then the three
 *
 * The first position stands inside the checksum although it is the key as well: a flipped bit in a key is found too.
 */
export const headerBytes = 32
const momentBytes = 9
const messageBytes = 15
const rulesBytes = momentBytes + 8
const workBytes = momentBytes + 2
const rawBytes = messageBytes + 1 + 8
const typeCodes = { message: 1, tick: 2, start: 3, rules: 4, work: 5, raw: 6 } as const

/** A piece of memory that takes entries until it is full. Filled again and again, so that the hot path makes no garbage. */
export interface Slab {
  readonly bytes: Buffer
  readonly view: DataView
  used: number
  count: number
  newestAt: number
}

export function createSlab(bytesInAll: number): Slab {
  const bytes = Buffer.allocUnsafeSlow(bytesInAll)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return { bytes, view, used: headerBytes, count: 0, newestAt: Number.NEGATIVE_INFINITY }
}

export function emptySlab(slab: Slab): void {
  slab.used = headerBytes
  slab.count = 0
  slab.newestAt = Number.NEGATIVE_INFINITY
}

/** Bytes on disk before compression. @throws {RangeError} an identifier is longer than 255 characters, a topic than 65,535 bytes */
export function entryBytes(entry: JournalEntry): number {
  if (entry.type === 'rules') return rulesBytes
  if (entry.type === 'work') return workBytes + idBytes(entry.deviceId) + idBytes(entry.finding)
  if (entry.type === 'raw') return rawBytes + idBytes(entry.gatewayId) + topicBytes(entry.topic) + entry.payload.length
  if (entry.type !== 'message') return momentBytes
  const { gatewayId, deviceId, payload } = entry
  return messageBytes + idBytes(gatewayId) + idBytes(deviceId) + payload.length
}

function idBytes({ length }: string): number {
  if (length > 255) throw new RangeError('An identifier has at most 255 characters')
  return length
}

function topicBytes(topic: string): number {
  const length = Buffer.byteLength(topic)
  if (length > 0xffff) throw new RangeError('A topic has at most 65,535 bytes')
  return length
}

/** Copies the entry; the caller has made sure that `entryBytes` of room are left. @throws {RangeError} an identifier is not ASCII */
export function writeEntry(slab: Slab, entry: JournalEntry): void {
  const { bytes, view } = slab
  let offset = slab.used
  bytes[offset] = typeCodes[entry.type]
  view.setFloat64(offset + 1, entry.receivedAt, true)
  offset += momentBytes

  if (entry.type === 'message') {
    const { gatewayId, deviceId, payload } = entry
    bytes[offset] = gatewayId.length
    bytes[offset + 1] = deviceId.length
    view.setUint32(offset + 2, payload.length, true)
    offset = writeAscii(bytes, offset + 6, gatewayId)
    offset = writeAscii(bytes, offset, deviceId)
    bytes.set(payload, offset)
    offset += payload.length
  } else if (entry.type === 'rules') {
    view.setFloat64(offset, entry.version, true)
    offset += 8
  } else if (entry.type === 'work') {
    bytes[offset] = entry.deviceId.length
    bytes[offset + 1] = entry.finding.length
    offset = writeAscii(bytes, offset + 2, entry.deviceId)
    offset = writeAscii(bytes, offset, entry.finding)
  } else if (entry.type === 'raw') {
    offset = writeRaw(slab, offset, entry)
  }

  slab.used = offset
  slab.count += 1
  if (entry.receivedAt > slab.newestAt) slab.newestAt = entry.receivedAt
}

function writeRaw({ bytes, view }: Slab, at: number, entry: JournalEntry & { type: 'raw' }): number {
  const { gatewayId, topic, mappingVersion, payload } = entry
  bytes[at] = gatewayId.length
  view.setUint16(at + 1, topicBytes(topic), true)
  view.setUint32(at + 3, payload.length, true)
  view.setFloat64(at + 7, mappingVersion, true)
  let offset = writeAscii(bytes, at + 15, gatewayId)
  offset += bytes.write(topic, offset)
  bytes.set(payload, offset)
  return offset + payload.length
}

// A loop, because for identifiers of about ten characters the call into native code costs more than the copy.
function writeAscii(bytes: Buffer, offset: number, text: string): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) throw new RangeError('An identifier is ASCII')
    bytes[offset + index] = code
  }
  return offset + text.length
}

/** Completes the header and answers a view of the slab, valid until the slab is emptied. */
export function sealBlob(slab: Slab, first: number, bytesBefore: number): Buffer {
  const { bytes, view, used, count, newestAt } = slab
  view.setUint32(4, count, true)
  view.setFloat64(8, first, true)
  view.setFloat64(16, bytesBefore, true)
  view.setFloat64(24, newestAt, true)
  const blob = bytes.subarray(0, used)
  view.setUint32(0, crc32(blob.subarray(4)), true)
  return blob
}

export interface BlobHeader {
  readonly first: number
  /** Exclusive. */
  readonly end: number
  readonly bytesBefore: number
  readonly newestAt: number
}

/** The header of the blob that was found under the key `first`, or in words why the blob cannot be trusted. */
export function checkBlob(first: number, blob: Buffer): BlobHeader | string {
  if (blob.length < headerBytes) return 'shorter than its header'
  if (crc32(blob.subarray(4)) !== blob.readUInt32LE(0)) return 'checksum does not match'
  if (blob.readDoubleLE(8) !== first) return 'stands under the wrong position'
  const end = first + blob.readUInt32LE(4)
  return { first, end, bytesBefore: blob.readDoubleLE(16), newestAt: blob.readDoubleLE(24) }
}

/** The most entries that a blob of so many bytes can hold: how far a damaged one may reach. */
export function mostEntriesIn(blobBytes: number): number {
  return Math.ceil(blobBytes / momentBytes)
}

/** Adds the entries of a checked blob to `into`, those before `from` left out. Payloads are views of the blob. */
export function readEntries(header: BlobHeader, blob: Buffer, from: number, into: PositionedEntry[]): void {
  let offset = headerBytes
  for (let position = header.first; position < header.end; position++) {
    const bytes = bytesOfEntry(blob, offset)
    if (position >= from) into.push(readEntry(blob, offset, position))
    offset += bytes
  }
}

function bytesOfEntry(blob: Buffer, offset: number): number {
  const id = offset + momentBytes
  switch (blob[offset]) {
    case typeCodes.message:
      return messageBytes + blob.readUInt8(id) + blob.readUInt8(id + 1) + blob.readUInt32LE(id + 2)
    case typeCodes.raw:
      return rawBytes + blob.readUInt8(id) + blob.readUInt16LE(id + 1) + blob.readUInt32LE(id + 3)
    case typeCodes.rules:
      return rulesBytes
    case typeCodes.work:
      return workBytes + blob.readUInt8(id) + blob.readUInt8(id + 1)
    default:
      return momentBytes
  }
}

function readEntry(blob: Buffer, offset: number, position: number): PositionedEntry {
  const receivedAt = blob.readDoubleLE(offset + 1)
  const id = offset + momentBytes
  switch (blob[offset]) {
    case typeCodes.message: {
      const gatewayAt = id + 6
      const deviceAt = gatewayAt + blob.readUInt8(id)
      const payloadAt = deviceAt + blob.readUInt8(id + 1)
      return {
        type: 'message',
        position,
        receivedAt,
        gatewayId: blob.toString('latin1', gatewayAt, deviceAt),
        deviceId: blob.toString('latin1', deviceAt, payloadAt),
        payload: blob.subarray(payloadAt, payloadAt + blob.readUInt32LE(id + 2)),
      }
    }
    case typeCodes.raw: {
      const topicAt = id + 15 + blob.readUInt8(id)
      const payloadAt = topicAt + blob.readUInt16LE(id + 1)
      return {
        ...{ type: 'raw', position, receivedAt, mappingVersion: blob.readDoubleLE(id + 7) },
        gatewayId: blob.toString('latin1', id + 15, topicAt),
        topic: blob.toString('utf8', topicAt, payloadAt),
        payload: blob.subarray(payloadAt, payloadAt + blob.readUInt32LE(id + 3)),
      }
    }
    case typeCodes.rules:
      return { type: 'rules', position, receivedAt, version: blob.readDoubleLE(id) }
    case typeCodes.work: {
      const findingAt = id + 2 + blob.readUInt8(id)
      const end = findingAt + blob.readUInt8(id + 1)
      const [deviceId, finding] = [blob.toString('latin1', id + 2, findingAt), blob.toString('latin1', findingAt, end)]
      return { type: 'work', position, receivedAt, deviceId, finding }
    }
    case typeCodes.tick:
      return { type: 'tick', position, receivedAt }
    default:
      return { type: 'start', position, receivedAt }
  }
}
