import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { type Clock, dayMs, secondMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { type Overhaul as KnownOverhaul, leadMsOf } from '../../core/overhaul.ts'
import { standsTooLongDays } from '../../quality/overhauls/hints.ts'
import type { Overhauls } from '../../quality/overhauls/overhauls.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { shownEvents } from '../record-events.ts'
import {
  NewOverhaul,
  Overhaul,
  OverhaulDecision,
  OverhaulDetail,
  OverhaulDone,
  OverhaulsQuery,
  pageOf,
  StandingWarning,
  UnderRepairQuery,
  UuidParams,
} from '../schemas.ts'
import { forRoles, menders, reviewers, settlers } from '../scope.ts'

const tags = ['overhauls']

/** Parts and overhauls: a maintainer proposes, an insurer decides, a maintainer does. */
export const overhaulRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  overhauls: Overhauls
  clock: Clock
}> = async (app, { operations, overhauls, clock }) => {
  async function detail(overhaul: KnownOverhaul) {
    const [hints, events] = [await overhauls.hints(overhaul), await operations.recordEventsOf(overhaul.id)]
    return { ...shown(overhaul), hints, events: shownEvents(events) }
  }

  app.post(
    '/overhauls',
    {
      config: forRoles(null, menders),
      schema: {
        tags,
        summary: 'Proposes a part or an overhaul',
        body: NewOverhaul,
        response: { 201: OverhaulDetail, ...problems(404) },
      },
    },
    async (request, reply) => {
      const { body, actor } = request
      await request.mustSee('ownDevice', body.deviceId, 'deviceId')
      for (const [index, sha256] of (body.evidence ?? []).entries()) {
        await request.mustSee('evidence', sha256, `evidence.${index}`)
      }
      const overhaul = await overhauls.propose(body, actor)
      return reply
        .code(201)
        .header('location', `/api/v1/overhauls/${overhaul.id}`)
        .send(await detail(overhaul))
    },
  )

  app.get(
    '/overhauls',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary: 'Proposals of parts and overhauls, newest first',
        querystring: OverhaulsQuery,
        response: { 200: pageOf(Overhaul), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const { items, nextCursor } = await operations.overhauls({ ...pageRequest(query), sight })
      return { items: items.map(shown), nextCursor }
    },
  )

  app.get(
    '/overhauls/under-repair',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary: 'Warnings that stand for long, and about which nobody has proposed anything',
        querystring: UnderRepairQuery,
        response: { 200: pageOf(StandingWarning), ...problems() },
      },
    },
    async ({ query: { days = standsTooLongDays, ...page }, sight }) =>
      operations.standingWarnings(clock() - days * dayMs, { ...pageRequest(page), sight }),
  )

  app.get(
    '/overhauls/:id',
    {
      config: forRoles('overhaul', reviewers),
      schema: {
        tags,
        summary: 'One proposal, with what happened to it, and what to look at twice',
        params: UuidParams,
        response: { 200: OverhaulDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const overhaul = await operations.overhaul(id)
      if (overhaul === undefined) throw new ExpectedError('not-found', `There is no proposal ${id}`)
      return detail(overhaul)
    },
  )

  app.post(
    '/overhauls/:id/decide',
    {
      config: forRoles('overhaul', settlers),
      schema: {
        tags,
        summary: 'The insurer approves or refuses, with a reason and what is paid',
        params: UuidParams,
        body: OverhaulDecision,
        response: { 200: OverhaulDetail, ...problems(404, 409) },
      },
    },
    async ({ params, body, actor }) => detail(await overhauls.decide(params.id, body, actor)),
  )

  app.post(
    '/overhauls/:id/done',
    {
      config: forRoles('overhaul', menders),
      schema: {
        tags,
        summary: 'What was approved is done',
        params: UuidParams,
        body: OverhaulDone,
        response: { 200: OverhaulDetail, ...problems(404, 409) },
      },
    },
    async ({ params, body, actor }) => detail(await overhauls.done(params.id, body ?? {}, actor)),
  )
}

function shown(overhaul: KnownOverhaul) {
  const leadMs = leadMsOf(overhaul)
  return { ...overhaul, leadSeconds: leadMs === null ? null : leadMs / secondMs }
}
