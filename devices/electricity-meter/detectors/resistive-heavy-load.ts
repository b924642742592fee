import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import type { ElectricityMeterFacts } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { factorOf, powerFactorOf, varsOf } from './reactive.ts'

const defaults = {
  stepWatts: 800,
  /** What it adds has a power factor of this at least. */
  leastPowerFactor: 0.97,
  /** It begins within so long; or between two samples, where they come rarely. */
  stepSeconds: 20,
  /** So long it runs where heating is forbidden, and where people live: a water heater takes half an hour. */
  dormitoryMinutes: 5,
  roomMinutes: 45,
  /** Gone for so long, it is off. */
  offSeconds: 60,
}

type Settings = typeof defaults

/** What still counts as the same load, of `stepWatts`. */
const holdShare = 0.9
/** A smaller change is no step, W: what runs beside it is followed. */
const steadyWatts = 60
/** What stays is looked at so often. */
const lookEveryMs = 30 * secondMs
/** Samples further apart say nothing of each other. */
const apartMs = 11 * minuteMs

interface State {
  /** The newest sample, and the last word on the power factor. */
  readonly at: number
  readonly watts: number
  readonly powerFactor: number | null
  /** What ran before it, and until when. */
  readonly base: Base | null
  readonly load: Load | null
  readonly raised: boolean
}

interface Base {
  readonly at: number
  readonly watts: number
  readonly vars: number | null
}

/** What joined: since when, for how long samples vouch for it, and when it was last there. */
interface Load {
  readonly since: number
  readonly seconds: number
  readonly heldAt: number
}

/**
 * A heater runs, or something else that only makes heat: a large step of power factor 1 that stays. In dormitories it is forbidden; in a
 * room it is what sets beds on fire, and what old sockets melt under.
 *
 * Step     `stepWatts` more within `stepSeconds`: an air conditioner with an inverter comes up slowly. What it adds, and everything else that
 *          joins it, has a power factor of `leastPowerFactor`: reactive power tells motors and compressors
 * Limit    `dormitoryMinutes` where `use` is `dormitory`, `roomMinutes` where it is `residential` or `hotel`; off elsewhere, and where the use
 *          is unknown. Kettles are over before; a water heater mostly
 * Input    `watts`; `powerFactor`, or `volts` and `amps`
 * Finding  warning in a dormitory; info in a room, where a water heater of an hour does the same every day and nobody is to be sent for it;
 *          evidence in W and minutes
 * Clears   when it has been off for `offSeconds` of samples
 * Memory   some twelve values per meter
 * Source   the "malicious load" of dormitory meters, more than 800 W of power factor 1, as their makers describe it; all values are
 *          unverified defaults
 */
export const resistiveHeavyLoad = defineDetector({
  id: 'electricity-meter/resistive-heavy-load',
  about: {
    finds: 'A heater runs, or another large load that only makes heat.',
    severities: ['info', 'warning'],
    source: 'The “malicious load” of dormitory meters as their makers describe it; all values are unverified defaults',
    traps: [
      'a kettle',
      'a water heater of half an hour in a flat',
      'an air conditioner, whose power factor is lower',
      'an inverter that comes up slowly',
      'a solar panel that stops feeding in',
      'an office, where nobody minds',
    ],
  },
  lasts: 'dormitoryMinutes',
  rising: [['dormitoryMinutes', 'roomMinutes']],
  clears: true,
  needs: ['use'],
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ watts: true, powerFactor: true, volts: true, amps: true }),
  settings: defaults,
  initial: { at: 0, watts: 0, powerFactor: null, base: null, load: null, raised: false } as State,

  step(state, input, settings, facts: ElectricityMeterFacts): Step<State> {
    const limitMinutes = limitOf(facts, settings)
    if (limitMinutes === undefined) return { state }
    const now = heard(state, input)
    if (state.load === null) return { state: awaited(state, now, settings) }

    const load = followed(state, state.load, now, settings)
    if (load === null) {
      const over = stateOf(now, null, null, false)
      return state.raised ? { state: over, cleared: true } : { state: over }
    }
    const isHeld = load.heldAt === now.at
    const raised = state.raised || (isHeld && load.seconds * secondMs >= limitMinutes * minuteMs)
    const next = stateOf(now, state.base, load, raised)
    return raised && isHeld ? { state: next, finding: findingOf(next, load, limitMinutes, facts) } : { state: next }
  },
})

type Sample = Pick<State, 'at' | 'watts' | 'powerFactor'>

/** Spelled out: spreading costs more than all the rest of the step. */
function stateOf({ at, watts, powerFactor }: Sample, base: Base | null, load: Load | null, raised: boolean): State {
  return { at, watts, powerFactor, base, load, raised }
}

/** The last word on each. What feeds in draws nothing: a balcony's solar panel in whose light a cloud comes is no load that joins. */
function heard(state: State, input: Parameters<typeof factorOf>[0] & { readonly at: number }): Sample {
  const { at, watts = state.watts } = input
  return { at, watts: Math.max(0, watts), powerFactor: factorOf(input) ?? state.powerFactor }
}

function limitOf({ use }: ElectricityMeterFacts, settings: Settings): number | undefined {
  if (use === 'dormitory') return settings.dormitoryMinutes
  return use === 'residential' || use === 'hotel' ? settings.roomMinutes : undefined
}

/** No load yet: one begins, or what runs otherwise is followed. */
function awaited(state: State, now: Sample, settings: Settings): State {
  const isSame = Math.abs(now.watts - state.watts) < steadyWatts && now.at - state.at < lookEveryMs
  if (isSame && state.base?.at === state.at && now.powerFactor !== null && state.powerFactor !== null) return state
  const base = { at: now.at, watts: now.watts, vars: rounded(varsOf(now.watts, now.powerFactor)) }
  if (state.base === null) return stateOf(now, base, null, false)
  const { at, watts } = state.base
  const rise = now.watts - watts
  const isSudden = now.at - at <= settings.stepSeconds * secondMs || (at === state.at && now.at - at <= apartMs)
  if (rise >= settings.stepWatts && isSudden)
    return stateOf(now, state.base, { since: now.at, seconds: 0, heldAt: now.at }, false)
  const mayRise = rise > steadyWatts && now.at - at < settings.stepSeconds * secondMs
  return stateOf(now, mayRise ? state.base : base, null, false)
}

/** The load after one more sample; null when it is off. The word on its power factor may come a little later than its watts. */
function followed(state: State, load: Load, now: Sample, settings: Settings): Load | null {
  const { watts = 0, vars = null } = state.base ?? {}
  const more = now.watts - watts
  const nowVars = varsOf(now.watts, now.powerFactor)
  const factor = powerFactorOf(more, vars === null || nowVars === null ? null : nowVars - vars)
  const isHeld = more >= holdShare * settings.stepWatts && factor !== null && factor >= settings.leastPowerFactor
  const elapsed = Math.min((now.at - state.at) / secondMs, freshSeconds)
  const seconds = load.heldAt === state.at ? load.seconds + elapsed : load.seconds
  if (isHeld) return { since: load.since, seconds, heldAt: now.at }
  return now.at - load.heldAt >= settings.offSeconds * secondMs ? null : { ...load, seconds }
}

function findingOf(
  { base, watts, powerFactor }: State,
  { since, seconds }: Load,
  limitMinutes: number,
  { use }: ElectricityMeterFacts,
): Finding {
  const addedWatts = Math.round(watts - (base?.watts ?? 0))
  const minutes = Math.round(seconds / 60)
  return {
    severity: use === 'dormitory' ? 'warning' : 'info',
    summary: `${addedWatts} W that only make heat have run for ${minutes} min (limit ${limitMinutes} min)`,
    evidence: { watts, addedWatts, powerFactor, minutes, limitMinutes },
    since,
  }
}

function rounded(vars: number | null): number | null {
  return vars === null ? null : Math.round(vars)
}
