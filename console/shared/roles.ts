import type { Me, Role } from './wire.ts'

/** Who sees the duty room. */
export const dutyRoles: readonly Role[] = ['operator', 'duty-room', 'district']
/** Who decides there; the others watch. */
export const dispatchRoles: readonly Role[] = ['operator', 'duty-room']

/** Who goes, and who decides for them. */
export const crewRoles: readonly Role[] = [...dispatchRoles, 'technician', 'maintainer']

/** Rules, accounts, channels and the audit are for operators of all there is; one of a few sites is refused there. */
export function isOperatorOfAll(memberships: Me['memberships']): boolean {
  return memberships.some((one) => one.role === 'operator' && 'sites' in one.scope && one.scope.sites.length === 0)
}
