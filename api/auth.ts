import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, minuteMs } from '../core/clock.ts'
import { hashSecret, isSecret } from '../core/secret.ts'
import { sendProblem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Anyone may call it. Every other route asks for a token; under /api/ there are no such routes. */
    public?: true
  }
  interface FastifyRequest {
    /** Who calls, for events and audit. */
    actor: string
  }
}

const operator = 'operator'
const wrongPerMinute = 100
const addressesKept = 10_000

/**
 * Deny by default: a route answers a bearer of the operator's token, unless it is declared public. Wrong tokens are counted per
 * address and, past 100 in a minute, answered 429; the right one always passes, for many callers may share an address.
 */
export function requireToken(app: FastifyInstance, options: { operatorToken: string; clock: Clock }): void {
  const expected = hashSecret(options.operatorToken)
  const limit = createLimit(options.clock)

  app.decorateRequest('actor', '')
  app.addHook('onRoute', ({ url, config }) => {
    if (url.startsWith('/api/') && config?.public) throw new Error(`${url} must not be public`)
  })
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (isPublic(request)) return
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined && isSecret(token, expected)) {
      request.actor = operator
      return
    }
    const waitSeconds = token === undefined ? 0 : limit(request.ip)
    if (waitSeconds > 0) {
      reply.header('retry-after', waitSeconds)
      return sendProblem(reply, 'too-many-requests', 'Too many wrong tokens from this address')
    }
    return sendProblem(reply, 'unauthenticated', 'This needs the header "Authorization: Bearer <token>"')
  })
}

function isPublic(request: FastifyRequest): boolean {
  if (request.is404) return !request.url.startsWith('/api/')
  return request.routeOptions.config.public === true
}

/** Counts a failure; answers how many seconds to stay away, 0 while there were few. */
function createLimit(clock: Clock): (address: string) => number {
  const failures = new Map<string, { count: number; since: number }>()
  return (address) => {
    const now = clock()
    const before = failures.get(address)
    const current = before && now - before.since < minuteMs ? before : { count: 0, since: now }
    current.count += 1
    failures.delete(address) // to the end: the oldest stands first
    failures.set(address, current)
    if (failures.size > addressesKept) failures.delete(failures.keys().next().value ?? '')
    return current.count > wrongPerMinute ? Math.ceil((current.since + minuteMs - now) / 1_000) : 0
  }
}
