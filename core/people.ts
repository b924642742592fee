import type { ChannelAddress } from './site.ts'

export const teamTypes = [
  'duty-room',
  'crew',
  'maintainer',
  'supervisor',
  'district',
  'insurer-inspector',
  'insurer-parts',
] as const
export type TeamType = (typeof teamTypes)[number]
/** What a team must be that insures devices. */
export const insurerTypes: readonly TeamType[] = ['insurer-inspector', 'insurer-parts']

export interface Team {
  readonly id: string
  readonly type: TeamType
  readonly name: string
  /** The sites that it answers for, with all that is in them; empty = everywhere. */
  readonly areas: readonly string[]
  /** Kinds of devices that it can work on; empty = all. */
  readonly skills: readonly string[]
  readonly phone: string | null
  /** The team's own addresses (a group robot), beside its members'. */
  readonly addresses: readonly ChannelAddress[]
  readonly createdAt: number
  /** Since then it gets no orders; null = it works. */
  readonly removedAt: number | null
}

export interface Member {
  readonly id: string
  readonly teamId: string
  readonly name: string
  readonly phone: string | null
  readonly locale: 'zh-CN' | 'en'
  readonly addresses: readonly ChannelAddress[]
  readonly createdAt: number
  readonly removedAt: number | null
}

/**
 * When a team works, as people write it on the wall: times of the day in `timeZone`, past midnight when `until` is not after
 * `from` ("20:00" to "08:00" ends the next morning; equal times are 24 hours).
 */
export interface Roster {
  readonly teamId: string
  readonly timeZone: 'Asia/Shanghai'
  readonly shifts: readonly Shift[]
  /** Somebody else instead, for a time. */
  readonly swaps: readonly Swap[]
  /** Dates, "2026-10-01": of the shifts that begin then, only those with `holidays: true` are on. */
  readonly holidays: readonly string[]
  /** 0 = nobody wrote one. A team whose roster has no shifts counts as always on duty, all of it. */
  readonly version: number
}

export interface Shift {
  /** 1 = Monday … 7 = Sunday, of the shift's beginning; none = on holidays only, whatever their day. */
  readonly days: readonly number[]
  /** "20:00" */
  readonly from: string
  readonly until: string
  readonly memberIds: readonly string[]
  /** Dates, "2026-11-24", both inclusive; null = without end. */
  readonly validFrom: string | null
  readonly validUntil: string | null
  /** Also on when its day is a holiday. */
  readonly holidays: boolean
}

export interface Swap {
  /** ms since 1970; `until` exclusive. */
  readonly from: number
  readonly until: number
  readonly memberId: string
  /** Null = nobody in their place. */
  readonly insteadId: string | null
  readonly reason: string | null
}
