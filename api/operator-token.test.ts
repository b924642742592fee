import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { operatorToken } from './operator-token.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'liftwatt-token-'))
  file = join(directory, 'operator-token')
})
afterEach(() => rmSync(directory, { recursive: true }))

const tokenOf = (given?: string) => operatorToken({ directory, given })

test('a token that a failed start has made is forgotten; the one that is kept is new once', () => {
  expect(tokenOf().isNew).toBe(true)
  expect(existsSync(file)).toBe(false)

  const made = tokenOf()
  made.keep()
  expect(made.isNew).toBe(true)
  expect(readFileSync(file, 'utf8')).toBe(`${made.token}\n`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(tokenOf()).toMatchObject({ token: made.token, isNew: false })
})

test.each(['', 'short', 'a blank in it '.repeat(3)])('a file that holds "%s" holds no token', (text) => {
  writeFileSync(file, text)
  expect(tokenOf().isNew).toBe(true)
})

test('the one from the settings is neither new nor kept', () => {
  const given = 'x'.repeat(32)
  const token = tokenOf(given)
  token.keep()
  expect(token).toMatchObject({ token: given, isNew: false })
  expect(existsSync(file)).toBe(false)
})
