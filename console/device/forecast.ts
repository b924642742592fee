import type { ChartForecast } from '../shared/components/chart-model.ts'
import type { WearForecast } from './wire.ts'

const dayMs = 86_400_000

export interface DaysLeft {
  readonly days: number
  readonly low: number
  readonly high: number
}

/** From `now`, whole days, none below 0; null where there is no forecast. The early end is rounded down and the late one up. */
export function daysLeft({ at, days, lowDays, highDays }: WearForecast, now: number): DaysLeft | null {
  if (days === null || lowDays === null || highDays === null) return null
  const passed = (now - Date.parse(at)) / dayMs
  const left = (count: number, round: (value: number) => number) => Math.max(0, round(count - passed))
  return { days: left(days, Math.round), low: left(lowDays, Math.floor), high: left(highDays, Math.ceil) }
}

/** The dotted line into the future. */
export function lineOf({ at, level, limit, days, lowDays, highDays }: WearForecast): ChartForecast | null {
  if (days === null || lowDays === null || highDays === null) return null
  const from = Date.parse(at)
  const after = (count: number) => from + Math.max(0, count) * dayMs
  return { at: from, level, limit, limitAt: after(days), lowAt: after(lowDays), highAt: after(highDays) }
}
