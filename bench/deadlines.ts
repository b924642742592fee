import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { hourMs, minuteMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import { chooseCrew } from '../workorders/crews/dispatch.ts'
import { recordEvent } from '../workorders/evidence/chain.ts'
import { notify } from '../workorders/notices/notify.ts'
import { createDeadlineAudit } from '../workorders/plans/audit-deadlines.ts'
import { createDeadlineWorker } from '../workorders/plans/deadlines.ts'
import { createEscalate } from '../workorders/plans/escalate.ts'
import { freeze, shippedPlans } from '../workorders/plans/plans.ts'
import { insertManyDeadlines } from './deadline-rows.ts'
import { machineText, medianAndRange, milliseconds, quantile } from './figures.ts'

const deadlinesOfEach = 8
const cycles = 200
const dueAtOnce = 10_000
const everyMs = 10

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
      // one after the other falls due in the simulated time, from an hour after the start on
      ...{ detectedAt: startedAt, firstDueAt: startedAt + hourMs, everyMs },
      ...{ plan: freeze(plan), step },
    })
    await insertPeople(operations)
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
  const escalate = createEscalate({ notify: async () => [], chooseCrew: async () => none, recordEvent })
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

  const real = createEscalate({ notify, chooseCrew, recordEvent })
  const telling = createDeadlineWorker({ operations, escalate: real, clock: () => now, log: silentLog })
  for (const [what, firing] of [
    ['without notices', worker],
    ['with a notice for each of those whom the plan tells', telling],
  ] as const) {
    now += dueAtOnce * everyMs
    const began = performance.now()
    const fired = await firing.runOnce()
    const seconds = (performance.now() - began) / 1000
    console.log(
      `${fired} due at once: ${seconds.toFixed(1)} s, ${(fired / seconds).toFixed(0)}/s, ${what}   (wanted: 5 s for ${dueAtOnce})`,
    )
  }
}

/** Somebody for every party of the plan who can be told. */
async function insertPeople(operations: OperationsStore): Promise<void> {
  const nothing = { areas: [], skills: [], phone: null, createdAt: 0, removedAt: null }
  const channel = { type: 'webhook', name: 'webhook', settings: {}, enabled: true, createdAt: 0 } as const
  await operations.insertChannel({ id: 'webhook', ...channel })
  const types = {
    duty: 'duty-room',
    'crew-1': 'crew',
    'crew-2': 'crew',
    boss: 'supervisor',
    office: 'district',
  } as const
  for (const [id, type] of Object.entries(types)) {
    const addresses = [{ channelId: 'webhook', address: id }]
    await operations.insertTeam({ id, type, name: id, addresses, ...nothing })
  }
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
