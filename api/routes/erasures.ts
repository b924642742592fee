import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Erasures } from '../../registry/erase.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  Erasure,
  ErasurePreview,
  ErasurePreviewRequest,
  ErasuresQuery,
  NewErasure,
  pageOf,
  UuidParams,
} from '../schemas.ts'

const tags = ['privacy']

/** For operators of all there is: whoever forgets somebody does it everywhere. */
export const erasureRoutes: FastifyPluginAsyncZod<{ erasures: Erasures }> = async (app, { erasures }) => {
  app.post(
    '/erasures/preview',
    {
      schema: {
        tags,
        summary: 'Where a contact, a member or an account is named, and which texts would go; writes nothing',
        body: ErasurePreviewRequest,
        response: { 200: ErasurePreview, ...problems(404, 409) },
      },
    },
    async ({ body }) => ({ places: await erasures.preview(body) }),
  )

  app.post(
    '/erasures',
    {
      schema: {
        tags,
        summary: 'Forgets a person, for good; the answer is the receipt. Chains go on to verify',
        body: NewErasure,
        response: { 201: Erasure, ...problems(404, 409) },
      },
    },
    async ({ body, actor }, reply) => {
      const erasure = await erasures.erase(body, actor)
      return reply.code(201).header('location', `/api/v1/erasures/${erasure.id}`).send(erasure)
    },
  )

  app.get(
    '/erasures',
    {
      schema: {
        tags,
        summary: 'Receipts, newest first',
        querystring: ErasuresQuery,
        response: { 200: pageOf(Erasure), ...problems() },
      },
    },
    async ({ query }) => erasures.list(pageRequest(query)),
  )

  app.get(
    '/erasures/:id',
    { schema: { tags, summary: 'One receipt', params: UuidParams, response: { 200: Erasure, ...problems(404) } } },
    async ({ params: { id } }) => erasures.get(id),
  )
}
