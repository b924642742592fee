import { randomUUID } from 'node:crypto'
import { type Incident, isEntrapment, lookBackMs } from '../core/incident.ts'
import { idIn, type Scope, scopesOf } from '../core/scope.ts'
import { isMoreSevere, type Severity } from '../core/severity.ts'
import { type Suppressed, suppressionText } from '../core/suppression.ts'
import type { FollowedIncident, Operations, Surroundings } from '../stores/operations/port.ts'
import { isRunning, mayBeTaken } from './stages/collection.ts'
import { isOfLife } from './stages/finding.ts'
import {
  type GroupingRule,
  groupingsOf,
  groupSummary,
  groupToJoin,
  membersOfGroup,
  shippedGroupings,
} from './stages/grouping.ts'
import {
  type InhibitionRule,
  inhibitionBetween,
  inhibitorOf,
  isSource,
  shippedInhibitions,
} from './stages/inhibition.ts'
import { placeOfScope } from './stages/place.ts'
import {
  mayBeStorm,
  membersOfStorm,
  type StormRule,
  shippedStorm,
  stormSummary,
  stormToJoin,
  worstOf,
} from './stages/storm.ts'
import { suppressionOf } from './stages/suppression.ts'

export interface IncidentRules {
  readonly groupings: readonly GroupingRule[]
  readonly inhibitions: readonly InhibitionRule[]
  readonly storm: StormRule
}

export const shippedRules: IncidentRules = {
  groupings: shippedGroupings,
  inhibitions: shippedInhibitions,
  storm: shippedStorm,
}

/** A larger incident that another one became a part of. */
export interface GroupOutcome {
  readonly incident: Incident
  readonly opened: boolean
  readonly upgraded: boolean
}

export interface Explained {
  readonly incident: Incident
  readonly group?: GroupOutcome
  /** Incidents whose orders, raised and not answered yet, the larger incident takes over. */
  readonly absorbed: readonly Incident[]
}

/** When it is explained: `at` by the event that asks (all windows are counted by it), `now` by our clock. */
export interface Asked {
  readonly at: number
  readonly now: number
  readonly rules: IncidentRules
  /** Incidents released just now: for an outage or a storm they are new, whenever they were detected. */
  readonly released?: readonly string[]
}

/**
 * Why an incident, stored and not explained yet, sends nobody of its own; the stages in a row, the first that has a reason wins.
 * A danger to life passes them all. The caller holds `lockPlace` of the incident's place.
 */
export async function explain(unit: Operations, incident: Incident, asked: Asked): Promise<Explained> {
  if (isOfLife(incident.finding)) return { incident, absorbed: [] }
  const around = await unit.surroundingsOf(incident, {
    scopes: scopesOf(incident),
    at: asked.at,
    gatewayId: mayBeStorm(incident) ? incident.place.gatewayId : null,
    peersFrom: asked.at - asked.rules.storm.withinMs,
  })
  return (
    (await grouped(unit, incident, around, asked)) ??
    (await inhibited(unit, incident, around, asked)) ??
    (await suppressedByPeople(unit, incident, around, asked)) ??
    (await inStorm(unit, incident, around, asked)) ?? { incident, absorbed: [] }
  )
}

async function grouped(
  unit: Operations,
  incident: Incident,
  { active }: Surroundings,
  asked: Asked,
): Promise<Explained | undefined> {
  const { groupings } = asked.rules
  const running = groupToJoin(incident, active, groupings)
  if (running !== undefined) return join(unit, incident, running, 'group', asked)

  for (const rule of groupingsOf(incident, groupings)) {
    const scope: Scope = { type: rule.by, id: idIn(incident, rule.by) ?? '' }
    const free = await unit.lockFreeIncidents({
      in: rule.by,
      id: scope.id,
      findings: [rule.finding, ...rule.joins],
      from: incident.detectedAt - rule.withinMs,
      alsoIds: asked.released ?? [],
    })
    const members = membersOfGroup(incident, free, rule, asked.released)
    if (members === undefined) continue
    const words = { finding: rule.finding, severity: rule.severity, summary: groupSummary(rule, scope.id) }
    return collect(unit, incident, { ...words, scope, members, by: 'group' }, asked)
  }
  return undefined
}

async function inhibited(
  unit: Operations,
  incident: Incident,
  { active }: Surroundings,
  asked: Asked,
): Promise<Explained | undefined> {
  // what a report of somebody trapped should take joins its order, within limits: nothing may ever say that the report is over
  const known = active.filter(({ source, finding }) => source === 'liftwatt' || !isEntrapment({ finding }))
  const found = inhibitorOf(incident, known, asked.rules.inhibitions)
  if (found === undefined) return undefined
  const suppressed = becauseOf(found.source, found.rule.by, asked.now)
  return { incident: await suppress(unit, incident, suppressed, found.source.id), absorbed: [] }
}

async function suppressedByPeople(
  unit: Operations,
  incident: Incident,
  { suppressions }: Surroundings,
  { at, now }: Asked,
): Promise<Explained | undefined> {
  // a shelf is for what is known and can wait; what is critical cannot
  const counting = incident.severity === 'critical' ? suppressions.filter(({ type }) => type !== 'shelf') : suppressions
  const suppression = suppressionOf(incident, counting, at)
  if (suppression === undefined) return undefined
  const { type: by, id } = suppression
  const suppressed = { by, id, text: suppressionText(suppression), at: now }
  return { incident: await suppress(unit, incident, suppressed, null), absorbed: [] }
}

async function inStorm(
  unit: Operations,
  incident: Incident,
  { active, peers }: Surroundings,
  asked: Asked,
): Promise<Explained | undefined> {
  const { storm } = asked.rules
  const { gatewayId } = incident.place
  if (!mayBeStorm(incident) || gatewayId === null) return undefined
  const running = stormToJoin(incident, asked.at, active, storm)
  if (running !== undefined) return join(unit, incident, running, 'storm', asked)

  // counted first: most incidents have no peers, and then none need be locked
  if (peers + 1 + (asked.released?.length ?? 0) < storm.atLeast) return undefined
  const free = await unit.lockFreeIncidents({
    in: 'gateway',
    id: gatewayId,
    findings: [incident.finding],
    from: asked.at - storm.withinMs,
    // itself, too, when it was for information for a long time
    alsoIds: [...(incident.detectedAt < asked.at ? [incident.id] : []), ...(asked.released ?? [])],
  })
  const members = membersOfStorm(incident, asked.at, free, storm, asked.released)
  if (members === undefined) return undefined
  const words = { finding: incident.finding, severity: worstOf(members), summary: stormSummary(incident, storm) }
  return collect(unit, incident, { ...words, scope: { type: 'gateway', id: gatewayId }, members, by: 'storm' }, asked)
}

interface Collection {
  readonly scope: Scope
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
  /** The incident that completed it among them. */
  readonly members: readonly FollowedIncident[]
  readonly by: 'group' | 'storm'
}

/** Opens the larger incident, or takes up the one whose order still runs, and makes the others part of it. */
async function collect(unit: Operations, incident: Incident, found: Collection, asked: Asked): Promise<Explained> {
  const { scope, finding, members, by } = found
  const newest = await unit.lockNewestIncident(scope, finding)
  const running = newest !== undefined && isRunning(newest) ? newest : undefined
  const larger = running ?? (await openLarger(unit, incident, found, newest, asked))

  const suppressed = becauseOf(larger, by, asked.now)
  const absorbed = await take(unit, members, suppressed, larger.id)
  const others = members.length - 1
  const grown = await grow(unit, larger, found.severity, running === undefined ? 0 : others + 1, asked)
  const own = { ...incident, state: 'suppressed' as const, parentId: larger.id, suppressed }
  if (running !== undefined) return { incident: own, group: grown, absorbed }

  const late = await explainEarlier(unit, larger, asked)
  const outer = await explain(unit, grown.incident, asked)
  const group = outer.group ?? { incident: outer.incident, opened: true, upgraded: false }
  return { incident: own, group, absorbed: [...absorbed, ...late, ...outer.absorbed] }
}

async function openLarger(
  unit: Operations,
  incident: Incident,
  { scope, finding, severity, summary, members }: Collection,
  newest: FollowedIncident | undefined,
  asked: Asked,
): Promise<FollowedIncident> {
  const beginnings = members.map(({ occurredAt }) => occurredAt)
  const opened: Omit<FollowedIncident, 'orderId'> = {
    ...incident,
    ...{ id: randomUUID(), state: 'open', scope, deviceId: null, finding, severity, summary },
    evidence: { members: members.length },
    count: members.length,
    occurredAt: Math.max(Math.min(...beginnings), (newest?.occurredAt ?? Number.NEGATIVE_INFINITY) + 1),
    place: placeOfScope(
      scope,
      members.map(({ place }) => place),
    ),
    parentId: null,
    suppressed: null,
    detectedAt: asked.at,
    lastMemberAt: asked.at,
    ...{ followed: null, orderState: null, overAt: null, clearsAt: null, acknowledgedKey: null },
  }
  await unit.insertIncident(opened)
  if (newest !== undefined && newest.state !== 'cleared') await supersede(unit, newest, opened.id, asked.at)
  return { ...opened, orderId: null }
}

/** Another incident goes on where this one's order has ended: what it collected or explained goes with it. */
export async function supersede(unit: Operations, old: FollowedIncident, byId: string, at: number): Promise<void> {
  await unit.moveChildren(old.id, byId)
  await unit.updateIncident(old.id, { state: 'cleared', clearedAt: old.overAt ?? at })
}

async function join(
  unit: Operations,
  incident: Incident,
  larger: FollowedIncident,
  by: 'group' | 'storm',
  asked: Asked,
): Promise<Explained> {
  const own = await suppress(unit, incident, becauseOf(larger, by, asked.now), larger.id)
  // what is for information joins an outage, and does not make it less or more than it is
  const severity = by === 'storm' ? incident.severity : larger.severity
  return { incident: own, group: await grow(unit, larger, severity, 1, asked), absorbed: [] }
}

/** `members` more of them. */
async function grow(
  unit: Operations,
  larger: FollowedIncident,
  severity: Severity,
  members: number,
  asked: Asked,
): Promise<GroupOutcome> {
  if (members === 0) return { incident: larger, opened: true, upgraded: false }
  const upgraded = isMoreSevere(severity, larger.severity)
  const count = larger.count + members
  const change = {
    state: larger.suppressed === null ? ('open' as const) : ('suppressed' as const),
    clearedAt: null,
    count,
    evidence: { ...larger.evidence, members: count },
    lastMemberAt: Math.max(asked.at, larger.lastMemberAt ?? asked.at),
    ...(upgraded && { severity }),
  }
  await unit.updateIncident(larger.id, change)
  return { incident: { ...larger, ...change }, opened: false, upgraded: upgraded && larger.suppressed === null }
}

/**
 * A cause that is found after its effects explains them too, as far as nobody has answered their orders yet.
 * Answers the incidents whose orders it takes over.
 */
export async function explainEarlier(unit: Operations, source: Incident, asked: Asked): Promise<Incident[]> {
  const absorbed: Incident[] = []
  for (const rule of asked.rules.inhibitions.filter((candidate) => isSource(source, candidate))) {
    const id = idIn(source, rule.equal)
    if (id === null) continue
    const wanted = { in: rule.equal, id, findings: rule.targets, from: source.detectedAt - lookBackMs }
    const free = await unit.lockFreeIncidents(wanted)
    const effects = free.filter(
      (effect) => inhibitionBetween(source, effect, [rule]) !== undefined && mayBeTaken(effect),
    )
    absorbed.push(...(await take(unit, effects, becauseOf(source, rule.by, asked.now), source.id)))
  }
  return absorbed
}

/**
 * Makes them part of the larger incident; those whose order somebody has answered keep it and stay as they are. Answers those
 * whose order is to end as merged.
 */
async function take(
  unit: Operations,
  incidents: readonly FollowedIncident[],
  suppressed: Suppressed,
  parentId: string,
): Promise<Incident[]> {
  const free = incidents.filter(mayBeTaken)
  const answered = incidents.filter((incident) => !mayBeTaken(incident))
  await unit.takeIncidents(
    free.map(({ id }) => id),
    parentId,
    suppressed,
  )
  await unit.takeIncidents(
    answered.map(({ id }) => id),
    parentId,
    null,
  )
  return free
    .filter(({ orderId }) => orderId !== null)
    .map((incident) => ({ ...incident, state: 'suppressed' as const, parentId, suppressed }))
}

async function suppress(
  unit: Operations,
  incident: Incident,
  suppressed: Suppressed,
  parentId: string | null,
): Promise<Incident> {
  const change = { state: 'suppressed' as const, suppressed, parentId }
  await unit.updateIncident(incident.id, change)
  return { ...incident, ...change }
}

const because = {
  group: 'Part of',
  storm: 'Part of',
  inhibition: 'Explained by',
  'service-mode': 'Somebody works on it:',
} as const

function becauseOf(larger: Incident, by: keyof typeof because, now: number): Suppressed {
  const { scope, finding, summary, id } = larger
  return { by, id, text: `${because[by]} ${finding} of ${scope.type} ${scope.id}: ${summary}`, at: now }
}
