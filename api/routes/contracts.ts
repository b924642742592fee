import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Sight } from '../../core/sight.ts'
import type { Contracts } from '../../registry/contracts.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  Contract,
  ContractDevicesQuery,
  ContractsQuery,
  ContractUpdate,
  CoveredDevice,
  DeviceParties,
  HistoryEntry,
  HistoryQuery,
  IdentifierParams,
  NewContract,
  PortfolioDevice,
  PortfolioQuery,
  pageOf,
  UuidParams,
} from '../schemas.ts'
import { companies, forRoles, reviewers } from '../scope.ts'

const tags = ['contracts']

/** Policies of insurers and contracts of maintenance, and who answers for which devices by them. */
export const contractRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  contracts: Contracts
  clock: Clock
}> = async (app, { operations, contracts, clock }) => {
  app.post(
    '/contracts',
    {
      schema: {
        tags,
        summary: 'Adds a policy or a contract of maintenance; who insures or maintains its devices follows from it',
        body: NewContract,
        response: { 201: Contract, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const contract = await contracts.add(body, actor)
      return reply.code(201).header('location', `/api/v1/contracts/${contract.id}`).send(contract)
    },
  )

  app.get(
    '/contracts',
    {
      config: forRoles(null, companies),
      schema: {
        tags,
        summary: 'Policies and contracts of maintenance, newest first; a company sees its own',
        querystring: ContractsQuery,
        response: { 200: pageOf(Contract), ...problems() },
      },
    },
    async ({ query, sight }) => operations.contracts({ ...pageRequest(query), sight }),
  )

  app.get(
    '/contracts/:id',
    {
      config: forRoles('contract', companies),
      schema: { tags, summary: 'One contract', params: UuidParams, response: { 200: Contract, ...problems(404) } },
    },
    async ({ params: { id } }) => {
      const contract = await operations.contract(id)
      if (contract === undefined) throw new ExpectedError('not-found', `There is no contract ${id}`)
      return contract
    },
  )

  app.get(
    '/contracts/:id/devices',
    {
      config: forRoles('contract', companies),
      schema: {
        tags,
        summary: 'What a contract covers, and when, by device',
        params: UuidParams,
        querystring: ContractDevicesQuery,
        response: { 200: pageOf(CoveredDevice), ...problems(404) },
      },
    },
    async ({ params: { id }, query, sight }) => {
      const contract = await operations.contract(id)
      if (contract === undefined) throw new ExpectedError('not-found', `There is no contract ${id}`)
      return operations.coveredDevices(id, { ...pageRequest(query), sight: sightInto(sight, contract.teamId) })
    },
  )

  app.patch(
    '/contracts/:id',
    {
      schema: {
        tags,
        summary: 'Changes what is named and leaves the rest; what was before stays in its history',
        params: UuidParams,
        body: ContractUpdate,
        response: { 200: Contract, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => contracts.update(params.id, body, actor),
  )

  app.get(
    '/contracts/:id/history',
    {
      schema: {
        tags,
        summary: 'What was changed of it, by whom and when, newest first, each with all that it covered',
        params: UuidParams,
        querystring: HistoryQuery,
        response: { 200: pageOf(HistoryEntry), ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => {
      if ((await operations.contract(id)) === undefined) {
        throw new ExpectedError('not-found', `There is no contract ${id}`)
      }
      return operations.history('contract', id, pageRequest(query))
    },
  )

  app.get(
    '/devices/:id/parties',
    {
      config: forRoles('ownDevice', reviewers),
      schema: {
        tags,
        summary: 'Who insured and who maintained it, and when, oldest first: without the terms of any contract',
        params: IdentifierParams,
        response: { 200: DeviceParties, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      if ((await operations.device(id)) === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
      const periods = await operations.partyHistory(id)
      const names = new Map<string, string | null>()
      for (const { teamId } of periods) {
        if (!names.has(teamId)) names.set(teamId, (await operations.team(teamId))?.name ?? null)
      }
      const items = periods.map(({ deviceId: _, ...period }) => {
        return { ...period, teamName: names.get(period.teamId) ?? null }
      })
      return { items, nextCursor: null }
    },
  )

  app.get(
    '/teams/:id/portfolio',
    {
      config: forRoles('team', companies),
      schema: {
        tags,
        summary: 'Devices that a team insures or maintains, or did at some moment of a period, by id',
        params: IdentifierParams,
        querystring: PortfolioQuery,
        response: { 200: pageOf(PortfolioDevice), ...problems(404) },
      },
    },
    async ({ params: { id }, query: { at, from, to, ...page }, sight }) => {
      if ((await operations.team(id)) === undefined) throw new ExpectedError('not-found', `There is no team ${id}`)
      const asked = { ...pageRequest(page), sight: sightInto(sight, id) }
      return operations.portfolio(id, periodOf({ at, from, to }, clock()), asked)
    },
  )
}

/** A company sees all that was ever its own; whoever answers for places, what is there. */
function sightInto(sight: Sight, teamId: string): Sight {
  return sight !== 'everything' && sight.teams.includes(teamId) ? 'everything' : sight
}

/** ms since 1970. @throws {ExpectedError} `invalid` */
function periodOf(
  { at, from, to }: { at?: number | undefined; from?: number | undefined; to?: number | undefined },
  now: number,
): { from: number; to: number } {
  if (from === undefined && to === undefined) {
    const instant = at ?? now
    return { from: instant, to: instant + 1 }
  }
  if (at !== undefined) throw new ExpectedError('invalid', 'at: a time or a period (from, to), not both')
  if (from === undefined || to === undefined) {
    throw new ExpectedError('invalid', `${from === undefined ? 'from' : 'to'}: a period has both`)
  }
  if (to <= from) throw new ExpectedError('invalid', 'to: is not after from')
  return { from, to }
}
