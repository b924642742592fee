import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { parties, planGoals } from '../../core/plan.ts'
import { severities } from '../../core/severity.ts'
import { Finding, Instant, Name, pageShape } from './shared.ts'

const Parties = z.array(z.enum(parties)).max(parties.length).readonly()
const PlanMinutes = z
  .int()
  .min(1)
  .max(90 * 24 * 60)

const PlanStep = z.strictObject({
  id: Identifier.describe('Names the step in events and metrics'),
  goal: z.enum(planGoals).describe('What must have happened by then'),
  minutes: PlanMinutes.describe('After detection, or after the upgrade'),
  tell: Parties.describe('Who is told when it has not'),
  reassign: z.boolean().default(false).describe('Then the order goes to the next crew'),
})

const planShape = {
  name: z.strictObject({ en: Name, 'zh-CN': Name }),
  enabled: z.boolean().default(true),
  match: z
    .strictObject({
      kinds: z.array(z.string().max(64)).min(1).max(100).readonly().exactOptional(),
      findings: z.array(Finding).min(1).max(200).readonly().exactOptional(),
      severities: z.array(z.enum(severities)).min(1).readonly(),
      siteIds: z.array(Identifier).min(1).max(1_000).readonly().exactOptional().describe('With all that is in them'),
    })
    .describe('Which orders it is for; what is absent matches everything, and the most exact plan wins'),
  tell: Parties.describe('Told as soon as the order is raised'),
  askFirst: z
    .strictObject({ party: z.enum(['property', 'tenant']), minutes: PlanMinutes })
    .nullable()
    .default(null)
    .describe('May answer "dealt with" for so long before the crew is told; moves no deadline'),
  steps: z.array(PlanStep).min(1).max(50).readonly().describe('In order of their minutes'),
}

const refusedNow = z
  .array(z.object({ path: z.string(), message: z.string() }))
  .readonly()
  .exactOptional()
  .describe('Why it would be refused now; it stays in force until somebody changes it. Absent = it would not')

export const PlanDocument = z
  .strictObject({
    ...planShape,
    refusedNow: refusedNow.describe('As it was read; what is written is looked at anew'),
    version: z.int().min(0).optional().describe('The one that was read: 409 if it changed'),
  })
  .meta({ id: 'PlanDocument' })

export const Plan = z
  .object({
    id: Identifier,
    version: z.int().describe('0 = as it shipped'),
    ...planShape,
    match: z.object({
      kinds: z.array(z.string()).readonly().optional(),
      findings: z.array(z.string()).readonly().optional(),
      severities: z.array(z.enum(severities)).readonly().optional(),
      siteIds: z.array(z.string()).readonly().optional(),
    }),
    refusedNow,
  })
  .meta({ id: 'Plan' })

export const PlansQuery = z.strictObject(pageShape)

export const PlanChange = z
  .object({
    at: Instant,
    actor: z.string(),
    before: Plan.nullable().describe('Null = it came to be'),
    after: Plan.nullable().describe('Null = it was removed'),
  })
  .meta({ id: 'PlanChange' })
