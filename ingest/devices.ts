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

  async function load(): Promise<void> {
    const found = new Map<string, Device>()
    let after: string | undefined
    do {
      const page = await operations.devices({ limit: pageSize, ...(after !== undefined && { after }) })
      for (const device of page.items) found.set(device.id, device)
      after = page.nextCursor ?? undefined
    } while (after !== undefined)
    devices.clear()
    for (const [id, device] of found) devices.set(id, device)
    unknown.clear()
  }

  async function registerFor(gatewayId: string, deviceIds: readonly string[]): Promise<void> {
    const gateway = await operations.gateway(gatewayId)
    const kind = gateway?.autoRegister
    if (kind == null || !kindIds.has(kind)) return
    const room = maxAutoRegistered - (await operations.countDevices(gatewayId))
    if (room < deviceIds.length)
      log.warn({ gateway: gatewayId, max: maxAutoRegistered }, 'too many devices of one gateway')

    const createdAt = clock()
    const made = deviceIds
      .slice(0, Math.max(0, room))
      .map((id): Device => ({ id, kind, gatewayId, name: null, siteId: null, facts: {}, createdAt }))
    await operations.insertDevicesIfAbsent(made)
  }

  await load()
  return {
    get: (deviceId) => devices.get(deviceId),
    all: () => devices.values(),
    reload: load,

    async resolve(messages) {
      const missing = new Map<string, string>()
      for (const { gatewayId, deviceId } of messages) {
        if (!devices.has(deviceId) && !unknown.has(`${gatewayId}/${deviceId}`)) missing.set(deviceId, gatewayId)
      }
      if (missing.size === 0) return

      const ids = [...missing.keys()]
      const known = new Set((await operations.devicesByIds(ids)).map((device) => device.id))
      const byGateway = new Map<string, string[]>()
      for (const [deviceId, gatewayId] of missing) {
        if (!known.has(deviceId)) byGateway.set(gatewayId, [...(byGateway.get(gatewayId) ?? []), deviceId])
      }
      for (const [gatewayId, deviceIds] of byGateway) await registerFor(gatewayId, deviceIds)

      for (const device of await operations.devicesByIds(ids)) devices.set(device.id, device)
      if (unknown.size > maxUnknown) unknown.clear()
      for (const [deviceId, gatewayId] of missing) if (!devices.has(deviceId)) unknown.add(`${gatewayId}/${deviceId}`)
    },
  }
}
