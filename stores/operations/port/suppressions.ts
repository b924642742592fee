import type { Incident } from '../../../core/incident.ts'
import type { Place, Scope, ScopeType } from '../../../core/scope.ts'
import type { Suppressed, Suppression, SuppressionType } from '../../../core/suppression.ts'
import type { FollowedIncident } from './orders.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** Of incidents that are found by where they are: only these have indexes. */
export type SharedPlace = Extract<ScopeType, 'device' | 'gateway' | 'feeder' | 'building' | 'estate'>

export interface FreeIncidents {
  readonly in: SharedPlace
  readonly id: string
  /** Ids of findings; `*` stands for anything. */
  readonly findings: readonly string[]
  /** Detected at or after, ms since 1970. */
  readonly from: number
  /** These too, whenever they were detected. */
  readonly alsoIds?: readonly string[]
}

export interface SurroundingsAsked {
  /** Everything that the incident belongs to. */
  readonly scopes: readonly Scope[]
  /** When suppressions must be in force, ms since 1970. */
  readonly at: number
  /** Its gateway, to look for a storm there; null = it cannot be part of one. */
  readonly gatewayId: string | null
  /** Peers are counted that were detected at or after, ms since 1970. */
  readonly peersFrom: number
}

export interface Surroundings {
  /** The other incidents of exactly these scopes that are not cleared, newest first. */
  readonly active: readonly FollowedIncident[]
  /** Those of exactly these scopes, oldest first. */
  readonly suppressions: readonly Suppression[]
  /** How many other incidents of the gateway have the same finding, are not cleared and not explained. */
  readonly peers: number
}

export interface AheadAsked {
  /** Whose newest incidents are wanted. */
  readonly episodes: readonly { readonly scope: Scope; readonly finding: string }[]
  /** Everything that they belong to. */
  readonly scopes: readonly Scope[]
  readonly gatewayIds: readonly string[]
  /** Suppressions count that are in force at any time from `from` until `until`, ms since 1970. */
  readonly from: number
  readonly until: number
  /** Peers are counted that were detected at or after, ms since 1970. */
  readonly peersFrom: number
}

export interface Ahead {
  /** With the state of their orders; not locked. Of an episode's scope and finding that never had one, none. */
  readonly newest: readonly FollowedIncident[]
  /** Of the scopes, those about exactly which an incident is not cleared, or a suppression is in force: that is in `isSaid`. */
  readonly busy: readonly (Scope & { readonly isSaid: boolean })[]
  /** How many incidents of devices are not cleared and not explained, by gateway and finding. */
  readonly peers: readonly { readonly gatewayId: string; readonly finding: string; readonly count: number }[]
}

export interface StillFelt {
  readonly incidentId: string
  readonly deviceId: string
  readonly restoredAt: number
}

export interface StoredSuppression extends Suppression {
  /** The Idempotency-Keys of its beginning and its end. */
  readonly key: string | null
  readonly endedKey: string | null
}

/** What keeps incidents from becoming orders: larger incidents, maintenance, planned work, shelving. */
export interface SuppressionTables {
  /**
   * Until the transaction ends, nobody else collects, explains or releases what shares a gateway, feeder, building or estate with
   * one of these. Whoever needs several takes them in one call, so that two never wait for each other.
   */
  lockPlace(...places: readonly Place[]): Promise<void>
  /** What may explain an incident, in one look: almost always nothing does, and everything is found in a flood. */
  surroundingsOf(incident: Pick<Incident, 'id' | 'finding'>, asked: SurroundingsAsked): Promise<Surroundings>
  /** What many incidents will ask for one by one, as it is before the first of them; by whoever holds their places. */
  lookAhead(asked: AheadAsked): Promise<Ahead>
  /**
   * Incidents of a place that are not cleared, part of nothing and explained by nothing; locked, with their orders, until the
   * transaction ends. Oldest first.
   */
  lockFreeIncidents(wanted: FreeIncidents): Promise<FollowedIncident[]>
  /** Makes them part of a larger incident; with a reason they are suppressed too. */
  takeIncidents(ids: readonly string[], parentId: string, suppressed: Suppressed | null): Promise<void>
  /** What one incident collects or explains and is not cleared goes to another. Answers how many went. */
  moveChildren(fromId: string, toId: string): Promise<number>

  /**
   * Open incidents of a device, or of all devices of a gateway and what collects them there, become unknown; their silence itself does
   * not, nor what is over for its sensor and goes on by somebody's word.
   */
  markUnknown(of: { deviceId: string } | { gatewayId: string }): Promise<void>
  /**
   * Unknown incidents are open again, but those of devices that are still silent themselves. What was over before the silence is
   * to be cleared at `clearsAt`.
   */
  markKnown(of: { deviceId: string } | { gatewayId: string }, clearsAt: number): Promise<void>

  /** What is not cleared of a device that is there no longer: nothing will ever say that it is over. Answers how many. */
  clearIncidentsOf(deviceId: string, at: number): Promise<number>
  /** Clears what was over and has stayed away until `now`. Answers how many. */
  clearQuietIncidents(now: number): Promise<number>
  /** Ids of collections none of whose members is active. */
  emptyGroups(limit: number): Promise<string[]>
  /** Of an incident's children: how many are not cleared, and when the last of the others was. */
  childrenOf(parentId: string): Promise<{ active: number; lastClearedAt: number | null }>
  /** Ids of collections that still have active members, though their order ended at or before `endedBefore`. */
  groupsWithoutOrder(endedBefore: number, limit: number): Promise<string[]>
  /**
   * Entrapments that our own rules found and that are not over, though the crew of the order that they have or joined, or of the one that it
   * was merged into, restored it at or before then. Of orders of the last day that were not closed as false alarms.
   */
  feltAfterRestored(restoredBefore: number, limit: number): Promise<StillFelt[]>
  /**
   * Ids of suppressed incidents whose condition holds and whose suppression, larger incident or, where they joined one, order is
   * over at `now`, oldest first.
   */
  releasableIncidents(now: number, limit: number): Promise<string[]>

  /** Answers false when there is one with this key. */
  insertSuppression(suppression: StoredSuppression): Promise<boolean>
  suppressionByKey(key: string): Promise<Suppression | undefined>
  suppression(id: string): Promise<Suppression | undefined>
  /** Locked until the transaction ends. */
  lockSuppression(id: string): Promise<StoredSuppression | undefined>
  endSuppression(id: string, end: { endedAt: number; endedBy: string; endedKey: string | null }): Promise<void>
  /** Those of exactly these scopes that are in force at `at`, oldest first. */
  suppressionsAt(scopes: readonly Scope[], at: number): Promise<Suppression[]>
  /** Newest first; `activeAt`: only those that are in force then. */
  suppressions(
    page: PageRequest &
      InSight & { type?: SuppressionType; scopeType?: ScopeType; scopeId?: string; activeAt?: number },
  ): Promise<Page<Suppression>>
}
