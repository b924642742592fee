import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { severities } from '../../core/severity.ts'
import { contactRoles } from '../../core/site.ts'
import { locales } from '../../core/words.ts'
import * as fields from '../../registry/fields.ts'

/* What the schemas of several resources are made of; `schemas.ts` passes on only what others use. */

const toMs = (text: string) => Date.parse(text)
export const toIso = (ms: number) => new Date(ms).toISOString()

export const Instant = z
  .codec(z.iso.datetime({ offset: true }), z.number(), { decode: toMs, encode: toIso })
  .meta({ id: 'Instant', type: 'string', format: 'date-time', description: 'ISO 8601, UTC, with milliseconds' })

export const notYet = Instant.nullable()

export const InstantQuery = z.codec(
  z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be ISO 8601, such as 2026-11-24T08:00:00Z (in a URL, a + is written %2B)',
  }),
  z.number(),
  { decode: toMs, encode: toIso },
)

export const Base64 = z
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

/** What no answer ever shows again, a repeated one neither. */
export const shownOnce = (description: string) => z.string().meta({ description, [shownOnceMark]: true })

const shownOnceMark = 'x-shown-once'

/** Whether somewhere in it is something that is shown once. */
export function isShownOnce(schema: z.ZodType): boolean {
  return JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).includes(shownOnceMark)
}

export const problemCodes = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'cross-site',
  'not-found',
  'already-exists',
  'order-state',
  'already-done',
  'key-reused',
  'unavailable',
  'request-timeout',
  'too-large',
  'unsupported-media-type',
  'too-many-requests',
  'headers-too-large',
  'evidence-damaged',
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
  .meta({
    id: 'Problem',
    description: 'RFC 9457',
    examples: [
      {
        ...{ type: 'about:blank', title: 'Conflict', status: 409, code: 'already-done' },
        ...{ detail: 'The order is accepted already, by li', requestId: 'd3b0f1b2-6d7f-4f0e-8a3c-1f2e3d4c5b6a' },
      },
    ],
  })

export const { Name } = fields
export const Facts = z.record(z.string(), z.unknown())

export const Contacts = fields.Contacts.describe('Whom to call; replaced as a whole')

export const KnownContact = z
  .object({
    role: z.enum(contactRoles),
    name: z.string(),
    phone: z.string().nullable(),
    addresses: z.array(z.object({ channelId: z.string(), address: z.string().nullable() })).readonly(),
  })
  .meta({ id: 'Contact' })

export const Value = z.union([z.number(), z.string(), z.boolean()])

export const Finding = z.string().regex(/^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}$/, 'must be like elevator/entrapment')
export const Evidence = z.record(z.string(), z.union([Value, z.null()]))

export const Found = z.object({
  id: z.string(),
  deviceId: z.string().nullable(),
  finding: z.string(),
  severity: z.enum(severities),
  summary: z.string(),
  occurredAt: Instant.describe("When the condition began, by the device's clock"),
  receivedAt: Instant.describe('When the message that completed the rule reached us'),
  detectedAt: Instant.describe('When the rule was complete, by our clock'),
})

const { PlainText } = fields
export const Note = PlainText.min(1).max(2_000)
export const Technician = PlainText.min(1).max(100)
/** Why somebody did it, for the audit. */
export const Reason = PlainText.min(1).max(500)

export const Whereabouts = { deviceId: Identifier.optional(), siteId: Identifier.optional() }

/** What became of a file of past records. @param identity by what a record is known */
export const takenShape = (identity: string) => ({
  created: z.int().describe('Not there yet: done or, without `apply`, to be done'),
  existing: z.int().describe(`There already, by ${identity}; they stay as they are`),
  applied: z.boolean().describe('All of the file; false = a preview: nothing of it'),
  errors: z
    .array(z.object({ line: z.int(), column: z.string().nullable(), message: z.string() }))
    .readonly()
    .describe('The first 100'),
  errorsInAll: z.int(),
})

export const Locale = z.enum(locales)
