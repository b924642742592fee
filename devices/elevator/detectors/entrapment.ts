import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'

const defaults = {
  outsideZoneSeconds: 30,
  outsideZoneWithButtonSeconds: 10,
  atFloorSeconds: 180,
  atFloorWithButtonSeconds: 30,
  /** How long the presence sensor may go on after people have left. */
  holdSeconds: 60,
  /** Slower than this is standing: an encoder's noise, a car that settles. */
  standingMps: 0.05,
  /** "It moves" is believed for so long after the last sign of it. */
  motionSeconds: 90,
  /** Longer between two readings, and a door cycle may have gone unseen. */
  unseenDoorSeconds: 15,
  /** A press so long before the stop still belongs to it. */
  buttonSeconds: 60,
  /** A car that stops so soon after the switch to out-of-service was caught in it. */
  caughtSeconds: 10,
  freshSeconds: 90,
}

/**
 * Someone is shut in a car that does not move.
 *
 * Between floors (`doorZone` false) after 30 s of standstill, at a floor behind a closed door after 3 minutes (people
 * loiter), each only with someone inside; the alarm button shortens them to 10 s and 30 s.
 *
 * Time      counts only while samples are fresh: a gap suspends the count and completes nothing
 * Sparse    each metric may come in a reading of its own, so the last word on each holds. Standstill is the word of
 *           `carSpeedMps`, else `brakeState`, else `direction`, else a `floor` that stays. "It moves" is believed for
 *           `motionSeconds` after the last sign only: a dead sensor or an arrow that stays lit must not hide people. A door
 *           that opens proves a floor when the word on `doorZone` is from before the stop
 * Someone   `passengerPresent` true at any time since the stop. At a floor people may have just left and the sensor holds:
 *           there it counts from `holdSeconds` after the door last moved, after a stop that nobody watched, or after it
 *           woke in a parked car (a draught, a false echo). Where no sensor ever spoke, the pressed button is someone; one
 *           that has been stuck since long before the stop is not
 * Modes     `inspection`, `fire` and `firefighter` inhibit: who is in the car is at work. `out-of-service` inhibits unless
 *           the car was caught in it, for a controller that trips on a ride reports it too. `emergency-power` and
 *           `earthquake` do not inhibit: passengers ride, nobody works. Nor does an unknown mode. Under a raised alarm an
 *           inhibiting mode only silences: the mechanic has come, the people are still inside
 * Input     readings and ticks, so that it comes in time from a gateway that has nothing new to say
 * Finding   critical; evidence in seconds of fresh standstill
 * Clears    when the door opens at a floor or the car moves; never by missing data or a sensor that drops
 * Memory    some 25 values per elevator
 * Source    durations and the sensor's hold: the project's specification; modes: GB/T 24476 as publicly implemented; all
 *           unverified defaults
 */
export const entrapment = defineDetector({
  id: 'elevator/entrapment',
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    floor: true,
    direction: true,
    doorState: true,
    doorZone: true,
    brakeState: true,
    passengerPresent: true,
    carSpeedMps: true,
    doorCloseSeconds: true,
    doorCycles: true,
    alarmButton: true,
  }),
  ticks: true,
  settings: defaults,
  initial: {
    asOf: 0,
    heardAt: 0,
    known: {},
    movedAt: 0,
    modeAt: 0,
    zoneAt: 0,
    presentAt: 0,
    pressedAt: 0,
    holdUntil: 0,
    raised: false,
  } as State,

  step(state, input, settings) {
    if (input.tick && !input.fresh) return { state: { ...state, asOf: input.at } }

    const said: Said = input.tick ? { at: input.at } : input
    const now = input.tick ? { ...state, asOf: input.at } : hear(state, input, settings)
    const stands = isStanding(now, settings)
    const open = isOpenAtFloor(now)
    const free = open || stands === false || isElsewhere(state, said, settings)
    const cleared = free && state.raised ? ({ cleared: true } as const) : {}

    if (free) now.raised = false
    if (open || !stands) return { state: free ? { ...now, standstill: undefined } : now, ...cleared }

    now.standstill =
      state.standstill && !free ? goOn(state, state.standstill, said, now, settings) : begin(state, now, settings)
    if (isAtWork(now, now.standstill, settings)) {
      return { state: now.raised ? now : { ...now, standstill: undefined }, ...cleared }
    }
    now.raised ||= isEntrapped(now, now.standstill, settings)
    return now.raised ? { state: now, finding: findingOf(now, now.standstill, settings) } : { state: now, ...cleared }
  },
})

type Said = { readonly at: number } & { readonly [K in keyof ElevatorValues]?: ElevatorValues[K] }

interface State {
  /** The time of the last input, up to which standstill is counted. */
  asOf: number
  heardAt: number
  /** The last word on each metric. */
  known: Omit<Said, 'at'>
  /** The last sign of movement. */
  movedAt: number
  /** When the mode last changed, as far as seen. */
  modeAt: number
  zoneAt: number
  presentAt: number
  /** When the alarm button last went down. */
  pressedAt: number
  /** Until then presence may be the sensor's hold. */
  holdUntil: number
  standstill?: Standstill | undefined
  raised: boolean
}

interface Standstill {
  readonly since: number
  /** Fresh time behind a closed door. */
  readonly closedMs: number
  /** Fresh time outside the door zone. */
  readonly outsideMs: number
  /** Someone was present since the stop, and surely so. */
  readonly seen: boolean
  readonly inside: boolean
}

type Settings = typeof defaults

/** Takes in the words of a reading; what it does not say stays as it was. */
function hear(state: State, said: Said, settings: Settings): State {
  const { at } = said
  const was = state.known
  const known = {
    mode: said.mode ?? was.mode,
    floor: said.floor ?? was.floor,
    direction: said.direction ?? was.direction,
    doorState: said.doorState ?? was.doorState,
    doorZone: said.doorZone ?? (opensAtFloor(state, said) ? true : was.doorZone),
    brakeState: said.brakeState ?? was.brakeState,
    passengerPresent: said.passengerPresent ?? was.passengerPresent,
    carSpeedMps: said.carSpeedMps ?? was.carSpeedMps,
    doorCloseSeconds: said.doorCloseSeconds ?? was.doorCloseSeconds,
    doorCycles: said.doorCycles ?? was.doorCycles,
    alarmButton: said.alarmButton ?? was.alarmButton,
  }
  return {
    ...state,
    asOf: at,
    heardAt: at,
    known,
    movedAt: startsToMove(was, said, settings) ? at : state.movedAt,
    modeAt: differs(was.mode, said.mode) ? at : state.modeAt,
    zoneAt: said.doorZone === undefined ? state.zoneAt : at,
    presentAt: said.passengerPresent === undefined ? state.presentAt : at,
    pressedAt: said.alarmButton && !was.alarmButton ? at : state.pressedAt,
    holdUntil: doorMoved(state, said, settings) ? at + settings.holdSeconds * secondMs : state.holdUntil,
  }
}

/** A gateway that reports changes only has said "outside" on the ride; the zone is then known by the door that opens. */
function opensAtFloor(state: State, said: Said): boolean {
  return said.doorState === 'open' && !state.raised && state.zoneAt < (state.standstill?.since ?? said.at)
}

function startsToMove(was: State['known'], said: Said, { standingMps }: Settings): boolean {
  const speeds = (mps: number | undefined) => mps !== undefined && Math.abs(mps) > standingMps
  return (
    differs(was.floor, said.floor) ||
    (speeds(said.carSpeedMps) && !speeds(was.carSpeedMps)) ||
    (said.brakeState === 'released' && was.brakeState !== 'released') ||
    (said.direction !== undefined && said.direction !== 'none' && said.direction !== was.direction)
  )
}

/**
 * People may have left until now. Of a normal cycle a gateway that samples may see only a part, but after a while of
 * standstill only an open door counts: one that tries to open and fails, again and again, lets nobody out.
 */
function doorMoved(state: State, said: Said, settings: Settings): boolean {
  if (said.doorState === 'open') return true
  if (state.standstill && state.standstill.closedMs >= settings.holdSeconds * secondMs) return false
  const { doorState, doorCycles, doorCloseSeconds } = state.known
  return (
    said.doorState === 'opening' ||
    said.doorState === 'closing' ||
    differs(doorState, said.doorState) ||
    differs(doorCycles, said.doorCycles) ||
    differs(doorCloseSeconds, said.doorCloseSeconds)
  )
}

/** Undefined while nothing was ever said about it. */
function isStanding({ known, movedAt, asOf }: State, settings: Settings): boolean | undefined {
  const { carSpeedMps, brakeState, direction, floor } = known
  const believed = asOf - movedAt <= settings.motionSeconds * secondMs
  if (carSpeedMps !== undefined && (believed || Math.abs(carSpeedMps) <= settings.standingMps)) {
    return Math.abs(carSpeedMps) <= settings.standingMps
  }
  if (brakeState !== undefined && (believed || brakeState === 'applied')) return brakeState === 'applied'
  if (direction !== undefined && (believed || direction === 'none')) return direction === 'none'
  return (carSpeedMps ?? brakeState ?? direction ?? floor === undefined) ? undefined : true
}

function isOpenAtFloor({ known }: State): boolean {
  return known.doorState === 'open' && known.doorZone !== false
}

/** It rode between two readings. Under an alarm a floor that jumps while the car says it stands is a lost position. */
function isElsewhere({ known, raised }: State, said: Said, { standingMps }: Settings): boolean {
  const saysStanding = said.brakeState === 'applied' || Math.abs(said.carSpeedMps ?? Infinity) <= standingMps
  return differs(known.floor, said.floor) && !(raised && saysStanding)
}

function begin(before: State, now: State, settings: Settings): Standstill {
  const unwatched = before.heardAt > 0 && now.asOf - before.heardAt > settings.unseenDoorSeconds * secondMs
  if (unwatched) now.holdUntil = Math.max(now.holdUntil, now.asOf + settings.holdSeconds * secondMs)

  const recent = now.asOf - now.presentAt <= settings.freshSeconds * secondMs
  const seen = now.known.passengerPresent === true
  return { since: now.asOf, closedMs: 0, outsideMs: 0, seen, inside: seen && recent && now.asOf > now.holdUntil }
}

function goOn(before: State, standstill: Standstill, said: Said, now: State, settings: Settings): Standstill {
  const { doorState, doorZone, passengerPresent } = before.known
  const gone = now.asOf - before.asOf
  const freshMs = gone > 0 && gone <= settings.freshSeconds * secondMs ? gone : 0
  const present = said.passengerPresent === true
  const woke = present && passengerPresent === false && !standstill.inside
  if (woke) now.holdUntil = Math.max(now.holdUntil, now.asOf + settings.holdSeconds * secondMs)

  return {
    since: standstill.since,
    closedMs: woke ? 0 : standstill.closedMs + (doorState === 'closed' ? freshMs : 0),
    outsideMs: now.known.doorZone === false ? standstill.outsideMs + (doorZone === false ? freshMs : 0) : 0,
    seen: standstill.seen || present,
    inside: standstill.inside || (present && now.asOf > now.holdUntil),
  }
}

function isAtWork({ known: { mode }, modeAt }: State, { since }: Standstill, { caughtSeconds }: Settings): boolean {
  if (mode === 'out-of-service') return modeAt < since - caughtSeconds * secondMs
  return mode === 'inspection' || mode === 'fire' || mode === 'firefighter'
}

function isEntrapped(now: State, standstill: Standstill, settings: Settings): boolean {
  const { doorState, doorZone, passengerPresent } = now.known
  const pressed = isPressed(now, standstill, settings)
  const someone = standstill.seen || (passengerPresent === undefined && pressed)

  const { outsideSeconds, floorSeconds } = limitsOf(pressed, settings)
  if (doorZone === false && someone && standstill.outsideMs >= outsideSeconds * secondMs) return true

  const stillInside = standstill.inside || (passengerPresent === true && now.asOf > now.holdUntil)
  return doorState === 'closed' && (pressed ? someone : stillInside) && standstill.closedMs >= floorSeconds * secondMs
}

function isPressed({ pressedAt }: State, { since }: Standstill, { buttonSeconds }: Settings): boolean {
  return pressedAt > 0 && pressedAt >= since - buttonSeconds * secondMs
}

function limitsOf(pressed: boolean, settings: Settings): { outsideSeconds: number; floorSeconds: number } {
  return pressed
    ? { outsideSeconds: settings.outsideZoneWithButtonSeconds, floorSeconds: settings.atFloorWithButtonSeconds }
    : { outsideSeconds: settings.outsideZoneSeconds, floorSeconds: settings.atFloorSeconds }
}

function findingOf(now: State, standstill: Standstill, settings: Settings): Finding {
  const { doorZone, floor, passengerPresent } = now.known
  const pressed = isPressed(now, standstill, settings)
  const outside = doorZone === false
  const standingSeconds = Math.round((outside ? standstill.outsideMs : standstill.closedMs) / secondMs)
  const limits = limitsOf(pressed, settings)
  const limitSeconds = outside ? limits.outsideSeconds : limits.floorSeconds
  const where = outside ? 'outside the door zone' : 'behind a closed door'
  const button = pressed ? ', the alarm button is pressed' : ''
  return {
    severity: 'critical',
    summary: `Someone is shut in: the car has stood ${where} for ${standingSeconds} s${button} (limit ${limitSeconds} s)`,
    evidence: {
      standingSeconds,
      limitSeconds,
      outsideDoorZone: outside,
      alarmButton: pressed,
      floor: floor ?? null,
      passengerPresent: passengerPresent ?? null,
    },
    since: standstill.since,
  }
}

function differs<T>(before: T | undefined, after: T | undefined): boolean {
  return before !== undefined && after !== undefined && before !== after
}
