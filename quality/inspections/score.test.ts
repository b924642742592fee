import { expect, test } from 'vitest'
import { type ItemFinding, inspectionOf } from '../../core/inspection.ts'
import { faultsOf, missingOf, scoreOf } from './score.ts'
import { shippedSheet } from './shipped-sheet.ts'

const allOk: ItemFinding[] = shippedSheet.items.map(({ id }) => ({ item: id, result: 'ok', defects: 0, note: null }))
const withFindings = (...said: Partial<ItemFinding>[]): ItemFinding[] =>
  allOk.map((one) => ({ ...one, ...said.find(({ item }) => item === one.item) }))

test.each<[string, Partial<ItemFinding>[], number, boolean]>([
  ['nothing found', [], 100, true],
  ['two defects of the car door', [{ item: 'car-door', result: 'defect', defects: 2 }], 92, true],
  ['more defects than it has points for', [{ item: 'car-door', result: 'defect', defects: 9 }], 92, true],
  ['one defect of a critical item', [{ item: 'alarm', result: 'defect', defects: 1 }], 90, false],
  [
    'what does not apply counts on neither side',
    [
      { item: 'traction', result: 'not-applicable', defects: 0 },
      { item: 'pit', result: 'defect', defects: 1 },
    ],
    96.7,
    true,
  ],
  [
    'many small things',
    ['machine-room', 'traction', 'car-door'].map((item) => ({ item, result: 'defect' as const, defects: 3 })),
    76,
    false,
  ],
])('%s: the score', (_, said, score, passed) => {
  expect(scoreOf(shippedSheet, withFindings(...said))).toEqual({ score, passed })
})

test('where nothing of the sheet applies there is no score, and no verdict', () => {
  const none = allOk.map((one) => ({ ...one, result: 'not-applicable' as const }))
  expect(scoreOf(shippedSheet, none)).toEqual({ score: null, passed: null })
})

test('what is missing is named: items, pictures, notes', () => {
  const findings = withFindings({ item: 'car-door', result: 'defect', defects: 1 }).filter(({ item }) => item !== 'pit')
  expect(missingOf(shippedSheet, { findings, photos: [] })).toEqual([
    { path: 'maintenance-record', message: 'needs a picture' },
    { path: 'use-mark', message: 'needs a picture' },
    { path: 'brake', message: 'needs a picture' },
    { path: 'car-door', message: 'needs a picture' },
    { path: 'car-door', message: 'needs a note: what is wrong, or why it does not apply' },
    { path: 'pit', message: 'nobody has said how it is' },
  ])
  expect(faultsOf(shippedSheet, [{ item: 'x', result: 'ok', defects: 0, note: null }])).toHaveLength(1)
  expect(faultsOf(shippedSheet, [{ item: 'pit', result: 'ok', defects: 1, note: null }])).toHaveLength(1)
  expect(faultsOf(shippedSheet, [...allOk, ...allOk.slice(0, 1)])).toMatchObject([{ message: 'stands twice' }])
})

test('the shipped sheet has 100 points, each item once', () => {
  expect(shippedSheet.items.reduce((sum, { weight }) => sum + weight, 0)).toBe(100)
  expect(new Set(shippedSheet.items.map(({ id }) => id)).size).toBe(shippedSheet.items.length)
  expect(shippedSheet.items.every(({ weight, deduction }) => deduction <= weight)).toBe(true)
})

test('an inspection is what its events say, and the last word on an item holds', () => {
  const told = (type: string, data: object, at = 1) => ({ at, type, data: data as Record<string, unknown> })
  const finding = { item: 'pit', result: 'ok', defects: 0, note: null }
  const inspection = inspectionOf('i', [
    told('planned', { deviceId: 'e', kind: 'unannounced', dueOn: '2026-12-03' }, 1),
    told('started', { inspector: 'Wang', maintainerId: 'm', sheet: { id: 'elevator', version: 0, sha256: 'x' } }, 2),
    told('scored', { findings: [finding, { ...finding, item: 'brake' }] }, 3),
    told('scored', { findings: [{ ...finding, result: 'defect', defects: 2 }] }, 4),
    told('done', { score: 94, passed: true, remedies: [], note: null }, 5),
  ])
  expect(inspection).toMatchObject({
    state: 'done',
    plannedAt: 1,
    startedAt: 2,
    endedAt: 5,
    sheetVersion: 0,
    score: 94,
    period: null,
  })
  expect(inspection.findings).toMatchObject([{ item: 'brake' }, { item: 'pit', defects: 2 }])
})
