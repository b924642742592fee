import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hourMs, minuteMs } from '../core/clock.ts'
import { csvLine } from '../core/csv.ts'
import { silentLog } from '../core/log.ts'
import type { Reading, Values } from '../core/reading.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { FleetDevice } from '../simulators/fleet.ts'
import { seededRandom } from '../simulators/random.ts'
import { takeDataDirectory } from '../stores/data-directory.ts'
import { openDuckdbReadings } from '../stores/readings/duckdb.ts'
import { type Month, monthBefore, type PastVisit, type Trouble } from './demo-month.ts'
import type { ServiceClient } from './service.ts'

const coarseMs = 10 * minuteMs
const fineMs = minuteMs
/** So long is drawn minute by minute: the day that a chart shows first, and the hours around what happened. */
const lastFineMs = 26 * hourMs
const aroundFineMs = 2.5 * hourMs
/** What counts up goes on in the running simulation, which begins where the history must end. */
const counters = ['energyKwh', 'trips', 'doorCycles', 'runHours']
const historyMegabytes = 224

/**
 * Writes what the district measured in the month before, straight into the history of a data directory that has none yet: all of
 * it or nothing.
 * @param now ms since 1970
 * @param signal looked at between two devices: then nothing is left of it
 * @returns the month of which orders and visits are still to be imported, until `markImported`; undefined = there is none
 * @throws {Error} one sentence: a live process has the directory, or it cannot be used
 */
export async function fillReadings(
  directory: string,
  devices: readonly FleetDevice[],
  now: number,
  signal: AbortSignal,
): Promise<Month | undefined> {
  const file = join(directory, 'readings.duckdb')
  const letGo = takeDataDirectory(directory)
  const forgetPart = () => {
    for (const end of ['.new', '.new.wal']) rmSync(file + end, { force: true })
  }
  try {
    if (!existsSync(file)) {
      forgetPart() // of one that was killed
      console.log('Making up what the district measured in the month before, once: some seconds')
      await writeReadings(`${file}.new`, devices, monthBefore(devices, now), signal)
      if (signal.aborted) return undefined
      writeFileSync(notImported(directory), time(now))
      renameSync(`${file}.new`, file)
    }
    return existsSync(notImported(directory))
      ? monthBefore(devices, Date.parse(readFileSync(notImported(directory), 'utf8')))
      : undefined
  } finally {
    forgetPart()
    letGo()
  }
}

/** Orders and visits of the month are there as well. */
export function markImported(directory: string): void {
  rmSync(notImported(directory), { force: true })
}

/** Holds the moment at which the month ends, from before its readings are there until its orders and visits are. */
const notImported = (directory: string) => join(directory, 'demo-month-to-import')

async function writeReadings(file: string, devices: readonly FleetDevice[], month: Month, signal: AbortSignal) {
  const store = await openDuckdbReadings({
    ...{ file, catalogue: metricCatalogue, log: silentLog, memoryLimitMegabytes: historyMegabytes },
  })
  try {
    for (const device of devices) {
      if (!signal.aborted) await store.write(readingsOf(device, month), { journalId: 'demo-history', position: 0 })
    }
  } finally {
    await store.close()
  }
}

/** What a device measured in that month, with its troubles and its maintenance in it; oldest first. */
export function readingsOf(device: FleetDevice, month: Month): Reading[] {
  const { id: deviceId, kind: kindId, seed, facts } = device
  const kind = kinds.find(({ id }) => id === kindId) as DeviceKind
  const options = { random: seededRandom(seed), facts: { ...kind.factDefaults, ...facts }, startAt: month.from }
  const physics = kind.simulator.create(options)
  const changes = month.troubles
    .filter((trouble) => trouble.deviceId === deviceId)
    .flatMap(({ fault, beganAt, endedAt }) => [
      { at: Math.max(month.from, beganAt), fault },
      { at: endedAt, fault: undefined },
    ])
    .sort((one, other) => one.at - other.at)
  const own = month.visits.filter((visit) => visit.deviceId === deviceId)
  const visits = own.filter(({ shows }) => shows === 'work')
  const repairs = month.troubles.filter((trouble) => trouble.deviceId === deviceId && isRepairOfElevator(trouble))
  const silent = own.filter(({ shows }) => shows === 'silence').map(spanAround)
  const fine = fineSpans(deviceId, month)

  const readings: Reading[] = []
  for (let at = month.from; at < month.until; at += fine.some(covers(at)) ? fineMs : coarseMs) {
    for (let next = changes[0]; next !== undefined && next.at <= at; next = changes[0]) {
      physics.inject(next.fault, next.at)
      changes.shift()
    }
    const values = physics.step(at)
    if (Object.keys(values).length === 0 || silent.some(covers(at))) continue
    const isInspected = visits.some(({ startedAt, endedAt }) => at >= startedAt && at <= endedAt)
    const isRepaired = repairs.some(({ arrivedAt, endedAt }) => at >= arrivedAt && at < endedAt)
    const told = isInspected || isRepaired ? { ...values, mode: isInspected ? 'inspection' : 'out-of-service' } : values
    readings.push({ deviceId, kind: kindId, at, receivedAt: at, values: told })
  }
  return endingWhereItBegan(readings)
}

/** Whoever repairs one takes it out of service meanwhile. */
function isRepairOfElevator({ kind, severity, outcome }: Trouble): boolean {
  return kind === 'elevator' && severity !== 'warning' && outcome === 'repaired'
}

interface Span {
  readonly from: number
  readonly to: number
}

const spanAround = ({ startedAt, endedAt }: PastVisit): Span => ({ from: startedAt - hourMs, to: endedAt + hourMs })
const covers = (at: number) => (span: Span) => at >= span.from && at < span.to

function fineSpans(deviceId: string, { troubles, visits, until }: Month): Span[] {
  const moments = [
    ...troubles.flatMap((one) => (one.deviceId === deviceId ? [one.foundAt, one.endedAt] : [])),
    ...visits.flatMap((one) => (one.deviceId === deviceId ? [one.startedAt, one.endedAt] : [])),
  ]
  return [
    ...moments.map((at) => ({ from: at - aroundFineMs, to: at + aroundFineMs })),
    { from: until - lastFineMs, to: until },
  ]
}

/** Counters end where they began: there the running simulation, of the same seed, begins. */
function endingWhereItBegan(readings: readonly Reading[]): Reading[] {
  const grown = new Map<string, number>()
  for (const name of counters) {
    const counts = readings.map(({ values }) => values[name]).filter((value) => typeof value === 'number')
    if (counts.length > 1) grown.set(name, (counts.at(-1) ?? 0) - (counts[0] ?? 0))
  }
  const lowered = (values: Values): Values => ({
    ...values,
    ...Object.fromEntries(
      [...grown].flatMap(([name, by]) => {
        const value = values[name]
        return typeof value === 'number' ? [[name, Number((value - by).toFixed(2))]] : []
      }),
    ),
  })
  return readings.map((reading) => ({ ...reading, values: lowered(reading.values) }))
}

/** Orders and visits, by the ways that are there for the books of before; those that are there already stay. */
export async function importMonth(client: ServiceClient, month: Month, books: readonly Trouble[]): Promise<void> {
  const troubles = [...books, ...month.troubles]
  await client.send('POST', '/work-orders/import?apply=true', { type: 'text/csv', body: ordersCsv(troubles) })
  const claimed = await client.list<{ deviceId: string; startedAt: string }>('/visits')
  const isClaimed = new Set(claimed.map(({ deviceId, startedAt }) => `${deviceId} ${startedAt}`))
  for (const { deviceId, items, startedAt, endedAt, teamId, workers } of month.visits) {
    const times = { startedAt: time(startedAt), endedAt: time(endedAt) }
    if (isClaimed.has(`${deviceId} ${times.startedAt}`)) continue
    await client.request('POST', `/devices/${deviceId}/visits`, { items, ...times, teamId, workers, note: madeUp })
  }
}

export const madeUp = '演示数据 (simulated)'
const time = (at: number) => new Date(at).toISOString()

const orderColumns = [
  ...['order_number', 'device_id', 'severity', 'fault', 'description', 'occurred_at', 'responded_at', 'arrived_at'],
  ...['ended_at', 'status', 'cause_class', 'outcome', 'team_id'],
]

/** In the columns of the regulators' record, as other systems' books come in. */
export function ordersCsv(troubles: readonly Trouble[]): string {
  const rows = troubles.map(({ deviceId, kind, fault, foundAt, ...trouble }) => {
    const finding = kinds.find(({ id }) => id === kind)?.simulator.faults[fault]
    if (finding === undefined) throw new Error(`${deviceId} cannot have the fault ${fault}`)
    const isFalse = trouble.outcome === 'false-alarm'
    return [
      ...[`DEMO-${time(foundAt).slice(0, 16)}-${deviceId}`, deviceId, trouble.severity, finding, madeUp],
      ...[time(foundAt), time(trouble.answeredAt), time(trouble.arrivedAt), time(trouble.endedAt)],
      ...[
        isFalse ? 'false-alarm' : 'done',
        isFalse || trouble.outcome === 'drill' ? '' : trouble.causeClass,
        trouble.outcome,
        trouble.teamId,
      ],
    ]
  })
  return [orderColumns, ...rows].map((row) => csvLine(row)).join('')
}
