import type { Reading, Values } from '../core/reading.ts'
import { telemetryTopic } from '../core/topic.ts'
import { kinds } from '../devices/index.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { type FleetDevice, fleetReadings } from '../simulators/fleet.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { seededRandom } from '../simulators/random.ts'
import type { LoadClient } from './mqtt-load.ts'

/** What is offered: one device per gateway and connection, 70 % elevators, one reading of 8 metrics per message. */
export const mixText =
  '70 % elevators, 30 % electricity meters; one device per connection, one 8-metric reading per message'
export const metricsPerReading = 8
const shares = { elevator: 0.7, 'electricity-meter': 0.3 }
const secondsBetweenReadings = 10
/** More than the largest window: a packet is sent again only when it has been acknowledged. */
const messagesPerDevice = 128

export function planMix(devices: number, seed = 1): FleetDevice[] {
  return planFleet({ devices, shares, devicesPerGateway: 1, seed, prefix: 'load' })
}

/** What the simulated devices measure, cut or filled up to eight metrics; in the order of time. */
export function* mixReadings(
  devices: readonly FleetDevice[],
  startAt: number,
  readingsPerDevice: number,
): Generator<Reading & { gatewayId: string }> {
  const random = seededRandom(1)
  const endAt = startAt + readingsPerDevice * secondsBetweenReadings * 1000
  const lastKnown = new Map<string, Values>()
  const plan = { kinds, devices, intervalSeconds: secondsBetweenReadings }
  for (const { deviceId, kind, gatewayId, at, values } of fleetReadings(plan, startAt, endAt)) {
    const known = { ...lastKnown.get(deviceId), ...values }
    lastKnown.set(deviceId, known)
    yield { deviceId, kind, gatewayId, at, receivedAt: at, values: eightMetrics(values, known, random) }
  }
}

/** The seven that the simulator names first, and one of the others, so that each comes now and then. */
function eightMetrics(values: Values, known: Values, random: () => number): Values {
  const names = Object.keys(values)
  const first = names.slice(0, metricsPerReading - 1)
  const others = names.length > first.length ? names.slice(first.length) : missingFrom(first, known)
  const other = others[Math.floor(random() * others.length)]
  const chosen = other === undefined ? first : [...first, other]
  return Object.fromEntries(chosen.map((name) => [name, known[name] ?? 0]))
}

function missingFrom(names: readonly string[], known: Values): string[] {
  return Object.keys(known).filter((name) => !names.includes(name))
}

/** The mix as packets to be; `passwords` by gateway where the broker wants one. */
export function loadClients(
  devices: readonly FleetDevice[],
  passwords?: ReadonlyMap<string, string>,
): { clients: LoadClient[]; payloadBytes: number } {
  const payloads = new Map<string, string[]>(devices.map(({ id }) => [id, []]))
  for (const { deviceId, at, values } of mixReadings(devices, Date.now(), messagesPerDevice)) {
    payloads.get(deviceId)?.push(JSON.stringify({ at, values }))
  }
  const clients = devices.map(({ id, gatewayId }): LoadClient => {
    const password = passwords?.get(gatewayId)
    return {
      clientId: gatewayId,
      topic: telemetryTopic(gatewayId, id),
      payloads: payloads.get(id) ?? [],
      ...(password !== undefined && { password }),
    }
  })
  const all = [...payloads.values()].flat()
  return { clients, payloadBytes: Math.round(all.reduce((sum, text) => sum + text.length, 0) / all.length) }
}

export function kindOfDevice({ kind }: FleetDevice): DeviceKind {
  const known = kinds.find(({ id }) => id === kind)
  if (known === undefined) throw new Error(`no kind ${kind}`)
  return known
}
