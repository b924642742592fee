import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSettings } from '../core/settings.ts'
import { examine, influx } from './doctor.ts'

let server: Server
let origin: string
let status: number
let asked: IncomingMessage[]

beforeEach(async () => {
  status = 204
  asked = []
  server = createServer((request, response) => {
    asked.push(request)
    response.writeHead(status, { 'x-influxdb-version': '1.8.10' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
})

test('InfluxDB behind a path is asked below that path, with the credentials; only its origin is told', async () => {
  const credentials = { INFLUX_USERNAME: 'lift', INFLUX_PASSWORD: 'hush' }
  const text = await influx(readSettings({ INFLUX_URL: `${origin}/secret-path/`, ...credentials }))
  expect(text).toBe(`answers at ${origin}, version 1.8.10`)
  expect(asked[0]?.url).toBe('/secret-path/ping')
  expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('lift:hush').toString('base64')}`)
})

test('a door that answers, but not as InfluxDB does, is not taken for well', async () => {
  status = 404
  await expect(influx(readSettings({ INFLUX_URL: origin }))).rejects.toThrow(`${origin} answers with status 404`)
})

test('nobody there is said in one sentence', async () => {
  server.close()
  server.closeAllConnections()
  await expect(influx(readSettings({ INFLUX_URL: origin }))).rejects.toThrow(/does not answer: .*ECONNREFUSED/)
})

test('a data directory that is not there yet is looked at from above, and is not made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liftwatt-doctor-'))
  writeFileSync(join(folder, 'file'), '')
  const found = async (name: string, data: string) => {
    const findings = await examine({ LIFTWATT_DATA: data, HTTP_PORT: '0', MQTT_PORT: '0' })
    return findings.find((finding) => finding.name === name)
  }
  try {
    const missing = join(folder, 'var', 'liftwatt')
    const canBeMade = { ok: true, text: `${missing} is not there yet; it can be made, for ${folder} can be written` }
    expect(await found('data directory', missing)).toMatchObject(canBeMade)
    expect((await found('disk', missing))?.text).toMatch(/GiB free$/)
    expect(existsSync(join(folder, 'var'))).toBe(false)

    expect(await found('data directory', folder)).toMatchObject({ ok: true, text: `${folder}, can be written` })
    const belowFile = { ok: false, text: expect.stringContaining(`${folder}/file is not a directory`) }
    expect(await found('data directory', join(folder, 'file', 'liftwatt'))).toMatchObject(belowFile)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
