import { expect, test } from 'vitest'
import type { Case } from '../wire.ts'
import { amountOf, casesByRecord, linkOfCase } from './cases.ts'

const one = (what: Case['what'], type: Case['of']['type'], more: Partial<Case> = {}): Case => ({
  ...{ at: '2026-11-03T02:00:00.000Z', deviceId: 'elv 1', maintainerId: 'b', insurerId: 'p', what, amount: 1 },
  of: { type, id: 'r-1' },
  ...more,
})

test('each record opens where it is shown, with the filter that led to it', () => {
  expect(linkOfCase(one('visitsNotProven', 'visit'), '?period=year')).toBe('/review/visits/r-1?period=year')
  expect(linkOfCase(one('entrapments', 'order'), '')).toBe('/review/orders/r-1')
  expect(linkOfCase(one('maintenanceDue', 'maintenance'), '')).toBe('/review/elevators/elv%201')
})

test('a day opens the curves from midnight to midnight in Shanghai', () => {
  const link = linkOfCase(one('outOfServiceMinutes', 'day'), '?period=year')
  expect(decodeURIComponent(link)).toBe('/devices/elv 1?from=2026-11-02T16:00:00.000Z&to=2026-11-03T16:00:00.000Z')
})

test('a visit that was claimed and is not proven stands once; days of one elevator stand each', () => {
  const visits = casesByRecord([one('visitsNotProven', 'visit'), one('visitsClaimed', 'visit')])
  expect(visits.map((cases) => cases.map(({ what }) => what))).toEqual([['visitsClaimed', 'visitsNotProven']])
  const days = [
    one('outOfServiceMinutes', 'day'),
    one('outOfServiceMinutes', 'day', { at: '2026-11-04T02:00:00.000Z' }),
  ]
  expect(casesByRecord(days)).toHaveLength(2)
})

test('pieces of maintenance of several elevators with one last day stand each, with what each counts as', () => {
  const piece = { id: 'half-month 2026-11-16', type: 'maintenance' } as const
  const pieces = casesByRecord([
    one('maintenanceOnTime', 'maintenance', { of: piece }),
    one('maintenanceDue', 'maintenance', { of: piece }),
    one('maintenanceDue', 'maintenance', { of: piece, deviceId: 'elv 2' }),
  ])
  expect(pieces.map((cases) => cases.map(({ deviceId, what }) => [deviceId, what]))).toEqual([
    [
      ['elv 1', 'maintenanceDue'],
      ['elv 1', 'maintenanceOnTime'],
    ],
    [['elv 2', 'maintenanceDue']],
  ])
})

test('how much is said where it is more than one', () => {
  expect(amountOf(one('entrapments', 'order'))).toBeNull()
  expect(amountOf(one('outOfServiceMinutes', 'day', { amount: 90 }))).toBe(90)
  expect(amountOf(one('inspectionTenthsQuarterly', 'inspection', { amount: 785 }))).toBe(78.5)
})
