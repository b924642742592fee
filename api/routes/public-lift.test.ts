import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { hostileTexts } from '../../test/hostile-texts.ts'
import { startTestApi, type TestApi } from '../../test/test-api.ts'

let api: TestApi
let lifts = 0
let path = ''
let deviceId = ''

beforeAll(async () => {
  api = await startTestApi()
  await api.send('POST', '/gateways', { id: 'gw-1' })
  const contacts = [
    { role: 'property', name: '李经理', phone: '0571-1111' },
    { role: 'tenant', name: '王女士', phone: '0571-2222' },
    { role: 'emergency', name: '应急', phone: '0571-96333' },
  ]
  await api.send('POST', '/sites', { id: 'dy', type: 'estate', name: '东苑', contacts, entrance: '门禁 4711' })
  await api.send('POST', '/sites', {
    id: 'dy-12',
    type: 'building',
    name: '12 幢',
    parentId: 'dy',
    address: '东苑路 1 号',
  })
  await api.send('POST', '/teams', { id: 'hz', type: 'maintainer', name: '杭州维保', phone: '0571-3333' })
})
afterAll(() => api.stop())
beforeEach(async () => {
  lifts += 1
  deviceId = `elv-${lifts}`
  const added = {
    id: deviceId,
    kind: 'elevator',
    gatewayId: 'gw-1',
    siteId: 'dy-12',
    name: `${lifts} 号梯`,
    maintainerId: 'hz',
  }
  expect((await api.send('POST', '/devices', added)).statusCode).toBe(201)
  path = `/l/${await codeOf(deviceId)}`
  api.time.now += hourMs
})

async function codeOf(id: string): Promise<string> {
  const { items } = (await api.send('GET', '/labels?limit=1000')).json()
  const { url } = items.find((label: { deviceId: string }) => label.deviceId === id)
  return new URL(url).pathname.slice('/l/'.length)
}

const look = (url = path, language = 'zh-CN') => api.app.inject({ url, headers: { 'accept-language': language } })
const send = (fields: Record<string, string>, remoteAddress = '192.0.2.1') =>
  api.app.inject({
    ...{ method: 'POST', url: `${path}/reports`, payload: new URLSearchParams(fields).toString(), remoteAddress },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
const ordersOf = async (): Promise<WorkOrder[]> => (await api.operations.orders({ deviceId, limit: 1_000 })).items

test('a passenger reads what the notice in the car says, and nothing about anybody who lives there', async () => {
  const { statusCode, body, headers } = await look()
  expect(statusCode).toBe(200)
  for (const text of ['东苑 / 12 幢', '东苑路 1 号', '杭州维保', '0571-96333', '运行状态未知'])
    expect(body).toContain(text)
  for (const text of ['李经理', '王女士', '0571-1111', '0571-2222', '4711', 'gw-1']) expect(body).not.toContain(text)
  expect(body).toContain('<dt>最近维保</dt><dd><bdi>暂无信息</bdi></dd>')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*; script-src 'self'$/)
  expect(body.match(/<script[^>]*>/g)).toEqual(['<script src="/console/lift-arrival.js" defer>'])
  expect((await look(path, 'en')).body).toContain('Not known whether it runs')
  expect((await look(`${path}/lift.json`)).json()).toEqual({
    ...{ deviceId, name: `${lifts} 号梯`, place: '东苑 / 12 幢, 东苑路 1 号', state: 'unknown', help: null },
    ...{ lastMaintenanceAt: null, maintainer: { name: '杭州维保', phone: '0571-3333' }, emergencyPhone: '0571-96333' },
  })
})

test('a report of somebody trapped is an entrapment with 30 minutes, and the page says how near help is', async () => {
  const answer = await send({ kind: 'trapped', phone: '138 0000 0000' })
  expect(answer.statusCode).toBe(303)
  expect((await look(String(answer.headers.location))).body).toMatch(
    /您的报告已记录.*停止运行.*尚无人应答.*tel:057196333.*tel:05713333/s,
  )
  const [order, ...others] = await ordersOf()
  expect(others).toEqual([])
  expect(order).toMatchObject({
    finding: 'manual/entrapment',
    severity: 'critical',
    reportedBy: { phone: '138 0000 0000' },
  })
  expect(order?.arriveBy).toBe(api.time.now + 30 * minuteMs)

  await api.send('POST', `/work-orders/${order?.id}/acknowledge`, {})
  api.time.now += 6 * secondMs // what the page says may be 5 s old
  expect((await look()).body).toContain('值班室已知晓')
  await api.send('POST', `/work-orders/${order?.id}/accept`, {})
  api.time.now += 6 * secondMs
  expect((await look()).body).toContain('救援人员正在赶来')
  await api.send('POST', `/work-orders/${order?.id}/arrive`, {})
  api.time.now += 6 * secondMs
  expect((await look()).body).toContain('救援人员已到场')
})

test('words that say that somebody is trapped count, whatever was chosen beside them', async () => {
  await send({ kind: 'other', words: '有老人被困在里面' })
  expect((await ordersOf())[0]).toMatchObject({ finding: 'manual/entrapment', severity: 'critical' })
})

test('a noise and a lift that stands empty wait for working hours, each in one order with what everybody said of it', async () => {
  await send({ kind: 'noise', words: '\u202e吱吱响\0' })
  await send({ kind: 'noise', words: 'It squeals', phone: '0571-5555' })
  await send({ kind: 'stopped' })
  const orders = await ordersOf()
  expect(orders.map(({ severity, arriveBy }) => ({ severity, arriveBy }))).toEqual([
    { severity: 'warning', arriveBy: null },
    { severity: 'warning', arriveBy: null },
  ])
  expect(orders[1]?.reportedBy).toEqual({ words: '吱吱响', 'words 2': 'It squeals', 'phone 2': '0571-5555' })
  const events = await api.operations.orderEvents(orders[1]?.id ?? '')
  expect(events.filter(({ data }) => data.action === 'report')).toHaveLength(1)
  expect(JSON.stringify(events)).not.toContain('squeals') // a person may be forgotten, the chain forgets nothing
})

test('1,000 reports of four kinds from 1,000 addresses are three orders and a handful of remarks', async () => {
  const kinds = ['trapped', 'stopped', 'noise', 'other']
  await send({ kind: 'trapped' }) // whoever says that it stands means the same event
  const one = (index: number) =>
    send({ kind: kinds[index % kinds.length] ?? '', words: `${index}` }, `198.51.${index % 250}.${index % 199}`)
  for (let from = 0; from < 1_000; from += 100) {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => one(from + index)))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([303]))
  }
  const orders = await ordersOf()
  expect(orders).toHaveLength(3)
  const events = await Promise.all(orders.map(({ id }) => api.operations.orderEvents(id)))
  expect(events.flat().filter(({ data }) => data.action === 'report').length).toBeLessThanOrEqual(12)
})

test('two who report at the same moment open one order', async () => {
  await Promise.all(Array.from({ length: 8 }, () => send({ kind: 'noise' })))
  await Promise.all(Array.from({ length: 8 }, () => send({ kind: 'trapped' })))
  expect((await ordersOf()).map(({ finding }) => finding).sort()).toEqual(['manual/entrapment', 'manual/report'])
})

test('after the crew was there a passenger is heard again, as often as they are trapped; who plays with the rest is sent to the telephone', async () => {
  for (let round = 1; round <= 6; round += 1) {
    expect((await send({ kind: 'trapped' })).statusCode).toBe(303)
    const orders = await ordersOf()
    expect(orders).toHaveLength(round)
    await api.send('POST', `/work-orders/${orders[0]?.id}/close`, { outcome: 'false-alarm' })
  }
  const answers: number[] = []
  for (let round = 1; round <= 6; round += 1) {
    answers.push((await send({ kind: 'noise' })).statusCode)
    const [order] = await ordersOf()
    await api.send('POST', `/work-orders/${order?.id}/cancel`, { reason: 'x' })
  }
  expect(answers).toEqual([303, 303, 303, 303, 429, 429])
  api.time.now += hourMs
  expect((await send({ kind: 'noise' })).statusCode).toBe(303)
})

test('one address that floods is sent away, but for somebody who is trapped', async () => {
  const address = '203.0.113.7'
  for (let index = 0; index < 60; index += 1) await send({ kind: 'other' }, address)
  expect((await send({ kind: 'noise' }, address)).statusCode).toBe(429)
  expect((await send({ kind: 'noise' }, '203.0.113.8')).statusCode).toBe(303)
  expect((await send({ kind: 'trapped' }, address)).statusCode).toBe(303)
})

test('a wrong code and any other text are answered alike', async () => {
  const wrong = path.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const bodies = await Promise.all([wrong, '/l/x', '/l/elv-9999.000000000000'].map(async (url) => look(url)))
  expect(bodies.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
  expect(new Set(bodies.map(({ body }) => body)).size).toBe(1)
  expect((await api.app.inject({ method: 'POST', url: `${wrong}/reports`, payload: {} })).statusCode).toBe(404)
  expect((await look(`${wrong}/lift.json`)).json()).toMatchObject({ code: 'not-found' })
})

test('the code of a lift that was retired is a wrong code', async () => {
  const query = new URLSearchParams({ reason: 'pulled down' })
  expect((await api.send('DELETE', `/devices/${deviceId}?${query}`)).statusCode).toBe(204)
  expect((await look()).body).toBe((await look('/l/x')).body)
  expect((await send({ kind: 'trapped' })).statusCode).toBe(404)
  expect(await ordersOf()).toEqual([])
})

const sendJson = (payload: object) => api.app.inject({ method: 'POST', url: `${path}/reports`, payload })

test('what was not chosen is asked for again', async () => {
  expect((await send({ kind: 'drunk' })).body).toContain('未能识别')
  expect((await sendJson({ kind: 'drunk' })).json()).toMatchObject({ status: 400, code: 'invalid' })
  expect(await ordersOf()).toEqual([])
})

test.each([
  ['full-width digits', '１３９１２３４５６７８', '13912345678'],
  ['a name behind it', ' 13912345678 王 ', '13912345678 王'],
  ['dots', '139.1234', '139.1234'],
  ['more than anybody dials', '1'.repeat(70), '1'.repeat(60)],
])('nobody stays trapped for how they write their number: %s', async (_, phone, kept) => {
  expect((await send({ kind: 'trapped', phone })).statusCode).toBe(303)
  expect((await ordersOf())[0]?.reportedBy).toEqual({ phone: kept })
})

test('nobody stays trapped for what else they say, or say in another form', async () => {
  expect((await sendJson({ kind: 'trapped', phone: 139, words: ['x'] })).statusCode).toBe(200)
  expect((await ordersOf())[0]).toMatchObject({ finding: 'manual/entrapment', reportedBy: null })
})

test('as much as the form takes is taken in Chinese, too, and what is longer is cut', async () => {
  expect((await send({ kind: 'trapped', words: '困'.repeat(500), phone: '１'.repeat(60) })).statusCode).toBe(303)
  expect((await ordersOf())[0]?.reportedBy?.words).toBe('困'.repeat(500))
  expect((await send({ kind: 'other', words: `${'响'.repeat(499)}🛗响` })).statusCode).toBe(303)
  expect((await ordersOf())[0]?.reportedBy?.words).toBe(`${'响'.repeat(499)}🛗`)
})

test('"your report is recorded" is said after a report, and at no address that was kept', async () => {
  const { headers } = await send({ kind: 'noise' })
  const told = String(headers.location)
  expect((await look(told)).body).toContain('您的报告已记录')
  expect((await look(`${path}?said=taken`)).body).not.toContain('您的报告已记录')
  api.time.now += 10 * minuteMs
  expect((await look(told)).body).not.toContain('您的报告已记录')
})

async function addAlarm(): Promise<void> {
  const found = { deviceId, finding: 'elevator/alarm-button', detectedAt: api.time.now, occurredAt: api.time.now }
  const { orderId: _, ...incident } = testIncident(found)
  await api.operations.insertIncident({ ...incident, followed: null })
  const arriveBy = api.time.now + 30 * minuteMs
  await api.operations.insertOrder(
    testOrder({ incidentId: incident.id, deviceId, finding: found.finding, detectedAt: api.time.now, arriveBy }),
  )
}

test.each(['trapped', 'stopped'])(
  'after an order that a report of "%s" had joined is ended, it is told again',
  async (kind) => {
    await addAlarm()
    await send({ kind })
    const [first, ...none] = await ordersOf()
    expect(none).toEqual([])
    await api.send('POST', `/work-orders/${first?.id}/close`, { outcome: 'false-alarm' })
    api.time.now += 48 * hourMs
    const again = await Promise.all([send({ kind }), send({ kind }), send({ kind })])
    expect(String(again[0]?.headers.location)).toContain('said=taken')
    const orders = await ordersOf()
    expect(orders).toHaveLength(2) // one for all three
    expect(orders[0]).toMatchObject({ summary: expect.stringContaining('扫码'), state: 'raised' })
  },
)

test('whoever reports after the crew was done is heard, though the order is not closed yet', async () => {
  await send({ kind: 'noise' })
  const [order] = await ordersOf()
  for (const action of ['accept', 'arrive', 'restore'])
    await api.send('POST', `/work-orders/${order?.id}/${action}`, {})
  expect(String((await send({ kind: 'noise' })).headers.location)).toContain('said=taken')
  expect(await ordersOf()).toHaveLength(2)
})

test('of more than the crew is told of, how to reach each is kept, once, within bounds', async () => {
  for (let caller = 1; caller <= 5; caller += 1) await send({ kind: 'noise', phone: `0571-${caller}` })
  await send({ kind: 'noise', phone: '0571-5' })
  const [order] = await ordersOf()
  expect(Object.values(order?.reportedBy ?? {})).toEqual(['0571-1', '0571-2', '0571-3', '0571-4', '0571-5'])
  const events = await api.operations.orderEvents(order?.id ?? '')
  expect(events.filter(({ data }) => data.action === 'report')).toHaveLength(3)
  for (let caller = 1; caller <= 20; caller += 1) await send({ kind: 'noise', words: `${caller}${'响'.repeat(490)}` })
  const kept = JSON.stringify((await ordersOf())[0]?.reportedBy)
  expect(Buffer.byteLength(kept)).toBeGreaterThan(10_000)
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(16 * 1024)
})

test('who is sent to the telephone is told of a number only where one is known', async () => {
  const tellsOf = async () => {
    for (let index = 0; index < 60; index += 1) await send({ kind: 'other' }, '203.0.113.9')
    return (await send({ kind: 'noise' }, '203.0.113.9')).body
  }
  expect(await tellsOf()).toContain('请拨打下方电话')
  deviceId = `elv-${lifts}-alone`
  await api.send('POST', '/devices', { id: deviceId, kind: 'elevator', gatewayId: 'gw-1' })
  path = `/l/${await codeOf(deviceId)}`
  const body = await tellsOf()
  expect(body).toContain('请按轿厢内的报警按钮，或拨打轿厢内公示的电话')
  expect(body).not.toContain('下方电话')
})

test('what a stranger writes stays text wherever it is read', async () => {
  const words = hostileTexts[0] ?? ''
  await send({ kind: 'other', words })
  const [order] = await ordersOf()
  expect(order?.reportedBy?.words).toBe(words.trim())
  expect((await look()).body).not.toContain(words)
  await api.operations.updateDevice(deviceId, { name: '<img src=x onerror=alert(1)>' })
  api.time.now += 6 * secondMs
  expect((await look()).body).toContain('&#60;img src=x onerror=alert(1)&#62;')
})
