import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type ElectricityMeterFacts, electricityMeterFactDefaults } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { agree, type Sample } from './sampling.ts'

interface State {
  readonly last: Sample | null
  /** By the temperature alone: 0 none, 1 warning, 2 urgent, 3 critical. */
  readonly level: number
  /** When the present episode began, ms; null outside one. */
  readonly since: number | null
  /** How long it has been cool within the episode, s, as far as samples vouch for it. */
  readonly coolSeconds: number
  /** The coolest moment of each of the last minutes, the newest last. */
  readonly coolest: readonly Moment[]
}

/** With the largest current and the coolest air of its minute; null where the readings do not tell them. */
type Moment = readonly [at: number, celsius: number, amps: number | null, airCelsius: number | null]

/**
 * A terminal is too hot: a loose screw, an oxidised or overloaded contact.
 *
 * Level    by the lower of two successive samples, so one stray value sends nobody and a true 90 °C waits one sample. Each level
 *          holds until `hysteresisKelvin` below it. A rise of more than `riseKelvin` within `riseMinutes` is a warning of its
 *          own while it lasts. Below `riseFromCelsius` a heater on a cool terminal does the same: there it counts when it is more than the
 *          air's, and than a sound terminal warms by the largest current of these minutes, which must be told with it and the breaker's
 *          rating known
 * Cable    insulation for less than 70 °C (`conductorMaxCelsius`) lowers the levels by the difference; better insulation
 *          raises none, for the breaker's own terminals are no better for it
 * End      cool for `clearMinutes` of samples; a gap counts for nothing
 * Input    `terminalCelsius`, `ambientCelsius`, °C; `amps`, A
 * Finding  warning, urgent or critical; evidence in °C and K
 * Memory   the last sample and six moments of four values per meter
 * Source   60, 70, 85 °C and 10 K in 5 min are unverified defaults: they stand around the 70 °C that PVC insulation bears for
 *          ever (IEC 60364-5-52, table 52.1), inside the setting range of GB 14287.3 (45–140 °C). Sound
 *          terminals warm by 60 K at most at the breaker's rating (IEC 60898-1, table 6). The others are unverified defaults too
 */
export const terminalOverTemperature = defineDetector({
  id: 'electricity-meter/terminal-over-temperature',
  about: {
    finds: 'A terminal is too hot.',
    severities: ['warning', 'urgent', 'critical'],
    source:
      'Around the 70 °C that PVC insulation bears for ever (IEC 60364-5-52, table 52.1), inside the setting range of GB 14287.3 (45–140 °C); all values are unverified defaults',
    traps: [
      'a heater that warms a cool terminal by 20 K',
      'the box opened in winter, and closed again',
      'a summer afternoon that takes hours',
      'a sensor that said 0 °C once',
      'a steady 59 °C',
    ],
  },
  rising: [['warningCelsius', 'urgentCelsius', 'criticalCelsius']],
  clears: true,
  reads: electricityMeterTelemetry.pick({ terminalCelsius: true }),
  mayRead: electricityMeterTelemetry.pick({ amps: true, ambientCelsius: true }),
  bounds: {
    warningCelsius: [30, 90],
    urgentCelsius: [50, 105],
    criticalCelsius: [60, 150],
    riseKelvin: [3, 50],
    riseMinutes: [1, 30],
    riseFromCelsius: [20, 80],
  },
  settings: {
    warningCelsius: 60,
    urgentCelsius: 70,
    criticalCelsius: 85,
    hysteresisKelvin: 5,
    riseKelvin: 10,
    riseMinutes: 5,
    riseFromCelsius: 45,
    clearMinutes: 10,
  },
  initial: { last: null, level: 0, since: null, coolSeconds: 0, coolest: [] } as State,

  step(state, { at, terminalCelsius, amps = null, ambientCelsius = null }, settings, facts: ElectricityMeterFacts) {
    const { sample, low, high, seconds } = agree(state.last, at, terminalCelsius, freshSeconds)
    const coolest = remember(state.coolest, at, high, amps, ambientCelsius, settings.riseMinutes)
    const from = at - settings.riseMinutes * minuteMs
    const riseKelvin = low - coolestSince(coolest, from)
    const isHigh = low >= settings.riseFromCelsius
    const rising =
      riseKelvin > settings.riseKelvin && (isHigh || riseKelvin > soundRise(coolest, from, ambientCelsius, facts))

    const limits = lowered(settings, facts)
    const held = Math.min(state.level, levelOf(limits, terminalCelsius + settings.hysteresisKelvin))
    const level = Math.max(levelOf(limits, low), held)

    if (level > 0 || rising) {
      const since = state.since ?? (state.last && seconds > 0 ? state.last.at : at)
      const finding =
        level > 0
          ? hotFinding(level, since, terminalCelsius, limits, rising ? riseKelvin : null)
          : risingFinding(since, terminalCelsius, riseKelvin, settings)
      return { state: { last: sample, level, since, coolSeconds: 0, coolest }, finding }
    }
    if (state.since === null) return { state: { last: sample, level, since: null, coolSeconds: 0, coolest } }

    const cool = terminalCelsius < limits.warningCelsius - settings.hysteresisKelvin
    const coolSeconds = cool ? state.coolSeconds + seconds : 0
    const over = coolSeconds * secondMs >= settings.clearMinutes * minuteMs
    if (!over) return { state: { last: sample, level, since: state.since, coolSeconds, coolest } }
    return { state: { last: sample, level, since: null, coolSeconds: 0, coolest }, cleared: true }
  },
})

/** What a breaker's terminal may warm by at its rating. */
const soundKelvinAtRated = 60

interface Limits {
  readonly warningCelsius: number
  readonly urgentCelsius: number
  readonly criticalCelsius: number
}

function lowered(settings: Limits, { conductorMaxCelsius }: ElectricityMeterFacts): Limits {
  const usual = electricityMeterFactDefaults.conductorMaxCelsius
  const byKelvin = usual - (conductorMaxCelsius ?? usual)
  if (byKelvin <= 0) return settings
  return {
    warningCelsius: settings.warningCelsius - byKelvin,
    urgentCelsius: settings.urgentCelsius - byKelvin,
    criticalCelsius: settings.criticalCelsius - byKelvin,
  }
}

function levelOf(limits: Limits, celsius: number): number {
  if (celsius >= limits.criticalCelsius) return 3
  if (celsius >= limits.urgentCelsius) return 2
  return celsius >= limits.warningCelsius ? 1 : 0
}

/** The same list when nothing is new: a moment is made for those that are remembered alone. */
function remember(
  coolest: readonly Moment[],
  at: number,
  celsius: number,
  amps: number | null,
  air: number | null,
  minutes: number,
): readonly Moment[] {
  if (celsius === Infinity) return coolest
  const newest = coolest.at(-1)
  if (newest === undefined || Math.floor(newest[0] / minuteMs) !== Math.floor(at / minuteMs)) {
    const kept = coolest.filter(([then]) => then >= at - minutes * minuteMs)
    kept.push([at, celsius, amps, air])
    return kept
  }
  const [since, least, most, coolestAir] = newest
  const mostAmps = amps === null || most === null ? null : Math.max(most, amps)
  const leastAir = air === null || coolestAir === null ? null : Math.min(coolestAir, air)
  if (celsius >= least && mostAmps === most && leastAir === coolestAir) return coolest
  return coolest.with(-1, [celsius < least ? at : since, Math.min(celsius, least), mostAmps, leastAir])
}

function coolestSince(coolest: readonly Moment[], from: number): number {
  let coolestCelsius = Infinity
  for (const [at, celsius] of coolest) if (at >= from && celsius < coolestCelsius) coolestCelsius = celsius
  return coolestCelsius
}

/** What a sound terminal may have warmed by since then, K: with the air, and by its load. Infinity where that is not known. */
function soundRise(
  moments: readonly Moment[],
  from: number,
  airCelsius: number | null,
  { breakerAmps }: ElectricityMeterFacts,
): number {
  if (airCelsius === null || breakerAmps === undefined) return Infinity
  let mostAmps = 0
  let coolestAir = airCelsius
  for (const [at, , amps, air] of moments) {
    if (at < from) continue
    if (amps === null || air === null) return Infinity
    mostAmps = Math.max(mostAmps, amps)
    coolestAir = Math.min(coolestAir, air)
  }
  return airCelsius - coolestAir + soundKelvinAtRated * (mostAmps / breakerAmps) ** 2
}

function hotFinding(level: number, since: number, celsius: number, limits: Limits, riseKelvin: number | null): Finding {
  const severity = level === 3 ? 'critical' : level === 2 ? 'urgent' : 'warning'
  const limitCelsius = limits[`${severity}Celsius`]
  const rise = riseKelvin === null ? '' : `, ${riseKelvin.toFixed(0)} K up within minutes`
  return {
    severity,
    summary: `A terminal is at ${celsius.toFixed(0)} °C${rise}; ${severity} from ${limitCelsius} °C`,
    evidence: { terminalCelsius: celsius, limitCelsius, riseKelvin },
    since,
  }
}

/** No level was reached, so none is named. */
function risingFinding(
  since: number,
  celsius: number,
  riseKelvin: number,
  limits: { riseKelvin: number; riseMinutes: number },
): Finding {
  const { riseKelvin: limitKelvin, riseMinutes: limitMinutes } = limits
  return {
    severity: 'warning',
    summary: `A terminal is at ${celsius.toFixed(0)} °C, ${riseKelvin.toFixed(1)} K up; warning above ${limitKelvin} K in ${limitMinutes} min`,
    evidence: { terminalCelsius: celsius, riseKelvin, limitKelvin, limitMinutes },
    since,
  }
}
