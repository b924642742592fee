import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { People } from '../../registry/people.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { IdentifierParams, NewTeam, pageOf, Team, TeamsQuery, TeamUpdate } from '../schemas.ts'
import { forRoles, watchers } from '../scope.ts'

const tags = ['people']

export const teamRoutes: FastifyPluginAsyncZod<{ operations: Operations; people: People }> = async (
  app,
  { operations, people },
) => {
  app.post(
    '/teams',
    {
      schema: {
        tags,
        summary: 'Adds a team; without a roster it counts as always on duty',
        body: NewTeam,
        response: { 201: Team, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const team = await people.addTeam(body, actor)
      return reply.code(201).header('location', `/api/v1/teams/${team.id}`).send(team)
    },
  )

  app.get(
    '/teams',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'Teams that work, by id',
        querystring: TeamsQuery,
        response: { 200: pageOf(Team), ...problems() },
      },
    },
    async ({ query, sight }) => operations.teams({ ...pageRequest(query), sight }),
  )

  app.get(
    '/teams/:id',
    {
      config: forRoles('team', watchers),
      schema: {
        tags,
        summary: 'One team, also one that was removed',
        params: IdentifierParams,
        response: { 200: Team, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const team = await operations.team(id)
      if (team === undefined) throw new ExpectedError('not-found', `There is no team ${id}`)
      return team
    },
  )

  app.patch(
    '/teams/:id',
    {
      schema: {
        tags,
        summary: 'Changes what is named and leaves the rest; lists are replaced as a whole',
        params: IdentifierParams,
        body: TeamUpdate,
        response: { 200: Team, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => people.updateTeam(params.id, body, actor),
  )

  app.delete(
    '/teams/:id',
    {
      schema: {
        tags,
        summary: 'It gets no orders any more; those that it has stay with it',
        params: IdentifierParams,
        response: { 204: z.undefined().describe('Removed'), ...problems(404) },
      },
    },
    async ({ params, actor }, reply) => {
      await people.removeTeam(params.id, actor)
      return reply.code(204).send()
    },
  )
}
