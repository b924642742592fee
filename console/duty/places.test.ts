import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { orders } from './board.ts'
import { testOrder } from './order.fixture.ts'
import { aroundText, devices, forgetPlaces, members, need, readPlaces, sites, teams } from './places.ts'

let answers: Readonly<Record<string, () => Response>> = {}
const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status })
const site = (id: string, type: string, name: string, parentId: string | null) => ({ id, type, name, parentId })

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (url: string) => answers[url]?.() ?? json({ code: 'unavailable', detail: 'away' }, 503))
})
afterEach(() => {
  forgetPlaces()
  orders.value = new Map()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const lift = '/api/v1/devices/elv-1'

/** Open orders about these. */
const ordersAbout = (...ids: string[]) => {
  orders.value = new Map(ids.map((id) => [id, testOrder({ id, deviceId: id })]))
}

test('a device that is not answered is not known yet, and asked for again until it is', async () => {
  ordersAbout('elv-1')
  need({ deviceId: 'elv-1', siteId: null })
  await vi.advanceTimersByTimeAsync(6_000)
  expect(devices.value.get('elv-1')).toBeNull()

  answers = { [lift]: () => json({ id: 'elv-1', siteId: null }) }
  await vi.advanceTimersByTimeAsync(10_000)
  expect(devices.value.get('elv-1')).toMatchObject({ id: 'elv-1' })
})

test('what is not theirs to see is not asked for for ever, nor for somebody who has gone', async () => {
  answers = { [lift]: () => json({ code: 'not-found', detail: 'none' }, 404) }
  need({ deviceId: 'elv-1', siteId: null })
  await vi.advanceTimersByTimeAsync(100)
  expect(devices.value.has('elv-1')).toBe(false)

  answers = {}
  need({ deviceId: 'elv-1', siteId: null })
  forgetPlaces()
  answers = { [lift]: () => json({ id: 'elv-1', siteId: null }) }
  await vi.advanceTimersByTimeAsync(20_000)
  expect(devices.value.size).toBe(0)
})

test('places and people that are answered after somebody has gone are not shown to the next one', async () => {
  let answer = () => {}
  const later = new Promise<void>((resolve) => (answer = resolve))
  vi.stubGlobal('fetch', async (url: string) => {
    await later
    const one = { ...site('dy-3', 'building', '3 幢', null), url }
    return json(url.includes('/sites/') ? one : { items: [one], nextCursor: null })
  })
  need({ deviceId: null, siteId: 'dy-3' })
  const reading = readPlaces()
  forgetPlaces()
  answer()
  await reading
  await vi.advanceTimersByTimeAsync(100)
  expect([sites.value.size, teams.value.size, members.value.size]).toEqual([0, 0, 0])
})

test('of many that are not answered one is asked for again, ever more seldom, and all once it is; none that no open order names', async () => {
  let asked: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    return answers[url]?.() ?? json({ code: 'too-many-requests', detail: 'too often' }, 429)
  })
  answers = {}
  const ids = Array.from({ length: 50 }, (_, n) => `elv-${n}`)
  ordersAbout(...ids)
  for (const deviceId of ids) need({ deviceId, siteId: null })
  await vi.advanceTimersByTimeAsync(100)
  asked = []
  await vi.advanceTimersByTimeAsync(200_000)
  expect(asked.length).toBeLessThan(10)

  ordersAbout(...ids.slice(1))
  asked = []
  answers = Object.fromEntries(ids.map((id) => [`/api/v1/devices/${id}`, () => json({ id, siteId: null })] as const))
  await vi.advanceTimersByTimeAsync(60_000)
  expect([asked.length, devices.value.has('elv-0'), devices.value.get('elv-49')]).toMatchObject([
    49,
    false,
    { id: 'elv-49' },
  ])
})

test('who is told when to ask again asks no sooner', async () => {
  let asked = 0
  vi.stubGlobal('fetch', async () => {
    asked += 1
    const headers = { 'retry-after': '40' }
    return new Response(JSON.stringify({ code: 'too-many-requests', detail: 'too often' }), { status: 429, headers })
  })
  ordersAbout('elv-1')
  need({ deviceId: 'elv-1', siteId: null })
  await vi.advanceTimersByTimeAsync(39_000)
  expect(asked).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(asked).toBe(2)
})

test('a building is told with its estate', async () => {
  answers = {
    '/api/v1/sites/dy-3': () => json(site('dy-3', 'building', '3 幢', 'dy')),
    '/api/v1/sites/dy': () => json(site('dy', 'estate', '东苑', null)),
  }
  need({ deviceId: null, siteId: 'dy-3' })
  await vi.advanceTimersByTimeAsync(100)
  expect([sites.value.size, aroundText('dy-3'), aroundText(null), aroundText('other')]).toEqual([
    2,
    '东苑 3 幢',
    '',
    '',
  ])
})
