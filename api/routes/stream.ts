import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { LiveStream } from '../live-stream.ts'
import { problems, sendProblem } from '../problem.ts'
import { StreamHeaders } from '../schemas.ts'

export const streamRoutes: FastifyPluginAsyncZod<{ stream: LiveStream }> = async (app, { stream }) => {
  app.addHook('preClose', async () => stream.stop())
  app.get(
    '/stream',
    {
      schema: {
        tags: ['service'],
        summary:
          'What happens to incidents and orders, as it happens (Server-Sent Events); goes on after Last-Event-ID',
        headers: StreamHeaders,
        response: {
          200: {
            description: 'Events `{at, type, subject, data}`; `reset` when what was missed is not kept any more',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problems(),
        },
      },
    },
    async ({ headers }, reply) => {
      if (!stream.hasRoom()) return sendProblem(reply, 'too-many-requests', 'As many read the live stream as may')
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'x-request-id': reply.request.id,
      })
      stream.add(reply.raw, headers['last-event-id'])
    },
  )
}
