import { randomUUID } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { NoPicture } from '../../core/no-picture.ts'
import type { Objection, VisitEvidence } from '../../core/objection.ts'
import type { Values } from '../../core/reading.ts'
import type { RecordEvent } from '../../core/record-chain.ts'
import type { Visit } from '../../core/visit.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import { sniff } from '../evidence/photos.ts'
import { type OnVisit, readWindow, settleVisit } from './maintenance.ts'
import { toleranceMs } from './verdict.ts'

export interface ObjectionRecord extends Objection {
  readonly events: readonly RecordEvent[]
  /** The readings as they were when it was raised, and what was added; oldest first. */
  readonly evidence: readonly VisitEvidence[]
}

/** What a verdict is made of, read again now. */
export interface VisitCurve {
  /** ms since 1970; `to` is exclusive. */
  readonly from: number
  readonly to: number
  readonly items: readonly { readonly at: number; readonly values: Values }[]
}

/**
 * Objections to what telemetry said of a visit. Each step is one transaction with its event in the chain of the objection and its audit
 * row; the readings are frozen when it is raised. Every method throws `StoreUnavailable` when a store cannot be reached.
 */
export interface Objections {
  /** @throws {ExpectedError} `not-found`; `already-exists`; `invalid` where there is nothing to object to */
  raise(visitId: string, reason: string, actor: string): Promise<ObjectionRecord>
  /** @throws {ExpectedError} `not-found`; `already-done` once it is decided */
  note(visitId: string, note: string, actor: string): Promise<ObjectionRecord>
  /** The same picture again changes nothing. @throws {ExpectedError} as `note`; `invalid` when it is no picture, or one too many */
  addPhoto(visitId: string, content: Uint8Array, name: string | undefined, actor: string): Promise<VisitEvidence>
  /** @throws {ExpectedError} `not-found`; `already-done` */
  decide(
    visitId: string,
    given: { decision: 'accepted' | 'rejected'; reason: string },
    actor: string,
  ): Promise<ObjectionRecord>
  /** @throws {ExpectedError} `not-found` */
  of(visitId: string): Promise<ObjectionRecord>
  /** @throws {ExpectedError} `not-found` */
  curve(visitId: string): Promise<VisitCurve>
}

const subjectType = 'objection'
const photosPerVisit = 50
const shownMetrics = ['mode', 'doorState', 'doorCycles', 'floor', 'direction', 'trips'] as const

export function createObjections(options: {
  operations: Operations
  readings: Pick<ReadingStore, 'between'>
  files: EvidenceStore
  clock: Clock
  onVisit?: OnVisit
}): Objections {
  const { operations, readings, files, clock, onVisit = async () => {} } = options

  async function visitOf(id: string): Promise<Visit> {
    const visit = await operations.visit(id)
    if (visit === undefined) throw new ExpectedError('not-found', `There is no visit ${id}`)
    return visit
  }

  async function curve(visit: Visit): Promise<VisitCurve> {
    const device = await operations.device(visit.deviceId)
    const found = device === undefined ? [] : await readWindow(readings, device, visit)
    const items = found.flatMap(({ at, values }) => {
      const shown = shownMetrics.flatMap((metric) => (values[metric] === undefined ? [] : [[metric, values[metric]]]))
      return shown.length === 0 ? [] : [{ at, values: Object.fromEntries(shown) as Values }]
    })
    return { from: visit.startedAt - toleranceMs, to: visit.endedAt + toleranceMs, items }
  }

  /** The objection as its last event says it. */
  async function recordOf(unit: Operations, { id, visitId }: Objection): Promise<ObjectionRecord> {
    const objection = await unit.objection(id)
    if (objection === undefined) throw noObjection(visitId)
    return { ...objection, events: await unit.recordEventsOf(id), evidence: await unit.evidenceOfVisit(visitId) }
  }

  return {
    async raise(visitId, reason, actor) {
      const seen = await visitOf(visitId)
      if ((await operations.objectionOfVisit(visitId)) !== undefined) throw objectedAlready()
      mustBeDisputable(seen)
      const frozen = await files.put(frozenCurve(seen, await curve(seen)))
      return operations.transaction(async (unit) => {
        const now = clock()
        const visit = mustBeDisputable(await locked(unit, visitId))
        const { deviceId, verdict, verdictText } = visit
        const objection: Objection = {
          ...{ id: randomUUID(), visitId, deviceId, verdict, verdictText, reason, state: 'open' },
          ...{ raisedAt: now, raisedBy: actor, decidedAt: null, decidedBy: null, decisionReason: null },
        }
        await unit.insertObjection(objection)
        await unit.insertEvidenceFile({ ...frozen, mediaType: 'application/json', createdAt: now })
        const link = { part: 'readings' as const, name: 'Telemetry of the visit', sha256: frozen.sha256 }
        await unit.insertVisitEvidence({ visitId, ...link, addedAt: now, addedBy: actor })
        const data = { reason, evidence: 'readings', ...frozen, record: objection }
        await write(unit, objection, { at: now, type: 'raised', actor, data })
        return recordOf(unit, objection)
      })
    },

    note: (visitId, note, actor) =>
      operations.transaction(async (unit) => {
        const objection = await lockedOpen(unit, visitId)
        await write(unit, objection, { at: clock(), type: 'noted', actor, data: { note } })
        return recordOf(unit, objection)
      }),

    async addPhoto(visitId, content, name, actor) {
      const mediaType = sniff(content)
      if (mediaType === undefined) throw new NoPicture()
      await visitOf(visitId)
      mustBeOpen(visitId, await operations.objectionOfVisit(visitId))
      const before = await operations.evidenceOfVisit(visitId)
      // what is put is not taken away again: whoever sends without end must not fill the disk
      if (before.length > photosPerVisit) throw tooManyPhotos()
      const kept = await files.put(content)
      return operations.transaction(async (unit) => {
        const objection = await lockedOpen(unit, visitId)
        const known = await unit.evidenceOfVisit(visitId)
        const same = known.find(({ sha256 }) => sha256 === kept.sha256)
        if (same !== undefined) return same
        if (known.length > photosPerVisit) throw tooManyPhotos()
        const now = clock()
        const link = { part: 'photo' as const, name: name ?? `Picture ${known.length}`, sha256: kept.sha256 }
        const evidence = { visitId, ...link, addedAt: now, addedBy: actor }
        await unit.insertEvidenceFile({ ...kept, mediaType, createdAt: now })
        await unit.insertVisitEvidence(evidence)
        const data = { evidence: link.part, name: link.name, mediaType, ...kept }
        await write(unit, objection, { at: now, type: 'noted', actor, data })
        return { ...evidence, mediaType, bytes: kept.bytes }
      })
    },

    decide: (visitId, { decision, reason }, actor) =>
      operations.transaction(async (unit) => {
        const visit = await locked(unit, visitId)
        const objection = await lockedOpen(unit, visitId)
        const now = clock()
        const change = { state: decision, decidedAt: now, decidedBy: actor, decisionReason: reason }
        await unit.updateObjection(objection.id, change)
        await unit.setDecision(visitId, decision)
        const data = { reason, record: { ...objection, ...change } }
        await write(unit, objection, { at: now, type: decision, actor, data })
        await settleVisit(unit, { ...visit, decision }, now, onVisit)
        return recordOf(unit, objection)
      }),

    async of(visitId) {
      const objection = await operations.objectionOfVisit(visitId)
      if (objection === undefined) throw noObjection(visitId)
      return recordOf(operations, objection)
    },

    curve: async (visitId) => curve(await visitOf(visitId)),
  }
}

function noObjection(visitId: string): ExpectedError {
  return new ExpectedError('not-found', `There is no objection to the verdict of the visit ${visitId}`)
}

function objectedAlready(): ExpectedError {
  return new ExpectedError('already-exists', 'There is an objection to this verdict already')
}

function tooManyPhotos(): ExpectedError {
  return new ExpectedError('invalid', `A visit keeps at most ${photosPerVisit} pictures`)
}

async function locked(unit: Operations, visitId: string): Promise<Visit> {
  const visit = await unit.lockVisit(visitId)
  if (visit === undefined) throw new ExpectedError('not-found', `There is no visit ${visitId}`)
  return visit
}

/** By whoever holds its visit. */
async function lockedOpen(unit: Operations, visitId: string): Promise<Objection> {
  await locked(unit, visitId)
  return mustBeOpen(visitId, await unit.objectionOfVisit(visitId))
}

function mustBeOpen(visitId: string, objection: Objection | undefined): Objection {
  if (objection === undefined) throw noObjection(visitId)
  if (objection.state === 'open') return objection
  throw new ExpectedError('already-done', `The objection is ${objection.state} already, by ${objection.decidedBy}`)
}

type Disputable = Visit & { readonly verdict: NonNullable<Visit['verdict']> }

function mustBeDisputable(visit: Visit): Disputable {
  if (visit.verdict === 'not-proven' || visit.verdict === 'cannot-tell') return visit as Disputable
  const why = visit.verdict === null ? 'has no verdict yet' : 'is proven'
  throw new ExpectedError('invalid', `There is nothing to object to: the visit ${why}`)
}

function frozenCurve(
  { id, deviceId, items, startedAt, endedAt, verdict, verdictText, verdictEvidence }: Visit,
  curve: VisitCurve,
) {
  const iso = (at: number) => new Date(at).toISOString()
  const visit = { id, deviceId, items, startedAt: iso(startedAt), endedAt: iso(endedAt) }
  const evidence = {
    format: 'liftwatt-visit-1',
    visit,
    verdict: { verdict, verdictText, verdictEvidence },
    window: { from: iso(curve.from), to: iso(curve.to) },
    readings: curve.items.map(({ at, values }) => ({ at: iso(at), values })),
  }
  return new TextEncoder().encode(`${canonicalJson(evidence)}\n`)
}

async function write(
  unit: Operations,
  { id, visitId, deviceId }: Objection,
  event: Pick<RecordEvent, 'at' | 'type' | 'actor' | 'data'>,
): Promise<void> {
  await unit.appendRecordEvents({ subjectType, subjectId: id, ...event })
  const { at, actor, type } = event
  await unit.insertAudit({ at, actor, action: `objection-${type}`, subject: visitId, data: { deviceId } })
}

/** What the rows of an objection say otherwise than its events; undefined = nothing. */
export async function faultOfObjection(unit: Operations, id: string): Promise<string | undefined> {
  const objection = await unit.objection(id)
  if (objection === undefined) return 'The objection is gone'
  const events = await unit.recordEventsOf(id)
  const said = events.findLast(({ data }) => data.record !== undefined)?.data.record
  if (canonicalJson(objection) !== canonicalJson(said)) return 'The objection is not as its events say'
  const visit = await unit.visit(objection.visitId)
  const decision = objection.state === 'open' ? null : objection.state
  if (visit?.decision !== decision) return 'The visit says another decision than the objection'
  const listed = new Set((await unit.evidenceOfVisit(objection.visitId)).map(({ sha256 }) => sha256))
  const gone = events.find(({ data }) => typeof data.sha256 === 'string' && !listed.has(data.sha256))
  return gone && `The evidence ${gone.data.sha256}, which event ${gone.number} names, is gone`
}
