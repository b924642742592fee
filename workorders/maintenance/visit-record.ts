import { canonicalJson } from '../../core/canonical.ts'
import type { RecordEvent } from '../../core/record-chain.ts'
import type { Visit } from '../../core/visit.ts'
import { type Operations, type VisitsToRecord, visitsToRecord } from '../../stores/operations/port.ts'

const subjectType = 'visit'
const system = 'liftwatt'
const eventsAtOnce = 1_000

/** `found`: by a version that kept a chain, of what one before it had written. */
type VisitEvent = 'claimed' | 'imported' | 'judged' | 'found'

/** What visits are by now, at the end of the chain of each. Callers hold them, or have just made them. */
export async function recordVisits(
  unit: Operations,
  visits: readonly Visit[],
  { at, type, actor = system }: { at: number; type: VisitEvent; actor?: string },
): Promise<void> {
  for (let start = 0; start < visits.length; start += eventsAtOnce) {
    const events = visits.slice(start, start + eventsAtOnce).map((visit) => {
      return { subjectType, subjectId: visit.id, at, type, actor, data: { record: recorded(visit) } }
    })
    await unit.appendRecordEvents(...events)
  }
}

/** Of a version that kept no chain of them. */
export async function oldVisitsAreToBeRecorded(unit: Operations): Promise<void> {
  await unit.putSetting(visitsToRecord, { after: 0, upTo: await unit.newestVisitNumber() } satisfies VisitsToRecord)
}

/**
 * Visits that are to be recorded get a chain, as they are found; what is left of them stands in the database. Answers how many got one.
 * @param rest is waited for between two transactions, is told how long the last one took, ms, and says whether to go on
 * @param again the same after one that failed
 */
export async function recordOldVisits(
  operations: Operations,
  now: number,
  rest: (workedMs: number) => Promise<boolean> = async () => true,
  again: (cause: unknown) => Promise<boolean> = (cause) => Promise.reject(cause),
): Promise<number> {
  for (let count = 0; ; ) {
    const startedAt = performance.now()
    try {
      const some = await operations.transaction((unit) => recordSome(unit, now))
      if (some === undefined) return count
      count += some
    } catch (cause) {
      if (await again(cause)) continue
      return count
    }
    if (!(await rest(performance.now() - startedAt))) return count
  }
}

/** Undefined when none are left. */
async function recordSome(unit: Operations, now: number): Promise<number | undefined> {
  const left = (await unit.setting(visitsToRecord)) as VisitsToRecord | undefined
  if (left === undefined || left.after >= left.upTo) return undefined
  const { visits, last } = await unit.lockUnrecordedVisits(left, eventsAtOnce)
  await recordVisits(unit, visits, { at: now, type: 'found' })
  await unit.putSetting(visitsToRecord, { ...left, after: last ?? left.upTo } satisfies VisitsToRecord)
  return visits.length
}

/** What was decided stands in the chain of the objection. */
function recorded({ decision: _, ...visit }: Visit): Omit<Visit, 'decision'> {
  return visit
}

function isAsTold(visit: Visit, events: readonly Pick<RecordEvent, 'data'>[] = []): boolean {
  return canonicalJson(recorded(visit)) === canonicalJson(events.at(-1)?.data.record)
}

/**
 * Those of many that are not to be seen at a glance to be as their events say: one changed meanwhile, or with a decision, among them.
 * @param chains by id of the visit
 */
export async function visitsToLookAt(
  operations: Pick<Operations, 'visitsByIds'>,
  chains: ReadonlyMap<string, readonly RecordEvent[]>,
): Promise<Set<string>> {
  const left = new Set(chains.keys())
  for (const visit of await operations.visitsByIds([...left])) {
    if (isAsTold(visit, chains.get(visit.id)) && visit.decision == null) left.delete(visit.id)
  }
  return left
}

/** What the row of a visit says otherwise than its events; undefined = nothing. */
export async function faultOfVisit(unit: Operations, id: string): Promise<string | undefined> {
  const visit = await unit.visit(id)
  if (visit === undefined) return 'The visit is gone'
  if (!isAsTold(visit, await unit.recordEventsOf(id))) return 'The visit is not as its events say'
  if (visit.decision == null) return undefined
  const objection = await unit.objectionOfVisit(id)
  return objection?.state === visit.decision ? undefined : 'The visit says a decision that no objection to it had'
}
