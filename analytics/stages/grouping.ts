import { minuteMs } from '../../core/clock.ts'
import type { Incident } from '../../core/incident.ts'
import { idIn, type ScopeType } from '../../core/scope.ts'
import type { Severity } from '../../core/severity.ts'
import type { FollowedIncident, SharedPlace } from '../../stores/operations/port.ts'
import { isNear, isRunning } from './collection.ts'
import { matchesFinding } from './finding.ts'

/** What fails together at one place within a short time is one incident of that place. */
export interface GroupingRule {
  /** Of the members, and of the group. */
  readonly finding: string
  /** What a member is about: devices, or groups of a smaller place. */
  readonly of: ScopeType
  readonly by: SharedPlace
  readonly atLeast: number
  readonly withinMs: number
  /** Findings at the same place that become part of it, but do not count. */
  readonly joins: readonly string[]
  readonly severity: Severity
  /** What happened, as the summary begins. */
  readonly words: string
}

const outage = {
  finding: 'electricity-meter/outage',
  words: 'The power is out',
  withinMs: 2 * minuteMs,
  joins: ['elevator/mains-lost'],
  severity: 'urgent',
} as const

/** From the smallest place to the largest. Figures are unverified defaults. */
export const shippedGroupings: readonly GroupingRule[] = [
  { ...outage, of: 'device', by: 'feeder', atLeast: 3 },
  { ...outage, of: 'device', by: 'building', atLeast: 3 },
  { ...outage, of: 'feeder', by: 'building', atLeast: 2 },
  { ...outage, of: 'building', by: 'estate', atLeast: 2 },
]

const counts = (rule: GroupingRule, incident: Incident) =>
  rule.finding === incident.finding && rule.of === incident.scope.type

const joins = (rule: GroupingRule, incident: Incident) =>
  counts(rule, incident) || rule.joins.some((finding) => matchesFinding(finding, incident.finding))

/** The group that the incident is a part of, the one of the largest place first. */
export function groupToJoin(
  incident: Incident,
  active: readonly FollowedIncident[],
  rules: readonly GroupingRule[],
): FollowedIncident | undefined {
  const { scope } = incident
  return rules
    .filter((rule) => joins(rule, incident) && rule.by !== scope.type)
    .toReversed()
    .flatMap((rule) =>
      active.filter(
        (group) =>
          group.finding === rule.finding &&
          group.scope.type === rule.by &&
          group.scope.id === idIn(incident, rule.by) &&
          isRunning(group),
      ),
    )[0]
}

/** Rules under which the incident may be the one that makes a group of those around it. */
export function groupingsOf(incident: Incident, rules: readonly GroupingRule[]): GroupingRule[] {
  return rules.filter((rule) => counts(rule, incident) && idIn(incident, rule.by) !== null)
}

/**
 * What a new group consists of, the incident among them; undefined while there are too few. `released` count whenever they were
 * detected.
 */
export function membersOfGroup(
  incident: Incident,
  free: readonly FollowedIncident[],
  rule: GroupingRule,
  released: readonly string[] = [],
): FollowedIncident[] | undefined {
  const near = free.filter(
    (other) =>
      other.scope.type !== rule.by &&
      (released.includes(other.id) || isNear(other, incident.detectedAt, rule.withinMs)),
  )
  // one device counts once, however often its incident was opened and closed
  const counted = new Set(near.filter((other) => counts(rule, other)).map(({ scope }) => scope.id))
  // groups of smaller places are taken with it, whichever of them made it
  const isPart = (other: Incident) => other.finding === rule.finding || joins(rule, other)
  return counted.size < rule.atLeast ? undefined : near.filter(isPart)
}

export function groupSummary(rule: GroupingRule, id: string): string {
  const members = rule.of === 'device' ? 'devices' : `${rule.of}s`
  return `${rule.words} in ${rule.by} ${id}: at least ${rule.atLeast} ${members} within ${rule.withinMs / minuteMs} min`
}
