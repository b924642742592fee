import { gunzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { compressLarge } from './compress.ts'
import { revalidate } from './etag.ts'

const large = { items: Array.from({ length: 2_000 }, (_, index) => ({ at: index, value: 21.5 })) }
const app = Fastify()
revalidate(app)
compressLarge(app)
for (const url of ['/devices/:id/readings', '/labels', '/work-orders/:id/evidence', '/rules']) {
  app.get(`/api/v1${url}`, async () => large)
}
app.get('/api/v1/me', async () => ({ name: 'wang' }))
app.get('/api/v1/wrong', async (_request, reply) => reply.code(409).send(large))
app.get('/api/v1/file', async (_request, reply) => reply.send(Buffer.from(JSON.stringify(large))))
app.post('/api/v1/orders', async () => large)
app.get('/o/:token/order.json', async () => large)

const ask = (url: string, headers: Record<string, string> = { 'accept-encoding': 'br, gzip' }, method?: 'POST') =>
  app.inject({ url, headers, ...(method && { method }) })

test('a large answer is gzipped for whoever takes that, and says the same', async () => {
  const answer = await ask('/api/v1/devices/x/readings')
  expect(answer.headers).toMatchObject({
    ...{ 'content-encoding': 'gzip', vary: 'accept-encoding' },
    'content-length': String(answer.rawPayload.length),
  })
  expect(answer.rawPayload.length).toBeLessThan(JSON.stringify(large).length / 5)
  expect(JSON.parse(String(gunzipSync(answer.rawPayload)))).toEqual(large)
})

test.each([{}, { 'accept-encoding': 'br' }, { 'accept-encoding': 'gzip;q=0' }])(
  'who takes none has it plain: %o',
  async (headers) => {
    const answer = await ask('/api/v1/devices/x/readings', headers as Record<string, string>)
    expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([undefined, 'accept-encoding'])
    expect(answer.json()).toEqual(large)
  },
)

test.each([
  ['/api/v1/me', 'a small answer'],
  ['/api/v1/wrong', 'what was not done'],
  ['/api/v1/file', 'a file'],
  ['/api/v1/labels', 'the codes of lifts'],
  ['/api/v1/work-orders/x/evidence', 'sealed evidence'],
  ['/o/x/order.json', 'what a link in a message leads to'],
])('%s stays as it is: %s', async (url) => {
  expect((await ask(url)).headers['content-encoding']).toBeUndefined()
})

test('what a POST answers stays as it is: it may be shown once', async () => {
  expect((await ask('/api/v1/orders', undefined, 'POST')).headers['content-encoding']).toBeUndefined()
})

test('who has the compressed answer is not sent it again', async () => {
  const tag = String((await ask('/api/v1/rules')).headers.etag)
  expect(tag).toMatch(/^W\/"[\w-]{27}"$/)
  const again = await ask('/api/v1/rules', { 'accept-encoding': 'gzip', 'if-none-match': tag })
  expect([again.statusCode, again.body, again.headers['content-encoding']]).toEqual([304, '', undefined])
})
