import { dayMs } from './clock.ts'
import { dateOfWall, instantOfWall, timeOfDayMs, wallClock, weekdayOfWall } from './local-time.ts'
import type { Roster, Shift } from './people.ts'

/** ms since 1970; `until` exclusive. */
export interface Stretch {
  readonly from: number
  readonly until: number
}

/** Whoever is on duty at `at`, in the order of the shifts; a person once. Pure. */
export function onDuty(roster: Roster, at: number): string[] {
  const wall = wallClock(at, roster.timeZone)
  const onShift = turnsBetween(roster, wall, wall + 1).flatMap(({ shift }) => shift.memberIds)
  return [...new Set(roster.swaps.filter((swap) => contains(swap, at)).reduce(swapped, onShift))]
}

/** Whether a member is on duty at any time of a stretch. Pure. */
export function isOnDutyWithin(roster: Roster, memberId: string, { from, until }: Stretch): boolean {
  return [from, ...edgesBetween(roster, from, until)].some((edge) => onDuty(roster, edge).includes(memberId))
}

/** When nobody is on duty between `from` and `until`, oldest first, as long as they are. Pure. */
export function gapsAhead(roster: Roster, from: number, until: number): Stretch[] {
  const gaps: { from: number; until: number }[] = []
  const edges = [from, ...edgesBetween(roster, from, until)]
  for (const [index, edge] of edges.entries()) {
    if (edge >= until || onDuty(roster, edge).length > 0) continue
    const end = edges[index + 1] ?? until
    const last = gaps.at(-1)
    if (last?.until === edge) last.until = end
    else gaps.push({ from: edge, until: end })
  }
  return gaps
}

const longestTurnMs = 8 * dayMs

/** Most rosters change within a day; only those that do not are followed further. */
const looksAheadMs = [dayMs, 8 * dayMs]

/** Until when those who are on duty at `at` are exactly these; null when nothing changes within 8 days. */
export function unchangedUntil(roster: Roster, at: number): number | null {
  const now = onDuty(roster, at).join()
  for (const ms of looksAheadMs) {
    const change = edgesBetween(roster, at, at + ms).find((edge) => onDuty(roster, edge).join() !== now)
    if (change !== undefined) return change
  }
  return null
}

/** Since when a member who is on duty at `at` is, without a break; null = for longer than 8 days. Pure. */
export function onDutySince(roster: Roster, memberId: string, at: number): number | null {
  const edges = edgesBetween(roster, at - longestTurnMs, at + 1)
  return edges.findLast((edge) => !onDuty(roster, edge - 1).includes(memberId)) ?? null
}

/** The roster without those who are not (or no longer) members. */
export function staffedBy(roster: Roster, memberIds: ReadonlySet<string>): Roster {
  return {
    ...roster,
    shifts: roster.shifts.map((shift) => ({ ...shift, memberIds: shift.memberIds.filter((id) => memberIds.has(id)) })),
    swaps: roster.swaps.map((swap) => ({
      ...swap,
      insteadId: swap.insteadId !== null && memberIds.has(swap.insteadId) ? swap.insteadId : null,
    })),
  }
}

/** What is in every one of the lists: when nobody of several teams is there. Each list is in order and without overlaps. */
export function commonStretches(lists: readonly (readonly Stretch[])[]): Stretch[] {
  const [first = [], ...others] = lists
  return others.reduce(
    (common: readonly Stretch[], list) =>
      common.flatMap((one) =>
        list
          .map((other) => ({ from: Math.max(one.from, other.from), until: Math.min(one.until, other.until) }))
          .filter(({ from, until }) => from < until),
      ),
    first,
  ) as Stretch[]
}

function contains({ from, until }: Stretch, at: number): boolean {
  return from <= at && at < until
}

function swapped(onShift: readonly string[], { memberId, insteadId }: Roster['swaps'][number]): string[] {
  return onShift.flatMap((id) => (id !== memberId ? [id] : insteadId === null ? [] : [insteadId]))
}

/** A shift on one date; in wall clocks. */
interface Turn extends Stretch {
  readonly shift: Shift
}

/** Those that overlap; the day before may still be running past midnight. */
function turnsBetween(roster: Roster, wallFrom: number, wallUntil: number): Turn[] {
  const holidays = new Set(roster.holidays)
  const turns: Turn[] = []
  for (let day = Math.floor(wallFrom / dayMs) - 1; day * dayMs < wallUntil; day += 1) {
    for (const shift of roster.shifts) {
      if (!isOnDate(shift, day * dayMs, holidays)) continue
      const turn = turnOf(shift, day * dayMs)
      if (turn.from < wallUntil && turn.until > wallFrom) turns.push(turn)
    }
  }
  return turns
}

function turnOf(shift: Shift, wallMidnight: number): Turn {
  const from = timeOfDayMs(shift.from)
  const until = timeOfDayMs(shift.until)
  return { shift, from: wallMidnight + from, until: wallMidnight + until + (until > from ? 0 : dayMs) }
}

function isOnDate(shift: Shift, wallMidnight: number, holidays: ReadonlySet<string>): boolean {
  const date = dateOfWall(wallMidnight)
  if (shift.validFrom !== null && date < shift.validFrom) return false
  if (shift.validUntil !== null && date > shift.validUntil) return false
  const isOnWeekday = shift.days.includes(weekdayOfWall(wallMidnight))
  return holidays.has(date) ? shift.holidays && (isOnWeekday || shift.days.length === 0) : isOnWeekday
}

/** The times in (from, until) at which somebody may come or go. */
function edgesBetween(roster: Roster, from: number, until: number): number[] {
  const { timeZone } = roster
  const turns = turnsBetween(roster, wallClock(from, timeZone), wallClock(until, timeZone))
  const walls = new Set(turns.flatMap((turn) => [turn.from, turn.until]))
  const ofShifts = [...walls].map((wall) => instantOfWall(wall, timeZone))
  const ofSwaps = roster.swaps.flatMap((swap) => [swap.from, swap.until])
  return [...new Set([...ofShifts, ...ofSwaps])].filter((edge) => edge > from && edge < until).sort((a, b) => a - b)
}
