import type { Tally } from '../../core/kpi.ts'
import { defineKpi, provenShare, ratio, share } from './kpi.ts'

/** Of the pieces due, those that a proven visit did in time: whoever only claims to have come makes the figure no better. */
export const maintenanceOnTime = defineKpi({
  id: 'maintenance-on-time',
  unit: 'share',
  better: 'higher',
  figure: onTimeOf,
  cases: ['maintenanceDue', 'maintenanceOnTime', 'maintenanceClaimed'],
})

/** Of the pieces due, those that somebody claims to have done in time and nothing proves. */
export const maintenanceClaimed = defineKpi({
  id: 'maintenance-claimed',
  unit: 'share',
  better: null,
  figure: ({ sums }) => share(sums.maintenanceClaimed, sums.maintenanceDue),
  cases: ['maintenanceClaimed'],
})

/** Days on which a piece was overdue, by pieces due; what is only claimed to be done in time has none, and its share is not covered. */
export const maintenanceDaysOverdue = defineKpi({
  id: 'maintenance-days-overdue',
  unit: 'days',
  better: 'lower',
  figure: (tally) => ratio(tally.sums.overdueDays, tally.sums.maintenanceDue, onTimeOf(tally).coverage),
  cases: ['overdueDays'],
})

function onTimeOf({ sums: { maintenanceOnTime, maintenanceClaimed, maintenanceDue } }: Tally) {
  return provenShare(maintenanceOnTime - maintenanceClaimed, maintenanceClaimed, maintenanceDue)
}
