import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, withTicks } from '../../replay.ts'
import { faultCode } from './fault-code.ts'
import { every10s, news, oneByOne, type Said, said, settles, start, tick } from './said.ts'

const found = (stream: readonly Said[], until = 0, settings: object = faultCode.settings) =>
  news(faultCode, withTicks(stream, { until: start + until * 1_000 }), { settings })

const coded = (code: string, more: Said['values'] = {}) => [
  said(0, { faultCode: '00', ...more }),
  ...every10s(10, 90, { faultCode: code, ...more }),
]

test.each([
  ['07', 'warning'],
  ['08', 'warning'],
  ['09', 'warning'],
  ['10', 'warning'],
  ['99', 'warning'],
  ['46', 'info'],
  ['47', 'info'],
])('code %s is a %s after a second reading', (code, severity) => {
  expect(found(coded(code))).toEqual([`${severity} 20`])
})

test('the reason is in words', () => {
  const [raised] = replay(faultCode, coded('07'))

  expect(raised?.finding).toEqual({
    severity: 'warning',
    summary: "The controller reports fault code 07 (warning in the city's map)",
    evidence: { faultCode: '07', means: 'warning' },
    since: start + 10_000,
  })
})

test.each(['01', '02', '03', '04', '05', '06', '41', '42', '90'])(
  'code %s is recorded only, for a finding of its own detects the same',
  (code) => {
    const [raised] = replay(faultCode, coded(code))

    expect(raised?.finding?.severity).toBe('info')
    expect(raised?.finding?.summary).toContain('evidence for elevator/')
  },
)

test('a code that nobody knows is recorded and named', () => {
  const [raised] = replay(faultCode, coded('E7'))

  expect(raised?.finding).toMatchObject({ severity: 'info', evidence: { faultCode: 'E7', means: 'unknown' } })
})

test('the code of an entrapment is critical after 30 s, unless the car’s own sensor has seen someone', () => {
  expect(found(coded('11'))).toEqual(['critical 40'])
  expect(found(coded('11', { passengerPresent: false }))).toEqual(['critical 40'])
  expect(found(coded('11', { passengerPresent: true }))).toEqual(['info 20'])
  expect(found(oneByOne(coded('11', { passengerPresent: true })))).toEqual(['info 20'])

  const dropped = [...coded('11', { passengerPresent: true }), ...every10s(100, 300, { passengerPresent: false })]
  expect(found(dropped)).toEqual(['info 20'])
})

test('who was seen when another code stood says nothing of this one', () => {
  const earlier = every10s(0, 20, { faultCode: '07', passengerPresent: true })
  expect(found([...earlier, ...every10s(30, 60, { faultCode: '11', passengerPresent: false })])).toContain(
    'critical 30',
  )
})

test('a city may number otherwise', () => {
  const settings = {
    ...(faultCode.settings as object),
    codes: { '00': 'none', '11': 'none', A1: 'urgent', '*': 'warning' },
  }

  expect(found(coded('A1'), 0, settings)).toEqual(['urgent 20'])
  expect(found(coded('11'), 0, settings)).toEqual([])
  expect(found(coded('B2'), 0, settings)).toEqual(['warning 20'])
})

test('a graver code upgrades, another of the same weight is the same episode', () => {
  expect(found([...coded('02'), ...every10s(100, 200, { faultCode: '08' })])).toEqual(['info 20', 'warning 100'])
  expect(found([...coded('07'), ...every10s(100, 200, { faultCode: '08' })])).toEqual(['warning 20'])
})

test('a gateway that tells changes says it once', () => {
  expect(found([said(0, { faultCode: '00' }), said(10, { faultCode: '07' })], 90)).toEqual(['warning 20'])
})

test('no fault leaves the state as it is', () => {
  expect(settles(faultCode, { faultCode: '00', mode: 'normal', passengerPresent: true })).toBe(true)
})

test('a code counts after ten seconds, and no less; one of an entrapment after thirty', () => {
  const stands = (code: string, seconds: number) => news(faultCode, [said(0, { faultCode: code }), tick(seconds, 0)])

  expect(stands('07', 9.9)).toEqual([])
  expect(stands('07', 10)).toEqual(['warning 10'])
  expect(stands('11', 29.9)).toEqual([])
  expect(stands('11', 30)).toEqual(['critical 30'])
})

test('it clears when no code has stood for a minute, not by silence, and a mechanic only silences it', () => {
  expect(found([...coded('07'), ...every10s(100, 150, { faultCode: '00' })])).toEqual(['warning 20'])
  expect(found([...coded('07'), ...every10s(100, 160, { faultCode: '00' })])).toEqual(['warning 20', 'cleared 160'])
  expect(found(coded('07'), 86_400)).toEqual(['warning 20'])
  expect(found([...coded('07'), ...every10s(100, 900, { faultCode: '00', mode: 'inspection' })])).toEqual([
    'warning 20',
  ])
})

test.each([{}, { mode: 'normal' }])(
  'a code of people at work is no word that the fault before it is over: %o',
  (more) => {
    const works = every10s(100, 600, { faultCode: '43', ...more })
    expect(found([...coded('11', more), ...works])).toEqual(['critical 40'])
    expect(found([...coded('11', more), ...works, ...every10s(610, 670, { faultCode: '40', ...more })])).toEqual([
      'critical 40',
      'cleared 670',
    ])
    const atOnce = every10s(20, 600, { faultCode: '43', ...more })
    expect(found([...coded('11', more).slice(0, 2), ...atOnce])).toEqual([])
  },
)

test.each<[string, Said[]]>([
  ['no fault, said again and again', every10s(0, 900, { faultCode: '00' })],
  [
    'a code that is gone at the next reading',
    Array.from({ length: 100 }, (_, i) => said(i * 10, { faultCode: i % 3 === 0 ? '07' : '00' })),
  ],
  [
    'the codes of inspection, fire and firefighter mode',
    ['43', '44', '45'].flatMap((code, i) => every10s(i * 100, i * 100 + 90, { faultCode: code })),
  ],
  ['codes while a mechanic works', every10s(0, 900, { faultCode: '07', mode: 'inspection' })],
  ['codes in fire mode', every10s(0, 900, { faultCode: '11', mode: 'fire' })],
  [
    'a code that comes while he works and goes when he does',
    [
      ...every10s(0, 60, { faultCode: '07', mode: 'inspection' }),
      ...every10s(70, 200, { faultCode: '00', mode: 'normal' }),
    ],
  ],
  ['the code that says it is back in automatic mode', every10s(0, 900, { faultCode: '40' })],
])('stays silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})

test('it is never early, and no gap completes its time', () => {
  expectNeverEarly(faultCode, { holds: { faultCode: '07' }, calm: { faultCode: '00' }, seconds: 10 })
})
