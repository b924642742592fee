import type { Severity } from '../shared/wire.ts'

/*
 * What these routes answer, as far as this page reads it: their schemas are not among those of `api/schemas.ts`.
 */

/** `/devices/:id/health` */
export interface WearForecast {
  readonly finding: string
  readonly quantity: string
  readonly level: number
  readonly limit: number
  readonly at: string
  /** From `at`; null = there is no forecast, and `refused` says why. */
  readonly days: number | null
  readonly lowDays: number | null
  readonly highDays: number | null
  readonly refused?: string
}

export interface HealthPart {
  readonly cause: 'finding' | 'forecast' | 'repeats' | 'coverage'
  readonly points: number
  readonly finding: string | null
  readonly text: string
}

export interface DeviceHealth {
  readonly score: number | null
  readonly coverage: number
  readonly parts: readonly HealthPart[]
  readonly forecasts: readonly WearForecast[]
}

/** `/rules/:kind/:name?deviceId=` */
export interface RuleDetail {
  readonly finding: string
  readonly severities: readonly Severity[]
  readonly inForce: { readonly enabled: boolean; readonly settings: Readonly<Record<string, unknown>> } | null
}

/** `/devices/:id/maintenance` */
export interface Upkeep {
  readonly items: readonly {
    readonly item: string
    readonly lastDoneAt: string | null
    readonly dueDate: string
    readonly overdueDays: number
  }[]
  readonly overdue: boolean
}

/** `/devices/:id/visits` */
export interface Visit {
  readonly id: string
  readonly items: readonly string[]
  readonly startedAt: string
  readonly endedAt: string
  readonly teamId: string | null
  readonly workers: readonly string[]
  readonly note: string | null
  readonly verdict: 'proven' | 'not-proven' | 'cannot-tell' | null
  readonly verdictText: string | null
}
