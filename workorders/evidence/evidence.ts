import { canonicalJson } from '../../core/canonical.ts'
import { type Clock, minuteMs, secondMs } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import type { Log } from '../../core/log.ts'
import { createPoll } from '../../core/poll.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { EvidenceLink, EvidenceTask, Operations } from '../../stores/operations/port.ts'
import type { ReadingStore, StoredReading } from '../../stores/readings/port.ts'
import { recordEvent } from './chain.ts'

/** So much is kept of what came before the condition and after its detection. */
export const evidenceWindowMs = 10 * minuteMs
/** For the history to have taken what reached us until then. */
const settlesWithinMs = 15 * secondMs
/** Of an incident about many devices, the windows of so many are kept, and so many are named. */
const devicesKept = 50
const childrenNamed = 10_000
const readingsPerDevice = 20_000
const pollEveryMs = 1_000
const retryAfterMs = (attempts: number) => Math.min(10 * minuteMs, 5 * secondMs * 2 ** Math.min(attempts, 7))
const system = 'liftwatt'

/** What is to be frozen, as rows, in the transaction that opens the order: a restart goes on with them. */
export async function scheduleEvidence(unit: Operations, incident: Incident, now: number): Promise<void> {
  await unit.insertEvidenceTasks([
    { incidentId: incident.id, part: 'before', dueAt: now + settlesWithinMs },
    { incidentId: incident.id, part: 'after', dueAt: now + evidenceWindowMs + settlesWithinMs },
  ])
}

/** The rule behind a finding, as it was: version and settings. */
export type RuleOf = (unit: Operations, incident: Incident) => Promise<Readonly<Record<string, unknown>> | null>

export interface EvidenceWorker {
  /** Freezes what is due; answers how many parts. */
  runOnce(): Promise<number>
  start(): void
  stop(): Promise<void>
}

/** Freezes the raw windows around detections into files that are named by their content. */
export function createEvidenceWorker(options: {
  operations: Operations
  readings: Pick<ReadingStore, 'between'>
  files: EvidenceStore
  ruleOf: RuleOf
  clock: Clock
  log: Log
}): EvidenceWorker {
  const { operations, clock, log } = options
  const poll = createPoll({
    work: runOnce,
    everyMs: pollEveryMs,
    onFailure: (reason) => log.warn({ reason }, 'evidence waits for the database or its disk'),
  })

  async function runOnce(): Promise<number> {
    let frozen = 0
    while (!poll.stopped.aborted && (await operations.transaction((unit) => freezeNext(unit, clock())))) frozen += 1
    return frozen
  }

  /** Answers whether there was one; what could not be frozen now is put off, so that it cannot hold up others. */
  async function freezeNext(unit: Operations, now: number): Promise<boolean> {
    const task = await unit.claimEvidenceTask(now)
    if (task === undefined) return false
    // outside the transaction's statements nothing has been written yet: a failure here leaves only the new due time
    const content = await contentOf(unit, task, options).catch((cause: unknown) => ({ failed: reasonOf(cause) }))
    if (content instanceof Uint8Array) await keep(unit, task, content, options.files, now)
    else await putOff(unit, task, content.failed, now)
    return true
  }

  async function putOff(unit: Operations, task: EvidenceTask, reason: string, now: number): Promise<void> {
    log.warn({ incident: task.incidentId, part: task.part, reason }, 'evidence could not be frozen yet')
    await unit.postponeEvidenceTask(task, now + retryAfterMs(task.attempts), reason)
  }

  return { runOnce, start: poll.start, stop: poll.stop }
}

async function keep(unit: Operations, task: EvidenceTask, content: Uint8Array, files: EvidenceStore, now: number) {
  const { incidentId, part } = task
  const file = await files.put(content)
  await unit.insertEvidenceFile({ ...file, mediaType: 'application/json', createdAt: now })
  const orderId = (await unit.orderOfIncident(incidentId))?.id ?? (await joinedBy(unit, incidentId))
  const order = orderId === undefined ? undefined : await lockInPlaceOf(unit, orderId)
  const name = part === 'before' ? 'Before detection' : 'After detection'
  const link = { incidentId, orderId: order?.id ?? null, part, name, sha256: file.sha256 }
  await unit.insertEvidenceLink({ ...link, addedAt: now, addedBy: system })
  if (order !== undefined) {
    const data = { evidence: part, ...file }
    await recordEvent(unit, order.id, { at: now, type: 'noted', actor: system, data })
  }
  await unit.finishEvidenceTask(task, now)
}

async function joinedBy(unit: Operations, incidentId: string): Promise<string | undefined> {
  return (await unit.incident(incidentId))?.suppressed?.orderId
}

/** The order or, where it was merged, the one that goes on for it: that is where people look for its evidence. */
export async function lockInPlaceOf(unit: Operations, orderId: string): Promise<WorkOrder | undefined> {
  const found = await unit.orderInPlaceOf(orderId)
  const order = found && (await unit.lockOrder(found.id))
  // it may have been merged at this very moment
  return order?.mergedIntoId == null ? order : lockInPlaceOf(unit, order.mergedIntoId)
}

/**
 * The same database, which was asked at once for what was frozen for the orders of these incidents. They are locked by then, with
 * their incidents (`lockFreeIncidents`): what is frozen meanwhile waits, and goes to the order that goes on.
 */
export async function withEvidenceOf(unit: Operations, incidentIds: readonly string[]): Promise<Operations> {
  if (incidentIds.length < 2) return unit
  const found = await unit.evidenceOfEach(incidentIds)
  const asked = new Set(incidentIds)
  const evidenceOf = async (id: string) => (asked.has(id) ? (found.get(id) ?? []) : unit.evidenceOf(id))
  return { ...unit, evidenceOf }
}

/**
 * What was frozen for an order until it was merged is evidence of the order that goes on for it, too; what is frozen later goes
 * there by itself.
 * @returns what was carried, for the chain of that order
 */
export async function carryEvidence(
  unit: Operations,
  merged: WorkOrder,
  into: WorkOrder,
): Promise<Pick<EvidenceLink, 'incidentId' | 'part' | 'sha256'>[]> {
  const found = await unit.evidenceOf(merged.incidentId)
  await unit.insertEvidenceLink(...found.map((one) => ({ ...one, orderId: into.id })))
  return found.map(({ incidentId, part, sha256 }) => ({ incidentId, part, sha256 }))
}

async function contentOf(
  unit: Operations,
  task: EvidenceTask,
  { readings, ruleOf }: { readings: Pick<ReadingStore, 'between'>; ruleOf: RuleOf },
): Promise<Uint8Array> {
  const incident = await unit.incident(task.incidentId)
  if (incident === undefined) throw new Error('its incident is not there')
  const window = windowOf(incident, task.part)
  const deviceIds = await devicesOf(unit, incident)
  const devices = await unit.devicesByIds(deviceIds.slice(0, devicesKept))
  const windows = []
  for (const device of devices) {
    const query = { deviceId: device.id, kind: device.kind, ...window, limit: readingsPerDevice }
    // whom to call is nothing that anyone has to prove, and may have to be forgotten
    const { contacts: _, ...shown } = device
    windows.push({ device: shown, readings: (await readings.between(query)).map(readable) })
  }
  const gateways = [...new Set(devices.map(({ gatewayId }) => gatewayId))]
  const silent = await Promise.all(
    gateways.map(async (id) => {
      const newest = await unit.lockNewestIncident({ type: 'gateway', id }, 'gateway/silent')
      return { gatewayId: id, silent: newest !== undefined && newest.state !== 'cleared' }
    }),
  )
  const evidence = {
    format: 'liftwatt-evidence-1',
    part: task.part,
    window: { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() },
    incident: dated(incident),
    rule: await ruleOf(unit, incident),
    deviceIds,
    windows,
    links: silent,
  }
  return new TextEncoder().encode(`${canonicalJson(evidence)}\n`)
}

function windowOf({ occurredAt, detectedAt }: Incident, part: EvidenceTask['part']): { from: number; to: number } {
  if (part === 'before') return { from: occurredAt - evidenceWindowMs, to: Math.max(detectedAt, occurredAt) + 1 }
  return { from: detectedAt + 1, to: detectedAt + evidenceWindowMs }
}

async function devicesOf(unit: Operations, incident: Incident): Promise<string[]> {
  if (incident.deviceId !== null) return [incident.deviceId]
  const children = await unit.incidents({ parentId: incident.id, limit: childrenNamed })
  const ids = new Set(children.items.map(({ deviceId }) => deviceId).filter((id) => id !== null))
  return [...ids].sort()
}

function readable({ at, values }: StoredReading) {
  return { at: new Date(at).toISOString(), values }
}

/** As it was found; what people do about it later is in the order's events. */
function dated({ id, scope, deviceId, finding, severity, summary, evidence, place, ...incident }: Incident) {
  const { occurredAt, receivedAt, detectedAt } = incident
  const times = Object.entries({ occurredAt, receivedAt, detectedAt }).map(([name, ms]) => [
    name,
    new Date(ms).toISOString(),
  ])
  return { id, scope, deviceId, finding, severity, summary, evidence, place, ...Object.fromEntries(times) }
}
