import { dayMs } from '../../core/clock.ts'
import { type Member, type Team, teamTypes } from '../../core/people.ts'
import { gapsAhead, onDuty, type Stretch, unchangedUntil } from '../../core/roster.ts'
import type { Operations, RosteredTeam } from '../../stores/operations/port.ts'
import { isRostered } from './teams.ts'

export interface TeamOnDuty {
  readonly teamId: string
  readonly type: Team['type']
  readonly name: string
  readonly phone: string | null
  readonly at: number
  /** False = it has no roster and counts as always on duty, all of it. */
  readonly rostered: boolean
  /** Of the team, on duty or not: 0 = it is empty, whatever its roster says. */
  readonly memberCount: number
  /** When this changes; null = not within 8 days. */
  readonly until: number | null
  /** In the order of the roster. */
  readonly members: readonly Pick<Member, 'id' | 'name' | 'phone'>[]
  /** The next time within 8 days in which nobody of it is on duty. */
  readonly nextGap: Stretch | null
}

const lookAheadMs = 8 * dayMs

/** Who is there at `at`, of every team or of one; by team id. */
export async function whoIsOnDuty(operations: Operations, at: number, teamId?: string): Promise<TeamOnDuty[]> {
  const teams = (await operations.workingTeams(teamTypes)).filter(({ id }) => teamId === undefined || id === teamId)
  const members = await operations.membersOf(teams.map(({ id }) => id))
  return teams.map((team) =>
    teamOnDuty(
      team,
      members.filter((member) => member.teamId === team.id),
      at,
    ),
  )
}

function teamOnDuty(team: RosteredTeam, members: readonly Member[], at: number): TeamOnDuty {
  const { id: teamId, type, name, phone } = team
  const shown = (member: Member) => ({ id: member.id, name: member.name, phone: member.phone })
  const base = { teamId, type, name, phone, at, memberCount: members.length }
  if (!isRostered(team)) return { ...base, rostered: false, until: null, members: members.map(shown), nextGap: null }

  const { roster } = team
  const present = onDuty(roster, at).flatMap((id) => members.filter((member) => member.id === id))
  const [nextGap = null] = gapsAhead(roster, at, at + lookAheadMs)
  return { ...base, rostered: true, until: unchangedUntil(roster, at), members: present.map(shown), nextGap }
}
