import { expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import type { Operations } from '../stores/operations/port.ts'
import { countsAsDone, dueItems } from '../workorders/maintenance/due-dates.ts'
import { local } from './fixtures/golden-district.ts'
import { createQualityJob } from './job.ts'

test('a stop does not wait for days that are still to be written down: the next start makes up for them', async () => {
  const asked: string[] = []
  let firstAsked = () => {}
  const waits = new Promise<void>((resolve) => {
    firstAsked = resolve
  })
  const operations = {
    newestDeviceDay: async () => undefined,
    elevatorsIn: async () => Array.from({ length: 200 }, (_, index) => `e${index}`),
    deviceDays: async () => [],
    insertDeviceDays: async (rows: readonly unknown[]) => rows.length,
    markPassed: async () => {},
  } as unknown as Operations
  const job = createQualityJob({
    ...{ operations, clock: () => local('2026-11-20 09:00'), log: silentLog, rules: { dueItems, countsAsDone } },
    readings: {
      async downsampled({ deviceId }) {
        asked.push(deviceId)
        firstAsked()
        return []
      },
    },
  })
  job.start()
  await waits
  await job.stop()
  expect(asked.length).toBeLessThan(200 * 35)
  const before = asked.length
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked.length).toBe(before)
})

test('whoever says for good what figures are waits for days that are over and for what has changed, and hears when it cannot be', async () => {
  const done: string[] = []
  let now = local('2026-12-01 00:10')
  let isAway = true
  const operations = {
    newestDeviceDay: async () => '2026-11-29',
    elevatorsIn: async () => [],
    deviceDays: async () => [],
    insertDeviceDays: async () => 0,
    markPassed: async () => void done.push('overdue'),
    transaction: async () => {
      if (isAway) throw new Error('away')
      done.push('counted')
      return { counted: 0, isAll: true }
    },
  } as unknown as Operations
  const lines: string[] = []
  const log = { ...silentLog, info: (_: object, text: string) => void lines.push(text) }
  const job = createQualityJob({
    ...{ operations, clock: () => now, log, rules: { dueItems, countsAsDone } },
    readings: { downsampled: async () => [] },
  })
  await expect(job.caughtUp()).rejects.toThrow('away')
  isAway = false
  await job.caughtUp()
  expect(done).toEqual(['overdue', 'overdue', 'counted'])
  expect(lines).toHaveLength(1) // the days of before were written down by the first
  now = local('2026-12-02 00:10')
  await job.caughtUp()
  expect(lines).toHaveLength(2)
  await job.stop()
})

test('who waits for figures when the service stops hears that they are not counted', async () => {
  let stopped: Promise<void> | undefined
  const operations = {
    newestDeviceDay: async () => '2026-11-29',
    elevatorsIn: async () => [],
    deviceDays: async () => [],
    insertDeviceDays: async () => 0,
    markPassed: async () => {},
    transaction: async () => {
      stopped ??= job.stop()
      return { counted: 1, isAll: false }
    },
  } as unknown as Operations
  const job = createQualityJob({
    ...{ operations, clock: () => local('2026-12-01 00:10'), log: silentLog, rules: { dueItems, countsAsDone } },
    readings: { downsampled: async () => [] },
  })
  await expect(job.caughtUp()).rejects.toMatchObject({ code: 'unavailable' })
  await stopped
})
