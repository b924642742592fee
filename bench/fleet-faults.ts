import { dayMs, hourMs } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import { orderTypeOf } from '../core/severity.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { FleetDevice, PlannedFault } from '../simulators/fleet.ts'
import { seededRandom } from '../simulators/random.ts'

/** How a finding is judged: sends a crew now; a slow growth that is to be seen long before; anything else. */
export type FindingClass = 'emergency' | 'wear' | 'other'

/** What takes longer than this to its limit is wear, whatever it can become: there are days to see it coming. */
export const wearFromMs = 7 * dayMs

/** @param limitAfterMs how long after its beginning the fault is at its limit */
export function classOf({ about, forecast }: Pick<Detector, 'about' | 'forecast'>, limitAfterMs = 0): FindingClass {
  if (limitAfterMs >= wearFromMs) return 'wear'
  if (about.severities.some((severity) => orderTypeOf(severity) === 'emergency')) return 'emergency'
  return forecast === undefined ? 'other' : 'wear'
}

/**
 * Faults of a real device in a year. A well kept lift breaks down 0.5 to 2 times (unverified default: the middle); 132,000 smart
 * electricity sets of Zhejiang gave 612,000 warnings in 2017, 4.6 each, which were not all faults: the careful side.
 */
export const usualFaultsPerYear: Readonly<Record<string, number>> = { elevator: 1.25, 'electricity-meter': 4.6 }

/** No fault before: rules about wear learn for a week what is usual. Shorter runs keep a quarter for it. */
const learnMs = 8 * dayMs
/** After a repair, before the next fault. */
const soundMs = dayMs

/**
 * How long a fault stays, whether it is found or not, in ms: long enough for the slowest of its class to show. In 30 h there is a whole
 * evening, 20:00 to 2:00: people are at home, and things are charged.
 */
const stays: Readonly<Record<FindingClass, readonly [least: number, most: number]>> = {
  emergency: [30 * hourMs, 48 * hourMs],
  other: [dayMs, 3 * dayMs],
  wear: [12 * dayMs, Number.POSITIVE_INFINITY],
}

export interface FaultPlanOptions {
  readonly kinds: readonly DeviceKind[]
  readonly devices: readonly FleetDevice[]
  readonly days: number
  readonly seed: number
  faultsPerYear(device: FleetDevice): number
}

/**
 * Faults at random times (a Poisson process per device, one fault at a time), each over before the run ends; wear stays to the
 * end. The faults of a kind take turns, so that each is there in a fleet that is large enough. The same for the same options.
 */
export function planFaults({ kinds, devices, days, seed, faultsPerYear }: FaultPlanOptions): PlannedFault[] {
  const random = seededRandom(seed)
  const decks = new Map(kinds.map((kind) => [kind.id, deckOf(kind, random)]))
  const endMs = days * dayMs

  return devices.flatMap((device) => {
    const faults: PlannedFault[] = []
    const meanMs = (365 * dayMs) / faultsPerYear(device)
    let at = Math.min(learnMs, endMs / 4)
    for (;;) {
      at += -Math.log(1 - random()) * meanMs
      const drawn = decks.get(device.kind)?.(endMs - at)
      if (drawn === undefined) return faults
      const { fault, stay } = drawn
      const begins = { deviceId: device.id, fault, afterSeconds: at / 1_000 }
      if (!Number.isFinite(stay)) return [...faults, begins]
      faults.push({ ...begins, repairAfterSeconds: (at + stay) / 1_000 })
      at += stay + soundMs
    }
  })
}

/** Deals the faults of a kind in turn, those that do not fit into `leftMs` later; undefined when none does. */
function deckOf(kind: DeviceKind, random: () => number) {
  const cards = shuffled(Object.entries(kind.simulator.faults), random).map(([fault, finding]) => {
    const detector = kind.detectors.find(({ id }) => id === finding)
    if (detector === undefined) throw new Error(`${kind.id} has no detector ${finding} for its fault ${fault}`)
    return { fault, stays: stays[classOf(detector, kind.simulator.limitAfterMs?.[fault])] }
  })
  return (leftMs: number): { fault: string; stay: number } | undefined => {
    const fits = cards.findIndex(({ stays: [least, most] }) => (Number.isFinite(most) ? most : least) <= leftMs)
    const [card] = fits < 0 ? [] : cards.splice(fits, 1)
    if (card === undefined) return undefined
    cards.push(card)
    const [least, most] = card.stays
    return { fault: card.fault, stay: Number.isFinite(most) ? least + (most - least) * random() : most }
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as T)
}
