import { z } from 'zod'

export const Ready = z
  .object({
    status: z.literal('ready'),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
  })
  .meta({ id: 'Ready' })
export const About = z
  .object({
    version: z.string(),
    mqtt: z
      .object({
        host: z.string().describe('That of PUBLIC_URL, else the one that was asked'),
        port: z.int().describe('As this process listens: whoever maps ports gives gateways the mapped one'),
        tlsPort: z.int().nullable().describe('Null = no TLS'),
      })
      .describe('What a gateway connects to'),
    publicUrl: z.string().nullable().describe('Where people reach it; null = links go to the address that was asked'),
  })
  .meta({ id: 'About' })
export const Alive = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Alive' })
