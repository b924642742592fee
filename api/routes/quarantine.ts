import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { pageOf, QuarantineItem, QuarantineQuery, quarantinePageItems } from '../schemas.ts'
import { forRoles, installers } from '../scope.ts'

export const quarantineRoutes: FastifyPluginAsyncZod<{ operations: Operations }> = async (app, { operations }) => {
  app.get(
    '/quarantine',
    {
      config: forRoles(null, installers),
      schema: {
        tags: ['quarantine'],
        summary: 'Messages of which something was not accepted, newest first: why, and the bytes as received',
        querystring: QuarantineQuery,
        response: { 200: pageOf(QuarantineItem), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const limit = Math.min(query.limit, quarantinePageItems)
      return operations.quarantine({ ...pageRequest({ ...query, limit }), sight })
    },
  )
}
