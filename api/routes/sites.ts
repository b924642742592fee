import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { sightOf } from '../../core/sight.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import { exportCsv } from '../../registry/import/export.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { mayCall } from '../auth.ts'
import { pageRequest } from '../page-request.ts'
import { problems, sendProblem } from '../problem.ts'
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
import { everyone, exporters, forRoles, installers, operators } from '../scope.ts'

const tags = ['sites']

export const siteRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  registry: Registry
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, registry, kinds, clock }) => {
  /**
   * Devices and gateways may name a site before it is there, and incidents and orders one that is gone: whoever made that site
   * would have them in sight.
   * @throws {ExpectedError} `already-exists`, as for a site that is there
   */
  async function mayBeNamed(id: string): Promise<void> {
    const { items } = await operations.history('site', id, { limit: 1 })
    if (items.length === 0 && !(await operations.isSiteNamed(id))) return
    throw new ExpectedError('already-exists', `A site ${id} exists already`)
  }

  app.post(
    '/sites',
    {
      config: forRoles(null, installers),
      schema: {
        tags,
        summary: 'Adds a district, street, community, estate, building or unit',
        body: NewSite,
        response: { 201: Site, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { body, actor } = request
      await request.mustSee('site', body.parentId, 'parentId')
      if (request.sight !== 'everything') await mayBeNamed(body.id)
      const site = await registry.addSite(body, actor)
      return reply.code(201).header('location', `/api/v1/sites/${site.id}`).send(site)
    },
  )

  app.get(
    '/sites',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'Sites, by id',
        querystring: SitesQuery,
        response: { 200: pageOf(Site), ...problems() },
      },
    },
    async ({ query, sight }) => operations.sites({ ...pageRequest(query), sight }),
  )

  app.get(
    '/sites/export',
    {
      config: forRoles(null, exporters),
      schema: {
        tags,
        summary: 'All sites (or devices, contacts, contracts) as CSV, as POST /import takes them',
        querystring: ExportQuery,
        response: {
          200: { description: 'The whole of it, streamed', content: { 'text/csv': { schema: z.unknown() } } },
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { kind } = request.query
      // contracts are for those who make them
      const isForOperators = kind === 'contracts'
      if (isForOperators && !mayCall({ roles: operators }, request.viewer)) {
        return sendProblem(reply, 'forbidden', 'Contracts are not for you to export')
      }
      const sight = isForOperators ? sightOf(request.viewer.memberships, operators) : request.sight
      const csv = Readable.from(exportCsv(kind, { operations, kinds, clock, sight }))
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="liftwatt-${kind}.csv"`)
        .send(csv)
    },
  )

  app.get(
    '/sites/:id',
    {
      config: forRoles('site', everyone),
      schema: {
        tags,
        summary: 'One site, and where it is',
        params: IdentifierParams,
        response: { 200: SiteDetail, ...problems(404) },
      },
    },
    async ({ params: { id }, sight }) => {
      const site = await operations.site(id)
      if (site === undefined) throw new ExpectedError('not-found', `There is no site ${id}`)
      return { ...site, path: await operations.pathOf(id), devices: await operations.countDevicesAt(id, sight) }
    },
  )

  app.patch(
    '/sites/:id',
    {
      config: forRoles('site', installers),
      schema: {
        tags,
        summary: 'Changes what is named and leaves the rest; it can move with all that is in it',
        params: IdentifierParams,
        body: SiteUpdate,
        response: { 200: Site, ...problems(404) },
      },
    },
    async (request) => {
      const { params, body, actor } = request
      const isMoved = body.parentId !== undefined && body.parentId !== (await operations.site(params.id))?.parentId
      // out of every site, it would be out of everyone's sight but an operator's of all there is
      if (isMoved) await request.mustSee('site', body.parentId, 'parentId')
      return registry.updateSite(params.id, body, actor)
    },
  )

  app.delete(
    '/sites/:id',
    {
      config: forRoles('site', operators),
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
      config: forRoles('site', operators),
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
