import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, secondMs, systemClock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import { type Log, silentLog } from '../core/log.ts'
import type { DeviceKind, SimulatedDevice, Simulator } from '../devices/kind.ts'
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
import { type PacedReading, recordAtPace } from './pace.ts'
import { seededRandom } from './random.ts'

export interface FleetDevice {
  readonly id: string
  readonly kind: string
  readonly gatewayId: string
  readonly seed: number
  readonly facts?: object
}

/** Seconds of simulated time since the start of the run. */
export interface PlannedFault {
  readonly deviceId: string
  /** One of the faults that the device's kind can simulate. */
  readonly fault: string
  readonly afterSeconds: number
  /** So long it had grown by then, unseen; 0, if it is not said. */
  readonly grownSeconds?: number
  readonly repairAfterSeconds?: number
}

/** What is really wrong with a device: what the service's findings are measured against. */
export interface Truth {
  readonly deviceId: string
  readonly kind: string
  readonly fault: string
  /** The finding that it must raise, in the end. */
  readonly finding: string
  /** Device time from which the fault develops, ms since 1970. */
  readonly injectedAt: number
  /** Device time at which what grows is at its physical limit, unless it is repaired before; `null` where nothing grows. */
  readonly limitAt: number | null
  /** `null` when the run ends with the fault. */
  readonly repairedAt: number | null
}

/** One line of NDJSON, its end included. */
export function truthLine(truth: Truth): string {
  return `${JSON.stringify(truth)}\n`
}

export interface FleetReading extends PacedReading {
  readonly kind: string
  readonly gatewayId: string
}

export interface FleetPlan {
  readonly kinds: readonly DeviceKind[]
  readonly devices: readonly FleetDevice[]
  readonly faults?: readonly PlannedFault[]
  readonly intervalSeconds: number
  /** Called when a fault is first in a reading, in the order of time. A fault with no reading after it never was. */
  readonly onTruth?: (truth: Truth) => void
}

/**
 * Everything that a fleet measures from `startAt` up to `endAt` (exclusive, ms since 1970), in the order of time: the same for
 * the same plan. Each device measures once per interval; the devices are spread over it, as they are in a real district.
 *
 * @throws {ExpectedError} `invalid`: a device of an unknown kind, a fault that its device cannot have or that comes too late
 */
export function fleetReadings(plan: FleetPlan, startAt: number, endAt: number): Generator<FleetReading> {
  if (!(plan.intervalSeconds > 0)) throw new ExpectedError('invalid', 'The interval is more than 0 seconds')
  const schedule = scheduleFaults(plan, startAt, endAt)
  const devices = plan.devices.map((device) => ({
    ...device,
    physics: createPhysics(device, kindOf(plan.kinds, device), startAt),
    faults: schedule.get(device.id) ?? [],
  }))
  return measure(devices, plan, startAt, endAt)
}

interface RunningDevice extends FleetDevice {
  readonly physics: SimulatedDevice
  /** What is still to happen to it, soonest first. */
  readonly faults: FaultEvent[]
}

interface FaultEvent {
  readonly at: number
  /** From when on it grows. */
  readonly beganAt: number
  readonly fault: string | undefined
  readonly truth?: Truth
}

function* measure(
  devices: readonly RunningDevice[],
  { intervalSeconds, onTruth }: FleetPlan,
  startAt: number,
  endAt: number,
): Generator<FleetReading> {
  if (devices.length === 0) return
  for (let round = 0; ; round++) {
    for (const [index, device] of devices.entries()) {
      const at = Math.round(startAt + (round + index / devices.length) * intervalSeconds * secondMs)
      if (at >= endAt) return

      for (let next = device.faults[0]; next && next.at <= at; next = device.faults[0]) {
        device.faults.shift()
        device.physics.inject(next.fault, next.beganAt)
        if (next.truth) onTruth?.(next.truth)
      }
      const values = device.physics.step(at)
      if (Object.keys(values).length === 0) continue
      yield { deviceId: device.id, kind: device.kind, gatewayId: device.gatewayId, at, values }
    }
  }
}

function createPhysics({ seed, facts }: FleetDevice, kind: DeviceKind, startAt: number): SimulatedDevice {
  return kind.simulator.create({ random: seededRandom(seed), facts: { ...kind.factDefaults, ...facts }, startAt })
}

function kindOf(kinds: readonly DeviceKind[], device: FleetDevice): DeviceKind {
  const kind = kinds.find(({ id }) => id === device.kind)
  if (kind) return kind
  throw new ExpectedError('invalid', `Device ${device.id} is of no known kind: "${device.kind}"`)
}

function scheduleFaults({ kinds, devices, faults = [] }: FleetPlan, startAt: number, endAt: number) {
  const byId = new Map(devices.map((device) => [device.id, device]))
  if (byId.size < devices.length) throw new ExpectedError('invalid', 'Two devices of the fleet have the same id')
  const events = new Map<string, FaultEvent[]>()

  for (const { deviceId, fault, afterSeconds, grownSeconds = 0, repairAfterSeconds } of faults) {
    const device = byId.get(deviceId)
    if (!device)
      throw new ExpectedError('invalid', `The fault "${fault}" is planned for ${deviceId}, which is not simulated`)
    const { simulator } = kindOf(kinds, device)
    const finding = findingOf(simulator, fault, device)
    const injectedAt = startAt + afterSeconds * secondMs
    const limitAfterMs = simulator.limitAfterMs?.[fault]
    const beganAt = injectedAt - grownSeconds * secondMs
    const limitAt = limitAfterMs === undefined ? null : Math.max(injectedAt, beganAt + limitAfterMs)
    const repairedAt = repairAfterSeconds === undefined ? null : startAt + repairAfterSeconds * secondMs
    if (injectedAt >= endAt || (repairedAt !== null && repairedAt <= injectedAt)) {
      throw new ExpectedError(
        'invalid',
        `The fault "${fault}" of ${deviceId} begins after the end of the run or of itself`,
      )
    }

    const truth = { deviceId, kind: device.kind, fault, finding, injectedAt, limitAt, repairedAt }
    const own = events.get(deviceId) ?? []
    own.push({ at: injectedAt, beganAt, fault, truth })
    if (repairedAt !== null) own.push({ at: repairedAt, beganAt: repairedAt, fault: undefined })
    events.set(deviceId, own)
  }
  for (const own of events.values()) own.sort((one, other) => one.at - other.at)
  return events
}

function findingOf({ faults }: Simulator, fault: string, { id, kind }: FleetDevice): string {
  const finding = Object.hasOwn(faults, fault) ? faults[fault] : undefined
  if (finding) return finding
  const known = Object.keys(faults).join(', ')
  throw new ExpectedError('invalid', `${id}, a ${kind}, cannot have the fault "${fault}"; its faults are: ${known}`)
}

export interface FleetOptions extends FleetPlan {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  readonly ca?: string
  /** Gateway id → password. */
  readonly credentials: Readonly<Record<string, string>>
  /** How long the run takes on the wall, s. */
  readonly durationSeconds: number
  /** Simulated seconds per second, at least 1. */
  readonly speedUp: number
  /** How long the readings that are left may take at the end, s. */
  readonly drainSeconds?: number
  /** Outboxes on disk, one folder per gateway in it; in memory when absent. */
  readonly outboxDirectory?: string
  readonly clock?: Clock
  readonly log?: Log
  /** Ends the run early; what was measured is still delivered. */
  readonly signal?: AbortSignal
  readonly gatewaySettings?: GatewayOptions['settings']
}

export interface FleetResult {
  /** Readings measured and handed to the gateways. */
  readonly readings: number
  readonly acknowledged: number
  /** Not acknowledged when the time to drain was over: lost, unless the outboxes are on disk. */
  readonly unacknowledged: number
  readonly messages: number
}

/** A broker that greets thousands at once greets nobody in time. */
const connectingAtOnce = 50
const connectWithinMs = 15_000
/** About 40,000 readings. */
const memoryPerGatewayBytes = 8 * 1024 * 1024

/**
 * Runs a fleet against a broker, one MQTT connection per gateway, all in this process.
 *
 * A speed-up may not run ahead of the clock (the service quarantines times more than 5 minutes ahead), so simulated time begins
 * `durationSeconds` × (`speedUp` − 1) in the past and has caught up with the clock when the run ends.
 *
 * @throws {ExpectedError} `invalid` plan; `unauthenticated` or `unavailable` when a gateway does not get its first connection
 */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const { clock = systemClock, durationSeconds, speedUp, drainSeconds = 30 } = options
  if (!(speedUp >= 1)) throw new ExpectedError('invalid', `A speed-up is at least 1, not ${speedUp}`)

  // A wrong plan is refused before anybody connects.
  fleetReadings(options, ...simulatedSpan(clock(), durationSeconds, speedUp))
  const gateways = new Map<string, Gateway>()
  try {
    await connectAll(options, gateways)
    const [startAt, endAt] = simulatedSpan(clock(), durationSeconds, speedUp)
    const readings = await recordAtPace(
      fleetReadings(options, startAt, endAt),
      { from: startAt, speed: speedUp, clock, signal: options.signal },
      ({ gatewayId }) => gatewayOf(gateways, gatewayId),
    )
    await drainAll([...gateways.values()], drainSeconds)
    return sumUp(readings, [...gateways.values()])
  } finally {
    await Promise.all([...gateways.values()].map((gateway) => gateway.stop()))
  }
}

function simulatedSpan(now: number, durationSeconds: number, speedUp: number): [startAt: number, endAt: number] {
  const endAt = now + durationSeconds * secondMs
  return [endAt - durationSeconds * speedUp * secondMs, endAt]
}

async function connectAll(options: FleetOptions, gateways: Map<string, Gateway>): Promise<void> {
  const ids = [...new Set(options.devices.map(({ gatewayId }) => gatewayId))]
  for (let first = 0; first < ids.length; first += connectingAtOnce) {
    const some = ids.slice(first, first + connectingAtOnce)
    for (const id of some) gateways.set(id, await createGateway(gatewayOptions(options, id)))
    await Promise.all(some.map((id) => gatewayOf(gateways, id).connected(connectWithinMs)))
  }
}

function gatewayOptions(options: FleetOptions, gatewayId: string): GatewayOptions {
  const password = Object.hasOwn(options.credentials, gatewayId) ? options.credentials[gatewayId] : undefined
  if (password === undefined) throw new ExpectedError('invalid', `There is no password for gateway ${gatewayId}`)
  const { url, ca, clock = systemClock, log = silentLog, outboxDirectory, gatewaySettings = {} } = options
  return {
    url,
    gatewayId,
    password,
    clock,
    log,
    settings: { outboxMaxBytes: memoryPerGatewayBytes, ...gatewaySettings },
    ...(ca === undefined ? {} : { ca }),
    ...(outboxDirectory === undefined ? {} : { outboxDirectory: join(outboxDirectory, gatewayId) }),
  }
}

function gatewayOf(gateways: ReadonlyMap<string, Gateway>, gatewayId: string): Gateway {
  const gateway = gateways.get(gatewayId)
  if (!gateway) throw new Error(`Gateway ${gatewayId} was not created`)
  return gateway
}

/** Resolves when all is acknowledged, or when the time is over. */
async function drainAll(gateways: readonly Gateway[], seconds: number): Promise<void> {
  const patience = new AbortController()
  await Promise.race([
    Promise.all(gateways.map((gateway) => gateway.drained())),
    sleep(seconds * secondMs, undefined, { signal: patience.signal }),
  ])
  patience.abort()
}

function sumUp(readings: number, gateways: readonly Gateway[]): FleetResult {
  const sum = { readings, acknowledged: 0, unacknowledged: 0, messages: 0 }
  for (const stats of gateways.map((gateway) => gateway.stats())) {
    sum.acknowledged += stats.acknowledged
    sum.unacknowledged += stats.waiting
    sum.messages += stats.messages
  }
  return sum
}
