import type { FastifyInstance, FastifyReply } from 'fastify'
import { ExpectedError } from '../../core/errors.ts'
import { type Accounts, WrongPassword } from '../../registry/accounts.ts'
import { type JoinProblem, joinedPage, joinLook, joinPage, lostPage } from '../join-page.ts'
import type { Language } from '../messages.ts'
import { acceptForms, formBytes, languageFor, sendPage } from '../page.ts'

/**
 * The page behind a one-time link. Looking uses nothing up, for chat programs open links by themselves; what sets the password
 * is a form, and whoever sends it has the link: it needs no session and no other proof.
 */
export async function joinRoutes(app: FastifyInstance, { accounts }: { accounts: Accounts }): Promise<void> {
  const config = { public: true } as const
  const schema = { hide: true }
  acceptForms(app)

  app.get<{ Params: { secret: string } }>('/join/:secret', { config, schema }, async (request, reply) => {
    const account = await accounts.invited(request.params.secret)
    const language = languageFor(request)
    if (account === undefined) return send(reply.code(404), language, lostPage(language))
    return send(reply, language, joinPage(language, account))
  })

  app.post<{ Params: { secret: string }; Body: Record<string, string> | undefined }>(
    '/join/:secret',
    { config, schema, bodyLimit: formBytes },
    async (request, reply) => {
      const { secret } = request.params
      const { password = '', again = '' } = request.body ?? {}
      const language = languageFor(request)
      const account = await accounts.invited(secret)
      if (account === undefined) return send(reply.code(404), language, lostPage(language))
      const problem = password === again ? await problemOf(secret, password, request.ip) : 'not-the-same'
      if (problem === null) return send(reply, language, joinedPage(language))
      if (problem === 'not-found') return send(reply.code(404), language, lostPage(language))
      const status = problem === 'too-many-requests' ? 429 : 400
      return send(reply.code(status), language, joinPage(language, account, problem))
    },
  )

  async function problemOf(
    secret: string,
    password: string,
    address: string,
  ): Promise<JoinProblem | 'not-found' | null> {
    try {
      await accounts.join(secret, password, address)
      return null
    } catch (cause) {
      if (cause instanceof WrongPassword) return cause.fault
      if (!(cause instanceof ExpectedError)) throw cause
      if (cause.code === 'not-found' || cause.code === 'too-many-requests') return cause.code
      throw cause
    }
  }
}

function send(reply: FastifyReply, language: Language, page: string): FastifyReply {
  return sendPage(reply, joinLook, language, page)
}
