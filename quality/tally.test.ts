import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs, minuteMs } from '../core/clock.ts'
import { causeClasses, orderOutcomes } from '../core/incident.ts'
import type { KpiOrder, KpiRecords, KpiVisit, Tenure } from '../core/kpi-records.ts'
import { figuresOf } from './figures.ts'
import { local } from './fixtures/golden-district.ts'
import { eachCount, type OwnedCount, sumOf, talliesOf } from './tally.ts'

const [begin, end] = [local('2023-12-01'), local('2024-04-01')]
const asOf = local('2024-04-05 09:30')
const retiredAt = local('2024-02-20 15:00')
const ids = ['lift-1', 'lift-2', 'lift-3', 'meter-1']
const moment = fc.integer({ min: begin - 40 * dayMs, max: end + 10 * dayMs })
const moments = fc.array(moment, { minLength: 2, maxLength: 2 }).map((two) => two.toSorted((a, b) => a - b))

const order = fc
  .record({
    id: fc.uuid(),
    deviceId: fc.constantFrom(...ids),
    detectedAt: moment,
    type: fc.constantFrom('emergency', 'planned', 'manual'),
    source: fc.constantFrom('liftwatt', 'manual'),
    state: fc.constantFrom('raised', 'closed', 'cancelled'),
    finding: fc.constantFrom(
      'elevator/entrapment',
      'elevator/door-fault',
      'electricity-meter/residual-current',
      'manual/report',
    ),
    causeClass: fc.option(fc.constantFrom(...causeClasses)),
    outcome: fc.option(fc.constantFrom(...orderOutcomes)),
    minutes: fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ minutes: [accept = 0, arrive = 0, restore = 0], detectedAt, ...said }) => {
    const after = (minutes: number) => (minutes > 80 ? null : detectedAt + minutes * minuteMs)
    return {
      ...{ ...said, detectedAt, occurredAt: detectedAt, upgradedAt: null, followsId: null, mergedIntoId: null },
      arriveBy: said.type === 'planned' ? null : detectedAt + 30 * minuteMs,
      ...{ acceptedAt: after(accept), arrivedAt: after(arrive), restoredAt: after(restore) },
      ...{ closedAt: said.state === 'closed' ? detectedAt + 100 * minuteMs : null, cancelledAt: null },
    } as KpiOrder
  })

const visit = fc.record({
  ...{ id: fc.uuid(), deviceId: fc.constantFrom(...ids), startedAt: moment },
  teamId: fc.constantFrom('east', 'west', null),
  verdict: fc.constantFrom('proven', 'not-proven', 'cannot-tell', null),
  healthBefore: fc.option(fc.integer({ min: 0, max: 100 })),
  healthAfter: fc.option(fc.integer({ min: 0, max: 100 })),
}) satisfies fc.Arbitrary<KpiVisit>

const tenure = fc
  .record({ deviceId: fc.constantFrom(...ids), at: moments, maintainerId: fc.constantFrom('east', 'west', null) })
  .map(({ deviceId, maintainerId, at: [from = 0, to = 0] }) => ({ deviceId, maintainerId, insurerId: null, from, to }))

const due = fc.record({
  ...{ deviceId: fc.constantFrom(...ids), item: fc.constantFrom('half-month', 'year') },
  dueAt: fc.integer({ min: 0, max: 130 }).map((days) => begin + days * dayMs),
  doneAt: fc.option(moment),
  isProven: fc.boolean(),
  replacedAt: fc.option(moment),
})

const records = fc.record({
  devices: fc.constant(
    ids.map((id) => ({
      ...{ id, kind: id.startsWith('meter') ? 'electricity-meter' : 'elevator', stratum: '', estateId: null },
      retiredAt: id === 'lift-3' ? retiredAt : null,
    })),
  ),
  ...{ tenures: fc.array(tenure, { maxLength: 8 }).map(oneAtATime), orders: fc.array(order, { maxLength: 30 }) },
  ...{ visits: fc.array(visit, { maxLength: 15 }), due: fc.array(due, { maxLength: 10 }) },
  ...{ days: fc.constant([]), health: fc.constant([]), inspections: fc.constant([]), overhauls: fc.constant([]) },
}) satisfies fc.Arbitrary<KpiRecords>

test('a period is the sum of its parts, wherever it is cut at midnight: of counts, times, time under contract and figures', () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 0, max: 121 }), (given, days) => {
      const cut = begin + days * dayMs
      const of = (from: number, to: number) => [...talliesOf(given, { from, to }, asOf, () => 'all').values()]
      const whole = sumOf(of(begin, end))
      const parts = sumOf([...of(begin, cut), ...of(cut, end)])
      expect(sorted(parts)).toEqual(sorted(whole))
      expect(figuresOf(parts)).toEqual(figuresOf(whole))
    }),
    { numRuns: 60 },
  )
})

test('a portfolio is the sum of its companies, and of its elevators', () => {
  fc.assert(
    fc.property(records, (given) => {
      const by = (keyOf: Parameters<typeof talliesOf>[3]) =>
        sumOf(talliesOf(given, { from: begin, to: end }, asOf, keyOf).values())
      const whole = sorted(by(() => 'all'))
      expect(sorted(by(({ maintainerId }) => maintainerId ?? ''))).toEqual(whole)
      expect(sorted(by(({ deviceId }) => deviceId))).toEqual(whole)
    }),
    { numRuns: 60 },
  )
})

test('what one company claims on the elevator of another changes no figure of either; a claim in no name is of whoever maintains it', () => {
  const claim = (teamId: string | null) => ({
    ...{ id: `by ${teamId}`, deviceId: 'lift-1', startedAt: begin + dayMs, teamId, verdict: 'not-proven' as const },
    ...{ decision: null, healthBefore: null, healthAfter: null },
  })
  const tenures = [{ deviceId: 'lift-1', maintainerId: 'east', insurerId: null, from: begin, to: end }]
  const given = {
    ...{
      tenures,
      devices: [{ id: 'lift-1', kind: 'elevator', stratum: '', estateId: null, retiredAt: null }],
      visits: ['west', 'east', null].map(claim),
    },
    ...{ orders: [], due: [], days: [], health: [], inspections: [], overhauls: [] },
  }
  const counted: string[] = []
  eachCount(given, { from: begin, to: end }, asOf, ({ what, of, belongs }) => {
    if (what === 'visitsClaimed') counted.push(`${of.id} for ${belongs.maintainerId}`)
  })
  expect(counted).toEqual(['by east for east', 'by null for east'])
})

test('what is retired counts until then: nothing falls due, is overdue or occurs afterwards', () => {
  fc.assert(
    fc.property(records, (given) => {
      const countsOf = (devices: KpiRecords['devices']) => {
        const counts: OwnedCount[] = []
        eachCount({ ...given, devices }, { from: begin, to: end }, asOf, (count) => counts.push(count))
        return counts.filter(({ what }) => what !== 'exposureMinutes') // of a month, not of a moment
      }
      const kept = countsOf(given.devices.map((device) => ({ ...device, retiredAt: null })))
      expect(countsOf(given.devices)).toEqual(
        kept.filter(({ deviceId, at }) => deviceId !== 'lift-3' || at < retiredAt),
      )
    }),
    { numRuns: 60 },
  )
})

test('years of paper from before a device was under contract add nothing to rates, whose time nobody knows', () => {
  const order = (id: string, at: number) =>
    ({
      ...{ id, deviceId: 'lift-1', source: 'import', finding: 'import/entrapment', type: 'emergency', state: 'closed' },
      ...{ occurredAt: at, detectedAt: at, upgradedAt: null, arriveBy: at + 30 * minuteMs, acceptedAt: null },
      ...{ arrivedAt: at + minuteMs, restoredAt: null, closedAt: at + dayMs, cancelledAt: null, followsId: null },
      ...{ mergedIntoId: null, causeClass: 'equipment', outcome: 'repaired' },
    }) as KpiOrder
  const given: KpiRecords = {
    devices: [{ id: 'lift-1', kind: 'elevator', stratum: '', estateId: null, retiredAt: null }],
    tenures: [{ deviceId: 'lift-1', maintainerId: 'east', insurerId: null, from: begin + 40 * dayMs, to: Infinity }],
    orders: [order('old', begin + 5 * dayMs), order('new', begin + 45 * dayMs)],
    ...{ visits: [], due: [], days: [], health: [], inspections: [], overhauls: [] },
  }
  const { sums, durations } = sumOf(talliesOf(given, { from: begin, to: end }, asOf, () => '').values())
  expect([sums.faultsEquipment, sums.entrapments, sums.entrapmentsEquipment]).toEqual([1, 1, 1])
  expect([sums.ordersRaised, durations.arrive.get(60)]).toEqual([2, 2])
})

/** Maps in the order of their keys. */
function sorted(tally: ReturnType<typeof sumOf>) {
  const inOrder = <Key, Value>(map: ReadonlyMap<Key, Value>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  const { sums, exposure, durations, rules } = tally
  const times = Object.entries(durations).map(([name, map]) => [name, inOrder(map)])
  return { sums, exposure: inOrder(exposure), times, rules: inOrder(rules) }
}

/** Nobody follows before the one before has gone. */
function oneAtATime(tenures: Tenure[]): Tenure[] {
  const free = new Map<string, number>()
  return tenures
    .toSorted((a, b) => a.from - b.from)
    .flatMap((tenure) => {
      const from = Math.max(tenure.from, free.get(tenure.deviceId) ?? 0)
      if (from >= tenure.to) return []
      free.set(tenure.deviceId, tenure.to)
      return [{ ...tenure, from }]
    })
}
