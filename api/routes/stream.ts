import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { LiveStream } from '../live-stream.ts'
import { problems, sendProblem } from '../problem.ts'
import { StreamHeaders } from '../schemas.ts'
import { forRoles, watchers } from '../scope.ts'

export const streamRoutes: FastifyPluginAsyncZod<{ stream: LiveStream }> = async (app, { stream }) => {
  app.addHook('preClose', async () => stream.stop())
  app.get(
    '/stream',
    {
      config: forRoles(null, watchers),
      schema: {
        tags: ['service'],
        summary:
          'What happens to incidents and orders, as it happens (Server-Sent Events); goes on after Last-Event-ID',
        headers: StreamHeaders,
        response: {
          200: {
            description:
              'Events `{at, type, subject, data}`; `reset` when what was missed is not kept any more, `dropped` before the end for one that reads too slowly; a comment every 2 s',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problems(),
        },
      },
    },
    async ({ headers, sight, viewer: { accountId } }, reply) => {
      if (!stream.hasRoom(accountId))
        return sendProblem(reply, 'too-many-requests', 'As many read the live stream as may')
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'x-request-id': reply.request.id,
      })
      stream.add(reply.raw, { accountId, sight }, headers['last-event-id'])
    },
  )
}
