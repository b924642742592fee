import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import { type ErrorCode, ExpectedError } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { type LinkAction, linkActions, type Words, words } from '../../core/words.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { WorkOrders } from '../../workorders/act.ts'
import { contentOf, type OrderContent } from '../../workorders/order-content.ts'
import { isLongOver, type LinkClaim, linkActionsOf, type OrderLinks } from '../../workorders/order-link.ts'
import { type ActionRequest, isEntrapment } from '../../workorders/transitions.ts'
import { stateOf } from '../../workorders/wording.ts'
import { notFoundPage, orderLook, orderPage } from '../order-page.ts'
import { acceptForms, formBytes, languageFor, sendPage } from '../page.ts'

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
  acceptForms(app)

  async function behind(token: string): Promise<Behind | undefined> {
    const claim = links.read(token, clock())
    if (claim === undefined) return undefined
    const order = await operations.order(claim.orderId)
    return order === undefined || isLongOver(order, clock()) ? undefined : { claim, order }
  }

  async function show(
    request: FastifyRequest<{ Params: { token: string } }>,
    reply: FastifyReply,
    { order, claim }: Behind,
    said: { done?: boolean; problem?: (say: Words, content: OrderContent) => string },
  ) {
    const now = clock()
    const content = await contentOf(operations, order, null, now)
    const language = languageFor(request)
    const buttons = buttonsFor(order, claim)
    const path = `/o/${request.params.token}` // base64url, for it was read
    const { done = false, problem } = said
    const told = problem === undefined ? { done } : { problem: problem(words[language], content) }
    return sendPage(reply, orderLook, language, orderPage({ language, order, content, buttons, path, now, ...told }))
  }

  app.get<{ Params: { token: string }; Querystring: { done?: string | string[] } }>(
    '/o/:token',
    { config, schema },
    async (request, reply) => {
      const found = await behind(request.params.token)
      if (found === undefined) return sendNotFound(request, reply)
      if (isAnothers(found.order, found.claim)) return show(request, reply, found, { problem: anothers })
      const key = [request.query.done].flat()[0]
      const done = isKey(key) && (await operations.orderEventByKey(found.order.id, eventKeyOf(key))) !== undefined
      return show(request, reply, found, { done })
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
      const { claim } = found
      const given = request.body?.key
      const key = isKey(given) ? given : randomUUID()
      try {
        await workOrders.act(requestOf(claim, action, key), (order, now) => refuseLink(order, claim, now))
      } catch (cause) {
        if (!(cause instanceof ExpectedError) || !refusals.includes(cause.code)) throw cause
        const still = await behind(token)
        if (still === undefined) return sendNotFound(request, reply)
        const problem = (say: Words, content: OrderContent) => whyNot(still, action, cause, content, say)
        return show(request, reply.code(409), still, { problem })
      }
      return reply.redirect(`/o/${token}?lang=${languageFor(request)}&done=${key}`, 303)
    },
  )
}

/** Of an action, when it comes too late or somebody else was first. */
const refusals: readonly ErrorCode[] = ['already-done', 'order-state', 'not-found']

/** The form's own, and so good for one tap. */
function isKey(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{1,64}$/.test(text)
}

function eventKeyOf(key: string): string {
  return `link:${key}`
}

/** What is done behind a link is done by whom it was sent to. */
function requestOf({ orderId, scope, name }: LinkClaim, action: LinkAction, key: string): ActionRequest {
  return {
    orderId,
    action,
    actor: name,
    ...(scope === 'crew' && action !== 'tell-passenger' && { technicianId: name }),
    ...(action === 'dealt-with' && { by: name }),
    idempotencyKey: eventKeyOf(key),
  }
}

/**
 * At the very moment of the action: the link may have ended, or the order have gone to others, since the page was asked for. An
 * order that has ended refuses by itself.
 */
function refuseLink(order: WorkOrder, claim: LinkClaim, now: number): void {
  if (now >= claim.expiresAt) throw new ExpectedError('not-found', 'The link is over')
  if (isAnothers(order, claim)) throw new ExpectedError('order-state', `${order.teamId} has the order now`)
}

/** For whoever tapped, in the reader's words. */
function whyNot({ order, claim }: Behind, action: LinkAction, cause: ExpectedError, content: OrderContent, say: Words) {
  if (isAnothers(order, claim)) return anothers(say, content)
  const already = cause.code === 'already-done' ? say.page.already[action] : undefined
  return already ?? say.page.notNow(stateOf(order, say))
}

function anothers(say: Words, { teamName }: OrderContent): string {
  return say.page.anothers(teamName ?? '')
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
  const isTrapped = isEntrapment(order)
  const possible: Readonly<Record<LinkAction, boolean>> = {
    accept:
      order.state === 'raised' || order.state === 'acknowledged' || (order.state === 'accepted' && !order.technicianId),
    arrive: order.state === 'accepted' && order.technicianId !== null,
    restore: order.state === 'arrived',
    'tell-passenger': isTrapped && order.passengerToldAt === null && (isOpen || order.state === 'arrived'),
    'dealt-with': !isTrapped && order.outcome === null && isOpen,
  }
  return linkActionsOf[scope].filter((action) => possible[action])
}

function isLinkAction(text: string): text is LinkAction {
  return linkActions.some((action) => action === text)
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  return sendPage(reply.code(404), orderLook, language, notFoundPage(words[language].page, language))
}
