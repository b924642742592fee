import type { Incident, Severity } from '../shared/wire.ts'
import type { RuleDetail, WearForecast } from './wire.ts'

export interface MetricLimit {
  readonly metric: string
  readonly value: number
  /** Null = a limit without a severity of its own. */
  readonly severity: Severity | null
}

/** What is usual for this very device, and how far from it a value may be before it is a change; `reach` is 0 where nobody can say. */
export interface Usual {
  readonly metric: string
  readonly value: number
  readonly reach: number
}

type Settings = Readonly<Record<string, number>>
type Facts = Readonly<Record<string, unknown>>
type Limit = readonly [metric: string, severity: Severity | null, value: (settings: Settings, facts: Facts) => number]

/**
 * What the rules take where a fact is unknown; `limits.test.ts` holds both tables to the kinds' own.
 * Source of the classes: IEC 60085 (the hottest that a winding of a thermal class may run, °C).
 */
export const assumedFacts: Facts = {
  ...{ insulationClass: 'B', breakerAmps: 40, residualDeviceMilliamps: 30, conductorMaxCelsius: 70 },
}
export const windingCelsius: Readonly<Record<string, number>> = { A: 105, E: 120, B: 130, F: 155, H: 180 }

const fixed = (metric: string, severity: Severity | null, setting: string): Limit => [
  metric,
  severity,
  (settings) => settings[setting] ?? Number.NaN,
]
const number = (facts: Facts, name: string) => Number(facts[name] ?? Number.NaN)

/** Rules whose limits are settings, or follow from settings and facts: finding → its limits. Every setting is read from the rule in force. */
export const limitRules: Readonly<Record<string, readonly Limit[]>> = {
  'elevator/motor-over-temperature': [
    ['motorCelsius', 'warning', ({ warnBelowLimitKelvin = 0 }, facts) => winding(facts) - warnBelowLimitKelvin],
    ['motorCelsius', 'urgent', (_, facts) => winding(facts)],
  ],
  'elevator/machine-room-temperature': [
    fixed('machineRoomCelsius', 'warning', 'lowCelsius'),
    fixed('machineRoomCelsius', 'warning', 'highCelsius'),
  ],
  'elevator/cabinet-temperature': [
    fixed('cabinetCelsius', 'warning', 'lowCelsius'),
    fixed('cabinetCelsius', 'warning', 'highCelsius'),
  ],
  'elevator/vibration-zone': [['vibrationMmPerS', 'urgent', zone]],
  'elevator/overspeed': [['carSpeedMps', 'critical', governor]],
  'elevator/levelling-drift': [fixed('levellingErrorMm', 'warning', 'repeatedMm')],
  'elevator/ride-vibration': [fixed('carVibrationMps2', 'warning', 'peakMps2')],
  'electricity-meter/terminal-over-temperature': [
    fixed('terminalCelsius', 'warning', 'warningCelsius'),
    fixed('terminalCelsius', 'urgent', 'urgentCelsius'),
    fixed('terminalCelsius', 'critical', 'criticalCelsius'),
  ],
  'electricity-meter/cable-over-temperature': [
    [
      'cableCelsius',
      'warning',
      ({ warningBelowKelvin = 0 }, facts) => number(facts, 'conductorMaxCelsius') - warningBelowKelvin,
    ],
    ['cableCelsius', 'urgent', (_, facts) => number(facts, 'conductorMaxCelsius')],
  ],
  'electricity-meter/overload': [
    ['amps', 'warning', ({ warningShare = 0 }, facts) => warningShare * number(facts, 'breakerAmps')],
    ['amps', 'urgent', ({ urgentShare = 0 }, facts) => urgentShare * number(facts, 'breakerAmps')],
  ],
  'electricity-meter/over-voltage': [
    fixed('volts', 'warning', 'warningVolts'),
    fixed('volts', 'critical', 'criticalVolts'),
  ],
  'electricity-meter/under-voltage': [
    fixed('volts', 'warning', 'warningVolts'),
    fixed('volts', 'urgent', 'urgentVolts'),
  ],
  'electricity-meter/arc': [fixed('arcHalfCycles', 'critical', 'alarmHalfCycles')],
  'electricity-meter/residual-current': [['residualMilliamps', 'urgent', leakage]],
}

/** Rules of wear, whose limit comes with their forecast; from them, how far from the usual a value may be. */
export const wearRules: readonly string[] = [
  ...['elevator/door-close-drift', 'elevator/levelling-drift', 'elevator/brake-drift', 'elevator/stopping-distance'],
  ...['elevator/vibration-drift', 'elevator/ride-vibration', 'elevator/rope-slip'],
]

function winding(facts: Facts): number {
  return windingCelsius[String(facts.insulationClass)] ?? Number.NaN
}

/** Of the ISO 10816 classes by the motor's power, kW. */
function zone({ smallMmPerS = 0, mediumMmPerS = 0, largeMmPerS = 0 }: Settings, facts: Facts): number {
  const kilowatts = Number(facts.motorKilowatts ?? 75)
  return kilowatts <= 15 ? smallMmPerS : kilowatts <= 75 ? mediumMmPerS : largeMmPerS
}

/** Unknown where the rated speed is: the rule then learns it, and does not say it. */
function governor({ limitShare = 0, marginMps = 0 }: Settings, facts: Facts): number {
  const rated = number(facts, 'ratedSpeedMps')
  return Math.max(limitShare * rated, rated + marginMps)
}

function leakage(settings: Settings, facts: Facts): number {
  const { ceilingShare = 0, feederFromMilliamps = 0, feederShare = 0, fireMilliamps = 0 } = settings
  const rated = number(facts, 'residualDeviceMilliamps')
  if (rated < feederFromMilliamps) return facts.use === 'feeder' ? fireMilliamps : ceilingShare * rated
  return Math.min(fireMilliamps, feederShare * rated)
}

/** Rules that are worth asking for: those that say something of a device of this kind. */
export function rulesFor(kind: string): string[] {
  return [...new Set([...Object.keys(limitRules), ...wearRules])].filter((finding) => finding.startsWith(`${kind}/`))
}

interface LimitSources {
  /** As they are in force for this device; empty where they are not for the reader to see. */
  readonly rules: readonly RuleDetail[]
  readonly facts: Facts
  readonly forecasts: readonly WearForecast[]
  /** Newest first. */
  readonly incidents: readonly Pick<Incident, 'evidence' | 'finding'>[]
}

/**
 * Where a metric must not get to: by the rules in force and the device's facts; of wear, as its forecast has it; and where neither says
 * anything, as the newest finding had it. A rule that is off has no limit.
 */
export function limitsOf(metric: string, { rules, facts, forecasts, incidents }: LimitSources): MetricLimit[] {
  const known = { ...assumedFacts, ...facts }
  const byRule = rules.flatMap(({ finding, inForce }) => {
    if (inForce?.enabled !== true) return []
    const settings = numbersOf(inForce.settings)
    return (limitRules[finding] ?? []).flatMap(([of, severity, value]) =>
      of === metric ? [{ metric, severity, value: value(settings, known) }] : [],
    )
  })
  const byForecast = forecasts
    .filter(({ quantity }) => quantity === metric)
    .map(({ limit }) => ({ metric, severity: 'warning' as const, value: limit }))
  const found = [...byRule, ...byForecast].filter(({ value }) => Number.isFinite(value))
  if (found.length > 0) return distinct(found)
  const value = incidents.map(({ evidence }) => figureOf('limit', metric, evidence)).find((one) => one !== undefined)
  return value === undefined ? [] : [{ metric, severity: null, value }]
}

/** What is usual: what the limit of its wear was made from, else as the newest finding had it. */
export function usualOf(metric: string, { rules, forecasts, incidents }: LimitSources): Usual | null {
  const forecast = forecasts.find(({ quantity }) => quantity === metric)
  const rule = rules.find(({ finding }) => finding === forecast?.finding)
  const { limitShare, shiftShare = 0, shiftLeast = 0 } = numbersOf(rule?.inForce?.settings ?? {})
  const value =
    forecast !== undefined && limitShare !== undefined
      ? forecast.limit / (1 + limitShare)
      : incidents.map(({ evidence }) => figureOf('usual', metric, evidence)).find((one) => one !== undefined)
  if (value === undefined) return null
  return { metric, value, reach: rule === undefined ? 0 : Math.max(value * shiftShare, shiftLeast) }
}

function numbersOf(settings: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

/** `limitCelsius` or `limitMotorCelsius` of `motorCelsius`, in what one finding has of this metric. */
function figureOf(prefix: string, metric: string, evidence: Incident['evidence']): number | undefined {
  if (typeof evidence[metric] !== 'number') return undefined
  const name = Object.keys(evidence).find((key) => {
    const rest = key.startsWith(prefix) ? key.slice(prefix.length) : ''
    return /^[A-Z]/.test(rest) && metric.toLowerCase().endsWith(rest.toLowerCase())
  })
  const value = evidence[name ?? '']
  return typeof value === 'number' ? value : undefined
}

/** A rule and its forecast may say the same. */
function distinct(limits: readonly MetricLimit[]): MetricLimit[] {
  const close = (one: number, other: number) => Math.abs(one - other) < 1e-6 * Math.max(1, Math.abs(one))
  return limits.filter(({ value }, index) => limits.findIndex((other) => close(other.value, value)) === index)
}
