import { z } from 'zod'
import { Identifier } from '../core/identifier.ts'
import { causeClasses, incidentStates, orderOutcomes, orderStates } from '../core/incident.ts'
import { quarantineReasons } from '../core/quarantine.ts'
import { severities } from '../core/severity.ts'

/*
 * Everything that goes over the wire. A schema's output is what our code holds (times in ms since 1970, bytes), its input is
 * what is sent: the codecs translate both ways, and what a schema does not name never leaves.
 */

const toMs = (text: string) => Date.parse(text)
const toIso = (ms: number) => new Date(ms).toISOString()

export const Instant = z
  .codec(z.iso.datetime({ offset: true }), z.number(), { decode: toMs, encode: toIso })
  .meta({ id: 'Instant', type: 'string', format: 'date-time', description: 'ISO 8601, UTC, with milliseconds' })

const notYet = Instant.nullable()

const InstantQuery = z.codec(
  z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be ISO 8601, such as 2026-11-24T08:00:00Z (in a URL, a + is written %2B)',
  }),
  z.number(),
  { decode: toMs, encode: toIso },
)

const Base64 = z
  .codec(
    z.base64(),
    z.custom<Uint8Array>((value) => value instanceof Uint8Array),
    {
      decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
      encode: (bytes) => Buffer.from(bytes).toString('base64'),
    },
  )
  .meta({ type: 'string', contentEncoding: 'base64' })

const Cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not one that this list answered')
  .describe('`nextCursor` of the page before')

export const pageShape = {
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
}

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** The name of a thing in a path: one that nothing can have names nothing, and that is a 404. */
export const IdentifierParams = z.object({ id: Identifier })
export const UuidParams = z.object({ id: z.guid() })

export const problemCodes = [
  'invalid',
  'unauthenticated',
  'not-found',
  'already-exists',
  'order-state',
  'already-done',
  'unavailable',
  'request-timeout',
  'too-large',
  'unsupported-media-type',
  'too-many-requests',
  'headers-too-large',
  'internal',
] as const

export const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('In plain words, for a person'),
    code: z.enum(problemCodes).describe('Stable; what a program decides by'),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

// Registry

const Name = z.string().trim().min(1).max(200)
const Facts = z.record(z.string(), z.unknown())

export const NewGateway = z
  .strictObject({
    id: Identifier,
    name: Name.nullish(),
    autoRegister: z.string().max(64).nullish().describe('Register its unknown devices as this kind'),
  })
  .meta({ id: 'NewGateway' })

export const Credentials = z
  .object({ id: Identifier, username: z.string(), password: z.string().describe('Shown now and never again') })
  .meta({ id: 'Credentials' })

export const RotatedCredentials = Credentials.extend({
  previousValidUntil: Instant.nullable().describe('The password before works until then'),
}).meta({ id: 'RotatedCredentials' })

export const Gateway = z
  .object({
    id: Identifier,
    name: z.string().nullable(),
    autoRegister: z.string().nullable(),
    createdAt: Instant,
    revokedAt: notYet,
  })
  .meta({ id: 'Gateway' })

export const GatewayDetail = Gateway.extend({
  devices: z.int().describe('How many are registered with it'),
  refusals: z
    .array(z.object({ at: Instant, reason: z.string(), text: z.string() }))
    .describe('The newest 20 things that it was refused, newest first'),
}).meta({ id: 'GatewayDetail' })

export const NewDevice = z
  .strictObject({
    id: Identifier,
    kind: z.string().max(64),
    gatewayId: Identifier,
    name: Name.nullish(),
    siteId: Identifier.nullish(),
    facts: Facts.optional(),
  })
  .meta({ id: 'NewDevice' })

export const DeviceUpdate = z
  .strictObject({
    name: Name.nullish(),
    siteId: Identifier.nullish(),
    facts: Facts.optional().describe('Merged (RFC 7396): what is not named stays, null takes a fact away'),
    gatewayId: Identifier.optional(),
  })
  .meta({ id: 'DeviceUpdate' })

export const Device = z
  .object({
    id: Identifier,
    kind: z.string(),
    gatewayId: z.string(),
    name: z.string().nullable(),
    siteId: z.string().nullable(),
    facts: Facts,
    createdAt: Instant,
    rulesOff: z
      .array(z.object({ finding: z.string(), missingFacts: z.array(z.string()).readonly() }))
      .readonly()
      .describe('Rules that cannot work before these facts are known'),
  })
  .meta({ id: 'Device' })

// Readings

const Value = z.union([z.number(), z.string(), z.boolean()])

export const Reading = z
  .strictObject({ at: Instant, values: z.record(z.string(), Value) })
  .meta({ id: 'Reading', description: "A device's metrics at one time; an absent one is unknown" })
export const MetricReading = z.strictObject({ at: Instant, value: Value }).meta({ id: 'MetricReading' })
export const MetricBucket = z
  .strictObject({
    at: Instant.describe('Start of the window, which is aligned to 1970-01-01T00:00:00Z'),
    mean: z.number().nullable(),
    min: Value.nullable(),
    max: Value.nullable(),
    last: Value,
    count: z.int(),
  })
  .meta({ id: 'MetricBucket' })

export const ReadingsQuery = z.strictObject({
  metric: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'is not the name of a metric')
    .optional(),
  from: InstantQuery.optional().describe('Inclusive'),
  to: InstantQuery.optional().describe('Exclusive'),
  step: z.coerce.number().int().min(1).max(31_622_400).optional().describe('Seconds'),
  ...pageShape,
})

export const Readings = z.object({
  items: z.union([z.array(MetricBucket), z.array(MetricReading), z.array(Reading)]),
  nextCursor: z.string().nullable(),
})

export const DeviceDetail = Device.extend({
  last: Reading.nullable().describe('The newest value of each metric, and the time of the newest of them'),
}).meta({ id: 'DeviceDetail' })

// Incidents and work orders

const Finding = z.string().regex(/^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}$/, 'must be like elevator/entrapment')
const Evidence = z.record(z.string(), z.union([Value, z.null()]))

const Found = z.object({
  id: z.string(),
  deviceId: z.string().nullable(),
  finding: z.string(),
  severity: z.enum(severities),
  summary: z.string(),
  occurredAt: Instant.describe("When the condition began, by the device's clock"),
  receivedAt: Instant.describe('When the message that completed the rule reached us'),
  detectedAt: Instant.describe('When the rule was complete, by our clock'),
})

export const Incident = Found.extend({
  state: z.enum(incidentStates),
  scope: z.object({ type: z.string(), id: z.string() }),
  count: z.int().describe('How often it was reported in this episode'),
  clearedAt: notYet,
  orderId: z.string().nullable(),
  evidence: Evidence,
}).meta({ id: 'Incident' })

export const WorkOrder = Found.extend({
  incidentId: z.string(),
  type: z.enum(['emergency', 'planned', 'inspection', 'manual']),
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

const Note = z.string().trim().min(1).max(2_000)
const Technician = z.string().trim().min(1).max(100)

const noteShape = { note: Note.optional() }
const technicianShape = { ...noteShape, technicianId: Technician.optional().describe('Who did it; else the caller') }

/** What may be said with each action; all of it may be left out, and so may the body. */
export const actionBodies = {
  acknowledge: z.strictObject(noteShape),
  accept: z.strictObject(technicianShape),
  arrive: z.strictObject(technicianShape),
  restore: z.strictObject(technicianShape),
  close: z.strictObject({
    ...technicianShape,
    causeClass: z.enum(causeClasses).optional(),
    outcome: z.enum(orderOutcomes).optional(),
  }),
  cancel: z.strictObject({ ...noteShape, reason: Note.optional() }),
}

export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .describe('The same action again with the same key is not done again; it is answered with the order as it is now'),
})

export const IncidentsQuery = z.strictObject({
  deviceId: Identifier.optional(),
  finding: Finding.optional(),
  state: z.enum(incidentStates).optional(),
  ...pageShape,
})

export const WorkOrdersQuery = z.strictObject({
  state: z.enum(orderStates).optional(),
  deviceId: Identifier.optional(),
  ...pageShape,
})

// Quarantine

export const QuarantineItem = z
  .object({
    receivedAt: Instant,
    gatewayId: z.string(),
    deviceId: z.string(),
    reason: z.enum(quarantineReasons),
    faults: z.array(z.object({ path: z.string(), reason: z.enum(quarantineReasons), text: z.string() })).readonly(),
    raw: Base64.describe('The message as it was received'),
  })
  .meta({ id: 'QuarantineItem' })

/** With up to 64 KiB of raw bytes an item, a page stays below 10 MB. */
export const quarantinePageItems = 100

export const QuarantineQuery = z.strictObject({
  gatewayId: Identifier.optional(),
  deviceId: Identifier.optional(),
  ...pageShape,
  limit: pageShape.limit.describe(
    `at most; a page never holds more than ${quarantinePageItems}, for each comes with its bytes: follow nextCursor`,
  ),
})

export const DevicesQuery = z.strictObject({
  gatewayId: Identifier.optional(),
  kind: z.string().max(64).optional(),
  ...pageShape,
})

export const GatewaysQuery = z.strictObject(pageShape)

export const Ready = z
  .object({
    status: z.literal('ready'),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
  })
  .meta({ id: 'Ready' })
export const Alive = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Alive' })
