import type { DutyEntry, DutyLine } from '../../../core/duty-log.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** In ms since 1970; `from` inclusive, `to` exclusive. */
export interface Period {
  readonly from?: number
  readonly to?: number
}

export type TakenOver = Pick<DutyEntry, 'takenOverAt' | 'takenOverName' | 'takenOverBy'>

/** What shifts write down. */
export interface DutyLogTables {
  insertDutyEntry(entry: DutyEntry): Promise<void>
  /** Locked until the transaction ends. */
  lockDutyEntry(id: string): Promise<DutyEntry | undefined>
  takeOver(id: string, takenOver: TakenOver): Promise<void>
  /** Newest first; `waiting`: only handovers that nobody has taken over. */
  dutyEntries(page: PageRequest & InSight & Period & { waiting?: boolean }): Promise<Page<DutyEntry>>
  /** What was written, taken over and done about orders, in one line each, oldest first. */
  dutyLines(page: PageRequest & InSight & Required<Period>): Promise<Page<DutyLine>>
}
