import { teamTypes } from '../../core/people.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Memory } from './gather-memory.ts'

type Lookups = Pick<Operations, 'workingTeams' | 'team' | 'roster' | 'membersOf' | 'channel'>

/**
 * Teams, their rosters, their people and channels: each kind is read at its first use, all together.
 * @param atMost Where there are more teams or channels, each is asked for when it is needed
 */
export function peopleIn(unit: Operations, memory: Memory, atMost: number): Lookups {
  const working = () => memory.once('workingTeams', [teamTypes], unit.workingTeams)
  const workingTeam = async (id: string) => (await working()).find((team) => team.id === id)
  return {
    async workingTeams(types, sight) {
      if (sight !== undefined) return unit.workingTeams(types, sight)
      return (await working()).filter(({ type }) => types.includes(type))
    },
    team: async (id) => (await workingTeam(id)) ?? memory.once('team', [id], unit.team),
    async roster(teamId) {
      const team = await workingTeam(teamId)
      return team === undefined ? memory.once('roster', [teamId], unit.roster) : (team.roster ?? undefined)
    },
    async membersOf(teamIds) {
      const known = (await working()).map(({ id }) => id)
      const isKnown = known.length <= atMost && teamIds.every((id) => known.includes(id))
      if (!isKnown) return memory.once('membersOf', [teamIds], unit.membersOf)
      const members = await memory.once('membersOf', [known], unit.membersOf)
      return members.filter(({ teamId }) => teamIds.includes(teamId))
    },
    async channel(id) {
      const { items, nextCursor } = await memory.once('channels', [{ limit: atMost }], unit.channels)
      const found = items.find((channel) => channel.id === id)
      return found !== undefined || nextCursor === null ? found : memory.once('channel', [id], unit.channel)
    },
  }
}
