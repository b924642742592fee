import { expect, test } from 'vitest'
import { putBack, siteChanges, valuesOf } from './site-body.ts'

const keeper = { role: 'property', name: '陈', phone: '13800000000', addresses: [] } as const
const loaded = valuesOf({ type: 'building', name: '12 幢', parentId: 'dongyuan', use: 'rental', contacts: [keeper] })

test('what nobody touched is not sent, so that what others changed of it meanwhile stays', () => {
  const texts = { ...loaded.texts, entrance: '北门，密码 2580 ' }

  expect(siteChanges(loaded, { ...loaded, texts })).toEqual({ entrance: '北门，密码 2580' })
  expect(siteChanges(loaded, { ...loaded, texts: { ...loaded.texts }, contacts: [{ ...keeper }] })).toEqual({})
})

test('what was emptied is sent as nothing, and contacts as a whole', () => {
  const texts = { ...loaded.texts, parentId: '', use: ' ' }
  const contacts = [keeper, { ...keeper, role: 'owner' as const }]

  expect(siteChanges(loaded, { ...loaded, texts, contacts })).toEqual({ parentId: null, use: null, contacts })
  expect(siteChanges(loaded, { ...loaded, type: 'unit' })).toEqual({ type: 'unit' })
})

test('undone is what was changed, and nothing that others changed before or after', () => {
  expect(putBack({ entrance: '北门', use: null }, loaded)).toEqual({ entrance: null, use: 'rental' })
})
