import { expect, test } from 'vitest'
import { minuteMs } from '../core/clock.ts'
import { createLiftReceipts } from './lift-receipt.ts'

let now = Date.UTC(2026, 10, 24, 18)
const receipts = createLiftReceipts(Buffer.alloc(32, 1), () => now)
const partsOf = (query: string) => Object.fromEntries(new URLSearchParams(query))

test('what was said of a report is shown for ten minutes, of this lift, as it was said', () => {
  const query = partsOf(receipts.queryOf('elv-1', 'taken'))
  expect(receipts.toldBy('elv-1', query)).toBe('taken')
  expect(receipts.toldBy('elv-2', query)).toBeUndefined()
  expect(receipts.toldBy('elv-1', { ...query, said: 'known' })).toBeUndefined()
  now += 10 * minuteMs - 1
  expect(receipts.toldBy('elv-1', query)).toBe('taken')
  now += 1
  expect(receipts.toldBy('elv-1', query)).toBeUndefined()
  expect(receipts.toldBy('elv-1', { ...query, at: String(now) })).toBeUndefined() // no time made younger
})

test('an address that somebody made up says nothing', () => {
  const query = partsOf(receipts.queryOf('elv-1', 'taken'))
  const others = partsOf(createLiftReceipts(Buffer.alloc(32, 2), () => now).queryOf('elv-1', 'taken'))
  const made = [
    ...[{}, { said: 'taken' }, others, { ...query, tag: '' }, { ...query, tag: ['a'] }],
    ...[
      { ...query, at: 'x' },
      { ...query, at: String(now + minuteMs) },
      { ...query, said: 'too-many' },
    ],
  ]
  expect(made.map((one) => receipts.toldBy('elv-1', one))).toEqual(made.map(() => undefined))
})
