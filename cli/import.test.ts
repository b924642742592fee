import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { importCommand } from './import.ts'
import { UsageError } from './output.ts'

const lines = [
  { line: 2, id: 'a', action: 'create', changes: [], faults: [] },
  { line: 3, id: 'b', action: 'unchanged', changes: [], faults: [] },
  { line: 4, id: 'c', action: 'change', changes: [{ field: 'name', from: 'x', to: 'y' }], faults: [] },
  { line: 5, id: 'd', action: 'error', changes: [], faults: [{ path: 'type', message: 'must not be empty' }] },
]
let directory: string
let server: Server
let answer: { status: number; body: object }
let asked: { url: string; type: string; authorization: string; body: string }[] = []
let printed: string[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-import-'))
  server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    const { 'content-type': type = '', authorization = '' } = request.headers
    asked.push({ url: request.url ?? '', type, authorization, body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(async () => {
  server.close()
  await rm(directory, { recursive: true, force: true })
})
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
  process.exitCode = 0
})

async function run(content: string | Uint8Array, ...words: string[]): Promise<string> {
  const file = join(directory, 'file.csv')
  await writeFile(file, content)
  const program = new Command().exitOverride()
  importCommand(program)
  importCommand(program.command('device'))
  await program.parseAsync([...words, file], { from: 'user' })
  return printed.join('\n')
}

test('a preview tells what a person must see, faults first, and fails when there are any', async () => {
  answer = {
    status: 200,
    body: { kind: 'sites', applied: false, counts: { create: 1, change: 1, unchanged: 1, error: 1 }, lines },
  }
  expect((await run('id,name\n', 'import')).split('\n')).toEqual([
    'line 5\terror\td\ttype: must not be empty',
    'line 2\tcreate\ta',
    'line 4\tchange\tc\tname "x" → "y"',
    'sites: 1 to create, 1 to change, 1 unchanged, 1 with faults',
    'Nothing was written: mend the faults first.',
  ])
  expect(process.exitCode).toBe(2)
  const authorization = 'Bearer a-token-of-at-least-32-characters-xx'
  expect(asked).toEqual([{ url: '/api/v1/import?apply=false', type: 'text/csv', authorization, body: 'id,name\n' }])
})

test('device import is the same command; a file of a Chinese Excel is read with its charset', async () => {
  answer = {
    status: 200,
    body: { kind: 'devices', applied: true, counts: { create: 1, change: 0, unchanged: 0, error: 0 }, lines: [] },
  }
  const gbk = Buffer.from([0xb4, 0xe4, 0xd4, 0xb7])
  const shown = await run(gbk, 'device', 'import', '--apply', '--kind', 'devices', '--charset', 'gb18030')
  expect(shown).toContain('Done.')
  expect(asked).toMatchObject([{ url: '/api/v1/import?apply=true&kind=devices', body: '翠苑' }])
  await expect(run(gbk, 'import')).rejects.toThrow(/cannot be read as utf-8.*gb18030/)
})

test('what the service refuses is told fault by fault, as wrong usage', async () => {
  const errors = [{ path: 'line 2.id', message: 'must not be empty' }]
  answer = { status: 400, body: { detail: 'Nothing was imported: 1 of 1 lines have faults', errors } }
  await expect(run('id\n', 'import', '--apply')).rejects.toThrow(
    new UsageError('Nothing was imported: 1 of 1 lines have faults\nline 2.id: must not be empty'),
  )
  await expect(run('id\n', 'import', '--apply')).rejects.toBeInstanceOf(UsageError)

  answer = { status: 503, body: { detail: 'A store cannot be reached' } }
  await expect(run('id\n', 'import', '--apply')).rejects.not.toBeInstanceOf(UsageError)
})

test('a sentence that tells the fault is told once, several faults each on a line', async () => {
  const kind = { path: 'kind', message: 'is no kind' }
  answer = { status: 400, body: { detail: 'The querystring is wrong: kind: is no kind', errors: [kind] } }
  await expect(run('id\n', 'import')).rejects.toThrow(/^The querystring is wrong: kind: is no kind$/)
  const apply = { path: 'apply', message: 'is wrong' }
  answer = { status: 400, body: { detail: 'kind: is no kind; apply: is wrong', errors: [kind, apply] } }
  await expect(run('id\n', 'import')).rejects.toThrow(/^kind: is no kind\napply: is wrong$/)
})
