import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Plans } from '../../workorders/plans/plans.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { IdentifierParams, Plan, PlanChange, PlanDocument, PlansQuery, pageOf } from '../schemas.ts'

const tags = ['response plans']

export const planRoutes: FastifyPluginAsyncZod<{ plans: Plans }> = async (app, { plans }) => {
  app.get(
    '/plans',
    {
      schema: {
        tags,
        summary: 'The plans in force, by id: those that ship, unless an operator changed them, and the operators own',
        querystring: PlansQuery,
        response: { 200: pageOf(Plan), ...problems() },
      },
    },
    async ({ query }) => plans.list(pageRequest(query)),
  )

  app.get(
    '/plans/:id',
    {
      schema: {
        tags,
        summary: 'One plan',
        params: IdentifierParams,
        response: { 200: Plan, ...problems(404) },
      },
    },
    async ({ params: { id } }) => plans.get(id),
  )

  app.get(
    '/plans/:id/history',
    {
      schema: {
        tags,
        summary: 'What a plan was before each change, newest first',
        params: IdentifierParams,
        querystring: PlansQuery,
        response: { 200: pageOf(PlanChange), ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => plans.history(id, pageRequest(query)),
  )

  app.put(
    '/plans/:id',
    {
      schema: {
        tags,
        summary: 'Makes a plan or changes one, also one that ships; orders that run keep the plan that they have',
        params: IdentifierParams,
        body: PlanDocument,
        response: { 200: Plan, ...problems(409) },
      },
    },
    async ({ params: { id }, body: { version, refusedNow: _, ...content }, actor }) =>
      plans.put(id, content, version, actor),
  )

  app.delete(
    '/plans/:id',
    {
      schema: {
        tags,
        summary: 'Removes a plan; one that ships is as it shipped again',
        params: IdentifierParams,
        response: { 204: z.undefined().describe('Removed'), ...problems(404, 409) },
      },
    },
    async ({ params, actor }, reply) => {
      await plans.remove(params.id, actor)
      return reply.code(204).send()
    },
  )
}
