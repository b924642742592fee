import type {
  KeptReport,
  ReportFile,
  ReportSchedule,
  ReportShare,
  ReportState,
  ReportType,
  SealHead,
} from '../../../core/report.ts'
import type { InSight, Page, PageRequest } from './page.ts'

export interface MadeReport extends Pick<KeptReport, 'asOf' | 'endedAt' | 'summary' | 'sealed'> {
  readonly files: readonly (Omit<ReportFile, 'bytes' | 'removedAt'> & { readonly content: Uint8Array })[]
}

/** Reports with their files, who may read them by a link, and when they come by themselves. */
export interface ReportTables {
  /** False when its schedule has one of this period already. */
  insertReport(report: KeptReport): Promise<boolean>
  report(id: string): Promise<KeptReport | undefined>
  /** Newest first. */
  reports(
    page: PageRequest & InSight & { type?: ReportType; state?: ReportState; scheduleId?: string },
  ): Promise<Page<KeptReport>>
  /** Oldest first. */
  waitingReports(limit: number): Promise<KeptReport[]>
  /** With its files. False when it does not wait any more. */
  finishReport(id: string, made: MadeReport): Promise<boolean>
  /** False when it does not wait any more. */
  failReport(id: string, error: string, endedAt: number): Promise<boolean>
  /** It waits again. False when it has not failed. */
  retryReport(id: string): Promise<boolean>
  reportFiles(reportId: string): Promise<ReportFile[]>
  /** What is in files of reports that were made before. Answers how many files; their names and hashes stay. */
  removeReportFiles(madeBefore: number, removedAt: number): Promise<number>
  /** Undefined also when what was in it is removed. */
  reportFile(reportId: string, name: string): Promise<(ReportFile & { content: Uint8Array }) | undefined>

  /** @param tokenSha256 hex, of the link's token, which is nowhere else */
  insertReportShare(share: ReportShare, tokenSha256: string): Promise<void>
  /** Newest first. */
  reportShares(reportId: string): Promise<ReportShare[]>
  /** Whether it is over or not. */
  reportShareOf(tokenSha256: string): Promise<ReportShare | undefined>
  /** What it was; undefined when there is none, or it is revoked already. */
  revokeReportShare(id: string, by: { revokedAt: number; revokedBy: string }): Promise<ReportShare | undefined>
  countShareUse(id: string, at: number): Promise<void>

  insertReportSchedule(schedule: ReportSchedule): Promise<void>
  /** Newest first. */
  reportSchedules(page: PageRequest & InSight): Promise<Page<ReportSchedule>>
  reportSchedule(id: string): Promise<ReportSchedule | undefined>
  liveReportSchedules(): Promise<ReportSchedule[]>
  /** False when there is none, or it has ended already. */
  endReportSchedule(id: string, by: { endedAt: number; endedBy: string }): Promise<boolean>

  /** The newest seal that was there at a time, ms since 1970. */
  sealAt(at: number): Promise<SealHead | undefined>
}
