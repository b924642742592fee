import type { Figure, Interval } from '../../core/kpi.ts'
import { localDate, localTime, shanghai } from '../../core/local-time.ts'
import type { Locale } from '../../core/words.ts'
import type { KpiUnit } from '../kpis/kpi.ts'

/*
 * Numbers as people read them. Their digits are set here and not by the system's tables, so that a report has the same bytes everywhere.
 */

export const unknown = '–'

/** "1,234.5" */
export function decimal(value: number, digits: number): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(digits).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  const isNegative = value < 0 && Number(value.toFixed(digits)) !== 0
  return `${isNegative ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** A share of 1 as per cent. */
export function percent(share: number): string {
  return `${decimal(share * 100, 1)}\u00a0%`
}

interface Scale {
  readonly by: number
  readonly digits: number
  readonly unit: Readonly<Record<Locale, string>>
}

const fixed: Readonly<Record<Exclude<KpiUnit, 'seconds'>, Scale>> = {
  share: { by: 0.01, digits: 1, unit: { 'zh-CN': '%', en: '%' } },
  'per-elevator-year': { by: 1, digits: 2, unit: { 'zh-CN': '起/台·年', en: 'per elevator and year' } },
  'per-100-elevators-month': { by: 1, digits: 2, unit: { 'zh-CN': '起/百台·月', en: 'per 100 elevators and month' } },
  days: { by: 1, digits: 1, unit: { 'zh-CN': '天', en: 'days' } },
  points: { by: 1, digits: 1, unit: { 'zh-CN': '分', en: 'points' } },
}
const times: readonly (Scale & { readonly below: number })[] = [
  { below: 60, by: 1, digits: 0, unit: { 'zh-CN': '秒', en: 's' } },
  { below: 7_200, by: 60, digits: 1, unit: { 'zh-CN': '分钟', en: 'min' } },
  { below: 172_800, by: 3_600, digits: 1, unit: { 'zh-CN': '小时', en: 'h' } },
  { below: Number.POSITIVE_INFINITY, by: 86_400, digits: 1, unit: { 'zh-CN': '天', en: 'days' } },
]
const seconds = times[0] as Scale

/** The scale that one figure and its interval are shown in. */
function scaleOf(unit: KpiUnit, value: number): Scale {
  if (unit !== 'seconds') return fixed[unit]
  return times.find(({ below }) => value < below) ?? seconds
}

export interface FigureText {
  /** With its unit where that is short. */
  readonly value: string
  /** In the same unit; "≥ 0.6" where the other bound cannot be said. */
  readonly interval: string
  readonly coverage: string
}

export function textOf({ value, interval, coverage }: Figure, unit: KpiUnit, locale: Locale): FigureText {
  const covered = coverage === null ? unknown : percent(coverage)
  if (value === null) return { value: unknown, interval: unknown, coverage: covered }
  const scale = scaleOf(unit, value)
  const said = shortUnits.includes(unit) ? `\u00a0${scale.unit[locale]}` : ''
  return { value: `${scaled(value, scale)}${said}`, interval: intervalText(interval, scale), coverage: covered }
}

/** The others stand in the name's column. */
const shortUnits: readonly KpiUnit[] = ['share', 'seconds', 'days', 'points']

function intervalText(interval: Interval | null, scale: Scale): string {
  const { low, high } = interval ?? { low: null, high: null }
  if (low === null && high === null) return unknown
  if (high === null) return `≥ ${scaled(low ?? 0, scale)}`
  if (low === null) return `≤ ${scaled(high, scale)}`
  return `${scaled(low, scale)} – ${scaled(high, scale)}`
}

function scaled(value: number, { by, digits }: Scale): string {
  return decimal(value / by, digits)
}

/** A count or an exposure: whole numbers without a fraction. */
export function amount(value: number): string {
  if (Number.isInteger(value)) return decimal(value, 0)
  return decimal(value, value < 10 ? 2 : 1)
}

/** "2026-12-01 06:30", in Shanghai. */
export function minuteText(at: number): string {
  return `${localDate(at, shanghai)} ${localTime(at, shanghai)}`
}
