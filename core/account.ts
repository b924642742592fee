import type { Member } from './people.ts'

/** Roles over places: sites of any type, each with all that is in it. */
export const siteRoles = ['operator', 'duty-room', 'installer', 'district'] as const
export type SiteRole = (typeof siteRoles)[number]

/** Roles in a team: a technician's crew, the company that maintains or insures. */
export const teamRoles = ['technician', 'maintainer', 'insurer'] as const
export type TeamRole = (typeof teamRoles)[number]

export const roles = [...siteRoles, ...teamRoles] as const
export type Role = (typeof roles)[number]

/** What somebody is, and where. */
export type Membership =
  /** No sites = everywhere. */
  | { readonly role: SiteRole; readonly scope: { readonly sites: readonly string[] } }
  | { readonly role: TeamRole; readonly scope: { readonly teamId: string } }

/** Somebody at an OpenID Connect provider: by both together, and by nothing else for good (OpenID Connect Core 1.0, 5.7). */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

/** Somebody who may sign in. What proves that it is them, beside a name at a provider, is not in it. */
export interface Account {
  /** What they sign in with, and what events and audit name them by; never given to anyone else. */
  readonly id: string
  readonly name: string
  readonly locale: Member['locale']
  readonly memberships: readonly Membership[]
  readonly createdAt: number
  /** In small letters. By it a provider's first word of them is believed; null = it is not. */
  readonly email: string | null
  /** Who they are at the provider: said by an operator, or learned when they came by their e-mail; null = not known. */
  readonly identity: Identity | null
  /** Since when the password is the one that it is; null = nobody has set one, and nobody can sign in by it. */
  readonly passwordSetAt: number | null
  /** Since then it is good for nothing; null = it works. */
  readonly removedAt: number | null
}

/** Small letters only: a phone writes the first letter of a name large, and two accounts must not differ by that alone. */
export const accountIdPattern = /^[a-z0-9_-]{1,64}$/

/** Who does things in events and audit without being an account. */
export const reservedAccountIds: readonly string[] = ['operator', 'liftwatt', 'broker', 'sign-in', 'unknown', 'import']

/** Who calls. */
export interface Viewer {
  /** Null = the operator's token, or nobody. */
  readonly accountId: string | null
  readonly name: string
  readonly memberships: readonly Membership[]
  /** Of the browser's session; null for one who comes with a token. */
  readonly sessionId: string | null
}

export const everywhere: Membership = { role: 'operator', scope: { sites: [] } }

/** An operator of all there is. One of a few sites is not: what is not told apart by place is not theirs to see. */
export function isOperatorOfAll(memberships: readonly Membership[]): boolean {
  return memberships.some((one) => one.role === 'operator' && 'sites' in one.scope && one.scope.sites.length === 0)
}

/** Whether the memberships hold this one whole, by what they name: a site inside a named site has to be named itself. */
export function covers(memberships: readonly Membership[], wanted: Membership): boolean {
  return memberships.some(({ role, scope }) => {
    if (role !== wanted.role) return false
    if ('teamId' in scope || 'teamId' in wanted.scope) {
      return 'teamId' in scope && 'teamId' in wanted.scope && scope.teamId === wanted.scope.teamId
    }
    if (scope.sites.length === 0) return true
    return wanted.scope.sites.length > 0 && wanted.scope.sites.every((id) => scope.sites.includes(id))
  })
}
