import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { InspectionPlan } from '../../core/inspection.ts'
import { insurerTypes } from '../../core/people.ts'
import type { Sight } from '../../core/sight.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { mustHaveSheet } from './sheets.ts'

export type PlanContent = Pick<
  InspectionPlan,
  'sheetId' | 'quarterly' | 'monthlyShare' | 'unannouncedPerMonth' | 'publicSource'
>

/** What each insurer wants to have planned by itself. */
export interface InspectionPlans {
  /**
   * @param version the one that was read, if somebody read one
   * @param sight of whoever changes it: all of the insurer's elevators must be in it
   * @throws {ExpectedError} `not-found` when it is no insurer, or not all of its elevators are seen; `already-done` when it has changed meanwhile
   */
  put(
    insurerId: string,
    content: PlanContent,
    version: number | undefined,
    by: { readonly actor: string; readonly sight: Sight },
  ): Promise<InspectionPlan>
}

export function createInspectionPlans({
  operations,
  clock,
}: {
  operations: Operations
  clock: Clock
}): InspectionPlans {
  return {
    put: (insurerId, content, version, { actor, sight }) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const team = await unit.team(insurerId)
        const isInsurer = team !== undefined && team.removedAt === null && insurerTypes.includes(team.type)
        if (!isInsurer || !(await answersFor(unit, insurerId, sight, now))) {
          throw new ExpectedError('not-found', `There is no insurer ${insurerId}`)
        }
        await mustHaveSheet(unit, content.sheetId)
        const before = await unit.lockInspectionPlan(insurerId)
        if (version !== undefined && version !== (before?.version ?? 0)) {
          const message = `Somebody else has changed it: it is version ${before?.version ?? 0} now, you read version ${version}`
          throw new ExpectedError('already-done', message)
        }
        const plan = {
          ...content,
          insurerId,
          version: (before?.version ?? 0) + 1,
          changedAt: now,
          since: before?.since ?? now,
        }
        const same = before && { ...before, version: plan.version, changedAt: now }
        if (before !== undefined && isDeepStrictEqual(same, plan)) return before
        await unit.putInspectionPlan(plan)
        const action = 'inspectionplan-changed'
        await unit.insertAudit({
          at: now,
          actor,
          action,
          subject: insurerId,
          data: { ...content, version: plan.version },
        })
        const subject = { subjectType: 'inspectionplan', subjectId: insurerId }
        await unit.insertHistory({ at: now, actor, ...subject, before: before ?? null, after: plan })
        return plan
      }),
  }
}

/** Whether somebody speaks for an insurer: for all that it insures. Where that is nothing, its own people and who sees everything. */
export async function answersFor(unit: Operations, insurerId: string, sight: Sight, now: number): Promise<boolean> {
  if (sight === 'everything' || sight.insurers.includes(insurerId)) return true
  const [all, seen] = await Promise.all([
    unit.insuredElevators(insurerId, now),
    unit.insuredElevators(insurerId, now, sight),
  ])
  return all.length > 0 && all.length === seen.length
}
