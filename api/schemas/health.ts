import { z } from 'zod'

export const Ready = z
  .object({
    status: z.literal('ready'),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
  })
  .meta({ id: 'Ready' })
export const Alive = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Alive' })
