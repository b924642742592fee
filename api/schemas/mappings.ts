import { z } from 'zod'
import { Mapping } from '../../core/mapping.ts'
import { quarantineReasons } from '../../core/quarantine.ts'
import { Instant, Reason } from './shared.ts'

const Version = z.int().min(0)

export const GatewayMapping = z
  .object({
    gatewayId: z.string(),
    version: Version.describe('0 = there never was one'),
    mapping: Mapping.nullable().describe('Null = the gateway speaks our words'),
    at: Instant,
    actor: z.string(),
    reason: z.string(),
    metrics: z.record(z.string(), z.array(z.string())).describe('What it may make: the metrics of each kind'),
  })
  .meta({ id: 'GatewayMapping' })

export const NewGatewayMapping = z
  .strictObject({
    mapping: Mapping.nullable().describe('Null switches it off'),
    version: Version.describe('The one that was read: 409 if there is a newer one'),
    reason: Reason,
  })
  .meta({ id: 'NewGatewayMapping' })

export const MappingQuery = z.strictObject({
  version: z.coerce.number().int().min(1).optional().describe('An earlier one'),
})

/** So many of the longest fit into the 1 MiB that a body may have, unless most of it is escaped or Chinese. */
const mostSamples = 10
const longestPayload = 64 * 1024

export const MappingTrial = z
  .strictObject({
    mapping: Mapping,
    samples: z
      .array(z.strictObject({ topic: z.string().min(1).max(500), payload: z.string().max(longestPayload) }))
      .min(1)
      .max(mostSamples)
      .optional()
      .describe('Absent = what the gateway published last and was refused or put into quarantine'),
  })
  .meta({ id: 'MappingTrial' })

const Tried = z.object({
  source: z.enum(['given', 'refused', 'quarantine']),
  topic: z.string(),
  payload: z.string(),
  receivedAt: Instant,
  isMapped: z.boolean().describe('Whether the mapping says anything of its topic; else the door refuses it'),
  readings: z.array(
    z.object({
      deviceId: z.string(),
      kind: z.string(),
      at: Instant,
      values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    }),
  ),
  faults: z.array(z.object({ path: z.string(), reason: z.enum(quarantineReasons), text: z.string() })),
})

export const MappingTrialAnswer = z.object({ items: z.array(Tried) }).meta({ id: 'MappingTrialAnswer' })
