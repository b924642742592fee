import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { minutesPerDay } from '../devices/electricity-meter/loads/day.ts'
import { dayFeatures } from '../devices/electricity-meter/loads/features.ts'
import type { ApplianceDay } from '../devices/electricity-meter/loads/learn-rooms.ts'
import { learnRooms } from '../devices/electricity-meter/loads/learn-rooms.ts'
import { type LabelledDay, type LoadModel, learnLoads } from '../devices/electricity-meter/loads/load-model.ts'
import type { RoomModel } from '../devices/electricity-meter/loads/room-loads.ts'
import { seededRandom } from '../simulators/random.ts'
import { type BenchSet, columnOf, readTable, type Table } from './bench-set.ts'

/** One appliance's day of the set. */
export interface TracebaseDay {
  readonly id: string
  readonly watts: Float64Array
  readonly features: Float64Array
}

export type KnownDay = TracebaseDay & LabelledDay & ApplianceDay

/** Changes the trees' random cuts and the rooms; the figures stay within their noise. */
const seed = 1

/** @throws {Error} a file or a column is missing, or a row has not one value for each minute */
export function trainingDays(set: BenchSet): KnownDay[] {
  const path = join(set.folder, 'train.csv')
  const table = readTable(path)
  const label = columnOf(table, 'label', path)
  const device = columnOf(table, 'device', path)
  return daysOf(table, path).map((day, row) => ({
    ...day,
    label: table.rows[row]?.[label] ?? '',
    device: table.rows[row]?.[device] ?? '',
  }))
}

/** The days to name. @throws {Error} as `trainingDays` does */
export function testDays(set: BenchSet): TracebaseDay[] {
  const path = join(set.folder, 'test.csv')
  return daysOf(readTable(path), path)
}

/** What the test days really are; null where the set comes without its truth. */
export function truthOf(set: BenchSet, days: readonly TracebaseDay[]): KnownDay[] | null {
  const path = join(set.folder, 'truth.csv')
  if (!existsSync(path)) return null
  const table = readTable(path)
  const [id, label, device] = ['id', 'label', 'device'].map((name) => columnOf(table, name, path))
  const byId = new Map(table.rows.map((row) => [row[id ?? 0], row]))
  return days.map((day) => {
    const row = byId.get(day.id)
    if (row === undefined) throw new Error(`${path}: there is no row for ${day.id}`)
    return { ...day, label: row[label ?? 0] ?? '', device: row[device ?? 0] ?? '' }
  })
}

/** The same models for the same days, whatever their order: how the committed file was made. */
export function learnDays(days: readonly KnownDay[]): LoadModel {
  return learnLoads(days, seededRandom(seed))
}

export function learnRoomsOf(days: readonly KnownDay[]): RoomModel {
  return learnRooms(days, seededRandom(seed))
}

function daysOf(table: Table, path: string): TracebaseDay[] {
  const id = columnOf(table, 'id', path)
  const first = columnOf(table, 'm0000', path)
  if (table.header.length - first < minutesPerDay) throw new Error(`${path}: fewer than ${minutesPerDay} minutes a row`)
  return table.rows.map((row, index) => {
    const watts = Float64Array.from(row.slice(first, first + minutesPerDay), (text) =>
      text === '' ? Number.NaN : wattsOf(text, `${path}: row ${index + 2}`),
    )
    return { id: row[id] ?? '', watts, features: dayFeatures(watts) }
  })
}

function wattsOf(text: string, where: string): number {
  const watts = Number(text)
  if (!Number.isFinite(watts)) throw new Error(`${where}: "${text}" is no power`)
  return watts
}
