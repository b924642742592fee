import { isDeepStrictEqual } from 'node:util'
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { everywhere, isOperatorOfAll, type Role, type Viewer } from '../core/account.ts'
import type { Clock } from '../core/clock.ts'
import { hashSecret, isSecret } from '../core/secret.ts'
import type { DenialAudit } from '../registry/denials.ts'
import type { SignIn } from '../registry/sign-in.ts'
import { watchOpenConnections } from './open-connections.ts'
import { notFound, sendProblem } from './problem.ts'
import { isOfOurPages } from './same-origin.ts'
import { routeOf } from './scope.ts'
import { forgetSessionKey, sessionKeyOf } from './session-cookie.ts'
import { createWrongTries, type WrongTries } from './wrong-tries.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Anyone may call it. Every other route asks who it is; under /api/ there is one such route, where people sign in. */
    public?: true
    /** Who may call it; absent = operators of all there is, and the operator's token, alone. */
    roles?: readonly Role[]
    /** Only somebody who signed in: a program has no session, and its token makes no other one. */
    session?: true
  }
  interface FastifyRequest {
    /** Who calls, for events and audit: the account's id, or `operator` for the operator's token. */
    actor: string
    viewer: Viewer
  }
}

const operator: Viewer = { accountId: null, name: 'operator', memberships: [everywhere], sessionId: null }
const nobody: Viewer = { accountId: null, name: '', memberships: [], sessionId: null }

const publicInApi = '/api/v1/sign-in'
/** What anybody may send is small, unless a route says why not: to read it is work that nobody answers for. */
const publicBodyBytes = 4 * 1024

interface AuthOptions {
  readonly operatorToken: string
  readonly clock: Clock
  /** Absent = there is only the operator's token. */
  readonly signIn?: Pick<SignIn, 'viewerOfSession' | 'viewerOfApiToken'>
  readonly wrongTries?: WrongTries
  readonly publicUrl?: string | undefined
  readonly denials?: DenialAudit | undefined
}

/**
 * Deny by default: a route answers the operator's token and operators of all there is, unless it names roles or is declared
 * public. Wrong tokens are counted per address and, past 100 in a minute, answered 429; the right one always passes, for many
 * callers may share an address. What is wrong with a session or a token is not told.
 */
export function requireToken(app: FastifyInstance, options: AuthOptions): void {
  const { signIn, publicUrl, denials, wrongTries = createWrongTries(options.clock) } = options
  const expected = hashSecret(options.operatorToken)
  const viewerOf = async (key: string) => (await signIn?.viewerOfApiToken(key)) ?? signIn?.viewerOfSession(key)
  const open = watchOpenConnections({ viewerOf })

  app.decorateRequest('actor', '')
  app.decorateRequest('viewer')
  app.addHook('onRoute', (route) => {
    const { url, config } = route
    if (!config?.public) return
    if (url.startsWith('/api/') && url !== publicInApi) throw new Error(`${url} must not be public`)
    route.bodyLimit ??= publicBodyBytes
  })
  app.addHook('onClose', async () => open.stop())
  app.addHook('onResponse', async (_request, reply) => open.remove(reply.raw))
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    request.viewer = nobody
    if (isPublic(request)) return request.is404 ? notFound(request, reply) : undefined // before its body is read
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined && isSecret(token, expected)) return enter(request, reply, operator)

    const isByCookie = request.headers.authorization === undefined
    const key = isByCookie ? sessionKeyOf(request) : token
    const find = isByCookie ? signIn?.viewerOfSession : signIn?.viewerOfApiToken
    const viewer = key === undefined ? undefined : await find?.(key)
    if (viewer === undefined || key === undefined) return refuse(request, reply, isByCookie ? undefined : token)
    if (isByCookie && !isOfOurPages(request, publicUrl)) {
      return sendProblem(
        reply,
        'cross-site',
        'With a session, this is taken from our own pages only; a program sends a token',
      )
    }
    const { config } = request.routeOptions
    // whoever has other rights than when they asked gets nothing more by them, and asks again; what was written is done,
    // and who ended their own session by it is told so
    const isAsBefore = (now: Viewer) => isDeepStrictEqual(now.memberships, viewer.memberships)
    if (request.method === 'GET') open.add(reply.raw, { key, may: (now) => isAsBefore(now) && mayCall(config, now) })
    return enter(request, reply, viewer)
  })

  function enter(request: FastifyRequest, reply: FastifyReply, viewer: Viewer): FastifyReply | undefined {
    request.viewer = viewer
    request.actor = viewer.accountId ?? operator.name
    if (request.is404 || mayCall(request.routeOptions.config, viewer)) return undefined
    const { actor, ip: address } = request
    denials?.note({ actor, why: 'role', route: routeOf(request), subject: null, address })
    return sendProblem(reply, 'forbidden', 'This is not for you to do or to see')
  }

  function refuse(request: FastifyRequest, reply: FastifyReply, token: string | undefined): FastifyReply {
    // only the one that is good for nothing: a link on a foreign page comes without it, and must not sign anybody out
    if (token === undefined && sessionKeyOf(request) !== undefined) forgetSessionKey(reply)
    const waitSeconds = token === undefined ? 0 : wrongTries.count(request.ip)
    if (waitSeconds > 0) {
      reply.header('retry-after', waitSeconds)
      return sendProblem(reply, 'too-many-requests', 'Too many wrong tokens from this address')
    }
    return sendProblem(reply, 'unauthenticated', 'Sign in, or send the header "Authorization: Bearer <token>"')
  }
}

export function mayCall({ roles, session }: FastifyContextConfig, viewer: Viewer): boolean {
  if (session && viewer.sessionId === null) return false
  if (roles === undefined) return isOperatorOfAll(viewer.memberships)
  return viewer.memberships.some(({ role }) => roles.includes(role))
}

function isPublic(request: FastifyRequest): boolean {
  if (request.is404) return !request.url.startsWith('/api/')
  return request.routeOptions.config.public === true
}
