import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Tick } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { type Clash, clashAfter, isBelieved, isSampling, type Telling, tellingAfter, unknownTelling } from './clash.ts'
import { answer, type Held, hold } from './held.ts'
import { standingMps } from './motion.ts'
import { goneMs, isCounted, type OpenChain, openChainAfter, runsAgain } from './open-chain.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** Without mains the circuit's relay drops, and a battery moves the car to a floor. */
  readonly dark: boolean
  /** When the circuit was last said to be open, the car to run, and to be outside its door zone; 0 when the last word was another. */
  readonly openAt: number
  readonly runAt: number
  readonly outAt: number
  readonly doorClosed: boolean | null
  readonly floor: number | null
  readonly chain: OpenChain | null
  /** The controller's word for it, while it stands. */
  readonly code: string | null
  readonly clash: Clash | null
  readonly telling: Telling
  readonly held: Held | null
}

const defaults = {
  /** In its door zone a car may level so fast with its door opening, the door contacts bridged by design. */
  levellingMps: 0.8,
  confirmSeconds: 1,
  quietSeconds: 15,
  codeSeconds: 10,
  /** A code at a floor may be a door contact that makes at the second try: it counts when it stays for so long. */
  codeAtFloorSeconds: 60,
  clearSeconds: 1_800,
  faultCodes: codesOf('elevator/safety-circuit'),
  workCodes,
}

type Settings = typeof defaults

const freshMs = freshSeconds * secondMs

/**
 * The car runs with its safety circuit open: a door, the governor, a limit switch or a stop button says "stop" and the machine goes on; or
 * the circuit stopped it between floors, and it stands there.
 *
 * Runs      by the speed's word, above `levellingMps` in the door zone and where the zone is unknown; where a reading has no speed, by a
 *           released brake outside the zone. An arrow alone is no ride
 * Evidence  "open" and "runs" clash (`clash.ts`): in two samples, or told as a change and undisputed for `quietSeconds`, outside the
 *           zone or with "runs" told after "open". Said before the ride, with a door that was not said to close, "open" is of the stop:
 *           the words of the departure were lost. Standing after it outside the zone, the circuit still open and the door not, is
 *           more of the same
 * Rides     of a car that is sampled once a ride at most, tells no speed, or tells its rides as changes (`open-chain.ts`): open behind a
 *           closed door, it ran twice, by a released brake or its speed and a floor, zone or speed that says so too; nothing said "closed"
 *           between them. Nor on the rides, if it did at the stops: then one reading says of each ride that it is driven with the circuit
 *           open, and a later one that it goes on
 * Code      the controller's word (`faultCodes`) for `codeSeconds` outside the zone; elsewhere for `codeAtFloorSeconds`, as one that
 *           clears itself at a floor is for `elevator/door-lock-contact`
 * Modes     `inspection`, `fire` and `firefighter` inhibit, and so do lost mains (`mainsLost`, mode `emergency-power`)
 * Input     readings and ticks; words older than 90 s accuse nobody
 * Finding   critical; evidence is the words that clash
 * Clears    when the circuit is said to be closed, or the car to be at a floor, for `clearSeconds`
 * Memory    eleven small values, fifteen more while something happens
 * Source    EN 81-20:2014 and GB/T 7588.1-2020, 5.11.2 (a safety circuit that opens stops the machine) and 5.12.1.4 (levelling with open
 *           doors), not checked against the paid text; the durations are unverified defaults
 */
export const safetyCircuit = defineDetector({
  id: 'elevator/safety-circuit',
  about: {
    finds: 'The car runs with its safety circuit open, or the circuit stopped it between floors.',
    severities: ['critical'],
    source:
      'EN 81-20:2014 and GB/T 7588.1-2020, 5.11.2 and 5.12.1.4, not checked against the paid text; durations are unverified defaults',
    traps: [
      'an open circuit at a floor with an open door',
      'a car that levels in with its door opening',
      'one wrong sample of the circuit on a ride',
      'an open circuit of a car that stands, its door closed',
      'a gateway that loses the word that the circuit is closed again',
      'a gateway that loses the words of a departure',
      'a gateway that measures each metric at its own time',
      'a stop whose speed was lost, at a floor where the door opens',
      'a power cut on a ride',
      'a code at a floor that clears itself',
      'a mechanic who runs the car in inspection mode',
    ],
  },
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    mainsLost: true,
    floor: true,
    direction: true,
    safetyCircuit: true,
    carSpeedMps: true,
    brakeState: true,
    doorZone: true,
    doorState: true,
    faultCode: true,
  }),
  ticks: true,
  bounds: { levellingMps: [0.3, 1.5] },
  settings: defaults,
  initial: {
    service: 0,
    dark: false,
    openAt: 0,
    runAt: 0,
    outAt: 0,
    doorClosed: null,
    floor: null,
    chain: null,
    code: null,
    clash: null,
    telling: unknownTelling,
    held: null,
  } as State,

  step(state, input, settings) {
    if (input.tick) {
      if (state.chain !== null && input.at - input.lastReadingAt > goneMs) return { state: { ...state, chain: null } }
      const idle = state.clash === null && state.code === null && state.held === null
      return idle || !input.fresh || isInhibited(state) ? { state } : judge(state, state, input, settings)
    }

    const heard = hear(state, input, settings)
    if (!isInhibited(heard)) return judge(state, heard, input, settings)
    return { state: heard.clash === null && heard.chain === null ? heard : { ...heard, clash: null, chain: null } }
  },
})

type Said = ElevatorValues & { readonly at: number }

function isInhibited({ service, dark }: State): boolean {
  return dark || isAtWork(service)
}

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const { at, faultCode } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const dark = said.mainsLost ?? (said.mode === undefined ? was.dark : said.mode === 'emergency-power')
  const openAt = said.safetyCircuit === undefined ? was.openAt : said.safetyCircuit === 'open' ? at : 0
  const outAt = said.doorZone === undefined ? was.outAt : said.doorZone ? 0 : at
  const runs = isRunning(said, outAt > 0, settings)
  const runAt = runs === undefined ? was.runAt : runs ? at : 0
  const doorClosed = said.doorState === undefined ? was.doorClosed : said.doorState === 'closed'
  const floor = said.floor ?? was.floor
  const chain = openChainAfter(was.chain, said, was, settings)
  const code = faultCode === undefined ? was.code : settings.faultCodes.includes(faultCode) ? faultCode : null

  const repeats = (said.safetyCircuit === 'open') === was.openAt > 0
  const telling = said.safetyCircuit === undefined ? was.telling : tellingAfter(was.telling, at, repeats)
  const sameTimes = openAt === was.openAt && runAt === was.runAt && outAt === was.outAt && telling === was.telling
  const sameWords = service === was.service && dark === was.dark && doorClosed === was.doorClosed && code === was.code
  if (sameTimes && sameWords && floor === was.floor && chain === was.chain) return was
  const { clash, held } = was
  return { service, dark, openAt, runAt, outAt, doorClosed, floor, chain, code, clash, telling, held }
}

/** Undefined when this reading says nothing of it. */
function isRunning({ carSpeedMps, brakeState }: Said, outside: boolean, settings: Settings): boolean | undefined {
  if (carSpeedMps !== undefined) return Math.abs(carSpeedMps) > (outside ? 2 * standingMps : settings.levellingMps)
  return brakeState === undefined ? undefined : outside && brakeState === 'released'
}

function judge(before: State, heard: State, { at }: Said | Tick, settings: Settings) {
  const { openAt, runAt, outAt, doorClosed, chain, code } = heard
  const outside = outAt > 0 && at - outAt <= freshMs
  const runs = runAt > 0 && at - runAt <= freshMs
  const brokeOff = before.clash !== null && runAt === 0 && outside && doorClosed !== false
  const open = openAt > 0 && at - openAt <= freshMs
  const movedAt = brokeOff ? outAt : runAt
  const clash = clashAfter(before.clash, at, open && (runs || brokeOff), openAt, movedAt)

  // what was said before the circuit opened is old at a floor: the stop that opened the door may have been lost
  const isOfStop = doorClosed === false && clash !== null && openAt < clash.since
  const isOfNow = (clash !== null && clash.pairedAt > 0) || (!isOfStop && (outside || runAt >= openAt))
  const clashes = isOfNow && isBelieved(clash, at, openAt, movedAt, isSampling(heard.telling, at), settings)
  const ridesOn = chain !== null && runsAgain(chain) && at - chain.at <= freshMs
  const believed = clashes || ridesOn
  const codeSeconds = outside ? settings.codeSeconds : settings.codeAtFloorSeconds
  const accused = believed || code !== null || (before.held?.raised === true && clash !== null)
  const sound = openAt === 0 || outAt === 0
  const holds = accused ? true : sound ? false : undefined
  const held = hold(before.held, at, holds, believed ? 0 : codeSeconds, settings.clearSeconds)

  const state = clash === heard.clash && held === heard.held ? heard : judged(heard, clash, held)
  const since = held?.since ?? at
  const ranAt = chain !== null && isCounted(chain) ? chain.firstAt : since
  const beganAt = Math.min(clash?.since ?? since, ranAt, since)
  return answer(before, state, held?.raised && findingOf(state, beganAt))
}

/** Spelled out, as in every rule that makes a state at most readings: spreading costs more than all the rest of the step. */
function judged(heard: State, clash: Clash | null, held: Held | null): State {
  const { service, dark, openAt, runAt, outAt, doorClosed, floor, chain, code, telling } = heard
  return { service, dark, openAt, runAt, outAt, doorClosed, floor, chain, code, clash, telling, held }
}

function findingOf({ runAt, outAt, chain, code }: State, since: number): Finding {
  const running = runAt > 0 || (chain !== null && isCounted(chain))
  const what = running ? 'The car runs with its safety circuit open' : 'The safety circuit opened while the car ran'
  return {
    severity: 'critical',
    summary:
      code === null ? what : `The controller reports that the safety circuit opened while running (code ${code})`,
    evidence: { running, outsideDoorZone: outAt > 0, faultCode: code },
    since,
  }
}
