import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Log, silentLog } from '../core/log.ts'
import { createHeartbeat } from './heartbeat.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

test('while all is well the URL is called, with its path and query', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const heartbeat = createHeartbeat({ url: `${url}/ping/secret?x=1`, problem: async () => null, log: silentLog })

  expect(await heartbeat.beat()).toBe(true)
  expect(calls).toEqual(['GET /ping/secret?x=1'])
})

test('from the start on, and not any more after the stop', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const heartbeat = createHeartbeat({ url, problem: async () => null, log: silentLog })
  heartbeat.start()
  await heartbeat.stop()
  expect(calls).toEqual(['GET /'])
})

test('when something is wrong, or nobody can say whether it is, it is not called', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const { log, lines } = noting()
  const unwell = createHeartbeat({ url, problem: async () => 'deadlines: 1 overdue', log })
  const unknown = createHeartbeat({ url, problem: () => Promise.reject(new Error('no database')), log })

  expect([await unwell.beat(), await unknown.beat()]).toEqual([false, false])
  expect(calls).toEqual([])
  expect(lines).toMatchObject([{ reason: 'deadlines: 1 overdue' }, { reason: 'no database' }])
})

test('what is not taken is in the log, without the secret of the address', async () => {
  const refusing = await receiver((response) => response.writeHead(503).end())
  const { log, lines } = noting()
  const beat = (url: string) => createHeartbeat({ url, problem: async () => null, log }).beat()

  expect(await beat(`${refusing.url}/secret`)).toBe(false)
  const gone = await receiver(() => {})
  await gone.close()
  expect(await beat(`${gone.url}/secret`)).toBe(false)
  expect(lines).toMatchObject([{ status: 503 }, { reason: expect.stringContaining('ECONNREFUSED') }])
  expect(JSON.stringify(lines)).not.toContain('secret')
})

test('a receiver that takes the call and says nothing is given up after 5 s', async () => {
  const server = createSocketServer(() => {}).listen(0, '127.0.0.1')
  stops.push(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const { log, lines } = noting()
  const startedAt = performance.now()

  const url = `http://127.0.0.1:${port}/`
  expect(await createHeartbeat({ url, problem: async () => null, log }).beat()).toBe(false)
  expect(performance.now() - startedAt).toBeGreaterThan(4_500)
  expect(lines).toMatchObject([{ reason: expect.stringMatching(/timeout/i) }])
})

async function receiver(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; calls: string[]; close: () => Promise<void> }> {
  const calls: string[] = []
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    answer(response)
  }).listen(0, '127.0.0.1')
  stops.push(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { url, calls, close }
}

function noting(): { log: Log; lines: object[] } {
  const lines: object[] = []
  return { lines, log: { ...silentLog, warn: (fields) => lines.push(fields) } }
}
