import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import { type Accounts, joinAddress } from '../../registry/accounts.ts'
import type { ApiTokens } from '../../registry/api-tokens.ts'
import type { SignIn } from '../../registry/sign-in.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  Account,
  AccountKeyParams,
  AccountParams,
  AccountsQuery,
  AccountUpdate,
  ApiToken,
  ApiTokenShown,
  Invitation,
  NewAccount,
  NewApiToken,
  pageOf,
  Session,
} from '../schemas.ts'

const tags = ['accounts']

export const accountRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  accounts: Accounts
  signIn: SignIn
  apiTokens: ApiTokens
  publicUrl?: string | undefined
}> = async (app, { operations, accounts, signIn, apiTokens, publicUrl }) => {
  async function known(id: string) {
    const account = await operations.account(id)
    if (account === undefined) throw new ExpectedError('not-found', `There is no account ${id}`)
    return account
  }

  app.post(
    '/accounts',
    {
      schema: {
        tags,
        summary: 'Adds an account; it can sign in once somebody used its link',
        body: NewAccount,
        response: { 201: Account, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const account = await accounts.add(body, actor)
      return reply.code(201).header('location', `/api/v1/accounts/${account.id}`).send(account)
    },
  )

  app.get(
    '/accounts',
    {
      schema: {
        tags,
        summary: 'Accounts that work, by id',
        querystring: AccountsQuery,
        response: { 200: pageOf(Account), ...problems() },
      },
    },
    async ({ query }) => operations.accounts(pageRequest(query)),
  )

  app.get(
    '/accounts/:id',
    {
      schema: {
        tags,
        summary: 'One account, also one that was removed',
        params: AccountParams,
        response: { 200: Account, ...problems(404) },
      },
    },
    async ({ params: { id } }) => known(id),
  )

  app.patch(
    '/accounts/:id',
    {
      schema: {
        tags,
        summary: 'Changes what is named; memberships are replaced as a whole, and count from the next request on',
        params: AccountParams,
        body: AccountUpdate,
        response: { 200: Account, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => accounts.update(params.id, body, actor),
  )

  app.delete(
    '/accounts/:id',
    {
      schema: {
        tags,
        summary: 'Its sessions, tokens and link end with it; its id stays taken',
        params: AccountParams,
        response: { 204: z.undefined().describe('Removed'), ...problems(404) },
      },
    },
    async ({ params, actor }, reply) => {
      await accounts.remove(params.id, actor)
      return reply.code(204).send()
    },
  )

  app.post(
    '/accounts/:id/invitation',
    {
      schema: {
        tags,
        summary:
          'A one-time link to set a password: an invitation for 7 days, or a reset for 24 hours; the one before is void',
        params: AccountParams,
        response: { 201: Invitation, ...problems(404) },
      },
    },
    async (request, reply) => {
      const { secret, purpose, expiresAt } = await accounts.invite(request.params.id, request.actor)
      const url = joinAddress(publicUrl ?? addressAskedFor(request), secret)
      return reply.code(201).send({ url, purpose, expiresAt })
    },
  )

  app.get(
    '/accounts/:id/sessions',
    {
      schema: {
        tags,
        summary: 'Where it is signed in',
        params: AccountParams,
        response: { 200: pageOf(Session), ...problems(404) },
      },
    },
    async ({ params: { id }, viewer }) => {
      await known(id)
      const sessions = await signIn.sessionsOf(id)
      return { items: sessions.map((one) => ({ ...one, isThis: one.id === viewer.sessionId })), nextCursor: null }
    },
  )

  app.delete(
    '/accounts/:id/sessions',
    {
      schema: {
        tags,
        summary: 'Signs it out everywhere',
        params: AccountParams,
        response: { 204: z.undefined().describe('Done'), ...problems(404) },
      },
    },
    async ({ params: { id }, actor }, reply) => {
      await signIn.endSessions(id, actor)
      return reply.code(204).send()
    },
  )

  app.delete(
    '/accounts/:id/sessions/:keyId',
    {
      schema: {
        tags,
        summary: 'Signs it out of one of them',
        params: AccountKeyParams,
        response: { 204: z.undefined().describe('Done'), ...problems(404) },
      },
    },
    async ({ params: { id, keyId }, actor }, reply) => {
      await signIn.endSession(id, keyId, actor)
      return reply.code(204).send()
    },
  )

  app.get(
    '/accounts/:id/tokens',
    {
      schema: {
        tags,
        summary: 'Its tokens, without their secrets',
        params: AccountParams,
        response: { 200: pageOf(ApiToken), ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      await known(id)
      return { items: await apiTokens.list(id), nextCursor: null }
    },
  )

  app.post(
    '/accounts/:id/tokens',
    {
      schema: {
        tags,
        summary: 'A token for a program that acts for it',
        params: AccountParams,
        body: NewApiToken,
        response: { 201: ApiTokenShown, ...problems(404) },
      },
    },
    async ({ params: { id }, body, actor }, reply) => reply.code(201).send(await apiTokens.add(id, body, actor)),
  )

  app.delete(
    '/accounts/:id/tokens/:keyId',
    {
      schema: {
        tags,
        summary: 'It is good for nothing any more',
        params: AccountKeyParams,
        response: { 204: z.undefined().describe('Removed'), ...problems(404) },
      },
    },
    async ({ params: { id, keyId }, actor }, reply) => {
      await apiTokens.remove(id, keyId, actor)
      return reply.code(204).send()
    },
  )
}

/** Nobody said under which address people reach us: the one that the operator uses is good for a start. */
function addressAskedFor({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`
}
