import { expect, test } from 'vitest'
import { type RuleChange, ruleInForce, settingFaults } from './rule.ts'

const detector = {
  id: 'kettle/boils',
  about: { severities: ['warning'] },
  settings: {
    clearCelsius: 80,
    alarmCelsius: 95,
    confirmSeconds: 10,
    offsetKelvin: -2,
    loud: true,
    codes: { '01': 'a' },
    faultCodes: ['05'],
    learnDays: 7,
  },
  bounds: { codes: ['a', 'b'] },
  rising: [['clearCelsius', 'alarmCelsius']],
} as const

const change = (version: number, given: Partial<RuleChange>): RuleChange => ({
  version,
  finding: detector.id,
  scope: { type: 'kind', id: 'kettle' },
  enabled: null,
  settings: {},
  at: 0,
  actor: 'operator',
  reason: 'because',
  ...given,
})

test('a rule is as it ships, unless somebody changed it', () => {
  expect(ruleInForce(detector, [])).toEqual({ enabled: true, settings: detector.settings, version: 0 })
})

test('the narrower scope wins setting by setting, the rest is inherited, and the newest change names it', () => {
  const inForce = ruleInForce(detector, [
    change(7, { settings: { alarmCelsius: 90, confirmSeconds: 30 } }),
    change(3, { enabled: false }),
    change(5, { settings: { alarmCelsius: 92 } }),
  ])

  expect(inForce).toEqual({
    enabled: false,
    settings: { ...detector.settings, alarmCelsius: 92, confirmSeconds: 30 },
    version: 7,
  })
})

test.each([
  ['a negative duration', { confirmSeconds: -1 }, 'confirmSeconds', 'must be 1 to 100'],
  ['a duration without end', { confirmSeconds: 1e9 }, 'confirmSeconds', 'must be 1 to 100'],
  ['half a day of learning', { learnDays: 1.5 }, 'learnDays', 'must be a whole number, 1 to 70'],
  ['a setting that it has not', { confirmMinutes: 1 }, 'confirmMinutes', 'has no such setting'],
  ['text for a number', { alarmCelsius: '95' }, 'alarmCelsius', 'must be a number'],
  ['no number', { alarmCelsius: Number.NaN }, 'alarmCelsius', 'must be a number'],
  ['a number for a flag', { loud: 1 }, 'loud', 'must be a boolean'],
  ['a clear limit above the alarm limit', { clearCelsius: 96 }, 'clearCelsius', 'must not be above alarmCelsius (95)'],
  ['an alarm limit below the clear limit', { alarmCelsius: 70 }, 'alarmCelsius', 'must not be above alarmCelsius (70)'],
  ['a map of nothing', { codes: {} }, 'codes', 'must not be empty'],
  ['a word that it does not know', { codes: { '02': 'aa' } }, 'codes', '02: must be one of a, b'],
  ['a code that no device says', { faultCodes: ['05', ''] }, 'faultCodes', 'must not be empty'],
  ['a code with a blank', { faultCodes: ['05 '] }, 'faultCodes', 'nor begin or end with a blank'],
  ['a map of a blank code', { codes: { ' ': 'a' } }, 'codes', 'must not be empty, nor'],
  ['a map of other things', { codes: { '02': 5 } }, 'codes', '02: must be a string'],
])('%s is refused with the setting named', (_, settings, setting, message) => {
  const [fault, ...others] = settingFaults(detector, settings, detector.settings)

  expect(others).toEqual([])
  expect(fault?.setting).toBe(setting)
  expect(fault?.message).toContain(message)
})

test('of a rule that may be critical, what it waits for is five times as much at most, in time as in counts', () => {
  const settings = { confirmSeconds: 10, sparseSamples: 4, jumpsWithLow: 2 }
  const ofLife = { ...detector, about: { severities: ['critical'] }, settings, bounds: {}, rising: [] } as const
  const messages = settingFaults(ofLife, { confirmSeconds: 51, sparseSamples: 21, jumpsWithLow: 1.5 }, settings)

  expect(messages).toEqual([
    { setting: 'confirmSeconds', message: 'must be 1 to 50' },
    { setting: 'sparseSamples', message: 'must be a whole number, 1 to 20' },
    { setting: 'jumpsWithLow', message: 'must be a whole number, 1 to 10' },
  ])
})

test('what is allowed: a negative value where it ships with one, other keys of a map, both limits at once', () => {
  const settings = { confirmSeconds: 1, offsetKelvin: -5, codes: { '02': 'b' }, clearCelsius: 97, alarmCelsius: 99 }
  expect(settingFaults(detector, settings, detector.settings)).toEqual([])
})

test('the order is checked against what is inherited', () => {
  expect(settingFaults(detector, { clearCelsius: 85 }, { ...detector.settings, alarmCelsius: 82 })).toHaveLength(1)
})
