import { expect, test } from 'vitest'
import { addCount, emptyTally, type Figure, type Tally } from '../core/kpi.ts'
import { sharedRanks, standardised, stratumOf, worstFirst } from './compare.ts'
import { countInterval, meanInterval, quantileRanks, shareInterval } from './intervals.ts'

test('groups whose intervals overlap share a rank, and one of which nothing is known has none', () => {
  const groups = [
    ...[
      group('a', 0.9, 0.85, 0.95),
      group('b', 0.88, 0.8, 0.94),
      group('c', 0.5, 0.4, 0.6),
      group('d', 0.7, 0.1, 0.99),
    ],
    { id: 'e', figure: { ...group('e', 0, 0, 0).figure, value: null, interval: null } },
    group('f', 0.95, null, null),
  ]
  const ranks = (better: 'higher' | 'lower') =>
    Object.fromEntries(sharedRanks(groups, better).map(({ id, rank }) => [id, rank]))
  // c is certainly worse than a and b; d and f can be told apart from nobody
  expect(ranks('higher')).toEqual({ a: 1, b: 1, c: 3, d: 1, e: null, f: 1 })
  expect(ranks('lower')).toEqual({ a: 2, b: 2, c: 1, d: 1, e: null, f: 1 })
})

test('the worst by a figure comes first, but nobody for what cannot be told, and what is not known last', () => {
  const visits = (id: string, value: number | null, coverage: number) => {
    const figure: Figure = { value, coverage, interval: null, numerator: 0, denominator: 10 }
    return { id, figures: { 'verified-visits': figure, 'closure-rate': figure } }
  }
  const groups = [visits('none', null, 0), visits('silent', 0.5, 0.5), visits('poor', 0.8, 1), visits('good', 1, 1)]
  const order = (id: string) => worstFirst(groups, { id, better: 'higher' }).map((one) => one.id)
  expect(order('verified-visits')).toEqual(['poor', 'silent', 'good', 'none'])
  expect(order('closure-rate')).toEqual(['silent', 'poor', 'good', 'none'])
})

test('old elevators are compared with old ones: as many faults as their like is a ratio of 1', () => {
  // in the portfolio old ones fail four times a year, new ones once
  const reference = new Map([
    ['old', tally(40, 10)],
    ['new', tally(30, 30)],
  ])
  // 12 years of them with 46 faults: 4.5 a year are many, and yet fewer than expected of 11 old ones and a new one
  const group = new Map([
    ['old', tally(40, 11)],
    ['new', tally(2, 1)],
  ])
  const { observed, expected, ratio, interval } = standardised(group, reference)
  expect([observed, expected]).toEqual([42, expect.closeTo(45, 9)])
  expect(ratio).toBeCloseTo(42 / 45, 9)
  expect(interval?.low).toBeCloseTo(countInterval(42).low / 45, 9)
  expect(standardised(new Map(), reference)).toEqual({ observed: 0, expected: 0, ratio: null, interval: null })
})

test('what is not known of an elevator is a stratum of its own', () => {
  expect(stratumOf({ ageYears: 5, stops: 6, use: 'hotel' })).toBe('age 5-10, floors 0-7, hotel')
  expect(stratumOf({ ageYears: 4.9, stops: 18, use: null })).toBe('age 0-5, floors 18+, ?')
  expect(stratumOf({ ageYears: null, stops: null, use: null })).toBe('age ?, floors ?, ?')
})

test('exact and approximate intervals meet where one takes over from the other', () => {
  const [exact, approximate] = [countInterval(400), countInterval(401)]
  expect(approximate.low - exact.low).toBeGreaterThan(0.9)
  expect(approximate.low - exact.low).toBeLessThan(1.1)
  expect(approximate.high - exact.high).toBeLessThan(1.1)
  for (const quantile of [0.5, 0.9, 0.99]) {
    const [few, more] = [quantileRanks(quantile, 400), quantileRanks(quantile, 401)]
    expect(Math.abs((more?.low ?? 0) - (few?.low ?? 0))).toBeLessThanOrEqual(2)
    expect(Math.abs((more?.high ?? 402) - (few?.high ?? 402))).toBeLessThanOrEqual(2)
  }
  expect(shareInterval(0, 0)).toBeNull()
  expect(quantileRanks(0.5, 0)).toBeNull()
  expect(quantileRanks(0.5, 1)).toEqual({ low: null, high: null })
})

test('a mean without spread has no interval, and that of scores stays between 0 and 100', () => {
  const of = (values: readonly number[]) => {
    const sum = (from: readonly number[]) => from.reduce((all, value) => all + value, 0)
    return meanInterval(values.length, sum(values), sum(values.map((value) => value ** 2)), [0, 100])
  }
  expect(of([96.3, 96.3, 96.3, 96.3, 96.3])).toBeNull()
  expect(of([100, 100, 100, 100, 90])).toMatchObject({ high: 100 })
  expect(of([0, 0, 0, 0, 10])).toMatchObject({ low: 0 })
})

function group(id: string, value: number, low: number | null, high: number | null): { id: string; figure: Figure } {
  return { id, figure: { value, numerator: 0, denominator: 0, interval: { low, high }, coverage: null } }
}

/** Whole elevators under contract for all of 2023. */
function tally(faults: number, years: number): Tally {
  const tally = emptyTally()
  const of = { type: 'order', id: '' } as const
  addCount(tally, { what: 'faultsEquipment', amount: faults, at: 0, deviceId: '', of })
  addCount(tally, { what: 'exposureMinutes', amount: years * 525_600, at: Date.UTC(2023, 5), deviceId: '', of })
  return tally
}
