import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { silentLog } from '../../core/log.ts'
import { type Receiver, receivers } from '../../test/fixtures/receivers.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createChannels } from '../../workorders/notices/channels.ts'
import { notifyRecipients } from '../../workorders/notices/notify.ts'
import { createLiveStream, type LiveStream } from '../live-stream.ts'
import { createErrorHandler, notFound } from '../problem.ts'
import { channelRoutes } from './channels.ts'
import { noticeRoutes } from './notices.ts'
import { streamRoutes } from './stream.ts'

const start = Date.UTC(2026, 10, 24, 18)
let now = start
let database: TestDatabase
let app: FastifyInstance
let stream: LiveStream
let hook: Receiver

beforeAll(async () => {
  database = await startTestDatabase()
  hook = await receivers.webhook()
  const { operations } = database
  const clock = () => now
  const channels = createChannels({ operations, clock, tools: { publish: async () => {} } })
  stream = createLiveStream({
    operations,
    log: silentLog,
    limits: { beatEveryMs: 200, readers: 50, farewellMs: 50_000 },
  })
  app = Fastify({ forceCloseConnections: true })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(silentLog))
  app.setNotFoundHandler(notFound)
  app.decorateRequest('actor', 'operator')
  app.addHook('onRequest', async (request) => {
    request.sight = 'everything'
    request.viewer = { accountId: null, name: 'operator', memberships: [], sessionId: null }
  })
  const prefix = '/api/v1'
  await app.register(channelRoutes, { channels, prefix })
  await app.register(noticeRoutes, { operations, channels, prefix })
  await app.register(streamRoutes, { stream, prefix })
  await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app.close()
  await hook.stop()
  await database.remove()
})
beforeEach(() => {
  now = start
  hook.mood = 'well'
})

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) =>
  app.inject({ method, url: `/api/v1${path}`, ...(payload && { payload }) })

test('a channel lives: added, shown without its secret, changed with and without it, tested, removed; all of it is audited', async () => {
  now = Date.now() // the receiver takes no signature of another time
  const secret = String(hook.settings.secret)
  const body = { id: 'hook-life', type: 'webhook', name: 'Duty room', settings: hook.settings }
  const added = await call('POST', '/channels', body)
  expect([added.statusCode, added.headers.location]).toEqual([201, '/api/v1/channels/hook-life'])
  const shown = { ...hook.settings, secret: '••••' }
  const state = { waiting: 0, dead: 0, waitingSince: null, lastSentAt: null, lastError: null }
  expect(added.json()).toMatchObject({ id: 'hook-life', enabled: true, settings: shown, state })
  expect((await call('POST', '/channels', body)).statusCode).toBe(409)

  const renamed = await call('PATCH', '/channels/hook-life', { name: 'Night desk', settings: shown })
  expect(renamed.json()).toMatchObject({ name: 'Night desk', settings: shown })
  expect((await database.operations.channel('hook-life'))?.settings.secret).toBe(secret)
  expect((await call('POST', '/channels/hook-life/test', { locale: 'en' })).json()).toEqual({
    outcome: 'delivered',
    reason: null,
  })
  expect(hook.received.at(-1)?.text).toContain('This channel works')

  const other = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
  await call('PATCH', '/channels/hook-life', { settings: { ...shown, secret: other } })
  expect((await call('POST', '/channels/hook-life/test')).json()).toEqual({
    outcome: 'refused',
    reason: 'it answered 401',
  })

  const all = (await call('GET', '/channels')).body
  expect(all).toContain('hook-life')
  const entries = await rows(
    `select before, after from history where subject_type = 'channel' and subject_id = 'hook-life'`,
  )
  expect(entries).toHaveLength(3)
  for (const text of [all, JSON.stringify(entries), renamed.body]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(other)
  }
  const actions = await rows(`select action from audit where subject = 'hook-life' order by id`)
  expect(actions.map(({ action }) => action)).toEqual([
    ...['channel.add', 'channel.update', 'channel.test', 'channel.update', 'channel.test'],
  ])
  expect((await call('DELETE', '/channels/hook-life')).statusCode).toBe(204)
  expect((await call('GET', '/channels/hook-life')).statusCode).toBe(404)
  expect((await call('DELETE', '/channels/hook-life')).statusCode).toBe(404)
})

test('a receiver inside is refused when it is saved, by field, and no hidden secret is ever saved', async () => {
  const settings = { url: 'http://169.254.169.254/latest/', secret: hook.settings.secret }
  const refused = await call('POST', '/channels', { id: 'inside', type: 'webhook', name: 'x', settings })
  expect(refused.statusCode).toBe(400)
  expect(refused.json()).toMatchObject({ code: 'invalid', errors: [{ path: 'settings.url' }] })
  const hidden = { ...hook.settings, secret: '••••' }
  expect(
    (await call('POST', '/channels', { id: 'hidden', type: 'webhook', name: 'x', settings: hidden })).statusCode,
  ).toBe(400)
  const template = { url: hook.settings.url, allowPrivate: true, headers: { 'X-Key': 'a' }, secrets: { b: '••••' } }
  expect(
    (await call('POST', '/channels', { id: 't', type: 'http-template', name: 'x', settings: template })).statusCode,
  ).toBe(400)
  expect(await database.operations.channel('inside')).toBeUndefined()
})

test('dead letters are listed, and one is sent again on demand; no other is', async () => {
  const order = await addOrder()
  const recipient = { ...recipientOf('nowhere'), name: '王' }
  await database.operations.transaction((unit) =>
    notifyRecipients(unit, { order, reason: 'raised', recipients: [recipient], now }),
  )
  const [notice] = (await call('GET', `/notices?orderId=${order.id}`)).json().items
  expect(notice).toMatchObject({ state: 'waiting', orderId: order.id, recipient: { name: '王' }, createdAt: iso(now) })
  expect((await call('POST', `/notices/${notice.id}/retry`)).json()).toMatchObject({ code: 'already-done' })

  await database.operations.buryNotices([notice.id], 'it answered 410')
  const dead = (await call('GET', '/notices?state=dead&channelId=nowhere')).json().items
  expect(dead).toMatchObject([{ id: notice.id, lastError: 'it answered 410' }])
  now += dayMs
  const revived = await call('POST', `/notices/${notice.id}/retry`)
  expect(revived.json()).toMatchObject({ state: 'waiting', nextAttemptAt: iso(now), giveUpAt: iso(now + dayMs) })
  expect((await call('POST', `/notices/${randomUUID()}/retry`)).statusCode).toBe(404)
})

// The live stream

interface Listener {
  readonly events: { id: string; type: string; subject: string }[]
  readonly comments: string[]
  readonly status: number
  close(): void
}

function listen(lastEventId?: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const { port } = app.server.address() as AddressInfo
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const sent = request({ host: '127.0.0.1', port, path: '/api/v1/stream', headers, agent: false })
    onTestFinished(() => void sent.destroy())
    sent.on('error', reject)
    sent.on('response', (response) => {
      const listener: Listener = {
        events: [],
        comments: [],
        status: response.statusCode ?? 0,
        close: () => sent.destroy(),
      }
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
          const data = field('data')
          if (data === undefined) listener.comments.push(block)
          else
            listener.events.push({
              id: field('id') ?? '',
              type: field('event') ?? '',
              subject: JSON.parse(data).subject,
            })
        }
        if (block0(listener)) resolve(listener)
      })
      response.on('error', () => {})
    })
    sent.end()
  })
}

const block0 = ({ comments }: Listener) => comments.length > 0

const say = (subject: string) =>
  database.operations.insertStreamEvent({ at: now, type: 'order.raised', subject, data: { a: 1 } })
const subjects = ({ events }: Listener) => events.map(({ subject }) => subject)

test('what is committed is told at once; one who comes back gets what it missed, once and in order', async () => {
  const first = await listen()
  const second = await listen()
  for (const subject of ['a', 'b', 'c']) await say(subject)
  stream.wake()
  await expect
    .poll(() => [subjects(first), subjects(second)])
    .toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
  const lastId = first.events.at(1)?.id
  first.close()
  const missed = Array.from({ length: 450 }, (_, n) => `m-${n}`)
  for (const subject of missed) await say(subject)
  const again = await listen(lastId)
  await expect.poll(() => again.events.length).toBe(451)
  expect(subjects(again)).toEqual(['c', ...missed])
  await say('d')
  stream.wake()
  await expect.poll(() => [subjects(again).at(-1), subjects(second).at(-1)]).toEqual(['d', 'd'])
  expect(new Set(again.events.map(({ id }) => id)).size).toBe(again.events.length)
})

test('an event of a transaction that takes long is not skipped by those that came later', async () => {
  const reader = await listen()
  let finish = () => {}
  const mayFinish = new Promise<void>((resolve) => {
    finish = resolve
  })
  let begun = () => {}
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  const slow = database.operations.transaction(async (unit) => {
    await unit.insertStreamEvent({ at: now, type: 'order.raised', subject: 'slow', data: {} })
    begun()
    await mayFinish
  })
  await hasBegun
  await say('quick')
  stream.wake()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(subjects(reader)).toEqual([])
  finish()
  await slow
  stream.wake()
  await expect.poll(() => subjects(reader)).toEqual(['slow', 'quick'])
})

test('what is not kept any more cannot be told: the reader is told to begin anew', async () => {
  await say('old')
  const { transaction, id } = await database.operations.streamHead()
  now += 2 * dayMs
  expect(await database.operations.trimStream(now - dayMs)).toBeGreaterThan(0)
  const reader = await listen(`${transaction}-${id}`)
  await expect.poll(() => reader.events.map(({ type }) => type)).toEqual(['reset'])
})

test('a reader to whom nothing happens hears a heartbeat', async () => {
  const { comments } = await listen()
  await expect.poll(() => comments.filter((text) => text === ': still here').length).toBeGreaterThanOrEqual(3)
})

test('a reader who does not read is told and let go of, and the others hear everything meanwhile', async () => {
  const good = await listen()
  const { port } = app.server.address() as AddressInfo
  const frozen = connect(port, '127.0.0.1')
  frozen.on('error', () => {})
  onTestFinished(() => void frozen.destroy())
  frozen.write('GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(frozen, 'data') // what comes from now on is for it, too
  frozen.pause()

  const data = { text: 'x'.repeat(8_000) }
  let told = 0
  while (told < 1_500) {
    await database.operations.transaction(async (unit) => {
      for (let n = 0; n < 100; n++)
        await unit.insertStreamEvent({ at: now, type: 'order.raised', subject: `s-${told++}`, data })
    })
    stream.wake()
    await expect.poll(() => good.events.length).toBe(told)
  }
  let late = ''
  frozen.setEncoding('utf8').on('data', (part: string) => {
    late += part
  })
  frozen.resume()
  await expect.poll(() => late.endsWith('\r\n0\r\n\r\n'), { timeout: 30_000 }).toBe(true)
  expect(late.split('event: order.raised').length).toBeLessThan(told)
  expect(late.slice(-100)).toContain('event: dropped\ndata: {"reason":"too slow"}\n\n')
})

test('as many may read as may, and one more is asked to wait', async () => {
  const readers = await Promise.all(Array.from({ length: 50 }, () => listen()))
  const response = await app.inject({ url: '/api/v1/stream' })
  expect([response.statusCode, response.json().code]).toEqual([429, 'too-many-requests'])
  for (const reader of readers) reader.close()
  await expect.poll(() => stream.hasRoom(null)).toBe(true)
})

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(database.connection)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

function recipientOf(channelId: string) {
  const who = { party: 'crew', teamId: null, memberId: null, address: null, locale: 'zh-CN', why: '' } as const
  return { ...who, channelId }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

async function addOrder(given: Partial<WorkOrder> = {}): Promise<WorkOrder> {
  const incident = testIncident({ deviceId: `elv-${randomUUID()}`, detectedAt: now })
  const { orderId: _, ...fresh } = incident
  await database.operations.insertIncident({ ...fresh, followed: null })
  const order = testOrder({ incidentId: incident.id, deviceId: incident.deviceId, detectedAt: now, ...given })
  await database.operations.insertOrder(order)
  return order
}
