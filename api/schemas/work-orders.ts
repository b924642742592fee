import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { causeClasses, orderOutcomes, orderStates } from '../../core/incident.ts'
import { planGoals } from '../../core/plan.ts'
import { orderTypes, severities } from '../../core/severity.ts'
import { crewWarnings } from '../../workorders/crews/choose-crew.ts'
import {
  Evidence,
  Finding,
  Found,
  Instant,
  InstantQuery,
  Name,
  Note,
  notYet,
  pageShape,
  Technician,
  Whereabouts,
} from './shared.ts'

const Part = z.object({ name: z.string(), quantity: z.number(), partNumber: z.string().nullable() })

export const WorkOrder = Found.extend({
  incidentId: z.string(),
  type: z.enum(orderTypes),
  state: z.enum(orderStates),
  raisedAt: Instant,
  upgradedAt: notYet,
  arriveBy: notYet.describe('On site by then; null on planned orders'),
  acknowledgedAt: notYet,
  acceptedAt: notYet,
  arrivedAt: notYet,
  restoredAt: notYet,
  closedAt: notYet,
  cancelledAt: notYet,
  causeClass: z.enum(causeClasses).nullable(),
  outcome: z.enum(orderOutcomes).nullable(),
  siteId: z.string().nullable(),
  plan: z
    .object({
      id: z.string(),
      version: z.int(),
      name: z.object({ en: z.string(), 'zh-CN': z.string() }),
      steps: z.array(z.object({ id: z.string(), goal: z.enum(planGoals), minutes: z.number() })).readonly(),
    })
    .nullable()
    .describe('The response plan as it was when the order was raised'),
  teamId: z.string().nullable().describe('Who has it; null = nobody is assigned'),
  assignedBecause: z.string(),
  technicianId: z
    .string()
    .nullable()
    .describe('Who accepted it: id of the member or account, where one is known; else the name that was said'),
  technicianName: z.string().nullable().describe('As people called them then'),
  passengerToldAt: notYet.describe('Entrapment: when the passenger was told that help is on its way'),
  inspectedAt: notYet.describe("When the insurer's inspector was there"),
  dueAt: notYet.describe('Planned work: the proposed date'),
  followsId: z.string().nullable().describe('The ended order that this one follows up'),
  mergedIntoId: z.string().nullable().describe('The order that took this one over'),
  note: z.string().nullable(),
  parts: z.array(Part).readonly(),
  reportedBy: z
    .record(z.string(), z.string())
    .nullable()
    .describe(
      '`name`, `phone`, `words` of who called; those of a second caller are `name 2`, …. Null for whoever neither sends anybody nor goes there',
    ),
}).meta({ id: 'WorkOrder' })

export const OrderEvent = z
  .object({
    at: Instant,
    type: z.enum([...orderStates, 'escalated', 'notified', 'noted', 'reassigned', 'upgraded']),
    actor: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OrderEvent' })

export const WorkOrderDetail = WorkOrder.extend({ events: z.array(OrderEvent), evidence: Evidence }).meta({
  id: 'WorkOrderDetail',
})

/** As it was given to a crew. */
export const GivenOrder = WorkOrder.extend({
  warnings: z
    .array(z.enum(crewWarnings))
    .describe('What speaks against this crew: nobody of it is on duty, or its skills lack what the order is about'),
}).meta({ id: 'GivenOrder' })

const TeamId = Identifier
const NewPart = z.strictObject({
  name: Name,
  quantity: z.number().positive().max(1e6).default(1),
  partNumber: z.string().trim().min(1).max(100).nullable().default(null),
})

const noteShape = { note: Note.optional() }
const technicianShape = { ...noteShape, technicianId: Technician.optional().describe('Who did it; else the caller') }

export const ByPhone = z
  .strictObject({
    doneAt: Instant,
    offline: z.boolean().optional().describe('It was done where no link was'),
    by: z.enum(['hand', 'qr']).optional().describe('How the arrival is known'),
    scanned: z.string().max(300).optional().describe('What the code in the car said'),
    position: z
      .strictObject({
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        metres: z.number().min(0).max(1e6),
      })
      .optional()
      .describe('Only when the person allows it'),
  })
  .describe('When, where and how it was done, as the phone says; it moves no time of the order')
export type ByPhone = z.output<typeof ByPhone>
const phoneShape = { phone: ByPhone.optional() }
const crewShape = { ...technicianShape, ...phoneShape }

const verifiedShape = {
  verified: z
    .union([z.boolean(), z.literal('drill')])
    .optional()
    .describe('Whether it was seen to be real: on the camera, by the car phone'),
}

/** What may be said with each action; all of it may be left out, and so may the body. */
export const actionBodies = {
  acknowledge: z.strictObject({ ...noteShape, ...verifiedShape }),
  accept: z.strictObject({ ...crewShape, teamId: TeamId.optional().describe('The crew that takes it') }),
  arrive: z.strictObject(crewShape),
  restore: z.strictObject(crewShape),
  'tell-passenger': z.strictObject(crewShape),
  inspect: z.strictObject(technicianShape),
  'ask-for-help': z.strictObject(crewShape),
  'dealt-with': z.strictObject({ ...noteShape, by: Name.optional().describe('Who says so: the tenant, the property') }),
}

/** What ended, and why. Nothing was the cause of a false alarm or of a drill. */
export const closingShape = {
  causeClass: z.enum(causeClasses).optional().describe('Needed, unless it was a false alarm or a drill'),
  outcome: z.enum(orderOutcomes),
  parts: z.array(NewPart).max(100).optional().describe('What was built in'),
}

/** Of a closing: the cause class that is not named though there is one. */
export function isCauseMissing({ causeClass, outcome }: { causeClass?: unknown; outcome?: unknown }): boolean {
  return causeClass === undefined && outcome !== 'false-alarm' && outcome !== 'drill'
}

/** Actions that cannot be done without saying more. */
export const remarkBodies = {
  close: z.strictObject({ ...crewShape, ...closingShape }).refine((said) => !isCauseMissing(said), {
    path: ['causeClass'],
    error: 'is missing',
    // so that all that is missing is named at once
    when: ({ value }) => typeof value === 'object' && value !== null,
  }),
  cancel: z.strictObject({ ...noteShape, reason: Note }),
  note: z.strictObject({ note: Note, ...verifiedShape, ...phoneShape }),
  reassign: z.strictObject({ teamId: TeamId, reason: Note.optional() }),
  merge: z.strictObject({ intoId: z.guid(), ...noteShape, reason: Note }),
}

export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
  .meta({ description: 'The same again with the same key, within a day, is not done again: it is answered as it was' })

/** Of routes that keep the key in the same transaction as what it stands for; all other POST routes take it, too. */
export const IdempotencyHeaders = z.looseObject({ 'idempotency-key': IdempotencyKey.optional() })

const orderFilters = {
  state: z
    .enum([...orderStates, 'open'])
    .optional()
    .describe('`open` is neither closed nor cancelled'),
  type: z.enum(orderTypes).optional(),
  severity: z.enum(severities).optional(),
  teamId: TeamId.optional(),
  siteId: Identifier.optional().describe('With all that is in it'),
  finding: Finding.optional(),
  deviceId: Identifier.optional(),
  from: InstantQuery.optional().describe('Of `detectedAt`; inclusive'),
  to: InstantQuery.optional().describe('Exclusive'),
}

export const WorkOrdersQuery = z.strictObject({
  ...orderFilters,
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'In the name or id of a place or device, in the registration code of a device, in what the finding is called, or how the id of the order begins',
    ),
  ...pageShape,
})

export const NewWorkOrder = z
  .strictObject({
    ...Whereabouts,
    summary: Note.describe('What is wrong, or what is to be done'),
    severity: z.enum(['warning', 'urgent', 'critical']).describe('Urgent and critical: on site within 30 minutes'),
    finding: Finding.optional(),
    peopleInside: z
      .enum(['yes', 'no', 'unknown'])
      .optional()
      .describe(
        'Whether somebody is in the car, as the caller answered; goes without a finding. Yes: an entrapment. Unknown: one, too, where the summary says that the car stands or does not work. Left out: the words of the summary decide',
      ),
    type: z.enum(['manual', 'inspection', 'planned']).optional(),
    reportedBy: z
      .strictObject({
        name: Name.optional(),
        phone: z.string().trim().min(1).max(50).optional(),
        words: Note.optional().describe('As the person said it'),
      })
      .optional(),
    dueAt: Instant.optional().describe('For what is planned'),
  })
  .refine(({ finding, peopleInside }) => finding === undefined || peopleInside === undefined, {
    path: ['peopleInside'],
    message: 'goes without a finding, which says it itself',
  })
  .meta({ id: 'NewWorkOrder', description: 'About a device or a site' })

export const FollowUp = z
  .strictObject({
    summary: Note.optional(),
    severity: z.enum(['warning', 'urgent', 'critical']).optional().describe('As severe as before, if it is not said'),
    reason: Note.optional(),
  })
  .meta({ id: 'FollowUp' })

export const OrdersExportQuery = z.strictObject({ ...orderFilters, format: z.enum(['csv', 'json']).default('csv') })
