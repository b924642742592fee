import { createAnalyticsHost } from '../analytics/host.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import { kinds } from '../devices/index.ts'
import { machineText, mean, medianAndRange } from './figures.ts'
import { mixReadings, mixText, planMix } from './mix.ts'

export interface DetectorsOptions {
  readonly rounds: number
  readonly devices: number
  readonly readings: number
}

/**
 * P7, in this process: what analytics does with a reading from decoded to done (every detector of its kind, episodes, skew), and
 * what it remembers of a device, as the snapshot writes it.
 */
export async function benchDetectors({ rounds, devices: count, readings }: DetectorsOptions): Promise<void> {
  const devices = planMix(count)
  console.log(`detectors: ${rounds} rounds, ${count} devices, ${readings} readings each 10 s apart; ${machineText()}`)
  console.log(`mix: ${mixText}`)
  const all = [...mixReadings(devices, Date.UTC(2026, 5, 1), readings)]
  const deviceOf = new Map(devices.map(({ id, kind, gatewayId }) => [id, deviceFrom(id, kind, gatewayId)]))

  const microseconds: number[] = []
  let host = createAnalyticsHost({ kinds, log: silentLog })
  for (let round = 0; round <= rounds; round++) {
    host = createAnalyticsHost({ kinds, log: silentLog })
    const startedAt = process.cpuUsage()
    let opened = 0
    for (let position = 0; position < all.length; position++) {
      const reading = all[position] as Reading
      const events = host.message(deviceOf.get(reading.deviceId) as Device, [reading], {
        position,
        receivedAt: reading.receivedAt,
      })
      opened += events.length
    }
    const { user, system } = process.cpuUsage(startedAt)
    if (round === 0) continue // the compiler's round
    microseconds.push((user + system) / all.length)
    console.log(
      `round ${round}  ${((user + system) / all.length).toFixed(2)} µs CPU per reading, episode events ${opened}`,
    )
  }

  console.log(
    `P7 cost per reading: ${medianAndRange(microseconds, (value) => `${value.toFixed(2)} µs`)}   (floor 6 µs, goal 2 µs)`,
  )
  const bytes = stateBytes(host.takeChanges())
  for (const kind of kinds) {
    const ofKind = devices.filter((device) => device.kind === kind.id).map(({ id }) => bytes.get(id) ?? 0)
    const text = `mean ${mean(ofKind).toFixed(0)} B, at most ${Math.max(...ofKind)} B`
    console.log(`P7 state per ${kind.id}: ${text}, ${kind.detectors.length} detectors   (floor 4,096 B, goal 1,024 B)`)
  }
}

function deviceFrom(id: string, kind: string, gatewayId: string): Device {
  return { id, kind, gatewayId, name: null, siteId: null, feederId: null, contacts: [], facts: {}, createdAt: 0 }
}

/** Of the detectors alone, as JSON: what the last reading and the episodes add is the same for any rule. */
function stateBytes(changes: ReadonlyMap<string, string>): Map<string, number> {
  const bytes = new Map<string, number>()
  for (const [key, text] of changes) {
    if (!key.startsWith('device/')) continue
    const { states } = JSON.parse(text) as { states: object }
    bytes.set(key.slice('device/'.length), JSON.stringify(states).length)
  }
  return bytes
}
