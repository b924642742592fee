import type { Client } from 'pg'
import type { FrozenPlan, PlanStep } from '../core/plan.ts'

/**
 * Many running orders with open deadlines, as fast as SQL can write them.
 *
 * @param given.ranks severities in turn, 3 = critical … 0 = info
 * @param given.firstDueAt ms; the deadlines fall due one by one, `everyMs` apart
 */
export async function insertManyDeadlines(
  client: Client,
  given: {
    orders: number
    deadlinesOfEach: number
    ranks: readonly number[]
    detectedAt: number
    firstDueAt: number
    everyMs: number
    plan: FrozenPlan
    step: PlanStep
  },
): Promise<void> {
  const { orders, deadlinesOfEach, ranks, detectedAt, firstDueAt, everyMs, plan, step } = given
  await client.query(
    `create temporary table many as
      select number, gen_random_uuid() as order_id, gen_random_uuid() as incident_id, rank,
        (array['info', 'warning', 'urgent', 'critical'])[1 + rank] as severity, to_timestamp($3::float8 / 1000) as at
      from generate_series(0, $1::int - 1) as number, lateral (select ($2::int[])[1 + number % cardinality($2::int[])] as rank) as ranked`,
    [orders, ranks, detectedAt],
  )
  await client.query(
    `insert into incidents (id, state, scope_type, scope_id, finding, severity, summary, evidence, count,
        occurred_at, received_at, detected_at)
      select incident_id, 'open', 'device', 'many-' || order_id, 'elevator/stopped', severity, 'It stopped', '{}', 1, at, at, at
      from many`,
  )
  await client.query(
    `insert into work_orders (id, incident_id, type, state, finding, severity, summary,
        occurred_at, received_at, detected_at, raised_at, plan)
      select order_id, incident_id, 'emergency', 'raised', 'elevator/stopped', severity, 'It stopped', at, at, at, at, $1::jsonb
      from many`,
    [JSON.stringify(plan)],
  )
  await client.query(
    `insert into deadlines (id, order_id, step, severity_rank, state, due_at, next_attempt_at)
      select gen_random_uuid(), order_id, $4::jsonb, rank, 'open', due_at, due_at
      from many, generate_series(0, $1::int - 1) as place,
        lateral (select to_timestamp(($2::float8 + $3::float8 * (number * $1::int + place)) / 1000) as due_at) as due`,
    [deadlinesOfEach, firstDueAt, everyMs, JSON.stringify(step)],
  )
  await client.query('drop table many')
  await client.query('analyze')
}
