import type { CauseClass, OrderOutcome } from '../../../core/incident.ts'
import type { Countable, Duration, Measure, RuleTally } from '../../../core/kpi.ts'
import type { KpiDays, KpiHealth, KpiInspection, KpiOrder, KpiOverhaul, KpiVisit } from '../../../core/kpi-records.ts'
import type { Sight } from '../../../core/sight.ts'
import type { Regime, Visit } from '../../../core/visit.ts'
import type { DeviceParty } from './sites.ts'

/** A device, with what its stratum is made of. */
export interface QualityDevice {
  readonly id: string
  readonly kind: string
  readonly createdAt: number
  readonly retiredAt: number | null
  /** ISO date. */
  readonly installedOn: string | null
  readonly stops: number | null
  /** Of its building, or of the nearest place above that has one. */
  readonly use: string | null
  /** The estate that it is in. */
  readonly estateId: string | null
}

/** What is stored about some devices and a period, as it was known at a time. */
export interface QualityRecords {
  readonly devices: readonly QualityDevice[]
  readonly parties: readonly DeviceParty[]
  readonly orders: readonly KpiOrder[]
  readonly visits: readonly KpiVisit[]
  readonly regimes: readonly Regime[]
  readonly inspections: readonly KpiInspection[]
  readonly overhauls: readonly KpiOverhaul[]
}

/** What a visit says about maintenance. */
export type MaintenanceVisit = Pick<Visit, 'deviceId' | 'items' | 'startedAt' | 'verdict'> & {
  readonly decision: NonNullable<Visit['decision']> | null
}

export const recordSources = ['orders', 'visits', 'health', 'due', 'inspections', 'overhauls', 'days'] as const
export type RecordSource = (typeof recordSources)[number]

/** Records that a count stands at the time of. */
export const recordMoments = ['orders', 'visits', 'inspections', 'overhauls', 'days-out-of-service'] as const
export type RecordMoment = (typeof recordMoments)[number]

/** ms since 1970; `to` is exclusive. */
export interface QualityPeriod {
  readonly from: number
  readonly to: number
}

/** Whole days of one device, in Asia/Shanghai: `untilDay` is exclusive. */
export interface DaySpan {
  readonly deviceId: string
  readonly fromDay: string
  readonly untilDay: string
  /** What they are told by; ms since 1970. */
  readonly at: number
}

export interface DeviceDay {
  readonly deviceId: string
  /** In Asia/Shanghai, YYYY-MM-DD. */
  readonly day: string
  readonly knownAt: number
  readonly inServiceMinutes: number
  readonly outOfServiceMinutes: number
  readonly plannedMinutes: number
}

/** How the cause or the outcome of a closed order was put right. */
export interface OrderCorrection {
  readonly orderId: string
  readonly at: number
  readonly causeClass: CauseClass | null
  readonly outcome: OrderOutcome
  readonly reason: string
  readonly actor: string
}

export interface StaleMonths {
  readonly deviceId: string
  /** Empty = the first there is. */
  readonly fromMonth: string
  /** Null = the running one. */
  readonly toMonth: string | null
}

/** Counts of one device, month and contract. */
export interface KpiMonth
  extends Readonly<Record<Measure, number>>,
    Readonly<Record<Duration, readonly number[] | null>> {
  readonly deviceId: string
  readonly month: string
  readonly maintainerId: string | null
  readonly insurerId: string | null
  readonly estateId: string | null
  readonly stratum: string
  readonly exposureMinutes: number
  readonly rules: Readonly<Record<string, RuleTally>> | null
}

export const kpiGroupings = ['none', 'maintainer', 'insurer', 'estate', 'elevator'] as const
export type KpiGrouping = (typeof kpiGroupings)[number]

/** Which counts. What is absent matches everything. */
export interface KpiQuery {
  readonly sight: Sight
  readonly maintainerId?: string | undefined
  readonly insurerId?: string | undefined
  /** A place, with all that is in it. */
  readonly siteId?: string | undefined
  readonly deviceId?: string | undefined
}

/** Sums of one group and, where they are asked by stratum, of one stratum of it. */
export interface KpiSums {
  /** Null = nobody has them, or they are nowhere. */
  readonly group: string | null
  readonly stratum: string
  readonly sums: Readonly<Record<Measure, number>>
}

export interface KpiExposure {
  readonly group: string | null
  readonly stratum: string
  /** By month. */
  readonly minutes: Readonly<Record<string, number>>
}

/** A device whose counts are to be read, and how it is seen. */
export interface KpiDeviceRow {
  readonly deviceId: string
  readonly estateId: string | null
  /** It is at a place of the sight: all of it is seen, whoever had it. */
  readonly isPlaced: boolean
}

/** How many devices of an estate there are, and of how many something is wrong. */
export interface EstateHazards {
  readonly siteId: string
  readonly devices: number
  /** With an order that had been open for longer than a given time when the period ended. */
  readonly neglected: number
  readonly meters: number
  /** Meters with an emergency in the period that was no false alarm. */
  readonly troubledMeters: number
}

/** What was found in a rental room in a period. */
export interface RoomTroubles {
  readonly deviceId: string
  readonly name: string | null
  readonly siteId: string | null
  /** Orders that were no false alarms, by finding. */
  readonly findings: Readonly<Record<string, number>>
  readonly open: number
  /** Orders for which somebody was there. */
  readonly attended: number
  readonly ended: number
  readonly selfCorrected: number
  /** Leakage as it was foreseen first and last in the period, mA; null where nothing was foreseen. */
  readonly leakage: {
    readonly firstLevel: number
    readonly level: number
    readonly limit: number
    readonly days: number | null
  } | null
}

/** Weights of an index, by part. */
export interface IndexWeights {
  /** 0 = as it ships. */
  readonly version: number
  readonly weights: Readonly<Record<string, number>>
  readonly at: number
  readonly actor: string
  readonly reason: string
}

/** What the insurer's figures rest on, and their roll-up. */
export interface QualityTables {
  /** Of these devices, and of these sources alone. What was known later than `asOf` is not in it. */
  qualityRecords(
    deviceIds: readonly string[],
    period: QualityPeriod,
    asOf: number,
    sources: readonly RecordSource[],
  ): Promise<QualityRecords>
  /**
   * Of these devices, also of the years before `from`: they say what was due then. Of visits for half-month items alone, which are most,
   * those from `halfMonthSince` on.
   */
  maintenanceVisits(
    deviceIds: readonly string[],
    from: number,
    asOf: number,
    halfMonthSince: number,
  ): Promise<MaintenanceVisit[]>
  /** Those of these devices that have any such record in a period, whenever it became known, by id. */
  devicesWithRecords(
    deviceIds: readonly string[],
    period: QualityPeriod,
    moments: readonly RecordMoment[],
  ): Promise<string[]>
  /** Sums of the minutes of each span's days; spans without any are absent. */
  sumDays(spans: readonly DaySpan[], asOf: number): Promise<KpiDays[]>
  /** The same of known health scores. */
  sumHealth(spans: readonly DaySpan[], asOf: number): Promise<KpiHealth[]>

  /** Those that differ from what is known of their day. Answers how many. */
  insertDeviceDays(days: readonly DeviceDay[]): Promise<number>
  /** As they are known at `asOf`, of these devices, oldest first; `untilDay` is exclusive. */
  deviceDays(deviceIds: readonly string[], fromDay: string, untilDay: string, asOf: number): Promise<DeviceDay[]>
  /** The newest day that any device has. */
  newestDeviceDay(): Promise<string | undefined>
  /** Elevators that were in service at some moment of a period, after a device id, by id. */
  elevatorsIn(period: QualityPeriod, after: string, limit: number): Promise<string[]>

  insertOrderCorrection(correction: OrderCorrection): Promise<void>
  /** Oldest first. */
  orderCorrections(orderId: string): Promise<OrderCorrection[]>
  /** Of which no event of their order tells, oldest first. */
  unrecordedCorrections(limit: number): Promise<OrderCorrection[]>

  /**
   * The first statement of a transaction that takes marks: until its end nobody else does, so that no month is counted twice at once.
   * Answers false where somebody else does: whoever `waits` is never told so.
   */
  lockRollUp(waits: boolean): Promise<boolean>
  /** Takes at most so many marks away, in the order in which they were made: within a transaction that makes them good. */
  takeStaleMonths(limit: number): Promise<StaleMonths[]>
  /** Marks once more what was taken and is left for later. */
  putStaleMonths(marks: readonly StaleMonths[]): Promise<void>
  /** How many there are, at most `limit`. */
  countStaleMonths(limit: number): Promise<number>
  /**
   * Marks what changes by time alone: orders that nobody came for although their time is over, and as a month begins all elevators in service
   * and whatever is maintained.
   * @param since what had changed by then is marked already; 0 = nothing is
   */
  markPassed(since: number, now: number): Promise<void>
  /** The first month of each that anything is known of. */
  firstMonthsOf(deviceIds: readonly string[]): Promise<Map<string, string>>
  /** What these devices have in this month is replaced. */
  replaceKpiMonths(month: string, deviceIds: readonly string[], rows: readonly KpiMonth[]): Promise<void>

  kpiSums(query: KpiQuery, months: readonly string[], by: KpiGrouping, byStratum: boolean): Promise<KpiSums[]>
  kpiExposure(query: KpiQuery, months: readonly string[], by: KpiGrouping, byStratum: boolean): Promise<KpiExposure[]>
  kpiDurations(
    query: KpiQuery,
    months: readonly string[],
    by: KpiGrouping,
  ): Promise<{ group: string | null; duration: Duration; seconds: number; times: number }[]>
  kpiRules(
    query: KpiQuery,
    months: readonly string[],
    by: KpiGrouping,
  ): Promise<({ group: string | null; rule: string } & RuleTally)[]>
  /**
   * How many devices are behind each group, and behind all of them: also those that are no elevators and to which nothing happened.
   * @param months oldest first, none left out; one at least
   * @param until ms since 1970: who has a device later is not asked
   */
  kpiDevices(
    query: KpiQuery,
    months: readonly string[],
    by: KpiGrouping,
    until: number,
  ): Promise<{
    groups: { group: string | null; elevators: number; others: number }[]
    elevators: number
    others: number
  }>
  /** Devices with anything in these months, by id, at most `limit`. */
  kpiDeviceRows(query: KpiQuery, months: readonly string[], limit: number): Promise<KpiDeviceRow[]>
  /** Months in which any of these is not nothing, the newest first, with the number of devices that have it. */
  kpiMonthsWith(
    query: KpiQuery,
    months: readonly string[],
    what: readonly Countable[],
  ): Promise<{ month: string; devices: number }[]>
  /** Devices of which any of these is not nothing in a month. */
  kpiDevicesWith(
    query: KpiQuery,
    month: string,
    what: readonly Countable[],
  ): Promise<Pick<KpiDeviceRow, 'deviceId' | 'isPlaced'>[]>

  /**
   * Of the estates in sight, as they were known at `asOf`.
   * @param openBefore ms since 1970: an order that is open at the end and was detected before is neglected
   */
  estateHazards(query: KpiQuery, period: QualityPeriod, openBefore: number, asOf: number): Promise<EstateHazards[]>
  /**
   * Of meters with any order in the period, or a leakage that is foreseen; as they were known at `asOf`.
   * @param leftOut findings that are no trouble
   */
  roomTroubles(
    query: KpiQuery,
    period: QualityPeriod,
    asOf: number,
    leftOut: readonly string[],
  ): Promise<RoomTroubles[]>
  /** Newest first. */
  indexWeights(): Promise<IndexWeights[]>
  /** Answers false, and changes nothing, when that version is there already. */
  insertIndexWeights(weights: IndexWeights): Promise<boolean>
}
