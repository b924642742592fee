import { hourMs, minuteMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import type { ElectricityMeterFacts } from '../facts.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'
import { type Charging, type Floor, follow, isTapering, windowMs } from './charging.ts'
import { isWithin, localHour } from './local-hour.ts'
import { varsOf } from './reactive.ts'

const defaults = {
  leastWatts: 90,
  mostWatts: 400,
  leastPowerFactor: 0.45,
  mostPowerFactor: 0.75,
  flatMinutes: 100,
  mostHours: 10,
  /** So much below its first power, the taper is believed. */
  taperShare: 0.3,
  /** Most are plugged in when people come home. */
  eveningFromHour: 18,
  eveningToHour: 23,
  nightFromHour: 22,
  nightToHour: 8,
  urgentConfidence: 0.8,
}

type Settings = typeof defaults

/** What each part of the evidence is worth: a step of its size that is flat and then tapers; the others make it sure. */
const shapeConfidence = 0.5
const powerFactorConfidence = 0.25
const eveningConfidence = 0.15
const riskConfidence = 0.1

/** A change within one interval between two near samples, W; less is drift. */
const stepWatts = 15
/** Samples further apart are rare: what lies between them is not known to be sudden, and one is believed without the next. */
const rareMs = minuteMs
/** A sample that says nothing new is passed over. */
const sameWatts = 2
/** So many windows from one floor to the next at most. */
const mostApart = 2

interface State {
  /** The newest sample, and the last word on the power factor. */
  readonly at: number
  readonly watts: number
  readonly powerFactor: number | null
  readonly occupied: boolean | null
  /** Number of the present window since 1970; its floor so far, and that of the one before. */
  readonly window: number
  readonly floor: Floor | null
  readonly before: Floor | null
  /** Sudden steps since the floor of the window before, W. */
  readonly switched: number
  readonly charging: readonly Charging[]
  readonly found: { readonly since: number; readonly confidence: number } | null
}

/**
 * An e-bike is probably being charged indoors: its lithium or lead battery may burn within a minute, at night, on the way out.
 *
 * A simple charger draws a constant current for hours, then at constant voltage less and less, with a poor power factor. So: something of
 * `leastWatts` to `mostWatts` and of a charger's power factor joins what runs all the time, stays flat for `flatMinutes` at least, and then
 * falls slowly, window by window. Nothing else in a room does all of it: heaters and kettles have no taper and a power factor of 1, air
 * conditioners and fridges come and go, screens end at once. It is a suspicion, with its confidence and its curve, for a person to judge.
 *
 * Floor    the lowest power in windows of 20 minutes (`charging.ts`); sudden steps of others are taken out of the curve
 * Severity urgent from `urgentConfidence` on, else a warning. The shape is worth 0.5, the power factor 0.25 where it is known, a start in the
 *          evening 0.15; at night, or with people in the room, 0.1, for then it kills
 * Input    `watts`; `powerFactor`, or `volts` and `amps`; `occupied`. Off where `use` is `feeder`
 * Finding  warning, urgent; evidence: W, hours, confidence, the curve in W per 20 minutes
 * Clears   when it is done or unplugged, at the end of the window
 * Memory   some twenty numbers per meter, up to thirty more while something may be charging
 * Source   the stages of a charger, and its step, power factor, duration and hours: unverified defaults, in line with steady-state
 *          recognition of e-bikes at the meter (doi 10.1109/ispec53008.2021.9736023) and on/off events (doi 10.1109/tsg.2023.3245636)
 */
export const eBikeCharging = defineDetector({
  id: 'electricity-meter/e-bike-charging',
  about: {
    finds: 'An e-bike is probably being charged indoors.',
    severities: ['warning', 'urgent'],
    source:
      'Steady-state recognition of e-bikes at the meter: doi 10.1109/ispec53008.2021.9736023; on/off events: doi 10.1109/tsg.2023.3245636; all limits are unverified defaults',
    traps: [
      'a heater that is flat all evening',
      'a kettle now and then',
      'an air conditioner that cycles all night',
      'a fridge',
      'a television with a poor power factor, and lights, that go off one after the other',
      'a computer at varying work',
      'a phone and a laptop that charge',
      'a building’s feeder',
    ],
  },
  rising: [
    ['leastWatts', 'mostWatts'],
    ['leastPowerFactor', 'mostPowerFactor'],
  ],
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ watts: true, powerFactor: true, volts: true, amps: true, occupied: true }),
  settings: defaults,
  initial: {
    at: 0,
    watts: 0,
    powerFactor: null,
    occupied: null,
    window: 0,
    floor: null,
    before: null,
    switched: 0,
    charging: [],
    found: null,
  } as State,

  step(state, input, settings, facts: ElectricityMeterFacts): Step<State> {
    if (facts.use === 'feeder') return { state }
    const window = Math.floor(input.at / windowMs)
    if (window === state.window || input.watts === undefined) return { state: lowered(state, hear(state, input)) }

    const next = hear(state, input)
    const { floor, before } = state
    if (floor === null) return { state: lowered(state, { ...next, window }) }
    // of what ran through an hour that nobody saw nothing is known
    const follows = window - state.window <= mostApart
    const since = (state.window - 1) * windowMs
    const charging = follows && before !== null ? follow(state.charging, before, floor, since, settings) : []
    const begun = { ...next, window, floor: null, before: follows ? floor : null, charging }
    return judge(state, lowered(state, { ...begun, switched: next.switched - floor.switched }), settings)
  },
})

interface Said {
  readonly at: number
  readonly watts?: number | undefined
  readonly powerFactor?: number | undefined
  readonly volts?: number | undefined
  readonly amps?: number | undefined
  readonly occupied?: boolean | undefined
}

/** The last word on each, and the sudden steps. */
function hear(state: State, said: Said): State {
  const { watts = state.watts, occupied = state.occupied } = said
  const powerFactor = factorOf(said) ?? state.powerFactor
  const change = watts - state.watts
  const apartMs = said.at - state.at
  const isNew = said.watts !== undefined && (Math.abs(change) >= sameWatts || apartMs >= rareMs / 2)
  if (!isNew && powerFactor === state.powerFactor && occupied === state.occupied) return state
  if (!isNew) return { ...state, powerFactor, occupied }
  const isSudden = apartMs <= rareMs && Math.abs(change) >= stepWatts
  const switched = isSudden ? Math.round(state.switched + change) : state.switched
  return { ...state, at: said.at, watts, powerFactor, occupied, switched }
}

function factorOf({ watts, powerFactor, volts, amps }: Said): number | null {
  if (powerFactor !== undefined) return powerFactor
  if (watts === undefined || volts === undefined || amps === undefined || volts * amps === 0) return null
  return Math.round(Math.min(1, Math.abs(watts) / (volts * amps)) * 1e3) / 1e3
}

/** The floor that two near samples are both not below; at the same level, with the newest word on the power factor. */
function lowered(before: State, now: State): State {
  if (now === before) return now
  const isNear = now.at - before.at <= rareMs
  const watts = isNear ? Math.max(now.watts, before.watts) : now.watts
  if (now.floor !== null && watts > now.floor.watts + sameWatts) return now
  const lowest = Math.min(watts, now.floor?.watts ?? watts)
  const vars = varsOf({ watts: lowest, powerFactor: now.powerFactor })
  return { ...now, floor: { watts: lowest, vars: vars && Math.round(vars), switched: now.switched } }
}

function judge(was: State, now: State, settings: Settings): Step<State> {
  const known = now.found && now.charging.find(({ since }) => since === now.found?.since)
  if (now.found !== null && known === undefined) return { state: { ...now, found: null }, cleared: true }
  const charger = known ?? now.charging.find((each) => isTapering(each, settings))
  if (charger === undefined) return { state: now }
  const confidence = was.found?.confidence ?? confidenceOf(charger, now, settings)
  const state = { ...now, found: { since: charger.since, confidence } }
  return { state, finding: findingOf(charger, confidence, now, settings) }
}

function confidenceOf({ since, powerFactor }: Charging, { at, occupied }: State, settings: Settings): number {
  const isEvening = isWithin(localHour(since), settings.eveningFromHour, settings.eveningToHour)
  const isNight = isWithin(localHour(at), settings.nightFromHour, settings.nightToHour)
  const parts = [
    shapeConfidence,
    powerFactor === null ? 0 : powerFactorConfidence,
    isEvening ? eveningConfidence : 0,
    isNight || occupied === true ? riskConfidence : 0,
  ]
  return Math.round(parts.reduce((sum, part) => sum + part, 0) * 100) / 100
}

function findingOf(charger: Charging, confidence: number, { at, occupied }: State, settings: Settings): Finding {
  const { since, powerFactor, curve } = charger
  const stepWatts = Math.round(curve[0] ?? 0)
  const hours = Math.round(((at - since) / hourMs) * 10) / 10
  return {
    severity: confidence >= settings.urgentConfidence ? 'urgent' : 'warning',
    summary: `Suspected e-bike charging indoors: ${stepWatts} W for ${hours.toFixed(1)} h, now tapering (confidence ${confidence})`,
    evidence: {
      confidence,
      stepWatts,
      powerFactor: powerFactor && Math.round(powerFactor * 100) / 100,
      hours,
      night: isWithin(localHour(at), settings.nightFromHour, settings.nightToHour),
      occupied,
      curveMinutes: windowMs / minuteMs,
      curveWatts: curve.map((watts) => Math.round(watts)).join(' '),
    },
    since,
  }
}
