import type { RecordEvent } from '../core/record-chain.ts'

/** What happened to a record, without the whole of it that each of its events says for `verify`: it stands beside them. */
export function shownEvents(events: readonly RecordEvent[]): RecordEvent[] {
  return events.map(({ data: { record: _, ...data }, ...event }) => ({ ...event, data }))
}
