import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '../core/settings.ts'
import { telemetryTopic } from '../core/topic.ts'
import { caughtUp } from './judge.ts'
import { addGateway, connackCode, connectPacket, logIn, publishOnce } from './raw-mqtt.ts'
import { eventually, postmasterPid, type ServiceUnderTest, startService } from './service.ts'

// What lies open: secrets at their start and at rest, and ports.

let one: ServiceUnderTest
let other: ServiceUnderTest
beforeAll(async () => {
  // MQTT_HOST empty: where the door stands open when nobody has said anything
  one = await startService({ environment: { LOG_LEVEL: 'trace', MQTT_HOST: '' } })
  other = await startService()
})
afterAll(async () => {
  await one?.remove()
  await other?.remove()
})

test('A38: two installations have different operator tokens and different gateway passwords', async () => {
  const [first, second] = await Promise.all([addGateway(one, 'same-name'), addGateway(other, 'same-name')])
  const secrets = [one.token, other.token, first.password, second.password]
  expect(new Set(secrets).size).toBe(4)
  for (const secret of secrets) expect(secret.length).toBeGreaterThanOrEqual(43) // 256 bits as base64url

  expect(await connackCode(other, connectPacket(first))).toBe(4)
  expect(await connackCode(other, connectPacket(second))).toBe(0)
  const { mode } = await stat(join(one.directory, 'operator-token'))
  expect(mode & 0o777).toBe(0o600)
})

test.each(['', 'liftwatt', 'admin', 'operator', 'changeme', 'null', 'undefined'])(
  'A38: the token "%s", which somebody may have thought of, opens nothing',
  async (token) => {
    const response = await fetch(`${one.httpUrl}/api/v1/gateways`, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(401)
  },
)

test('A38: the service does not start with a token that is too short, and does not repeat it', async () => {
  const short = 'only-31-characters-long-as-it-is'.slice(0, 31)
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-token-'))
  const started = startService({ directory, environment: { LIFTWATT_OPERATOR_TOKEN: short } }).then(
    () => 'it started',
    (cause: Error) => cause.message,
  )
  const message = await started
  expect(message).toContain('LIFTWATT_OPERATOR_TOKEN: must have at least 32 characters')
  expect(message).not.toContain(short)
  expect(await readdir(directory)).toEqual([])
  await rm(directory, { recursive: true })
})

test("A39: neither a gateway's password nor the operator's token lies in the data directory or in the log", async () => {
  const gateway = await addGateway(one, 'careful')
  const wrong = 'a-wrong-password-that-somebody-typed'
  const client = await logIn(one, gateway)
  await publishOnce(
    client,
    telemetryTopic('careful', 'meter-a39'),
    JSON.stringify({ at: Date.now(), values: { volts: 230 } }),
  )
  await connackCode(one, connectPacket({ id: 'careful', password: wrong }))
  // mistaken for the user name, and for the client id
  await connackCode(one, connectPacket({ id: gateway.password, password: 'careful' }))
  await connackCode(one, connectPacket(gateway, { clientId: 'another' }))
  const rotated = await one.api<{ password: string }>('POST', '/gateways/careful/rotate')
  await expect(one.api('GET', '/devices/meter-none')).rejects.toThrow('404')
  await fetch(`${one.httpUrl}/api/v1/devices`, { headers: { authorization: `Bearer ${one.token}x` } })
  await eventually('all is stored', () => caughtUp(one))
  client.leave()
  await one.stop() // what was in memory is written now

  const secrets = [gateway.password, rotated.password, wrong, one.token]
  const files = await filesUnder(one.directory)
  const tokenFile = join(one.directory, 'operator-token')
  expect(await holding(files, secrets)).toEqual([tokenFile])
  // the search finds what is there
  expect((await holding(files, ['meter-a39'])).length).toBeGreaterThan(1)

  // The first start shows the token, once, to whoever started it
  const [shown, ...more] = one
    .output()
    .split('\n')
    .filter((line) => secrets.some((secret) => line.includes(secret)))
  expect([shown, more]).toEqual([one.token, []])
  one = await one.restart()
  await logIn(one, { id: 'careful', password: rotated.password })
  expect(one.output()).not.toContain(one.token)
})

test('A39: what a gateway was refused for is not told with its password', async () => {
  const gateway = await addGateway(other, 'swapped')
  await connackCode(other, connectPacket({ id: gateway.password, password: 'swapped' }))
  await other.stop()
  expect(await holding(await filesUnder(other.directory), [gateway.password])).toEqual([])
  other = await other.restart()
})

test('A40: an installation that nobody has configured listens on two ports: HTTP for this machine, MQTT for gateways', async () => {
  expect(readSettings({})).toMatchObject({
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 8080,
    MQTT_HOST: '0.0.0.0',
    MQTT_PORT: 1883,
  })
  expect(readSettings({}).MQTTS_PORT).toBeUndefined()

  const processes = await processesOf(one)
  expect(processes.length).toBeGreaterThan(3) // PostgreSQL's are among them
  expect((await listeningOf(processes)).sort()).toEqual(
    [`tcp 0.0.0.0:${one.mqttPort}`, `tcp 127.0.0.1:${new URL(one.httpUrl).port}`].sort(),
  )
})

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** The files in which one of the texts stands, as it is or in the ways in which bytes are often written. */
async function holding(files: readonly string[], texts: readonly string[]): Promise<string[]> {
  const wanted = texts.flatMap((text) => [
    text,
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
  ])
  const found: string[] = []
  for (const file of files) {
    const bytes = await readFile(file).catch(() => undefined) // sockets and what is gone meanwhile
    if (bytes && wanted.some((text) => bytes.includes(text))) found.push(file)
  }
  return found
}

/** The service, PostgreSQL, and all that either has started. */
async function processesOf(service: ServiceUnderTest): Promise<number[]> {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const found = new Set([service.pid, (await postmasterPid(service.directory)) ?? 0])
  let before = 0
  while (before < found.size) {
    before = found.size
    for (const [pid = 0, parent = 0] of table) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** `tcp 127.0.0.1:8080` for each open door of these processes; see proc_pid_fd(5), proc_pid_net(5). */
async function listeningOf(processes: readonly number[]): Promise<string[]> {
  const inodes = new Set<string>()
  for (const pid of processes) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
      if (inode !== undefined) inodes.add(inode)
    }
  }
  const listening = { tcp: '0A', tcp6: '0A', udp: '07', udp6: '07' }
  const found: string[] = []
  for (const [protocol, state] of Object.entries(listening)) {
    const table = await readFile(`/proc/net/${protocol}`, 'utf8').catch(() => '')
    for (const line of table.trim().split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[3] === state && inodes.has(fields[9] ?? '')) found.push(`${protocol} ${addressOf(fields[1] ?? '')}`)
    }
  }
  return found
}

/** `0100007F:1F90` is 127.0.0.1:8080: the address in the machine's byte order, the port in the network's. */
function addressOf(hex: string): string {
  const [address = '', port = ''] = hex.split(':')
  if (address.length > 8) return `[${address}]:${Number.parseInt(port, 16)}`
  const bytes = [6, 4, 2, 0].map((from) => Number.parseInt(address.slice(from, from + 2), 16))
  return `${bytes.join('.')}:${Number.parseInt(port, 16)}`
}
