import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
let project: string

// Inside the checkout, so that `vitest` is found from there.
beforeAll(() => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  project = mkdtempSync(join(root, '.cache', 'closing-line-'))
  const reporter = JSON.stringify(join(import.meta.dirname, 'closing-line.ts'))
  writeFileSync(join(project, 'vitest.config.mjs'), `export default { test: { reporters: ['default', ${reporter}] } }`)
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** Runs vitest over one file; `last` is the last line on either stream. */
function runVitest(name: string, text?: string) {
  const imports = "import { beforeAll, describe, expect, test } from 'vitest'"
  if (text) writeFileSync(join(project, `${name}.test.ts`), `${imports}\n${text}`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  // Not a worker of the vitest that runs this test.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST')))
  const args = ['-c', '"$@" 2>&1', 'sh', process.execPath, vitest, 'run', name]
  const { stdout, status } = spawnSync('sh', args, { cwd: project, env, encoding: 'utf8' })
  const [beforeLast, last] = stdout.split('\n').slice(-3)
  return { beforeLast, last, status }
}

test.each([
  [
    'passed, failed and skipped tests',
    'mixed',
    `test('a', () => {}); test('b', () => {}); test('c', () => expect(1).toBe(2)); test.skip('d', () => {}); test.todo('e')
     describe.skip('f', () => { test('g', () => {}) })`,
    '2 passed, 1 failed, 3 skipped',
    1,
  ],
  [
    'a file that cannot be read as failed',
    'unread',
    "import './nowhere.ts'\ntest('a', () => {})",
    '0 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a hook that threw as failed',
    'hook',
    "describe('x', () => { beforeAll(() => { throw new Error('no engine') }); test('a', () => {}) })",
    '0 passed, 1 failed, 1 skipped',
    1,
  ],
  [
    'an error outside any test as failed',
    'stray',
    "test('a', async () => { Promise.reject(new Error('nobody waits')); await new Promise((r) => setTimeout(r, 50)) })",
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'nothing but skipped tests without failing',
    'skipped',
    "test.skip('a', () => {})",
    '0 passed, 0 failed, 1 skipped',
    0,
  ],
  ['no test at all, and fails', 'nothing-of-that-name', undefined, '0 passed, 0 failed, 0 skipped', 1],
])('the last line counts %s', (_, name, text, last, status) => {
  expect(runVitest(name, text)).toMatchObject({ last, status })
})

test('a test that passed only when it was tried again is named before the last line', () => {
  const text = "let tries = 0\ntest('by chance', { retry: 1 }, () => expect(tries++).toBe(1))"
  expect(runVitest('by-chance', text)).toEqual({
    beforeLast: 'failed, and passed when tried again: by-chance.test.ts > by chance',
    last: '1 passed, 0 failed, 0 skipped',
    status: 0,
  })
})
