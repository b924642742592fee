import { expect, test } from 'vitest'
import { createRefusedMessages } from './refused-messages.ts'

const sample = (topic: string, text = topic) => ({ topic, payload: Buffer.from(text), receivedAt: 1 })
const topicsOf = (messages: { topic: string }[]) => messages.map(({ topic }) => topic)

test('of each topic the newest is kept, of each gateway a few, and nothing that is long', () => {
  const refused = createRefusedMessages()
  for (const topic of ['a', 'b', 'c', 'd', 'e', 'f']) refused.note('gw-1', sample(topic))
  refused.note('gw-1', sample('c', 'newer'))
  refused.note('gw-1', sample('long', 'x'.repeat(8 * 1024 + 1)))
  refused.note('gw-1', sample('x'.repeat(501), ''))
  const kept = refused.of('gw-1')
  expect(topicsOf(kept)).toEqual(['c', 'f', 'e', 'd', 'b'])
  expect(Buffer.from(kept[0]?.payload ?? []).toString()).toBe('newer')
  expect(refused.of('gw-2')).toEqual([])
})

test('a crowd of gateways that are refused does not grow without end', () => {
  const refused = createRefusedMessages()
  for (let number = 0; number < 300; number++) refused.note(`gw-${number}`, sample('a'))
  const kept = Array.from({ length: 300 }, (_, number) => refused.of(`gw-${number}`).length)
  expect(kept.filter((count) => count > 0)).toHaveLength(200)
  expect([kept[0], kept[299]]).toEqual([0, 1])
})

test('the bytes are its own: what the door reads next into the same memory changes nothing', () => {
  const refused = createRefusedMessages()
  const payload = Buffer.from('first')
  refused.note('gw-1', { topic: 'a', payload, receivedAt: 1 })
  payload.fill('x')
  expect(Buffer.from(refused.of('gw-1')[0]?.payload ?? []).toString()).toBe('first')
})
