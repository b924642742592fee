import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { changeMs, isOfLastDay, samplingMs } from './clash.ts'
import { departed, doubtMs, isKnownToStand, isMore, isOvertaken, saysStanding, staysPut } from './motion.ts'
import { workCodeMs, workCodes } from './service.ts'

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
  /** Of a car that was not watched, so many samples in a row must see someone behind its door. */
  sparseSamples: 4,
  /** And so many where one of them came later than this after the one before: a ride there and back fits in between. */
  rareSamples: 5,
  rareSeconds: 75,
  /** A press so long before the stop still belongs to it. */
  buttonSeconds: 60,
  /** A door that begins to open and closes again within this has tried; longer, and people may have left. */
  trySeconds: 5,
  /** A car that stops so soon after the switch to out-of-service was caught in it. */
  caughtSeconds: 10,
  freshSeconds: 90,
  workCodes,
}

/** A sensor that holds for a minute, and tells changes, has something to say in less, where an elevator is used. Unverified default. */
const presenceMs = 30 * minuteMs

/** Heard again after so long, while the door's word was repeated, a presence sensor has not died: it tells changes. Unverified default. */
const quietMs = 10 * minuteMs

/**
 * Two different words on the door within `changeMs`, and two more within `cycleMs` of them, are told as changes: one pair may be what a gateway
 * that samples says when its link is back. Two repetitions within `samplingMs`, one after the other, are samples. Unverified default.
 */
const cycleMs = 2 * minuteMs

/** What a gateway that tells changes says for so long after a silence is how things are, word by word. Unverified default. */
const backMs = 10 * secondMs

/** Words so close to each other are of one sample. */
const sampleMs = 2 * secondMs

const noStandstill: Standstill = {
  ...{ since: 0, notOpenMs: 0, outsideMs: 0, seen: false, inside: false, cycledAt: 0, doubtedAt: 0 },
  ...{ samples: 0, sampleAt: 0, rare: false },
}

/**
 * Someone is shut in a car that does not move.
 *
 * Between floors (`doorZone` false) after 30 s of standstill, at a floor behind a door that is not open after 3 minutes
 * (people loiter), each only with someone inside; the alarm button shortens them to 10 s and 30 s.
 *
 * Door      any word but `open` is shut: a door that jams half-way, or tries again and again, holds people as a closed one does
 * Time      counts only while samples are fresh: a gap suspends the count and completes nothing
 * Sparse    each metric may come in a reading of its own, so the last word on each holds. Standstill is the word of
 *           `carSpeedMps`, else `brakeState`, else `direction`, else a `floor` that stays; one that a sign of movement has overtaken
 *           is none, so that a link that is lost on a ride completes nothing. "It moves" is believed for
 *           `motionSeconds` after the last sign only: a sensor that died or an arrow that stays lit must not hide people. A door
 *           that opens proves a floor when the word on `doorZone` is from before the stop
 * Zone      outside, where one word of a parked car does not make it so, nor, of a gateway that samples, a word from before the stop
 * Someone   `passengerPresent` true at any time since the stop. At a floor people may have just left and the sensor holds:
 *           there it counts from `holdSeconds` after the door last moved, after a stop that nobody watched, or after it
 *           woke in a parked car (a draught, a false echo). A door cycle that only `doorCycles` told may have let them out:
 *           the limit is `holdSeconds` longer right after it, and who is no longer seen once that is over has left, unless
 *           the button is pressed. A sensor that is silent while the door's word is repeated, or for half an hour since which the door
 *           has opened or a trip or a cycle was counted, has died, and its word says nothing of a car at a floor. Where no sensor spoke,
 *           the pressed button is someone; one that has been stuck since long before the stop is not
 * Press     of someone inside, or who is seen within a minute and a half of it; where the sensor sees nobody, the button must stay down for
 *           `buttonSeconds`, as for `elevator/alarm-button`. It is forgotten when the door opens at a floor, and while it stands open there:
 *           who still wants help presses again. A press that was let go is forgotten, too, when the door only may have opened: it is seen
 *           to close, or a cycle was counted
 * Modes     `inspection`, `fire` and `firefighter` inhibit: who is in the car is at work. `out-of-service` inhibits unless
 *           the car was caught in it, for a controller that trips on a ride reports it too. `emergency-power` and
 *           `earthquake` do not inhibit: passengers ride, nobody works. Nor does an unknown mode; but of an elevator that has never
 *           told its mode, a fault code of `workCodes` does while it is repeated, or for half an hour after it was said, unless the button has
 *           been pressed since: the word that ends it may be lost. Against a mode that was told it proves nothing. Under a raised alarm an inhibiting
 *           mode only silences: the mechanic has come, the people are still inside
 * Input     readings and ticks, so that it comes in time from a gateway that has nothing new to say
 * Finding   critical; evidence in seconds of fresh standstill
 * Rare      between words on the door that are more than `unseenDoorSeconds` apart it may have opened for others, and the car may have
 *           ridden and come back, unless `doorCycles` says that it has not. At a floor, then, no tick completes it, and no single sample:
 *           `sparseSamples` in a row must see someone behind a door that says the same, `rareSamples` where one came more than
 *           `rareSeconds` after the one before, or the button be pressed; the first without
 *           anybody begins it anew. A trip that `trips` counted meanwhile begins a new standstill
 *           Of a gateway that tells changes, nothing is unseen: within a day it was seen to say two different words on the door
 *           within 20 s, twice in two minutes, and not to repeat one twice within 50 s each. All that it repeats is everything, once a minute. Who is not seen by the first word since the
 *           stop was gone before it, and that word was lost
 * Silence   a car that has come to another floor, or into the zone, meanwhile has moved: what was before it is over. Under an alarm nothing is
 *           answered until a reading tells both floor and zone, or for `backMs`; a floor that jumps outside the zone is a lost position
 * Clears    when the door opens at a floor or the car moves; never by missing data or a sensor that drops
 * Memory    some 39 values per elevator
 * Source    durations and the sensor's hold: the project's specification; modes: GB/T 24476 as publicly implemented; all
 *           unverified defaults
 */
export const entrapment = defineDetector({
  id: 'elevator/entrapment',
  about: {
    finds: 'Someone is shut in a car that does not move.',
    severities: ['critical'],
    source: 'Modes: GB/T 24476 as publicly implemented. Durations and the sensor’s hold are unverified defaults',
    traps: [
      'an empty car between floors',
      'a car that rides',
      'people who loiter for 2 min 50 s',
      'people in an open car',
      'the sensor that holds for 60 s after people have left',
      'a draught that wakes the sensor in a parked car',
      'a presence sensor that has died',
      'the first reading of a parked car, while the sensor holds',
      'a link that is lost on a ride, where only changes are told',
      'a spike of the alarm button of an empty car',
      'a door that something kept from closing for 170 s',
      'a press that the door has answered, while the sensor holds',
      'a sample of the stop without its door zone, after a ride',
      'one wrong sample of the door zone of a parked car',
      'other riders in each of three samples, a minute or two apart',
    ],
  },
  lasts: 'outsideZoneSeconds',
  rising: [
    ['outsideZoneWithButtonSeconds', 'outsideZoneSeconds'],
    ['atFloorWithButtonSeconds', 'atFloorSeconds'],
  ],
  clears: true,
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
    trips: true,
    alarmButton: true,
    faultCode: true,
  }),
  ticks: true,
  bounds: { standingMps: [0.01, 0.3], holdSeconds: [30, 300] },
  settings: defaults,
  initial: {
    asOf: 0,
    aheadMs: 0,
    heard: silence(),
    backAt: 0,
    holdUntil: 0,
    standstill: noStandstill,
    raised: false,
  } as State,

  step(state, input, settings) {
    if (input.tick && !input.fresh) return { state: state.asOf === 0 ? state : { ...state, asOf: 0, aheadMs: 0 } }

    const now = input.tick ? atTick(state, input.at) : hear(state, input, settings)
    const said: Said = input.tick ? nothing : input
    const stands = isStanding(now, settings)
    const open = isOpenAtFloor(now)
    const free = open || stands === false || isElsewhere(state, now, said, settings)
    if (free) now.raised = false
    const cleared = state.raised && free
    const was = free ? noStandstill : state.standstill

    const counts = stands === true && !open
    now.standstill = !counts ? was : was.since > 0 ? goOn(state, was, said, now, settings) : begin(state, now, settings)
    if (!counts) return answer(now, cleared)

    if (isAtWork(now, now.standstill, settings)) {
      if (!now.raised) now.standstill = noStandstill
      return answer(now, cleared)
    }
    if (now.raised && isComingBack(now, said)) return answer(now, cleared)
    now.raised ||= isEntrapped(now, now.standstill, settings)
    return now.raised ? { state: now, finding: findingOf(now, now.standstill, settings) } : answer(now, cleared)
  },
})

type Said = { readonly [K in keyof ElevatorValues]?: ElevatorValues[K] }
type Told = Said & { readonly at: number }

const nothing: Said = {}

function silence(): Heard {
  return {
    ...{
      at: 0,
      movedAt: 0,
      stoodAt: 0,
      modeAt: 0,
      zoneAt: 0,
      doorAt: 0,
      doorSaidAt: 0,
      cyclesAt: 0,
      presentAt: 0,
      pressedAt: 0,
      codeAt: 0,
    },
    ...{ mode: null, floor: null, direction: null, doorState: null, doorZone: null, brakeState: null },
    ...{ passengerPresent: null, carSpeedMps: null, doorCloseSeconds: null, doorCycles: null, trips: null },
    ...{ zoneDoubted: false, presenceChanges: false, alarmButton: null, faultCode: null },
    ...{ doorQuickAt: 0, doorChangesAt: 0, doorRepeated: false, doorSampledAt: 0 },
  }
}

function answer(state: State, cleared: boolean): Step<State> {
  return cleared ? { state, cleared } : { state }
}

interface State {
  /** The time of the last input; 0 when nobody knows what was since. */
  asOf: number
  /** How much further standstill is counted: a tick may be ahead of what is on its way. */
  aheadMs: number
  heard: Heard
  /** When it was last heard again after a gap. */
  backAt: number
  /** Until then presence may be the sensor's hold. */
  holdUntil: number
  standstill: Standstill
  raised: boolean
}

type Metric =
  | ('mode' | 'floor' | 'direction' | 'doorState' | 'doorZone' | 'brakeState' | 'passengerPresent' | 'carSpeedMps')
  | ('doorCloseSeconds' | 'doorCycles' | 'trips' | 'alarmButton' | 'faultCode')
type Words = { readonly [K in Metric]: NonNullable<ElevatorValues[K]> | null }

/** The last word on each metric, null where there was none, and the times that matter, ms. */
interface Heard extends Words {
  readonly at: number
  /** The last sign of movement. */
  readonly movedAt: number
  /** The last word that it stands, of whichever metric; 1 once it has departed since. */
  readonly stoodAt: number
  /** When the mode last changed, as far as seen. */
  readonly modeAt: number
  readonly zoneAt: number
  /** The last word on the zone is that it was left, and it is not believed yet. */
  readonly zoneDoubted: boolean
  /** When the word on the door last changed. */
  readonly doorAt: number
  /** When the door and its cycles were last told. */
  readonly doorSaidAt: number
  readonly cyclesAt: number
  /** When the door's word last changed quickly, when it did so twice; its last one was a repetition; and when it was last seen to be sampled. */
  readonly doorQuickAt: number
  readonly doorChangesAt: number
  readonly doorRepeated: boolean
  readonly doorSampledAt: number
  /** 0 once its word is outworn. */
  readonly presentAt: number
  /** The presence sensor tells changes only, though the door's word is repeated. */
  readonly presenceChanges: boolean
  /** When the alarm button last went down, for a press that no open door has answered; 0 when there is none. */
  readonly pressedAt: number
  /** When a fault code was last told. */
  readonly codeAt: number
}

interface Standstill extends Row {
  /** 0 while it does not stand, or nobody knows. */
  readonly since: number
  /** Fresh time behind a door that is not open. */
  readonly notOpenMs: number
  /** Fresh time outside the door zone. */
  readonly outsideMs: number
  /** Someone was present since the stop, and surely so. */
  readonly seen: boolean
  readonly inside: boolean
  /** When `doorCycles` last went up, until it is known whether someone left then; 0 when nothing is in doubt. */
  readonly cycledAt: number
  /** When a while ended in which nobody could have seen the door open; 0 when there was none. */
  readonly doubtedAt: number
}

/** So many samples in a row, `unseenDoorSeconds` apart at least, have seen someone; and when the last of them did. */
interface Row {
  readonly samples: number
  readonly sampleAt: number
  /** One of them came long after the one before. */
  readonly rare: boolean
}

type Settings = typeof defaults

function atTick(state: State, at: number): State {
  const next = { ...state }
  next.asOf = at
  next.aheadMs = aheadAfter(state, at)
  return next
}

function aheadAfter({ asOf, aheadMs }: State, at: number): number {
  return Math.max(asOf + aheadMs - at, 0)
}

/** Takes in the words of a reading; what it does not say stays as it was. */
function hear(state: State, said: Told, settings: Settings): State {
  const { at } = said
  const was = state.heard
  const told = doorToldAfter(was, said)
  const zoneDoubted = isZoneDoubted(state, said, settings)
  const doorZone = zoneDoubted ? true : (said.doorZone ?? zoneUntold(state, said))
  const isBack = state.asOf === 0 || at - state.asOf > settings.freshSeconds * secondMs
  return {
    asOf: at,
    aheadMs: aheadAfter(state, at),
    backAt: isBack ? at : state.backAt,
    heard: {
      at,
      movedAt: isSignOfMovement(was, said, doorZone, settings) ? at : was.movedAt,
      stoodAt: stoodAfter(was, said, settings),
      modeAt: differs(was.mode, said.mode) ? at : was.modeAt,
      zoneAt: said.doorZone === undefined ? was.zoneAt : at,
      doorAt: said.doorState === undefined || said.doorState === was.doorState ? was.doorAt : at,
      doorSaidAt: said.doorState === undefined ? was.doorSaidAt : at,
      cyclesAt: said.doorCycles === undefined ? was.cyclesAt : at,
      doorQuickAt: told.doorQuickAt,
      doorChangesAt: told.doorChangesAt,
      doorRepeated: told.doorRepeated,
      doorSampledAt: told.doorSampledAt,
      presentAt: said.passengerPresent !== undefined ? at : isOutworn(was, said) ? 0 : was.presentAt,
      presenceChanges: was.presenceChanges || (said.passengerPresent !== undefined && quietFor(was) > quietMs),
      pressedAt: pressedAfter(state, said, doorZone, settings),
      codeAt: said.faultCode === undefined ? was.codeAt : at,
      mode: said.mode ?? was.mode,
      floor: said.floor ?? was.floor,
      direction: said.direction ?? was.direction,
      doorState: said.doorState ?? was.doorState,
      doorZone,
      zoneDoubted: zoneDoubted || (said.doorZone === undefined && was.zoneDoubted && doorZone === true),
      brakeState: said.brakeState ?? was.brakeState,
      passengerPresent: said.passengerPresent ?? was.passengerPresent,
      carSpeedMps: said.carSpeedMps ?? was.carSpeedMps,
      doorCloseSeconds: said.doorCloseSeconds ?? was.doorCloseSeconds,
      doorCycles: said.doorCycles ?? was.doorCycles,
      trips: said.trips ?? was.trips,
      alarmButton: said.alarmButton ?? was.alarmButton,
      faultCode: said.faultCode ?? was.faultCode,
    },
    holdUntil: doorMoved(state, said, settings) ? at + settings.holdSeconds * secondMs : state.holdUntil,
    standstill: state.standstill,
    raised: state.raised,
  }
}

type DoorTold = Pick<Heard, 'doorQuickAt' | 'doorChangesAt' | 'doorRepeated' | 'doorSampledAt'>

/** Whether the door's word is told as changes: see the head. */
function doorToldAfter(was: Heard, { at, doorState }: Told): DoorTold {
  if (doorState === undefined) return was
  const { doorQuickAt, doorChangesAt, doorRepeated, doorSampledAt, doorSaidAt } = was
  const repeats = doorState === was.doorState
  const samples = repeats && doorRepeated && at - doorSaidAt <= samplingMs
  const isQuick = !repeats && at - doorSaidAt <= changeMs
  return {
    doorQuickAt: isQuick ? at : doorQuickAt,
    doorChangesAt: isQuick && at - doorQuickAt <= cycleMs ? at : doorChangesAt,
    doorRepeated: repeats,
    doorSampledAt: samples ? at : doorSampledAt,
  }
}

function tellsDoorChanges({ doorChangesAt, doorSampledAt }: DoorTold, at: number): boolean {
  return isOfLastDay(doorChangesAt, at) && !isOfLastDay(doorSampledAt, at)
}

/** When the alarm button went down, unless a door that opened at a floor has answered it. */
function pressedAfter(state: State, said: Told, doorZone: boolean | null, settings: Settings): number {
  const was = state.heard
  if ((said.doorState ?? was.doorState) === 'open' && doorZone !== false) return 0
  if (said.alarmButton && !was.alarmButton) return said.at
  const letGo = (said.alarmButton ?? was.alarmButton) !== true
  return letGo && doorZone !== false && mayHaveOpened(state, said, settings) ? 0 : was.pressedAt
}

/** Of a cycle that was not seen its end is: the door closes, and not after a try, or the cycle is counted. */
function mayHaveOpened(state: State, said: Told, settings: Settings): boolean {
  const { doorState, doorAt } = state.heard
  const goesOn = doorState === 'closing' || said.at - doorAt < settings.trySeconds * secondMs
  return said.doorState !== 'opening' && !goesOn && doorMoved(state, said, settings)
}

/** What a reading that does not say the zone makes of it: a word that it was left is believed when the next readings do not take it back. */
function zoneUntold(state: State, said: Told): boolean | null {
  const { zoneDoubted, zoneAt, doorZone } = state.heard
  if (opensAtFloor(state, said, said.at)) return true
  return zoneDoubted && said.at - zoneAt >= doubtMs ? false : doorZone
}

/** A gateway that reports changes only has said "outside" on the ride; the zone is then known by the door that opens. */
function opensAtFloor({ heard, standstill, raised }: State, said: Said, at: number): boolean {
  return said.doorState === 'open' && !raised && heard.zoneAt < (standstill.since || at)
}

/** Someone was seen so long ago that the sensor may have died since, and people may have left: nobody knows any more. */
function isOutworn({ passengerPresent, presentAt, doorCycles, trips }: Heard, said: Told): boolean {
  if (passengerPresent !== true || said.at - presentAt <= presenceMs) return false
  return said.doorState === 'open' || isMore(doorCycles, said.doorCycles) || isMore(trips, said.trips)
}

/**
 * A car that stands in its zone and has not moved since has not left it: one word that it has is a sensor's, the next is believed. So is
 * the first where someone is seen or calls: a wrong one costs a visit, a lost one a minute of somebody shut in.
 */
function isZoneDoubted({ heard, standstill }: State, said: Told, { standingMps }: Settings): boolean {
  if (said.doorZone !== false || heard.doorZone !== true || heard.zoneDoubted || standstill.since === 0) return false
  if (said.passengerPresent ?? heard.passengerPresent) return false
  if (said.alarmButton ?? heard.alarmButton) return false
  return staysPut(heard, said, standingMps)
}

function isSignOfMovement(was: Heard, said: Said, doorZone: boolean | null, { standingMps }: Settings): boolean {
  return (
    (said.carSpeedMps !== undefined && Math.abs(said.carSpeedMps) > standingMps) ||
    differs(was.floor, said.floor) ||
    (said.doorZone !== undefined && was.doorZone !== null && was.doorZone !== doorZone) ||
    isMore(was.trips, said.trips) ||
    isReleased(was, said) ||
    isLit(was, said)
  )
}

function isReleased(was: Heard, { brakeState }: Said): boolean {
  return brakeState === 'released' && was.brakeState !== 'released'
}

function isLit(was: Heard, { direction }: Said): boolean {
  return direction !== undefined && direction !== 'none' && direction !== was.direction
}

/**
 * People may have left until now. Of a normal cycle a gateway that samples may see only a part, but after a while of
 * standstill only an open door counts: one that tries to open and fails, again and again, lets nobody out.
 */
function doorMoved(state: State, said: Said, settings: Settings): boolean {
  if (said.doorState === 'open') return true
  if (state.standstill.notOpenMs >= settings.holdSeconds * secondMs) return false
  const { doorState, doorCycles, doorCloseSeconds } = state.heard
  return (
    differs(doorState, said.doorState) ||
    differs(doorCycles, said.doorCycles) ||
    differs(doorCloseSeconds, said.doorCloseSeconds)
  )
}

/** A trip that is counted while it stands may have ended long ago; and an arrow that is lit moves no car whose brake is applied. */
function stoodAfter(was: Heard, said: Told, { standingMps }: Settings): number {
  if (saysStanding(said, standingMps)) return said.at
  const lit = isLit(was, said)
  if (isReleased(was, said) || (lit && was.brakeState !== 'applied')) return departed(was.stoodAt)
  const stillStands = (lit || isMore(was.trips, said.trips)) && isKnownToStand(was)
  return stillStands ? said.at : was.stoodAt
}

/** For how long the door's word was repeated, ms, and nothing came from the presence sensor; a link that is down repeats nothing. */
function quietFor({ presentAt, doorAt, doorSaidAt }: Heard): number {
  return presentAt > 0 && doorSaidAt > doorAt ? doorSaidAt - presentAt : 0
}

/** Whether someone is seen now. A sensor that saw someone, and was silent while the door's word was repeated, may have died: null, as of none. */
function presenceOf({ heard }: State, settings: Settings): boolean | null {
  const isQuiet = !heard.presenceChanges && quietFor(heard) > settings.freshSeconds * secondMs
  const isOld = heard.presentAt === 0 || isQuiet
  return isOld && heard.passengerPresent ? null : heard.passengerPresent
}

/** Undefined while nothing was ever said about it, or it was last told that the car moves, by a metric that is not asked first. */
function isStanding(state: State, settings: Settings): boolean | undefined {
  const believed = state.asOf - state.heard.movedAt <= settings.motionSeconds * secondMs
  const standing = isSaidToStand(state.heard, believed, settings)
  return standing && believed && isOvertaken(state.heard) ? undefined : standing
}

function isSaidToStand(heard: Heard, believed: boolean, settings: Settings): boolean | undefined {
  const { carSpeedMps, brakeState, direction, floor } = heard
  if (carSpeedMps !== null && (believed || Math.abs(carSpeedMps) <= settings.standingMps)) {
    return Math.abs(carSpeedMps) <= settings.standingMps
  }
  if (brakeState !== null && (believed || brakeState === 'applied')) return brakeState === 'applied'
  if (direction !== null && (believed || direction === 'none')) return direction === 'none'
  const silent = carSpeedMps === null && brakeState === null && direction === null && floor === null
  return silent ? undefined : true
}

function isOpenAtFloor({ heard }: State): boolean {
  return heard.doorState === 'open' && heard.doorZone !== false
}

/**
 * It rode between two readings: it is at another floor, or, where they are far apart, a trip was counted and it came back. Outside the zone
 * that may have been a try to start. Under an alarm a floor that jumps while the car says it stands is a lost position.
 */
function isElsewhere({ heard, raised }: State, now: State, said: Said, settings: Settings): boolean {
  const { standingMps, unseenDoorSeconds } = settings
  const unwatched = now.heard.at - heard.at > unseenDoorSeconds * secondMs
  if (!raised && unwatched && now.heard.doorZone !== false && isMore(heard.trips, said.trips)) return true
  if (isBackElsewhere(heard, now, said)) return true
  const saysStanding = said.brakeState === 'applied' || Math.abs(said.carSpeedMps ?? Infinity) <= standingMps
  return differs(heard.floor, said.floor) && !(raised && saysStanding)
}

/** It is in the zone, and was outside it or at another floor before the silence. */
function isBackElsewhere(was: Heard, { asOf, backAt, heard }: State, said: Said): boolean {
  if (asOf - backAt > backMs || heard.doorZone === false) return false
  return was.doorZone === false || differs(was.floor, said.floor)
}

/** What is known of where it stands may be from before the silence. */
function isComingBack({ asOf, backAt }: State, said: Said): boolean {
  return asOf - backAt <= backMs && (said.floor === undefined || said.doorZone === undefined)
}

function begin(before: State, now: State, settings: Settings): Standstill {
  const unwatched = now.asOf - before.heard.at > settings.unseenDoorSeconds * secondMs
  if (unwatched) now.holdUntil = Math.max(now.holdUntil, now.asOf + settings.holdSeconds * secondMs)
  if (isZoneOfRide(now, unwatched)) now.heard = { ...now.heard, doorZone: null }

  const recent = now.asOf - now.heard.presentAt <= settings.freshSeconds * secondMs
  const seen = now.heard.passengerPresent === true
  const inside = seen && recent && now.asOf > now.holdUntil
  return {
    since: now.asOf,
    notOpenMs: 0,
    outsideMs: 0,
    seen,
    inside,
    cycledAt: 0,
    doubtedAt: 0,
    ...rowAfter(noStandstill, now, false, settings),
  }
}

/** Of a gateway that samples, a word on the zone that is older than the sample of the stop says where the car was on its way. */
function isZoneOfRide({ heard, asOf }: State, unwatched: boolean): boolean {
  const { doorZone, zoneAt, movedAt, doorSaidAt, doorSampledAt } = heard
  const isOld = doorZone === false && zoneAt <= movedAt && asOf - zoneAt > sampleMs
  return isOld && doorSaidAt === asOf && (isOfLastDay(doorSampledAt, asOf) || unwatched)
}

function goOn(before: State, standstill: Standstill, said: Said, now: State, settings: Settings): Standstill {
  const { doorState, doorZone, passengerPresent } = before.heard
  const gone = now.asOf + now.aheadMs - before.asOf - before.aheadMs
  const freshMs = gone > 0 && gone <= settings.freshSeconds * secondMs ? gone : 0
  const present = said.passengerPresent === true
  const woke = present && passengerPresent === false && !standstill.inside
  if (woke) now.holdUntil = Math.max(now.holdUntil, now.asOf + settings.holdSeconds * secondMs)

  const cycledAt = isMore(before.heard.doorCycles, said.doorCycles) ? now.asOf : standstill.cycledAt
  const heldUntil = cycledAt + settings.holdSeconds * secondMs
  const unseen = cycledAt > 0 && now.asOf >= heldUntil && now.heard.passengerPresent === false
  const doubtedAt = isUnwatched(before, said, now, settings) ? now.asOf : standstill.doubtedAt
  const doubted = doubtedAt > 0 && now.asOf - doubtedAt <= settings.holdSeconds * secondMs
  const isFirst = before.heard.presentAt < standstill.since && tellsDoorChanges(now.heard, now.asOf)
  const absent = (doubted || isFirst) && said.passengerPresent === false
  const left = (unseen || absent) && !isPressed(now, standstill, settings)
  const { samples, sampleAt, rare } = rowAfter(standstill, now, absent, settings)

  return {
    since: standstill.since,
    notOpenMs: woke ? 0 : standstill.notOpenMs + (isNotOpen(doorState) ? freshMs : 0),
    outsideMs: now.heard.doorZone === false ? standstill.outsideMs + (doorZone === false ? freshMs : 0) : 0,
    seen: standstill.seen || present,
    inside: (standstill.inside && !left) || (present && now.asOf > now.holdUntil),
    cycledAt: left || now.asOf > heldUntil ? 0 : cycledAt,
    doubtedAt,
    samples,
    sampleAt,
    rare,
  }
}

/** The door may have opened since the last word on it: that was long ago, and no counter of its cycles says that it has not. */
function isUnwatched({ heard, asOf }: State, said: Said, now: State, settings: Settings): boolean {
  if (said === nothing) return false
  const { doorState, doorCycles } = now.heard
  const counted = said.doorCycles !== undefined || now.asOf - heard.cyclesAt <= settings.freshSeconds * secondMs
  const quiet = counted && doorCycles === heard.doorCycles && doorState === heard.doorState
  const sinceDoorMs = now.asOf - heard.doorSaidAt
  const isSparse = said.doorState !== undefined && sinceDoorMs > settings.unseenDoorSeconds * secondMs
  const sparse = isSparse && !tellsDoorChanges(now.heard, now.asOf)
  const stale = now.asOf - asOf > settings.freshSeconds * secondMs
  return !quiet && (sparse || stale)
}

/** The row of samples that have seen someone. A sensor that tells changes has nothing to say while people stay. */
function rowAfter(row: Row, now: State, absent: boolean, settings: Settings): Row {
  const { heard, asOf } = now
  if (absent) return { samples: 0, sampleAt: 0, rare: false }
  const { samples, sampleAt, rare } = row
  const movedAt = samples === 0 ? 0 : Math.max(sampleAt, heard.doorAt)
  const due = heard.at === asOf && asOf - movedAt > settings.unseenDoorSeconds * secondMs
  const told = heard.presentAt === asOf || asOf - heard.presentAt > settings.freshSeconds * secondMs
  if (!due || !told || presenceOf(now, settings) !== true) return { samples, sampleAt, rare }
  const isRare = samples > 0 && asOf - sampleAt > settings.rareSeconds * secondMs
  return { samples: samples + 1, sampleAt: asOf, rare: rare || isRare }
}

/** Behind a door that is said to be anything but open; unknown is neither. */
function isNotOpen(doorState: Words['doorState']): boolean {
  return doorState !== null && doorState !== 'open'
}

function isAtWork(state: State, { since }: Standstill, settings: Settings): boolean {
  const { mode, modeAt } = state.heard
  if (mode === null) return isAtWorkByCode(state, settings)
  if (mode === 'out-of-service') return modeAt < since - settings.caughtSeconds * secondMs
  return mode === 'inspection' || mode === 'fire' || mode === 'firefighter'
}

function isAtWorkByCode({ heard, asOf }: State, settings: Settings): boolean {
  const { faultCode, codeAt, pressedAt } = heard
  if (faultCode === null || !settings.workCodes.includes(faultCode)) return false
  const isRepeated = asOf - codeAt <= settings.freshSeconds * secondMs
  const calls = pressedAt > 0 && pressedAt >= codeAt
  return isRepeated || (asOf - codeAt <= workCodeMs && !calls)
}

function isEntrapped(now: State, standstill: Standstill, settings: Settings): boolean {
  const { doorState, doorZone } = now.heard
  const pressed = hasPressed(now, standstill, settings)
  const someone = standstill.seen || pressed

  const { outsideSeconds, floorSeconds } = limitsOf(pressed, settings)
  if (doorZone === false && someone && standstill.outsideMs >= outsideSeconds * secondMs) return true

  const stillInside = standstill.inside || (presenceOf(now, settings) === true && now.asOf > now.holdUntil)
  const doubtSeconds = standstill.cycledAt > 0 && !pressed ? settings.holdSeconds : 0
  const needed = standstill.rare ? settings.rareSamples : settings.sparseSamples
  if (!pressed && standstill.doubtedAt > 0 && standstill.samples < needed) return false
  const shutIn = standstill.notOpenMs >= (floorSeconds + doubtSeconds) * secondMs
  return isNotOpen(doorState) && (pressed || stillInside) && shutIn
}

/** The button is pressed by someone who is known to be inside, or is seen now; what nobody is seen to press has to last. */
function hasPressed(now: State, standstill: Standstill, settings: Settings): boolean {
  if (!isPressed(now, standstill, settings)) return false
  const present = presenceOf(now, settings)
  if (standstill.inside || present === null) return true
  const { alarmButton, pressedAt } = now.heard
  const ms = now.asOf - pressedAt
  const isRecent = ms <= settings.freshSeconds * secondMs
  const lasts = alarmButton === true && ms >= settings.buttonSeconds * secondMs
  return standstill.seen && (lasts || (present && isRecent))
}

function isPressed({ heard: { pressedAt } }: State, { since }: Standstill, { buttonSeconds }: Settings): boolean {
  return pressedAt > 0 && pressedAt >= since - buttonSeconds * secondMs
}

function limitsOf(pressed: boolean, settings: Settings): { outsideSeconds: number; floorSeconds: number } {
  return pressed
    ? { outsideSeconds: settings.outsideZoneWithButtonSeconds, floorSeconds: settings.atFloorWithButtonSeconds }
    : { outsideSeconds: settings.outsideZoneSeconds, floorSeconds: settings.atFloorSeconds }
}

/** One that goes on for another reason than it was raised for names no limit that is not reached. */
function findingOf(now: State, standstill: Standstill, settings: Settings): Finding {
  const { doorState, doorZone, floor, passengerPresent } = now.heard
  const pressed = hasPressed(now, standstill, settings)
  const outside = doorZone === false
  const standingSeconds = Math.round((outside ? standstill.outsideMs : standstill.notOpenMs) / secondMs)
  const limits = limitsOf(pressed, settings)
  const limitSeconds = outside ? limits.outsideSeconds : limits.floorSeconds
  const isReached = standingSeconds >= limitSeconds
  const door = doorState === 'opening' || doorState === 'closing' ? 'a door that does not open' : 'a closed door'
  const where = outside ? 'outside the door zone' : `behind ${door}`
  const button = pressed ? ', the alarm button is pressed' : ''
  return {
    severity: 'critical',
    summary: isReached
      ? `Someone is shut in: the car has stood ${where} for ${standingSeconds} s${button} (limit ${limitSeconds} s)`
      : `Someone is still shut in: the car has stood ${where} for ${standingSeconds} s${button}`,
    evidence: {
      standingSeconds,
      ...(isReached && { limitSeconds }),
      outsideDoorZone: outside,
      doorState,
      alarmButton: pressed,
      floor,
      passengerPresent,
    },
    since: shutInSince(now, standstill, settings),
  }
}

/** Since the stop; since the sensor woke where that was later than the doors of a stop take: until then nobody was known to be inside. */
function shutInSince({ holdUntil }: State, { since }: Standstill, { holdSeconds }: Settings): number {
  const holdMs = holdSeconds * secondMs
  const wokeAt = holdUntil - holdMs
  return wokeAt - since > holdMs ? wokeAt : since
}

function differs<T>(before: T | null, after: T | undefined): boolean {
  return before !== null && after !== undefined && before !== after
}
