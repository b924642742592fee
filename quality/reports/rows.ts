import type { Locale } from '../../core/words.ts'
import { kpis } from '../kpis/index.ts'
import { kpiWords } from '../kpis/words.ts'
import { nameOfGroup } from './parts.ts'
import type { Report, ShownGroup } from './report.ts'
import { roomCounts, type Safety } from './safety.ts'
import { type CellName, reportWords } from './words.ts'

export type RowCell = string | number | null
export type Row = Readonly<Record<CellName, RowCell>>

/**
 * Every figure of every group, one a row, to be counted on with: numbers in the unit of their definition (a share of 1, seconds), and
 * nothing where nothing is known.
 */
export function figureRows({ total, maintainers, estates, safety }: Report, locale: Locale): Row[] {
  const { groups } = reportWords[locale]
  return [
    ...rowsOf(total, groups.total, '', locale),
    ...maintainers.flatMap((group) =>
      rowsOf(group, groups.maintainer, nameOfGroup(group, 'maintainer', locale), locale),
    ),
    ...estates.flatMap((group) => rowsOf(group, groups.estate, nameOfGroup(group, 'estate', locale), locale)),
    ...(safety === null ? [] : safetyRows(safety, locale)),
  ]
}

const nothingElse = {
  ...{ elevators: null, low: null, high: null, numerator: null, denominator: null, coverage: null, rank: null },
  ...{ valueBefore: null, lowBefore: null, highBefore: null },
} as const satisfies Partial<Row>

/** The index of each estate with its parts, in points as scores are, and what was found in rooms, counted. */
function safetyRows({ estates, rooms }: Safety, locale: Locale): Row[] {
  const { groups, safety: say } = reportWords[locale]
  const unit = kpiWords[locale].units.points
  return [
    ...estates.flatMap(({ siteId: id, name, score, parts }): Row[] => {
      const of = { ...nothingElse, group: groups.estate, id, name: name ?? id, unit }
      return [
        { ...of, kpi: 'estate-index', figure: say.index, value: score },
        ...parts.map(({ part, score: value, numerator, denominator }) => {
          return { ...of, kpi: `estate-index-${part}`, figure: say.parts[part], value, numerator, denominator }
        }),
      ]
    }),
    ...roomCounts.map((count): Row => {
      const of = { ...nothingElse, group: groups.rooms, id: '', name: '', unit: '' }
      const kpi = `rooms-${count.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      return { ...of, kpi, figure: say.roomCounts[count], value: rooms[count] }
    }),
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
