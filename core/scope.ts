import { type SitePath, type SiteType, siteTypes } from './site.ts'

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

/** What is a device's or lies somewhere, such as an incident. */
export interface InPlace {
  /** Null = it is about no single device. */
  readonly deviceId: string | null
  readonly place: Place
}

/** The id of the device, gateway, feeder or site of this type that it belongs to; null = none, or unknown. */
export function idIn({ deviceId, place }: InPlace, type: ScopeType): string | null {
  if (type === 'device') return deviceId
  if (type === 'gateway') return place.gatewayId
  if (type === 'feeder') return place.feederId
  return place.path[type] ?? null
}

const scopeTypes: readonly ScopeType[] = ['device', 'gateway', 'feeder', ...siteTypes]

/** Everything that it belongs to. */
export function scopesOf(placed: InPlace): Scope[] {
  return scopeTypes.flatMap((type) => {
    const id = idIn(placed, type)
    return id === null ? [] : [{ type, id }]
  })
}
