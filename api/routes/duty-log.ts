import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Clock, dayMs } from '../../core/clock.ts'
import type { Sight } from '../../core/sight.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { createDutyLog, dutyLines, dutyLogCsv } from '../../workorders/crews/duty-log.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { DutyEntry, DutyLogExportQuery, DutyLogQuery, NewDutyEntry, pageOf, TakeOver, UuidParams } from '../schemas.ts'
import { dispatchers, forRoles, placed } from '../scope.ts'

const tags = ['duty log']

/** What a duty room writes down, hands over and takes over, and its log as a file. */
export const dutyLogRoutes: FastifyPluginAsyncZod<{ operations: Operations; clock: Clock }> = async (
  app,
  { operations, clock },
) => {
  const dutyLog = createDutyLog({ operations, clock })

  app.get(
    '/duty-log',
    {
      config: forRoles(null, placed),
      schema: {
        tags,
        summary: 'Remarks and handovers of the duty room, newest first',
        querystring: DutyLogQuery,
        response: { 200: pageOf(DutyEntry), ...problems() },
      },
    },
    async ({ query, sight }) => operations.dutyEntries({ ...pageRequest(query), sight }),
  )

  app.post(
    '/duty-log',
    {
      config: forRoles(null, dispatchers),
      schema: {
        tags,
        summary: 'A remark, or what the next shift must know',
        body: NewDutyEntry,
        response: { 201: DutyEntry, ...problems() },
      },
    },
    async (request, reply) => {
      const { body, actor, sight } = request
      const siteId = body.siteId ?? onlySiteOf(sight)
      if (siteId !== null || sight !== 'everything') await request.mustSee('site', siteId, 'siteId')
      return reply.code(201).send(await dutyLog.write({ ...body, siteId }, actor))
    },
  )

  app.post(
    '/duty-log/:id/take-over',
    {
      config: forRoles('dutyEntry', dispatchers),
      schema: {
        tags,
        summary: 'Somebody of the next shift confirms by name that they know what is handed over',
        params: UuidParams,
        body: TakeOver,
        response: { 200: DutyEntry, ...problems(404, 409) },
      },
    },
    async ({ params, body, actor }) => dutyLog.takeOver(params.id, body.name, actor),
  )

  app.get(
    '/duty-log/export',
    {
      config: forRoles(null, placed),
      schema: {
        tags,
        summary:
          'The log as CSV, oldest first: what was written, taken over and done about orders. The last day, unless said',
        querystring: DutyLogExportQuery,
        response: {
          200: { description: 'The whole of it, streamed', content: { 'text/csv': { schema: z.unknown() } } },
          ...problems(),
        },
      },
    },
    async ({ query, sight }, reply) => {
      const to = query.to ?? clock()
      const lines = dutyLines(operations, { from: query.from ?? to - dayMs, to, sight })
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="duty-log.csv"')
        .send(Readable.from(dutyLogCsv(lines)))
    },
  )
}

/** Whoever answers for one place writes about it. */
function onlySiteOf(sight: Sight): string | null {
  return sight !== 'everything' && sight.sites.length === 1 ? (sight.sites[0] ?? null) : null
}
