import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSettings } from '../core/settings.ts'
import { envExample, shownSettings } from './config.ts'

test('.env.example is what the settings schema says', () => {
  expect(readFileSync(new URL('../.env.example', import.meta.url), 'utf8').trimEnd()).toBe(envExample())
})

test('without any setting, the defaults of the contract hold', () => {
  expect(readSettings({ PATH: '/bin', HOME: '/root' })).toMatchObject({
    LIFTWATT_DATA: './data',
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 8080,
    MQTT_HOST: '0.0.0.0',
    MQTT_PORT: 1883,
    INFLUX_DATABASE: 'liftwatt',
    LIFTWATT_ROLES: ['broker', 'ingest', 'analytics', 'api'],
    GATEWAY_MAX_MESSAGES_PER_SECOND: 1000,
    GATEWAY_MAX_BYTES_PER_SECOND: 1_048_576,
  })
})

test('every wrong setting is named at once, and secrets are not repeated', () => {
  const wrong = () =>
    readSettings({
      HTTP_PORT: 'eighty',
      MQTT_PORT: '70000',
      LIFTWATT_OPERATOR_TOKEN: 'too-short-secret',
      DATABASE_URL: 'mysql://user:hush@host/db',
      MQTTS_PORT: '8883',
      LIFTWATT_ROLES: 'broker,api',
      LIFTWATT_DATTA: '/tmp',
    })

  expect(wrong).toThrow(/HTTP_PORT: .*"eighty"/)
  for (const name of ['MQTT_PORT', 'LIFTWATT_OPERATOR_TOKEN', 'DATABASE_URL', 'LIFTWATT_DATTA']) {
    expect(wrong).toThrow(new RegExp(`${name}: `))
  }
  expect(wrong).not.toThrow(/too-short-secret|hush/)
})

test('a door over TLS takes all of its settings; one process does everything', () => {
  expect(() => readSettings({ MQTTS_PORT: '8883' })).toThrow(/TLS_CERT: .*\n {2}TLS_KEY: /)
  expect(() => readSettings({ TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' })).toThrow(/: *\n {2}MQTTS_PORT: is needed.*$/)
  expect(() => readSettings({ LIFTWATT_ROLES: 'broker,api' })).toThrow(
    /LIFTWATT_ROLES: one process does everything .* without ingest and analytics .* set broker,ingest,analytics,api$/,
  )
  expect(readSettings({ LIFTWATT_ROLES: 'api, analytics ,ingest,broker' }).LIFTWATT_ROLES).toHaveLength(4)
})

test('to sign in at another service takes all of its settings, and an address there that nobody can listen to', () => {
  const one = { OIDC_ISSUER: 'https://id.example/realms/city' }
  expect(() => readSettings(one)).toThrow(/OIDC_CLIENT_ID: .*\n {2}OIDC_CLIENT_SECRET: .*\n {2}PUBLIC_URL: /)
  expect(() => readSettings({ OIDC_ISUER: one.OIDC_ISSUER })).toThrow('is OIDC_ISSUER meant?')
  const all = { ...one, OIDC_CLIENT_ID: 'liftwatt', OIDC_CLIENT_SECRET: 'hush', PUBLIC_URL: 'https://lw.example/' }
  expect(readSettings(all)).toMatchObject({ ...all, PUBLIC_URL: 'https://lw.example' })
  expect(shownSettings(all).OIDC_CLIENT_SECRET).toBe('(set)')
  expect(() => readSettings({ ...all, OIDC_ISSUER: 'http://id.example' })).toThrow('OIDC_ISSUER: must be https')
  expect(readSettings({ ...all, OIDC_ISSUER: 'http://127.0.0.1:9000' }).OIDC_ISSUER).toBe('http://127.0.0.1:9000')
})

test('what one setting needs of another is named beside a wrong one', () => {
  const wrong = () => readSettings({ HTTP_PORT: 'abc', MQTTS_PORT: '8883', LIFTWATT_ROLES: 'api' })
  for (const name of ['HTTP_PORT', 'TLS_CERT', 'TLS_KEY', 'LIFTWATT_ROLES']) expect(wrong).toThrow(`${name}: `)
  expect(() => readSettings({ LIFTWATT_ROLES: 'broker,cook' })).not.toThrow(/without/)
})

test('what belongs to InfluxDB is not silently unused', () => {
  const given = { INFLUX_TOKEN: 'hush', INFLUX_DATABASE: 'other' }
  expect(() => readSettings(given)).toThrow('INFLUX_URL: is needed for INFLUX_TOKEN and INFLUX_DATABASE')
  expect(readSettings({ ...given, INFLUX_URL: 'http://host:8086' })).toMatchObject(given)
  expect(readSettings({ INFLUX_DATABASE: 'liftwatt' }).INFLUX_URL).toBeUndefined()
})

test.each<[string, Record<string, string>]>([
  ['MQTT_PORT', { MQTT_PORT: '8080' }],
  ['MQTT_PORT', { MQTT_PORT: '9000', MQTT_HOST: '10.0.0.1', HTTP_PORT: '9000', HTTP_HOST: '10.0.0.1' }],
  ['MQTT_PORT', { MQTT_PORT: '9000', HTTP_PORT: '9000', HTTP_HOST: '::' }],
  ['MQTTS_PORT', { MQTTS_PORT: '1883', TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' }],
])('two doors cannot be at one port: %s is to be another in %o', (name, given) => {
  expect(() => readSettings(given)).toThrow(`${name}: must be another port than`)
})

test('doors at one port of different addresses, or at any free port, do not meet', () => {
  const one = { HTTP_PORT: '9000', MQTT_PORT: '9000' }
  expect(readSettings({ ...one, MQTT_HOST: '10.0.0.1' })).toMatchObject({ MQTT_PORT: 9000 })
  expect(readSettings({ ...one, HTTP_HOST: '::1' })).toMatchObject({ MQTT_PORT: 9000 })
  const tls = { MQTTS_PORT: '0', TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' }
  expect(readSettings({ HTTP_PORT: '0', MQTT_PORT: '0', ...tls })).toMatchObject({ MQTTS_PORT: 0 })
})

test.each(['with a blank'.repeat(4), `${'x'.repeat(32)}\n`, '\u7535'.repeat(32)])(
  'a token that no header can carry is refused, and not repeated',
  (token) => {
    const wrong = () => readSettings({ LIFTWATT_OPERATOR_TOKEN: token })
    expect(wrong).toThrow(/LIFTWATT_OPERATOR_TOKEN: must be of ASCII .*without blanks/)
    expect(wrong).not.toThrow(token)
  },
)

test.each([
  ['DATABASE_URL', 'mysql://host/db', 'must begin with postgres:// or postgresql://, such as postgres://user'],
  ['INFLUX_URL', '127.0.0.1:8086', 'must begin with http:// or https://, such as http://host:8086'],
  ['PUBLIC_URL', 'foo', 'must begin with http:// or https://, such as https://liftwatt.example.org'],
  ['OIDC_ISSUER', 'id.example', 'must begin with http:// or https://, such as https://id.example.org/realms/city'],
  ['HEARTBEAT_URL', 'foo', 'must begin with http:// or https://, such as https://'],
])('%s says what kind of address it is', (name, value, wanted) => {
  expect(() => readSettings({ [name]: value })).toThrow(`${name}: ${wanted}`)
})

test('a blank value is as good as none, and is not port 0', () => {
  expect(readSettings({ HTTP_PORT: ' ', MQTTS_PORT: '\t', TLS_CERT: '' })).toMatchObject({ HTTP_PORT: 8080 })
  expect(readSettings({ MQTTS_PORT: ' ' }).MQTTS_PORT).toBeUndefined()
  expect(readSettings({ HTTP_PORT: '0' }).HTTP_PORT).toBe(0)
})

test.each(['http://user:s3cret@host', 'http://s3cret@host:8086/influx', 'http://host:8086?u=me&p=s3cret'])(
  'an INFLUX_URL with credentials in it (%s) is refused, naming where they go, and not repeated',
  (url) => {
    const wrong = () => readSettings({ INFLUX_URL: url })
    expect(wrong).toThrow(/INFLUX_URL: .*INFLUX_USERNAME and INFLUX_PASSWORD/)
    expect(wrong).not.toThrow(/s3cret/)
  },
)

test('an INFLUX_URL may have a port and a path', () => {
  expect(readSettings({ INFLUX_URL: 'https://host:8086/influx/' }).INFLUX_URL).toBe('https://host:8086/influx/')
})

test('NATS_URL is refused rather than ignored: it is not built yet', () => {
  expect(() => readSettings({ NATS_URL: 'https://example.org/x' })).toThrow(
    'NATS_URL: this version does not have it yet',
  )
  expect(readSettings({ NATS_URL: '' })).toBeDefined()
})

test('PUBLIC_URL is an address that links are appended to; HEARTBEAT_URL may hold a secret, which is not shown', () => {
  const given = { PUBLIC_URL: 'https://host/liftwatt/', HEARTBEAT_URL: 'https://ping.example.org/hush?x=1' }
  expect(readSettings(given)).toMatchObject({ ...given, PUBLIC_URL: 'https://host/liftwatt' })
  expect(shownSettings(given)).toMatchObject({ HEARTBEAT_URL: '(set)', PUBLIC_URL: 'https://host/liftwatt' })

  expect(() => readSettings({ PUBLIC_URL: 'host:8080' })).toThrow('PUBLIC_URL: must begin with')
  expect(() => readSettings({ PUBLIC_URL: 'https://host/?a=1' })).toThrow('PUBLIC_URL: is only the address')
  const wrong = () => readSettings({ HEARTBEAT_URL: 'ftp://host/hush' })
  expect(wrong).toThrow('HEARTBEAT_URL: must begin with')
  expect(wrong).not.toThrow(/hush/)
})

test('TRUSTED_PROXIES are addresses and networks, none by default, and never everybody', () => {
  expect(readSettings({}).TRUSTED_PROXIES).toEqual([])
  const given = { TRUSTED_PROXIES: '127.0.0.1, 172.18.0.0/16,fd00::/8' }
  expect(readSettings(given).TRUSTED_PROXIES).toEqual(['127.0.0.1', '172.18.0.0/16', 'fd00::/8'])
  for (const wrong of ['proxy.example', '10.0.0.0/33', '0.0.0.0/0', '::/0', 'true', '1']) {
    expect(() => readSettings({ TRUSTED_PROXIES: `10.0.0.1,${wrong}` })).toThrow('TRUSTED_PROXIES: must be addresses')
  }
})

test('what Kubernetes, InfluxDB and proxies set in the environment does not stop the service', () => {
  const environment = {
    LIFTWATT_SERVICE_HOST: '10.0.0.1',
    LIFTWATT_SERVICE_PORT: '8080',
    LIFTWATT_SERVICE_PORT_MQTT: '1883',
    LIFTWATT_PORT: 'tcp://10.0.0.1:8080',
    LIFTWATT_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    LIFTWATT_PORT_8080_TCP_ADDR: '10.0.0.1',
    MQTT_SERVICE_HOST: '10.0.0.2',
    MQTT_SERVICE_PORT: '1883',
    MQTT_PORT_1883_TCP_PROTO: 'tcp',
    GATEWAY_SERVICE_HOST: '10.0.0.3',
    INFLUX_ORG: 'us',
    INFLUX_HOST: 'http://localhost:8086',
    INFLUX_ACTIVE_CONFIG: 'default',
    HTTP_PROXY: 'http://proxy:3128',
    HTTPS_PROXY: 'http://proxy:3128',
    HTTPS_PORT: '443',
    NATS_TOKEN: 'x',
    PORT: '3000',
  }
  expect(readSettings(environment)).toEqual(readSettings({}))
})

test.each([
  ['HTTP_PROT', 'HTTP_PORT'],
  ['INFLUX_TOKN', 'INFLUX_TOKEN'],
  ['MQTTS_HOST', 'MQTT_HOST'],
  ['TLS_CERTS', 'TLS_CERT'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['LIFTWATT_DATTA', 'LIFTWATT_DATA'],
])('a slip of the finger is named: %s, and %s is proposed', (slip, meant) => {
  expect(() => readSettings({ [slip]: '1' })).toThrow(`${slip}: there is no such setting; is ${meant} meant?`)
})

test('a name that can only be meant for us is refused however wrong it is', () => {
  for (const name of ['GATEWAY_MAX_READINGS', 'JOURNAL_DAYS', 'READINGS_AGE', 'LIFTWATT_COLOUR'])
    expect(() => readSettings({ [name]: '1' })).toThrow(`${name}: there is no such setting`)
})

test('as JSON, every setting has its value, what is not set is null, and secrets are only said to be there', () => {
  const hush = { LIFTWATT_OPERATOR_TOKEN: 'hush'.repeat(8), DATABASE_URL: 'postgres://me:hush@host/db' }
  const shown = shownSettings({ ...hush, INFLUX_URL: 'http://host', INFLUX_PASSWORD: 'hush', HTTP_PORT: '81' })
  expect(shown).toMatchObject({ HTTP_PORT: 81, LOG_LEVEL: 'info', MQTTS_PORT: null, INFLUX_TOKEN: null })
  expect(shown).toMatchObject({ LIFTWATT_OPERATOR_TOKEN: '(set)', DATABASE_URL: '(set)', INFLUX_PASSWORD: '(set)' })
  expect(JSON.stringify(shown)).not.toContain('hush')
})
