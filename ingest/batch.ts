import type { Device } from '../core/device.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { QuarantineItem } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import type { JournalBatch, PositionedEntry } from '../stores/journal/port.ts'
import type { createDecoder, Decoded, Message } from './decode.ts'
import type { DeviceDirectory } from './devices.ts'
import type { BatchRange } from './follow.ts'

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
  | Exclude<PositionedEntry, { type: 'message' }>

export function createBatchDecoder(options: {
  decode: ReturnType<typeof createDecoder>
  directory: DeviceDirectory
  log: Log
}): (batch: JournalBatch, first: number) => Promise<DecodedBatch> {
  const { directory, log } = options

  /** A message on which our own code fails is named like any other that we cannot read, and holds up nothing behind it. */
  function decode(message: Message, device: Device | undefined): Decoded {
    try {
      return options.decode(message, device)
    } catch (cause) {
      const { position, receivedAt, gatewayId, deviceId, payload } = message
      log.error({ position, device: deviceId, reason: reasonOf(cause) }, 'a message could not be decoded')
      const fault = { path: '$', reason: 'bad-reading', text: `it could not be read: ${reasonOf(cause)}` } as const
      const item = { position, receivedAt, gatewayId, deviceId, reason: fault.reason, faults: [fault], raw: payload }
      return { readings: [], quarantined: item }
    }
  }

  return async (batch, first) => {
    for (const { from, to, reason } of batch.damaged) {
      log.error({ from, to, reason }, 'a stretch of the journal is damaged and was skipped')
    }
    await directory.resolve(batch.entries.filter((entry) => entry.type === 'message'))

    const items: DecodedItem[] = []
    const quarantined: QuarantineItem[] = []
    for (const entry of batch.entries) {
      if (entry.type !== 'message') {
        items.push(entry)
        continue
      }
      const device = directory.get(entry.deviceId)
      const decoded = decode(entry, device)
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
