import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { Instant, Name, notYet, pageShape, shownOnce } from './shared.ts'

export const NewGateway = z
  .strictObject({
    id: Identifier,
    name: Name.nullish(),
    autoRegister: z.string().max(64).nullish().describe('Register its unknown devices as this kind'),
    siteId: Identifier.nullish().describe('Where it stands: who sees this site may see and change it'),
  })
  .meta({ id: 'NewGateway' })

export const Credentials = z
  .object({ id: Identifier, username: z.string(), password: shownOnce('Shown now and never again') })
  .meta({ id: 'Credentials' })

export const RotatedCredentials = Credentials.extend({
  previousValidUntil: Instant.nullable().describe('The password before works until then'),
}).meta({ id: 'RotatedCredentials' })

const GatewayLiveness = z
  .object({
    connected: z.boolean().describe('At this moment'),
    lastMessageAt: notYet.describe('Null = nothing of it is known'),
    clockAheadMs: z
      .int()
      .nullable()
      .describe('How far its clock is ahead of ours; behind is negative, and has the time on the way in it'),
    countedSince: Instant.describe('The counts begin there: an hour ago, or when this service started'),
    messages: z.int().describe('That were taken, also where something in them was put into quarantine'),
    refusals: z
      .int()
      .describe(
        'Messages of which something was put into quarantine, and what else it tried and was refused at the door',
      ),
    wrongPasswords: z.int().describe('Connections in its name with a wrong password'),
  })
  .meta({ id: 'GatewayLiveness' })

export const Gateway = z
  .object({
    id: Identifier,
    name: z.string().nullable(),
    autoRegister: z.string().nullable(),
    siteId: z.string().nullish().describe('Null = where all of its devices are'),
    createdAt: Instant,
    revokedAt: notYet,
    liveness: GatewayLiveness,
  })
  .meta({ id: 'Gateway' })

export const GatewayDetail = Gateway.extend({
  devices: z.int().describe('How many are registered with it'),
  refusals: z
    .array(z.object({ at: Instant, reason: z.string(), text: z.string() }))
    .describe('The newest 20 things that it was refused, newest first'),
}).meta({ id: 'GatewayDetail' })

export const GatewaysQuery = z.strictObject(pageShape)
