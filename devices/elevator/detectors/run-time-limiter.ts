import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import type { ElevatorFacts } from '../facts.ts'
import { type ElevatorValues, elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'
import { isMore, standingMps } from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** 0 unknown, 1 applied, 2 released after it was seen applied, and nothing has moved yet, 3 released. */
  readonly brake: 0 | 1 | 2 | 3
  /** The direction that is set, 1 up, -1 down, 0 none; the door is not closed, the speed is told: null = never said. */
  readonly heading: -1 | 0 | 1 | null
  readonly open: boolean | null
  readonly hasSpeed: boolean
  readonly floor: number | null
  readonly zone: boolean | null
  readonly trips: number | null
  /** The floor at which `trips` last rose; and it is told as soon as it rises: it was seen to, by few, with another floor. */
  readonly tripFloor: number | null
  readonly countsTrips: boolean
  /** When the car was last said to move, and the motor to draw current; 0 when the last word was another, ms. */
  readonly runAt: number
  readonly ampsAt: number
  readonly code: string | null
  /** What `held` counts: that it runs and gets nowhere, or that it is driven and stands. */
  readonly slips: boolean
  readonly held: Held | null
}

const defaults = {
  /** The limiter acts within the time of the whole travel and this, not before `leastSeconds`, at the latest after `mostSeconds`. */
  marginSeconds: 10,
  leastSeconds: 20,
  mostSeconds: 45,
  storeyMetres: 3,
  /** For a car that runs and stays at its floor, where its travel is not known: longer than any ride between two floors. */
  slipSeconds: 120,
  /** A motor at rest draws less, A. */
  motorAmps: 2,
  clearSeconds: 30,
  faultCodes: codesOf('elevator/run-time-limiter'),
  workCodes,
}

type Settings = typeof defaults

const freshMs = freshSeconds * secondMs
/** Between two readings so far apart, a car that is not said to stand may have been anywhere. */
const unseenMs = 20 * secondMs
/** And where its counter of trips says the same as before: as long as a limiter may take. */
const unseenWithTripsMs = 45 * secondMs
/** A counter that rises by more is told too late: so many rides fit between two of its words. Unverified default. */
const mostTrips = 3

/**
 * The machine is driven and the car gets nowhere: it does not start, or its ropes slip on the sheave and wear through. The elevator's own
 * run-time limiter must stop it then; it has, or it should have.
 *
 * Driven    the door not open, and: the brake released since it was seen applied and nothing has moved; or released with a direction
 *           set; or, of a brake that is never told, a direction set and `motorAmps` drawn. An arrow alone stays lit on many
 * Nowhere   neither a speed, nor another floor, nor a change of the door zone; the other direction is another start. Where it rests on a
 *           floor that stays, it is said every 20 s at least; every 45 s where no speed is told and `trips` stays as well,
 *           of a counter that was seen to rise, by three at most, with another floor: one that is frozen, or told once an hour, stays always
 * Limit     the time of the whole travel (facts `stops` and `ratedSpeedMps`) and `marginSeconds`, between `leastSeconds` and
 *           `mostSeconds`; `mostSeconds` where it is not known. Who gives up sooner without having moved, after `leastSeconds`, was
 *           stopped by the limiter. A car with a speed that stays at its floor: the longest ride and `marginSeconds`, at least
 *           `mostSeconds`
 * Code      the controller's word (`faultCodes`) is believed at once
 * Modes     `inspection`, `fire` and `firefighter` inhibit
 * Input     readings only: on a ride, the last word before the link is lost would say the same
 * Finding   urgent; evidence in seconds
 * Clears    when it has moved again, for `clearSeconds`: a limiter that acted blocks the machine until somebody resets it
 * Memory    sixteen small values, five more while it counts
 * Source    EN 81-20:2014 and GB/T 7588.1-2020, 5.9.2.7 (at most the smaller of 45 s and the travel plus 10 s, with a minimum of 20 s), not
 *           checked against the paid text; storey, current and the other durations are unverified defaults
 */
export const runTimeLimiter = defineDetector({
  id: 'elevator/run-time-limiter',
  about: {
    finds: 'The machine is driven and the car gets nowhere: its run-time limiter has acted, or should have.',
    severities: ['urgent'],
    source:
      'EN 81-20:2014 and GB/T 7588.1-2020, 5.9.2.7, not checked against the paid text; storey, current and other durations are unverified defaults',
    traps: [
      'an arrow that stays lit while the car stands',
      'a brake contact that hangs while the car stands',
      'a start that takes 15 s',
      'a ride and its way back between rare samples',
      'people who hold the door of a car that wants to leave',
      'a long ride without a speed sensor',
      'a long ride whose floor is not told',
      'a mechanic who tests the brake in inspection mode',
    ],
  },
  lasts: 'leastSeconds',
  rising: [['leastSeconds', 'mostSeconds', 'slipSeconds']],
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    brakeState: true,
    direction: true,
    doorState: true,
    doorZone: true,
    carSpeedMps: true,
    floor: true,
    trips: true,
    motorAmps: true,
    faultCode: true,
  }),
  settings: defaults,
  initial: {
    service: 0,
    brake: 0,
    heading: null,
    open: null,
    hasSpeed: false,
    floor: null,
    zone: null,
    trips: null,
    tripFloor: null,
    countsTrips: false,
    runAt: 0,
    ampsAt: 0,
    code: null,
    slips: false,
    held: null,
  } as State,

  step(state, input, settings, facts: ElevatorFacts) {
    const heard = hear(state, input, settings)
    if (!isAtWork(heard.service)) return judge(state, heard, input, settings, facts)
    return { state: heard.held?.raised === false ? { ...heard, held: null } : heard }
  },
})

type Said = ElevatorValues & { readonly at: number }

const headingOf = { up: 1, down: -1, none: 0 } as const

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const { at, carSpeedMps, faultCode } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const brake = brakeAfter(was, said)
  const heading = said.direction === undefined ? was.heading : headingOf[said.direction]
  const open = said.doorState === undefined ? was.open : said.doorState !== 'closed'
  const hasSpeed = was.hasSpeed || carSpeedMps !== undefined
  const floor = said.floor ?? was.floor
  const zone = said.doorZone ?? was.zone
  const trips = said.trips ?? was.trips
  const { tripFloor, countsTrips } = isMore(was.trips, said.trips) ? tripsAfter(was, said, floor) : was
  const runAt = carSpeedMps === undefined ? was.runAt : Math.abs(carSpeedMps) > standingMps ? at : 0
  const ampsAt = said.motorAmps === undefined ? was.ampsAt : Math.abs(said.motorAmps) >= settings.motorAmps ? at : 0
  const code = faultCode === undefined ? was.code : settings.faultCodes.includes(faultCode) ? faultCode : null

  const sameDrive = brake === was.brake && heading === was.heading && open === was.open && ampsAt === was.ampsAt
  const sameMotion = hasSpeed === was.hasSpeed && floor === was.floor && zone === was.zone && runAt === was.runAt
  const sameTrips = trips === was.trips && tripFloor === was.tripFloor && countsTrips === was.countsTrips
  if (sameDrive && sameMotion && sameTrips && service === was.service && code === was.code) return was
  const { slips, held } = was
  return {
    service,
    brake,
    heading,
    open,
    hasSpeed,
    floor,
    zone,
    trips,
    tripFloor,
    countsTrips,
    runAt,
    ampsAt,
    code,
    slips,
    held,
  }
}

/** What its rise says of the counter. */
function tripsAfter(was: State, { trips = 0 }: Said, floor: number | null): Pick<State, 'tripFloor' | 'countsTrips'> {
  const isElsewhere = was.tripFloor !== null && floor !== was.tripFloor
  const isLate = trips - (was.trips ?? trips) > mostTrips
  return { tripFloor: floor, countsTrips: !isLate && (isElsewhere || was.countsTrips) }
}

function brakeAfter(was: State, said: Said): State['brake'] {
  if (said.brakeState === 'applied') return 1
  if (said.brakeState === undefined && was.brake < 2) return was.brake
  const moves = Math.abs(said.carSpeedMps ?? 0) > standingMps || isElsewhere(was, said)
  return (was.brake === 1 || was.brake === 2) && !moves ? 2 : 3
}

/** It has got to another floor, into the door zone or out of it. */
function isElsewhere({ floor, zone }: State, said: Said): boolean {
  return (
    (floor !== null && said.floor !== undefined && said.floor !== floor) ||
    (zone !== null && said.doorZone !== undefined && said.doorZone !== zone)
  )
}

function judge(before: State, heard: State, said: Said, settings: Settings, facts: ElevatorFacts) {
  const { at } = said
  const { floor, code } = heard
  const elsewhere = isElsewhere(before, said)
  const runs = heard.runAt > 0 && at - heard.runAt <= freshMs
  const slips = runs && floor !== null
  const nowhere = !elsewhere && (runs ? slips : isDriven(heard, at))

  const counted = countedBy(before, heard, said, slips, nowhere)
  const least = settings.leastSeconds * secondMs
  const gaveUp = counted?.raised === false && !nowhere && !elsewhere && !runs && !before.slips && counted.ms >= least
  const limitSeconds = gaveUp ? settings.leastSeconds : limitOf(slips, settings, facts)
  const calm = counted?.calm === true
  const free = elsewhere || (runs && floor === null) || calm
  // a ride that goes well looks the same between two floors
  const accused = (nowhere && !(slips && calm)) || gaveUp || code !== null
  const holds = accused ? true : counted?.raised && !free ? undefined : false
  // time counts from one word on the car to the next: what it was in between, only they say
  const waits = counted?.raised === false && nowhere && code === null && !saysWhere(said, heard, slips, at - counted.at)
  const held = waits
    ? counted
    : hold(counted, at, holds, code !== null || gaveUp ? 0 : limitSeconds, settings.clearSeconds)

  const same = held === heard.held && slips === heard.slips
  const state = same ? heard : { ...heard, slips, held }
  return answer(before, state, held?.raised && findingOf(state, held.since, at, limitSeconds))
}

/**
 * Standing and slipping are counted apart; what rests on a floor that stays, only while it is said often enough. The other direction is another
 * start: between two rare samples, one at the beginning of a ride and one at the end of the way back, it has moved.
 */
function countedBy(was: State, { hasSpeed, heading }: State, { at, trips }: Said, slips: boolean, nowhere: boolean) {
  const { held, slips: slipped, countsTrips } = was
  if (held === null || held.raised) return held
  if ((was.heading ?? 0) * (heading ?? 0) < 0) return null
  const hasNoTrip = !hasSpeed && countsTrips && trips !== undefined && trips === was.trips
  const unseen = (slips || !hasSpeed) && at - held.at > (hasNoTrip ? unseenWithTripsMs : unseenMs)
  return unseen || (nowhere && slips !== slipped) ? null : held
}

/** What rests on standing must be said with the words that drive it, where readings are rare. */
function saysWhere(said: Said, { hasSpeed }: State, slips: boolean, apartMs: number): boolean {
  if (slips || !hasSpeed) return said.floor !== undefined
  const drives = said.brakeState !== undefined || said.direction !== undefined
  return said.carSpeedMps !== undefined && (drives || apartMs <= unseenMs)
}

function isDriven({ open, brake, heading, ampsAt }: State, at: number): boolean {
  if (open === true) return false
  if (brake === 2) return heading !== 0
  return heading !== null && heading !== 0 && (brake === 3 || (brake === 0 && ampsAt > 0 && at - ampsAt <= freshMs))
}

/** How long this elevator's limiter may take, s. */
function limitOf(slips: boolean, settings: Settings, { stops, ratedSpeedMps }: ElevatorFacts): number {
  const { marginSeconds, leastSeconds, mostSeconds, slipSeconds } = settings
  if (stops === undefined || ratedSpeedMps === undefined) return slips ? slipSeconds : mostSeconds
  const wholeSeconds = ((stops - 1) * settings.storeyMetres) / ratedSpeedMps + marginSeconds
  return slips ? Math.max(mostSeconds, wholeSeconds) : Math.min(mostSeconds, Math.max(leastSeconds, wholeSeconds))
}

function findingOf({ slips, floor, code }: State, since: number, at: number, limitSeconds: number): Finding {
  const seconds = Math.round((at - since) / secondMs)
  const seen = slips
    ? `The car runs for ${seconds} s and stays at its floor: its ropes may slip`
    : `The machine is driven for ${seconds} s and the car does not move`
  return {
    severity: 'urgent',
    summary:
      code === null
        ? `${seen} (limit ${limitSeconds.toFixed(0)} s)`
        : `The run-time limiter of the motor has acted (code ${code})`,
    evidence: { drivenSeconds: seconds, limitSeconds: Math.round(limitSeconds), slips, floor, faultCode: code },
    since,
  }
}
