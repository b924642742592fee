import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { dayMs } from '../../core/clock.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { instantOfText, shanghai } from '../../core/local-time.ts'
import { readableOf } from '../../core/readable-of.ts'
import { maintenanceItems, type Visit } from '../../core/visit.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { errorsOfCells, type PastRecords, readPastRecords, shownErrors, type Taken } from '../past-records.ts'

export interface VisitsImported extends Taken {
  /** In the file. */
  readonly visits: number
}

const visitColumns = ['device_id', 'started_at', 'ended_at', 'items', 'team_id', 'workers', 'note'] as const
const neededColumns = ['device_id', 'started_at', 'ended_at', 'items'] as const

const mostVisits = 20_000

const cell = z.string().trim().default('')
const list = cell.transform((text) =>
  text
    .split(/[;|]/)
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** ISO 8601 with an offset; or "2026-11-24 16:00[:00]" as it was in Shanghai. */
const time = cell.transform((text, context) => {
  const at = instantOfText(text, shanghai)
  if (at !== undefined) return at
  context.addIssue({ code: 'custom', message: 'must be like 2026-11-24T08:00:00Z or, local, 2026-11-24 16:00' })
  return z.NEVER
})

const pastVisit = z.object({
  device_id: cell.pipe(z.string().min(1, 'is needed')),
  started_at: time,
  ended_at: time,
  items: list.pipe(
    z
      .array(z.enum(maintenanceItems, { error: `must be of ${maintenanceItems.join(', ')}; several with ; between` }))
      .min(1, 'is needed'),
  ),
  team_id: cell.transform((text) => (text === '' ? null : text)),
  workers: list.pipe(z.array(z.string().max(100)).max(20)),
  note: cell.pipe(z.string().max(2_000)).transform((text) => (text === '' ? null : text)),
})
type PastVisit = z.output<typeof pastVisit>

/**
 * Visits from the books of before. What telemetry says of them is looked at afterwards, with all others. All of the file or
 * nothing of it.
 * @throws {ExpectedError} `invalid` when it is no CSV at all
 */
export async function importVisits(unit: Operations, past: PastRecords, now: number): Promise<VisitsImported> {
  const format = { what: 'visits', columns: visitColumns, needed: neededColumns, most: mostVisits }
  const rows = readPastRecords(past.csv, format)
  const parsed = rows.map(({ line, cells }) => {
    return { line, cells, result: pastVisit.safeParse(cells, { error: inPlainWords }) }
  })
  const read = parsed.flatMap(({ line, result }) => (result.success ? [{ line, visit: result.data }] : []))
  const errors = parsed.flatMap(({ line, result }) => errorsOfCells(line, result.error?.issues ?? []))
  const broken = parsed.flatMap(({ line, cells, result: { error } }) =>
    error === undefined ? [] : [{ line, visit: readableOf(pastVisit, cells, error) }],
  )
  const known = await knownIds(
    unit,
    [...read, ...broken].map(({ visit }) => visit),
  )
  for (const { line, visit } of broken) {
    errors.push(...problemsOf(visit, known, now).map((problem) => ({ line, ...problem })))
  }
  const lines = new Map<string, number>()
  for (const { line, visit } of read) {
    for (const problem of problemsOf(visit, known, now)) errors.push({ line, ...problem })
    const identity = identityOf(visit.device_id, visit.started_at)
    const before = lines.get(identity)
    if (before === undefined) lines.set(identity, line)
    else errors.push({ line, column: 'started_at', message: `the visit stands in line ${before} already` })
  }

  const fresh = read.filter(({ visit }) => !known.visits.has(identityOf(visit.device_id, visit.started_at)))
  const created = fresh.length
  const counts = { visits: rows.length, created, existing: read.length - created }
  const applied = past.apply && errors.length === 0
  if (applied) {
    await unit.insertVisitsIfAbsent(fresh.map(({ visit }) => visitOf(visit, past.actor, now)))
    const data = { created, existing: counts.existing }
    await unit.insertAudit({ at: now, actor: past.actor, action: 'visits-imported', subject: 'import', data })
  }
  return { ...counts, applied, ...shownErrors(errors.toSorted((a, b) => a.line - b.line)) }
}

interface Known {
  readonly elevators: ReadonlySet<string>
  readonly teams: ReadonlySet<string>
  readonly visits: ReadonlySet<string>
}

async function knownIds(unit: Operations, visits: readonly Partial<PastVisit>[]): Promise<Known> {
  const deviceIds = [...new Set(visits.flatMap(({ device_id }) => device_id ?? []))]
  const devices = await unit.devicesByIds(deviceIds)
  const teamIds = [...new Set(visits.flatMap(({ team_id }) => team_id ?? []))]
  const times = visits.flatMap(({ started_at }) => started_at ?? [])
  const there = times.length === 0 ? [] : await unit.visitsSince(deviceIds, Math.min(...times))
  return {
    elevators: new Set(devices.filter(({ kind }) => kind === 'elevator').map(({ id }) => id)),
    teams: new Set((await unit.teamTypes(teamIds)).keys()),
    visits: new Set(there.map(({ deviceId, startedAt }) => identityOf(deviceId, startedAt))),
  }
}

/** What is absent was wrong already. */
function problemsOf(visit: Partial<PastVisit>, known: Known, now: number): { column: string; message: string }[] {
  const { device_id, team_id = null, started_at, ended_at } = visit
  const problems: { column: string; message: string }[] = []
  if (device_id !== undefined && !known.elevators.has(device_id)) {
    problems.push({ column: 'device_id', message: `no elevator ${device_id}` })
  }
  if (team_id !== null && !known.teams.has(team_id)) problems.push({ column: 'team_id', message: `no team ${team_id}` })
  if (ended_at === undefined) return problems
  const lastedMs = started_at === undefined ? 1 : ended_at - started_at
  if (lastedMs <= 0) problems.push({ column: 'ended_at', message: 'is not after started_at' })
  if (lastedMs > dayMs) problems.push({ column: 'ended_at', message: 'a visit lasts a day at most' })
  if (ended_at > now) problems.push({ column: 'ended_at', message: 'lies in the future' })
  return problems
}

function identityOf(deviceId: string, startedAt: number): string {
  return `${deviceId} ${startedAt}`
}

function visitOf(past: PastVisit, actor: string, now: number): Visit {
  return {
    id: randomUUID(),
    deviceId: past.device_id,
    items: [...new Set(past.items)],
    startedAt: past.started_at,
    endedAt: past.ended_at,
    teamId: past.team_id,
    workers: past.workers,
    note: past.note,
    claimedAt: now,
    claimedBy: actor,
    ...{ verdict: null, verdictText: null, verdictEvidence: null },
  }
}
