import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { currentHealth, type HealthReport, whatIsWrong } from '../health.ts'
import { problems, sendProblem } from '../problem.ts'
import { About, Alive, Ready } from '../schemas.ts'
import { everyone, forRoles } from '../scope.ts'

const tags = ['service']
const open = { config: { public: true } } as const

/** For load balancers, Prometheus and whoever wants the API's description; no token. */
export const serviceRoutes: FastifyPluginAsyncZod<{
  operations: Pick<OperationsStore, 'ping'>
  health: () => HealthReport
  metrics: () => Promise<string>
  version: string
}> = async (app, { operations, health, metrics, version }) => {
  app.get(
    '/healthz',
    { ...open, schema: { tags, security: [], summary: 'The process answers', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const, version }),
  )

  app.get(
    '/readyz',
    {
      ...open,
      schema: {
        tags,
        security: [],
        summary: 'Everything works; 503 names what does not',
        response: { 200: Ready, 503: problems()[503] },
      },
    },
    async (_request, reply) => {
      const current = await currentHealth(health, operations)
      const { checks } = current
      const wrong = whatIsWrong(current)
      return wrong === null
        ? { status: 'ready' as const, checks }
        : sendProblem(reply, 'unavailable', wrong, { checks })
    },
  )

  app.get(
    '/metrics',
    {
      ...open,
      schema: {
        tags,
        security: [],
        summary: 'Figures for Prometheus',
        response: { 200: { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) =>
      reply
        .type('text/plain; version=0.0.4; charset=utf-8')
        .serializer(String)
        .send(await metrics()),
  )

  app.get('/openapi.json', { ...open, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(app.swagger()),
  )
}

/** What this service is to who has an account: its version, and what to enter into a gateway. */
export const aboutRoutes: FastifyPluginAsyncZod<{
  version: string
  door: { readonly port: number; readonly tlsPort: number | null }
  publicUrl?: string | undefined
}> = async (app, { version, door, publicUrl = null }) => {
  app.get(
    '/service',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'Its version, and the address that a gateway connects to',
        response: { 200: About, ...problems() },
      },
    },
    async ({ hostname }) => {
      const host = publicUrl === null ? hostname : new URL(publicUrl).hostname
      return { version, mqtt: { host, ...door }, publicUrl }
    },
  )
}
