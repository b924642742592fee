import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBVector,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import type { Reading } from '../../core/reading.ts'
import type { MetricType } from './port.ts'

/** The most rows that DuckDB takes in one data chunk (its STANDARD_VECTOR_SIZE). */
const chunkRows = 2_048

/** A table's columns in its own order: an appender takes all of them, and only in that order. */
export interface TableLayout {
  readonly table: string
  readonly catalog?: string
  readonly columns: readonly TableColumn[]
}

export interface TableColumn {
  readonly name: string
  readonly type: ColumnType
}

export type ColumnType = MetricType | 'device' | 'time'

/** Typed arrays of one chunk, reused for each: what is slow about filling a table is one call per value. */
interface ColumnBuffer {
  readonly type: ColumnType
  readonly items: Float64Array | Uint8Array | Int32Array
  readonly strings: (string | undefined)[]
  /** One bit a row, set where there is a value, as DuckDB wants it. */
  readonly valid: Uint8Array
}

/** Appends readings to a table in data chunks; `numberOf` gives a device's number, `late` is theirs. Synchronous: 2 µs a reading. */
export async function appendReadings(
  connection: DuckDBConnection,
  layout: TableLayout,
  readings: readonly Reading[],
  numberOf: (deviceId: string) => number,
  late: boolean,
): Promise<void> {
  if (readings.length === 0) return
  const byName = new Map(layout.columns.map(({ name, type }) => [name, emptyBuffer(type)]))
  const buffers = [...byName.values()]
  const column = (name: string): ColumnBuffer => {
    const buffer = byName.get(name)
    if (!buffer) throw new Error(`${layout.table} has no column ${name}`)
    return buffer
  }
  const own = { device: column('device'), at: column('at'), receivedAt: column('receivedAt'), late: column('late') }

  const appender = await connection.createAppender(layout.table, null, layout.catalog ?? null)
  for (let start = 0; start < readings.length; start += chunkRows) {
    const count = Math.min(chunkRows, readings.length - start)
    for (const { valid } of buffers) valid.fill(0)
    for (let row = 0; row < count; row += 1) {
      const { deviceId, at, receivedAt, values } = readings[start + row] as Reading
      put(own.device, row, numberOf(deviceId))
      put(own.at, row, at)
      put(own.receivedAt, row, receivedAt)
      put(own.late, row, late)
      for (const metric in values) put(column(metric), row, values[metric])
    }
    appender.appendDataChunk(chunkOf(buffers, count))
  }
  appender.flushSync()
  appender.closeSync()
}

function put({ type, items, strings, valid }: ColumnBuffer, row: number, value: unknown): void {
  if (type === 'string') strings[row] = value as string
  else if (type === 'time') putTime(items as Int32Array, row, value as number)
  else items[row] = Number(value)
  const byte = row >> 3
  valid[byte] = (valid[byte] ?? 0) | (1 << (row & 7))
}

/** A 64-bit integer as two halves, low one first: a BigInt per value would cost more than all the rest. */
function putTime(halves: Int32Array, row: number, milliseconds: number): void {
  halves[2 * row] = (milliseconds - Math.floor(milliseconds / 2 ** 32) * 2 ** 32) | 0
  halves[2 * row + 1] = Math.floor(milliseconds / 2 ** 32)
}

function emptyBuffer(type: ColumnType): ColumnBuffer {
  return { type, items: emptyItems(type), strings: [], valid: new Uint8Array(chunkRows / 8) }
}

function emptyItems(type: ColumnType): ColumnBuffer['items'] {
  if (type === 'number') return new Float64Array(chunkRows)
  if (type === 'boolean') return new Uint8Array(chunkRows)
  return new Int32Array(type === 'time' ? 2 * chunkRows : chunkRows)
}

function chunkOf(buffers: readonly ColumnBuffer[], count: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    buffers.map(({ type }) => duckdbType[type]),
    count,
  )
  buffers.forEach((buffer, index) => {
    fill(chunk.getColumnVector(index), buffer, count)
  })
  return chunk
}

const duckdbType: Record<ColumnType, DuckDBType> = {
  device: INTEGER,
  time: BIGINT,
  number: DOUBLE,
  string: VARCHAR,
  boolean: BOOLEAN,
}

/**
 * What a vector of @duckdb/node-api 1.5.5-r.5 holds. Its typings keep it private and offer one call per value instead,
 * each with BigInt arithmetic for its bit of validity: ten times slower. The contract test notices if this ever changes.
 */
interface VectorMemory {
  readonly items?: Float64Array | Int32Array | BigInt64Array
  readonly dataView?: DataView
  readonly validity: { data: BigUint64Array | null }
}

function fill(vector: DuckDBVector, { type, items, strings, valid }: ColumnBuffer, count: number): void {
  const memory = vector as unknown as VectorMemory
  memory.validity.data = new BigUint64Array(valid.slice().buffer, 0, Math.ceil(count / 64))
  if (type === 'string') fillStrings(vector, strings, valid, count)
  else copyBytes(items, memory.items ?? memory.dataView)
  vector.flush()
}

function fillStrings(vector: DuckDBVector, strings: ColumnBuffer['strings'], valid: Uint8Array, count: number): void {
  for (let row = 0; row < count; row += 1) {
    if (((valid[row >> 3] ?? 0) >> (row & 7)) & 1) vector.setItem(row, strings[row] ?? null)
  }
}

function copyBytes(from: ArrayBufferView, to: ArrayBufferView | undefined): void {
  if (!to) throw new Error('this version of @duckdb/node-api lays out its vectors in another way')
  const bytes = new Uint8Array(from.buffer, from.byteOffset, to.byteLength)
  new Uint8Array(to.buffer, to.byteOffset, to.byteLength).set(bytes)
}
