import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'

const defaults = {
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
  withinMinutes: 60,
  clearMinutes: 120,
}

type Settings = typeof defaults
type Below = readonly [at: number, volts: number, amps: number | null]

/** Until this supply is known: the highest that a sound one may have (GB/T 12325). */
const unseenVolts = 235.4
/** It follows the voltage that is exceeded for 5 % of the time, V per hour. */
const risePerHour = 1.9
const fallPerHour = 0.1
/** A calm supply is looked at so often. */
const lookEveryMs = 30 * secondMs
/** Samples further apart are rare: each is believed, and a jump may lie between two of them; but not this far apart. */
const rareMs = minuteMs
const apartMs = 11 * minuteMs

interface State {
  /** The newest sample; of a calm supply, the newest that was looked at. */
  readonly at: number
  readonly volts: number
  readonly amps: number | null
  readonly rare: boolean
  readonly noLoadVolts: number
  readonly trouble: Trouble | null
}

interface Trouble {
  /** The last ordinary sample, where a jump begins. */
  readonly below: Below
  readonly high: boolean
  /** When the first one of the present high samples came, ms; 0 while the newest is not high. */
  readonly highAt: number
  /** When it jumped, ms, the newest last. */
  readonly jumps: readonly number[]
  /** When it was last below `lowVolts`, ms. */
  readonly lowAt: number
  readonly highestVolts: number
  readonly lowestVolts: number
  /** How long it has been quiet since the last jump, s; null while nothing was found. */
  readonly quietSeconds: number | null
}

/**
 * The neutral in front of the room is loose or broken. The star point floats: what the others on the other phases switch on and off moves
 * this room's voltage up and down, up to 400 V. Devices burn, and a broken PEN conductor brings the housings to life.
 *
 * A load pulls its own voltage down, and gives back what it took when it goes; so does a loose phase, however bad. Above what the supply
 * has without load, nothing of one's own can bring it. A grid that is too high is so for hours, and comes there slowly. So what counts are
 * jumps, from an ordinary voltage to one far above that without load, again and again.
 *
 * No load  the voltage that is exceeded for 5 % of the time, learned over days; 235.4 V at first
 * Jump     from `ordinaryVolts` above it at most, to `aboveVolts` above it at least, `jumpVolts` up after `supplyOhms` × the room's own
 *          current that went, within `jumpSeconds`; two successive samples agree on both ends. Where samples are rare each is believed
 * Limit    `jumps` of them within `withinMinutes`; fewer when the voltage was too low as well, for then it swings both ways
 * Input    `volts`, V RMS; `amps`, A RMS
 * Finding  critical; evidence in V
 * Clears   after `clearMinutes` of samples without a jump or a high voltage
 * Memory   six values, ten more while it is not calm
 * Source   the floating star point: any text on unbalanced three-phase circuits; 198 to 235.4 V are normal: GB/T 12325; limits and durations
 *          are unverified defaults
 */
export const looseNeutral = defineDetector({
  id: 'electricity-meter/loose-neutral',
  about: {
    finds: 'The neutral in front of the room is loose: the voltage jumps with the loads of others.',
    severities: ['critical'],
    source: '198 to 235.4 V are normal: GB/T 12325; limits and durations are unverified defaults',
    traps: [
      'a grid that is too high for hours',
      'a grid that hovers about the limit',
      'a grid that is too low',
      'a loose phase, where the voltage falls with the load and comes back without it',
      'a long line with large loads and a sunny noon',
      'stray values',
    ],
  },
  rising: [
    ['ordinaryVolts', 'aboveVolts'],
    ['highFromVolts', 'highToVolts'],
  ],
  clears: true,
  reads: electricityMeterTelemetry.pick({ volts: true }),
  mayRead: electricityMeterTelemetry.pick({ amps: true }),
  settings: defaults,
  initial: { at: 0, volts: 0, amps: null, rare: false, noLoadVolts: unseenVolts, trouble: null } as State,

  step(state, { at, volts, amps = null }, settings): Step<State> {
    const ordinaryVolts = state.noLoadVolts + settings.ordinaryVolts
    const calm = state.trouble === null && volts <= ordinaryVolts && volts >= settings.lowVolts
    if (calm && at - state.at < lookEveryMs) return { state }

    const rare = at - state.at > rareMs
    const noLoadVolts = state.trouble?.jumps.length ? state.noLoadVolts : learned(state, at, volts)
    const next: State = { at, volts, amps, rare, noLoadVolts, trouble: null }
    if (calm || state.at === 0) return { state: next }

    const trouble = watch(state, next, settings)
    const found = trouble.quietSeconds !== null
    if (found && trouble.quietSeconds >= (settings.clearMinutes * minuteMs) / secondMs)
      return { state: next, cleared: true }
    if (found) return { state: { ...next, trouble }, finding: findingOf(trouble, next, settings) }
    return { state: isOver(trouble, at, settings) ? next : { ...next, trouble } }
  },
})

function learned({ at: before, noLoadVolts }: State, at: number, volts: number): number {
  if (before === 0) return noLoadVolts
  const hours = Math.min(at - before, freshSeconds * secondMs) / hourMs
  const next = noLoadVolts + hours * (volts > noLoadVolts ? risePerHour : -fallPerHour)
  return Math.round(next * 1e4) / 1e4
}

/** From this voltage on it is high. */
function highVolts({ noLoadVolts }: State, settings: Settings): number {
  return Math.min(settings.highToVolts, Math.max(settings.highFromVolts, noLoadVolts + settings.aboveVolts))
}

function watch(state: State, now: State, settings: Settings): Trouble {
  const was = state.trouble ?? {
    below: [state.at, state.volts, state.amps] as const,
    high: false,
    highAt: 0,
    jumps: [],
    lowAt: 0,
    highestVolts: state.volts,
    lowestVolts: state.volts,
    quietSeconds: null,
  }
  const high = highVolts(state, settings)
  const ordinary = state.noLoadVolts + settings.ordinaryVolts
  const believed = now.rare && state.rare
  const near = now.at - state.at <= freshSeconds * secondMs
  const agree = (holds: (volts: number) => boolean) => holds(now.volts) && (believed || (near && holds(state.volts)))

  const highAt = now.volts < high ? 0 : (near && was.highAt) || now.at
  const isOrdinary = agree((volts) => volts <= ordinary)
  const isHigh = was.high ? !isOrdinary : agree((volts) => volts >= high)
  const jumped = isHigh && !was.high && isJump(was.below, highAt, now, believed, settings)
  const jumps = [...was.jumps, ...(jumped ? [now.at] : [])].filter(
    (at) => at > now.at - settings.withinMinutes * minuteMs,
  )
  const lowAt = agree((volts) => volts < settings.lowVolts) ? now.at : was.lowAt
  const swings = lowAt > now.at - settings.withinMinutes * minuteMs
  const found = jumps.length >= (swings ? settings.jumpsWithLow : settings.jumps)

  const quietSeconds = was.quietSeconds === null || jumped || isHigh ? 0 : was.quietSeconds + between(state, now)
  return {
    below: isOrdinary ? [now.at, now.volts, now.amps] : was.below,
    high: isHigh,
    highAt,
    jumps,
    lowAt,
    highestVolts: isHigh ? Math.max(was.highestVolts, now.volts) : was.highestVolts,
    lowestVolts: swings ? Math.min(was.lowestVolts, now.volts) : was.lowestVolts,
    quietSeconds: found || was.quietSeconds !== null ? quietSeconds : null,
  }
}

/** The time that the two samples vouch for, s. */
function between(before: State, now: State): number {
  return Math.min((now.at - before.at) / secondMs, freshSeconds)
}

function isJump([at, volts, amps]: Below, highAt: number, now: State, rare: boolean, settings: Settings): boolean {
  const ownVolts = amps === null || now.amps === null ? 0 : settings.supplyOhms * Math.max(0, amps - now.amps)
  const inTime = highAt - at <= (rare ? apartMs : settings.jumpSeconds * secondMs)
  return inTime && now.volts - volts - ownVolts >= settings.jumpVolts
}

/** Nothing was found, and nothing is left that could become something. */
function isOver({ high, highAt, jumps, lowAt, below }: Trouble, at: number, settings: Settings): boolean {
  const lowIsPast = lowAt <= at - settings.withinMinutes * minuteMs
  return !high && highAt === 0 && jumps.length === 0 && lowIsPast && below[0] === at
}

function findingOf({ jumps, highestVolts, lowestVolts }: Trouble, state: State, settings: Settings): Finding {
  return {
    severity: 'critical',
    summary: `The voltage jumps with the loads of others, up to ${highestVolts.toFixed(0)} V; without load it is ${state.noLoadVolts.toFixed(0)} V: the neutral is loose`,
    evidence: {
      volts: state.volts,
      highestVolts,
      lowestVolts,
      noLoadVolts: Math.round(state.noLoadVolts * 10) / 10,
      limitVolts: Math.round(highVolts(state, settings) * 10) / 10,
      jumps: jumps.length,
      withinMinutes: settings.withinMinutes,
    },
    ...(jumps[0] !== undefined && { since: jumps[0] }),
  }
}
