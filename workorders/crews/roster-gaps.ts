import { isDeepStrictEqual } from 'node:util'
import { type Clock, dayMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Recipient } from '../../core/notice.ts'
import type { Team, TeamType } from '../../core/people.ts'
import { createPoll } from '../../core/poll.ts'
import { commonStretches, gapsAhead, type Stretch } from '../../core/roster.ts'
import type { Operations, RosteredTeam } from '../../stores/operations/port.ts'
import { teamRecipients } from '../notices/recipients.ts'
import { isOnDuty, isRostered } from './teams.ts'

/** Hours that nobody covers are warned about so long before they begin. */
export const warnAheadMs = dayMs

/** How far a gap is followed, back to its beginning and on to its end; one that is longer is cut there. */
const followedMs = 8 * dayMs

/** So often rosters are looked through, and at once when one of them was changed. */
const everyMs = 5 * minuteMs
const changesLookedAtMs = 10 * secondMs

export interface RosterGapWarning extends Stretch {
  /** The team whose roster leaves it, while no other team of its type with the same area and skills is there. */
  readonly team: RosteredTeam
  /** Of this gap from this warning on: one that was filled and opens again has another. */
  readonly key: string
  /** The team's own people, the duty rooms and the supervisors. */
  readonly recipients: readonly Recipient[]
  readonly now: number
}

const watched: readonly TeamType[] = ['duty-room', 'crew', 'maintainer', 'supervisor']
const alsoTold: readonly TeamType[] = ['duty-room', 'supervisor']

/**
 * Finds hours ahead in which nobody would come, and warns once per gap: what was warned about is kept, so that a restart or a
 * second process does not warn again, and a gap that is found late (the roster was changed an hour before) is warned about
 * when it is found. A gap that was filled, or that begins at another time since, is another gap. `warn` runs in the transaction
 * that remembers it.
 */
export function createRosterGapWatch(options: {
  operations: Operations
  warn: (unit: Operations, warning: RosterGapWarning) => Promise<void>
  clock: Clock
  log: Log
}) {
  const { operations, warn, clock, log } = options
  /** The teams as they were when they were looked through last. */
  let seen: { readonly teams: string; readonly at: number } | undefined
  const poll = createPoll({
    work: runOnce,
    everyMs: changesLookedAtMs,
    onFailure: (reason) => log.warn({ reason }, 'rosters could not be looked at'),
  })

  /**
   * Looks through the rosters where a team or its roster was changed since, or the last look is five minutes old. Answers how many gaps it
   * warned about.
   */
  async function runOnce(): Promise<number> {
    const now = clock()
    const working = await operations.workingTeams(watched)
    const teams = JSON.stringify(working)
    if (seen?.teams === teams && Math.abs(now - seen.at) < everyMs) return 0
    let warned = 0
    for (const found of await findOpenHours(operations, working, now)) warned += await lookAt(found, now)
    seen = { teams, at: now }
    return warned
  }

  async function lookAt({ team, open }: OpenHours, now: number): Promise<number> {
    const setting = `roster-gap/${team.id}`
    const rememberedOf = async (unit: Operations) => ((await unit.setting(setting)) ?? []) as Stretch[]
    const ahead = open.filter((gap) => isAhead(gap, now))
    if (ahead.length === 0 && (await rememberedOf(operations)).length === 0) return 0
    return operations.transaction(async (unit) => {
      // the team's row is what two processes meet at
      if ((await unit.lockTeam(team.id)) === undefined) return 0
      const warnedOf = await rememberedOf(unit)
      const kept = warnedOf.flatMap((warned) => whatIsLeft(warned, open, now))
      const fresh = ahead.filter((gap) => !kept.some((warned) => isSame(gap, warned)))
      const remembered = [...kept, ...fresh.map(({ from, until }) => ({ from, until }))]
      if (!isDeepStrictEqual(remembered, warnedOf)) await unit.putSetting(setting, remembered)
      for (const gap of fresh) {
        const key = `roster-gap:${team.id}:${new Date(gap.from).toISOString()}@${now}`
        await warn(unit, { ...gap, team, key, recipients: await whoHears(unit, team, now), now })
      }
      return fresh.length
    })
  }

  return { runOnce, start: poll.start, stop: poll.stop }
}

/** It goes on from, or begins later within, what was warned about. */
function isSame(gap: Stretch, warned: Stretch): boolean {
  return gap.from >= warned.from && gap.from <= warned.until
}

/** What was warned about, as far as that gap is still there from its beginning on: what is left of it later is another gap. */
function whatIsLeft(warned: Stretch, open: readonly Stretch[], now: number): Stretch[] {
  const from = Math.max(warned.from, now - followedMs)
  const gap = open.find((one) => one.from <= from && from < one.until)
  return gap === undefined ? [] : [{ from: warned.from, until: Math.min(warned.until, gap.until) }]
}

function isAhead({ from, until }: Stretch, now: number): boolean {
  return until > now && from <= now + warnAheadMs
}

/** The hours around now that nobody would cover if this team does not; of teams that leave the same, the first has them. */
interface OpenHours {
  readonly team: RosteredTeam
  readonly open: readonly Stretch[]
}

async function findOpenHours(
  operations: Operations,
  teams: readonly RosteredTeam[],
  now: number,
): Promise<OpenHours[]> {
  const above = await sitesAboveAreas(operations, teams)
  return teams.map((team) => ({ team, open: openHoursOf(team, teams, above, now) }))
}

function openHoursOf(
  team: RosteredTeam,
  teams: readonly RosteredTeam[],
  above: ReadonlyMap<string, ReadonlySet<string>>,
  now: number,
): Stretch[] {
  if (!isRostered(team)) return []
  const deputies = teams.filter((other) => other.id !== team.id && standsInFor(other, team, above))
  // teams that can stand in for each other leave the same gaps: the first of them speaks
  if (deputies.some((other) => other.id < team.id && standsInFor(team, other, above))) return []
  if (deputies.some((other) => !isRostered(other))) return []
  const open = [team, ...deputies.filter(isRostered)].map(({ roster }) =>
    gapsAhead(roster, now - followedMs, now + followedMs),
  )
  return commonStretches(open)
}

/** Area id → it and all that it lies in. */
async function sitesAboveAreas(operations: Operations, teams: readonly Team[]): Promise<Map<string, Set<string>>> {
  const areas = [...new Set(teams.flatMap((team) => team.areas))]
  const found = await Promise.all(
    areas.map(async (area) => {
      const sites = await operations.sitesAbove(area)
      return [area, new Set([area, ...sites.map(({ id }) => id)])] as const
    }),
  )
  return new Map(found)
}

/** Whether another team can do all that this one does, everywhere where it does it. */
function standsInFor(other: Team, team: Team, above: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (other.type !== team.type) return false
  const hasSkills =
    other.skills.length === 0 || (team.skills.length > 0 && team.skills.every((skill) => other.skills.includes(skill)))
  const covers = (area: string) => other.areas.some((site) => above.get(area)?.has(site))
  return hasSkills && (other.areas.length === 0 || (team.areas.length > 0 && team.areas.every(covers)))
}

/** Those who can mend it: the team itself, all of it where nobody is on duty, and every duty room and supervisor on duty. */
async function whoHears(unit: Operations, team: RosteredTeam, now: number): Promise<Recipient[]> {
  const others = (await unit.workingTeams(alsoTold)).filter((other) => other.id !== team.id && isOnDuty(other, now))
  const teams = [team, ...others]
  const members = await unit.membersOf(teams.map(({ id }) => id))
  return teams.flatMap((told) => {
    const ofTeam = members.filter(({ teamId }) => teamId === told.id)
    return teamRecipients({ team: told, members: ofTeam, party: told.type, byShift: false, now })
  })
}
