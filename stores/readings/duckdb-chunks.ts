import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
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
  /** Those that do not fit into `items`, by row. */
  readonly longStrings: Map<number, string>
  /** One bit a row, set where there is a value, as DuckDB wants it. */
  readonly valid: Uint8Array
  isEmpty: boolean
}

const buffersOfTable = new WeakMap<TableLayout, ReadonlyMap<string, ColumnBuffer>>()

/** Appends readings to a table in data chunks; `numberOf` gives a device's number, `late` is theirs. Synchronous: 2 µs a reading. */
export async function appendReadings(
  connection: DuckDBConnection,
  layout: TableLayout,
  readings: readonly Reading[],
  numberOf: (deviceId: string) => number,
  late: boolean,
): Promise<void> {
  if (readings.length === 0) return
  const appender = await connection.createAppender(layout.table, null, layout.catalog ?? null)
  // nothing waits from here on, so the buffers are nobody else's
  const byName = buffersOf(layout)
  const buffers = [...byName.values()]
  const column = (name: string): ColumnBuffer => {
    const buffer = byName.get(name)
    if (!buffer) throw new Error(`${layout.table} has no column ${name}`)
    return buffer
  }
  const own = { device: column('device'), at: column('at'), receivedAt: column('receivedAt'), late: column('late') }

  for (let start = 0; start < readings.length; start += chunkRows) {
    const count = Math.min(chunkRows, readings.length - start)
    for (const buffer of buffers) empty(buffer)
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

function buffersOf(layout: TableLayout): ReadonlyMap<string, ColumnBuffer> {
  const known = buffersOfTable.get(layout)
  if (known !== undefined) return known
  const buffers = new Map(layout.columns.map(({ name, type }) => [name, newBuffer(type)]))
  buffersOfTable.set(layout, buffers)
  return buffers
}

function newBuffer(type: ColumnType): ColumnBuffer {
  const items = new itemsOfType[type](chunkRows * itemsPerRow(type))
  return { type, items, longStrings: new Map(), valid: new Uint8Array(chunkRows / 8), isEmpty: true }
}

function empty(buffer: ColumnBuffer): void {
  if (buffer.isEmpty) return
  buffer.isEmpty = true
  buffer.valid.fill(0)
  buffer.longStrings.clear()
}

function put(buffer: ColumnBuffer, row: number, value: unknown): void {
  const { type, items, valid } = buffer
  if (type === 'string') putString(buffer, row, value as string)
  else if (type === 'time') putTime(items as Int32Array, row, value as number)
  else items[row] = Number(value)
  const byte = row >> 3
  valid[byte] = (valid[byte] ?? 0) | (1 << (row & 7))
  buffer.isEmpty = false
}

/** A 64-bit integer as two halves, low one first: a BigInt per value would cost more than all the rest. */
function putTime(halves: Int32Array, row: number, milliseconds: number): void {
  halves[2 * row] = (milliseconds - Math.floor(milliseconds / 2 ** 32) * 2 ** 32) | 0
  halves[2 * row + 1] = Math.floor(milliseconds / 2 ** 32)
}

/** DuckDB's `string_t`: 4 bytes of length, then the text itself where it has at most 12 bytes, as the name of a state mostly has. */
const stringWords = 4
const inlineBytes = 12
const packed = new Map<string, Int32Array | null>()
const mostPacked = 10_000

function putString({ items, longStrings }: ColumnBuffer, row: number, text: string): void {
  let words = packed.get(text)
  if (words === undefined) {
    if (packed.size >= mostPacked) packed.clear()
    words = packedString(text)
    packed.set(text, words)
  }
  if (words === null) longStrings.set(row, text)
  else items.set(words, row * stringWords)
}

/** Null for a text that does not fit. */
function packedString(text: string): Int32Array | null {
  const bytes = Buffer.from(text)
  if (bytes.length > inlineBytes) return null
  const words = new Int32Array(stringWords)
  words[0] = bytes.length
  new Uint8Array(words.buffer, 4).set(bytes)
  return words
}

const itemsOfType = {
  device: Int32Array,
  time: Int32Array,
  number: Float64Array,
  string: Int32Array,
  boolean: Uint8Array,
}

function itemsPerRow(type: ColumnType): number {
  return type === 'string' ? stringWords : type === 'time' ? 2 : 1
}

function chunkOf(buffers: readonly ColumnBuffer[], count: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    buffers.map(({ type }) => duckdbType[type]),
    count,
  )
  buffers.forEach((buffer, index) => {
    fill(bindings.data_chunk_get_vector(chunk.chunk, index), buffer, count)
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
 * By the engine's own calls, whole columns at once. @duckdb/node-api offers one call per value instead, each with BigInt arithmetic for
 * its bit of validity: ten times slower. The contract test notices if the layout of a vector ever changes.
 */
function fill(
  vector: bindings.Vector,
  { type, items, longStrings, valid, isEmpty }: ColumnBuffer,
  count: number,
): void {
  bindings.vector_ensure_validity_writable(vector)
  bindings.copy_data_to_vector_validity(vector, 0, valid.buffer as ArrayBuffer, 0, 8 * Math.ceil(count / 64))
  if (isEmpty) return
  const bytes = count * itemsPerRow(type) * items.BYTES_PER_ELEMENT
  bindings.copy_data_to_vector(vector, 0, items.buffer as ArrayBuffer, 0, bytes)
  for (const [row, text] of longStrings) bindings.vector_assign_string_element(vector, row, text)
}
