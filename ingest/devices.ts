import type { Clock } from '../core/clock.ts'
import { additionOf, type Device } from '../core/device.ts'
import type { Log } from '../core/log.ts'
import type { Operations } from '../stores/operations/port.ts'

export interface DeviceDirectory {
  /** Also one that is retired, which nobody registers by sending for it. */
  get(deviceId: string): Device | undefined
  /**
   * Looks up the devices of these messages that are not known yet, so that `get` knows them afterwards. One that nobody knows is
   * registered where its gateway says so and `isUsableAs` says that something of a message could be used then: junk makes no device.
   * The messages stand as the journal has them: of two gateways that claim a device, the first has it.
   * @throws {StoreUnavailable}
   */
  resolve<Message extends Named>(
    messages: Iterable<Message>,
    isUsableAs: (message: Message, candidate: Device) => boolean,
  ): Promise<FindCandidate>
  /** Something changed in the registry: forget what was not found, take over what changed. @throws {StoreUnavailable} */
  reload(): Promise<void>
  all(): IterableIterator<Device>
}

/** Who said something, and of what. */
export interface Named {
  readonly gatewayId: string
  readonly deviceId: string
}

/** As what its gateway would have registered it; undefined for a device that is known, or that nobody would register. */
export type FindCandidate = (named: Named) => Device | undefined

/** A gateway that registers its devices by itself may register so many; beyond, they are quarantined. */
export const maxAutoRegistered = 10_000
const pageSize = 5_000
/** One SQL statement takes 65,535 parameters; a batch may name more unknown devices than that. */
const idsAtOnce = 1_000
/** Unknown ids are remembered, so that a flood of them does not become a flood of queries; so many at most. */
const maxUnknown = 100_000

export async function openDeviceDirectory(options: {
  operations: Operations
  /** The kinds that exist: a gateway may still name one that an older version knew. */
  kindIds: ReadonlySet<string>
  clock: Clock
  log: Log
}): Promise<DeviceDirectory> {
  const { operations, kindIds, clock, log } = options
  const devices = new Map<string, Device>()
  const unknown = new Set<string>()
  /** How the gateways that named unknown devices register theirs; asked again with each new id, and absent = not at all. */
  const registering = new Map<string, Pick<Device, 'kind' | 'siteId'>>()

  /** What is known stays known meanwhile: devices are changed, added and retired, never removed. */
  async function load(): Promise<void> {
    let after: string | undefined
    do {
      const page = await operations.devices({ limit: pageSize, retired: 'too', ...(after !== undefined && { after }) })
      for (const device of page.items) devices.set(device.id, device)
      after = page.nextCursor ?? undefined
    } while (after !== undefined)
  }

  let loading = Promise.resolve()
  let nextLoad: Promise<void> | undefined
  /** One at a time, so that an older answer never replaces a newer; calls that come while one waits share it. */
  function reload(): Promise<void> {
    // at once, and even if the load fails: what is asked for again is found without it
    unknown.clear()
    nextLoad ??= loading
      .catch(() => undefined)
      .then(() => {
        nextLoad = undefined
        loading = load()
        return loading
      })
    return nextLoad
  }

  async function lookUp(ids: readonly string[]): Promise<void> {
    for (const some of inParts(ids)) {
      for (const device of await operations.devicesByIds(some)) devices.set(device.id, device)
    }
  }

  async function askHowRegisters(gatewayId: string): Promise<void> {
    const gateway = await operations.gateway(gatewayId)
    if (gateway?.autoRegister == null || !kindIds.has(gateway.autoRegister)) registering.delete(gatewayId)
    else registering.set(gatewayId, { kind: gateway.autoRegister, siteId: gateway.siteId ?? null })
  }

  function candidateOf(named: Named): Device | undefined {
    const as = registering.get(named.gatewayId)
    return as && deviceAs(as, named, clock())
  }

  /** In their gateway's name, as if somebody had added each; those that are there by now are left alone. */
  async function register(devices: readonly Device[]): Promise<void> {
    await operations.transaction(async (unit) => {
      const added = new Set(await unit.insertDevicesIfAbsent(devices))
      const additions = devices
        .filter(({ id }) => added.has(id))
        .map((device) => ({ ...device, maintainerId: null, insurerId: null }))
        .map((device) => additionOf(device, { at: device.createdAt, actor: device.gatewayId }))
      await unit.insertAudit(...additions.map(({ audit }) => audit))
      await unit.insertHistory(...additions.map(({ history }) => history))
    })
  }

  async function registerOfEach(claimed: readonly Device[]): Promise<void> {
    for (const gatewayId of new Set(claimed.map((device) => device.gatewayId))) {
      const own = claimed.filter((device) => device.gatewayId === gatewayId)
      const room = Math.max(0, maxAutoRegistered - (await operations.countDevices(gatewayId)))
      if (room < own.length) {
        log.warn({ gateway: gatewayId, max: maxAutoRegistered }, 'too many devices of one gateway')
        registering.delete(gatewayId)
      }
      for (const some of inParts(own.slice(0, room))) await register(some)
    }
    await lookUp(claimed.map(({ id }) => id)) // another may have been quicker
  }

  /** Of a full batch mostly none: no list is made of the others. */
  function* unknownOf<Message extends Named>(messages: Iterable<Message>): Generator<Message> {
    for (const message of messages) if (!devices.has(message.deviceId)) yield message
  }

  await load()
  return {
    get: (deviceId) => devices.get(deviceId),
    all: () => devices.values(),
    reload,

    async resolve(messages, isUsableAs) {
      const strange = [...unknownOf(messages)]
      if (strange.length === 0) return nobody

      const missing = strange.filter((named) => !unknown.has(keyOf(named)))
      await lookUp([...new Set(missing.map(({ deviceId }) => deviceId))])
      const asking = missing.filter(({ deviceId }) => !devices.has(deviceId))
      for (const gatewayId of new Set(asking.map((named) => named.gatewayId))) await askHowRegisters(gatewayId)

      // where two gateways claim one device, the one that the journal names first has it
      const claimed = new Map<string, Device>()
      const useless = new Map<string, Device>()
      for (const message of strange) {
        if (devices.has(message.deviceId) || claimed.has(message.deviceId)) continue
        const candidate = candidateOf(message)
        if (candidate === undefined) continue
        if (isUsableAs(message, candidate)) claimed.set(candidate.id, candidate)
        else useless.set(keyOf(message), candidate)
      }
      for (const device of claimed.values()) useless.delete(keyOf({ ...device, deviceId: device.id }))
      await registerOfEach([...claimed.values()])

      if (unknown.size > maxUnknown) unknown.clear()
      for (const named of asking) if (!devices.has(named.deviceId)) unknown.add(keyOf(named))
      return (named) => useless.get(keyOf(named))
    },
  }
}

/** A device that its gateway registers, before anybody has said more of it. */
export function deviceAs(
  { kind, siteId }: Pick<Device, 'kind' | 'siteId'>,
  { gatewayId, deviceId: id }: Named,
  createdAt: number,
): Device {
  return {
    id,
    kind,
    gatewayId,
    name: null,
    siteId,
    feederId: null,
    contacts: [],
    facts: {},
    createdAt,
    retiredAt: null,
    movedFrom: null,
  }
}

const nobody: FindCandidate = () => undefined

const keyOf = ({ gatewayId, deviceId }: Named) => `${gatewayId}/${deviceId}`

function* inParts<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += idsAtOnce) yield list.slice(from, from + idsAtOnce)
}
