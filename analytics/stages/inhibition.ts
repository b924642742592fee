import { z } from 'zod'
import type { Incident } from '../../core/incident.ts'
import { idIn } from '../../core/scope.ts'
import { isOfLife, matchesFinding } from './finding.ts'

const sharedPlaces = ['device', 'gateway', 'feeder', 'building', 'estate'] as const

/**
 * While the source is active, it explains the targets that have the same gateway (feeder, building, …) as it has. Without
 * `equal`, one source would silence the whole city: such a rule is refused.
 */
export const InhibitionRule = z.strictObject({
  source: z.strictObject({ finding: z.string().min(1), scope: z.enum(sharedPlaces) }),
  /** `*` stands for anything. */
  targets: z.array(z.string().min(1)).min(1).readonly(),
  /** Only those that are a controller's word for one of these findings (`evidence.means`). */
  means: z.array(z.string().min(1)).min(1).readonly().optional(),
  equal: z.enum(sharedPlaces, { error: 'an inhibition rule without `equal` would silence everything' }),
  by: z.enum(['inhibition', 'service-mode']).default('inhibition'),
})
export type InhibitionRule = z.output<typeof InhibitionRule>

const explainedByOutage = [
  '*/silent',
  'electricity-meter/under-voltage',
  'elevator/mains-lost',
  'elevator/out-of-service',
]

export const shippedInhibitions: readonly InhibitionRule[] = z.array(InhibitionRule).parse([
  ...['gateway/silent', 'gateway/clock-ahead'].map((finding) => ({
    source: { finding, scope: 'gateway' },
    targets: ['*/silent', '*/sensor-silent'],
    equal: 'gateway',
  })),
  ...(['feeder', 'building', 'estate'] as const).flatMap((place) => {
    const outage = { source: { finding: 'electricity-meter/outage', scope: place }, equal: place }
    return [
      { ...outage, targets: explainedByOutage },
      { ...outage, targets: ['elevator/fault-code'], means: explainedByOutage },
    ]
  }),
  // who is shut in presses the button, and the car stands between floors: one order, for the people
  {
    source: { finding: 'elevator/entrapment', scope: 'device' },
    targets: [
      'elevator/alarm-button',
      'elevator/stopped-outside-zone',
      'elevator/run-time-limiter',
      'elevator/door-fault',
      'elevator/fault-code',
    ],
    equal: 'device',
  },
  // a mechanic works on it: what it shows meanwhile is recorded and sends nobody
  {
    source: { finding: 'elevator/service-mode', scope: 'device' },
    targets: ['elevator/*'],
    equal: 'device',
    by: 'service-mode',
  },
])

/** The rule under which the source explains the incident. A danger to life is never explained. */
export function inhibitionBetween(
  source: Incident,
  incident: Incident,
  rules: readonly InhibitionRule[],
): InhibitionRule | undefined {
  // neither itself, nor what is explained by it
  if (source.id === incident.id || source.parentId === incident.id || isOfLife(incident.finding)) return undefined
  return rules.find((rule) => {
    if (!isSource(source, rule) || !isTarget(incident, rule)) return false
    const key = idIn(source, rule.equal)
    return key !== null && key === idIn(incident, rule.equal)
  })
}

function isTarget({ finding, evidence }: Incident, { targets, means }: InhibitionRule): boolean {
  if (!targets.some((target) => matchesFinding(target, finding))) return false
  return means === undefined || means.some((meant) => matchesFinding(meant, String(evidence.means)))
}

export function isSource(incident: Incident, { source }: InhibitionRule): boolean {
  return source.finding === incident.finding && source.scope === incident.scope.type
}

/** What explains the incident among those that are active. */
export function inhibitorOf<Source extends Incident>(
  incident: Incident,
  active: readonly Source[],
  rules: readonly InhibitionRule[],
): { source: Source; rule: InhibitionRule } | undefined {
  for (const source of active) {
    const rule = inhibitionBetween(source, incident, rules)
    if (rule !== undefined) return { source, rule }
  }
  return undefined
}
