/** Of a sound terminal in its box, Ω, K per W; 25 K at 40 A, as breakers are type-tested (IEC 60898-1, clause 8.4). */
export const soundContactOhms = 0.0016
export const terminalKelvinPerWatt = 10
/** What a terminal may warm by in the type test (IEC 60898-1, table 6), K; and the breaker's rated current, A. */
const mostKelvin = 60
const ratedAmps = 40
/** What someone leaves running on a loose terminal, W, A. */
const heaterWatts = 1_800
const heaterAmps = 8
/**
 * A 30 mA residual-current device may trip from 15 mA on (GB/T 6829: between 50 and 100 % of its rating); the leakiest of the wirings has
 * 5.5 mA by itself.
 */
const leakAtTripMilliamps = 15 - 5.5
/** A load of 2 kW pulls the voltage from 226 V to the lowest that is normal, 198 V (GB/T 12325), through so many ohms. */
const lowestVoltageOhms = 3.1

/** What goes wrong in a simulated room, and how it grows: functions of the hours since it began. */
export interface SimulatedFault {
  /** What it must raise, in the end. */
  readonly finding: string
  /** When what grows reaches the limit named here, h since it began; absent where it is there at once, or never reached. */
  readonly limitHours?: number
  /** Sensors that a box which sends only half of the metrics has, because the fault is in sight of them. */
  readonly sensors?: readonly string[]
  /** Runs beside what people do, W of power factor 1, at this local hour. */
  heaterWatts?(localHour: number): number
  contactOhms?(hours: number): number
  /** Of the supply in front of the meter. */
  supplyOhms?(hours: number): number
  leakMilliamps?(hours: number): number
  cableKelvin?(hours: number): number
  readonly supplyVolts?: number
  readonly neutralAmps?: number
  readonly arcHalfCycles?: number
  /** Each evening an e-bike is charged, W. */
  readonly chargerWatts?: number
  /** Of the energy that flows, what the counter counts. */
  readonly countedShare?: number
  readonly breaker?: 'open' | 'tripped'
  /** Nobody is there. */
  readonly vacant?: true
  /** The metric that no longer comes, or repeats its last value. */
  readonly missing?: string
  readonly frozen?: string
  /** Nothing comes any more: after a last gasp, or at once. */
  readonly silent?: 'outage' | 'silent'
}

const growing = (hours: number, withinHours: number, most: number) => Math.min(1, hours / withinHours) * most

/** A contact of so many ohms more warms its terminal by `mostKelvin` at this current. */
const ohmsAtLimit = (amps: number) => mostKelvin / (terminalKelvinPerWatt * amps ** 2) - soundContactOhms

const looseOhms = 0.12
const wornOhms = 0.008
const looseNeutralOhms = 4
const slowDays = 60

export const simulatedFaults: Readonly<Record<string, SimulatedFault>> = {
  'loose-terminal': {
    finding: 'electricity-meter/terminal-over-temperature',
    limitHours: ohmsAtLimit(heaterAmps) / looseOhms,
    heaterWatts: () => heaterWatts,
    contactOhms: (hours) => growing(hours, 1, looseOhms),
  },
  'leakage-step': { finding: 'electricity-meter/residual-current', leakMilliamps: () => 14 },
  /** Below what trips a 30 mA residual-current device for certain. */
  'leakage-growth': {
    finding: 'electricity-meter/residual-current',
    limitHours: leakAtTripMilliamps / 3,
    leakMilliamps: (hours) => Math.min(20, 3 * hours),
  },
  outage: { finding: 'electricity-meter/outage', silent: 'outage' },
  silent: { finding: 'electricity-meter/silent', silent: 'silent' },
  'terminal-sensor-silent': { finding: 'electricity-meter/sensor-silent', missing: 'terminalCelsius' },
  'contact-wear': {
    finding: 'electricity-meter/terminal-heating',
    limitHours: (24 * ohmsAtLimit(ratedAmps)) / wornOhms,
    contactOhms: (hours) => growing(hours, 24, wornOhms),
  },
  'loose-neutral': {
    finding: 'electricity-meter/loose-neutral',
    limitHours: (6 * lowestVoltageOhms) / looseNeutralOhms,
    supplyOhms: (hours) => growing(hours, 6, looseNeutralOhms),
  },
  overload: { finding: 'electricity-meter/overload', heaterWatts: () => 10_200 },
  'over-voltage': { finding: 'electricity-meter/over-voltage', supplyVolts: 38 },
  'under-voltage': { finding: 'electricity-meter/under-voltage', supplyVolts: -48 },
  arc: { finding: 'electricity-meter/arc', arcHalfCycles: 22, sensors: ['arcHalfCycles'] },
  /** Its insulation bears 70 °C for ever, 40 K above the air of a summer's box. */
  'cable-heat': {
    finding: 'electricity-meter/cable-over-temperature',
    limitHours: (3 * 40) / 70,
    cableKelvin: (hours) => growing(hours, 3, 70),
    sensors: ['cableCelsius'],
  },
  'neutral-borrowed': {
    finding: 'electricity-meter/neutral-imbalance',
    neutralAmps: 3,
    sensors: ['neutralAmps'],
  },
  'e-bike': { finding: 'electricity-meter/e-bike-charging', chargerWatts: 210 },
  'heater-forgotten': {
    finding: 'electricity-meter/vacant-use',
    vacant: true,
    heaterWatts: () => 1_200,
    sensors: ['occupied'],
  },
  'heater-at-night': {
    finding: 'electricity-meter/night-load',
    heaterWatts: (hour) => (hour >= 0.5 && hour < 5.5 ? 1_900 : 0),
  },
  'breaker-trip': { finding: 'electricity-meter/breaker-tripped', breaker: 'tripped', sensors: ['breaker'] },
  'counter-stands': { finding: 'electricity-meter/meter-frozen', countedShare: 0 },
  'counter-slow': { finding: 'electricity-meter/energy-mismatch', countedShare: 0.55 },
  'terminal-sensor-frozen': { finding: 'electricity-meter/frozen-sensor', frozen: 'terminalCelsius' },
  'insulation-ageing': {
    finding: 'electricity-meter/residual-current',
    limitHours: (slowDays * 24 * leakAtTripMilliamps) / 20,
    leakMilliamps: (hours) => growing(hours, slowDays * 24, 20),
  },
  'contact-corrosion': {
    finding: 'electricity-meter/terminal-heating',
    limitHours: (slowDays * 24 * ohmsAtLimit(ratedAmps)) / (wornOhms / 2),
    contactOhms: (hours) => growing(hours, slowDays * 24, wornOhms / 2),
  },
}
