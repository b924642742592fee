import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import type { SimulatedDevice, Simulator } from '../kind.ts'
import { type ElectricityMeterFacts, electricityMeterFacts } from './facts.ts'
import { chargerWatts, household, isFreeDay, load, localTime } from './simulated-appliances.ts'
import { type SimulatedFault, simulatedFaults, soundContactOhms, terminalKelvinPerWatt } from './simulated-faults.ts'

/** China has one time zone and, since 1991, no summer time. */
const shanghaiMs = 8 * hourMs

const terminalTimeConstantMs = 8 * minuteMs
const cableKelvinPerAmpSquared = 0.015
const cableTimeConstantMs = 20 * minuteMs
/** Plastic melts and the circuit opens, more or less, here. */
const hottestKelvin = 220

/** Of a charger: how long its current is constant, and its voltage; h. And when it is plugged in. */
const flatHours = 4
const taperHours = 2
const pluggedInHour = 20
const chargerVarsPerWatt = load(1, 0.6).vars

/** Slow metrics come once a minute, as gateways send them. */
const slowMs = 60 * secondMs
/** One box in five sends no more than these: it was mounted beside an old meter. */
const halfBoxShare = 0.2
const alwaysSent = new Set([
  ...['volts', 'amps', 'watts', 'powerFactor', 'energyKwh', 'residualMilliamps', 'terminalCelsius', 'ambientCelsius'],
])
/** The radio is away once in so many hours, for some minutes. */
const gapEveryHours = 60
const longestGapMs = 6 * minuteMs

/**
 * A rented room in Hangzhou: people come home, cook, heat water and cool the room (`simulated-appliances.ts`); the voltage falls with the
 * street's load and with their own through the supply's ohms, a terminal warms with the square of the current and lags behind it, leakage
 * follows the humidity and the appliances. Sensors have noise, a radio has gaps, some boxes send half of the metrics.
 *
 * Fast metrics come at every step, the slow ones once a minute. In an outage the meter has a last gasp left, and is then silent until the
 * supply is back. What can go wrong, and when it reaches its limit, is in `simulated-faults.ts`.
 */
export const electricityMeterSimulator: Simulator = {
  faults: Object.fromEntries(Object.entries(simulatedFaults).map(([name, { finding }]) => [name, finding])),
  limitAfterMs: Object.fromEntries(
    Object.entries(simulatedFaults).flatMap(([name, { limitHours }]) =>
      limitHours === undefined ? [] : [[name, Math.round(limitHours * hourMs)]],
    ),
  ),
  create: ({ random, facts, startAt }) => meter(random, electricityMeterFacts.parse(facts), startAt),
}

function meter(random: () => number, { use = 'residential' }: ElectricityMeterFacts, startAt: number): SimulatedDevice {
  const noise = (deviation: number) => (random() + random() + random() - 1.5) * 2 * deviation
  const mainsVolts = 226 + noise(3)
  /** Of the supply up to the meter. */
  const supplyOhms = 0.25 + 0.3 * random()
  const wiringMilliamps = 2.5 + 3 * random()
  const meterOffsetKelvin = 4 + 2 * random()
  const sendsAll = random() >= halfBoxShare
  const drawnAt = household(random, use)

  let lastAt = startAt
  let today = Number.NaN
  let isFree = false
  let slowAt = -Infinity
  let gapUntil = -Infinity
  let weatherKelvin = noise(2)
  let humidity = noise(1)
  let streetVolts = 0
  let watts = 0
  let energyKwh = 500 + 3_000 * random()
  let terminalKelvin = 2
  let cableKelvin = 2
  let fault: SimulatedFault | undefined
  let faultAt = startAt
  let coming: { readonly name: string | undefined; readonly at: number } | undefined
  let gasped = false
  let frozenValue: number | string | boolean | undefined

  /** What runs because of the fault, W of power factor 1; and the charger's, W. */
  function faultWatts(at: number, hour: number): { heater: number; charger: number } {
    const sincePlugged = (hour - pluggedInHour + 24) % 24
    const began = at - sincePlugged * hourMs >= faultAt
    const full = fault?.chargerWatts !== undefined && began ? fault.chargerWatts : 0
    return {
      heater: fault?.heaterWatts?.(hour) ?? 0,
      charger: full === 0 ? 0 : chargerWatts(sincePlugged, full, flatHours, taperHours),
    }
  }

  /** Weather, humidity and the street's load go their own ways. */
  function wanderOn(elapsedMs: number): void {
    weatherKelvin = wander(weatherKelvin, 2.5, elapsedMs, 2 * dayMs, noise)
    humidity = wander(humidity, 1, elapsedMs, dayMs, noise)
    streetVolts = wander(streetVolts, 0.8, elapsedMs, 30 * minuteMs, noise)
  }

  function lastGasp(): Values {
    watts = 0
    const gasp = gasped ? {} : { volts: 0, amps: 0, hertz: 0 }
    gasped = true
    return gasp
  }

  /** Amperes, volts and watts at the meter now; heats what they flow through. */
  function flow(at: number, elapsedMs: number, outsideCelsius: number) {
    const { day, hour } = localTime(at + shanghaiMs)
    if (day !== today) isFree = isFreeDay(day)
    today = day
    const drawn = drawnAt({ at, elapsedMs, day, hour, isFree, outsideCelsius })
    const { heater, charger } = faultWatts(at, hour)
    const isOn = fault?.breaker === undefined
    const activeWatts = isOn ? (drawn.watts + heater + charger) * (1 + noise(0.006)) : 0
    const apparent = isOn ? Math.hypot(activeWatts, drawn.vars + charger * chargerVarsPerWatt) : 0

    const hours = (at - faultAt) / hourMs
    const ohms = supplyOhms + (fault?.supplyOhms?.(hours) ?? 0)
    const openVolts = mainsVolts - eveningSagVolts(hour) + streetVolts + (fault?.supplyVolts ?? 0)
    // what the supply drops lowers the voltage behind it, and a power supply draws more for it
    const amps = apparent / Math.max(openVolts / 2, openVolts - (apparent / openVolts) * ohms)
    const volts = openVolts - amps * ohms + noise(0.2)

    const contactOhms = soundContactOhms + (fault?.contactOhms?.(hours) ?? 0)
    const heatKelvin = Math.min(hottestKelvin, terminalKelvinPerWatt * contactOhms * amps ** 2)
    terminalKelvin = settle(terminalKelvin, heatKelvin, elapsedMs, terminalTimeConstantMs)
    const cableHeat = cableKelvinPerAmpSquared * amps ** 2 + (fault?.cableKelvin?.(hours) ?? 0)
    cableKelvin = settle(cableKelvin, cableHeat, elapsedMs, cableTimeConstantMs)
    watts = activeWatts
    const leaks = wiringMilliamps + humidity + (isOn ? drawn.leakMilliamps : 0) + (fault?.leakMilliamps?.(hours) ?? 0)
    return { drawn, volts, amps, apparent, residualMilliamps: Math.max(0, leaks + noise(0.1)) }
  }

  function fastMetrics({ volts, amps, apparent, residualMilliamps }: ReturnType<typeof flow>, boxCelsius: number) {
    return {
      volts: rounded(volts, 1),
      amps: rounded(amps, 2),
      watts: rounded(watts, 0),
      powerFactor: apparent === 0 ? 1 : rounded(watts / apparent, 3),
      hertz: rounded(50 + noise(0.02), 2),
      energyKwh: rounded(energyKwh, 2),
      residualMilliamps: rounded(residualMilliamps, 1),
      terminalCelsius: rounded(boxCelsius + terminalKelvin + noise(0.2), 1),
    }
  }

  function slowMetrics({ drawn, amps, residualMilliamps }: ReturnType<typeof flow>, boxCelsius: number): Values {
    const neutralAmps = Math.max(0, amps - residualMilliamps / 1_000) + (fault?.neutralAmps ?? 0)
    const arcs = fault?.arcHalfCycles !== undefined && random() < 0.3 ? fault.arcHalfCycles : undefined
    return {
      neutralAmps: rounded(neutralAmps, 2),
      cableCelsius: rounded(boxCelsius + cableKelvin + noise(0.2), 1),
      ambientCelsius: rounded(boxCelsius + noise(0.1), 1),
      meterCelsius: rounded(boxCelsius + meterOffsetKelvin + noise(0.1), 1),
      arcHalfCycles: arcs ?? (random() < 0.02 ? 1 + Math.floor(3 * random()) : 0),
      breaker: fault?.breaker ?? 'closed',
      occupied: fault?.vacant ? false : drawn.isHome,
    }
  }

  /** What the box sends of it. */
  function sent(values: Values): Values {
    if (fault?.frozen !== undefined && fault.frozen in values) {
      frozenValue ??= values[fault.frozen]
      if (frozenValue !== undefined) return without(sendsAll, fault, { ...values, [fault.frozen]: frozenValue })
    }
    return sendsAll && fault?.missing === undefined ? values : without(sendsAll, fault, values)
  }

  function isAway(at: number, elapsedMs: number): boolean {
    if (random() < elapsedMs / (gapEveryHours * hourMs)) gapUntil = at + longestGapMs * random()
    return at < gapUntil
  }

  function begin(name: string | undefined, at: number): void {
    fault = name === undefined ? undefined : simulatedFaults[name]
    faultAt = at
    gasped = false
    frozenValue = undefined
    coming = undefined
  }

  return {
    inject(name, at) {
      coming = { name, at }
    },

    step(at) {
      if (coming !== undefined && at >= coming.at) begin(coming.name, coming.at)
      const elapsedMs = Math.max(0, at - lastAt)
      lastAt = at
      energyKwh += (watts / 1_000) * (elapsedMs / hourMs) * (fault?.countedShare ?? 1)
      wanderOn(elapsedMs)
      if (fault?.silent === 'outage') return lastGasp()

      const outsideCelsius = usualOutsideCelsius(at) + weatherKelvin
      const now = flow(at, elapsedMs, outsideCelsius)
      if (fault?.silent === 'silent' || isAway(at, elapsedMs)) return {}
      const boxCelsius = 0.6 * outsideCelsius + 0.4 * 24
      const fast = fastMetrics(now, boxCelsius)
      if (at - slowAt < slowMs) return sent(fast)
      slowAt = at
      return sent({ ...fast, ...slowMetrics(now, boxCelsius) })
    },
  }
}

function without(sendsAll: boolean, fault: SimulatedFault | undefined, values: Values): Values {
  const sent: Record<string, number | string | boolean> = {}
  for (const metric in values) {
    const value = values[metric]
    const has = sendsAll || alwaysSent.has(metric) || fault?.sensors?.includes(metric) === true
    if (has && metric !== fault?.missing && value !== undefined) sent[metric] = value
  }
  return sent
}

/** Means of Hangzhou: 5 °C in January, 30 °C in July; warmest on 15 July and at 14:00. */
function usualOutsideCelsius(at: number): number {
  const { day, hour } = localTime(at + shanghaiMs)
  const yearAngle = (2 * Math.PI * (day + hour / 24 - 196)) / 365.25
  const dayAngle = (2 * Math.PI * (hour - 14)) / 24
  return 17.5 + 12.5 * Math.cos(yearAngle) + 4 * Math.cos(dayAngle)
}

/** The whole street cooks and cools at 19:30. */
function eveningSagVolts(hour: number): number {
  return 5 * Math.exp(-(((hour - 19.5) / 2) ** 2))
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

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
