import { expect, test } from 'vitest'
import type { MetricBucket } from '../shared/wire.ts'
import { csvOf } from './csv.ts'

const bucket = (at: number, last: number | string, mean: number | null = null): MetricBucket => ({
  ...{ at: new Date(at).toISOString(), mean, min: mean, max: mean, last, count: 1 },
})

test('a window that nobody measured is an empty cell, never 0', () => {
  const windows = new Map([
    ['motorCelsius', [bucket(0, 61.2, 61.2)]],
    ['mode', [bucket(0, 'normal'), bucket(60_000, 'inspection')]],
  ])
  expect(csvOf(windows, [0, 60_000])).toBe(
    [
      'time,motorCelsius,motorCelsius min,motorCelsius max,mode',
      '1970-01-01T00:00:00.000Z,61.2,61.2,61.2,normal',
      '1970-01-01T00:01:00.000Z,,,,inspection',
      '',
    ].join('\r\n'),
  )
})

test.each([
  ['=1+1', "'=1+1"],
  ['@x', "'@x"],
  ['＝1+1', "'＝1+1"],
  ['＋1', "'＋1"],
  ['－1', "'－1"],
  ['＠x', "'＠x"],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
])('a fault code that a device made up is a text for a spreadsheet: %s', (code, cell) => {
  expect(csvOf(new Map([['faultCode', [bucket(0, code)]]]), [0])).toContain(`Z,${cell}\r\n`)
})

test('a temperature below zero stays a number', () => {
  expect(csvOf(new Map([['motorCelsius', [bucket(0, -5, -5)]]]), [0])).toContain('Z,-5,-5,-5\r\n')
})
