import { expect, test } from 'vitest'
import { mayLeaveWill, mayPublish, maySubscribe } from './authorize.ts'

test('a gateway publishes for any device under its own prefix', () => {
  expect(mayPublish('gw-1', 'liftwatt/v1/gw-1/lift-7/telemetry', 1)).toEqual({ deviceId: 'lift-7' })
  expect(mayPublish('gw-1', 'liftwatt/v1/gw-1/lift-7/telemetry', 0)).toEqual({ deviceId: 'lift-7' })
})

test.each([
  ['another gateway', 'liftwatt/v1/gw-2/lift-7/telemetry', 'foreign-topic'],
  ['its own commands', 'liftwatt/v1/gw-1/commands', 'wrong-topic'],
  ['the broker itself', '$SYS/x/new/clients', 'wrong-topic'],
  ['a level too many', 'liftwatt/v1/gw-1/lift-7/telemetry/x', 'wrong-topic'],
  ['an empty device', 'liftwatt/v1/gw-1//telemetry', 'wrong-topic'],
  ['a device id with a space', 'liftwatt/v1/gw-1/lift 7/telemetry', 'wrong-topic'],
  ['a device id of 65 characters', `liftwatt/v1/gw-1/${'x'.repeat(65)}/telemetry`, 'wrong-topic'],
  ['a prefix that only begins alike', 'liftwatt/v1/gw-10/lift-7/telemetry', 'foreign-topic'],
  ['another version', 'liftwatt/v2/gw-1/lift-7/telemetry', 'wrong-topic'],
  ['a wildcard', 'liftwatt/v1/gw-1/+/telemetry', 'wrong-topic'],
])('a gateway may not publish for %s', (_, topic, reason) => {
  expect(mayPublish('gw-1', topic, 1)).toMatchObject({ reason })
})

test('QoS 2 is refused, for its half-open handshakes have no bound', () => {
  expect(mayPublish('gw-1', 'liftwatt/v1/gw-1/lift-7/telemetry', 2)).toMatchObject({ reason: 'qos-2' })
})

test('a last will goes where the gateway might publish itself, and nowhere else', () => {
  expect(mayLeaveWill('gw-1', { topic: 'liftwatt/v1/gw-1/lift-7/telemetry', qos: 1 })).toBeUndefined()
  expect(mayLeaveWill('gw-1', { topic: 'liftwatt/v1/gw-2/lift-7/telemetry', qos: 1 })).toMatchObject({
    reason: 'foreign-will',
  })
})

test.each([
  '#',
  '+/#',
  'liftwatt/v1/+/commands',
  'liftwatt/v1/gw-2/commands',
  'liftwatt/v1/gw-1/lift-7/telemetry',
  '$SYS/#',
])('a gateway may not subscribe to %s', (filter) => {
  expect(maySubscribe('gw-1', filter)).toMatchObject({ reason: 'foreign-subscription' })
})

test('a gateway may subscribe to its own commands', () => {
  expect(maySubscribe('gw-1', 'liftwatt/v1/gw-1/commands')).toBeUndefined()
})
