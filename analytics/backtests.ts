import { randomUUID } from 'node:crypto'
import { type Clock, dayMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import type { RuleChange, RuleInForce } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { BacktestPlan, BacktestProgress, BacktestResult } from './backtest.ts'
import { explainedThen } from './explained-then.ts'
import { createRuleBook } from './rule-book.ts'
import { checkChange, type NewRuleChange, ruleNamed, WrongSettings } from './rules.ts'

export interface BacktestRequest extends Omit<NewRuleChange, 'reason'> {
  readonly from: number
  readonly to: number
  /** How long before `from` the rule learns. */
  readonly warmUpDays: number
}

export interface Backtest {
  readonly id: string
  readonly finding: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly request: BacktestRequest
  readonly startedAt: number
  readonly endedAt: number | null
  readonly progress: BacktestProgress | null
  readonly result: (BacktestResult & { readonly happened: Happened }) | null
  readonly error: string | null
}

/** What really came of this finding in the period, on these devices. */
export interface Happened {
  readonly incidents: number
  readonly orders: number
  /** How its orders were closed: outcome → how many. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Incidents whose orders were false alarms and which the proposed settings no longer find. */
  readonly falseAlarmsGone: number
  /** Incidents whose orders were real and which the proposed settings no longer find. */
  readonly confirmedGone: number
}

export interface Backtests {
  /** @throws {ExpectedError} `not-found`; `invalid` (`WrongSettings`) as for a change; `unavailable` while too many wait */
  start(finding: string, request: BacktestRequest): Promise<Backtest>
  /** @throws {ExpectedError} `not-found` */
  get(id: string): Backtest
  /** @throws {ExpectedError} `not-found` */
  cancel(id: string): Backtest
  stop(): Promise<void>
}

export type RunBacktest = (
  plan: BacktestPlan,
  given: { onProgress: (progress: BacktestProgress) => void; signal: AbortSignal },
) => Promise<BacktestResult>

const latest = Number.MAX_SAFE_INTEGER
const mostWaiting = 5
/** Those that are over are kept until so many others are. */
const mostKept = 50

/** Back-tests, one after the other; they and their results are kept until the service stops. */
export function createBacktests(options: {
  operations: Operations
  kinds: readonly DeviceKind[]
  run: RunBacktest
  clock: Clock
}): Backtests {
  const { operations, kinds, run, clock } = options
  const all = new Map<string, { backtest: Backtest; plan: BacktestPlan; cancel: AbortController }>()
  let running = Promise.resolve()

  function known(id: string) {
    const found = all.get(id)
    if (found === undefined) throw new ExpectedError('not-found', `There is no back-test ${id}`)
    return found
  }

  function note(id: string, change: Partial<Backtest>): void {
    const entry = all.get(id)
    if (entry !== undefined) entry.backtest = { ...entry.backtest, ...change }
  }

  async function work(id: string): Promise<void> {
    const { plan, cancel } = known(id)
    if (cancel.signal.aborted) return
    note(id, { state: 'running' })
    try {
      const result = await run(plan, { onProgress: (progress) => note(id, { progress }), signal: cancel.signal })
      const happened = await whatHappened(operations, plan, result)
      note(id, { state: 'done', result: { ...result, happened }, endedAt: clock() })
    } catch (cause) {
      if (cancel.signal.aborted) return
      note(id, { state: 'failed', error: reasonOf(cause), endedAt: clock() })
    }
  }

  function forgetOld(): void {
    const over = [...all.values()].filter(({ backtest }) => backtest.endedAt !== null)
    for (const { backtest } of over.slice(0, Math.max(0, over.length - mostKept))) all.delete(backtest.id)
  }

  return {
    async start(finding, request) {
      const waiting = [...all.values()].filter(({ backtest }) => backtest.endedAt === null).length
      if (waiting >= mostWaiting) throw new ExpectedError('unavailable', `${waiting} back-tests are waiting already`)
      const plan = await planBacktest(operations, kinds, finding, request)
      const id = randomUUID()
      const times = { startedAt: clock(), endedAt: null, progress: null, result: null, error: null }
      const backtest: Backtest = { id, finding, state: 'waiting', request, ...times }
      all.set(id, { backtest, plan, cancel: new AbortController() })
      forgetOld()
      running = running.then(() => work(id))
      return backtest
    },
    get: (id) => known(id).backtest,
    cancel(id) {
      const { backtest, cancel } = known(id)
      if (backtest.endedAt === null) {
        cancel.abort()
        note(id, { state: 'cancelled', endedAt: clock() })
      }
      return known(id).backtest
    },
    async stop() {
      for (const { cancel } of all.values()) cancel.abort()
      await running
    },
  }
}

/** Which devices, what their rule is and would be, and what else was found there. @throws as `Backtests.start` */
async function planBacktest(
  operations: Operations,
  kinds: readonly DeviceKind[],
  finding: string,
  request: BacktestRequest,
): Promise<BacktestPlan> {
  const { detector, kind } = ruleNamed(kinds, finding)
  if (request.to <= request.from) throw new WrongSettings([{ path: 'to', message: 'must be after from' }])
  const change = { scope: request.scope, enabled: request.enabled ?? null, settings: request.settings ?? {} }
  await checkChange(operations, detector, kind, change)

  const { scope } = change
  const changes = await operations.ruleChanges({ upTo: latest, finding })
  const above = await operations.allSitesAbove()
  const bookOf = (list: readonly RuleChange[]) =>
    createRuleBook({ version: latest, changes: list, sitesAbove: (id) => above.get(id) ?? [id] })
  const isSame = (other: RuleChange) => other.scope.type === scope.type && other.scope.id === scope.id
  const made: RuleChange = { ...change, version: 0, finding, at: 0, actor: '', reason: '' }
  const [now, then] = [bookOf(changes), bookOf([...changes.filter((other) => !isSame(other)), made])]

  const index = kind.detectors.indexOf(detector)
  const devices = await devicesOf(operations, kind, scope, above)
  const explained = await explainedThen(operations, finding, devices, request)
  const rules = devices.map((device) => ({
    device,
    explained: explained.get(device.id) ?? [],
    current: now.rulesOf(device, kind)[index] as RuleInForce,
    proposed: then.rulesOf(device, kind)[index] as RuleInForce,
  }))
  const { from, to, warmUpDays } = request
  return { finding, kind: kind.id, from, to, warmUpFrom: from - warmUpDays * dayMs, devices: rules }
}

async function devicesOf(
  operations: Operations,
  kind: DeviceKind,
  { type, id }: NewRuleChange['scope'],
  above: ReadonlyMap<string, readonly string[]>,
): Promise<Device[]> {
  if (type === 'device') return operations.devicesByIds([id])
  const devices: Device[] = []
  let after: string | undefined
  do {
    const page = await operations.devices({ kind: kind.id, limit: 1_000, ...(after !== undefined && { after }) })
    devices.push(...page.items)
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
  if (type === 'kind') return devices
  return devices.filter(({ siteId }) => siteId !== null && (above.get(siteId) ?? [siteId]).includes(id))
}

async function whatHappened(operations: Operations, plan: BacktestPlan, { gone }: BacktestResult): Promise<Happened> {
  const ids = new Set(plan.devices.map(({ device }) => device.id))
  const found = await operations.outcomesOf({ finding: plan.finding, from: plan.from, to: plan.to })
  const ours = found.filter(({ deviceId }) => ids.has(deviceId))
  const unconfirmed: readonly (string | null)[] = [null, 'false-alarm', 'drill']
  const outcomes: Record<string, number> = {}
  for (const { outcome } of ours) if (outcome !== null) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const lost = ours.filter(({ deviceId, occurredAt }) =>
    gone.some((episode) => episode.deviceId === deviceId && episode.occurredAt === occurredAt),
  )
  return {
    incidents: ours.length,
    orders: ours.filter(({ orderId }) => orderId !== null).length,
    outcomes,
    falseAlarmsGone: lost.filter(({ outcome }) => outcome === 'false-alarm').length,
    confirmedGone: lost.filter(({ outcome }) => !unconfirmed.includes(outcome)).length,
  }
}
