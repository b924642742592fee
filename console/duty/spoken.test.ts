import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { saidAtOnce, saidInTurn } from '../shared/aloud.ts'
import { language } from '../shared/language.ts'
import { link } from '../shared/live.ts'
import type { Device, WorkOrder } from '../shared/wire.ts'
import { busy } from './act.ts'
import { isLoaded, orders } from './board.ts'
import { testOrder } from './order.fixture.ts'
import { devices } from './places.ts'
import { startSpeaking } from './spoken.ts'

let end = () => {}
let isAsked = false

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { querySelector: () => (isAsked ? {} : null), documentElement: {} })
  language.value = 'en'
  isAsked = false
  isLoaded.value = true
  link.value = { state: 'live', heardAt: 0 }
  end = startSpeaking()
})
afterEach(() => {
  end()
  orders.value = new Map()
  isLoaded.value = false
  busy.value = new Set()
  link.value = { state: 'connecting', heardAt: null }
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const lift = testOrder({ id: 'lift' })
const other = testOrder({ id: 'other', deviceId: 'elv-2', raisedAt: '2026-11-24T08:01:00.000Z' })
const warm = testOrder({ id: 'warm', deviceId: 'em-1', severity: 'urgent', finding: 'manual/report', summary: 'Hot' })

/** What is said once the orders are these. */
function heardOf(...all: WorkOrder[]): { atOnce: string[]; inTurn: string[] } {
  const [before, calmly] = [saidAtOnce.value.at(-1)?.id ?? 0, saidInTurn.value.at(-1)?.id ?? 0]
  orders.value = new Map(all.map((order) => [order.id, order]))
  vi.advanceTimersByTime(1_000)
  return {
    atOnce: saidAtOnce.value.filter(({ id }) => id > before).map(({ text }) => text),
    inTurn: saidInTurn.value.filter(({ id }) => id > calmly).map(({ text }) => text),
  }
}

const nothing = { atOnce: [], inTurn: [] }

test('a new critical order interrupts with its name, once; the older ones beside it are not read again', () => {
  expect(heardOf(lift)).toEqual({ atOnce: ['1 new critical order: Someone is trapped elv-1'], inTurn: [] })
  expect(heardOf(lift)).toEqual(nothing)
  expect(heardOf(lift, other)).toEqual({ atOnce: ['1 new critical order: Someone is trapped elv-2'], inTurn: [] })
})

test('it waits for the name of the place as long as that may come soon', () => {
  devices.value = new Map([['elv-1', null]])
  expect(heardOf(lift)).toEqual(nothing)
  devices.value = new Map([['elv-1', { name: '电梯 A', siteId: null } as Device]])
  expect(heardOf(lift).atOnce).toEqual(['1 new critical order: Someone is trapped 电梯 A'])
  devices.value = new Map([['elv-2', null]])
  expect(heardOf(lift, other)).toEqual(nothing)
  vi.advanceTimersByTime(5_000)
  expect(saidAtOnce.value.at(-1)?.text).toBe('1 new critical order: Someone is trapped elv-2')
  devices.value = new Map()
})

test('that it is acknowledged is said in its turn, and the list that is shorter then says nothing', () => {
  heardOf(lift, other)
  expect(heardOf(lift, { ...other, state: 'acknowledged' })).toEqual({
    atOnce: [],
    inTurn: ['Now acknowledged: Someone is trapped elv-2'],
  })
  expect(heardOf(lift)).toEqual(nothing)
})

test('many at once are one sentence, the newest first', () => {
  const many = Array.from({ length: 9 }, (_, n) =>
    testOrder({ id: `o-${n}`, deviceId: `elv-${n}`, raisedAt: `2026-11-24T08:00:0${n}.000Z` }),
  )
  expect(heardOf(...many).atOnce).toEqual([
    '9 new critical orders: Someone is trapped elv-8 · Someone is trapped elv-7',
  ])
  const seen = many.map((order): WorkOrder => ({ ...order, state: 'acknowledged' }))
  expect(heardOf(...seen).inTurn).toEqual([
    '9 orders now acknowledged: Someone is trapped elv-0 · Someone is trapped elv-1',
  ])
})

test('what is urgent waits its turn, what can be planned is not said, and what becomes critical interrupts', () => {
  const planned = testOrder({ id: 'planned', severity: 'warning' })
  expect(heardOf(warm, planned)).toEqual({ atOnce: [], inTurn: ['1 new urgent order: Hot em-1'] })
  expect(heardOf({ ...warm, severity: 'critical' }, planned)).toEqual({
    atOnce: ['1 new critical order: Hot em-1'],
    inTurn: [],
  })
})

test('of what is not critical it is said how it went on where somebody here did it', () => {
  heardOf(warm)
  expect(heardOf({ ...warm, state: 'acknowledged' })).toEqual(nothing)
  busy.value = new Set(['warm'])
  expect(heardOf({ ...warm, state: 'accepted' }).inTurn).toEqual(['Now on the way: Hot em-1'])
})

test('a link that is back is said, and a lost one where a dialog hides the bar that says it', () => {
  const lose = () => (link.value = { state: 'lost', heardAt: Date.UTC(2026, 10, 24) })
  heardOf(lift)
  lose()
  expect(heardOf(lift)).toEqual(nothing)
  link.value = { state: 'live', heardAt: 0 }
  expect(heardOf(lift)).toEqual({ atOnce: [], inTurn: ['The link is back.'] })
  isAsked = true
  lose()
  expect(saidAtOnce.value.at(-1)?.text).toMatch(/^Link lost/)
})

test('the next one at this screen hears all that nobody has acknowledged', () => {
  heardOf(lift)
  end()
  expect(saidAtOnce.value).toEqual([])
  end = startSpeaking()
  expect(heardOf(lift).atOnce).toEqual(['1 new critical order: Someone is trapped elv-1'])
})
