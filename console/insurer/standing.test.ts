import { expect, test } from 'vitest'
import { sortedBy, standingOf, worseIn, worstFirst } from './standing.ts'
import type { Definition, Figure, Group } from './wire.ts'

const figure = (value: number | null, low: number | null, high: number | null): Figure => ({
  ...{ value, unit: 'share', numerator: 0, denominator: 0, coverage: null, rank: null, before: null },
  interval: low === null && high === null ? null : { low, high },
})
const kpi = (id: 'failure-rate' | 'verified-visits'): Definition => ({
  ...({ id, unit: id === 'failure-rate' ? 'per-elevator-year' : 'share' } as const),
  better: id === 'failure-rate' ? 'lower' : 'higher',
  words: {} as Definition['words'],
})
const [failures, visits] = [kpi('failure-rate'), kpi('verified-visits')]
const group = (id: string, failure: Figure, visit: Figure, elevators = 10): Group => ({
  ...{ id, name: id, elevators, others: 0, standardised: null, falseAlarmsByRule: [] },
  kpis: { 'failure-rate': failure, 'verified-visits': visit },
})
const total = group('all', figure(1, 0.9, 1.1), figure(0.8, 0.78, 0.82))

test('only what is certain counts: the whole interval lies on one side', () => {
  const all = figure(0.8, 0.7, 0.9)
  expect(standingOf(figure(0.41, 0.3, 0.5), all, visits)).toBe('worse')
  expect(standingOf(figure(0.41, 0.3, 0.5), all, { ...visits, better: 'lower' })).toBe('better')
  expect(standingOf(figure(0.6, 0.2, 0.9), all, visits)).toBe('alike')
  expect(standingOf(figure(0.9, null, null), all, visits)).toBe('alike')
  expect(standingOf(figure(0.9, 0.85, 0.95), all, { ...visits, better: null })).toBe('alike')
  expect(standingOf(figure(null, null, null), all, visits)).toBe('unknown')
  expect(standingOf(undefined, all, visits)).toBe('unknown')
})

test('a portfolio of which much is not known may be as good as whoever is proven', () => {
  const told = (coverage: number) => ({ ...figure(0.5, 0.4, 0.98), coverage })
  const proven = { ...figure(0.95, 0.85, 0.99), numerator: 95, denominator: 100 }
  expect(standingOf(proven, told(1), visits)).toBe('better')
  expect(standingOf(proven, told(0.5), visits)).toBe('alike')
  expect(standingOf(figure(0.1, 0.05, 0.2), told(0.5), visits)).toBe('worse')
})

test('the worst is who has most that is certainly worse, then whose worst is farthest off', () => {
  const good = group('good', figure(0.5, 0.4, 0.6), figure(0.95, 0.9, 0.99))
  const unsure = group('unsure', figure(3, 0, 9), figure(0.2, 0, 0.9))
  const twice = group('twice', figure(2, 1.5, 2.5), figure(0.4, 0.3, 0.5))
  const once = group('once', figure(9, 8, 10), figure(0.8, 0.7, 0.9))
  const rather = group('rather', figure(2, 1.5, 2.5), figure(0.8, 0.7, 0.9))
  const sorted = worstFirst([good, unsure, rather, once, twice], total, [failures, visits])
  expect(sorted.map(({ id }) => id).slice(0, 3)).toEqual(['twice', 'once', 'rather'])
  expect(worseIn(twice, total, [failures, visits])).toEqual([failures, visits])
  expect(worseIn(unsure, total, [failures, visits])).toEqual([])
})

test('sorted by one figure the worst stands first, or last; what is not known is never first', () => {
  const [few, many] = [
    group('few', figure(1, 0, 2), total.kpis['verified-visits'] as Figure),
    group('many', figure(5, 4, 6), figure(0.1, 0, 0.2)),
  ]
  const unknown = group('unknown', figure(null, null, null), figure(null, null, null))
  const ids = (groups: readonly Group[]) => groups.map(({ id }) => id)
  expect(ids(sortedBy([unknown, few, many], failures, false))).toEqual(['many', 'few', 'unknown'])
  expect(ids(sortedBy([unknown, few, many], failures, true))).toEqual(['few', 'many', 'unknown'])
  expect(ids(sortedBy([unknown, few, many], visits, false))).toEqual(['many', 'few', 'unknown'])
})

test('nobody stands worse for visits of which nothing can be told', () => {
  const silent = group('silent', figure(1, 0, 2), { ...figure(0.5, 0.2, 1), coverage: 0.5 })
  const poor = group('poor', figure(1, 0, 2), { ...figure(0.8, 0.7, 0.9), coverage: 1 })
  expect(sortedBy([silent, poor], visits, false).map(({ id }) => id)).toEqual(['poor', 'silent'])
})

const counted = (numerator: number, denominator: number, low: number, high: number): Figure => ({
  ...figure(numerator / denominator, low, high),
  ...{ numerator, denominator },
})

test('one piece of maintenance that was missed is not certain: fifteen of a hundred that are all alike have that', () => {
  const all = counted(22, 26, 0.66, 0.94)
  expect(standingOf(counted(0, 1, 0, 0.793), all, visits)).toBe('alike')
  expect(standingOf(counted(0, 3, 0, 0.56), all, visits)).toBe('worse')
})

test('among many that are alike none stands out by chance', () => {
  const all = counted(2_200, 2_600, 0.83, 0.86)
  const few = counted(2, 6, 0.097, 0.7)
  const none = counted(0, 6, 0, 0.39)
  expect([1, 100, 3_000].map((among) => standingOf(few, all, visits, among))).toEqual(['worse', 'alike', 'alike'])
  expect([1, 100, 3_000].map((among) => standingOf(none, all, visits, among))).toEqual(['worse', 'worse', 'alike'])
  const rate = { ...counted(4, 1, 1.09, 10.2), value: 4 }
  const usual = { ...counted(100, 100, 0.8, 1.2), value: 1 }
  expect([1, 100].map((among) => standingOf(rate, usual, failures, among))).toEqual(['worse', 'alike'])
})
