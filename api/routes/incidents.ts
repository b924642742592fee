import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { acknowledgeIncident } from '../../analytics/acknowledge.ts'
import { explanationOf } from '../../analytics/explanation.ts'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { keyOf } from '../idempotency.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { Evidence } from '../schemas/shared.ts'
import {
  IdempotencyHeaders,
  Incident,
  IncidentDetail,
  IncidentsQuery,
  NoWords,
  pageOf,
  UuidParams,
} from '../schemas.ts'
import { dispatchers, forRoles, watchers } from '../scope.ts'
import { RuleChange, Settings } from './rules.ts'

const tags = ['incidents']
const childrenShown = 100

const Explanation = z
  .object({
    measured: Evidence,
    baseline: Evidence.describe('What is usual for this very device'),
    limits: Evidence.describe('What it was held against'),
    rule: z
      .object({
        version: z.int().describe('0 = as it ships'),
        settings: Settings.describe('As they were then'),
        change: RuleChange.nullable().describe('Who set them, when and why; null as it ships'),
        finds: z.string(),
        source: z.string().describe('Standard and clause, paper, or "unverified default"'),
        reads: z.array(z.string()).readonly().describe('Metrics without which it sees nothing'),
        mayRead: z.array(z.string()).readonly().describe('Metrics that it uses when they are there'),
      })
      .nullable()
      .describe('Null where no rule found it: what people report, or what collects others'),
  })
  .meta({ id: 'IncidentExplanation' })

export const incidentRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, kinds, clock }) => {
  /** @throws {ExpectedError} `not-found` */
  async function known(id: string) {
    const incident = await operations.incident(id)
    if (incident === undefined) throw new ExpectedError('not-found', `There is no incident ${id}`)
    return incident
  }

  app.get(
    '/incidents',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'What was detected, newest first',
        querystring: IncidentsQuery,
        response: { 200: pageOf(Incident), ...problems() },
      },
    },
    async ({ query, sight }) => operations.incidents({ ...pageRequest(query), sight }),
  )

  app.get(
    '/incidents/:id',
    {
      config: forRoles('incident', watchers),
      schema: {
        tags,
        summary: 'One incident, with its evidence and what it collects or explains',
        params: UuidParams,
        response: { 200: IncidentDetail, ...problems(404) },
      },
    },
    async ({ params: { id }, sight }) => {
      const incident = await known(id)
      const { items: children } = await operations.incidents({ parentId: id, limit: childrenShown, sight })
      return { ...incident, children, childCount: await operations.countChildren(id, sight) }
    },
  )

  app.get(
    '/incidents/:id/explanation',
    {
      config: forRoles('incident', watchers),
      schema: {
        tags,
        summary: 'Why it was found: what was measured, against which baseline and limit, by which rule as it was then',
        params: UuidParams,
        response: { 200: Explanation, ...problems(404) },
      },
    },
    async ({ params: { id } }) => explanationOf(operations, kinds, await known(id)),
  )

  app.post(
    '/incidents/:id/acknowledge',
    {
      config: forRoles('incident', dispatchers),
      schema: {
        tags,
        summary: 'Somebody has seen it; it stays open or cleared, and so does its order',
        params: UuidParams,
        headers: IdempotencyHeaders,
        body: NoWords.nullable(),
        response: { 200: Incident, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { params, actor } = request
      return acknowledgeIncident(operations, { id: params.id, actor, now: clock(), ...keyOf(request) })
    },
  )
}
