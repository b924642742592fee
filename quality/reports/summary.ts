import type { Figure } from '../../core/kpi.ts'
import type { Locale } from '../../core/words.ts'
import { type KpiId, kpis } from '../kpis/index.ts'
import type { Kpi } from '../kpis/kpi.ts'
import { kpiWords } from '../kpis/words.ts'
import { amount, minuteText, percent, textOf, unknown } from './numbers.ts'
import type { Report, ShownGroup } from './report.ts'
import { reportWords } from './words.ts'

/** What the summary and the comparisons speak of. */
export const headlines: readonly KpiId[] = [
  ...(['failure-rate', 'entrapment-rate', 'arrived-in-30-minutes', 'availability'] as const),
  ...(['maintenance-on-time', 'verified-visits', 'repeat-faults'] as const),
]
/** With less than that of its data a figure is named as a gap. An unverified default. */
const enough = 0.8

/** The summary in words, sentence by sentence, made from the figures alone. */
export function summaryOf(report: Report, locale: Locale): string[] {
  const { summary: say, list } = reportWords[locale]
  const { total, maintainers, pending, estatesLeftOut } = report
  const gaps = gapsOf(total).map(({ id, coverage }) => `${nameOf(id, locale)} (${percent(coverage)})`)
  return [
    say.scope(amount(total.elevators), amount(total.others), maintainers.filter(({ id }) => id !== null).length),
    ...(report.asOf < report.period.to ? [say.notOver(minuteText(report.asOf))] : []),
    ...headlines.map((id) => headline(total, id, locale)),
    ...comparisons(maintainers, locale),
    ...(gaps.length > 0 ? [say.gaps(list(gaps))] : []),
    ...(estatesLeftOut > 0 ? [say.leftOut(amount(estatesLeftOut))] : []),
    ...(pending > 0 ? [say.pending(pending)] : []),
  ]
}

function headline({ kpis: figures }: ShownGroup, id: KpiId, locale: Locale): string {
  const { summary: say } = reportWords[locale]
  const figure = figures[id]
  const name = nameWithUnit(id, locale)
  if (figure.value === null) return say.nothing(name)
  const { value, interval } = textOf(figure, unitOf(id), locale)
  const sentence = say.figure(name, value, interval === unknown ? null : interval, basisOf(figure))
  if (figure.before === null || figure.before.value === null) return sentence
  const before = textOf(figure.before, unitOf(id), locale).value
  const change = reportWords[locale].change[changeOf(id, figure, figure.before)]
  return `${sentence}${locale === 'en' ? ' ' : ''}${say.before(before, change)}`
}

/** Of those that can be compared at all: who is certainly worse than somebody, and where nobody is. */
function comparisons(maintainers: readonly ShownGroup[], locale: Locale): string[] {
  const { summary: say, list } = reportWords[locale]
  const known = maintainers.filter(({ id }) => id !== null)
  const compared = headlines.flatMap((id) => {
    const ranked = known.filter(({ kpis: figures }) => figures[id].rank !== null)
    if (ranked.length < 2) return []
    const worse = ranked.filter(({ kpis: figures }) => (figures[id].rank ?? 1) > 1)
    return [{ name: nameOf(id, locale), worse: worse.map((group) => group.name ?? group.id ?? '') }]
  })
  const alike = compared.filter(({ worse }) => worse.length === 0).map(({ name }) => name)
  return [
    ...compared.filter(({ worse }) => worse.length > 0).map(({ name, worse }) => say.worse(name, list(worse))),
    ...(alike.length > 0 ? [say.alike(list(alike))] : []),
  ]
}

export type Change = 'better' | 'worse' | 'higher' | 'lower' | 'cannot-tell'

/** Whether the two can be told apart: their intervals do not overlap. */
export function changeOf(id: KpiId, now: Figure, before: Figure): Change {
  const isAbove = certainlyAbove(now, before)
  if (!isAbove && !certainlyAbove(before, now)) return 'cannot-tell'
  const { better } = kpiOf(id)
  if (better === null) return isAbove ? 'higher' : 'lower'
  return isAbove === (better === 'higher') ? 'better' : 'worse'
}

function certainlyAbove(one: Figure, other: Figure): boolean {
  const [low, high] = [one.interval?.low ?? null, other.interval?.high ?? null]
  return low !== null && high !== null && low > high
}

/** Figures that rest on too little of their data. */
export function gapsOf({ kpis: figures }: Pick<ShownGroup, 'kpis'>): { id: KpiId; coverage: number }[] {
  return kpis.flatMap(({ id }) => {
    const { coverage } = figures[id]
    return coverage !== null && coverage < enough ? [{ id, coverage }] : []
  })
}

/** "12 / 43.2": what was counted, and upon what. */
export function basisOf({ numerator, denominator }: Figure): string {
  return `${amount(numerator)} / ${amount(denominator)}`
}

export function kpiOf(id: KpiId): Kpi {
  return kpis.find((kpi) => kpi.id === id) as Kpi
}

export function unitOf(id: KpiId): Kpi['unit'] {
  return kpiOf(id).unit
}

export function nameOf(id: KpiId, locale: Locale): string {
  return kpiWords[locale].kpis[id].name
}

/** With the unit where values do not have it beside them. */
export function nameWithUnit(id: KpiId, locale: Locale): string {
  const unit = unitOf(id)
  const isLong = unit === 'per-elevator-year' || unit === 'per-100-elevators-month'
  return isLong ? reportWords[locale].withUnit(nameOf(id, locale), kpiWords[locale].units[unit]) : nameOf(id, locale)
}
