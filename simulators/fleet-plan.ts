import { ExpectedError } from '../core/errors.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { FleetDevice, PlannedFault } from './fleet.ts'
import { seededRandom } from './random.ts'

export interface FleetSize {
  readonly devices: number
  /** Kind → its share of the devices, e.g. `{ elevator: 0.7, 'electricity-meter': 0.3 }`; the shares need not add up to 1. */
  readonly shares: Readonly<Record<string, number>>
  readonly devicesPerGateway: number
  readonly seed: number
  /** In front of every id, so that simulated devices are told from real ones. */
  readonly prefix?: string
}

/**
 * A fleet with ids such as `sim-elevator-0001` behind `sim-gateway-0001`; the same for the same size and seed. A gateway has
 * devices of one kind: a lift's and a corridor's are different boxes.
 */
export function planFleet({ devices, shares, devicesPerGateway, seed, prefix = 'sim' }: FleetSize): FleetDevice[] {
  if (!Number.isInteger(devices) || devices < 1) throw new ExpectedError('invalid', 'A fleet has at least one device')
  if (!(devicesPerGateway >= 1)) throw new ExpectedError('invalid', 'A gateway has at least one device')

  const random = seededRandom(seed)
  let gateways = 0
  return apportion(devices, shares).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      if (index % devicesPerGateway === 0) gateways += 1
      return {
        id: `${prefix}-${kind}-${numbered(index + 1)}`,
        kind,
        gatewayId: `${prefix}-gateway-${numbered(gateways)}`,
        seed: Math.floor(random() * 2 ** 32),
      }
    }),
  )
}

/** Whole devices per kind, as near to the shares as can be: largest remainders first. */
function apportion(devices: number, shares: Readonly<Record<string, number>>): [kind: string, count: number][] {
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
  if (!(total > 0)) throw new ExpectedError('invalid', 'A fleet needs at least one kind with a share above 0')

  const exact = Object.entries(shares).map(([kind, share]) => ({ kind, count: (devices * share) / total }))
  const left = devices - exact.reduce((sum, { count }) => sum + Math.floor(count), 0)
  const byRemainder = exact.toSorted((one, other) => (other.count % 1) - (one.count % 1))
  const roundedUp = new Set(byRemainder.slice(0, left).map(({ kind }) => kind))
  return exact.map(({ kind, count }) => [kind, Math.floor(count) + (roundedUp.has(kind) ? 1 : 0)])
}

function numbered(index: number): string {
  return String(index).padStart(4, '0')
}

/**
 * `count` faults at random: devices (each at most once), their faults, and beginnings within `spanSeconds` of simulated time;
 * the same for the same seed.
 */
export function drawFaults(options: {
  readonly kinds: readonly DeviceKind[]
  readonly devices: readonly FleetDevice[]
  readonly count: number
  readonly spanSeconds: number
  readonly seed: number
}): PlannedFault[] {
  const random = seededRandom(options.seed)
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]
  const healthy = [...options.devices]
  const faults: PlannedFault[] = []

  while (faults.length < options.count && healthy.length > 0) {
    const [device] = healthy.splice(Math.floor(random() * healthy.length), 1)
    const kind = options.kinds.find(({ id }) => id === device?.kind)
    const fault = pick(Object.keys(kind?.simulator.faults ?? {}))
    if (device && fault) faults.push({ deviceId: device.id, fault, afterSeconds: random() * options.spanSeconds })
  }
  return faults
}
