import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byGateway } from './by-gateway.ts'

const message = (gatewayId: string, position: number) => ({ type: 'message', device: { gatewayId }, position })
const ahead = (gatewayId: string, position: number) => ({ type: 'clock-ahead', gatewayId, position })
const tick = (position: number) => ({ type: 'tick', position })

test('what comes of one gateway stays together and in order, and nothing passes a tick', () => {
  const items = [
    message('a', 0),
    message('b', 1),
    ahead('a', 2),
    tick(3),
    message('b', 4),
    message('a', 5),
    message('b', 6),
  ]
  expect(byGateway(items).map(({ position }) => position)).toEqual([0, 2, 1, 3, 4, 6, 5])
})

test('whatever comes: nothing is lost, nothing twice, and each gateway sees its own messages and all ticks in order', () => {
  const anyItem = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c').map((id) => (position: number) => message(id, position)) },
    { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c').map((id) => (position: number) => ahead(id, position)) },
    { weight: 1, arbitrary: fc.constant(tick) },
  )
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 60 }), (makers) => {
      const items: { type: string; position: number; gatewayId?: string; device?: { gatewayId: string } }[] =
        makers.map((make, position) => make(position))
      const ordered = byGateway(items)
      expect(ordered.map(({ position }) => position).sort((a, b) => a - b)).toEqual(items.map((_, index) => index))
      for (const id of ['a', 'b', 'c']) {
        const seen = ordered.filter((item) => item.type === 'tick' || (item.device?.gatewayId ?? item.gatewayId) === id)
        expect(seen.map(({ position }) => position)).toEqual(seen.map(({ position }) => position).sort((a, b) => a - b))
      }
    }),
  )
})
