import { bigint, bigserial, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Overhaul, ProposedForecast } from '../../../core/overhaul.ts'
import { instant, json, words } from './columns.ts'
import { devices } from './registry.ts'

/** Proposals of parts and overhauls as they stand; what happened to each is in its chain (`record_events`). */
export const overhauls = pgTable(
  'overhauls',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    deviceId: text('device_id')
      .notNull()
      .references(() => devices.id),
    type: text().$type<Overhaul['type']>().notNull(),
    part: words(),
    partNumber: words('part_number'),
    reason: words().notNull(),
    estimatedFen: bigint('estimated_fen', { mode: 'number' }).notNull(),
    expectedLifeDays: integer('expected_life_days'),
    incidentId: uuid('incident_id'),
    orderId: uuid('order_id'),
    forecast: json().$type<ProposedForecast>(),
    evidence: json().$type<readonly string[]>().notNull(),
    teamId: text('team_id'),
    state: text().$type<Overhaul['state']>().notNull(),
    proposedAt: instant('proposed_at').notNull(),
    proposedBy: words('proposed_by').notNull(),
    decidedAt: instant('decided_at'),
    decidedBy: words('decided_by'),
    decisionReason: words('decision_reason'),
    settledFen: bigint('settled_fen', { mode: 'number' }),
    doneAt: instant('done_at'),
    doneBy: words('done_by'),
    doneNote: words('done_note'),
  },
  (table) => [
    uniqueIndex('overhauls_seq').on(table.seq),
    index('overhauls_device').on(table.deviceId, table.seq),
    index('overhauls_state').on(table.state, table.seq),
  ],
)
