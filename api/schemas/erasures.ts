import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { contactRoles } from '../../core/site.ts'
import * as fields from '../../registry/fields.ts'
import { Instant, pageShape, Reason } from './shared.ts'

const Person = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('contact'),
    of: z.enum(['site', 'device']),
    ofId: Identifier,
    role: z.enum(contactRoles),
    name: fields.Name.describe('As it stands, or stood, there'),
  }),
  z.strictObject({ type: z.literal('member').describe('Removed already'), id: Identifier }),
  z.strictObject({ type: z.literal('account').describe('Removed already'), id: Identifier }),
])

const requestShape = {
  person: Person,
  also: z
    .array(fields.PlainText.min(2).max(200))
    .max(20)
    .readonly()
    .optional()
    .describe('Other names, numbers and addresses of theirs'),
  keep: z
    .array(z.string().max(300))
    .max(1_000)
    .readonly()
    .optional()
    .describe('Places of the preview where somebody else is meant'),
}

export const ErasurePreviewRequest = z.strictObject(requestShape).meta({ id: 'ErasurePreviewRequest' })
export const NewErasure = z.strictObject({ ...requestShape, reason: Reason }).meta({ id: 'NewErasure' })

export const ErasurePreview = z
  .object({
    places: z
      .array(
        z.object({
          place: z.string(),
          texts: z.array(z.string()).readonly().describe('What would go'),
          isOwn: z
            .boolean()
            .describe('Where they are written down as themselves: it goes with them, and is not to be kept'),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ErasurePreview' })

export const Erasure = z
  .object({
    id: z.string(),
    at: Instant,
    actor: z.string(),
    person: z.union([
      z.object({ type: z.literal('contact'), of: z.string(), ofId: z.string(), role: z.string() }),
      z.object({ type: z.enum(['member', 'account']), id: z.string() }),
    ]),
    reason: z.string(),
    rows: z.record(z.string(), z.int()).describe('Rows that were changed, by table'),
    events: z
      .array(z.object({ chainId: z.string(), number: z.int(), left: z.string() }))
      .readonly()
      .describe('Of those, events in chains, with the SHA-256 of what is left of each'),
    files: z
      .array(z.object({ sha256: z.string(), redactedAs: z.string() }))
      .readonly()
      .describe('Evidence files: the original, which is gone, and the same without the names'),
    answers: z.int().describe('Answers kept for idempotency keys that went'),
    kept: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Erasure' })

export const ErasuresQuery = z.strictObject(pageShape)
