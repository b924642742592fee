import type { Concerned, Sight, Sighted } from '../../../core/sight.ts'
import type { StreamEvent } from './notices.ts'

/** Who sees what. */
export interface SightTables {
  /** Whether it is there, and in this sight; a feeder is when there are devices on it, and all of them are. */
  sees(sight: Sight, what: Sighted, id: string): Promise<boolean>
  /** Whom these events concern, by the number of the event; those about nothing that is known are absent. */
  concernedBy(events: readonly StreamEvent[]): Promise<Map<number, Concerned>>
}
