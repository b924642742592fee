import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import pg from 'pg'
import { requireToken } from '../api/auth.ts'
import { workOrderRoutes } from '../api/routes/work-orders.ts'
import { limitSight } from '../api/scope.ts'
import type { Membership } from '../core/account.ts'
import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import type { Connection } from '../stores/operations/postgres-cluster.ts'
import { machineText, mean, milliseconds, quantile } from './figures.ts'
import { processUsage } from './process-usage.ts'

export interface ListsOptions {
  readonly orders: number
  readonly rounds: number
}

/** A district of a big city: 20 streets with 20 estates of 5 buildings each, two devices in every building. */
const places = `
insert into sites (id, type, name, parent_id, address, contacts, created_at)
  select 'd-1', 'district', '西湖区', null, null, '[]'::jsonb, now()
  union all select 's-' || s, 'street', 'Street ' || s, 'd-1', null, '[]', now() from generate_series(1, 20) s
  union all select 'e-' || e, 'estate', 'Garden ' || e || ' 花园', 's-' || (e % 20 + 1), null, '[]', now() from generate_series(1, 400) e
  union all select 'b-' || b, 'building', 'Building ' || b, 'e-' || (b % 400 + 1), b || ' Lake Road', '[]', now()
    from generate_series(1, 2000) b;
insert into gateways (id, created_at) values ('gw-1', now());
insert into devices (id, kind, gateway_id, name, site_id, contacts, facts, created_at)
  select 'elv-' || d, 'elevator', 'gw-1', 'Lift ' || d, 'b-' || (d % 2000 + 1), '[]'::jsonb, '{}'::jsonb, now() from generate_series(1, 4000) d;
insert into teams (id, type, name, areas, skills, addresses, created_at)
  select 'crew-' || t, 'crew', 'Crew ' || t, '[]'::jsonb, '[]'::jsonb, '[]'::jsonb, now() from generate_series(1, 20) t
  union all select 'company', 'maintainer', 'Company', '[]', '[]', '[]', now();
insert into device_parties (device_id, role, team_id, valid_from)
  select 'elv-' || d, 'maintainer', 'company', now() from generate_series(1, 400) d;`

/** A year of orders, the newest hundred still open; one in a thousand is an inspection, and as rare are some findings. */
const orders = (count: number) => `
insert into incidents (id, state, scope_type, scope_id, device_id, finding, severity, summary, evidence, count, occurred_at, received_at,
    detected_at, site_id)
  select gen_random_uuid(), 'cleared', 'device', 'elv-' || (n % 4000 + 1), 'elv-' || (n % 4000 + 1),
    case when n % 1000 = 7 then 'elevator/entrapment' else (array['elevator/door-fault', 'elevator/motor-over-temperature',
      'elevator/stopped-outside-zone', 'manual/report'])[n % 4 + 1] end,
    case when n % 1000 = 7 then 'critical' else (array['warning', 'urgent'])[n % 2 + 1] end,
    'What was found', '{}'::jsonb, 1, at, at, at, 'b-' || (n % 4000 % 2000 + 1)
  from (select n, now() - (${count} - n) * interval '${Math.round((365 * 86_400) / count)} seconds' as at from generate_series(1, ${count}) n) told;
insert into work_orders (id, incident_id, type, state, device_id, finding, severity, summary, occurred_at, received_at, detected_at, raised_at,
    arrive_by, site_id, team_id, plan)
  select gen_random_uuid(), id, case when seq % 1000 = 9 then 'inspection' else 'emergency' end,
    case when seq > ${count} - 100 then 'raised' when seq % 500 = 3 then 'cancelled' else 'closed' end,
    device_id, finding, severity, summary, occurred_at, received_at, detected_at, detected_at, detected_at + interval '30 minutes', site_id,
    'crew-' || (seq % 20 + 1), '{"id": "plan", "version": 1, "name": {"en": "x", "zh-CN": "x"}, "steps": []}'::jsonb
  from incidents order by seq;`

const viewers: Readonly<Record<string, readonly Membership[]>> = {
  everything: [{ role: 'duty-room', scope: { sites: [] } }],
  'one street': [{ role: 'duty-room', scope: { sites: ['s-3'] } }],
  'a crew': [{ role: 'technician', scope: { teamId: 'crew-3' } }],
  'a company': [{ role: 'maintainer', scope: { teamId: 'company' } }],
}

const filters = [
  ...['', 'state=open', 'state=raised', 'state=cancelled', 'state=closed', 'type=inspection', 'type=emergency'],
  ...['severity=critical', 'severity=warning', 'teamId=crew-7', 'siteId=d-1', 'siteId=s-3', 'siteId=b-77'],
  ...['finding=elevator/entrapment', 'finding=manual/report', 'deviceId=elv-77', 'state=cancelled&type=inspection'],
  ...['from=first&to=second', 'to=first', 'severity=critical&siteId=s-3'],
]
const searches = [
  ...['Garden 77', '花园', 'Lake Road', 'Building 1999', 'elv-77', 'elv-', 'Lift 3999', '困人', 'Motor too hot'],
  ...['nothing is called this', 'e', 'idOfTheFirst'],
]

/** The first page of every filter and every search among many orders, through the API, for people who see all or little of it. */
export async function benchLists({ orders: count, rounds }: ListsOptions): Promise<void> {
  console.log(`lists: ${count} orders, ${rounds} rounds; ${machineText()}`)
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-bench-'))
  const postgres = await startEmbeddedPostgres({ directory: join(directory, 'postgres'), log: silentLog })
  const operations = await openPostgresOperations({ connection: postgres.connection, connections: 6, log: silentLog })
  try {
    const first = await fill(postgres.connection, count)
    const at = (days: number) => new Date(first.at + days * 86_400_000).toISOString()
    const inTime = filters.map((filter) => filter.replace('first', at(30)).replace('second', at(60)))
    const given = { operations, connection: postgres.connection, rounds }
    await compare('first page', 50, inTime, given)
    const texts = searches.map((text) => `q=${encodeURIComponent(text === 'idOfTheFirst' ? first.id : text)}`)
    await compare('search', 150, texts, given)
  } finally {
    await operations.close()
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Answers what is known of the oldest order. */
async function fill(connection: Connection, count: number): Promise<{ id: string; at: number }> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    await client.query(places)
    await client.query(orders(count))
    await client.query('vacuum analyze') // as the database does it by itself after a while
    const { rows } = await client.query('select id, detected_at as at from work_orders order by seq limit 1')
    return { id: String(rows[0].id).slice(0, 8), at: new Date(rows[0].at).getTime() }
  } finally {
    await client.end()
  }
}

interface Compared {
  readonly operations: OperationsStore
  readonly connection: Connection
  readonly rounds: number
}

async function compare(what: string, goalMs: number, queries: readonly string[], given: Compared) {
  const app = await listApi(given.operations)
  try {
    for (const viewer of Object.keys(viewers)) {
      const each = []
      for (const query of queries) each.push(await measure(app, viewer, query, given))
      const all = each.flatMap(({ times }) => times)
      const [worst] = each.sort((one, other) => quantile(other.times, 0.95) - quantile(one.times, 0.95))
      const cpu = each.map(({ cpuMs }) => cpuMs)
      console.log(
        `${what}, ${viewer}: p50 ${milliseconds(quantile(all, 0.5))}, p95 ${milliseconds(quantile(all, 0.95))}; CPU of a query, PostgreSQL's included: mean ${milliseconds(mean(cpu))}, dearest ${milliseconds(Math.max(...cpu))}; the slowest "${decodeURIComponent(worst?.query ?? '')}" p95 ${milliseconds(quantile(worst?.times ?? [], 0.95))} (${worst?.items} items)   (goal p95 ${goalMs} ms)`,
      )
    }
  } finally {
    await app.close()
  }
}

async function measure(app: FastifyInstance, viewer: string, query: string, { connection, rounds }: Compared) {
  const headers = { authorization: `Bearer ${encodeURIComponent(viewer)}` }
  const ask = () => app.inject({ url: `/work-orders?${query}`, headers })
  const first = await ask() // fills the caches
  if (first.statusCode !== 200) throw new Error(`${query}: ${first.body}`)
  const times: number[] = []
  const before = await cpuSeconds(connection)
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    await ask()
    times.push(performance.now() - startedAt)
  }
  const cpuMs = ((await cpuSeconds(connection)) - before) * (1_000 / rounds)
  return { query, times, cpuMs, items: first.json().items.length as number }
}

/** Of this process and of the database's processes that serve it. */
export async function cpuSeconds(connection: Connection): Promise<number> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const others = `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`
    const { rows } = await client.query<{ pid: number }>(others)
    return [process.pid, ...rows.map(({ pid }) => pid)].reduce((sum, pid) => sum + processUsage(pid).cpuSeconds, 0)
  } finally {
    await client.end()
  }
}

/** The route as the service has it, for viewers that are known by their name. */
async function listApi(operations: OperationsStore) {
  const app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  const viewerOfApiToken = async (token: string) => {
    const memberships = viewers[decodeURIComponent(token)]
    return memberships && { accountId: 'bench', name: 'bench', memberships, sessionId: null }
  }
  const signIn = { viewerOfApiToken, viewerOfSession: async () => undefined }
  requireToken(app, { operatorToken: 'x'.repeat(32), clock: Date.now, signIn })
  limitSight(app, { operations })
  const act = async () => Promise.reject(new Error('only lists are read here'))
  const workOrders = { act, openByHand: act, followUp: act } as never
  await app.register(workOrderRoutes, { operations, workOrders, recordPhone: act })
  return app
}
