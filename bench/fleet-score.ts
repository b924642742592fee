import type { RecordedEpisode } from '../analytics/recorded.ts'
import { minuteMs } from '../core/clock.ts'
import type { FleetDevice, Truth } from '../simulators/fleet.ts'

/** What is found so soon after the repair still belongs to the fault. */
const aftermathMs = 10 * minuteMs

export interface ScoredFault extends Truth {
  /** When its finding was there, and when that sent a crew, ms; null = never. */
  foundAt: number | null
  emergencyAt: number | null
  /** From the beginning of the condition, as the finding dates it, to the finding. */
  ownDelayMs: number | null
}

/** How the episodes of one finding were meant. */
export interface FindingTally {
  /** Another fault's consequence: right, and not the finding that was asked for. */
  beside: number
  falseEmergency: number
  falsePlanned: number
  falseInfo: number
}

export interface FleetScore {
  /** A fault begins. */
  truth(truth: Truth): void
  /** Told when it is over, or at the end of the run. */
  episode(episode: RecordedEpisode): void
  readonly faults: readonly ScoredFault[]
  /** Of each part of the fleet: finding → its episodes. */
  readonly tallies: ReadonlyMap<string, ReadonlyMap<string, FindingTally>>
  /** Of each finding the first false one. */
  readonly firstFalse: ReadonlyMap<string, RecordedEpisode>
}

/**
 * Episodes against what was really wrong. A fault is found when its finding is told while it is there or up to 10 minutes after; an episode on
 * its device that began or was told in that time is not false. A gateway's episode is looked at with all of its devices.
 */
export function createFleetScore(devices: readonly FleetDevice[], partOf: (device: FleetDevice) => string): FleetScore {
  const byDevice = new Map<string, ScoredFault[]>(devices.map(({ id }) => [id, []]))
  const devicesOf = grouped(devices, ({ gatewayId }) => gatewayId)
  const partOfDevice = new Map(devices.map((device) => [device.id, partOf(device)]))
  const faults: ScoredFault[] = []
  const tallies = new Map<string, Map<string, FindingTally>>()
  const firstFalse = new Map<string, RecordedEpisode>()

  function tallyOf(part: string, finding: string): FindingTally {
    const ofPart = tallies.get(part) ?? new Map<string, FindingTally>()
    tallies.set(part, ofPart)
    const tally = ofPart.get(finding) ?? { beside: 0, falseEmergency: 0, falsePlanned: 0, falseInfo: 0 }
    ofPart.set(finding, tally)
    return tally
  }

  function find(fault: ScoredFault, { detectedAt, upgradedAt, occurredAt, order }: RecordedEpisode): void {
    const foundAt = detectedAt >= fault.injectedAt ? detectedAt : (upgradedAt ?? detectedAt)
    if (fault.foundAt === null || foundAt < fault.foundAt) {
      fault.foundAt = foundAt
      fault.ownDelayMs = foundAt - Math.max(occurredAt, fault.injectedAt)
    }
    const emergencyAt = upgradedAt ?? detectedAt
    if (order === 'emergency') fault.emergencyAt = Math.min(emergencyAt, fault.emergencyAt ?? emergencyAt)
  }

  return {
    faults,
    tallies,
    firstFalse,
    truth(truth) {
      const fault = { ...truth, foundAt: null, emergencyAt: null, ownDelayMs: null }
      faults.push(fault)
      byDevice.get(truth.deviceId)?.push(fault)
    },
    episode(episode) {
      const { deviceId, gatewayId, finding, order } = episode
      const about = deviceId === null ? (devicesOf.get(gatewayId) ?? []).map(({ id }) => id) : [deviceId]
      const there = about.flatMap((id) => byDevice.get(id) ?? []).filter((fault) => explains(fault, episode))
      const own = there.filter((fault) => fault.finding === finding)
      for (const fault of own) find(fault, episode)
      if (own.length > 0) return

      const tally = tallyOf(partOfDevice.get(about[0] ?? '') ?? '', finding)
      if (there.length > 0) {
        tally.beside += 1
        return
      }
      if (order === 'emergency') tally.falseEmergency += 1
      else if (order === 'planned') tally.falsePlanned += 1
      else tally.falseInfo += 1
      if (!firstFalse.has(finding)) firstFalse.set(finding, episode)
    },
  }
}

/**
 * From a fault's finding to the limit of what grows, ms: the time that there was to mend it. What was never found, or at its limit only, left
 * none; null where nothing grows.
 */
export function leadMs({ foundAt, limitAt }: Pick<ScoredFault, 'foundAt' | 'limitAt'>): number | null {
  if (limitAt === null) return null
  return foundAt === null ? 0 : Math.max(0, limitAt - foundAt)
}

function explains({ injectedAt, repairedAt }: Truth, { occurredAt, detectedAt, upgradedAt }: RecordedEpisode): boolean {
  const until = repairedAt === null ? Number.POSITIVE_INFINITY : repairedAt + aftermathMs
  return (upgradedAt ?? detectedAt) >= injectedAt && Math.min(occurredAt, detectedAt) <= until
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
