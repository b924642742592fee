import type { Plan, PlanDocument } from '../wire.ts'

/** A plan as somebody changes it. */
export type PlanDraft = Omit<Plan, 'id'>
type Step = PlanDraft['steps'][number]
type Severity = NonNullable<PlanDraft['match']['severities']>[number]

/* In the order in which they are shown: as an order reaches them, and from the nearest to the farthest. */
export const severities = ['critical', 'urgent', 'warning', 'info'] as const satisfies readonly Severity[]
export const goals = [
  ...['acknowledged', 'accepted', 'passenger-told', 'arrived', 'restored', 'inspected'],
] as Step['goal'][]
export const parties = [
  ...['duty-room', 'crew', 'next-crew', 'maintainer', 'supervisor', 'district'],
  ...['insurer-inspector', 'insurer-parts', 'property', 'tenant'],
] as PlanDraft['tell'][number][]

/** What a step more begins as: the last one's minutes, and an id that no other has. */
export function added(steps: readonly Step[]): Step {
  const ids = new Set(steps.map(({ id }) => id))
  let number = steps.length + 1
  while (ids.has(`step-${number}`)) number += 1
  return { id: `step-${number}`, goal: 'arrived', minutes: steps.at(-1)?.minutes ?? 30, tell: [], reassign: false }
}

/** What is sent: steps in the order of their minutes, and of what is matched only what says something. */
export function documentOf(
  { match: { kinds = [], severities: chosen = [] }, ...content }: PlanDraft,
  { findings, siteIds }: { readonly findings: readonly string[]; readonly siteIds: readonly string[] },
): PlanDocument {
  const match = {
    severities: [...chosen],
    ...(kinds.length > 0 && { kinds: [...kinds] }),
    ...(findings.length > 0 && { findings: [...findings] }),
    ...(siteIds.length > 0 && { siteIds: [...siteIds] }),
  }
  const steps = content.steps.toSorted((one, other) => one.minutes - other.minutes)
  return { ...content, match, steps }
}
