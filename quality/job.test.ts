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
    markOverdue: async () => {},
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
