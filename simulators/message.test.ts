import { expect, test } from 'vitest'
import { telemetryTopic } from '../core/topic.ts'
import { encodeReading, packMessages } from './message.ts'

const watts = (deviceId: string, at: number) => encodeReading('gw-1', deviceId, { at, values: { watts: 60 } })
const remainingBytes = ({ topic, payload }: { topic: string; payload: string }) =>
  2 + Buffer.byteLength(topic) + 2 + Buffer.byteLength(payload)

test('a reading alone is sent bare, several of one device as an array in their order', () => {
  const messages = packMessages('gw-1', [watts('m1', 1), watts('m2', 2), watts('m1', 3)])

  expect(messages.map(({ topic, payload }) => [topic, JSON.parse(payload)])).toEqual([
    [
      'liftwatt/v1/gw-1/m1/telemetry',
      [
        { at: 1, values: { watts: 60 } },
        { at: 3, values: { watts: 60 } },
      ],
    ],
    ['liftwatt/v1/gw-1/m2/telemetry', { at: 2, values: { watts: 60 } }],
  ])
})

test('a message has at most 500 readings', () => {
  const entries = Array.from({ length: 1_001 }, (_, at) => watts('m1', at))

  expect(packMessages('gw-1', entries).map((message) => message.entries.length)).toEqual([500, 500, 1])
})

test('a packet stays under 64 KiB, in bytes and not in characters, and is filled as far as it goes', () => {
  const entries = Array.from({ length: 400 }, (_, at) =>
    encodeReading('gw-1', 'lift', { at, values: { faultCode: '门锁故障'.repeat(20 + (at % 7)) } }),
  )
  const messages = packMessages('gw-1', entries)

  expect(messages.flatMap((message) => message.entries)).toEqual(entries)
  for (const message of messages) expect(remainingBytes(message)).toBeLessThan(65_536)
  for (const message of messages.slice(0, -1)) expect(remainingBytes(message)).toBeGreaterThan(65_536 - 600)
})

test('the largest reading that fits in a packet is sent, one byte more is refused at once', () => {
  const frame = remainingBytes({ topic: telemetryTopic('gw-1', 'e1'), payload: '{"at":1,"values":{"faultCode":""}}' })
  const ofBytes = (bytes: number) =>
    encodeReading('gw-1', 'e1', { at: 1, values: { faultCode: 'x'.repeat(bytes - frame) } })
  const [message] = packMessages('gw-1', [ofBytes(65_535)])

  expect(message && remainingBytes(message)).toBe(65_535)
  expect(() => ofBytes(65_536)).toThrow('larger than a message may be')
})

test.each([
  ['a device id that would be another topic', 'm/1', { at: 1, values: {} }, '"m/1" is not a device id'],
  ['a sensor that answers NaN', 'm1', { at: 1, values: { watts: Number.NaN } }, 'watts of m1 is NaN'],
  ['a clock that answers nothing', 'm1', { at: Number.NaN, values: {} }, 'time of a reading of m1'],
])('%s is refused in words', (_, deviceId, reading, sentence) => {
  expect(() => encodeReading('gw-1', deviceId, reading)).toThrow(sentence)
})
