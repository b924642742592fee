import { afterEach, expect, test, vi } from 'vitest'
import { act, busy, failures, reopen, shelve, verify } from './act.ts'
import { orders } from './board.ts'
import { testOrder } from './order.fixture.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('while an action is not answered, a remark can be written and goes after it; no other action is', async () => {
  const asked: string[] = []
  let answer = () => {}
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url.slice(url.lastIndexOf('/') + 1))
    if (asked.length === 1) await new Promise<void>((resolve) => (answer = resolve))
    return new Response(JSON.stringify(testOrder({ state: 'acknowledged' })))
  })

  const acknowledging = act('order', 'acknowledge', {})
  const noting = act('order', 'note', { note: 'The tenant is called' })
  await vi.waitUntil(() => asked.length === 1)
  expect(busy.value.has('order')).toBe(true)
  expect(await act('order', 'acknowledge', {})).toBe(false)

  answer()
  expect(await Promise.all([acknowledging, noting])).toEqual([true, true])
  expect(asked).toEqual(['acknowledge', 'note'])
  expect(busy.value.size).toBe(0)
})

test.each([
  ['raised', 'real', 'acknowledge', { verified: true }],
  ['accepted', 'real', 'note', { note: 'said', verified: true }],
  ['accepted', 'drill', 'note', { note: 'said', verified: 'drill' }],
  ['accepted', 'false', 'close', { outcome: 'false-alarm', note: 'said' }],
] as const)(
  'of an order that is %s, "%s" is told so that the service knows it',
  async (state, verdict, action, body) => {
    const told: unknown[] = []
    vi.stubGlobal('fetch', async (url: string, { body }: RequestInit) => {
      told.push(url.slice(url.lastIndexOf('/') + 1), JSON.parse(String(body)))
      return new Response(JSON.stringify(testOrder({ state })))
    })
    await verify(testOrder({ state }), verdict, 'said', true)
    expect(told).toEqual([action, body])
  },
)

test('a false alarm is closed without a word while nobody here knows what speaks against it: the service asks for one', async () => {
  let told = {}
  vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => {
    told = JSON.parse(String(body))
    return new Response(JSON.stringify(testOrder({ state: 'closed' })))
  })
  await verify(testOrder({ state: 'acknowledged' }), 'false', 'said', false)
  expect(told).toEqual({ outcome: 'false-alarm' })
})

test.each([
  ['ends sooner than is wanted: the order stays', '2026-11-24T10:00:00.000Z', false],
  ['lasts as long: the order is cancelled', '2026-11-24T12:00:00.000Z', true],
  ['was begun here a minute ago, and the order not cancelled: it is', '2026-11-24T11:59:00.000Z', true],
])('what is shelved already, and %s', async (_, endsAt, isCancelled) => {
  const order = testOrder({ finding: 'elevator/door-wear', severity: 'warning' })
  const scope = { type: 'device', id: 'elv-1' }
  const shelves = [
    { scope: { ...scope, id: 'elv-2' }, finding: order.finding, endsAt: '2026-12-01T00:00:00.000Z' },
    { scope, finding: null, endsAt: '2026-12-01T00:00:00.000Z' },
    { scope, finding: order.finding, endsAt },
  ]
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, { method }: RequestInit) => {
    asked.push(`${method} ${url.slice(url.lastIndexOf('/') + 1)}`)
    if (method === 'GET') return new Response(JSON.stringify({ items: shelves, nextCursor: null }))
    if (!url.endsWith('/suppressions')) return new Response(JSON.stringify(testOrder({ state: 'cancelled' })))
    return new Response(JSON.stringify({ code: 'already-exists', detail: 'It is shelved already' }), { status: 409 })
  })

  expect(await shelve(order, 'Parts are on their way', '2026-11-24T12:00:00.000Z')).toBe(isCancelled)
  expect(asked.includes('POST cancel')).toBe(isCancelled)
  expect(failures.value.has('order')).toBe(!isCancelled)
})

test('what is reopened is listed as the order that follows; where it is refused, the ended one says why', async () => {
  const ended = testOrder({ state: 'closed', closedAt: '2026-11-24T08:10:00.000Z' })
  const told: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, { body }: RequestInit) => {
    told.push([url.slice(url.lastIndexOf('/') + 1), body])
    if (told.length === 1)
      return new Response(JSON.stringify(testOrder({ id: 'next', followsId: 'order' })), { status: 201 })
    return new Response(JSON.stringify({ code: 'order-state', detail: 'It is followed by next, which is open' }), {
      status: 409,
    })
  })

  expect(await reopen(ended, 'Closed by mistake')).toBe(true)
  expect(told).toEqual([['follow-up', JSON.stringify({ reason: 'Closed by mistake' })]])
  expect(orders.value.get('next')).toMatchObject({ followsId: 'order' })
  expect(await reopen(ended, 'Closed by mistake')).toBe(false)
  expect(failures.value.get('order')).toMatchObject({ type: 'refused' })
})

test('where only the answer was lost, it is not known until the order shows it, and then nothing is left to say', async () => {
  vi.useFakeTimers()
  const acknowledged = testOrder({ state: 'acknowledged', acknowledgedAt: '2026-11-24T08:01:00.000Z' })
  let isLinked = false
  vi.stubGlobal('fetch', async (_: string, { method }: RequestInit) => {
    if (method === 'POST' || !isLinked) throw new TypeError('no link')
    return new Response(JSON.stringify({ ...acknowledged, events: [] }))
  })
  const typeNow = () => failures.value.get('order')?.type

  orders.value = new Map([['order', testOrder()]])
  expect(await act('order', 'acknowledge', {})).toBe(false)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(typeNow()).toBe('unknown')
  isLinked = true
  await vi.advanceTimersByTimeAsync(2_000)
  expect([typeNow(), orders.value.get('order')?.state]).toEqual([undefined, 'acknowledged'])

  expect(await act('order', 'arrive', {})).toBe(false)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(typeNow()).toBe('not-seen')
  orders.value = new Map([['order', testOrder({ state: 'arrived', arrivedAt: '2026-11-24T08:09:00.000Z' })]])
  expect(typeNow()).toBeUndefined()
  vi.useRealTimers()
})
