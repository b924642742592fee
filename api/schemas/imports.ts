import { z } from 'zod'
import { importKinds } from '../../registry/import/plan.ts'

export const ImportQuery = z.strictObject({
  kind: z.enum(importKinds).optional().describe('What the lines are; else what the columns say, if they say it'),
  apply: z.enum(['true', 'false']).default('false').describe('false = only say what each line would do'),
})

export const ExportQuery = z.strictObject({
  kind: z.enum(importKinds).default('sites'),
  format: z.literal('csv').default('csv'),
})

export const ImportResult = z
  .object({
    kind: z.enum(importKinds),
    applied: z.boolean().describe('false = a preview: nothing was written'),
    counts: z.object({ create: z.int(), change: z.int(), unchanged: z.int(), error: z.int() }),
    lines: z
      .array(
        z.object({
          line: z.int().describe("In the file; the header's is 1"),
          id: z.string(),
          action: z.enum(['create', 'change', 'unchanged', 'error']),
          changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })).readonly(),
          faults: z.array(z.object({ path: z.string(), message: z.string() })).readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ImportResult' })
