import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../simulators/random.ts'
import { describeWithEngine } from './engines/describe.ts'
import { findEngine } from './engines/find.ts'
import { freePort } from './free-port.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

const launcher = join(import.meta.dirname, '../bin/liftwatt.js')
let service: ServiceUnderTest
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liftwatt-cli-'))
  service = await startService()
})
afterAll(async () => {
  await service?.remove()
  await rm(folder, { recursive: true, force: true })
})

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** As an operator types it, beside the running service: same environment. */
function liftwatt(args: string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const env = {
    PATH: process.env.PATH ?? '',
    LIFTWATT_DATA: service.directory,
    HTTP_PORT: new URL(service.httpUrl).port,
    MQTT_PORT: String(service.mqttPort),
    ...environment,
  }
  return run(process.execPath, [launcher, ...args], env)
}

function run(command: string, args: string[], env: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}

interface StoredReading {
  at: string
  values: Record<string, unknown>
}

test('a recorded day goes through MQTT and comes back from the API, minute by minute, equal to the file', async () => {
  const random = seededRandom(20_261_124)
  const begin = Date.UTC(2026, 5, 1)
  const watts = Array.from({ length: 1_440 }, (_, minute) =>
    minute % 97 < 30 ? Math.round(random() * 20_000) / 10 : 0.5,
  )
  const rows = watts.map((value, minute) => `${new Date(begin + minute * 60_000).toISOString()},${value}`)
  await writeFile(join(folder, 'day.csv'), `time,power\n${rows.join('\n')}\n`)
  await writeFile(
    join(folder, 'day.json'),
    JSON.stringify({
      time: { column: 'time', format: 'iso' },
      device: { id: 'appliance-1' },
      metrics: { watts: { column: 'power' } },
    }),
  )

  const replay = [
    'replay',
    join(folder, 'day.csv'),
    '--mapping',
    join(folder, 'day.json'),
    '--kind',
    'electricity-meter',
  ]
  const replayed = await liftwatt([...replay, '--end-now', '--json'])
  expect(replayed).toMatchObject({ code: 0 })
  expect(JSON.parse(replayed.stdout)).toMatchObject({ readings: 1_440, devices: 1 })

  const stored = await eventually('all 1,440 readings are stored', async () => {
    const items = await service.list<StoredReading>('/devices/appliance-1/readings')
    return items.length >= 1_440 && items
  })
  expect(stored.map(({ values }) => values)).toEqual(watts.map((value) => ({ watts: value })))
  const minutes = stored.slice(1).map(({ at }, index) => Date.parse(at) - Date.parse(stored[index]?.at ?? ''))
  expect(new Set(minutes)).toEqual(new Set([60_000]))
  expect(Math.abs(Date.now() - Date.parse(stored.at(-1)?.at ?? ''))).toBeLessThan(60_000)
})

await describeWithEngine('mosquitto', 'with the real mosquitto_pub', () => {
  test('the line that "gateway add" prints can be pasted into a shell, and its reading arrives', async () => {
    const added = await liftwatt(['gateway', 'add', 'gw-paste', '--auto-register', 'elevator'])
    expect(added.code).toBe(0)
    const line = added.stdout.split('\n').find((text) => text.startsWith('mosquitto_pub')) ?? ''
    const engine = await findEngine('mosquitto')
    const binary = engine?.binaries.mosquitto_pub ?? 'mosquitto_pub'

    const published = await run('/bin/sh', ['-c', line.replace(/^mosquitto_pub/, () => `"${binary}"`)], {
      PATH: process.env.PATH ?? '',
      ...engine?.env,
    })
    expect(published).toMatchObject({ code: 0, stderr: '' })
    const items = await eventually('the reading is stored', async () => {
      const found = await service.list<StoredReading>('/devices/elevator-1/readings')
      return found.length > 0 && found
    })
    expect(items).toMatchObject([{ values: { floor: 3, doorState: 'closed', motorCelsius: 41.5 } }])
    expect(Math.abs(Date.now() - Date.parse(items[0]?.at ?? ''))).toBeLessThan(60_000)
  })
})

describe('gateway and device', () => {
  test('a gateway is added, listed, rotated and revoked; its password is shown once', async () => {
    const added = JSON.parse((await liftwatt(['gateway', 'add', 'gw-life', '--name', '七号楼', '--json'])).stdout)
    expect(added).toEqual({ id: 'gw-life', username: 'gw-life', password: expect.stringMatching(/^[\w-]{43}$/) })

    const listed = await liftwatt(['gateway', 'list'])
    expect(listed.stdout).toMatch(/gw-life\t七号楼\t-\tactive/)
    expect(listed.stdout).not.toContain(added.password)

    const rotated = JSON.parse((await liftwatt(['gateway', 'rotate', 'gw-life', '--json'])).stdout)
    expect(rotated.password).not.toBe(added.password)

    expect(await liftwatt(['gateway', 'revoke', 'gw-life'])).toMatchObject({ code: 0 })
    expect((await liftwatt(['gateway', 'list'])).stdout).toMatch(/gw-life\t七号楼\t-\trevoked/)
  })

  test('a device is added and listed; a wrong fact is named', async () => {
    await liftwatt(['gateway', 'add', 'gw-facts'])
    const wrong = await liftwatt([
      'device',
      'add',
      'l-1',
      '--kind',
      'elevator',
      '--gateway',
      'gw-facts',
      '--facts',
      '{"stops":-1}',
    ])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('stops') })

    const added = await liftwatt([
      'device',
      'add',
      'l-1',
      '--kind',
      'elevator',
      '--gateway',
      'gw-facts',
      '--facts',
      '{"stops":18}',
    ])
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('l-1') })
    expect((await liftwatt(['device', 'list', '--gateway', 'gw-facts'])).stdout).toBe('l-1\televator\tgw-facts\t-\n')
  })

  test('a device is removed with a reason, and back when it is added again', async () => {
    await service.api('POST', '/gateways', { id: 'gw-old' })
    await service.api('POST', '/devices', { id: 'l-old', kind: 'elevator', gatewayId: 'gw-old' })
    const [noReason, unknown, removed] = await Promise.all([
      liftwatt(['device', 'remove', 'l-old']),
      liftwatt(['device', 'remove', 'l-none', '--reason', 'gone']),
      liftwatt(['device', 'remove', 'l-old', '--reason', 'a typing error', '--json']),
    ])
    expect(noReason).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') })
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('l-none') })
    expect([removed.code, JSON.parse(removed.stdout)]).toEqual([0, { id: 'l-old', retired: true }])
    const retired = await liftwatt(['device', 'list', '--gateway', 'gw-old', '--retired'])
    expect(retired.stdout).toMatch(/^l-old\televator\tgw-old\t-\tretired \d{4}-.*Z\n$/)
    expect(await service.list('/devices?gatewayId=gw-old')).toEqual([])

    const again = ['device', 'add', 'l-old', '--kind', 'elevator', '--gateway', 'gw-old']
    expect(await liftwatt(again)).toMatchObject({ code: 0 })
    expect(await service.list('/devices?gatewayId=gw-old')).toMatchObject([{ id: 'l-old', retiredAt: null }])
  })

  test('wrong usage exits with 2, a failure with 1, each with a sentence and no stack trace', async () => {
    const outcomes = await Promise.all([
      liftwatt(['gateway', 'fly']),
      liftwatt(['gateway', 'add']),
      liftwatt(['simulate', '--devices', 'many']),
      liftwatt(['replay', join(folder, 'none.csv'), '--mapping', join(folder, 'none.json')]),
      liftwatt(['gateway', 'add', 'bad/id']),
      liftwatt(['order', 'list', '--state', 'nonsense']),
      liftwatt(['team', 'on-duty', '--at', 'tonight']),
      liftwatt(['gateway', 'rotate', 'nobody']),
      liftwatt(['gateway', 'list'], { HTTP_PORT: String(await freePort()) }),
    ])
    expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2, 2, 1, 1])
    for (const { stderr } of outcomes) {
      expect(stderr.trim()).not.toBe('')
      expect(stderr).not.toMatch(/^\s+at /m)
    }
  })
})

describe('order and team', () => {
  test('an action with a key is done once; a follow-up is as severe as the operator says', async () => {
    await service.api('POST', '/gateways', { id: 'gw-order' })
    await service.api('POST', '/devices', { id: 'l-order', kind: 'elevator', gatewayId: 'gw-order' })
    const call = { deviceId: 'l-order', summary: 'It grinds', severity: 'critical' }
    const { id } = await service.api<{ id: string }>('POST', '/work-orders', call)

    const accept = ['order', 'act', id, 'accept', '--technician', 'li']
    const once = await Promise.all([1, 2].map(() => liftwatt([...accept, '--key', 'li-0210'])))
    expect(once).toMatchObject([{ code: 0 }, { code: 0 }])
    const withoutKey = await liftwatt(accept)
    expect(withoutKey).toMatchObject({ code: 1, stderr: expect.stringContaining('accepted already, by li') })

    await service.api('POST', `/work-orders/${id}/cancel`, { reason: 'Ground down' })
    const followUp = ['order', 'act', id, 'follow-up', '--summary', 'Oil it', '--json']
    expect(await liftwatt([...followUp, '--severity', 'terrible'])).toMatchObject({ code: 2 })
    const followed = await liftwatt([...followUp, '--severity', 'warning'])
    expect(JSON.parse(followed.stdout)).toMatchObject({ severity: 'warning', summary: 'Oil it', followsId: id })
  })

  test('a team without members says so, with or without a roster', async () => {
    for (const id of ['empty', 'gone', 'night']) await service.api('POST', '/teams', { id, type: 'crew', name: id })
    await service.api('PATCH', '/teams/empty', { phone: '+86 571 110' })
    for (const teamId of ['gone', 'night']) {
      await service.api('POST', '/members', { id: `li-${teamId}`, teamId, name: 'Li' })
      const memberIds = [`li-${teamId}`]
      const shifts = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', until: '05:00', memberIds }]
      await service.api('PUT', `/teams/${teamId}/roster`, { version: 0, shifts })
    }
    await service.api('DELETE', '/members/li-gone')

    const { stdout, code } = await liftwatt(['team', 'on-duty', '--at', '2026-11-24T12:00:00+08:00'])
    expect(code).toBe(0)
    const none = 'no members, whatever its roster says'
    expect(stdout.trim().split('\n')).toEqual([
      `empty\tcrew\tempty\t${none}\tNOBODY by name; the team has +86 571 110`,
      `gone\tcrew\tgone\t${none}\tNOBODY`,
      'night\tcrew\tnight\tuntil 2026-11-24 20:00\tNOBODY',
    ])
  })
})

test('simulate registers its own gateways and devices, and all its readings are acknowledged', async () => {
  const outcome = await liftwatt(['simulate', '--devices', '12', '--seconds', '4', '--interval', '1', '--json'])
  expect(outcome).toMatchObject({ code: 0 })
  const result = JSON.parse(outcome.stdout)
  expect(result).toMatchObject({ devices: 12, unacknowledged: 0 })
  expect(result.readings).toBeGreaterThanOrEqual(36)
  expect((await service.list<{ id: string }>('/devices')).filter(({ id }) => id.startsWith('sim-'))).toHaveLength(12)
})

test('a report is made beside everything else, and its files are saved', async () => {
  const month = new Date().toISOString().slice(0, 7)
  const made = await liftwatt(['report', 'make', month, '--out', join(folder, 'reports'), '--format', 'pdf', '--json'])
  expect(made).toMatchObject({ code: 0 })
  const { saved, files } = JSON.parse(made.stdout) as { saved: string[]; files: { format: string; bytes: number }[] }
  expect(files).toHaveLength(6)
  expect(saved).toHaveLength(2)
  for (const path of saved) expect((await readFile(path)).subarray(0, 5).toString()).toBe('%PDF-')
  expect(await liftwatt(['report', 'make', '2026-13'])).toMatchObject({ code: 2 })
})

test('doctor finds all well beside a running service', async () => {
  const outcome = await liftwatt(['doctor', '--json'])
  expect(JSON.parse(outcome.stdout)).toMatchObject({ ok: true })
  expect(outcome.code).toBe(0)
})

test('what is wrong in itself is wrong usage, exit code 2, with or without a service', async () => {
  for (const environment of [{}, { HTTP_PORT: String(await freePort()) }]) {
    const outcome = await liftwatt(['gateway', 'rotate', 'bad/id'], environment)
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('this is "bad/id"') })
  }
})

test('doctor names what stands in the way', async () => {
  const outcome = await liftwatt(['doctor', '--json'], {
    LIFTWATT_DATA: join(folder, 'other'),
    DATABASE_URL: `postgres://nobody:x@127.0.0.1:${await freePort()}/none`,
  })
  expect(outcome.code).toBe(1)
  const { findings } = JSON.parse(outcome.stdout) as { findings: { name: string; ok: boolean }[] }
  const bad = findings.filter(({ ok }) => !ok).map(({ name }) => name)
  expect(bad).toEqual(expect.arrayContaining(['HTTP port', 'MQTT port', 'database']))
})
