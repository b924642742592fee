import { dayMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'
import { agreedOn, isStep, newestAgree, type Supply, unseenSupply, withSample } from './supply-ohms.ts'
import {
  highVolts,
  isOver,
  isQuiet,
  jumpsOfHour,
  rareMs,
  type Trouble,
  unseenVolts,
  type VoltageSample,
  watch,
  withoutLoad,
} from './voltage-jumps.ts'

const defaults = {
  /** The supply's own ohms from which a contact in it is loose, and how many times what is usual here. */
  looseOhms: 1.5,
  timesUsual: 3,
  /** What the own load must move the voltage by, V; a supply whose voltage rises with its load needs less. */
  dropVolts: 10,
  /** So far nobody else's load moves a sound supply, V. */
  sureVolts: 30,
  risingOhms: 0.5,
  riseVolts: 5,
  /** It is over below this share of its limit. */
  clearShare: 0.67,
  /** A jump ends so far above what this supply has without load, but never below and never above these, V. */
  aboveVolts: 12,
  highFromVolts: 242,
  highToVolts: 258,
  /** So little above it is ordinary; from there a jump begins, and rises by `jumpVolts` at least. */
  ordinaryVolts: 5,
  jumpVolts: 15,
  /** What the room's own load gives back per ampere that is switched off is no jump, up to a supply of so many ohms. */
  supplyOhms: 1,
  jumpSeconds: 60,
  jumps: 3,
  /** So many are enough when the voltage has been below `lowVolts` as well. */
  jumpsWithLow: 2,
  lowVolts: 198,
  /** And so many within a day are a warning. */
  jumpsADay: 6,
  withinMinutes: 60,
  clearMinutes: 120,
}

type Settings = typeof defaults

/** A calm supply is looked at so often. */
const lookEveryMs = 30 * secondMs
/** Voltage and current that come in readings of their own belong together when they are so near. */
const pairMs = 500

interface State extends VoltageSample {
  /** When the current was last told, ms; and whether the room feeds in. */
  readonly ampsAt: number
  readonly feedsIn: boolean
  readonly supply: Supply
  readonly loose: Loose | null
  readonly trouble: Trouble | null
}

/** What the own load showed. */
interface Loose {
  readonly severity: 'warning' | 'critical'
  readonly rises: boolean
  readonly since: number
  readonly at: number
  readonly ohms: number
  readonly volts: number
  readonly steps: number
}

/**
 * A contact in front of the meter is loose or broken, mostly the neutral's. It burns by the current that flows through it; without a
 * neutral the star point floats: what the others on the other phases switch moves this room's voltage up and down, up to 400 V. Devices
 * burn, and a broken PEN conductor brings the housings to life. It shows in two ways:
 *
 * Own load  a loose contact adds its resistance to the supply's: the room's own steps of current tell it, Z = −ΔV/ΔI (`supply-ohms.ts`).
 *           Three of the newest five steps, or two of `sureVolts` each, agree on `looseOhms` at least and on `timesUsual` times what is usual
 *           here: critical. Without load it shows nothing, and heats nothing. A supply that was always so bad, or is not known yet, is a warning: a long thin cable, or a contact that nobody saw become loose. A voltage that
 *           rises with the own load has the neutral of another phase: critical
 * Jumps     a load gives back what it took. Above what the supply has without load, nothing of one's own can bring it, and a grid that is too
 *           high comes there slowly and stays for hours. So jumps count, from an ordinary voltage to one far above that without load
 *           (`voltage-jumps.ts`): from `ordinaryVolts` above it at most, to `aboveVolts` above it at least, `jumpVolts` up after `supplyOhms` ×
 *           the own current that went, within `jumpSeconds`; two successive samples agree on both ends, and where samples are rare each is
 *           believed. `jumps` of them within `withinMinutes`, or fewer when the voltage was too low as well, for then it swings both ways: critical.
 *           `jumpsADay` within a day: a warning, for neither a grid nor a neighbour does that. Power that comes back is no jump
 * No load   the voltage that is exceeded for 5 % of the time, learned over days; 235.4 V at first
 * Input     `volts`, V RMS; `amps`, A RMS; `watts`, whose sign tells a room that feeds in. A contact behind the meter is not in its voltage
 * Finding   warning, critical; evidence in Ω, V
 * Clears    when the newest three steps are below `clearShare` of the limit; after `clearMinutes` of samples without a jump or high voltage, and with fewer than
 *           `jumpsADay` within a day where it was a warning
 * Memory    some forty numbers, ten more while it is not calm
 * Source    Ohm's law; the floating star point: any text on unbalanced three-phase circuits; 198 to 235.4 V are normal: GB/T 12325; all other
 *           limits and durations are unverified defaults
 */
export const looseNeutral = defineDetector({
  id: 'electricity-meter/loose-neutral',
  about: {
    finds:
      'A contact in front of the meter is loose, mostly the neutral’s: the voltage falls far with the room’s own load, rises with it, or jumps with the loads of others.',
    severities: ['warning', 'critical'],
    source: '198 to 235.4 V are normal: GB/T 12325; all other limits and durations are unverified defaults',
    traps: [
      'a long old cable of 0.9 Ω',
      'a neighbour’s load that moves the voltage',
      'a weak grid that wanders by 8 V',
      'a balcony that feeds in through a long line',
      'a grid that is too high for hours',
      'a grid that hovers about the limit',
      'a grid that is too low',
      'five jumps within a day',
      'power that comes back too high, six times a day',
      'a long line with large loads and a sunny noon',
      'a brown-out that comes and goes while a heater runs',
      'stray values',
    ],
  },
  rising: [
    ['dropVolts', 'sureVolts'],
    ['ordinaryVolts', 'aboveVolts'],
    ['highFromVolts', 'highToVolts'],
  ],
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ volts: true, amps: true, watts: true }),
  bounds: {
    ...{ looseOhms: [0.5, 3], timesUsual: [1, 6], dropVolts: [2, 20], sureVolts: [10, 60] },
    ...{ risingOhms: [0.1, 3], riseVolts: [1, 20], supplyOhms: [0.1, 3] },
    ...{ aboveVolts: [5, 40], highFromVolts: [100, 300], highToVolts: [100, 330], lowVolts: [50, 400] },
    ...{ ordinaryVolts: [1, 20], jumpVolts: [5, 40], jumps: [1, 6], jumpsWithLow: [1, 6] },
  },
  settings: defaults,
  initial: {
    ...{ at: 0, volts: 0, amps: null, rare: false, noLoadVolts: unseenVolts },
    ...{ ampsAt: 0, feedsIn: false, supply: unseenSupply, loose: null, trouble: null },
  } as State,

  step(state, said, settings): Step<State> {
    if ((said.volts === undefined && said.amps === undefined) || saysNothingNew(state, said, settings)) return { state }
    const heard = hear(state, said, settings)
    const supply = supplied(heard, said, settings)
    const loose = supply === state.supply ? state.loose : looseness(state.loose, supply, settings)
    const trouble = said.volts === undefined ? state.trouble : jumping(state, heard, settings)

    heard.supply = supply
    heard.loose = loose
    heard.trouble = trouble
    const finding = findingOf(heard, settings)
    if (finding) return { state: heard, finding }
    return wasFound(state) ? { state: heard, cleared: true } : { state: heard }
  },
})

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface Said {
  readonly at: number
  readonly volts?: number | undefined
  readonly amps?: number | undefined
  readonly watts?: number | undefined
}

/** A calm supply and its usual current, again. Of one that tells the two apart, a voltage may belong to a current that is still to come. */
function saysNothingNew(state: State, { at, volts, amps }: Said, settings: Settings): boolean {
  const isCalm = state.trouble === null && state.loose === null && at - state.at < lookEveryMs
  if (!isCalm || volts === undefined || volts < settings.lowVolts) return false
  const isUsual = volts <= state.noLoadVolts + settings.ordinaryVolts
  return isUsual && (amps === undefined ? state.amps === null : !isStep(state.supply, signed(amps, state.feedsIn)))
}

function signed(amps: number, feedsIn: boolean): number {
  return feedsIn ? -amps : amps
}

/** A state of its own that is then written to. Spelled out: spreading costs more than all the rest of the step. */
function hear(was: State, { at, volts, amps, watts }: Said, settings: Settings): Writable<State> {
  const { supply, loose, trouble } = was
  const feedsIn = watts === undefined ? was.feedsIn : watts < 0
  const learns = volts !== undefined && (trouble === null || jumpsOfHour(trouble.jumps, at, settings).length === 0)
  return {
    at: volts === undefined ? was.at : at,
    volts: volts ?? was.volts,
    amps: amps ?? was.amps,
    rare: volts === undefined ? was.rare : at - was.at > rareMs,
    noLoadVolts: learns ? withoutLoad(was, at, volts) : was.noLoadVolts,
    ampsAt: amps === undefined ? was.ampsAt : at,
    feedsIn,
    supply,
    loose,
    trouble,
  }
}

/** What voltage and current of the same moment say of the supply. */
function supplied({ at, volts, amps, ampsAt, feedsIn, supply }: State, said: Said, settings: Settings): Supply {
  if (amps === null || Math.abs(at - ampsAt) > pairMs) return supply
  return withSample(supply, { at: said.at, volts, amps: signed(amps, feedsIn) }, settings.looseOhms)
}

function looseness(was: Loose | null, supply: Supply, settings: Settings): Loose | null {
  const found = looseNow(supply, settings)
  if (found !== null && !(was?.severity === 'critical' && found.severity === 'warning'))
    return { ...found, since: was?.since ?? found.since }
  if (was === null) return null
  const limitOhms = settings.clearShare * looseLimit(supply, was.severity, settings)
  const isSound = (ohms: number) => ohms < limitOhms && ohms > -settings.clearShare * settings.risingOhms
  return newestAgree(supply, isSound, was.at) ? null : was
}

function looseNow(supply: Supply, settings: Settings): Loose | null {
  const falls = (severity: Loose['severity']) => {
    const agreed = agreedOn(supply, settings.sureVolts, (ohms) => ohms >= looseLimit(supply, severity, settings))
    return agreed && agreed.volts >= settings.dropVolts ? loosenessOf(agreed, severity, false, supply) : undefined
  }
  const rises = agreedOn(supply, settings.sureVolts, (ohms) => ohms <= -settings.risingOhms)
  if (rises && rises.volts >= settings.riseVolts) return loosenessOf(rises, 'critical', true, supply)
  return (supply.usualOhms === null ? undefined : falls('critical')) ?? falls('warning') ?? null
}

function loosenessOf(
  { since, ohms, volts, count }: { since: number; ohms: number; volts: number; count: number },
  severity: Loose['severity'],
  rises: boolean,
  { at }: Supply,
): Loose {
  return { severity, rises, since, at, ohms, volts, steps: count }
}

function looseLimit({ usualOhms }: Supply, severity: Loose['severity'], settings: Settings): number {
  if (severity === 'warning' || usualOhms === null) return settings.looseOhms
  return Math.max(settings.looseOhms, settings.timesUsual * usualOhms)
}

/** Null where the voltage is calm, or has been quiet for long enough. */
function jumping(state: State, now: State, settings: Settings): Trouble | null {
  const isCalm = now.volts <= state.noLoadVolts + settings.ordinaryVolts && now.volts >= settings.lowVolts
  if (state.at === 0 || (state.trouble === null && isCalm)) return null
  const trouble = watch(state.trouble, state, now, settings)
  return isQuiet(trouble, settings) || isOver(trouble, now.at, settings) ? null : trouble
}

function wasFound({ loose, trouble }: State): boolean {
  return loose !== null || (trouble !== null && trouble.quietSeconds !== null)
}

function findingOf(state: State, settings: Settings): Finding | undefined {
  const { loose, trouble } = state
  const jumps = trouble !== null && trouble.quietSeconds !== null
  if (jumps && loose?.severity !== 'critical') return jumpsWithOthers(trouble, state, settings)
  return loose === null ? undefined : isLoose(loose, state, settings)
}

function isLoose(
  { severity, rises, since, ohms, volts, steps }: Loose,
  { supply }: State,
  settings: Settings,
): Finding {
  const usualOhms = supply.usualOhms === null ? null : Math.round(supply.usualOhms * 100) / 100
  const limitOhms = rises ? settings.risingOhms : looseLimit(supply, severity, settings)
  const known = usualOhms === null ? 'not known yet' : `${usualOhms.toFixed(1)} Ω`
  return {
    severity,
    summary: rises
      ? `The voltage rises by ${volts.toFixed(0)} V with the room’s own load: the neutral is shared with another phase, and loose`
      : `The voltage moves by ${volts.toFixed(0)} V with the room’s own load: the supply has ${ohms.toFixed(1)} Ω, usually ${known}`,
    evidence: {
      supplyOhms: Math.round(ohms * 100) / 100,
      limitOhms: Math.round(limitOhms * 100) / 100,
      usualOhms,
      dropVolts: Math.round((rises ? -volts : volts) * 10) / 10,
      loadSteps: steps,
    },
    since,
  }
}

function jumpsWithOthers(
  { jumps, often, highestVolts, lowestVolts }: Trouble,
  state: State,
  settings: Settings,
): Finding {
  const counted = often ? jumpsOfHour(jumps, state.at, settings) : jumps
  return {
    severity: often ? 'critical' : 'warning',
    summary: `The voltage jumps with the loads of others, up to ${highestVolts.toFixed(0)} V; without load it is ${state.noLoadVolts.toFixed(0)} V: the neutral is loose`,
    evidence: {
      volts: state.volts,
      highestVolts,
      lowestVolts,
      noLoadVolts: Math.round(state.noLoadVolts * 10) / 10,
      limitVolts: Math.round(highVolts(state, settings) * 10) / 10,
      jumps: counted.length,
      withinMinutes: often ? settings.withinMinutes : dayMs / minuteMs,
    },
    ...(counted[0] !== undefined && { since: counted[0] }),
  }
}
