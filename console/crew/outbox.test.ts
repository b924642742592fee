import { expect, test } from 'vitest'
import {
  type Answer,
  allToSend,
  answered,
  hurried,
  nextToSend,
  phoneOf,
  type Queued,
  triedNow,
  undo,
  undoable,
  undoMs,
  waiting,
} from './outbox.ts'
import type { CrewAction } from './wire.ts'

const at = Date.UTC(2026, 10, 23, 18, 15, 7)
const none = new Set<string>()

function tapped(action: CrewAction, doneAt = at, token = 'one'): Queued {
  const door = { type: 'link', token } as const
  const key = `${token}-${action}-${doneAt}`
  return {
    key,
    door,
    orderId: token,
    action,
    doneAt,
    said: {},
    offline: false,
    setAt: doneAt,
    sendAt: doneAt + undoMs,
    tries: 0,
    refused: null,
  }
}

const refusal: Answer = { type: 'refused', code: 'already-done', detail: 'The order is accepted already, by wang' }

test('a tap is sent 5 s later, and can be taken back until then, not after', () => {
  const items = [tapped('accept')]
  const [accept] = items
  expect(nextToSend(items, at + undoMs - 1, none)).toBeUndefined()
  expect(undoable(items, at + undoMs - 1)).toBe(accept)
  expect(undo(items, accept?.key ?? '', at + undoMs - 1)).toEqual([])

  expect(nextToSend(items, at + undoMs, none)).toBe(accept)
  expect(undoable(items, at + undoMs)).toBeUndefined()
  expect(undo(items, accept?.key ?? '', at + undoMs)).toEqual(items)
})

test('what may have reached the service already cannot be taken back, however long it still waits', () => {
  const items = answered([tapped('accept')], tapped('accept').key, { type: 'none' }, at + undoMs)
  expect(undoable(items, at + undoMs)).toBeUndefined()
  expect(undo(items, items[0]?.key ?? '', at + undoMs)).toHaveLength(1)
})

test('a clock that an answer puts right by a second takes nobody the time to take it back', () => {
  const item = tapped('arrive')
  expect(undoable([item], at - 1_000)).toBe(item)
  expect(nextToSend([item], at - 1_000, none)).toBeUndefined()
})

test('a clock that is put back makes nothing wait for hours', () => {
  const items = [tapped('accept')]
  expect(undoable(items, at - 600_000)).toBeUndefined()
  expect(nextToSend(items, at - 600_000, none)).toBe(items[0])
})

test('only the last thing done can be taken back: what came after it stands on it', () => {
  const items = [tapped('arrive'), tapped('restore', at + 1_000)]
  expect(undoable(items, at + 2_000)?.action).toBe('restore')
})

test('a page that is closed sends all that is due, in order, and no picture; what waits for its next try holds up its door', () => {
  const items = hurried(
    [
      ...[tapped('accept'), tapped('arrive', at + 1), tapped('photo', at + 2)],
      ...[{ ...tapped('accept', at, 'other'), tries: 1, sendAt: at + 9_000 }, tapped('arrive', at + 3, 'other')],
    ],
    at + 10,
  )
  expect(allToSend(items, at + 10, none).map(({ key }) => key)).toEqual([`one-accept-${at}`, `one-arrive-${at + 1}`])
})

test('a page that is hidden or closed sends what waits for a change of mind, and hurries no retry', () => {
  const retry = { ...tapped('accept'), tries: 3, sendAt: at + 30_000 }
  const items = hurried([retry, tapped('arrive', at, 'other')], at + 100)
  expect(items.map(({ sendAt }) => sendAt)).toEqual([at + 30_000, at + 100])
  expect(undoable(items, at + 100)).toBeUndefined()
})

test('after minutes without a link everything goes in the order in which it was done, each under its own key', () => {
  let items: Queued[] = [tapped('accept'), tapped('arrive', at + 240_000), tapped('restore', at + 600_000)]
  const keys = items.map(({ key }) => key)
  const sent: string[] = []
  let now = at + undoMs
  for (let round = 0; round < 5; round++) {
    const item = nextToSend(items, now, none)
    items = answered(items, item?.key ?? '', { type: 'none' }, now)
    now += 120_000
  }
  items = triedNow(items, now)
  for (;;) {
    const item = nextToSend(items, now, none)
    if (item === undefined) break
    sent.push(item.key)
    items = answered(items, item.key, { type: 'done' }, now)
  }
  expect(sent).toEqual(keys)
  expect(items).toEqual([])
})

test('one that must wait holds up what was done after it, and nothing of another order', () => {
  const items = [
    { ...tapped('accept'), tries: 1, sendAt: at + 60_000 },
    tapped('arrive'),
    tapped('accept', at, 'other'),
  ]
  expect(nextToSend(items, at + 10_000, none)).toBe(items[2])
  expect(nextToSend(items, at + 10_000, new Set(['link:other']))).toBeUndefined()
})

test('a picture holds up no arrival, whichever was first', () => {
  const items = [tapped('photo'), tapped('arrive', at + 1_000), tapped('photo', at + 2_000)]
  const later = at + 60_000
  expect(nextToSend(items, later, none)?.action).toBe('arrive')
  const stuck = [{ ...tapped('photo'), tries: 1, sendAt: later + 30_000 }, tapped('arrive', at + 1_000)]
  expect(nextToSend(stuck, later, none)?.action).toBe('arrive')
  expect(nextToSend([tapped('photo')], later, none)?.action).toBe('photo')
})

test('what the phone says beside an action by a link is when, how and, if allowed, where', () => {
  const position = { latitude: 30.27, longitude: 120.15, metres: 12 }
  const item = {
    ...tapped('arrive'),
    offline: true,
    said: { by: 'qr', scanned: 'elv-1.q6pa4sdhdxdv', position },
  } as const
  expect(phoneOf(item)).toEqual({
    ...{ doneAt: '2026-11-23T18:15:07.000Z', offline: true, by: 'qr', scanned: 'elv-1.q6pa4sdhdxdv', position },
  })
  expect(phoneOf(tapped('accept'))).toEqual({ doneAt: '2026-11-23T18:15:07.000Z' })
})

test('without an answer it is sent again after 2, 4, 8 … s, at most 30 s; the service may ask for longer', () => {
  let [item] = [tapped('accept')]
  const waits: number[] = []
  for (let round = 0; round < 6; round++) {
    item = answered([item], item.key, { type: 'none' }, at)[0] ?? item
    waits.push(item.sendAt - at)
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(answered([tapped('accept')], tapped('accept').key, { type: 'later', seconds: 45 }, at)[0]?.sendAt).toBe(
    at + 45_000,
  )
})

test('a link that is back ends the waiting, and no time to think', () => {
  const items = triedNow([{ ...tapped('accept'), tries: 4, sendAt: at + 30_000 }, tapped('arrive')], at)
  expect(items.map(({ sendAt }) => sendAt)).toEqual([at, at + undoMs])
})

test('what is refused stays to be read, is never sent again, and holds nothing up', () => {
  const items = answered([tapped('accept'), tapped('arrive', at + 1)], tapped('accept').key, refusal, at + 9_000)
  expect(items[0]?.refused).toEqual({ code: 'already-done', detail: refusal.detail, at: at + 9_000 })
  expect(waiting(items).map(({ action }) => action)).toEqual(['arrive'])
  expect(nextToSend(items, at + 60_000, none)?.action).toBe('arrive')
})

test('somebody who signed in under another name, or nobody, loses nothing: it waits', () => {
  const items = answered([tapped('accept')], tapped('accept').key, { type: 'signed-out' }, at)
  expect(waiting(items)).toHaveLength(1)
})
