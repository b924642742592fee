import { expect, test } from 'vitest'
import type { ChainedEvent, OrderCorrection } from '../../stores/operations/port.ts'
import { faultOfCorrections } from './corrected.ts'

const at = Date.parse('2026-11-24T08:00:00Z')
const correction: OrderCorrection = {
  ...{ orderId: 'o', at, causeClass: 'people', outcome: 'serviced', reason: 'A pushchair', actor: 'ann' },
}
const said = {
  ...{ action: 'correct', correctedAt: '2026-11-24T08:00:00.000Z' },
  ...{ causeClass: 'people', outcome: 'serviced', reason: 'A pushchair' },
}
const event = (number: number, data: object) => ({ number, at, type: 'noted', actor: 'ann', data }) as ChainedEvent
const chain = [event(1, {}), event(2, said)]

test('a correction is as its event says', () => {
  expect(faultOfCorrections([correction], chain)).toBeUndefined()
  expect(faultOfCorrections([], [event(1, { note: 'x' })])).toBeUndefined()
})

test.each<[string, Partial<OrderCorrection>]>([
  ['another cause', { causeClass: 'equipment' }],
  ['another outcome', { outcome: 'false-alarm' }],
  ['another reason', { reason: 'x' }],
  ['another actor', { actor: 'eve' }],
])('%s than its event says is named with that event', (_, change) => {
  expect(faultOfCorrections([{ ...correction, ...change }], chain)).toMatchObject({ event: 2 })
})

test('one that is taken away, moved or put in is named', () => {
  expect(faultOfCorrections([], chain)).toMatchObject({ event: 2, text: expect.stringContaining('gone') })
  expect(faultOfCorrections([{ ...correction, at: at + 1 }], chain)).toMatchObject({ event: 2 })
  const late = { ...correction, at: at + 1 }
  expect(faultOfCorrections([correction, late], chain)?.text).toBe('A correction stands there that no event tells of')
})
