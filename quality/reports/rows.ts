import type { Locale } from '../../core/words.ts'
import { kpis } from '../kpis/index.ts'
import { kpiWords } from '../kpis/words.ts'
import { nameOfGroup } from './parts.ts'
import type { Report, ShownGroup } from './report.ts'
import { type CellName, reportWords } from './words.ts'

export type RowCell = string | number | null
export type Row = Readonly<Record<CellName, RowCell>>

/**
 * Every figure of every group, one a row, to be counted on with: numbers in the unit of their definition (a share of 1, seconds), and
 * nothing where nothing is known.
 */
export function figureRows({ total, maintainers, estates }: Report, locale: Locale): Row[] {
  const { groups } = reportWords[locale]
  return [
    ...rowsOf(total, groups.total, '', locale),
    ...maintainers.flatMap((group) =>
      rowsOf(group, groups.maintainer, nameOfGroup(group, 'maintainer', locale), locale),
    ),
    ...estates.flatMap((group) => rowsOf(group, groups.estate, nameOfGroup(group, 'estate', locale), locale)),
  ]
}

/** The same of each of the twelve months. */
export function monthRows({ months }: Report, locale: Locale): Row[] {
  return months.flatMap(({ month, total }) => rowsOf(total, reportWords[locale].groups.month, month, locale))
}

function rowsOf({ id, elevators, kpis: figures }: ShownGroup, group: string, name: string, locale: Locale): Row[] {
  const say = kpiWords[locale]
  return kpis.map(({ id: kpi, unit }) => {
    const { value, interval, numerator, denominator, coverage, rank, before } = figures[kpi]
    return {
      ...{ group, id, name, elevators, kpi, figure: say.kpis[kpi].name, unit: say.units[unit], value },
      ...{ low: interval?.low ?? null, high: interval?.high ?? null, numerator, denominator, coverage, rank },
      valueBefore: before?.value ?? null,
      ...{ lowBefore: before?.interval?.low ?? null, highBefore: before?.interval?.high ?? null },
    }
  })
}
