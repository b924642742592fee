/** Why a message, a reading or a metric was not accepted. Documented one by one in docs/mqtt.md. */
export const quarantineReasons = [
  'bad-json',
  'unknown-device',
  'foreign-device',
  'retired-device',
  'too-many',
  'bad-reading',
  'bad-time',
  'clock-ahead',
  'clock-too-old',
  'wrong-kind',
  'unknown-metric',
  'wrong-type',
  'not-a-number',
  'out-of-range',
  'unknown-value',
  'not-mapped',
  'store-refused',
] as const

export type QuarantineReason = (typeof quarantineReasons)[number]

export interface Fault {
  /** Where in the payload, as a JSON path: `$`, `$.values.volts`, `$[3].at`. */
  readonly path: string
  readonly reason: QuarantineReason
  /** In plain words, with the value and what was expected. */
  readonly text: string
}

/** One message of which something was not accepted: the first fault's reason, all faults (at most 20), the bytes as received. */
export interface QuarantineItem {
  readonly position: number
  readonly receivedAt: number
  readonly gatewayId: string
  /** Empty where a mapped message is not of one device alone. */
  readonly deviceId: string
  /** Where a gateway with a mapping published it, in its own words; absent or null of telemetry. */
  readonly topic?: string | null
  readonly reason: QuarantineReason
  readonly faults: readonly Fault[]
  readonly raw: Uint8Array
}
