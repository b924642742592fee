import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ExpectedError } from '../../core/errors.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { Incident, IncidentsQuery, pageOf, UuidParams } from '../schemas.ts'

const tags = ['incidents']

export const incidentRoutes: FastifyPluginAsyncZod<{ operations: Operations }> = async (app, { operations }) => {
  app.get(
    '/incidents',
    {
      schema: {
        tags,
        summary: 'What was detected, newest first',
        querystring: IncidentsQuery,
        response: { 200: pageOf(Incident), ...problems() },
      },
    },
    async ({ query }) => operations.incidents(pageRequest(query)),
  )

  app.get(
    '/incidents/:id',
    {
      schema: {
        tags,
        summary: 'One incident, with its evidence',
        params: UuidParams,
        response: { 200: Incident, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const incident = await operations.incident(id)
      if (incident === undefined) throw new ExpectedError('not-found', `There is no incident ${id}`)
      return incident
    },
  )
}
