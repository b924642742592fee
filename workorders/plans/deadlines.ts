import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, minuteMs, secondMs } from '../../core/clock.ts'
import { ExpectedError, reasonOf } from '../../core/errors.ts'
import { isEntrapment, type WorkOrder } from '../../core/incident.ts'
import type { Log } from '../../core/log.ts'
import type { Deadline, PlanGoal, PlanStep } from '../../core/plan.ts'
import type { DueDeadline, Operations } from '../../stores/operations/port.ts'
import { gathering } from '../gather/gather.ts'
import { isEnded, isNobodys } from '../life/transitions.ts'
import { contactAnswers, repeatedSteps } from './plans.ts'

/** The time of an order that each goal waits for. */
const timeOf: Readonly<Record<PlanGoal, keyof WorkOrder>> = {
  acknowledged: 'acknowledgedAt',
  accepted: 'acceptedAt',
  arrived: 'arrivedAt',
  restored: 'restoredAt',
  'passenger-told': 'passengerToldAt',
  inspected: 'inspectedAt',
}

/**
 * Writes a new order's due times as rows, in the transaction that raises it: absolute times from detection. Asking a contact
 * first moves none of them, and what is past already is due at once.
 */
export async function armDeadlines(unit: Operations, order: WorkOrder): Promise<void> {
  await insertSteps(unit, order, new Set())
}

/**
 * The same when an order was upgraded, by whoever holds its row: from then on. Those that are still open are void; what was fired
 * is not fired again for the same time.
 * @param now ms since 1970, by our clock
 */
export async function rearmDeadlines(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  const before = await unit.deadlinesOf(order.id)
  await unit.endDeadlines(idsOf(before, 'open'), 'void', now)
  await insertSteps(
    unit,
    order,
    new Set(before.filter(({ state }) => state === 'fired' || state === 'met').map(identity)),
  )
}

/**
 * The same when an order turns out to be of another kind, or has another plan, by whoever holds its row: the steps that concern it only
 * now, from the same beginning. Those that it has stay as they are, and those of no step of its plan are void. Before a step that is late
 * gives the order to the next crew, the one that has it gets the minutes of that step.
 * @param now ms since 1970, by our clock
 */
export async function followPlan(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  const { upgradedAt, detectedAt, plan } = order
  const beginning = upgradedAt ?? detectedAt
  const before = (await unit.deadlinesOf(order.id)).filter(({ state }) => state !== 'void')
  const isOf = (step: PlanStep) => (deadline: Deadline) => isDeepStrictEqual(deadline.step, step)
  const steps = plan?.steps ?? []
  const ofPlan = before.filter(({ step }) => !repeatedSteps.includes(step?.id ?? ''))
  const dropped = ofPlan.filter((deadline) => !steps.some((step) => isOf(step)(deadline)))
  await unit.endDeadlines(idsOf(dropped, 'open'), 'void', now)
  const missing = steps.filter((step) => !before.some(isOf(step)))
  const isLate = ({ reassign, minutes }: PlanStep) => reassign && beginning + minutes * minuteMs <= now
  await insertFrom(
    unit,
    order,
    missing.filter((step) => !isLate(step)),
    beginning,
  )
  await insertFrom(unit, order, missing.filter(isLate), now)
}

/**
 * The same when an order was given to another crew, by whoever holds its row: whether that one accepts is watched from now on, at
 * each step that nobody waits for any more. Those that are still open stay as they are, for giving an order away puts nothing off;
 * and so do all other steps.
 * @param now ms since 1970, by our clock
 */
export async function rearmAcceptance(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  const open = (await unit.deadlinesOf(order.id)).filter(({ state }) => state === 'open').map(({ step }) => step.id)
  const steps = (order.plan?.steps ?? []).filter(({ id, goal }) => goal === 'accepted' && id !== contactAnswers)
  await insertFrom(
    unit,
    order,
    steps.filter(({ id }) => !open.includes(id)),
    now,
  )
}

/**
 * When nobody who is asked first can be told, by whoever holds the order's row: who was to hear when they had not answered hears now.
 * @param now ms since 1970
 */
export async function endAsking(unit: Operations, { id: orderId, severity }: WorkOrder, now: number): Promise<void> {
  const asking = (await unit.deadlinesOf(orderId)).filter(
    ({ step, state, dueAt }) => step.id === contactAnswers && state === 'open' && dueAt > now,
  )
  await unit.endDeadlines(idsOf(asking, 'open'), 'void', now)
  await unit.insertDeadlines(asking.map(({ step }) => ({ id: randomUUID(), orderId, step, dueAt: now, severity })))
}

/** Whether the crew is told only when a contact has not answered in time, which is not over yet. */
export async function isContactAsked(unit: Operations, orderId: string): Promise<boolean> {
  return (await unit.deadlinesOf(orderId)).some(({ step, state }) => step.id === contactAnswers && state === 'open')
}

/** One step, by whoever holds the order's row. @param dueAt ms since 1970 */
export async function armStep(
  unit: Operations,
  { id: orderId, severity }: WorkOrder,
  step: PlanStep,
  dueAt: number,
): Promise<void> {
  await unit.insertDeadlines([{ id: randomUUID(), orderId, step, dueAt, severity }])
}

async function insertSteps(unit: Operations, order: WorkOrder, settled: ReadonlySet<string>): Promise<void> {
  await insertFrom(unit, order, order.plan?.steps ?? [], order.upgradedAt ?? order.detectedAt, settled)
}

/** @param beginning ms since 1970, from which their minutes count */
async function insertFrom(
  unit: Operations,
  order: WorkOrder,
  steps: readonly PlanStep[],
  beginning: number,
  settled: ReadonlySet<string> = new Set(),
): Promise<void> {
  const deadlines = steps
    .filter((step) => concerns(step, order) && standOf(step, order) === 'open')
    .map((step) => ({ orderId: order.id, step, dueAt: beginning + step.minutes * minuteMs, severity: order.severity }))
    .filter((deadline) => !settled.has(identity(deadline)))
  await unit.insertDeadlines(deadlines.map((deadline) => ({ id: randomUUID(), ...deadline })))
}

/** Ends the deadlines whose goal an order has reached, and all of them with the order. To be called after each change of it. */
export async function settleDeadlines(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  const open = (await unit.deadlinesOf(order.id)).filter(({ state }) => state === 'open')
  for (const state of ['met', 'void'] as const) {
    const ended = open.filter(({ step }) => standOf(step, order) === state)
    await unit.endDeadlines(
      ended.map(({ id }) => id),
      state,
      now,
    )
  }
}

/**
 * Where an order stands against a step. `void`: it ended. Only the insurer's inspection outlives the closing, for what was
 * repaired is what they come to see; but not a false alarm, nor a drill, nor an order that was cancelled.
 */
function standOf(step: PlanStep | null, order: WorkOrder): 'open' | 'met' | 'void' {
  const goal = step?.goal
  if (goal !== undefined && goal in timeOf && order[timeOf[goal]] !== null && !isGivenAway(goal, order)) return 'met'
  // everybody is out
  if (goal === 'passenger-told' && order.restoredAt !== null) return 'void'
  if (!isEnded(order)) return 'open'
  const wasReal = order.outcome !== 'false-alarm' && order.outcome !== 'drill'
  const awaitsInspector = goal === 'inspected' && order.state === 'closed' && wasReal
  return awaitsInspector ? 'open' : 'void'
}

/** One crew accepted it, another has it now, and nobody of that one has accepted. */
function isGivenAway(goal: PlanGoal, order: WorkOrder): boolean {
  return goal === 'accepted' && isNobodys(order)
}

/** A passenger is told where there is one. */
function concerns({ goal }: PlanStep, order: WorkOrder): boolean {
  return goal !== 'passenger-told' || isEntrapment(order)
}

function identity({ step, dueAt }: Pick<Deadline, 'step' | 'dueAt'>): string {
  return `${step?.id} ${dueAt}`
}

function idsOf(deadlines: readonly Deadline[], state: Deadline['state']): string[] {
  return deadlines.filter((deadline) => deadline.state === state).map(({ id }) => id)
}

/** What missing a step does, in the transaction that holds the order. */
export type Escalate = (unit: Operations, order: WorkOrder, deadline: Deadline, now: number) => Promise<void>

export interface DeadlineWorker {
  /** Fires whatever is due now, the most severe first, and answers how many. @throws {StoreUnavailable} */
  runOnce(): Promise<number>
  start(): void
  /** Resolves when what had begun is finished. */
  stop(): Promise<void>
}

type Result = 'fired' | 'settled' | 'failed' | 'not-ours'

/** So many are looked up at once: what becomes due meanwhile and is more severe waits no longer than these take. */
const batch = 1_000
/** In one transaction, which shares its round trips and its commit among them; nobody else may change their orders meanwhile. */
const together = 250
/** Transactions at the same time: one is worked out here while the database works for another. */
const atOnce = 2
const longestSleepMs = secondMs
/** When all that is due is held by others: they are done soon. */
const shortestSleepMs = 50
const longestPutOffMs = minuteMs

/**
 * Claims deadlines that are due and fires them, each in the same transaction as what it does to its order: after a crash at any
 * point it has happened or it has not. Those of many orders share a transaction; when one of them fails, halves of them are
 * tried again, until it is alone: then it is recorded and put off, and does not keep the others waiting. Any number of workers
 * may run at once. After a time of being down everything that fell due is fired at once.
 */
export function createDeadlineWorker(options: {
  operations: Operations
  escalate: Escalate
  /** Must not jump: see `startSteadyClock`. */
  clock: Clock
  log: Log
  /** After the commit, for metrics: ms after it was due. */
  onFired?: (deadline: Deadline, lateMs: number) => void
}): DeadlineWorker {
  const { operations, escalate, clock, log, onFired = () => {} } = options
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let trouble: string | undefined

  async function runOnce(): Promise<number> {
    let fired = 0
    for (;;) {
      const due = await operations.dueDeadlines(clock(), batch)
      const results = await takeAll(due)
      fired += results.filter((result) => result === 'fired').length
      if (stopping.signal.aborted || results.every((result) => result === 'not-ours')) return fired
    }
  }

  /** Nothing begins before all that is more severe is done: one that waits for the disk is not overtaken by what matters less. */
  async function takeAll(due: readonly DueDeadline[]): Promise<Result[]> {
    const results: Result[] = []
    for (const rank of new Set(due.map(({ severityRank }) => severityRank))) {
      results.push(...(await takeEqual(due.filter(({ severityRank }) => severityRank === rank))))
    }
    return results
  }

  async function takeEqual(due: readonly DueDeadline[]): Promise<Result[]> {
    const results: Result[] = []
    const queue = partsOf(due).values()
    const takeSome = async () => {
      for (const part of queue) {
        if (stopping.signal.aborted) return
        results.push(...(await take(part)))
      }
    }
    const ended = await Promise.allSettled(Array.from({ length: atOnce }, takeSome))
    for (const result of ended) if (result.status === 'rejected') throw result.reason
    return results
  }

  /** @param ids at least one */
  async function take(ids: readonly string[]): Promise<Result[]> {
    try {
      const now = clock()
      const settled = await operations.transaction((unit) => settle(unit, ids, now, escalate))
      const fired = settled.filter(({ state }) => state === 'fired')
      for (const deadline of fired) tellFired(deadline)
      return ids.map((_, index): Result => {
        if (index < fired.length) return 'fired'
        return index < settled.length ? 'settled' : 'not-ours'
      })
    } catch (cause) {
      const [id] = ids
      if (ids.length === 1 && id !== undefined) {
        await putOff(id, cause)
        return ['failed']
      }
      await operations.nextDeadlineAt() // if the database does not answer, nothing is found out by trying on
      const middle = Math.ceil(ids.length / 2)
      return [...(await take(ids.slice(0, middle))), ...(await take(ids.slice(middle)))]
    }
  }

  function tellFired(deadline: Deadline): void {
    const { orderId, step, dueAt } = deadline
    const lateMs = clock() - dueAt
    log.info({ orderId, step: step.id, lateMs }, 'a deadline was missed')
    onFired(deadline, lateMs)
  }

  /** If the database can still say this, it is the deadline that is wrong; if it cannot, its error ends the run. */
  async function putOff(deadlineId: string, cause: unknown): Promise<void> {
    const reason = reasonOf(cause)
    const now = clock()
    const attempts = await operations.putOffDeadline(deadlineId, reason, (count) => now + putOffMs(count))
    log.error({ deadlineId, attempts, reason }, 'a deadline could not be fired and is tried again')
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const ms = await cycle()
      await sleep(ms, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  /** Answers how long there is nothing to do. */
  async function cycle(): Promise<number> {
    try {
      await runOnce()
      const next = (await operations.nextDeadlineAt()) ?? Number.POSITIVE_INFINITY
      if (trouble !== undefined) log.info({}, 'deadlines are looked after again')
      trouble = undefined
      return Math.min(Math.max(next - clock(), shortestSleepMs), longestSleepMs)
    } catch (cause) {
      const reason = reasonOf(cause)
      if (reason !== trouble) log.error({ reason }, 'deadlines cannot be looked after now; it is tried every second')
      trouble = reason
      return longestSleepMs
    }
  }

  return {
    runOnce,
    start() {
      running ??= loop()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Of each order all that is due in one part, in the order of its times: two parts may be worked on at once. */
function partsOf(due: readonly DueDeadline[]): string[][] {
  const ofOrders = new Map<string, string[]>()
  for (const { id, orderId } of due) {
    const ids = ofOrders.get(orderId) ?? []
    ofOrders.set(orderId, ids)
    ids.push(id)
  }
  const parts: string[][] = []
  for (const ids of ofOrders.values()) {
    const last = parts.at(-1)
    if (last === undefined || last.length >= together) parts.push(ids)
    else last.push(...ids)
  }
  return parts
}

/** Answers what became of them, without those that were not there for us: done already, or held by someone else now. */
async function settle(unit: Operations, ids: readonly string[], now: number, escalate: Escalate): Promise<Deadline[]> {
  const claimed = await unit.claimDeadlines(ids, now)
  const orders = [...new Map(claimed.map(({ order }) => [order.id, order])).values()]
  return gathering(unit, { orders, at: now }, async (gathered) => {
    const settled: Deadline[] = []
    for (const { deadline, order: asClaimed } of claimed) {
      checkStep(deadline)
      // as the one before left it
      const order = (await gathered.order(asClaimed.id)) ?? asClaimed
      const stand = standOf(deadline.step, order)
      const state = stand === 'open' ? 'fired' : stand
      if (state === 'fired') await escalate(gathered, order, deadline, now)
      settled.push({ ...deadline, state, settledAt: now })
    }
    for (const state of ['fired', 'met', 'void'] as const) {
      const ended = settled.filter((deadline) => deadline.state === state)
      const endedIds = ended.map(({ id }) => id)
      await gathered.endDeadlines(endedIds, state, now)
    }
    return settled
  })
}

/** It comes from JSON in a row: what is no step would tell nobody, and must not pass for one that did. @throws {ExpectedError} `invalid` */
function checkStep({ step }: { step: Partial<PlanStep> | null }): void {
  if (step?.goal !== undefined && step.goal in timeOf && Array.isArray(step.tell)) return
  throw new ExpectedError('invalid', `its step cannot be read: ${JSON.stringify(step)}`)
}

function putOffMs(attempts: number): number {
  return Math.min(secondMs * 2 ** (attempts - 1), longestPutOffMs)
}
