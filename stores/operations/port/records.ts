import type { QuarantineItem } from '../../../core/quarantine.ts'
import type { InSight, Page, PageRequest } from './page.ts'

export interface AuditEntry {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What the audit is asked for; what is undefined asks for nothing. */
export interface AuditQuery extends PageRequest {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  /** Inclusive, ms. */
  readonly from?: number
  /** Exclusive, ms. */
  readonly to?: number
}

/** With what the thing was before and after, where a history of it is kept; null = there was none, or no history. */
export interface AuditRecord extends AuditEntry {
  readonly id: number
  readonly before: unknown
  readonly after: unknown
}

/** What was not accepted, what was done, what is set. */
export interface RecordTables {
  /**
   * An item that is there already (same journal and position) gets the faults that it had not: a message may be faulted by its
   * schema and by the history store. Answers the items that changed something.
   */
  insertQuarantine(journalId: string, items: readonly QuarantineItem[]): Promise<QuarantineItem[]>
  /** How many of these gateways' messages that were received since then (ms, inclusive) are in it; a gateway without any is absent. */
  quarantinedSince(gatewayIds: readonly string[], since: number): Promise<Map<string, number>>
  /** Newest first; with `isMapped` only what a gateway with a mapping said in its own words. */
  quarantine(
    page: PageRequest & InSight & { gatewayId?: string; deviceId?: string; isMapped?: true },
  ): Promise<Page<QuarantineItem>>
  /** Drops what was received before, and the oldest beyond `maxBytes` of raw payloads. Answers how many went. */
  trimQuarantine(limits: { receivedBefore: number; maxBytes: number }): Promise<number>

  /** In one statement: at most 10,000. */
  insertAudit(...entries: readonly AuditEntry[]): Promise<void>
  /** Newest first, as they were written. */
  audit(query: AuditQuery): Promise<Page<AuditRecord>>

  /** How much there is: gateways that may connect, devices in service, orders neither closed nor cancelled. */
  counts(): Promise<{ gateways: number; devices: number; openOrders: number }>

  setting(key: string): Promise<unknown>
  putSetting(key: string, value: unknown): Promise<void>
}
