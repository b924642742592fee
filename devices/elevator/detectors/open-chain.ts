import { minuteMs, secondMs } from '../../../core/clock.ts'
import type { ElevatorValues } from '../telemetry.ts'
import { isSampling, type Telling } from './clash.ts'
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
  /** When a reading said of this ride that it is driven with the circuit open, ms; 0 while none did, 1 once the ride is one of `rides`. */
  readonly toldAt: number
  /** How many rides in a row went on after that was said of them, whatever the circuit was between them. */
  readonly rides: number
}

/** Nothing at all was heard for longer: the word that it is closed may have been lost. Unverified default. */
export const goneMs = 5 * minuteMs

type Said = ElevatorValues & { readonly at: number }

interface Before {
  readonly floor: number | null
  readonly doorClosed: boolean | null
  /** 0 where the circuit was not said to be open. */
  readonly openAt: number
  readonly telling: Telling
}

/**
 * Open and "door closed" count when one reading says both: apart, the one may be of a stop and the other of the ride before it; but not of a
 * gateway that is known to tell changes, where the circuit opens by itself and no word on the door comes after it. It runs when it drives and
 * its place changes as well. A reading that says all of that counts each time; told apart, each ride counts once.
 *
 * A ride of which one reading says that it is driven with the circuit open, and a later one that it goes on, is one of `rides`. Those are
 * kept while the circuit is closed at the stops; the word that it is closed on a ride, or a ride of which nobody says that it is open, ends them.
 *
 * @param before the last words on the floor, the door and the circuit before this reading
 * @returns the same object when nothing is new; null once the circuit is said to be closed, and no ride is kept
 */
export function openChainAfter(
  was: OpenChain | null,
  said: Said,
  before: Before,
  { levellingMps, confirmSeconds }: { levellingMps: number; confirmSeconds: number },
): OpenChain | null {
  const { at, safetyCircuit, doorState, doorZone, carSpeedMps, brakeState } = said
  const together = safetyCircuit === 'open' && (doorState === 'closed' || opensBehind(doorState, before, at))
  const isFast = carSpeedMps !== undefined && Math.abs(carSpeedMps) > levellingMps
  const doorClosed = doorState === undefined ? before.doorClosed === true : doorState === 'closed'
  const tells = safetyCircuit === 'open' && (brakeState === 'released' || isFast)
  const drives = !saysStanding(said) && (was?.drives === true || brakeState === 'released' || isFast)
  if (safetyCircuit === 'closed') return drives ? null : atStop(was)
  if (was === null && !together && !tells) return null

  const shut = together || (was?.shut === true && (doorState ?? 'closed') === 'closed')
  const elsewhere = said.floor !== undefined && before.floor !== null && said.floor !== before.floor
  const moves = drives && (isFast || doorZone === false || elsewhere)
  const runs = shut && moves
  const isLater = was === null || at - was.at >= confirmSeconds * secondMs
  const counts = runs && isLater && (together || was?.runs !== true)

  const { toldAt, rides } = ridesAfter(was, at, { tells, ends: !doorClosed || rests(said), moves, confirmSeconds })
  const goesOn = counts || (was?.runs === true && drives && shut)
  const sameRides = was !== null && toldAt === was.toldAt && rides === was.rides
  if (sameRides && !counts && shut === was.shut && drives === was.drives && goesOn === was.runs) return was
  const { times, firstAt, at: ranAt } = was ?? { times: 0, firstAt: 0, at: 0 }
  const next = { shut, drives, runs: goesOn, times: counts ? Math.min(times + 1, 2) : times, toldAt, rides }
  if (!counts && (toldAt !== 1 || was?.toldAt === 1)) return { ...next, firstAt, at: ranAt }
  // what was found of the rides before may be over since
  const isFirst = times + (was?.rides ?? 0) === 0 || (was?.rides === 2 && (times === 0 || !counts))
  return { ...next, firstAt: isFirst ? at : firstAt, at }
}

/** It opens while the door is told to be closed, by a gateway that tells changes: an opening door would be told, too. */
function opensBehind(doorState: Said['doorState'], { doorClosed, openAt, telling }: Before, at: number): boolean {
  return doorState === undefined && doorClosed === true && openAt === 0 && telling.quick && !isSampling(telling, at)
}

/** It has run with its circuit open often enough, and does so now. */
export function runsAgain({ runs, times, toldAt, rides }: OpenChain): boolean {
  return (runs && times >= 2) || (toldAt === 1 && rides >= 2)
}

/** This ride has been counted, in the one way or the other. */
export function isCounted({ runs, toldAt }: OpenChain): boolean {
  return runs || toldAt === 1
}

/** At a stop the circuit may be closed that is open on each ride. */
function atStop(was: OpenChain | null): OpenChain | null {
  const rides = was?.rides ?? 0
  if (was === null || rides === 0) return null
  const { firstAt, at } = was
  return { shut: false, drives: false, runs: false, times: 0, firstAt, at, toldAt: 0, rides }
}

function ridesAfter(
  was: OpenChain | null,
  at: number,
  { tells, ends, moves, confirmSeconds }: { tells: boolean; ends: boolean; moves: boolean; confirmSeconds: number },
): Pick<OpenChain, 'toldAt' | 'rides'> {
  // one that was written down by an older version has neither
  const [toldAt, rides] = [was?.toldAt ?? 0, was?.rides ?? 0]
  if (ends) return { toldAt: 0, rides }
  if (toldAt === 0) return tells ? { toldAt: at, rides } : { toldAt, rides: moves ? 0 : rides }
  if (toldAt === 1 || !moves || at - toldAt < confirmSeconds * secondMs) return { toldAt, rides }
  return { toldAt: 1, rides: Math.min(rides + 1, 2) }
}

/** The ride is over; a speed of 0 may be of its first moment. */
function rests({ brakeState, direction }: Said): boolean {
  return brakeState === 'applied' || direction === 'none'
}
