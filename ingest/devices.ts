import type { Clock } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import type { Log } from '../core/log.ts'
import type { Operations } from '../stores/operations/port.ts'

export interface DeviceDirectory {
  get(deviceId: string): Device | undefined
  /**
   * Looks up (or registers, where their gateway says so) the devices of these messages that are not known yet, so that
   * `get` knows them afterwards. @throws {StoreUnavailable}
   */
  resolve(messages: readonly { readonly gatewayId: string; readonly deviceId: string }[]): Promise<void>
  /** Something changed in the registry: forget what was not found, take over what changed. @throws {StoreUnavailable} */
  reload(): Promise<void>
  all(): IterableIterator<Device>
}

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

  /** What is known stays known meanwhile: devices are changed and added, never removed. */
  async function load(): Promise<void> {
    let after: string | undefined
    do {
      const page = await operations.devices({ limit: pageSize, ...(after !== undefined && { after }) })
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

  async function registerFor(gatewayId: string, deviceIds: readonly string[]): Promise<void> {
    if (deviceIds.length === 0) return
    const gateway = await operations.gateway(gatewayId)
    if (gateway?.autoRegister == null || !kindIds.has(gateway.autoRegister)) return
    const { autoRegister: kind, siteId = null } = gateway
    const room = maxAutoRegistered - (await operations.countDevices(gatewayId))
    if (room < deviceIds.length)
      log.warn({ gateway: gatewayId, max: maxAutoRegistered }, 'too many devices of one gateway')

    const createdAt = clock()
    const made = deviceIds.slice(0, Math.max(0, room)).map(
      (id): Device => ({
        id,
        kind,
        gatewayId,
        name: null,
        siteId,
        feederId: null,
        contacts: [],
        facts: {},
        createdAt,
      }),
    )
    for (const some of inParts(made)) await operations.insertDevicesIfAbsent(some)
  }

  await load()
  return {
    get: (deviceId) => devices.get(deviceId),
    all: () => devices.values(),
    reload,

    async resolve(messages) {
      const missing = new Map<string, { gatewayId: string; deviceId: string }>()
      for (const { gatewayId, deviceId } of messages) {
        if (devices.has(deviceId)) continue
        const key = `${gatewayId}/${deviceId}`
        if (!unknown.has(key)) missing.set(key, { gatewayId, deviceId })
      }
      if (missing.size === 0) return

      await lookUp([...new Set([...missing.values()].map(({ deviceId }) => deviceId))])
      const byGateway = new Map<string, string[]>()
      for (const { gatewayId, deviceId } of missing.values()) {
        if (devices.has(deviceId)) continue
        const deviceIds = byGateway.get(gatewayId)
        if (deviceIds === undefined) byGateway.set(gatewayId, [deviceId])
        else deviceIds.push(deviceId)
      }
      for (const [gatewayId, deviceIds] of byGateway) {
        // where two gateways claim one device, the one that the journal names first has it
        const unclaimed = deviceIds.filter((id) => !devices.has(id))
        await registerFor(gatewayId, unclaimed)
        await lookUp(unclaimed)
      }

      if (unknown.size > maxUnknown) unknown.clear()
      for (const [key, { deviceId }] of missing) if (!devices.has(deviceId)) unknown.add(key)
    },
  }
}

function* inParts<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += idsAtOnce) yield list.slice(from, from + idsAtOnce)
}
