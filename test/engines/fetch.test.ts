import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const cache = mkdtempSync(join(tmpdir(), 'liftwatt-fetch-'))
afterAll(() => rmSync(cache, { recursive: true, force: true }))

function fetchInto(folder: string, env: Record<string, string>) {
  const script = join(import.meta.dirname, 'fetch.sh')
  const { status, stdout } = spawnSync('/bin/sh', [script, join(cache, folder), 'no-such-package-of-liftwatt'], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  })
  return { status, reason: stdout.trim() }
}

test('a mirror out of reach is a reason, and leaves nothing that looks like an engine', () => {
  const nobody = 'http://127.0.0.1:9'
  const { status, reason } = fetchInto('far', { http_proxy: nobody, https_proxy: nobody })

  expect(status).toBe(1)
  expect(reason).not.toBe('')
  expect(readdirSync(cache).filter((name) => !name.endsWith('.lock'))).toEqual([])
})

test('a machine without apt is a reason', () => {
  mkdirSync(join(cache, 'bin'))
  expect(fetchInto('bare', { PATH: join(cache, 'bin') })).toEqual({ status: 1, reason: 'no apt-get on this machine' })
})

test('what is there already is used, without a mirror', () => {
  mkdirSync(join(cache, 'here'))
  expect(fetchInto('here', { PATH: join(cache, 'nowhere') })).toEqual({ status: 0, reason: 'cached' })
})
