import type { Role } from '../shared/wire.ts'

/** Who sees how well elevators are maintained, each theirs. */
export const reviewRoles: readonly Role[] = ['operator', 'district', 'maintainer', 'insurer']
/** Who sees how safe estates and rooms are. */
export const safetyRoles: readonly Role[] = ['operator', 'district', 'insurer']
/** Who sees inspections; a maintainer from their start on. */
export const inspectionRoles: readonly Role[] = ['operator', 'maintainer', 'insurer']
/** Who plans inspections and decides what is paid and what counts. */
export const insurerRoles: readonly Role[] = ['operator', 'insurer']
