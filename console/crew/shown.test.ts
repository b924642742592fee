import { afterEach, expect, test, vi } from 'vitest'
import { me, signOut } from '../shared/session.ts'
import type { Me } from '../shared/wire.ts'
import { isFor, isLive, readerId, rowsOf } from './shown.ts'
import { type Door, isPlainId, type KeptOrder, type ShownOrder } from './wire.ts'

const zhang = { accountId: 'zhang', name: '张伟' } as Me
const link: Door = { type: 'link', token: 'abc' }

function doorOf(accountId: string, orderId = 'o'): Door {
  return { type: 'session', accountId, orderId }
}

function kept(door: Door, order: Partial<ShownOrder> = {}, heardAt = 0): KeptOrder {
  return { door, order: { closedAt: null, cancelledAt: null, ...order }, heardAt } as KeptOrder
}

function phoneThatRemembers(accountId: string): Map<string, string> {
  const remembered = new Map([['liftwatt.crewAccount', accountId]])
  const setItem = (name: string, value: string) => remembered.set(name, value)
  vi.stubGlobal('localStorage', { getItem: (name: string) => remembered.get(name) ?? null, setItem })
  return remembered
}

afterEach(() => {
  vi.unstubAllGlobals()
  me.value = undefined
})

test('the next person on a phone sees no order of the last one, by whichever way they left', async () => {
  phoneThatRemembers('zhang')
  const copies = [kept(doorOf('zhang')), kept(link)]
  const doors = () => rowsOf(null, copies, readerId()).map(({ door }) => door)
  expect(doors()).toEqual([doorOf('zhang'), link]) // no link: it is who it was
  vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }))
  me.value = zhang
  await signOut()
  expect(doors()).toEqual([link])
  me.value = undefined // the app is opened again where no link is
  expect(doors()).toEqual([link])
  me.value = { ...zhang, accountId: 'li' }
  expect(doors()).toEqual([link])
})

test('a list that was read is shown to whom it was read for', () => {
  const read = { accountId: 'zhang', orders: [{ id: 'o' } as ShownOrder], heardAt: 7 }
  expect(rowsOf(read, [], 'zhang')).toEqual([{ door: doorOf('zhang'), order: { id: 'o' }, heardAt: 7 }])
  expect(rowsOf(read, [], 'li')).toEqual([])
  expect(rowsOf(read, [], '')).toEqual([])
})

test('of what the phone has, only open orders are listed, each as old as it is', () => {
  const copies = [
    kept(link, { closedAt: '2026-11-23T18:10:00.000Z' }),
    kept(link, { cancelledAt: '2026-11-23T18:10:00.000Z' }),
    kept(doorOf('zhang'), {}, 9),
  ]
  expect(rowsOf(null, copies, 'zhang')).toMatchObject([{ door: doorOf('zhang'), heardAt: 9 }])
})

test('nobody is not the account without a name', () => {
  expect(isFor('', doorOf(''))).toBe(false)
  expect(isFor('', link)).toBe(true)
})

test('a countdown is live for 15 s after the service told it, also where an answer takes its time, and never without a link', () => {
  expect(isLive('online', 1_000, 15_999)).toBe(true)
  expect(isLive('online', 1_000, 16_000)).toBe(false)
  expect(isLive('offline', 1_000, 1_000)).toBe(false)
  expect(isLive('asking', 1_000, 1_000)).toBe(false)
})

test.each([
  ['0198c0de-0000-7000-8000-000000000000', true],
  ['aB_9-', true],
  ['../api/v1/sign-out', false],
  ['..', false],
  ['a?b', false],
  ['a\n', false],
  ['', false],
])('%j from the address is an id: %j', (text, isOne) => {
  expect(isPlainId(text)).toBe(isOne)
})
