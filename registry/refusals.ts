import { type Clock, minuteMs, secondMs } from '../core/clock.ts'
import type { Refusal } from '../core/device.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Service } from '../core/service.ts'
import { type AuditEntry, type Operations, refusalsKept } from '../stores/operations/port.ts'

/** Something that somebody at the door was refused; `gatewayId` is null before it has proven who it is. */
export interface NotedRefusal {
  readonly gatewayId: string | null
  readonly address: string
  readonly reason: string
  readonly text: string
  /** A breach of rights is also audited. */
  readonly breach: boolean
}

export interface RefusalLog extends Service {
  /** Never throws, and returns at once. */
  note(refusal: NotedRefusal): void
  /** Writes what waits. Never rejects: what the store did not take waits for the next time. */
  flush(): Promise<void>
}

const flushEveryMs = secondMs
const longestText = 300
const waitingGateways = 500
const waitingBreaches = 500
/** So many audit rows at once after a quiet time, and one a second in the long run: about 20 MB a day, under attack. */
const auditBurst = 50
const auditRowsPerSecond = 1
const summaryEveryMs = minuteMs

interface Counted extends NotedRefusal {
  readonly at: number
  count: number
}

/**
 * Writes refusals down once a second: those of a gateway for its installer, breaches for the audit. The same thing again within
 * that second is counted. What is too much for the audit (an attack) is counted in one row a minute, by reason.
 */
export function createRefusalLog(options: { operations: Operations; clock: Clock; log: Log }): RefusalLog {
  const { operations, clock, log } = options
  const refusals = new Map<string, Map<string, Counted>>()
  const breaches = new Map<string, Counted>()
  const known = new Set<string>()
  const budget = { rows: auditBurst, at: clock() }
  const unlisted = { byReason: new Map<string, number>(), since: clock() }
  let running: Promise<void> | undefined
  let storeIsDown = false
  let stopping = false

  function note(refusal: NotedRefusal): void {
    const noted = { ...refusal, text: refusal.text.slice(0, longestText), at: clock(), count: 1 }
    const { gatewayId } = noted
    if (gatewayId !== null) keepForInstaller(gatewayId, noted)
    if (!noted.breach) return
    const key = JSON.stringify([actorOf(noted), noted.reason, noted.text])
    if (!countAgain(breaches, key)) {
      if (breaches.size < waitingBreaches) breaches.set(key, { ...noted })
      else countUnlisted(noted.reason, 1)
    }
  }

  function keepForInstaller(gatewayId: string, noted: Counted): void {
    const ofGateway = refusals.get(gatewayId) ?? new Map<string, Counted>()
    const key = JSON.stringify([noted.reason, noted.text])
    if (!countAgain(ofGateway, key)) ofGateway.set(key, { ...noted })
    dropOldest(ofGateway, refusalsKept)
    refusals.set(gatewayId, ofGateway)
    dropOldest(refusals, waitingGateways)
  }

  function countUnlisted(reason: string, count: number): void {
    unlisted.byReason.set(reason, (unlisted.byReason.get(reason) ?? 0) + count)
  }

  /** Takes each out before it is written: what comes meanwhile is counted anew, and what was not written comes back. */
  async function writeRefusals(): Promise<void> {
    for (const [gatewayId, ofGateway] of [...refusals]) {
      refusals.delete(gatewayId)
      try {
        if (!(await exists(gatewayId))) continue
        await operations.insertRefusals([...ofGateway.values()].map((one) => ({ gatewayId, ...refusalOf(one) })))
      } catch (cause) {
        const again = new Map([...ofGateway, ...(refusals.get(gatewayId) ?? [])])
        dropOldest(again, refusalsKept)
        refusals.set(gatewayId, again)
        throw cause
      }
    }
  }

  async function exists(gatewayId: string): Promise<boolean> {
    if (!known.has(gatewayId) && (await operations.gateway(gatewayId)) === undefined) return false
    known.add(gatewayId)
    dropOldest(known, 10 * waitingGateways)
    return true
  }

  async function writeBreaches(): Promise<void> {
    refillBudget()
    for (const [key, breach] of [...breaches]) {
      breaches.delete(key)
      if (budget.rows < 1) {
        countUnlisted(breach.reason, breach.count)
        continue
      }
      try {
        await operations.insertAudit(auditOf(breach))
        budget.rows -= 1
      } catch (cause) {
        breach.count += breaches.get(key)?.count ?? 0
        breaches.set(key, breach)
        throw cause
      }
    }
  }

  function refillBudget(): void {
    const now = clock()
    const passedSeconds = Math.max(0, now - budget.at) / secondMs
    budget.rows = Math.min(auditBurst, budget.rows + passedSeconds * auditRowsPerSecond)
    budget.at = now
  }

  async function writeSummary(): Promise<void> {
    const now = clock()
    if (unlisted.byReason.size === 0 || (!stopping && now - unlisted.since < summaryEveryMs)) return
    const byReason = Object.fromEntries(unlisted.byReason)
    const data = { since: new Date(unlisted.since).toISOString(), byReason }
    unlisted.byReason.clear()
    try {
      await operations.insertAudit({ at: now, actor: 'broker', action: 'breaches-unlisted', subject: 'broker', data })
      unlisted.since = now
    } catch (cause) {
      for (const [reason, count] of Object.entries(byReason)) countUnlisted(reason, count)
      throw cause
    }
  }

  async function write(): Promise<void> {
    try {
      await writeRefusals()
      await writeBreaches()
      await writeSummary()
      if (storeIsDown) log.info({}, 'refusals are written down again')
      storeIsDown = false
    } catch (cause) {
      if (!storeIsDown) log.warn({ reason: reasonOf(cause) }, 'refusals cannot be written down now; they wait')
      storeIsDown = true
    }
  }

  function flush(): Promise<void> {
    running ??= write().finally(() => {
      running = undefined
    })
    return running
  }

  const timer = setInterval(flush, flushEveryMs)
  timer.unref()
  return {
    name: 'refusal log',
    note,
    flush,
    async stop() {
      clearInterval(timer)
      await running
      stopping = true
      await flush()
    },
  }
}

/** Whether it was there already. */
function countAgain(among: Map<string, Counted>, key: string): boolean {
  const before = among.get(key)
  if (before !== undefined) before.count += 1
  return before !== undefined
}

function dropOldest(of: Map<string, unknown> | Set<string>, atMost: number): void {
  for (const key of of.keys()) {
    if (of.size <= atMost) return
    of.delete(key)
  }
}

function actorOf({ gatewayId, address }: NotedRefusal): string {
  return gatewayId ?? address
}

function refusalOf({ at, reason, text, count }: Counted): Refusal {
  return { at, reason, text: count === 1 ? text : `${text} (${count} times)` }
}

function auditOf(breach: Counted): AuditEntry {
  const { at, address, reason, text, count } = breach
  return { at, actor: actorOf(breach), action: 'breach', subject: reason, data: { address, text, count } }
}
