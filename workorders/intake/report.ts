import type { Evidence } from '../../core/detector.ts'
import { ExpectedError } from '../../core/errors.ts'
import { type Incident, isEntrapment, isSamePlace, mayHaveLeft, type WorkOrder } from '../../core/incident.ts'
import { isMoreSevere, type Severity } from '../../core/severity.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { lockInPlaceOf } from '../evidence/evidence.ts'
import { openOrder, upgradeOrder } from '../life/open.ts'
import { isEnded } from '../life/transitions.ts'
import { heldBack } from './held-back.ts'
import { join, joinRunning } from './join.ts'
import { followUp, isAboutElevator, severityHeard } from './manual.ts'
import { tellNewWords } from './new-words.ts'
import { insertReported, ownSources, type Whereabouts, whereIs } from './reported.ts'
import { tellsOfTrapped } from './same-event.ts'
import { isDanger, isLongDone, tellStillTold } from './still-told.ts'

/** What another system (a camera platform, a hotline) says of something that it found. */
export interface Report extends Whereabouts {
  readonly actor: string
  readonly source: string
  /** Its own id of the thing; best another one each time that the same thing begins anew. */
  readonly externalId: string
  /** Until it is cleared, what begins with this is the same thing, too; for systems whose ids do not say when it began. */
  readonly samePrefix?: string
  readonly state: 'open' | 'cleared'
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
  /** By its clock; never later than ours, and no deadline depends on it. */
  readonly occurredAt?: number
  readonly evidence?: Evidence
}

export interface Reported {
  readonly incident: Incident
  /** False when it was known. */
  readonly created: boolean
}

/**
 * Takes a report once: the first one opens the incident and, by severity, its order, whose 30 minutes run from now; the same
 * one again counts, may raise the severity, and clears. What was cleared and is reported again while its order is open, is
 * open again. After that it is a new thing under an old id, unless it says that it occurred before the old one was over: then it
 * is late. Nobody can close a danger away: it is a new thing, too, when it is still told of though people have been done with it for
 * a while. What people shelved by its name sends nobody until that ends. An entrapment that somebody is on the way to is joined,
 * whatever they have set out for: its incident is answered, and what this source says of it stands in its order.
 * @throws {ExpectedError} `invalid`
 */
export async function takeReport(unit: Operations, told: Report, now: number): Promise<Reported> {
  if (ownSources.some((source) => source === told.source)) {
    throw new ExpectedError('invalid', `source: ${told.source} is a name of our own`)
  }
  const { report, known } = await asOfItsPlace(unit, await asItSays(unit, told))
  if (known !== undefined && !(await beginsAnew(unit, known, report, now)))
    return { incident: await follow(unit, known, report, now), created: false }

  const placed = await whereIs(unit, report)
  const before = { plainExternalId: told.externalId, ...(known && { formerIncidentId: known.id }) }
  const joined = await joinRunning(unit, placed, { ...report, ...before, countsAgain: true }, now, upgradeOrder)
  if (joined !== undefined) return { incident: await incidentOf(unit, joined.order), created: false }

  if (known?.clearedAt === null) await unit.updateIncident(known.id, { state: 'cleared', clearedAt: now })
  const held = report.state === 'open' ? await heldBack(unit, { ...report, ...placed }, now) : undefined
  const incident = await insertReported(unit, { ...placed, ...found(report, known, now), ...held })
  if (incident !== undefined) {
    const order = await openOrder(unit, incident, now)
    return { incident: { ...incident, orderId: order?.id ?? null }, created: true }
  }
  const meanwhile = await unit.lockReportedIncident({ source: report.source, externalId: report.externalId })
  if (meanwhile === undefined) throw new Error('an incident that is known already is not there')
  return { incident: await follow(unit, meanwhile, report, now), created: false }
}

/** Its words count, whatever it calls its finding and however mild: who is shut in an elevator is an entrapment, and waits for no date. */
async function asItSays(unit: Operations, told: Report): Promise<Report> {
  const isShutIn = !isEntrapment(told) && tellsOfTrapped(told) && (await isAboutElevator(unit, told))
  const finding = isShutIn ? `${told.finding.split('/')[0]}/entrapment` : told.finding
  return { ...told, finding, severity: await severityHeard(unit, { ...told, finding }) }
}

async function incidentOf(unit: Operations, { id, incidentId }: WorkOrder): Promise<Incident> {
  const incident = await unit.incident(incidentId)
  if (incident === undefined) throw new Error(`order ${id} has no incident`)
  return incident
}

/** One id for two places is two things: the second has its place in its id, or its crew would be sent to the first. */
async function asOfItsPlace(unit: Operations, told: Report): Promise<{ report: Report; known: Incident | undefined }> {
  const known = await knownIncident(unit, told)
  const placeId = told.deviceId ?? told.siteId ?? told.gatewayId
  if (known === undefined || placeId === undefined || placeId === known.scope.id) return { report: told, known }
  const { samePrefix: _, ...rest } = told
  const report = { ...rest, externalId: `${told.externalId} ${placeId}` }
  return { report, known: await knownIncident(unit, report) }
}

async function knownIncident(
  unit: Operations,
  { source, externalId, samePrefix }: Report,
): Promise<Incident | undefined> {
  const exactly = await unit.lockReportedIncident({ source, externalId })
  if (exactly !== undefined || samePrefix === undefined) return exactly
  return unit.lockReportedIncident({ source, prefix: samePrefix })
}

/** Nobody is on it any more, and what is told now is not what they were sent for, or they cannot have ended it. */
async function beginsAnew(unit: Operations, known: Incident, report: Report, now: number): Promise<boolean> {
  if (report.state === 'cleared') return false
  const own = known.orderId === null ? undefined : await unit.lockOrder(known.orderId)
  const follower = own !== undefined && isEnded(own) ? await lockFollowUpOf(unit, own) : undefined
  const order = follower ?? own
  const rises = [known, ...(follower ? [follower] : [])].some(({ severity }) => isMoreSevere(report.severity, severity))
  if (known.clearedAt === null) {
    if (order === undefined) return false
    const isDone = isEnded(order) || mayHaveLeft(order, now)
    if (isDone && becomesEntrapment(order, report)) return true
    return (rises && mayHaveLeft(order, now)) || (isDanger(report) && isLongDone(unit, order, now))
  }
  const isLeft = order !== undefined && mayHaveLeft(order, now) && (rises || isDanger(report))
  return (order === undefined || isEnded(order) || isLeft) && !isToldLate(known, report, now)
}

/** It was before its source said that it is over. By its own clock, which may be slow, a danger need only be later than the one before. */
function isToldLate({ occurredAt, clearedAt }: Incident, report: Report, now: number): boolean {
  const tooLate = isDanger(report) ? occurredAt : clearedAt
  return tooLate !== null && (report.occurredAt ?? now) <= tooLate
}

/** @param known what it is told of again */
function found(report: Report, known: Incident | undefined, now: number) {
  const { source, externalId, state, finding, severity, summary, evidence } = report
  const occurredAt = Math.max(Math.min(report.occurredAt ?? now, now), (known?.occurredAt ?? 0) + 1)
  const over = { state, clearedAt: state === 'cleared' ? now : null }
  const about = { finding, severity, summary, evidence: evidence ?? {}, source, externalId }
  return { ...over, ...about, occurredAt, detectedAt: now }
}

async function follow(unit: Operations, incident: Incident, report: Report, now: number): Promise<Incident> {
  if (report.state === 'cleared') {
    if (incident.state === 'cleared') return incident
    const over = { state: 'cleared', clearedAt: now } as const
    await unit.updateIncident(incident.id, over)
    return { ...incident, ...over }
  }
  const order = incident.orderId === null ? undefined : await unit.lockOrder(incident.orderId)
  const ended = order !== undefined && isEnded(order)
  const follower = ended ? await lockFollowUpOf(unit, order) : undefined
  const isOver = order === undefined || (ended && (follower === undefined || isToldLate(incident, report, now)))
  if (incident.state === 'cleared' && isOver) return incident

  const sentFor =
    order === undefined && becomesEntrapment(incident, report) ? await sendFor(unit, incident, report, now) : order
  const running = ended ? follower : sentFor
  if (running !== undefined && becomesEntrapment(running, report)) {
    return becomeEntrapment(unit, incident, running, report, now)
  }
  const upgraded = isMoreSevere(report.severity, incident.severity)
  const change = {
    ...(incident.state === 'cleared' && { state: 'open' as const, clearedAt: null }),
    count: incident.count + 1,
    summary: report.summary,
    ...(report.evidence && { evidence: report.evidence }),
    ...(upgraded && { severity: report.severity, ...(await shelvingOf(unit, incident, report, now)) }),
  }
  await unit.updateIncident(incident.id, change)
  const changed = { ...incident, ...change }
  if (!upgraded) {
    if (order !== undefined) await tellNoWorse(unit, { order, follower }, incident, report, now)
    return changed
  }
  if (ended) {
    await worsenAfterEnd(unit, order, running, report, now)
    return changed
  }
  const risen = await upgradeOrder(unit, changed, now, now)
  return { ...changed, orderId: risen?.id ?? incident.orderId }
}

/** @param incident as it was told before */
async function tellNoWorse(
  unit: Operations,
  { order, follower }: { order: WorkOrder; follower: WorkOrder | undefined },
  incident: Incident,
  report: Report,
  now: number,
): Promise<void> {
  // what follows may be milder than what it follows
  const isMilder = follower !== undefined && isMoreSevere(report.severity, follower.severity)
  if (isMilder && (await goesOnIn(unit, order, now)) === undefined) return worsenRunning(unit, follower, report, now)
  const sentFor = isMilder ? order : (follower ?? order)
  await tellStillTold(unit, sentFor, report, now)
  // whoever is on what follows may not have heard what was said of the one before
  if (follower === undefined && report.summary === incident.summary) return
  const isBack = incident.state === 'cleared' && isDanger(report)
  await tellNewWords(unit, sentFor, { ...report, isBack }, now)
}

async function lockFollowUpOf(unit: Operations, { id }: WorkOrder): Promise<WorkOrder | undefined> {
  const found = await unit.openFollowUpOf(id)
  return found && unit.lockOrder(found.id)
}

function becomesEntrapment(before: Pick<WorkOrder, 'finding'>, report: Report): boolean {
  return isEntrapment(report) && !isEntrapment(before)
}

/** It had no order: what it was about could wait, or was held back. Who is trapped cannot wait. */
async function sendFor(unit: Operations, incident: Incident, { severity }: Report, now: number) {
  const rises = isMoreSevere(severity, incident.severity)
  const freed = { state: 'open', suppressed: null, ...(rises && { severity }) } as const
  await unit.updateIncident(incident.id, freed)
  return upgradeOrder(unit, { ...incident, ...freed }, now, now)
}

/** What becomes of a shelf when it is worse: what is critical leaves it; what needed nobody until now may lie on one. */
async function shelvingOf(unit: Operations, incident: Incident, { severity }: Report, now: number) {
  const { suppressed, orderId } = incident
  if (suppressed?.by === 'shelf' && severity === 'critical') return { state: 'open', suppressed: null } as const
  return suppressed === null && orderId === null ? heldBack(unit, { ...incident, severity }, now) : undefined
}

/** What it is about is another thing from now on: the passenger is to be told, and the crew is. */
async function becomeEntrapment(
  unit: Operations,
  incident: Incident,
  order: WorkOrder,
  report: Report,
  now: number,
): Promise<Incident> {
  const isBack = incident.state === 'cleared'
  await unit.updateIncident(incident.id, {
    summary: report.summary,
    ...(isBack && { state: 'open', clearedAt: null }),
  })
  return incidentOf(unit, await join(unit, order, { ...report, countsAgain: true }, now, upgradeOrder))
}

async function worsenRunning(unit: Operations, order: WorkOrder, report: Report, now: number): Promise<void> {
  const incident = await incidentOf(unit, order)
  const { severity, summary } = report
  if (!isMoreSevere(severity, incident.severity)) return tellNewWords(unit, order, report, now)
  await unit.updateIncident(incident.id, { severity, summary })
  await upgradeOrder(unit, { ...incident, severity, summary }, now, now)
}

/**
 * It became worse after people were done with it: an order of its own follows. Where its order goes on as a part of one of the same place,
 * to which somebody is on the way or has just come, that one rises.
 */
async function worsenAfterEnd(
  unit: Operations,
  ended: WorkOrder,
  follower: WorkOrder | undefined,
  report: Report,
  now: number,
): Promise<void> {
  const { actor, source, severity, summary } = report
  if (severity === 'info') return
  const goesOn = await goesOnIn(unit, ended, now)
  if (goesOn !== undefined) {
    // the same id may rise once more
    await join(unit, goesOn, { ...report, externalId: null, countsAgain: true }, now, upgradeOrder)
    return
  }
  if (follower !== undefined) return worsenRunning(unit, follower, report, now)
  const reason = `${source} reports it as ${severity} now`
  await followUp(unit, ended, { orderId: ended.id, actor, severity, summary, reason }, now)
}

/** The order of the same place that an ended one was merged into, while somebody is on the way to it or has just come. */
async function goesOnIn(unit: Operations, ended: WorkOrder, now: number): Promise<WorkOrder | undefined> {
  const goesOn = ended.mergedIntoId === null ? undefined : await lockInPlaceOf(unit, ended.id)
  if (goesOn === undefined || isEnded(goesOn) || mayHaveLeft(goesOn, now)) return undefined
  return isSamePlace(ended, goesOn) ? goesOn : undefined
}
