import { dayMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import type { Fault, QuarantineItem } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import { kindChecks, type ReadingChecks, readingOf } from './check-reading.ts'
import { checksFor, type DecodeRules, jsonIn, maxFaultsKept, merged } from './decode.ts'
import type { MapMessage, MappedReading } from './mapping.ts'

/** What a gateway said in its own words. */
export interface RawMessage {
  readonly receivedAt: number
  readonly gatewayId: string
  readonly topic: string
  readonly payload: Uint8Array
}

/** What became of it by a mapping, before anybody has looked whether there are such devices. */
export interface Translated {
  readonly readings: readonly MappedReading[]
  readonly faults: readonly Fault[]
}

export interface DecodedRaw {
  /** Of each device: accepted, oldest first, one per time. */
  readonly messages: readonly { readonly device: Device; readonly readings: readonly Reading[] }[]
  /** What could not be used, by its path in the message as it came; at most 20. */
  readonly faults: readonly Fault[]
  /** The gateway's clock is so far ahead of ours that a reading was refused for it, ms. */
  readonly aheadMs?: number
}

/** By a version of the gateway's mapping; undefined = there is no such version. Never throws. */
export function translate({ topic, payload, receivedAt }: RawMessage, map: MapMessage | undefined): Translated {
  const refuse = (reason: Fault['reason'], text: string) => ({ readings: [], faults: [{ path: '$', reason, text }] })
  if (map === undefined) return refuse('not-mapped', 'the version of the mapping by which it was taken is not there')
  if (map.ignores(topic)) return { readings: [], faults: [] }
  const { body, problem } = jsonIn(payload)
  if (problem !== undefined) return refuse('bad-json', problem)
  return map(topic, body, receivedAt) ?? refuse('not-mapped', 'the mapping says nothing of its topic')
}

/** Checks what a mapping has made as what a gateway says in our words: its device, its time, each metric by the device's kind. */
export function createRawDecoder({ kinds, maxAgeDays }: DecodeRules) {
  const byKind = kindChecks(kinds)

  /** One mapped reading of a known device; what is wrong with it is added to `faults`. */
  function check(
    { at, values, path, places }: MappedReading,
    device: Device,
    message: RawMessage,
    faults: Fault[],
  ): { reading?: Reading | undefined; aheadMs?: number | undefined } {
    const { receivedAt } = message
    const known = checksFor(device, message, byKind)
    if ('reason' in known) {
      faults.push({ path, ...known })
      return {}
    }
    const checks: ReadingChecks = {
      ...{ device, receivedAt, ...known },
      ...{ oldestAt: receivedAt - maxAgeDays * dayMs, faults: [] },
    }
    const reading = readingOf({ at, values }, '$', checks)
    const placeOf = (ours: string) => (ours === '$.at' ? places.at : places.values[ours.slice('$.values.'.length)])
    for (const fault of checks.faults) faults.push({ ...fault, path: placeOf(fault.path) ?? path })
    return { reading, aheadMs: checks.aheadMs }
  }

  return (
    message: RawMessage,
    translated: Translated,
    deviceOf: (deviceId: string) => Device | undefined,
  ): DecodedRaw => {
    const faults = [...translated.faults]
    const byDevice = new Map<string, { device: Device; readings: Reading[] }>()
    let aheadMs: number | undefined
    for (const mapped of translated.readings) {
      const device = deviceOf(mapped.deviceId)
      if (device === undefined) {
        faults.push({
          ...{ path: mapped.path, reason: 'unknown-device' },
          text: `No device ${mapped.deviceId} is registered`,
        })
        continue
      }
      const checked = check(mapped, device, message, faults)
      aheadMs = checked.aheadMs ?? aheadMs
      if (checked.reading === undefined) continue
      const ofDevice = byDevice.get(device.id)
      if (ofDevice === undefined) byDevice.set(device.id, { device, readings: [checked.reading] })
      else ofDevice.readings.push(checked.reading)
    }
    const messages = [...byDevice.values()].map(({ device, readings }) => ({ device, readings: merged(readings) }))
    return { messages, faults: faults.slice(0, maxFaultsKept), ...(aheadMs !== undefined && { aheadMs }) }
  }
}

/** Undefined when all of it was accepted. */
export function quarantinedRaw(
  { position, receivedAt, gatewayId, topic, payload }: RawMessage & { readonly position: number },
  deviceId: string,
  faults: readonly Fault[],
): QuarantineItem | undefined {
  const [first] = faults
  if (first === undefined) return undefined
  return { position, receivedAt, gatewayId, deviceId, topic, reason: first.reason, faults, raw: payload }
}
