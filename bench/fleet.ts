import { createRecording } from '../analytics/recorded.ts'
import { dayMs, secondMs } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import { kinds } from '../devices/index.ts'
import { type FleetDevice, type FleetReading, fleetReadings } from '../simulators/fleet.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { machineText, percent, quantile, thousands } from './figures.ts'
import { classOf, type FindingClass, planFaults, usualFaultsPerYear, wearFromMs } from './fleet-faults.ts'
import {
  createFleetScore,
  type FindingTally,
  type FleetScore,
  grouped,
  leadMs,
  type ScoredFault,
} from './fleet-score.ts'

export interface FleetBenchOptions {
  readonly devices: number
  readonly days: number
  /** Seconds between two readings of a device. */
  readonly interval: number
  readonly seed: number
  /** Faults per device and year in the half that recall is measured on. */
  readonly faultRate: number
}

/** The 2,763 elevators and 1,079 electricity sets of the pilot district. */
const pilotDevices = 3_842
const shares = { elevator: 2_763, 'electricity-meter': 1_079 }
/** As somebody has registered them: rules whose facts are missing are off. */
const facts: Readonly<Record<string, object>> = {
  elevator: { ratedSpeedMps: 1.75, ratedLoadKg: 1_000, stops: 18, motorKilowatts: 11 },
  'electricity-meter': { use: 'residential' },
}
const startAt = Date.UTC(2026, 5, 1)
const readingsAtOnce = 10_000

const detectorOf = new Map(kinds.flatMap(({ detectors }) => detectors.map((detector) => [detector.id, detector])))

type Part = 'usual' | 'faulty'
/** CPU, with garbage collection. */
type Cost = { readings: number; simulatingMs: number; detectingMs: number }

/**
 * Detection quality on a simulated fleet: the live service's rules over its readings as they come, against what was really wrong.
 * Every second device has faults as often as real ones do: false alarms are counted there. The others have them more often, so
 * that there are enough to tell how many are found. A fleet as large as the pilot has enough of the real ones, and no other.
 */
export async function benchFleet(options: FleetBenchOptions): Promise<void> {
  const { devices: count, days, interval, seed, faultRate } = options
  const devices = planFleet({ devices: count, shares, devicesPerGateway: 10, seed }).map(
    (device): FleetDevice => ({ ...device, facts: facts[device.kind] ?? {} }),
  )
  const isOften = (index: number) => count < pilotDevices && index % 2 === 1
  const faulty = new Set(devices.filter((_, index) => isOften(index)).map(({ id }) => id))
  const partOf = ({ id }: FleetDevice): Part => (faulty.has(id) ? 'faulty' : 'usual')
  const faultsPerYear = (device: FleetDevice) =>
    partOf(device) === 'faulty' ? faultRate : (usualFaultsPerYear[device.kind] ?? 1)
  const faults = planFaults({ kinds, devices, days, seed, faultsPerYear })

  console.log(`fleet: ${count} devices, ${days} days, a reading each ${interval} s, seed ${seed}; ${machineText()}`)
  console.log(
    `${faulty.size} devices have ${faultRate} faults a year, the others as real ones: ${JSON.stringify(usualFaultsPerYear)}`,
  )
  const score = createFleetScore(devices, partOf)
  const plan = { kinds, devices, faults, intervalSeconds: interval, onTruth: score.truth }
  const cost = run(fleetReadings(plan, startAt, startAt + days * dayMs), devices, score)
  printFindings(score)
  printLeads(score.faults)
  printMissed(score.faults)
  printFalse(score)
  const ofUsual = score.faults.filter(({ deviceId }) => !faulty.has(deviceId))
  printFigures(score, ofUsual, cost, (devices.length - faulty.size) * days)
}

/** Streaming: a batch of readings is simulated, then taken, and both are timed. */
function run(readings: Iterable<FleetReading>, devices: readonly FleetDevice[], score: FleetScore): Cost {
  const known = new Map(devices.map((device) => [device.id, deviceFrom(device)]))
  const recording = createRecording({ kinds, namesGateway: () => true, onEpisode: score.episode, log: silentLog })
  const cost = { readings: 0, simulatingMs: 0, detectingMs: 0 }
  let batch: FleetReading[] = []

  const take = () => {
    const begun = cpuMs()
    for (const { deviceId, kind, at, values } of batch) {
      const device = known.get(deviceId)
      if (device !== undefined) recording.take(device, { deviceId, kind, at, receivedAt: at, values })
    }
    cost.detectingMs += cpuMs() - begun
    cost.readings += batch.length
    batch = []
  }
  const startedAt = cpuMs()
  for (const reading of readings) if (batch.push(reading) === readingsAtOnce) take()
  take()
  recording.end()
  cost.simulatingMs = cpuMs() - startedAt - cost.detectingMs
  return cost
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function deviceFrom({ id, kind, gatewayId, facts = {} }: FleetDevice): Device {
  return {
    id,
    kind,
    gatewayId,
    name: null,
    siteId: null,
    feederId: null,
    contacts: [],
    facts: { ...facts },
    createdAt: 0,
  }
}

function printFindings({ faults, tallies }: FleetScore): void {
  const byFinding = grouped(faults, ({ finding }) => finding)
  const others = [...tallies.values()].flatMap((ofPart) => [...ofPart.keys()])
  const sum = (finding: string, part: Part, of: (tally: FindingTally) => number) => {
    const tally = tallies.get(part)?.get(finding)
    return tally === undefined ? 0 : of(tally)
  }
  const rows = [...new Set([...byFinding.keys(), ...others])].sort().map((finding) => {
    const own = byFinding.get(finding) ?? []
    const found = own.filter(({ foundAt }) => foundAt !== null)
    const delays = found.map(({ foundAt, injectedAt }) => (foundAt ?? 0) - injectedAt)
    const ownDelays = found.map(({ ownDelayMs }) => ownDelayMs ?? 0)
    const all = (tally: FindingTally) => tally.falseEmergency + tally.falsePlanned + tally.falseInfo
    return [
      ...[finding, own.length, found.length, own.length - found.length],
      own.filter(({ emergencyAt }) => emergencyAt !== null).length,
      ...[timeText(delays, 0.5), timeText(delays, 0.95), timeText(ownDelays, 0.95), lastsText(detectorOf.get(finding))],
      ...[sum(finding, 'usual', all), sum(finding, 'faulty', all)],
      sum(finding, 'usual', ({ beside }) => beside) + sum(finding, 'faulty', ({ beside }) => beside),
    ].map(String)
  })
  const head = 'finding,faults,found,missed,urgent,p50,p95,p95 own,lasts,false,false after faults,beside'.split(',')
  printTable([head, ...rows])
  console.log(
    'p50, p95: from the beginning of the fault to its finding; own: from what the finding dates as its beginning. beside: consequences of another fault',
  )
}

/** Of what grows: how long before its limit it was found, by fault. */
function printLeads(faults: readonly ScoredFault[]): void {
  const growing = faults.filter(({ limitAt }) => limitAt !== null)
  if (growing.length === 0) return
  const rows = [...grouped(growing, ({ kind, fault }) => `${kind} ${fault}`)].sort().map(([fault, all]) => {
    const leads = all.map((one) => leadMs(one) ?? 0)
    const [first] = all
    const inTime = leads.filter((lead) => lead > 0).length
    const tookMs = (first?.limitAt ?? 0) - (first?.injectedAt ?? 0)
    return [fault, all.length, inTime, timeText([tookMs], 0.5), timeText(leads, 0.5), timeText(leads, 0.1)].map(String)
  })
  printTable([['what grows', 'faults', 'found in time', 'limit after', 'lead p50', 'lead p10'], ...rows])
  console.log('lead: from the finding to the limit; none where it was found later, or not at all')
}

function printMissed(faults: readonly ScoredFault[]): void {
  for (const [fault, all] of grouped(faults, ({ fault, kind }) => `${kind} ${fault}`)) {
    const missed = all.filter(({ foundAt }) => foundAt === null)
    if (missed.length === 0) continue
    const named = missed.slice(0, 3).map(({ deviceId, injectedAt }) => `${deviceId} on day ${dayOf(injectedAt)}`)
    console.log(`missed ${missed.length} of ${all.length}: ${fault} (${all[0]?.finding}), ${named.join('; ')}`)
  }
}

function printFalse({ firstFalse }: FleetScore): void {
  for (const { deviceId, gatewayId, finding, severity, occurredAt, summary } of firstFalse.values()) {
    console.log(`first false ${finding}, ${severity}, ${deviceId ?? gatewayId} on day ${dayOf(occurredAt)}: ${summary}`)
  }
}

function ofClass(faults: readonly ScoredFault[], wanted: FindingClass): ScoredFault[] {
  return faults.filter(({ finding, injectedAt, limitAt }) => {
    const detector = detectorOf.get(finding) as Detector
    return classOf(detector, limitAt === null ? undefined : limitAt - injectedAt) === wanted
  })
}

function printFigures(
  { faults, tallies }: FleetScore,
  atUsualRate: readonly ScoredFault[],
  cost: Cost,
  usualDeviceDays: number,
): void {
  const recall = (some: readonly ScoredFault[]) => {
    const found = some.filter(({ foundAt }) => foundAt !== null).length
    return some.length === 0 ? 'none' : `${percent(found / some.length)} (${found} of ${some.length})`
  }
  const wear = ofClass(faults, 'wear')
  const delays = wear.flatMap(({ foundAt, injectedAt }) => (foundAt === null ? [] : foundAt - injectedAt))
  const slow = wear.filter(({ injectedAt, limitAt }) => limitAt !== null && limitAt - injectedAt >= wearFromMs)
  const leads = slow.map((fault) => leadMs(fault) ?? 0)
  const ofUsual = [...(tallies.get('usual')?.values() ?? [])]
  const aDay = (of: (tally: FindingTally) => number) => {
    const orders = ofUsual.reduce((sum, tally) => sum + of(tally), 0)
    const scaled = (count: number) => ((count * pilotDevices) / usualDeviceDays).toFixed(1)
    return `${scaled(orders)} (${orders} in ${usualDeviceDays} device-days; one is ${scaled(1)})`
  }
  const urgent = [faults, atUsualRate].map((some) => recall(ofClass(some, 'emergency')))
  console.log(
    `urgent faults found: ${urgent[0]}; where they are as rare as real ones: ${urgent[1]}   (floor 95 %, goal 99 %)`,
  )
  console.log(`wear found: ${recall(wear)}, after its beginning p50 ${timeText(delays, 0.5)}`)
  console.log(
    `lead before the limit of wear that takes a week or more: p50 ${timeText(leads, 0.5)} of ${slow.length}   (floor 3 d, goal 10 d)`,
  )
  console.log(`other faults found: ${recall(ofClass(faults, 'other'))}`)
  const scaled = `scaled to ${pilotDevices} devices`
  console.log(`false emergency orders a day, ${scaled}: ${aDay((tally) => tally.falseEmergency)}   (floor 10, goal 5)`)
  console.log(`false planned orders a day, ${scaled}: ${aDay((tally) => tally.falsePlanned)}`)
  const perSecond = (ms: number) => thousands((cost.readings / ms) * secondMs)
  const megabytes = (process.resourceUsage().maxRSS / 1_024).toFixed(0)
  console.log(
    `${cost.readings} readings: detecting ${perSecond(cost.detectingMs)}, simulating ${perSecond(cost.simulatingMs)}; of CPU; at most ${megabytes} MB`,
  )
}

function lastsText(detector: Detector | undefined): string {
  const seconds = detector?.lasts && (detector.settings as Record<string, unknown>)[detector.lasts]
  return typeof seconds === 'number' ? `${seconds} s` : ''
}

function timeText(ms: readonly number[], share: number): string {
  if (ms.length === 0) return ''
  const seconds = quantile(ms, share) / secondMs
  if (seconds < 600) return `${seconds.toFixed(0)} s`
  return seconds < 36_000 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 86_400).toFixed(1)} d`
}

function dayOf(at: number): string {
  return ((at - startAt) / dayMs).toFixed(2)
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of rows) {
    console.log(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
  }
}
