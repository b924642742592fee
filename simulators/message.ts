import { ExpectedError } from '../core/errors.ts'
import { identifierPattern } from '../core/identifier.ts'
import type { Values } from '../core/reading.ts'
import { telemetryTopic } from '../core/topic.ts'

/** What a device measured at `at`, ms since 1970, as its gateway got it. */
export interface GatewayReading {
  readonly at: number
  readonly values: Values
}

/** A reading as it waits in the outbox: encoded once, published as it is. */
export interface EncodedReading {
  readonly deviceId: string
  /** `{"at":…,"values":{…}}` */
  readonly json: string
}

export interface Message<Entry extends EncodedReading> {
  readonly topic: string
  readonly payload: string
  /** The readings in it: the ones to forget once it is acknowledged. */
  readonly entries: readonly Entry[]
}

/** The service cuts a packet whose remaining length reaches 64 KiB, and a message of more than 500 readings (docs/mqtt.md). */
const maxRemainingBytes = 64 * 1024 - 1
const maxReadingsPerMessage = 500

/** Of a QoS 1 PUBLISH's remaining length, beside topic and payload: the topic's length and the packet id [MQTT-3.1.1, 3.3.2]. */
const variableHeaderBytes = 4

/** @throws {ExpectedError} `invalid`: the reading could never be delivered; the sentence says what is wrong with it */
export function encodeReading(gatewayId: string, deviceId: string, { at, values }: GatewayReading): EncodedReading {
  if (!identifierPattern.test(deviceId)) throw new ExpectedError('invalid', `"${deviceId}" is not a device id`)
  if (!Number.isSafeInteger(at)) throw new ExpectedError('invalid', `The time of a reading of ${deviceId} is ${at}`)
  for (const [metric, value] of Object.entries(values)) {
    if (typeof value !== 'number' || Number.isFinite(value)) continue
    throw new ExpectedError('invalid', `${metric} of ${deviceId} is ${value}, which no message can carry`)
  }

  const json = JSON.stringify({ at, values })
  if (Buffer.byteLength(json) > maxPayloadBytes(telemetryTopic(gatewayId, deviceId))) {
    throw new ExpectedError('invalid', `A reading of ${deviceId} is larger than a message may be, 64 KiB`)
  }
  return { deviceId, json }
}

/**
 * As few messages as carry these readings: each of one device, its readings in the order given, at most 500 and under 64 KiB
 * as a packet. Messages go by their device's first reading. A reading alone is sent bare, several as an array.
 */
export function packMessages<Entry extends EncodedReading>(
  gatewayId: string,
  entries: readonly Entry[],
): Message<Entry>[] {
  const byDevice = new Map<string, Entry[]>()
  for (const entry of entries) {
    const ofDevice = byDevice.get(entry.deviceId)
    if (ofDevice) ofDevice.push(entry)
    else byDevice.set(entry.deviceId, [entry])
  }

  return [...byDevice].flatMap(([deviceId, ofDevice]) => {
    const topic = telemetryTopic(gatewayId, deviceId)
    return split(ofDevice, maxPayloadBytes(topic)).map((part) => ({ topic, payload: payloadOf(part), entries: part }))
  })
}

function split<Entry extends EncodedReading>(entries: readonly Entry[], maxBytes: number): Entry[][] {
  const parts: Entry[][] = []
  let part: Entry[] = []
  let partBytes = 0
  for (const entry of entries) {
    const bytes = Buffer.byteLength(entry.json) + ','.length
    // n readings have n - 1 commas and two brackets around them: one byte more than the sum.
    if (part.length > 0 && (part.length === maxReadingsPerMessage || partBytes + bytes + 1 > maxBytes)) {
      parts.push(part)
      part = []
      partBytes = 0
    }
    part.push(entry)
    partBytes += bytes
  }
  if (part.length > 0) parts.push(part)
  return parts
}

function payloadOf(entries: readonly EncodedReading[]): string {
  const [only, ...others] = entries
  return only && others.length === 0 ? only.json : `[${entries.map((entry) => entry.json).join(',')}]`
}

function maxPayloadBytes(topic: string): number {
  return maxRemainingBytes - variableHeaderBytes - Buffer.byteLength(topic)
}
