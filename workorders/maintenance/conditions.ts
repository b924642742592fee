import { dayMs } from '../../core/clock.ts'
import type { RegimeType } from '../../core/visit.ts'

/** What a person must have looked up, for nothing here can know it. */
export const confirmations = ['maintainer-class', 'city-platform'] as const
export type Confirmation = (typeof confirmations)[number]

export interface Condition {
  readonly name: 'remote-monitoring' | 'liability-insurance' | 'maintainer' | Confirmation
  readonly met: boolean
  /** For a person: what is so, or what is missing. */
  readonly text: string
}

/** An elevator counts as monitored when something was heard of it so lately. Unverified default. */
const heardWithinMs = 7 * dayMs

/**
 * What must be so before an elevator may be maintained on demand. The calendar asks for nothing. Pure.
 *
 * Source  entry conditions as seen in practice: remote monitoring, elevator liability insurance, a maintainer above supervision
 *         class C; three months only for elevators on the city's IoT platform (Shenzhen). Check your own city's rule.
 */
export function conditionsOf(
  type: RegimeType,
  known: {
    /** ms since 1970, null = never. */
    readonly lastHeardAt: number | null
    readonly maintainerId: string | null
    readonly insurerId: string | null
    readonly confirmed: readonly Confirmation[]
  },
  now: number,
): Condition[] {
  if (type === 'calendar') return []
  const { lastHeardAt, maintainerId, insurerId, confirmed } = known
  const isHeard = lastHeardAt !== null && lastHeardAt > now - heardWithinMs
  const conditions: Condition[] = [
    {
      name: 'remote-monitoring',
      met: isHeard,
      text: isHeard ? 'It is monitored' : 'Remote monitoring: nothing was heard of it for 7 days',
    },
    {
      name: 'liability-insurance',
      met: insurerId !== null,
      text: insurerId === null ? 'Liability insurance: no insurer is named' : `It is insured by ${insurerId}`,
    },
    {
      name: 'maintainer',
      met: maintainerId !== null,
      text: maintainerId === null ? 'Maintainer: none is named' : `It is maintained by ${maintainerId}`,
    },
    confirmable('maintainer-class', 'the maintainer is above supervision class C', confirmed),
  ]
  if (type === 'on-demand-iot') {
    conditions.push(confirmable('city-platform', "it is on the city's IoT platform", confirmed))
  }
  return conditions
}

function confirmable(name: Confirmation, text: string, confirmed: readonly Confirmation[]): Condition {
  const met = confirmed.includes(name)
  return { name, met, text: met ? `Confirmed: ${text}` : `Nobody has confirmed that ${text}` }
}
