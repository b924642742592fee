import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { dayMs } from '../../core/clock.ts'
import { type Inspection, inspectionKinds } from '../../core/inspection.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { instantOfText, isTooEarly, localDate, shanghai } from '../../core/local-time.ts'
import { insurerTypes, type TeamType } from '../../core/people.ts'
import type { DeviceParty, Operations, PartyRole } from '../../stores/operations/port.ts'
import { begin } from './record.ts'

export interface PastInspections {
  /** With a header. */
  readonly csv: string
  /** False = say only what would be done. */
  readonly apply: boolean
  readonly actor: string
}

/** Reads a file of past records under these columns, as for orders and visits. @throws {ExpectedError} `invalid` when it is no such file */
export type ReadRows = (
  csv: string,
  format: {
    readonly what: string
    readonly columns: readonly string[]
    readonly needed: readonly string[]
    readonly most: number
  },
) => { readonly line: number; readonly cells: Record<string, string> }[]

interface LineError {
  /** As an editor counts: the header is line 1. */
  readonly line: number
  readonly column: string | null
  readonly message: string
}

export interface InspectionsImported {
  /** In the file. */
  readonly inspections: number
  readonly created: number
  /** There already, by elevator and time; they stay as they are. */
  readonly existing: number
  readonly applied: boolean
  /** The first 100. With one of them, nothing of the file is taken. */
  readonly errors: readonly LineError[]
  readonly errorsInAll: number
}

export const importedColumns = [
  ...['device_id', 'kind', 'ended_at', 'score', 'passed', 'started_at'],
  ...['inspector', 'insurer_id', 'maintainer_id', 'note'],
] as const
const neededColumns = ['device_id', 'ended_at', 'passed'] as const
const mostInspections = 20_000
const errorsShown = 100

const cell = z.string().trim().default('')
const orNull = (most: number) => cell.pipe(z.string().max(most)).transform((text) => (text === '' ? null : text))

const time = cell.transform((text, context) => {
  const at = instantOfText(text, shanghai)
  if (at !== undefined) return at
  context.addIssue({ code: 'custom', message: 'must be like 2026-11-24T08:00:00Z or, local, 2026-11-24 16:00' })
  return z.NEVER
})

const scoreText = /^\d{1,3}(\.\d)?$/

const verdicts: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, '1': true, 合格: true, 是: true },
  ...{ false: false, no: false, '0': false, 不合格: false, 否: false },
}

const pastInspection = z.object({
  device_id: cell.pipe(z.string().min(1, 'is needed')),
  kind: cell.transform((text) => (text === '' ? 'quarterly' : text)).pipe(z.enum(inspectionKinds)),
  ended_at: time,
  started_at: cell.transform((text) => (text === '' ? undefined : text)).pipe(time.optional()),
  score: cell.transform((text, context) => {
    if (text === '') return null
    const score = scoreText.test(text) ? Number(text) : Number.NaN
    if (score <= 100) return score
    context.addIssue({ code: 'custom', message: 'must be from 0 to 100, with one decimal at most' })
    return z.NEVER
  }),
  passed: cell.transform((text, context) => {
    const verdict = verdicts[text.toLowerCase()]
    if (verdict !== undefined) return verdict
    context.addIssue({ code: 'custom', message: 'must be true or false, 合格 or 不合格' })
    return z.NEVER
  }),
  inspector: orNull(100),
  insurer_id: orNull(64),
  maintainer_id: orNull(64),
  note: orNull(2_000),
})
type PastInspection = z.output<typeof pastInspection>

/**
 * Inspections from the books of before, done and over. Who insured and maintained the elevator then is looked up where the file does not
 * say it. All of the file or nothing of it.
 * @throws {ExpectedError} `invalid` when it is no CSV at all
 */
export async function importInspections(
  unit: Operations,
  { csv, apply, actor }: PastInspections,
  readRows: ReadRows,
  now: number,
): Promise<InspectionsImported> {
  const format = { what: 'inspections', columns: importedColumns, needed: neededColumns, most: mostInspections }
  const rows = readRows(csv, format)
  const errors: LineError[] = []
  const read: { line: number; past: PastInspection }[] = []
  for (const { line, cells } of rows) {
    const { success, data, error } = pastInspection.safeParse(cells, { error: inPlainWords })
    if (success) read.push({ line, past: data })
    else errors.push(...error.issues.map(({ path, message }) => ({ line, column: String(path[0]), message })))
  }
  const known = await knownOf(
    unit,
    read.map(({ past }) => past),
  )
  const lines = new Map<string, number>()
  for (const { line, past } of read) {
    errors.push(...problemsOf(past, known, now).map((problem) => ({ line, ...problem })))
    const before = lines.get(identityOf(past))
    if (before === undefined) lines.set(identityOf(past), line)
    else errors.push({ line, column: 'ended_at', message: `the inspection stands in line ${before} already` })
  }

  const wrong = new Set(errors.map(({ line }) => line))
  const right = read.filter(({ line }) => !wrong.has(line))
  const fresh = right.filter(({ past }) => !known.inspections.has(identityOf(past)))
  const counts = { inspections: rows.length, created: fresh.length, existing: right.length - fresh.length }
  const applied = apply && errors.length === 0
  if (applied) {
    await begin(
      unit,
      await eventsOf(
        unit,
        fresh.map(({ past }) => past),
        { actor, at: now },
      ),
    )
    const data = { created: counts.created, existing: counts.existing }
    await unit.insertAudit({ at: now, actor, action: 'inspections-imported', subject: 'import', data })
  }
  const sorted = errors.toSorted((one, other) => one.line - other.line)
  return { ...counts, applied, errors: sorted.slice(0, errorsShown), errorsInAll: errors.length }
}

interface Known {
  readonly elevators: ReadonlySet<string>
  readonly teams: ReadonlyMap<string, TeamType>
  /** Verdict and score of those that are there. */
  readonly inspections: ReadonlyMap<string, string>
}

async function knownOf(unit: Operations, past: readonly PastInspection[]): Promise<Known> {
  if (past.length === 0) return { elevators: new Set(), teams: new Map(), inspections: new Map() }
  const devices = await unit.devicesByIds([...new Set(past.map(({ device_id }) => device_id))])
  const teamIds = past.flatMap(({ insurer_id, maintainer_id }) => [insurer_id ?? [], maintainer_id ?? []].flat())
  const times = past.map(({ ended_at }) => ended_at)
  const range = { from: Math.min(...times), to: Math.max(...times) + 1 }
  const there = await unit.inspectionResults(range)
  return {
    elevators: new Set(devices.filter(({ kind }) => kind === 'elevator').map(({ id }) => id)),
    teams: await unit.teamTypes([...new Set(teamIds)]),
    inspections: new Map(there.map((one) => [`${one.deviceId} ${one.endedAt}`, resultOf(one)])),
  }
}

function problemsOf(past: PastInspection, known: Known, now: number) {
  const { device_id, insurer_id, maintainer_id, started_at, ended_at } = past
  const problem = (column: string, message: string) => ({ column, message })
  const wrongTeam = (column: string, id: string | null, insures: boolean) => {
    if (id === null) return []
    const type = known.teams.get(id)
    if (type === undefined) return [problem(column, `no team ${id}`)]
    if (insurerTypes.includes(type) === insures) return []
    return [problem(column, insures ? `${id} is no insurer` : `${id} is an insurer`)]
  }
  const before = known.inspections.get(identityOf(past))
  return [
    ...(known.elevators.has(device_id) ? [] : [problem('device_id', `no elevator ${device_id}`)]),
    ...wrongTeam('insurer_id', insurer_id, true),
    ...wrongTeam('maintainer_id', maintainer_id, false),
    ...(ended_at > now ? [problem('ended_at', 'lies in the future')] : []),
    ...(isTooEarly(ended_at) ? [problem('ended_at', 'is before 1980')] : []),
    ...(started_at !== undefined && started_at > ended_at ? [problem('ended_at', 'is before started_at')] : []),
    ...(started_at !== undefined && ended_at - started_at > dayMs
      ? [problem('started_at', 'is more than a day before ended_at')]
      : []),
    ...(before !== undefined && before !== resultOf(past)
      ? [problem('passed', `is there already as ${before}, and stays so: take the line out`)]
      : []),
  ]
}

/** "passed, 93.5" */
function resultOf({ passed, score }: { readonly passed: boolean | null; readonly score: number | null }): string {
  return [passed === true ? 'passed' : 'not passed', ...(score === null ? [] : [score])].join(', ')
}

function identityOf({ device_id, ended_at }: PastInspection): string {
  return `${device_id} ${ended_at}`
}

async function eventsOf(unit: Operations, past: readonly PastInspection[], by: { actor: string; at: number }) {
  const parties = await partiesThen(unit, past)
  return past.map((one) => {
    const then = (role: PartyRole) => parties(one.device_id, role, one.ended_at)
    const data = {
      ...{ deviceId: one.device_id, kind: one.kind, dueOn: localDate(one.ended_at, shanghai) },
      ...{ startedAt: one.started_at ?? one.ended_at, endedAt: one.ended_at, inspector: one.inspector },
      ...{ score: one.score, passed: one.passed, note: one.note },
      insurerId: one.insurer_id ?? then('insurer'),
      maintainerId: one.maintainer_id ?? then('maintainer'),
    } satisfies Partial<Inspection>
    return { subjectType: 'inspection', subjectId: randomUUID(), type: 'imported', ...by, data }
  })
}

/** Answers who was what of an elevator at a time. */
async function partiesThen(unit: Operations, past: readonly PastInspection[]) {
  const histories = new Map<string, DeviceParty[]>()
  for (const { device_id } of past.filter(
    ({ insurer_id, maintainer_id }) => insurer_id === null || maintainer_id === null,
  )) {
    if (!histories.has(device_id)) histories.set(device_id, await unit.partyHistory(device_id))
  }
  return (deviceId: string, role: PartyRole, at: number): string | null => {
    const isThen = (party: DeviceParty) => party.validFrom <= at && (party.validUntil === null || party.validUntil > at)
    return histories.get(deviceId)?.find((party) => party.role === role && isThen(party))?.teamId ?? null
  }
}
