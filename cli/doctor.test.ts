import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSettings } from '../core/settings.ts'
import { takeDataDirectory } from '../stores/data-directory.ts'
import { examine, influx } from './doctor.ts'

const anyPort = { HTTP_PORT: '0', MQTT_PORT: '0' }

async function findingOf(name: string, environment: Record<string, string>) {
  const findings = await examine({ ...anyPort, ...environment })
  return findings.find((finding) => finding.name === name)
}

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
  const found = (name: string, data: string) => findingOf(name, { LIFTWATT_DATA: data })
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

test('where the system makes nothing whatever the permissions say, the data directory cannot be made', async () => {
  expect(await findingOf('data directory', { LIFTWATT_DATA: '/proc/x' })).toMatchObject({
    ok: false,
    text: expect.stringMatching(/^(in \/proc nothing can be made|\/proc cannot be written) /),
  })
})

test('a lock that cannot be read is told as that, once', async () => {
  const data = mkdtempSync(join(tmpdir(), 'liftwatt-doctor-'))
  mkdirSync(join(data, 'lock'))
  try {
    const findings = await examine({ LIFTWATT_DATA: data, ...anyPort })
    const bad = findings.filter(({ ok }) => !ok)
    expect(bad).toMatchObject([{ name: 'lock', text: expect.stringContaining('cannot be seen') }])
  } finally {
    rmSync(data, { recursive: true })
  }
})

test('beside a running service it says of a port only what it sees, and of TLS whose settings it knows', async () => {
  const data = mkdtempSync(join(tmpdir(), 'liftwatt-doctor-'))
  const letGo = takeDataDirectory(data)
  const used = String((server.address() as AddressInfo).port)
  try {
    const findings = await examine({ LIFTWATT_DATA: data, HTTP_PORT: used, MQTT_HOST: '127.0.0.1', MQTT_PORT: '0' })
    const told = (name: string) => findings.find((finding) => finding.name === name)
    expect(told('lock')?.text).toMatch(
      `held by the running service, process ${process.pid}; what is said here of settings`,
    )
    expect(told('HTTP port')).toEqual({
      ...{ name: 'HTTP port', ok: true },
      text: `127.0.0.1:${used} is in use; whether by the running service cannot be seen from here`,
    })
    expect(told('MQTT port')?.text).toBe('127.0.0.1:0 is free: the running service does not listen there')
    expect(told('MQTTS port')?.text).toBe('not used by these settings')
    expect(told('TLS')?.text).toBe('not used by these settings: what gateways send is not encrypted')
  } finally {
    letGo()
    rmSync(data, { recursive: true })
  }
})

test('TLS: files, pair and port are looked at', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liftwatt-doctor-'))
  const [TLS_CERT, TLS_KEY] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(TLS_CERT, rootCertificates[0] ?? '')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(TLS_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const given = {
    MQTT_HOST: '127.0.0.1',
    MQTTS_PORT: String((server.address() as AddressInfo).port),
    TLS_CERT,
    TLS_KEY,
  }
  const wrong = (text: unknown) => ({ ok: false, text })
  try {
    expect(await findingOf('TLS', given)).toMatchObject(
      wrong('TLS_CERT and TLS_KEY: the key is not that of the certificate'),
    )
    expect(await findingOf('TLS', { ...given, TLS_KEY: '/no/key' })).toMatchObject(
      wrong(expect.stringMatching(/^TLS_KEY: ENOENT/)),
    )
    expect(await findingOf('TLS', { ...given, TLS_CERT: TLS_KEY })).toMatchObject(
      wrong(expect.stringMatching(/^TLS_CERT: /)),
    )
    expect(await findingOf('MQTTS port', given)).toMatchObject(wrong(expect.stringContaining('EADDRINUSE')))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a database that does not answer is told once; the clock is then not known, rather than wrong', async () => {
  server.close()
  server.closeAllConnections()
  const findings = await examine({ DATABASE_URL: origin.replace('http', 'postgres'), ...anyPort })
  expect(findings.find(({ name }) => name === 'database')?.ok).toBe(false)
  expect(findings.find(({ name }) => name === 'clock')).toMatchObject({
    ok: true,
    text: expect.stringContaining('cannot be compared'),
  })
})
