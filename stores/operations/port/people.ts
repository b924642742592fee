import type { Member, Roster, Team, TeamType } from '../../../core/people.ts'
import type { Sight } from '../../../core/sight.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** A team that gets orders, with what is needed to say whether it is there now. */
export interface RosteredTeam extends Team {
  /** Null when nobody wrote one. */
  readonly roster: Roster | null
}

/** Load is counted up to here: what is beyond is full, and counting it at every order of a flood would cost more each time. */
export const loadCounted = 200

/** Teams, their members, and who is on duty when. */
export interface PeopleTables {
  /** @throws {ExpectedError} `already-exists` */
  insertTeam(team: Team): Promise<void>
  updateTeam(id: string, change: Partial<Omit<Team, 'id' | 'createdAt'>>): Promise<boolean>
  team(id: string): Promise<Team | undefined>
  /** Locked until the transaction ends: with it, its members and its roster. */
  lockTeam(id: string): Promise<Team | undefined>
  /** By id; without those that were removed. */
  teams(page: PageRequest & InSight & { type?: TeamType }): Promise<Page<Team>>
  /** All of these types that were not removed, by id. */
  workingTeams(types: readonly TeamType[], sight?: Sight): Promise<RosteredTeam[]>

  /** @throws {ExpectedError} `already-exists`; `invalid` when its team does not exist */
  insertMember(member: Member): Promise<void>
  updateMember(id: string, change: Partial<Omit<Member, 'id' | 'createdAt'>>): Promise<boolean>
  member(id: string): Promise<Member | undefined>
  lockMember(id: string): Promise<Member | undefined>
  /** By id; without those that were removed. */
  members(page: PageRequest & InSight & { teamId?: string }): Promise<Page<Member>>
  /** All of these teams that were not removed, by id. */
  membersOf(teamIds: readonly string[]): Promise<Member[]>

  /** Whether somebody of this name was removed from a team, and nobody of it has the name now. */
  hasLeft(teamId: string, name: string): Promise<boolean>

  roster(teamId: string): Promise<Roster | undefined>
  /** Answers false, and changes nothing, unless the one there has the version before (none there: version 0). */
  putRoster(roster: Roster): Promise<boolean>

  /** Orders neither closed nor cancelled that a team has, at most `loadCounted`; teams without any are left out. */
  openOrdersOf(teamIds: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Ids of those that one of its members has accepted, as which the order knows them by id or by name. */
  ordersHeldBy(member: Pick<Member, 'id' | 'name' | 'teamId'>): Promise<string[]>
}
