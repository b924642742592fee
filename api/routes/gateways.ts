import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { Liveness } from '../../registry/liveness.ts'
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
import { forRoles, installers } from '../scope.ts'

const tags = ['gateways']

export const gatewayRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  registry: Registry
  liveness: Pick<Liveness, 'of' | 'each'>
}> = async (app, { operations, registry, liveness }) => {
  app.post(
    '/gateways',
    {
      config: forRoles(null, installers),
      schema: {
        tags,
        summary: 'Adds a gateway; the answer holds its password, once',
        body: NewGateway,
        response: { 201: Credentials, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { body, actor } = request
      // one that stands nowhere is seen by nobody but operators of all there is
      await request.mustSee('site', body.siteId, 'siteId')
      const credentials = await registry.addGateway(body, actor)
      return reply.code(201).header('location', `/api/v1/gateways/${body.id}`).send(credentials)
    },
  )

  app.get(
    '/gateways',
    {
      config: forRoles(null, installers),
      schema: {
        tags,
        summary: 'Gateways, by id, each with whether it is heard of',
        querystring: GatewaysQuery,
        response: { 200: pageOf(Gateway), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const { items, nextCursor } = await operations.gateways({ ...pageRequest(query), sight })
      return { items: await liveness.each(items), nextCursor }
    },
  )

  app.get(
    '/gateways/:id',
    {
      config: forRoles('gateway', installers),
      schema: {
        tags,
        summary: 'One gateway, with what it was refused lately and why, in plain words',
        params: IdentifierParams,
        response: { 200: GatewayDetail, ...problems(404) },
      },
    },
    async ({ params: { id }, sight }) => {
      const gateway = await operations.gateway(id)
      if (gateway === undefined) throw new ExpectedError('not-found', `There is no gateway ${id}`)
      const [heard, devices, refusals] = await Promise.all([
        liveness.of(id),
        operations.countDevices(id, sight),
        operations.refusals(id),
      ])
      return { ...gateway, liveness: heard, devices, refusals }
    },
  )

  app.delete(
    '/gateways/:id',
    {
      config: forRoles('gateway', installers),
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
      config: forRoles('gateway', installers),
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
