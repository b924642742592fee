import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { justFound, type WorkOrder } from '../../core/incident.ts'
import { settleAndTell } from '../../response.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { faultOfRow } from '../evidence/verify-row.ts'
import { notify, notifyRecipients } from '../notices/notify.ts'
import { wordNotice } from '../notices/wording.ts'
import { armDeadlines } from '../plans/deadlines.ts'
import { freeze, shippedPlans } from '../plans/plans.ts'
import { absorbOrder } from './absorb.ts'
import { createWorkOrders } from './act.ts'
import type { ActionRequest } from './transitions.ts'
import type { AfterChange } from './write-decision.ts'

/* One of two orders of a car ends in the other, in states that a sensor and a caller seldom bring about. */

const began = Date.UTC(2026, 10, 24, 8)
const now = began + 5 * minuteMs
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  await database.operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
})
afterAll(() => database?.remove())

async function elevator(): Promise<string> {
  const id = `elv-${randomUUID()}`
  await database.operations.insertDevice(testDevice({ id }))
  return id
}

async function orderOf(
  deviceId: string,
  minutes: number,
  given: Partial<WorkOrder> = {},
  source = justFound.source,
): Promise<WorkOrder> {
  const of = { deviceId, detectedAt: began + minutes * minuteMs, finding: given.finding ?? 'elevator/entrapment' }
  const { orderId: _, ...incident } = testIncident({ ...of, source })
  await database.operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({ ...of, incidentId: incident.id, ...given })
  await database.operations.insertOrder(order)
  return order
}

const absorb = (order: WorkOrder, into: WorkOrder, afterChange: AfterChange = settleAndTell) =>
  database.operations.transaction((unit) => absorbOrder(unit, order.incidentId, into, now, afterChange))

const asItIs = async ({ id }: WorkOrder) => (await database.operations.order(id)) ?? expect.fail(`${id} is gone`)

test('what fails while an order is merged leaves both as they were, and neither goes on half merged', async () => {
  const deviceId = await elevator()
  const into = await orderOf(deviceId, 0)
  const order = await orderOf(deviceId, 1, { finding: 'elevator/alarm-button' })
  const taken = async () => {
    throw new ExpectedError('order-state', 'The order was changed by someone else at the same moment; look again')
  }
  await expect(absorb(order, into, taken)).rejects.toMatchObject({ code: 'order-state' })
  expect([(await asItIs(order)).state, await database.operations.orderEvents(into.id)]).toEqual(['raised', []])
  expect(await absorb(order, into)).toMatchObject({ id: into.id })
  expect(await asItIs(order)).toMatchObject({ state: 'cancelled', mergedIntoId: into.id })
})

test('whoever is inside was told under both orders: the earlier one goes on, and keeps when they were told first', async () => {
  const deviceId = await elevator()
  const earlier = await orderOf(deviceId, 0, { passengerToldAt: began + minuteMs })
  const other = await orderOf(deviceId, 1, { passengerToldAt: began + 3 * minuteMs })
  expect(await absorb(earlier, other)).toMatchObject({ id: earlier.id, passengerToldAt: began + minuteMs })
  expect(await asItIs(other)).toMatchObject({ state: 'cancelled', mergedIntoId: earlier.id })
})

test('what a hotline said of whoever is inside is kept on the earlier order that goes on for it', async () => {
  const deviceId = await elevator()
  const earlier = await orderOf(deviceId, 0, { finding: 'elevator/door-fault' })
  const other = await orderOf(deviceId, 1, { summary: 'Shut in, one has asthma', state: 'acknowledged' }, 'hotline')
  await absorb(earlier, other)
  expect((await asItIs(earlier)).reportedBy).toEqual({ name: 'hotline', words: 'Shut in, one has asthma' })
})

test('what was done about the other order has its own times, though not before the one that goes on was raised', async () => {
  const deviceId = await elevator()
  const raisedAt = began + 3 * minuteMs
  const earlier = await orderOf(deviceId, 0, { finding: 'elevator/door-fault', raisedAt })
  const [acknowledgedAt, acceptedAt] = [began + 2 * minuteMs, began + 4 * minuteMs]
  const done = { acknowledgedAt, acceptedAt, technicianId: 'wang' }
  const other = await orderOf(deviceId, 1, { state: 'accepted', ...done })
  await absorb(earlier, other)

  const order = await asItIs(earlier)
  expect(order).toMatchObject({ state: 'accepted', acknowledgedAt: raisedAt, acceptedAt })
  const accepted = (await database.operations.orderEvents(order.id)).find(({ type }) => type === 'accepted')
  const said = { acknowledgedAt: '2026-11-24T08:03:00.000Z', acceptedAt: '2026-11-24T08:04:00.000Z' }
  expect(accepted).toMatchObject({ at: now, actor: 'liftwatt', data: said })

  const chain = await database.operations.chainOf(order.id)
  expect(faultOfRow(order, chain)).toBeUndefined()
  expect(faultOfRow({ ...order, acceptedAt: now }, chain)).toMatchObject({ text: expect.stringMatching('acceptedAt') })
})

test('a crew that had set out hears that another has the order, or the one that goes on for it; one that had not hears nothing', async () => {
  const { operations } = database
  await operations.insertChannel({ id: 'sms', type: 'webhook', name: 'sms', settings: {}, enabled: true, createdAt: 0 })
  for (const id of ['east', 'west']) {
    await operations.insertTeam(testTeam(id, { addresses: [{ channelId: 'sms', address: id }] }))
  }
  const workOrders = createWorkOrders({ operations, clock: () => now, afterChange: settleAndTell })
  const told = async ({ id }: WorkOrder) =>
    (await operations.notices({ orderId: id, limit: 10 })).items.map(({ reason, recipient }) => [
      reason,
      recipient.teamId,
    ])
  const accepted = {
    state: 'accepted',
    acknowledgedAt: now,
    acceptedAt: now,
    technicianId: 'li',
    teamId: 'east',
  } as const
  const by = { actor: 'operator', reason: 'a flat tyre' }

  const [asked, onTheRoad] = [
    await orderOf(await elevator(), 0, { teamId: 'east' }),
    await orderOf(await elevator(), 0, accepted),
  ]
  for (const { id: orderId } of [asked, onTheRoad])
    await workOrders.act({ orderId, action: 'reassign', teamId: 'west', ...by })
  expect(await told(asked)).toEqual([['reassigned', 'west']])
  expect((await told(onTheRoad)).toSorted()).toEqual([
    ['handed-over', 'east'],
    ['reassigned', 'west'],
  ])

  const deviceId = await elevator()
  const into = await orderOf(deviceId, 0, { ...accepted, teamId: 'west', technicianId: 'wu' })
  const merged = await orderOf(deviceId, 1, { finding: 'elevator/door-fault', ...accepted })
  await workOrders.act({ orderId: merged.id, action: 'merge', intoId: into.id, ...by })
  const words = ['raised', 'west'] // whoever goes on reads what the other order said
  expect([(await told(into)).toSorted(), await told(merged)]).toEqual([[['handed-over', 'east'], words], []])

  // a crew on the way by an order that ends hears of the one that goes on, whoever had that one
  const silent = await elevator()
  const waiting = await orderOf(silent, 0, { teamId: 'east' })
  const theirs = await orderOf(silent, 1, { finding: 'elevator/door-fault', ...accepted })
  await workOrders.act({ orderId: theirs.id, action: 'merge', intoId: waiting.id, ...by })
  expect([await told(waiting), await told(theirs)]).toEqual([[['reassigned', 'east']], []])
  expect(await operations.order(waiting.id)).toMatchObject({ state: 'accepted', technicianId: 'li' })
})

test('where no other crew has the order nobody is turned back, and nobody is in the place of a crew that is gone', async () => {
  const { operations } = database
  await operations.insertChannel({ id: 'im', type: 'webhook', name: 'im', settings: {}, enabled: true, createdAt: 0 })
  const teams = [
    ...['north', 'south'].map((id) => testTeam(id)),
    testTeam('gone', { removedAt: 0 }),
    testTeam('duty', { type: 'duty-room' }),
  ]
  for (const team of teams) await operations.insertTeam({ ...team, addresses: [{ channelId: 'im', address: team.id }] })
  const accepted = { state: 'accepted', acknowledgedAt: now, acceptedAt: now } as const
  const mergedInto = async (teamId: string | null, wasOf: string, technicianId: string | null = 'wu') => {
    const deviceId = await elevator()
    const into = await orderOf(deviceId, 0, { ...accepted, teamId, technicianId })
    const of = { teamId: wasOf, technicianId: 'li' }
    const merged = await orderOf(deviceId, 1, { finding: 'elevator/door-fault', ...accepted, ...of })
    const workOrders = createWorkOrders({ operations, clock: () => now, afterChange: settleAndTell })
    await workOrders.act({ orderId: merged.id, action: 'merge', intoId: into.id, actor: 'operator', reason: 'one car' })
    const { items } = await operations.notices({ orderId: into.id, limit: 10 })
    return items.map(({ reason, recipient }) => [reason, recipient.teamId]).toSorted()
  }
  expect(await mergedInto('south', 'north')).toEqual([
    ['handed-over', 'north'],
    ['raised', 'south'],
  ])
  // its crew hears where it goes on, which nobody has whom it could be told
  expect(await mergedInto(null, 'north')).toEqual([
    ['merged', 'north'],
    ['raised', 'duty'],
  ])
  expect(await mergedInto('north', 'gone')).toEqual([['raised', 'north']])
  // nobody has it, and nobody of a crew that is gone can have it
  expect(await mergedInto('north', 'gone', null)).toEqual([['raised', 'north']])
})

const dated = { arriveBy: null, finding: 'elevator/door-fault', severity: 'warning' } as const
const planned = { ...dated, type: 'planned' } as const
const inspection = { ...dated, type: 'inspection' } as const

test.each<[string, string, Partial<WorkOrder>, Partial<WorkOrder>]>([
  ['nobody', 'was to come on a date', planned, {}],
  ['nobody', 'was to inspect on a date', inspection, {}],
  ['nobody', 'was to inspect on a date, and not to mend,', inspection, planned],
  ['li', 'was to come on a date, which the other has, too,', planned, planned],
])('%s is on the way by the other order, who %s by the one that ends', async (whom, _, ofMerged, ofInto) => {
  const deviceId = await elevator()
  const into = await orderOf(deviceId, 4, ofInto)
  const done = { acknowledgedAt: began, acceptedAt: began, technicianId: 'li' }
  const merged = await orderOf(deviceId, 0, { ...ofMerged, state: 'accepted', ...done })
  const workOrders = createWorkOrders({ operations: database.operations, clock: () => now, afterChange: settleAndTell })
  await workOrders.act({ orderId: merged.id, action: 'merge', intoId: into.id, actor: 'operator', reason: 'one car' })
  const hasIt = { state: 'accepted', technicianId: 'li' }
  const isNobodys = { state: 'raised', technicianId: null, acknowledgedAt: null, acceptedAt: null }
  expect(await asItIs(into)).toMatchObject(whom === 'li' ? hasIt : isNobodys)
})

test('an order that becomes critical by what is merged into it has the plan of that from then on, watched by its own clock', async () => {
  const deviceId = await elevator()
  const plan = { ...{ id: 'calm', version: 1, name: { en: 'Calm', 'zh-CN': '' } }, tell: [], askFirst: null, steps: [] }
  const into = await orderOf(deviceId, 0, { finding: 'elevator/alarm-button', severity: 'urgent', plan })
  const merged = await orderOf(deviceId, 1, { finding: 'elevator/door-fault' })
  await absorb(merged, into)

  const order = await asItIs(into)
  expect(order).toMatchObject({ severity: 'critical', plan: { id: 'elevator-emergency' }, arriveBy: into.arriveBy })
  const watched = (await database.operations.deadlinesOf(into.id)).map(({ step, dueAt }) => [step.goal, dueAt])
  expect(watched).toContainEqual(['arrived', into.arriveBy])
  const chain = await database.operations.chainOf(into.id)
  expect(faultOfRow(order, chain)).toBeUndefined()
  expect(faultOfRow({ ...order, plan }, chain)).toMatchObject({ text: expect.stringMatching('plan') })
})

describe('what is merged by hand is told to everybody whom it concerns', () => {
  const tellers = ['asked', 'called', 'mends', 'picc', 'desk'] as const
  const address = (id: string) => [{ channelId: 'told', address: id }]
  const act = (request: Omit<ActionRequest, 'actor'>) =>
    createWorkOrders({ operations: database.operations, clock: () => now, afterChange: settleAndTell }).act({
      actor: 'operator',
      ...request,
    })
  const merge = (order: WorkOrder, into: WorkOrder) =>
    act({ orderId: order.id, action: 'merge', intoId: into.id, reason: 'one thing' })
  const told = async ({ id }: WorkOrder) =>
    (await database.operations.notices({ orderId: id, limit: 50 })).items.map((notice) => ({
      who: notice.recipient.teamId ?? notice.recipient.name,
      party: notice.recipient.party,
      reason: notice.reason,
      summary: notice.content.summary,
      said: notice.content.said,
    }))
  const accepted = { state: 'accepted', acknowledgedAt: now, acceptedAt: now, technicianId: 'li' } as const
  const smoke = { finding: 'manual/report', severity: 'urgent', summary: 'A loud noise' } as const

  beforeAll(async () => {
    const { operations } = database
    const channel = { id: 'told', type: 'webhook', name: 'told', settings: {}, enabled: true, createdAt: 0 } as const
    await operations.insertChannel(channel)
    const types = { picc: 'insurer-inspector', desk: 'duty-room' } as const
    for (const id of tellers) {
      const type = id === 'picc' || id === 'desk' ? types[id] : 'crew'
      await operations.insertTeam(testTeam(id, { type, addresses: address(id) }))
    }
  })

  test('a crew that was called to help is called to the order that goes on, and hears how it ends', async () => {
    const deviceId = await elevator()
    const into = await orderOf(deviceId, 0, { ...smoke, teamId: 'asked' })
    const order = await orderOf(deviceId, 1, { ...smoke, ...accepted, teamId: 'asked' })
    const recipient = { party: 'next-crew', teamId: 'called', memberId: null, name: 'called', locale: 'en' } as const
    await act({ orderId: order.id, action: 'ask-for-help', note: 'Two more people' })
    const to = { ...recipient, channelId: 'told', address: 'called', why: '' }
    await database.operations.transaction((unit) =>
      notifyRecipients(unit, { order, reason: 'escalated', recipients: [to], heard: { occasion: 'help' }, now }),
    )
    await merge(order, into)
    expect(await told(into)).toContainEqual(
      expect.objectContaining({ who: 'called', party: 'next-crew', reason: 'escalated', said: 'Two more people' }),
    )
    const calls = (await database.operations.orderEvents(into.id)).filter(({ data }) => data.action === 'ask-for-help')
    expect(calls).toMatchObject([{ type: 'escalated', data: { note: 'Two more people', mergedOrderId: order.id } }])
    const sent = (await database.operations.notices({ orderId: into.id, limit: 50 })).items
    await database.operations.markSent(sent.map(({ id, key }) => ({ id, sentAt: now, sentAs: key })))
    await act({ orderId: into.id, action: 'cancel', reason: 'Nothing there' })
    expect(await told(into)).toContainEqual(expect.objectContaining({ who: 'called', reason: 'cancelled' }))
  })

  test('whoever was called and said that they come is not asked again, and the crew that goes on hears of them', async () => {
    const deviceId = await elevator()
    const into = await orderOf(deviceId, 0, { ...smoke, ...accepted, teamId: 'asked' })
    const order = await orderOf(deviceId, 1, { ...smoke, ...accepted, teamId: 'mends' })
    const to = (name: string) =>
      ({
        party: 'next-crew',
        teamId: name,
        memberId: null,
        name,
        locale: 'en',
        channelId: 'told',
        address: name,
        why: '',
      }) as const
    await act({ orderId: order.id, action: 'ask-for-help', note: 'Two more people' })
    const [recipients, heard] = [[to('called'), to('silent')], { occasion: 'help' }]
    await database.operations.transaction((unit) =>
      notifyRecipients(unit, { order, reason: 'escalated', recipients, heard, now }),
    )
    await act({ orderId: order.id, action: 'note', by: 'called', comes: true, note: 'In ten minutes' })
    await merge(order, into)
    const hears = async (name: string) =>
      (await told(into)).filter(({ who }) => who === name).map(({ reason }) => reason)
    expect([await hears('called'), await hears('silent')]).toEqual([['merged'], ['escalated']])
    expect(await told(into)).toContainEqual(
      expect.objectContaining({ who: 'asked', reason: 'help-comes', said: 'called: In ten minutes' }),
    )
    const answers = (await database.operations.orderEvents(into.id)).filter(({ data }) => data.comes === true)
    expect(answers).toMatchObject([{ data: { by: 'called', note: 'In ten minutes', mergedOrderId: order.id } }])
  })

  test('the crew on the way reads that its order became critical, and what the other one said', async () => {
    const into = await orderOf(await elevator(), 0, { ...smoke, ...accepted, teamId: 'asked' })
    await database.operations.transaction((unit) =>
      notify(unit, { order: into, reason: 'raised', parties: ['crew'], now }),
    )
    const gas = { ...smoke, severity: 'critical', summary: 'Gas in the cellar, gate 4711' } as const
    const order = await orderOf(await elevator(), 1, { ...gas, teamId: 'mends' })
    await merge(order, into)
    const toCrew = (await told(into))
      .filter(({ who }) => who === 'asked')
      .map(({ reason, summary }) => [reason, summary])
    expect(toCrew).toContainEqual(['upgraded', 'Gas in the cellar, gate 4711'])
    expect(toCrew.map(([reason]) => reason)).not.toContain('reported-again')
  })

  test('a late order that nobody has and that takes over a fresh call is asked anew, and keeps when the passenger was told', async () => {
    const deviceId = await elevator()
    const plan = freeze(shippedPlans.find(({ id }) => id === 'elevator-emergency') ?? expect.fail('it ships'))
    const into = await orderOf(deviceId, -40, { plan, teamId: 'asked' })
    const call = { plan, summary: 'Asthma, please hurry', passengerToldAt: now, acknowledgedAt: now } as const
    const order = await orderOf(deviceId, 1, { ...call, state: 'acknowledged', type: 'manual', teamId: 'mends' })
    await merge(order, into)
    expect(await asItIs(into)).toMatchObject({ state: 'acknowledged', passengerToldAt: now })
    const open = (await database.operations.deadlinesOf(into.id)).filter(({ state }) => state === 'open')
    expect(open.map(({ step, dueAt }) => [step.id, dueAt])).toContainEqual(['crew-accepts', now + 5 * minuteMs])
    expect((await asItIs(into)).reportedBy).toMatchObject({ words: 'Asthma, please hurry' })
    expect((await told(into)).map(({ who }) => who)).toContain('asked')
    const chain = await database.operations.chainOf(into.id)
    expect(faultOfRow(await asItIs(into), chain)).toBeUndefined()
  })

  test('what a camera or a hotline said stands on the page of the order that goes on', async () => {
    const into = await orderOf(await elevator(), 0, { ...smoke, ...accepted, teamId: 'asked' })
    const flames = { ...smoke, summary: 'Smoke from the meter, flames', teamId: 'mends' }
    const order = await orderOf(await elevator(), 1, flames, 'hotline')
    await merge(order, into)
    expect((await asItIs(into)).reportedBy).toEqual({ name: 'hotline', words: 'Smoke from the meter, flames' })
  })

  test.each<[string, Partial<WorkOrder>, string, Record<string, string>]>([
    [
      'by hand, beside the words of its caller',
      { reportedBy: { name: 'Zhao', phone: '139', words: 'please hurry' } },
      'manual',
      { words: 'Gas, gate 4711', 'name 2': 'Zhao', 'phone 2': '139', 'words 2': 'please hurry' },
    ],
    [
      'by hand, once with the name of its caller',
      { reportedBy: { name: 'Zhao', phone: '139' } },
      'manual',
      { name: 'Zhao', phone: '139', words: 'Gas, gate 4711' },
    ],
    [
      'by a hotline, beside those of an order that it took over',
      { reportedBy: { name: 'Li', words: 'A lamp flickers' } },
      'hotline',
      { name: 'hotline', words: 'Gas, gate 4711', 'name 2': 'Li', 'words 2': 'A lamp flickers' },
    ],
    ['as planned work', { type: 'planned', arriveBy: null }, 'manual', { words: 'Gas, gate 4711' }],
  ])('what an order said %s is kept on the one that goes on', async (_, given, source, reportedBy) => {
    const into = await orderOf(await elevator(), 0, smoke)
    const type = source === 'manual' ? 'manual' : 'emergency'
    const gas = { ...smoke, summary: 'Gas, gate 4711', type, ...given } as const
    const order = await orderOf(await elevator(), 1, gas, source)
    await merge(order, into)
    expect((await asItIs(into)).reportedBy).toEqual(reportedBy)
  })

  test('what was seen to be real is so in the order that it was merged into, too, and in the one after that', async () => {
    const [first, second, third] = [
      await orderOf(await elevator(), 0, smoke),
      await orderOf(await elevator(), 1, smoke),
      await orderOf(await elevator(), 2, smoke),
    ]
    const close = (note: { note?: string } = {}) =>
      act({ orderId: first.id, action: 'close', outcome: 'false-alarm', causeClass: 'people', ...note })
    await act({ orderId: third.id, action: 'acknowledge', verified: true })
    await act({ orderId: second.id, action: 'note', note: 'An exercise', verified: 'drill' })
    await merge(third, second)
    await merge(await asItIs(second), first)
    await expect(close()).rejects.toMatchObject({
      code: 'order-state',
      message: expect.stringMatching('seen to be real'),
    })
    expect(await close({ note: 'Only steam' })).toMatchObject({ state: 'closed' })
  })

  test.each([
    ['that nobody is on the way for', smoke],
    ['whose crew goes on', { ...smoke, ...accepted }],
  ])('what the insurer has inspected by an order %s is inspected, of that device alone', async (_, given) => {
    const deviceId = await elevator()
    const own = await orderOf(deviceId, 0, smoke)
    await merge(await orderOf(deviceId, 1, { ...given, inspectedAt: began + 2 * minuteMs }), own)
    expect(await asItIs(own)).toMatchObject({ inspectedAt: began + 2 * minuteMs })
    expect(faultOfRow(await asItIs(own), await database.operations.chainOf(own.id))).toBeUndefined()

    const others = await orderOf(await elevator(), 0, smoke)
    await merge(await orderOf(await elevator(), 1, { ...given, inspectedAt: began + 2 * minuteMs }), others)
    expect(await asItIs(others)).toMatchObject({ inspectedAt: null })
  })

  test('a crew that was told and has not answered hears once that it goes on in another order; one that was told nothing, nothing', async () => {
    const { operations } = database
    const mergedOf = async (crew: { told: boolean; ofInto?: string }) => {
      const into = await orderOf(await elevator(), 0, { ...smoke, ...accepted, teamId: crew.ofInto ?? 'asked' })
      const order = await orderOf(await elevator(), 1, { ...smoke, teamId: 'mends' })
      await operations.transaction((unit) => notify(unit, { order, reason: 'raised', parties: ['crew'], now }))
      const { items } = await operations.notices({ orderId: order.id, limit: 50 })
      if (crew.told) await operations.markSent(items.map(({ id, key }) => ({ id, sentAt: now, sentAs: key })))
      await merge(order, into)
      const toCrew = (await operations.notices({ orderId: order.id, limit: 50 })).items
      return toCrew.map(({ reason, recipient, state }) => [reason, recipient.teamId, state]).toSorted()
    }
    const raised = ['raised', 'mends', 'sent']
    expect(await mergedOf({ told: true })).toEqual([['merged', 'mends', 'waiting'], raised])
    expect(await mergedOf({ told: false })).toEqual([['raised', 'mends', 'void']])
    expect(await mergedOf({ told: true, ofInto: 'mends' })).toEqual([raised])
  })

  test.each([
    ['had been told goes on where a tenant is asked first: nobody waits for that any more', true],
    ['had not been told goes on where a tenant is asked first, who has their time', false],
  ])('an order whose crew %s', async (_, isTold) => {
    const { operations } = database
    const ask = { id: 'contact-answers', goal: 'accepted', minutes: 30, tell: ['crew'], reassign: false } as const
    const plan = { id: 'ask', version: 1, name: { en: '', 'zh-CN': '' }, tell: [], steps: [ask] } as const
    const asking = { ...plan, askFirst: { party: 'tenant', minutes: 30 } } as const
    const into = await orderOf(await elevator(), 0, { ...smoke, teamId: 'asked', plan: asking })
    await operations.transaction((unit) => armDeadlines(unit, into))
    const order = await orderOf(await elevator(), 1, { ...smoke, teamId: 'mends' })
    if (isTold)
      await operations.transaction((unit) => notify(unit, { order, reason: 'raised', parties: ['crew'], now }))
    await merge(order, into)
    expect(await told(into)).toEqual([])
    const due = (await operations.deadlinesOf(into.id))
      .filter(({ state }) => state === 'open')
      .map(({ dueAt }) => dueAt)
    expect(due).toEqual([isTold ? now : began + 30 * minuteMs])
  })

  test('where the time of the contact who was asked is over, the crew that was told reads what the other order said', async () => {
    const { operations } = database
    const ask = { id: 'contact-answers', goal: 'accepted', minutes: 3, tell: ['crew'], reassign: false } as const
    const plan = { id: 'ask', version: 1, name: { en: '', 'zh-CN': '' }, tell: [], steps: [ask] } as const
    const asked = { ...plan, askFirst: { party: 'tenant', minutes: 3 } } as const
    const into = await orderOf(await elevator(), 0, { ...smoke, teamId: 'asked', plan: asked })
    await operations.transaction((unit) => notify(unit, { order: into, reason: 'raised', parties: ['crew'], now }))
    await merge(await orderOf(await elevator(), 1, { ...smoke, summary: 'Sparks' }), into)
    expect(await told(into)).toContainEqual(expect.objectContaining({ reason: 'reported-again', summary: 'Sparks' }))
  })

  test('whoever insures or was asked first and was told of the one that ends hears where it goes on', async () => {
    const into = await orderOf(await elevator(), 0, { ...smoke, ...accepted, teamId: 'asked' })
    const order = await orderOf(await elevator(), 1, smoke)
    const who = { memberId: null, locale: 'en', channelId: 'told', why: '' } as const
    const recipients = [
      { ...who, party: 'insurer-inspector', teamId: 'picc', name: 'picc', address: 'picc' },
      { ...who, party: 'property', teamId: null, name: 'Mrs Wu', address: 'wu' },
    ] as const
    await database.operations.transaction((unit) =>
      notifyRecipients(unit, { order, reason: 'raised', recipients, now }),
    )
    const sent = (await database.operations.notices({ orderId: order.id, limit: 50 })).items
    await database.operations.markSent(sent.map(({ id, key }) => ({ id, sentAt: now, sentAs: key })))
    await merge(order, into)
    expect((await told(into)).filter(({ who }) => who === 'picc')).toMatchObject([{ reason: 'merged' }])
    // whoever is no party to the other one reads no more of it than that
    expect(
      (await told(order))
        .filter(({ who }) => who === 'Mrs Wu')
        .map(({ reason }) => reason)
        .toSorted(),
    ).toEqual(['merged', 'raised'])
    const [contact] = (await database.operations.notices({ orderId: order.id, limit: 50 })).items.filter(
      ({ reason }) => reason === 'merged',
    )
    if (contact === undefined) throw new Error('the contact hears nothing')
    expect(wordNotice(contact, await asItIs(order), null, now).title).toContain(
      'It goes on in another order: A loud noise',
    )
  })

  test.each([
    ['which nobody has accepted', {}, 'merged'],
    ['which they have accepted, too', { ...accepted, teamId: 'mends' }, 'merged'],
    ['which another crew has accepted', accepted, 'handed-over'],
  ] as const)('a crew whose job on a date became part of an order %s reads whose that is', async (_, has, reason) => {
    const deviceId = await elevator()
    const into = await orderOf(deviceId, 4, { ...smoke, teamId: 'asked', ...has })
    const order = await orderOf(deviceId, 0, { ...planned, ...accepted, teamId: 'mends' })
    await merge(order, into)
    const reasons = (await told(into)).filter(({ who }) => who === 'mends').map((notice) => notice.reason)
    expect(reasons).toContain(reason)
    expect(reasons.filter((one) => one === 'merged' || one === 'handed-over')).toHaveLength(1)
  })
})
