import { figureWords } from './figure-words.ts'
import type { FigureValue, Unit } from './wire.ts'

/** "98.6 %", "17 min", "0.41": as many places as a person can use; the unit of a rate stands beside it. */
export function valueText(value: number, unit: Unit): string {
  if (unit === 'share') return `${places(value * 100)} %`
  if (unit === 'seconds') return durationText(value)
  if (unit === 'days') return figureWords().days(places(value))
  return places(value)
}

/** "0.6–1.5"; a bound that so few values do not give is open. */
export function intervalText({ interval }: FigureValue, unit: Unit): string {
  if (interval === null) return ''
  const { low, high } = interval
  if (low === null && high === null) return ''
  const of = (value: number) => (unit === 'share' ? places(value * 100) : valueText(value, unit))
  const end = unit === 'share' ? ' %' : ''
  if (low === null) return `≤ ${of(high ?? 0)}${end}`
  if (high === null) return `≥ ${of(low)}${end}`
  return `${of(low)}–${of(high)}${end}`
}

export interface Change {
  /** "18 %", or "2.1 points" of shares. */
  readonly text: string
  readonly direction: 'up' | 'down' | 'same'
}

/** Since a year before; null where one of the two is not known or there is nothing to compare with. */
export function changeOf(now: FigureValue, before: FigureValue | undefined, unit: Unit): Change | null {
  if (now.value === null || before === undefined || before.value === null) return null
  const difference = now.value - before.value
  const isPoints = unit === 'share' || unit === 'points'
  if (!isPoints && before.value === 0) return null
  const size = isPoints
    ? Math.abs(difference) * (unit === 'share' ? 100 : 1)
    : Math.abs(difference / before.value) * 100
  const say = figureWords()
  const inPoints = unit === 'share' ? say.percentagePoints(places(size)) : say.points(places(size))
  const text = isPoints ? inPoints : `${Math.round(size)} %`
  return { text, direction: size < 0.05 ? 'same' : difference > 0 ? 'up' : 'down' }
}

function durationText(seconds: number): string {
  const say = figureWords()
  if (seconds < 60) return say.seconds(Math.round(seconds))
  if (seconds < 7_200) return say.minutes(places(seconds / 60))
  if (seconds < 172_800) return say.hours(places(seconds / 3_600))
  return say.days(places(seconds / 86_400))
}

/** Three figures that count, and no more than two behind the point. */
export function places(value: number): string {
  const size = Math.abs(value)
  return String(Number(value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)))
}

/** "1,250 yuan" from fen. */
export function yuanText(fen: number): string {
  return figureWords().yuan((fen / 100).toLocaleString('en-US', { maximumFractionDigits: 2 }))
}
