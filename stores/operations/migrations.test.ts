import { readFileSync } from 'node:fs'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Incident } from '../../core/incident.ts'
import type { Suppressed } from '../../core/suppression.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase } from '../../test/operations-database.ts'
import * as schema from './schema.ts'

const read = (name: string) => JSON.parse(readFileSync(new URL(`./migrations/meta/${name}`, import.meta.url), 'utf8'))

test('the schema is what the newest migration says, so that the next one is made from there', async () => {
  const { idx } = read('_journal.json').entries.at(-1)
  const newest = read(`${String(idx).padStart(4, '0')}_snapshot.json`)
  expect(await generateMigration(newest, generateDrizzleJson(schema, newest.id))).toEqual([])
})

test('what had joined a call before the upgrade learns for which order it waits, and nothing else does', async () => {
  const database = await startTestDatabase()
  onTestFinished(() => database.remove())
  const { operations } = database
  let at = 0
  const insert = async (given: Partial<Incident>) => {
    at += 1
    const { orderId: _, ...incident } = testIncident({ detectedAt: at, ...given })
    await operations.insertIncident({ ...incident, followed: null })
    return incident
  }
  const withOrder = async (given: Partial<Incident>) => {
    const incident = await insert(given)
    const order = testOrder({ incidentId: incident.id })
    await operations.insertOrder(order)
    return { incident, order }
  }
  const joined = (parentId: string, by: Suppressed['by'] = 'inhibition', orderId?: string): Partial<Incident> => ({
    state: 'suppressed',
    parentId,
    suppressed: { by, id: parentId, text: 'It joined', at: 0, ...(orderId && { orderId }) },
  })
  const call = await withOrder({ source: 'call-centre', externalId: 'call-1' })
  const outage = await withOrder({})
  const waits = await insert(joined(call.incident.id))
  const others = [
    await insert(joined(outage.incident.id)),
    await insert(joined(call.incident.id, 'storm')),
    await insert({ ...joined(call.incident.id), state: 'cleared', clearedAt: 1 }),
    await insert(joined(call.incident.id, 'inhibition', outage.order.id)),
  ]

  const pool = new pg.Pool(database.connection)
  const file = readFileSync(new URL('./migrations/0011_after_review.sql', import.meta.url), 'utf8')
  for (const statement of file.split('--> statement-breakpoint')) {
    if (statement.includes('UPDATE')) await pool.query(statement)
  }
  await pool.end()

  expect((await operations.incident(waits.id))?.suppressed).toEqual({ ...waits.suppressed, orderId: call.order.id })
  for (const { id, suppressed } of others) expect((await operations.incident(id))?.suppressed).toEqual(suppressed)
})
