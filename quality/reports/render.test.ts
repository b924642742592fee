import { mkdirSync, writeFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import type { ReportFormat } from '../../core/report.ts'
import { countsAsDone, dueItems } from '../../workorders/maintenance/due-dates.ts'
import { goldenRecords } from '../fixtures/golden-district.ts'
import { kpis } from '../kpis/index.ts'
import { goldenReport } from './fixtures/golden-report.ts'
import { decimal, percent, textOf } from './numbers.ts'
import { type RenderedFile, renderReport } from './render.ts'
import { type Report, reportOf } from './report.ts'
import { changeOf, summaryOf } from './summary.ts'

const report = goldenReport(goldenRecords({ dueItems, countsAsDone }))
const files = await renderReport(report)
const fileOf = (format: ReportFormat, locale = 'en') =>
  files.find((file) => file.format === format && file.locale === locale) as RenderedFile

/** The index of two estates with its five parts, and six counts of rooms. */
const safetyRows = 2 * 6 + 6

/** To be looked at: `REPORT_OUT=folder npx vitest run quality/reports/render.test.ts`. */
const { REPORT_OUT } = process.env
if (REPORT_OUT !== undefined) {
  mkdirSync(REPORT_OUT, { recursive: true })
  for (const { name, content } of files) writeFileSync(`${REPORT_OUT}/${name}`, content)
}

test('the same report has the same bytes, also when it was kept as JSON', async () => {
  const again = await renderReport(JSON.parse(JSON.stringify(report)) as Report)
  expect(again.map(({ name, sha256 }) => [name, sha256])).toEqual(files.map(({ name, sha256 }) => [name, sha256]))
  expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(6)
  expect(fileOf('pdf').name).toBe('liftwatt-2024-02-en.pdf')
})

test('a PDF holds its font, in parts, and no time but that of the report', () => {
  for (const locale of ['en', 'zh-CN']) {
    const pdf = Buffer.from(fileOf('pdf', locale).content).toString('latin1')
    expect(pdf.startsWith('%PDF-1.7')).toBe(true)
    expect(pdf).toContain('NotoSansHans')
    expect([...pdf.matchAll(/D:(\d{14})/g)].map(([, time]) => time)).toEqual(['20240301040000', '20240301040000'])
    expect(pdf.length).toBeLessThan(500_000)
  }
})

test('in Excel numbers are numbers, and what looks like a formula is a text', () => {
  const sheets = unzipSync(fileOf('xlsx').content)
  const figures = strFromU8(sheets['xl/worksheets/sheet2.xml'] ?? new Uint8Array())
  expect(figures).not.toContain('<f>')
  expect(figures).toMatch(/t="inlineStr"><is><t xml:space="preserve">=1\+1 东方电梯维保有限公司/)
  expect(figures).toMatch(/<c r="H2" s="2"><v>122\.1052/)
  expect(figures).toContain('state="frozen"')
  expect(figures).toContain('West &quot;Lift&quot; Co.')
  // one row for each figure of all, of two maintainers and of three estates, and of how safe places are, below the header
  expect(figures.match(/<row /g)?.length).toBe(1 + 6 * kpis.length + safetyRows)
})

test('CSV begins as Excel wants it, and a formula in a name is defused', () => {
  const { content } = fileOf('csv', 'zh-CN')
  expect([...content.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const rows = parse(Buffer.from(content), { bom: true, columns: true }) as Record<string, string>[]
  expect(rows).toHaveLength((6 + 12) * kpis.length + safetyRows)
  const east = rows.find((row) => row.编号 === 'east' && row.指标代号 === 'failure-rate')
  expect(east).toMatchObject({ 名称: "'=1+1 东方电梯维保有限公司", 单位: '起/台·年', 分子: '4' })
  expect(Number(east?.数值)).toBeCloseTo(34.0465, 4)
})

test('the index of estates stands among the figures, empty where nobody knows; of rooms there are counts', () => {
  const rows = parse(Buffer.from(fileOf('csv').content), { bom: true, columns: true }) as Record<string, string>[]
  const of = (id: string) =>
    rows.filter((row) => row.ID === id).map(({ 'Figure ID': kpi, Value: value }) => [kpi, value] as const)
  // (82.5 × 30 + 80 × 20 + 75 × 15 + 100 × 20) ÷ 85
  expect(of('estate-0')).toEqual([
    ...[
      ['estate-index', '84.7'],
      ['estate-index-health', '82.5'],
      ['estate-index-electricity', '80'],
    ],
    ...[
      ['estate-index-response', '75'],
      ['estate-index-hazards', '100'],
      ['estate-index-inspection', ''],
    ],
  ])
  expect(of('estate-1')[0]).toEqual(['estate-index', ''])
  const ofRooms = rows.filter(({ Group: group }) => group === 'rooms')
  expect(ofRooms.map(({ 'Figure ID': kpi, ID: id, Name: name, Value: value }) => [kpi, id, name, value])).toEqual([
    ...[
      ['rooms-with-findings', '', '', '2'],
      ['rooms-repeated-charging', '', '', '1'],
      ['rooms-rising-leakage', '', '', '1'],
    ],
    ...[
      ['rooms-attended', '', '', '4'],
      ['rooms-ended', '', '', '4'],
      ['rooms-self-corrected', '', '', '2'],
    ],
  ])
})

test('the summary says what the figures say, and no more', () => {
  const sentences = summaryOf(report, 'en')
  expect(sentences[0]).toBe('This report is about 4 elevators and 1 meters; maintainers under contract: 2.')
  expect(sentences).toContain(
    'Failure rate, equipment (per elevator and year): 23.12 (8.48 – 50.31), counted 6 / 0.26. A year before: 23.12; cannot be told apart.',
  )
  expect(sentences.some((sentence) => sentence.startsWith('No maintainer can be told apart from the best by: '))).toBe(
    true,
  )
  expect(sentences.at(-1)).toContain('Availability (60.3\u00a0%)')
})

test('who is certainly worse is named, and what was not counted is said to be so', () => {
  const [east, west] = report.maintainers
  if (east === undefined || west === undefined) throw new Error('there are two')
  const worse = { ...east, kpis: { ...east.kpis, 'failure-rate': { ...east.kpis['failure-rate'], rank: 2 } } }
  const { 'repeat-faults': repeats } = report.total.kpis
  const nothing = { ...repeats, value: null, interval: null, numerator: 0, denominator: 0 }
  const total = { ...report.total, kpis: { ...report.total.kpis, 'repeat-faults': nothing } }
  const sentences = summaryOf({ ...report, total, maintainers: [worse, west], pending: 3 }, 'zh-CN')
  expect(sentences).toContain('故障率（设备原因）：可确定差于最好者的有：=1+1 东方电梯维保有限公司。')
  expect(sentences).toContain('重复故障率：没有可计数的记录，无法得出。')
  expect(sentences.at(-1)).toBe('有 3 个台·月的记录已变动，尚未重新汇总。')
})

test('a period that is not over is said to be so', () => {
  const early = { ...report, asOf: report.period.to - 1 }
  expect(summaryOf(early, 'en')).toContain('The period is not over: it is counted up to 2024-02-29 23:59.')
  expect(summaryOf(report, 'en').join(' ')).not.toContain('not over')
})

test('of more estates than fit into a file the largest are there, and how many are not is said', () => {
  const [estate] = report.estates
  if (estate === undefined) throw new Error('there is one')
  const groups = Array.from({ length: 2_010 }, (_, index) => ({ ...estate, id: `e-${index}`, elevators: index }))
  const answers = { period: report.period, asOf: report.asOf, about: [], publicUrl: null, version: '1' }
  const byEstate = { pending: 0, groups, total: report.total }
  const byMaintainer = { pending: 0, groups: [], total: report.total }
  const large = reportOf({ ...answers, byEstate, byMaintainer, months: [], safety: null, sealed: null })
  expect(large.estates).toHaveLength(2_000)
  expect(Math.min(...large.estates.map(({ elevators }) => elevators))).toBe(10)
  expect(summaryOf(large, 'en').at(-1)).toBe('10 smaller estates are left out: ask about a district or a company.')
})

test('a change is better or worse only where the intervals do not overlap', () => {
  const figure = (low: number | null, high: number | null) => {
    return { value: 1, numerator: 1, denominator: 1, interval: { low, high }, coverage: null }
  }
  expect(changeOf('failure-rate', figure(0, 1), figure(2, 3))).toBe('better')
  expect(changeOf('failure-rate', figure(2, 3), figure(0, 1))).toBe('worse')
  expect(changeOf('arrived-in-30-minutes', figure(2, 3), figure(0, 1))).toBe('better')
  expect(changeOf('electricity-serviced', figure(2, 3), figure(0, 1))).toBe('higher')
  expect(changeOf('failure-rate', figure(0, 2), figure(2, 3))).toBe('cannot-tell')
  expect(changeOf('failure-rate', figure(null, null), figure(2, 3))).toBe('cannot-tell')
})

test.each([
  [0, 0, '0'],
  [1234567.891, 2, '1,234,567.89'],
  [-0.04, 1, '0.0'],
  [-1234.5, 1, '−1,234.5'],
  [999.999, 2, '1,000.00'],
])('%d with %d digits reads %s', (value, digits, text) => {
  expect(decimal(value, digits)).toBe(text)
})

test('an interval is in the unit of its value, and an open bound is said to be open', () => {
  const figure = (value: number | null, low: number | null, high: number | null) => {
    return { value, numerator: 0, denominator: 0, interval: { low, high }, coverage: 0.5 }
  }
  expect(textOf(figure(900, 30, 7_260), 'seconds', 'en')).toEqual({
    ...{ value: '15.0\u00a0min', interval: '0.5 – 121.0', coverage: '50.0\u00a0%' },
  })
  expect(textOf(figure(0.5, 0.25, null), 'share', 'en').interval).toBe('≥ 25.0')
  expect(textOf(figure(3, null, 4), 'days', 'zh-CN')).toMatchObject({ value: '3.0\u00a0天', interval: '≤ 4.0' })
  expect(textOf(figure(null, null, null), 'points', 'en')).toMatchObject({ value: '–', interval: '–' })
  expect(percent(1)).toBe('100.0\u00a0%')
})
