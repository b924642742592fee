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
  /** Since then nothing that is sent for it is taken; absent or null = it is in service. */
  readonly retiredAt?: number | null
  /** The gateway it was behind until `at`, the last time that it was moved; absent or null = it never was. */
  readonly movedFrom?: { readonly gatewayId: string; readonly at: number } | null
}

/**
 * The gateway that could speak for it when a message was received: what it said stays true, however late it is read, unless the device
 * was moved twice in the meantime. Then it is quarantined.
 */
export function gatewayAt({ gatewayId, movedFrom }: Device, receivedAt: number): string {
  return movedFrom != null && receivedAt < movedFrom.at ? movedFrom.gatewayId : gatewayId
}

/** `after`, with where it was before when it is moved to another gateway. */
export function movedAt<Changed extends Device>(before: Device, after: Changed, at: number): Changed {
  if (before.gatewayId === after.gatewayId) return after
  return { ...after, movedFrom: { gatewayId: before.gatewayId, at } }
}

/** A device is registered at another site; null = nobody knows where. */
export interface Move {
  readonly deviceId: string
  readonly from: string | null
  readonly to: string | null
}

/** What audit and history keep of a device that was added or, with `before`, has come back: by a person or by its gateway. */
export function additionOf<
  Added extends Device & { readonly maintainerId: string | null; readonly insurerId: string | null },
>(
  after: Added,
  { at, actor, before = null }: { readonly at: number; readonly actor: string; readonly before?: Added | null },
) {
  const { id, kind, gatewayId, name, siteId, feederId, facts, maintainerId, insurerId } = after
  const data = { kind, gatewayId, name, siteId, feederId, facts, maintainerId, insurerId }
  const action = before === null ? 'device-added' : 'device-returned'
  return {
    audit: { at, actor, action, subject: id, data },
    history: { at, actor, subjectType: 'device', subjectId: id, before, after },
  }
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
