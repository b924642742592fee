import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Step } from '../../../core/detector.ts'
import type { ElectricityMeterFacts } from '../facts.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'
import {
  added,
  heavyWatts,
  humSteps,
  type KnownCharger,
  mostWindows,
  noSteps,
  plateauOf,
  type Quiet,
  type Steps,
  slowestShare,
  taperOf,
  windowMs,
} from './charging.ts'
import { confidenceOf, type Flat, type Found, findingOf, flatFinding } from './charging-finding.ts'
import { factorOf, saysTheSame, varsOf } from './reactive.ts'
import { slowSeconds } from './sampling.ts'

const defaults = {
  /** Of what is plugged in. */
  leastWatts: 85,
  mostWatts: 500,
  leastPowerFactor: 0.4,
  mostPowerFactor: 0.8,
  flatMinutes: 100,
  /** So long it falls, and by this share, before the taper is seen; by that share, it is sure. */
  fallingMinutes: 60,
  /** Where it falls by no more than the room hums, it falls for so long. */
  hummingMinutes: 100,
  fallenShare: 0.3,
  sureShare: 0.6,
  /** Most are plugged in from 18 to 23; when is known to 20 minutes. */
  eveningFromHour: 17,
  eveningToHour: 24,
  nightFromHour: 22,
  nightToHour: 8,
  /** With less nobody is told. */
  leastConfidence: 0.55,
  urgentConfidence: 0.8,
  /** A taper lasts no longer. */
  taperMinutes: 180,
}

type Settings = typeof defaults

/** A change within one interval between two near samples, W; less is drift. */
const stepWatts = 15
/** Samples further apart are rare: one is believed without the next, and only a larger change between them was sudden. */
const rareMs = slowSeconds * secondMs
const rareStepWatts = 60
/** What it changes by from one sample to the next anyway is its hum: an inverter's, a computer's. */
const humShare = 1 / 16
const mostHum = 60
/** A charger hums less than this, W; a television and a computer more. */
const flatHum = 5
const mostApartMs = 11 * minuteMs
/** A sample that says nothing new is passed over for so long. */
const sameWatts = 2
const sameMs = minuteMs / 2
/** So many windows from one floor to the next at most. */
const mostApart = 2
/** Tapers are seen after three or four falling windows. */
const fewFalls = 4
/** It is done at this share of its power; a flat one is unplugged at this share. */
const doneShare = 0.1
const offShare = 0.25
/** Flat for longer it is no charger. */
const mostFlatMs = 12 * hourMs

interface State {
  /** The newest sample, W and var, and the last word on the power factor. */
  readonly at: number
  readonly watts: number
  readonly vars: number | null
  readonly powerFactor: number | null
  readonly occupied: boolean | null
  /** It has told watts; until then volts and amps stand for them. */
  readonly tellsWatts: boolean
  /** What the power changes by from one sample to the next, W. */
  readonly hum: number
  /** Number of the present window since 1970; its quietest moment so far, and that of each window before. */
  readonly window: number
  readonly quietest: Quiet | null
  readonly quiet: readonly Quiet[]
  /** Since the quietest moment of the window before. */
  readonly steps: Steps
  readonly found: Found | null
  /** The charger that tapered here last for sure, and one that is flat now as it was. */
  readonly known: KnownCharger | null
  readonly flat: Flat | null
}

const nothingYet: State = {
  at: 0,
  watts: 0,
  vars: null,
  powerFactor: null,
  occupied: null,
  tellsWatts: false,
  hum: 0,
  window: 0,
  quietest: null,
  quiet: [],
  steps: noSteps,
  found: null,
  known: null,
  flat: null,
}

/**
 * An e-bike is probably being charged indoors: its lithium or lead battery may burn within a minute, at night, on the way out.
 *
 * A simple charger draws a constant current for hours, then at constant voltage less and less, with a poor power factor. So: something of
 * `leastWatts` to `mostWatts` and of a charger's power factor joins what runs all the time, stays flat for `flatMinutes` at least, and then
 * falls slowly, window by window. Nothing else in a room does all of it: heaters and kettles have no taper and a power factor of 1, air
 * conditioners and fridges come and go, screens end at once. It is a suspicion, with its confidence and its curve, for a person to judge.
 *
 * Again    the power and power factor of the last one that was sure are kept: when they join again and are flat for `flatMinutes`, a warning says
 *          so long before the end. For the first charge there is none: a lamp for plants, a dehumidifier or a television may be as flat
 *
 * Size     what joined may be two devices, a lamp and a laptop: what tapers by itself must be as large as `leastWatts`, by what it has fallen by and
 *          what the room still draws; and it is sure by nine tenths of that at least
 * Floor    the lowest power in windows of 20 minutes (`charging.ts`); sudden steps of others are taken out of the curve
 * Severity urgent from `urgentConfidence` on, else a warning. The shape is worth 0.5, the power factor 0.25 where it is known and what falls
 *          has that of what was plugged in, a start in the evening 0.15; at night, or with people in the room, 0.1, for then it kills
 * Input    `watts`; `powerFactor`, or `volts` and `amps`; `occupied`. A meter that never told watts has their product instead, in one
 *          reading: a taper of apparent power is a warning. Off where `use` is `feeder`
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
      'screens that hum, and lamps, that go off one after the other',
      'a computer at varying work',
      'a phone and a laptop that charge',
      'a building’s feeder',
    ],
  },
  rising: [
    ['leastWatts', 'mostWatts'],
    ['leastPowerFactor', 'mostPowerFactor'],
    ['fallenShare', 'sureShare'],
    ['leastConfidence', 'urgentConfidence'],
  ],
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ watts: true, powerFactor: true, volts: true, amps: true, occupied: true }),
  settings: defaults,
  initial: nothingYet,

  step(before, input, settings, facts: ElectricityMeterFacts): Step<State> {
    if (facts.use === 'feeder') return { state: before }
    // the first watts: what stood for them until now is forgotten
    const isFirst = input.watts !== undefined && !before.tellsWatts
    const state = isFirst ? { ...nothingYet, occupied: before.occupied, tellsWatts: true } : before
    const said = state.tellsWatts ? input : withWatts(input)
    const heard = hear(state, said)
    const window = Math.floor(input.at / windowMs)
    const { quietest } = state
    if (window === state.window || said.watts === undefined) return { state: withQuietest(state, heard) }
    if (quietest === null) return { state: withQuietest(state, { ...heard, window }) }

    // of what ran through an hour that nobody saw nothing is known
    const quiet = window - state.window <= mostApart ? [...state.quiet, quietest].slice(-mostWindows) : []
    const [, , , byWatts, byVars] = quietest
    const steps = added(heard.steps, [-byWatts, -byVars])
    return judge(withQuietest(state, { ...heard, window, quietest: null, quiet, steps }), settings)
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

/** What a meter that tells no watts says of them: with a power factor all, without one the apparent power. */
function withWatts(said: Said): Said {
  const { watts, volts, amps, powerFactor, at, occupied } = said
  if (watts !== undefined || volts === undefined || amps === undefined) return said
  return { at, occupied, powerFactor, watts: volts * amps * Math.abs(powerFactor ?? 1) }
}

/** The last word on each, and the sudden steps. */
function hear(state: State, said: Said): State {
  const { at, watts = state.watts } = said
  const occupied = said.occupied ?? state.occupied
  const isNew = said.watts === undefined ? said.powerFactor !== undefined : isNews(state, at, watts)
  if (!isNew) return occupied === state.occupied ? state : { ...state, occupied }

  const powerFactor = factorOf(said) ?? state.powerFactor
  const vars = rounded(varsOf(watts, powerFactor))
  const byVars = vars === null || state.vars === null ? 0 : vars - state.vars
  const byWatts = Math.round(watts - state.watts)
  const least = Math.max(at - state.at <= rareMs ? stepWatts : rareStepWatts, humSteps * state.hum)
  const isSudden = at - state.at <= mostApartMs && (Math.abs(byWatts) >= least || Math.abs(byVars) >= least)
  const isHeavy = Math.abs(byWatts) >= heavyWatts
  // another list also for what is heavy and not counted: what is said right after any step may be stray
  const steps = isSudden ? added(state.steps, isHeavy ? noSteps : [byWatts, byVars]) : state.steps
  const hum = Math.round((state.hum + humShare * (Math.min(Math.abs(byWatts), mostHum) - state.hum)) * 10) / 10
  const { tellsWatts, window, quietest, quiet, found, known, flat } = state
  // spelled out: spreading costs more than all the rest of the step
  return {
    at,
    watts,
    vars,
    powerFactor,
    occupied,
    tellsWatts,
    hum,
    window,
    quietest,
    quiet,
    steps,
    found,
    known,
    flat,
  }
}

/** Another power, a lower one than ever in this window, or half a minute later. */
function isNews({ at: before, watts: was, quietest }: State, at: number, watts: number): boolean {
  if (at - before >= sameMs || !saysTheSame(watts, was)) return true
  return quietest !== null && watts < quietest[1] - sameWatts
}

/** The lowest power, but right after a step it may be a stray one; at the same power the newest word counts. */
function withQuietest(before: State, now: State): State {
  if (now === before) return now
  const isStep = now.at - before.at <= rareMs && now.steps !== before.steps
  const { watts, vars, steps, quietest } = now
  if (isStep || (quietest !== null && watts > quietest[1] + sameWatts)) return now
  const lowest = Math.round(Math.min(watts, quietest?.[1] ?? watts))
  const minute = Math.floor((now.at % windowMs) / minuteMs)
  return { ...now, quietest: [minute, lowest, vars, ...steps, Math.round(now.hum)] }
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value)
}

function judge(state: State, settings: Settings): Step<State> {
  const taper = judgeTaper(state, settings)
  if (taper.finding || taper.cleared) return { ...taper, state: { ...taper.state, flat: null } }
  const { known, flat: was } = state
  const flat = was === null ? firstFlat(state, known, settings) : stillFlat(was, state)
  if (flat !== null) return { state: { ...state, flat }, finding: flatFinding(flat, state, settings) }
  return was === null ? { state } : { state: { ...state, flat }, cleared: true }
}

function firstFlat(state: State, known: KnownCharger | null, settings: Settings): Flat | null {
  const plateau = known === null || state.hum > flatHum ? undefined : plateauOf(state.quiet, known, settings)
  return plateau === undefined ? null : { ...plateau, since: state.window * windowMs - plateau.minutes * minuteMs }
}

/** Until it is unplugged; its end tapers, which is found of itself. */
function stillFlat(flat: Flat, { quiet, at }: State): Flat | null {
  const watts = quiet.at(-1)?.[1] ?? 0
  return watts > flat.restWatts + offShare * flat.addedWatts && at - flat.since < mostFlatMs ? flat : null
}

function judgeTaper(state: State, settings: Settings): Step<State> {
  const was = state.found
  const found = was === null ? firstFound(state, settings) : goneOn(was, state, settings)
  if (found === undefined) return { state }

  const isDone = found.lowestWatts <= found.restWatts + doneShare * found.addedWatts
  const isOver = isDone || (state.window - found.window) * windowMs >= settings.taperMinutes * minuteMs
  const isTold = was === null || found.confidence > was.confidence
  if (isOver && !isTold) return { state: { ...state, found: null, quiet: [] }, cleared: true }
  const isSure = found.confidence >= settings.urgentConfidence && found.powerFactor !== null
  const known: KnownCharger | null = isSure ? [found.addedWatts, found.powerFactor ?? 0] : state.known
  return { state: { ...state, found, known }, finding: findingOf(found, state, settings) }
}

function firstFound(state: State, settings: Settings): Found | undefined {
  const taper = taperOf(state.quiet, settings)
  if (taper === undefined) return undefined
  const since = state.window * windowMs - taper.minutes * minuteMs
  const lowestWatts = state.quiet.at(-1)?.[1] ?? 0
  const lastFall = Math.max((state.quiet.at(-2)?.[1] ?? 0) - lowestWatts, taper.fallenWatts / fewFalls)
  const found = { ...taper, since, window: state.window, lowestWatts, lastFall }
  const confidence = confidenceOf(found, state, settings)
  return confidence >= settings.leastConfidence ? { ...found, confidence } : undefined
}

/** It tapers on. What falls faster than before is more than the charger: someone went to bed. */
function goneOn(found: Found, state: State, settings: Settings): Found {
  const watts = state.quiet.at(-1)?.[1] ?? found.lowestWatts
  if (watts >= found.lowestWatts) return found
  const lastFall = Math.min(found.lowestWatts - watts, slowestShare * found.lastFall + sameWatts)
  const next = { ...found, lowestWatts: watts, lastFall, fallenWatts: found.fallenWatts + lastFall }
  return { ...next, confidence: Math.max(found.confidence, confidenceOf(next, state, settings)) }
}
