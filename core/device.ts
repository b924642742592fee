import type { Contact } from './site.ts'

/** A device as the data path knows it. */
export interface Device {
  readonly id: string
  readonly kind: string
  readonly gatewayId: string
  readonly name: string | null
  readonly siteId: string | null
  /** The supply line it hangs on: what fails with it, fails together. */
  readonly feederId: string | null
  readonly contacts: readonly Contact[]
  /** What is known of this very device; its kind's facts schema has checked it. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly createdAt: number
}

export interface Gateway {
  readonly id: string
  readonly name: string | null
  /** Unknown devices of this gateway are registered as this kind; null = they are quarantined. */
  readonly autoRegister: string | null
  /** Where it stands, for who may see it; absent or null = where all of its devices are. */
  readonly siteId?: string | null
  readonly createdAt: number
  /** Since then its credentials are void; null = it may connect. */
  readonly revokedAt: number | null
}

/** Why something a gateway sent was not taken, in plain words, for the person who installs it. */
export interface Refusal {
  readonly at: number
  readonly reason: string
  readonly text: string
}
