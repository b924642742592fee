import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Tick } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'
import {
  doubtMs,
  isKnownToStand,
  isMore,
  type Motion,
  motionAfter,
  stands,
  staysPut,
  tripCounted,
  unknownMotion,
} from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** When its mode turned to `out-of-service`, ms; 0 while it is another, 1 when it was so from the first word on. */
  readonly offAt: number
  readonly motion: Motion
  /** When it was last said to be outside its door zone, ms; 0 when the last word was another, negative while it is not believed. */
  readonly outAt: number
  readonly code: string | null
  /** The last word of the presence sensor. */
  readonly present: boolean
  /** Someone was present at some time since the stop: that is for `elevator/entrapment`. */
  readonly someone: boolean
  readonly trips: number | null
  readonly held: Held | null
}

const defaults = {
  outsideSeconds: 60,
  clearSeconds: 10,
  /** A word on the door zone from so long before the stop may be of another place: the way between two floors takes less. */
  zoneSeconds: 60,
  /** A car that stops so soon after the switch to out-of-service was caught in it. */
  caughtSeconds: 10,
  faultCodes: codesOf('elevator/stopped-outside-zone'),
  workCodes,
}

type Settings = typeof defaults

/**
 * The car has stopped outside its door zone, and nobody is known to be in it. Somebody may be: presence sensors drop for people who stand
 * still, and many cars have none.
 *
 * Outside   `doorZone` false, or the controller's code (`faultCodes`). A door that is fully open where the zone's word is older than the
 *           stop proves a floor. One word of an empty parked car is a sensor's; the next is believed, or a reading 10 s later that does not
 *           say the zone: who samples would have taken it back
 * Stands    by `carSpeedMps`, else `brakeState`, else `direction`, else a `floor` that stays (`motion.ts`); a code says it by itself. A trip that
 *           `trips` counts is a sign that it moves. A word that it stands, from before its ride, is none of its stop
 * Duration  `outsideSeconds`, twice that of `elevator/entrapment`: a controller brings an empty car to a floor by itself, slowly
 * Someone   present at any time since the stop, it is `elevator/entrapment`, and this rule says nothing more. What it has raised stays
 * Modes     `inspection`, `fire` and `firefighter` inhibit, `out-of-service` too unless the car was caught in it. `emergency-power` and
 *           `earthquake` do not
 * Input     readings and ticks
 * Finding   urgent; evidence in seconds of fresh standstill
 * Clears    when it has been in the zone, or moved, for `clearSeconds`
 * Memory    fourteen small values, five more while it is outside
 * Source    code 04 of GB/T 24476 as publicly implemented; the durations are unverified defaults
 */
export const stoppedOutsideZone = defineDetector({
  id: 'elevator/stopped-outside-zone',
  about: {
    finds: 'The car has stopped outside its door zone, and nobody is known to be in it.',
    severities: ['urgent'],
    source: 'Code 04 of GB/T 24476 as publicly implemented; durations are unverified defaults',
    traps: [
      'a car that rides',
      'someone who is known to be inside, whom entrapment finds',
      'an empty car that the controller brings to a floor within 50 s',
      'one wrong sample of the door zone',
      'a stop at a floor whose zone is not told again',
      'a car that was put out of service between floors',
      'a mechanic on the car’s roof in inspection mode',
      'a car that rides each time it is sampled, at the same speed, where only changes are told',
      'a link that is lost on a ride, where only changes are told',
    ],
  },
  lasts: 'outsideSeconds',
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
    trips: true,
    faultCode: true,
  }),
  ticks: true,
  settings: defaults,
  initial: {
    service: 0,
    offAt: 0,
    motion: unknownMotion,
    outAt: 0,
    code: null,
    present: false,
    someone: false,
    trips: null,
    held: null,
  } as State,

  step(state, input, settings) {
    if (input.tick) return !input.fresh || state.held === null ? { state } : judge(state, state, input, settings)
    return judge(state, hear(state, input, settings), input, settings)
  },
})

type Said = ElevatorValues & { readonly at: number }

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const { at, mode, faultCode } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const offAt = mode === undefined ? was.offAt : mode !== 'out-of-service' ? 0 : offSince(was, at)
  const trips = said.trips ?? was.trips
  const moved = motionAfter(was.motion, said)
  const motion = isMore(was.trips, said.trips) ? tripCounted(moved, at) : moved
  const outAt = outAfter(was, said)
  const code = faultCode === undefined ? was.code : settings.faultCodes.includes(faultCode) ? faultCode : null
  const present = said.passengerPresent ?? was.present

  const sameMode = service === was.service && offAt === was.offAt && code === was.code
  if (sameMode && motion === was.motion && outAt === was.outAt && present === was.present && trips === was.trips)
    return was
  const { someone, held } = was
  return { service, offAt, motion, outAt, code, present, someone, trips, held }
}

function offSince({ offAt, service }: State, at: number): number {
  return offAt > 0 ? offAt : service === 0 ? 1 : at
}

/** A car that is parked in its zone and has not moved since has not left it: one word that it has is a sensor's, unless someone is in it. */
function outAfter(was: State, said: Said): number {
  if (said.doorZone === undefined) {
    if (opensAtFloor(was, said)) return 0
    const doubtedMs = was.outAt < 0 ? said.at + was.outAt : 0
    return doubtedMs >= doubtMs ? said.at : was.outAt
  }
  if (said.doorZone) return 0
  const isParked = was.outAt === 0 && isKnownToStand(was.motion)
  const present = said.passengerPresent ?? was.present
  const isDoubted = isParked && !present && staysPut({ floor: was.motion.floor, trips: was.trips }, said)
  return isDoubted ? -said.at : said.at
}

/** A gateway that tells changes has said "outside" on the ride; the zone is then known by the door that opens. */
function opensAtFloor({ outAt, held }: State, { at, doorState }: Said): boolean {
  return doorState === 'open' && held?.raised !== true && outAt !== 0 && outAt < (held?.since ?? at)
}

function judge(before: State, heard: State, { at }: Said | Tick, settings: Settings) {
  const { motion, outAt, code, present } = heard
  const raised = before.held?.raised === true
  const believed = raised || (before.held?.since ?? at) - outAt <= settings.zoneSeconds * secondMs
  const outside = code !== null || (outAt > 0 && believed)
  const standing = stands(motion, at) ?? code !== null
  const someone = outside && standing && (present || before.someone)

  const inhibited = isAtWork(heard.service) || isOff(heard, before.held?.since ?? at, settings)
  if (inhibited && raised) return { state: heard }
  const holds = outside && standing && !inhibited && (raised || !someone)
  const held = hold(before.held, at, holds, settings.outsideSeconds, settings.clearSeconds)

  const same = someone === heard.someone && held === heard.held
  const state = same ? heard : { ...heard, someone, held }
  return answer(before, state, held?.raised && findingOf(state, held, at, settings))
}

function isOff({ offAt }: State, since: number, { caughtSeconds }: Settings): boolean {
  return offAt > 0 && offAt < since - caughtSeconds * secondMs
}

function findingOf(
  { outAt, motion, code, offAt }: State,
  held: Held,
  at: number,
  { outsideSeconds }: Settings,
): Finding {
  const standingSeconds = Math.round((at - held.since) / secondMs)
  const where = outAt > 0 ? 'outside its door zone' : `between floors, as code ${code} says,`
  return {
    severity: 'urgent',
    summary: `The car has stopped ${where} for ${standingSeconds} s; nobody is known to be inside (limit ${outsideSeconds} s)`,
    evidence: {
      standingSeconds,
      limitSeconds: outsideSeconds,
      outsideDoorZone: outAt > 0,
      floor: motion.floor,
      outOfService: offAt > 0,
      faultCode: code,
    },
    since: held.since,
  }
}
