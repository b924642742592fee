import { hourMs } from '../core/clock.ts'
import { reasonOf, StoreUnavailable } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { QuarantineItem } from '../core/quarantine.ts'
import { telemetryTopic } from '../core/topic.ts'
import { type AuditEntry, type Operations, refusalsKept } from '../stores/operations/port.ts'

/** One SQL statement takes 65,535 parameters; a batch may have more messages than that. */
const itemsAtOnce = 1_000

/**
 * Puts items, each of another message, into quarantine and among their gateway's refusals, together. Doing it again changes nothing.
 * Answers those that were not there yet. An item that the database can never take is named in the log, and the others are kept.
 * A gateway that speaks for a device of another one is audited too, as at the door: once an hour (again after a restart), however often it does.
 * @throws {StoreUnavailable} do it again
 */
export function createQuarantine(options: { operations: Operations; journalId: string; log: Log }) {
  const { operations, journalId, log } = options
  /** The hour (since 1970) of each gateway's last breach that was audited. */
  const auditedHours = new Map<string, number>()

  async function keep(items: readonly QuarantineItem[]): Promise<QuarantineItem[]> {
    const { added, breaches } = await operations.transaction(async (unit) => {
      const added = await unit.insertQuarantine(journalId, items)
      await unit.insertRefusals(refusalsOf(added))
      const breaches = breachesIn(added).filter(({ actor, at }) => auditedHours.get(actor) !== hourOf(at))
      await unit.insertAudit(...breaches)
      return { added, breaches }
    })
    for (const { actor, at } of breaches) auditedHours.set(actor, hourOf(at))
    return added
  }

  async function keepEach(items: readonly QuarantineItem[]): Promise<QuarantineItem[]> {
    const added: QuarantineItem[] = []
    for (const item of items) {
      try {
        added.push(...(await keep([item])))
      } catch (cause) {
        if (cause instanceof StoreUnavailable) throw cause
        const { position, gatewayId, deviceId } = item
        log.error(
          { position, gatewayId, deviceId, reason: reasonOf(cause) },
          'an item could not be put into quarantine',
        )
      }
    }
    return added
  }

  async function keepAll(items: readonly QuarantineItem[]): Promise<QuarantineItem[]> {
    const added: QuarantineItem[] = []
    for (let from = 0; from < items.length; from += itemsAtOnce) {
      const some = items.slice(from, from + itemsAtOnce)
      try {
        added.push(...(await keep(some)))
      } catch (cause) {
        if (cause instanceof StoreUnavailable) throw cause
        added.push(...(await keepEach(some)))
      }
    }
    return added
  }

  /** Of lists that were given before: those who read the journal side by side share them, and each keeps what is in them. */
  const keeping = new WeakMap<readonly QuarantineItem[], Promise<unknown>>()

  return async (items: readonly QuarantineItem[]): Promise<QuarantineItem[]> => {
    const before = keeping.get(items)
    if (before !== undefined) {
      await before
      return []
    }
    const kept = keepAll(items)
    keeping.set(items, kept)
    try {
      return await kept
    } catch (cause) {
      keeping.delete(items)
      throw cause
    }
  }
}

function hourOf(at: number): number {
  return Math.floor(at / hourMs)
}

/** The first of each gateway and hour. */
function breachesIn(items: readonly QuarantineItem[]): AuditEntry[] {
  const byHour = new Map<string, AuditEntry>()
  for (const { gatewayId, receivedAt: at, deviceId, topic, faults } of items) {
    const fault = faults.find(({ reason }) => reason === 'foreign-device')
    const key = JSON.stringify([gatewayId, hourOf(at)])
    if (fault === undefined || byHour.has(key)) continue
    const { reason, text, path } = fault
    const data = { topic: topic ?? telemetryTopic(gatewayId, deviceId), text, path }
    byHour.set(key, { at, actor: gatewayId, action: 'breach', subject: reason, data })
  }
  return [...byHour.values()]
}

/** No more of a gateway than are kept: one that floods does not make work for the database. */
function refusalsOf(items: readonly QuarantineItem[]) {
  const byGateway = new Map<string, QuarantineItem[]>()
  for (const item of items) {
    const ofOne = byGateway.get(item.gatewayId)
    if (ofOne === undefined) byGateway.set(item.gatewayId, [item])
    else ofOne.push(item)
  }
  return [...byGateway.values()].flatMap((ofOne) =>
    ofOne.slice(-refusalsKept).map(({ gatewayId, deviceId, topic, receivedAt, reason, faults: [fault] }) => ({
      gatewayId,
      at: receivedAt,
      reason,
      text: `${deviceId || topic || gatewayId}: ${fault?.text ?? reason} (at ${fault?.path ?? '$'})`,
    })),
  )
}
