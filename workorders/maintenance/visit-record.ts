import { canonicalJson } from '../../core/canonical.ts'
import type { RecordEvent } from '../../core/record-chain.ts'
import type { Visit } from '../../core/visit.ts'
import type { Operations } from '../../stores/operations/port.ts'

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

/** Visits of a version that kept no chain of them get one, as they are found. Answers how many. */
export async function recordOldVisits(operations: Operations, now: number): Promise<number> {
  let count = 0
  for (let after: number | null = 0; after !== null; ) {
    const from: number = after
    after = await operations.transaction(async (unit) => {
      const { visits, last } = await unit.lockUnrecordedVisits(from, eventsAtOnce)
      await recordVisits(unit, visits, { at: now, type: 'found' })
      count += visits.length
      return last
    })
  }
  return count
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
