import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import type { SimulatedDevice, Simulator } from '../kind.ts'

/** China has one time zone and, since 1991, no summer time. */
const shanghaiMs = 8 * hourMs

interface Load {
  readonly watts: number
  /** Reactive power, var. */
  readonly vars: number
}

interface Appliance extends Load {
  /** What its filter capacitors leak, mA. */
  readonly leakMilliamps: number
  /** Minutes that one use lasts. */
  readonly minutes: number
  /** Uses per hour at this local hour. */
  perHour(hour: number, outsideCelsius: number): number
}

function load(watts: number, powerFactor: number): Load {
  return { watts, vars: watts * Math.tan(Math.acos(powerFactor)) }
}

const between = (hour: number, from: number, to: number, perHour: number) => (hour >= from && hour < to ? perHour : 0)

const fridge: Appliance = { ...load(110, 0.75), leakMilliamps: 0.2, minutes: 12, perHour: () => 1.6 }
const kettle: Appliance = {
  ...load(1_800, 1),
  leakMilliamps: 0.2,
  minutes: 4,
  perHour: (hour) => between(hour, 7, 9, 0.6) + between(hour, 18, 23, 0.3),
}
const inductionStove: Appliance = {
  ...load(1_600, 0.98),
  leakMilliamps: 2.5,
  minutes: 18,
  perHour: (hour) => between(hour, 11, 13, 0.2) + between(hour, 17, 20, 0.6),
}
const waterHeater: Appliance = {
  ...load(1_500, 1),
  leakMilliamps: 0.8,
  minutes: 30,
  perHour: (hour) => between(hour, 20, 23, 0.4),
}
const lightsAndScreens: Appliance = {
  ...load(130, 0.9),
  leakMilliamps: 0.4,
  minutes: 60,
  perHour: (hour) => between(hour, 18, 24, 2),
}
const airConditioner: Appliance = {
  ...load(950, 0.93),
  leakMilliamps: 1,
  minutes: 15,
  perHour: (hour, outsideCelsius) => (outsideCelsius > 26 || outsideCelsius < 6 ? 2.2 - between(hour, 8, 18, 2.2) : 0),
}
const appliances = [fridge, kettle, inductionStove, waterHeater, lightsAndScreens, airConditioner]

const standby = load(25, 0.6)
/** What someone leaves running on a loose terminal. */
const heater = load(1_800, 1)

/** Of the supply up to the meter, ohms. */
const supplyOhms = 0.35
/** Of a terminal in its box, K per W, and its time constant: 25 K at 40 A, as breakers are type-tested (IEC 60898-1, clause 8.4). */
const terminalKelvinPerWatt = 10
const soundContactOhms = 0.0016
const looseContactOhms = 0.12
const terminalTimeConstantMs = 8 * minuteMs
const cableKelvinPerAmpSquared = 0.015
const cableTimeConstantMs = 20 * minuteMs
/** Plastic melts and the circuit opens, more or less, here. */
const hottestKelvin = 220

const looseningMs = hourMs
const leakageStepMilliamps = 14
const leakageGrowthMilliampsPerHour = 3
/** Below what trips a 30 mA residual-current device for certain. */
const leakageGrowthMilliamps = 20

/**
 * A rented room in Hangzhou: people come home, cook, heat water and cool the room; volts sag with the load, a terminal warms
 * with the square of the current, leakage follows the humidity and the appliances.
 *
 * Fast metrics come at every step, the slow ones once a minute, as gateways send them. In an outage the meter has a last gasp left, and is
 * then silent until the supply is back.
 */
export const electricityMeterSimulator: Simulator = {
  faults: {
    'loose-terminal': 'electricity-meter/terminal-over-temperature',
    'leakage-step': 'electricity-meter/residual-current',
    'leakage-growth': 'electricity-meter/residual-current',
    outage: 'electricity-meter/outage',
    silent: 'electricity-meter/silent',
    'terminal-sensor-silent': 'electricity-meter/sensor-silent',
  },
  create: ({ random, startAt }) => room(random, startAt),
}

function room(random: () => number, startAt: number): SimulatedDevice {
  const noise = (deviation: number) => (random() + random() + random() - 1.5) * 2 * deviation
  const mainsVolts = 226 + noise(3)
  const wiringMilliamps = 2.5 + 3 * random()
  const meterOffsetKelvin = 4 + 2 * random()
  const runningUntil = appliances.map(() => 0)

  let lastAt = startAt
  let slowAt = -Infinity
  let weatherKelvin = noise(2)
  let humidity = noise(1)
  let watts = 0
  let energyKwh = 500 + 3_000 * random()
  let terminalKelvin = 2
  let cableKelvin = 2
  let fault: { name: string; at: number } | undefined
  let gasped = false

  /** Starts what people switch on until `at`, and answers what is running. */
  function running(at: number, elapsedMs: number, outsideCelsius: number): Appliance[] {
    const hour = Math.floor(localHour(at))
    return appliances.filter((appliance, index) => {
      const starts = random() < appliance.perHour(hour, outsideCelsius) * (elapsedMs / hourMs)
      if (starts) runningUntil[index] = at + appliance.minutes * minuteMs * (0.7 + 0.6 * random())
      return (runningUntil[index] ?? 0) > at
    })
  }

  /** How long this fault has been developing, ms; undefined while there is none. */
  function developing(name: string, at: number): number | undefined {
    return fault?.name === name && at >= fault.at ? at - fault.at : undefined
  }

  function faultMilliamps(at: number): number {
    if (developing('leakage-step', at) !== undefined) return leakageStepMilliamps
    const growingMs = developing('leakage-growth', at) ?? 0
    return Math.min(leakageGrowthMilliamps, (leakageGrowthMilliampsPerHour * growingMs) / hourMs)
  }

  function contactOhms(at: number): number {
    const looseMs = developing('loose-terminal', at) ?? 0
    return soundContactOhms + looseContactOhms * Math.min(1, looseMs / looseningMs)
  }

  return {
    inject(name, at) {
      fault = name === undefined ? undefined : { name, at }
      gasped = false
    },

    step(at) {
      const elapsedMs = Math.max(0, at - lastAt)
      lastAt = at
      energyKwh += (watts / 1_000) * (elapsedMs / hourMs)
      weatherKelvin = wander(weatherKelvin, 2.5, elapsedMs, 2 * dayMs, noise)
      humidity = wander(humidity, 1, elapsedMs, dayMs, noise)
      if (developing('outage', at) !== undefined) {
        watts = 0
        const gasp = gasped ? {} : { volts: 0, amps: 0, hertz: 0 }
        gasped = true
        return gasp
      }

      const outsideCelsius = usualOutsideCelsius(at) + weatherKelvin
      const on = running(at, elapsedMs, outsideCelsius)
      const loads: Load[] = [standby, ...on]
      if (developing('loose-terminal', at) !== undefined) loads.push(heater)
      const activeWatts = sum(loads, 'watts') * (1 + noise(0.01))
      const apparent = Math.hypot(activeWatts, sum(loads, 'vars'))
      const volts = mainsVolts - eveningSagVolts(at) - (apparent / mainsVolts) * supplyOhms + noise(0.3)
      const amps = apparent / volts
      watts = activeWatts

      const ambientCelsius = 0.6 * outsideCelsius + 0.4 * 24
      const heatKelvin = Math.min(hottestKelvin, terminalKelvinPerWatt * contactOhms(at) * amps ** 2)
      terminalKelvin = settle(terminalKelvin, heatKelvin, elapsedMs, terminalTimeConstantMs)
      cableKelvin = settle(cableKelvin, cableKelvinPerAmpSquared * amps ** 2, elapsedMs, cableTimeConstantMs)
      const leaking = sum(on, 'leakMilliamps')
      const residualMilliamps = Math.max(0, wiringMilliamps + humidity + leaking + faultMilliamps(at) + noise(0.1))

      const fast: Values = {
        volts: rounded(volts, 1),
        amps: rounded(amps, 2),
        watts: rounded(activeWatts, 0),
        powerFactor: rounded(activeWatts / apparent, 3),
        hertz: rounded(50 + noise(0.02), 2),
        energyKwh: rounded(energyKwh, 2),
        residualMilliamps: rounded(residualMilliamps, 1),
        ...(developing('terminal-sensor-silent', at) === undefined && {
          terminalCelsius: rounded(ambientCelsius + terminalKelvin + noise(0.2), 1),
        }),
      }
      if (developing('silent', at) !== undefined) return {}
      if (at - slowAt < 60 * secondMs) return fast

      slowAt = at
      return {
        ...fast,
        neutralAmps: rounded(Math.max(0, amps - residualMilliamps / 1_000), 2),
        cableCelsius: rounded(ambientCelsius + cableKelvin + noise(0.2), 1),
        ambientCelsius: rounded(ambientCelsius + noise(0.1), 1),
        meterCelsius: rounded(ambientCelsius + meterOffsetKelvin + noise(0.1), 1),
        arcHalfCycles: random() < 0.02 ? 1 + Math.floor(3 * random()) : 0,
        breaker: 'closed',
        occupied: on.some((appliance) => appliance !== fridge) || isNight(at),
      }
    },
  }
}

function localHour(at: number): number {
  return ((at + shanghaiMs) % dayMs) / hourMs
}

/** Means of Hangzhou: 5 °C in January, 30 °C in July; warmest on 15 July and at 14:00. */
function usualOutsideCelsius(at: number): number {
  const yearAngle = (2 * Math.PI * ((at + shanghaiMs) / dayMs - 196)) / 365.25
  const dayAngle = (2 * Math.PI * (localHour(at) - 14)) / 24
  return 17.5 + 12.5 * Math.cos(yearAngle) + 4 * Math.cos(dayAngle)
}

/** The whole street cooks and cools at 19:30. */
function eveningSagVolts(at: number): number {
  return 5 * Math.exp(-(((localHour(at) - 19.5) / 2) ** 2))
}

function isNight(at: number): boolean {
  return localHour(at) >= 22 || localHour(at) < 7
}

/** A first-order response, exact for a step of any length. */
function settle(value: number, target: number, elapsedMs: number, timeConstantMs: number): number {
  return target + (value - target) * Math.exp(-elapsedMs / timeConstantMs)
}

/** An Ornstein–Uhlenbeck process around 0: weather, which forgets itself in `timeConstantMs`. Exact for any step. */
function wander(
  value: number,
  deviation: number,
  elapsedMs: number,
  timeConstantMs: number,
  noise: (deviation: number) => number,
): number {
  const kept = Math.exp(-elapsedMs / timeConstantMs)
  return value * kept + noise(deviation * Math.sqrt(1 - kept * kept))
}

function sum<Key extends string>(items: readonly Readonly<Record<Key, number>>[], key: Key): number {
  let total = 0
  for (const item of items) total += item[key]
  return total
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
