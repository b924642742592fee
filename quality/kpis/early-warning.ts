import { defineKpi, share } from './kpi.ts'

/** Of the warnings that somebody went for, those that found a defect. */
export const warningsConfirmed = defineKpi({
  id: 'warnings-confirmed',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => share(sums.warningsConfirmed, sums.warningsEnded),
  cases: ['warningsEnded'],
})

/** Of the equipment's faults, those that a warning came before. */
export const faultsWarned = defineKpi({
  id: 'faults-warned',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => share(sums.faultsWarned, sums.faultsEquipment),
  cases: ['faultsEquipment'],
})
