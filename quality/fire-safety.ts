import type { KpiQuery, Operations, RoomTroubles } from '../stores/operations/port.ts'
import { dataFindings } from './counts/orders.ts'
import { checkPeriod } from './question.ts'
import type { Period } from './tally.ts'

export const riskCauses = ['e-bike', 'heat', 'leakage', 'overload', 'arc', 'other', 'leakage-trend', 'open'] as const
export type RiskCause = (typeof riskCauses)[number]

export interface RoomRisk {
  readonly cause: RiskCause
  readonly points: number
  /** How often. */
  readonly times: number
}

export interface RiskyRoom extends RoomTroubles {
  /** 0 to 100: a number that only compares. */
  readonly risk: number
  readonly parts: readonly RoomRisk[]
  readonly eBikeCharges: number
}

export interface FireSafety {
  /** Rooms in which anything was found, the most at risk first. */
  readonly rooms: readonly RiskyRoom[]
  readonly repeatedCharging: number
  readonly risingLeakage: number
  readonly attended: number
  readonly ended: number
  readonly selfCorrected: number
}

/** Of one order; the second and later ones of a cause count half again as much. Unverified defaults. */
const points: Readonly<Record<Exclude<RiskCause, 'leakage-trend'>, number>> = {
  ...{ arc: 40, heat: 25, 'e-bike': 20, leakage: 15, overload: 12, other: 5, open: 10 },
}
const trendPoints = 20
/** That a meter sends nothing is no danger of fire. */
const leftOut = dataFindings.map((name) => `electricity-meter/${name}`)

const causes: Readonly<Record<string, RiskCause>> = {
  'electricity-meter/e-bike-charging': 'e-bike',
  'electricity-meter/terminal-over-temperature': 'heat',
  'electricity-meter/terminal-heating': 'heat',
  'electricity-meter/cable-over-temperature': 'heat',
  'electricity-meter/loose-neutral': 'heat',
  'electricity-meter/residual-current': 'leakage',
  'electricity-meter/overload': 'overload',
  'electricity-meter/resistive-heavy-load': 'overload',
  'electricity-meter/arc': 'arc',
}

/** Rental rooms by what was found in them, as it was known at `asOf`. @throws {ExpectedError} `invalid` for a period that is none */
export async function fireSafety(
  operations: Pick<Operations, 'roomTroubles'>,
  query: KpiQuery,
  period: Period,
  asOf: number,
): Promise<FireSafety> {
  checkPeriod(period)
  const troubles = await operations.roomTroubles(query, period, asOf, leftOut)
  const rooms = troubles.map(riskyRoom).sort((a, b) => b.risk - a.risk || (a.deviceId < b.deviceId ? -1 : 1))
  const sum = (of: (room: RiskyRoom) => number) => rooms.reduce((total, room) => total + of(room), 0)
  return {
    rooms,
    repeatedCharging: sum(({ eBikeCharges }) => (eBikeCharges > 1 ? 1 : 0)),
    risingLeakage: sum(({ parts }) => (parts.some(({ cause }) => cause === 'leakage-trend') ? 1 : 0)),
    attended: sum(({ attended }) => attended),
    ended: sum(({ ended }) => ended),
    selfCorrected: sum(({ selfCorrected }) => selfCorrected),
  }
}

/** Every point stands with what it is for; more than 100 are 100. Pure. */
export function riskyRoom(room: RoomTroubles): RiskyRoom {
  const times = new Map<RiskCause, number>()
  for (const [finding, orders] of Object.entries(room.findings)) {
    const cause = causes[finding] ?? 'other'
    times.set(cause, (times.get(cause) ?? 0) + orders)
  }
  if (room.open > 0) times.set('open', room.open)
  const parts = [...times].map(([cause, often]) => {
    const each = cause === 'leakage-trend' ? 0 : points[cause]
    return { cause, times: often, points: each * (1 + (often - 1) * 1.5) }
  })
  const { leakage } = room
  if (leakage !== null && leakage.level > leakage.firstLevel && leakage.level >= leakage.limit / 2) {
    parts.push({ cause: 'leakage-trend', times: 1, points: trendPoints })
  }
  const risk = Math.min(
    100,
    parts.reduce((sum, part) => sum + part.points, 0),
  )
  return { ...room, risk, parts: parts.sort((a, b) => b.points - a.points), eBikeCharges: times.get('e-bike') ?? 0 }
}
