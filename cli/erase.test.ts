import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { contractCommands } from './contract.ts'
import { eraseCommands } from './erase.ts'
import { UsageError } from './output.ts'
import { overhaulCommands } from './overhaul.ts'

let server: Server
let answer: object
let asked: { method: string; url: string; body: unknown }[] = []
let printed: string[] = []

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    const { method = '', url = '' } = request
    asked.push({ method, url, body: text === '' ? null : JSON.parse(text) })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(() => void server.close())
beforeEach(() => {
  asked = []
  printed = []
  vi.stubEnv('LIFTWATT_TEST_RUN', undefined) // of our own test runs; no setting
  vi.stubEnv('HTTP_PORT', String((server.address() as AddressInfo).port))
  vi.stubEnv('LIFTWATT_OPERATOR_TOKEN', 'a-token-of-at-least-32-characters-xx')
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

async function run(...words: string[]): Promise<string> {
  const program = new Command().exitOverride()
  for (const describe of [eraseCommands, contractCommands, overhaulCommands]) describe(program)
  await program.parseAsync(words, { from: 'user' })
  return printed.join('\n')
}

const tenant = ['erase', 'contact', 'site', 'room-301', '--role', 'tenant', '--name', '陈丽']
const person = { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant', name: '陈丽' }

test('without --apply it only says what would go', async () => {
  answer = {
    places: [
      { place: 'sites room-301', texts: ['陈丽'], isOwn: true },
      { place: 'work_orders 1', texts: ['陈丽 smells burning'], isOwn: false },
    ],
  }
  const text = await run(...tenant, '--also', 'Chen', '--keep', 'audit 7', '--keep', 'audit 8')
  expect(asked).toEqual([
    {
      ...{ method: 'POST', url: '/api/v1/erasures/preview' },
      body: { person, also: ['Chen'], keep: ['audit 7', 'audit 8'] },
    },
  ])
  expect(text).toContain('work_orders 1\t陈丽 smells burning')
  expect(text).toContain('sites room-301 (their own: always goes)\t陈丽')
  expect(text).toContain('2 places; nothing was written')
})

test('with --apply and a reason it is done, and the receipt is printed', async () => {
  const done = { rows: { work_orders: 1, audit: 2 }, events: [{}], files: [{}, {}], answers: 0, kept: [] }
  answer = {
    id: 'r-1',
    at: '2026-11-24T08:00:00.000Z',
    actor: 'operator',
    person: { type: 'member', id: 'li' },
    reason: 'left',
    ...done,
  }
  await expect(run('erase', 'member', 'li', '--apply')).rejects.toThrow(UsageError)
  expect(asked).toEqual([])
  const text = await run('erase', 'member', 'li', '--apply', '--reason', 'left')
  expect(asked[0]).toMatchObject({
    url: '/api/v1/erasures',
    body: { person: { type: 'member', id: 'li' }, reason: 'left' },
  })
  expect(text).toContain('rows changed: work_orders 1, audit 2; events of chains among them: 1')
  expect(text).toContain('evidence files replaced: 2')
})

test('a contact is of a site or of a device', async () => {
  await expect(run('erase', 'contact', 'team', 'east', '--role', 'tenant', '--name', 'x')).rejects.toThrow(
    /site or device/,
  )
})

test('contracts and a portfolio are asked for as they are said, sums in yuan', async () => {
  const period = { validFrom: '2026-05-01', validUntil: null }
  answer = {
    items: [{ id: 'c', type: 'policy', teamId: 'picc', number: 'P-1', holder: null, premiumFen: 89_205, ...period }],
    nextCursor: null,
  }
  expect(await run('contract', 'list', '--team', 'picc', '--at', '2026-05-01')).toContain(
    'P-1\t2026-05-01 – open\t892.05 CNY',
  )
  expect(asked[0]?.url).toBe('/api/v1/contracts?teamId=picc&at=2026-05-01&limit=1000')
  await expect(run('contract', 'portfolio', 'picc', '--from', '2026-05-01')).rejects.toThrow(UsageError)
})

test('a decision about a proposal is one of two, and says why', async () => {
  answer = {
    id: 'o',
    deviceId: 'e1',
    type: 'part',
    part: 'Belt',
    state: 'approved',
    estimatedFen: 100,
    settledFen: 80,
    proposedAt: 'x',
    leadSeconds: 5_400,
  }
  await expect(run('overhaul', 'decide', 'o', 'maybe', '--reason', 'x')).rejects.toThrow(/approved or refused/)
  await expect(run('overhaul', 'decide', 'o', 'approved', '--reason', 'x', '--settled', '8e')).rejects.toThrow(
    /--settled/,
  )
  const text = await run('overhaul', 'decide', 'o', 'approved', '--reason', 'worn', '--settled', '80')
  expect(asked[0]?.body).toEqual({ decision: 'approved', reason: 'worn', settledFen: 80 })
  expect(text).toBe('o\tapproved\te1\tBelt\t1.00 CNY\t0.80 CNY\tx\t1.5 h')
})
