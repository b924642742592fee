import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { incidentStates } from '../../core/incident.ts'
import { siteTypes } from '../../core/site.ts'
import { suppressedBy } from '../../core/suppression.ts'
import { RuleChange, RuleSettings } from './rules.ts'
import { Evidence, Finding, Found, Instant, notYet, pageShape } from './shared.ts'

export const Incident = Found.extend({
  state: z.enum(incidentStates),
  scope: z.object({ type: z.string(), id: z.string() }),
  count: z.int().describe('How often it was reported in this episode'),
  clearedAt: notYet,
  orderId: z.string().nullable(),
  evidence: Evidence,
  place: z
    .object({
      gatewayId: z.string().nullable(),
      feederId: z.string().nullable(),
      siteId: z.string().nullable(),
      path: z.partialRecord(z.enum(siteTypes), z.string()).readonly().describe('Its sites, by type'),
    })
    .describe('Where it was when it was found'),
  parentId: z.string().nullable().describe('The larger incident that it is a part of, or that explains it'),
  suppressed: z
    .object({
      ...{ by: z.enum(suppressedBy), id: z.string().nullable(), text: z.string(), at: Instant },
      orderId: z.uuid().optional().describe('The order of the same event that it has joined'),
    })
    .nullable()
    .describe('Why it has no order of its own, and what is behind that'),
  acknowledgedAt: notYet,
  acknowledgedBy: z.string().nullable(),
  source: z.string().describe('Who reported it'),
  externalId: z.string().nullable(),
  ruleVersion: z.int().describe('Of the settings of the rule that found it; 0 = as it ships'),
}).meta({ id: 'Incident' })

export const IncidentDetail = Incident.extend({
  children: z.array(Incident).describe('What it collects or explains, the newest 100; all of it with ?parentId='),
  childCount: z.int(),
}).meta({ id: 'IncidentDetail' })

export const IncidentExplanation = z
  .object({
    measured: Evidence,
    baseline: Evidence.describe('What is usual for this very device'),
    limits: Evidence.describe('What it was held against'),
    rule: z
      .object({
        version: z.int().describe('0 = as it ships'),
        settings: RuleSettings.describe('As they were then'),
        change: RuleChange.nullable().describe('Who set them, when and why; null as it ships'),
        finds: z.string(),
        source: z.string().describe('Standard and clause, paper, or "unverified default"'),
        reads: z.array(z.string()).readonly().describe('Metrics without which it sees nothing'),
        mayRead: z.array(z.string()).readonly().describe('Metrics that it uses when they are there'),
      })
      .nullable()
      .describe('Null where no rule found it: what people report, or what collects others'),
  })
  .meta({ id: 'IncidentExplanation' })

export const IncidentsQuery = z.strictObject({
  deviceId: Identifier.optional(),
  finding: Finding.optional(),
  state: z.enum(incidentStates).optional(),
  parentId: z.guid().optional().describe('Only what this incident collects or explains'),
  ...pageShape,
})
