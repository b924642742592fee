import { defineKpi, ratio, share } from './kpi.ts'

export const maintenanceOnTime = defineKpi({
  id: 'maintenance-on-time',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => share(sums.maintenanceOnTime, sums.maintenanceDue),
  cases: ['maintenanceDue', 'maintenanceOnTime'],
})

/** Days on which a piece was overdue, by pieces due. */
export const maintenanceDaysOverdue = defineKpi({
  id: 'maintenance-days-overdue',
  unit: 'days',
  better: 'lower',
  figure: ({ sums }) => ratio(sums.overdueDays, sums.maintenanceDue),
  cases: ['overdueDays'],
})
