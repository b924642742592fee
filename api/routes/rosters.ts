import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { emptyRoster, type People } from '../../registry/people.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { whoIsOnDuty } from '../../workorders/crews/on-duty.ts'
import { problems } from '../problem.ts'
import { IdentifierParams, OnDuty, OnDutyQuery, pageOf, Roster, RosterDocument, Swap } from '../schemas.ts'
import { forRoles, watchers } from '../scope.ts'

const tags = ['people']

export const rosterRoutes: FastifyPluginAsyncZod<{ operations: Operations; people: People; clock: Clock }> = async (
  app,
  { operations, people, clock },
) => {
  app.get(
    '/teams/:id/roster',
    {
      config: forRoles('team', watchers),
      schema: {
        tags,
        summary: "A team's roster; version 0 without shifts where nobody wrote one",
        params: IdentifierParams,
        response: { 200: Roster, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const team = await operations.team(id)
      if (team === undefined) throw new ExpectedError('not-found', `There is no team ${id}`)
      return (await operations.roster(id)) ?? emptyRoster(id)
    },
  )

  app.put(
    '/teams/:id/roster',
    {
      schema: {
        tags,
        summary: 'The whole roster; 409 when it was changed since the `version` that is sent with it',
        params: IdentifierParams,
        body: RosterDocument,
        response: { 200: Roster, ...problems(404, 409) },
      },
    },
    async ({ params, body, actor }) => people.putRoster(params.id, body, actor),
  )

  app.post(
    '/teams/:id/roster/swaps',
    {
      schema: {
        tags,
        summary: 'Somebody else, or nobody, in the place of a member for a time',
        params: IdentifierParams,
        body: Swap,
        response: { 200: Roster, ...problems(404, 409) },
      },
    },
    async ({ params, body, actor }) => people.addSwap(params.id, body, actor),
  )

  app.get(
    '/teams/:id/on-duty',
    {
      config: forRoles('team', watchers),
      schema: {
        tags,
        summary: 'Who of a team is on duty, now or at a time, and when nobody is next',
        params: IdentifierParams,
        querystring: OnDutyQuery,
        response: { 200: OnDuty, ...problems(404) },
      },
    },
    async ({ params: { id }, query: { at = clock() } }) => {
      const [found] = await whoIsOnDuty(operations, at, id)
      if (found === undefined) throw new ExpectedError('not-found', `There is no team ${id}`)
      return found
    },
  )

  app.get(
    '/on-duty',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'Who is on duty, of every team',
        querystring: OnDutyQuery,
        response: { 200: pageOf(OnDuty), ...problems() },
      },
    },
    async ({ query: { at = clock() }, sight }) => {
      const workingTeams: Operations['workingTeams'] = (types) => operations.workingTeams(types, sight)
      return { items: await whoIsOnDuty({ ...operations, workingTeams }, at), nextCursor: null }
    },
  )
}
