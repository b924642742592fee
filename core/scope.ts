import type { SitePath, SiteType } from './site.ts'

export type ScopeType = 'device' | 'gateway' | 'feeder' | SiteType

/** What an incident is about: one device, or something larger (a gateway, a building, a feeder). */
export interface Scope {
  readonly type: ScopeType
  readonly id: string
}

/** What an incident belonged to when it was found: by these it is grouped and inhibited. */
export interface Place {
  readonly gatewayId: string | null
  readonly feederId: string | null
  /** The site that the device names, whatever its type; it may be unknown to us. */
  readonly siteId: string | null
  readonly path: SitePath
}

export const nowhere: Place = { gatewayId: null, feederId: null, siteId: null, path: {} }
