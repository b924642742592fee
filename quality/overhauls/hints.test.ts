import { expect, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import type { Overhaul } from '../../core/overhaul.ts'
import { testOverhaul } from '../../test/fixtures/rows.ts'
import { hintsOf, usualLifeDays } from './hints.ts'

const now = Date.UTC(2026, 10, 24)
const proposal = (given: Partial<Overhaul> = {}) =>
  testOverhaul({ id: 'new', incidentId: 'i', orderId: null, proposedAt: now, ...given })
const done = (daysAgo: number, given: Partial<Overhaul> = {}) =>
  proposal({ id: 'old', state: 'done', proposedAt: 0, doneAt: now - daysAgo * dayMs, ...given })

test.each<[string, Partial<Overhaul>, Overhaul[], number, string[]]>([
  ['something was found', {}, [], 0, []],
  ['nothing is behind it', { incidentId: null }, [], 0, ['over-repair']],
  ['nothing is named, but something was found lately', { incidentId: null }, [], 1, []],
  ['an order is behind it', { incidentId: null, orderId: 'o' }, [], 0, []],
  ['the same part within its life', {}, [done(usualLifeDays - 1)], 0, ['repeat-part']],
  ['the same part after its life', {}, [done(usualLifeDays)], 0, []],
  ['within the life that was said', {}, [done(20, { expectedLifeDays: 30 })], 0, ['repeat-part']],
  ['after the life that was said', {}, [done(30, { expectedLifeDays: 30 })], 0, []],
  ['the same name, written otherwise', {}, [done(5, { part: 'DOOR  belt' })], 0, ['repeat-part']],
  ['another part', {}, [done(5, { part: 'Door roller' })], 0, []],
  [
    'the same number under another name',
    { partNumber: 'A-1' },
    [done(5, { part: 'x', partNumber: 'a1' })],
    0,
    ['repeat-part'],
  ],
  ['another number under the same name', { partNumber: 'A-1' }, [done(5, { partNumber: 'A-2' })], 0, []],
  ['a part is no overhaul', { type: 'overhaul', part: null }, [done(5)], 0, []],
  [
    'an overhaul again',
    { type: 'overhaul', part: null },
    [done(5, { type: 'overhaul', part: 'x' })],
    0,
    ['repeat-part'],
  ],
  ['one that was not done', {}, [proposal({ id: 'old', proposedAt: 0 })], 0, []],
  ['one that was done later', {}, [done(-1)], 0, []],
])('hints: %s', (_, given, others, findings, expected) => {
  expect(hintsOf(proposal(given), others, findings).map(({ hint }) => hint)).toEqual(expected)
})

test('the newest of the same part counts', () => {
  const hints = hintsOf(proposal(), [done(600), done(40, { id: 'newest' }), done(300)], 0)
  expect(hints).toMatchObject([{ beforeId: 'newest', usedDays: 40, lifeDays: usualLifeDays }])
})
