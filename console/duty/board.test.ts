import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { link } from '../shared/live.ts'
import { followBoard, isLoaded, lastEnded, openOrders, orders, problem, put, today } from './board.ts'
import { testOrder } from './order.fixture.ts'

/** Of the service: what it answers to these paths; to the others that it is away. */
let answers: Readonly<Record<string, () => Response | Promise<Response>>> = {}
let stop = () => {}

const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status })
const listed = (...ids: string[]) => json({ items: ids.map((id) => testOrder({ id })), nextCursor: null })
const away = () => json({ code: 'unavailable', detail: 'The database is away' }, 503)
const openOnes = '/api/v1/work-orders?limit=1000&state=open'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
  vi.stubGlobal('fetch', async (url: string) => answers[url]?.() ?? away())
})
afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const ids = () => openOrders.value.map(({ id }) => id)

test('while as many read the stream as may, the orders are shown all the same, and renewed', async () => {
  let open = ['first']
  answers = {
    '/api/v1/stream': () => json({ code: 'too-many-requests', detail: 'As many read the live stream as may' }, 429),
    [openOnes]: () => listed(...open),
    '/healthz': () => json({ status: 'ok' }),
  }
  stop = followBoard()
  await vi.advanceTimersByTimeAsync(200)
  expect([isLoaded.value, link.value.state, ids()]).toEqual([true, 'refused', ['first']])

  open = ['first', 'second']
  await vi.advanceTimersByTimeAsync(6_000)
  expect(ids()).toHaveLength(2)
})

test('a break of the link after a refusal is mended before it is shown', async () => {
  const streams = ['break', 'refusal', 'break', 'refusal']
  answers = {
    '/api/v1/stream': () => {
      if (streams.shift() === 'break') throw new TypeError('no link')
      return json({ code: 'too-many-requests', detail: 'As many read the live stream as may' }, 429)
    },
    [openOnes]: () => listed('first'),
    '/healthz': () => json({ status: 'ok' }),
  }
  const states = new Set<string>()
  onTestFinished(link.subscribe(({ state }) => void states.add(state)))
  stop = followBoard()
  await vi.advanceTimersByTimeAsync(6_000)
  expect([[...states], streams]).toEqual([['connecting', 'refused'], []])
})

test('a list that is refused while the stream is still asked for is asked for again, and is not an empty one', async () => {
  answers = { '/api/v1/stream': () => new Promise(() => {}) }
  stop = followBoard()
  await vi.advanceTimersByTimeAsync(200)
  expect([isLoaded.value, problem.value]).toEqual([false, expect.anything()])

  answers = { ...answers, [openOnes]: () => listed('first') }
  await vi.advanceTimersByTimeAsync(1_500)
  expect([isLoaded.value, problem.value, ids()]).toEqual([true, null, ['first']])
})

test('what people reported is of today, like what a rule found: who called is found again, and counts', async () => {
  const ofToday = (url: string) => /from=.*type=(emergency|manual)/.exec(url)?.[1]
  answers = { '/api/v1/stream': () => new Promise(() => {}), [openOnes]: () => listed() }
  vi.stubGlobal('fetch', async (url: string) => {
    const type = ofToday(url)
    return type === undefined ? (answers[url]?.() ?? away()) : listed(type)
  })
  stop = followBoard()
  await vi.advanceTimersByTimeAsync(200)
  expect(today.value.map(({ id }) => id)).toEqual(['emergency', 'manual'])
})

test('what ended last can be reopened also when its row has gone; what another order took over cannot', async () => {
  answers = { [openOnes]: () => listed('first', 'second'), '/healthz': () => json({ status: 'ok' }) }
  stop = followBoard()
  await vi.advanceTimersByTimeAsync(200)
  put(testOrder({ id: 'first', state: 'closed', closedAt: '2026-11-24T08:10:00.000Z' }))
  put(testOrder({ id: 'second', state: 'cancelled', mergedIntoId: 'other' }))
  await vi.advanceTimersByTimeAsync(10_000)
  expect([orders.value.has('first'), lastEnded.value?.id]).toEqual([false, 'first'])
})
