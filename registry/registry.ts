import { randomUUID } from 'node:crypto'
import { type Clock, hourMs } from '../core/clock.ts'
import type { Device, Gateway } from '../core/device.ts'
import { ExpectedError } from '../core/errors.ts'
import { hashSecret, makeSecret } from '../core/secret.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'
import { checkFacts, type Facts, mergeFacts } from './facts.ts'

/** While a gateway is moved to its new password, the one before still works. */
export const rotationOverlapMs = 24 * hourMs

export interface NewGateway {
  readonly id: string
  readonly name?: string | null | undefined
  /** The kind as which its unknown devices are registered. */
  readonly autoRegister?: string | null | undefined
}

/** What a gateway connects with. The password is kept as a salted hash: it is shown now and never again. */
export interface Credentials {
  readonly id: string
  readonly username: string
  readonly password: string
}

export interface NewDevice {
  readonly id: string
  readonly kind: string
  readonly gatewayId: string
  readonly name?: string | null | undefined
  readonly siteId?: string | null | undefined
  readonly facts?: Facts | undefined
}

/** What is undefined stays; facts are merged, and null takes one away. */
export interface DeviceUpdate {
  readonly name?: string | null | undefined
  readonly siteId?: string | null | undefined
  readonly facts?: Facts | undefined
  readonly gatewayId?: string | undefined
}

/**
 * Who may send, and what is known of what is watched. Each change is one transaction with its audit row; then `onChange` is
 * called. Every method throws `StoreUnavailable` when the database cannot be reached.
 */
export interface Registry {
  /** @throws {ExpectedError} `already-exists`; `invalid` for a kind that nobody has built */
  addGateway(gateway: NewGateway, actor: string): Promise<Credentials>
  /**
   * A new password; the one before works for 24 h more, one still older no longer.
   * @throws {ExpectedError} `not-found`; `already-done` when the gateway is revoked
   */
  rotateGateway(id: string, actor: string): Promise<Credentials & { previousValidUntil: number | null }>
  /** For good: its passwords are void now. @throws {ExpectedError} `not-found`; `already-done` */
  revokeGateway(id: string, actor: string): Promise<void>
  /** @throws {ExpectedError} `already-exists`; `invalid` for its kind, its gateway or (`WrongFacts`) its facts */
  addDevice(device: NewDevice, actor: string): Promise<Device>
  /** @throws {ExpectedError} `not-found`; `invalid` as for `addDevice` */
  updateDevice(id: string, update: DeviceUpdate, actor: string): Promise<Device>
}

export function createRegistry(options: {
  operations: Operations
  kinds: readonly DeviceKind[]
  clock: Clock
  /** Whoever keeps a copy takes the change over; the command answers when it has. */
  onChange: (changed: 'gateway' | 'device') => void | Promise<void>
}): Registry {
  const { operations, kinds, clock, onChange } = options

  function kindNamed(id: string, field: string): DeviceKind {
    const kind = kinds.find((candidate) => candidate.id === id)
    if (kind !== undefined) return kind
    const known = kinds.map((candidate) => candidate.id).join(', ')
    throw new ExpectedError('invalid', `${field}: there is no kind "${id}"; there are ${known}`)
  }

  async function change<T>(what: 'gateway' | 'device', work: (unit: Operations) => Promise<T>): Promise<T> {
    const result = await operations.transaction(work)
    await onChange(what)
    return result
  }

  return {
    async addGateway({ id, name = null, autoRegister = null }, actor) {
      if (autoRegister !== null) kindNamed(autoRegister, 'autoRegister')
      const now = clock()
      return change('gateway', async (unit) => {
        await unit.insertGateway({ id, name, autoRegister, createdAt: now, revokedAt: null })
        const password = await insertPassword(unit, id, now)
        await unit.insertAudit({ at: now, actor, action: 'gateway-added', subject: id, data: { name, autoRegister } })
        return { id, username: id, password }
      })
    },

    rotateGateway: (id, actor) =>
      change('gateway', async (unit) => {
        const now = clock()
        await lockedGateway(unit, id)
        const [current] = await unit.credentialsOf(id, now)
        const previousValidUntil = current === undefined ? null : now + rotationOverlapMs
        await unit.expireCredentials(id, current?.id ?? null, now)
        await unit.expireCredentials(id, null, now + rotationOverlapMs)
        const password = await insertPassword(unit, id, now)
        await unit.insertAudit({ at: now, actor, action: 'gateway-rotated', subject: id, data: { previousValidUntil } })
        return { id, username: id, password, previousValidUntil }
      }),

    revokeGateway: (id, actor) =>
      change('gateway', async (unit) => {
        const now = clock()
        await lockedGateway(unit, id)
        await unit.updateGateway(id, { revokedAt: now })
        await unit.expireCredentials(id, null, now)
        await unit.insertAudit({ at: now, actor, action: 'gateway-revoked', subject: id, data: {} })
      }),

    async addDevice({ id, kind, gatewayId, name = null, siteId = null, facts = {} }, actor) {
      const checked = checkFacts(kindNamed(kind, 'kind'), mergeFacts({}, facts))
      const device: Device = {
        ...{ id, kind, gatewayId, name, siteId, feederId: null, contacts: [] },
        facts: checked,
        createdAt: clock(),
      }
      return change('device', async (unit) => {
        await mayHaveDevices(unit, gatewayId)
        await unit.insertDevice(device)
        const { createdAt: at, id: subject, ...data } = device
        await unit.insertAudit({ at, actor, action: 'device-added', subject, data })
        return device
      })
    },

    async updateDevice(id, update, actor) {
      return change('device', async (unit) => {
        const device = await unit.lockDevice(id)
        if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
        const changes = changesOf(device, update, kindNamed(device.kind, 'kind'))
        if (Object.keys(changes).length === 0) return device

        if (changes.gatewayId !== undefined) await mayHaveDevices(unit, changes.gatewayId)
        await unit.updateDevice(id, changes)
        const from = Object.fromEntries(Object.keys(changes).map((key) => [key, device[key as keyof Device]]))
        const data = { from, to: changes }
        await unit.insertAudit({ at: clock(), actor, action: 'device-changed', subject: id, data })
        return { ...device, ...changes }
      })
    },
  }
}

async function insertPassword(unit: Operations, gatewayId: string, createdAt: number): Promise<string> {
  const password = makeSecret()
  await unit.insertCredential({ id: randomUUID(), gatewayId, ...hashSecret(password), createdAt, expiresAt: null })
  return password
}

/** @throws {ExpectedError} `not-found`; `already-done` when it is revoked, which is for good */
async function lockedGateway(unit: Operations, id: string): Promise<Gateway> {
  const gateway = await unit.lockGateway(id)
  if (gateway === undefined) throw new ExpectedError('not-found', `There is no gateway ${id}`)
  if (gateway.revokedAt !== null) throw new ExpectedError('already-done', `The gateway ${id} is revoked already`)
  return gateway
}

async function mayHaveDevices(unit: Operations, gatewayId: string): Promise<void> {
  const gateway = await unit.lockGateway(gatewayId)
  if (gateway === undefined) throw new ExpectedError('invalid', `gatewayId: there is no gateway ${gatewayId}`)
  if (gateway.revokedAt !== null) throw new ExpectedError('invalid', `gatewayId: the gateway ${gatewayId} is revoked`)
}

/** What is given and differs, so that saving a form unchanged leaves no trace. */
function changesOf(device: Device, update: DeviceUpdate, kind: DeviceKind) {
  const { name, siteId, gatewayId } = update
  const facts = update.facts && checkFacts(kind, mergeFacts(device.facts, update.facts))
  return {
    ...(name !== undefined && name !== device.name && { name }),
    ...(siteId !== undefined && siteId !== device.siteId && { siteId }),
    ...(gatewayId !== undefined && gatewayId !== device.gatewayId && { gatewayId }),
    ...(facts && !sameFacts(facts, device.facts) && { facts }),
  }
}

function sameFacts(one: Facts, other: Facts): boolean {
  const sorted = (facts: Facts) => JSON.stringify(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)))
  return sorted(one) === sorted(other)
}
