import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Figure, measures } from '../core/kpi.ts'
import { orderValueOf } from '../core/least-figures.ts'
import { countsAsDone, dueItems } from '../workorders/maintenance/due-dates.ts'
import { figuresOf } from './figures.ts'
import { february, golden, goldenAsOf, goldenRecords, local } from './fixtures/golden-district.ts'
import { shareInterval } from './intervals.ts'
import { falseAlarmsByRule } from './kpis/false-alarms.ts'
import { type KpiId, kpiIds } from './kpis/index.ts'
import { eachCount, sumOf, talliesOf } from './tally.ts'

/* Every number here stands in fixtures/README.md, with its arithmetic. */

const records = goldenRecords({ dueItems, countsAsDone })
const byMaintainer = talliesOf(records, february, goldenAsOf, ({ maintainerId }) => maintainerId ?? 'nobody')
const east = figuresOf(byMaintainer.get('east') ?? sumOf([]))
const west = figuresOf(byMaintainer.get('west') ?? sumOf([]))
const all = figuresOf(sumOf(byMaintainer.values()))

test.each(kpiIds)('%s of the golden district is what was worked out by hand', (id) => {
  for (const [index, figures] of [east, west, all].entries()) {
    const wanted = golden[id][index]
    if (wanted === null) expect(figures[id].value).toBeNull()
    else expect(figures[id].value).toBeCloseTo(Number(wanted), 4)
  }
})

test('how much is known is said beside each figure, and what is not known is neither up nor down', () => {
  const coverage = (id: KpiId) => [east[id].coverage, west[id].coverage].map((share) => Number(share?.toFixed(6)))
  expect(coverage('availability')).toEqual([0.971576, 0.298077])
  expect(coverage('failure-rate')).toEqual([0.971576, 0.298077])
  expect(coverage('verified-visits')).toEqual([0.5, 1])
  expect(coverage('visit-effect')).toEqual([0.5, 0.5])
  expect(coverage('mean-health')).toEqual([Number((20 / 43).toFixed(6)), Number((15 / 52).toFixed(6))])
  expect(span(east.availability)).toEqual([0.9699, 0.9984])
  expect(span(west.availability)).toEqual([0.2916, 0.9946])
})

test('visits of which nothing can be told are neither proven nor not: without any that can, there is no figure', () => {
  const visits = (visitsProven: number, visitsNotProven: number, visitsClaimed: number) => {
    const tally = sumOf([])
    return figuresOf({ ...tally, sums: { ...tally.sums, visitsProven, visitsNotProven, visitsClaimed } })
  }
  expect(visits(0, 0, 19)['verified-visits']).toMatchObject({ value: null, interval: null, coverage: 0 })
  const [alone, among] = [visits(6, 4, 10), visits(6, 4, 100)].map((figures) => figures['verified-visits'])
  expect(span(alone as Figure)).toEqual([0.3127, 0.8318])
  expect(among).toMatchObject({ value: 0.06, coverage: 0.1 })
  // if all 90 had been in vain, or proven
  expect(span(among as Figure)).toEqual([0.0278, 0.9843])
})

test('figures whose value is the least that may be true are put in order by the most that may be', () => {
  const sums = fc.record(Object.fromEntries(measures.map((measure) => [measure, fc.nat(20)])))
  const tallies = fc.sample(sums, { numRuns: 2_000, seed: 1 }).map((some) => {
    const tally = sumOf([])
    return figuresOf({ ...tally, sums: { ...tally.sums, ...some } })
  })
  /** As low as the share of all, and higher than that by what nobody can tell. */
  const isLeast = ({ numerator, denominator, interval }: Figure) => {
    const share = shareInterval(numerator, denominator)
    return share !== null && interval?.low === share.low && (interval.high ?? 1) > (share.high ?? 1)
  }
  const least = kpiIds.filter((id) => tallies.some((figures) => isLeast(figures[id])))
  expect(least.toSorted()).toEqual(['maintenance-on-time', 'verified-visits'])
  for (const id of kpiIds) {
    expect(orderValueOf(id, { value: 0.25, coverage: 0.5 }), id).toBe(least.includes(id) ? 0.75 : 0.25)
  }
})

test('what is only claimed to be done in time makes the figure no better, stands beside it, and is what is not known', () => {
  const maintenance = (maintenanceDue: number, maintenanceOnTime: number, maintenanceClaimed: number) => {
    const tally = sumOf([])
    return figuresOf({ ...tally, sums: { ...tally.sums, maintenanceDue, maintenanceOnTime, maintenanceClaimed } })
  }
  expect(maintenance(10, 9, 0)['maintenance-on-time']).toMatchObject({ value: 0.9, coverage: 1 })
  // the missed one is claimed after all
  const late = maintenance(10, 10, 1)
  expect(late['maintenance-on-time']).toMatchObject({ value: 0.9, numerator: 9, coverage: 0.9 })
  expect(late['maintenance-on-time'].interval?.high).toBeCloseTo(1, 9)
  expect(late['maintenance-claimed']).toMatchObject({ value: 0.1, numerator: 1 })
  expect(late['maintenance-days-overdue'].coverage).toBe(0.9)
  expect(maintenance(10, 10, 10)['maintenance-on-time']).toMatchObject({ value: null, interval: null, coverage: 0 })
  expect(maintenance(0, 0, 0)['maintenance-on-time']).toMatchObject({ value: null, coverage: null })
})

test('intervals are those of the tables', () => {
  const years = 43 / 366
  expect(span(east['failure-rate'], years)).toEqual([1.0899, 10.2416])
  expect(span(east['failure-rate-external'], years)).toEqual([0, 3.6889])
  expect(span(east['arrived-in-30-minutes'])).toEqual([0.5291, 0.9776])
  expect(east['arrive-p50'].interval).toEqual({ low: 600, high: 1_860 })
  expect(east['arrive-p99'].interval).toMatchObject({ high: null })
})

test('nothing and next to nothing give no figure, or a wide one; never 0 for what is not known, and never infinity', () => {
  const nothing = figuresOf(sumOf([]))
  for (const id of kpiIds) expect(nothing[id], id).toMatchObject({ value: null, interval: null, coverage: null })
  expect(west['electricity-repaired']).toEqual({
    value: null,
    numerator: 0,
    denominator: 0,
    interval: null,
    coverage: null,
  })
  expect(span(west['maintenance-on-time'])).toEqual([0, 0.7935])
  expect(west['visit-effect'].interval).toBeNull()
})

test('false alarms are told by rule', () => {
  const rules = falseAlarmsByRule(sumOf(byMaintainer.values())).map(({ rule, figure }) => [
    ...[rule, figure.numerator, figure.denominator],
  ])
  expect(rules.slice(0, 4)).toEqual([
    ['elevator/entrapment', 2, 5],
    ['electricity-meter/e-bike-charging', 1, 1],
    ['elevator/stopped-outside-zone', 1, 1],
    ['electricity-meter/residual-current', 0, 3],
  ])
  expect(rules).toContainEqual(['elevator/door-fault', 0, 4])
})

test('the cases behind a figure are the records that it counts, each with whose it was', () => {
  const cases: string[] = []
  eachCount(records, february, goldenAsOf, ({ what, of, belongs }) => {
    if (what === 'faultsEquipment') cases.push(`${belongs.maintainerId} ${of.type} ${of.id}`)
  })
  expect(cases.sort()).toEqual([
    ...['east order 1', 'east order 12', 'east order 2', 'east order 3', 'west order 13', 'west order 18'],
  ])
})

test('an elevator that is under contract all of a leap year is one elevator-year', () => {
  const year = { from: local('2024-01-01'), to: local('2025-01-01') }
  const one = { ...records, tenures: records.tenures.filter(({ deviceId }) => deviceId === 'lift-a') }
  const tally = talliesOf(one, year, local('2025-02-01'), ({ deviceId }) => deviceId).get('lift-a') ?? sumOf([])
  expect(figuresOf(tally)['failure-rate']).toMatchObject({ denominator: expect.closeTo(1, 12) })
  expect(figuresOf(tally)['entrapment-rate']).toMatchObject({ denominator: expect.closeTo(12, 12) })
})

/** Both bounds, times `scale`, to four places. */
function span({ interval }: Figure, scale = 1): (number | null)[] {
  return [interval?.low, interval?.high].map((bound) => (bound == null ? null : Number((bound * scale).toFixed(4))))
}
