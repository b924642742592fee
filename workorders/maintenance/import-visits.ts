import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { dayMs } from '../../core/clock.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { instantOfText, isTooEarly, localDate, localTime, shanghai } from '../../core/local-time.ts'
import { insurerTypes, type TeamType } from '../../core/people.ts'
import { readableOf } from '../../core/readable-of.ts'
import { maintenanceItems, type Visit } from '../../core/visit.ts'
import type { Operations } from '../../stores/operations/port.ts'
import {
  errorsOfCells,
  type LineError,
  type PastRecords,
  readPastRecords,
  shownErrors,
  type Taken,
} from '../past/past-records.ts'
import { recordVisits } from './visit-record.ts'

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
  errors.push(...overlapsOf(read, known.there))

  const wrong = new Set(errors.map(({ line }) => line))
  const right = read.filter(({ line }) => !wrong.has(line))
  const fresh = right.filter(({ visit }) => !known.visits.has(identityOf(visit.device_id, visit.started_at)))
  const created = fresh.length
  const counts = { visits: rows.length, created, existing: right.length - created }
  const applied = past.apply && errors.length === 0
  if (applied) {
    const visits = fresh.map(({ visit }) => visitOf(visit, past.actor, now))
    const inserted = new Set(await unit.insertVisitsIfAbsent(visits))
    const written = visits.filter(({ id }) => inserted.has(id))
    await recordVisits(unit, written, { at: now, type: 'imported', actor: past.actor })
    const data = { created, existing: counts.existing }
    await unit.insertAudit({ at: now, actor: past.actor, action: 'visits-imported', subject: 'import', data })
  }
  return { ...counts, applied, ...shownErrors(errors.toSorted((a, b) => a.line - b.line)) }
}

interface Known {
  readonly elevators: ReadonlySet<string>
  readonly teams: ReadonlyMap<string, TeamType>
  /** From a day before the first one of the file. */
  readonly there: readonly Visit[]
  /** What those that are there say was done, and until when. */
  readonly visits: ReadonlyMap<string, string>
}

async function knownIds(unit: Operations, visits: readonly Partial<PastVisit>[]): Promise<Known> {
  const deviceIds = [...new Set(visits.flatMap(({ device_id }) => device_id ?? []))]
  const devices = await unit.devicesByIds(deviceIds)
  const teamIds = [...new Set(visits.flatMap(({ team_id }) => team_id ?? []))]
  const times = visits.flatMap(({ started_at }) => started_at ?? [])
  const there = times.length === 0 ? [] : await unit.visitsSince(deviceIds, Math.min(...times) - dayMs)
  return {
    elevators: new Set(devices.filter(({ kind }) => kind === 'elevator').map(({ id }) => id)),
    teams: await unit.teamTypes(teamIds),
    there,
    visits: new Map(there.map((visit) => [identityOf(visit.deviceId, visit.startedAt), workOf(visit)])),
  }
}

interface Stretch extends Pick<Visit, 'deviceId' | 'startedAt' | 'endedAt'> {
  /** Of the file; null = it is there. */
  readonly line: number | null
}

/** One stretch of work is one visit, whoever was there: named twice, it would prove two. */
function overlapsOf(read: readonly { line: number; visit: PastVisit }[], there: readonly Visit[]): LineError[] {
  const inFile = read.map(({ line, visit: { device_id: deviceId, started_at: startedAt, ended_at: endedAt } }) => {
    return { deviceId, startedAt, endedAt, line }
  })
  const stretches = new Map<string, Stretch>()
  for (const stretch of [...there.map((visit) => ({ ...visit, line: null })), ...inFile]) {
    const { deviceId, startedAt, endedAt } = stretch
    const identity = identityOf(deviceId, startedAt)
    // what begins together is one, and what lasts too long is wrong already
    if (!stretches.has(identity) && endedAt - startedAt <= dayMs) stretches.set(identity, stretch)
  }
  const inOrder = [...stretches.values()].sort((one, other) => one.startedAt - other.startedAt)
  const lastOf = new Map<string, Stretch>()
  return inOrder.flatMap((next) => {
    const before = lastOf.get(next.deviceId)
    if (before === undefined || next.endedAt > before.endedAt) lastOf.set(next.deviceId, next)
    return before !== undefined && next.startedAt < before.endedAt ? overlapOf(before, next) : []
  })
}

function overlapOf(before: Stretch, next: Stretch): LineError[] {
  const [told, other] = next.line === null ? [before, next] : [next, before]
  if (told.line === null) return []
  const text = (at: number) => `${localDate(at, shanghai)} ${localTime(at, shanghai)}`
  const which = other.line === null ? 'a visit that is there' : `the visit of line ${other.line}`
  const message = `overlaps ${which}, from ${text(other.startedAt)} until ${text(other.endedAt)}`
  return [{ line: told.line, column: 'started_at', message }]
}

/** What is absent was wrong already. */
function problemsOf(visit: Partial<PastVisit>, known: Known, now: number): { column: string; message: string }[] {
  const { device_id, team_id = null, started_at, ended_at, items } = visit
  const problems: { column: string; message: string }[] = []
  if (device_id !== undefined && !known.elevators.has(device_id)) {
    problems.push({ column: 'device_id', message: `no elevator ${device_id}` })
  }
  const type = team_id === null ? undefined : known.teams.get(team_id)
  if (team_id !== null && type === undefined) problems.push({ column: 'team_id', message: `no team ${team_id}` })
  if (type !== undefined && insurerTypes.includes(type)) {
    problems.push({ column: 'team_id', message: `${team_id} is an insurer, and maintains nothing` })
  }
  if (started_at !== undefined && isTooEarly(started_at)) {
    problems.push({ column: 'started_at', message: 'is before 1980' })
  }
  if (ended_at === undefined) return problems
  const before = known.visits.get(identityOf(device_id ?? '', started_at ?? 0))
  if (before !== undefined && items !== undefined && before !== workOf({ items, endedAt: ended_at })) {
    const message = `is there already as ${before}, and stays so: take the line out`
    problems.push({ column: 'started_at', message })
  }
  const lastedMs = started_at === undefined ? 1 : ended_at - started_at
  if (lastedMs <= 0) problems.push({ column: 'ended_at', message: 'is not after started_at' })
  if (lastedMs > dayMs) problems.push({ column: 'ended_at', message: 'a visit lasts a day at most' })
  if (ended_at > now) problems.push({ column: 'ended_at', message: 'lies in the future' })
  return problems
}

/** "half-month until 2026-11-01 10:00" */
function workOf({ items, endedAt }: Pick<Visit, 'items' | 'endedAt'>): string {
  const until = `${localDate(endedAt, shanghai)} ${localTime(endedAt, shanghai)}`
  return `${[...new Set(items)].sort().join(', ')} until ${until}`
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
