import { z } from 'zod'
import { Instant, InstantQuery, pageShape, Value } from './shared.ts'

export const Reading = z
  .strictObject({ at: Instant, values: z.record(z.string(), Value) })
  .meta({ id: 'Reading', description: "A device's metrics at one time; an absent one is unknown" })
export const MetricReading = z.strictObject({ at: Instant, value: Value }).meta({ id: 'MetricReading' })
const windowStart = Instant.describe('Start of the window, which is aligned to 1970-01-01T00:00:00Z')
const summary = {
  mean: z.number().nullable(),
  min: Value.nullable(),
  max: Value.nullable(),
  last: Value,
  count: z.int(),
}
export const MetricBucket = z.strictObject({ at: windowStart, ...summary }).meta({ id: 'MetricBucket' })
export const MetricsBucket = z
  .strictObject({ at: windowStart, metrics: z.record(z.string(), z.strictObject(summary)) })
  .meta({ id: 'MetricsBucket', description: 'Of several metrics; one without a reading in the window is absent' })

const mostMetrics = 10

export const ReadingsQuery = z.strictObject({
  metric: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{0,63}(,[A-Za-z][A-Za-z0-9]{0,63})*$/, 'is not the name of a metric')
    .transform((names) => [...new Set(names.split(','))])
    .refine((names) => names.length <= mostMetrics, `names more than ${mostMetrics} metrics`)
    .optional()
    .meta({
      type: 'string',
      description: `A metric, or up to ${mostMetrics} with commas in between; else all of them`,
    }),
  from: InstantQuery.optional().describe('Inclusive'),
  to: InstantQuery.optional().describe('Exclusive'),
  step: z.coerce.number().int().min(1).max(31_622_400).optional().describe('Seconds'),
  ...pageShape,
})

export const Readings = z.object({
  items: z.union([z.array(MetricBucket), z.array(MetricReading), z.array(Reading), z.array(MetricsBucket)]),
  nextCursor: z.string().nullable(),
})
