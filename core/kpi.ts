import { minuteMs } from './clock.ts'
import { addMonths, localDate, shanghai, startOfDate } from './local-time.ts'

/*
 * What the insurer's figures are made of. Records become counts, counts are added up by device, month and contract, and every figure is
 * worked out from such sums: sums of parts are the sum of the whole, so that a roll-up and a recomputation cannot disagree.
 */

/** What can be added up. All are whole numbers. */
export const measures = [
  // of days
  ...(['inServiceMinutes', 'outOfServiceMinutes', 'plannedMinutes'] as const),
  // of faults
  ...([
    'faultsEquipment',
    'faultsPeople',
    'faultsExternal',
    'faultsUnknown',
    'faultsWarned',
    'faultOccurrences',
    'repeatFaults',
  ] as const),
  ...(['entrapments', 'entrapmentsEquipment'] as const),
  // of orders
  ...(['arrivalsDue', 'arrivalsOnTime', 'ordersRaised', 'ordersClosed'] as const),
  ...(['ruleOrdersEnded', 'falseAlarms', 'warningsEnded', 'warningsConfirmed'] as const),
  ...(['electricitySelfCorrected', 'electricityServiced', 'electricityRepaired', 'electricityEnforcement'] as const),
  // of maintenance
  /** `maintenanceClaimed` of those on time: by visits that telemetry cannot judge. */
  ...(['maintenanceDue', 'maintenanceOnTime', 'maintenanceClaimed', 'overdueDays'] as const),
  ...(['visitsClaimed', 'visitsProven', 'visitsNotProven'] as const),
  /** Differences of health in tenths of a point, and their squares: enough for a mean and its interval. */
  ...(['effectVisits', 'effectTenths', 'effectTenthsSquared'] as const),
  ...(['healthDays', 'healthPoints'] as const),
  /** Of each kind of inspection but re-checks, those with a verdict and those with a score; points in tenths, and their squares. */
  ...(['inspectionsJudgedQuarterly', 'inspectionsPassedQuarterly'] as const),
  ...(['inspectionsJudgedMonthly', 'inspectionsPassedMonthly'] as const),
  ...(['inspectionsJudgedUnannounced', 'inspectionsPassedUnannounced'] as const),
  ...(['inspectionsQuarterly', 'inspectionTenthsQuarterly', 'inspectionTenthsSquaredQuarterly'] as const),
  ...(['inspectionsMonthly', 'inspectionTenthsMonthly', 'inspectionTenthsSquaredMonthly'] as const),
  ...(['inspectionsUnannounced', 'inspectionTenthsUnannounced', 'inspectionTenthsSquaredUnannounced'] as const),
] as const
export type Measure = (typeof measures)[number]

/** Whole seconds, each kept: percentiles cannot be added up. */
export const durations = ['respond', 'arrive', 'restore', 'overhaul'] as const
export type Duration = (typeof durations)[number]

export type Countable = Measure | Duration | 'exposureMinutes'

/** What stands behind a figure: a day is named by its device. */
export interface CaseRef {
  readonly type: 'order' | 'visit' | 'maintenance' | 'inspection' | 'overhaul' | 'day' | 'contract'
  readonly id: string
}

export interface Count {
  readonly what: Countable
  readonly amount: number
  /** ms since 1970: by this it belongs to a period, and to whoever had the device then. */
  readonly at: number
  readonly deviceId: string
  readonly of: CaseRef
  /** Of what is counted by rule as well. */
  readonly rule?: string
}

export interface RuleTally {
  readonly ended: number
  readonly falseAlarms: number
}

export interface Tally {
  readonly sums: Record<Measure, number>
  /** Minutes under contract by calendar month ("2026-11"): an elevator-year has as many days as the year. */
  readonly exposure: Map<string, number>
  /** Seconds → how often. */
  readonly durations: Record<Duration, Map<number, number>>
  readonly rules: Map<string, RuleTally>
}

const nothing = Object.fromEntries(measures.map((measure) => [measure, 0])) as Record<Measure, number>

export function emptyTally(): Tally {
  return {
    sums: { ...nothing },
    exposure: new Map(),
    durations: { respond: new Map(), arrive: new Map(), restore: new Map(), overhaul: new Map() },
    rules: new Map(),
  }
}

export function addCount(tally: Tally, { what, amount, at, rule }: Count): void {
  if (what === 'exposureMinutes') add(tally.exposure, monthOf(at), amount)
  else if (isDuration(what)) add(tally.durations[what], amount, 1)
  else {
    tally.sums[what] += amount
    if (rule !== undefined && what === 'ruleOrdersEnded') addRule(tally, rule, { ended: amount, falseAlarms: 0 })
    if (rule !== undefined && what === 'falseAlarms') addRule(tally, rule, { ended: 0, falseAlarms: amount })
  }
}

function isDuration(what: Countable): what is Duration {
  return (durations as readonly string[]).includes(what)
}

/** Adds `more` to `tally`. */
export function addTally(tally: Tally, more: Tally): void {
  for (const measure of measures) tally.sums[measure] += more.sums[measure]
  for (const [month, minutes] of more.exposure) add(tally.exposure, month, minutes)
  for (const duration of durations) {
    for (const [seconds, times] of more.durations[duration]) add(tally.durations[duration], seconds, times)
  }
  for (const [rule, counts] of more.rules) addRule(tally, rule, counts)
}

export function addRule(tally: Tally, rule: string, { ended, falseAlarms }: RuleTally): void {
  const before = tally.rules.get(rule) ?? { ended: 0, falseAlarms: 0 }
  tally.rules.set(rule, { ended: before.ended + ended, falseAlarms: before.falseAlarms + falseAlarms })
}

function add<Key>(to: Map<Key, number>, key: Key, amount: number): void {
  to.set(key, (to.get(key) ?? 0) + amount)
}

/** "2026-11", in Shanghai. */
export function monthOf(at: number): string {
  return localDate(at, shanghai).slice(0, 7)
}

/** When a month begins in Shanghai, and when the next one does; ms since 1970. */
export function spanOfMonth(month: string): { from: number; to: number } {
  const first = `${month}-01`
  return { from: startOfDate(first, shanghai), to: startOfDate(addMonths(first, 1), shanghai) }
}

/** Months that have a part in `from` (inclusive) to `to` (exclusive), oldest first. */
export function monthsBetween(from: number, to: number): string[] {
  const months: string[] = []
  for (let month = monthOf(from); spanOfMonth(month).from < to; month = nextMonth(month)) months.push(month)
  return months
}

export function nextMonth(month: string): string {
  return addMonths(`${month}-01`, 1).slice(0, 7)
}

export function previousMonth(month: string): string {
  return addMonths(`${month}-01`, -1).slice(0, 7)
}

const lengths = new Map<string, number>()

/** How long a year ("2026") or a month ("2026-11") is, in Shanghai. */
function minutesOf(what: string): number {
  const known = lengths.get(what)
  if (known !== undefined) return known
  const [first, next] =
    what.length === 4 ? [`${what}-01-01`, `${Number(what) + 1}-01-01`] : [`${what}-01`, `${nextMonth(what)}-01`]
  const minutes = (startOfDate(next, shanghai) - startOfDate(first, shanghai)) / minuteMs
  lengths.set(what, minutes)
  return minutes
}

/** Years under contract, each as long as it is: all of a leap year is one. */
export function elevatorYears({ exposure }: Tally): number {
  let years = 0
  for (const [month, minutes] of exposure) years += minutes / minutesOf(month.slice(0, 4))
  return years
}

/** Months under contract, each as long as it is: all of February is one. */
export function elevatorMonths({ exposure }: Tally): number {
  let months = 0
  for (const [month, minutes] of exposure) months += minutes / minutesOf(month)
  return months
}

export function exposureMinutes({ exposure }: Tally): number {
  let minutes = 0
  for (const each of exposure.values()) minutes += each
  return minutes
}

/** With what may be said of the true value at 95 %; a bound that cannot be said is null. */
export interface Interval {
  readonly low: number | null
  readonly high: number | null
}

/** One figure of one group. */
export interface Figure {
  /** Null = there is nothing to work it out from. */
  readonly value: number | null
  readonly numerator: number
  readonly denominator: number
  /** Null = nothing can be said. */
  readonly interval: Interval | null
  /** Share of what it should rest on that is known, 0 to 1; null = nothing that could be missing. */
  readonly coverage: number | null
}
