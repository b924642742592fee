import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { Instant, Name, notYet, pageShape } from './shared.ts'

export const NewGateway = z
  .strictObject({
    id: Identifier,
    name: Name.nullish(),
    autoRegister: z.string().max(64).nullish().describe('Register its unknown devices as this kind'),
    siteId: Identifier.nullish().describe('Where it stands: who sees this site may see and change it'),
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
    siteId: z.string().nullish().describe('Null = where all of its devices are'),
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

export const GatewaysQuery = z.strictObject(pageShape)
