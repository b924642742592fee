import { expect, test, vi } from 'vitest'
import { silentLog } from './core/log.ts'
import { createDaily } from './daily.ts'
import type { Operations } from './stores/operations/port.ts'
import { createMaintenanceJob } from './workorders/maintenance/job.ts'

test('what is due is looked at when the service starts, a failure is logged, and stopping waits for the run', async () => {
  const warn = vi.fn()
  let finish = () => {}
  const review = vi.fn(() => new Promise<number>((_, reject) => (finish = () => reject(new Error('database away')))))
  const { runOnce } = createMaintenanceJob({
    operations: {} as Operations,
    maintenance: { review },
    openOrder: async () => undefined,
    clock: () => 0,
  })
  const log = { ...silentLog, warn }
  const job = createDaily({ at: '0 6 * * *', work: runOnce, done: 'looked at', failed: 'not looked at', log })
  job.start()
  await vi.waitFor(() => expect(review).toHaveBeenCalledTimes(1))
  let stopped = false
  const stopping = job.stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(stopped).toBe(false)
  finish()
  await stopping
  expect(warn).toHaveBeenCalledWith({ reason: 'database away' }, expect.any(String))
})
