import { expect, test } from 'vitest'
import { Mapping, mappedTopics } from '../core/mapping.ts'
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

const mapping = Mapping.parse({
  rules: [
    { topic: 'zigbee2mqtt/{device}', time: 'receipt', metrics: { watts: { path: '$.power' } } },
    { topic: '+/v1/+/{device}/telemetry', time: 'receipt', metrics: { watts: { path: '$.power' } } },
  ],
  ignore: ['zigbee2mqtt/bridge/+'],
})
const inForce = { version: 3, has: mappedTopics(mapping) }

test('a gateway with a mapping publishes on its topics too, with or without its own prefix, and where it may anyway', () => {
  const mapped = { topic: 'zigbee2mqtt/plug 7', mappingVersion: 3 }
  expect(mayPublish('gw-1', 'zigbee2mqtt/plug 7', 1, inForce)).toEqual(mapped)
  expect(mayPublish('gw-1', 'liftwatt/v1/gw-1/raw/zigbee2mqtt/plug 7', 0, inForce)).toEqual(mapped)
  expect(mayPublish('gw-1', 'zigbee2mqtt/bridge/state', 1, inForce)).toMatchObject({ mappingVersion: 3 })
  expect(mayPublish('gw-1', 'liftwatt/v1/gw-1/raw/telemetry', 1, inForce)).toEqual({ deviceId: 'raw' })
  expect(mayPublish('gw-1', 'zigbee2mqtt/plug 7', 2, inForce)).toMatchObject({ reason: 'qos-2' })
  expect(mayLeaveWill('gw-1', { topic: 'zigbee2mqtt/bridge/state', qos: 1 }, inForce)).toBeUndefined()
})

test.each([
  ['another gateway, which its widest rule would fit', 'liftwatt/v1/gw-2/lift-7/telemetry', 'foreign-topic'],
  ['what is raw of another gateway', 'liftwatt/v1/gw-2/raw/zigbee2mqtt/plug', 'wrong-topic'],
  ['another gateway behind its own prefix', 'liftwatt/v1/gw-1/raw/liftwatt/v1/gw-2/x/telemetry', 'wrong-topic'],
  ['the broker itself', '$SYS/v1/x/y/telemetry', 'wrong-topic'],
  ['the broker behind its own prefix', 'liftwatt/v1/gw-1/raw/$SYS/v1/x/y/telemetry', 'wrong-topic'],
  ['its own commands', 'liftwatt/v1/gw-1/commands', 'wrong-topic'],
  ['a topic that the mapping does not name', 'zigbee2mqtt', 'wrong-topic'],
  ['a level more than the mapping has', 'zigbee2mqtt/plug/set', 'wrong-topic'],
  ['a name without end', `zigbee2mqtt/${'x'.repeat(600)}`, 'wrong-topic'],
])('a mapping lets no gateway publish for %s', (_, topic, reason) => {
  expect(mayPublish('gw-1', topic, 1, inForce)).toMatchObject({ reason })
})
