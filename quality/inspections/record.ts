import { isDeepStrictEqual } from 'node:util'
import { after, type Inspection, inspectionOf, type Sample } from '../../core/inspection.ts'
import type { NewRecordEvent } from '../../core/record-chain.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { commitmentOf, populationHash } from './sample.ts'
import { slicesOf } from './slices.ts'

/** After so many, whatever else the process does gets its turn. */
const eventsAtOnce = 500

export type NewInspection = Pick<Inspection, 'id' | 'deviceId' | 'kind' | 'dueOn'> &
  Partial<Pick<Inspection, 'insurerId' | 'period' | 'sheetId' | 'sheetVersion' | 'recheckOf' | 'risk'>>

/** Plans those that are not there yet (device, kind, period and insurer), each with the first event of its chain. Answers them. */
export async function plan(
  unit: Operations,
  inspections: readonly NewInspection[],
  { at, actor }: Pick<NewRecordEvent, 'at' | 'actor'>,
): Promise<Inspection[]> {
  const events = inspections.map(({ id, ...data }) => {
    return { subjectType: 'inspection', subjectId: id, at, type: 'planned', actor, data }
  })
  return begin(unit, events)
}

/** Inspections that begin with these events. Answers those that were new. */
export async function begin(unit: Operations, events: readonly NewRecordEvent[]): Promise<Inspection[]> {
  const begun: Inspection[] = []
  for (const some of slicesOf(events, eventsAtOnce)) {
    const rows = some.map((event) => inspectionOf(event.subjectId, [event]))
    const inserted = new Set(await unit.insertInspections(rows))
    await unit.appendRecordEvents(...some.filter(({ subjectId }) => inserted.has(subjectId)))
    begun.push(...rows.filter(({ id }) => inserted.has(id)))
  }
  return begun
}

/** Writes down what happened to an inspection, which the caller has locked, and what it is by then. */
export async function record(
  unit: Operations,
  inspection: Inspection,
  event: Pick<NewRecordEvent, 'at' | 'type' | 'actor' | 'data'>,
): Promise<Inspection> {
  const about = { subjectType: 'inspection', subjectId: inspection.id }
  const [placed] = await unit.appendRecordEvents({ ...event, ...about })
  const changed = after(inspection, placed ?? event)
  await unit.saveInspection(changed)
  return changed
}

/** Of a sample, as the first event of its chain has them. Books of before know no public source. */
const committedFields = [
  'insurerId',
  'month',
  'count',
  'seedSha256',
  'populationSha256',
  'populationSize',
  'publicSource',
] as const

/** What the rows of inspections and samples say against their events, for whoever checks the record. */
export const recordChecks = {
  async inspection(unit: Operations, id: string): Promise<string | undefined> {
    const row = await unit.lockInspection(id)
    if (row === undefined) return 'The inspection is gone'
    const told = inspectionOf(id, await unit.recordEventsOf(id))
    const other = Object.keys(row).find((field) => !isSame(row, told, field as keyof Inspection))
    return other === undefined ? undefined : `The inspection has another ${other} than its events say`
  },

  async sample(unit: Operations, id: string): Promise<string | undefined> {
    const row = await unit.lockSample(id)
    if (row === undefined) return 'The sample is gone'
    const events = await unit.recordEventsOf(id)
    const committed = events[0]?.data
    const other = committedFields.find((field) => row[field] !== (committed?.[field] ?? null))
    if (other !== undefined) return `The sample has another ${other} than was committed to`
    const entered = events.findLast(({ type }) => type === 'public-value')?.data.publicValue ?? null
    return row.publicValue === entered ? faultOfSecrets(row) : 'The sample has another publicValue than its events say'
  },
}

function isSame(row: Inspection, told: Inspection, field: keyof Inspection): boolean {
  const [kept, expected] = [row[field], told[field]].map((value) => JSON.parse(JSON.stringify(value ?? null)))
  return isDeepStrictEqual(kept, expected)
}

/** Undefined when seed and population are what was committed to. */
export function faultOfSecrets({ seed, seedSha256, population, populationSha256 }: Sample): string | undefined {
  if (commitmentOf(seed) !== seedSha256) return 'The seed is not the one that was committed to'
  return populationHash(population) === populationSha256
    ? undefined
    : 'The elevators that may be drawn are not those that were committed to'
}
