import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { Reading } from './readings.ts'
import { Contacts, Facts, Instant, KnownContact, Name, notYet, pageShape, Reason } from './shared.ts'

const deviceShape = {
  feederId: Identifier.nullish().describe('The supply line that it hangs on'),
  contacts: Contacts.optional(),
  maintainerId: Identifier.nullish().describe('The team that maintains it; null = nobody from now on'),
  insurerId: Identifier.nullish().describe('The team of its insurer; null = nobody from now on'),
}

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
    retiredAt: notYet.describe('Since then nothing that is sent for it is taken; null = it is in service'),
    rulesOff: z
      .array(z.object({ finding: z.string(), missingFacts: z.array(z.string()).readonly() }))
      .readonly()
      .describe('Rules that cannot work before these facts are known'),
  })
  .meta({ id: 'Device' })

export const ListedDevice = Device.extend({
  lastHeardAt: notYet
    .optional()
    .describe(
      'Only where `lastHeard` asks for it: the time of its newest reading; null = nothing was ever heard of it; absent = nobody can say now',
    ),
}).meta({ id: 'ListedDevice' })

export const DeviceDetail = Device.extend({
  last: Reading.nullable().describe(
    'The newest value of each metric, and the time of the newest of them; null before the first, and while it is unknown',
  ),
  lastUnknown: z.string().optional().describe('Only while the history cannot be asked: why `last` is unknown'),
}).meta({ id: 'DeviceDetail' })

export const DevicesQuery = z.strictObject({
  gatewayId: Identifier.optional(),
  siteId: Identifier.optional().describe('In it, or in a site that is in it'),
  kind: z.string().max(64).optional(),
  text: z.string().max(100).optional().describe('Part of its id, name or registration code'),
  lastHeard: z.stringbool().default(false).describe('Also when each was last heard'),
  retired: z.stringbool().default(false).describe('Those that are retired; else those in service'),
  ...pageShape,
})

export const RetireQuery = z.strictObject({
  reason: Reason.describe('Why, for the audit and its history'),
})
