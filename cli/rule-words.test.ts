import { expect, test } from 'vitest'
import { UsageError } from './output.ts'
import { explanationLines } from './rule.ts'
import { settingsOf } from './rule-words.ts'

test('settings are numbers, lists and maps where they are written so, else texts', () => {
  expect(settingsOf(['warningCelsius=55', 'hours=[7,8]', 'name=a=b'])).toEqual({
    ...{ warningCelsius: 55, hours: [7, 8], name: 'a=b' },
  })
})

test('a setting that is said twice, or is none, is refused', () => {
  expect(() => settingsOf(['warningCelsius=60', 'warningCelsius=61'])).toThrow('warningCelsius is set twice')
  expect(() => settingsOf(['warningCelsius'])).toThrow(UsageError)
})

test('an explanation is told in lines: figures, rule, whose settings, source', () => {
  const change = { at: '2026-11-24T08:00:00.000Z', actor: 'ann', reason: 'old cables' }
  const rule = {
    version: 7,
    settings: { warningCelsius: 55 },
    change,
    finds: 'A terminal is hot.',
    source: 'GB 14287.3',
  }
  const figures = { measured: { terminalCelsius: 58 }, baseline: {}, limits: { limitCelsius: 55 } }

  expect(explanationLines({ ...figures, rule })).toEqual([
    'measured: terminalCelsius = 58',
    'limits: limitCelsius = 55',
    'rule: A terminal is hot.',
    'settings of version 7, by ann at 2026-11-24T08:00:00.000Z: old cables: warningCelsius = 55',
    'source: GB 14287.3',
  ])
  expect(explanationLines({ ...figures, rule: null }).at(-1)).toContain('No rule found it')
})
