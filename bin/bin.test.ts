import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../test/service.ts'

/** A checkout of its own, with nothing to build in it. */
let root: string
const longAgo = new Date('2026-01-01T00:00:00Z')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'liftwatt bin %41#?箱-')) // what a URL would mean otherwise
  for (const file of ['liftwatt.js', 'check-machine.js', 'build.js'])
    cpSync(join(import.meta.dirname, file), join(root, 'bin', file))
  write('package.json', '{ "type": "module" }')
  write('dist/cli/main.js', `console.log('started')`)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string, at?: Date): void {
  const file = join(root, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  if (at !== undefined) utimesSync(file, at, at)
}

/** With the compilers, or with nothing but their place: then a build fails at once. */
function makeBuildable(compilers: 'there' | 'missing'): void {
  if (compilers === 'there') symlinkSync(join(import.meta.dirname, '..', 'node_modules'), join(root, 'node_modules'))
  else mkdirSync(join(root, 'node_modules', 'typescript'), { recursive: true })
  write('tsconfig.build.json', '{}')
}

/** The launcher, in a Node.js that says it is of this version. */
function start(
  version = process.versions.node,
  as: { uid?: number } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const launcher = JSON.stringify(pathToFileURL(join(root, 'bin', 'liftwatt.js')))
  const script = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } }); import(${launcher})`
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script], as, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

test.each(['18.20.4', '20.18.3', '21.7.3', '22.11.0'])('Node.js %s is refused in a sentence', async (version) => {
  const { code, stdout, stderr } = await start(version)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('Liftwatt needs Node.js 22.12 or newer, or 20 from 20.19 on')
})

test.each(['20.19.0', '22.12.0', '23.0.0', '24.1.0'])('Node.js %s will do', async (version) => {
  expect(await start(version)).toEqual({ code: 0, stdout: 'started\n', stderr: '' })
})

test('a build is announced, and standard output stays clean', async () => {
  makeBuildable('missing')
  write('dist/cli/main.js', '', longAgo)
  write('core/changed.ts', '')
  const { code, stdout, stderr } = await start()
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^Building, once: about half a minute\n/)
  expect(unfinished()).toEqual([])
})

test('whoever may not build there is told so in a sentence', async () => {
  makeBuildable('missing')
  write('dist/cli/main.js', '', longAgo)
  write('core/changed.ts', '')
  chmodSync(root, 0o555)
  // root may write anywhere
  const { code, stdout, stderr } = await start(undefined, process.getuid?.() === 0 ? { uid: 65_534 } : {})
  chmodSync(root, 0o755)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^dist\/ is missing, older .* you may not write in .+ \(EACCES\): run "npm run build" .*\n$/)
})

test('what is built can be started by others too, as the umask says', async () => {
  write('node_modules/typescript/bin/tsc', compiler)
  write('node_modules/vite/bin/vite.js', '')
  write('stores/operations/migrations/0001.sql', '')
  write('docs/runbooks/one.md', '')
  const build = spawn(process.execPath, [join(root, 'bin', 'build.js')], { stdio: 'ignore' })
  expect(await once(build, 'exit')).toEqual([0, null])
  expect(await start()).toEqual({ code: 0, stdout: 'built\n', stderr: '' })
  expect(statSync(join(root, 'dist')).mode & 0o777).toBe(0o777 & ~process.umask())
})

/** Writes what the launcher starts into the folder that is its last argument. */
const compiler = `
  import { mkdirSync, writeFileSync } from 'node:fs'
  const folder = process.argv.at(-1) + '/cli'
  mkdirSync(folder)
  writeFileSync(folder + '/main.js', "console.log('built')")
`

test('what another build has left is no source that has changed', async () => {
  makeBuildable('missing')
  write('.dist-abc/core/made.ts', '', new Date(Date.now() + 60_000))
  expect(await start()).toEqual({ code: 0, stdout: 'started\n', stderr: '' })
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a build that %s interrupts leaves nothing, and dist/ as it was',
  async (signal) => {
    makeBuildable('there')
    write('.dist-killed/a.js', '')
    utimesSync(join(root, '.dist-killed'), longAgo, longAgo)
    write('.dist-running/a.js', '')

    const build = spawn(process.execPath, [join(root, 'bin', 'build.js')], { stdio: 'ignore' })
    const ended = once(build, 'exit')
    await eventually('it has begun', async () => unfinished().length === 2 && !unfinished().includes('.dist-killed'))
    build.kill(signal)
    expect(await ended).toEqual([1, null])
    expect(unfinished()).toEqual(['.dist-running'])
    expect(existsSync(join(root, 'dist', 'cli', 'main.js'))).toBe(true)
  },
)

function unfinished(): string[] {
  return readdirSync(root).filter((name) => name.startsWith('.dist-'))
}
