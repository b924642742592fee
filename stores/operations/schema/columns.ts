import { customType } from 'drizzle-orm/pg-core'
import { storable } from '../../../core/canonical.ts'

/** Milliseconds since 1970 in our code, `timestamptz` in SQL, so that Grafana and psql show a time. */
export const instant = customType<{ data: number; driverData: Date | string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (ms) => new Date(ms).toISOString(),
  fromDriver: (value) => new Date(value).getTime(),
})

export const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
})

export const words = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storable,
})

export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value, (_key, part) => (typeof part === 'string' ? storable(part) : part)),
})

/** A transaction's number since the cluster was made, which never wraps; decimal digits, for it may pass 2^53. */
export const transactionId = customType<{ data: string; driverData: string }>({
  dataType: () => 'xid8',
})
