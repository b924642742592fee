import type { Regime, Visit } from '../../../core/visit.ts'
import type { InSight, Page, PageRequest } from './page.ts'

export interface VisitFilter {
  readonly deviceId?: string
  /** A place, with all that is in it. */
  readonly siteId?: string
  readonly teamId?: string
  readonly verdict?: NonNullable<Visit['verdict']>
  /** Of `startedAt`, ms since 1970; `to` is exclusive. */
  readonly from?: number
  readonly to?: number
}

/** A setting: `VisitsToRecord`. */
export const visitsToRecord = 'visits-to-record'

/** Visits of a version without chains that have none yet, by the order in which they were written down: after one, up to another. */
export interface VisitsToRecord {
  readonly after: number
  readonly upTo: number
}

/** Maintenance regimes and claimed visits. */
export interface VisitTables {
  /**
   * The present regime ends where this one begins.
   * @throws {ExpectedError} `invalid` when one begins then or later already: history is not rewritten
   */
  insertRegime(regime: Omit<Regime, 'validUntil'>): Promise<void>
  /** Newest first. */
  regimesOf(deviceId: string): Promise<Regime[]>
  /** When the first regime of each began, ms since 1970; devices without any are absent. */
  firstRegimesOf(deviceIds: readonly string[]): Promise<Map<string, number>>
  /** Those that hold at `at` of devices in service, by device, after a device id. */
  regimesAt(at: number, page: PageRequest): Promise<Page<Regime>>

  /** All of them; those that are there already (device and beginning) are left alone. Answers the ids of those that were new. */
  insertVisitsIfAbsent(visits: readonly Visit[]): Promise<string[]>
  /** Of the one that was written down last; 0 when there is none. */
  newestVisitNumber(): Promise<number>
  /**
   * Of the next `limit` visits of these, in the order that they were written down, those of which no event says how they came to be,
   * locked. `last`: after which the next ones follow; null when there were none.
   */
  lockUnrecordedVisits(these: VisitsToRecord, limit: number): Promise<{ visits: Visit[]; last: number | null }>
  visit(id: string): Promise<Visit | undefined>
  /** Those that there are, in any order. */
  visitsByIds(ids: readonly string[]): Promise<Visit[]>
  lockVisit(id: string): Promise<Visit | undefined>
  setVerdict(id: string, verdict: Pick<Visit, 'verdict' | 'verdictText' | 'verdictEvidence'>): Promise<void>
  /** Newest first. */
  visits(page: PageRequest & InSight & VisitFilter): Promise<Page<Visit>>
  /** Those of these devices that began at `from` or later, oldest first. */
  visitsSince(deviceIds: readonly string[], from: number): Promise<Visit[]>
  /** Claimed since then, and not proven: what telemetry that came late may still prove. */
  unprovenSince(claimedAt: number): Promise<Visit[]>
}
