import type { Device } from '../core/device.ts'
import { insurerTypes, type TeamType } from '../core/people.ts'
import type { DeviceParties, PartyChange } from '../stores/operations/port.ts'

/** The device alone: who maintains and insures it is kept apart. */
export function withoutParties<Of extends Device & DeviceParties>({
  maintainerId: _,
  insurerId: __,
  ...device
}: Of): Omit<Of, keyof DeviceParties> {
  return device
}

/**
 * Why a team cannot be the maintainer or the insurer of a device: one that does not exist would be told nothing, and nobody would
 * notice; and a crew that is named as the insurer insures nothing.
 * @param types of the teams that there are
 */
export function faultOfParty(
  role: PartyChange['role'],
  teamId: string,
  types: ReadonlyMap<string, TeamType>,
): string | undefined {
  const type = types.get(teamId)
  if (type === undefined) return `there is no team ${teamId}`
  if (role !== 'insurer' || insurerTypes.includes(type)) return undefined
  return `the team ${teamId} is of type ${type}; an insurer is of type ${insurerTypes.join(' or ')}`
}
