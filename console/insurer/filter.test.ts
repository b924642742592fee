import { expect, test } from 'vitest'
import { askedFor, periodOf, sameFilter, unreadIn } from './filter.ts'

const now = Date.parse('2026-11-30T20:00:00+08:00')
const query = (text: string) => new URLSearchParams(text)
const days = (text: string) => {
  const { from, to } = periodOf(query(text), now)
  return [from, to].map((at) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16))
}

test('twelve whole months, the running one among them, where nothing is said', () => {
  expect(days('')).toEqual(['2025-12-01T00:00', '2026-12-01T00:00'])
  expect(days('period=nonsense')).toEqual(days(''))
})

test.each([
  ['month', '2026-11-01', '2026-12-01'],
  ['last-month', '2026-10-01', '2026-11-01'],
  ['quarter', '2026-10-01', '2027-01-01'],
  ['last-quarter', '2026-07-01', '2026-10-01'],
  ['year', '2026-01-01', '2027-01-01'],
])('%s begins and ends at midnight in Shanghai', (period, from, to) => {
  expect(days(`period=${period}`)).toEqual([`${from}T00:00`, `${to}T00:00`])
})

test('dates of one’s own are both in it; what is no date is not taken', () => {
  expect(days('from=2026-02-28&to=2026-03-01')).toEqual(['2026-02-28T00:00', '2026-03-02T00:00'])
  expect(days('from=2026-03-02&to=2026-03-01')).toEqual(days(''))
  expect(days('from=1&to=2')).toEqual(days(''))
})

test('the filter goes along, what is the page’s own does not', () => {
  const here = query('period=year&maintainerId=b&sort=failure-rate&q=x')
  expect(sameFilter(here)).toBe('?period=year&maintainerId=b')
  expect(sameFilter(here, { maintainerId: null, siteId: 's 1' })).toBe('?period=year&siteId=s+1')
  expect(sameFilter(query(''))).toBe('')
})

test('figures as of a day are asked as of its end; as of today they are as of now', () => {
  expect(askedFor(query('asOf=2026-11-01&maintainerId=b'), now)).toMatchObject({
    asOf: '2026-11-01T16:00:00.000Z',
    maintainerId: 'b',
  })
  expect(askedFor(query('asOf=2026-11-30'), now)).not.toHaveProperty('asOf')
})

test('a day that there is not, and dates that end before they begin, are said to be none', () => {
  expect(askedFor(query('asOf=2026-02-31'), now)).not.toHaveProperty('asOf')
  expect(unreadIn(query('asOf=2026-02-31'), now)).toEqual(['asOf'])
  expect(unreadIn(query('asOf=2026-12-01'), now)).toEqual(['asOf'])
  expect(unreadIn(query('asOf=2026-11-30'), now)).toEqual([])
  expect(unreadIn(query('from=2026-11-30&to=2026-11-01'), now)).toEqual(['dates'])
  expect(unreadIn(query('from=2026-11-30'), now)).toEqual(['dates'])
  expect(unreadIn(query('from=2026-11-01&to=2026-11-30&asOf=2026-11-30'), now)).toEqual([])
  expect(unreadIn(query('period=nonsense'), now)).toEqual([])
})
