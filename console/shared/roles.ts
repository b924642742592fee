import type { Role } from './wire.ts'

/** Who sees the duty room. */
export const dutyRoles: readonly Role[] = ['operator', 'duty-room', 'district']
/** Who decides there; the others watch. */
export const dispatchRoles: readonly Role[] = ['operator', 'duty-room']
