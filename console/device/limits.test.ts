import { expect, test } from 'vitest'
import { electricityMeterFactDefaults } from '../../devices/electricity-meter/facts.ts'
import { elevatorFactDefaults, windingLimitCelsius } from '../../devices/elevator/facts.ts'
import { kinds } from '../../devices/index.ts'
import { assumedFacts, limitRules, limitsOf, rulesFor, usualOf, wearRules, windingCelsius } from './limits.ts'
import type { RuleDetail, WearForecast } from './wire.ts'

const detectors = new Map(
  kinds.flatMap((kind) => kind.detectors.map((detector) => [detector.id as string, { kind, detector }])),
)

function inForce(finding: string, changes: object = {}, enabled = true): RuleDetail {
  const settings = { ...detectors.get(finding)?.detector.settings, ...changes }
  return { finding, severities: ['warning'], inForce: { enabled, settings } }
}

const nothing = { rules: [], facts: {}, forecasts: [], incidents: [] }
const values = (metric: string, sources: Partial<Parameters<typeof limitsOf>[1]>) =>
  limitsOf(metric, { ...nothing, ...sources }).map(({ severity, value }) => [severity, value])

test('every rule that gives limits exists, measures what it limits, and has each setting that is read', () => {
  for (const [finding, limits] of Object.entries(limitRules)) {
    const found = detectors.get(finding)
    expect(found, finding).toBeDefined()
    const asked = new Set<string | symbol>()
    const settings = new Proxy({}, { get: (_, name) => void asked.add(name) })
    for (const [metric, , value] of limits) {
      expect(Object.keys(found?.kind.telemetry.shape ?? {})).toContain(metric)
      value(settings as never, assumedFacts)
    }
    for (const name of asked) expect(Object.keys(found?.detector.settings ?? {}), finding).toContain(name)
  }
  for (const finding of wearRules) expect(detectors.has(finding), finding).toBe(true)
})

test('with the settings that ship, every limit is a number for a device of which every fact is known', () => {
  const facts = { ratedSpeedMps: 1.75, motorKilowatts: 11, insulationClass: 'F' }
  const rules = Object.keys(limitRules).map((finding) => inForce(finding))
  const metrics = new Set(Object.values(limitRules).flatMap((limits) => limits.map(([metric]) => metric)))
  for (const metric of metrics) expect(values(metric, { rules, facts }), metric).not.toEqual([])
})

test('what is assumed where a fact is unknown is what the rules assume', () => {
  expect(assumedFacts).toEqual({ ...elevatorFactDefaults, ...electricityMeterFactDefaults })
  expect(windingCelsius).toEqual(windingLimitCelsius)
})

test("a motor's limits follow the class of its winding and the rule in force", () => {
  const finding = 'elevator/motor-over-temperature'
  const facts = { insulationClass: 'F' }
  expect(values('motorCelsius', { rules: [inForce(finding)], facts })).toEqual([
    ['warning', 140],
    ['urgent', 155],
  ])
  expect(values('motorCelsius', { rules: [inForce(finding, { warnBelowLimitKelvin: 25 })], facts })[0]).toEqual([
    'warning',
    130,
  ])
  expect(values('motorCelsius', { rules: [inForce(finding)] })).toEqual([
    ['warning', 115],
    ['urgent', 130],
  ])
})

test('a rule that is off, and a speed that nobody knows, give no limit', () => {
  expect(values('motorCelsius', { rules: [inForce('elevator/motor-over-temperature', {}, false)] })).toEqual([])
  expect(values('carSpeedMps', { rules: [inForce('elevator/overspeed')] })).toEqual([])
})

const forecast: WearForecast = {
  ...{ finding: 'elevator/door-close-drift', quantity: 'doorCloseSeconds', level: 4.2, limit: 5.04 },
  ...{ at: '2026-11-29T00:00:00.000Z', days: 15, lowDays: 11, highDays: 19 },
}

test('wear has the limit of its forecast, and its usual level and band from the rule', () => {
  const rules = [inForce('elevator/door-close-drift')]
  expect(values('doorCloseSeconds', { forecasts: [forecast] })).toEqual([['warning', 5.04]])
  const usual = usualOf('doorCloseSeconds', { ...nothing, rules, forecasts: [forecast] })
  expect(usual?.value).toBeCloseTo(3.6)
  expect(usual?.reach).toBeCloseTo(0.72)
})

test('a rule and its forecast that say the same are one line', () => {
  const level = { ...forecast, finding: 'elevator/levelling-drift', quantity: 'levellingErrorMm', limit: 10 }
  expect(values('levellingErrorMm', { rules: [inForce('elevator/levelling-drift')], forecasts: [level] })).toHaveLength(
    1,
  )
})

test('who may not see rules sees the limit and the usual level that the newest finding had', () => {
  const incidents = [
    { finding: 'elevator/x', evidence: { motorCelsius: 117, limitCelsius: 130, usualMotorCelsius: 50 } },
    { finding: 'elevator/x', evidence: { motorCelsius: 110, limitCelsius: 999 } },
  ]
  expect(values('motorCelsius', { incidents })).toEqual([[null, 130]])
  expect(usualOf('motorCelsius', { ...nothing, incidents })).toEqual({ metric: 'motorCelsius', value: 50, reach: 0 })
  expect(values('cabinetCelsius', { incidents })).toEqual([])
})

test('only rules of its own kind are asked for', () => {
  expect(rulesFor('elevator').every((finding) => finding.startsWith('elevator/'))).toBe(true)
  expect(rulesFor('toaster')).toEqual([])
})
