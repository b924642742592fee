import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { AuditItem, AuditQuery, pageOf } from '../schemas.ts'

/** It holds what everybody did, everywhere: for operators of all there is. */
export const auditRoutes: FastifyPluginAsyncZod<{ operations: Operations }> = async (app, { operations }) => {
  app.get(
    '/audit',
    {
      schema: {
        tags: ['audit'],
        summary:
          'Who did what to what, newest first, with what it was before and after; also what was refused at the door',
        querystring: AuditQuery,
        response: { 200: pageOf(AuditItem), ...problems() },
      },
    },
    async ({ query }) => operations.audit(pageRequest(query)),
  )
}
