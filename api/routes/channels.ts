import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Channels } from '../../workorders/notices/channels.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  Channel,
  ChannelsQuery,
  ChannelTest,
  ChannelTestResult,
  ChannelUpdate,
  IdentifierParams,
  NewChannel,
  pageOf,
} from '../schemas.ts'

const tags = ['channels']

export const channelRoutes: FastifyPluginAsyncZod<{ channels: Channels }> = async (app, { channels }) => {
  app.post(
    '/channels',
    {
      schema: {
        tags,
        summary: 'Adds a way to reach people; its receiver must be one that may be reached',
        body: NewChannel,
        response: { 201: Channel, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const channel = await channels.add(body, actor)
      return reply.code(201).header('location', `/api/v1/channels/${body.id}`).send(channel)
    },
  )

  app.get(
    '/channels',
    {
      schema: {
        tags,
        summary: 'All channels, by id, with what becomes of their notices; secrets are not shown',
        querystring: ChannelsQuery,
        response: { 200: pageOf(Channel), ...problems() },
      },
    },
    async ({ query }) => channels.list(pageRequest(query)),
  )

  app.get(
    '/channels/:id',
    {
      schema: {
        tags,
        summary: 'One channel; secrets are not shown',
        params: IdentifierParams,
        response: { 200: Channel, ...problems(404) },
      },
    },
    async ({ params }) => channels.get(params.id),
  )

  app.patch(
    '/channels/:id',
    {
      schema: {
        tags,
        summary: 'Changes a channel',
        params: IdentifierParams,
        body: ChannelUpdate,
        response: { 200: Channel, ...problems(404) },
      },
    },
    async ({ params, body: { name, settings, enabled }, actor }) => {
      const change = { ...(name !== undefined && { name }), ...(settings && { settings }) }
      return channels.update(params.id, { ...change, ...(enabled !== undefined && { enabled }) }, actor)
    },
  )

  app.delete(
    '/channels/:id',
    {
      schema: {
        tags,
        summary: 'Removes a channel; what it had still to send becomes dead letters',
        params: IdentifierParams,
        response: { 204: z.undefined().describe('Removed'), ...problems(404) },
      },
    },
    async ({ params, actor }, reply) => {
      await channels.remove(params.id, actor)
      return reply.code(204).send()
    },
  )

  app.post(
    '/channels/:id/test',
    {
      schema: {
        tags,
        summary: 'Sends a test notice now, and answers what came of it within 5 s',
        params: IdentifierParams,
        body: ChannelTest.nullable(),
        response: { 200: ChannelTestResult, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => {
      const { address = null, locale = 'zh-CN' } = body ?? {}
      const delivery = await channels.test(params.id, { address, locale }, actor)
      return { outcome: delivery.outcome, reason: 'reason' in delivery ? delivery.reason : null }
    },
  )
}
