import type { Membership } from './wire.ts'

/** Rules, accounts and channels are for operators of all there is; one of a few sites is refused there. */
export function isOperatorOfAll(memberships: readonly Membership[]): boolean {
  return memberships.some((one) => one.role === 'operator' && 'sites' in one.scope && one.scope.sites.length === 0)
}
