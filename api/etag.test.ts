import { afterAll, beforeAll, expect, test } from 'vitest'
import { operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  await api.send('POST', '/sites', { id: 'west', type: 'district', name: 'West' })
})
afterAll(() => api?.stop())

const get = (path: string, tag?: string) => {
  const authorization = `Bearer ${operatorToken}`
  return api.send('GET', path, undefined, { authorization, ...(tag !== undefined && { 'if-none-match': tag }) })
}

test.each(['/rules', '/rules/elevator/entrapment', '/plans', '/sites', '/sites/west', '/teams'])(
  '%s is not sent again to whoever has it',
  async (path) => {
    const first = await get(path)
    const tag = String(first.headers.etag)
    expect([first.statusCode, tag]).toEqual([200, expect.stringMatching(/^"[\w-]{27}"$/)])
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await get(path, known)
      expect([known, again.statusCode, again.body, again.headers.etag]).toEqual([known, 304, '', tag])
    }
    for (const other of ['"other"', 'no tag', '']) expect((await get(path, other)).statusCode).toBe(200)
  },
)

test('after a change it is sent again, with another tag', async () => {
  const before = String((await get('/sites/west')).headers.etag)
  await api.send('PATCH', '/sites/west', { name: 'Far West' })
  const after = await get('/sites/west', before)
  expect([after.statusCode, after.json().name]).toEqual([200, 'Far West'])
  expect(after.headers.etag).not.toBe(before)
})

test('a browser keeps the catalogue, and nothing that names people', async () => {
  const kept = async (path: string) => (await get(path)).headers['cache-control']
  expect([await kept('/rules'), await kept('/plans')]).toEqual(['private, no-cache', 'private, no-cache'])
  expect([await kept('/sites'), await kept('/teams'), await kept('/devices')]).toEqual(Array(3).fill('no-store'))
})

test('what changes something is answered in full, whatever tag comes with it', async () => {
  const headers = { authorization: `Bearer ${operatorToken}`, 'if-none-match': '*' }
  const changed = await api.send('PATCH', '/sites/west', { name: 'West again' }, headers)
  expect([changed.statusCode, changed.json().name, changed.headers.etag]).toEqual([200, 'West again', undefined])
})

test('what is refused has no tag', async () => {
  const missing = await get('/sites/none', '*')
  expect([missing.statusCode, missing.headers.etag]).toEqual([404, undefined])
})
