import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { byGateway } from '../analytics/by-gateway.ts'
import { type AnalyticsHost, createAnalyticsHost } from '../analytics/host.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import { dataThreadNurseryMegabytes } from '../data-thread.ts'
import { kinds } from '../devices/index.ts'
import { machineText, mean, medianAndRange } from './figures.ts'
import { mixReadings, mixText, planMix } from './mix.ts'

export interface DetectorsOptions {
  readonly rounds: number
  readonly devices: number
  readonly readings: number
}

/** About what one read of the journal brings when more comes in than is worked off: 2 MiB of these messages. */
const messagesUnderLoad = 8_000

interface Message {
  readonly type: 'message'
  readonly position: number
  readonly receivedAt: number
  readonly device: Device
  readonly readings: readonly Reading[]
}

/** In a thread with the heap of the service's data thread. */
export async function benchDetectors(options: DetectorsOptions): Promise<void> {
  setFlagsFromString(`--max-semi-space-size=${dataThreadNurseryMegabytes}`)
  await once(new Worker(new URL(import.meta.url), { workerData: options }), 'exit')
}

if (!isMainThread) measure(workerData as DetectorsOptions)

/**
 * P7: what analytics does with a reading from decoded to done (every detector of its kind, episodes, skew), and
 * what it remembers of a device, as the snapshot writes it. Taken as it is under full load, in large batches, and as it is
 * with little to do, when each reading is taken as it comes and finds its device's memory cold.
 */
function measure({ rounds, devices: count, readings }: DetectorsOptions): void {
  const devices = planMix(count)
  console.log(`detectors: ${rounds} rounds, ${count} devices, ${readings} readings each 10 s apart; ${machineText()}`)
  console.log(`mix: ${mixText}`)
  const deviceOf = new Map(devices.map(({ id, kind, gatewayId }) => [id, deviceFrom(id, kind, gatewayId)]))
  const all = [...mixReadings(devices, Date.UTC(2026, 5, 1), readings)].map(
    (reading, position): Message => ({
      type: 'message',
      position,
      receivedAt: reading.receivedAt,
      device: deviceOf.get(reading.deviceId) as Device,
      readings: [reading],
    }),
  )

  const loaded: number[] = []
  const alone: number[] = []
  let host = createAnalyticsHost({ kinds, log: silentLog })
  for (let round = 0; round <= rounds; round++) {
    const inBatches = microsecondsFor(createAnalyticsHost({ kinds, log: silentLog }), all, messagesUnderLoad)
    host = createAnalyticsHost({ kinds, log: silentLog })
    const oneByOne = microsecondsFor(host, all, 1)
    if (round === 0) continue // the compiler's round
    loaded.push(inBatches)
    alone.push(oneByOne)
    console.log(
      `round ${round}  µs CPU per reading: in batches ${inBatches.toFixed(2)}, one by one ${oneByOne.toFixed(2)}`,
    )
  }

  const text = (values: readonly number[]) => medianAndRange(values, (value) => `${value.toFixed(2)} µs`)
  const batches = `in batches of ${messagesUnderLoad.toLocaleString('en')} messages`
  console.log(`P7 cost per reading, ${batches}: ${text(loaded)}   (floor 6 µs, goal 2 µs)`)
  console.log(`P7 cost per reading, one by one: ${text(alone)}`)
  const bytes = stateBytes(host.takeChanges())
  for (const kind of kinds) {
    const ofKind = devices.filter((device) => device.kind === kind.id).map(({ id }) => bytes.get(id) ?? 0)
    const text = `mean ${mean(ofKind).toFixed(0)} B, at most ${Math.max(...ofKind)} B`
    console.log(`P7 state per ${kind.id}: ${text}, ${kind.detectors.length} detectors   (floor 4,096 B, goal 1,024 B)`)
  }
}

function microsecondsFor(host: AnalyticsHost, messages: readonly Message[], batchSize: number): number {
  const startedAt = process.cpuUsage()
  for (let first = 0; first < messages.length; first += batchSize) {
    for (const message of byGateway(messages.slice(first, first + batchSize))) {
      host.message(message.device, message.readings, message)
    }
  }
  const { user, system } = process.cpuUsage(startedAt)
  return (user + system) / messages.length
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
