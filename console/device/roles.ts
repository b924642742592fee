import type { Role } from '../shared/wire.ts'

/** Who sees what is found, and what is done about it. */
export const watcherRoles: readonly Role[] = [
  ...(['operator', 'duty-room', 'district', 'technician', 'maintainer', 'insurer'] as const),
]

/** Who sees devices: everyone, each theirs. */
export const deviceRoles: readonly Role[] = [
  ...(['operator', 'duty-room', 'district', 'technician', 'maintainer', 'installer', 'insurer'] as const),
]
