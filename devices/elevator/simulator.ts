import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import type { SimulatedDevice, Simulator } from '../kind.ts'
import { type ElevatorFacts, elevatorFacts, windingLimitCelsius } from './facts.ts'

/** China has one time zone and, since 1991, no summer time. */
const shanghaiMs = 8 * hourMs

/** Calls per local hour of a residential unit of some 60 flats; the peaks at 8 and 18 h are those of Nanjing's rescue calls. */
// biome-ignore format: 24 hours, six to a line
const callsPerHour = [
   3,  2,  1,  1,  2,  5,
  14, 34, 40, 22, 16, 20,
  22, 16, 13, 14, 20, 32,
  42, 36, 27, 21, 13,  6,
]

const storeyMetres = 2.9
const accelerationMps2 = 0.8
/** The unlocking zone reaches so far above and below the sill: EN 81-20 allows 0.2 m, 0.35 m with power doors. */
const doorZoneMetres = 0.2
const personKg = 70

/** At rest the winding cools towards the machine room, running it heats towards this much above, K. */
const runningRiseKelvin = 90
const windingTimeConstantMs = 30 * minuteMs
const cabinetRiseKelvin = 7

const fullStateMs = minuteMs

type Phase = 'idle' | 'run' | 'opening' | 'open' | 'closing' | 'stuck'

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
  faults: {
    entrapment: 'elevator/entrapment',
    'entrapment-at-floor': 'elevator/entrapment',
    'motor-over-temperature': 'elevator/motor-over-temperature',
    'door-close-drift': 'elevator/door-close-drift',
    'door-roller-wear': 'elevator/door-close-drift',
    'mains-lost': 'elevator/mains-lost',
    silent: 'elevator/silent',
    'motor-sensor-silent': 'elevator/sensor-silent',
  },
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

  let phase: Phase = 'idle'
  let phaseFrom = startAt
  let callAt = startAt + untilCallMs(startAt)
  let phaseUntil = callAt
  let floor = 1
  let run = { from: 1, to: 1 }
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
  let fault: { name: string; at: number } | undefined
  let pressAt = Infinity
  /** What happened since the last reading. */
  let events: Record<string, number | boolean> = {}
  let told: Values = {}

  function untilCallMs(at: number): number {
    const perHour = busy * (callsPerHour[localHour(at)] ?? 1)
    return (-Math.log(1 - random()) * hourMs) / perHour
  }

  function isPowerless(): boolean {
    return fault?.name === 'mains-lost'
  }

  function enter(next: Phase, at: number, durationMs: number): void {
    phase = next
    phaseFrom = at
    phaseUntil = at + durationMs
  }

  function runTo(to: number, at: number): void {
    run = { from: floor, to }
    events.brakeReleaseMs = Math.round(usual.brakeReleaseMs + noise(8))
    enter('run', at, runSeconds(run, ratedSpeedMps) * secondMs)
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
    events.doorOpenSeconds = rounded(seconds, 2)
    enter('opening', at, seconds * secondMs)
  }

  function wornSeconds(at: number): number {
    if (fault?.name === 'door-close-drift') return Math.min(1.2, (0.1 * (at - fault.at)) / hourMs)
    if (fault?.name === 'door-roller-wear') return Math.min(1, (0.5 * (at - fault.at)) / (30 * dayMs))
    return 0
  }

  function closeDoor(at: number): void {
    const obstructed = random() < 0.03
    const jammed = random() < 0.000_3
    const freeSeconds = usual.closeSeconds + (landingSeconds[floor] ?? 0) + wornSeconds(at) + noise(0.06)
    const seconds = freeSeconds + (obstructed ? between(2, 8) : 0) + (jammed ? 55 : 0)
    events.doorHeldSeconds = rounded((at - phaseFrom) / secondMs, 1)
    if (tellsObstructions) {
      events.doorObstructed = obstructed
      events.doorReopens = obstructed ? 1 : 0
    }
    enter('closing', at, seconds * secondMs)
  }

  /** The phase is over: what comes next, at `at`. A car that is stuck stays so until the fault is repaired. */
  function proceed(at: number): void {
    if (phase === 'idle' && isPowerless()) enter('idle', at, minuteMs)
    else if (phase === 'idle' && at >= callAt) call(at)
    else if (phase === 'idle') runTo(1, at)
    else if (phase === 'run') arrive(at)
    else if (phase === 'opening') enter('open', at, between(3, 5) * secondMs + 1_500 * (trip?.people ?? 0))
    else if (phase === 'open') passThrough(at)
    else if (phase === 'closing') depart(at)
  }

  function passThrough(at: number): void {
    aboard = boarding && !isPowerless() ? (trip?.people ?? 0) : 0
    lastMotionAt = at
    closeDoor(at)
  }

  function depart(at: number): void {
    events.doorCloseSeconds = rounded((at - phaseFrom) / secondMs, 2)
    doorCycles++
    if (isPowerless()) {
      if (aboard > 0) openDoor(at)
      else rest(at)
    } else if (!trip || !boarding) {
      rest(at)
    } else {
      boarding = false
      runTo(trip.to, at)
    }
  }

  function arrive(at: number): void {
    floor = run.to
    trips++
    runHours += (at - phaseFrom) / hourMs
    events.brakeApplyMs = Math.round(usual.brakeApplyMs + noise(6))
    events.stopDistanceMm = rounded(usual.stopMm + noise(2), 1)
    events.levellingErrorMm = rounded(noise(2.5) + (aboard * personKg > ratedLoadKg / 2 ? -1.5 : 0.5), 1)
    events.ropeSlipMm = rounded(Math.abs(noise(1.5)), 1)
    if (!trip) rest(at)
    else if (fault?.name === 'entrapment-at-floor' && aboard > 0) trap(at)
    else openDoor(at)
  }

  function trap(at: number): void {
    if (random() < 0.6) pressAt = at + between(40, 150) * secondMs
    enter('stuck', at, Infinity)
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
    if (fault?.name !== 'entrapment' || phase !== 'run' || aboard === 0) return Infinity
    const at = phaseFrom + (phaseUntil - phaseFrom) / 3
    return at >= heatedAt ? at : Infinity
  }

  function heat(at: number): void {
    const loadShare = (aboard * personKg) / ratedLoadKg
    const duty = phase === 'run' ? 0.7 + Math.abs(loadShare - 0.5) : 0
    const faultKelvin =
      fault?.name === 'motor-over-temperature' ? windingLimitCelsius[insulationClass] + 20 - machineRoomCelsius(at) : 0
    const target = Math.max(runningRiseKelvin * duty, faultKelvin)
    motorKelvin = target + (motorKelvin - target) * Math.exp((heatedAt - at) / windingTimeConstantMs)
    heatedAt = at
  }

  /** People move now and then; between two steps at least once, the more surely the longer they are. */
  function isPresent(at: number, elapsedMs: number): boolean {
    if (aboard > 0 && random() < 1 - Math.exp(-elapsedMs / (20 * secondMs))) lastMotionAt = at
    return at - lastMotionAt <= holdMs
  }

  function carAt(at: number): { height: number; speed: number } {
    const stuckMidway = phase === 'stuck' && floor !== run.to
    if (stuckMidway) return { height: (floor - 1 + 0.5 * Math.sign(run.to - floor)) * storeyMetres, speed: 0 }
    if (phase !== 'run') return { height: (floor - 1) * storeyMetres, speed: 0 }

    const { metres, mps } = alongRun(run, ratedSpeedMps, (at - phaseFrom) / secondMs)
    const sign = Math.sign(run.to - run.from)
    return { height: (run.from - 1) * storeyMetres + sign * metres, speed: sign * mps }
  }

  function rarelyChanging(at: number): Values {
    const stuck = phase === 'stuck'
    const midway = stuck && floor !== run.to
    return {
      mode: isPowerless() ? 'emergency-power' : 'normal',
      safetyCircuit: phase === 'idle' || phase === 'run' || (stuck && !midway) ? 'closed' : 'open',
      brakeState: phase === 'run' ? 'released' : 'applied',
      faultCode: midway ? '04' : stuck ? '03' : '00',
      alarmButton: stuck && at >= pressAt && at < pressAt + 30 * secondMs,
      mainsLost: isPowerless(),
    }
  }

  function slow(at: number): Values {
    return {
      loadPercent: rounded((aboard * personKg * 100) / ratedLoadKg + noise(1), 0),
      machineRoomCelsius: rounded(machineRoomCelsius(at) + noise(0.1), 1),
      cabinetCelsius: rounded(machineRoomCelsius(at) + cabinetRiseKelvin + noise(0.2), 1),
      trips,
      runHours: rounded(runHours, 1),
      doorCycles,
    }
  }

  return {
    inject(name, at) {
      fault = name === undefined ? undefined : { name, at }
      if (name?.startsWith('entrapment')) {
        callAt = Math.min(callAt, at + minuteMs)
        if (phase === 'idle') phaseUntil = Math.min(phaseUntil, callAt)
      }
      if (name !== undefined || phase !== 'stuck') return

      pressAt = Infinity
      floor = run.to
      openDoor(at)
    },

    step(at) {
      advance(at)
      if (fault?.name === 'silent') {
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
      const running = phase === 'run' && {
        motorAmps: rounded(motorKilowatts * 2 * (0.35 + 0.5 * Math.abs((aboard * personKg) / ratedLoadKg - 0.5)), 1),
        ...(Math.abs(speed) === ratedSpeedMps && {
          vibrationMmPerS: rounded(usual.vibrationMmPerS + Math.abs(noise(0.05)), 2),
          carVibrationMps2: rounded(0.1 + Math.abs(noise(0.02)), 3),
        }),
      }
      const values: Values = {
        floor: nearest + 1,
        direction: phase === 'run' ? (run.to > run.from ? 'up' : 'down') : 'none',
        doorState: phase === 'opening' || phase === 'open' || phase === 'closing' ? phase : 'closed',
        doorZone: Math.abs(height - nearest * storeyMetres) <= doorZoneMetres,
        carSpeedMps: rounded(speed, 2),
        passengerPresent: isPresent(at, elapsedMs),
        ...(fault?.name !== 'motor-sensor-silent' && {
          motorCelsius: rounded(machineRoomCelsius(at) + motorKelvin + noise(0.3), 1),
        }),
        ...running,
        ...events,
        ...Object.fromEntries(news),
      }
      events = {}
      if (at - fullAt < fullStateMs) return values

      fullAt = at
      return { ...values, ...state, ...slow(at) }
    },
  }
}

function localHour(at: number): number {
  return Math.floor(((at + shanghaiMs) % dayMs) / hourMs)
}

/** Under the roof: warmest at 15:00 and in July. */
function machineRoomCelsius(at: number): number {
  const local = at + shanghaiMs
  const yearAngle = (2 * Math.PI * (local / dayMs - 196)) / 365.25
  const dayAngle = (2 * Math.PI * ((local % dayMs) / hourMs - 15)) / 24
  return 24 + 8 * Math.cos(yearAngle) + 3 * Math.cos(dayAngle)
}

function metresOf(run: { from: number; to: number }): number {
  return Math.abs(run.to - run.from) * storeyMetres
}

/** A short run never reaches the rated speed. */
function topSpeedMps(metres: number, ratedSpeedMps: number): number {
  return Math.min(ratedSpeedMps, Math.sqrt(metres * accelerationMps2))
}

function runSeconds(run: { from: number; to: number }, ratedSpeedMps: number): number {
  const metres = metresOf(run)
  const top = topSpeedMps(metres, ratedSpeedMps)
  return metres / top + top / accelerationMps2
}

/** Constant acceleration to the top speed and the same to rest. */
function alongRun(run: { from: number; to: number }, ratedSpeedMps: number, seconds: number) {
  const metres = metresOf(run)
  const top = topSpeedMps(metres, ratedSpeedMps)
  const ramp = top / accelerationMps2
  const left = runSeconds(run, ratedSpeedMps) - seconds
  if (seconds < ramp) return { metres: (accelerationMps2 * seconds ** 2) / 2, mps: accelerationMps2 * seconds }
  if (left < ramp) return { metres: metres - (accelerationMps2 * left ** 2) / 2, mps: accelerationMps2 * left }
  return { metres: top * (seconds - ramp / 2), mps: top }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
