import type { Figure, Tally } from '../../core/kpi.ts'
import { defineKpi, share } from './kpi.ts'

/** Of the closed orders that a rule opened, those that were false alarms. */
export const falseAlarms = defineKpi({
  id: 'false-alarms',
  unit: 'share',
  better: 'lower',
  figure: ({ sums }) => share(sums.falseAlarms, sums.ruleOrdersEnded),
  cases: ['falseAlarms'],
})

/** The same of each rule, by the id of its finding; the one with the most false alarms first. */
export function falseAlarmsByRule({ rules }: Tally): { rule: string; figure: Figure }[] {
  return [...rules]
    .map(([rule, counts]) => ({ rule, figure: share(counts.falseAlarms, counts.ended) }))
    .sort((a, b) => b.figure.numerator - a.figure.numerator || a.rule.localeCompare(b.rule))
}
