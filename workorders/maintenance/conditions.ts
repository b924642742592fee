import { dayMs } from '../../core/clock.ts'
import { localDate, shanghai } from '../../core/local-time.ts'
import type { Regime, RegimeType } from '../../core/visit.ts'
import type { DeviceParty } from '../../stores/operations/port.ts'

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

/** A condition that held when the regime was set, and does no more. */
export interface Lapse {
  readonly name: 'liability-insurance' | 'maintainer'
  /** ms since 1970. */
  readonly since: number
  readonly text: string
}

const lapses = [
  { role: 'insurer', name: 'liability-insurance', text: 'no insurer is named' },
  { role: 'maintainer', name: 'maintainer', text: 'no maintainer is named' },
] as const

/**
 * Which conditions of on-demand maintenance have lapsed since it began: whoever insured or maintained the elevator does no more.
 * Pure.
 * @param parties of this elevator, at any time
 */
export function lapsesOf(
  { type, validFrom }: Pick<Regime, 'type' | 'validFrom'>,
  parties: readonly DeviceParty[],
  now: number,
): Lapse[] {
  if (type === 'calendar') return []
  return lapses.flatMap(({ role, name, text }) => {
    const known = parties.filter((party) => party.role === role && party.validFrom <= now)
    const ends = known.map(({ validUntil }) => validUntil ?? Infinity)
    if (ends.some((end) => end > now)) return []
    const since = Math.max(validFrom, ...ends)
    return [{ name, since, text: `${text} since ${localDate(since, shanghai)}` }]
  })
}

/** When the first of them lapsed, ms since 1970; null = all hold. */
export function firstOf(lapsed: readonly Lapse[]): number | null {
  return lapsed.length === 0 ? null : Math.min(...lapsed.map(({ since }) => since))
}

function confirmable(name: Confirmation, text: string, confirmed: readonly Confirmation[]): Condition {
  const met = confirmed.includes(name)
  return { name, met, text: met ? `Confirmed: ${text}` : `Nobody has confirmed that ${text}` }
}
