import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ExpectedError } from '../../core/errors.ts'
import { blind, type Sight } from '../../core/sight.ts'
import type { Visit as KnownVisit } from '../../core/visit.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { type Maintenance, remarksOf } from '../../workorders/maintenance/maintenance.ts'
import { mustBeTaken } from '../../workorders/past/past-records.ts'
import { acceptCsv, mostCsvBytes } from '../csv-body.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  DeviceVisitsQuery,
  IdentifierParams,
  NewRegime,
  PastRecordsQuery,
  pageOf,
  Upkeep,
  UuidParams,
  Visit,
  VisitClaim,
  VisitsImported,
  VisitsQuery,
} from '../schemas.ts'
import { forRoles, operators, visitors, watchers } from '../scope.ts'

const tags = ['planned maintenance']

const shown = (visit: KnownVisit) => ({ ...visit, remarks: remarksOf(visit) })

export const maintenanceRoutes: FastifyPluginAsyncZod<{ operations: Operations; maintenance: Maintenance }> = async (
  app,
  { operations, maintenance },
) => {
  acceptCsv(app)

  /** An operator there says it for anyone; whoever else, also one who is operator elsewhere, for their own teams. */
  async function speaksFor(sight: Sight, deviceId: string): Promise<readonly string[] | undefined> {
    if (sight === 'everything') return undefined
    const isOperatorThere = await operations.sees({ ...blind, sites: sight.sites }, 'device', deviceId)
    return isOperatorThere ? undefined : sight.teams
  }

  app.get(
    '/devices/:id/maintenance',
    {
      config: forRoles('device', watchers),
      schema: {
        tags,
        summary: 'How an elevator is to be maintained, what is due next, and what is overdue',
        params: IdentifierParams,
        response: { 200: Upkeep, ...problems(404) },
      },
    },
    async ({ params: { id } }) => maintenance.of(id),
  )

  app.put(
    '/devices/:id/maintenance/regime',
    {
      config: forRoles('device', operators),
      schema: {
        tags,
        summary: 'A new regime, from a time on; what on-demand maintenance asks for and is missing is named',
        params: IdentifierParams,
        body: NewRegime,
        response: { 200: Upkeep, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => maintenance.putRegime(params.id, body, actor),
  )

  app.post(
    '/devices/:id/visits',
    {
      config: forRoles('device', visitors),
      schema: {
        tags,
        summary: 'The maintainer says that people were there; the answer says whether telemetry shows it',
        params: IdentifierParams,
        body: VisitClaim,
        response: { 201: Visit, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { params, body, actor, sight } = request
      if (body.teamId != null) await request.mustSee('team', body.teamId, 'teamId')
      const visit = await maintenance.claimVisit(params.id, body, actor, await speaksFor(sight, params.id))
      return reply.code(201).header('location', `/api/v1/visits/${visit.id}`).send(shown(visit))
    },
  )

  app.get(
    '/devices/:id/visits',
    {
      config: forRoles('device', watchers),
      schema: {
        tags,
        summary: 'Visits of an elevator, newest claim first',
        params: IdentifierParams,
        querystring: DeviceVisitsQuery,
        response: { 200: pageOf(Visit), ...problems() },
      },
    },
    async ({ params, query, sight }) => {
      const asked = { ...pageRequest(query), deviceId: params.id, sight }
      const { items, nextCursor } = await operations.visits(asked)
      return { items: items.map(shown), nextCursor }
    },
  )

  app.get(
    '/visits',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'Visits of all elevators, newest claim first',
        querystring: VisitsQuery,
        response: { 200: pageOf(Visit), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const { items, nextCursor } = await operations.visits({ ...pageRequest(query), sight })
      return { items: items.map(shown), nextCursor }
    },
  )

  app.get(
    '/visits/:id',
    {
      config: forRoles('visit', watchers),
      schema: { tags, summary: 'One visit', params: UuidParams, response: { 200: Visit, ...problems(404) } },
    },
    async ({ params: { id } }) => {
      const visit = await operations.visit(id)
      if (visit === undefined) throw new ExpectedError('not-found', `There is no visit ${id}`)
      return shown(visit)
    },
  )

  app.post(
    '/visits/import',
    {
      bodyLimit: mostCsvBytes,
      schema: {
        tags,
        summary: 'Past visits as CSV: a preview, or with `apply=true` all of them or none',
        description:
          'Columns: `device_id`, `started_at`, `ended_at`, `items` (several with ; between), `team_id`, `workers`, `note`. Times are ISO 8601 with an offset, or local.',
        consumes: ['text/csv'],
        querystring: PastRecordsQuery,
        response: { 200: VisitsImported, ...problems(413) },
      },
    },
    async ({ query: { apply }, body, actor }) => {
      if (typeof body !== 'string') throw new ExpectedError('invalid', 'The body must be a file of type text/csv')
      return mustBeTaken({ apply }, await maintenance.importVisits({ csv: body, apply, actor }))
    },
  )
}
