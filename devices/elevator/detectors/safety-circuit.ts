import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Tick } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { type Clash, clashAfter, isBelieved, lagAfter } from './clash.ts'
import { answer, type Held, hold } from './held.ts'
import { standingMps } from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** Without mains its relay drops, and the battery moves the car to a floor. */
  readonly dark: boolean
  /** When the circuit was last said to be open, and the car to run; 0 when the last word was another, ms. */
  readonly openAt: number
  readonly runAt: number
  /** 0 unknown, 1 in the door zone, 2 outside. */
  readonly zone: 0 | 1 | 2
  readonly doorClosed: boolean | null
  readonly hasSpeed: boolean
  readonly clash: Clash | null
  /** Since when it stands after a clash, its circuit open still, ms; 0 when it does not. */
  readonly brokeOffAt: number
  readonly laggedAt: number
  /** The controller's word for it, while it stands, and for how long. */
  readonly code: string | null
  readonly coded: Held | null
  readonly held: Held | null
}

const defaults = {
  /** In the door zone a car may level so fast while its door opens, its door contacts bridged by design. */
  levellingMps: 0.8,
  confirmSeconds: 1,
  quietSeconds: 15,
  /** A code at a floor may be a door contact that makes at the second try: it counts when it stays for so long. */
  codeAtFloorSeconds: 60,
  codeSeconds: 10,
  clearSeconds: 60,
  faultCodes: codesOf('elevator/safety-circuit'),
  workCodes,
}

type Settings = typeof defaults

const freshMs = freshSeconds * secondMs

/**
 * The car runs with its safety circuit open: a door, the governor, a limit switch or a stop button says "stop", and the machine goes on; or
 * the circuit has just stopped it between floors.
 *
 * Running   the speed's word, above `levellingMps` in the door zone and where the zone is unknown; of a car that never tells its speed,
 *           a released brake outside the zone. An arrow alone is no ride
 * Evidence  "open" and "runs" clash: both said again, or undisputed for `quietSeconds` (`clash.ts`); or the car stands after it, outside
 *           the zone with its door not open, the circuit still open: one reading that says all this, or `quietSeconds`
 * Code      the controller's word (`faultCodes`) for `codeSeconds` outside the zone; elsewhere only when it stays for
 *           `codeAtFloorSeconds`: one that clears itself at a floor is for `elevator/door-lock-contact`
 * Modes     `inspection`, `fire` and `firefighter` inhibit. So do lost mains (`mainsLost`, `emergency-power`): the circuit's relay drops
 *           with them, and a battery moves the car
 * Input     readings and ticks; words older than 90 s accuse nobody
 * Finding   critical; evidence in m/s
 * Clears    when the circuit is said to be closed, or a floor is reached, for `clearSeconds`
 * Memory    ten small values, three more while something happens
 * Source    EN 81-20:2014 and GB/T 7588.1-2020, 5.11.2 (a safety circuit that opens stops the machine), 5.12.1.4 for levelling with open
 *           doors, not checked against the paid text; durations are unverified defaults
 */
export const safetyCircuit = defineDetector({
  id: 'elevator/safety-circuit',
  about: {
    finds: 'The car runs with its safety circuit open, or the circuit has just stopped it between floors.',
    severities: ['critical'],
    source:
      'EN 81-20:2014 and GB/T 7588.1-2020, 5.11.2 and 5.12.1.4, not checked against the paid text; durations are unverified defaults',
    traps: [
      'an open circuit at a floor with an open door',
      'a car that levels in with its door opening',
      'one wrong sample of the circuit on a ride',
      'a gateway that sends each metric in a reading of its own, the circuit late',
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
    safetyCircuit: true,
    carSpeedMps: true,
    brakeState: true,
    doorZone: true,
    doorState: true,
    faultCode: true,
  }),
  ticks: true,
  settings: defaults,
  initial: {
    service: 0,
    dark: false,
    openAt: 0,
    runAt: 0,
    zone: 0,
    doorClosed: null,
    hasSpeed: false,
    clash: null,
    brokeOffAt: 0,
    laggedAt: 0,
    code: null,
    coded: null,
    held: null,
  } as State,

  step(state, input, settings) {
    if (input.tick) {
      const idle = state.clash === null && state.brokeOffAt === 0 && state.code === null && state.held === null
      return idle || !input.fresh || isInhibited(state) ? { state } : judge(state, state, input, settings)
    }

    const heard = hear(state, input, settings)
    if (!isInhibited(heard)) return judge(state, heard, input, settings)
    const same = heard.clash === null && heard.brokeOffAt === 0 && heard.coded === null
    return { state: same ? heard : { ...heard, clash: null, brokeOffAt: 0, coded: null } }
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
  const zone = said.doorZone === undefined ? was.zone : said.doorZone ? 1 : 2
  const doorClosed = said.doorState === undefined ? was.doorClosed : said.doorState === 'closed'
  const hasSpeed = was.hasSpeed || said.carSpeedMps !== undefined
  const runs = isRunning(said, zone, hasSpeed, settings)
  const runAt = runs === undefined ? was.runAt : runs ? at : 0
  const code = faultCode === undefined ? was.code : settings.faultCodes.includes(faultCode) ? faultCode : null

  const sameTimes = openAt === was.openAt && runAt === was.runAt && code === was.code
  const samePlace = zone === was.zone && doorClosed === was.doorClosed && hasSpeed === was.hasSpeed
  if (sameTimes && samePlace && service === was.service && dark === was.dark) return was
  const { clash, brokeOffAt, laggedAt, coded, held } = was
  const words = { service, dark, openAt, runAt, zone, doorClosed, hasSpeed, code } as const
  return { ...words, clash, brokeOffAt, laggedAt, coded, held }
}

/** Undefined when this reading says nothing of it. */
function isRunning(
  { carSpeedMps, brakeState }: Said,
  zone: State['zone'],
  hasSpeed: boolean,
  { levellingMps }: Settings,
): boolean | undefined {
  if (carSpeedMps !== undefined) return Math.abs(carSpeedMps) > (zone === 2 ? 2 * standingMps : levellingMps)
  if (hasSpeed || brakeState === undefined) return undefined
  return brakeState === 'released' && zone === 2
}

function judge(before: State, heard: State, { at }: Said | Tick, settings: Settings) {
  const { openAt, runAt, zone, code } = heard
  const open = openAt > 0 && at - openAt <= freshMs
  const clash = clashAfter(before.clash, at, open && runAt > 0 && at - runAt <= freshMs, openAt, runAt)
  const laggedAt = lagAfter(heard.laggedAt, before.clash, runAt > 0 ? clash : before.clash, at)
  const brokeOffAt = brokeOff(before, heard, open, at)
  const stopped = brokeOffAt > 0 && (openAt === at ? runAt === 0 : at - brokeOffAt >= settings.quietSeconds * secondMs)
  const seconds = zone === 2 ? settings.codeSeconds : settings.codeAtFloorSeconds
  const coded = hold(before.coded, at, code !== null, seconds, 0)

  const sure = isBelieved(clash, at, laggedAt, settings) || stopped || coded?.raised === true
  const still = clash !== null || brokeOffAt > 0 || code !== null
  const sound = openAt === 0 || zone === 1
  const holds = before.held === null ? sure : still ? true : sound ? false : undefined
  const held = hold(before.held, at, holds, 0, settings.clearSeconds)

  const state = { ...heard, clash, brokeOffAt, laggedAt, coded, held }
  return answer(before, same(state, heard) ? heard : state, ({ since }) => findingOf(state, since))
}
