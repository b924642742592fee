import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { createSuppressions } from '../../analytics/suppress.ts'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { ScopeType } from '../../core/scope.ts'
import type { Sighted } from '../../core/sight.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  IdempotencyHeaders,
  NewSuppression,
  NoWords,
  pageOf,
  Suppression,
  SuppressionsQuery,
  UuidParams,
} from '../schemas.ts'
import { dispatchers, everyone, forRoles } from '../scope.ts'

const tags = ['suppressions']

export const suppressionRoutes: FastifyPluginAsyncZod<{ operations: Operations; clock: Clock }> = async (
  app,
  { operations, clock },
) => {
  const suppressions = createSuppressions({ operations, clock })

  app.post(
    '/suppressions',
    {
      config: forRoles(null, dispatchers),
      schema: {
        tags,
        summary: 'Maintenance mode, a window of planned work or a shelf: what is found meanwhile sends nobody',
        headers: IdempotencyHeaders,
        body: NewSuppression,
        response: { 201: Suppression, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { body, keyed, actor } = request
      await request.mustSee(thingAt(body.scope.type), body.scope.id, 'scope.id')
      const { finding = null, startsAt = null, endsAt = null, ...said } = body
      const begun = await suppressions.begin({ ...said, finding, startsAt, endsAt }, actor, keyed?.id)
      return reply.code(201).header('location', `/api/v1/suppressions/${begun.id}`).send(begun)
    },
  )

  app.get(
    '/suppressions',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'What is or was in maintenance, planned or shelved, newest first',
        querystring: SuppressionsQuery,
        response: { 200: pageOf(Suppression), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const { active, ...rest } = query
      return operations.suppressions({ ...pageRequest(rest), ...(active && { activeAt: clock() }), sight })
    },
  )

  app.get(
    '/suppressions/:id',
    {
      config: forRoles('suppression', everyone),
      schema: {
        tags,
        summary: 'One suppression, who began it and why',
        params: UuidParams,
        response: { 200: Suppression, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const suppression = await operations.suppression(id)
      if (suppression === undefined) throw new ExpectedError('not-found', `There is no suppression ${id}`)
      return suppression
    },
  )

  app.post(
    '/suppressions/:id/end',
    {
      config: forRoles('suppression', dispatchers),
      schema: {
        tags,
        summary: 'Ends it before its time; what is still active there gets its order',
        params: UuidParams,
        headers: IdempotencyHeaders,
        body: NoWords.nullable(),
        response: { 200: Suppression, ...problems(404, 409) },
      },
    },
    async ({ params, keyed, actor }) => suppressions.end(params.id, actor, keyed?.id),
  )
}

function thingAt(type: ScopeType): Sighted {
  return type === 'device' || type === 'gateway' || type === 'feeder' ? type : 'site'
}
