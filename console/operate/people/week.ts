import { dateOfWall, wallClock, weekdayOfWall } from '../../../core/local-time.ts'
import { gapsAhead, onDuty, type Stretch, staffedBy, unchangedUntil } from '../../../core/roster.ts'
import type { Roster } from '../wire.ts'

const dayMs = 24 * 3_600_000
const shanghai = 'Asia/Shanghai'

/** A stretch of one day; `share` of the day's length, for drawing. */
export interface Part extends Stretch {
  readonly memberIds: readonly string[]
  readonly share: number
}

export interface Day {
  /** "11-24" */
  readonly date: string
  /** 1 = Monday. */
  readonly weekday: number
  readonly parts: readonly Part[]
}

type Known = Parameters<typeof onDuty>[0]

/** Times on the wire are texts; whoever is no member any more is on no shift. */
export function rosterOf(sent: Roster, memberIds: readonly string[]): Known {
  const times = (swap: NonNullable<Roster['swaps']>[number]) => ({
    ...{ memberId: swap.memberId, insteadId: swap.insteadId ?? null, reason: swap.reason ?? null },
    ...{ from: Date.parse(swap.from), until: Date.parse(swap.until) },
  })
  const shifts = sent.shifts.map((shift) => ({
    ...shift,
    validFrom: shift.validFrom ?? null,
    validUntil: shift.validUntil ?? null,
    holidays: shift.holidays ?? true,
  }))
  const roster = { ...sent, shifts, swaps: (sent.swaps ?? []).map(times), holidays: sent.holidays ?? [] }
  return staffedBy(roster, new Set(memberIds))
}

/** Who is on when, from the beginning of the day of `now`, in the wall clock of the roster. */
export function weekOf(roster: Known, now: number): Day[] {
  const wall = wallClock(now, shanghai)
  const midnight = now - (wall % dayMs)
  return Array.from({ length: 7 }, (_, day) => {
    const from = midnight + day * dayMs
    const wallFrom = wallClock(from, shanghai)
    return {
      date: dateOfWall(wallFrom).slice(5),
      weekday: weekdayOfWall(wallFrom),
      parts: partsOf(roster, from, from + dayMs),
    }
  })
}

function partsOf(roster: Known, from: number, until: number): Part[] {
  const parts: Part[] = []
  for (let at = from; at < until; ) {
    const end = Math.min(unchangedUntil(roster, at) ?? until, until)
    parts.push({ from: at, until: end, memberIds: onDuty(roster, at), share: (end - at) / (until - from) })
    at = end
  }
  return parts
}

/** Of the next 7 days, when nobody is there. */
export const gapsOfWeek = (roster: Known, now: number): Stretch[] => gapsAhead(roster, now, now + 7 * dayMs)
