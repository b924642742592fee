import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Channels } from '../../workorders/notices/channels.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { Notice, NoticesQuery, pageOf, UuidParams } from '../schemas.ts'
import { dispatchers, forRoles } from '../scope.ts'

const tags = ['channels']

export const noticeRoutes: FastifyPluginAsyncZod<{ operations: Operations; channels: Channels }> = async (
  app,
  { operations, channels },
) => {
  app.get(
    '/notices',
    {
      config: forRoles(null, dispatchers),
      schema: {
        tags,
        summary: 'What people were told, or could not be (`state=dead`), newest first',
        querystring: NoticesQuery,
        response: { 200: pageOf(Notice), ...problems() },
      },
    },
    async ({ query, sight }) => operations.notices({ ...pageRequest(query), sight }),
  )

  app.get(
    '/notices/:id',
    {
      config: forRoles('notice', dispatchers),
      schema: { tags, summary: 'One notice', params: UuidParams, response: { 200: Notice, ...problems(404) } },
    },
    async ({ params: { id } }) => {
      const notice = await operations.notice(id)
      if (notice === undefined) throw new ExpectedError('not-found', `There is no notice ${id}`)
      return notice
    },
  )

  app.post(
    '/notices/:id/retry',
    {
      schema: {
        tags,
        summary: 'A dead letter is tried again, for another 24 hours',
        params: UuidParams,
        body: z.strictObject({}).nullable(),
        response: { 200: Notice, ...problems(404, 409) },
      },
    },
    async ({ params, actor }) => channels.retry(params.id, actor),
  )
}
