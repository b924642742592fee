import { randomUUID } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import { type Clock, dayMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Overhaul, ProposedForecast } from '../../core/overhaul.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { findingsCountDays, type Hint, hintsOf } from './hints.ts'

export interface NewOverhaul extends Pick<Overhaul, 'deviceId' | 'type' | 'reason' | 'estimatedFen'> {
  readonly part?: string | null | undefined
  readonly partNumber?: string | null | undefined
  readonly expectedLifeDays?: number | null | undefined
  readonly incidentId?: string | null | undefined
  readonly orderId?: string | null | undefined
  /** Whose forecast is behind it: what was foreseen last is kept with it. */
  readonly finding?: string | null | undefined
  readonly evidence?: readonly string[] | undefined
}

export interface OverhaulDecision {
  readonly decision: 'approved' | 'refused'
  readonly reason: string
  /** What is paid; of what is approved. */
  readonly settledFen?: number | null | undefined
}

/**
 * Parts and overhauls: proposed, decided, done. Each step is one transaction with its event in the proposal's chain and its audit row.
 * Every method throws `StoreUnavailable` when the database cannot be reached.
 */
export interface Overhauls {
  /** @throws {ExpectedError} `not-found`; `invalid` for what it names and is not there, or is another device's */
  propose(given: NewOverhaul, actor: string): Promise<Overhaul>
  /** @throws {ExpectedError} `not-found`; `already-done`; `invalid` */
  decide(id: string, decision: OverhaulDecision, actor: string): Promise<Overhaul>
  /** @throws {ExpectedError} `not-found`; `already-done`; `order-state` unless it was approved; `invalid` for the time */
  done(
    id: string,
    given: { doneAt?: number | undefined; note?: string | null | undefined },
    actor: string,
  ): Promise<Overhaul>
  hints(overhaul: Overhaul): Promise<Hint[]>
}

const subjectType = 'overhaul'

export function createOverhauls({ operations, clock }: { operations: Operations; clock: Clock }): Overhauls {
  async function change(
    id: string,
    actor: string,
    decide: (before: Overhaul, now: number) => { change: Partial<Overhaul>; said: Readonly<Record<string, unknown>> },
  ): Promise<Overhaul> {
    return operations.transaction(async (unit) => {
      const before = await unit.lockOverhaul(id)
      if (before === undefined) throw new ExpectedError('not-found', `There is no proposal ${id}`)
      const now = clock()
      const { change: changed, said } = decide(before, now)
      const after: Overhaul = { ...before, ...changed }
      await unit.updateOverhaul(id, changed)
      await record(unit, after, said, { actor, at: now })
      return after
    })
  }

  return {
    propose: (given, actor) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const { deviceId, type, reason, estimatedFen, part = null, partNumber = null, expectedLifeDays = null } = given
        if ((await unit.device(deviceId)) === undefined) {
          throw new ExpectedError('not-found', `There is no device ${deviceId}`)
        }
        if (type === 'part' && part === null) throw new ExpectedError('invalid', 'part: what is it called?')
        const overhaul: Overhaul = {
          ...{ id: randomUUID(), deviceId, type, part, partNumber, reason, estimatedFen, expectedLifeDays },
          ...(await behind(unit, given)),
          teamId: await unit.deviceParty(deviceId, 'maintainer', now),
          ...{ state: 'proposed', proposedAt: now, proposedBy: actor },
          ...{ decidedAt: null, decidedBy: null, decisionReason: null, settledFen: null },
          ...{ doneAt: null, doneBy: null, doneNote: null },
        }
        await unit.insertOverhaul(overhaul)
        await record(unit, overhaul, { estimatedFen, reason }, { actor, at: now })
        return overhaul
      }),

    decide: (id, { decision, reason, settledFen = null }, actor) =>
      change(id, actor, ({ state, decidedBy, estimatedFen }, now) => {
        if (state !== 'proposed') {
          throw new ExpectedError('already-done', `It is ${state} already, by ${decidedBy}`)
        }
        if (decision === 'refused' && settledFen !== null && settledFen > 0) {
          throw new ExpectedError('invalid', 'settledFen: what is refused is not paid')
        }
        const settled = decision === 'refused' ? null : (settledFen ?? estimatedFen)
        const decided = { decidedAt: now, decidedBy: actor, decisionReason: reason }
        return { change: { state: decision, ...decided, settledFen: settled }, said: { reason, settledFen: settled } }
      }),

    done: (id, { doneAt, note = null }, actor) =>
      change(id, actor, ({ state, proposedAt }, now) => {
        if (state === 'done') throw new ExpectedError('already-done', 'It is done already')
        if (state !== 'approved')
          throw new ExpectedError('order-state', `It is ${state}: only what is approved is done`)
        const at = doneAt ?? now
        if (at > now) throw new ExpectedError('invalid', 'doneAt: lies in the future')
        if (at < proposedAt) throw new ExpectedError('invalid', 'doneAt: lies before the proposal')
        const said = { doneAt: new Date(at).toISOString(), note }
        return { change: { state: 'done', doneAt: at, doneBy: actor, doneNote: note }, said }
      }),

    async hints(overhaul) {
      const { deviceId, proposedAt } = overhaul
      const from = proposedAt - findingsCountDays * dayMs
      const others = await operations.overhaulsOf([deviceId])
      return hintsOf(overhaul, others, await operations.countFindings(deviceId, from, proposedAt + 1))
    },
  }
}

/** What a proposal names, as it is now. */
async function behind(unit: Operations, given: NewOverhaul) {
  const { deviceId, incidentId = null, orderId = null, finding = null, evidence = [] } = given
  const incident = incidentId === null ? undefined : await unit.incident(incidentId)
  if (incidentId !== null) mustBeOf(deviceId, incident, 'incidentId', `incident ${incidentId}`)
  const order = orderId === null ? undefined : await unit.order(orderId)
  if (orderId !== null) mustBeOf(deviceId, order, 'orderId', `work order ${orderId}`)
  for (const [index, sha256] of evidence.entries()) {
    if ((await unit.evidenceFile(sha256)) !== undefined) continue
    throw new ExpectedError('invalid', `evidence.${index}: there is no evidence ${sha256}`)
  }
  const forecast = finding === null ? null : await forecastOf(unit, deviceId, finding)
  return { incidentId, orderId, forecast, evidence: [...new Set(evidence)] }
}

function mustBeOf(deviceId: string, of: { deviceId: string | null } | undefined, field: string, what: string): void {
  if (of?.deviceId !== deviceId) throw new ExpectedError('invalid', `${field}: ${deviceId} has no ${what}`)
}

async function forecastOf(unit: Operations, deviceId: string, finding: string): Promise<ProposedForecast> {
  const found = (await unit.newestForecasts(deviceId)).find((one) => one.finding === finding)
  if (found === undefined) {
    throw new ExpectedError('invalid', `finding: nothing of ${finding} is foreseen for ${deviceId}`)
  }
  const { day, quantity, level, limit, days, lowDays, highDays } = found
  return { finding, day, quantity, level, limit, days, lowDays, highDays }
}

/** Its event says the whole of it, for its row to be held against. */
async function record(
  unit: Operations,
  overhaul: Overhaul,
  said: Readonly<Record<string, unknown>>,
  by: { at: number; actor: string },
): Promise<void> {
  const { id, state, deviceId } = overhaul
  await unit.appendRecordEvents({ subjectType, subjectId: id, ...by, type: state, data: { ...said, record: overhaul } })
  await unit.insertAudit({ ...by, action: `overhaul-${state}`, subject: id, data: { deviceId } })
}

/** What the row of a proposal says otherwise than its last event; undefined = nothing. */
export async function faultOfOverhaul(unit: Operations, id: string): Promise<string | undefined> {
  const overhaul = await unit.overhaul(id)
  const said = (await unit.recordEventsOf(id)).at(-1)?.data.record
  if (overhaul === undefined) return 'The proposal is gone'
  if (canonicalJson(overhaul) === canonicalJson(said)) return undefined
  return 'The proposal is not as its last event says'
}
