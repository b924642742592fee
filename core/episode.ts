import type { Evidence } from './detector.ts'
import type { Scope } from './scope.ts'
import type { Severity } from './severity.ts'

/**
 * What one journal entry did to one episode: a stretch of time in which one detector's condition held on one device.
 *
 * `opened`    the condition holds now; an emergency must be confirmed by a fresh reading first
 * `repeated`  it still holds (said every 5 minutes while it is an emergency, else every hour)
 * `upgraded`  it holds more severely than before
 * `cleared`   it is over, on fresh data
 * `passed`    it began and ended before we could have acted (store and forward): recorded, nobody is sent
 */
export type EpisodeChange = 'opened' | 'repeated' | 'upgraded' | 'cleared' | 'passed'

/** The same journal always gives the same episode events, byte for byte. Times in ms since 1970. */
export interface EpisodeEvent {
  readonly change: EpisodeChange
  /** A device; a gateway, when it is silent itself. */
  readonly scope: Scope
  /** Null when the scope is no device. */
  readonly deviceId: string | null
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
  readonly evidence: Evidence
  /** When the condition began: with scope and finding, the episode's identity. Device time. */
  readonly occurredAt: number
  /** Device time of the reading or tick that made this change. */
  readonly at: number
  /** When the device's last message reached us. */
  readonly receivedAt: number
  /** Receipt, by our clock, of the journal entry that made this change. */
  readonly detectedAt: number
  /** Of the rule's settings; 0 = as it ships. */
  readonly ruleVersion: number
  /** That entry's position in the journal: at most one event per position, scope and finding. */
  readonly position: number
}
