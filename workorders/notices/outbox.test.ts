import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { quantile } from '../../bench/figures.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { silentLog } from '../../core/log.ts'
import type { Channel, Notice, NoticeReason, Recipient } from '../../core/notice.ts'
import type { Team } from '../../core/people.ts'
import type { Severity } from '../../core/severity.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { openChannel } from '../channels/index.ts'
import type { ChannelTools } from '../channels/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { createWatchWaiting, crewUnreachedAfterMs } from '../plans/watch-waiting.ts'
import { notifyRecipients, tell } from './notify.ts'
import { createOrderLinks } from './order-link.ts'
import { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts'
import { takeParcels } from './parcels.ts'
import type { Sent } from './send-notice.ts'

const start = Date.UTC(2026, 10, 24, 18)
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const links = createOrderLinks({ key: Buffer.alloc(32, 1), publicUrl: 'https://liftwatt.example' })

let now = start
let database: TestDatabase
let sent: Sent[] = []

beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())
beforeEach(() => {
  now = start
  sent = []
})

/** A receiver of webhooks, with all that reached it. */
async function receiver(listener: RequestListener = (_request, response) => response.writeHead(204).end()) {
  const bodies: { key: string; data: Record<string, unknown>; at: number }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    bodies.push({ key: String(request.headers['webhook-id']), data: JSON.parse(body).data, at: performance.now() })
    listener(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { bodies, url }
}

async function addChannel(url: string, given: Partial<Channel> & { allowPrivate?: boolean } = {}): Promise<string> {
  const { allowPrivate = true, ...rest } = given
  const id = `ch-${randomUUID().slice(0, 8)}`
  const settings = { url, secret, allowPrivate }
  await database.operations.insertChannel({
    id,
    type: 'webhook',
    name: id,
    settings,
    enabled: true,
    createdAt: now,
    ...rest,
  })
  return id
}

function outbox(given: Partial<OutboxOptions> & { tools?: Partial<ChannelTools> } = {}): Outbox {
  const tools = { publish: async () => {}, ...given.tools }
  return createOutbox({
    operations: database.operations,
    openChannel: (channel) => openChannel(channel, tools),
    links,
    recordEvent,
    clock: () => now,
    log: silentLog,
    onSent: (what) => sent.push(what),
    random: () => 0.5,
    ...given,
  })
}

async function addOrder(severity: Severity = 'critical', given: Partial<WorkOrder> = {}): Promise<WorkOrder> {
  const incident = testIncident({ deviceId: `elv-${randomUUID()}`, detectedAt: now, severity })
  const { orderId: _, ...fresh } = incident
  await database.operations.insertIncident({ ...fresh, followed: null })
  const planned = severity === 'warning' && ({ type: 'planned', arriveBy: null } as const)
  const found = { deviceId: incident.deviceId, detectedAt: now, severity }
  const order = testOrder({ incidentId: incident.id, ...found, ...planned, ...given })
  await database.operations.insertOrder(order)
  return order
}

async function addTeam(type: Team['type'], addresses: Team['addresses']): Promise<string> {
  const id = `${type}-${randomUUID().slice(0, 8)}`
  await database.operations.insertTeam(testTeam(id, { type, addresses }))
  return id
}

function to(channelId: string, given: Partial<Recipient> = {}): Recipient {
  const name = '张伟'
  const who = {
    party: 'crew',
    teamId: 'crew-1',
    memberId: null,
    name,
    address: null,
    locale: 'zh-CN',
    why: 'crew',
  } as const
  return { ...who, channelId, ...given }
}

async function write(order: WorkOrder, recipients: Recipient[], reason: NoticeReason = 'raised') {
  return database.operations.transaction((unit) => notifyRecipients(unit, { order, reason, recipients, now }))
}

async function noticesOf(channelId: string): Promise<Notice[]> {
  return (await database.operations.notices({ channelId, limit: 1_000 })).items
}

/** Stands just before it is due, finds that nothing leaves, and then stands where it is. */
async function untilDue(channelId: string, box: Outbox): Promise<void> {
  const [notice] = await noticesOf(channelId)
  if (notice?.state !== 'waiting') return
  now = notice.nextAttemptAt - 1
  await box.runOnce()
  now += 1
}

test('a notice leaves with a signed link of its order, once, and the order remembers who was told', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const order = await addOrder()
  await write(order, [to(channelId)])
  await write(order, [to(channelId)])
  await outbox().runOnce()
  await outbox().runOnce()

  expect(bodies).toHaveLength(1)
  const { key = '', data = {} as Record<string, unknown> } = bodies[0] ?? {}
  expect(key).toMatch(new RegExp(`^${order.id}:raised:v0:${channelId}:[0-9a-f]{16}$`))
  expect(data).toMatchObject({ orderId: order.id, severity: 'critical', party: 'crew', state: 'raised' })
  expect(data.text).toMatch(/剩余 30 分钟/)
  const claim = links.read(String(data.link).split('/o/')[1] ?? '', now)
  expect(claim).toMatchObject({ orderId: order.id, scope: 'crew', name: '张伟' })
  expect(await noticesOf(channelId)).toMatchObject([{ state: 'sent', sentAt: now, sentAs: key, attempts: 1 }])
  const events = await database.operations.orderEvents(order.id)
  expect(events).toMatchObject([{ type: 'notified', at: now, data: { to: '张伟', reason: 'raised', channelId } }])
  expect(sent).toEqual([{ channelType: 'webhook', outcome: 'delivered', afterMs: 0 }])
})

test('what was rolled back is never sent', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const order = await addOrder()
  const failing = database.operations.transaction(async (unit) => {
    await notifyRecipients(unit, { order, reason: 'raised', recipients: [to(channelId)], now })
    throw new TypeError('no')
  })
  await expect(failing).rejects.toThrow('no')
  await outbox().runOnce()
  expect(bodies).toEqual([])
})

/** One that hangs, one that always fails, one that redirects inside, and one whose name leads inside after it was saved. */
async function badReceivers() {
  let [hangs, mostHang] = [0, 0]
  const hanging = await receiver((_request, response) => {
    mostHang = Math.max(mostHang, ++hangs)
    response.once('close', () => hangs--)
  })
  const failing = await receiver((_request, response) => response.writeHead(500).end())
  const redirecting = await receiver((_request, response) =>
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  )
  const ids = {
    hanging: await addChannel(hanging.url),
    failing: await addChannel(failing.url),
    redirecting: await addChannel(redirecting.url),
    turning: await addChannel('http://turning.example/', { allowPrivate: false }),
  }
  let lookUps = 0
  const resolve = async () => [{ address: lookUps++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }]
  await resolve() // as it was when the channel was saved
  return { ids, mostHang: () => mostHang, tools: { resolve } }
}

test('a receiver that hangs, one that fails, one that redirects and one whose name turns inside delay nobody, and all is seen', async () => {
  const good = await receiver()
  const inside = await receiver()
  const { ids: badIds, mostHang, tools } = await badReceivers()
  const ids = { ...badIds, good: await addChannel(good.url) }
  const orders = await Promise.all(Array.from({ length: 20 }, () => addOrder()))
  for (const order of orders)
    await write(
      order,
      Object.values(ids).map((channelId) => to(channelId)),
    )

  const box = outbox({ tools })
  const began = performance.now()
  box.wake()
  await expect.poll(() => good.bodies.length).toBe(20)
  const tookMs = performance.now() - began
  const deadOf = async () => {
    const states = await database.operations.channelStates()
    return [ids.redirecting, ids.turning].map((id) => states.find(({ channelId }) => channelId === id)?.dead)
  }
  await expect.poll(deadOf).toEqual([20, 20]) // they may be refused after the last good one arrived
  await box.stop()

  expect(tookMs).toBeLessThan(50_000) // one after the other, those that hang alone would take 100 s
  expect(mostHang()).toBeLessThanOrEqual(8) // of 20; four wait at once, and those that were let go of may not have heard of it
  expect(inside.bodies).toEqual([])
  const errors = Object.fromEntries(
    (await database.operations.channelStates()).map((state) => [state.channelId, state]),
  )
  expect(errors[ids.failing]).toMatchObject({ waiting: 20, dead: 0, lastError: 'it answered 500' })
  expect(errors[ids.redirecting]).toMatchObject({
    dead: 20,
    lastError: expect.stringMatching(/redirects are not followed/),
  })
  expect(errors[ids.turning]).toMatchObject({ dead: 20, lastError: expect.stringMatching(/127\.0\.0\.1.*private/) })
  expect(errors[ids.hanging]).toMatchObject({ waiting: 20, lastError: expect.stringMatching(/no answer/) })
  expect(errors[ids.good]).toMatchObject({ waiting: 0, dead: 0, lastSentAt: now, lastError: null })
})

const isLong = process.env.LIFTWATT_TEST_LONG === '1'
const [rounds, ordersOfRound] = isLong ? [4, 100] : [2, 25]

test('a notice comes as soon beside four receivers that do not answer as beside four that do', async () => {
  const good = await receiver()
  const goodId = await addChannel(good.url)
  const neighbours = await Promise.all(Array.from({ length: 4 }, async () => addChannel((await receiver()).url)))
  const { ids: badIds, tools } = await badReceivers()
  const box = outbox({ tools, clock: Date.now })
  onTestFinished(() => box.stop())
  box.start()

  /** One order after the other; answers how long after its commit each notice came, ms. */
  async function delaysBeside(channelIds: readonly string[]): Promise<number[]> {
    good.bodies.length = 0
    const writtenAt = new Map<unknown, number>()
    for (let n = 0; n < ordersOfRound; n++) {
      now = Date.now()
      const order = await addOrder()
      const recipients = [...channelIds, goodId].map((channelId) => to(channelId))
      await write(order, recipients)
      writtenAt.set(order.id, performance.now())
      box.wake()
      await new Promise((later) => setTimeout(later, 20))
    }
    await expect.poll(() => good.bodies.length, { timeout: 60_000 }).toBe(ordersOfRound)
    return good.bodies.map(({ data, at }) => at - (writtenAt.get(data.orderId) ?? 0))
  }
  const delays = { well: [] as number[], ill: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    delays.well.push(...(await delaysBeside(neighbours)))
    delays.ill.push(...(await delaysBeside(Object.values(badIds))))
  }
  const [well, ill] = [delays.well, delays.ill].map((all) => [0.5, 0.99].map((share) => quantile(all, share)))
  const shown = ([p50 = 0, p99 = 0]: number[] = []) => `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`
  console.log(
    `${delays.ill.length} notices beside four that answer: ${shown(well)}; beside four that do not: ${shown(ill)}`,
  )
  // whoever waited for one of them would wait for 5 s
  expect(ill?.[1]).toBeLessThan((well?.[1] ?? 0) + 4 * secondMs)
}, 600_000)

test('one that fails for ten minutes is tried again and again, more and more rarely, with one key, and then has it', async () => {
  let isWell = false
  const { bodies, url } = await receiver((_request, response) => response.writeHead(isWell ? 200 : 500).end())
  const channelId = await addChannel(url)
  await write(await addOrder(), [to(channelId)])
  const box = outbox()
  const triedAt: number[] = []
  while ((await noticesOf(channelId))[0]?.state === 'waiting') {
    isWell = now >= start + 10 * minuteMs
    await box.runOnce()
    triedAt.push(now - start)
    await untilDue(channelId, box)
  }
  expect(bodies).toHaveLength(triedAt.length)

  expect(new Set(bodies.map(({ key }) => key)).size).toBe(1)
  const gaps = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0))
  expect(gaps.slice(0, 4)).toEqual([0.75, 1.5, 3, 6].map((seconds) => seconds * secondMs)) // half of it by chance
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * minuteMs)
  expect(triedAt.length).toBeLessThan(25)
  const [notice] = await noticesOf(channelId)
  expect(notice?.state).toBe('sent')
  expect((notice?.sentAt ?? 0) - start).toBeLessThanOrEqual(12 * minuteMs)
})

test('after a day it is a dead letter that people see, and can send again', async () => {
  let isWell = false
  const { bodies, url } = await receiver((_request, response) => response.writeHead(isWell ? 200 : 503).end())
  const channelId = await addChannel(url)
  await write(await addOrder(), [to(channelId)])
  const box = outbox()
  for (; now < start + dayMs + 4 * hourMs; now += 2 * hourMs) await box.runOnce()
  const [dead] = await noticesOf(channelId)
  expect(dead).toMatchObject({ state: 'dead', lastError: 'it answered 503' })
  const tries = bodies.length
  await box.runOnce()
  expect(bodies).toHaveLength(tries)

  isWell = true
  expect(await database.operations.reviveNotice(dead?.id ?? '', { nextAttemptAt: now, giveUpAt: now + dayMs })).toBe(
    true,
  )
  await box.runOnce()
  expect((await noticesOf(channelId))[0]).toMatchObject({ state: 'sent', lastError: null })
  expect(new Set(bodies.map(({ key }) => key)).size).toBe(1)
})

test('killed between sending and noting it, it is sent again with the same key when its lease is over, not before', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const order = await addOrder()
  await write(order, [to(channelId)])
  const killed = async () => {
    throw new Error('killed')
  }
  await outbox({ recordEvent: killed }).runOnce()
  expect((await noticesOf(channelId))[0]).toMatchObject({ state: 'waiting', attempts: 1 })
  now += 10 * secondMs
  await outbox().runOnce()
  expect(bodies).toHaveLength(1)

  now += 15 * secondMs
  await outbox().runOnce()
  expect(bodies.map(({ key }) => key)).toEqual([bodies[0]?.key, bodies[0]?.key])
  expect((await noticesOf(channelId))[0]?.state).toBe('sent')
  expect(await database.operations.orderEvents(order.id)).toHaveLength(1)
})

test('two processes at one outbox send each notice once', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  for (let n = 0; n < 30; n++) await write(await addOrder(), [to(channelId)])
  await Promise.all([outbox().runOnce(), outbox().runOnce()])
  expect(bodies).toHaveLength(30)
  expect(new Set(bodies.map(({ key }) => key)).size).toBe(30)
})

test('more than ten to one person in ten minutes become a digest; who has 30 minutes is never made to wait for it', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const box = outbox()
  const send = async (severity: Severity, address: string) => {
    await write(await addOrder(severity), [to(channelId, { address })])
    await box.runOnce()
    now += secondMs
  }
  for (let n = 0; n < 15; n++) await send('warning', 'zhang')
  expect(bodies).toHaveLength(10)
  expect((await noticesOf(channelId)).filter(({ held }) => held)).toHaveLength(5)
  await send('urgent', 'zhang')
  await send('warning', 'li')
  expect(bodies).toHaveLength(12)

  now = start + 10 * minuteMs + secondMs
  await box.runOnce()
  expect(bodies).toHaveLength(13)
  const digest = bodies.at(-1)
  expect(digest?.key).toMatch(/^digest:[0-9a-f]{32}$/)
  expect(digest?.data).toMatchObject({ title: expect.stringMatching(/共 5 条/), digest: { length: 5 } })
  expect(String(digest?.data.text).match(/https:\/\/liftwatt\.example\/o\//g)).toHaveLength(5)
  const notices = await noticesOf(channelId)
  expect(notices.every(({ state }) => state === 'sent')).toBe(true)
  expect(notices.filter(({ sentAs }) => sentAs === digest?.key)).toHaveLength(5)
})

test('of many that one person gets at once ten leave and the others wait for a digest; those to others leave', async () => {
  const channelId = randomUUID()
  const order = await addOrder('warning')
  await write(
    order,
    Array.from({ length: 100 }, (_, n) => to(channelId, { address: `w${n}` })),
  )
  for (let n = 0; n < 30; n++) await write(await addOrder('warning'), [to(channelId, { address: 'zhang' })])

  const { parcels } = await takeParcels(database.operations, channelId, 200, now)
  const leaving = new Set(parcels.flat().map(({ id }) => id))
  const toZhang = (await noticesOf(channelId)).filter(({ recipient }) => recipient.address === 'zhang')
  const [singly, waiting] = [true, false].map((leaves) => toZhang.filter(({ id }) => leaving.has(id) === leaves))
  expect([leaving.size, parcels.length]).toEqual([110, 110])
  expect(singly?.map(({ held }) => held)).toEqual(Array(10).fill(false))
  expect(waiting).toHaveLength(20)
  for (const notice of waiting ?? []) expect(notice).toMatchObject({ held: true, nextAttemptAt: now + 10 * minuteMs })
})

test('what is too long for one digest leaves in several, and each order has its line and its link', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  for (let n = 0; n < 55; n++) await write(await addOrder('warning'), [to(channelId, { address: 'zhang' })])
  await outbox().runOnce()
  now += 10 * minuteMs + secondMs
  await outbox().runOnce()
  const digests = bodies.filter(({ key }) => key?.startsWith('digest:')).map(({ data }) => String(data.text))
  const links = digests.map((text) => text.match(/https:\/\/liftwatt\.example\/o\//g)?.length ?? 0)
  expect(links.every((count) => count <= 20)).toBe(true)
  // which of them are claimed together is not said: hardly one is left alone
  const alone = bodies.length - digests.length
  expect([alone + links.reduce((sum, count) => sum + count, 0), bodies.length < 20]).toEqual([55, true])
  const orders = new Set((await noticesOf(channelId)).map(({ content }) => String(content.orderId)))
  expect(orders.size).toBe(55)
  expect((await noticesOf(channelId)).filter(({ state }) => state !== 'sent')).toEqual([])
})

test('a digest whose sender was killed leaves again as it was, under its key; what came meanwhile is another one', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const writeWarning = async () => write(await addOrder('warning'), [to(channelId, { address: 'zhang' })])
  for (let n = 0; n < 13; n++) {
    await writeWarning()
    await outbox().runOnce()
  }
  now = start + 10 * minuteMs + secondMs
  let told = 0
  const killed: OutboxOptions['recordEvent'] = async (unit, orderId, event) => {
    told += 1
    if (told > 1) throw new Error('killed')
    return recordEvent(unit, orderId, event)
  }
  await outbox({ recordEvent: killed }).runOnce()
  const digest = bodies.at(-1)?.key
  expect(digest).toMatch(/^digest:/)
  await writeWarning()

  for (const seconds of [0, 25, 25, 10 * 60]) {
    now += seconds * secondMs
    await outbox().runOnce()
  }
  const keys = bodies.slice(10).map(({ key }) => key)
  const notices = await noticesOf(channelId)
  expect(keys.toSorted()).toEqual([digest, digest, notices[0]?.key].toSorted())
  expect(notices.map(({ state }) => state)).toEqual(Array(14).fill('sent'))
  expect(notices.filter(({ sentAs }) => sentAs === digest)).toHaveLength(3)
})

test('a notice of a danger to life leaves before a flood of others that were written earlier', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  for (let n = 0; n < 12; n++) await write(await addOrder('urgent'), [to(channelId)])
  now += minuteMs
  await write(await addOrder('critical'), [to(channelId)])
  expect((await noticesOf(channelId))[0]).toMatchObject({ createdAt: now, nextAttemptAt: now })
  await outbox().runOnce()
  const severities = bodies.map(({ data }) => data.severity)
  // four are on their way at once
  expect(severities.slice(0, 4)).toContain('critical')
  expect(severities.slice(4)).toEqual(Array(9).fill('urgent'))
})

test('a danger to life goes ahead of others also after a try, a lease that ran out, and the dead letters', async () => {
  const { operations } = database
  const channelId = randomUUID()
  const claim = async (limit: number) =>
    operations.claimNotices({ channelId, now, limit, leaseUntil: now + 20 * secondMs })
  const danger = await addOrder('critical')
  await write(danger, [to(channelId)])
  await claim(1)
  for (let n = 0; n < 3; n++) await write(await addOrder('urgent'), [to(channelId)])

  now += 30 * secondMs
  const [afterLease] = await claim(1)
  expect(afterLease).toMatchObject({ orderId: danger.id, attempts: 2 })
  const ids = [afterLease?.id ?? '']
  now += secondMs
  await operations.postponeNotices(ids, { nextAttemptAt: now, lastError: 'it answered 500' })
  expect(await claim(1)).toMatchObject([{ orderId: danger.id }])
  await operations.buryNotices(ids, 'it answered 500')
  now += secondMs
  await operations.reviveNotice(ids[0] ?? '', { nextAttemptAt: now, giveUpAt: now + dayMs })
  expect(await claim(1)).toMatchObject([{ orderId: danger.id }])
  await operations.giveBackNotices(ids)
  expect((await claim(4)).map(({ orderId }) => orderId === danger.id)).toEqual([true, false, false, false])
})

test('one that is written in the middle of a flood waits for what is on its way, not for what was written before it', async () => {
  let release = () => {}
  const isReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  const { bodies, url } = await receiver(async (_request, response) => {
    await isReleased
    response.writeHead(204).end()
  })
  const channelId = await addChannel(url)
  const many = Array.from({ length: 40 }, (_, n) => to(channelId, { address: `w${n}` }))
  await write(await addOrder('urgent'), many)
  const danger = await addOrder('critical')
  const box = outbox()
  const done = box.runOnce()
  await expect.poll(() => bodies.length, { interval: 5 }).toBe(4)
  await write(danger, [to(channelId)])
  release()
  await done
  const place = bodies.findIndex(({ data }) => data.orderId === danger.id)
  expect(place).toBeGreaterThanOrEqual(4)
  expect(place).toBeLessThan(12)
  expect(bodies).toHaveLength(41)
})

test('what it had taken and not begun when it was stopped is due at once for the next, and is sent once', async () => {
  const { bodies, url } = await receiver((_request, response) => {
    setTimeout(() => response.writeHead(204).end(), 50)
  })
  const channelId = await addChannel(url)
  await write(
    await addOrder('urgent'),
    Array.from({ length: 40 }, (_, n) => to(channelId, { address: `w${n}` })),
  )
  const box = outbox()
  box.wake()
  await expect.poll(() => bodies.length, { interval: 5 }).toBeGreaterThan(12)
  await box.stop()
  const waiting = (await noticesOf(channelId)).filter(({ state }) => state === 'waiting')
  expect(waiting).toHaveLength(40 - bodies.length)
  expect(waiting.length).toBeGreaterThan(0)
  for (const notice of waiting) expect(notice).toMatchObject({ attempts: 0, nextAttemptAt: now })
  await outbox().runOnce()
  expect(bodies).toHaveLength(40)
  expect(new Set(bodies.map(({ key }) => key)).size).toBe(40)
})

test('a receiver that takes them quickly gets more than four at a time', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const many = Array.from({ length: 120 }, (_, n) => to(channelId, { address: `w${n}` }))
  await write(await addOrder('urgent'), many)
  const claims: number[] = []
  const transaction: Operations['transaction'] = (work) =>
    database.operations.transaction((unit) => {
      const claimNotices: Operations['claimNotices'] = async (claim) => {
        const claimed = await unit.claimNotices(claim)
        claims.push(claimed.length)
        return claimed
      }
      return work({ ...unit, claimNotices })
    })
  await outbox({ operations: { ...database.operations, transaction } }).runOnce()
  expect(bodies).toHaveLength(120)
  // on a machine that is quick enough for it
  expect(Math.max(...claims)).toBeGreaterThan(4)
})

test('an order that ended sends nobody; only the word that it ended leaves, and the one that turns back whoever is on the road', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const [cancelled, unsaid] = [await addOrder(), await addOrder()]
  for (const order of [cancelled, unsaid]) {
    await write(order, [to(channelId)])
    await write(order, [to(channelId, { teamId: 'crew-2' })], 'handed-over')
  }
  await database.operations.transaction(async (unit) => {
    const change = { state: 'cancelled', cancelledAt: now } as const
    await unit.updateOrder(cancelled.id, 'raised', change)
    expect(await unit.voidNotices(cancelled.id)).toBe(1)
    await notifyRecipients(unit, {
      order: { ...cancelled, ...change },
      reason: 'cancelled',
      recipients: [to(channelId)],
      now,
    })
    await unit.updateOrder(unsaid.id, 'raised', change) // whoever forgot to void them
  })
  await outbox().runOnce()
  expect(bodies.map(({ data }) => data.reason).sort()).toEqual(['cancelled', 'handed-over', 'handed-over'])
  const states = (await noticesOf(channelId)).map(({ reason, state }) => `${reason} ${state}`)
  expect(states.filter((state) => state.endsWith('void'))).toEqual(['raised void', 'raised void'])
})

test('an upgrade runs a plan anew, and its steps are told again', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const order = await addOrder()
  const step = { id: 'crew-accepts', goal: 'accepted', minutes: 5 } as const
  const request = { order, reason: 'escalated', recipients: [to(channelId)], step, now } as const
  await database.operations.transaction((unit) => notifyRecipients(unit, request))
  await database.operations.transaction((unit) => notifyRecipients(unit, request))
  const upgraded = { ...order, upgradedAt: now }
  await database.operations.transaction((unit) => notifyRecipients(unit, { ...request, order: upgraded }))
  await outbox().runOnce()
  expect(bodies).toHaveLength(2)
})

test('one person with two roles, or a group that two teams share, is told once', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const recipients = [to(channelId), to(channelId, { party: 'duty-room', teamId: 'duty' })]
  expect(await write(await addOrder(), recipients)).toHaveLength(1)
  await outbox().runOnce()
  expect(bodies).toHaveLength(1)
})

test('a channel that is switched off or gone leaves dead letters that say so', async () => {
  const { url } = await receiver()
  const off = await addChannel(url, { enabled: false })
  await write(await addOrder(), [to(off), to('ch-gone')])
  await outbox().runOnce()
  expect((await noticesOf(off))[0]).toMatchObject({ state: 'dead', lastError: expect.stringMatching(/switched off/) })
  expect((await noticesOf('ch-gone'))[0]).toMatchObject({
    state: 'dead',
    lastError: expect.stringMatching(/no channel/),
  })
})

test('a crew that none of its channels reaches is called by those above, once each time that it is given the order', async () => {
  const { url } = await receiver()
  const refusing = await receiver((_request, response) => response.writeHead(410).end())
  const [off, gone, room] = [
    await addChannel(url, { enabled: false }),
    await addChannel(refusing.url),
    await addChannel(url),
  ]
  const crew = await addTeam('crew', [])
  const duty = await addTeam('duty-room', [{ channelId: room, address: null }])
  onTestFinished(async () => void (await database.operations.updateTeam(duty, { removedAt: 1 })))
  const order = await addOrder('critical', { teamId: crew })
  const toCrew = [to(off, { teamId: crew }), to(gone, { teamId: crew, memberId: 'li' })]
  const escalations = async () =>
    (await database.operations.orderEvents(order.id)).filter(({ type }) => type === 'escalated')

  await write(order, toCrew.slice(0, 1))
  await write(order, [to(off, { teamId: 'the maintainer', party: 'maintainer', name: 'Ma' })])
  await outbox().runOnce()
  expect(await escalations()).toMatchObject([
    { actor: 'liftwatt', data: { action: 'not-reached', teamId: crew, unreached: [{ channelId: off }] } },
  ])
  const [notice, ...others] = await noticesOf(room)
  expect(others).toEqual([])
  expect(notice).toMatchObject({ reason: 'not-reached', orderId: order.id, recipient: { party: 'duty-room' } })
  expect(notice?.content.said).toMatch(/switched off/)

  await write(order, toCrew.slice(1), 'upgraded')
  await outbox().runOnce()
  expect(await escalations()).toHaveLength(1)
  expect((await noticesOf(gone)).map(({ state }) => state)).toEqual(['dead'])
})

test('while a crew cannot be told yet those above hear it within minutes, once, and it is tried on', async () => {
  let isWell = false
  const { url } = await receiver()
  const away = await receiver((_request, response) =>
    response.writeHead(isWell ? 204 : 503, isWell ? {} : { 'retry-after': '3600' }).end(),
  )
  const [channel, room] = [await addChannel(away.url), await addChannel(url)]
  const [crew, duty] = [await addTeam('crew', []), await addTeam('duty-room', [{ channelId: room, address: null }])]
  onTestFinished(async () => void (await database.operations.updateTeam(duty, { removedAt: 1 })))
  const [order, planned] = [await addOrder('critical', { teamId: crew }), await addOrder('warning', { teamId: crew })]
  for (const one of [order, planned]) await write(one, [to(channel, { teamId: crew })])
  const told = async (id: string) =>
    (await database.operations.orderEvents(id)).filter(({ type }) => type === 'escalated')
  const box = outbox()

  await box.runOnce()
  now += crewUnreachedAfterMs - 1
  await box.runOnce()
  expect(await told(order.id)).toEqual([])
  now += 1
  await box.runOnce()
  await box.runOnce()
  expect(await told(order.id)).toMatchObject([
    { data: { action: 'not-reached', teamId: crew, unreached: [{ channelId: channel, reason: 'it answered 503' }] } },
  ])
  expect((await noticesOf(room)).map(({ reason, state, content }) => [reason, state, content.said])).toEqual([
    ['not-reached', 'sent', expect.stringMatching(/not told for 2 min, and tried on: it answered 503/)],
  ])

  isWell = true
  now += hourMs
  await box.runOnce()
  expect((await noticesOf(channel)).map(({ state }) => state)).toEqual(['sent', 'sent'])
  expect([await told(order.id), await told(planned.id)]).toEqual([[expect.anything()], []])
})

test('one that cannot be seen to hides none of the others, and is tried again', async () => {
  const channel = await addChannel('http://127.0.0.1:9/')
  const crew = await addTeam('crew', [])
  const [bad, good] = [await addOrder('critical', { teamId: crew }), await addOrder('critical', { teamId: crew })]
  for (const order of [bad, good]) {
    await write(order, [to(channel, { teamId: crew })])
    now += 1
  }
  const tried: string[] = []
  const watch = createWatchWaiting({
    // as if one filled a page
    operations: {
      ...database.operations,
      waitingToGive: async (before, _, after) =>
        (await database.operations.waitingToGive(before, 100, after))
          .filter(({ recipient }) => recipient.channelId === channel)
          .slice(0, 1),
    },
    async recordEvent(unit, orderId, event, key) {
      tried.push(orderId)
      if (orderId === bad.id) throw new Error('its chain cannot be read')
      await recordEvent(unit, orderId, event, key)
    },
    log: silentLog,
  })
  for (let look = 1; look <= 3; look++) await watch(now + crewUnreachedAfterMs)
  expect(tried).toEqual([bad.id, good.id, bad.id])
})

test('a crew that heard of it in another way, took it, or was told again just now is not called for', async () => {
  const { url } = await receiver()
  const away = await receiver((_request, response) => response.writeHead(503).end())
  const [channel, well] = [await addChannel(away.url), await addChannel(url)]
  const crew = await addTeam('crew', [])
  const given = { teamId: crew }
  const [reached, taken, again] = [
    await addOrder('critical', given),
    await addOrder('critical', given),
    await addOrder('critical', given),
  ]
  const told = async ({ id }: WorkOrder) =>
    (await database.operations.orderEvents(id)).filter(({ type }) => type === 'escalated').length
  const box = outbox()
  await write(reached, [to(channel, given), to(well, given)])
  for (const one of [taken, again]) await write(one, [to(channel, given)])
  await box.runOnce()
  await database.operations.updateOrder(taken.id, 'raised', { technicianId: 'li' })
  now += crewUnreachedAfterMs
  await write(again, [to(channel, { ...given, memberId: 'li' })], 'on-shift')
  await box.runOnce()
  expect([await told(reached), await told(taken), await told(again)]).toEqual([0, 0, 0])

  now += crewUnreachedAfterMs
  await box.runOnce()
  expect([await told(reached), await told(taken), await told(again)]).toEqual([0, 0, 1])
})

test('who was reached on another way, has accepted, or has the order no more, is no case for those above', async () => {
  const { url } = await receiver()
  const [off, well] = [await addChannel(url, { enabled: false }), await addChannel(url)]
  const crew = await addTeam('crew', [])
  const reached = await addOrder('critical', { teamId: crew })
  await write(reached, [to(well, { teamId: crew }), to(off, { teamId: crew })])
  const accepted = await addOrder('critical', { teamId: crew, technicianId: 'li', state: 'accepted' })
  await write(accepted, [to(off, { teamId: crew })])
  await outbox().runOnce()
  await outbox().runOnce()
  for (const { id } of [reached, accepted]) {
    expect((await database.operations.orderEvents(id)).filter(({ type }) => type === 'escalated')).toEqual([])
  }
  expect((await noticesOf(off)).map(({ state }) => state)).toEqual(['dead', 'dead'])
})

test('what sends a crew is void once the order is with another one, also as a dead letter that is tried again', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const [first, second] = [await addTeam('crew', []), await addTeam('crew', [])]
  const order = await addOrder('critical', { teamId: first })
  const recipients = [to(channelId, { teamId: first })]
  await write(order, recipients)
  const [notice] = await noticesOf(channelId)
  await database.operations.buryNotices([notice?.id ?? ''], 'it answered 410')
  await database.operations.updateOrder(order.id, 'raised', { teamId: second })
  await write({ ...order, teamId: second }, recipients, 'handed-over')
  await database.operations.reviveNotice(notice?.id ?? '', { nextAttemptAt: now, giveUpAt: now + dayMs })
  await outbox().runOnce()
  expect(bodies).toHaveLength(1)
  expect((await noticesOf(channelId)).map(({ reason, state }) => [reason, state])).toEqual([
    ['handed-over', 'sent'],
    ['raised', 'void'],
  ])
})

test('what is about no order is told too, in the words of its reader', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const content = {
    title: { 'zh-CN': '明晚无人值班', en: 'Nobody is on duty tomorrow night' },
    lines: { 'zh-CN': ['一班'], en: ['Crew 1'] },
    severity: 'urgent',
  } as const
  const recipients = [to(channelId, { locale: 'en' })]
  const request = { subject: 'roster-gap/crew-1', reason: 'roster-gap', recipients, content, now } as const
  await database.operations.transaction((unit) => tell(unit, request))
  await database.operations.transaction((unit) => tell(unit, request))
  await outbox().runOnce()
  expect(bodies.map(({ data }) => [data.title, data.text, data.link])).toEqual([
    ['Nobody is on duty tomorrow night', 'Crew 1', null],
  ])
})

test('without a public address a notice says that it has no link', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  await write(await addOrder(), [to(channelId, { locale: 'en' })])
  await outbox({ links: createOrderLinks({ key: Buffer.alloc(32), publicUrl: undefined }) }).runOnce()
  expect(bodies[0]?.data).toMatchObject({ link: null, text: expect.stringMatching(/PUBLIC_URL is not set/) })
})

test('it looks by itself every second, and at once when it is woken', async () => {
  const { bodies, url } = await receiver()
  const channelId = await addChannel(url)
  const box = outbox()
  box.start()
  onTestFinished(() => box.stop())
  await write(await addOrder(), [to(channelId)])
  await expect.poll(() => bodies.length).toBe(1)
  await write(await addOrder(), [to(channelId)])
  box.wake()
  await expect.poll(() => bodies.length).toBe(2)
})
