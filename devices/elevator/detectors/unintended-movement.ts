import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Tick } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import {
  type Clash,
  clashAfter,
  isBelieved,
  isSampling,
  isSamplingAlone,
  lostMs,
  type Telling,
  tellingAfter,
  unknownTelling,
} from './clash.ts'
import { type Creep, creepAfter, hasCrept, wayOf } from './creep.ts'
import { answer, type Held, hold } from './held.ts'
import { standingMps } from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'
import { type Floors, floorsAfter, unknownFloors } from './stray.ts'

interface State {
  readonly service: Service
  /** 0 unknown, 1 closed, 2 opening, 3 open, 4 closing. */
  readonly door: 0 | 1 | 2 | 3 | 4
  /**
   * When the door was last said not to be closed, the car outside its zone, and fast; 0 when the last word was another, or the door's is
   * over as nothing at all was heard since, ms.
   */
  readonly doorAt: number
  readonly outAt: number
  readonly fastAt: number
  /** The speed then, m/s. */
  readonly mps: number
  /** The last word on the speed is that it stands; it has moved since it last stood in its zone. */
  readonly stands: boolean
  readonly stirred: boolean
  /** With its door open it left its zone and came back, and never moved: the zone's sensor fails. */
  readonly flickers: boolean
  readonly creep: Creep | null
  readonly floors: Floors
  /** The counter of door cycles, as it was told with the door's last word; null where it was not. */
  readonly cycles: number | null
  /** With this open door it has been outside its zone, or fast; null of a car that has told neither speed nor zone. */
  readonly roams: boolean | null
  /**
   * It was outside the zone with its door closed: a door that opens there is forced, by people who want out. `rides` while it was seen only to
   * move there, and in its zone before that.
   */
  readonly shutOut: boolean | 'rides'
  /** When one reading said first of this open door that the car is on a ride, outside its zone and fast, ms; 0 while none did. */
  readonly rideAt: number
  /** The controller's word for it, while it stands. */
  readonly code: string | null
  readonly clash: Clash | null
  readonly telling: Telling
  readonly held: Held | null
}

const defaults = {
  /** Re-levelling with an open door is no faster. */
  reLevellingMps: 0.3,
  /** Nor is levelling while the door already opens. */
  levellingMps: 0.8,
  /** A car that creeps so far with its door open has left its zone, whatever the zone's sensor says or does not say. */
  wayMetres: 0.35,
  creepSamples: 4,
  confirmSeconds: 1,
  quietSeconds: 15,
  /** The same of a car that is told to go as fast as on a ride: the words of a door that closed may have been lost, and its stop will tell. */
  rideSeconds: 60,
  /** It clears when the car has stood in its zone with its door closed for so long: somebody has put it back into service. */
  clearSeconds: 600,
  faultCodes: codesOf('elevator/unintended-movement'),
  workCodes,
}

type Settings = typeof defaults

const freshMs = freshSeconds * secondMs
/** A device that was not heard at all for longer may have said something that was lost. Unverified default. */
const goneMs = 5 * minuteMs
/** Two readings that say the same ride with an open door: of a gateway that repeats everything once a minute, one may be missing. Unverified default. */
const ridesMs = 3 * minuteMs

const doorCodes = { closed: 1, opening: 2, open: 3, closing: 4 } as const

/**
 * The car leaves its door zone, or moves faster than levelling allows, while its door is not closed: it shears whoever steps in or out.
 * A brake that slips, a door contact that is bridged, a drive that starts by itself.
 *
 * Evidence  the door zone is left, or the speed is above `reLevellingMps` (above `levellingMps` with a door on its way), while the last
 *           word on the door is not `closed`: in two samples; or, told as changes, with a door that is said to be open, undisputed for
 *           `quietSeconds`, or for `rideSeconds` while the car is as fast as on a ride (`clash.ts`). A car that was outside the zone with its
 *           door closed has not moved: its door was forced there; unless it was in its zone before, and was seen only to ride: then it
 *           left the floor where it had stopped meanwhile, or stands as dangerously
 * Rides     of a gateway that repeats everything once a minute, two of these readings within three minutes are enough: the door said to be open
 *           in both and nothing else between them, the car outside its zone and fast in both
 * Changes   a gateway that tells changes says nothing while a door stands open: the word holds as long as the device is heard, whatever it
 *           says; after five minutes of silence nobody knows
 * Zone      left by a car that is said to stand all the time, it is believed after `quietSeconds`; a sensor that says "back" of such a
 *           car as well fails, and says nothing more until the car has moved or closed its door
 * Creep     slower, it is found by its way: more than `wayMetres` in one movement, from standing, with an open door (`creep.ts`). Any
 *           word that it is in its zone begins the way anew, so re-levelling is none. How long a speed held is known between two samples, and
 *           of a gateway that is seen to tell changes; one sample of a minute is no way
 * Floor     another floor with the door open all the while (`stray.ts`), of a car that was outside its zone or fast meanwhile, or has told
 *           neither: in two samples, or undisputed for `rideSeconds`; where ten rides in a row have told their floor with the door
 *           closed, so that no late word accuses it; or where `doorCycles`, told with the door and the floor, says that the door has not
 *           closed meanwhile, and the car was seen to move or to be outside its zone. So a car is found that rolls on and comes to rest level with another floor
 * Code      the controller's own word (`faultCodes`) is believed at once
 * Modes     `inspection`, `fire` and `firefighter` inhibit: a mechanic may bridge the door contacts (EN 81-20, 5.12.1.8), and water in the
 *           shaft makes signals lie. No other mode does. What was raised before stays, silent
 * Input     readings and ticks; other words older than 90 s accuse nobody
 * Finding   critical; evidence in m/s, and mm where it crept
 * Clears    when it has stood in its zone with its door closed for `clearSeconds`; never by missing data
 * Memory    twenty small values, up to twelve more while something happens
 * Source    EN 81-20:2014 and GB/T 7588.1-2020: 5.6.7 for the movement, 5.12.1.4 for levelling with open doors up to 0.8 and 0.3 m/s,
 *           not checked against the paid text; the durations and the way are unverified defaults
 */
export const unintendedMovement = defineDetector({
  id: 'elevator/unintended-movement',
  about: {
    finds: 'The car leaves its door zone, or moves faster than levelling allows, while its door is not closed.',
    severities: ['critical'],
    source:
      'EN 81-20:2014 and GB/T 7588.1-2020, 5.6.7 and 5.12.1.4, not checked against the paid text; durations and the way are unverified defaults',
    traps: [
      'a car that re-levels with its door open',
      'a door that opens early while the car levels in',
      'a door that is forced between floors',
      'one wrong sample of the door zone',
      'one wrong sample of the speed',
      'a zone sensor that flickers while the speed reads 0',
      'a speed sensor that reads 0.08 m/s in a car that stands',
      'a car that re-levels after minutes with its door open, told as changes',
      'a gateway that was not heard while its door stood open',
      'a ride of a car whose door’s words were lost',
      'a gateway that measures each metric at its own time',
      'a gateway that tells the floor late',
      'an elevator that is seen at another floor, its door open again',
      'a mechanic who moves the car with its door open',
    ],
  },
  rising: [['reLevellingMps', 'levellingMps']],
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    floor: true,
    doorState: true,
    doorZone: true,
    doorCycles: true,
    carSpeedMps: true,
    faultCode: true,
  }),
  ticks: true,
  bounds: { reLevellingMps: [0.1, 0.8], levellingMps: [0.3, 1.5], wayMetres: [0.1, 1.2] },
  settings: defaults,
  initial: {
    service: 0,
    door: 0,
    doorAt: 0,
    outAt: 0,
    fastAt: 0,
    mps: 0,
    stands: false,
    stirred: false,
    flickers: false,
    creep: null,
    floors: unknownFloors,
    cycles: null,
    roams: null,
    shutOut: false,
    rideAt: 0,
    code: null,
    clash: null,
    telling: unknownTelling,
    held: null,
  } as State,

  step(state, input, settings) {
    if (input.tick) {
      if (state.doorAt > 0 && input.at - input.lastReadingAt > goneMs) return { state: { ...state, doorAt: 0 } }
      const idle = state.clash === null && state.held === null && state.code === null && state.creep === null
      return idle || !input.fresh || isAtWork(state.service) ? { state } : judge(state, state, input, settings)
    }

    const heard = hear(state, input, settings)
    if (!isAtWork(heard.service)) return judge(state, heard, input, settings)
    return { state: heard.clash === null && heard.creep === null ? heard : { ...heard, clash: null, creep: null } }
  },
})

type Metric = 'mode' | 'floor' | 'doorState' | 'doorZone' | 'doorCycles' | 'carSpeedMps' | 'faultCode'
type Said = Pick<ElevatorValues, Metric> & { readonly at: number }

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const { at, doorState, doorZone, doorCycles = null, carSpeedMps, faultCode } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const door = doorState === undefined ? was.door : doorCodes[doorState]
  const doorAt = doorState === undefined ? was.doorAt : door === 1 ? 0 : at
  const outAt = doorZone === undefined ? was.outAt : doorZone ? 0 : at
  const stands = carSpeedMps === undefined ? was.stands : Math.abs(carSpeedMps) <= standingMps
  const gotOff = was.shutOut === 'rides' && doorState === 'open' && doorZone === false
  const shutOut =
    outAt > 0 && !gotOff && (door === 1 ? shutOutBy(was, carSpeedMps !== undefined && !stands) : was.shutOut)
  const fast = carSpeedMps !== undefined && Math.abs(carSpeedMps) > settings.reLevellingMps
  const fastAt = carSpeedMps === undefined ? was.fastAt : fast ? at : 0
  const mps = carSpeedMps === undefined ? was.mps : fast ? Math.abs(carSpeedMps) : 0
  const code = faultCode === undefined ? was.code : settings.faultCodes.includes(faultCode) ? faultCode : null

  const saysRide = doorState === 'open' && doorZone === false && fast
  const isOther = saysRide && (was.rideAt === 0 || at - was.rideAt > ridesMs)
  const rideAt = door !== 3 ? 0 : isOther ? at : was.rideAt

  const blind = doorZone === undefined && carSpeedMps === undefined
  const away = (outAt > 0 && !shutOut) || fast
  const cycles = doorState === undefined ? was.cycles : doorCycles
  const stirred = stirs(was, said, stands, outAt) && !(gotOff && stands)
  const isBack = doorZone === true && was.outAt > 0 && stands && !was.stirred
  const flickers = door !== 1 && !stirred && (was.flickers || isBack)

  const moved = (away || stirred || was.stirred || was.roams === true) && !flickers
  const floors = floorsOf(was, said, door, service, moved)
  const left = away || (floors.left !== null && moved)
  const roams = blind && (was.roams === null || door === 3) ? was.roams : door === 3 && (was.roams === true || left)
  const alone = blind && (said.floor === undefined || roams !== null)
  const telling = doorState === undefined ? was.telling : tellingAfter(was.telling, at, door === was.door, alone)
  const samples = isSampling(telling, at) || (doorState !== undefined && !telling.quick)
  const crept = creepAfter(was.creep, at, carSpeedMps, was.stands, samples, settings)
  const inZone = crept !== null && doorZone === true
  const creep = door !== 3 || shutOut ? null : inZone ? { ...crept, since: at, at, mps: 0, metres: 0, words: 1 } : crept

  const sameTimes = doorAt === was.doorAt && outAt === was.outAt && fastAt === was.fastAt && telling === was.telling
  const sameWords = service === was.service && door === was.door && shutOut === was.shutOut && code === was.code
  const sameMotion = stands === was.stands && stirred === was.stirred && flickers === was.flickers
  const sameWay = creep === was.creep && floors === was.floors && roams === was.roams && rideAt === was.rideAt
  if (sameTimes && sameWords && sameMotion && sameWay && cycles === was.cycles) return was
  const { clash, held } = was
  // each by its name: this is made for every reading of a car on its way, and a spread takes three times as long
  return {
    service,
    door,
    doorAt,
    outAt,
    fastAt,
    mps,
    stands,
    stirred,
    flickers,
    creep,
    floors,
    cycles,
    roams,
    shutOut,
    rideAt,
    code,
    clash,
    telling,
    held,
  }
}

function floorsOf(was: State, said: Said, door: State['door'], service: Service, moved: boolean): Floors {
  const { at, floor, doorState, doorCycles } = said
  // of one that tells changes, a floor that is news beside the door's word comes after others that were lost
  const isTold = doorState === undefined || floor === was.floors.floor
  return floorsAfter(was.floors, at, floor, {
    isOpen: door === 3 && !isAtWork(service),
    isClosed: door === 1,
    opens: door === 2,
    wasOpen: was.door === 3,
    saidAt: was.doorAt,
    holds: isTold && stillOpen(was) && !isSamplingFloors(was, at),
    counted: moved && floor !== undefined && doorState !== undefined && doorCycles === was.cycles,
  })
}

/** Where zone or speed say that it moved as well, one that repeats everything soon after a change is believed. */
function isSamplingFloors({ roams, telling }: State, at: number): boolean {
  return roams === null ? isSampling(telling, at) : isSamplingAlone(telling, at)
}

/** Outside its zone with its door closed; `moves` by this very word. A sensor that never says otherwise tells of no ride. */
function shutOutBy({ door, outAt, shutOut }: State, moves: boolean): State['shutOut'] {
  const wasInZone = door > 0 && (outAt === 0 || shutOut === 'rides')
  return moves && wasInZone ? 'rides' : true
}

/** It has moved since it last stood in its zone. */
function stirs(was: State, { carSpeedMps }: Said, stands: boolean, outAt: number): boolean {
  const moves = carSpeedMps !== undefined && !stands
  return moves || (was.stirred && !(stands && outAt === 0))
}

function judge(before: State, heard: State, { at }: Said | Tick, settings: Settings) {
  const { door, doorAt, outAt, code, creep, floors } = heard
  const strays = hasStrayed(heard)
  const moves = isNotClosed(heard, at) && (hasLeft(heard, at) || isFast(heard, at, settings) || strays)
  const movedAt = Math.max(outAt, heard.fastAt, strays ? floors.at : 0)
  const clash = clashAfter(before.clash, at, moves, doorAt, movedAt)
  const samples = strays ? isSamplingFloors(heard, at) : isSampling(heard.telling, at)
  const still = heard.stands && !heard.stirred
  const confirmSeconds = still ? settings.quietSeconds : settings.confirmSeconds
  const asOnRide = strays || heard.mps > settings.levellingMps
  const quietSeconds = asOnRide ? settings.rideSeconds : settings.quietSeconds
  const mostApartMs = stillOpen(heard) ? Number.POSITIVE_INFINITY : lostMs
  const sampled = samples || isSampled(heard)
  const crept = hasCrept(creep, at, doorAt, sampled, settings, mostApartMs)
  // of a door on its way the next word may have been lost
  const mostMs = door !== 3 ? 0 : doorAt < movedAt ? mostApartMs : lostMs
  const believed = isBelieved(clash, at, doorAt, movedAt, samples, { confirmSeconds, quietSeconds }, mostMs)
  const again = ridesAgain(heard, at, settings)
  const sure = code !== null || believed || crept || again
  // once raised, less will do to keep it, and only a sound car counts against it
  const sound = door === 1 && outAt === 0
  const holds = before.held === null ? sure : moves || crept || code !== null ? true : sound ? false : undefined
  const held = hold(before.held, at, holds, 0, settings.clearSeconds)

  const state = clash === heard.clash && held === heard.held ? heard : { ...heard, clash, held }
  const movedMm = creep !== null && crept ? Math.round(1_000 * wayOf(creep, at, sampled)) : null
  const since = held?.since ?? at
  const rodeAt = again ? heard.rideAt : since
  const beganAt = Math.min(clash?.since ?? since, crept ? (creep?.since ?? since) : since, rodeAt, since)
  return answer(before, state, held?.raised && findingOf(state, beganAt, movedMm, settings))
}

function isNotClosed(state: State, at: number): boolean {
  return state.door >= 2 && (at - state.doorAt <= freshMs || stillOpen(state))
}

/** Of a gateway that tells changes: its door stands open since it said so. One on its way may have arrived, its word lost. */
function stillOpen({ door, doorAt, telling }: State): boolean {
  return door === 3 && doorAt > 0 && telling.quick
}

/** Its speed came with the door's word, of a gateway that is not known to tell changes: nobody knows for how long it held. */
function isSampled({ creep, doorAt, telling }: State): boolean {
  return creep !== null && creep.at === doorAt && !telling.quick
}

function hasLeft({ outAt, shutOut, flickers }: State, at: number): boolean {
  return outAt > 0 && !shutOut && !flickers && at - outAt <= freshMs
}

/** Two readings of the same open door say each by itself that the car is on a ride, whatever was said between them. */
function ridesAgain(state: State, at: number, { confirmSeconds }: Settings): boolean {
  const { rideAt, doorAt, outAt, fastAt } = state
  const saysRide = doorAt === at && outAt === at && fastAt === at && hasLeft(state, at)
  return saysRide && rideAt > 0 && at - rideAt >= confirmSeconds * secondMs
}

function hasStrayed({ floors, roams }: State): boolean {
  return floors.left !== null && roams !== false
}

function isFast({ door, mps, fastAt }: State, at: number, settings: Settings): boolean {
  return fastAt > 0 && at - fastAt <= freshMs && mps > (door === 3 ? settings.reLevellingMps : settings.levellingMps)
}

function findingOf(
  state: State,
  since: number,
  movedMm: number | null,
  { reLevellingMps, levellingMps, wayMetres }: Settings,
): Finding {
  const { door, outAt, shutOut, floors, roams, mps, code } = state
  const left = outAt > 0 && !shutOut
  const limitMm = movedMm === null ? null : 1_000 * wayMetres
  const speed = mps > 0 ? ` at ${mps.toFixed(2)} m/s (with an open door at most ${reLevellingMps} m/s)` : ''
  const way = movedMm === null ? '' : `: ${movedMm} mm (limit ${limitMm} mm)`
  const strays = hasStrayed(state)
  const does = strays ? `left floor ${floors.left} for ${floors.floor}` : left ? 'left its door zone' : 'moved'
  const seen = `The car ${does} with its door not closed${speed}${way}`
  return {
    severity: 'critical',
    summary: code === null ? seen : `The controller reports unintended movement of the car (code ${code})`,
    evidence: {
      outsideDoorZone: strays && roams === null ? null : left,
      doorState: doorWords[door],
      carSpeedMps: mps,
      limitMps: door === 3 ? reLevellingMps : levellingMps,
      movedMm,
      limitMm,
      leftFloor: strays ? floors.left : null,
      floor: strays ? floors.floor : null,
      faultCode: code,
    },
    since,
  }
}

const doorWords = [null, 'closed', 'opening', 'open', 'closing'] as const
