import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import mqtt from 'mqtt-packet'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DeviceMessage } from './accept.ts'
import type { GuardControls } from './guard.ts'
import { createLane } from './lane.ts'

const known = new Map([
  ['liftwatt/v1/gw-1/lift-7/telemetry', 'lift-7'],
  ['liftwatt/v1/gw-1/meter-2/telemetry', 'meter-2'],
])
const drainTimeoutMs = 5_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A connection whose peer reads or not, and a journal that writes when it is told to. */
function openLane() {
  const holds = new Set<string>()
  const peer = { reads: true, received: [] as Buffer[], destroyedFor: undefined as Error | undefined }
  const socket = Object.assign(new EventEmitter(), {
    writable: true,
    write(bytes: Buffer) {
      peer.received.push(bytes)
      return peer.reads
    },
    destroy(error?: Error) {
      peer.destroyedFor = error
      socket.writable = false
      socket.emit('close')
    },
    pauseReading: (reason: string) => holds.add(reason),
    resumeReading: (reason: string) => holds.delete(reason),
  })
  const accepted: string[][] = []
  const done: ((error?: Error | null) => void)[] = []
  const lane = createLane({
    socket: socket as unknown as Socket & GuardControls,
    deviceOf: (topic) => known.get(topic),
    accept(messages: readonly DeviceMessage[], whenDone) {
      accepted.push(messages.map(({ deviceId, payload }) => `${deviceId} ${Buffer.from(payload)}`))
      done.push(whenDone)
    },
    drainTimeoutMs,
  })
  const acknowledged = () =>
    Array.from({ length: Buffer.concat(peer.received).length / 4 }, (_, index) => {
      const packet = Buffer.concat(peer.received).subarray(index * 4)
      expect([packet[0], packet[1]]).toEqual([0x40, 2])
      return packet.readUInt16BE(2)
    })
  return { lane, socket, peer, holds, accepted, done, acknowledged }
}

function publish(messageId: number, payload: string, fields: object = {}): Buffer {
  const topic = 'liftwatt/v1/gw-1/lift-7/telemetry'
  return mqtt.generate({
    ...{ cmd: 'publish', topic, payload, qos: 1, messageId, retain: false, dup: false },
    ...fields,
  } as mqtt.Packet)
}
const toMeter = { topic: 'liftwatt/v1/gw-1/meter-2/telemetry' }

test('messages to topics that were published to before are taken together, and acknowledged in their order when they are on disk', () => {
  const { lane, accepted, done, acknowledged } = openLane()
  const long = 'x'.repeat(20_000)
  const packets = Buffer.concat([
    publish(1, 'a'),
    publish(65_535, 'b', toMeter),
    publish(300, '', { dup: true, retain: true }),
    publish(7, long),
  ])

  expect(lane(packets)).toBe(packets.length)
  expect(accepted).toEqual([['lift-7 a', 'meter-2 b', 'lift-7 ', `lift-7 ${long}`]])
  expect(acknowledged()).toEqual([])
  done[0]?.(null)
  expect(acknowledged()).toEqual([1, 65_535, 300, 7])
})

test.each([
  ['a topic that is new', publish(2, 'b', { topic: 'liftwatt/v1/gw-1/lift-8/telemetry' })],
  ['another gateway', publish(2, 'b', { topic: 'liftwatt/v1/gw-2/lift-7/telemetry' })],
  ['the same with a character beyond ASCII', publish(2, 'b', { topic: 'liftwatt/v1/gw-1/lïft-7/telemetry' })],
  ['QoS 0', publish(2, 'b', { qos: 0, messageId: undefined })],
  ['QoS 2', publish(2, 'b', { qos: 2 })],
  ['no message', mqtt.generate({ cmd: 'pingreq' })],
])('%s is left to aedes, with all that stands behind it', (_, other) => {
  const { lane, accepted } = openLane()
  const first = publish(1, 'a')

  expect(lane(Buffer.concat([first, other, publish(3, 'c')]))).toBe(first.length)
  expect(accepted).toEqual([['lift-7 a']])
  expect(lane(Buffer.concat([other, publish(3, 'c')]))).toBe(0)
  expect(accepted).toHaveLength(1)
})

test('what is not on disk is not acknowledged: the connection is closed', () => {
  const { lane, peer, done, acknowledged } = openLane()
  lane(publish(1, 'a'))
  done[0]?.(new Error('disk full'))
  expect(peer.destroyedFor?.message).toBe('disk full')
  expect(acknowledged()).toEqual([])
})

test('a connection that is gone meanwhile is not written to', () => {
  const { lane, socket, done, acknowledged } = openLane()
  lane(publish(1, 'a'))
  socket.destroy()
  done[0]?.(null)
  expect(acknowledged()).toEqual([])
})

test('who does not read his PUBACKs is not read, until he does', () => {
  const { lane, socket, peer, holds, done } = openLane()
  peer.reads = false
  lane(publish(1, 'a'))
  lane(publish(2, 'b'))
  for (const whenDone of done) whenDone(null)
  expect(holds.size).toBe(1)

  vi.advanceTimersByTime(drainTimeoutMs - 1)
  socket.emit('drain')
  expect(holds.size).toBe(0)
  vi.advanceTimersByTime(drainTimeoutMs)
  expect(peer.destroyedFor).toBeUndefined()
  expect([socket.listenerCount('drain'), socket.listenerCount('close')]).toEqual([0, 0])
})

test('and is cut off when he does not in time', () => {
  const { lane, peer, done } = openLane()
  peer.reads = false
  lane(publish(1, 'a'))
  done[0]?.(null)
  vi.advanceTimersByTime(drainTimeoutMs)
  expect(peer.destroyedFor?.message).toBe('drain timeout')
  expect(vi.getTimerCount()).toBe(0)
})
