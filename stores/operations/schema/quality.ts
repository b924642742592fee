import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import type { CauseClass, OrderOutcome } from '../../../core/incident.ts'
import { type Duration, measures, type RuleTally } from '../../../core/kpi.ts'
import { instant, json, words } from './columns.ts'

/** An elevator's minutes day by day. What is known later is another row of the day: the newest holds, the others say what was known when. */
export const deviceDays = pgTable(
  'device_days',
  {
    deviceId: text('device_id').notNull(),
    /** In Asia/Shanghai, YYYY-MM-DD. */
    day: text().notNull(),
    knownAt: instant('known_at').notNull(),
    inServiceMinutes: smallint('in_service_minutes').notNull(),
    outOfServiceMinutes: smallint('out_of_service_minutes').notNull(),
    plannedMinutes: smallint('planned_minutes').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.day, table.knownAt] }),
    index('device_days_day').on(table.day),
  ],
)

/** Causes and outcomes of closed orders, as they were put right: the order itself stays as it was closed. The newest holds. */
export const orderCorrections = pgTable(
  'order_corrections',
  {
    orderId: uuid('order_id').notNull(),
    at: instant().notNull(),
    causeClass: text('cause_class').$type<CauseClass>(),
    outcome: text().$type<OrderOutcome>().notNull(),
    reason: words().notNull(),
    actor: words().notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.at] })],
)

/** As a list, so that many rows can be given as one JSON text. */
const seconds = customType<{ data: readonly number[]; driverData: readonly number[] }>({ dataType: () => 'integer[]' })

const count = (name: string) => integer(name).notNull()

/** The counts of `core/kpi.ts`, rolled up by device, month and whoever had the device. */
export const kpiMonths = pgTable(
  'kpi_months',
  {
    deviceId: text('device_id').notNull(),
    /** In Asia/Shanghai, YYYY-MM. */
    month: text().notNull(),
    maintainerId: text('maintainer_id'),
    insurerId: text('insurer_id'),
    /** Where it is now: a device that moves, or whose places do, is counted again. */
    estateId: text('estate_id'),
    stratum: text().notNull(),
    exposureMinutes: count('exposure_minutes'),
    inServiceMinutes: count('in_service_minutes'),
    outOfServiceMinutes: count('out_of_service_minutes'),
    plannedMinutes: count('planned_minutes'),
    faultsEquipment: count('faults_equipment'),
    faultsPeople: count('faults_people'),
    faultsExternal: count('faults_external'),
    faultsUnknown: count('faults_unknown'),
    faultsWarned: count('faults_warned'),
    faultOccurrences: count('fault_occurrences'),
    repeatFaults: count('repeat_faults'),
    entrapments: count('entrapments'),
    entrapmentsEquipment: count('entrapments_equipment'),
    arrivalsDue: count('arrivals_due'),
    arrivalsOnTime: count('arrivals_on_time'),
    ordersRaised: count('orders_raised'),
    ordersClosed: count('orders_closed'),
    ruleOrdersEnded: count('rule_orders_ended'),
    falseAlarms: count('false_alarms'),
    warningsEnded: count('warnings_ended'),
    warningsConfirmed: count('warnings_confirmed'),
    electricitySelfCorrected: count('electricity_self_corrected'),
    electricityServiced: count('electricity_serviced'),
    electricityRepaired: count('electricity_repaired'),
    electricityEnforcement: count('electricity_enforcement'),
    maintenanceDue: count('maintenance_due'),
    maintenanceOnTime: count('maintenance_on_time'),
    maintenanceClaimed: count('maintenance_claimed'),
    overdueDays: count('overdue_days'),
    visitsClaimed: count('visits_claimed'),
    visitsProven: count('visits_proven'),
    visitsNotProven: count('visits_not_proven'),
    effectVisits: count('effect_visits'),
    effectTenths: count('effect_tenths'),
    effectTenthsSquared: count('effect_tenths_squared'),
    healthDays: count('health_days'),
    healthPoints: count('health_points'),
    inspectionsJudgedQuarterly: count('inspections_judged_quarterly'),
    inspectionsPassedQuarterly: count('inspections_passed_quarterly'),
    inspectionsJudgedMonthly: count('inspections_judged_monthly'),
    inspectionsPassedMonthly: count('inspections_passed_monthly'),
    inspectionsJudgedUnannounced: count('inspections_judged_unannounced'),
    inspectionsPassedUnannounced: count('inspections_passed_unannounced'),
    inspectionsQuarterly: count('inspections_quarterly'),
    inspectionTenthsQuarterly: count('inspection_tenths_quarterly'),
    inspectionTenthsSquaredQuarterly: count('inspection_tenths_squared_quarterly'),
    inspectionsMonthly: count('inspections_monthly'),
    inspectionTenthsMonthly: count('inspection_tenths_monthly'),
    inspectionTenthsSquaredMonthly: count('inspection_tenths_squared_monthly'),
    inspectionsUnannounced: count('inspections_unannounced'),
    inspectionTenthsUnannounced: count('inspection_tenths_unannounced'),
    inspectionTenthsSquaredUnannounced: count('inspection_tenths_squared_unannounced'),
    /** Each duration, s; null = none. */
    respond: seconds(),
    arrive: seconds(),
    restore: seconds(),
    overhaul: seconds(),
    rules: json().$type<Readonly<Record<string, RuleTally>>>(),
  },
  (table) => [
    unique('kpi_months_once').on(table.deviceId, table.month, table.maintainerId, table.insurerId).nullsNotDistinct(),
    index('kpi_months_month').on(table.month),
  ],
)

const total = (name: string) => bigint(name, { mode: 'number' }).notNull()

/** The name of its column. */
export function columnOf(measure: string): string {
  return measure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/**
 * Sums of `kpi_months`, kept beside it, so that a city is added up from few rows: by company (maintainer, insurer and stratum) and by
 * estate (and insurer).
 */
export const kpiTotals = pgTable(
  'kpi_totals',
  {
    level: text().$type<'company' | 'estate'>().notNull(),
    month: text().notNull(),
    estateId: text('estate_id'),
    maintainerId: text('maintainer_id'),
    insurerId: text('insurer_id'),
    stratum: text(),
    /** How many rows of `kpi_months` are in it. */
    months: total('months'),
    exposureMinutes: total('exposure_minutes'),
    ...Object.fromEntries(measures.map((measure) => [measure, total(columnOf(measure))])),
  },
  (table) => [
    unique('kpi_totals_once')
      .on(table.level, table.month, table.estateId, table.maintainerId, table.insurerId, table.stratum)
      .nullsNotDistinct(),
    index('kpi_totals_empty').on(table.month).where(sql`months = 0`),
  ],
)

/** How often each number of seconds, and each rule, comes up in a month of a company: what no sum tells. */
export const kpiOccurrences = pgTable(
  'kpi_occurrences',
  {
    month: text().notNull(),
    maintainerId: text('maintainer_id'),
    insurerId: text('insurer_id'),
    what: text().$type<Duration | keyof RuleTally>().notNull(),
    /** Seconds of a duration; 0 of a rule. */
    seconds: integer().notNull(),
    /** Empty of a duration. */
    rule: text().notNull(),
    times: total('times'),
  },
  (table) => [
    unique('kpi_occurrences_once')
      .on(table.month, table.maintainerId, table.insurerId, table.what, table.seconds, table.rule)
      .nullsNotDistinct(),
    index('kpi_occurrences_empty').on(table.month).where(sql`times = 0`),
  ],
)

/** In which months of a year anything of a device is counted for whom: so that devices are counted once, and not month by month. */
export const kpiHolders = pgTable(
  'kpi_holders',
  {
    deviceId: text('device_id').notNull(),
    year: smallint().notNull(),
    maintainerId: text('maintainer_id'),
    insurerId: text('insurer_id'),
    estateId: text('estate_id'),
    /** January is the lowest bit. */
    months: integer().notNull(),
  },
  (table) => [
    unique('kpi_holders_once').on(table.deviceId, table.year, table.maintainerId, table.insurerId).nullsNotDistinct(),
    index('kpi_holders_year').on(table.year),
  ],
)

/**
 * Months of devices whose counts may be others now: written by triggers beside every change that a figure rests on, never changed, and so
 * never waited for. `toMonth` null = up to now.
 */
export const kpiStale = pgTable('kpi_stale', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  deviceId: text('device_id').notNull(),
  fromMonth: text('from_month').notNull(),
  toMonth: text('to_month'),
})

/** Weights of the estates' index: versions, never overwritten; the newest is in force. */
export const estateIndexWeights = pgTable('estate_index_weights', {
  version: integer().primaryKey(),
  weights: json().$type<Readonly<Record<string, number>>>().notNull(),
  at: instant().notNull(),
  actor: words().notNull(),
  reason: words().notNull(),
})
