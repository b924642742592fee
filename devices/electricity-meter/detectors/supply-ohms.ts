import { median } from 'simple-statistics'
import { dayMs, minuteMs } from '../../../core/clock.ts'

/** What the meter says at one moment; a current that flows out of the room is negative. */
export interface SupplySample {
  readonly at: number
  readonly volts: number
  readonly amps: number
}

/** One time that the room's own current changed at once: the ohms that it tells, and the volts that rose with it. */
export type OwnStep = readonly [at: number, ohms: number, volts: number]

/** The supply in front of the meter, as the room's own loads show it. */
export interface Supply extends SupplySample {
  /** What the voltage changes by at most, as a rule, while the own current does not: the grid, and others. V. */
  readonly gridVolts: number
  /** The newest last. */
  readonly steps: readonly OwnStep[]
  /** What it usually is, Ω; null until it was seen in `learnSteps` steps. */
  readonly usualOhms: number | null
}

export const unseenSupply: Supply = { at: 0, volts: 0, amps: 0, gridVolts: 1, steps: [], usualOhms: null }

/** A change of the own current by this, A, is a step; one below that is none. */
const stepAmps = 3
const calmAmps = 0.3
/** Samples further apart say nothing of each other: the grid has changed. */
const apartMs = 11 * minuteMs
/** A step is used where what is looked for would be so many times what the grid changes by. */
const clearOfGrid = 2
/** That follows a larger change fast and a smaller one slowly, so that few changes are larger. */
const gridRiseShare = 0.2
const gridFallShare = 0.02
const mostGridVolts = 20
/** Current and voltage that change alike, the voltage by this share of the current's at least: a brown-out, no load that was switched. */
const brownShare = 0.4
/** Below this the supply is gone, and what comes with it tells nothing of it, V. */
export const deadVolts = 50
const keptSteps = 8
const learnSteps = 8
/** The newest steps that are judged, and how many of them must agree; or where each is too large for a neighbour. */
const judgedSteps = 5
const agreeingSteps = 3
const sureSteps = 2
/** What is usual follows a better supply in some steps, and a worse one hardly: a contact wears for months, Ω per day. */
const followShare = 1 / 16
const creepOhmsPerDay = 0.005

/** Whether a sample has anything to say that the one before has not. */
export function isStep({ amps }: Supply, now: number): boolean {
  return Math.abs(now - amps) >= stepAmps
}

/**
 * The supply after one more sample. Its impedance is what the voltage falls by per ampere that the room itself adds, Z = −ΔV/ΔI, from one
 * sample to the next. A step must be so large that `looseOhms` would stand out of what the grid does by itself.
 */
export function withSample(was: Supply, { at, volts, amps }: SupplySample, looseOhms: number): Supply {
  const apart = at - was.at
  const { gridVolts, steps: before, usualOhms } = was
  if (apart > apartMs || was.volts < deadVolts || volts < deadVolts)
    return { at, volts, amps, gridVolts, steps: before, usualOhms }
  const byVolts = volts - was.volts
  const byAmps = amps - was.amps
  if (Math.abs(byAmps) < calmAmps)
    return { at, volts, amps, gridVolts: restless(gridVolts, byVolts), steps: before, usualOhms }
  const isClear = Math.abs(byAmps) * looseOhms >= clearOfGrid * gridVolts
  const isBrown = byVolts * byAmps > 0 && share(volts, was.volts) >= brownShare * share(amps, was.amps)
  if (Math.abs(byAmps) < stepAmps || !isClear || isBrown)
    return { at, volts, amps, gridVolts, steps: before, usualOhms }

  const step: OwnStep = [at, rounded(-byVolts / byAmps), rounded(byVolts)]
  const steps = [...before, step].slice(-keptSteps)
  return { at, volts, amps, gridVolts, steps, usualOhms: learned(was, steps) }
}

/** By how much of the larger one they differ. */
function share(one: number, other: number): number {
  return Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other))
}

function restless(gridVolts: number, byVolts: number): number {
  const by = Math.min(Math.abs(byVolts), mostGridVolts) - gridVolts
  return rounded(gridVolts + (by > 0 ? gridRiseShare : gridFallShare) * by)
}

function learned({ usualOhms: was, steps: before }: Supply, steps: readonly OwnStep[]): number | null {
  if (steps.length < learnSteps) return null
  const present = median(steps.map(([, ohms]) => ohms))
  if (was === null) return present
  const days = ((steps.at(-1)?.[0] ?? 0) - (before.at(-1)?.[0] ?? 0)) / dayMs
  return rounded(was + Math.min(followShare * (present - was), creepOhmsPerDay * days))
}

/** What several of the newest steps say together. */
export interface Agreed {
  /** The first of them, ms; their median, Ω; the largest change of the voltage among them, V. */
  readonly since: number
  readonly ohms: number
  readonly volts: number
  readonly count: number
}

/**
 * What the newest steps agree on: at least three of five, switched on and off. A single one may be a neighbour's who switched at the same
 * time. Each is larger than the grid's own changes. Of `sureVolts` and more, which nobody else's load brings, one that is switched on and off
 * is enough.
 */
export function agreedOn(
  { steps, gridVolts }: Supply,
  sureVolts: number,
  holds: (ohms: number) => boolean,
): Agreed | undefined {
  const agreeing = steps
    .slice(-judgedSteps)
    .filter(([, ohms, volts]) => holds(ohms) && Math.abs(volts) >= clearOfGrid * gridVolts)
  const [first] = agreeing
  const isBothWays = agreeing.some(([, , volts]) => volts > 0) && agreeing.some(([, , volts]) => volts < 0)
  const least = agreeing.every(([, , volts]) => Math.abs(volts) >= sureVolts) ? sureSteps : agreeingSteps
  if (first === undefined || agreeing.length < least || !isBothWays) return undefined
  return {
    since: first[0],
    ohms: median(agreeing.map(([, ohms]) => ohms)),
    volts: Math.max(...agreeing.map(([, , volts]) => Math.abs(volts))),
    count: agreeing.length,
  }
}

/** The newest steps all hold: what was agreed on before is over. */
export function newestAgree({ steps }: Supply, holds: (ohms: number) => boolean, since: number): boolean {
  const newest = steps.slice(-agreeingSteps)
  return newest.length === agreeingSteps && newest.every(([at, ohms]) => at > since && holds(ohms))
}

function rounded(value: number): number {
  return Math.round(value * 1e3) / 1e3
}
