import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { minuteMs } from '../core/clock.ts'
import { metricCatalogue } from '../devices/index.ts'
import type { DeviceDay } from '../stores/operations/port.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import { createDeviceDays, minutesOfDay } from './device-days.ts'
import { local } from './fixtures/golden-district.ts'

const begin = local('2026-11-20')
const sent = (minute: number, last: string) => ({ at: begin + minute * minuteMs, last })

test('a mode holds for five minutes, and then nobody knows; what was sent before midnight holds into the day', () => {
  expect(minutesOfDay([], begin)).toEqual({ inServiceMinutes: 0, outOfServiceMinutes: 0, plannedMinutes: 0 })
  // sent in the minute that begins at 23:58: until 00:04
  expect(minutesOfDay([sent(-2, 'normal')], begin)).toMatchObject({ inServiceMinutes: 4 })
  const modes = [
    sent(0, 'normal'),
    sent(1, 'inspection'),
    sent(4, 'out-of-service'),
    sent(5, 'fire'),
    sent(100, 'normal'),
  ]
  expect(minutesOfDay(modes, begin)).toEqual({ inServiceMinutes: 7, plannedMinutes: 3, outOfServiceMinutes: 7 })
  expect(minutesOfDay([sent(1_439, 'normal'), sent(1_441, 'normal')], begin)).toMatchObject({ inServiceMinutes: 1 })
})

test('an elevator that is left in inspection mode is out of service, not in maintenance all day', () => {
  const left = Array.from({ length: 1_440 }, (_, minute) => sent(minute, minute < 600 ? 'inspection' : 'normal'))
  expect(minutesOfDay(left, begin)).toEqual({ inServiceMinutes: 840, plannedMinutes: 240, outOfServiceMinutes: 360 })
})

test('days are written down when they are over, made up for after a downtime, and again where telemetry came late', async () => {
  const readings = memoryReadings({ catalogue: metricCatalogue })
  const written: DeviceDay[] = []
  const days = createDeviceDays({ readings, operations: memoryDays(written) })
  const send = (day: string, from: number, minutes: number) =>
    readings.write(
      Array.from({ length: minutes / 5 }, (_, index) => ({
        ...{ deviceId: 'e1', kind: 'elevator', values: { mode: 'normal' }, receivedAt: 0 },
        at: local(day) + (from + index * 5) * minuteMs,
      })),
      { journalId: randomUUID(), position: 1 },
    )
  await send('2026-11-20', 0, 1_440)
  await send('2026-11-21', 720, 720)
  const of = (day: string) => written.findLast((row) => row.day === day)?.inServiceMinutes

  await days.record(local('2026-11-21 09:00'))
  expect([of('2026-11-20'), of('2026-11-21')]).toEqual([1_440, undefined]) // today is not over
  await days.record(local('2026-11-24 09:00'))
  expect([of('2026-11-21'), of('2026-11-23')]).toEqual([721, 0]) // what was sent at 23:55 holds past midnight

  await send('2026-11-21', 0, 720)
  const before = written.length
  expect(await days.record(local('2026-11-25 09:00'))).toBe(2) // the 21st is known in full now, and the 24th is over
  expect(of('2026-11-21')).toBe(1_440)
  expect(written.slice(before).map(({ day }) => day)).toEqual(['2026-11-21', '2026-11-24'])

  await send('2026-11-23', 0, 1_440)
  expect(await days.record(local('2026-12-20 09:00'))).toBe(25) // of the 23rd it came too late, unlike the days missed since the 24th
  expect(of('2026-11-23')).toBe(0)
})

/** As the table keeps them: what is known already is not written twice. */
function memoryDays(written: DeviceDay[]) {
  const newest = (day: string) => written.findLast((row) => row.day === day)
  return {
    newestDeviceDay: async () =>
      written
        .map(({ day }) => day)
        .sort()
        .at(-1),
    elevatorsIn: async (_: object, after: string) => (after === '' ? ['e1'] : []),
    deviceDays: async (_: readonly string[], day: string) => [newest(day)].filter((row) => row !== undefined),
    async insertDeviceDays(rows: readonly DeviceDay[]) {
      const fresh = rows.filter(({ knownAt: _, ...row }) => {
        const { knownAt: __, ...known } = newest(row.day) ?? { knownAt: 0 }
        return JSON.stringify(known) !== JSON.stringify(row)
      })
      written.push(...fresh)
      return fresh.length
    },
  }
}
