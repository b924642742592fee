import { expect, test } from 'vitest'
import { findingTitle } from '../shared/finding.ts'
import { testOrder } from './order.fixture.ts'
import { rowsOf, stormTitle } from './storms.ts'

const outages = (count: number, severity: 'critical' | 'urgent' = 'urgent') =>
  Array.from({ length: count }, (_, index) =>
    testOrder({ id: `outage-${index}`, finding: 'electricity-meter/outage', severity }),
  )
const alone = testOrder({ id: 'alone', finding: 'elevator/door-fault', severity: 'urgent' })
const keys = (rows: ReturnType<typeof rowsOf>) => rows.map(({ key }) => key)
const storm = 'storm urgent electricity-meter/outage'

test('many of one finding are one row where the first of them stood; it opens', () => {
  const orders = [...outages(5), alone]
  expect(keys(rowsOf(orders, new Set()))).toEqual([storm, 'alone'])
  expect(keys(rowsOf(orders, new Set([storm])))).toEqual([storm, ...outages(5).map(({ id }) => id), 'alone'])
})

test('a few stay apart', () => {
  expect(rowsOf(outages(4), new Set()).every(({ type }) => type === 'order')).toBe(true)
})

test('what is critical, and what a crew has accepted, always stands for itself', () => {
  expect(rowsOf(outages(20, 'critical'), new Set())).toHaveLength(20)
  const [first, ...others] = outages(6)
  const accepted = testOrder({ ...first, state: 'accepted' })
  expect(keys(rowsOf([accepted, ...others], new Set()))).toEqual(['outage-0', storm])
})

test('what people report stands for itself: smoke here and water there are not one thing', () => {
  const reports = Array.from({ length: 6 }, (_, index) =>
    testOrder({ id: `report-${index}`, finding: 'manual/report', severity: 'urgent', summary: `report ${index}` }),
  )
  expect(keys(rowsOf(reports, new Set()))).toEqual(reports.map(({ id }) => id))
})

test('many are called what all of them are, not what one of them is', () => {
  const bikes = (...places: string[]) =>
    places.map((place) => testOrder({ finding: 'camera/e-bike', summary: `E-bike in building ${place}` }))
  expect(stormTitle(bikes('9', '3'))).toBe('camera/e-bike')
  expect(stormTitle(bikes('9', '9'))).toBe('E-bike in building 9')
  expect(stormTitle(outages(2))).toBe(findingTitle('electricity-meter/outage'))
})
