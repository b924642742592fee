import type { WearForecast } from './detector.ts'

export const overhaulTypes = ['part', 'overhaul'] as const
export const overhaulStates = ['proposed', 'approved', 'refused', 'done'] as const
export type OverhaulState = (typeof overhaulStates)[number]

/** What was foreseen on the day of the proposal. */
export interface ProposedForecast
  extends Pick<WearForecast, 'quantity' | 'level' | 'limit' | 'days' | 'lowDays' | 'highDays'> {
  readonly finding: string
  /** In Shanghai. */
  readonly day: string
}

/** A part or a whole overhaul that a maintainer proposes, an insurer decides about, and a maintainer does. Times are ms since 1970. */
export interface Overhaul {
  readonly id: string
  readonly deviceId: string
  readonly type: (typeof overhaulTypes)[number]
  /** Of a part: what it is called, and its number. */
  readonly part: string | null
  readonly partNumber: string | null
  readonly reason: string
  readonly estimatedFen: number
  /** How long it should last, as whoever proposes it says. */
  readonly expectedLifeDays: number | null
  /** What is behind it; null = nothing was named. */
  readonly incidentId: string | null
  readonly orderId: string | null
  readonly forecast: ProposedForecast | null
  /** SHA-256 of pictures and frozen windows that are evidence already. */
  readonly evidence: readonly string[]
  /** Who maintained the device then. */
  readonly teamId: string | null
  readonly state: OverhaulState
  readonly proposedAt: number
  readonly proposedBy: string
  readonly decidedAt: number | null
  readonly decidedBy: string | null
  readonly decisionReason: string | null
  /** What the insurer pays. */
  readonly settledFen: number | null
  readonly doneAt: number | null
  readonly doneBy: string | null
  readonly doneNote: string | null
}

/** Proposal → done, ms; null = not done. */
export function leadMsOf({ proposedAt, doneAt }: Pick<Overhaul, 'proposedAt' | 'doneAt'>): number | null {
  return doneAt === null ? null : doneAt - proposedAt
}
