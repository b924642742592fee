import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { minutesPerDay } from '../devices/electricity-meter/loads/day.ts'
import { openSet } from './bench-set.ts'
import { type Answer, benchTracebase, deviceFolds, macroF1, scoreLine, surest } from './tracebase.ts'
import { learnDays, trainingDays } from './tracebase-days.ts'
import { trainLoads } from './train-loads.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracebase-'))
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.restoreAllMocks()
})

const minutes = Array.from({ length: minutesPerDay }, (_, minute) => `m${String(minute).padStart(4, '0')}`)

/** Kettles, and lamps of an evening; each device a little different. */
function wattsOf(label: string, device: number): string[] {
  const watts = new Array<number>(minutesPerDay).fill(0)
  if (label === 'WaterKettle') for (const from of [420, 700, 1_100]) watts.fill(1_800 + 100 * device, from, from + 3)
  else watts.fill(40 + 10 * device, 1_100 + 10 * device, 1_300)
  return watts.map(String)
}

/** A set in the folder; three devices a class, two of them to learn from. */
function writeSet(): void {
  writeFileSync(join(folder, 'set.json'), JSON.stringify({ kind: 'classify', name: 'small', truth: 'truth.csv' }))
  const labels = ['WaterKettle', 'Lamp']
  const train = labels.flatMap((label) =>
    [0, 1].map((device) => [`${label}${device}`, label, label + device, ...wattsOf(label, device)]),
  )
  const test = labels.map((label) => [`day-of-${label}`, ...wattsOf(label, 2)])
  writeFileSync(join(folder, 'train.csv'), [['id', 'label', 'device', ...minutes], ...train].join('\n'))
  writeFileSync(join(folder, 'test.csv'), [['id', ...minutes], ...test].join('\n'))
}

function printed(): string {
  return vi.mocked(console.log).mock.calls.flat().join('\n')
}

test('a set without any truth of its test days is named all the same, and only train.csv is scored', () => {
  writeSet()
  benchTracebase({ data: folder, out: join(folder, 'out') })

  const predictions = readFileSync(join(folder, 'out', 'predictions.csv'), 'utf8')
  expect(predictions).toBe('id,label\nday-of-WaterKettle,WaterKettle\nday-of-Lamp,Lamp\n')
  expect(printed()).toContain('devices never seen: top 1 100.0 %')
  expect(printed()).not.toContain('same devices')
})

test('the model file is the same bytes at every run, whatever the order of the rows', () => {
  writeSet()
  const file = (name: string) => join(folder, name)
  trainLoads({ data: folder, out: file('a.ts') })
  const [header, ...rows] = readFileSync(file('train.csv'), 'utf8').split('\n')
  writeFileSync(file('train.csv'), [header, ...rows.reverse()].join('\n'))
  const model = learnDays(trainingDays(openSet(folder, 'classify')))
  trainLoads({ data: folder, out: file('b.ts') })

  expect(model.labels).toEqual(['Lamp', 'WaterKettle'])
  expect(readFileSync(file('b.ts'), 'utf8')).toBe(readFileSync(file('a.ts'), 'utf8'))
})

test('a power that is no number is refused with its file and row', () => {
  writeSet()
  const path = join(folder, 'train.csv')
  writeFileSync(path, readFileSync(path, 'utf8').replace('1800', 'much'))
  mkdirSync(join(folder, 'out'))

  expect(() => trainingDays(openSet(folder, 'classify'))).toThrow('train.csv: row 2: "much" is no power')
})

test('all days of a device are in one fold, and a class of one device is never asked', () => {
  const days = [1, 2, 3, 4, 5, 6].map((index) => ({ label: 'Lamp', device: `l${index % 3}` }))
  const foldOf = deviceFolds([...days, { label: 'Projector', device: 'p' }], 3, () => 0.5)

  expect([...foldOf.keys()].sort()).toEqual(['l0', 'l1', 'l2'])
  expect(new Set(foldOf.values()).size).toBe(3)
})

const answer = (label: string, guess: string, groupProbability = 0.5): Answer => ({
  label,
  guess,
  ranked: [guess, 'Lamp'],
  group: guess === 'TV-LCD' ? 'screen' : 'light',
  groupProbability,
})

test('scores: right class, among three, right group, and each class as much as another', () => {
  const given = [
    answer('TV-LCD', 'TV-LCD', 0.9),
    answer('Monitor-TFT', 'TV-LCD', 0.8),
    answer('Lamp', 'TV-LCD', 0.3),
    answer('Lamp', 'Lamp'),
  ]

  expect(scoreLine('four', given)).toBe('four: top 1 50.0 %, top 3 75.0 %, group 75.0 %, macro F1 0.389 of 4 days')
  expect(macroF1(given)).toBeCloseTo((2 / 4 + 0 + 2 / 3) / 3)
  expect(surest(given, 0.5).map(({ groupProbability }) => groupProbability)).toEqual([0.9, 0.8])
})
