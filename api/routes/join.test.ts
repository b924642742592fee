import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import { startTestApi, type TestApi } from '../../test/test-api.ts'

let api: TestApi
let link = ''

beforeAll(async () => {
  api = await startTestApi()
  const memberships = [{ role: 'district', scope: { sites: [] } }]
  await api.send('POST', '/accounts', { id: 'wang', name: '<img src=x onerror=alert(1)>', memberships })
  const { url } = (await api.send('POST', '/accounts/wang/invitation')).json()
  link = new URL(url).pathname
})
afterAll(() => api?.stop())

const look = (url = link, language = 'zh-CN') => api.app.inject({ url, headers: { 'accept-language': language } })

function submit(form: Record<string, string>, url = `${link}?lang=en`) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return api.app.inject({ method: 'POST', url, headers, payload: String(new URLSearchParams(form)) })
}

test('the page greets its reader in Chinese or English, runs no script and asks nothing of any other host', async () => {
  const [chinese, english] = [await look(), await look(link, 'en-GB')]
  expect([chinese.statusCode, chinese.headers['content-language']]).toEqual([200, 'zh-CN'])
  expect(chinese.body).toMatch(/设置密码.*<label for="password">新密码/s)
  expect(english.body).toMatch(/<html lang="en">.*Set your password.*<label for="password">New password/s)
  expect((await look(`${link}?lang=zh`, 'en')).body).toContain('设置密码')
  for (const { body, headers } of [chinese, english]) {
    expect(body).toContain('&#60;img src=x onerror=alert(1)&#62;')
    expect(body).not.toMatch(/<img|<script|https?:|\son\w+="/)
    expect(body.match(/autocomplete="(username|new-password)"/g)).toHaveLength(3)
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    )
    expect([headers['cache-control'], headers['referrer-policy'], headers['x-robots-tag']]).toEqual([
      ...['no-store', 'no-referrer', 'noindex, nofollow'],
    ])
  }
})

test.each([
  [{ password: 'short', again: 'short' }, 'The password is too short'],
  [{ password: 'three trees and a river', again: 'three trees and a lake' }, 'The two are not the same'],
  [{ password: '123456789012', again: '123456789012' }, 'tried first'],
  [{ password: 'wang-19901122', again: 'wang-19901122' }, 'must not be your own name'],
  [{}, 'The password is too short'],
])('what is wrong with %j is said, and the link stays good', async (form, said) => {
  const answer = await submit(form as Record<string, string>)
  expect(answer.statusCode).toBe(400)
  expect(answer.body).toContain(said)
  expect(answer.body).not.toContain('value="three')
  expect((await look()).statusCode).toBe(200)
})

test('whoever comes with a wrong, a used or an old link learns only that it leads nowhere', async () => {
  const wrong = ['/join/x', `${link}x`, link.slice(0, -1), `/join/${'A'.repeat(65)}`, '/join/%00']
  for (const url of wrong) {
    const answers = [await look(url, 'en'), await submit({ password: 'x', again: 'x' }, `${url}?lang=en`)]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404])
    for (const { body } of answers) expect(body).toContain('This link leads nowhere')
  }
  const good = { password: 'three trees and a river', again: 'three trees and a river' }
  expect((await submit(good, link)).body).toContain('密码已设置')
  expect((await submit(good)).statusCode).toBe(404)

  const { url } = (await api.send('POST', '/accounts/wang/invitation')).json()
  api.time.now += dayMs
  expect((await look(new URL(url).pathname)).statusCode).toBe(404)
})
