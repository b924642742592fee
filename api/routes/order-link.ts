import { createHash, randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Clock, dayMs } from '../../core/clock.ts'
import type { Device } from '../../core/device.ts'
import { type ErrorCode, ExpectedError } from '../../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { blind, type LimitedSight } from '../../core/sight.ts'
import { type LinkAction, linkActions, type Words, words } from '../../core/words.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore, StoredReading } from '../../stores/readings/port.ts'
import type { Photos } from '../../workorders/evidence/photos.ts'
import type { WorkOrders } from '../../workorders/life/act.ts'
import { type ActionRequest, isEnded, isNobodys, mayBeDone } from '../../workorders/life/transitions.ts'
import { contentOf, type OrderContent } from '../../workorders/notices/order-content.ts'
import {
  hasIt,
  isAnothers,
  isLongOver,
  type LinkClaim,
  linkActionsOf,
  maySeeCallers,
  type OrderLinks,
} from '../../workorders/notices/order-link.ts'
import { stateOf } from '../../workorders/notices/wording.ts'
import { mustBeForDutyRoom } from '../act-in-sight.ts'
import type { PhoneRecord } from '../by-phone.ts'
import { goingOn, wasDone } from '../going-on.ts'
import { notFoundPage, orderLook, orderPage } from '../order-page.ts'
import { acceptForms, languageFor, sendPage } from '../page.ts'
import { pictures, refuseTooLarge } from '../picture-body.ts'
import { sendProblem, sendWrongBody } from '../problem.ts'
import { createRunbooks } from '../runbooks.ts'
import { Note } from '../schemas/shared.ts'
import { ByPhone, closingShape, isCauseMissing, MetricBucket, Reading, WorkOrder as WireOrder } from '../schemas.ts'
import { toApp } from '../to-app.ts'
import { given } from './work-orders.ts'

interface Options {
  readonly operations: Operations
  readonly readings: Pick<ReadingStore, 'last' | 'downsampled'>
  readonly kinds: readonly DeviceKind[]
  readonly workOrders: Pick<WorkOrders, 'act'>
  readonly photos: Photos
  readonly links: OrderLinks
  readonly recordPhone: PhoneRecord
  /** Whether there is an app to go on in. */
  readonly hasConsole: boolean
  readonly clock: Clock
}

interface Behind {
  /** For `order`, which may be another one than that of the token. */
  readonly claim: LinkClaim
  readonly order: WorkOrder
  /** The order in the token, then those that it was merged into up to `order`. */
  readonly orders: readonly WorkOrder[]
}

/**
 * The page behind the link of a notice, for people at a lift: no account, only the token, which is good for this one order (or the one of
 * the same device that it became a part of). Looking changes nothing, for chat programs open links by themselves; the buttons are forms. To
 * a crew's browser that can run it the page gives the app's script, which goes on with the same token and the same rights, in JSON.
 */
export async function orderLinkRoutes(app: FastifyInstance, options: Options): Promise<void> {
  const { operations, workOrders, photos, links, recordPhone, hasConsole, clock, readings, kinds } = options
  const config = { public: true } as const
  const schema = { hide: true }
  const runbookOf = createRunbooks(kinds)
  acceptForms(app)
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: mostPictureBytes }, (_request, body, done) => {
    done(null, body)
  })

  async function behind(token: string): Promise<Behind | undefined> {
    const claim = links.read(token, clock())
    if (claim === undefined || (await hasLeft(claim))) return undefined
    const orders = await goingOn(operations, claim.orderId, claim.scope === 'crew' ? own(claim) : [])
    const order = orders.at(-1)
    if (order === undefined || isLongOver(order, clock())) return undefined
    return { claim: { ...claim, orderId: order.id }, order, orders }
  }

  /** Whom it was sent to is no member of that team any more. */
  async function hasLeft({ memberId, teamId, name }: LinkClaim): Promise<boolean> {
    if (memberId === undefined) return teamId !== null && operations.hasLeft(teamId, name)
    const member = await operations.member(memberId)
    return member === undefined || member.removedAt !== null || member.teamId !== teamId
  }

  async function show(
    request: FastifyRequest<{ Params: { token: string } }>,
    reply: FastifyReply,
    { order, claim }: Behind,
    said: {
      done?: boolean
      problem?: (say: Words, content: OrderContent) => string
      /** What they are called for. */
      called?: (say: Words, content: OrderContent) => string
    },
  ) {
    const now = clock()
    const content = await contentOf(operations, order, null, now)
    const language = languageFor(request)
    const buttons = buttonsFor(order, claim)
    const path = `/o/${request.params.token}` // base64url, for it was read
    const { done = false, problem, called } = said
    const told = problem === undefined ? { done } : { problem: problem(words[language], content) }
    const calledFor = called?.(words[language], content)
    const showsCallers = maySeeCallers(order, claim)
    const looks = { ...told, ...(calledFor !== undefined && { calledFor }) }
    const page = orderPage({ language, order, content, buttons, showsCallers, path, now, ...looks })
    // the app goes on with an order of one's own
    return claim.scope === 'crew' && hasConsole && !helps(order, claim)
      ? sendPage(
          reply,
          crewLook,
          language,
          page.replace('<body>', (body) => `${toApp.element}\n${body}`),
        )
      : sendPage(reply, orderLook, language, page)
  }

  /** What the app shows: the page's own, and to the crew that has the order what else is known of the device. */
  async function shown({ order, claim }: Behind): Promise<z.input<typeof BehindLink>> {
    const content = await contentOf(operations, order, null, clock())
    const device = hasIt(order, claim) && order.deviceId !== null ? await operations.device(order.deviceId) : undefined
    const asked = { limit: lastOrders + 1, sight: sightOfTeam(claim) }
    const before = device && (await operations.orders({ ...asked, deviceId: device.id }))
    return z.encode(BehindLink, {
      ...content,
      order: maySeeCallers(order, claim) ? order : { ...order, reportedBy: null },
      // a crew's app goes on where there is no network, and sees by itself what comes next
      actions: hasIt(order, claim) ? actionsOf(claim) : buttonsFor(order, claim),
      you: { name: claim.memberId ?? claim.name, teamIds: own(claim) },
      lastOrders: (before?.items ?? []).filter(({ id }) => id !== order.id).slice(0, lastOrders),
      last: (device && (await lastOf(device))) ?? null,
    })
  }

  async function callsForHelp(orderId: string): Promise<OrderEvent[]> {
    return (await operations.orderEvents(orderId)).filter(({ data }) => data.action === 'ask-for-help')
  }

  /** What the crew that has it said when it asked for help, the last time. */
  async function lastCallForHelp({ id }: WorkOrder): Promise<string | null> {
    const note = (await callsForHelp(id)).at(-1)?.data.note
    return typeof note === 'string' ? note : null
  }

  /** Nobody comes twice to one call: whoever taps again has said so. Of a team that shares a link each tap may be another one's. */
  async function comingKeyOf({ orderId, teamId, memberId, name }: LinkClaim, tapped: string): Promise<string> {
    const team = teamId === null || memberId !== undefined ? undefined : await operations.team(teamId)
    if (team?.name === name) return tapped
    const who = [teamId, memberId ?? name, (await callsForHelp(orderId)).length]
    return `comes-${createHash('sha256').update(JSON.stringify(who)).digest('base64url')}`
  }

  /** An order can be worked on without it: what was done is answered, whether the readings are to be had or not. */
  async function lastOf({ id, kind }: Device): Promise<StoredReading | undefined> {
    try {
      return await readings.last(id, kind)
    } catch (cause) {
      if (!(cause instanceof ExpectedError) || cause.code !== 'unavailable') throw cause
      return undefined
    }
  }

  app.get<{ Params: { token: string }; Querystring: { done?: string | string[] } }>(
    '/o/:token',
    { config, schema },
    async (request, reply) => {
      const found = await behind(request.params.token)
      if (found === undefined) return sendNotFound(request, reply)
      const { order, claim, orders } = found
      if (isAnothers(order, claim) && !helps(order, claim)) return show(request, reply, found, { problem: anothers })
      const key = [request.query.done].flat()[0]
      const done = isKey(key) && (await wasDone(operations, orders, eventKeyOf(key)))
      if (!helps(order, claim)) return show(request, reply, found, { done })
      const said = await lastCallForHelp(order)
      return show(request, reply, found, {
        done,
        called: (say, { teamName }) => say.page.calledFor(teamName ?? '', said),
      })
    },
  )

  app.get<{ Params: { token: string } }>('/o/:token/order.json', { config, schema }, async (request, reply) => {
    const found = await behind(request.params.token)
    return found === undefined ? noSuchLink(reply) : reply.send(await shown(found))
  })

  /** A day of one metric, for the crew that has the order. */
  app.get<{ Params: { token: string }; Querystring: { metric?: string | string[] } }>(
    '/o/:token/curve.json',
    { config, schema },
    async (request, reply) => {
      const found = await behind(request.params.token)
      if (found === undefined || !hasIt(found.order, found.claim)) return noSuchLink(reply)
      const { deviceId } = found.order
      const device = deviceId === null ? undefined : await operations.device(deviceId)
      const shape = kinds.find(({ id }) => id === device?.kind)?.telemetry.shape ?? {}
      const metric = [request.query.metric].flat()[0] ?? ''
      if (device === undefined || !Object.hasOwn(shape, metric)) {
        return sendProblem(reply, 'invalid', 'metric: the device of this order has none of this name')
      }
      const range = { deviceId: device.id, kind: device.kind, from: clock() - dayMs, to: clock() }
      const items = await readings.downsampled({ ...range, metric, stepSeconds: curveStepSeconds })
      return reply.send({ items: z.encode(z.array(MetricBucket), items) })
    },
  )

  /** What the crew that has the order does about it on site; none for what other systems find. */
  app.get<{ Params: { token: string } }>('/o/:token/runbook.json', { config, schema }, async (request, reply) => {
    const found = await behind(request.params.token)
    if (found === undefined || !hasIt(found.order, found.claim)) return noSuchLink(reply)
    const { finding } = found.order
    const runbook = runbookOf(finding)
    return runbook === undefined
      ? sendProblem(reply, 'not-found', `There is no page on ${finding}`)
      : reply.send(runbook)
  })

  /** So much is read for nobody without a link, and as nothing but a picture. */
  async function refuseUnread(request: FastifyRequest, reply: FastifyReply) {
    const { token } = request.params as { token: string }
    if (links.read(token, clock()) === undefined) return noSuchLink(reply)
    const type = request.headers['content-type']?.split(';')[0]?.trim() ?? ''
    return pictures.includes(type) ? refuseTooLarge(request, reply, mostPictureBytes) : noPicture(reply)
  }

  /** A picture as evidence, as `POST /work-orders/:id/photos` takes it; the same one again changes nothing. */
  app.post<{ Params: { token: string }; Querystring: { name?: string | string[] } }>(
    '/o/:token/photos',
    { config, schema, bodyLimit: mostPictureBytes, onRequest: refuseUnread },
    async (request, reply) => {
      const found = await behind(request.params.token)
      if (found === undefined || !hasIt(found.order, found.claim)) return noSuchLink(reply)
      const { body } = request
      if (!(body instanceof Uint8Array)) return noPicture(reply)
      const name = [request.query.name].flat()[0]?.slice(0, mostNameCharacters)
      await photos.add(found.order.id, body, name, found.claim.name)
      return reply.code(204).send()
    },
  )

  app.post<{ Params: { token: string; action: string }; Body: unknown }>(
    '/o/:token/:action',
    { config, schema, bodyLimit: bodyBytes },
    async (request, reply) => {
      const { token, action } = request.params
      const found = await behind(token)
      if (found === undefined || !isActionOf(found.claim, action)) {
        return ofApp(request) ? noSuchLink(reply) : sendNotFound(request, reply)
      }
      const { claim } = found
      const said = (ofApp(request) ? OfApp : OfForm).safeParse(request.body ?? {}, { error: inPlainWords })
      if (!said.success) return sendWrongBody(reply, said.error)
      const { key: tapped = randomUUID(), phone, ...rest } = { ...nothing, ...said.data }
      const key = action === 'come' ? await comingKeyOf(claim, tapped) : tapped
      const missing = missingOf(action, rest)
      if (missing !== undefined) return sendProblem(reply, 'invalid', `${missing}: is missing`)
      try {
        const coming = action === 'come' ? { note: words[languageFor(request)].page.comes } : {}
        const asked = requestOf(found, action, key, { ...rest, ...coming })
        const { actor, idempotencyKey } = asked
        const isDone = await wasDone(operations, found.orders.slice(0, -1), idempotencyKey)
        if (!isDone) await workOrders.act(asked, (order, now) => refuseLink(order, claim, asked, now))
        if (phone !== undefined)
          await recordPhone({ order: found.order, action: asked.action, actor, phone, key: idempotencyKey })
      } catch (cause) {
        if (!(cause instanceof ExpectedError) || !refusals.includes(cause.code)) throw cause
        if (ofApp(request)) return sendProblem(reply, cause.code, cause.message)
        const still = await behind(token)
        if (still === undefined) return sendNotFound(request, reply)
        const problem = (say: Words, content: OrderContent) => whyNot(still, action, cause, content, say)
        return show(request, reply.code(409), still, { problem })
      }
      const after = ofApp(request) ? await behind(token) : undefined
      if (after !== undefined) return reply.send(await shown(after))
      return reply.redirect(`/o/${token}?lang=${languageFor(request)}&done=${key}`, 303)
    },
  )
}

const crewLook = { ...orderLook, policy: `${orderLook.policy}; script-src '${toApp.source}'` }

const lastOrders = 3
const curveStepSeconds = 300
/** What the phone has made small is a tenth of it. */
const mostPictureBytes = 2 * 1024 * 1024
const mostNameCharacters = 100

/** What the crew's app asks for more about, and the page of forms does not have. */
const appActions = ['close', 'ask-for-help', 'note'] as const
type CrewAction = LinkAction | (typeof appActions)[number]

function actionsOf({ scope, isCalled }: LinkClaim): CrewAction[] {
  return [...linkActionsOf[scope], ...(scope === 'crew' ? appActions : []), ...(isCalled ? (['come'] as const) : [])]
}

function isActionOf(claim: LinkClaim, action: string): action is CrewAction {
  return actionsOf(claim).some((known) => known === action)
}

const Key = z.string().regex(/^[\w-]{1,64}$/)
/** The form's own key, and so good for one tap; one that is none is left out. */
const OfForm = z.object({ key: Key.optional().catch(undefined) })
const OfApp = z.object({
  ...{ key: Key, note: Note.optional(), phone: ByPhone.optional() },
  ...z.object(closingShape).partial().shape,
})
/** Of what the app may say, a form says nothing. */
const nothing: Partial<z.output<typeof OfApp>> = {}
/** With a hundred parts. */
const bodyBytes = 32 * 1024

/** What the app gets. */
const BehindLink = z.object({
  order: WireOrder.pick({
    ...{
      id: true,
      type: true,
      state: true,
      finding: true,
      severity: true,
      summary: true,
      deviceId: true,
      siteId: true,
    },
    ...{ detectedAt: true, arriveBy: true, dueAt: true, acceptedAt: true, arrivedAt: true, restoredAt: true },
    ...{
      closedAt: true,
      cancelledAt: true,
      mergedIntoId: true,
      teamId: true,
      technicianId: true,
      technicianName: true,
    },
    ...{ passengerToldAt: true, reportedBy: true },
  }),
  evidence: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  siteName: z.string().nullable(),
  deviceName: z.string().nullable(),
  where: z.string(),
  entrance: z.string().nullable(),
  emergencyPlan: z.string().nullable(),
  contacts: z.array(z.object({ role: z.string(), name: z.string(), phone: z.string().nullable() })).readonly(),
  teamName: z.string().nullable(),
  actions: z.array(z.enum([...linkActions, ...appActions])),
  you: z.object({ name: z.string(), teamIds: z.array(z.string()) }),
  lastOrders: z.array(
    WireOrder.pick({
      id: true,
      finding: true,
      severity: true,
      summary: true,
      state: true,
      detectedAt: true,
      outcome: true,
    }),
  ),
  last: Reading.nullable(),
})

function ofApp(request: FastifyRequest): boolean {
  return request.headers['content-type']?.startsWith('application/json') ?? false
}

function noSuchLink(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'not-found', 'This link leads nowhere: it is wrong, or it has expired')
}

function noPicture(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'invalid', `The body must be the bytes of a picture, sent as ${pictures.join(', ')}`)
}

/** Of an action, when it comes too late or somebody else was first. */
const refusals: readonly ErrorCode[] = ['already-done', 'order-state', 'not-found']

function isKey(text: unknown): text is string {
  return Key.safeParse(text).success
}

function eventKeyOf(key: string): string {
  return `link:${key}`
}

/** The field without which it cannot be done, if it is not there. */
function missingOf(action: CrewAction, said: typeof nothing): string | undefined {
  if (action === 'note') return said.note === undefined ? 'note' : undefined
  if (action !== 'close') return undefined
  if (said.outcome === undefined) return 'outcome'
  return isCauseMissing(said) ? 'causeClass' : undefined
}

/** What is done behind a link is done by whom it was sent to. */
function requestOf(
  { claim: { scope, name, memberId, teamId, isCalled }, order }: Behind,
  action: CrewAction,
  key: string,
  { note, causeClass, outcome, parts }: Omit<z.output<typeof OfApp>, 'key' | 'phone'>,
) {
  const takesIt = action === 'accept' && (isCalled || order.teamId === null)
  return {
    orderId: order.id,
    action: action === 'come' ? 'note' : action,
    actor: name,
    ...(scope === 'crew' && action !== 'tell-passenger' && action !== 'come' && { technicianId: memberId ?? name }),
    ...(action === 'dealt-with' && { by: name }),
    ...(action === 'come' && { by: name, comes: true as const }),
    ...(takesIt && teamId !== null && { teamId }),
    ...(note !== undefined && { note }),
    ...(action === 'close' && given({ causeClass, outcome, parts })),
    idempotencyKey: eventKeyOf(key),
  } satisfies ActionRequest
}

/**
 * At the very moment of the action: the link may have ended, or the order have gone to others, since the page was asked for. An
 * order that has ended refuses by itself.
 */
function refuseLink(order: WorkOrder, claim: LinkClaim, asked: ActionRequest, now: number): void {
  const { action } = asked
  if (now >= claim.expiresAt) throw new ExpectedError('not-found', 'The link is over')
  const mayStill = action === 'note' ? helps(order, claim) : action === 'accept' && mayTake(order, claim)
  if (isAnothers(order, claim) && !mayStill) {
    throw new ExpectedError('order-state', `${order.teamId} has the order now`)
  }
  if (action !== 'close' || order.closedAt !== null) return
  // who signed in may close a false alarm in any state; a link is forwarded, and says that somebody was there without having been
  if (order.state !== 'restored') {
    throw new ExpectedError('order-state', 'It is not restored yet: the duty room may close it')
  }
  mustBeForDutyRoom(order, asked)
}

/** For whoever tapped, in the reader's words. */
function whyNot({ order, claim }: Behind, action: CrewAction, cause: ExpectedError, content: OrderContent, say: Words) {
  if (isAnothers(order, claim)) return anothers(say, content)
  const already = cause.code === 'already-done' ? say.page.already[action as LinkAction] : undefined
  return already ?? say.page.notNow(stateOf(order, content.teamName, say))
}

function anothers(say: Words, { teamName }: OrderContent): string {
  return say.page.anothers(teamName ?? '')
}

/** They are called to help another crew, which is not done yet. */
function helps(order: WorkOrder, claim: LinkClaim): boolean {
  return claim.isCalled === true && isAnothers(order, claim) && order.restoredAt === null && !isEnded(order)
}

/** Nobody of the crew that has it has accepted: of those who were called, the first one takes it. */
function mayTake(order: WorkOrder, claim: LinkClaim): boolean {
  return helps(order, claim) && isNobodys(order)
}

function own({ teamId }: LinkClaim): string[] {
  return teamId === null ? [] : [teamId]
}

/** Of orders before this one, what those see who sign in for the team that the link was sent to. */
function sightOfTeam(claim: LinkClaim): LimitedSight {
  const teams = own(claim)
  return { ...blind, teams, maintainers: teams }
}

/** Those of the link's own that may be done now, the next step first. */
function buttonsFor(order: WorkOrder, claim: LinkClaim): LinkAction[] {
  if (mayTake(order, claim)) return ['accept', 'come']
  if (helps(order, claim)) return ['come']
  if (isAnothers(order, claim)) return []
  // whoever accepts first says that they are on their way
  const isOnTheWay = order.technicianId !== null
  return linkActionsOf[claim.scope].filter((action) => {
    return action !== 'come' && mayBeDone(order, action) && (action !== 'arrive' || isOnTheWay)
  })
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  return sendPage(reply.code(404), orderLook, language, notFoundPage(words[language].page, language))
}
