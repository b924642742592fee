import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { hourMs, minuteMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import { createDeadlineAudit } from '../workorders/audit-deadlines.ts'
import { recordEvent } from '../workorders/chain.ts'
import { createDeadlineWorker } from '../workorders/deadlines.ts'
import { createEscalate } from '../workorders/escalate.ts'
import { freeze, shippedPlans } from '../workorders/plans.ts'
import { insertManyDeadlines } from './deadline-rows.ts'
import { machineText, medianAndRange, milliseconds, quantile } from './figures.ts'

const deadlinesOfEach = 8
const cycles = 200

/** How long the deadline worker takes to see what is due, and to fire it, beside many that are not due yet. */
export async function benchDeadlines({ open }: { open: number }): Promise<void> {
  console.log(`deadlines: ${open} open ones, PostgreSQL inside; ${machineText()}`)
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-deadlines-'))
  const postgres = await startEmbeddedPostgres({ directory: join(directory, 'postgres'), log: silentLog })
  const { connection } = postgres
  const operations = await openPostgresOperations({ connection, connections: 10, log: silentLog })
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const startedAt = Date.UTC(2026, 10, 24, 8)
    const plan = shippedPlans.find(({ id }) => id === 'emergency')
    const step = plan?.steps.at(-1)
    if (plan === undefined || step === undefined) throw new Error('no emergency plan ships')
    await insertManyDeadlines(client, {
      ...{ orders: Math.ceil(open / deadlinesOfEach), deadlinesOfEach, ranks: [3, 2, 2, 1] },
      // one falls due every 10 ms of the simulated time, from an hour after the start on
      ...{ detectedAt: startedAt, firstDueAt: startedAt + hourMs, everyMs: 10 },
      ...{ plan: freeze(plan), step },
    })
    await measure(operations, startedAt + minuteMs)
  } finally {
    await client.end()
    await operations.close()
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function measure(operations: OperationsStore, startedAt: number): Promise<void> {
  let now = startedAt
  const none = { teamId: null, because: 'no crew exists' }
  const escalate = createEscalate({ notify: async () => {}, chooseCrew: async () => none, recordEvent })
  const worker = createDeadlineWorker({ operations, escalate, clock: () => now, log: silentLog })
  const audit = createDeadlineAudit({ operations, clock: () => now, log: silentLog })

  const idle = await timesOf(async () => {
    await worker.runOnce()
    await operations.nextDeadlineAt()
  })
  console.log(
    `a cycle in which nothing is due: ${medianAndRange(idle, milliseconds)}, p99 ${milliseconds(quantile(idle, 0.99))}`,
  )

  const next = (await operations.nextDeadlineAt()) ?? now
  now = next - 10
  const single = await timesOf(async () => {
    now += 10
    await worker.runOnce()
  })
  console.log(
    `a cycle that fires one: ${medianAndRange(single, milliseconds)}, p99 ${milliseconds(quantile(single, 0.99))}   (floor 100 ms)`,
  )

  const looks = await timesOf(() => audit.look(), 20)
  console.log(`the auditor looks: ${medianAndRange(looks, milliseconds)}`)

  now += 10_000
  const began = performance.now()
  const fired = await worker.runOnce()
  const seconds = (performance.now() - began) / 1000
  console.log(`${fired} due at once: ${seconds.toFixed(1)} s, ${(fired / seconds).toFixed(0)}/s, without notices`)
}

async function timesOf(work: () => Promise<void>, times = cycles): Promise<number[]> {
  const taken: number[] = []
  for (let round = 0; round < times; round++) {
    const began = performance.now()
    await work()
    taken.push(performance.now() - began)
  }
  return taken
}
