import { createHash } from 'node:crypto'
import { dayMs } from '../../core/clock.ts'
import type { Risk, RiskPart } from '../../core/inspection.ts'

export interface RiskFacts {
  readonly deviceId: string
  /** Health from 0 to 100, as of the newest day; null = nobody knows. */
  readonly health: number | null
  /** Emergency orders of the last 90 days that were no false alarms. */
  readonly emergencies: number
  /** ms since 1970; null = not known. */
  readonly installedAt: number | null
  readonly lastInspection: { readonly at: number; readonly score: number | null } | null
}

/** As many as a plan may ask for in a month. */
export const mostUnannounced = 10_000
export const emergenciesWithinMs = 90 * dayMs
const yearMs = 365.25 * dayMs
const oldFromYears = 15
const goodScore = 80

/**
 * How much likelier than another an elevator is to be come to unannounced. Pure.
 *
 * Weight  1 for every elevator, so that none is safe; 0 to 4 for missing health, 1 for each emergency up to 4, 0 to 2 for age beyond 15
 *         years, for a last score below 80 and for the years since it was inspected. What nobody knows counts in the middle or worse.
 * Source  the factors are those that insurers name for pricing (lift age, use, maintenance, fault monitoring: Guangdong's plan) and what
 *         Huai'an ranks by; all numbers are unverified defaults
 */
export function riskOf({ health, emergencies, installedAt, lastInspection }: RiskFacts, now: number): Risk {
  const years = installedAt === null ? null : (now - installedAt) / yearMs
  const since = lastInspection === null ? null : (now - lastInspection.at) / yearMs
  const score = lastInspection?.score ?? null
  const months = since === null ? null : Math.floor(since * 12)
  const age = years === null ? null : Math.floor(years)
  const parts: RiskPart[] = [
    { cause: 'base', points: 1, value: null, text: 'every elevator' },
    health === null
      ? { cause: 'health', points: 2, value: null, text: 'health is not known' }
      : { cause: 'health', points: (100 - health) / 25, value: health, text: `health ${health}` },
    {
      ...{ cause: 'emergencies', points: Math.min(4, emergencies), value: emergencies },
      text: `${emergencies} emergencies in 90 days`,
    },
    years === null
      ? { cause: 'age', points: 1, value: null, text: 'age is not known' }
      : { cause: 'age', points: within(0, (years - oldFromYears) / 5, 2), value: age, text: `${age} years old` },
    ...(score === null ? [] : [lastScore(score)]),
    since === null
      ? { cause: 'long-ago', points: 2, value: null, text: 'no inspection is known' }
      : { cause: 'long-ago', points: within(0, since, 2), value: months, text: `inspected ${months} months ago` },
  ]
  const counting = parts.map((part) => ({ ...part, points: rounded(part.points) })).filter(({ points }) => points > 0)
  return { weight: rounded(counting.reduce((sum, { points }) => sum + points, 0)), parts: counting }
}

function lastScore(score: number): RiskPart {
  const points = within(0, (goodScore - score) / 20, 2)
  return { cause: 'last-score', points, value: score, text: `last score ${score}` }
}

export type AtRisk = Risk & { readonly deviceId: string }

/** The riskiest first; by id where they are the same. */
export function riskiest(all: readonly AtRisk[], count: number): AtRisk[] {
  const byRisk = (one: AtRisk, other: AtRisk) => other.weight - one.weight || (one.deviceId < other.deviceId ? -1 : 1)
  return all.toSorted(byRisk).slice(0, count)
}

/** One to come to unannounced. */
export interface Chosen extends AtRisk {
  readonly dueOn: string
  /** The shorter, the sooner it is chosen. */
  readonly wait: number
}

/**
 * Elevators to come to unannounced: drawn without replacement, each as likely as its weight, and each on a weekday of its own. The seed is
 * none that is ever published: whom somebody was late to come to would be known. Pure.
 *
 * Method  the lowest −ln(u) / weight, where u is the first 52 bits of the SHA-256 of seed, month, `unannounced` and id, with line feeds
 *         between; the next 32 bits choose the day
 * Source  P. S. Efraimidis, P. G. Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 97 (2006)
 * @param days local dates to choose from
 */
export function drawUnannounced(
  { seed, month }: { readonly seed: string; readonly month: string },
  all: readonly AtRisk[],
  count: number,
  days: readonly string[],
): Chosen[] {
  if (days.length === 0) return []
  const waiting = all.map((one) => {
    const bytes = createHash('sha256').update(`${seed}\n${month}\nunannounced\n${one.deviceId}`).digest()
    const uniform = (Number(bytes.readBigUInt64BE(0) >> 12n) + 0.5) / 2 ** 52
    const dueOn = days[bytes.readUInt32BE(8) % days.length] ?? ''
    return { ...one, dueOn, wait: -Math.log(uniform) / one.weight }
  })
  return soonest(waiting, count)
}

/** Of some and of others, the soonest of all are among the soonest of each. */
export function soonest(chosen: readonly Chosen[], count: number): Chosen[] {
  return chosen.toSorted((one, other) => one.wait - other.wait).slice(0, count)
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

function rounded(points: number): number {
  return Math.round(points * 100) / 100
}
