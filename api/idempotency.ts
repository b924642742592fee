import { createHash, createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { z } from 'zod'
import { canonicalJson } from '../core/canonical.ts'
import { type Clock, dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { KeptAnswer, KeyedRequest, Operations } from '../stores/operations/port.ts'
import { sendProblem } from './problem.ts'
import { IdempotencyHeaders, IdempotencyKey, isShownOnce } from './schemas.ts'
import { routeOf } from './scope.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Under its key, which nobody else has; undefined when there is no key. */
    keyed: KeyedRequest | undefined
  }
}

/** How long the first answer stands for all others. */
const keptMs = dayMs
/** Nothing that is still being done is older. Unverified default. */
const abandonedMs = 2 * minuteMs
const waitMs = 10 * secondMs
/** Then twice as long each time. */
const firstPauseMs = 50
const longestPauseMs = secondMs
/** Of one account: each of them asks the database again and again. Unverified default. */
const mostWaiting = 20

type KeptKey = Awaited<ReturnType<Operations['claimKey']>>

interface Options {
  readonly operations: Pick<Operations, 'claimKey' | 'keepAnswer' | 'freeKey' | 'deleteKeysBefore'>
  readonly clock: Clock
  readonly log: Log
  /** What was said is kept as a keyed hash (HMAC-SHA256), for a plain one of a password could be guessed from a copy. */
  readonly secret: string
}

/**
 * The same POST with the same `Idempotency-Key`, by the same caller, is done once; every further one within a day is answered
 * as the first was. Said otherwise under the same key, it is 409. Two at once: the second waits for the first. What was
 * refused (4xx) has changed nothing and frees its key. An answer that holds a secret is kept without its body.
 *
 * A process that dies between what it did and its answer leaves a key that nobody answers, and so does what failed (5xx) on its way.
 * Orders, incidents and suppressions keep the key in the transaction that it stands for: they are simply asked again, and need not
 * wait for each other either. Of all others nobody can tell, and so they are not done a second time.
 *
 * Header and meaning: draft-ietf-httpapi-idempotency-key-header; the statuses are those of our contract.
 */
export function keepFirstAnswers(app: FastifyInstance, { operations, clock, log, secret }: Options): void {
  const shownOnce = new Set<string>()
  /** How many requests of each actor wait for another one. */
  const waiting = new Map<string, number>()
  app.decorateRequest('keyed')
  app.addHook('onRoute', (route) => {
    if (answersSecret(route)) shownOnce.add(route.url)
  })
  const forget = () =>
    operations
      .deleteKeysBefore(clock() - keptMs)
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'old idempotency keys were not deleted'))
  const timer = setInterval(forget, hourMs)
  timer.unref()
  app.addHook('onClose', async () => clearInterval(timer))

  app.addHook('preHandler', async (request, reply) => {
    const { method, actor, headers, is404 } = request
    const given = headers['idempotency-key']
    if (method !== 'POST' || given === undefined || actor === '' || is404) return
    const key = IdempotencyKey.safeParse(given)
    if (!key.success) return sendProblem(reply, 'invalid', `Idempotency-Key: ${key.error.issues[0]?.message}`)
    return claim(request, reply, keyedRequest(request, key.data, clock(), secret))
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const { keyed } = request
    if (keyed === undefined) return
    request.keyed = undefined
    const { statusCode: status } = reply
    try {
      if (status < 400) await operations.keepAnswer(keyed, answerOf(request, reply, payload))
      else if (status < 500) await operations.freeKey(keyed)
    } catch (cause) {
      log.warn({ requestId: request.id, reason: reasonOf(cause) }, 'the answer to an idempotency key is not kept')
    }
  })

  function answerOf(request: FastifyRequest, reply: FastifyReply, payload: unknown): KeptAnswer {
    const isSecret = shownOnce.has(request.routeOptions.url ?? '')
    const location = reply.getHeader('location')
    return {
      status: reply.statusCode,
      body: isSecret || typeof payload !== 'string' || payload === '' ? null : payload,
      location: typeof location === 'string' ? location : null,
    }
  }

  async function claim(request: FastifyRequest, reply: FastifyReply, keyed: KeyedRequest) {
    const forgottenBefore = keyed.claimedAt - keptMs
    // where the route keeps the key itself, nobody need wait to learn whether somebody else still does it
    const abandonedBefore = isKeptByItsRoute(request) ? keyed.claimedAt + keptMs : null
    const kept = await claimedOrWaited(keyed, () => operations.claimKey(keyed, { forgottenBefore, abandonedBefore }))
    if (kept === undefined) {
      request.keyed = keyed
      return
    }
    if (kept.fingerprint !== keyed.fingerprint) {
      return sendProblem(reply, 'key-reused', 'This Idempotency-Key was used for something else')
    }
    if (kept.answer !== null) return answerAgain(request, reply, kept.answer)
    if (isBeingDone(kept, keyed)) {
      return sendProblem(reply, 'unavailable', 'The same with this Idempotency-Key is still being done; try again')
    }
    const what = 'It was begun with this Idempotency-Key and broke off: look whether it was done, and use another key'
    return sendProblem(reply, 'already-done', what)
  }

  /** What stands under the key, as soon as it is answered; as it is now when that takes too long, or too many of theirs wait already. */
  async function claimedOrWaited(keyed: KeyedRequest, claimKey: () => Promise<KeptKey>): Promise<KeptKey> {
    let kept = await claimKey()
    const others = waiting.get(keyed.actor) ?? 0
    if (!isBeingDone(kept, keyed) || others >= mostWaiting) return kept
    waiting.set(keyed.actor, others + 1)
    try {
      const until = performance.now() + waitMs
      for (let pauseMs = firstPauseMs; isBeingDone(kept, keyed) && performance.now() < until; ) {
        await sleep(pauseMs)
        pauseMs = Math.min(2 * pauseMs, longestPauseMs)
        kept = await claimKey()
      }
      return kept
    } finally {
      const left = (waiting.get(keyed.actor) ?? 1) - 1
      if (left > 0) waiting.set(keyed.actor, left)
      else waiting.delete(keyed.actor)
    }
  }

  function answerAgain(request: FastifyRequest, reply: FastifyReply, { status, body, location }: KeptAnswer) {
    if (shownOnce.has(request.routeOptions.url ?? '')) {
      return sendProblem(reply, 'already-done', 'It was done with this Idempotency-Key; its secret is shown once only')
    }
    reply.code(status).header('idempotent-replayed', 'true')
    if (location !== null) reply.header('location', location)
    if (body === null) return reply.send()
    return reply
      .type('application/json; charset=utf-8')
      .serializer((text: unknown) => String(text))
      .send(body)
  }
}

function isBeingDone(kept: KeptKey, { fingerprint, claimedAt }: KeyedRequest): boolean {
  if (kept === undefined || kept.fingerprint !== fingerprint || kept.answer !== null) return false
  return kept.claimedAt >= claimedAt - abandonedMs
}

function keyedRequest(request: FastifyRequest, key: string, now: number, secret: string): KeyedRequest {
  const { actor, viewer, url, query, body } = request
  const said = body instanceof Uint8Array ? createHash('sha256').update(body).digest('hex') : canonicalJson(body ?? {})
  // with their rights: an answer shows what they saw then
  const all = canonicalJson([viewer.memberships, query, said])
  return {
    id: createHash('sha256')
      .update(JSON.stringify([viewer.accountId, url.split('?')[0], key]))
      .digest('hex'),
    actor,
    route: routeOf(request),
    fingerprint: createHmac('sha256', secret).update(all).digest('hex'),
    claimedAt: now,
  }
}

/** The key as a route takes it into its own transaction: not the word that was sent, which others may use for something else. */
export function keyOf({ keyed }: Pick<FastifyRequest, 'keyed'>): { idempotencyKey?: string } {
  return keyed === undefined ? {} : { idempotencyKey: keyed.id }
}

/** Routes that take the key into their own transaction say so by the schema of their headers. */
function isKeptByItsRoute({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.schema?.headers === IdempotencyHeaders
}

function answersSecret({ method, schema }: RouteOptions): boolean {
  if (method !== 'POST') return false
  return Object.values(schema?.response ?? {}).some((answer) => answer instanceof z.ZodType && isShownOnce(answer))
}
