import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { measures } from '../core/kpi.ts'
import { silentLog } from '../core/log.ts'
import { createEstateIndices } from '../quality/estate-index.ts'
import type { KpiId } from '../quality/kpis/index.ts'
import { gather } from '../quality/reports/gather.ts'
import { createReview, type QualityReview, type Question } from '../quality/review.ts'
import { createRollUp } from '../quality/roll-up.ts'
import { renderInThread } from '../report-thread.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { Operations } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import { totalsOf } from '../stores/operations/postgres-quality-totals.ts'
import { columnOf } from '../stores/operations/schema.ts'
import { countsAsDone, dueItems } from '../workorders/maintenance/due-dates.ts'
import { machineText, medianAndRange, milliseconds } from './figures.ts'
import { cpuSeconds } from './lists.ts'

export interface KpiOptions {
  readonly elevators: number
  readonly city: number
  readonly rounds: number
}

const begin = '2025-01-01 00:00+08'
const now = Date.parse('2026-01-01T01:00:00+08:00')
/** What a first page shows. */
const overview: KpiId[] = [
  'entrapment-rate',
  'failure-rate',
  'availability',
  'arrived-in-30-minutes',
  'verified-visits',
  'mean-health',
]
const year = { from: Date.parse('2025-01-01T00:00:00+08:00'), to: Date.parse('2026-01-01T00:00:00+08:00') }

/** Estates of 5 buildings with 2 elevators each, 12 maintainers, one insurer; elevators `first` to `last`. */
const places = (first: number, last: number) => `
insert into gateways (id, created_at) values ('gw-1', now()) on conflict do nothing;
insert into sites (id, type, name, parent_id, contacts, created_at)
  select 'e-' || e, 'estate', 'Garden ' || e, null, '[]'::jsonb, now() from generate_series(${Math.floor(first / 10)}, ${Math.ceil(last / 10)}) e
  union all select 'b-' || b, 'building', 'Building ' || b, 'e-' || (b / 5), '[]', now()
    from generate_series(${Math.floor(first / 2)}, ${Math.floor(last / 2)}) b on conflict do nothing;
insert into devices (id, kind, gateway_id, site_id, contacts, facts, created_at)
  select 'elv-' || d, 'elevator', 'gw-1', 'b-' || (d / 2), '[]', jsonb_build_object('stops', d % 30 + 3, 'installedOn', (2000 + d % 25) || '-06-01'),
    timestamptz '${begin}' from generate_series(${first}, ${last}) d;
insert into teams (id, type, name, areas, skills, addresses, created_at)
  select 'company-' || t, 'maintainer', 'Company ' || t, '[]', '[]', '[]', now() from generate_series(0, 11) t on conflict do nothing;
insert into device_parties (device_id, role, team_id, valid_from)
  select 'elv-' || d, 'maintainer', 'company-' || (d % 12), timestamptz '${begin}' from generate_series(${first}, ${last}) d
  union all select 'elv-' || d, 'insurer', 'insurer', timestamptz '${begin}' from generate_series(${first}, ${last}) d;`

/** A year: 3.6 orders an elevator, a visit every two weeks, minutes and health of every day. */
const records = (elevators: number) => `
insert into incidents (id, state, scope_type, scope_id, device_id, finding, severity, summary, evidence, count, occurred_at, received_at, detected_at)
  select gen_random_uuid(), 'cleared', 'device', id, id,
    (array['elevator/entrapment', 'elevator/door-fault', 'elevator/door-close-drift', 'elevator/stopped-outside-zone'])[n % 4 + 1],
    'urgent', 'x', '{}', 1, at, at, at
  from (select n, 'elv-' || (n % ${elevators} + 1) as id, timestamptz '${begin}' + n * interval '${Math.round((365 * 86_400_000) / (elevators * 3.6))} milliseconds' as at
    from generate_series(0, ${Math.floor(elevators * 3.6)}) n) o;
insert into work_orders (id, incident_id, type, state, device_id, finding, severity, summary, occurred_at, received_at, detected_at, raised_at,
    arrive_by, accepted_at, arrived_at, restored_at, closed_at, cause_class, outcome)
  select gen_random_uuid(), id, case when seq % 4 = 3 then 'planned' else 'emergency' end, 'closed', device_id, finding, severity, summary, occurred_at,
    received_at, detected_at, detected_at, case when seq % 4 <> 3 then detected_at + interval '30 minutes' end, detected_at + interval '2 minutes',
    detected_at + (seq % 2000) * interval '1 second', detected_at + interval '1 hour', detected_at + interval '2 hours',
    (array['equipment', 'people', 'external', 'equipment'])[seq % 4 + 1], case when seq % 9 = 0 then 'false-alarm' else 'repaired' end from incidents;
insert into regimes (device_id, type, due_from, valid_from) select id, 'calendar', 'completion', timestamptz '${begin}' from devices;
insert into visits (id, device_id, items, started_at, ended_at, workers, claimed_at, claimed_by, verdict)
  select gen_random_uuid(), id, case when n % 6 = 0 then '["half-month", "quarter"]'::jsonb else '["half-month"]' end, at, at + interval '1 hour', '[]', at + interval '1 hour', 'x',
    (array['proven', 'proven', 'not-proven', 'cannot-tell'])[n % 4 + 1]
  from (select d.id, n, timestamptz '${begin}' + (n * 14 + d.stops % 14) * interval '1 day' + interval '9 hours' as at
    from (select id, (facts ->> 'stops')::int as stops from devices) d cross join generate_series(0, 25) n) v;
insert into device_days select id, to_char(timestamp '2025-01-01' + n * interval '1 day', 'YYYY-MM-DD'), timestamptz '${begin}' + (n + 1) * interval '1 day',
    1300, case when (n + stops) % 45 = 0 then 90 else 0 end, n % 3 from (select id, (facts ->> 'stops')::int as stops from devices) d cross join generate_series(0, 364) n;
insert into device_health select id, to_char(timestamp '2025-01-01' + n * interval '1 day', 'YYYY-MM-DD'), timestamptz '${begin}' + (n + 0.9) * interval '1 day',
    60 + n % 40, 1, '[]', 0 from devices cross join generate_series(0, 364) n;`

/** The roll-up of a whole city, drawn at random: what is measured is how it is added up. */
const rolledUp = `
insert into kpi_months (device_id, month, maintainer_id, insurer_id, estate_id, stratum, exposure_minutes, ${measures.map(columnOf).join(', ')}, respond, arrive, restore, rules)
  select d.id, '2025-' || to_char(m, 'FM00'), p.team_id, 'insurer', 'e-' || substr(d.id, 5)::int / 10, 'age ' || (d.stops % 4) || ', floors ' || (d.stops % 3), 44640,
    ${measures.map((_, index) => `(d.stops * ${index + 1} + m) % ${index < 3 ? 40_000 : 3}`).join(', ')},
    case when (d.stops + m) % 4 = 0 then array[100 + d.stops * m] end, case when (d.stops + m) % 4 = 0 then array[600 + d.stops * m] end,
    case when (d.stops + m) % 4 = 0 then array[3600 + d.stops * m] end,
    case when (d.stops + m) % 4 = 0 then '{"elevator/door-fault": {"ended": 1, "falseAlarms": 0}}'::jsonb end
  from (select id, (facts ->> 'stops')::int as stops from devices) d cross join generate_series(1, 12) m
    join device_parties p on p.device_id = d.id and p.role = 'maintainer';`

/** And the sums of it. */
async function addTotals(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    'select distinct month, array_agg(device_id) as devices from kpi_months group by 1',
  )
  for (const { month, devices } of rows) await totalsOf(drizzle(client), month, devices).add()
}

/** The insurer's figures of a portfolio for a year: rolling up, the page, drilling down; and the overview of a whole city. */
export async function benchKpi({ elevators, city, rounds }: KpiOptions): Promise<void> {
  console.log(`kpi: ${elevators} elevators and a city of ${city}, a year, ${rounds} rounds; ${machineText()}`)
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-bench-'))
  const postgres = await startEmbeddedPostgres({ directory: join(directory, 'postgres'), log: silentLog })
  const operations = await openPostgresOperations({ connection: postgres.connection, connections: 6, log: silentLog })
  const client = new pg.Client(postgres.connection)
  try {
    await client.connect()
    const rules = { dueItems, countsAsDone }
    const review = createReview({ operations, rules, clock: () => now })
    const question: Question = { ...year, sight: 'everything', groupBy: 'maintainer', limit: 100 }

    await withoutMarks(client, places(1, elevators) + records(elevators))
    await client.query("insert into kpi_stale (device_id, from_month) select id, '' from devices")
    const cpuMs = async () => 1_000 * (await cpuSeconds(postgres.connection))
    const show = showing(rounds, cpuMs)
    const before = await cpuMs()
    const counted = await timed(() => createRollUp({ operations, rules }).catchUp(now))
    const cpu = ((await cpuMs()) - before) / counted.answer
    console.log(
      `roll-up of ${counted.answer} months of elevators: ${(counted.ms / 1_000).toFixed(1)} s, ${milliseconds(counted.ms / counted.answer)} each; CPU, PostgreSQL's included, ${milliseconds(cpu)} each`,
    )
    await client.query('vacuum analyze')
    await show('page by company', 'floor 3000, goal 500', () => review.kpis(question))
    await show('page by company with the year before', '', () => review.kpis({ ...question, compare: 'year-before' }))
    await show('page by estate, worst first', '', () =>
      review.kpis({ ...question, groupBy: 'estate', sort: 'failure-rate' }),
    )
    await show('page by elevator, worst first', '', () =>
      review.kpis({ ...question, groupBy: 'elevator', sort: 'failure-rate' }),
    )
    for (const kpi of [
      'failure-rate',
      'arrive-p90',
      'verified-visits',
      'maintenance-on-time',
      'availability',
      'visit-effect',
    ] as const) {
      const asked = { ...question, maintainerId: 'company-3' }
      await show(`drill-down to ${kpi} of a company`, 'goal 300', () => review.cases(kpi, asked))
      await show(`drill-down to ${kpi} of all`, 'goal 300', () => review.cases(kpi, question))
    }
    await showReport(show, { operations, review })

    const forgotten =
      'delete from kpi_months; delete from kpi_totals; delete from kpi_occurrences; delete from kpi_holders'
    await withoutMarks(client, `${places(elevators + 1, city)} ${forgotten}; ${rolledUp}`)
    await addTotals(client)
    await client.query('vacuum analyze')
    await show(`overview of ${city} by company`, 'goal 5000', () => review.kpis(question))
    await show(`overview of ${city} by estate, ${overview.length} figures, worst first`, 'goal 5000', () =>
      review.kpis({ ...question, groupBy: 'estate', sort: 'failure-rate', kpis: overview }),
    )
  } finally {
    await client.end()
    await operations.close()
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * A quarterly report of all: what its figures and its files take, and how long this thread, which is also the one that answers gateways,
 * is held meanwhile.
 */
async function showReport(show: ReturnType<typeof showing>, of: { operations: Operations; review: QualityReview }) {
  const clock = () => now
  const sources = { ...of, indices: createEstateIndices({ ...of, clock }), publicUrl: undefined, version: 'bench' }
  const quarter = { type: 'quarterly' as const, from: Date.parse('2025-10-01T00:00:00+08:00'), to: year.to }
  const asked = { ...quarter, asOf: null, filter: {}, sight: 'everything' as const }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await show('figures of a quarterly report', 'with its files, goal 10000', () => gather(sources, asked, now))
  const report = await gather(sources, asked, now)
  await show('its PDF, Excel and CSV in two languages', '', () => renderInThread(report, new AbortController().signal))
  delay.disable()
  const held = [delay.percentile(99), delay.max].map((nanoseconds) => milliseconds(nanoseconds / 1e6))
  console.log(`this thread was held meanwhile for ${held[0]} (p99), ${held[1]} at most`)
}

/** Rows that are given with their roll-up, or before it, mark nothing. */
async function withoutMarks(client: pg.Client, text: string): Promise<void> {
  const { rows } = await client.query(`select tgrelid::regclass as name from pg_trigger where tgname like 'kpi%'`)
  const tables = [...new Set(rows.map(({ name }) => name))]
  for (const table of tables) await client.query(`alter table ${table} disable trigger user`)
  await client.query(text)
  for (const table of tables) await client.query(`alter table ${table} enable trigger user`)
}

const showing =
  (rounds: number, cpuMs: () => Promise<number>) => async (what: string, goal: string, ask: () => Promise<unknown>) => {
    const first = await timed(ask)
    const times: number[] = []
    const before = await cpuMs()
    for (let round = 0; round < rounds; round++) times.push((await timed(ask)).ms)
    const cpu = ((await cpuMs()) - before) / rounds
    const aim = goal === '' ? '' : `   (${goal} ms)`
    console.log(
      `${what}: first ${milliseconds(first.ms)}, then ${medianAndRange(times, milliseconds)}; CPU, PostgreSQL's included, ${milliseconds(cpu)}${aim}`,
    )
  }

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const startedAt = performance.now()
  const answer = await work()
  return { answer, ms: performance.now() - startedAt }
}
