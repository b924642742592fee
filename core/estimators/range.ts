/**
 * The range that a quantity has kept to, as of the present period and the one before, so that it remembers one to two periods. The
 * caller says when a period ends.
 *
 * Memory   four numbers
 */
export type Range = readonly [low: number, high: number, pastLow: number, pastHigh: number]

export function rangeOf(value: number): Range {
  return [value, value, value, value]
}

/** How far the value lies outside, in widths of the range: 0 inside; Infinity outside a range without width. */
export function beyond([low, high, pastLow, pastHigh]: Range, value: number): number {
  const from = Math.min(low, pastLow)
  const to = Math.max(high, pastHigh)
  const excess = Math.max(from - value, value - to)
  return excess > 0 ? excess / (to - from) : 0
}

export function widen(range: Range, value: number): Range {
  const [low, high, pastLow, pastHigh] = range
  if (value >= low && value <= high) return range
  return [Math.min(low, value), Math.max(high, value), pastLow, pastHigh]
}

export function nextPeriod([low, high]: Range, value: number): Range {
  return [value, value, low, high]
}
