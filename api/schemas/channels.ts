import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { channelTypes } from '../../core/notice.ts'
import { Instant, Locale, Name, notYet, pageShape } from './shared.ts'

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
