import { expect, test } from 'vitest'
import { UsageError } from './output.ts'
import { planSimulation } from './simulate.ts'

const options = { devices: '20', seconds: '60', interval: '10', speed: '1', faults: '2', seed: '1' }

test.each([
  ['--speed', { speed: '0.5' }],
  ['--speed', { speed: '-1' }],
  ['--devices', { devices: '0' }],
  ['--devices', { devices: '1.5' }],
  ['--interval', { interval: '0' }],
  ['--seconds', { seconds: 'long' }],
  ['--faults', { faults: 'x' }],
  ['--seed', { seed: '-1' }],
])('a wrong %s (%j) is wrong usage, found before anything is registered', (option, wrong) => {
  expect(() => planSimulation({ ...options, ...wrong })).toThrow(UsageError)
  expect(() => planSimulation({ ...options, ...wrong })).toThrow(option)
})

test('a district of one device at full length is planned', () => {
  const plan = planSimulation({ ...options, devices: '1', speed: '60' })
  expect(plan.devices).toHaveLength(1)
  expect(plan).toMatchObject({ speedUp: 60, durationSeconds: 60, intervalSeconds: 10 })
})
