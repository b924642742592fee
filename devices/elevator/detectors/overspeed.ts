import { dayMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, type Held, hold } from './held.ts'
import { type LearnedSpeed, learnSpeed, nothingLearned } from './learned-speed.ts'
import { standingMps } from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** The first and the last of the words over the limit that follow each other, ms; 0 when the last word was not over it. */
  readonly firstAt: number
  readonly overAt: number
  /** The fastest of them, m/s. */
  readonly mps: number
  readonly floor: number | null
  /** The last word on the door zone is that it is left. */
  readonly outside: boolean
  /** The last word over the limit came with nothing else: the gateway tells changes. */
  readonly alone: boolean
  /** Only while the rated speed is not known. */
  readonly learned: LearnedSpeed
  readonly apart: Apart | null
  readonly held: Held | null
}

/** Rides that were too fast, each told by one word only. */
interface Apart {
  readonly times: number
  readonly firstAt: number
  readonly at: number
  /** Of the last of them, m/s. */
  readonly mps: number
}

const defaults = {
  /** Of the rated speed: from here on the governor must trip. */
  limitShare: 1.15,
  /** But so much faster at least: an encoder's noise on a slow elevator. */
  marginMps: 0.1,
  /** Of a speed that was learned: 115 %, and what it may be short of the rated one. */
  learnedShare: 1.3,
  learnDays: 7,
  learnRuns: 30,
  agreeShare: 0.15,
  /** Two words over the limit lie so far apart. */
  confirmSeconds: 0.5,
  /** A changed speed that stands for so long needs no second word. */
  quietSeconds: 15,
  /** It clears when no word was over the limit for so long, among those that were. */
  clearSeconds: 1_800,
  workCodes,
}

type Settings = typeof defaults

const freshMs = freshSeconds * secondMs
/** So many rides that agree are no wrong words. Unverified default. */
const ridesApart = 3
/** A word so close to its rated speed is of a sound ride. Unverified default. */
const soundShare = 0.05

/**
 * The car is faster than its governor may let it be: brake, drive or counterweight have failed, or the safety gear is about to act.
 *
 * Two words over the limit in a row, or one that is followed by a car that stands between floors with its safety circuit open: the
 * governor has tripped. One wrong sample of the speed is neither; one from a car that is said to stand at the same time (door open, brake
 * applied, no direction) counts only where the floor has changed, for a car that runs away does so on an applied brake. Where a
 * gateway tells changes, one word that stands for `quietSeconds` of fresh ticks is enough.
 *
 * Rides     a car that is sampled once a ride at most says it once in each: three rides within a day of one another, too fast by words that
 *           agree within `agreeShare` and say as well that it moves, are sure while none is seen at its rated speed
 * Unrated   where nobody has entered the rated speed, the elevator's own fastest runs stand for it (`learned-speed.ts`), known after
 *           `learnDays` days. They may be short of it, as an asynchronous motor runs some 10 % faster with one load than with another, and
 *           a week may have had no long ride: the limit is `learnedShare`, beyond any such scatter, and still what a car without its
 *           brake reaches. The fact wins over what was learned
 * Modes     `inspection`, `fire` and `firefighter` inhibit, and teach nothing: governors are tested at overspeed
 * Input     `carSpeedMps`, m/s, and fact `ratedSpeedMps`: a wrong fact makes every ride too fast. `floor`, `safetyCircuit`, `doorZone`,
 *           `doorState`, `brakeState`, `direction`; ticks
 * Finding   critical; evidence in m/s
 * Clears    when for `clearSeconds` of fresh samples no speed was over the limit
 * Memory    ten small values, four more after a ride that was too fast, some fifteen more while it learns; forgotten after work on the finding
 * Source    EN 81-20:2014 and GB/T 7588.1-2020, 5.6.2.2.1.1 (the governor trips at 115 % of the rated speed or above), not checked
 *           against the paid text; margins, durations and all that concerns learning are unverified defaults
 */
export const overspeed = defineDetector({
  id: 'elevator/overspeed',
  about: {
    finds: 'The car is faster than its governor may let it be.',
    severities: ['critical'],
    source:
      'EN 81-20:2014 and GB/T 7588.1-2020, 5.6.2.2.1.1 (115 %), not checked against the paid text; margins, durations and learning are unverified defaults',
    traps: [
      'a car at 114 % of its rated speed',
      'one wrong sample of the speed, however large',
      'one wrong sample of the speed before a stop at a floor',
      'a sensor that spikes to the same speed now and then',
      'wrong samples of the speed from a car that stands',
      'a governor that is tested in inspection mode',
      'noise on a very slow elevator',
      'a car whose rated speed is neither known nor learned',
      'a car at 129 % of the speed that it has learned',
      'a sensor that spikes while its speed is learned',
    ],
  },
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    carSpeedMps: true,
    floor: true,
    safetyCircuit: true,
    doorZone: true,
    doorState: true,
    brakeState: true,
    direction: true,
    faultCode: true,
  }),
  ticks: true,
  bounds: { limitShare: [1.05, 1.2], marginMps: [0, 0.4], learnedShare: [1.05, 2] },
  settings: defaults,
  initial: {
    service: 0,
    firstAt: 0,
    overAt: 0,
    mps: 0,
    floor: null,
    outside: false,
    alone: false,
    learned: nothingLearned,
    apart: null,
    held: null,
  } as State,
  renewed: ({ service, floor, outside }) => ({
    ...{ service, floor, outside },
    ...{ firstAt: 0, overAt: 0, mps: 0, alone: false, learned: nothingLearned, apart: null, held: null },
  }),

  step(state, input, settings, { ratedSpeedMps }: { ratedSpeedMps?: number }) {
    const limitMps = limitOf(settings, ratedSpeedMps, state.learned)
    if (input.tick) {
      const waits = input.fresh && state.alone && state.held === null && !isAtWork(state.service)
      if (!waits || input.at - state.overAt < settings.quietSeconds * secondMs) return { state }
      return conclude(state, state, input.at, true, settings, limitMps, ratedSpeedMps)
    }

    const heard = hear(state, input, limitMps, settings, ratedSpeedMps)
    if (isAtWork(heard.service)) return { state: heard }
    if (heard === state && state.overAt === 0 && state.held === null) return { state }
    const twice = heard.overAt - heard.firstAt >= settings.confirmSeconds * secondMs
    const again = heard.apart?.times === ridesApart && input.at - heard.apart.at <= dayMs
    const sure = twice || hasTripped(state, heard, input) || (again && heard.apart?.at === input.at)
    const isUnknown = input.carSpeedMps === undefined || (again && heard.overAt === 0)
    const over = isUnknown ? undefined : heard.overAt > 0
    const holds = sure || (state.held === null ? false : over)
    return conclude(state, heard, input.at, holds, settings, limitMps, ratedSpeedMps)
  },
})

type Said = ElevatorValues & { readonly at: number }

/** Infinite while neither is known. */
function limitOf(
  { limitShare, marginMps, learnedShare }: Settings,
  ratedSpeedMps: number | undefined,
  { mps }: LearnedSpeed,
): number {
  if (ratedSpeedMps !== undefined) return Math.max(limitShare * ratedSpeedMps, ratedSpeedMps + marginMps)
  return mps === null ? Number.POSITIVE_INFINITY : Math.max(learnedShare * mps, mps + marginMps)
}

function hear(was: State, said: Said, limitMps: number, settings: Settings, ratedSpeedMps: number | undefined): State {
  const { at, carSpeedMps, doorZone } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const floor = said.floor ?? was.floor
  const outside = doorZone === undefined ? was.outside : !doorZone
  const learned = ratedSpeedMps === undefined && !isAtWork(service) ? learnedAfter(was, said, settings) : was.learned
  const { held } = was
  if (carSpeedMps !== undefined && Math.abs(carSpeedMps) >= limitMps && !isRefuted(was, said)) {
    const goesOn = was.overAt > 0 && at - was.overAt <= freshMs
    const firstAt = goesOn ? was.firstAt : at
    const mps = Math.max(goesOn || held !== null ? was.mps : 0, Math.abs(carSpeedMps))
    const counts = !goesOn && !isAtWork(service) && saysMoving(said)
    const apart = counts ? apartAfter(was.apart, at, Math.abs(carSpeedMps), settings) : was.apart
    return { service, firstAt, overAt: at, mps, floor, outside, alone: isAlone(said), learned, apart, held }
  }
  const usualMps = ratedSpeedMps ?? learned.mps
  const apart = isSound(carSpeedMps, usualMps) ? null : was.apart
  const isOver = carSpeedMps === undefined && was.overAt > 0
  const sameWords = service === was.service && floor === was.floor && outside === was.outside
  const same = sameWords && learned === was.learned && apart === was.apart
  if (same && isOver === was.overAt > 0) return was
  const { firstAt, overAt, mps, alone } = was
  return isOver
    ? { service, firstAt, overAt, mps, floor, outside, alone, learned, apart, held }
    : { service, firstAt: 0, overAt: 0, mps, floor, outside, alone: false, learned, apart, held }
}

function learnedAfter(was: State, said: Said, settings: Settings): LearnedSpeed {
  const { at, carSpeedMps } = said
  if (carSpeedMps === undefined) return was.learned
  const isWrong = Math.abs(carSpeedMps) > standingMps && isRefuted(was, said)
  return isWrong ? was.learned : learnSpeed(was.learned, at, carSpeedMps, settings)
}

/** In the same breath it says that it stands, and it is where it was. */
function isRefuted(was: State, { doorState, brakeState, direction, floor }: Said): boolean {
  const stands = doorState === 'open' || brakeState === 'applied' || direction === 'none'
  return stands && (floor === undefined || was.floor === null || floor === was.floor)
}

function apartAfter(was: Apart | null, at: number, mps: number, { agreeShare }: Settings): Apart {
  const agrees = was !== null && at - was.at <= dayMs && Math.abs(mps - was.mps) <= agreeShare * was.mps
  if (!agrees) return { times: 1, firstAt: at, at, mps }
  return { times: Math.min(was.times + 1, ridesApart), firstAt: was.firstAt, at, mps }
}

function isSound(carSpeedMps: number | undefined, usualMps: number | null): boolean {
  if (carSpeedMps === undefined || usualMps === null) return false
  return Math.abs(Math.abs(carSpeedMps) - usualMps) <= soundShare * usualMps
}

/** By another word of the same reading than the speed. */
function saysMoving({ brakeState, direction, doorZone }: Said): boolean {
  return brakeState === 'released' || direction === 'up' || direction === 'down' || doorZone === false
}

/** A change told by itself, not one metric of a sample. */
function isAlone({ mode, floor, safetyCircuit, doorZone, doorState, brakeState }: Said): boolean {
  return [mode, floor, safetyCircuit, doorZone, doorState, brakeState].every((word) => word === undefined)
}

/** Right after a word over the limit it stands with its safety circuit open, and not at a floor. */
function hasTripped(before: State, { outside }: State, { at, safetyCircuit, carSpeedMps }: Said): boolean {
  const stopped = carSpeedMps === undefined || Math.abs(carSpeedMps) <= standingMps
  return before.overAt > 0 && at - before.overAt <= freshMs && safetyCircuit === 'open' && outside && stopped
}

function conclude(
  before: State,
  heard: State,
  at: number,
  holds: boolean | undefined,
  settings: Settings,
  limitMps: number,
  ratedSpeedMps: number | undefined,
) {
  const held = hold(before.held, at, holds, 0, settings.clearSeconds)
  const state = held === heard.held ? heard : { ...heard, held }
  const usualMps = ratedSpeedMps === undefined ? state.learned.mps : null
  return answer(before, state, held?.raised && findingOf(state, held.since, limitMps, usualMps))
}

function findingOf({ mps, firstAt, apart }: State, since: number, limitMps: number, usualMps: number | null): Finding {
  const rated = `its governor must trip at ${limitMps.toFixed(2)} m/s`
  const learned = `as a rule at ${usualMps?.toFixed(2)} m/s at most; its rated speed is not known (limit ${limitMps.toFixed(2)} m/s)`
  return {
    severity: 'critical',
    summary: `The car runs at ${mps.toFixed(2)} m/s, ${usualMps === null ? rated : learned}`,
    evidence: { carSpeedMps: mps, limitMps: Number(limitMps.toFixed(3)), usualMps },
    since: Math.min(firstAt > 0 ? firstAt : since, apart?.times === ridesApart ? apart.firstAt : since, since),
  }
}
