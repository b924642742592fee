import { expect, test } from 'vitest'
import { ApiProblem, NoAnswer } from '../shared/api.ts'
import { answerOf } from './door.ts'
import type { Queued } from './outbox.ts'
import { isJustScanned, isQrOf, nextOf, outcomesFor, telOf, wentOf, withWaiting } from './steps.ts'
import type { CrewAction, ShownOrder } from './wire.ts'

const you = { name: '张伟', teamIds: ['crew-west'] }
const actions = ['accept', 'arrive', 'restore']

function order(given: Partial<ShownOrder> = {}): ShownOrder {
  return {
    ...{
      id: 'o',
      type: 'emergency',
      state: 'raised',
      finding: 'elevator/entrapment',
      severity: 'critical',
      summary: '',
    },
    ...{
      deviceId: 'elv-1',
      siteId: null,
      detectedAt: '2026-11-23T18:10:00.000Z',
      arriveBy: '2026-11-23T18:40:00.000Z',
    },
    ...{
      dueAt: null,
      acceptedAt: null,
      arrivedAt: null,
      restoredAt: null,
      closedAt: null,
      cancelledAt: null,
      mergedIntoId: null,
    },
    ...{ teamId: 'crew-west', technicianId: null, technicianName: null, passengerToldAt: null, reportedBy: null },
    ...given,
  }
}

function tapped(action: CrewAction, doneAt: number): Queued {
  const door = { type: 'link', token: 't' } as const
  return {
    key: action,
    door,
    orderId: 'o',
    action,
    doneAt,
    said: {},
    offline: true,
    setAt: doneAt,
    sendAt: doneAt,
    tries: 0,
    refused: null,
  }
}

const next = (given: Partial<ShownOrder>, may = actions) =>
  nextOf(order(given), { actions: may, you, teamName: '西区' })

test('one step at a time: accept, on site, restored, done', () => {
  expect(next({})).toEqual({ type: 'step', step: 'accept' })
  expect(next({ state: 'acknowledged' })).toEqual({ type: 'step', step: 'accept' })
  expect(next({ state: 'accepted', technicianId: '张伟' })).toEqual({ type: 'step', step: 'arrive' })
  expect(next({ state: 'arrived', technicianId: '张伟' })).toEqual({ type: 'step', step: 'restore' })
  expect(next({ state: 'restored', technicianId: '张伟' })).toEqual({ type: 'restored' })
  expect(next({ state: 'restored', technicianId: '张伟' }, [...actions, 'close'])).toEqual({
    type: 'step',
    step: 'close',
  })
  expect(next({ state: 'closed' })).toEqual({ type: 'over', how: 'closed' })
  expect(next({ state: 'cancelled' })).toEqual({ type: 'over', how: 'cancelled' })
  expect(next({ state: 'cancelled', mergedIntoId: 'o' })).toEqual({ type: 'over', how: 'merged' })
})

test('an order that was given back is accepted anew', () => {
  expect(next({ state: 'accepted', technicianId: null })).toEqual({ type: 'step', step: 'accept' })
})

test('who accepted it replaces the button of another crew, and not that of a mate', () => {
  expect(next({ state: 'accepted', technicianId: '甲', teamId: 'crew-east' })).toEqual({ type: 'taken', to: '甲' })
  expect(next({ teamId: 'crew-east' })).toEqual({ type: 'given', to: '西区' })
  expect(next({ state: 'accepted', technicianId: '甲', teamId: null })).toEqual({ type: 'taken', to: '甲' })
  expect(next({ state: 'accepted', technicianId: '甲' })).toEqual({ type: 'step', step: 'arrive' })
})

test('a link that may do nothing shows no button', () => {
  expect(next({}, [])).toEqual({ type: 'nothing' })
})

test('what waits on the phone counts here at once, with the time when it was done', () => {
  const at = Date.UTC(2026, 10, 23, 18, 20)
  const shown = withWaiting({ order: order(), you }, [
    tapped('accept', at),
    tapped('tell-passenger', at + 1),
    tapped('arrive', at + 2),
  ])
  expect(shown).toMatchObject({
    ...{ state: 'arrived', technicianId: '张伟', arrivedAt: '2026-11-23T18:20:00.002Z' },
    passengerToldAt: '2026-11-23T18:20:00.001Z',
  })
})

test('what was refused does not count', () => {
  const refused = { code: 'order-state', detail: '', at: 0 }
  expect(withWaiting({ order: order(), you }, [{ ...tapped('accept', 0), refused }])).toEqual(order())
})

test('no answer and a busy service are tried again, a refusal is final, who is signed out signs in', () => {
  const answer = (code: 'unavailable' | 'request-timeout' | 'order-state' | 'unauthenticated' | 'not-found') =>
    answerOf(new ApiProblem({ code, status: 0, detail: 'why' }, 7))
  expect(answerOf(new NoAnswer())).toEqual({ type: 'none' })
  expect(answer('unavailable')).toEqual({ type: 'later', seconds: 7 })
  expect(answer('request-timeout')).toEqual({ type: 'later', seconds: 7 })
  expect(answer('unauthenticated')).toEqual({ type: 'signed-out' })
  expect(answer('order-state')).toEqual({ type: 'refused', code: 'order-state', detail: 'why' })
  expect(answer('not-found')).toEqual({ type: 'refused', code: 'not-found', detail: 'why' })
})

test.each([
  ['elv-1', true],
  [' elv-1\n', true],
  ['https://liftwatt.example/lift/elv-1', true],
  ['https://liftwatt.example/lift?id=elv-1&x=1', true],
  ['elv-12', false],
  ['https://liftwatt.example/lift/elv-12', false],
  ['https://elv-1.example/', false],
  ['https://liftwatt.example/l/elv-1.q6pa4sdhdxdv', true],
  ['elv-1.q6pa4sdhdxdv', true],
  ['elv-11.q6pa4sdhdxdv', false],
])('the code %j is that of elv-1: %j', (text, isIts) => {
  expect(isQrOf(text, 'elv-1')).toBe(isIts)
  expect(isQrOf(text, null)).toBe(false)
})

test('a code that was read two minutes ago, or at no known time, is no arrival', () => {
  const at = Date.UTC(2026, 10, 23, 18, 20)
  const isIt = (ms: number) => isJustScanned(String(at), at + ms)
  expect([0, 120_000, -120_000].map(isIt)).toEqual([true, true, true])
  expect([120_001, -120_001].map(isIt)).toEqual([false, false])
  expect([null, '', 'x'].map((text) => isJustScanned(text, at))).toEqual([false, false, false])
})

test('a crew is not offered to call an entrapment a false alarm', () => {
  expect(outcomesFor(order())).toEqual(['repaired', 'serviced', 'self-corrected'])
  expect(outcomesFor(order({ finding: 'elevator/door-fault' }))).toContain('false-alarm')
})

test('a number is dialled without what separates its digits', () => {
  expect(telOf('+86 571 9633 (042)')).toBe('tel:+865719633042')
  expect(telOf('0571-8888*2#')).toBe('tel:05718888*2%23')
})

test('an arrival that nobody has heard of is against no limit; once it is recorded, its recorded time is', () => {
  const accepted = order({ state: 'accepted' })
  const there = '2026-11-23T18:30:00.000Z'
  const waiting = withWaiting({ order: accepted, you }, [tapped('arrive', Date.parse(there))])
  expect(wentOf({ order: accepted }, accepted)).toBeNull()
  expect(wentOf({ order: accepted }, waiting)).toEqual({ step: 'arrive', at: there, isRecorded: false, earlyMs: null })

  const arrived = order({ state: 'arrived', arrivedAt: '2026-11-23T18:41:00.000Z' })
  expect(wentOf({ order: arrived }, arrived)).toMatchObject({ isRecorded: true, earlyMs: -60_000 })
  const restoring = withWaiting({ order: arrived, you }, [tapped('restore', Date.parse(there))])
  expect(wentOf({ order: arrived }, restoring)).toEqual({
    step: 'restore',
    at: there,
    isRecorded: false,
    earlyMs: null,
  })
})
