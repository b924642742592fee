import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Role } from '../../core/account.ts'
import { ExpectedError } from '../../core/errors.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import type { WorkOrder as Stored } from '../../core/incident.ts'
import { locales } from '../../core/words.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Acted, WorkOrders } from '../../workorders/life/act.ts'
import type { ActionRequest } from '../../workorders/life/transitions.ts'
import { actInSight } from '../act-in-sight.ts'
import type { PhoneRecord } from '../by-phone.ts'
import { asMayBeRead } from '../callers-seen.ts'
import { goingOn, wasDone } from '../going-on.ts'
import { keyOf } from '../idempotency.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  actionBodies,
  type ByPhone,
  FollowUp,
  GivenOrder,
  IdempotencyHeaders,
  NewWorkOrder,
  pageOf,
  remarkBodies,
  UuidParams,
  WorkOrder,
  WorkOrderDetail,
  WorkOrdersQuery,
} from '../schemas.ts'
import { crews, crewsAndInspectors, dispatchers, forRoles, inspectors, watchers } from '../scope.ts'

const tags = ['work orders']

const steps: Readonly<Record<keyof typeof actionBodies, string>> = {
  acknowledge: 'The duty room has seen the order',
  accept: 'A technician takes the order (which acknowledges it); the 30-minute clock runs on until arrival',
  arrive: 'Somebody is on site: the 30-minute clock stops',
  restore: 'The device works again',
  'tell-passenger': 'The trapped passenger was told that help is on its way',
  inspect: "The insurer's inspector was there",
  'ask-for-help': 'Whoever is on the way or on site needs more people',
  'dealt-with': 'The tenant or the property says that it is dealt with: noted, the clock runs on',
}
const stepRoles: Readonly<Record<keyof typeof actionBodies, readonly Role[]>> = {
  acknowledge: dispatchers,
  accept: crews,
  arrive: crews,
  restore: crews,
  'tell-passenger': crews,
  inspect: inspectors,
  'ask-for-help': crews,
  'dealt-with': dispatchers,
}
const remarks: Readonly<Record<keyof typeof remarkBodies, string>> = {
  close: 'The order is done; as a false alarm (`outcome`) it may be closed in any open state',
  cancel: 'The order is void',
  note: 'A remark, in any state',
  reassign: 'Another crew has it; whoever accepted it gives it back, and no clock begins anew',
  merge: 'The other order takes this one over, which is cancelled; nothing promised for it may be lost',
}

const remarkRoles: Readonly<Record<keyof typeof remarkBodies, readonly Role[]>> = {
  close: crews,
  cancel: dispatchers,
  note: crewsAndInspectors,
  reassign: dispatchers,
  merge: dispatchers,
}

interface Options {
  readonly operations: Operations
  readonly workOrders: WorkOrders
  readonly recordPhone: PhoneRecord
}

export const workOrderRoutes: FastifyPluginAsyncZod<Options> = async (app, { operations, workOrders, recordPhone }) => {
  async function act(request: FastifyRequest, said: ActionRequest, phone?: ByPhone): Promise<Acted> {
    const asked = phone === undefined ? said : await askedOfWhatGoesOn(request, said)
    const order = await actInSight({ operations, workOrders }, request, asked)
    const { action, actor, idempotencyKey: key = randomUUID() } = asked
    if (phone !== undefined) await recordPhone({ order, action, actor, phone, key })
    return readable(request, order)
  }

  /** A phone kept it until there was a network: the order may have been merged since. */
  async function askedOfWhatGoesOn({ sight }: FastifyRequest, asked: ActionRequest): Promise<ActionRequest> {
    const orders = await goingOn(operations, asked.orderId, sight === 'everything' ? [] : sight.teams)
    const { idempotencyKey } = asked
    const isDone = idempotencyKey !== undefined && (await wasDone(operations, orders.slice(0, -1), idempotencyKey))
    return isDone ? asked : { ...asked, orderId: orders.at(-1)?.id ?? asked.orderId }
  }

  async function readable<Order extends Stored>(request: FastifyRequest, order: Order): Promise<Order> {
    const [read = order] = await asMayBeRead(operations, request, [order])
    return read
  }

  app.get(
    '/work-orders',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'Work orders, newest first',
        querystring: WorkOrdersQuery,
        response: { 200: pageOf(WorkOrder), ...problems() },
      },
    },
    async (request) => {
      const { q, ...query } = request.query
      const search = q === undefined ? {} : { search: { text: q, findings: findingsCalled(q) } }
      const page = await operations.orders({ ...pageRequest(query), ...search, sight: request.sight })
      return { ...page, items: [...(await asMayBeRead(operations, request, page.items))] }
    },
  )

  app.post(
    '/work-orders',
    {
      config: forRoles(null, dispatchers),
      schema: {
        tags,
        summary:
          'An order by hand: somebody called, or plans work. 201; 200 when the same Idempotency-Key opened it before',
        description: `A call about an entrapment that somebody is on the way to joins that order: it is counted and noted there, and
the order is answered with 200.`,
        headers: IdempotencyHeaders,
        body: NewWorkOrder,
        response: { 200: WorkOrder, 201: WorkOrder, ...problems() },
      },
    },
    async (request, reply) => {
      const { body, actor, sight } = request
      const { reportedBy, ...said } = body
      if (said.deviceId !== undefined) await request.mustSee('device', said.deviceId, 'deviceId')
      if (said.siteId !== undefined) await request.mustSee('site', said.siteId, 'siteId')
      const reporter = reportedBy && { reportedBy: given(reportedBy) as Record<string, string> }
      const { order, created } = await workOrders.openByHand({ ...given(said), ...reporter, ...keyOf(request), actor })
      // the same key, in the hands of somebody who may not know what it was used for
      if (!created && !(await operations.sees(sight, 'order', order.id))) {
        throw new ExpectedError('already-done', 'This Idempotency-Key was used for another order')
      }
      return reply
        .code(created ? 201 : 200)
        .header('location', `/api/v1/work-orders/${order.id}`)
        .send(order)
    },
  )

  app.get(
    '/work-orders/:id',
    {
      config: forRoles('order', watchers),
      schema: {
        tags,
        summary: 'One order, with what happened to it, oldest first, and the evidence behind it',
        params: UuidParams,
        response: { 200: WorkOrderDetail, ...problems(404) },
      },
    },
    async (request) => {
      const { id } = request.params
      const order = await operations.order(id)
      if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${id}`)
      const [events, incident] = await Promise.all([operations.orderEvents(id), operations.incident(order.incidentId)])
      return { ...(await readable(request, order)), events, evidence: { ...incident?.evidence } }
    },
  )

  for (const action of keysOf(actionBodies)) {
    app.post(
      `/work-orders/:id/${action}`,
      {
        config: forRoles('order', stepRoles[action]),
        schema: {
          tags,
          summary: steps[action],
          params: UuidParams,
          headers: IdempotencyHeaders,
          body: actionBodies[action].nullable(),
          response: { 200: action === 'accept' ? GivenOrder : WorkOrder, ...problems(404, 409) },
        },
      },
      async (request) => {
        const { params, body, actor } = request
        const { phone, ...said } = { phone: undefined, ...body }
        const asked = { ...given(said), ...keyOf(request), orderId: params.id, action, actor }
        return withWarnings(await act(request, asked, phone))
      },
    )
  }

  for (const action of keysOf(remarkBodies)) {
    app.post(
      `/work-orders/:id/${action}`,
      {
        config: forRoles('order', remarkRoles[action]),
        schema: {
          tags,
          summary: remarks[action],
          params: UuidParams,
          headers: IdempotencyHeaders,
          body: remarkBodies[action],
          response: { 200: action === 'reassign' ? GivenOrder : WorkOrder, ...problems(404, 409) },
        },
      },
      async (request) => {
        const { params, body, actor } = request
        const { phone, ...said } = { phone: undefined, ...body }
        const asked = { ...given(said), ...keyOf(request), orderId: params.id, action, actor }
        return withWarnings(await act(request, asked, phone))
      },
    )
  }

  app.post(
    '/work-orders/:id/follow-up',
    {
      config: forRoles('order', dispatchers),
      schema: {
        tags,
        summary: 'What came back gets an order of its own, linked to the ended one',
        params: UuidParams,
        headers: IdempotencyHeaders,
        body: FollowUp.nullable(),
        response: { 200: WorkOrder, 201: WorkOrder, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { params, body, actor } = request
      const asked = { ...given(body ?? {}), ...keyOf(request), orderId: params.id, actor }
      const { order, created } = await workOrders.followUp(asked)
      return reply
        .code(created ? 201 : 200)
        .header('location', `/api/v1/work-orders/${order.id}`)
        .send(order)
    },
  )
}

/** In either language, for one service has people of both. */
function findingsCalled(text: string): string[] {
  const part = text.toLowerCase()
  const names = locales.flatMap((locale) => Object.entries(findingTitles(locale)))
  const called = names.filter(([finding, title]) => `${finding}\n${title}`.toLowerCase().includes(part))
  return [...new Set(called.map(([finding]) => finding))]
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Without what was not said. */
export function given<T extends object>(said: T): Given<T> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Given<T>
}

/** What speaks against the crew that it was given to. */
function withWarnings(order: Acted) {
  return { ...order, warnings: [...(order.warnings ?? [])] }
}

function keysOf<T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record) as (keyof T & string)[]
}
