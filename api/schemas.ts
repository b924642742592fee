import { z } from 'zod'
import { Identifier } from '../core/identifier.ts'
import { causeClasses, incidentStates, orderOutcomes, orderStates } from '../core/incident.ts'
import { channelTypes, noticeReasons } from '../core/notice.ts'
import { teamTypes } from '../core/people.ts'
import { parties, planGoals } from '../core/plan.ts'
import { quarantineReasons } from '../core/quarantine.ts'
import { orderTypes, severities } from '../core/severity.ts'
import { buildingUses, contactRoles, siteTypes } from '../core/site.ts'
import { suppressedBy, suppressionTypes } from '../core/suppression.ts'
import { maintenanceItems, regimeTypes } from '../core/visit.ts'
import { locales } from '../core/words.ts'
import * as fields from '../registry/fields.ts'
import { importKinds } from '../registry/import/plan.ts'
import { evidenceParts } from '../stores/operations/port.ts'
import { confirmations } from '../workorders/maintenance/conditions.ts'

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

const { Name } = fields
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

const Contacts = fields.Contacts.describe('Whom to call; replaced as a whole')

const deviceShape = {
  feederId: Identifier.nullish().describe('The supply line that it hangs on'),
  contacts: Contacts.optional(),
  maintainerId: Identifier.nullish().describe('The team that maintains it; null = nobody from now on'),
  insurerId: Identifier.nullish().describe('The team of its insurer; null = nobody from now on'),
}

const KnownContact = z
  .object({
    role: z.enum(contactRoles),
    name: z.string(),
    phone: z.string().nullable(),
    addresses: z.array(z.object({ channelId: z.string(), address: z.string().nullable() })).readonly(),
  })
  .meta({ id: 'Contact' })

export const NewDevice = z
  .strictObject({
    id: Identifier,
    kind: z.string().max(64),
    gatewayId: Identifier,
    name: Name.nullish(),
    siteId: Identifier.nullish().describe('The site may be registered later'),
    ...deviceShape,
    facts: Facts.optional(),
  })
  .meta({ id: 'NewDevice' })

export const DeviceUpdate = z
  .strictObject({
    name: Name.nullish(),
    siteId: Identifier.nullish(),
    ...deviceShape,
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
    feederId: z.string().nullable(),
    contacts: z.array(KnownContact).readonly(),
    maintainerId: z.string().nullable(),
    insurerId: z.string().nullable(),
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
    .object({ by: z.enum(suppressedBy), id: z.string().nullable(), text: z.string(), at: Instant })
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
  technicianId: z.string().nullable().describe('Who accepted it'),
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
    .describe('`name`, `phone`, `words` of who called; those of a second caller are `name 2`, …'),
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

const TeamId = Identifier
const NewPart = z.strictObject({
  name: Name,
  quantity: z.number().positive().max(1e6).default(1),
  partNumber: z.string().trim().min(1).max(100).nullable().default(null),
})

const noteShape = { note: Note.optional() }
const technicianShape = { ...noteShape, technicianId: Technician.optional().describe('Who did it; else the caller') }

/** What may be said with each action; all of it may be left out, and so may the body. */
export const actionBodies = {
  acknowledge: z.strictObject({
    ...noteShape,
    verified: z
      .union([z.boolean(), z.literal('drill')])
      .optional()
      .describe('Whether it was seen to be real: on the camera, by the car phone'),
  }),
  accept: z.strictObject({ ...technicianShape, teamId: TeamId.optional().describe('The crew that takes it') }),
  arrive: z.strictObject(technicianShape),
  restore: z.strictObject(technicianShape),
  close: z.strictObject({
    ...technicianShape,
    causeClass: z.enum(causeClasses).optional(),
    outcome: z.enum(orderOutcomes).optional(),
    parts: z.array(NewPart).max(100).optional().describe('What was built in'),
  }),
  cancel: z.strictObject({ ...noteShape, reason: Note.optional() }),
  'tell-passenger': z.strictObject(technicianShape),
  inspect: z.strictObject(technicianShape),
  'ask-for-help': z.strictObject(technicianShape),
  'dealt-with': z.strictObject({ ...noteShape, by: Name.optional().describe('Who says so: the tenant, the property') }),
}
/** Actions that cannot be done without saying more. */
export const remarkBodies = {
  note: z.strictObject({ note: Note }),
  reassign: z.strictObject({ teamId: TeamId, reason: Note.optional() }),
  merge: z.strictObject({ intoId: z.guid(), ...noteShape, reason: Note.optional() }),
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
  parentId: z.guid().optional().describe('Only what this incident collects or explains'),
  ...pageShape,
})

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

export const WorkOrdersQuery = z.strictObject({ ...orderFilters, ...pageShape })

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

// Evidence

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')

export const EvidenceParams = z.object({ sha256: Sha256 })
export const PhotoQuery = z.strictObject({ name: Name.optional().describe('What it shows') })

export const EvidenceItem = z
  .object({
    part: z.enum(evidenceParts),
    name: z.string(),
    sha256: z.string().describe('Of the bytes: GET /evidence/:sha256'),
    mediaType: z.string(),
    bytes: z.int(),
    addedAt: Instant,
    addedBy: z.string(),
  })
  .meta({ id: 'EvidenceItem' })

export const SealHead = z.object({ number: z.int(), at: Instant, hash: z.string() }).meta({ id: 'SealHead' })

export const Verification = z
  .object({
    ok: z.boolean(),
    orders: z.int(),
    events: z.int(),
    seals: z.int(),
    files: z.int(),
    head: SealHead.nullable(),
    breaks: z
      .array(
        z.object({
          what: z.enum(['event', 'order', 'seal', 'evidence']),
          id: z.string().describe("The order, the seal's number, or the file's SHA-256"),
          event: z.int().nullable().describe("The first event of the order's chain that does not fit"),
          text: z.string(),
        }),
      )
      .readonly()
      .describe('The first 100'),
    breaksInAll: z.int(),
  })
  .meta({ id: 'Verification' })

// Work orders by hand, and the hand-over to and from other systems

const Whereabouts = { deviceId: Identifier.optional(), siteId: Identifier.optional() }

export const NewWorkOrder = z
  .strictObject({
    ...Whereabouts,
    summary: Note.describe('What is wrong, or what is to be done'),
    severity: z.enum(['warning', 'urgent', 'critical']).describe('Urgent and critical: on site within 30 minutes'),
    finding: Finding.optional(),
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
  .meta({ id: 'NewWorkOrder', description: 'About a device or a site' })

export const FollowUp = z
  .strictObject({
    summary: Note.optional(),
    severity: z.enum(['warning', 'urgent', 'critical']).optional().describe('As severe as before, if it is not said'),
    reason: Note.optional(),
  })
  .meta({ id: 'FollowUp' })

export const NewIncident = z
  .strictObject({
    source: Identifier.describe('The other system'),
    externalId: z.string().trim().min(1).max(200).describe('Its own id; each new beginning has another one'),
    state: z.enum(['open', 'cleared']).default('open'),
    ...Whereabouts,
    gatewayId: Identifier.optional(),
    finding: Finding,
    severity: z.enum(severities),
    summary: Note,
    occurredAt: Instant.optional(),
    evidence: Evidence.optional(),
  })
  .meta({ id: 'NewIncident', description: 'About a device, a site or a gateway' })

const Labels = z.record(z.string().max(200), z.string().max(10_000))

export const AlertmanagerWebhook = z
  .looseObject({
    alerts: z
      .array(
        z.looseObject({
          status: z.enum(['firing', 'resolved']),
          labels: Labels,
          annotations: Labels.default({}),
          startsAt: Instant,
          fingerprint: z.string().regex(/^[0-9a-fA-F]{1,64}$/, 'must be hexadecimal'),
        }),
      )
      .max(10_000),
  })
  .meta({ id: 'AlertmanagerWebhook', description: 'As Prometheus Alertmanager posts it, version 4' })

export const AlertsTaken = z.object({ taken: z.int() }).meta({ id: 'AlertsTaken' })

export const OrdersExportQuery = z.strictObject({ ...orderFilters, format: z.enum(['csv', 'json']).default('csv') })
export const PastRecordsQuery = z.strictObject({
  apply: z.stringbool().default(false).describe('Else it says only what would be done'),
})
/** What became of a file of past records. @param identity by what a record is known */
const takenShape = (identity: string) => ({
  created: z.int().describe('Not there yet: done or, without `apply`, to be done'),
  existing: z.int().describe(`There already, by ${identity}; they stay as they are`),
  applied: z.boolean().describe('All of the file; false = a preview: nothing of it'),
  errors: z
    .array(z.object({ line: z.int(), column: z.string().nullable(), message: z.string() }))
    .readonly()
    .describe('The first 100'),
  errorsInAll: z.int(),
})
export const OrdersImport = z
  .object({ orders: z.int().describe('In the file'), ...takenShape('their number') })
  .meta({ id: 'OrdersImport' })

// Suppressions

const SuppressionScope = z.strictObject({
  type: z.enum(['device', 'gateway', 'feeder', ...siteTypes]),
  id: Identifier,
})

export const NewSuppression = z
  .strictObject({
    type: z.enum(suppressionTypes),
    scope: SuppressionScope,
    finding: Finding.nullish().describe('Only this finding; else everything found there. No danger to life'),
    reason: Note,
    startsAt: Instant.nullish().describe('Of planned work; everything else begins now'),
    endsAt: Instant.nullish().describe('Maintenance alone may be without; a shelf ends within 30 days'),
  })
  .meta({ id: 'NewSuppression' })

export const Suppression = z
  .object({
    id: z.string(),
    type: z.enum(suppressionTypes),
    scope: z.object({ type: z.string(), id: z.string() }),
    finding: z.string().nullable(),
    reason: z.string(),
    startsAt: Instant,
    endsAt: notYet,
    createdAt: Instant,
    createdBy: z.string(),
    endedAt: notYet.describe('When somebody ended it'),
    endedBy: z.string().nullable(),
  })
  .meta({ id: 'Suppression' })

export const SuppressionsQuery = z.strictObject({
  type: z.enum(suppressionTypes).optional(),
  scopeType: SuppressionScope.shape.type.optional(),
  scopeId: Identifier.optional(),
  active: z.stringbool().optional().describe('Only those that are in force now'),
  ...pageShape,
})

/** An action about which nothing more can be said: its body may be left out, or empty. */
export const NoWords = z.strictObject({})

// Sites and import

const siteShape = {
  parentId: Identifier.nullish().describe('The site that it is in, of a higher type'),
  use: z.enum(buildingUses).nullish().describe('Of a building'),
  address: fields.Address.nullish(),
  entrance: fields.Entrance.nullish().describe('How a crew gets in'),
  emergencyPlan: fields.EmergencyPlan.nullish(),
  contacts: Contacts.optional(),
  latitude: fields.Latitude.nullish().describe('Degrees, WGS 84'),
  longitude: fields.Longitude.nullish().describe('Degrees, WGS 84'),
}

export const NewSite = z
  .strictObject({ id: fields.SiteId, type: z.enum(siteTypes), name: fields.Name, ...siteShape })
  .meta({ id: 'NewSite' })

export const SiteUpdate = z
  .strictObject({ type: z.enum(siteTypes).optional(), name: fields.Name.optional(), ...siteShape })
  .meta({ id: 'SiteUpdate' })

export const Site = z
  .object({
    id: z.string(),
    type: z.enum(siteTypes),
    name: z.string(),
    parentId: z.string().nullable(),
    use: z.enum(buildingUses).nullable(),
    address: z.string().nullable(),
    entrance: z.string().nullable(),
    emergencyPlan: z.string().nullable(),
    contacts: z.array(KnownContact).readonly(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Site' })

export const SiteDetail = Site.extend({
  path: z.partialRecord(z.enum(siteTypes), z.string()).describe('The ids of the site and of all above it, by type'),
  devices: z.int().describe('How many devices are directly in it'),
}).meta({ id: 'SiteDetail' })

export const SitesQuery = z.strictObject({
  parentId: Identifier.optional().describe('Directly in this site'),
  type: z.enum(siteTypes).optional(),
  text: z.string().max(100).optional().describe('Part of its id, name or address'),
  ...pageShape,
})

export const HistoryQuery = z.strictObject(pageShape)

/** A thing as our code held it: its times (`createdAt`, …) leave like all others. */
const Recorded = z
  .codec(z.unknown(), z.unknown(), {
    decode: (thing) => thing,
    encode: (thing) =>
      thing && Object.fromEntries(Object.entries(thing).map(([name, value]) => [name, sent(name, value)])),
  })
  .meta({ type: ['object', 'null'] })

function sent(name: string, value: unknown): unknown {
  return /(At|Until|From)$/.test(name) && typeof value === 'number' ? toIso(value) : value
}

export const HistoryEntry = z
  .object({
    at: Instant,
    actor: z.string(),
    before: Recorded.describe('Null when it came to be'),
    after: Recorded.describe('Null when it was removed'),
  })
  .meta({ id: 'HistoryEntry' })

export const ImportQuery = z.strictObject({
  kind: z.enum(importKinds).optional().describe('What the lines are; else what the columns say, if they say it'),
  apply: z.enum(['true', 'false']).default('false').describe('false = only say what each line would do'),
})

export const ExportQuery = z.strictObject({
  kind: z.enum(importKinds).default('sites'),
  format: z.literal('csv').default('csv'),
})

export const ImportResult = z
  .object({
    kind: z.enum(importKinds),
    applied: z.boolean().describe('false = a preview: nothing was written'),
    counts: z.object({ create: z.int(), change: z.int(), unchanged: z.int(), error: z.int() }),
    lines: z
      .array(
        z.object({
          line: z.int().describe("In the file; the header's is 1"),
          id: z.string(),
          action: z.enum(['create', 'change', 'unchanged', 'error']),
          changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })).readonly(),
          faults: z.array(z.object({ path: z.string(), message: z.string() })).readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ImportResult' })

// Channels and notices

const Locale = z.enum(locales)
const ChannelSettings = z
  .record(z.string(), z.unknown())
  .describe('What its type needs, see docs/channels.md. Secrets are shown as ••••; sent back so, they stay')

export const NewChannel = z
  .strictObject({
    id: Identifier,
    type: z.enum(channelTypes),
    name: Name,
    settings: ChannelSettings,
    enabled: z.boolean().default(true),
  })
  .meta({ id: 'NewChannel' })

export const ChannelUpdate = z
  .strictObject({
    name: Name.optional(),
    settings: ChannelSettings.optional().describe('Replaces all of them; a secret sent as •••• stays'),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'ChannelUpdate' })

export const Channel = z
  .object({
    id: Identifier,
    type: z.enum(channelTypes),
    name: z.string(),
    settings: ChannelSettings,
    enabled: z.boolean(),
    createdAt: Instant,
    state: z
      .object({
        waiting: z.int(),
        dead: z.int().describe('Given up: see /notices?state=dead'),
        waitingSince: notYet.describe('When the one that waits longest was written'),
        lastSentAt: notYet,
        lastError: z.string().nullable().describe('Of the newest notice that waits or is dead'),
      })
      .describe('What becomes of its notices'),
  })
  .meta({ id: 'Channel' })

export const ChannelsQuery = z.strictObject(pageShape)

export const ChannelTest = z
  .strictObject({
    address: z
      .string()
      .trim()
      .min(1)
      .max(320)
      .nullish()
      .describe('A phone number, a mailbox, a gateway; as its type needs'),
    locale: Locale.default('zh-CN'),
  })
  .meta({ id: 'ChannelTest' })

export const ChannelTestResult = z
  .object({
    outcome: z.enum(['delivered', 'retry', 'refused']).describe('`retry`: it may work later; `refused`: it never will'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'ChannelTestResult' })

export const Notice = z
  .object({
    id: z.string(),
    key: z.string().describe('What the receiver knows a repeat by'),
    orderId: z.string().nullable(),
    reason: z.enum(noticeReasons),
    recipient: z.object({
      party: z.enum(parties),
      teamId: z.string().nullable(),
      memberId: z.string().nullable(),
      name: z.string(),
      channelId: z.string(),
      address: z.string().nullable(),
      locale: Locale,
      why: z.string(),
    }),
    state: z.enum(['waiting', 'sent', 'dead', 'void']),
    critical: z.boolean(),
    createdAt: Instant,
    nextAttemptAt: Instant.describe('While it is waiting'),
    giveUpAt: Instant,
    attempts: z.int(),
    held: z.boolean().describe('It goes with others in a digest: its address had many'),
    sentAt: notYet,
    sentAs: z.string().nullable().describe('Key of the message that it left in'),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'Notice' })

export const NoticesQuery = z.strictObject({
  state: z.enum(['waiting', 'sent', 'dead', 'void']).optional(),
  channelId: Identifier.optional(),
  orderId: z.guid().optional(),
  ...pageShape,
})

// Live stream

export const StreamHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,20}-\d{1,15}$/, 'is not one that this stream sent')
    .optional()
    .describe('Goes on after this event'),
})

// People: teams, members, rosters

const TeamTypeField = z.enum(teamTypes)
const Ids = z.array(Identifier).max(200).readonly()

const teamShape = {
  name: Name,
  areas: Ids.optional().describe('Sites, with all that is in them; none = everywhere'),
  skills: z.array(z.string().max(64)).max(20).readonly().optional().describe('Kinds of devices; none = all'),
  phone: fields.Phone.nullish(),
  addresses: fields.Addresses.readonly().optional().describe("Where the team's notices go, beside its members'"),
}

export const NewTeam = z.strictObject({ id: Identifier, type: TeamTypeField, ...teamShape }).meta({ id: 'NewTeam' })
export const TeamUpdate = z.strictObject({ ...teamShape, name: Name.optional() }).meta({ id: 'TeamUpdate' })

export const Team = z
  .object({
    id: Identifier,
    type: TeamTypeField,
    name: z.string(),
    areas: z.array(z.string()).readonly(),
    skills: z.array(z.string()).readonly(),
    phone: z.string().nullable(),
    addresses: z.array(fields.ChannelAddress).readonly(),
    createdAt: Instant,
    removedAt: notYet,
  })
  .meta({ id: 'Team' })

export const TeamsQuery = z.strictObject({ type: TeamTypeField.optional(), ...pageShape })

const memberShape = {
  name: Name,
  phone: fields.Phone.nullish(),
  locale: z.enum(['zh-CN', 'en']).optional(),
  addresses: fields.Addresses.readonly().optional(),
}

export const NewMember = z
  .strictObject({ id: Identifier, teamId: Identifier, ...memberShape })
  .meta({ id: 'NewMember' })
export const MemberUpdate = z
  .strictObject({ ...memberShape, name: Name.optional(), teamId: Identifier.optional() })
  .meta({ id: 'MemberUpdate' })

export const Member = z
  .object({
    id: Identifier,
    teamId: z.string(),
    name: z.string(),
    phone: z.string().nullable(),
    locale: z.enum(['zh-CN', 'en']),
    addresses: z.array(fields.ChannelAddress).readonly(),
    createdAt: Instant,
    removedAt: notYet,
  })
  .meta({ id: 'Member' })

export const MembersQuery = z.strictObject({ teamId: Identifier.optional(), ...pageShape })

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day, such as 20:00')

const Shift = z
  .strictObject({
    days: z.array(z.int().min(1).max(7)).max(7).readonly().describe('1 = Monday; none = on holidays only'),
    from: TimeOfDay,
    until: TimeOfDay.describe('Not after `from` = the next morning; equal = 24 hours'),
    memberIds: Ids,
    validFrom: z.iso.date().nullable().default(null),
    validUntil: z.iso.date().nullable().default(null).describe('The last date on which it begins'),
    holidays: z.boolean().default(true).describe('Also on when its day is a holiday'),
  })
  .meta({ id: 'Shift' })

export const Swap = z
  .strictObject({
    from: Instant,
    until: Instant,
    memberId: Identifier,
    insteadId: Identifier.nullable().default(null).describe('Null = nobody in their place'),
    reason: Note.nullable().default(null),
  })
  .meta({ id: 'Swap' })

const rosterShape = {
  version: z.int().min(0).describe('The version that was read; 0 where there was none'),
  shifts: z.array(Shift).max(100).readonly(),
  swaps: z.array(Swap).max(1_000).readonly().default([]),
  holidays: z.array(z.iso.date()).max(400).readonly().default([]),
}

export const RosterDocument = z.strictObject(rosterShape).meta({ id: 'RosterDocument' })
export const Roster = z
  .object({ teamId: Identifier, timeZone: z.literal('Asia/Shanghai'), ...rosterShape })
  .meta({ id: 'Roster' })

export const OnDutyQuery = z.strictObject({ at: InstantQuery.optional().describe('Now, if it is not said') })

export const OnDuty = z
  .object({
    teamId: z.string(),
    type: TeamTypeField,
    name: z.string(),
    phone: z.string().nullable(),
    at: Instant,
    rostered: z.boolean().describe('False = it has no roster and counts as always on duty, all of it'),
    until: notYet.describe('When this changes; null = not within 8 days'),
    members: z.array(z.object({ id: z.string(), name: z.string(), phone: z.string().nullable() })).readonly(),
    nextGap: z
      .object({ from: Instant, until: Instant })
      .nullable()
      .describe('The next time within 8 days in which nobody of it is on duty'),
  })
  .meta({ id: 'OnDuty' })

// Planned maintenance

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
  })
  .meta({ id: 'Upkeep' })

export const VisitClaim = z
  .strictObject({
    items: MaintenanceItems,
    startedAt: Instant,
    endedAt: Instant,
    workers: z.array(Technician).max(20).readonly().default([]),
    teamId: Identifier.nullish().describe("The elevator's maintainer, if it is not said"),
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
  teamId: Identifier.optional(),
  verdict: z.enum(['proven', 'not-proven', 'cannot-tell']).optional(),
})

export const VisitsImported = z
  .object({ visits: z.int().describe('In the file'), ...takenShape('elevator and beginning') })
  .meta({ id: 'VisitsImported' })

// Response plans

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

export const PlanDocument = z
  .strictObject({
    ...planShape,
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
