import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../core/clock.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import type { Channel, Notice, Recipient } from '../../core/notice.ts'
import type { Party } from '../../core/plan.ts'
import { nowhere } from '../../core/scope.ts'
import type { Contact, Site } from '../../core/site.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { testMember, testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { notify, notifyRecipients, tellEnd, tellOfTrapped, tellOutageCrews } from './notify.ts'
import { contentOf } from './order-content.ts'
import { rosterGapContent, wordDigest, wordNotice } from './wording.ts'

/** 02:00 in Shanghai. */
const night = Date.UTC(2026, 10, 23, 18)
let database: TestDatabase
let operations: OperationsStore

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  for (const id of ['group', 'sms']) await operations.insertChannel(channel(id))
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  const gate = [contact('property', '保安', '0571-8888'), contact('owner', '业主', null)]
  await operations.insertSite(site('lotus', 'estate', '荷花苑', null, gate))
  const office = [contact('property', '物业办公室', null), contact('tenant', '李女士', '138 0000')]
  await operations.insertSite(site('b1', 'building', '1 幢', 'lotus', office))
  const car = [contact('car-phone', '轿厢', '96333 042')]
  await operations.insertDevice(testDevice({ id: 'elv-1', name: '客梯', siteId: 'b1', contacts: car }))
  await operations.insertTeam(testTeam('duty', { type: 'duty-room', name: '拱墅值班室', phone: '0571-110' }))
})
afterAll(() => database.remove())

test('two people behind one channel without addresses have a notice each, with their own name and link', async () => {
  const order = await addOrder()
  const crew = testTeam(`crew-${randomUUID()}`)
  await operations.insertTeam(crew)
  const addresses = [{ channelId: 'group', address: null }]
  for (const name of ['张伟', '李娜']) {
    await operations.insertMember(testMember(randomUUID(), crew.id, { name, addresses }))
  }
  const request = { order: { ...order, teamId: crew.id }, reason: 'raised', parties: ['crew'], now: night } as const
  for (const _ of ['once', 'and after a crash again']) await operations.transaction((unit) => notify(unit, request))

  const notices = await noticesOf(order)
  expect(notices.map(({ recipient }) => recipient.name).sort()).toEqual(['张伟', '李娜'])
  expect(new Set(notices.map(({ key }) => key)).size).toBe(2)
  for (const notice of notices) expect(textOf(notice, order)).toContain(`通知对象: ${notice.recipient.name}`)
})

test('whoever is on the way to an elevator reads where it hangs by what is known now; in the books its order keeps its place', async () => {
  await operations.insertSite(site('b9', 'building', '9 幢', 'lotus', []))
  const elevator = testDevice({ id: `elv-${randomUUID()}`, siteId: 'b9' })
  await operations.insertDevice(elevator)
  const order = await addOrder({ deviceId: elevator.id }, { siteId: 'b9' })
  const where = async (of: WorkOrder) => (await contentOf(operations, of, null, night)).where
  expect(await where(order)).toBe('荷花苑 / 9 幢')
  await operations.updateDevice(elevator.id, { siteId: 'b1' })
  expect([await where(order), await where({ ...order, state: 'closed' })]).toEqual(['荷花苑 / 1 幢', '荷花苑 / 9 幢'])
})

test('two teams in one group have a notice each; who shares a phone, or is named twice, has one', async () => {
  const order = await addOrder()
  const group = { channelId: 'group', address: null, memberId: null }
  await write(order, [
    to({ ...group, party: 'duty-room', teamId: 'duty', name: '值班室' }),
    to({ ...group, party: 'crew', teamId: 'east', name: '一班' }),
    to({ ...group, party: 'crew', teamId: 'east', name: '一班' }),
    to({ channelId: 'sms', address: '138', name: '张伟', memberId: 'zhang' }),
    to({ channelId: 'sms', address: '138', name: '李娜', memberId: 'li' }),
  ])
  expect((await noticesOf(order)).map(({ recipient }) => recipient.name).sort()).toEqual(['一班', '值班室', '张伟'])
})

test('one who has two roles is told in the one in which they can do more, whichever comes first', async () => {
  const order = await addOrder()
  const zhang = { channelId: 'sms', address: '139', name: '张伟' }
  await write(order, [
    to({ ...zhang, party: 'duty-room' }),
    to({ ...zhang, party: 'crew' }),
    to({ ...zhang, party: 'supervisor' }),
  ])
  expect((await noticesOf(order)).map(({ recipient }) => recipient.party)).toEqual(['crew'])
})

test('in the digest of a group each line says for whom it is', async () => {
  const notices = [
    await noticeAbout({}, { channelId: 'group', address: null, name: '张伟' }),
    await noticeAbout({}, { channelId: 'group', address: null, name: '李娜' }),
  ]
  const messages = notices.map((notice) => wordNotice(notice, undefined, 'https://x.example/o/t', night))
  const { lines } = wordDigest('digest', messages, 'zh-CN')
  expect(lines[0]).toMatch(/电梯困人 \(客梯\) 通知对象: 张伟 https/)
  expect(lines[1]).toContain('通知对象: 李娜')
})

test('who is sent to a trapped passenger reads that the power is out, and the crew of the outage hears of the passenger', async () => {
  const crew = testTeam(`power-${randomUUID()}`, { addresses: [{ channelId: 'sms', address: 'power' }] })
  await operations.insertTeam(crew)
  const outage = { finding: 'electricity-meter/outage', severity: 'urgent', deviceId: null } as const
  const scope = { type: 'building', id: 'b1' } as const
  const ofOutage = await addOrder({ ...outage, scope, occurredAt: night - 4 * minuteMs }, { teamId: crew.id })

  const notice = await noticeAbout({})
  expect(textOf(notice)).toContain('供电: 停电，自 11-24 01:56 起')
  const order = await operations.order(notice.orderId ?? '')
  if (order === undefined) throw new Error('it has no order')
  const incident = await operations.incident(order.incidentId)
  if (incident === undefined) throw new Error('it has no incident')
  const tell = () => operations.transaction((unit) => tellOutageCrews(unit, order, incident, night))
  await tell()
  await tell()
  const told = await noticesOf(ofOutage)
  expect(told.map(({ reason, recipient }) => [reason, recipient.teamId])).toEqual([['passenger', crew.id]])
  const [passenger = notice] = told
  expect(textOf(passenger, ofOutage)).toMatch(/^\[特急\] 该处有人被困: .*\n客梯 内有人被困/)

  await operations.updateIncident(ofOutage.incidentId, { overAt: night })
  expect((await contentOf(operations, order, null, night)).noPower).toBeNull()
})

test('an outage that is found after the passenger: each of the two crews hears of the other thing, once', async () => {
  const team = (id: string) => testTeam(`${id}-${randomUUID()}`, { addresses: [{ channelId: 'sms', address: id }] })
  const [rescue, power] = [team('rescue'), team('late-power')]
  for (const one of [rescue, power]) await operations.insertTeam(one)
  const building = `b-${randomUUID()}`
  const place = { ...placeOf(building), siteId: null }
  const trapped = await addOrder({ place }, { teamId: rescue.id })
  const elsewhere = await addOrder({}, { teamId: rescue.id })
  const out = await addOrder({ place }, { teamId: rescue.id, restoredAt: night })
  const outage = { finding: 'electricity-meter/outage', severity: 'urgent', deviceId: null } as const
  const ofOutage = await addOrder({ ...outage, scope: { type: 'building', id: building } }, { teamId: power.id })
  const incident = await operations.incident(ofOutage.incidentId)
  if (incident === undefined) throw new Error('it has no incident')
  for (let n = 0; n < 2; n++) {
    await operations.transaction((unit) => tellOfTrapped(unit, ofOutage, incident, night))
  }

  const told = async (order: WorkOrder) =>
    (await noticesOf(order)).map(({ reason, recipient }) => [reason, recipient.teamId])
  expect([await told(ofOutage), await told(trapped), await told(elsewhere), await told(out)]).toEqual([
    [['passenger', power.id]],
    [['outage', rescue.id]],
    [],
    [],
  ])
  const [again] = await noticesOf(trapped)
  expect(again && textOf(again, trapped)).toMatch(/^\[特急\] 该处已停电: [\s\S]*供电: 停电/)
})

test('an outage of a feeder is one of the elevator, too, whose feeder nobody knows: in its building, and where no other feeder is named', async () => {
  const team = (id: string) => testTeam(`${id}-${randomUUID()}`, { addresses: [{ channelId: 'sms', address: id }] })
  const [rescue, power] = [team('rescue'), team('feeder-power')]
  for (const one of [rescue, power]) await operations.insertTeam(one)
  const building = `b-${randomUUID()}`
  const place = { ...placeOf(building), siteId: null }
  const outage = { finding: 'electricity-meter/outage', severity: 'urgent', deviceId: null } as const
  const scope = { type: 'feeder', id: `f-${building}` } as const
  const feeder = { scope, place: { ...place, feederId: scope.id }, occurredAt: night - 4 * minuteMs }
  const trapped = await addOrder({ place }, { teamId: rescue.id })
  const fedElsewhere = await addOrder({ place: { ...place, feederId: 'f-other' } }, { teamId: rescue.id })
  const elsewhere = await addOrder({}, { teamId: rescue.id })
  const ofOutage = await addOrder({ ...outage, ...feeder }, { teamId: power.id })
  const [incident, found] = [
    await operations.incident(ofOutage.incidentId),
    await operations.incident(trapped.incidentId),
  ]
  if (incident === undefined || found === undefined) throw new Error('it has no incident')
  await operations.transaction((unit) => tellOfTrapped(unit, ofOutage, incident, night))
  await operations.transaction((unit) => tellOutageCrews(unit, trapped, found, night))

  const told = async (order: WorkOrder) =>
    (await noticesOf(order)).map(({ reason, recipient }) => [reason, recipient.teamId])
  expect(await told(ofOutage)).toEqual([['passenger', power.id]])
  expect(await told(trapped)).toEqual([['outage', rescue.id]])
  expect([await told(fedElsewhere), await told(elsewhere)]).toEqual([[], []])
  const noPower = async (order: WorkOrder) => (await contentOf(operations, order, null, night)).noPower
  expect(await noPower(trapped)).toEqual({ finding: outage.finding, since: feeder.occurredAt })
  expect(await noPower(fedElsewhere)).toBeNull()
})

test('in a digest two gaps of one roster are told apart by their hours', () => {
  const gap = (from: number) => {
    const { title, lines } = rosterGapContent('Crew B', from, from + 2 * hourMs)
    const base = { key: `${from}`, reason: 'roster-gap', severity: 'warning', locale: 'en', address: '1' } as const
    const told = { title: title.en, lines: lines.en, name: 'Li', at: night, link: null, linkText: '', data: {} }
    return { ...base, ...told }
  }
  const { lines } = wordDigest('digest', [gap(night), gap(night + 12 * hourMs)], 'en')
  expect(lines[0]).toMatch(/Nobody is on duty: Crew B, 11-24 02:00 – 11-24 04:00$/)
  expect(lines[1]).toMatch(/Nobody is on duty: Crew B, 11-24 14:00 – 11-24 16:00$/)
})

test('no name, phone number or mailbox stands in a key', async () => {
  const order = await addOrder()
  await write(order, [
    to({ channelId: 'sms', address: '13800001111' }),
    to({ channelId: 'group', address: null, name: 'Zhang Wei' }),
  ])
  for (const { key } of await noticesOf(order)) {
    expect(key).toMatch(new RegExp(`^${order.id}:raised:v0:(sms|group):[0-9a-f]{16}$`))
  }
})

test('of each role the nearest who has a phone is named, in the car first of all where somebody is trapped', async () => {
  const trapped = await contentOf(operations, await addOrder(), null, night)
  expect(trapped.contacts).toEqual([
    { role: 'car-phone', name: '轿厢', phone: '96333 042' },
    { role: 'property', name: '保安', phone: '0571-8888' },
    { role: 'tenant', name: '李女士', phone: '138 0000' },
    { role: 'duty-room', name: '拱墅值班室', phone: '0571-110' },
  ])
  const hot = await contentOf(operations, await addOrder({ finding: 'elevator/motor-over-temperature' }), null, night)
  expect(hot.contacts.map(({ role }) => role)).toEqual(['property', 'tenant', 'owner', 'duty-room'])
})

test('the notice of a storm or an outage names its devices and where they are, up to ten, and how many more there are', async () => {
  const evidence = { members: 12 }
  const order = await addOrder({ deviceId: null, scope: { type: 'gateway', id: 'gw-1' }, evidence })
  const because = { by: 'storm', id: order.incidentId, text: 'Part of it', at: night } as const
  const suppressed = { state: 'suppressed', parentId: order.incidentId, suppressed: because } as const
  const add = async (n: number, given: Partial<Incident> = suppressed) => {
    const id = `room-${n}-${order.incidentId}`
    const name = n === 0 ? '101 电表' : null
    await operations.insertDevice(testDevice({ id, name, siteId: n === 0 ? 'b1' : null, kind: 'electricity-meter' }))
    const member = testIncident({ id: randomUUID(), deviceId: id, scope: { type: 'device', id }, ...given })
    await operations.insertIncident({ ...member, followed: null })
    return id
  }
  const ids = []
  for (let n = 0; n < 12; n++) ids.push(await add(n))
  await add(12, { state: 'open', parentId: order.incidentId }) // it has an order of its own
  const content = await contentOf(operations, order, null, night)
  expect(content.members).toEqual({ names: ['101 电表 (1 幢)', ...ids.slice(1, 10)], more: 2 })
  await write(order, [to({ channelId: 'sms', address: '1', locale: 'zh-CN' })])
  const [notice] = await noticesOf(order)
  expect(notice && textOf(notice, order)).toMatch(/涉及设备: 101 电表 \(1 幢\), room-1-.*, 另有 2 台\n/)
  expect((await contentOf(operations, await addOrder(), null, night)).members).toBeNull()
})

test('of what is about no device, the gateway is named, or the site by its name', async () => {
  const ofGateway = { deviceId: null, scope: { type: 'gateway', id: 'gw-9' }, place: nowhere } as const
  expect(textOf(await noticeAbout({ ...ofGateway, finding: 'gateway/silent' }))).toMatch(
    /网关数据中断 \(网关 gw-9\).*地点: 网关 gw-9/s,
  )
  const ofSite = { deviceId: null, scope: { type: 'building', id: 'b1' }, place: placeOf('b1') } as const
  const text = textOf(await noticeAbout({ ...ofSite, finding: 'electricity-meter/outage' }))
  expect(text).toMatch(/停电 \(1 幢\).*地点: 荷花苑 \/ 1 幢\n/s)
})

test('a Chinese notice is Chinese all through; an English one has the sentence of the rule', async () => {
  const found = {
    finding: 'elevator/motor-over-temperature',
    summary: 'The motor is at 131 °C, its class B winding stands 130 °C',
    evidence: { motorCelsius: 131.2, limitCelsius: 130, insulationClass: 'B' },
  }
  const chinese = textOf(await noticeAbout(found, { name: '王师傅', why: '一班: 抢修班组' }))
  expect(chinese).toContain('详情: 电机温度 131 °C，限值 130 °C，绝缘等级 B')
  const words = chinese.replace(/[\w-]{36}|elv-1|°C|PUBLIC_URL|\bB\b/g, '').match(/[a-z]+/gi)
  expect(words).toBeNull()
  expect(textOf(await noticeAbout(found, { locale: 'en' }))).toContain(`Details: ${found.summary}`)
})

test('what people and other systems wrote stays in their words', async () => {
  const evidence = { motorCelsius: 131 }
  const camera = { finding: 'elevator/overspeed', summary: '摄像头看到超速', source: 'camera', evidence }
  expect(textOf(await noticeAbout(camera))).toContain('详情: 摄像头看到超速')
  const call = { finding: 'manual/report', summary: '居民来电：有焦味', source: 'manual' }
  const text = textOf(await noticeAbout(call))
  expect(text).toMatch(/新工单: 居民来电：有焦味 \(客梯\).*事由: 居民来电：有焦味/s)
  expect(text).not.toContain('详情')
})

test('crew and duty room read how to reach whoever called, as the order has it when the notice leaves; others do not', async () => {
  const reportedBy = { phone: '138 0000 0000', words: '两个人，有老人', 'name 2': '李' }
  const order = await addOrder({})
  const notice = await noticeAbout({})
  const told = (party: Party) =>
    textOf({ ...notice, recipient: { ...notice.recipient, party } }, { ...order, reportedBy })
  for (const party of ['crew', 'next-crew', 'duty-room'] as const)
    expect(told(party)).toContain('报告人: 138 0000 0000: 两个人，有老人; 李\n')
  for (const party of ['property', 'insurer-inspector', 'district'] as const)
    expect(told(party)).not.toMatch(/报告人|两个人/)
  // as on the page behind its link: whoever is called to help another crew learns where, not who
  const helper = { ...notice.recipient, party: 'next-crew', teamId: 'crew-9' } as const
  expect(textOf({ ...notice, recipient: helper }, { ...order, teamId: 'crew-1', reportedBy })).not.toMatch(
    /报告人|两个人/,
  )
})

test.each([
  ['passenger-told', 2, 'Passenger not told within 2 min', '2 分钟内未安抚被困人员'],
  ['accepted', 5, 'Not accepted within 5 min', '5 分钟内无人接单'],
  ['arrived', 30, 'Nobody on site within 30 min', '30 分钟内无人到场'],
  ['inspected', 24 * 60, 'Not inspected within 24 h', '24 小时内未检查'],
  [null, null, 'Help is asked for', '现场请求支援'],
] as const)('what is escalated says why: %s after %s min', async (missed, missedMinutes, inEnglish, inChinese) => {
  const notice = await noticeAbout({})
  for (const [locale, words] of [['en', inEnglish] as const, ['zh-CN', inChinese] as const]) {
    const recipient = { ...notice.recipient, locale }
    const told = {
      ...notice,
      recipient,
      reason: 'escalated',
      content: { ...notice.content, missed, missedMinutes },
    } as const
    expect(textOf(told)).toMatch(new RegExp(`^\\[.+\\] ${words}: `))
  }
})

test.each(['closed', 'cancelled'] as const)(
  'a property contact that was told of an order hears that it is %s',
  async (end) => {
    const told = await addOrder()
    await write(told, [to({ party: 'property', address: '1' }), to({ party: 'property', address: '2' })])
    const sent = (await noticesOf(told)).filter(({ recipient }) => recipient.address === '1')
    await operations.markSent(sent.map(({ id, key }) => ({ id, sentAt: night, sentAs: key })))
    await operations.transaction((unit) => tellEnd(unit, told, end, night))
    const heard = (await noticesOf(told)).filter(({ reason }) => reason === end)
    expect(heard.map(({ recipient }) => recipient.address)).toEqual(['1'])
  },
)

test('who hears in the place of a crew that it has an order now reads that the crew could not be told', async () => {
  const told = async (party: Party) => textOf({ ...(await noticeAbout({}, { party })), reason: 'reassigned' })
  expect(await told('crew')).toContain('工单已转派给您')
  expect(await told('duty-room')).toContain('班组未能收到通知，请致电')
})

function textOf(notice: Notice, order?: WorkOrder): string {
  const { title, lines } = wordNotice(notice, order, null, night + minuteMs)
  return [title, ...lines].join('\n')
}

async function noticeAbout(of: Partial<Incident>, given: Partial<Recipient> = {}): Promise<Notice> {
  const order = await addOrder(of)
  await write(order, [to({ channelId: 'sms', address: '1', ...given })])
  const [notice] = await noticesOf(order)
  if (notice === undefined) throw new Error('there is no notice')
  return notice
}

function write(order: WorkOrder, recipients: readonly Recipient[]): Promise<Recipient[]> {
  return operations.transaction((unit) => notifyRecipients(unit, { order, reason: 'raised', recipients, now: night }))
}

async function noticesOf({ id }: WorkOrder): Promise<Notice[]> {
  return (await operations.notices({ orderId: id, limit: 100 })).items
}

function to(given: Partial<Recipient>): Recipient {
  const nobody = { teamId: null, memberId: null, name: '张伟', channelId: 'sms', address: null }
  return { ...nobody, party: 'crew', locale: 'zh-CN', why: '', ...given }
}

let incidents = 0

async function addOrder(of: Partial<Incident> = {}, given: Partial<WorkOrder> = {}): Promise<WorkOrder> {
  incidents += 1
  const incident = testIncident({ deviceId: 'elv-1', place: placeOf('b1'), detectedAt: night - incidents, ...of })
  const { orderId: _, ...fresh } = incident
  await operations.insertIncident({ ...fresh, followed: null })
  const { id: incidentId, deviceId, finding, summary, detectedAt, place } = incident
  const order = testOrder({ incidentId, deviceId, finding, summary, detectedAt, siteId: place.siteId, ...given })
  await operations.insertOrder(order)
  return order
}

function placeOf(building: string): Incident['place'] {
  return { gatewayId: 'gw-1', feederId: null, siteId: building, path: { estate: 'lotus', building } }
}

function contact(role: Contact['role'], name: string, phone: string | null): Contact {
  return { role, name, phone, addresses: [] }
}

function channel(id: string): Channel {
  return { id, type: 'webhook', name: id, settings: {}, enabled: true, createdAt: 0 }
}

function site(id: string, type: Site['type'], name: string, parentId: string | null, contacts: Contact[]): Site {
  const nothing = { use: null, address: null, entrance: null, emergencyPlan: null, latitude: null, longitude: null }
  return { id, type, name, parentId, ...nothing, contacts, createdAt: 0 }
}
