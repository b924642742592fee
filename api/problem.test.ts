import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ExpectedError, StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import { acceptJsonOnly } from './json-body.ts'
import { createErrorHandler } from './problem.ts'

const onError = createErrorHandler(silentLog)
const app = Fastify({ frameworkErrors: onError })

beforeAll(async () => {
  acceptJsonOnly(app)
  app.setErrorHandler(onError)
  app.post('/gateways', async ({ body }) => body)
  app.get('/work-orders/:id', async () => ({}))
  app.get('/evidence', async () => {
    throw new ExpectedError('evidence-damaged', 'The file is gone')
  })
  app.get('/away', async () => {
    throw new StoreUnavailable('evidence', new Error('/srv/data: EIO'))
  })
  await app.ready()
})
afterAll(() => app.close())

async function answerOf(request: { method: 'GET' | 'POST'; url: string; payload?: string }) {
  const headers = request.payload === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await app.inject({ ...request, headers })
  const { code, detail }: { code: string; detail: string } = answer.json()
  return { status: answer.statusCode, code, detail }
}

test.each(['{"id":"x1","__proto__":{}}', '{"id":"x1","constructor":{"prototype":{}}}', '['.repeat(100_000), '{"id":'])(
  'a body that is not taken is told what may be wrong with it: %.30s',
  async (payload) => {
    const answer = await answerOf({ method: 'POST', url: '/gateways', payload })
    expect(answer).toMatchObject({ status: 400, code: 'invalid' })
    expect(answer.detail).toMatch(/the body is not valid JSON, or has a key that reaches for a prototype/)
  },
)

test('an id longer than any is not found; an address that is none is wrong; neither is repeated', async () => {
  const long = await answerOf({ method: 'GET', url: `/work-orders/${'a'.repeat(300)}` })
  expect(long).toEqual({ status: 404, code: 'not-found', detail: 'There is nothing at this address' })

  const broken = await answerOf({ method: 'GET', url: '/work-orders/%zz' })
  expect(broken).toEqual({
    status: 400,
    code: 'invalid',
    detail: 'The request is wrong: its address is not a valid URL',
  })
})

test('a file that was changed is not taken for a store that cannot be reached, whose words stay inside', async () => {
  const changed = await answerOf({ method: 'GET', url: '/evidence' })
  expect(changed).toEqual({ status: 500, code: 'evidence-damaged', detail: 'The file is gone' })
  expect((await answerOf({ method: 'GET', url: '/away' })).detail).toMatch(/cannot be reached at the moment; try again/)
})
