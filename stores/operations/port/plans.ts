import type { WorkOrder } from '../../../core/incident.ts'
import type { Deadline, ResponsePlan } from '../../../core/plan.ts'
import type { Severity } from '../../../core/severity.ts'

export interface NewDeadline extends Pick<Deadline, 'id' | 'orderId' | 'step' | 'dueAt'> {
  /** The order's: of those that are due together, the most severe is fired first. */
  readonly severity: Severity
}

/** `severityRank` as in the row: 3 = critical. */
export type DueDeadline = Pick<Deadline, 'id' | 'orderId'> & { readonly severityRank: number }

/** A deadline and its order, both locked until the transaction ends. */
export interface ClaimedDeadline {
  readonly deadline: Deadline
  readonly order: WorkOrder
}

/** An open deadline that should have been fired, for a person who looks for the reason. */
export interface OverdueDeadline {
  readonly id: string
  readonly orderId: string
  readonly stepId: string | null
  readonly dueAt: number
  /** How often firing it failed, and why it did at last. */
  readonly attempts: number
  readonly lastError: string | null
}

/** A step of a running order that nobody waits for, though its plan says so. */
export interface MissingDeadline {
  readonly orderId: string
  readonly stepId: string
}

/** Response plans, and the deadlines of running orders. No method asks the database for the time. */
export interface PlanTables {
  /** What operators made, by id; plans that ship are not among them. */
  plans(): Promise<ResponsePlan[]>
  plan(id: string): Promise<ResponsePlan | undefined>
  /** Puts it in the place of the version `before` (null = there is none), and answers whether that was so. */
  savePlan(plan: ResponsePlan, before: number | null): Promise<boolean>
  /** Removes this version, and answers whether it was there. */
  deletePlan(id: string, version: number): Promise<boolean>

  insertDeadlines(deadlines: readonly NewDeadline[]): Promise<void>
  /** In order of their due times. */
  deadlinesOf(orderId: string): Promise<Deadline[]>
  /** Those of them that are still open. */
  endDeadlines(ids: readonly string[], state: Exclude<Deadline['state'], 'open'>, at: number): Promise<void>

  /** Which ones are due (and not put off) at `now`: the most severe first, then the one that has been due the longest. */
  dueDeadlines(now: number, limit: number): Promise<DueDeadline[]>
  /** When the next one will be; may be past. */
  nextDeadlineAt(): Promise<number | undefined>
  /**
   * Those of them, in this order, that are open and due and that nobody holds at this moment, nor their orders: nobody waits for
   * the others.
   */
  claimDeadlines(ids: readonly string[], now: number): Promise<ClaimedDeadline[]>
  /** Answers how often it has failed. `nextAttemptAt` is made of that number. */
  putOffDeadline(id: string, reason: string, nextAttemptAt: (attempts: number) => number): Promise<number>

  /** How many open deadlines were due before `before`, and the most severe of them that has been due the longest. */
  overdueDeadlines(before: number): Promise<{ count: number; worst: OverdueDeadline | null }>
  /**
   * Steps of running orders raised before `before` that have neither an open deadline nor one that was fired, though the order has not
   * reached their goal; the first of them is that of the oldest order.
   */
  missingDeadlines(before: number): Promise<{ count: number; first: MissingDeadline | null }>
}
