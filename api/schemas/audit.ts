import { z } from 'zod'
import { Instant, InstantQuery, pageShape } from './shared.ts'
import { Recorded } from './sites.ts'

export const AuditQuery = z.strictObject({
  actor: z.string().min(1).max(200).optional().describe('An account, a gateway, `operator`, or an address at the door'),
  action: z.string().min(1).max(64).optional().describe('Such as site-changed, denied, breach'),
  subject: z.string().min(1).max(200).optional().describe('The id of what it was done to'),
  from: InstantQuery.optional(),
  to: InstantQuery.optional().describe('Exclusive'),
  ...pageShape,
})

export const AuditItem = z
  .object({
    id: z.int(),
    at: Instant,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    data: Recorded.describe('What else was written down of it'),
    before: Recorded.describe('The thing before; null = there was none, or it keeps no history'),
    after: Recorded.describe('And after; null = it is gone, or it keeps no history'),
  })
  .meta({ id: 'AuditItem' })
