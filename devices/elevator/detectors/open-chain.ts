import { minuteMs, secondMs } from '../../../core/clock.ts'
import type { ElevatorValues } from '../telemetry.ts'
import { saysStanding } from './motion.ts'

/** A safety circuit that was said to be open while the door was closed, and what ran since, for a detector's state. */
export interface OpenChain {
  /** No door has opened, or was said to, since that was said last. */
  readonly shut: boolean
  /** The machine is said to drive: the brake is released, or the speed is that of a ride. */
  readonly drives: boolean
  /** This ride has been counted. */
  readonly runs: boolean
  /** How often it ran, and when for the first and the last time, ms. */
  readonly times: number
  readonly firstAt: number
  readonly at: number
}

/** Nothing at all was heard for longer: the word that it is closed may have been lost. Unverified default. */
export const goneMs = 5 * minuteMs

type Said = ElevatorValues & { readonly at: number }

/**
 * Open and "door closed" count when one reading says both: apart, the one may be of a stop and the other of the ride before it. It runs
 * when it drives and its place changes as well. A reading that says all of that counts each time; told apart, each ride counts once.
 *
 * @param floor its last one before this reading
 * @returns the same object when nothing is new; null once the circuit is said to be closed
 */
export function openChainAfter(
  was: OpenChain | null,
  said: Said,
  floor: number | null,
  { levellingMps, confirmSeconds }: { levellingMps: number; confirmSeconds: number },
): OpenChain | null {
  const { at, safetyCircuit, doorState, doorZone, carSpeedMps, brakeState } = said
  const together = safetyCircuit === 'open' && doorState === 'closed'
  if (safetyCircuit === 'closed' || (was === null && !together)) return null

  const shut = together || (was?.shut === true && (doorState ?? 'closed') === 'closed')
  const isFast = carSpeedMps !== undefined && Math.abs(carSpeedMps) > levellingMps
  const drives = !saysStanding(said) && (was?.drives === true || brakeState === 'released' || isFast)
  const elsewhere = said.floor !== undefined && floor !== null && said.floor !== floor
  const runs = shut && drives && (isFast || doorZone === false || elsewhere)
  const isLater = was === null || at - was.at >= confirmSeconds * secondMs
  const counts = runs && isLater && (together || was?.runs !== true)

  const goesOn = counts || (was?.runs === true && drives && shut)
  if (was !== null && !counts && shut === was.shut && drives === was.drives && goesOn === was.runs) return was
  const { times, firstAt, at: ranAt } = was ?? { times: 0, firstAt: 0, at: 0 }
  if (!counts) return { shut, drives, runs: goesOn, times, firstAt, at: ranAt }
  return { shut, drives, runs: true, times: Math.min(times + 1, 2), firstAt: times === 0 ? at : firstAt, at }
}
