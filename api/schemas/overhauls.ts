import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { overhaulStates, overhaulTypes } from '../../core/overhaul.ts'
import * as fields from '../../registry/fields.ts'
import { Finding, Instant, InstantQuery, Note, notYet, pageShape, Reason } from './shared.ts'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')

export const NewOverhaul = z
  .strictObject({
    deviceId: Identifier,
    type: z.enum(overhaulTypes),
    part: fields.Name.nullish().describe('What the part is called; a part needs it'),
    partNumber: fields.PlainText.min(1).max(100).nullish(),
    reason: Note,
    estimatedFen: fields.Fen.describe('In fen (0.01 CNY)'),
    expectedLifeDays: z.int().min(1).max(36_500).nullish().describe('How long it should last'),
    incidentId: z.guid().nullish().describe('What was found'),
    orderId: z.guid().nullish().describe('The order in which it turned out to be needed'),
    finding: Finding.nullish().describe('Whose forecast is behind it: the newest is kept with it'),
    evidence: z
      .array(Sha256)
      .max(50)
      .readonly()
      .optional()
      .describe('Pictures and frozen windows that are kept already'),
  })
  .meta({ id: 'NewOverhaul' })

export const OverhaulDecision = z
  .strictObject({
    decision: z.enum(['approved', 'refused']),
    reason: Reason,
    settledFen: fields.Fen.nullish().describe('What is paid; of what is approved, the estimate if it is not said'),
  })
  .meta({ id: 'OverhaulDecision' })

export const OverhaulDone = z
  .strictObject({ doneAt: Instant.optional().describe('Now, if it is not said'), note: Note.nullish() })
  .nullish()

const forecast = z.object({
  finding: z.string(),
  day: z.string(),
  quantity: z.string(),
  level: z.number(),
  limit: z.number(),
  days: z.number().nullable(),
  lowDays: z.number().nullable(),
  highDays: z.number().nullable(),
})

export const Overhaul = z
  .object({
    id: z.string(),
    deviceId: z.string(),
    type: z.enum(overhaulTypes),
    part: z.string().nullable(),
    partNumber: z.string().nullable(),
    reason: z.string(),
    estimatedFen: z.int(),
    expectedLifeDays: z.int().nullable(),
    incidentId: z.string().nullable(),
    orderId: z.string().nullable(),
    forecast: forecast.nullable().describe('As it was when it was proposed'),
    evidence: z.array(z.string()).readonly().describe('GET /evidence/:sha256 of each'),
    teamId: z.string().nullable().describe('Who maintained the device then'),
    state: z.enum(overhaulStates),
    proposedAt: Instant,
    proposedBy: z.string(),
    decidedAt: notYet,
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
    settledFen: z.int().nullable(),
    doneAt: notYet,
    doneBy: z.string().nullable(),
    doneNote: z.string().nullable(),
    leadSeconds: z.number().nullable().describe('Proposal → done'),
  })
  .meta({ id: 'Overhaul' })

const Hint = z.discriminatedUnion('hint', [
  z.object({
    hint: z.literal('repeat-part').describe('The same part again, before it should be worn'),
    beforeId: z.string(),
    beforeDoneAt: Instant,
    lifeDays: z.int(),
    usedDays: z.int(),
  }),
  z.object({
    hint: z.literal('over-repair').describe('No finding, forecast or order behind it'),
    lookedBackDays: z.int(),
  }),
])

export const RecordEvent = z
  .object({
    number: z.int(),
    at: Instant,
    type: z.string(),
    actor: z.string(),
    data: z.record(z.string(), z.unknown()),
    hash: z.string().describe('SHA-256 upon the one before it'),
  })
  .meta({ id: 'RecordEvent' })

export const OverhaulDetail = Overhaul.extend({
  hints: z.array(Hint).readonly(),
  events: z.array(RecordEvent).readonly(),
}).meta({ id: 'OverhaulDetail' })

export const OverhaulsQuery = z.strictObject({
  deviceId: Identifier.optional(),
  siteId: Identifier.optional().describe('A place, with all that is in it'),
  teamId: Identifier.optional().describe('Who maintained the device when it was proposed'),
  state: z.enum(overhaulStates).optional(),
  from: InstantQuery.optional().describe('Proposed then or later'),
  to: InstantQuery.optional().describe('Proposed before'),
  ...pageShape,
})

export const UnderRepairQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(3_650).optional().describe('Standing for so long; 30 if it is not said'),
  ...pageShape,
})

export const StandingWarning = z
  .object({
    incidentId: z.string(),
    deviceId: z.string(),
    finding: z.string(),
    summary: z.string(),
    occurredAt: Instant,
    teamId: z.string().nullable().describe('Who maintains the device now'),
  })
  .meta({ id: 'StandingWarning' })
