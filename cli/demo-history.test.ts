import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { kinds } from '../devices/index.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { seededRandom } from '../simulators/random.ts'
import { judgeVisit } from '../workorders/maintenance/verdict.ts'
import { problemsOf, readPastOrders } from '../workorders/past/past-orders.ts'
import { booksBefore } from './demo-books.ts'
import { fleetSize } from './demo-district.ts'
import { fillReadings, markImported, ordersCsv, readingsOf } from './demo-history.ts'
import { monthBefore } from './demo-month.ts'

const now = Date.parse('2026-11-30T06:00:00Z')
const devices = planFleet(fleetSize)
const month = monthBefore(devices, now)

test('a device has one trouble at a time, within the month, and of its own kind', () => {
  for (const { id, kind } of devices) {
    const faults = Object.keys(kinds.find((one) => one.id === kind)?.simulator.faults ?? {})
    let free = month.from
    const own = month.troubles.filter(({ deviceId }) => deviceId === id)
    for (const { fault, beganAt, foundAt, answeredAt, arrivedAt, endedAt } of own) {
      expect(faults).toContain(fault)
      expect([free, beganAt, foundAt, answeredAt, arrivedAt, endedAt, now]).toEqual(
        [free, beganAt, foundAt, answeredAt, arrivedAt, endedAt, now].toSorted((one, other) => one - other),
      )
      free = endedAt
    }
  }
  expect(month.troubles.length).toBeGreaterThan(25)
})

test('what has not happened yet is left out', () => {
  const early = monthBefore(devices, now - 5.5 * 3_600_000)
  expect(early.troubles.length).toBeLessThan(month.troubles.length)
  expect(early.troubles.every(({ endedAt }) => endedAt < early.until)).toBe(true)
})

test('its orders are taken as past orders without a fault', async () => {
  const troubles = [...booksBefore(devices, now).troubles, ...month.troubles]
  const { lines, errors } = await readPastOrders(ordersCsv(troubles))
  expect(errors).toEqual([])
  expect(lines).toHaveLength(troubles.length)
  expect(lines.flatMap(({ record }) => problemsOf(record, now))).toEqual([])
})

test('readings show the maintenance that was done, nothing of the one that was not, and do not tell where the gateway was away', () => {
  const verdicts = (['work', 'nothing', 'silence'] as const).map((shows) => {
    const visit = month.visits.find((one) => one.shows === shows)
    const device = devices.find(({ id }) => id === visit?.deviceId)
    if (visit === undefined || device === undefined) return undefined
    const span = { ...month, from: visit.startedAt - dayMs, until: visit.endedAt + dayMs, troubles: [] }
    return judgeVisit(visit, readingsOf(device, span)).verdict
  })
  expect(verdicts).toEqual(['proven', 'not-proven', 'cannot-tell'])
})

test.each(['elevator', 'electricity-meter'])(
  'what a %s counts rises to where the running simulation begins',
  (kind) => {
    const device = devices.find((one) => one.kind === kind)
    const simulator = kinds.find(({ id }) => id === kind)?.simulator
    if (device === undefined || simulator === undefined) throw new Error(`The demo has no ${kind}`)
    const readings = readingsOf(device, { ...month, from: now - 2 * dayMs, troubles: [] })
    const live = simulator.create({ random: seededRandom(device.seed), facts: {}, startAt: now }).step(now)
    const counter = kind === 'elevator' ? 'trips' : 'energyKwh'
    const counts = readings.map(({ values }) => values[counter]).filter((value) => typeof value === 'number')
    expect(counts).toEqual(counts.toSorted((one, other) => one - other))
    expect(counts[0]).toBeLessThan(counts.at(-1) ?? 0)
    expect(counts.at(-1)).toBeCloseTo(live[counter] as number, 0)
  },
)

test('whoever stops it while the month is written leaves nothing of it, nor what a killed one left', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'readings.duckdb.new'), 'half')
  expect(await fillReadings(directory, devices, now, AbortSignal.abort())).toBeUndefined()
  expect(readdirSync(directory)).toEqual([])
})

test('a month whose orders could not be imported is imported at the next start, as it was made; one of real readings never', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'readings.duckdb'), 'there')
  const fill = () => fillReadings(directory, devices, now + 3 * dayMs, new AbortController().signal)
  expect(await fill()).toBeUndefined()

  writeFileSync(join(directory, 'demo-month-to-import'), new Date(now).toISOString())
  expect(await fill()).toEqual(month)
  markImported(directory)
  expect(await fill()).toBeUndefined()
})

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'liftwatt-demo-history-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
