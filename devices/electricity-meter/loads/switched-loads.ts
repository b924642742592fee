import { minutesPerDay, quantile, type Run } from './day.ts'

/** A load from its switching on to its switching off, W above what ran before. */
export interface SwitchedLoad extends Run {
  readonly watts: number
}

interface Step {
  readonly at: number
  readonly watts: number
}

/** Two levels are the same within this, W and share. Unverified defaults. */
const sameWatts = 15
const sameShare = 0.04
/** A step down belongs to a step up within this, W and share: hot resistors draw less than cold ones. Unverified defaults. */
const pairWatts = 20
const pairShare = 0.2

/**
 * Takes a day apart: levels, the steps between them, and steps up paired with steps down. A step down is given to the open load that it fits
 * best, else to two of them; at the level of the base everything is off.
 *
 * Source  G. W. Hart, "Nonintrusive Appliance Load Monitoring", Proc. IEEE 80 (1992), 1870–1891: steady levels, matched pairs
 */
export function switchedLoads(
  watts: Float64Array,
  sorted: Float64Array,
): { baseWatts: number; loads: readonly SwitchedLoad[] } {
  const baseWatts = quantile(sorted, 0.05)
  const loads: SwitchedLoad[] = []
  let open: Step[] = []
  const close = (step: Step, to: number) => {
    open = open.filter((other) => other !== step)
    if (to > step.at) loads.push({ from: step.at, to, watts: step.watts })
  }
  const { steps, first } = stepsOf(watts)
  if (first > baseWatts + sameAs(baseWatts)) open.push({ at: 0, watts: first - baseWatts })

  let level = first
  for (const step of steps) {
    level += step.watts
    if (step.watts > 0) open.push(step)
    else for (const off of switchedOff(open, -step.watts)) close(off, step.at)
    if (level <= baseWatts + sameAs(baseWatts)) for (const left of open) close(left, step.at)
  }
  for (const left of open) close(left, minutesPerDay)
  return { baseWatts, loads: loads.sort((a, b) => a.from - b.from) }
}

const sameAs = (watts: number) => Math.max(sameWatts, sameShare * watts)

/** Two minutes alike are a level: the minute in which something is switched is a mean of before and after. */
function stepsOf(watts: Float64Array): { first: number; steps: readonly Step[] } {
  const steps: Step[] = []
  let first: number | undefined
  let level = 0
  let minutes = 0
  let before = Number.NaN
  let changedAt = 0
  for (let minute = 0; minute < minutesPerDay; minute++) {
    const now = watts[minute] ?? Number.NaN
    if (Number.isNaN(now)) continue
    const alike = Math.abs(now - before) <= sameAs(now)
    if (first !== undefined && Math.abs(now - level) <= sameAs(level)) {
      // Follows what drifts, such as a motor that warms up.
      level += (now - level) / Math.min(10, ++minutes)
      changedAt = minute + 1
    } else if (alike) {
      const next = (before + now) / 2
      if (first !== undefined) steps.push({ at: changedAt, watts: next - level })
      first ??= next
      level = next
      minutes = 2
      changedAt = minute + 1
    }
    before = now
  }
  return { first: first ?? 0, steps }
}

/** The open load, or the two of them, that this many watts fit; the newest of equals. None where nothing fits. */
function switchedOff(open: readonly Step[], watts: number): readonly Step[] {
  let best: readonly Step[] = []
  let bestMiss = Math.max(pairWatts, pairShare * watts)
  const consider = (steps: readonly Step[]) => {
    const miss = Math.abs(steps.reduce((sum, step) => sum + step.watts, 0) - watts)
    if (miss > bestMiss) return
    best = steps
    bestMiss = miss
  }
  for (const step of open) consider([step])
  if (best.length > 0) return best
  for (const [index, step] of open.entries()) for (const other of open.slice(0, index)) consider([other, step])
  return best
}
