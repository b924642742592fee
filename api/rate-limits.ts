import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../core/clock.ts'
import { setNewest } from '../core/newest-keys.ts'
import { sendProblem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** This public form bounds itself, by what it does: whoever else shares the address is not to be kept from it. */
    ownLimit?: true
  }
}

/** So many a second in the long run, and so many at once after a pause. Unverified defaults, all of them. */
interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** What anybody may send: passwords, each of which costs 70 ms to check, and the forms of links. Of one address at one door. */
const formRate: Rate = { perSecond: 5, burst: 300 }

/**
 * @param accountPerSecond what a person with several screens never reaches, and a program in a loop does; others may do ten times as
 *   much: several programs share the operator's token, and behind a proxy that is not trusted everybody comes from one address
 */
export function ratesFor(accountPerSecond = 100) {
  const rate = (perSecond: number): Rate => ({ perSecond, burst: 10 * perSecond })
  const many = rate(10 * accountPerSecond)
  return { account: rate(accountPerSecond), operatorToken: many, address: many }
}

const keysKept = 20_000

export interface RateLimit {
  /** Counts one; answers after how many whole seconds it may come again, 0 when it may now. */
  take(key: string): number
}

/**
 * A token bucket for each key. In memory, for the keys that were used last: whoever was forgotten begins with a full one. A clock that
 * is put back refills nothing.
 */
export function createRateLimit({ perSecond, burst }: Rate, clock: Clock): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    take(key) {
      const now = clock()
      const before = buckets.get(key) ?? { tokens: burst, at: now }
      const tokens = Math.min(burst, before.tokens + (Math.max(0, now - before.at) / 1_000) * perSecond)
      const isAllowed = tokens >= 1
      setNewest(buckets, key, { tokens: isAllowed ? tokens - 1 : tokens, at: now }, keysKept)
      return isAllowed ? 0 : Math.ceil((1 - tokens) / perSecond)
    },
  }
}

/**
 * Answers 429 to whoever asks too often: by address before anybody is looked for, by account once it is known who asks. To be
 * called before what finds out who asks.
 */
export function limitRates(app: FastifyInstance, clock: Clock, given: Partial<ReturnType<typeof ratesFor>> = {}): void {
  const limits = { ...ratesFor(), ...given }
  const addresses = createRateLimit(limits.address, clock)
  const publicForms = createDoors(formRate, clock)
  const accounts = createRateLimit(limits.account, clock)
  const operatorToken = createRateLimit(limits.operatorToken, clock)

  app.addHook('onRequest', async (request, reply) => {
    const address = networkOf(addressOf(request))
    const formWaitSeconds = isLimitedForm(request) ? publicForms.take(request, address) : 0
    return refuse(reply, Math.max(addresses.take(address), formWaitSeconds))
  })
  // after everybody's onRequest, and before a body is read
  app.addHook('preParsing', async ({ actor, viewer }, reply) => {
    if (actor === '') return undefined
    const waitSeconds = viewer.accountId === null ? operatorToken.take('') : accounts.take(viewer.accountId)
    return refuse(reply, waitSeconds) as undefined
  })
}

function isLimitedForm({ method, is404, routeOptions: { config } }: FastifyRequest): boolean {
  return method === 'POST' && !is404 && config.public === true && config.ownLimit !== true
}

/**
 * A bucket for each address at each door, which is a route with the token in its path: who floods one link keeps nobody from
 * another or from signing in. The buckets of a route are apart, so that made-up tokens make no other door forget anybody.
 */
function createDoors(rate: Rate, clock: Clock) {
  const ofRoute = new Map<string, RateLimit>()
  return {
    take({ routeOptions: { url = '' }, params }: FastifyRequest, address: string): number {
      const doors = ofRoute.get(url) ?? createRateLimit(rate, clock)
      ofRoute.set(url, doors)
      return doors.take(JSON.stringify([address, params]))
    },
  }
}

function refuse(reply: FastifyReply, waitSeconds: number): FastifyReply | undefined {
  if (waitSeconds === 0) return undefined
  reply.header('retry-after', waitSeconds)
  return sendProblem(reply, 'too-many-requests', 'Too many requests; wait as long as Retry-After says')
}

/** Empty of whoever is gone already, as the type of `ip` does not say. */
function addressOf({ ip }: { readonly ip?: string | undefined }): string {
  return ip ?? ''
}

/** An IPv6 subscriber has a whole /64 (RFC 6177, RIPE-690) and would else be as many as they like. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  return [...first, ...Array.from({ length: zeros }, () => '0'), ...last].slice(0, 4).join(':')
}
