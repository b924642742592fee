import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { isEntrapment, type WorkOrder } from '../../core/incident.ts'
import { isMoreSevere, type Severity } from '../../core/severity.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import { elevatorCalls, standBy } from '../../test/elevator-calls.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { verifyAll } from '../evidence/verify.ts'
import { isEnded } from '../life/transitions.ts'

/*
 * Another system tells of things that become worse, end and begin again, while people answer, leave, merge and follow up. Whatever comes in
 * which order: a danger is never answered with "taken" and told to nobody.
 */

const isLong = process.env.LIFTWATT_TEST_LONG === '1'
/** So long after people were done with it, what is still told may be an echo; see `still-told.ts`. */
const echoMs = 5 * minuteMs
let now = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  const to = (address: string) => ({ addresses: [{ channelId: 'ch', address }] })
  const duty = testTeam('duty', { type: 'duty-room', ...to('duty') })
  await standBy(database.operations, testTeam('crew-1', to('crew')), duty)
})
afterAll(() => database.remove())

const { workOrders, elevator, fireDue } = elevatorCalls({ operations: () => database.operations, clock: () => now })

const words = {
  warning: 'It hums',
  urgent: 'Smoke in the machine room',
  critical: 'Flames, the car burns',
  trapped: 'People are trapped',
} as const
type Said = keyof typeof words

const actions = ['accept', 'arrive', 'restore', 'close', 'cancel', 'merge', 'follow-up'] as const

type Step =
  | { readonly does: 'tell'; readonly id: number; readonly lift: number; readonly said: Said }
  | { readonly does: 'over'; readonly id: number }
  | { readonly does: 'act'; readonly action: (typeof actions)[number]; readonly which: number }
  | { readonly does: 'wait'; readonly minutes: number }

const id = fc.nat({ max: 1 })
const said = fc.constantFrom<Said>('warning', 'urgent', 'critical', 'trapped')
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('tell'), id, lift: fc.constantFrom(0, 0, 0, 1), said }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('over'), id }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('act'),
      action: fc.constantFrom(...actions),
      which: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('wait'), minutes: fc.constantFrom(1, 6, 25) }) },
)

test(
  'what is told as a danger is known to somebody who goes, or is told at once, whatever happened before',
  async () => {
    const property = fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 14 }), async (steps) => {
      const story = await newStory()
      for (const step of steps) await story.take(step)
    })
    await fc.assert(property, isLong ? { numRuns: 1_000 } : { numRuns: 30, seed: 4 })
    expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })
  },
  isLong ? 3_600_000 : 120_000,
)

/** Two elevators, and a system that tells of them. */
async function newStory() {
  const lifts = [await elevator(), await elevator()] as const
  const source = `hotline-${randomUUID()}`
  const log: string[] = []
  /** What each id was last answered with. */
  const orderIds = new Map<string, string | null>()

  const report = (deviceId: string, number: number, told: Said, state: 'open' | 'cleared') =>
    workOrders().report({
      ...{ deviceId, source, externalId: `id-${number}`, actor: source, state, finding: 'hotline/report' },
      ...{ severity: severityOf(told), summary: words[told] },
    })

  async function tell(lift: number, number: number, told: Said): Promise<void> {
    const key = `${number} of ${lift}`
    const before = await inForce(orderIds.get(key) ?? null)
    const { incident } = await report(lifts[lift === 0 ? 0 : 1], number, told, 'open')
    orderIds.set(key, incident.orderId)
    const after = await inForce(incident.orderId)
    log.push(`  ${after?.id.slice(-4)} is ${after?.state}, ${after?.severity}, of ${after?.finding}`)
    if (told !== 'warning') await mustBeKnown(told, before, after, log.join('\n'))
  }

  async function act(action: (typeof actions)[number], which: number): Promise<void> {
    const pages = await Promise.all(lifts.map((deviceId) => database.operations.orders({ deviceId, limit: 20 })))
    const orders = pages.flatMap(({ items }) => items)
    const able = orders.filter((order) => isEnded(order) === (action === 'follow-up'))
    const order = able[which % Math.max(1, able.length)]
    const into = able.find((other) => other !== order)
    if (order === undefined || (action === 'merge' && into === undefined)) return
    log.push(`  ${order.id.slice(-4)} was ${order.state}`)
    const by = { orderId: order.id, actor: 'duty', reason: 'because' }
    const mild = which % 2 === 0 && { severity: 'warning' as const, summary: 'Paint it next week' }
    if (action === 'follow-up') await workOrders().followUp({ ...by, ...mild })
    else if (action === 'merge') await workOrders().act({ ...by, action, intoId: into?.id ?? '' })
    else if (action === 'accept') await workOrders().act({ ...by, action, teamId: 'crew-1' })
    else await workOrders().act({ ...by, action, ...(action === 'close' && { causeClass: 'equipment' as const }) })
  }

  return {
    async take(step: Step): Promise<void> {
      now += 10 * secondMs
      log.push(JSON.stringify(step))
      if (step.does === 'tell') await tell(step.lift, step.id, step.said)
      else if (step.does === 'over') await report(lifts[0], step.id, 'warning', 'cleared')
      else if (step.does === 'wait') await wait(step.minutes)
      else await act(step.action, step.which).catch(mustBeRefusal)
    },
  }
}

function severityOf(told: Said): Severity {
  return told === 'trapped' ? 'critical' : told
}

async function wait(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    now += minuteMs
    await fireDue()
  }
}

function mustBeRefusal(cause: unknown): void {
  if (!(cause instanceof ExpectedError)) throw cause
}

/** What goes on for it: itself, what follows it, or what it was merged into. */
async function inForce(orderId: string | null): Promise<WorkOrder | undefined> {
  const { operations } = database
  const order = orderId === null ? undefined : await operations.order(orderId)
  if (order === undefined || !isEnded(order)) return order
  return (await operations.openFollowUpOf(order.id)) ?? (await operations.orderInPlaceOf(order.id)) ?? order
}

async function mustBeKnown(told: Said, before: WorkOrder | undefined, after: WorkOrder | undefined, story: string) {
  const isMoreThan = (order: WorkOrder) =>
    isMoreSevere(severityOf(told), order.severity) || (told === 'trapped' && !isEntrapment(order))
  if (after === undefined) return expect.fail(`nobody is sent\n${story}`)
  expect(isMoreThan(after), `its order says less\n${story}`).toBe(false)
  const doneAt = after.restoredAt ?? after.closedAt ?? after.cancelledAt
  if (doneAt !== null) {
    // an echo, of which the duty room hears once; what is only urgent people may end for good
    return expect(told === 'urgent' || now - doneAt < echoMs, `nobody goes any more\n${story}`).toBe(true)
  }
  const { items: notices } = await database.operations.notices({ orderId: after.id, limit: 200 })
  const isToldNow = notices.some(({ createdAt }) => createdAt === now)
  const isRead = notices.some(({ content }) => JSON.stringify(content).includes(words[told]))
  const goesAlready = before?.id === after.id && before.restoredAt === null && !isMoreThan(before)
  expect(isToldNow || (goesAlready && isRead), `it is told to nobody\n${story}`).toBe(true)
}
