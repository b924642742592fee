import { hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import type { SimulatedDevice, Simulator } from '../kind.ts'
import { type ElevatorFacts, elevatorFacts, windingLimitCelsius } from './facts.ts'
import { type SimulatedFault, simulatedFaults, warmedShare } from './simulated-faults.ts'
import { alongDrift, alongRun, localHour, type Run, roofCelsius, runSeconds, storeyMetres } from './simulated-ride.ts'

/** Calls per local hour of a residential unit of some 60 flats; the peaks at 8 and 18 h are those of Nanjing's rescue calls. */
// biome-ignore format: 24 hours, six to a line
const callsPerHour = [
   3,  2,  1,  1,  2,  5,
  14, 34, 40, 22, 16, 20,
  22, 16, 13, 14, 20, 32,
  42, 36, 27, 21, 13,  6,
]

/** The unlocking zone reaches so far above and below the sill: EN 81-20 allows 0.2 m, 0.35 m with power doors. */
const doorZoneMetres = 0.2
const personKg = 70

/** At rest the winding cools towards the machine room, running it heats towards this much above, K. */
const runningRiseKelvin = 90
const windingTimeConstantMs = 30 * minuteMs
const cabinetRiseKelvin = 7

const fullStateMs = minuteMs

/** A limiter may take so long: EN 81-20, 5.9.2.7. */
const limiterMs = 40 * secondMs

/** Of the last: shut for a moment, stuck for good, rolling away, driven without moving, and switched off for that. */
type Phase = 'idle' | 'run' | 'opening' | 'open' | 'closing' | 'shut' | 'stuck' | 'drift' | 'blocked' | 'limited'

interface Trip {
  readonly from: number
  readonly to: number
  readonly people: number
}

/**
 * A residential elevator in Hangzhou: people call it, mostly from and to the ground floor, in the rush hours of the local
 * day; each trip is an empty run, a door cycle, a ride, a door cycle; left alone, it parks at the ground floor with its door
 * closed. The winding is a first-order thermal model; the presence sensor holds after people have left.
 *
 * A reading has the car's state and what happened since the last one; states that rarely change come when they change, and
 * everything once a minute. Without mains its battery brings it to the floor that it is heading for, lets people out there, and
 * keeps its gateway alive.
 */
export const elevatorSimulator: Simulator = {
  faults: Object.fromEntries(Object.entries(simulatedFaults).map(([name, { finding }]) => [name, finding])),
  limitAfterMs: Object.fromEntries(
    Object.entries(simulatedFaults).flatMap(([name, { limitHours }]) =>
      limitHours === undefined ? [] : [[name, Math.round(limitHours * hourMs)]],
    ),
  ),
  create: ({ random, facts, startAt }) => shaft(random, elevatorFacts.parse(facts), startAt),
}

function shaft(random: () => number, facts: ElevatorFacts, startAt: number): SimulatedDevice {
  const { ratedSpeedMps = 1.75, ratedLoadKg = 1_000, stops = 18, motorKilowatts = 11, insulationClass = 'B' } = facts
  const noise = (deviation: number) => (random() + random() + random() - 1.5) * 2 * deviation
  const between = (low: number, high: number) => low + (high - low) * random()

  const busy = between(0.6, 1.2)
  const holdMs = between(25, 60) * secondMs
  const tellsObstructions = random() < 0.7
  const usual = {
    closeSeconds: between(2.6, 3.6),
    openSeconds: between(2, 2.6),
    brakeApplyMs: between(120, 200),
    brakeReleaseMs: between(180, 300),
    stopMm: between(15, 35),
    vibrationMmPerS: between(0.5, 1.2),
  }
  /** Each landing has a door of its own. */
  const landingSeconds = Array.from({ length: stops + 1 }, () => noise(0.06))
  const tellsCodes = random() < 0.5

  let phase: Phase = 'idle'
  let phaseFrom = startAt
  let callAt = startAt + untilCallMs(startAt)
  let phaseUntil = callAt
  let floor = 1
  let run: Run = { from: 1, to: 1 }
  let cruiseMps = ratedSpeedMps
  /** The trip under way, and whether its people are still to board. */
  let trip: Trip | undefined
  let boarding = false
  let aboard = 0
  let lastMotionAt = -Infinity
  let motorKelvin = 10
  let heatedAt = startAt
  let trips = Math.floor(between(100_000, 900_000))
  let doorCycles = 2 * trips
  let runHours = trips / 130
  let steppedAt = startAt
  let fullAt = -Infinity
  let fault: SimulatedFault | undefined
  let faultAt = startAt
  /** The fault shows only once, and has. */
  let shown = false
  let pressAt = Infinity
  /** What happened since the last reading. */
  let events: Record<string, number | boolean> = {}
  let told: Values = {}

  function untilCallMs(at: number): number {
    const perHour = busy * (callsPerHour[localHour(at)] ?? 1)
    return (-Math.log(1 - random()) * hourMs) / perHour
  }

  /** Off: it takes nobody any more, and lets out who is in it. */
  function isOff(): boolean {
    return fault?.mode !== undefined
  }

  function faultHours(at: number): number {
    return (at - faultAt) / hourMs
  }

  function enter(next: Phase, at: number, durationMs: number): void {
    phase = next
    phaseFrom = at
    phaseUntil = at + durationMs
  }

  function runTo(to: number, at: number): void {
    run = { from: floor, to }
    events.brakeReleaseMs = Math.round(usual.brakeReleaseMs + noise(8))
    cruiseMps = ratedSpeedMps * (fault?.speedShare?.(faultHours(at)) ?? 1)
    if (fault?.car === 'blocked') enter('blocked', at, limiterMs)
    else enter('run', at, runSeconds(run, cruiseMps) * secondMs)
  }

  function rest(at: number): void {
    trip = undefined
    const parksAt = floor === 1 ? Infinity : at + between(20, 90) * secondMs
    enter('idle', at, Math.max(0, Math.min(callAt, parksAt) - at))
  }

  function call(at: number): void {
    const upstairs = 2 + Math.floor(random() * (stops - 1))
    const people = 1 + Math.floor(random() ** 2 * 4)
    const leaving = random() < (localHour(at) < 12 ? 0.7 : 0.35)
    trip = leaving ? { from: upstairs, to: 1, people } : { from: 1, to: upstairs, people }
    boarding = true
    callAt = at + untilCallMs(at)
    if (floor === trip.from) openDoor(at)
    else runTo(trip.from, at)
  }

  function openDoor(at: number): void {
    const seconds = usual.openSeconds + noise(0.05)
    if (fault?.door !== 'does-not-open') events.doorOpenSeconds = rounded(seconds, 2)
    enter('opening', at, seconds * secondMs)
  }

  function closeDoor(at: number): void {
    const obstructed = random() < 0.03
    const reopenShare = fault?.reopenShare?.(faultHours(at)) ?? 0
    const reopens = !obstructed && reopenShare > 0 && random() < reopenShare
    const jammed = random() < 0.000_3
    const wornSeconds = fault?.closeSeconds?.(faultHours(at)) ?? 0
    const retries = random() < (fault?.lockRetryShare ?? 0) ? 1 + Math.floor(random() * 2) : 0
    const freeSeconds = usual.closeSeconds + (landingSeconds[floor] ?? 0) + wornSeconds + noise(0.06)
    const seconds = freeSeconds + (obstructed || reopens ? between(2, 8) : 0) + (jammed ? 55 : 0) + 3 * retries
    events.doorHeldSeconds = rounded((at - phaseFrom) / secondMs, 1)
    events.doorLockRetries = retries
    if (tellsObstructions || reopenShare > 0) {
      events.doorObstructed = obstructed
      events.doorReopens = obstructed || reopens ? 1 : 0
    }
    enter('closing', at, seconds * secondMs)
  }

  /** The phase is over: what comes next, at `at`. A car that is stuck stays so until the fault is repaired. */
  function proceed(at: number): void {
    if (phase === 'idle' && isOff()) enter('idle', at, minuteMs)
    else if (phase === 'idle' && at >= callAt) call(at)
    else if (phase === 'idle') runTo(1, at)
    else if (phase === 'run') arrive(at)
    else if (phase === 'opening') openedOrNot(at)
    else if (phase === 'open' && fault?.car === 'drifts') enter('drift', at, Infinity)
    else if (phase === 'open') passThrough(at)
    else if (phase === 'closing' && fault?.door === 'does-not-close') openAgain(at)
    else if (phase === 'closing') depart(at)
    else if (phase === 'shut') openDoor(at)
    else if (phase === 'blocked') enter('limited', at, Infinity)
  }

  function openedOrNot(at: number): void {
    if (fault?.door === 'does-not-open') enter('shut', at, 5 * secondMs)
    else enter('open', at, between(3, 5) * secondMs + 1_500 * (trip?.people ?? 0))
  }

  function passThrough(at: number): void {
    aboard = trip && boarding && floor === trip.from && !isOff() ? trip.people : 0
    lastMotionAt = at
    closeDoor(at)
  }

  /** People try it for a minute or two, and leave. */
  function openAgain(at: number): void {
    if (at - faultAt > 2 * minuteMs) aboard = 0
    boarding = false
    openDoor(at)
  }

  function depart(at: number): void {
    events.doorCloseSeconds = rounded((at - phaseFrom) / secondMs, 2)
    doorCycles++
    if (isOff()) {
      if (aboard > 0) openDoor(at)
      else rest(at)
    } else if (!trip || !boarding) {
      rest(at)
    } else if (floor !== trip.from) {
      // freed on the way to them, where it stood
      runTo(trip.from, at)
    } else {
      boarding = false
      runTo(trip.to, at)
    }
  }

  function arrive(at: number): void {
    floor = run.to
    trips++
    runHours += (at - phaseFrom) / hourMs
    const hours = faultHours(at)
    events.brakeApplyMs = Math.round(usual.brakeApplyMs + (fault?.brakeApplyMs?.(hours) ?? 0) + noise(6))
    events.stopDistanceMm = rounded(usual.stopMm + (fault?.stopMm?.(hours) ?? 0) + noise(2), 1)
    const offMm = (fault?.levellingMm?.(hours) ?? 0) + (aboard * personKg > ratedLoadKg / 2 ? -1.5 : 0.5)
    events.levellingErrorMm = rounded(noise(2.5) + offMm, 1)
    events.ropeSlipMm = rounded(Math.abs(noise(1.5)) + (fault?.slipMm?.(hours) ?? 0), 1)
    if (!trip) rest(at)
    else if (fault?.car === 'shut' && aboard > 0) trap(at)
    else if (fault?.car === 'opens-late' && aboard > 0 && !shown) openLate(at)
    else openDoor(at)
  }

  function trap(at: number): void {
    if (aboard > 0 && random() < 0.6) pressAt = at + between(40, 150) * secondMs
    enter('stuck', at, Infinity)
  }

  function openLate(at: number): void {
    shown = true
    pressAt = at + 5 * secondMs
    enter('shut', at, minuteMs)
  }

  function advance(at: number): void {
    for (;;) {
      const trapsAt = betweenFloorsAt()
      const next = Math.min(phaseUntil, trapsAt)
      if (next > at) break
      heat(next)
      if (next === trapsAt) trap(next)
      else proceed(next)
    }
    heat(at)
  }

  /** When the fault stops the run under way, a third into it. */
  function betweenFloorsAt(): number {
    const at = phaseFrom + (phaseUntil - phaseFrom) / 3
    const stops = fault?.car === 'stops' ? aboard > 0 : fault?.car === 'stops-empty' && at - lastMotionAt > holdMs
    return phase === 'run' && stops && at >= heatedAt ? at : Infinity
  }

  function heat(at: number): void {
    const loadShare = (aboard * personKg) / ratedLoadKg
    const duty = phase === 'run' ? 0.7 + Math.abs(loadShare - 0.5) : 0
    const over = fault?.windingOverKelvin
    const faultKelvin = over === undefined ? 0 : windingLimitCelsius[insulationClass] + over - machineRoomCelsius(at)
    const target = Math.max(runningRiseKelvin * duty, faultKelvin)
    motorKelvin = target + (motorKelvin - target) * Math.exp((heatedAt - at) / windingTimeConstantMs)
    heatedAt = at
  }

  function machineRoomCelsius(at: number): number {
    const celsius = roofCelsius(at)
    return celsius + ((fault?.machineRoomCelsius ?? celsius) - celsius) * warmedShare(faultHours(at))
  }

  function cabinetCelsius(at: number): number {
    const celsius = machineRoomCelsius(at) + cabinetRiseKelvin
    return celsius + ((fault?.cabinetCelsius ?? celsius) - celsius) * warmedShare(faultHours(at))
  }

  /** People move now and then; between two steps at least once, the more surely the longer they are. */
  function isPresent(at: number, elapsedMs: number): boolean {
    if (aboard > 0 && random() < 1 - Math.exp(-elapsedMs / (20 * secondMs))) lastMotionAt = at
    return at - lastMotionAt <= holdMs
  }

  function carAt(at: number): { height: number; speed: number } {
    const seconds = (at - phaseFrom) / secondMs
    if (phase === 'drift') {
      const { metres, mps } = alongDrift(seconds)
      return { height: (floor - 1) * storeyMetres + metres, speed: mps }
    }
    if (isMidway()) return { height: (floor - 1 + 0.5 * Math.sign(run.to - floor)) * storeyMetres, speed: 0 }
    if (phase !== 'run') return { height: (floor - 1) * storeyMetres, speed: 0 }

    const { metres, mps } = alongRun(run, cruiseMps, seconds)
    const sign = Math.sign(run.to - run.from)
    return { height: (run.from - 1) * storeyMetres + sign * metres, speed: sign * mps }
  }

  function isMidway(): boolean {
    return phase === 'stuck' && floor !== run.to
  }

  function isClosed(): boolean {
    return !['opening', 'open', 'closing', 'drift'].includes(phase)
  }

  function doorState(): string {
    if (phase === 'opening' || phase === 'closing') return phase
    return isClosed() ? 'closed' : 'open'
  }

  function faultCode(): string {
    const shows = fault?.onTrip === undefined || (tellsCodes && (isBroken() || fault.door !== undefined))
    return shows && fault?.code !== undefined ? fault.code : '00'
  }

  function isBroken(): boolean {
    return phase === 'stuck' || phase === 'drift' || phase === 'limited'
  }

  function rarelyChanging(at: number): Values {
    const running = phase === 'run'
    const broken = isMidway() || (running && fault?.circuitOpens === true)
    return {
      mode: fault?.mode ?? 'normal',
      safetyCircuit: isClosed() && !broken ? 'closed' : 'open',
      brakeState: running || phase === 'blocked' ? 'released' : 'applied',
      faultCode: faultCode(),
      alarmButton: at >= pressAt && at < pressAt + 30 * secondMs,
      mainsLost: fault?.mainsLost === true,
    }
  }

  /** What the machine says while it is driven; vibration in steady running only. */
  function machine(at: number, speedMps: number): Values {
    const loadShare = (aboard * personKg) / ratedLoadKg
    const drag = 1 + (fault?.currentShare?.(faultHours(at)) ?? 0)
    const amps = motorKilowatts * 2 * (phase === 'blocked' ? 1.6 : drag * (0.35 + 0.5 * Math.abs(loadShare - 0.5)))
    const grownMmPerS = fault?.vibrationMmPerS?.(faultHours(at), motorKilowatts) ?? 0
    return {
      motorAmps: rounded(amps, 1),
      ...(speedMps === cruiseMps && {
        vibrationMmPerS: rounded(usual.vibrationMmPerS + grownMmPerS + Math.abs(noise(0.05)), 2),
        carVibrationMps2: rounded(0.1 + Math.abs(noise(0.02)), 3),
      }),
    }
  }

  function slow(at: number): Values {
    return {
      loadPercent: rounded((aboard * personKg * 100) / ratedLoadKg + noise(1), 0),
      machineRoomCelsius: rounded(machineRoomCelsius(at) + noise(0.1), 1),
      cabinetCelsius: rounded(cabinetCelsius(at) + noise(0.2), 1),
      trips,
      runHours: rounded(runHours, 1),
      doorCycles,
    }
  }

  return {
    inject(name, at) {
      advance(at)
      fault = name === undefined ? undefined : simulatedFaults[name]
      faultAt = at
      shown = false
      if (fault?.onTrip) {
        callAt = Math.min(callAt, at + minuteMs)
        if (phase === 'idle') phaseUntil = Math.min(phaseUntil, callAt)
      }
      if (name !== undefined) return

      pressAt = Infinity
      if (phase === 'stuck') floor = run.to
      if (phase === 'drift') closeDoor(at)
      else if (isBroken() || phase === 'blocked') openDoor(at)
    },

    step(at) {
      advance(at)
      if (fault?.silent) {
        events = {}
        return {}
      }
      const elapsedMs = Math.max(0, at - steppedAt)
      steppedAt = at

      const { height, speed } = carAt(at)
      const nearest = Math.round(height / storeyMetres)
      const state = rarelyChanging(at)
      const news = Object.entries(state).filter(([metric, value]) => told[metric] !== value)
      told = state
      const driven = phase === 'run' || phase === 'blocked'
      const values: Values = {
        floor: nearest + 1,
        direction: driven ? (run.to > run.from ? 'up' : 'down') : 'none',
        doorState: doorState(),
        doorZone: Math.abs(height - nearest * storeyMetres) <= doorZoneMetres,
        carSpeedMps: rounded(speed, 2),
        passengerPresent: isPresent(at, elapsedMs),
        motorCelsius: rounded(machineRoomCelsius(at) + motorKelvin + noise(0.3), 1),
        ...(driven && machine(at, Math.abs(speed))),
        ...events,
        ...Object.fromEntries(news),
      }
      events = {}
      if (at - fullAt < fullStateMs) return without(fault?.missing, values)

      fullAt = at
      return without(fault?.missing, { ...values, ...state, ...slow(at) })
    },
  }
}

function without(metric: string | undefined, values: Values): Values {
  return metric === undefined ? values : Object.fromEntries(Object.entries(values).filter(([name]) => name !== metric))
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
