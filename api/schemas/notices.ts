import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { noticeReasons } from '../../core/notice.ts'
import { parties } from '../../core/plan.ts'
import { Instant, Locale, notYet, pageShape } from './shared.ts'

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

export const StreamHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,20}-\d{1,15}$/, 'is not one that this stream sent')
    .optional()
    .describe('Goes on after this event'),
})
