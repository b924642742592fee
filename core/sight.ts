import type { Membership, Role } from './account.ts'

/** What somebody sees. */
export type Sight = 'everything' | LimitedSight

export interface LimitedSight {
  /** Sites of any type, each with all that is in it. */
  readonly sites: readonly string[]
  /** Teams: the orders that they were given, and the devices and places of those. */
  readonly teams: readonly string[]
  /** Companies that maintain: their devices, and what happens there. */
  readonly maintainers: readonly string[]
  /** The same for those that insure. */
  readonly insurers: readonly string[]
}

export const blind: LimitedSight = { sites: [], teams: [], maintainers: [], insurers: [] }

/**
 * What these memberships show to someone who comes in one of these roles; others of theirs count nothing there, so that nobody
 * does in one place what they may do in another.
 */
export function sightOf(memberships: readonly Membership[], roles: readonly Role[]): Sight {
  const held = memberships.filter(({ role }) => roles.includes(role))
  if (held.some(({ scope }) => 'sites' in scope && scope.sites.length === 0)) return 'everything'
  const teamsAs = (...wanted: Role[]) => [
    ...new Set(held.flatMap(({ role, scope }) => ('teamId' in scope && wanted.includes(role) ? [scope.teamId] : []))),
  ]
  return {
    sites: [...new Set(held.flatMap(({ scope }) => ('sites' in scope ? scope.sites : [])))],
    // a company that maintains is sent out like a crew, its insurer's inspectors too
    teams: teamsAs('technician', 'maintainer', 'insurer'),
    maintainers: teamsAs('maintainer'),
    insurers: teamsAs('insurer'),
  }
}

/** Whom an order or an incident concerns. */
export interface Concerned {
  /** Where it is, and all above that. */
  readonly sites: readonly string[]
  readonly teams: readonly string[]
  readonly maintainers: readonly string[]
  readonly insurers: readonly string[]
}

/** The same as the store finds by its condition for orders and incidents; for events that pass by. */
export function isInSight(sight: Sight, concerned: Concerned | undefined): boolean {
  if (sight === 'everything') return true
  if (concerned === undefined) return false
  const keys = ['sites', 'teams', 'maintainers', 'insurers'] as const
  return keys.some((key) => sight[key].some((id) => concerned[key].includes(id)))
}

/** What has an id of its own and is seen by some and not by others, as people call it. */
export const sighted = {
  device: 'device',
  /** One in their sites, or that their company maintains or insures now: not one at which a crew of theirs once was. */
  ownDevice: 'device',
  site: 'site',
  gateway: 'gateway',
  feeder: 'feeder',
  incident: 'incident',
  order: 'work order',
  suppression: 'suppression',
  visit: 'visit',
  /** One to such a device, or by a team of theirs. */
  ownVisit: 'visit',
  notice: 'notice',
  evidence: 'evidence',
  team: 'team',
  member: 'member',
  dutyEntry: 'entry of the duty log',
  contract: 'contract',
  overhaul: 'overhaul',
  inspection: 'inspection',
  sample: 'sample',
  report: 'report',
  reportShare: 'link to a report',
} as const
export type Sighted = keyof typeof sighted
