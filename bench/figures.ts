import { cpus, loadavg } from 'node:os'

/** Median and range, as every figure is told. `values` has at least one. */
export function medianAndRange(values: readonly number[], shown: (value: number) => string): string {
  return `${shown(quantile(values, 0.5))} (${shown(Math.min(...values))}–${shown(Math.max(...values))})`
}

/** Nearest rank; sorts a copy. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  const middle = (sorted.length - 1) / 2
  if (share === 0.5) return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0
  return sum / values.length
}

export const percent = (share: number) => `${(100 * share).toFixed(0)} %`
export const thousands = (perSecond: number) => `${(perSecond / 1000).toFixed(1)}k/s`
export const milliseconds = (value: number) => `${value.toFixed(1)} ms`

/** A figure is only as good as the machine was quiet: say what else was running. */
export function machineText(): string {
  const [first] = cpus()
  const load = loadavg().map((value) => value.toFixed(1))
  return `${cpus().length} × ${first?.model.trim()}, Node.js ${process.version}, load average at the start ${load.join(' ')}`
}
