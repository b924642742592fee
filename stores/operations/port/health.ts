import type { WearForecast } from '../../../core/detector.ts'
import type { HealthPart } from '../../../core/health.ts'
import type { Severity } from '../../../core/severity.ts'

/** A device's health at the end of a day. */
export interface HealthDay {
  readonly deviceId: string
  /** In Asia/Shanghai, YYYY-MM-DD. */
  readonly day: string
  readonly at: number
  readonly score: number | null
  readonly coverage: number
  readonly parts: readonly HealthPart[]
  /** How long its samples have vouched for it since it was first heard, ms: the next day's coverage counts from here. */
  readonly coveredMs: number
}

/** What a rule knew at the end of a day of something that wears; `level`, `limit` and the days are those of `WearForecast`. */
export interface ForecastDay
  extends Pick<WearForecast, 'quantity' | 'level' | 'limit' | 'days' | 'lowDays' | 'highDays'> {
  readonly deviceId: string
  readonly finding: string
  /** In Asia/Shanghai, YYYY-MM-DD. */
  readonly day: string
  /** When it was written down. */
  readonly at: number
  /** Of the newest sample behind it: the days count from here. */
  readonly sampleAt: number
  /** Why there are no days; null when there are. */
  readonly refused: string | null
}

export interface HealthTables {
  /** One of each device and day: a day that is there is replaced. */
  putHealthDays(days: readonly HealthDay[]): Promise<void>
  /** Newest first. */
  healthDays(deviceId: string, limit: number): Promise<HealthDay[]>
  /** The newest of each. */
  newestHealth(deviceIds: readonly string[]): Promise<Map<string, HealthDay>>
  deleteHealthBefore(day: string): Promise<number>
  /** What these devices have on this day is replaced: a part that was renewed since has no forecast any more. */
  putForecastDays(day: string, deviceIds: readonly string[], forecasts: readonly ForecastDay[]): Promise<void>
  deleteForecastsBefore(day: string): Promise<number>
  /** What is found on these devices and not over. */
  openFindings(deviceIds: readonly string[]): Promise<{ deviceId: string; finding: string; severity: Severity }[]>
  /** Emergency orders detected since then that were not false alarms; devices without any are absent. */
  emergenciesOf(deviceIds: readonly string[], since: number): Promise<Map<string, number>>
}
