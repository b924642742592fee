import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  Credentials,
  Gateway,
  GatewayDetail,
  GatewaysQuery,
  IdentifierParams,
  NewGateway,
  pageOf,
  RotatedCredentials,
} from '../schemas.ts'

const tags = ['gateways']

export const gatewayRoutes: FastifyPluginAsyncZod<{ operations: Operations; registry: Registry }> = async (
  app,
  { operations, registry },
) => {
  app.post(
    '/gateways',
    {
      schema: {
        tags,
        summary: 'Adds a gateway; the answer holds its password, once',
        body: NewGateway,
        response: { 201: Credentials, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const credentials = await registry.addGateway(body, actor)
      return reply.code(201).header('location', `/api/v1/gateways/${body.id}`).send(credentials)
    },
  )

  app.get(
    '/gateways',
    {
      schema: {
        tags,
        summary: 'All gateways, by id',
        querystring: GatewaysQuery,
        response: { 200: pageOf(Gateway), ...problems() },
      },
    },
    async ({ query }) => operations.gateways(pageRequest(query)),
  )

  app.get(
    '/gateways/:id',
    {
      schema: {
        tags,
        summary: 'One gateway, with what it was refused lately and why, in plain words',
        params: IdentifierParams,
        response: { 200: GatewayDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const gateway = await operations.gateway(id)
      if (gateway === undefined) throw new ExpectedError('not-found', `There is no gateway ${id}`)
      const [devices, refusals] = await Promise.all([operations.countDevices(id), operations.refusals(id)])
      return { ...gateway, devices, refusals }
    },
  )

  app.delete(
    '/gateways/:id',
    {
      schema: {
        tags,
        summary: 'Revokes a gateway for good: it is disconnected and its passwords are void; what it sent stays',
        params: IdentifierParams,
        response: { 204: z.undefined().describe('Revoked'), ...problems(404, 409) },
      },
    },
    async ({ params, actor }, reply) => {
      await registry.revokeGateway(params.id, actor)
      return reply.code(204).send()
    },
  )

  app.post(
    '/gateways/:id/rotate',
    {
      schema: {
        tags,
        summary: 'A new password, shown once; the one before works for 24 hours more, one still older no longer',
        params: IdentifierParams,
        body: z.strictObject({}).nullable(),
        response: { 200: RotatedCredentials, ...problems(404, 409) },
      },
    },
    async ({ params, actor }) => registry.rotateGateway(params.id, actor),
  )
}
