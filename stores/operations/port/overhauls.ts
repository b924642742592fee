import type { Overhaul, OverhaulState } from '../../../core/overhaul.ts'
import type { ForecastDay } from './health.ts'
import type { InSight, Page, PageRequest } from './page.ts'

export interface OverhaulFilter {
  readonly deviceId?: string
  /** A place, with all that is in it. */
  readonly siteId?: string
  readonly teamId?: string
  readonly state?: OverhaulState
  /** Of `proposedAt`, ms since 1970; `to` is exclusive. */
  readonly from?: number
  readonly to?: number
}

/** A warning that holds, and about which nobody has proposed or done anything since it began. */
export interface StandingWarning {
  readonly incidentId: string
  readonly deviceId: string
  readonly finding: string
  readonly summary: string
  /** ms since 1970. */
  readonly occurredAt: number
  readonly teamId: string | null
}

/** Proposals of parts and overhauls. */
export interface OverhaulTables {
  insertOverhaul(overhaul: Overhaul): Promise<void>
  updateOverhaul(
    id: string,
    change: Partial<
      Pick<
        Overhaul,
        'state' | 'decidedAt' | 'decidedBy' | 'decisionReason' | 'settledFen' | 'doneAt' | 'doneBy' | 'doneNote'
      >
    >,
  ): Promise<void>
  overhaul(id: string): Promise<Overhaul | undefined>
  lockOverhaul(id: string): Promise<Overhaul | undefined>
  /** Newest first. */
  overhauls(page: PageRequest & InSight & OverhaulFilter): Promise<Page<Overhaul>>
  /** All of these devices, oldest first. */
  overhaulsOf(deviceIds: readonly string[]): Promise<Overhaul[]>
  /** What was foreseen of a device on the newest day on which anything was, by finding. */
  newestForecasts(deviceId: string): Promise<ForecastDay[]>
  /** Warnings and worse on this device from then on, ms: a proposal without any had nothing behind it. */
  countFindings(deviceId: string, from: number, to: number): Promise<number>
  /** Those that began before `before`, by incident. */
  standingWarnings(before: number, page: PageRequest & InSight): Promise<Page<StandingWarning>>
}
