import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import { localDate, shanghai } from '../../core/local-time.ts'
import type { ReportFile, ReportFormat } from '../../core/report.ts'
import type { Reports } from '../../quality/reports/reports.ts'
import type { ReportSchedules } from '../../quality/reports/schedules.ts'
import type { ReportShares as Shares } from '../../quality/reports/shares.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  MadeReportShare,
  NewReport,
  NewReportSchedule,
  NewReportShare,
  pageOf,
  Report,
  ReportDetail,
  ReportFileParams,
  ReportSchedule,
  ReportSchedulesQuery,
  ReportShares,
  ReportsQuery,
  UuidParams,
} from '../schemas.ts'
import { forRoles, reviewers, settlers } from '../scope.ts'

const tags = ['reports']

interface Options {
  readonly operations: Operations
  readonly reports: Reports
  readonly reportShares: Shares
  readonly reportSchedules: ReportSchedules
  readonly publicUrl?: string | undefined
}

/** Reports are seen by whoever sees at least what they were made of. */
export const reportRoutes: FastifyPluginAsyncZod<Options> = async (app, options) => {
  for (const routes of [ofReports, ofShares, ofSchedules]) await routes(app, options)
}

const ofReports: FastifyPluginAsyncZod<Options> = async (app, { operations, reports }) => {
  app.post(
    '/quality/reports',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary:
          'Asks for a report of what the caller sees; it is made by itself, and is there when its state is `done`',
        body: NewReport,
        response: { 202: Report, ...problems() },
      },
    },
    async (request, reply) => {
      const { actor, sight } = request
      const { insurerId, maintainerId, siteId, ...asked } = request.body
      if (siteId !== undefined) await request.mustSee('site', siteId, 'siteId')
      const report = await reports.request({ ...asked, filter: { insurerId, maintainerId, siteId } }, { actor, sight })
      return reply.code(202).header('location', `/api/v1/quality/reports/${report.id}`).send(report)
    },
  )

  app.get(
    '/quality/reports',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary: 'Reports, newest first',
        querystring: ReportsQuery,
        response: { 200: pageOf(Report), ...problems() },
      },
    },
    async ({ query, sight }) => operations.reports({ ...pageRequest(query), sight }),
  )

  app.get(
    '/quality/reports/:id',
    {
      config: forRoles('report', reviewers),
      schema: {
        tags,
        summary: 'One report, with its summary and its files',
        params: UuidParams,
        response: { 200: ReportDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const report = await operations.report(id)
      if (report === undefined) throw new ExpectedError('not-found', `There is no report ${id}`)
      return { ...report, files: await operations.reportFiles(id) }
    },
  )

  app.post(
    '/quality/reports/:id/retry',
    {
      config: forRoles('report', reviewers),
      schema: {
        tags,
        summary: 'Has a report made that failed: the same, of what its first reader saw',
        params: UuidParams,
        response: { 202: Report, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, actor }, reply) => reply.code(202).send(await reports.retry(id, actor)),
  )

  app.get(
    '/quality/reports/:id/files/:name',
    {
      config: forRoles('report', reviewers),
      schema: {
        tags,
        summary: 'One of its files',
        params: ReportFileParams,
        response: {
          200: { description: 'The bytes', content: { 'application/octet-stream': { schema: z.any() } } },
          ...problems(404),
        },
      },
    },
    async ({ params: { id, name } }, reply) => {
      const file = await operations.reportFile(id, name)
      if (file === undefined) throw new ExpectedError('not-found', await whyNoFile(operations, id, name))
      return sendReportFile(reply, file)
    },
  )
}

const ofShares: FastifyPluginAsyncZod<Options> = async (app, { operations, reportShares, publicUrl }) => {
  app.post(
    '/quality/reports/:id/shares',
    {
      config: forRoles('report', settlers),
      schema: {
        tags,
        summary: 'A link by which whoever has it reads this one report, until it is over or revoked',
        params: UuidParams,
        body: NewReportShare,
        response: { 201: MadeReportShare, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor, protocol, host }, reply) => {
      const { token, ...share } = await reportShares.add(id, body, actor)
      return reply.code(201).send({ ...share, url: `${publicUrl ?? `${protocol}://${host}`}/r/${token}` })
    },
  )

  app.get(
    '/quality/reports/:id/shares',
    {
      config: forRoles('report', settlers),
      schema: {
        tags,
        summary: 'Its links, newest first, with how often each was used; who read which file stands in the audit',
        params: UuidParams,
        response: { 200: ReportShares, ...problems(404) },
      },
    },
    async ({ params: { id } }) => ({ items: await operations.reportShares(id), nextCursor: null }),
  )

  app.delete(
    '/quality/report-shares/:id',
    {
      config: forRoles('reportShare', settlers),
      schema: {
        tags,
        summary: 'Revokes a link: it opens nothing any more',
        params: UuidParams,
        response: { 204: z.null(), ...problems(404, 409) },
      },
    },
    async ({ params: { id }, actor }, reply) => {
      await reportShares.revoke(id, actor)
      return reply.code(204).send(null)
    },
  )
}

const ofSchedules: FastifyPluginAsyncZod<Options> = async (app, { operations, reportSchedules, reports }) => {
  app.post(
    '/quality/report-schedules',
    {
      schema: {
        tags,
        summary: 'A report of each month or quarter, made when it is over and sent to its recipients as a link',
        body: NewReportSchedule,
        response: { 201: ReportSchedule, ...problems() },
      },
    },
    async ({ body: { insurerId, maintainerId, siteId, ...asked }, actor }, reply) => {
      const schedule = await reportSchedules.add({ ...asked, filter: { insurerId, maintainerId, siteId } }, actor)
      reports.wake()
      return reply.code(201).send(schedule)
    },
  )

  app.get(
    '/quality/report-schedules',
    {
      config: forRoles(null, settlers),
      schema: {
        tags,
        summary: 'Schedules, newest first; also those that have ended',
        querystring: ReportSchedulesQuery,
        response: { 200: pageOf(ReportSchedule), ...problems() },
      },
    },
    async ({ query, sight }) => operations.reportSchedules({ ...pageRequest(query), sight }),
  )

  app.delete(
    '/quality/report-schedules/:id',
    {
      schema: {
        tags,
        summary: 'Ends a schedule; what it made stays',
        params: UuidParams,
        response: { 204: z.null(), ...problems(404) },
      },
    },
    async ({ params: { id }, actor }, reply) => {
      await reportSchedules.end(id, actor)
      return reply.code(204).send(null)
    },
  )
}

async function whyNoFile(operations: Operations, id: string, name: string): Promise<string> {
  const known = (await operations.reportFiles(id)).find((file) => file.name === name)
  if (known?.removedAt == null) return `The report has no file ${name}`
  return `${name} was removed on ${localDate(known.removedAt, shanghai)}; its hash is ${known.sha256}`
}

const mediaTypes: Readonly<Record<ReportFormat, string>> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
}

/** To be saved, never shown within our pages. */
export function sendReportFile(
  reply: FastifyReply,
  { name, format, content }: ReportFile & { content: Uint8Array },
): FastifyReply {
  return reply
    .type(mediaTypes[format])
    .header('content-disposition', `attachment; filename="${name}"`)
    .serializer((bytes: unknown) => bytes as string)
    .send(Buffer.from(content))
}
