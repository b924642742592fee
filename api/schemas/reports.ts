import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { reportFormats, reportStates, reportTypes, scheduledTypes } from '../../core/report.ts'
import { locales } from '../../core/words.ts'
import * as fields from '../../registry/fields.ts'
import { Instant, notYet, pageShape, shownOnce } from './shared.ts'

const filterShape = {
  insurerId: Identifier.optional().describe('Only what this company insures'),
  maintainerId: Identifier.optional().describe('Only what this company maintains'),
  siteId: Identifier.optional().describe('Only what is at this place'),
}

export const NewReport = z
  .strictObject({
    period: z.string().max(20).optional().describe('A month or a quarter in Shanghai: `2026-11`, `2026-Q4`'),
    from: Instant.optional().describe('Instead of `period`'),
    to: Instant.optional().describe('Exclusive'),
    asOf: Instant.optional().describe('As it was known then; as it is known now, if it is not said'),
    ...filterShape,
  })
  .meta({ id: 'NewReport' })

const filter = z.object({
  insurerId: z.string().optional(),
  maintainerId: z.string().optional(),
  siteId: z.string().optional(),
})

const summary = z.object({ 'zh-CN': z.array(z.string()).readonly(), en: z.array(z.string()).readonly() })

export const Report = z
  .object({
    id: z.string(),
    type: z.enum(reportTypes),
    from: Instant,
    to: Instant,
    asOf: notYet.describe('What was known then is what it rests on; null until it is made'),
    filter,
    scheduleId: z.string().nullable(),
    requestedAt: Instant,
    requestedBy: z.string(),
    state: z.enum(reportStates),
    error: z.string().nullable(),
    endedAt: notYet,
    summary: summary.nullable(),
    sealed: z.object({ number: z.int(), at: Instant, hash: z.string() }).nullable(),
  })
  .meta({ id: 'Report' })

const ReportFile = z.object({
  name: z.string().describe('GET /quality/reports/{id}/files/{name}'),
  format: z.enum(reportFormats),
  locale: z.enum(locales),
  sha256: z.string(),
  bytes: z.int(),
  removedAt: notYet.describe('It is not kept any longer since then'),
})

export const ReportDetail = Report.extend({ files: z.array(ReportFile).readonly() }).meta({ id: 'ReportDetail' })

export const ReportsQuery = z.strictObject({
  type: z.enum(reportTypes).optional(),
  state: z.enum(reportStates).optional(),
  scheduleId: z.guid().optional(),
  ...pageShape,
})

/** Any text: what is not in the table is not there. */
export const ReportFileParams = z.object({ id: z.guid(), name: z.string() })

export const NewReportShare = z
  .strictObject({
    name: fields.Name.describe('Whom it is for'),
    expiresAt: Instant.describe('At most a year ahead'),
  })
  .meta({ id: 'NewReportShare' })

export const ReportShare = z
  .object({
    id: z.string(),
    reportId: z.string(),
    name: z.string(),
    createdAt: Instant,
    createdBy: z.string(),
    expiresAt: Instant,
    revokedAt: notYet,
    revokedBy: z.string().nullable(),
    uses: z.int(),
    lastUsedAt: notYet,
  })
  .meta({ id: 'ReportShare' })

export const ReportShares = z.object({ items: z.array(ReportShare).readonly(), nextCursor: z.null() })

export const MadeReportShare = ReportShare.extend({
  url: shownOnce('The link, shown now and never again'),
}).meta({ id: 'MadeReportShare' })

const recipientShape = {
  name: fields.Name,
  channelId: Identifier,
  address: fields.PlainText.min(1).max(200).nullable().default(null),
  locale: z.enum(locales).default('zh-CN'),
}

export const NewReportSchedule = z
  .strictObject({
    type: z.enum(scheduledTypes),
    since: Instant.optional().describe('The first period is the one around this; the running one, if it is not said'),
    recipients: z.array(z.strictObject(recipientShape)).max(20).readonly().default([]),
    ...filterShape,
  })
  .meta({ id: 'NewReportSchedule' })

export const ReportSchedule = z
  .object({
    id: z.string(),
    type: z.enum(scheduledTypes),
    filter,
    recipients: z
      .array(
        z.object({
          name: z.string(),
          channelId: z.string(),
          address: z.string().nullable(),
          locale: z.enum(locales),
        }),
      )
      .readonly(),
    createdAt: Instant,
    createdBy: z.string(),
    since: Instant,
    endedAt: notYet,
    endedBy: z.string().nullable(),
  })
  .meta({ id: 'ReportSchedule' })

export const ReportSchedulesQuery = z.strictObject(pageShape)
