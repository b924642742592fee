import type { Role } from '../shared/wire.ts'

/** Who sees devices: everyone, each theirs. */
export const deviceRoles: readonly Role[] = [
  ...(['operator', 'duty-room', 'district', 'technician', 'maintainer', 'installer', 'insurer'] as const),
]
