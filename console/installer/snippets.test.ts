import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { portFor, quoted, shellWord, snippet, type Target, tools } from './snippets.ts'

const target: Target = {
  host: '10.0.0.7',
  mqttPort: '1883',
  isTls: false,
  httpOrigin: 'http://10.0.0.7:8080',
  gatewayId: 'gw-7',
  deviceId: 'elv-1',
  password: 'secret_-1',
  values: { motorCelsius: 61.2, doorObstructed: false, mode: 'normal' },
}

/** What somebody may type as an address, or a password may be. */
const hostile = [
  `it's`,
  '$(touch /tmp/x)',
  '`id`',
  'a b',
  '"; rm -rf ~ #',
  '\\',
  'line\nbreak',
  '',
  '-rf',
  '</script>',
  '东苑',
]

/** What a shell makes of a snippet whose programs are replaced by one that prints its arguments. */
function argumentsOf(script: string): string[] {
  const printing = `mosquitto_pub() { printf '%s\\0' "$@"; }; curl() { printf '%s\\0' "$@"; }; date() { echo 1764000000; }\n`
  const printed = execFileSync('/bin/sh', ['-c', printing + script], { encoding: 'utf8' })
  return printed.split('\0').slice(0, -1)
}

test.each(hostile)('a shell takes %j as one word and does nothing else', (text) => {
  const printed = execFileSync('/bin/sh', ['-c', `printf '%s' ${shellWord(text)}`], { encoding: 'utf8' })
  expect(printed).toBe(text)
})

test.each(hostile)('%j is itself again for a program that reads it', (text) => {
  expect(JSON.parse(quoted(text))).toBe(text)
  expect(quoted(text)).toMatch(/^[\x20-\x7e]*$/)
})

test('mosquitto_pub sends one message of the device, measured now in milliseconds', () => {
  const sent = argumentsOf(snippet('mosquitto_pub', target))

  expect(sent.slice(0, 4)).toEqual(['-h', '10.0.0.7', '-p', '1883'])
  expect(sent.slice(4, 10)).toEqual(['-i', 'gw-7', '-u', 'gw-7', '-P', 'secret_-1'])
  expect(sent.slice(10, 14)).toEqual(['-q', '1', '-t', 'liftwatt/v1/gw-7/elv-1/telemetry'])
  expect(JSON.parse(sent[15] ?? '')).toEqual({ at: 1764000000000, values: target.values })
})

test.each(hostile.filter((text) => text !== ''))('an address like %j stays one argument of mosquitto_pub', (host) => {
  expect(argumentsOf(snippet('mosquitto_pub', { ...target, host }))[1]).toBe(host)
})

test('over TLS each tool says so', () => {
  const tls = { ...target, isTls: true, mqttPort: '8883' }

  expect(argumentsOf(snippet('mosquitto_pub', tls))).toContain('--tls-use-os-certs')
  expect(snippet('mqtt.js', tls)).toContain('"mqtts"')
  expect(snippet('Python', tls)).toContain('client.tls_set()')
})

test('a port that is none stays a text and becomes no code', () => {
  const wrong = { ...target, mqttPort: '1883, evil()' }

  expect(snippet('mqtt.js', wrong)).toContain('port: "1883, evil()"')
  expect(snippet('Python', wrong)).toContain('"1883, evil()")')
})

test('Python gets its own words for true and false', () => {
  expect(snippet('Python', target)).toContain('{"motorCelsius": 61.2, "doorObstructed": False, "mode": "normal"}')
})

describe('once the password is no longer known', () => {
  test.each(tools.filter((tool) => tool !== 'curl'))('%s has a place for it', (tool) => {
    expect(snippet(tool, { ...target, password: null })).toContain('PASSWORD')
  })
})

test('curl looks whether the service can be reached, and sends no secret', () => {
  const check = snippet('curl', target)

  expect(argumentsOf(check)).toContain('http://10.0.0.7:8080/healthz')
  expect(check).not.toContain('secret')
})

test.each([
  [{ host: 'mqtt.example', port: 1884, tlsPort: 8884 }, false, null, '1884'],
  [{ host: 'mqtt.example', port: 1884, tlsPort: 8884 }, true, null, '8884'],
  [{ host: 'mqtt.example', port: 1884, tlsPort: 8884 }, true, '443', '443'],
  [null, false, null, '1883'],
  [null, true, null, '8883'],
])('of the door %j, over TLS: %j, somebody wrote %j: the port is %s', (door, isTls, own, port) => {
  expect(portFor(door, isTls, own)).toBe(port)
})
