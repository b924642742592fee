import type { Clock } from '../core/clock.ts'
import { isEntrapment, type WorkOrder } from '../core/incident.ts'
import { type ReportKind, reportSummary } from '../core/lift-report.ts'
import type { Operations } from '../stores/operations/port.ts'
import { recordEvent } from '../workorders/evidence/chain.ts'
import type { HandRequest } from '../workorders/intake/manual.ts'
import { reportedEntrapment, saysTrapped } from '../workorders/intake/same-event.ts'
import type { WorkOrders } from '../workorders/life/act.ts'
import { isEnded, latestTimeOf } from '../workorders/life/transitions.ts'
import { createRateLimit } from './rate-limits.ts'

export interface LiftReport {
  readonly deviceId: string
  readonly kind: ReportKind
  readonly words?: string | undefined
  readonly phone?: string | undefined
  /** Of whoever sends it. */
  readonly address: string
}

/**
 * `taken`: it opened an order, or was added to the one that is open. `known`: as much as helps is known already, and only how to
 * reach who reports it was kept. `too-many`: nothing was opened; they are to telephone.
 */
export type Taken = 'taken' | 'known' | 'too-many'

export interface LiftReports {
  take(report: LiftReport): Promise<Taken>
}

/** Whoever did it is nobody we know: the code hangs in a car where everybody reads it. */
const actor = 'public'

/** Unverified defaults, all of them. */
const joinedPerLift = { burst: 3, perSecond: 3 / 600 }
const openedPerLift = { burst: 4, perSecond: 4 / 3_600 }
const perAddress = { burst: 60, perSecond: 60 / 600 }
const callersKept = 20
/** Of all that is known of who reports one order. */
const reportersBytes = 16 * 1024
const ordersLookedAt = 20

/**
 * A person at a lift reports: what a call to the duty room does, within bounds that a program cannot exceed. Of each kind one order
 * is open per lift, and later reports join it. Who says that somebody is trapped is never sent away: without an order that is under
 * way one is opened, whoever sent how many before. The others wait for a crew's next day, and may be refused.
 */
export function createLiftReports(options: {
  operations: Operations
  workOrders: Pick<WorkOrders, 'openByHand'>
  clock: Clock
}): LiftReports {
  const { operations, workOrders, clock } = options
  const joined = createRateLimit(joinedPerLift, clock)
  const opened = createRateLimit(openedPerLift, clock)
  const addresses = createRateLimit(perAddress, clock)

  /** The last one of each lift that is still taken in. */
  const lines = new Map<string, Promise<void>>()

  return {
    /** One after the other at each lift: of many who report at once, all but the first find what it opened. */
    take(report) {
      const taking = (lines.get(report.deviceId) ?? Promise.resolve()).then(() => takeOne(report))
      const line: Promise<void> = taking.catch(() => {}).then(() => leave(report.deviceId, line))
      lines.set(report.deviceId, line)
      return taking
    },
  }

  function leave(deviceId: string, line: Promise<void>): void {
    if (lines.get(deviceId) === line) lines.delete(deviceId)
  }

  async function takeOne(report: LiftReport): Promise<Taken> {
    const kind = report.words !== undefined && saysTrapped(report.words) ? 'trapped' : report.kind
    if (kind !== 'trapped' && addresses.take(report.address) > 0) return 'too-many'
    const { items: before } = await operations.orders({ deviceId: report.deviceId, limit: ordersLookedAt })
    const open = before.find((order) => !isOver(order) && isAbout(order, kind))
    if (open !== undefined && joined.take(`${kind} ${report.deviceId}`) > 0) return keepReporter(open, report)
    if (open !== undefined && kind !== 'trapped') return join(open, report)
    if (open === undefined && kind !== 'trapped' && opened.take(report.deviceId) > 0) return 'too-many'
    return raise(report, kind, open, before[0])
  }

  /**
   * The same report again, after an answer that was lost, names the same key and opens nothing; after the next order of this lift
   * the key is another one. Whoever reports a passenger for whom somebody is on the way joins that order, as a caller does. A key
   * under which such an order was joined is no word about what happens after its end: then it is told once more, without one.
   */
  async function raise(
    { deviceId, words, phone }: LiftReport,
    kind: ReportKind,
    running: WorkOrder | undefined,
    newest: WorkOrder | undefined,
  ): Promise<Taken> {
    const reporter = reporterOf(words, phone)
    const after = newest?.id ?? 'first'
    const told: HandRequest = {
      ...{ deviceId, actor, summary: reportSummary(kind) },
      severity: kind === 'trapped' ? 'critical' : 'warning',
      ...(kind === 'trapped' && { finding: reportedEntrapment }),
      ...(reporter !== undefined && { reportedBy: reporter }),
    }
    const key = running === undefined ? { idempotencyKey: `lift:${deviceId}:${kind}:${after}` } : {}
    const first = await workOrders.openByHand({ ...told, ...key })
    const { created } = !first.created && isOver(first.order) ? await workOrders.openByHand(told) : first
    return created || running !== undefined ? 'taken' : 'known'
  }

  /** A remark that it was reported again; the words go where a person may be forgotten, not into the chain. */
  async function join(found: WorkOrder, { kind, words, phone }: LiftReport): Promise<Taken> {
    return operations.transaction(async (unit) => {
      const order = await unit.lockOrder(found.id)
      if (order === undefined || isOver(order)) return 'known'
      const reporter = reporterOf(words, phone)
      const reportedBy = reporter && withReporter(order.reportedBy ?? {}, reporter)
      if (reportedBy !== undefined) await unit.updateOrder(order.id, order.state, { reportedBy })
      const at = Math.max(clock(), latestTimeOf(order))
      const data = { action: 'report', source: actor, kind, summary: reportSummary(kind) }
      await recordEvent(unit, order.id, { at, type: 'noted', actor, data })
      return 'taken'
    })
  }

  /** Beyond the bound nobody is told once more; how to reach who waits there is wanted all the same. */
  async function keepReporter(found: WorkOrder, { words, phone }: LiftReport): Promise<Taken> {
    const reporter = reporterOf(words, phone)
    // before the order is locked: a program that reports without end costs no transaction each
    if (reporter === undefined || withReporter(found.reportedBy ?? {}, reporter) === undefined) return 'known'
    await operations.transaction(async (unit) => {
      const order = await unit.lockOrder(found.id)
      const reportedBy = order && withReporter(order.reportedBy ?? {}, reporter)
      if (order && reportedBy) await unit.updateOrder(order.id, order.state, { reportedBy })
    })
    return 'known'
  }
}

/** The crew is done with it: what is reported now came after. */
function isOver(order: WorkOrder): boolean {
  return isEnded(order) || order.state === 'restored'
}

/** Whoever sees that it stands may see what somebody in it has reported. */
function isAbout(order: WorkOrder, kind: ReportKind): boolean {
  const isRescue = isEntrapment(order)
  if (kind === 'trapped') return isRescue
  return order.summary === reportSummary(kind) || (kind === 'stopped' && isRescue)
}

function reporterOf(words?: string, phone?: string): Record<string, string> | undefined {
  if (words === undefined && phone === undefined) return undefined
  return { ...(phone !== undefined && { phone }), ...(words !== undefined && { words }) }
}

/** `words`, `phone`, then `words 2`, …: as of callers. Undefined when it says nothing new, or there is no room for it. */
function withReporter(known: Readonly<Record<string, string>>, reporter: Readonly<Record<string, string>>) {
  const numbers = Object.keys(known).map((key) => Number(key.split(' ')[1] ?? 1))
  const number = Math.max(0, ...numbers) + 1
  const before = new Set(Object.values(known))
  if (number > callersKept || Object.values(reporter).every((value) => before.has(value))) return undefined
  const suffix = number === 1 ? '' : ` ${number}`
  const added = Object.entries(reporter).map(([key, value]) => [`${key}${suffix}`, value])
  const all = { ...known, ...Object.fromEntries(added) }
  return Buffer.byteLength(JSON.stringify(all)) <= reportersBytes ? all : undefined
}
