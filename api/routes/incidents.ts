import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { acknowledgeIncident } from '../../analytics/acknowledge.ts'
import { explanationOf } from '../../analytics/explanation.ts'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { keyOf } from '../idempotency.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  IdempotencyHeaders,
  Incident,
  IncidentDetail,
  IncidentExplanation,
  IncidentsQuery,
  NoWords,
  pageOf,
  UuidParams,
} from '../schemas.ts'
import { dispatchers, forRoles, watchers } from '../scope.ts'

const tags = ['incidents']
const childrenShown = 100

export const incidentRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, kinds, clock }) => {
  /** @throws {ExpectedError} `not-found` */
  async function known(id: string) {
    const incident = await operations.incident(id)
    if (incident === undefined) throw new ExpectedError('not-found', `There is no incident ${id}`)
    return incident
  }

  app.get(
    '/incidents',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'What was detected, newest first',
        querystring: IncidentsQuery,
        response: { 200: pageOf(Incident), ...problems() },
      },
    },
    async ({ query, sight }) => operations.incidents({ ...pageRequest(query), sight }),
  )

  app.get(
    '/incidents/:id',
    {
      config: forRoles('incident', watchers),
      schema: {
        tags,
        summary: 'One incident, with its evidence and what it collects or explains',
        params: UuidParams,
        response: { 200: IncidentDetail, ...problems(404) },
      },
    },
    async ({ params: { id }, sight }) => {
      const incident = await known(id)
      const { items: children } = await operations.incidents({ parentId: id, limit: childrenShown, sight })
      return { ...incident, children, childCount: await operations.countChildren(id, sight) }
    },
  )

  app.get(
    '/incidents/:id/explanation',
    {
      config: forRoles('incident', watchers),
      schema: {
        tags,
        summary: 'Why it was found: what was measured, against which baseline and limit, by which rule as it was then',
        params: UuidParams,
        response: { 200: IncidentExplanation, ...problems(404) },
      },
    },
    async ({ params: { id } }) => explanationOf(operations, kinds, await known(id)),
  )

  app.post(
    '/incidents/:id/acknowledge',
    {
      config: forRoles('incident', dispatchers),
      schema: {
        tags,
        summary: 'Somebody has seen it; it stays open or cleared, and so does its order',
        params: UuidParams,
        headers: IdempotencyHeaders,
        body: NoWords.nullable(),
        response: { 200: Incident, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { params, actor } = request
      return acknowledgeIncident(operations, { id: params.id, actor, now: clock(), ...keyOf(request) })
    },
  )
}
