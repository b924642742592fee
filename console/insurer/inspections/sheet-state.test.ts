import { expect, test } from 'vitest'
import type { SheetItem } from '../wire-records.ts'
import { criticalDefects, lacksOf, lostPoints, sharePictureWith, wrongDate } from './sheet-state.ts'

const item = (photo: SheetItem['photo']): SheetItem => ({
  ...{ id: 'car-door', name: { en: 'Car door', 'zh-CN': '轿门' }, weight: 8, deduction: 3, photo },
})
const found = (result: 'ok' | 'defect' | 'not-applicable', note: string | null = null) => ({
  item: 'car-door',
  result,
  defects: result === 'defect' ? 1 : 0,
  note,
})
const picture = { item: 'car-door', name: 'Door', sha256: 'a'.repeat(64), mediaType: 'image/jpeg', bytes: 9 }

test('an item that nobody looked at is missing, whatever it needs besides', () => {
  expect(lacksOf(item('always'), { findings: [], photos: [] })).toEqual(['missingItem'])
})

test('a defect needs a note, and a picture where the sheet asks for one', () => {
  expect(lacksOf(item('defect'), { findings: [found('defect')], photos: [] })).toEqual(['missingPhoto', 'missingNote'])
  expect(lacksOf(item('defect'), { findings: [found('defect', 'worn')], photos: [picture] })).toEqual([])
  expect(lacksOf(item('never'), { findings: [found('defect', 'worn')], photos: [] })).toEqual([])
})

test('what is in order needs a picture only where it is always asked for; what does not apply needs a reason', () => {
  expect(lacksOf(item('defect'), { findings: [found('ok')], photos: [] })).toEqual([])
  expect(lacksOf(item('always'), { findings: [found('ok')], photos: [] })).toEqual(['missingPhoto'])
  expect(lacksOf(item('always'), { findings: [found('not-applicable')], photos: [] })).toEqual(['missingNote'])
})

test('defects cost up to the weight of their item', () => {
  const defects = (count: number) => lostPoints(item('never'), { ...found('defect'), defects: count })
  expect([defects(1), defects(2), defects(3)]).toEqual([3, 6, 8])
  expect(lostPoints(item('never'), found('ok'))).toBe(0)
  expect(lostPoints(item('never'), undefined)).toBe(0)
})

test('a critical defect needs a date, any other may have none; no date is over already', () => {
  const today = '2026-11-30'
  expect(wrongDate({ critical: true }, '', today)).toBe('criticalDate')
  expect(wrongDate({}, '', today)).toBeNull()
  expect(wrongDate({}, '2026-11-29', today)).toBe('pastDate')
  expect(wrongDate({ critical: true }, today, today)).toBeNull()
})

test('what lets an inspection fail is a defect of a critical item', () => {
  const sheet = { items: [{ ...item('never'), critical: true }] } as never
  expect(criticalDefects({ sheet, findings: [found('defect')] }).map(({ id }) => id)).toEqual(['car-door'])
  expect(criticalDefects({ sheet, findings: [found('ok')] })).toEqual([])
  expect(criticalDefects({ sheet: null, findings: [found('defect')] })).toEqual([])
})

test('one picture for many items is said at each of them', () => {
  const photos = ['car-door', 'brake', 'rope', null].map((of) => ({ ...picture, item: of }))
  const other = { ...picture, item: 'pit', sha256: 'b'.repeat(64) }
  expect(sharePictureWith({ photos: [...photos, other, picture] }, 'brake')).toEqual(['car-door', 'rope'])
  expect(sharePictureWith({ photos: [...photos, other] }, 'pit')).toEqual([])
})
