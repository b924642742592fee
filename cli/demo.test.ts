import { expect, test } from 'vitest'
import { readSettings } from '../core/settings.ts'
import { demoEnvironment } from './demo.ts'

test("the demo never writes into the stores that the operator's shell names, and says which", () => {
  const { own, dropped } = demoEnvironment({
    DATABASE_URL: 'postgres://me:hush@production/liftwatt',
    INFLUX_URL: 'http://production:8086',
    INFLUX_TOKEN: 'hush',
    INFLUX_USERNAME: '',
    HTTP_PORT: '8090',
  })
  const settings = readSettings(own)
  expect(settings.DATABASE_URL).toBeUndefined()
  expect(settings.INFLUX_URL).toBeUndefined()
  expect(settings.INFLUX_TOKEN).toBeUndefined()
  expect(settings).toMatchObject({ HTTP_PORT: 8090, LIFTWATT_DATA: './data/demo', MQTT_HOST: '127.0.0.1' })
  expect(dropped).toEqual(['DATABASE_URL', 'INFLUX_URL', 'INFLUX_TOKEN'])
})

test('a shell without stores has nothing to be told, and its own directory is kept', () => {
  const { own, dropped } = demoEnvironment({ LIFTWATT_DATA: '/tmp/somewhere' })
  expect(own.LIFTWATT_DATA).toBe('/tmp/somewhere')
  expect(dropped).toEqual([])
})
