import type { Place, Scope, ScopeType } from '../../core/scope.ts'
import { type SitePath, siteTypes } from '../../core/site.ts'

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
