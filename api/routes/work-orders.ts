import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ExpectedError } from '../../core/errors.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ActionRequest, WorkOrders } from '../../workorders/act.ts'
import { type OrderAction, orderActions } from '../../workorders/transitions.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  actionBodies,
  IdempotencyHeaders,
  pageOf,
  UuidParams,
  WorkOrder,
  WorkOrderDetail,
  WorkOrdersQuery,
} from '../schemas.ts'

const tags = ['work orders']

const summaries: Readonly<Record<OrderAction, string>> = {
  acknowledge: 'The duty room has seen the order',
  accept: 'A technician takes the order (which acknowledges it); the 30-minute clock runs on until arrival',
  arrive: 'Somebody is on site: the 30-minute clock stops',
  restore: 'The device works again',
  close: 'The order is done; as a false alarm (`outcome`) it may be closed in any open state',
  cancel: 'The order is void',
}

export const workOrderRoutes: FastifyPluginAsyncZod<{ operations: Operations; workOrders: WorkOrders }> = async (
  app,
  { operations, workOrders },
) => {
  app.get(
    '/work-orders',
    {
      schema: {
        tags,
        summary: 'Work orders, newest first',
        querystring: WorkOrdersQuery,
        response: { 200: pageOf(WorkOrder), ...problems() },
      },
    },
    async ({ query }) => operations.orders(pageRequest(query)),
  )

  app.get(
    '/work-orders/:id',
    {
      schema: {
        tags,
        summary: 'One order, with what happened to it, oldest first, and the evidence behind it',
        params: UuidParams,
        response: { 200: WorkOrderDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const order = await operations.order(id)
      if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${id}`)
      const [events, incident] = await Promise.all([operations.orderEvents(id), operations.incident(order.incidentId)])
      return { ...order, events, evidence: { ...incident?.evidence } }
    },
  )

  for (const action of orderActions) {
    app.post(
      `/work-orders/:id/${action}`,
      {
        schema: {
          tags,
          summary: summaries[action],
          params: UuidParams,
          headers: IdempotencyHeaders,
          body: actionBodies[action].nullable(),
          response: { 200: WorkOrder, ...problems(404, 409) },
        },
      },
      async ({ params, headers, body, actor }) => {
        const idempotencyKey = headers['idempotency-key']
        const said = Object.fromEntries(Object.entries(body ?? {}).filter(([, value]) => value !== undefined))
        const request = { ...said, orderId: params.id, action, actor, ...(idempotencyKey && { idempotencyKey }) }
        return workOrders.act(request satisfies ActionRequest)
      },
    )
  }
}
