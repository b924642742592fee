import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packState } from '../../analytics/packed-state.ts'
import { electricityMeter } from './index.ts'
import { electricityMeterTelemetry } from './telemetry.ts'

const metrics = Object.keys(electricityMeterTelemetry.shape)
const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

test.each([
  ['a glowing terminal', { terminalCelsius: 180, cableCelsius: 320, ambientCelsius: 90 }],
  ['a lost neutral', { volts: 400, neutralAmps: 0 }],
  ['a short circuit', { amps: 6_000, watts: 900_000 }],
  ['an earth fault', { residualMilliamps: 30_000 }],
  ['a last gasp', { volts: 0, amps: 0, hertz: 0 }],
  ['a balcony feeding in', { watts: -600, powerFactor: -0.98 }],
  ['an arc', { arcHalfCycles: 100, breaker: 'tripped' }],
  ['a winter night in the stairwell', { terminalCelsius: -20, meterCelsius: -15 }],
  ['a sparse reading', {}],
])('accepts %s', (_, values) => {
  expect(electricityMeterTelemetry.parse(values)).toEqual(values)
})

test.each([
  ['volts', -1],
  ['volts', Number.NaN],
  ['amps', Number.POSITIVE_INFINITY],
  ['powerFactor', 1.5],
  ['residualMilliamps', -3],
  ['terminalCelsius', '90'],
  ['arcHalfCycles', 1.5],
  ['breaker', 'OPEN'],
  ['occupied', 1],
  ['temperature', 20],
])('refuses %s: %s', (metric, value) => {
  expect(electricityMeterTelemetry.safeParse({ [metric]: value }).success).toBe(false)
})

test('the dashboard shows every metric, and the README explains every metric, fact and finding', () => {
  const readme = textOf('README.md')
  const facts = Object.keys(electricityMeter.facts.shape)

  expect(new Set(electricityMeter.dashboard.flatMap((panel) => panel.metrics))).toEqual(new Set(metrics))
  for (const name of [...metrics, ...facts, ...electricityMeter.detectors.map(({ id }) => id)])
    expect(readme).toContain(`\`${name}\``)
})

test('every finding has its runbook page, and every simulated fault names a finding', () => {
  const ids = electricityMeter.detectors.map(({ id }) => id)

  for (const id of ids) expect(textOf(`../../docs/runbooks/${id.replace('/', '-')}.md`)).toContain(`\`${id}\``)
  expect(ids).toEqual(expect.arrayContaining(Object.values(electricityMeter.simulator.faults)))
})

test('its fact defaults are facts', () => {
  expect(electricityMeter.facts.parse(electricityMeter.factDefaults)).toEqual(electricityMeter.factDefaults)
})

test('a meter that has seen two days, a hot terminal and a leak keeps less than 3 KiB for all detectors in a snapshot', () => {
  const others = Object.fromEntries(metrics.map((metric) => [metric, 0.125]))
  const count = 2 * 8_640 + 100
  const atOf = (index: number) => 1_770_000_000_000 + index * 10_000
  const states = electricityMeter.detectors.map((detector) => {
    let state = detector.initial
    for (let index = 0; index < count; index++) {
      const faulty = index > 2 * 8_640
      const terminalCelsius = faulty ? 88.25 : 20 + (index % 97) / 7
      const residualMilliamps = faulty ? 18.125 : 4 + (index % 89) / 100
      const volts = faulty ? 0 : 228.5
      const input = { ...others, at: atOf(index), terminalCelsius, residualMilliamps, volts, breaker: 'closed' }
      state = detector.step(state, input, detector.settings, electricityMeter.factDefaults).state
    }
    return packState(state, detector.initial, atOf(count - 1))
  })

  expect(JSON.stringify(states).length).toBeLessThan(3_072)
})
