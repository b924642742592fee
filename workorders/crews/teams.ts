import { dayMs } from '../../core/clock.ts'
import { localDate, localTime, shanghai } from '../../core/local-time.ts'
import type { Roster, Team } from '../../core/people.ts'
import { onDuty, unchangedUntil } from '../../core/roster.ts'
import type { Place } from '../../core/scope.ts'
import { siteTypes } from '../../core/site.ts'
import { type Words, words } from '../../core/words.ts'
import type { RosteredTeam } from '../../stores/operations/port.ts'

/** How small the area is by which a team covers a place: 0 = it goes everywhere, −1 = it does not cover it. */
export function areaRank({ areas }: Team, place: Place): number {
  // where the place is not known, a passenger must not be lost for it: anyone may go
  if (areas.length === 0 || !isKnown(place)) return 0
  return Math.max(...areas.map((area) => siteRank(area, place)))
}

export function siteRank(siteId: string, { siteId: nearestId, path }: Place): number {
  const type = siteTypes.findLastIndex((candidate) => path[candidate] === siteId)
  if (type >= 0) return type + 1
  return siteId === nearestId ? siteTypes.length + 1 : -1
}

export function isKnown({ siteId, path }: Place): boolean {
  return siteId !== null || Object.keys(path).length > 0
}

/** A team without a roster, or with an empty one, counts as always there. */
export function isRostered(team: RosteredTeam): team is RosteredTeam & { roster: NonNullable<RosteredTeam['roster']> } {
  return team.roster !== null && team.roster.shifts.length > 0
}

export function isOnDuty(team: RosteredTeam, now: number): boolean {
  return !isRostered(team) || presentIn(team.roster, now).length > 0
}

/** What a roster says of one moment, as far as it was asked. */
interface Duty {
  readonly now: number
  readonly present: readonly string[]
  until?: number | null
}

/** Of each roster the latest moment: whoever works on many orders at once asks for the same one many times, and calendars cost. */
const duties = new WeakMap<Roster, Duty>()

function dutyOf(roster: Roster, now: number): Duty {
  const known = duties.get(roster)
  if (known?.now === now) return known
  const duty = { now, present: onDuty(roster, now) }
  duties.set(roster, duty)
  return duty
}

/** Ids of the members who are there. @param now ms since 1970 */
export function presentIn(roster: Roster, now: number): readonly string[] {
  return dutyOf(roster, now).present
}

function untilWhen(roster: Roster, now: number): number | null {
  const duty = dutyOf(roster, now)
  if (duty.until === undefined) duty.until = unchangedUntil(roster, now)
  return duty.until
}

/** Until when a team is there, for a person. @param now ms since 1970 */
export function dutyWords(team: RosteredTeam, now: number, say: Words['because'] = words.en.because): string {
  if (!isRostered(team)) return say.noRoster
  const until = untilWhen(team.roster, now)
  if (until === null) return say.aroundTheClock
  const date = until - now < dayMs ? '' : `${localDate(until, shanghai)} `
  return say.onDutyUntil(`${date}${localTime(until, shanghai)}`)
}

/** "Crew East: on duty until 08:00, 1 open order" */
export function sentence({ name }: Team, reasons: readonly string[]): string {
  return `${name}: ${reasons.filter((reason) => reason !== '').join(', ')}`
}
