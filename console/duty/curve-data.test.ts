import { expect, test } from 'vitest'
import { metricWords } from '../../core/evidence-words.ts'
import { curveOf, limitFor, metricFor, plainMetric, unitOf } from './curve-data.ts'

test('the curve is of the figure that the rule complained about', () => {
  const evidence = { limitCelsius: 130, motorCelsius: 131, insulationClass: 'F' }
  expect(metricFor(evidence, { motorAmps: 20, motorCelsius: 131 })).toBe('motorCelsius')
  expect(limitFor('motorCelsius', evidence)).toBe(130)
})

test('a finding about no figure shows what tells most, and nothing where nothing is measured', () => {
  expect(metricFor({ standingSeconds: 31, floor: 3 }, { motorCelsius: 50, floor: 3 })).toBe('motorCelsius')
  expect(metricFor({ standingSeconds: 31 }, { floor: 3 })).toBe('floor')
  expect(metricFor({ doorState: 'closed' }, { doorState: 'closed' })).toBeUndefined()
  expect(limitFor('floor', { limitSeconds: 30 })).toBeUndefined()
})

test('where nothing was measured, the curve has a hole', () => {
  const bucket = (at: number, mean: number) => ({
    ...{ at: new Date(at).toISOString(), mean, min: mean, max: mean + 1, last: mean, count: 1 },
  })
  const minute = 60_000
  const curve = curveOf([bucket(0, 1), bucket(3 * minute, 4)], 10_000, 4 * minute, minute)
  expect(curve).toEqual({
    times: [0, 60, 120, 180],
    means: [1, null, null, 4],
    lowest: [1, null, null, 4],
    highest: [2, null, null, 5],
  })
})

test('a unit is said once, beside the name', () => {
  expect(['motorCelsius', 'volts', 'residualMilliamps', 'carSpeedMps', 'floor'].map(unitOf)).toEqual([
    '°C',
    'V',
    'mA',
    'm/s',
    '',
  ])
  expect(['motorCelsius', 'volts', 'carSpeedMps', 'floor'].map(plainMetric)).toEqual([
    'motor',
    'volts',
    'car speed',
    'floor',
  ])
  for (const name of Object.keys(metricWords)) expect(plainMetric(name)).not.toBe('')
})
