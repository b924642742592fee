import type { OrderOutcome } from '../../../core/incident.ts'
import type { RuleChange, RuleScope } from '../../../core/rule.ts'
import type { Page, PageRequest } from './page.ts'

/** What detectors must know in its place among the readings: it waits here until the journal has it. */
export type JournalNote =
  | { readonly type: 'rules'; readonly version: number }
  | { readonly type: 'work'; readonly deviceId: string; readonly finding: string }

export interface IncidentOutcomeRow {
  readonly deviceId: string
  readonly occurredAt: number
  readonly orderId: string | null
  readonly outcome: OrderOutcome | null
}

/** What people changed about rules, only ever added to; and what of people's doings goes into the journal. */
export interface RuleTables {
  /** Changes are made one transaction after the other, so that versions rise in the order in which they become visible. */
  insertRuleChange(change: Omit<RuleChange, 'version'>): Promise<RuleChange>
  /** The newest of each finding and scope, up to a version; those that take everything back are left out. */
  ruleChanges(which: { upTo: number; finding?: string }): Promise<RuleChange[]>
  /** Of the newest change; 0 while there is none. */
  ruleVersion(): Promise<number>
  /** Newest first. */
  ruleHistory(finding: string, page: PageRequest & { scope?: RuleScope }): Promise<Page<RuleChange>>
  /** Incidents of a finding on devices, detected from `from` on and before `to`, with what came of their orders. */
  outcomesOf(which: { finding: string; from: number; to: number }): Promise<IncidentOutcomeRow[]>
  insertJournalNote(note: JournalNote): Promise<void>
  /** Oldest first. */
  journalNotes(limit: number): Promise<{ readonly id: number; readonly note: JournalNote }[]>
  deleteJournalNotes(ids: readonly number[]): Promise<void>
  /** Every site → itself and all above it, nearest first. */
  allSitesAbove(): Promise<Map<string, readonly string[]>>
}
