import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { roles } from '../../core/account.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { ApiTokens } from '../../registry/api-tokens.ts'
import { WrongFields } from '../../registry/fields.ts'
import type { From, SignIn, SignInOutcome } from '../../registry/sign-in.ts'
import { problems, sendProblem } from '../problem.ts'
import { originOf } from '../same-origin.ts'
import {
  ApiToken,
  ApiTokenShown,
  KeyParams,
  Me,
  NewApiToken,
  PasswordChange,
  pageOf,
  Session,
  SignInBody,
  SignInWays,
} from '../schemas.ts'
import { forgetSessionKey, sessionKeyOf, setSessionKey } from '../session-cookie.ts'
import type { WrongTries } from '../wrong-tries.ts'

const tags = ['accounts']
const Nothing = z.undefined().describe('Done')
/** A browser's own: whoever stole a token changes no password, and makes no token that outlives it. */
const ofSession = { roles, session: true } as const

export const meRoutes: FastifyPluginAsyncZod<{
  signIn: SignIn
  apiTokens: ApiTokens
  wrongTries: WrongTries
  publicUrl?: string | undefined
  providerUrl?: string | undefined
}> = async (app, { signIn, apiTokens, wrongTries, publicUrl, providerUrl }) => {
  /** The cookie, or why there is none. */
  function answer(request: FastifyRequest, reply: FastifyReply, outcome: SignInOutcome): FastifyReply | undefined {
    if (outcome.outcome === 'in') {
      setSessionKey(reply, outcome.session.key, signIn.limits.longestMs)
      return undefined
    }
    if (outcome.outcome === 'wait') {
      reply.header('retry-after', Math.ceil(outcome.waitMs / 1_000))
      return sendProblem(
        reply,
        'too-many-requests',
        'This name was tried too often; wait, or ask an operator for a link',
      )
    }
    wrongTries.count(request.ip)
    return sendProblem(reply, 'unauthenticated', 'The name or the password is wrong')
  }

  function isTooMany({ ip }: FastifyRequest, reply: FastifyReply): boolean {
    const waitSeconds = wrongTries.waitSeconds(ip)
    if (waitSeconds > 0) reply.header('retry-after', waitSeconds)
    return waitSeconds > 0
  }

  app.get(
    '/sign-in',
    {
      config: { public: true },
      schema: {
        tags,
        security: [],
        summary: 'How one can sign in here, beside by name and password',
        response: { 200: SignInWays, ...problems() },
      },
    },
    async () => ({ provider: providerUrl === undefined ? null : { url: providerUrl } }),
  )

  app.post(
    '/sign-in',
    {
      config: { public: true },
      schema: {
        tags,
        security: [],
        summary: 'Name and password in, a cookie out; the session that the browser had ends',
        body: SignInBody,
        response: { 200: Me, ...problems(403, 429) },
      },
    },
    async (request, reply) => {
      if (originOf(request, publicUrl) === 'theirs') return sendProblem(reply, 'cross-site', 'Sign in on our own page')
      if (isTooMany(request, reply)) {
        return sendProblem(reply, 'too-many-requests', 'Too many wrong tries from this address')
      }
      const outcome = await signIn.signIn({ ...request.body, before: sessionKeyOf(request) }, fromOf(request))
      const refused = answer(request, reply, outcome)
      if (refused !== undefined || outcome.outcome !== 'in') return refused
      const { id: accountId, name, memberships } = outcome.session.account
      return { accountId, name, memberships, roles: memberships.map(({ role }) => role) }
    },
  )

  app.post(
    '/sign-out',
    {
      config: ofSession,
      schema: { tags, summary: 'The session ends', response: { 204: Nothing, ...problems(403) } },
    },
    async (request, reply) => {
      const { accountId, sessionId } = own(request)
      await signIn.endSession(accountId, sessionId, request.actor)
      forgetSessionKey(reply)
      return reply.code(204).send()
    },
  )

  app.get(
    '/me',
    { config: { roles }, schema: { tags, summary: 'Who I am here', response: { 200: Me, ...problems(403) } } },
    async ({ viewer: { accountId, name, memberships } }) => ({
      ...{ accountId, name, memberships },
      roles: memberships.map(({ role }) => role),
    }),
  )

  app.get(
    '/me/sessions',
    {
      config: ofSession,
      schema: { tags, summary: 'Where I am signed in', response: { 200: pageOf(Session), ...problems(403) } },
    },
    async (request) => {
      const { accountId, sessionId } = own(request)
      const sessions = await signIn.sessionsOf(accountId)
      return { items: sessions.map((one) => ({ ...one, isThis: one.id === sessionId })), nextCursor: null }
    },
  )

  app.delete(
    '/me/sessions',
    {
      config: ofSession,
      schema: { tags, summary: 'Signs me out everywhere, here too', response: { 204: Nothing, ...problems(403) } },
    },
    async (request, reply) => {
      await signIn.endSessions(own(request).accountId, request.actor)
      forgetSessionKey(reply)
      return reply.code(204).send()
    },
  )

  app.delete(
    '/me/sessions/:keyId',
    {
      config: ofSession,
      schema: {
        tags,
        summary: 'Signs me out of one of them',
        params: KeyParams,
        response: { 204: Nothing, ...problems(403, 404) },
      },
    },
    async (request, reply) => {
      await signIn.endSession(own(request).accountId, request.params.keyId, request.actor)
      return reply.code(204).send()
    },
  )

  app.post(
    '/me/password',
    {
      config: ofSession,
      schema: {
        tags,
        summary: 'Another password: every session ends, and this browser gets a new one',
        body: PasswordChange,
        response: { 204: Nothing, ...problems(403, 429) },
      },
    },
    async (request, reply) => {
      if (isTooMany(request, reply)) {
        return sendProblem(reply, 'too-many-requests', 'Too many wrong tries from this address')
      }
      const outcome = await signIn.changePassword(own(request).accountId, request.body, fromOf(request))
      if (outcome.outcome === 'wrong') {
        wrongTries.count(request.ip) // and no 401: they are signed in
        throw new WrongFields([{ path: 'current', message: 'is not your password' }])
      }
      return answer(request, reply, outcome) ?? reply.code(204).send()
    },
  )

  app.get(
    '/me/tokens',
    {
      config: ofSession,
      schema: {
        tags,
        summary: 'My tokens, without their secrets',
        response: { 200: pageOf(ApiToken), ...problems(403) },
      },
    },
    async (request) => ({ items: await apiTokens.list(own(request).accountId), nextCursor: null }),
  )

  app.post(
    '/me/tokens',
    {
      config: ofSession,
      schema: {
        tags,
        summary: 'A token for a program that acts for me',
        body: NewApiToken,
        response: { 201: ApiTokenShown, ...problems(403) },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await apiTokens.add(own(request).accountId, request.body, request.actor)),
  )

  app.delete(
    '/me/tokens/:keyId',
    {
      config: ofSession,
      schema: {
        tags,
        summary: 'It is good for nothing any more',
        params: KeyParams,
        response: { 204: Nothing, ...problems(403, 404) },
      },
    },
    async (request, reply) => {
      await apiTokens.remove(own(request).accountId, request.params.keyId, request.actor)
      return reply.code(204).send()
    },
  )
}

export function fromOf({ ip, headers }: FastifyRequest): From {
  return { address: ip, userAgent: headers['user-agent'] ?? null }
}

/** `session: true` has let nobody else in. */
function own({ viewer: { accountId, sessionId } }: FastifyRequest): { accountId: string; sessionId: string } {
  if (accountId === null || sessionId === null) throw new ExpectedError('not-found', 'There is no session')
  return { accountId, sessionId }
}
