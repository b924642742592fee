import { arrivedInTime } from './arrived-in-time.ts'
import { availability } from './availability.ts'
import { closureRate } from './closure-rate.ts'
import { faultsWarned, warningsConfirmed } from './early-warning.ts'
import { electricityOutcomes } from './electricity-outcomes.ts'
import { entrapmentRate, entrapmentRateEquipment } from './entrapment-rate.ts'
import { failureRate, failureRateExternal, failureRatePeople, failureRateUnknown } from './failure-rate.ts'
import { falseAlarms } from './false-alarms.ts'
import { inspectionScores, inspectionsPassed } from './inspection-results.ts'
import { maintenanceClaimed, maintenanceDaysOverdue, maintenanceOnTime } from './maintenance-on-time.ts'
import { meanHealth } from './mean-health.ts'
import { overhaulLeadTime } from './overhaul-lead-time.ts'
import { repeatFaults } from './repeat-faults.ts'
import { responseTimes } from './response-times.ts'
import { verifiedVisits } from './verified-visits.ts'
import { visitEffect } from './visit-effect.ts'

/** All figures of the review, in the order in which they are shown. */
export const kpis = [
  ...[entrapmentRate, entrapmentRateEquipment],
  ...[failureRate, failureRatePeople, failureRateExternal, failureRateUnknown, availability],
  ...[arrivedInTime, ...responseTimes],
  ...[maintenanceOnTime, maintenanceClaimed, maintenanceDaysOverdue, verifiedVisits, visitEffect, repeatFaults],
  ...[warningsConfirmed, faultsWarned, falseAlarms, closureRate, meanHealth],
  ...[...inspectionScores, ...inspectionsPassed, ...overhaulLeadTime],
  ...electricityOutcomes,
] as const

export type KpiId = (typeof kpis)[number]['id']

export const kpiIds = kpis.map(({ id }) => id) as [KpiId, ...KpiId[]]
