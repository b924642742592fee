import { hourMs } from '../core/clock.ts'
import type { WearForecast } from '../core/detector.ts'
import { timeToLimit, wearDefaults } from '../core/estimators/time-to-limit.ts'
import { type HistorySettings, newWear, observeWear, type WearState } from '../core/estimators/wear-history.ts'

/** Days from the end of the last whole period to the limit, and the ends of their 80 % interval. */
export type DaysLeft = readonly [days: number, low: number, high: number]

/** When this level is at its limit, as the general estimator has it; null where the data support no answer. */
export function daysLeft(wear: WearState, limit: number, settings: HistorySettings): DaysLeft | null {
  const ahead = timeToLimit(wear, wear.period * settings.periodHours * hourMs, limit, { ...wearDefaults, ...settings })
  return ahead.refused === undefined ? [tenth(ahead.days), tenth(ahead.lowDays), tenth(ahead.highDays)] : null
}

function tenth(days: number): number {
  return Math.round(days * 10) / 10
}

/** What a finding says of it: nothing, where there is no forecast. */
export function leftEvidence(left: DaysLeft | null): {
  leftDays?: number
  leftLowDays?: number
  leftHighDays?: number
} {
  return left === null ? {} : { leftDays: left[0], leftLowDays: left[1], leftHighDays: left[2] }
}

/** A rule's `forecast`; undefined before its first value. */
export function wearForecast(
  quantity: string,
  { wear, left }: Pick<Outlook, 'wear' | 'left'>,
  limit: number,
  settings: HistorySettings,
): WearForecast | undefined {
  if (wear.period < 0) return undefined
  const at = wear.period * settings.periodHours * hourMs
  const common = { quantity, level: wear.usual, limit, at }
  if (left !== null) return { ...common, days: left[0], lowDays: left[1], highDays: left[2] }
  const { refused = 'too-far' } = timeToLimit(wear, at, limit, { ...wearDefaults, ...settings })
  return { ...common, days: null, lowDays: null, highDays: null, refused }
}

/** What a rule sees coming of one quantity that wears: plain data, beside what the rule itself remembers. */
export interface Outlook {
  readonly wear: WearState
  readonly left: DaysLeft | null
  /** Days since the forecast last was a reason for a visit; null when it was none, or none any more. */
  readonly dueDays: number | null
}

export const newOutlook: Outlook = { wear: newWear, left: null, dueDays: null }

/** Unverified defaults. */
export const outlookDefaults = {
  /** A forecast that reaches the limit so soon, at the early end of its interval, is worth a visit. */
  noticeDays: 30,
  /** But not below this share of the limit: what is small may grow for a season, and go. */
  noticeShare: 0.5,
  /** It is none any more when for so many days no forecast came near it. */
  lapseDays: 14,
}

export type OutlookSettings = typeof outlookDefaults & HistorySettings

function isWithin(left: DaysLeft | null, days: number): boolean {
  return left !== null && left[1] <= days
}

/**
 * After one more value; it looks ahead when a day is over, and only then. Two days in a row must say that a
 * visit is due. The estimator may refuse on one day and answer on the next, so it stays due until no forecast within twice `noticeDays` has
 * come for `lapseDays`.
 */
export function lookAhead(was: Outlook, at: number, value: number, limit: number, settings: OutlookSettings): Outlook {
  const wear = observeWear(was.wear, at, value, settings)
  const days = was.wear.period < 0 ? 0 : wear.period - was.wear.period
  if (days === 0) return { wear, left: was.left, dueDays: was.dueDays }

  const left = daysLeft(wear, limit, settings)
  const { noticeDays, noticeShare } = settings
  const isNew = was.dueDays === null
  const isDue = isNew
    ? wear.usual >= noticeShare * limit && isWithin(left, noticeDays) && isWithin(was.left, noticeDays)
    : isWithin(left, 2 * noticeDays)
  if (isDue) return { wear, left, dueDays: 0 }
  const dueDays = was.dueDays === null ? null : was.dueDays + days
  return { wear, left, dueDays: dueDays !== null && dueDays >= settings.lapseDays ? null : dueDays }
}
