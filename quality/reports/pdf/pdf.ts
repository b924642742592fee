import type { Locale } from '../../../core/words.ts'
import { type KpiId, kpis } from '../../kpis/index.ts'
import { kpiWords } from '../../kpis/words.ts'
import type { ReviewedFigure } from '../../review.ts'
import { amount, decimal, minuteText, percent, textOf, unknown } from '../numbers.ts'
import { nameOfGroup, periodText } from '../parts.ts'
import type { Report, ShownGroup } from '../report.ts'
import { basisOf, changeOf, gapsOf, headlines, nameOf, nameWithUnit, summaryOf, unitOf } from '../summary.ts'
import { reportWords } from '../words.ts'
import { type Axis, drawBars, drawMonths } from './charts.ts'
import { ink, left, Paper, wide } from './paper.ts'
import { drawSafety } from './safety.ts'
import { type Cell, type Column, drawTable } from './table.ts'

/** As many bars as can be compared at a glance. */
const mostBars = 20
/** Ten pages or so; the other files have them all. */
const mostGroups = 300
const barsOf: readonly KpiId[] = ['failure-rate', 'arrived-in-30-minutes', 'verified-visits']
const monthsOf: readonly KpiId[] = headlines.slice(0, 6)
const note = { size: 8, colour: ink.soft } as const

/** The report on paper. The same report gives the same bytes. */
export function pdfOf(report: Report, locale: Locale): Promise<Uint8Array> {
  const say = reportWords[locale]
  const title = say.title[report.period.type]
  const named = `${title} · ${periodText(report, locale)}`
  const paper = new Paper({
    ...{ title: named, language: locale, at: report.asOf, header: named, pageText: say.page },
    footer: say.labelled(say.asOf, minuteText(report.asOf)),
  })
  drawCover(paper, report, locale)
  drawTotal(paper, report, locale)
  drawGroups(paper, say.sections.maintainers, report.maintainers, 'maintainer', locale)
  drawGroups(paper, say.sections.estates, report.estates, 'estate', locale)
  drawYear(paper, report, locale)
  if (report.safety !== null) drawSafety(paper, report.safety, locale)
  drawGaps(paper, report, locale)
  drawMethod(paper, locale)
  drawProof(paper, report, locale)
  return paper.end()
}

function drawCover(paper: Paper, report: Report, locale: Locale): void {
  const say = reportWords[locale]
  const about = report.about.length === 0 ? say.everything : say.list(report.about)
  const facts: [string, string][] = [
    [say.period, periodText(report, locale)],
    [say.asOf, minuteText(report.asOf)],
    [say.about, about],
    [say.elevators, amount(report.total.elevators)],
    [say.others, amount(report.total.others)],
    [say.version, report.version],
  ]
  paper.box(left, paper.y, wide, 4, ink.accent)
  paper.y += 24
  paper.paragraph(say.title[report.period.type], { size: 26, weight: 'bold' }, 14)
  for (const [name, value] of facts) {
    const tall = Math.max(16, paper.heightOf(value, wide - 110, { size: 10 }) + 4)
    paper.put(name, left, paper.y, 104, { size: 10, colour: ink.soft })
    paper.put(value, left + 110, paper.y, wide - 110, { size: 10 })
    paper.y += tall
  }
  paper.y += 4
  paper.paragraph(say.asOfText, note, 4)
  paper.heading(say.sections.summary)
  for (const sentence of summaryOf(report, locale)) {
    const tall = paper.heightOf(sentence, wide - 14, { size: 10 })
    paper.room(tall)
    paper.box(left + 2, paper.y + 5, 4, 4, ink.accent)
    paper.put(sentence, left + 14, paper.y, wide - 14, { size: 10 })
    paper.y += tall + 5
  }
}

function drawTotal(paper: Paper, { total }: Report, locale: Locale): void {
  const say = reportWords[locale]
  const { columns } = say
  paper.turn()
  paper.heading(say.sections.total)
  paper.paragraph(say.legend, note)
  const layout: Column[] = [
    { title: columns.figure, width: 150 },
    { title: columns.value, width: 62, align: 'right' },
    { title: columns.interval, width: 84, align: 'right' },
    { title: columns.basis, width: 82, align: 'right' },
    { title: columns.coverage, width: 48, align: 'right' },
    { title: columns.before, width: 73, align: 'right' },
  ]
  drawTable(
    paper,
    layout,
    kpis.map(({ id }) => totalRow(id, total.kpis[id], locale)),
  )
}

function totalRow(id: KpiId, figure: ReviewedFigure, locale: Locale): Cell[] {
  const { value, interval, coverage } = textOf(figure, unitOf(id), locale)
  const { before } = figure
  const isCompared = figure.value !== null && before !== null && before.value !== null
  return [
    { text: nameWithUnit(id, locale) },
    { text: value, as: 'bold' },
    { text: interval },
    { text: basisOf(figure) },
    { text: coverage },
    {
      text: before === null ? unknown : textOf(before, unitOf(id), locale).value,
      ...(isCompared && { beneath: reportWords[locale].change[changeOf(id, figure, before)] }),
    },
  ]
}

function drawGroups(
  paper: Paper,
  title: string,
  groups: readonly ShownGroup[],
  type: 'maintainer' | 'estate',
  locale: Locale,
): void {
  const say = reportWords[locale]
  paper.heading(title, 160)
  if (groups.length === 0) {
    paper.paragraph(say.noGroups)
    return
  }
  paper.paragraph(say.legend, note)
  if (type === 'maintainer') paper.paragraph(say.standardisedText, note)
  const shown: readonly KpiId[] = headlines.slice(0, 6)
  const beside = type === 'maintainer' ? 48 : 0
  const width = (wide - 100 - 42 - beside) / shown.length
  const layout: Column[] = [
    { title: say.columns.name, width: 100 },
    { title: say.columns.elevators, width: 42, align: 'right' },
    ...shown.map((id): Column => ({ title: nameOf(id, locale), width, align: 'right' })),
    ...(beside === 0 ? [] : [{ title: say.columns.standardised, width: beside, align: 'right' } as const]),
  ]
  drawTable(
    paper,
    layout,
    groups.slice(0, mostGroups).map((group) => groupRow(group, shown, type, locale)),
  )
  if (groups.length > mostGroups) paper.paragraph(say.leftOut(groups.length - mostGroups), note)
  if (type !== 'maintainer') return
  if (groups.length > mostBars) paper.paragraph(say.largest(mostBars), note)
  for (const id of barsOf) drawChart(paper, id, groups, locale)
}

function groupRow(group: ShownGroup, shown: readonly KpiId[], type: 'maintainer' | 'estate', locale: Locale): Cell[] {
  const { ratio, interval } = group.standardised ?? { ratio: null, interval: null }
  const bounds = [interval?.low ?? null, interval?.high ?? null]
  const [low, high] = bounds.map((bound) => (bound === null ? '' : decimal(bound, 2)))
  return [
    { text: nameOfGroup(group, type, locale) },
    { text: amount(group.elevators) },
    ...shown.map((id) => {
      const { value, interval: within } = textOf(group.kpis[id], unitOf(id), locale)
      return { text: value, beneath: within }
    }),
    ratio === null ? { text: unknown } : { text: decimal(ratio, 2), beneath: `${low} – ${high}` },
  ]
}

/** The largest, for more bars cannot be compared. */
function drawChart(paper: Paper, id: KpiId, groups: readonly ShownGroup[], locale: Locale): void {
  const largest = [...groups].sort((one, other) => other.elevators - one.elevators).slice(0, mostBars)
  const bars = groups
    .filter((group) => largest.includes(group))
    .map((group) => {
      const { value, interval } = group.kpis[id]
      const { value: text } = textOf(group.kpis[id], unitOf(id), locale)
      return { name: nameOfGroup(group, 'maintainer', locale), value, interval, text }
    })
  drawBars(paper, nameWithUnit(id, locale), bars, axisOf(id))
}

function drawYear(paper: Paper, { months }: Report, locale: Locale): void {
  paper.heading(reportWords[locale].sections.year, 360)
  const panels = monthsOf.map((id) => ({
    title: nameWithUnit(id, locale),
    points: months.map(({ month, total }) => ({ month, ...total.kpis[id] })),
    axis: axisOf(id),
  }))
  drawMonths(paper, panels)
}

function axisOf(id: KpiId): Axis {
  return unitOf(id) === 'share'
    ? { most: 1, text: (value) => `${decimal(value * 100, 0)} %` }
    : { text: (value) => decimal(value, Number.isInteger(value) ? 0 : 2) }
}

function drawGaps(paper: Paper, { total, maintainers }: Report, locale: Locale): void {
  const say = reportWords[locale]
  paper.heading(say.sections.gaps)
  const groups = [
    { who: say.groups.total, gaps: gapsOf(total) },
    ...maintainers.map((group) => ({ who: nameOfGroup(group, 'maintainer', locale), gaps: gapsOf(group) })),
  ].filter(({ gaps }) => gaps.length > 0)
  if (groups.length === 0) {
    const isKnown = kpis.some(({ id }) => total.kpis[id].coverage !== null)
    paper.paragraph(isKnown ? say.gaps.none : say.gaps.unknown)
    return
  }
  paper.paragraph(say.gaps.text)
  const layout: Column[] = [
    { title: say.columns.name, width: 150 },
    { title: say.columns.coverage, width: wide - 150 },
  ]
  const named = ({ id, coverage }: (typeof groups)[number]['gaps'][number]) =>
    `${nameOf(id, locale)}\u00a0${percent(coverage)}`
  drawTable(
    paper,
    layout,
    groups.map(({ who, gaps }) => [{ text: who }, { text: say.list(gaps.map(named)) }]),
  )
}

function drawMethod(paper: Paper, locale: Locale): void {
  const { sections, method, labelled } = reportWords[locale]
  paper.heading(sections.method)
  for (const text of method.text) paper.paragraph(text)
  for (const { id } of kpis) {
    const { formula, excludes, interval, coverage } = kpiWords[locale].kpis[id]
    const lines = [
      labelled(method.formula, formula),
      labelled(method.excludes, excludes),
      labelled(method.interval, interval),
      ...(coverage === '' ? [] : [labelled(method.coverage, coverage)]),
    ]
    const tall = lines.reduce((sum, text) => sum + paper.heightOf(text, wide, { size: 8 }) + 1, 16)
    paper.room(tall)
    paper.paragraph(nameWithUnit(id, locale), { size: 9.5, weight: 'bold' }, 1)
    for (const text of lines) paper.paragraph(text, { size: 8 }, 1)
    paper.y += 5
  }
}

function drawProof(paper: Paper, { sealed, publicUrl }: Report, locale: Locale): void {
  const { sections, proof, labelled } = reportWords[locale]
  paper.heading(sections.proof, 160)
  if (sealed === null) {
    paper.paragraph(proof.none)
    return
  }
  const head = `${sealed.number}:${sealed.hash}`
  paper.paragraph(proof.text)
  paper.paragraph(labelled(proof.seal, head), { size: 9, weight: 'bold' })
  paper.paragraph(labelled(proof.at, minuteText(sealed.at)))
  paper.paragraph(proof.how)
  paper.paragraph(`npx liftwatt verify --head ${head}`, { size: 9 })
  paper.paragraph(proof.orHttp)
  paper.paragraph(`${publicUrl ?? ''}/api/v1/verify?head=${head}`, { size: 9 })
}
