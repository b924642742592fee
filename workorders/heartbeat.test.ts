import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Log, silentLog } from '../core/log.ts'
import { createHeartbeat } from './heartbeat.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const well = async () => null
const clock = () => Date.UTC(2026, 10, 24, 8)

test('while all is well the URL is called, with its path and query', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const heartbeat = createHeartbeat({ url: `${url}/ping/secret?x=1`, clock, log: silentLog })
  expect([heartbeat.check().text, heartbeat.isFailing()]).toEqual(['not sent yet', false])

  expect(await heartbeat.beat(well)).toBe(true)
  expect(calls).toEqual(['GET /ping/secret?x=1'])
  expect([heartbeat.check().text, heartbeat.isFailing()]).toEqual(['heard at 2026-11-24T08:00:00.000Z', false])

  await heartbeat.beat(async () => 'disk: full')
  expect(heartbeat.check().text).toBe(
    'not heard since 2026-11-24T08:00:00.000Z (before at 2026-11-24T08:00:00.000Z): it is not well: disk: full',
  )
})

test('from the start on, and not any more after the stop', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const heartbeat = createHeartbeat({ url, clock, log: silentLog })
  heartbeat.start(well)
  await heartbeat.stop()
  expect(calls).toEqual(['GET /'])
})

test('the first one leaves as soon as its parts have started, and not a minute later', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const heartbeat = createHeartbeat({ url, clock, log: silentLog })
  const looks = ['deadlines: nobody has looked yet']
  heartbeat.start(async () => looks.pop() ?? null)
  await expect.poll(() => calls, { timeout: 30_000 }).toEqual(['GET /'])
  await heartbeat.stop()
})

test('when something is wrong, or nobody can say whether it is, it is not called', async () => {
  const { url, calls } = await receiver((response) => response.end('OK'))
  const { log, lines } = noting()
  const heartbeat = createHeartbeat({ url, clock, log })
  const unwell = async () => 'deadlines: 1 overdue'

  expect([await heartbeat.beat(unwell), await heartbeat.beat(unwell)]).toEqual([false, false])
  expect(await heartbeat.beat(() => Promise.reject(new Error('no database')))).toBe(false)
  expect(calls).toEqual([])
  expect(lines).toEqual([{ reason: 'it is not well: deadlines: 1 overdue' }, { reason: 'it is not well: no database' }])
})

test('what is not taken is in the log and in a check that is never red, without the secret of the address', async () => {
  const refusing = await receiver((response) => response.writeHead(503).end())
  const { log, lines } = noting()
  const heartbeat = createHeartbeat({ url: `${refusing.url}/secret`, clock, log })
  expect([await heartbeat.beat(well), heartbeat.isFailing()]).toEqual([false, true])
  const text = expect.stringMatching(
    /^not heard since 2026-11-24T08:00:00.000Z: 127.0.0.1:\d+ answered with status 503$/,
  )
  expect(heartbeat.check()).toEqual({ name: 'heartbeat', ok: true, text })
  const gone = await receiver(() => {})
  await gone.close()
  expect(await createHeartbeat({ url: `${gone.url}/secret`, clock, log }).beat(well)).toBe(false)
  const reasons = [expect.stringContaining('503'), expect.stringContaining('ECONNREFUSED')]
  expect(lines).toEqual(reasons.map((reason) => ({ reason })))
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
  expect(await createHeartbeat({ url, clock, log }).beat(well)).toBe(false)
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
