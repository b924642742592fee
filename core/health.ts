import type { WearForecast } from './detector.ts'
import type { Severity } from './severity.ts'

/** Something that takes points from a device's health, and what it is. */
export interface HealthPart {
  readonly cause: 'finding' | 'forecast' | 'repeats' | 'coverage'
  /** Taken off, 0 to 100. */
  readonly points: number
  /** Null where it is about the device as a whole. */
  readonly finding: string | null
  readonly text: string
}

export interface Health {
  /** 0 to 100; null while nobody knows: no data is not healthy. */
  readonly score: number | null
  /** Share of the time for which its samples vouch, 0 to 1. */
  readonly coverage: number
  readonly parts: readonly HealthPart[]
}

export interface HealthInput {
  /** What is found and not over. */
  readonly findings: readonly { readonly finding: string; readonly severity: Severity }[]
  readonly forecasts: readonly (WearForecast & { readonly finding: string })[]
  /** Emergency orders of the last 30 days that were no false alarms. */
  readonly emergencies: number
  readonly coverage: number
}

/** Of many devices, as a building or an estate has them. */
export interface HealthRollUp {
  readonly devices: number
  readonly unknown: number
  /** Mean and lowest score of those that are known; null when none is. */
  readonly mean: number | null
  readonly lowest: number | null
  /** How many are below `needsWorkBelow`. */
  readonly needWork: number
}

/** Unverified defaults, all of them: no standard says how much of an elevator's health a finding is. */
const pointsOf: Readonly<Record<Severity, number>> = { critical: 60, urgent: 40, warning: 15, info: 2 }
const forecastPoints = 20
const forecastDays = 60
const emergencyPoints = 5
const mostEmergencyPoints = 20
const coveragePoints = 20
/** With less, the rest says nothing of the device. */
const leastCoverage = 0.1
export const needsWorkBelow = 60

/**
 * 100, less what is found, what will wear out, what keeps coming back, and what nobody knows. Each finding and forecast takes points once, so
 * that every point can be traced to an incident, a curve or a gap.
 */
export function healthOf({ findings, forecasts, emergencies, coverage }: HealthInput): Health {
  const parts = [
    ...findings.map(findingPart),
    ...forecasts.flatMap((forecast) => forecastPart(forecast)),
    ...(emergencies === 0 ? [] : [repeatsPart(emergencies)]),
    ...(coverage >= 1 ? [] : [coveragePart(coverage)]),
  ].filter(({ points }) => points > 0)
  if (coverage < leastCoverage) return { score: null, coverage, parts }
  const taken = parts.reduce((sum, { points }) => sum + points, 0)
  return { score: Math.max(0, Math.round(100 - taken)), coverage, parts }
}

export function rollUp(scores: readonly (number | null)[]): HealthRollUp {
  const known = scores.filter((score) => score !== null)
  const sum = known.reduce((total, score) => total + score, 0)
  return {
    devices: scores.length,
    unknown: scores.length - known.length,
    mean: known.length === 0 ? null : Number((sum / known.length).toFixed(1)),
    lowest: known.length === 0 ? null : Math.min(...known),
    needWork: known.filter((score) => score < needsWorkBelow).length,
  }
}

function findingPart({ finding, severity }: HealthInput['findings'][number]): HealthPart {
  return { cause: 'finding', points: pointsOf[severity], finding, text: `${finding} is ${severity}` }
}

/** The nearer the early end of its interval, the more. */
function forecastPart({ finding, quantity, days, lowDays, highDays }: HealthInput['forecasts'][number]): HealthPart[] {
  if (days === null || lowDays === null || highDays === null || lowDays >= forecastDays) return []
  const points = Math.round(forecastPoints * (1 - Math.max(0, lowDays) / forecastDays))
  const text = `${quantity} reaches its limit in ${whole(days)} days (${whole(lowDays)} to ${whole(highDays)})`
  return [{ cause: 'forecast', points, finding, text }]
}

function repeatsPart(emergencies: number): HealthPart {
  const points = Math.min(mostEmergencyPoints, emergencies * emergencyPoints)
  const orders = emergencies === 1 ? '1 emergency order' : `${emergencies} emergency orders`
  return { cause: 'repeats', points, finding: null, text: `${orders} in the last 30 days` }
}

function coveragePart(coverage: number): HealthPart {
  const points = Math.round(coveragePoints * (1 - coverage))
  return { cause: 'coverage', points, finding: null, text: `data for ${Math.round(coverage * 100)} % of the time` }
}

function whole(days: number): string {
  return days.toFixed(0)
}
