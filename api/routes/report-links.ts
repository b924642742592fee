import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ReportShares } from '../../quality/reports/shares.ts'
import { languageFor, sendPage } from '../page.ts'
import { lostSharePage, shareLook, sharePage } from '../share.ts'
import { sendReportFile } from './reports.ts'

/** The page behind a report's link: no account, only the token, which is good for this one report, to be read. */
export async function reportLinkRoutes(
  app: FastifyInstance,
  { reportShares }: { reportShares: Pick<ReportShares, 'open' | 'read'> },
): Promise<void> {
  const config = { public: true } as const
  const schema = { hide: true }

  app.get<{ Params: { token: string } }>('/r/:token', { config, schema }, async (request, reply) => {
    const { token } = request.params
    const found = await reportShares.open(token)
    if (found === undefined) return sendLost(request, reply)
    const language = languageFor(request)
    return sendPage(reply, shareLook, language, sharePage(found, language, `/r/${token}`)) // base64url, for it was found
  })

  app.get<{ Params: { token: string; name: string } }>(
    '/r/:token/:name',
    { config, schema },
    async (request, reply) => {
      const { token, name } = request.params
      const file = await reportShares.read(token, name, request.ip)
      return file === undefined ? sendLost(request, reply) : sendReportFile(reply, file)
    },
  )
}

function sendLost(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  return sendPage(reply.code(404), shareLook, language, lostSharePage(language))
}
