import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { People } from '../../registry/people.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { IdentifierParams, Member, MembersQuery, MemberUpdate, NewMember, pageOf } from '../schemas.ts'
import { forRoles, watchers } from '../scope.ts'

const tags = ['people']

export const memberRoutes: FastifyPluginAsyncZod<{ operations: Operations; people: People }> = async (
  app,
  { operations, people },
) => {
  app.post(
    '/members',
    {
      schema: {
        tags,
        summary: 'Adds a member to a team',
        body: NewMember,
        response: { 201: Member, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const member = await people.addMember(body, actor)
      return reply.code(201).header('location', `/api/v1/members/${member.id}`).send(member)
    },
  )

  app.get(
    '/members',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'Members of all teams, or of one, by id',
        querystring: MembersQuery,
        response: { 200: pageOf(Member), ...problems() },
      },
    },
    async ({ query, sight }) => operations.members({ ...pageRequest(query), sight }),
  )

  app.get(
    '/members/:id',
    {
      config: forRoles('member', watchers),
      schema: {
        tags,
        summary: 'One member, also one who was removed',
        params: IdentifierParams,
        response: { 200: Member, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const member = await operations.member(id)
      if (member === undefined) throw new ExpectedError('not-found', `There is no member ${id}`)
      return member
    },
  )

  app.patch(
    '/members/:id',
    {
      schema: {
        tags,
        summary: 'Changes what is named and leaves the rest; who changes teams leaves the roster of the old one',
        params: IdentifierParams,
        body: MemberUpdate,
        response: { 200: Member, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => people.updateMember(params.id, body, actor),
  )

  app.delete(
    '/members/:id',
    {
      schema: {
        tags,
        summary: 'Takes a member out of the team and its roster',
        params: IdentifierParams,
        response: { 204: z.undefined().describe('Removed'), ...problems(404) },
      },
    },
    async ({ params, actor }, reply) => {
      await people.removeMember(params.id, actor)
      return reply.code(204).send()
    },
  )
}
