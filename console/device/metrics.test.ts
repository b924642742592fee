import { afterEach, expect, test } from 'vitest'
import { kinds } from '../../devices/index.ts'
import { language } from '../shared/language.ts'
import { groupsOf, measure, metricName, stateText, stripOf, unitOf } from './metrics.ts'

afterEach(() => {
  language.value = 'zh-CN'
})

const metrics = kinds.flatMap(({ telemetry }) => Object.keys(telemetry.shape))

test.each(['en', 'zh-CN'] as const)('every metric of every kind has a name in %s', (speech) => {
  language.value = speech
  const without = metrics.filter(
    (metric) =>
      metricName(metric) === metric || (speech === 'en' && / [a-z]+ (celsius|mps|mm)$/.test(metricName(metric))),
  )
  expect(without).toEqual([])
})

test('every number that a kind measures has a chart that is not its own by accident', () => {
  const last = Object.fromEntries(metrics.map((metric) => [metric, 1]))
  const alone = groupsOf(last, new Set()).filter(({ id }) => metrics.includes(id) && !['floor'].includes(id))
  const states = ['mode', 'direction', 'doorState', 'doorZone', 'safetyCircuit', 'brakeState', 'passengerPresent']
  const others = ['doorObstructed', 'faultCode', 'alarmButton', 'mainsLost', 'breaker', 'occupied']
  expect(alone.map(({ id }) => id).filter((id) => ![...states, ...others].includes(id))).toEqual([])
})

test('metrics in one chart have one unit', () => {
  const last = Object.fromEntries(metrics.map((metric) => [metric, 1]))
  for (const group of groupsOf(last, new Set())) expect(new Set(group.metrics.map(unitOf)).size, group.id).toBe(1)
})

test('what something is the matter with comes first, also when it is usually not shown at once', () => {
  const last = { motorCelsius: 40, runHours: 5, mode: 'normal' }
  expect(groupsOf(last, new Set(['runHours']))[0]).toMatchObject({ metrics: ['runHours'], isMain: true })
  expect(stripOf(last)).toEqual(['mode'])
})

test('a metric of a kind that nobody here knows is a chart of its own, under its own name', () => {
  language.value = 'en'
  expect(groupsOf({ crumbTrayGrams: 3 }, new Set())).toEqual([
    { id: 'crumbTrayGrams', metrics: ['crumbTrayGrams'], isMain: true },
  ])
  expect(metricName('crumbTrayGrams')).toBe('crumb tray grams')
})

test.each([
  [61.234, 'motorCelsius', '61.2 °C'],
  [0.12345, 'carVibrationMps2', '0.123 m/s²'],
  [0.71, 'vibrationMmPerS', '0.71 mm/s'],
  [1766622, 'doorCycles', '1766622'],
  [3.1, 'residualMilliamps', '3.1 mA'],
  [223, 'volts', '223 V'],
])('%d of %s reads "%s"', (value, metric, text) => {
  expect(measure(value, metric)).toBe(text)
})

test('states are said in the words of the trade', () => {
  expect([stateText('mode', 'inspection'), stateText('mainsLost', true), stateText('faultCode', '00')]).toEqual([
    '检修',
    '主电源断电',
    '无',
  ])
  language.value = 'en'
  expect([stateText('mode', 'out-of-service'), stateText('mainsLost', true), stateText('faultCode', '04')]).toEqual([
    'out of service',
    'lost',
    '04',
  ])
})
