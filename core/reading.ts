/** One metric's value: a quantity (its unit is in the metric's name), a state by name, or a flag. */
export type MetricValue = number | string | boolean

/** A device's metrics at one moment; what a gateway did not send is absent, and absent means unknown. */
export type Values = Readonly<Record<string, MetricValue>>

/**
 * What a device measured at one time, checked against its kind's telemetry schema.
 * Its identity is (`deviceId`, `at`): two messages for one time are merged metric by metric, the first value stays.
 */
export interface Reading {
  readonly deviceId: string
  readonly kind: string
  /** The device's time, ms since 1970. */
  readonly at: number
  /** When the journal received it, ms since 1970, by our clock. */
  readonly receivedAt: number
  readonly values: Values
}

/** What makes two readings the same one: device and time. */
export const identityOf = ({ deviceId, at }: Pick<Reading, 'deviceId' | 'at'>) => `${deviceId} ${at}`
