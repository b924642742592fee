import type { Severity } from './severity.ts'

/** Whom a step addresses. Who that is, is found when it is told, not when the plan is written. */
export const parties = [
  'duty-room',
  'crew',
  'next-crew',
  'maintainer',
  'supervisor',
  'district',
  'insurer-inspector',
  'insurer-parts',
  'property',
  'tenant',
] as const
export type Party = (typeof parties)[number]

/** What must have happened to an order by a time. `passenger-told` is of entrapments, `inspected` of the insurer. */
export const planGoals = ['acknowledged', 'accepted', 'arrived', 'restored', 'passenger-told', 'inspected'] as const
export type PlanGoal = (typeof planGoals)[number]

/** From detection to arrival, in an emergency; the clock never pauses (the districts' promise, and the rule for entrapments in cities). */
export const arriveWithinMinutes = 30

export interface PlanStep {
  /** Names the step in events and metrics: `crew-accepts`. */
  readonly id: string
  readonly goal: PlanGoal
  /** After detection (after the upgrade, where there was one). */
  readonly minutes: number
  /** Who is told when the goal is missed. */
  readonly tell: readonly Party[]
  /** The order goes to the next crew when the goal is missed. */
  readonly reassign: boolean
}

/** Which orders a plan is for; what is absent matches everything. The most specific plan wins, see `choosePlan`. */
export interface PlanMatch {
  readonly kinds?: readonly string[]
  readonly findings?: readonly string[]
  readonly severities?: readonly Severity[]
  /** Sites, with all that is in them. */
  readonly siteIds?: readonly string[]
}

export interface ResponsePlan {
  readonly id: string
  readonly version: number
  readonly name: { readonly en: string; readonly 'zh-CN': string }
  readonly enabled: boolean
  readonly match: PlanMatch
  /** Told as soon as the order is raised. */
  readonly tell: readonly Party[]
  /** Asked first, where the rule allows it: they may answer "dealt with" so many minutes long before the crew is told. */
  readonly askFirst: { readonly party: 'property' | 'tenant'; readonly minutes: number } | null
  /** In order of their minutes. */
  readonly steps: readonly PlanStep[]
}

/** A plan as it was when the order was raised: changing a plan never moves a running order's deadlines. */
export type FrozenPlan = Pick<ResponsePlan, 'id' | 'version' | 'name' | 'tell' | 'askFirst' | 'steps'>

/** One due time of an order; a row, not a timer. */
export interface Deadline {
  readonly id: string
  readonly orderId: string
  readonly step: PlanStep
  readonly dueAt: number
  /** `met`: the goal was reached before it was claimed; `void`: the order ended, or its plan's clock began anew. */
  readonly state: 'open' | 'fired' | 'met' | 'void'
  readonly settledAt: number | null
}
