import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { objectionStates } from '../../core/objection.ts'
import { maintenanceItems, regimeTypes } from '../../core/visit.ts'
import { confirmations } from '../../workorders/maintenance/conditions.ts'
import { RecordEvent } from './overhauls.ts'
import { Instant, InstantQuery, Note, notYet, pageShape, Reason, Technician, takenShape, Value } from './shared.ts'

const MaintenanceItems = z.array(z.enum(maintenanceItems)).min(1).max(4).readonly()

const Regime = z
  .object({
    deviceId: z.string(),
    type: z.enum(regimeTypes),
    dueFrom: z.enum(['schedule', 'completion']),
    validFrom: Instant,
    validUntil: notYet,
  })
  .meta({ id: 'Regime' })

export const NewRegime = z
  .strictObject({
    type: z.enum(regimeTypes),
    dueFrom: z.enum(['schedule', 'completion']).default('completion'),
    validFrom: Instant.optional().describe('Now, if it is not said'),
    confirms: z
      .array(z.enum(confirmations))
      .max(2)
      .readonly()
      .optional()
      .describe('What somebody has looked up, for on-demand regimes: nothing here can know it'),
  })
  .meta({ id: 'NewRegime' })

export const Upkeep = z
  .object({
    deviceId: z.string(),
    regime: Regime.nullable().describe('Null = nobody said; nothing is due then'),
    items: z
      .array(
        z.object({
          item: z.enum(maintenanceItems),
          lastDoneAt: notYet,
          dueDate: z.iso.date().describe('In Shanghai'),
          dueAt: Instant.describe('The end of that date'),
          overdueDays: z.int(),
        }),
      )
      .readonly(),
    overdue: z.boolean(),
    lapsed: z
      .array(z.object({ name: z.enum(['liability-insurance', 'maintainer']), since: Instant, text: z.string() }))
      .readonly()
      .describe(
        'Of on-demand maintenance: what it asks for and is not so any more; half-month items follow the calendar then',
      ),
  })
  .meta({ id: 'Upkeep' })

export const VisitClaim = z
  .strictObject({
    items: MaintenanceItems,
    startedAt: Instant,
    endedAt: Instant,
    workers: z.array(Technician).max(20).readonly().default([]),
    teamId: Identifier.nullish().describe(
      "The elevator's maintainer, if it is not said; of a crew that signs in, its own team",
    ),
    note: Note.nullish(),
  })
  .meta({ id: 'VisitClaim' })

export const Visit = z
  .object({
    id: z.string(),
    deviceId: z.string(),
    items: MaintenanceItems,
    startedAt: Instant,
    endedAt: Instant,
    teamId: z.string().nullable(),
    workers: z.array(z.string()).readonly(),
    note: z.string().nullable(),
    claimedAt: Instant,
    claimedBy: z.string(),
    verdict: z.enum(['proven', 'not-proven', 'cannot-tell']).nullable().describe('Null = not looked at yet'),
    verdictText: z.string().nullable(),
    verdictEvidence: z.record(z.string(), z.unknown()).nullable(),
    decision: z
      .enum(['accepted', 'rejected'])
      .nullish()
      .describe('About an objection to the verdict; null = there was none, or it is open'),
    remarks: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Visit' })

export const DeviceVisitsQuery = z.strictObject({
  from: InstantQuery.optional(),
  to: InstantQuery.optional(),
  ...pageShape,
})
export const VisitsQuery = DeviceVisitsQuery.extend({
  deviceId: Identifier.optional(),
  siteId: Identifier.optional().describe('A place, with all that is in it'),
  teamId: Identifier.optional(),
  verdict: z.enum(['proven', 'not-proven', 'cannot-tell']).optional(),
})

export const VisitsImported = z
  .object({ visits: z.int().describe('In the file'), ...takenShape('elevator and beginning') })
  .meta({ id: 'VisitsImported' })

export const NewObjection = z.strictObject({ reason: Note }).meta({ id: 'NewObjection' })
export const ObjectionNote = z.strictObject({ note: Note })
export const ObjectionDecision = z
  .strictObject({
    decision: z.enum(['accepted', 'rejected']).describe('Accepted = the visit counts as done'),
    reason: Reason,
  })
  .meta({ id: 'ObjectionDecision' })

const verdict = z.enum(['proven', 'not-proven', 'cannot-tell'])

export const Objection = z
  .object({
    id: z.string(),
    visitId: z.string(),
    deviceId: z.string(),
    verdict: verdict.describe('As it was when somebody objected'),
    verdictText: z.string().nullable(),
    reason: z.string(),
    state: z.enum(objectionStates),
    raisedAt: Instant,
    raisedBy: z.string(),
    decidedAt: notYet,
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
  })
  .meta({ id: 'Objection' })

export const VisitEvidence = z
  .object({
    part: z.enum(['readings', 'photo']),
    name: z.string(),
    sha256: z.string().describe('GET /evidence/:sha256'),
    mediaType: z.string(),
    bytes: z.int(),
    addedAt: Instant,
    addedBy: z.string(),
  })
  .meta({ id: 'VisitEvidence' })

export const ObjectionDetail = Objection.extend({
  events: z.array(RecordEvent).readonly(),
  evidence: z.array(VisitEvidence).readonly(),
}).meta({ id: 'ObjectionDetail' })

export const ObjectionsQuery = z.strictObject({
  state: z.enum(objectionStates).optional(),
  visitId: z.uuid().optional(),
  ...pageShape,
})

export const VisitCurve = z
  .object({
    from: Instant,
    to: Instant,
    items: z.array(z.object({ at: Instant, values: z.record(z.string(), Value) })).readonly(),
  })
  .meta({ id: 'VisitCurve' })
