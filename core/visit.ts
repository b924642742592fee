/** Items of maintenance that may not exceed their period (TSG T5002-2017: half-month = 15 days). */
export const maintenanceItems = ['half-month', 'quarter', 'half-year', 'year'] as const
export type MaintenanceItem = (typeof maintenanceItems)[number]

/** `on-demand-iot`: half-month items may wait a calendar month, three where the elevator is on the city's IoT platform. */
export const regimeTypes = ['calendar', 'on-demand', 'on-demand-iot'] as const
export type RegimeType = (typeof regimeTypes)[number]

export interface Regime {
  readonly deviceId: string
  readonly type: RegimeType
  /** Next due from the due date, or from when it was done. */
  readonly dueFrom: 'schedule' | 'completion'
  readonly validFrom: number
  readonly validUntil: number | null
}

/** A maintainer says that people were there; telemetry says whether it shows. */
export interface Visit {
  readonly id: string
  readonly deviceId: string
  readonly items: readonly MaintenanceItem[]
  readonly startedAt: number
  readonly endedAt: number
  readonly teamId: string | null
  readonly workers: readonly string[]
  readonly note: string | null
  readonly claimedAt: number
  readonly claimedBy: string
  /** Null = not looked at yet. */
  readonly verdict: 'proven' | 'not-proven' | 'cannot-tell' | null
  readonly verdictText: string | null
  readonly verdictEvidence: Readonly<Record<string, unknown>> | null
  /** What was decided about an objection to the verdict; null = there was none, or it is open. */
  readonly decision?: 'accepted' | 'rejected' | null
}

interface Judged {
  readonly verdict: Visit['verdict']
  readonly decision?: Visit['decision'] | undefined
}

/** By telemetry, or by evidence that was accepted after an objection. */
export function isProven({ verdict, decision }: Judged): boolean {
  return verdict === 'proven' || decision === 'accepted'
}
