/** A policy is an insurer's, a contract of maintenance a maintainer's. */
export const contractTypes = ['policy', 'maintenance'] as const
export type ContractType = (typeof contractTypes)[number]

/** What a contract makes its team for the devices that it covers. */
export const roleOfContract = { policy: 'insurer', maintenance: 'maintainer' } as const satisfies Record<
  ContractType,
  string
>

/** Money is whole fen (0.01 CNY): no sum is ever rounded. */
export interface Contract {
  readonly id: string
  readonly type: ContractType
  /** The insurer, or the maintainer. */
  readonly teamId: string
  /** As it stands on paper; each team has each number once. */
  readonly number: string
  /** Who took it out: owner, property company, street. */
  readonly holder: string | null
  /** What it covers, in its own words. */
  readonly cover: string | null
  /** At most so much is paid. */
  readonly sumInsuredFen: number | null
  /** For its whole period: premium of a policy, price of maintenance. */
  readonly premiumFen: number | null
  readonly deductibleFen: number | null
  /** Inclusive, ms since 1970. */
  readonly validFrom: number
  /** Exclusive; null = until somebody ends it. */
  readonly validUntil: number | null
  readonly createdAt: number
}

/** An elevator, or the meter of a room, that a contract covers, and when. */
export interface Covered {
  readonly deviceId: string
  readonly validFrom: number
  readonly validUntil: number | null
}

/** A period of a party of one device, in one role. */
export interface PartyPeriod {
  readonly teamId: string
  readonly validFrom: number
  readonly validUntil: number | null
  /** Null = said by itself, without a contract. */
  readonly contractId: string | null
}

/**
 * Who answered for a device in one role, as its contracts say it: a contract counts for its whole period, also when it is written
 * down later. What was said without a contract fills the time before; it ends where a contract begins, for good. What lies ahead is
 * not in it: `settle` comes again when it is due. Pure.
 *
 * @param said without a contract
 * @param covered by contracts; no two of them overlap
 * @returns oldest first; the last one is open while it holds at `now`
 */
export function partiesFrom(
  said: readonly PartyPeriod[],
  covered: readonly (PartyPeriod & { readonly contractId: string })[],
  now: number,
): PartyPeriod[] {
  const begun = covered
    .filter(({ validFrom }) => validFrom <= now)
    .map((one) => ({ ...one, validUntil: past(one, now) }))
  const left = said.flatMap((one) => withoutCovered(one, begun))
  return [...left, ...begun].toSorted((one, other) => one.validFrom - other.validFrom)
}

/** An end that lies ahead is none yet. */
function past({ validUntil }: PartyPeriod, now: number): number | null {
  return validUntil !== null && validUntil <= now ? validUntil : null
}

function withoutCovered(said: PartyPeriod, begun: readonly PartyPeriod[]): PartyPeriod[] {
  const holding = begun.find((one) => one.validFrom <= said.validFrom && endOf(one) > said.validFrom)
  const validFrom = holding === undefined ? said.validFrom : endOf(holding)
  const next = begun.filter((one) => one.validFrom >= validFrom).map((one) => one.validFrom)
  const end = Math.min(endOf(said), ...next)
  return end > validFrom ? [{ ...said, validFrom, validUntil: end === Infinity ? null : end }] : []
}

export function endOf({ validUntil }: { readonly validUntil: number | null }): number {
  return validUntil ?? Infinity
}

/** Whether they have a moment in common. */
export function overlap(
  one: Pick<Covered, 'validFrom' | 'validUntil'>,
  other: Pick<Covered, 'validFrom' | 'validUntil'>,
): boolean {
  return one.validFrom < endOf(other) && other.validFrom < endOf(one)
}
