import { expect, test } from 'vitest'
import type { Definition, Figure, Group } from '../wire.ts'
import { largestContributions } from './contributions.ts'

const figure = (numerator: number, denominator: number): Figure => ({
  ...{ numerator, denominator, value: denominator === 0 ? null : numerator / denominator },
  ...{ unit: 'share', interval: null, coverage: null, rank: null, before: null },
})
const visits = { id: 'verified-visits', unit: 'share', better: 'higher' } as Definition
const failures = { id: 'failure-rate', unit: 'per-elevator-year', better: 'lower' } as Definition
const group = (id: string, numerator: number, denominator: number): Group => ({
  ...{ id, name: id, elevators: 1, others: 0, standardised: null, falseAlarmsByRule: [] },
  kpis: { [visits.id]: figure(numerator, denominator), [failures.id]: figure(numerator, denominator) },
})
const ids = (groups: readonly Group[]) => groups.map(({ id }) => id)

test('nine of ten that are not proven weigh more than one of one', () => {
  const groups = [group('once', 0, 1), group('often', 1, 10), group('good', 9, 9), group('nothing', 0, 0)]
  expect(ids(largestContributions(groups, figure(10, 20), visits, 5))).toEqual(['often', 'once'])
  expect(ids(largestContributions(groups, figure(10, 20), visits, 1))).toEqual(['often'])
})

test('an elevator of two days with one fault weighs less than one of a year with five', () => {
  const groups = [group('two days', 1, 2 / 365), group('a year', 5, 1), group('quiet', 0, 1)]
  expect(ids(largestContributions(groups, figure(6, 3), failures, 5))).toEqual(['a year', 'two days'])
})

test('also those who are as good as all of a company that is bad have their part in it', () => {
  const groups = [group('none', 0, 2), group('half', 1, 2), group('too', 1, 2), group('well', 2, 2)]
  expect(ids(largestContributions(groups, figure(4, 8), visits, 5))).toEqual(['none', 'half', 'too'])
})

test('visits of which nothing can be told are no bad ones', () => {
  const silent = group('silent', 5, 10)
  const told = { ...figure(5, 10), coverage: 0.5 }
  const groups = [{ ...silent, kpis: { [visits.id]: told } }, group('once', 0, 1)]
  expect(ids(largestContributions(groups, figure(5, 11), visits, 5))).toEqual(['once'])
})

test('a mean counts nothing: so far off, so often', () => {
  const health = { id: 'verified-visits', unit: 'points', better: 'higher' } as Definition
  const of = (id: string, value: number, days: number): Group => {
    const one = group(id, value * days, days)
    return { ...one, kpis: { [health.id]: { ...figure(value * days, days), value } } }
  }
  const groups = [of('bad for a day', 10, 1), of('poor for a month', 70, 30), of('good', 95, 30)]
  expect(ids(largestContributions(groups, { ...figure(5_000, 61), value: 82 }, health, 5))).toEqual([
    'poor for a month',
    'bad for a day',
  ])
})

test('where nothing is known of all there is nothing to compare with', () => {
  expect(largestContributions([group('once', 0, 1)], figure(0, 0), visits, 5)).toEqual([])
  expect(largestContributions([group('once', 0, 1)], undefined, visits, 5)).toEqual([])
})
