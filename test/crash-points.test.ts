import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeChange, EpisodeEvent } from '../core/episode.ts'
import { silentLog } from '../core/log.ts'
import type { Team, TeamType } from '../core/people.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import { evidenceFiles } from '../stores/evidence/files.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import type { Operations } from '../stores/operations/port.ts'
import { openChannel } from '../workorders/channels/index.ts'
import { chooseCrew } from '../workorders/crews/dispatch.ts'
import { recordEvent } from '../workorders/evidence/chain.ts'
import { createEvidenceWorker } from '../workorders/evidence/evidence.ts'
import { sealOnce } from '../workorders/evidence/seals.ts'
import { verifyAll } from '../workorders/evidence/verify.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import type { ActionRequest } from '../workorders/life/transitions.ts'
import { notify } from '../workorders/notices/notify.ts'
import { createOrderLinks } from '../workorders/notices/order-link.ts'
import { createOutbox } from '../workorders/notices/outbox.ts'
import { createDeadlineWorker } from '../workorders/plans/deadlines.ts'
import { createEscalate } from '../workorders/plans/escalate.ts'
import { testDevice } from './fixtures/rows.ts'
import { createLife, immortal, type Life } from './life.ts'
import { startTestDatabase, type TestDatabase } from './operations-database.ts'
import { keysByOccasion, startReceiver } from './webhook-receiver.ts'

/*
 * People trapped in two elevators at the same time, from the finding to the closed orders, and the process killed at every commit
 * (before it, and after it when nobody knows of it yet) and at every outgoing call (before and after). What both have in common is
 * done in one transaction: their orders are raised, their deadlines fire and their notices are noted together. The next process is
 * told nothing: it reads the same journal, people press the same buttons again.
 */

const isLong = process.env.LIFTWATT_TEST_LONG === '1'
/** What is just after one commit is just before the next, so every fifth shows most, now before and now after. */
const pointsAtATime = isLong ? 1 : 5
/** Until the next process runs. */
const restartMs = 30 * secondMs
const journalId = randomUUID()
const teamTypes: Readonly<Record<string, TeamType>> = {
  ...{ duty: 'duty-room', 'crew-1': 'crew', 'crew-2': 'crew', boss: 'supervisor', insurer: 'insurer-inspector' },
}

let now = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase
let receiver: Awaited<ReturnType<typeof startReceiver>>
let directory: string
let files: EvidenceStore

beforeAll(async () => {
  database = await startTestDatabase()
  receiver = await startReceiver()
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-crash-points-'))
  files = evidenceFiles(directory)
  const { operations } = database
  const gateway = { id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null }
  await operations.insertGateway(gateway)
  for (const [id, type] of Object.entries(teamTypes)) {
    const settings = receiver.settingsFor(id)
    await operations.insertChannel({ id, type: 'webhook', name: id, settings, enabled: true, createdAt: 0 })
    await operations.insertTeam(team(id, type))
  }
})
afterAll(async () => {
  receiver.stop()
  await database.remove()
  await rm(directory, { recursive: true, force: true })
})

test('killed at any commit and any outgoing call, the next process makes of it one order each, each deadline once, and no new notice', {
  timeout: 600_000,
}, async () => {
  const undisturbed = await newPassengers('never-killed')
  await live(immortal(), undisturbed)
  const expected = await storiesOf(undisturbed)
  expect(largest).toEqual({ events: 2, deadlines: 2, sent: expect.any(Number) })
  expect(largest.sent).toBeGreaterThan(1)
  for (const [index, story] of expected.entries()) {
    const [first, second] = index === 0 ? ['crew-1', 'crew-2'] : ['crew-2', 'crew-1']
    expect(story.steps).toEqual([
      ...['raised', 'escalated duty-room-acknowledges', 'escalated passenger-is-told'],
      ...['escalated crew-accepts', `reassigned ${second}`],
      ...['accepted', 'arrived', 'noted before', 'noted after', 'restored', 'closed', 'noted inspect'],
    ])
    expect(story).toMatchObject({
      incidents: [{ state: 'cleared', count: 1 }],
      orders: [{ state: 'closed', teamId: second, technicianId: 'wang' }],
      everyNoticeCame: true,
      nothingElseCame: true,
    })
    const occasions = [
      ...['boss escalated acknowledged', 'boss escalated passenger-told', `${first} raised`],
      ...[`${second} reassigned accepted`, 'duty escalated accepted', 'duty escalated acknowledged'],
      ...['duty escalated passenger-told', 'duty raised', 'insurer closed', 'insurer raised'],
    ]
    expect(story.keysPerOccasion).toEqual(occasions.map((occasion) => `${occasion}: 1`).sort())
  }

  let kills = 0
  let point = 1
  for (; ; point += pointsAtATime) {
    const passengers = await newPassengers(`killed-at-${point}`)
    const life = createLife(point)
    await live(life, passengers).catch((cause: unknown) => {
      if (!life.isOver()) throw cause
    })
    if (!life.isOver()) break
    kills += 1
    now += restartMs
    const where = `killed ${life.last()}, point ${point}`
    await live(immortal(), passengers).catch((cause: unknown) => expect.fail(`${where}: ${cause}`))
    expect(await storiesOf(passengers), where).toEqual(expected)
  }
  expect(point).toBeGreaterThan(60)
  expect(receiver.refused).toEqual([])
  const verified = await verifyAll(database.operations, files)
  expect(verified).toMatchObject({ ok: true, breaks: [], orders: 2 * (kills + 2) })
  console.log(`crash points: ${kills} kills, ${verified.events} events, ${receiver.received.length} messages`)
})

interface Passengers {
  readonly deviceIds: readonly string[]
  readonly detectedAt: number
}

async function newPassengers(name: string): Promise<Passengers> {
  now += hourMs
  const deviceIds = [`${name}-east`, `${name}-west`]
  for (const id of deviceIds) {
    await database.operations.insertDevice(testDevice({ id }))
    await database.operations.setDeviceParty(id, 'insurer', 'insurer', now - minuteMs)
  }
  return { deviceIds, detectedAt: now }
}

/** The most that was done in one transaction. */
const largest = { events: 0, deadlines: 0, sent: 0 }

function noting(operations: Operations): Operations {
  const note = (what: keyof typeof largest, count: number) => {
    largest[what] = Math.max(largest[what], count)
  }
  const transaction: Operations['transaction'] = (work) =>
    operations.transaction((unit) => {
      let events = 0
      return work({
        ...unit,
        insertNewIncidents(incidents) {
          events += incidents.length
          note('events', events)
          return unit.insertNewIncidents(incidents)
        },
        claimDeadlines(ids, at) {
          note('deadlines', ids.length)
          return unit.claimDeadlines(ids, at)
        },
        markSent(sent) {
          note('sent', sent.length)
          return unit.markSent(sent)
        },
      })
    })
  return { ...operations, transaction }
}

/** One process from its start to the end of these passengers' stories, or to its own. All that was done already is done again. */
async function live(life: Life, { deviceIds, detectedAt }: Passengers): Promise<void> {
  const operations = life.mortal(noting(database.operations))
  const clock = () => now
  const outbox = createOutbox({
    operations,
    openChannel(channel) {
      const open = openChannel(channel, { publish: async () => {} })
      return { send: (message, context) => life.call('send', () => open.send(message, context)) }
    },
    links: createOrderLinks({ key: Buffer.alloc(32, 1), publicUrl: 'https://liftwatt.example' }),
    recordEvent,
    clock,
    log: silentLog,
  })
  const deadlines = createDeadlineWorker({
    operations,
    escalate: createEscalate({ notify, chooseCrew, recordEvent }),
    clock,
    log: silentLog,
  })
  const evidence = createEvidenceWorker({
    operations,
    readings: { between: async () => [] },
    files: { ...files, put: (content) => life.call('evidence file', () => files.put(content)) },
    ruleOf: async () => null,
    clock,
    log: silentLog,
  })
  const workOrders = createWorkOrders({ operations, clock, afterChange: settleAndTell })

  async function at(minutes: number, ...work: (() => Promise<unknown>)[]): Promise<void> {
    now = Math.max(now, detectedAt + minutes * minuteMs)
    for (const step of work) {
      await step()
      life.goesOn() // the loops catch what befalls them, being killed too
    }
  }
  const journal = (change: EpisodeChange, position: number) => () => {
    const events = deviceIds.map((id, index) => entrapment(change, position + index, id, detectedAt))
    return recordWithOrders(operations, events, journalId, now)
  }
  const people = (action: ActionRequest['action'], said: Partial<ActionRequest> = {}) => {
    return async () => {
      for (const deviceId of deviceIds) {
        const { items } = await operations.orders({ deviceId, limit: 1 })
        const orderId = items[0]?.id ?? ''
        await workOrders.act({ orderId, action, actor: 'operator', idempotencyKey: action, ...said })
      }
    }
  }

  await at(0, journal('opened', 1), outbox.runOnce)
  for (const minutes of [1, 2, 5]) await at(minutes, deadlines.runOnce, outbox.runOnce)
  await at(6, people('accept', { technicianId: 'wang' }), outbox.runOnce)
  await at(9, people('arrive'))
  await at(18, evidence.runOnce, people('restore'))
  await at(19, journal('cleared', 3))
  await at(20, people('close', { outcome: 'repaired' }), outbox.runOnce)
  await at(21, people('inspect'), () => sealOnce(operations, now))
  // what nobody has reached must not have been left to fire
  await at(50, deadlines.runOnce, outbox.runOnce)
}

function entrapment(change: EpisodeChange, position: number, deviceId: string, begin: number): EpisodeEvent {
  const at = change === 'cleared' ? begin + 22 * minuteMs : begin
  return {
    ...{ change, scope: { type: 'device', id: deviceId }, deviceId, finding: 'elevator/entrapment', position },
    ruleVersion: 0,
    ...{ severity: 'critical', summary: 'Someone is shut in', evidence: {} },
    ...{ occurredAt: begin - 30 * secondMs, at, receivedAt: at, detectedAt: at },
  }
}

function storiesOf({ deviceIds }: Passengers) {
  return Promise.all(deviceIds.map(storyOf))
}

/** All that is left of one, without what differs from one process to the next: ids, times, and in which order notices left. */
async function storyOf(deviceId: string) {
  const { operations } = database
  const incidents = (await operations.incidents({ deviceId, limit: 10 })).items
  const orders = (await operations.orders({ deviceId, limit: 10 })).items
  const orderId = orders[0]?.id ?? ''
  const events = await operations.orderEvents(orderId)
  const deadlines = await operations.deadlinesOf(orderId)
  const notices = (await operations.notices({ orderId, limit: 100 })).items
  const reached = receiver.received.filter((one) => one.orderId === orderId)
  const keys = keysByOccasion(reached)
  return {
    incidents: incidents.map(({ state, count }) => ({ state, count })),
    orders: orders.map(({ state, teamId, technicianId }) => ({ state, teamId, technicianId })),
    steps: events.filter(({ type }) => type !== 'notified').map(stepOf),
    deadlines: deadlines.map(({ step, state }) => `${step.id} ${state}`).sort(),
    notified: events
      .filter(({ type }) => type === 'notified')
      .map(({ data }) => `${data.reason} ${data.teamId}`)
      .sort(),
    notices: notices.map(({ reason, recipient, state }) => `${reason} ${recipient.teamId} ${state}`).sort(),
    everyNoticeCame: notices.every(({ key }) => reached.some((one) => one.key === key)),
    nothingElseCame: reached.every(({ key }) => notices.some((notice) => notice.key === key)),
    keysPerOccasion: [...keys].map(([occasion, { size }]) => `${occasion}: ${size}`).sort(),
  }
}

function stepOf({ type, data }: { type: string; data: Readonly<Record<string, unknown>> }): string {
  const detail = { escalated: data.step, reassigned: data.teamId, noted: data.evidence ?? data.action }[type]
  return detail === undefined ? type : `${type} ${detail}`
}

function team(id: string, type: TeamType): Team {
  const addresses = [{ channelId: id, address: null }]
  return { id, type, name: id, areas: [], skills: [], phone: null, addresses, createdAt: 0, removedAt: null }
}
