import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSettings } from '../core/settings.ts'
import { envExample } from './config.ts'

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

test('a door over TLS needs certificate and key; a part of the roles needs a journal that can be shared', () => {
  expect(() => readSettings({ MQTTS_PORT: '8883' })).toThrow(/TLS_CERT: .*\n {2}TLS_KEY: /)
  expect(() => readSettings({ LIFTWATT_ROLES: 'broker,api' })).toThrow(
    /LIFTWATT_ROLES: without ingest and analytics .*NATS_URL/,
  )
  expect(readSettings({ LIFTWATT_ROLES: 'api, analytics ,ingest,broker' }).LIFTWATT_ROLES).toHaveLength(4)
})
