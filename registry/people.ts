import { isDeepStrictEqual } from 'node:util'
import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { Member, Roster, Shift, Swap, Team, TeamType } from '../core/people.ts'
import { isOnDutyWithin, staffedBy } from '../core/roster.ts'
import type { ChannelAddress } from '../core/site.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'
import { type Fault, WrongFields } from './fields.ts'

type Maybe<T> = { readonly [Field in keyof T]?: T[Field] | undefined }

interface TeamFields {
  readonly type: TeamType
  readonly name: string
  readonly areas: readonly string[]
  readonly skills: readonly string[]
  readonly phone: string | null
  readonly addresses: readonly ChannelAddress[]
}

interface MemberFields {
  readonly name: string
  readonly phone: string | null
  readonly locale: Member['locale']
  readonly addresses: readonly ChannelAddress[]
}

export type NewTeam = { readonly id: string } & Pick<TeamFields, 'type' | 'name'> & Maybe<TeamFields>
/** What is undefined stays; lists are replaced as a whole. A team never becomes one of another type. */
export type TeamUpdate = Maybe<Omit<TeamFields, 'type'>>

export type NewMember = { readonly id: string; readonly teamId: string } & Pick<MemberFields, 'name'> &
  Maybe<MemberFields>
/** What is undefined stays; addresses are replaced as a whole. Who changes teams is in the old one's roster no more. */
export type MemberUpdate = Maybe<MemberFields & { readonly teamId: string }>

export interface RosterDocument {
  /** The version that was read: 0 where there was none. */
  readonly version: number
  readonly shifts: readonly Shift[]
  readonly swaps: readonly Swap[]
  readonly holidays: readonly string[]
}

/**
 * Teams, their members and their rosters. Each change is one transaction with its audit row and its history; members' names,
 * phones and addresses are personal data, and only the history has them. Every method throws `StoreUnavailable` when the
 * database cannot be reached.
 */
export interface People {
  /** @throws {ExpectedError} `already-exists`; `invalid` (`WrongFields`) for an area, a skill or a channel that is not known */
  addTeam(team: NewTeam, actor: string): Promise<Team>
  /** @throws {ExpectedError} `not-found`; `invalid` as for `addTeam` */
  updateTeam(id: string, update: TeamUpdate, actor: string): Promise<Team>
  /** It gets no orders any more. @throws {ExpectedError} `not-found`; `already-done` while it has open orders */
  removeTeam(id: string, actor: string): Promise<void>
  /** @throws {ExpectedError} `already-exists`; `invalid` (`WrongFields`) for a team or a channel that is not known */
  addMember(member: NewMember, actor: string): Promise<Member>
  /** @throws {ExpectedError} `not-found`; `invalid` as for `addMember` */
  updateMember(id: string, update: MemberUpdate, actor: string): Promise<Member>
  /**
   * Also from the roster, which may leave hours that nobody covers; their links to orders end.
   * @throws {ExpectedError} `not-found`; `already-done` while they are on their way to an order
   */
  removeMember(id: string, actor: string): Promise<void>
  /** The whole roster. @throws {ExpectedError} `not-found`; `already-done` when it was changed since it was read; `invalid` */
  putRoster(teamId: string, roster: RosterDocument, actor: string): Promise<Roster>
  /** Somebody else for a time. @throws {ExpectedError} `not-found`; `invalid` */
  addSwap(teamId: string, swap: Swap, actor: string): Promise<Roster>
}

/** Swaps that ended before leave the roster with the next one; the history has them. */
const swapsKeptMs = 90 * dayMs

/** The roster of a team that has none: version 0, no shifts. */
export function emptyRoster(teamId: string): Roster {
  return { teamId, timeZone: 'Asia/Shanghai', shifts: [], swaps: [], holidays: [], version: 0 }
}

export function createPeople(options: { operations: Operations; kinds: readonly DeviceKind[]; clock: Clock }): People {
  const { operations, kinds, clock } = options

  return {
    addTeam: (given, actor) =>
      operations.transaction(async (unit) => {
        const team: Team = {
          ...{ areas: [], skills: [], phone: null, addresses: [] },
          ...said(given),
          createdAt: clock(),
          removedAt: null,
        }
        await checkTeam(unit, team, kinds)
        await unit.insertTeam(team)
        await record(unit, 'team-added', 'team', { at: team.createdAt, actor, before: null, after: team })
        return team
      }),

    updateTeam: (id, update, actor) =>
      operations.transaction(async (unit) => {
        const before = await lockedTeam(unit, id)
        const after: Team = { ...before, ...said(update) }
        if (isDeepStrictEqual(after, before)) return before
        await checkTeam(unit, after, kinds)
        await unit.updateTeam(id, said(update))
        await record(unit, 'team-changed', 'team', { at: clock(), actor, before, after })
        return after
      }),

    removeTeam: (id, actor) =>
      operations.transaction(async (unit) => {
        const before = await lockedTeam(unit, id)
        const orders = (await unit.openOrdersOf([id])).get(id) ?? 0
        if (orders > 0) {
          throw new ExpectedError(
            'already-done',
            `The team ${id} has ${orders} open orders: give them to another team first`,
          )
        }
        const at = clock()
        await unit.updateTeam(id, { removedAt: at })
        await record(unit, 'team-removed', 'team', { at, actor, before, after: null })
      }),

    addMember: (given, actor) =>
      operations.transaction(async (unit) => {
        const member: Member = {
          ...{ phone: null, locale: 'zh-CN' as const, addresses: [] },
          ...said(given),
          createdAt: clock(),
          removedAt: null,
        }
        await checkMember(unit, member)
        await unit.insertMember(member)
        await record(unit, 'member-added', 'member', { at: member.createdAt, actor, before: null, after: member })
        return member
      }),

    updateMember: (id, update, actor) =>
      operations.transaction(async (unit) => {
        const at = clock()
        const before = await lockedMember(unit, id)
        const after: Member = { ...before, ...said(update) }
        if (isDeepStrictEqual(after, before)) return before
        await checkMember(unit, after)
        if (after.teamId !== before.teamId) await mustHoldNothing(unit, before)
        await unit.updateMember(id, said(update))
        await record(unit, 'member-changed', 'member', { at, actor, before, after })
        if (after.teamId !== before.teamId) await takeFromRoster(unit, before, { at, actor })
        return after
      }),

    removeMember: (id, actor) =>
      operations.transaction(async (unit) => {
        const at = clock()
        const before = await lockedMember(unit, id)
        await mustHoldNothing(unit, before)
        await unit.updateMember(id, { removedAt: at })
        await record(unit, 'member-removed', 'member', { at, actor, before, after: null })
        await takeFromRoster(unit, before, { at, actor })
      }),

    putRoster: (teamId, given, actor) =>
      operations.transaction(async (unit) => {
        await lockedTeam(unit, teamId)
        const before = await unit.roster(teamId)
        const { version } = before ?? emptyRoster(teamId)
        if (given.version !== version) {
          throw new ExpectedError('already-done', `The roster was changed meanwhile: it is at version ${version} now`)
        }
        const { shifts, swaps, holidays } = given
        const after = { ...emptyRoster(teamId), shifts, swaps, holidays, version: version + 1 }
        await checkRoster(unit, after, before?.swaps)
        return writeRoster(unit, 'roster-changed', { at: clock(), actor, before, after })
      }),

    addSwap: (teamId, swap, actor) =>
      operations.transaction(async (unit) => {
        await lockedTeam(unit, teamId)
        const before = await unit.roster(teamId)
        const at = clock()
        const known = before ?? emptyRoster(teamId)
        const swaps = [...known.swaps.filter(({ until }) => until > at - swapsKeptMs), swap]
        const after = { ...known, swaps, version: known.version + 1 }
        await checkRoster(unit, after, known.swaps)
        return writeRoster(unit, 'roster-swapped', { at, actor, before, after })
      }),
  }
}

/** Whoever is on the way for a team goes on being one of it, or nobody would watch whether they come. @throws {ExpectedError} `already-done` */
async function mustHoldNothing(unit: Operations, member: Member): Promise<void> {
  const [held] = await unit.ordersHeldBy(member)
  if (held === undefined) return
  const text = `${member.name} has accepted the order ${held}: give it to another team, or to the same anew, first`
  throw new ExpectedError('already-done', text)
}

/** @throws {ExpectedError} `not-found`, also for one that was removed */
async function lockedTeam(unit: Operations, id: string): Promise<Team> {
  const team = await unit.lockTeam(id)
  if (team === undefined || team.removedAt !== null) throw new ExpectedError('not-found', `There is no team ${id}`)
  return team
}

/** With their team, first: whoever changes a roster holds the team. @throws {ExpectedError} `not-found` */
async function lockedMember(unit: Operations, id: string): Promise<Member> {
  const found = await unit.member(id)
  if (found !== undefined) await unit.lockTeam(found.teamId)
  const member = await unit.lockMember(id)
  if (member === undefined || member.removedAt !== null) {
    throw new ExpectedError('not-found', `There is no member ${id}`)
  }
  return member
}

async function checkTeam(unit: Operations, team: Team, kinds: readonly DeviceKind[]): Promise<void> {
  const sites = new Set((await unit.sitesByIds(team.areas)).map(({ id }) => id))
  const known = kinds.map(({ id }) => id)
  const faults = [
    ...unknownOnes('areas', team.areas, (area) => sites.has(area), 'site'),
    ...unknownOnes('skills', team.skills, (skill) => known.includes(skill), 'kind'),
    ...(await faultsOfAddresses(unit, team.addresses)),
  ]
  if (faults.length > 0) throw new WrongFields(faults)
}

async function checkMember(unit: Operations, member: Member): Promise<void> {
  const team = await unit.team(member.teamId)
  const faults = await faultsOfAddresses(unit, member.addresses)
  if (team === undefined || team.removedAt !== null) {
    faults.unshift({ path: 'teamId', message: `there is no team ${member.teamId}` })
  }
  if (faults.length > 0) throw new WrongFields(faults)
}

async function faultsOfAddresses(unit: Operations, addresses: readonly ChannelAddress[]): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const [index, { channelId }] of addresses.entries()) {
    if ((await unit.channel(channelId)) !== undefined) continue
    faults.push({ path: `addresses.${index}.channelId`, message: `there is no channel ${channelId}` })
  }
  return faults
}

function unknownOnes(field: string, ids: readonly string[], isKnown: (id: string) => boolean, what: string): Fault[] {
  return [...ids.entries()]
    .filter(([, id]) => !isKnown(id))
    .map(([index, id]) => ({ path: `${field}.${index}`, message: `there is no ${what} ${id}` }))
}

/**
 * Whoever is named works in the team, and a swap has a length and replaces somebody.
 * @param knownSwaps may replace nobody any more: the shifts have changed since
 */
async function checkRoster(unit: Operations, roster: Roster, knownSwaps: readonly Swap[] = []): Promise<void> {
  const members = new Set((await unit.membersOf([roster.teamId])).map(({ id }) => id))
  const isMember = (id: string) => members.has(id)
  const faults = [
    ...roster.shifts.flatMap((shift, index) => [
      ...unknownOnes(`shifts.${index}.memberIds`, shift.memberIds, isMember, 'member of this team'),
      ...(shift.validFrom !== null && shift.validUntil !== null && shift.validUntil < shift.validFrom
        ? [{ path: `shifts.${index}.validUntil`, message: 'is before validFrom' }]
        : []),
      ...(shift.days.length === 0 && !shift.holidays
        ? [{ path: `shifts.${index}.days`, message: 'names no day, and the shift is not for holidays either' }]
        : []),
    ]),
    ...roster.swaps.flatMap((swap, index) => faultsOfSwap(swap, index, isMember)),
    ...roster.swaps.flatMap((swap, index) =>
      knownSwaps.some((known) => isDeepStrictEqual(known, swap)) ? [] : faultsOfReplaced(roster, swap, index),
    ),
  ]
  if (faults.length > 0) throw new WrongFields(faults)
}

/** Whom a swap takes off may have left since; who comes in must be there. */
function faultsOfSwap(swap: Swap, index: number, isMember: (id: string) => boolean): Fault[] {
  const faults: Fault[] = []
  if (swap.until <= swap.from) faults.push({ path: `swaps.${index}.until`, message: 'is not after from' })
  if (swap.insteadId !== null && !isMember(swap.insteadId)) {
    faults.push({ path: `swaps.${index}.insteadId`, message: `there is no member of this team ${swap.insteadId}` })
  }
  return faults
}

/** Swaps before it in the list apply first. Without shifts everybody counts as on duty. */
function faultsOfReplaced(roster: Roster, swap: Swap, index: number): Fault[] {
  const { memberId, from, until } = swap
  const before = { ...roster, swaps: roster.swaps.slice(0, index) }
  if (until <= from || roster.shifts.length === 0 || isOnDutyWithin(before, memberId, swap)) return []
  return [{ path: `swaps.${index}.memberId`, message: `${memberId} is not on duty then, so nobody can stand in` }]
}

async function takeFromRoster(unit: Operations, member: Member, by: { at: number; actor: string }): Promise<void> {
  const before = await unit.roster(member.teamId)
  if (before === undefined) return
  const left = (await unit.membersOf([member.teamId])).map(({ id }) => id)
  const staffed = staffedBy(before, new Set(left))
  if (isDeepStrictEqual(staffed, before)) return
  await writeRoster(unit, 'roster-changed', { ...by, before, after: { ...staffed, version: before.version + 1 } })
}

async function writeRoster(
  unit: Operations,
  action: string,
  change: { at: number; actor: string; before: Roster | undefined; after: Roster },
): Promise<Roster> {
  const { at, actor, before = null, after } = change
  if (!(await unit.putRoster(after))) {
    throw new ExpectedError('already-done', 'The roster was changed by someone else at the same moment; look again')
  }
  await unit.insertAudit({ at, actor, action, subject: after.teamId, data: { version: after.version } })
  await unit.insertHistory({ at, actor, subjectType: 'roster', subjectId: after.teamId, before, after })
  return after
}

async function record<T extends Team | Member>(
  unit: Operations,
  action: string,
  subjectType: 'team' | 'member',
  change: { at: number; actor: string; before: T | null; after: T | null },
): Promise<void> {
  const { at, actor, before, after } = change
  const subjectId = (after ?? before)?.id ?? ''
  const fields = before && after ? changedFields(before, after) : []
  await unit.insertAudit({ at, actor, action, subject: subjectId, data: { fields } })
  await unit.insertHistory({ at, actor, subjectType, subjectId, before, after })
}

function changedFields<T extends object>(before: T, after: T): string[] {
  const fields = Object.keys(after) as (keyof T & string)[]
  return fields.filter((field) => !isDeepStrictEqual(before[field], after[field]))
}

type Said<T> = { [Field in keyof T]: Exclude<T[Field], undefined> }

/** Without what was not said. */
function said<T extends object>(given: T): Said<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Said<T>
}
