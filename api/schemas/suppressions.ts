import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { siteTypes } from '../../core/site.ts'
import { suppressionTypes } from '../../core/suppression.ts'
import { Finding, Instant, Note, notYet, pageShape } from './shared.ts'

const SuppressionScope = z.strictObject({
  type: z.enum(['device', 'gateway', 'feeder', ...siteTypes]),
  id: Identifier,
})

export const NewSuppression = z
  .strictObject({
    type: z.enum(suppressionTypes),
    scope: SuppressionScope,
    finding: Finding.nullish().describe(
      'Only this finding, whichever system reports it; else everything that our own rules find. No danger to life',
    ),
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
