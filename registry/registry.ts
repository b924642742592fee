import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, hourMs } from '../core/clock.ts'
import { additionOf, type Device, type Gateway, type Move, movedAt } from '../core/device.ts'
import { ExpectedError } from '../core/errors.ts'
import { hashSecret, makeSecret } from '../core/secret.ts'
import type { Contact } from '../core/site.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { DeviceParties, Operations, PartyChange } from '../stores/operations/port.ts'
import { faultsOfContracted } from './contracts.ts'
import { checkFacts, type Facts, mergeFacts } from './facts.ts'
import { WrongFields } from './fields.ts'
import { createImports, type Imports } from './import/import.ts'
import { createMappings, type Mappings } from './mappings.ts'
import { faultOfParty, withoutParties } from './parties.ts'
import { createSites, type Sites } from './sites.ts'

/** While a gateway is moved to its new password, the one before still works. */
export const rotationOverlapMs = 24 * hourMs

export interface NewGateway {
  readonly id: string
  readonly name?: string | null | undefined
  /** The kind as which its unknown devices are registered. */
  readonly autoRegister?: string | null | undefined
  /** Where it stands; null = where all of its devices are. */
  readonly siteId?: string | null | undefined
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
  /** It may be registered later. */
  readonly siteId?: string | null | undefined
  readonly feederId?: string | null | undefined
  readonly contacts?: readonly Contact[] | undefined
  readonly maintainerId?: string | null | undefined
  readonly insurerId?: string | null | undefined
  readonly facts?: Facts | undefined
}

/** What is undefined stays; facts are merged, and null takes one away; contacts are replaced as a whole. */
export type DeviceUpdate = {
  readonly [Field in Exclude<keyof NewDevice, 'id' | 'kind'>]?: NewDevice[Field] | undefined
}

/** A device with the teams that answer for it now. */
export type RegisteredDevice = Device & DeviceParties

/**
 * Who may send, and what is known of what is watched. Each change is one transaction with its audit row; then `onChange` is
 * called. Every method throws `StoreUnavailable` when the database cannot be reached.
 */
export interface Registry extends Sites, Imports, Mappings {
  /** @throws {ExpectedError} `already-exists`; `invalid` for a kind that nobody has built */
  addGateway(gateway: NewGateway, actor: string): Promise<Credentials>
  /**
   * A new password; the one before works for 24 h more, one still older no longer.
   * @throws {ExpectedError} `not-found`; `already-done` when the gateway is revoked
   */
  rotateGateway(id: string, actor: string): Promise<Credentials & { previousValidUntil: number | null }>
  /** For good: its passwords are void now. @throws {ExpectedError} `not-found`; `already-done` */
  revokeGateway(id: string, actor: string): Promise<void>
  /**
   * One that was retired comes back by it: what is not given is as it was.
   * @throws {ExpectedError} `already-exists`; `invalid` for its kind, its gateway, its teams, the site that it was in or (`WrongFacts`)
   * its facts
   */
  addDevice(device: NewDevice, actor: string): Promise<RegisteredDevice>
  /** @throws {ExpectedError} `not-found`; `already-done` when it is retired; `invalid` as for `addDevice` */
  updateDevice(id: string, update: DeviceUpdate, actor: string): Promise<RegisteredDevice>
  /**
   * Takes it out of service: what was kept of it stays, its incidents end, and nothing that is sent for it is taken any more.
   * @throws {ExpectedError} `not-found`; `already-done`; `order-state` while an order for it is open
   */
  retireDevice(id: string, reason: string, actor: string): Promise<void>
}

export function createRegistry(options: {
  operations: Operations
  kinds: readonly DeviceKind[]
  clock: Clock
  /** Whoever keeps a copy takes the change over; the command answers when it has. */
  onChange: (changed: 'gateway' | 'device') => void | Promise<void>
  /** In the transaction of the change: somebody may be on the way there. @param now ms since 1970 */
  onMoved?: (unit: Operations, move: Move, now: number) => Promise<void>
}): Registry {
  const { operations, kinds, clock, onChange, onMoved = async () => {} } = options

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
    async addGateway({ id, name = null, autoRegister = null, siteId = null }, actor) {
      if (autoRegister !== null) kindNamed(autoRegister, 'autoRegister')
      const now = clock()
      return change('gateway', async (unit) => {
        await unit.insertGateway({ id, name, autoRegister, siteId, createdAt: now, revokedAt: null })
        const password = await insertPassword(unit, id, now)
        const data = { name, autoRegister, ...(siteId !== null && { siteId }) }
        await unit.insertAudit({ at: now, actor, action: 'gateway-added', subject: id, data })
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

    async addDevice(given, actor) {
      const { id, gatewayId, maintainerId, insurerId } = given
      const kind = kindNamed(given.kind, 'kind')
      const at = clock()
      return change('device', async (unit) => {
        const before = await retiredDevice(unit, id, kind, at)
        if (given.siteId === undefined) await siteMustStand(unit, before)
        await mayHaveDevices(unit, gatewayId)
        await mayAnswerFor(unit, partyChanges(id, { maintainerId, insurerId }), at)
        const added = deviceOf(given, kind, before ?? freshDevice(kind, at))
        const after = before === null ? added : movedAt(before, added, at)
        if (before === null) await unit.insertDevice(withoutParties(after))
        else await unit.replaceDevice(withoutParties(after))
        await unit.setDeviceParties(partyChanges(id, { maintainerId, insurerId }), at)
        const { audit, history } = additionOf(after, { at, actor, before })
        await unit.insertAudit(audit)
        await unit.insertHistory(history)
        return after
      })
    },

    async updateDevice(id, update, actor) {
      return change('device', async (unit) => {
        // places first, as everywhere: what opens an order for it meanwhile knows its new one
        if (update.siteId !== undefined) await unit.lockPlace(await unit.placeOf(id))
        const device = await lockedDevice(unit, id)
        const at = clock()
        const before = { ...device, ...(await partiesNow(unit, id, at)) }
        const changes = changesOf(before, update, kindNamed(device.kind, 'kind'))
        if (Object.keys(changes).length === 0) return before

        const after = movedAt(before, { ...before, ...changes }, at)
        const { maintainerId, insurerId, ...ofDevice } = changes
        if (changes.gatewayId !== undefined) await mayHaveDevices(unit, changes.gatewayId)
        await mayAnswerFor(unit, partyChanges(id, { maintainerId, insurerId }), at)
        if (Object.keys(ofDevice).length > 0) await unit.saveDevices([withoutParties(after)])
        await unit.setDeviceParties(partyChanges(id, { maintainerId, insurerId }), at)
        const { contacts, ...shown } = changes
        const from = Object.fromEntries(Object.keys(shown).map((key) => [key, before[key as keyof typeof shown]]))
        const data = { from, to: shown, ...(contacts && { contacts: 'changed' }) }
        await unit.insertAudit({ at, actor, action: 'device-changed', subject: id, data })
        await unit.insertHistory({ at, actor, subjectType: 'device', subjectId: id, before, after })
        if (after.siteId !== before.siteId)
          await onMoved(unit, { deviceId: id, from: before.siteId, to: after.siteId }, at)
        return after
      })
    },

    retireDevice: (id, reason, actor) =>
      change('device', async (unit) => {
        // places first, as everywhere: so nothing opens an order for it meanwhile
        await unit.lockPlace(await unit.placeOf(id))
        const before = await lockedDevice(unit, id)
        await mustHaveNoOrder(unit, id)
        const at = clock()
        await unit.updateDevice(id, { retiredAt: at })
        const incidentsEnded = await unit.clearIncidentsOf(id, at)
        await unit.insertAudit({ at, actor, action: 'device-retired', subject: id, data: { reason, incidentsEnded } })
        const after = { ...before, retiredAt: at, reason }
        await unit.insertHistory({ at, actor, subjectType: 'device', subjectId: id, before, after })
      }),

    ...createMappings({ operations, kinds, clock, onChange: () => onChange('gateway') }),
    ...createSites({ operations, clock }),
    ...createImports({ operations, kinds, clock, onChange: () => onChange('device'), onMoved }),
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

/** @throws {ExpectedError} `not-found`; `already-done` when it is retired: added again it comes back */
async function lockedDevice(unit: Operations, id: string): Promise<Device> {
  const device = await unit.lockDevice(id)
  if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
  if (device.retiredAt != null) {
    throw new ExpectedError('already-done', `The device ${id} is retired; add it again to take it back into service`)
  }
  return device
}

/**
 * Null when there is none. Where nothing was ever found on it, it may come back as another kind: the first was an error.
 * @throws {ExpectedError} `already-exists`; `invalid` for another kind
 */
async function retiredDevice(unit: Operations, id: string, kind: DeviceKind, at: number) {
  const device = await unit.lockDevice(id)
  if (device === undefined) return null
  if (device.retiredAt == null) throw new ExpectedError('already-exists', `A device ${id} exists already`)
  const isOther = device.kind !== kind.id
  if (isOther && (await unit.incidents({ deviceId: id, limit: 1 })).items.length > 0) {
    const text = `kind: what was found on ${id} as ${device.kind} is kept, so it stays one; take another id`
    throw new ExpectedError('invalid', text)
  }
  return { ...device, ...(await partiesNow(unit, id, at)) }
}

/** It may be removed while nothing in service is in it. @throws {ExpectedError} `invalid` */
async function siteMustStand(unit: Operations, device: Device | null): Promise<void> {
  if (device === null || device.siteId === null || (await unit.site(device.siteId)) !== undefined) return
  const was = `siteId: ${device.id} was in ${device.siteId}, and there is no such site any more`
  const text = `${was}: say where it is (null = that is not known), or add the site again`
  throw new ExpectedError('invalid', text)
}

const namedAtMost = 10

/** Somebody may be on the way by it, or shut in. @throws {ExpectedError} `order-state` */
async function mustHaveNoOrder(unit: Operations, deviceId: string): Promise<void> {
  const { items, nextCursor } = await unit.orders({ deviceId, state: 'open', limit: namedAtMost })
  if (items.length === 0) return
  const named = items.map(({ id, type, finding }) => `${id} (${type}, ${finding})`).join(', ')
  const more = nextCursor === null ? '' : ' and more'
  throw new ExpectedError('order-state', `Close or cancel the open orders of ${deviceId} first: ${named}${more}`)
}

function freshDevice({ id: kind }: DeviceKind, createdAt: number) {
  const nobody: DeviceParties = { maintainerId: null, insurerId: null }
  return { kind, name: null, siteId: null, feederId: null, contacts: [], facts: {}, ...nobody, createdAt }
}

/** What is given and, where nothing is, what is there. @throws {WrongFacts} */
function deviceOf(given: NewDevice, kind: DeviceKind, base: Omit<RegisteredDevice, 'id' | 'gatewayId'>) {
  const { id, gatewayId, name = base.name, siteId = base.siteId, feederId = base.feederId } = given
  const { contacts = base.contacts, maintainerId = base.maintainerId, insurerId = base.insurerId } = given
  const known = base.kind === kind.id ? base.facts : {}
  const facts = checkFacts(kind, mergeFacts(known, given.facts ?? {}))
  const plain = { id, kind: kind.id, gatewayId, name, siteId, feederId, contacts, facts }
  return {
    ...plain,
    maintainerId,
    insurerId,
    createdAt: base.createdAt,
    retiredAt: null,
    movedFrom: base.movedFrom ?? null,
  }
}

async function mayHaveDevices(unit: Operations, gatewayId: string): Promise<void> {
  const gateway = await unit.lockGateway(gatewayId)
  if (gateway === undefined) throw new ExpectedError('invalid', `gatewayId: there is no gateway ${gatewayId}`)
  if (gateway.revokedAt !== null) throw new ExpectedError('invalid', `gatewayId: the gateway ${gatewayId} is revoked`)
}

type GivenParties = { readonly [Field in keyof DeviceParties]: string | null | undefined }

function partyChanges(deviceId: string, { maintainerId, insurerId }: GivenParties): PartyChange[] {
  return [
    ...(maintainerId === undefined ? [] : [{ deviceId, role: 'maintainer' as const, teamId: maintainerId }]),
    ...(insurerId === undefined ? [] : [{ deviceId, role: 'insurer' as const, teamId: insurerId }]),
  ]
}

/** @throws {WrongFields} */
async function mayAnswerFor(unit: Operations, changes: readonly PartyChange[], at: number): Promise<void> {
  const contracted = await faultsOfContracted(unit, changes, at)
  const types = await unit.teamTypes(changes.flatMap(({ teamId }) => teamId ?? []))
  const faults = changes.flatMap(({ deviceId, role, teamId }) => {
    const ofTeam = teamId === null ? undefined : faultOfParty(role, teamId, types)
    const byContract = contracted.get(`${deviceId} ${role}`)
    return [
      ...(ofTeam === undefined ? [] : [{ path: `${role}Id`, message: ofTeam }]),
      ...(byContract ? [byContract] : []),
    ]
  })
  if (faults.length > 0) throw new WrongFields(faults)
}

async function partiesNow(unit: Operations, id: string, at: number): Promise<DeviceParties> {
  return (await unit.partiesOf([id], at)).get(id) ?? { maintainerId: null, insurerId: null }
}

const plainFields = ['name', 'siteId', 'feederId', 'gatewayId', 'maintainerId', 'insurerId', 'contacts'] as const

/** What is given and differs, so that saving a form unchanged leaves no trace. */
function changesOf(device: RegisteredDevice, update: DeviceUpdate, kind: DeviceKind): Partial<RegisteredDevice> {
  const facts = update.facts && checkFacts(kind, mergeFacts(device.facts, update.facts))
  const changed = plainFields.filter(
    (field) => update[field] !== undefined && !isDeepStrictEqual(update[field], device[field]),
  )
  return {
    ...Object.fromEntries(changed.map((field) => [field, update[field]])),
    ...(facts && !isDeepStrictEqual(facts, device.facts) && { facts }),
  }
}
