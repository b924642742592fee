import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import { exportCsv } from '../../registry/import/export.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  ExportQuery,
  HistoryEntry,
  HistoryQuery,
  IdentifierParams,
  NewSite,
  pageOf,
  Site,
  SiteDetail,
  SitesQuery,
  SiteUpdate,
} from '../schemas.ts'

const tags = ['sites']

export const siteRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  registry: Registry
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, registry, kinds, clock }) => {
  app.post(
    '/sites',
    {
      schema: {
        tags,
        summary: 'Adds a district, street, community, estate, building or unit',
        body: NewSite,
        response: { 201: Site, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const site = await registry.addSite(body, actor)
      return reply.code(201).header('location', `/api/v1/sites/${site.id}`).send(site)
    },
  )

  app.get(
    '/sites',
    {
      schema: {
        tags,
        summary: 'All sites, by id',
        querystring: SitesQuery,
        response: { 200: pageOf(Site), ...problems() },
      },
    },
    async ({ query }) => operations.sites(pageRequest(query)),
  )

  app.get(
    '/sites/export',
    {
      schema: {
        tags,
        summary: 'All sites (or devices, or contacts) as CSV, as POST /import takes them',
        querystring: ExportQuery,
        response: {
          200: { description: 'The whole of it, streamed', content: { 'text/csv': { schema: z.unknown() } } },
          ...problems(),
        },
      },
    },
    async ({ query: { kind } }, reply) => {
      const csv = Readable.from(exportCsv(kind, { operations, kinds, clock }))
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="liftwatt-${kind}.csv"`)
        .send(csv)
    },
  )

  app.get(
    '/sites/:id',
    {
      schema: {
        tags,
        summary: 'One site, and where it is',
        params: IdentifierParams,
        response: { 200: SiteDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const site = await operations.site(id)
      if (site === undefined) throw new ExpectedError('not-found', `There is no site ${id}`)
      return { ...site, path: await operations.pathOf(id), devices: await operations.countDevicesAt(id) }
    },
  )

  app.patch(
    '/sites/:id',
    {
      schema: {
        tags,
        summary: 'Changes what is named and leaves the rest; it can move with all that is in it',
        params: IdentifierParams,
        body: SiteUpdate,
        response: { 200: Site, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => registry.updateSite(params.id, body, actor),
  )

  app.delete(
    '/sites/:id',
    {
      schema: {
        tags,
        summary: 'Removes a site in which there is nothing; its history stays',
        params: IdentifierParams,
        response: { 204: z.undefined().describe('It is gone'), ...problems(404) },
      },
    },
    async ({ params, actor }, reply) => {
      await registry.removeSite(params.id, actor)
      return reply.code(204).send()
    },
  )

  app.get(
    '/sites/:id/history',
    {
      schema: {
        tags,
        summary: 'What was changed of it, by whom and when, newest first; also of a site that is removed',
        params: IdentifierParams,
        querystring: HistoryQuery,
        response: { 200: pageOf(HistoryEntry), ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => {
      const page = await operations.history('site', id, pageRequest(query))
      const isKnown = page.items.length > 0 || query.cursor !== undefined || (await operations.site(id)) !== undefined
      if (!isKnown) throw new ExpectedError('not-found', `There is no site ${id}`)
      return page
    },
  )
}
