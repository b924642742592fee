export const dutyEntryTypes = ['note', 'handover'] as const

/** What a duty room wrote down: a remark, or what the next shift must know, which waits until somebody takes it over. */
export interface DutyEntry {
  readonly id: string
  readonly at: number
  readonly type: (typeof dutyEntryTypes)[number]
  /** What it is about, with all that is in it; null = everything there is. */
  readonly siteId: string | null
  readonly text: string
  /** The person's own name: one account may be a whole shift's. */
  readonly name: string
  /** The account. */
  readonly writtenBy: string
  /** Null = not yet; a note is never taken over. */
  readonly takenOverAt: number | null
  readonly takenOverName: string | null
  readonly takenOverBy: string | null
}

/** One line of a duty log: what was written down, or what was done about an order. */
export interface DutyLine {
  readonly at: number
  /** `note`, `handover`, `taken-over`, or that of an order's event. */
  readonly type: string
  /** The person, where they gave a name; else the account, the crew's member or `liftwatt`. */
  readonly who: string
  readonly siteId: string | null
  readonly deviceId: string | null
  readonly orderId: string | null
  readonly finding: string | null
  /** What was written, or what the order is about. */
  readonly text: string
  /** What was said with an order's event. */
  readonly data: Readonly<Record<string, unknown>>
}
