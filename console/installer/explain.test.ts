import { afterAll, beforeEach, expect, test } from 'vitest'
import { quarantineReasons } from '../../core/quarantine.ts'
import { language, languages } from '../shared/language.ts'
import { explain, explainLate } from './explain.ts'
import { breakIn, clockErrorOf, excerpt, memberIn, type Trouble, textOf, troublesOf } from './trouble.ts'

const at = { gatewayId: 'gw-7', deviceId: 'elv-1' }
const hourMs = 3_600_000
const now = Date.parse('2026-11-24T02:14:07.000Z')

beforeEach(() => {
  language.value = 'en'
})
afterAll(() => {
  language.value = 'zh-CN'
})

function atTheDoor(reason: string, text = ''): Trouble {
  return { at: now, reason, text, message: null }
}

function inMessage(reason: string, text: string, path = '$', deviceId = 'elv-1'): Trouble {
  return { at: now, reason, text, message: { deviceId, path, raw: '', isMapped: false } }
}

/** As ingest says it. */
function aheadBy(ms: number): Trouble {
  const iso = (time: number) => new Date(time).toISOString()
  return inMessage('clock-ahead', `${iso(now + ms)} is in the future; received at ${iso(now)}`, '$.at')
}

test('a wrong topic is named, and the right one is there to be copied', () => {
  const text = '"t/gw-7/data" is not a telemetry topic; publish to liftwatt/v1/gw-7/<device>/telemetry'

  const { title, mend } = explain(atTheDoor('wrong-topic', text), at)
  expect(title).toBe('The topic is t/gw-7/data.')
  expect(mend).toContain('liftwatt/v1/gw-7/elv-1/telemetry')
})

test('a topic with quotes in it is told whole', () => {
  const text = '"t/<b title="x">" is not a telemetry topic; publish to liftwatt/v1/gw-7/<device>/telemetry'
  expect(explain(atTheDoor('wrong-topic', text), at).title).toBe('The topic is t/<b title="x">.')
})

test.each([
  ['bad-time', 'a time is expected here, this is "x"', 'Where the mapping looks for the time there is none'],
  ['clock-too-old', '1970-01-21T10:48:00.000Z is too long ago', 'The time is in seconds, and the mapping reads'],
  ['unknown-device', '"SN 9" is no id, and the mapping has no device for it', 'There is no device "SN 9".'],
  ['unknown-device', 'No device meter-9 is registered', 'There is no device meter-9.'],
  ['unknown-device', 'the name of a device is expected, this is nothing', 'there is no name of one'],
  ['foreign-device', 'Device meter-2 belongs to another gateway', 'The device meter-2 belongs to another gateway.'],
])('of a message in the gateway’s own words, %s is told by the mapping: %s', (reason, text, title) => {
  const message = { deviceId: 'acme/up', path: '$.list[1]', raw: '', isMapped: true }
  const explained = explain({ at: now, reason, text, message }, at)
  expect(explained.title).toContain(title)
  expect(explained.mend).not.toMatch(/“at”|third part of the topic/)
})

test.each([
  [8 * hourMs, 'The clock is 8 h ahead.', 'local time'],
  [8 * hourMs - 3 * 60_000, 'The clock is 8 h ahead.', 'local time'],
  [5.5 * hourMs, 'The clock is 5.5 h ahead.', 'local time'],
  [17 * 60_000, 'The clock is 17 min ahead.', 'NTP'],
  [40 * 24 * hourMs, 'The clock is 40 days ahead.', 'NTP'],
])('a clock that is %d ms ahead', (ms, title, mend) => {
  expect(explain(aheadBy(ms), at).title).toBe(title)
  expect(explain(aheadBy(ms), at).mend).toContain(mend)
})

test('a reading of just now is not late; one of 8 h ago may be a time zone, one of 20 min ago a slow clock', () => {
  expect(explainLate(now - 60_000, now)).toBeNull()
  expect(explainLate(now - 8 * hourMs, now)?.title).toBe('The clock is 8 h behind.')
  expect(explainLate(now - 20 * 60_000, now)?.title).toBe('The reading was 20 min old when it came.')
})

test('no zone is 15 h off, and none is 17 min off', () => {
  expect(clockErrorOf(15 * hourMs).zoneHours).toBeNull()
  expect(clockErrorOf(17 * 60_000).zoneHours).toBeNull()
  expect(clockErrorOf(30 * 60_000).zoneHours).toBeNull()
  expect(clockErrorOf(8 * hourMs + 5 * 60_000).zoneHours).toBeNull()
  expect(clockErrorOf(-8 * hourMs).zoneHours).toBe(-8)
})

test('seconds instead of milliseconds are recognised', () => {
  const text = '1970-01-21T10:00:00.000Z is too long ago (seconds instead of milliseconds?)'
  expect(explain(inMessage('clock-too-old', text, '$.at'), at).title).toContain('in seconds')
})

test('bad JSON is said with its column, and shown where it breaks', () => {
  const text = 'not JSON: it breaks at column 22'
  expect(explain(inMessage('bad-json', text), at).title).toContain('column 22')

  const place = breakIn(text)
  expect(place && excerpt('{"at": 1764000000000 "values": {}}', place)).toEqual({
    before: '{"at": 1764000000000 ',
    at: '"',
    after: 'values": {}}',
  })
})

test('a payload that ends too early is shown to its end; one of several lines by its line', () => {
  const end = breakIn('not JSON: it ends too early, after column 9')
  expect(end && excerpt('{"at": 17', end)).toEqual({ before: '{"at": 17', at: '', after: '' })

  const second = breakIn('not JSON: it breaks at line 2, column 3')
  expect(second && excerpt('{"at": 1,\n  x}', second)).toEqual({ before: '  ', at: 'x', after: '}' })
})

test.each([
  ['$.values.motorTemp', 'There is no metric motorTemp.'],
  ['$.values["motor temp"]', 'There is no metric motor temp.'],
  ['$[3].values["<b>"]', 'There is no metric <b>.'],
  ['$.motorCelsius', 'motorCelsius stands beside “values”.'],
])('an unknown metric at %s', (path, title) => {
  expect(explain(inMessage('unknown-metric', 'elevator has no metric of this name', path), at).title).toBe(title)
})

test('a value that cannot be is told with what it was', () => {
  const { title, mend } = explain(
    inMessage('out-of-range', 'Too big: expected number to be <=400; this is 6120', '$.values.motorCelsius'),
    at,
  )
  expect(title).toContain('motorCelsius')
  expect(mend).toContain('6120')
})

test('a wrong client id is named; a password in its place is not', () => {
  const said = (given: string) => `The MQTT client id must be the gateway's id (gw-7), this is ${given}`

  expect(explain(atTheDoor('wrong-client-id', said('"mqttjs_12"')), at).title).toContain('mqttjs_12')
  expect(explain(atTheDoor('wrong-client-id', said('a password')), at).title).toContain('password')
})

/** What the door may say, of `docs/mqtt.md`. */
const ofTheDoor = [
  ...['wrong-client-id', 'wrong-credentials', 'foreign-will', 'foreign-topic', 'wrong-topic', 'qos-2'],
  ...[
    'packet-too-large',
    'malformed-packet',
    'protocol-violation',
    'keepalive-timeout',
    'foreign-subscription',
    'revoked',
  ],
]

test.each(languages)('every reason is told in words of its own in %s', (spoken) => {
  language.value = spoken
  const { title: unknown } = explain(atTheDoor('never-heard-of', 'x'), at)

  for (const reason of [...quarantineReasons, ...ofTheDoor]) {
    const { title, mend } = explain(inMessage(reason, 'x'), at)
    expect(title, reason).not.toBe(unknown)
    expect(mend, reason).not.toBe('')
  }
})

test.each(['never-heard-of', 'constructor', '__proto__'])(
  'a reason %s that is new here is told as the service says it',
  (reason) => {
    expect(explain(atTheDoor(reason, 'Says the service'), at).mend).toBe('Says the service')
  },
)

const raw = btoa('{"at": 1}')

test('what is in quarantine and among the refusals is said once; with the bytes', () => {
  const iso = new Date(now).toISOString()
  const fault = { path: '$', reason: 'bad-json', text: 'not JSON' } as const
  const item = {
    receivedAt: iso,
    gatewayId: 'gw-7',
    deviceId: 'elv-1',
    reason: 'bad-json',
    faults: [fault],
    raw,
  } as const
  const refusals = [
    { at: iso, reason: 'bad-json', text: 'elv-1: not JSON (at $)' },
    { at: iso, reason: 'wrong-topic', text: '"elv-1: x (at $)" is not a telemetry topic' },
  ]

  const troubles = troublesOf(refusals, [item])
  expect(troubles.map(({ reason }) => reason).sort()).toEqual(['bad-json', 'wrong-topic'])
  expect(troubles.find(({ reason }) => reason === 'bad-json')?.message?.raw).toBe('{"at": 1}')
})

test('one that is no longer in the page of the quarantine is still of its message', () => {
  const refusal = { at: new Date(now).toISOString(), reason: 'clock-ahead', text: 'elv-1: too soon (at $.at)' }
  expect(troublesOf([refusal], [])[0]).toEqual({
    at: now,
    reason: 'clock-ahead',
    text: 'too soon',
    message: { deviceId: 'elv-1', path: '$.at', raw: null, isMapped: false },
  })
})

test('bytes that are no text do not throw', () => {
  expect(textOf(btoa('\xff\xfe'))).toBe('\ufffd\ufffd')
  expect(memberIn('$.values["a\\"b"]')).toBe('a"b')
})

test('a time in microseconds is told as that, and not as one that is missing', () => {
  const text = '1764000000000000 is no time in milliseconds since 1970 (microseconds?)'
  expect(explain(inMessage('bad-time', text, '$.at'), at).title).toContain('microseconds')
})
