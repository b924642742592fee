import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { quarantineReasons } from '../../core/quarantine.ts'
import { Base64, Instant, pageShape } from './shared.ts'

export const QuarantineItem = z
  .object({
    receivedAt: Instant,
    gatewayId: z.string(),
    deviceId: z.string().describe('Empty where a message in the gateway’s own words names none, or several'),
    topic: z.string().nullish().describe('Of what a gateway with a mapping says in its own words'),
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
