import { expect, test } from 'vitest'
import { proposedDate } from './proposed-date.ts'

const tuesday = Date.parse('2026-11-24T12:00:00+08:00')

test.each([
  ['what is warm', 'electricity-meter/terminal-over-temperature', tuesday, '2026-11-27T09:00:00+08:00'],
  ['what drifts', 'elevator/door-close-drift', tuesday, '2026-12-08T09:00:00+08:00'],
  ['anything else', 'elevator/sensor-silent', tuesday, '2026-12-01T09:00:00+08:00'],
  [
    'over the turn of the year',
    'elevator/sensor-silent',
    Date.parse('2026-12-30T23:30:00+08:00'),
    '2027-01-06T09:00:00+08:00',
  ],
  [
    'a weekend: the Friday before',
    'electricity-meter/overload',
    Date.parse('2026-11-26T12:00:00+08:00'),
    '2026-11-27T09:00:00+08:00',
  ],
])('%s is proposed for a working morning', (_, finding, now, expected) => {
  expect(proposedDate('warning', finding, now)).toBe(Date.parse(expected))
})

test('emergencies have no date, and information needs no visit', () => {
  expect((['critical', 'urgent', 'info'] as const).map((one) => proposedDate(one, 'elevator/x', tuesday))).toEqual([
    null,
    null,
    null,
  ])
})
