import type { Incident } from '../../core/incident.ts'
import type { Place, Scope, ScopeType } from '../../core/scope.ts'
import { type SitePath, siteTypes } from '../../core/site.ts'

export type Placed = Pick<Incident, 'deviceId' | 'place'>

/** The id of the device, gateway, feeder or site of this type that it belongs to; null = none, or unknown. */
export function idIn({ deviceId, place }: Placed, type: ScopeType): string | null {
  if (type === 'device') return deviceId
  if (type === 'gateway') return place.gatewayId
  if (type === 'feeder') return place.feederId
  return place.path[type] ?? null
}

const scopeTypes: readonly ScopeType[] = ['device', 'gateway', 'feeder', ...siteTypes]

/** Everything that it belongs to. */
export function scopesOf(placed: Placed): Scope[] {
  return scopeTypes.flatMap((type) => {
    const id = idIn(placed, type)
    return id === null ? [] : [{ type, id }]
  })
}

/** Where something larger than a device is: what all of its members have in common, and itself. */
export function placeOfScope(scope: Scope, members: readonly Place[]): Place {
  const type = scope.type
  const levels = siteTypes.filter((level) => !isBelow(level, type))
  const path: Partial<Record<(typeof siteTypes)[number], string>> = {}
  for (const level of levels) {
    const shared = sharedBy(members, (place) => place.path[level])
    if (shared !== undefined) path[level] = shared
  }
  return {
    gatewayId: type === 'gateway' ? scope.id : null,
    feederId: feederOf(scope, members),
    siteId: narrowest(path),
    path,
  }
}

/** All of a gateway's devices may hang on one feeder: then what explains the feeder's silence explains the gateway's. */
function feederOf(scope: Scope, members: readonly Place[]): string | null {
  if (scope.type === 'feeder') return scope.id
  return scope.type === 'gateway' ? (sharedBy(members, ({ feederId }) => feederId) ?? null) : null
}

function isBelow(level: (typeof siteTypes)[number], type: ScopeType): boolean {
  const at = (siteTypes as readonly ScopeType[]).indexOf(type)
  return at >= 0 && siteTypes.indexOf(level) > at
}

function sharedBy(members: readonly Place[], idOf: (place: Place) => string | null | undefined): string | undefined {
  const ids = new Set(members.map(idOf))
  return ids.size === 1 ? ([...ids][0] ?? undefined) : undefined
}

function narrowest(path: SitePath): string | null {
  return siteTypes.reduce<string | null>((found, level) => path[level] ?? found, null)
}
