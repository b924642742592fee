import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import { type LinkAction, type Locale, linkActions, words } from '../../core/words.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { WorkOrders } from '../../workorders/act.ts'
import { isLongOver, type LinkClaim, linkActionsOf, type OrderLinks } from '../../workorders/order-link.ts'
import type { ActionRequest } from '../../workorders/transitions.ts'
import { languageOf } from '../messages.ts'
import { notFoundPage, orderPage, pagePolicy } from '../order-page.ts'

const formBytes = 4 * 1024

interface Options {
  readonly operations: Operations
  readonly workOrders: Pick<WorkOrders, 'act'>
  readonly links: OrderLinks
  readonly clock: Clock
}

interface Behind {
  readonly claim: LinkClaim
  readonly order: WorkOrder
}

/**
 * The page behind the link of a notice, for people at a lift: no account and no script, only the token, which is good for this
 * one order. Looking changes nothing, for chat programs open links by themselves; the buttons are forms.
 */
export async function orderLinkRoutes(app: FastifyInstance, options: Options): Promise<void> {
  const { operations, workOrders, links, clock } = options
  const config = { public: true } as const
  const schema = { hide: true }
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: formBytes }, parseForm)

  async function behind(token: string): Promise<Behind | undefined> {
    const claim = links.read(token, clock())
    if (claim === undefined) return undefined
    const order = await operations.order(claim.orderId)
    return order === undefined || isLongOver(order, clock()) ? undefined : { claim, order }
  }

  async function show(
    request: FastifyRequest<{ Params: { token: string } }>,
    reply: FastifyReply,
    found: Behind,
    said?: { done?: true; problem?: string },
  ) {
    const { order, claim } = found
    const incident = await operations.incident(order.incidentId)
    const sites = await sitesOf(operations, order, incident)
    const language = languageFor(request)
    const buttons = buttonsFor(order, claim)
    const path = `/o/${request.params.token}` // base64url, for it was read
    return send(reply, language, orderPage({ language, order, sites, buttons, path, now: clock(), ...said }))
  }

  app.get<{ Params: { token: string }; Querystring: { done?: string } }>(
    '/o/:token',
    { config, schema },
    async (request, reply) => {
      const found = await behind(request.params.token)
      if (found === undefined) return sendNotFound(request, reply)
      return show(request, reply, found, request.query.done === undefined ? {} : { done: true })
    },
  )

  app.post<{ Params: { token: string; action: string }; Body: Record<string, string> | undefined }>(
    '/o/:token/:action',
    { config, schema, bodyLimit: formBytes },
    async (request, reply) => {
      const { token, action } = request.params
      const found = await behind(token)
      if (found === undefined || !isLinkAction(action) || !linkActionsOf[found.claim.scope].includes(action)) {
        return sendNotFound(request, reply)
      }
      if (isAnothers(found.order, found.claim)) {
        reply.code(409)
        return show(request, reply, found, { problem: `${found.order.teamId} has the order now` })
      }
      try {
        await workOrders.act(requestOf(found, action, request.body?.key))
      } catch (cause) {
        if (!(cause instanceof ExpectedError) || !['already-done', 'order-state'].includes(cause.code)) throw cause
        reply.code(409)
        return show(request, reply, (await behind(token)) ?? found, { problem: cause.message })
      }
      return reply.redirect(`/o/${token}?done=1`, 303)
    },
  )
}

/** What is done behind a link is done by whom it was sent to. */
function requestOf({ claim, order }: Behind, action: LinkAction, key: string | undefined): ActionRequest {
  const idempotencyKey = key !== undefined && /^[\w-]{1,64}$/.test(key) ? `link:${key}` : undefined
  return {
    orderId: order.id,
    action,
    actor: claim.name,
    ...(claim.scope === 'crew' && action !== 'tell-passenger' && { technicianId: claim.name }),
    ...(action === 'dealt-with' && { by: claim.name }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

/** The order went to another crew meanwhile: theirs is the clock, and they stop it. */
function isAnothers(order: WorkOrder, { scope, teamId }: LinkClaim): boolean {
  return scope === 'crew' && teamId !== null && order.teamId !== null && order.teamId !== teamId
}

/** Those of the link's own that may be done now, the next step first. */
function buttonsFor(order: WorkOrder, claim: LinkClaim): LinkAction[] {
  if (isAnothers(order, claim)) return []
  const { scope } = claim
  const isOpen = ['raised', 'acknowledged', 'accepted'].includes(order.state)
  const isEntrapment = order.finding.endsWith('/entrapment')
  const possible: Readonly<Record<LinkAction, boolean>> = {
    accept:
      order.state === 'raised' || order.state === 'acknowledged' || (order.state === 'accepted' && !order.technicianId),
    arrive: order.state === 'accepted' && order.technicianId !== null,
    restore: order.state === 'arrived',
    'tell-passenger': isEntrapment && order.passengerToldAt === null && (isOpen || order.state === 'arrived'),
    'dealt-with': !isEntrapment && order.outcome === null && isOpen,
  }
  return linkActionsOf[scope].filter((action) => possible[action])
}

async function sitesOf(operations: Operations, order: WorkOrder, incident: Incident | undefined) {
  const siteId = order.siteId ?? incident?.place.siteId ?? null
  return siteId === null ? [] : operations.sitesAbove(siteId)
}

function isLinkAction(text: string): text is LinkAction {
  return linkActions.some((action) => action === text)
}

function parseForm(_request: FastifyRequest, body: string, done: (error: Error | null, form?: unknown) => void): void {
  done(null, Object.fromEntries(new URLSearchParams(body)))
}

function languageFor(request: FastifyRequest): Locale {
  const { lang } = request.query as { lang?: string | string[] }
  return languageOf([lang].flat()[0], request.headers['accept-language'] ?? 'zh-CN')
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  return send(reply.code(404), language, notFoundPage(words[language].page, language))
}

function send(reply: FastifyReply, language: Locale, page: string): FastifyReply {
  return reply
    .headers({ 'content-security-policy': pagePolicy, vary: 'accept-language', 'content-language': language })
    .header('x-robots-tag', 'noindex, nofollow')
    .type('text/html; charset=utf-8')
    .send(page)
}
