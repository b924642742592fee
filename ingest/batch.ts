import type { Device } from '../core/device.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Fault, QuarantineItem } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import type { DamagedRange, JournalBatch, Moment, PositionedEntry } from '../stores/journal/port.ts'
import type { createDecoder, Decoded, Message } from './decode.ts'
import { createRawDecoder, type DecodedRaw, quarantinedRaw, type Translated, translate } from './decode-raw.ts'
import type { DeviceDirectory, FindCandidate, Named } from './devices.ts'
import type { BatchRange } from './follow.ts'
import type { MapMessage, MappedReading } from './mapping.ts'
import type { FindMap } from './mappings.ts'

/** A stretch of the journal as everyone behind it wants it: who sent what, checked. */
export interface DecodedBatch extends BatchRange {
  readonly items: readonly DecodedItem[]
  readonly quarantined: readonly QuarantineItem[]
}

export type DecodedItem =
  | {
      readonly type: 'message'
      readonly position: number
      readonly receivedAt: number
      readonly device: Device
      readonly readings: readonly Reading[]
    }
  /** Nothing in the message could be used, because the gateway's clock is so far ahead of ours, ms. */
  | {
      readonly type: 'clock-ahead'
      readonly position: number
      readonly receivedAt: number
      readonly gatewayId: string
      readonly aheadMs: number
    }
  | Moment

type MessageEntry = PositionedEntry & { type: 'message' }
type RawEntry = PositionedEntry & { type: 'raw' }

/** One reading of a message that is in its gateway's own words. */
interface NamedRaw extends Named {
  readonly entry: RawEntry
  readonly reading: MappedReading
}

/** How what gateways say in their own words is read. */
export interface RawReading {
  readonly decode: ReturnType<typeof createRawDecoder>
  readonly findMap: FindMap
}

const noMappings: RawReading = {
  decode: createRawDecoder({ kinds: [], maxAgeDays: 0 }),
  findMap: async () => undefined,
}

export function createBatchDecoder(options: {
  decode: ReturnType<typeof createDecoder>
  /** Absent = no gateway has a mapping. */
  raw?: RawReading
  directory: DeviceDirectory
  /** Told how many entries were skipped, each once however often a consumer that is behind comes past them. */
  onDamaged?: (entries: number) => void
  log: Log
}): (batch: JournalBatch, first: number) => Promise<DecodedBatch> {
  const { raw = noMappings, directory, onDamaged, log } = options
  let toldUpTo = 0

  function tellDamaged({ from, to, reason }: DamagedRange): void {
    log.error({ from, to, reason }, 'a stretch of the journal is damaged and was skipped')
    if (to > toldUpTo) onDamaged?.(to - Math.max(from, toldUpTo))
    toldUpTo = Math.max(to, toldUpTo)
  }

  /** A message on which our own code fails is named like any other that we cannot read, and holds up nothing behind it. */
  function safely<T>({ position }: PositionedEntry, about: string, work: () => T, named: (fault: Fault) => T): T {
    try {
      return work()
    } catch (cause) {
      log.error({ position, about, reason: reasonOf(cause) }, 'a message could not be decoded')
      return named({ path: '$', reason: 'bad-reading', text: `it could not be read: ${reasonOf(cause)}` })
    }
  }

  function decode(message: PositionedEntry & Message, device: Device | undefined): Decoded {
    const { position, receivedAt, gatewayId, deviceId, payload } = message
    return safely(
      message,
      deviceId,
      () => options.decode(message, device),
      (fault) => ({
        readings: [],
        quarantined: {
          ...{ position, receivedAt, gatewayId, deviceId, reason: fault.reason, faults: [fault] },
          raw: payload,
        },
      }),
    )
  }

  /** What those say that speak in their own words. @throws {StoreUnavailable} */
  async function translated(entries: readonly RawEntry[]): Promise<Map<RawEntry, Translated>> {
    const all = new Map<RawEntry, Translated>()
    const maps = new Map<string, MapMessage | undefined>()
    for (const entry of entries) {
      const key = `${entry.gatewayId} ${entry.mappingVersion}`
      if (!maps.has(key)) maps.set(key, await raw.findMap(entry.gatewayId, entry.mappingVersion))
      const map = maps.get(key)
      const said = safely(
        entry,
        entry.topic,
        () => translate(entry, map),
        (fault) => ({ readings: [], faults: [fault] }),
      )
      all.set(entry, said)
    }
    return all
  }

  function decodeRaw(entry: RawEntry, said: Translated, deviceOf: (id: string) => Device | undefined): DecodedRaw {
    return safely(
      entry,
      entry.topic,
      () => raw.decode(entry, said, deviceOf),
      (fault) => ({ messages: [], faults: [fault] }),
    )
  }

  function itemsOfRaw(
    entry: RawEntry,
    said: Translated,
    candidateOf: FindCandidate,
    quarantined: QuarantineItem[],
  ): DecodedItem[] {
    const deviceOf = (deviceId: string) =>
      directory.get(deviceId) ?? candidateOf({ gatewayId: entry.gatewayId, deviceId })
    const { messages, faults, aheadMs } = decodeRaw(entry, said, deviceOf)
    const item = quarantinedRaw(entry, onlyDevice(said), faults)
    if (item !== undefined) quarantined.push(item)
    const { position, receivedAt, gatewayId } = entry
    if (messages.length === 0 && aheadMs !== undefined) {
      return [{ type: 'clock-ahead', position, receivedAt, gatewayId, aheadMs }]
    }
    return messages.map(({ device, readings }) => ({ type: 'message', position, receivedAt, device, readings }))
  }

  function isUsableAs(named: MessageEntry | NamedRaw, device: Device): boolean {
    if ('type' in named) return decode(named, device).readings.length > 0
    return decodeRaw(named.entry, { readings: [named.reading], faults: [] }, () => device).messages.length > 0
  }

  return async (batch, first) => {
    batch.damaged.forEach(tellDamaged)
    const said = await translated(batch.entries.filter((entry) => entry.type === 'raw'))
    const candidateOf = await directory.resolve(namedIn(batch.entries, said), isUsableAs)

    const items: DecodedItem[] = []
    const quarantined: QuarantineItem[] = []
    for (const entry of batch.entries) {
      if (entry.type === 'raw') {
        items.push(...itemsOfRaw(entry, said.get(entry) ?? nothing, candidateOf, quarantined))
        continue
      }
      if (entry.type !== 'message') {
        items.push(entry)
        continue
      }
      const device = directory.get(entry.deviceId)
      const decoded = decode(entry, device ?? candidateOf(entry))
      if (decoded.quarantined !== undefined) quarantined.push(decoded.quarantined)
      const { position, receivedAt, gatewayId } = entry
      const { readings, aheadMs } = decoded
      if (device !== undefined && readings.length > 0) {
        items.push({ type: 'message', position, receivedAt, device, readings })
      } else if (aheadMs !== undefined) {
        items.push({ type: 'clock-ahead', position, receivedAt, gatewayId, aheadMs })
      }
    }
    return { first, next: batch.next, items, quarantined }
  }
}

function* namedIn(
  entries: readonly PositionedEntry[],
  said: ReadonlyMap<PositionedEntry, Translated>,
): Generator<MessageEntry | NamedRaw> {
  for (const entry of entries) {
    if (entry.type === 'message') yield entry
    if (entry.type !== 'raw') continue
    const { gatewayId } = entry
    const { readings } = said.get(entry) ?? nothing
    for (const reading of readings) yield { gatewayId, deviceId: reading.deviceId, entry, reading }
  }
}

/** Whoever sees one device of several must not read what the message says of the others: what has a list in it is its gateway's alone. */
function onlyDevice({ readings: [reading] }: Translated): string {
  return reading?.path === '$' ? reading.deviceId : ''
}

const nothing: Translated = { readings: [], faults: [] }
