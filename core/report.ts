import type { Sight } from './sight.ts'
import type { Locale } from './words.ts'

export const reportTypes = ['monthly', 'quarterly', 'custom'] as const
export type ReportType = (typeof reportTypes)[number]
/** What comes by itself. */
export const scheduledTypes = ['monthly', 'quarterly'] as const
export type ScheduledType = (typeof scheduledTypes)[number]

export const reportFormats = ['pdf', 'xlsx', 'csv'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** ms since 1970; `to` is exclusive. */
export interface ReportPeriod {
  readonly type: ReportType
  readonly from: number
  readonly to: number
}

/** What it is cut to, beside what whoever asked for it sees. */
export interface ReportFilter {
  readonly maintainerId?: string | undefined
  readonly insurerId?: string | undefined
  readonly siteId?: string | undefined
}

/** Where the chain of all records stood: whoever has it can tell later whether one of them was changed. */
export interface SealHead {
  readonly number: number
  /** ms since 1970. */
  readonly at: number
  readonly hash: string
}

export const reportStates = ['waiting', 'done', 'failed'] as const
export type ReportState = (typeof reportStates)[number]

/** A report that was asked for, and what became of it. */
export interface KeptReport extends ReportPeriod {
  readonly id: string
  /** What was known then is what it rests on; null = what is known when it is made, and then it says when that was. */
  readonly asOf: number | null
  readonly filter: ReportFilter
  /** Of whoever asked for it, as it was then. */
  readonly sight: Sight
  /** Null = somebody asked for it. */
  readonly scheduleId: string | null
  readonly requestedAt: number
  readonly requestedBy: string
  readonly state: ReportState
  readonly error: string | null
  readonly endedAt: number | null
  /** Null until it is done. */
  readonly summary: Readonly<Record<Locale, readonly string[]>> | null
  /** Null also when nothing was sealed yet. */
  readonly sealed: SealHead | null
}

export interface ReportFile {
  /** "liftwatt-2026-11-zh-CN.pdf" */
  readonly name: string
  readonly format: ReportFormat
  readonly locale: Locale
  /** Hex. */
  readonly sha256: string
  readonly bytes: number
  /** It is not kept any longer since then; null = it is there. */
  readonly removedAt: number | null
}

/** A link by which whoever has it reads one report. */
export interface ReportShare {
  readonly id: string
  readonly reportId: string
  /** Whom it is for. */
  readonly name: string
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
  readonly revokedAt: number | null
  readonly revokedBy: string | null
  readonly uses: number
  readonly lastUsedAt: number | null
}

/** Whom a report is sent to, once it is there. */
export interface ReportRecipient {
  readonly name: string
  readonly channelId: string
  /** On the channel; null = the channel is the address. */
  readonly address: string | null
  readonly locale: Locale
}

/** Reports that come by themselves, when their period is over. */
export interface ReportSchedule {
  readonly id: string
  readonly type: ScheduledType
  readonly filter: ReportFilter
  readonly sight: Sight
  readonly recipients: readonly ReportRecipient[]
  readonly createdAt: number
  readonly createdBy: string
  /** Periods that begin then or later; ms since 1970. */
  readonly since: number
  readonly endedAt: number | null
  readonly endedBy: string | null
}
