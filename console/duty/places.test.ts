import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { aroundText, devices, forgetPlaces, need, sites } from './places.ts'

let answers: Readonly<Record<string, () => Response>> = {}
const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status })
const site = (id: string, type: string, name: string, parentId: string | null) => ({ id, type, name, parentId })

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (url: string) => answers[url]?.() ?? json({ code: 'unavailable', detail: 'away' }, 503))
})
afterEach(() => {
  forgetPlaces()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const lift = '/api/v1/devices/elv-1'

test('a device that is not answered is not known yet, and asked for again until it is', async () => {
  need({ deviceId: 'elv-1', siteId: null })
  await vi.advanceTimersByTimeAsync(6_000)
  expect(devices.value.get('elv-1')).toBeNull()

  answers = { [lift]: () => json({ id: 'elv-1', siteId: null }) }
  await vi.advanceTimersByTimeAsync(6_000)
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
