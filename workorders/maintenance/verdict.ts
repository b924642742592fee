import { minuteMs } from '../../core/clock.ts'
import { localTime, shanghai } from '../../core/local-time.ts'
import type { Values } from '../../core/reading.ts'
import type { MaintenanceItem, Visit } from '../../core/visit.ts'

/** ms since 1970, both inclusive. */
export interface Stretch {
  readonly from: number
  readonly until: number
}

/** Part of a stored reading. */
export interface VisitReading {
  readonly at: number
  readonly values: Values
}

export type Verdict = Required<Pick<Visit, 'verdict' | 'verdictText' | 'verdictEvidence'>>

/**
 * In inspection mode for at least so long, stretches added up. A quarter of an hour cleans and checks a pit and a machine room;
 * longer items take longer. Unverified defaults.
 */
export const minimumMinutes: Readonly<Record<MaintenanceItem, number>> = {
  'half-month': 15,
  quarter: 25,
  'half-year': 30,
  year: 45,
}

/** Whoever works on an elevator opens doors and moves the car, more than once. Unverified defaults. */
const minimumDoorCycles = 2
const minimumRuns = 2

/** People are not exact to the minute about when they came and went. */
export const toleranceMs = 15 * minuteMs
/** A reading says what was so for at most so long: gateways send every state at least once a minute. */
const holdMs = 5 * minuteMs
/** With less of the visit covered by readings, that nothing was seen says nothing. */
const enoughCoverage = 0.8

/**
 * Whether telemetry shows that somebody worked on this elevator while a visit is claimed: inspection mode for long enough, with
 * doors and runs. Readings that are missing prove nothing and disprove nothing: neither is a gap inspection, nor is a visit
 * disproved that would be long enough with the gaps within its inspection. A visit that is claimed for less than its items take needs
 * no telemetry to be disproved. A minute of inspection, with its doors and runs, proves one visit. Pure.
 *
 * @param readings of the elevator from `toleranceMs` before to `toleranceMs` after the visit, oldest first
 * @param spoken what proves other visits of the elevator already: see `provenBy`
 */
export function judgeVisit(
  visit: Pick<Visit, 'items' | 'startedAt' | 'endedAt'>,
  readings: readonly VisitReading[],
  spoken: readonly Stretch[] = [],
): Verdict {
  const { startedAt, endedAt } = visit
  const window = readings.filter(({ at }) => at >= startedAt - toleranceMs && at < endedAt + toleranceMs)
  const heard = window.filter(({ values }) => typeof values.mode === 'string')
  const isSpoken = (at: number) => spoken.some(({ from, until }) => from <= at && at <= until)
  const modes = heard.map((one) => (isSpoken(one.at) ? { at: one.at, values: { mode: 'spoken' } } : one))
  const coverage = coverageOf(modes, startedAt, endedAt)
  const inspection = modes.filter(({ values }) => values.mode === 'inspection')
  const [first, last] = [inspection[0]?.at ?? null, inspection.at(-1)?.at ?? null]
  const { inspectionMinutes, unseenMinutes } = stretchesOf(modes)
  const spokenMinutes = stretchesOf(heard).inspectionMinutes - inspectionMinutes
  const neededMinutes = longest(visit.items)
  const doorCycles = countOf(window, isSpoken, 'doorCycles', isDoorOpening)
  const runs = countOf(window, isSpoken, 'trips', isDeparture)

  const seen = {
    wasInInspection: first !== null,
    inspectionMinutes,
    unseenMinutes,
    spokenMinutes,
    neededMinutes,
    doorCycles,
    runs,
    coverage: Math.round(coverage * 100) / 100,
  }
  const verdictEvidence = { ...seen, inspectionFrom: first, inspectionUntil: last, readings: window.length }
  const lacking = lackingOf(seen)
  if (lacking.length === 0) {
    const verdictText = provenText(seen, first, last)
    return { verdict: 'proven', verdictText, verdictEvidence: { ...verdictEvidence, ...restsOn(visit, modes) } }
  }
  const claimedMinutes = Math.floor((endedAt - startedAt) / minuteMs)
  if (claimedMinutes < neededMinutes) {
    const verdictText = `The visit is claimed for ${claimedMinutes} of at least ${neededMinutes} min`
    return { verdict: 'not-proven', verdictText, verdictEvidence }
  }
  if (coverage < enoughCoverage) {
    const covered = Math.round(coverage * 100)
    const verdictText = `Telemetry covers ${covered} % of the visit, too little to tell; it shows ${lacking.join(', ')}`
    return { verdict: 'cannot-tell', verdictText, verdictEvidence }
  }
  if (lackingOf({ ...seen, inspectionMinutes: inspectionMinutes + unseenMinutes }).length === 0) {
    const verdictText = `Telemetry shows ${lacking.join(', ')}; for ${unseenMinutes} min of it nothing was heard`
    return { verdict: 'cannot-tell', verdictText, verdictEvidence }
  }
  return { verdict: 'not-proven', verdictText: `The visit does not show: ${lacking.join(', ')}`, verdictEvidence }
}

/**
 * Of what proves a visit, what is within it, and of what people did around it only as much as that lacks, before it first: the rest may
 * prove another, and who came before has mostly been judged already.
 */
function restsOn(
  { items, startedAt, endedAt }: Pick<Visit, 'items' | 'startedAt' | 'endedAt'>,
  modes: readonly VisitReading[],
) {
  let [from, until] = [startedAt, endedAt]
  const among = () => modes.filter(({ at }) => at >= from && at <= until)
  const isTooShort = () => stretchesOf(among()).inspectionMinutes < longest(items)
  while (isTooShort() && from > startedAt - toleranceMs) from -= minuteMs
  while (isTooShort() && until < endedAt + toleranceMs) until += minuteMs
  const inspection = among().filter(({ values }) => values.mode === 'inspection')
  return { provenFrom: inspection[0]?.at ?? null, provenUntil: inspection.at(-1)?.at ?? null }
}

/** When what proves a visit began and ended; undefined where telemetry does not prove it. */
export function provenBy({
  verdict,
  verdictEvidence,
}: Pick<Visit, 'verdict' | 'verdictEvidence'>): Stretch | undefined {
  if (verdict !== 'proven') return undefined
  const {
    inspectionFrom,
    inspectionUntil,
    provenFrom = inspectionFrom,
    provenUntil = inspectionUntil,
  } = verdictEvidence ?? {}
  if (typeof provenFrom !== 'number' || typeof provenUntil !== 'number') return undefined
  return { from: provenFrom, until: provenUntil }
}

interface Seen {
  readonly wasInInspection: boolean
  readonly inspectionMinutes: number
  /** From one reading in inspection mode to the next, with no reading of the mode that still held. */
  readonly unseenMinutes: number
  /** They prove another visit. */
  readonly spokenMinutes: number
  readonly neededMinutes: number
  /** Null = not measured. */
  readonly doorCycles: number | null
  readonly runs: number | null
}

/** How long inspection mode lasted from each reading that shows it to the next, and for how long of that nothing was heard. */
function stretchesOf(modes: readonly VisitReading[]): Pick<Seen, 'inspectionMinutes' | 'unseenMinutes'> {
  let seenMs = 0
  let unseenMs = 0
  for (const [index, { at, values }] of modes.entries()) {
    const next = modes[index + 1]
    if (values.mode !== 'inspection' || next?.values.mode !== 'inspection') continue
    seenMs += Math.min(next.at - at, holdMs)
    unseenMs += Math.max(0, next.at - at - holdMs)
  }
  return { inspectionMinutes: Math.round(seenMs / minuteMs), unseenMinutes: Math.round(unseenMs / minuteMs) }
}

function lackingOf(seen: Seen): string[] {
  const { wasInInspection, inspectionMinutes, spokenMinutes, neededMinutes, doorCycles, runs } = seen
  const lacking: string[] = []
  const but = spokenMinutes > 0 ? `, but for ${spokenMinutes} min that prove another visit` : ''
  if (!wasInInspection) lacking.push(`no inspection mode${but}`)
  else if (inspectionMinutes < neededMinutes) {
    lacking.push(`inspection mode for ${inspectionMinutes} of at least ${neededMinutes} min${but}`)
  }
  if (doorCycles !== null && doorCycles < minimumDoorCycles) lacking.push(`${doorCycles} door openings`)
  if (runs !== null && runs < minimumRuns) lacking.push(`${runs} runs`)
  return lacking
}

function provenText({ inspectionMinutes, doorCycles, runs }: Seen, first: number | null, last: number | null): string {
  const between = `${localTime(first ?? 0, shanghai)} and ${localTime(last ?? 0, shanghai)}`
  const doors = doorCycles === null ? 'doors are not measured' : `${doorCycles} door openings`
  const moved = runs === null ? 'runs are not measured' : `${runs} runs`
  return `In inspection mode for ${inspectionMinutes} min between ${between}; ${doors}, ${moved}`
}

function longest(items: readonly MaintenanceItem[]): number {
  return Math.max(0, ...items.map((item) => minimumMinutes[item]))
}

/** The share of the visit in which a reading of the mode was fresh. */
function coverageOf(readings: readonly VisitReading[], from: number, until: number): number {
  let coveredMs = 0
  for (const [index, { at }] of readings.entries()) {
    const next = readings[index + 1]?.at ?? Infinity
    const end = Math.min(until, at + holdMs, next)
    coveredMs += Math.max(0, end - Math.max(from, at))
  }
  return until > from ? coveredMs / (until - from) : 0
}

/**
 * By the lifetime counter where there is one, else as the readings show; null when neither is measured. Counters may be reset, and then
 * only what they count from there on is known, or stand still in inspection mode: what the readings show counts then. What proves another
 * visit counts for that one alone.
 */
function countOf(
  readings: readonly VisitReading[],
  isSpoken: (at: number) => boolean,
  counter: 'doorCycles' | 'trips',
  shown: (values: Values, before: Values) => boolean | undefined,
): number | null {
  let known: Values = {}
  let byCounter: number | null = null
  let seen: number | null = null
  for (const { at, values } of readings) {
    const isOurs = !isSpoken(at)
    const isShown = shown(values, known)
    if (isShown !== undefined) seen = (seen ?? 0) + (isShown && isOurs ? 1 : 0)
    const [now, before] = [values[counter], known[counter]]
    if (typeof now === 'number' && typeof before === 'number')
      byCounter = (byCounter ?? 0) + (isOurs ? Math.max(now - before, 0) : 0)
    known = { ...known, ...values }
  }
  return byCounter === null ? seen : Math.max(byCounter, seen ?? 0)
}

function isDoorOpening({ doorState }: Values, before: Values): boolean | undefined {
  if (doorState === undefined) return undefined
  const isOpen = (state: unknown) => state === 'open' || state === 'opening'
  return isOpen(doorState) && before.doorState !== undefined && !isOpen(before.doorState)
}

function isDeparture({ floor, direction }: Values, before: Values): boolean | undefined {
  if (direction !== undefined) return direction !== 'none' && before.direction === 'none'
  if (floor === undefined) return undefined
  return before.floor !== undefined && before.direction === undefined && floor !== before.floor
}
