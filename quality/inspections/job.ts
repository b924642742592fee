import type { Clock } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { InspectionPlan } from '../../core/inspection.ts'
import { nextMonth } from '../../core/kpi.ts'
import type { Log } from '../../core/log.ts'
import { type Operations, pagesOf, type SampleHead } from '../../stores/operations/port.ts'
import { commitToSeeds, drawMonth, isWaiting, reveal } from './month.ts'
import { startOfMonth } from './periods.ts'
import { listRiskiest, planQuarter } from './quarter.ts'
import { type Reminder, reminderOf } from './remind.ts'

const actor = 'liftwatt'
const plansAtOnce = 100

/** How much a run did. */
export interface Done {
  readonly planned: number
  readonly committed: number
  readonly drawn: number
  readonly revealed: number
  readonly lists: number
}

/**
 * Plans the quarter, commits to the seed of the month that comes, draws the month that has begun, reveals the
 * seeds of months that are over, and lists the riskiest of the quarter. Each does nothing the second time, so that days which were
 * missed are made up for by the next run.
 */
export function createInspectionJob(options: {
  operations: Operations
  /** Whoever answers for the insurer is told: of the same subject once. */
  remind: (reminder: Reminder, now: number) => Promise<unknown>
  clock: Clock
  log: Log
}) {
  const { operations, remind, clock, log } = options

  async function runOnce(): Promise<Done> {
    const done = { planned: 0, committed: 0, drawn: 0, revealed: 0, lists: 0 }
    const add = (more: Partial<Done>) => {
      for (const [what, count] of Object.entries(more)) done[what as keyof Done] += count
    }
    const at = clock()
    for await (const plans of pagesOf(plansAtOnce, operations.inspectionPlans)) {
      for (const plan of plans) {
        await alone({ insurer: plan.insurerId }, async () => add(await workOnPlan(plan, at)))
      }
    }
    for (const sample of await operations.openSamples()) {
      await alone({ sample: sample.id, month: sample.month }, async () => add(await workOnSample(sample, at)))
    }
    return done
  }

  async function workOnPlan(plan: InspectionPlan, at: number): Promise<Partial<Done>> {
    const insured = await operations.insuredElevators(plan.insurerId, at)
    const planned = plan.quarterly ? await planQuarter(operations, plan, insured, { at, actor }) : 0
    const committed = await commitToSeeds(operations, plan, insured, { at, actor })
    const isListed = await listRiskiest(operations, plan.insurerId, insured, at)
    return { planned, committed, lists: isListed ? 1 : 0 }
  }

  async function workOnSample(sample: SampleHead, at: number): Promise<Partial<Done>> {
    const { id, insurerId, month, drawnAt } = sample
    if (at < startOfMonth(month)) return {}
    const drawn = drawnAt === null ? await drawMonth(operations, id, { at, actor }) : 0
    const isOver = at >= startOfMonth(nextMonth(month))
    if (isWaiting(sample) && !isOver) {
      log.warn({ insurer: insurerId, month }, 'nobody is drawn for inspection until the public value is entered')
      await remind(reminderOf(sample, at), at)
    }
    return { drawn, revealed: isOver && (await reveal(operations, id, { at, actor })) ? 1 : 0 }
  }

  /** What fails for one insurer keeps no other from its inspections. */
  async function alone(what: object, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      log.error({ ...what, reason: reasonOf(cause) }, 'its inspections could not be planned')
    }
  }

  return { runOnce }
}
