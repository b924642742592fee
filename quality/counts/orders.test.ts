import { expect, test } from 'vitest'
import { dayMs, minuteMs } from '../../core/clock.ts'
import type { Countable } from '../../core/kpi.ts'
import type { KpiOrder } from '../../core/kpi-records.ts'
import { countOrders } from './orders.ts'

const devices = [{ id: 'lift', kind: 'elevator', stratum: '', estateId: null, retiredAt: null }]

/** An emergency that a rule found on a day, and that was closed an hour later as the equipment's fault. */
function order(id: string, day: number, given: Partial<KpiOrder> = {}): KpiOrder {
  const at = day * dayMs
  return {
    ...{ id, deviceId: 'lift', source: 'liftwatt', finding: 'elevator/door-fault', type: 'emergency', state: 'closed' },
    ...{ occurredAt: at, detectedAt: at, upgradedAt: null, arriveBy: at + 30 * minuteMs, acceptedAt: at + minuteMs },
    ...{ arrivedAt: at + 10 * minuteMs, restoredAt: at + 50 * minuteMs, closedAt: at + 60 * minuteMs },
    ...{ cancelledAt: null, causeClass: 'equipment', outcome: 'repaired', followsId: null, mergedIntoId: null },
    ...given,
  }
}

const planned = { type: 'planned', arriveBy: null, finding: 'elevator/door-close-drift' } as const

/** What is counted of these, as "12 faultsEquipment" with the day that it counts for. */
function counted(orders: readonly KpiOrder[], ...what: Countable[]): string[] {
  const counts: string[] = []
  countOrders({ orders, devices }, 100 * dayMs, (count) => {
    if (what.includes(count.what)) counts.push(`${Math.floor(count.at / dayMs)} ${count.what}`)
  })
  return counts
}

test('a fault that was closed without a cause is a fault of unknown cause, and an entrapment like others', () => {
  const unknown = { causeClass: null, outcome: 'self-corrected', finding: 'elevator/entrapment' } as const
  const what = ['faultsEquipment', 'faultsUnknown', 'entrapments', 'entrapmentsEquipment'] as const
  expect(counted([order('a', 5, unknown)], ...what)).toEqual(['5 faultsUnknown', '5 entrapments'])
  expect(counted([order('a', 5, { ...unknown, outcome: 'false-alarm' })], ...what)).toEqual([])
  expect(counted([order('a', 5, { ...unknown, state: 'restored' })], ...what)).toEqual([])
  // a cause that was found once is not forgotten by who closes what followed without one
  const again = order('b', 6, { ...unknown, finding: 'elevator/door-fault', followsId: 'a' })
  expect(counted([order('a', 5), again], ...what)).toEqual(['5 faultsEquipment'])
})

test('that data are missing or stand still is no warning of a fault', () => {
  const what = ['warningsEnded', 'warningsConfirmed', 'faultsWarned'] as const
  for (const finding of ['elevator/silent', 'elevator/sensor-silent', 'elevator/frozen-sensor', 'gateway/silent']) {
    expect(counted([order('w', 1, { ...planned, finding }), order('f', 5)], ...what), finding).toEqual([])
  }
  expect(counted([order('w', 1, planned), order('f', 5)], ...what)).toEqual([
    ...['1 warningsEnded', '1 warningsConfirmed', '5 faultsWarned'],
  ])
})

test('an order of a rule is one that we found ourselves, whatever another system calls its own', () => {
  const theirs = { source: 'camera-platform' }
  const orders = [order('a', 1, theirs), order('w', 2, { ...planned, ...theirs })]
  expect(counted(orders, 'ruleOrdersEnded', 'warningsEnded')).toEqual([])
})

test('two calls about anything are not the same fault, two entrapments are, whoever told of them', () => {
  const call = { finding: 'manual/report', source: 'manual', type: 'manual' } as const
  expect(counted([order('a', 1, call), order('b', 3, call)], 'repeatFaults')).toEqual([])
  expect(counted([order('a', 1, call), order('b', 3, { ...call, followsId: 'a' })], 'repeatFaults')).toEqual([
    '3 repeatFaults',
  ])
  const shutIn = [
    order('a', 1, { ...call, finding: 'manual/entrapment' }),
    order('b', 3, { finding: 'elevator/entrapment' }),
  ]
  expect(counted(shutIn, 'repeatFaults')).toEqual(['3 repeatFaults'])
})

test('a fault that follows a warning occurred when it did, not when the warning came, and was warned of', () => {
  const chain = [order('w', 1, planned), order('f', 40, { followsId: 'w' })]
  expect(counted(chain, 'faultsEquipment', 'faultsWarned')).toEqual(['40 faultsEquipment', '40 faultsWarned'])
  const falseWarning = order('w', 1, { ...planned, outcome: 'false-alarm', causeClass: null })
  expect(counted([falseWarning, order('f', 5, { followsId: 'w' })], 'faultsEquipment', 'faultsWarned')).toEqual([
    '5 faultsEquipment',
  ])
})

test('a warning that rose is a warning still, and who had accepted it before answered no emergency', () => {
  const upgradedAt = 5 * dayMs + 5 * minuteMs
  const rose = order('w', 5, { upgradedAt, finding: planned.finding })
  expect(counted([rose], 'warningsEnded', 'warningsConfirmed', 'faultsWarned')).toEqual([
    ...['5 warningsEnded', '5 warningsConfirmed', '5 faultsWarned'],
  ])
  expect(counted([rose], 'respond', 'arrive')).toEqual(['5 arrive'])
  expect(counted([{ ...rose, acceptedAt: upgradedAt + 1 }], 'respond')).toEqual(['5 respond'])
  // who was there when it rose, or had mended it, came in time, but not within 0 seconds
  const [arrivedAt, restoredAt] = [upgradedAt - 2, upgradedAt - 1]
  expect(counted([{ ...rose, arrivedAt, restoredAt }], 'arrive', 'restore', 'arrivalsOnTime')).toEqual([
    '5 arrivalsOnTime',
  ])
  expect(counted([{ ...rose, arrivedAt, restoredAt: upgradedAt }], 'arrive', 'restore')).toEqual(['5 restore'])
})
