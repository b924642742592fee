import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dayMs, minuteMs, secondMs } from '../../core/clock.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import type { ContactRole } from '../../core/site.ts'
import { kinds, metricCatalogue } from '../../devices/index.ts'
import { evidenceFiles } from '../../stores/evidence/files.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import { testMember, testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createPhotos } from '../../workorders/evidence/photos.ts'
import { createWorkOrders, type WorkOrders } from '../../workorders/life/act.ts'
import { createOrderLinks, type LinkClaim, type LinkScope } from '../../workorders/notices/order-link.ts'
import { routerOptions } from '../api.ts'
import { createPhoneRecord } from '../by-phone.ts'
import { createLiftCodes, liftKeyOf } from '../lift-codes.ts'
import { toApp } from '../to-app.ts'
import { orderLinkRoutes } from './order-link.ts'

const start = Date.UTC(2026, 10, 24, 18)
const links = createOrderLinks({ key: Buffer.alloc(32, 1), publicUrl: 'https://liftwatt.example' })
let now = start
/** Happens between the tap and the transaction that acts on it. */
let meanwhile: () => Promise<unknown> = async () => {}
let readingsAnswer = true
let database: TestDatabase
let app: FastifyInstance
let withoutConsole: FastifyInstance
let directory = ''

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  const clock = () => now
  const real = createWorkOrders({ operations, clock })
  const workOrders: Pick<WorkOrders, 'act'> = {
    async act(...given) {
      await meanwhile()
      return real.act(...given)
    },
  }
  app = Fastify({ routerOptions })
  withoutConsole = Fastify({ routerOptions })
  const kept = memoryReadings({ catalogue: metricCatalogue })
  const readings: Pick<ReadingStore, 'last' | 'downsampled'> = {
    ...kept,
    async last(...given) {
      if (!readingsAnswer) throw new StoreUnavailable('readings', new Error('connection refused'))
      return kept.last(...given)
    },
  }
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-order-link-'))
  const photos = createPhotos({ operations, files: evidenceFiles(directory), clock })
  const recordPhone = createPhoneRecord({ operations, codes: createLiftCodes(liftKeyOf(links)), clock })
  const options = { operations, workOrders, photos, links, recordPhone, clock, readings, kinds }
  await app.register(orderLinkRoutes, { ...options, hasConsole: true })
  await withoutConsole.register(orderLinkRoutes, { ...options, hasConsole: false })
  await operations.insertTeam(testTeam('crew-west', { name: '西区抢修班' }))
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
})
afterAll(async () => {
  await app.close()
  await withoutConsole.close()
  await database.remove()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => {
  now = start
  readingsAnswer = true
  meanwhile = async () => {}
})

function pathOf(
  order: WorkOrder,
  scope: LinkScope,
  name = '张伟',
  teamId: string | null = null,
  more: Pick<LinkClaim, 'memberId' | 'isCalled'> = {},
): string {
  return `/o/${links.sign({ orderId: order.id, scope, name, teamId, ...more, expiresAt: now + 7 * dayMs })}`
}

/** The same link but for one character of its signature: the last one has bits that do not count. */
function forged(path: string): string {
  return `${path.slice(0, -3)}${path.at(-3) === 'A' ? 'B' : 'A'}${path.slice(-2)}`
}

const look = (url: string, language = 'zh-CN') => app.inject({ url, headers: { 'accept-language': language } })
const press = (url: string, key: string = randomUUID()) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `key=${key}`,
  })

test('a crew whose order went to another one sees it, and neither takes it nor stops its clock', async () => {
  const order = await addOrder({ siteId: null, teamId: 'crew-west' })
  const theirs = pathOf(order, 'crew', '张伟', 'crew-east')
  expect((await look(theirs)).body).toMatch(/工单现由西区抢修班负责.*目前您无需/s)
  for (const action of ['accept', 'arrive', 'restore']) {
    expect((await press(`${theirs}/${action}`)).statusCode).toBe(409)
  }
  expect(await database.operations.order(order.id)).toMatchObject({
    state: order.state,
    technicianId: null,
    arrivedAt: null,
  })
  await press(`${pathOf(order, 'crew', '孙北', 'crew-west')}/accept`)
  expect(await database.operations.order(order.id)).toMatchObject({ state: 'accepted', technicianId: '孙北' })
})

test('a crew goes from the link to restored, without signing in, in its own language', async () => {
  const order = await addOrder({ siteId: null })
  const path = pathOf(order, 'crew')
  now += 10 * minuteMs
  const page = await look(path)
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; .*form-action 'self'/,
  )
  expect(page.body).toMatch(/电梯困人.*剩余 20 分钟.*接单/s)
  expect(page.headers['content-security-policy']).toContain(`; script-src '${toApp.source}'`)
  expect(page.body.replace(toApp.element, '')).not.toMatch(/<script|\son\w+=/)
  const plain = await withoutConsole.inject(path)
  expect([plain.body, plain.headers['content-security-policy']].join()).toMatch(/接单/)
  expect([plain.body, plain.headers['content-security-policy']].join()).not.toMatch(/script/)
  expect((await look(path, 'en')).body).toMatch(/Someone is trapped.*20 min left.*I accept/s)
  expect((await database.operations.order(order.id))?.state).toBe('raised') // looking does nothing

  let after303 = ''
  for (const action of ['accept', 'tell-passenger', 'arrive', 'restore']) {
    const pressed = await press(`${path}/${action}?lang=zh-CN`, `tap-${action}`)
    after303 = `${path}?lang=zh-CN&done=tap-${action}`
    expect([pressed.statusCode, pressed.headers.location]).toEqual([303, after303])
  }
  expect((await look(after303, 'en')).body).toMatch(/已记录.*目前您无需/s)
  const after = await database.operations.order(order.id)
  expect(after).toMatchObject({ state: 'restored', technicianId: '张伟', passengerToldAt: now })
  const events = await database.operations.orderEvents(order.id)
  expect(events.map(({ type, actor }) => `${type} ${actor}`)).toEqual([
    ...['accepted 张伟', 'noted 张伟', 'arrived 张伟', 'restored 张伟'],
  ])
})

test('the second of two who accept is told who was first; one who taps twice is not', async () => {
  const order = await addOrder()
  const [li, wang] = [pathOf(order, 'crew', '李'), pathOf(order, 'crew', '王')]
  expect((await press(`${li}/accept`, 'tap-1')).statusCode).toBe(303)
  expect((await press(`${li}/accept`, 'tap-1')).statusCode).toBe(303)
  const late = await press(`${wang}/accept`)
  expect(late.statusCode).toBe(409)
  expect(late.body).toMatch(/role="status">无法操作，工单当前状态：已接单，正在途中 \(李\)/)
  expect((await press(`${wang}/restore`)).statusCode).toBe(409)
})

test('a tenant may only answer that it is dealt with', async () => {
  const order = await addOrder({ finding: 'electricity-meter/overload' })
  const path = pathOf(order, 'contact', '租客')
  expect((await look(path)).body).toContain('已自行处理')
  for (const action of ['accept', 'arrive', 'restore', 'tell-passenger', 'cancel', 'close']) {
    expect((await press(`${path}/${action}`)).statusCode).toBe(404)
  }
  expect((await press(`${path}/dealt-with`)).statusCode).toBe(303)
  expect((await database.operations.order(order.id))?.outcome).toBe('self-corrected')
  expect((await look(pathOf(order, 'watch'))).body).toContain('目前您无需')
})

test('neither page nor answer of a link offers what would be refused: of who is shut in, of what is on site, of what has ended', async () => {
  const { operations } = database
  const order = await addOrder({ finding: 'elevator/alarm-button' })
  const offers = async (scope: LinkScope) => {
    const path = pathOf(order, scope)
    const buttons = [...(await look(path)).body.matchAll(/action="[^"]*\/([a-z-]+)\?lang/g)].map(([, action]) => action)
    expect((await app.inject(`${path}/order.json`)).json().actions).toEqual(buttons)
    return buttons
  }
  expect(await offers('contact')).toEqual(['dealt-with'])
  await operations.updateOrder(order.id, 'raised', { finding: 'elevator/entrapment' })
  expect(await offers('contact')).toEqual([])
  expect((await press(`${pathOf(order, 'contact')}/dealt-with`)).statusCode).toBe(409)
  expect(await offers('duty-room')).toEqual(['acknowledge', 'tell-passenger'])
  for (const action of ['accept', 'arrive', 'restore']) await press(`${pathOf(order, 'crew')}/${action}`)
  expect(await offers('duty-room')).toEqual([])
})

test("an insurer's inspector says behind the link that they were there, also when the order is closed, and nothing else", async () => {
  const order = await addOrder({ siteId: null })
  const path = pathOf(order, 'inspector', '周检', 'picc')
  for (const action of ['accept', 'arrive', 'dealt-with']) {
    expect((await press(`${path}/${action}`)).statusCode).toBe(404)
  }
  const crew = pathOf(order, 'crew')
  for (const action of ['accept', 'arrive', 'restore']) await press(`${crew}/${action}`)
  const said = { outcome: 'repaired', causeClass: 'equipment' } as const
  await createWorkOrders({ operations: database.operations, clock: () => now }).act({
    ...{ orderId: order.id, action: 'close', actor: 'duty', ...said },
  })
  expect((await look(path)).body).toContain('已到场检查')
  expect((await press(`${path}/inspect`)).statusCode).toBe(303)
  expect(await database.operations.order(order.id)).toMatchObject({ state: 'closed', inspectedAt: now })
  const [last] = (await database.operations.orderEvents(order.id)).slice(-1)
  expect(last).toMatchObject({ actor: '周检', data: { action: 'inspect' } })
  expect((await look(path)).body).toContain('目前您无需')
  expect((await press(`${path}/inspect`)).body).toContain('此前已有人检查')
})

test('a wrong link, one that has expired, and one of an order long over are pages that say no more than that', async () => {
  const order = await addOrder()
  const path = pathOf(order, 'crew')
  const unknown = pathOf({ ...order, id: randomUUID() }, 'crew')
  for (const wrong of [forged(path), '/o/x', unknown]) {
    const page = await look(wrong, 'en')
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(page.body).toContain('This link leads nowhere')
    expect(page.body).not.toContain(order.id)
    expect((await press(`${wrong}/accept`)).statusCode).toBe(404)
  }
  now += 8 * dayMs
  expect((await press(`${path}/accept`)).statusCode).toBe(404)

  now = start
  await database.operations.updateOrder(order.id, 'raised', { state: 'cancelled', cancelledAt: now })
  expect((await look(path)).statusCode).toBe(200)
  now += dayMs
  expect((await look(path)).statusCode).toBe(404)
})

test('a link leads to its order whatever its reader and their team are called', async () => {
  const teamId = 'crew-'.padEnd(64, 'x')
  await database.operations.insertTeam(testTeam(teamId))
  const order = await addOrder({ siteId: null, teamId })
  expect((await look(pathOf(order, 'crew', '电梯应急救援'.repeat(4), teamId))).statusCode).toBe(200)
})

test('the link of somebody who has left their team is none', async () => {
  const member = testMember('zhao', 'crew-west', { name: '赵西' })
  await database.operations.insertMember(member)
  const order = await addOrder({ siteId: null, teamId: 'crew-west' })
  const theirs = pathOf(order, 'crew', '赵西', 'crew-west')
  expect((await look(theirs)).statusCode).toBe(200)
  await database.operations.updateMember(member.id, { removedAt: now })
  expect((await look(theirs)).statusCode).toBe(404)
  expect((await press(`${theirs}/accept`)).statusCode).toBe(404)
  expect((await look(pathOf(order, 'crew', '西区抢修班', 'crew-west'))).statusCode).toBe(200)
})

test('a link that names its member is theirs under any name, in that team alone, and what they do stands under their id', async () => {
  const { operations } = database
  const order = await addOrder({ teamId: 'crew-west' })
  await operations.insertTeam(testTeam('crew-north'))
  await operations.insertMember(testMember('long', 'crew-west', { name: '名'.repeat(40) }))
  const path = pathOf(order, 'crew', '名'.repeat(40), 'crew-west', { memberId: 'long' })
  await operations.updateMember('long', { name: 'Another' })
  expect((await press(`${path}/accept`)).statusCode).toBe(303)
  expect(await operations.order(order.id)).toMatchObject({ technicianId: 'long', technicianName: 'Another' })
  const [accepted] = await operations.orderEvents(order.id)
  expect(accepted?.data).toMatchObject({ technicianId: 'long', technicianName: 'Another' })
  // so that their own app does not tell them that somebody else was first
  const { you, order: theirs } = (await app.inject(`${path}/order.json`)).json()
  expect(you.name).toBe(theirs.technicianId)

  await operations.updateMember('long', { teamId: 'crew-north' })
  expect((await look(path)).statusCode).toBe(404)
  await operations.updateMember('long', { teamId: 'crew-west' })
  expect((await look(path)).statusCode).toBe(200)
  await operations.updateMember('long', { removedAt: now })
  expect([(await look(path)).statusCode, (await press(`${path}/arrive`)).statusCode]).toEqual([404, 404])
})

test('who is called to help another crew reads what for, and can say that they come; the order stays with that crew', async () => {
  const order = await addOrder({ teamId: 'crew-west' })
  const theirs = pathOf(order, 'crew', '张伟', 'crew-west')
  await press(`${theirs}/accept`)
  const asks = { key: 'help', note: '还需两人' }
  await app.inject({ method: 'POST', url: `${theirs}/ask-for-help`, payload: asks })

  const called = pathOf(order, 'crew', '孙北', 'crew-east', { isCalled: true })
  const page = (await look(called)).body
  expect(page).toMatch(/工单由西区抢修班负责，现请您前往支援。对方说明：还需两人.*我去支援/s)
  expect(page).not.toMatch(/无需|<script/)
  expect((await look(called, 'en')).body).toMatch(/you are called to help.*They say: 还需两人.*I am coming to help/s)
  expect((await press(`${called}/accept`)).statusCode).toBe(409)
  const pressed = await press(`${called}/come?lang=zh-CN`, 'coming')
  expect([pressed.statusCode, (await look(String(pressed.headers.location))).body]).toEqual([
    303,
    expect.stringContaining('已记录'),
  ])
  await press(`${called}/come?lang=zh-CN`, 'again')
  const events = await database.operations.orderEvents(order.id)
  const coming = { note: '已应召，正前往支援', by: '孙北', comes: true }
  const comings = async () =>
    (await database.operations.orderEvents(order.id))
      .filter(({ data }) => data.comes === true)
      .map(({ actor }) => actor)
  expect(events.filter(({ type }) => type === 'noted')).toMatchObject([{ actor: '孙北', data: coming }])
  now += 10 * minuteMs
  await app.inject({ method: 'POST', url: `${theirs}/ask-for-help`, payload: { key: 'help-2', note: '还需液压钳' } })
  for (const tap of ['second call', 'twice']) await press(`${called}/come`, tap)
  expect(await comings()).toEqual(['孙北', '孙北'])
  await database.operations.insertTeam(testTeam('crew-shared', { name: '东区抢修班' }))
  const shared = pathOf(order, 'crew', '东区抢修班', 'crew-shared', { isCalled: true })
  for (const tap of ['one', 'one', 'other']) await press(`${shared}/come`, tap)
  expect(await comings()).toEqual(['孙北', '孙北', '东区抢修班', '东区抢修班'])
  expect(await database.operations.order(order.id)).toMatchObject({ teamId: 'crew-west', technicianId: '张伟' })

  for (const action of ['arrive', 'restore']) await press(`${theirs}/${action}`)
  expect((await look(called)).body).toMatch(/工单现由西区抢修班负责.*目前您无需/s)
  expect((await press(`${called}/come`)).statusCode).toBe(409)
  expect((await press(`${pathOf(order, 'crew', '孙北', 'crew-east')}/come`)).statusCode).toBe(404)
})

test('the duty room acknowledges by the very message that asks for it, once', async () => {
  const order = await addOrder({ teamId: 'crew-west' })
  const theirs = pathOf(order, 'duty-room', '值班室一')
  expect((await look(theirs)).body).toContain('已知悉，由我跟进')
  expect((await press(`${theirs}/acknowledge`)).statusCode).toBe(303)
  expect(await database.operations.order(order.id)).toMatchObject({ state: 'acknowledged', technicianId: null })
  expect((await look(theirs)).body).not.toContain('已知悉，由我跟进')
  expect((await press(`${theirs}/acknowledge`)).statusCode).toBe(409)
})

test('where nobody has accepted, whoever is called to help takes the order, and says by the same link that they are there', async () => {
  await database.operations.insertTeam(testTeam('crew-east'))
  const order = await addOrder({ teamId: 'crew-west' })
  const called = pathOf(order, 'crew', '孙北', 'crew-east', { isCalled: true })
  expect((await look(called)).body).toMatch(/接单.*我去支援/s)
  const shown = async () => (await app.inject(`${called}/order.json`)).json().actions
  expect(await shown()).toEqual(['accept', 'come'])
  for (const action of ['accept', 'arrive']) {
    expect((await press(`${called}/${action}`)).statusCode).toBe(303)
  }
  const taken = { state: 'arrived', teamId: 'crew-east', technicianId: '孙北', assignedBecause: 'They took it' }
  expect(await database.operations.order(order.id)).toMatchObject(taken)
  expect((await press(`${pathOf(order, 'crew', '张伟', 'crew-west')}/accept`)).statusCode).toBe(409)
})

test('a picture that is too large is refused by an answer that its sender can read, though it goes on sending', async () => {
  const order = await addOrder({ teamId: 'crew-west' })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await fetch(`${base}${pathOf(order, 'crew', '张伟', 'crew-west')}/photos`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: new Uint8Array(20 * 1024 * 1024),
  })
  expect([answer.status, await answer.json()]).toEqual([413, expect.objectContaining({ code: 'too-large' })])
})

test('what devices and people are called is text on the page', async () => {
  const order = await addOrder({ finding: 'x/y', summary: '<img src=x onerror=alert(1)>' })
  expect((await look(pathOf(order, 'crew', '<b>'))).body).not.toMatch(/<img|<b>/)
})

test('"noted" is said of what was done by this very tap, not of an address that somebody typed', async () => {
  const order = await addOrder()
  const path = pathOf(order, 'crew')
  for (const typed of ['done=1', 'done=accept', 'done', 'done=a&done=b', `done=${randomUUID()}`]) {
    expect((await look(`${path}?${typed}`)).body).not.toContain('已记录')
  }
  const { headers } = await press(`${path}/accept`, 'tap')
  expect((await look(String(headers.location))).body).toContain('已记录')
  expect((await look(`${pathOf(await addOrder(), 'crew')}?done=tap`)).body).not.toContain('已记录')
})

test('a form without its key acts too, and says so', async () => {
  const path = pathOf(await addOrder(), 'crew')
  const { statusCode, headers } = await press(`${path}/accept`, 'not a key!')
  expect(statusCode).toBe(303)
  expect((await look(String(headers.location))).body).toContain('已记录')
})

test('what happens between the tap and the action counts: the order went to others, or the link ended', async () => {
  const order = await addOrder({ teamId: 'crew-east' })
  const path = pathOf(order, 'crew', '张伟', 'crew-east')
  const { operations } = database
  meanwhile = () => operations.updateOrder(order.id, 'raised', { teamId: 'crew-west' })
  const late = await press(`${path}/accept`)
  expect(late.statusCode).toBe(409)
  expect(late.body).toContain('工单现由西区抢修班负责')

  meanwhile = async () => {
    now += 7 * dayMs
  }
  const ended = await press(`${pathOf(order, 'crew', '孙北', 'crew-west')}/accept`)
  expect(ended.statusCode).toBe(404)

  now = start
  meanwhile = async () => {
    await operations.updateOrder(order.id, 'raised', { state: 'cancelled', cancelledAt: now })
    now += dayMs
  }
  expect((await press(`${pathOf(order, 'crew', '孙北', 'crew-west')}/accept`)).statusCode).toBe(404)
  expect(await operations.order(order.id)).toMatchObject({ acceptedAt: null, technicianId: null })
  expect(await operations.orderEvents(order.id)).toEqual([])
})

test('what was done before is told in the words of the reader', async () => {
  const order = await addOrder()
  const path = pathOf(order, 'crew')
  await press(`${path}/tell-passenger`)
  expect((await press(`${path}/tell-passenger?lang=zh-CN`)).body).toContain('此前已有人安抚被困人员')
  expect((await press(`${path}/tell-passenger?lang=en`)).body).toContain('The passenger was told already')
})

test("the app behind a crew's link has the rights of the page, and each tap is done once, with what is said to it", async () => {
  const reportedBy = { phone: '138 0000 0000', words: '<b>两个人</b>' }
  const order = await addOrder({ teamId: 'crew-west', reportedBy })
  const path = pathOf(order, 'crew', '张伟', 'crew-west')
  const read = async (from: string) => (await app.inject({ url: `${from}/order.json` })).json()
  expect(await read(path)).toMatchObject({
    order: { id: order.id, state: 'raised', detectedAt: new Date(now).toISOString() },
    actions: ['accept', 'arrive', 'restore', 'tell-passenger', 'close', 'ask-for-help', 'note'],
    you: { name: '张伟', teamIds: ['crew-west'] },
    teamName: '西区抢修班',
    lastOrders: [],
  })
  expect((await read(path)).order.reportedBy).toEqual(reportedBy)

  const tap = (action: string, body: object) => app.inject({ method: 'POST', url: `${path}/${action}`, payload: body })
  const said = { key: 'k1', note: '2026-11-25T02:00:00+08:00; 离线 offline' }
  for (const again of [said, said])
    expect((await tap('accept', again)).json().order).toMatchObject({ state: 'accepted' })
  const refused = await tap('accept', { key: 'k2' })
  expect([refused.statusCode, refused.json().code]).toEqual([409, 'already-done'])
  expect((await tap('cancel', { key: 'k3' })).statusCode).toBe(404)
  const events = await database.operations.orderEvents(order.id)
  expect(events.map(({ type, data }) => [type, data.note])).toEqual([['accepted', said.note]])

  const theirs = pathOf(order, 'crew', '孙北', 'crew-east')
  expect(await read(theirs)).toMatchObject({ actions: [], order: { reportedBy: null } })
  const runbook = async (from: string) => (await app.inject({ url: `${from}/runbook.json` })).json()
  expect((await runbook(path)).finding).toBe(order.finding)
  expect((await runbook(theirs)).code).toBe('not-found')
  const seenByCamera = await addOrder({ finding: 'camera/smoke' })
  expect((await runbook(pathOf(seenByCamera, 'crew'))).code).toBe('not-found')
  expect((await app.inject({ url: `${forged(path)}/order.json` })).json().code).toBe('not-found')
})

test('a crew that accepts an order which no crew has gets it, also behind a link that its team shares', async () => {
  const order = await addOrder({ teamId: null })
  await tapOn(pathOf(order, 'crew', '西区抢修班', 'crew-west'))('accept', {})
  expect(await database.operations.order(order.id)).toMatchObject({ state: 'accepted', teamId: 'crew-west' })
})

describe('an order of which a crew has the link is merged into another one that they have', () => {
  const accepted = async (of: readonly [string, string]) => {
    const smoke = (deviceId: string) => addOrder({ teamId: 'crew-west', finding: 'camera/smoke' }, { deviceId })
    const [goesOn, merged] = [await smoke(of[0]), await smoke(of[1])]
    const path = pathOf(merged, 'crew', '张伟', 'crew-west')
    const tap = tapOn(path)
    await tap('accept', { key: 'k1' })
    const duty = createWorkOrders({ operations: database.operations, clock: () => now })
    await duty.act({ orderId: merged.id, action: 'merge', intoId: goesOn.id, actor: 'duty', reason: 'One event' })
    return { goesOn, merged, path, tap }
  }

  test('of the same device: what they did without a network is done to the one that goes on, once', async () => {
    const { goesOn, merged, path, tap } = await accepted(['elv-both', 'elv-both'])
    const again = await tap('accept', { key: 'k1' })
    expect([again.statusCode, again.json().order]).toMatchObject([200, { id: goesOn.id, state: 'accepted' }])
    expect((await look(`${path}?done=k1`)).body).toContain('已记录')
    expect((await tap('arrive', {})).json().order).toMatchObject({ id: goesOn.id, state: 'arrived' })
    const others = await app.inject({ url: `${pathOf(merged, 'crew', '孙北', 'crew-east')}/order.json` })
    expect(others.json().order).toMatchObject({ id: merged.id, state: 'cancelled' })
  })

  test('of another device: whoever is at the one has not arrived at the other', async () => {
    const { goesOn, merged, tap } = await accepted(['elv-here', 'elv-there'])
    const refused = await tap('arrive', {})
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'order-state'])
    expect(await database.operations.order(goesOn.id)).toMatchObject({ state: 'accepted', arrivedAt: null })
    expect(await database.operations.order(merged.id)).toMatchObject({ state: 'cancelled' })
  })
})

test('who goes there and who sends them can call whoever reported it; nobody else learns who that is', async () => {
  const order = await addOrder({ teamId: 'crew-west', reportedBy: { phone: '138 0000 0000', words: '<b>两个人</b>' } })
  for (const path of [pathOf(order, 'crew', '张伟', 'crew-west'), pathOf(order, 'duty-room')]) {
    const { body } = await look(path)
    expect(body).toContain('<a class="tel" href="tel:13800000000">138 0000 0000</a>')
    expect(body).toContain('&#60;b&#62;两个人')
  }
  for (const path of [pathOf(order, 'crew', '孙北', 'crew-east'), pathOf(order, 'contact'), pathOf(order, 'watch')])
    expect((await look(path)).body).not.toMatch(/138 0000|两个人/)
})

const tapOn = (path: string) => (action: string, body: object) =>
  app.inject({ method: 'POST', url: `${path}/${action}`, payload: { key: randomUUID(), ...body } })

test('a crew brings its order to an end behind the link: help, remarks, and why it failed', async () => {
  const order = await addOrder({ teamId: 'crew-west' })
  const tap = tapOn(pathOf(order, 'crew', '张伟', 'crew-west'))
  await tap('accept', {})
  expect((await tap('ask-for-help', { note: '需要两个人' })).statusCode).toBe(200)
  expect((await tap('note', {})).statusCode).toBe(400)
  expect((await tap('note', { note: '门锁短接' })).statusCode).toBe(200)
  await tap('arrive', {})
  await tap('restore', {})
  const parts = [{ name: '门锁触点', quantity: 2 }]
  const bad = await tap('close', { causeClass: 'gremlins' })
  expect([bad.statusCode, bad.json().code]).toEqual([400, 'invalid'])
  const missing = await Promise.all([tap('close', {}), tap('close', { outcome: 'repaired' })])
  expect(missing.map((answer) => answer.json().detail)).toEqual(['outcome: is missing', 'causeClass: is missing'])
  expect((await tap('note', { key: undefined, note: 'x' })).json().detail).toBe('The body is wrong: key: is missing')
  const closed = await tap('close', { causeClass: 'equipment', outcome: 'repaired', parts, note: '已更换' })
  expect(closed.json().order.state).toBe('closed')
  expect(await database.operations.order(order.id)).toMatchObject({
    ...{ state: 'closed', causeClass: 'equipment', outcome: 'repaired', note: '已更换' },
    parts: [{ ...parts[0], partNumber: null }],
  })
})

test('by a link an order is closed only once it is restored, and no entrapment as a false alarm', async () => {
  const order = await addOrder()
  const tap = tapOn(pathOf(order, 'crew'))
  for (const action of ['accept', 'arrive', 'restore']) {
    await tap(action, {})
    const early = await tap('close', { outcome: 'false-alarm' })
    expect([early.statusCode, early.json().code]).toEqual([409, 'order-state'])
  }
  expect(await database.operations.order(order.id)).toMatchObject({ state: 'restored', outcome: null })
  const said = { key: 'end', outcome: 'self-corrected', causeClass: 'people' }
  for (const again of [said, said]) expect((await tap('close', again)).json().order.state).toBe('closed')

  const other = tapOn(pathOf(await addOrder({ finding: 'elevator/door-fault' }), 'crew'))
  for (const action of ['accept', 'arrive']) await other(action, {})
  expect((await other('close', { outcome: 'false-alarm' })).statusCode).toBe(409)
  await other('restore', {})
  expect((await other('close', { outcome: 'false-alarm' })).json().order.state).toBe('closed')
})

test('what was pressed where no link was has the time of its receipt, and beside it what the phone says, once', async () => {
  const order = await addOrder({}, { deviceId: 'elv-7' })
  const path = pathOf(order, 'crew')
  const tap = tapOn(path)
  now += 5 * minuteMs
  await tap('accept', { phone: { doneAt: new Date(now - 3 * secondMs).toISOString() } })
  now += 15 * minuteMs
  const doneAt = new Date(now - 10 * minuteMs).toISOString()
  const scanned = `https://liftwatt.example/l/${createLiftCodes(liftKeyOf(links)).codeOf('elv-7')}`
  const position = { latitude: 30.27, longitude: 120.15, metres: 12 }
  const said = { key: 'arrive-1', phone: { doneAt, offline: true, by: 'qr', scanned, position } }
  for (const again of [said, said]) expect((await tap('arrive', again)).statusCode).toBe(200)

  const events = await database.operations.orderEvents(order.id)
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'arrived', 'noted']) // the prompt one says nothing more
  expect((await database.operations.order(order.id))?.arrivedAt).toBe(now)
  expect(events[2]).toMatchObject({
    actor: '张伟',
    data: {
      action: 'by-phone',
      of: 'arrive',
      doneAt,
      receivedAt: new Date(now).toISOString(),
      by: 'code',
      position,
      offline: true,
    },
  })
  expect(events[2]?.data.note).toMatch(/已核对.*\+08:00; 离线 offline/)
  expect(events[2]?.data.note).not.toContain('30.27') // where somebody was stands in one place
})

test.each([
  ['a code of another lift', 'elv-8', 'qr'],
  ['no code of ours', null, 'qr'],
])('%s is not taken for having been there', async (_, deviceId, by) => {
  const order = await addOrder({}, { deviceId: 'elv-7' })
  const tap = tapOn(pathOf(order, 'crew'))
  await tap('accept', {})
  const scanned = deviceId === null ? 'elv-7' : createLiftCodes(liftKeyOf(links)).codeOf(deviceId)
  await tap('arrive', { phone: { doneAt: new Date(now).toISOString(), by: 'qr', scanned } })
  expect((await database.operations.orderEvents(order.id)).at(-1)?.data).toMatchObject({ of: 'arrive', by })
})

test("a phone's clock that is wrong puts nothing into the future, nor before the order", async () => {
  const order = await addOrder()
  const tap = tapOn(pathOf(order, 'crew'))
  now += minuteMs
  await tap('accept', { phone: { doneAt: '2099-01-01T00:00:00.000Z', offline: true } })
  await tap('arrive', { phone: { doneAt: '2001-01-01T00:00:00.000Z', offline: true } })
  const said = (await database.operations.orderEvents(order.id)).filter(({ type }) => type === 'noted')
  expect(said.map(({ data }) => [data.of, data.doneAt, data.said])).toEqual([
    ['accept', new Date(now).toISOString(), '2099-01-01T00:00:00.000Z'],
    ['arrive', new Date(start).toISOString(), '2001-01-01T00:00:00.000Z'],
  ])
})

test('a picture from the lift is kept with the order, once, and from nobody else', async () => {
  const order = await addOrder({ teamId: 'crew-west' })
  const path = pathOf(order, 'crew', '张伟', 'crew-west')
  const picture = Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3])
  const send = (to: string, payload: Buffer) =>
    app.inject({ method: 'POST', url: `${to}/photos?name=P1`, headers: { 'content-type': 'image/jpeg' }, payload })
  expect((await send(path, picture)).statusCode).toBe(204)
  expect((await send(path, picture)).statusCode).toBe(204)
  const kept = (await database.operations.evidenceOf(order.incidentId)).filter(({ part }) => part === 'photo')
  expect(kept).toMatchObject([{ name: 'P1', addedBy: '张伟', mediaType: 'image/jpeg' }])
  expect((await send(pathOf(order, 'crew', '孙北', 'crew-east'), picture)).statusCode).toBe(404)
  expect((await send(pathOf(order, 'contact'), picture)).statusCode).toBe(404)
  expect((await send(path, Buffer.alloc(3 * 1024 * 1024, 0xff))).statusCode).toBe(413)
})

test('the curve of its device is for the crew alone, and of what the device measures', async () => {
  await database.operations.insertDevice(testDevice({ id: 'elv-curve' }))
  const order = await addOrder({}, { deviceId: 'elv-curve' })
  const curve = (scope: LinkScope, metric: string) =>
    app.inject({ url: `${pathOf(order, scope)}/curve.json?metric=${metric}` })
  expect((await curve('crew', 'motorCelsius')).json()).toEqual({ items: [] })
  expect((await curve('crew', '__proto__')).statusCode).toBe(400)
  for (const other of ['contact', 'watch', 'duty-room'] as const) {
    expect((await curve(other, 'motorCelsius')).statusCode).toBe(404)
  }
})

test('while the history of readings does not answer, the order is shown and what was done is answered', async () => {
  await database.operations.insertDevice(testDevice({ id: 'elv-no-history' }))
  const path = pathOf(await addOrder({}, { deviceId: 'elv-no-history' }), 'crew')
  readingsAnswer = false
  const shown = await app.inject({ url: `${path}/order.json` })
  expect([shown.statusCode, shown.json().order.state, shown.json().last]).toEqual([200, 'raised', null])
  const done = await app.inject({ method: 'POST', url: `${path}/accept`, payload: { key: 'no-history' } })
  expect([done.statusCode, done.json().order.state]).toEqual([200, 'accepted'])
})

test('a crew reads of the device while the order is theirs, and of orders before it those that are theirs to see', async () => {
  const deviceId = 'elv-past'
  await database.operations.insertDevice(testDevice({ id: deviceId }))
  const given = (teamId: string) => addOrder({ teamId }, { deviceId })
  const [west] = [await given('crew-west'), await given('crew-east')]
  const order = await given('crew-west')
  const read = async (path: string) => {
    const curve = await app.inject({ url: `${path}/curve.json?metric=motorCelsius` })
    const { lastOrders } = (await app.inject({ url: `${path}/order.json` })).json()
    return [lastOrders.map(({ id }: WorkOrder) => id), curve.statusCode]
  }
  const path = pathOf(order, 'crew', '张伟', 'crew-west')
  expect(await read(path)).toEqual([[west.id], 200])
  expect(await read(pathOf(order, 'crew'))).toEqual([[], 200]) // of no team

  await database.operations.updateOrder(order.id, 'raised', { teamId: 'crew-east' })
  expect(await read(path)).toEqual([[], 404])
  await database.operations.setDeviceParty(deviceId, 'maintainer', 'crew-west', start)
  expect((await read(pathOf(west, 'crew', '张伟', 'crew-west')))[0]).toHaveLength(2)
})

test('every phone of the notice can be called by a touch', async () => {
  const contacts = [
    contact('car-phone', '轿厢', '+86 571 9633 (042)'),
    contact('property', '<王>', '0571-8888*2#'),
    contact('owner', '业主', null),
  ]
  await database.operations.insertDevice(testDevice({ id: 'elv-phones', contacts }))
  await database.operations.insertTeam(testTeam('duty', { type: 'duty-room', name: '值班室一', phone: '0571-110' }))
  const order = await addOrder({}, { deviceId: 'elv-phones' })
  const { body } = await look(pathOf(order, 'crew'))
  expect([...body.matchAll(/<a class="tel" href="([^"]+)">([^<]+)</g)].map(([, ...call]) => call)).toEqual([
    ['tel:+865719633042', '+86 571 9633 (042)'],
    ['tel:05718888*2%23', '0571-8888*2#'],
    ['tel:0571110', '0571-110'],
  ])
  expect(body).toMatch(/轿厢电话<\/dt>.*物业<\/dt><dd>&#60;王&#62;.*业主<\/dt><dd>业主<\/dd>.*值班室<\/dt>/s)
})

test('the Chinese page says in Chinese what was measured, the English one has the sentence of the rule', async () => {
  const evidence = { motorCelsius: 131.2, limitCelsius: 130 }
  const summary = 'The motor is at 131 °C, its class B winding stands 130 °C'
  const finding = 'elevator/motor-over-temperature'
  const path = pathOf(await addOrder({ finding, summary }, { finding, summary, evidence }), 'crew')
  const chinese = (await look(path)).body
  expect(chinese).toContain('电机温度 131\u00a0°C，限值 130\u00a0°C')
  expect(chinese).not.toContain('The motor')
  expect((await look(path, 'en')).body).toContain('The motor is at 131\u00a0°C')
})

function contact(role: ContactRole, name: string, phone: string | null) {
  return { role, name, phone, addresses: [] }
}

let orders = 0

async function addOrder(given: Partial<WorkOrder> = {}, of: Partial<Incident> = {}): Promise<WorkOrder> {
  orders += 1
  const found = { deviceId: `elv-${randomUUID()}`, detectedAt: now, occurredAt: now - orders * secondMs, ...of }
  const { orderId: _, ...incident } = testIncident(found)
  await database.operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({ incidentId: incident.id, deviceId: incident.deviceId, detectedAt: now, ...given })
  await database.operations.insertOrder(order)
  return order
}
