import { expect, test } from 'vitest'
import { type EstateShape, layOut, shortName } from './map-layout.ts'

const estates = (count: number, buildings: number) =>
  Array.from({ length: count }, (_, estate) => ({
    ...{ id: `e${estate}`, name: `Estate ${estate}` },
    buildings: Array.from({ length: buildings }, (_, building) => ({
      id: `e${estate}-${building}`,
      name: `${building}`,
    })),
  }))

const [width, height] = [900, 330]

test.each([
  [1, 1],
  [5, 14],
  [12, 20],
  [30, 6],
])('%d estates of %d buildings all stand inside, and none on another', (count, buildings) => {
  const shapes = layOut(estates(count, buildings), width, height) ?? []
  expect(shapes.flatMap(({ blocks }) => blocks)).toHaveLength(count * buildings)
  for (const shape of shapes) {
    expect(shape.x + shape.width <= width && shape.y + shape.height <= height).toBe(true)
    for (const { x, y, size } of shape.blocks) {
      expect(x >= shape.x && x + size <= shape.x + shape.width).toBe(true)
      expect(y >= shape.y && y + size <= shape.y + shape.height).toBe(true)
    }
  }
  expect(shapes.flatMap((one, at) => shapes.slice(at + 1).filter((other) => overlap(one, other)))).toEqual([])
})

test('more than can be drawn is not drawn at all', () => {
  expect(layOut(estates(400, 30), width, height)).toBeUndefined()
})

function overlap(one: EstateShape, other: EstateShape): boolean {
  const isAside = one.x + one.width <= other.x || other.x + other.width <= one.x
  return !isAside && one.y < other.y + other.height && other.y < one.y + one.height
}

test.each([
  ['3 幢', '3'],
  ['古荡 12 号楼', '12'],
  ['A座', 'A座'],
  ['综合楼', '综合'],
  ['𠮷祥楼', '𠮷祥'],
])('%s is told by %s', (name, short) => {
  expect(shortName(name)).toBe(short)
})
