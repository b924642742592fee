import { expect, test } from 'vitest'
import type { Site } from '../../shared/wire.ts'
import { above, matching, placeText, possibleParents, treeOf } from './site-tree.ts'

const nothing = { use: null, address: null, entrance: null, emergencyPlan: null, contacts: [], latitude: null }
const site = (id: string, type: Site['type'], parentId: string | null, name = id): Site => ({
  ...{ id, type, parentId, name, ...nothing, longitude: null, createdAt: '2026-11-24T00:00:00.000Z' },
})
const tree = treeOf([
  site('b10', 'building', 'garden', '10 幢'),
  site('b2', 'building', 'garden', '2 幢'),
  site('garden', 'estate', 'lake', '东苑'),
  site('lake', 'district', null, '西湖区'),
  site('lost', 'building', 'not-mine'),
])

test('what is in a site stands in the order in which people count, and what is in an unseen one at the top', () => {
  expect(tree.in.get('garden')?.map(({ id }) => id)).toEqual(['b2', 'b10'])
  expect(
    tree.in
      .get(null)
      ?.map(({ id }) => id)
      .sort(),
  ).toEqual(['lake', 'lost'])
})

test('where a site is, from the widest', () => {
  expect(placeText(tree, 'b2')).toBe('西湖区 › 东苑')
  expect(placeText(tree, 'lake')).toBe('')
})

test('two sites in each other do not hang the page', () => {
  expect(above(treeOf([site('a', 'estate', 'b'), site('b', 'estate', 'a')]), 'a')).toEqual(['b', 'a'])
})

test('a site may move into any of a wider type, and never into itself', () => {
  expect(possibleParents(tree, 'building', 'b2').map(({ id }) => id)).toEqual(['garden', 'lake'])
  expect(possibleParents(tree, 'street', 'garden').map(({ id }) => id)).toEqual(['lake'])
  expect(possibleParents(tree, 'unit', 'garden').map(({ id }) => id)).toEqual(['lake', 'lost'])
})

test('a part of id, name or address finds it, whatever its case', () => {
  expect(matching(tree, ' B1').map(({ id }) => id)).toEqual(['b10'])
  expect(matching(tree, '东').map(({ id }) => id)).toEqual(['garden'])
})
