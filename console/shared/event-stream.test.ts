import { expect, test } from 'vitest'
import { eventStreamParser, type ServerEvent } from './event-stream.ts'

const text =
  'retry: 1000\n\n: still here\n\nid: 7-1\nevent: order.raised\ndata: {"a":\ndata: 1}\n\nevent: reset\ndata: {}\n\n'
const events = [
  { id: '7-1', event: 'order.raised', data: '{"a":\n1}' },
  { id: '7-1', event: 'reset', data: '{}' },
]

test('a stream means the same, however it is cut into pieces', () => {
  for (const size of [1, 2, 7, text.length]) {
    const found: ServerEvent[] = []
    const parse = eventStreamParser((event) => found.push(event))
    for (let at = 0; at < text.length; at += size) parse(text.slice(at, at + size))
    expect(found).toEqual(events)
  }
})

test('an event that broke off is not told', () => {
  const found: ServerEvent[] = []
  eventStreamParser((event) => found.push(event))('id: 7-2\nevent: order.raised\ndata: {}\n')
  expect(found).toEqual([])
})
