import { defineDetector } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { isOfNewCycle, nothingTold, type PerCycle, perCycleAfter, type RepeatSettings } from './repeats.ts'
import { isAtWork, withService } from './service.ts'
import { defineWear, type WearRuleState, wearBounds, wearSettings } from './wear.ts'

const about = {
  finds: 'The door closes more slowly than this very elevator used to.',
  source:
    'E. S. Page, “Continuous Inspection Schemes”, Biometrika 41 (1954), 100–115; settings are unverified defaults',
  traps: [
    'a slow but steady door',
    'a door that wavers, for years',
    'a door that is 8 % slower from one day on, and no more',
    'a door that the cold slows by 0.08 s',
    'a windy day',
    'a new door that is still settling',
    'people in the doorway',
    'a mechanic who sets it in inspection mode',
    'people in the doorway, told by re-openings',
    'one closing that jams for a minute',
    'one slow closing that the gateway repeats until the next',
    'a door that became faster after the visit',
  ],
}

const settings = {
  warmUpClosings: 50,
  memoryClosings: 20_000,
  toleranceSeconds: 0.1,
  /** Seasons do as much to a slow door. */
  toleranceShare: 0.05,
  capSeconds: 0.5,
  alarmAtSeconds: 5,
  /** A door that became slower by less, and stays so, is not worth a visit. */
  changeShare: 0.1,
  /** The same value so soon, and in reading after reading, is the same closing, where neither door nor counter tells. */
  repeatSeconds: 15,
  repeatedSeconds: 120,
  ...{ ...wearSettings, resolution: 0.02, shiftLeast: 0.3, overTimes: 50, fewestValues: 10 },
  /** More than usual, and the door takes too long. */
  limitShare: 0.4,
}

/** The slow growth over days and weeks. */
const growth = defineWear({
  id: 'elevator/door-close-drift',
  ...{ about, settings, metric: 'doorCloseSeconds', words: 'The time to close the door', unit: 's' },
  reads: elevatorTelemetry.pick({ doorCloseSeconds: true }),
  valueOf: ({ doorCloseSeconds }) => doorCloseSeconds,
  limitOf: ({ limitShare }, usual) => (usual === null ? null : usual * (1 + limitShare)),
})

/**
 * The door closes more slowly than this very elevator used to: worn rollers, slack belt, dirt.
 *
 * One-sided Page–Hinkley test on the closing time. Every elevator is its own baseline, so a slow but steady door stays
 * silent. Obstructed closings are people, not wear, and are skipped: `doorObstructed` or a re-opening says so where the
 * gateway sends one. Where it sends neither, the median of three closings drops the single jam, and no closing counts for
 * more than `capSeconds`. The baseline forgets slowly, over some weeks, so seasons pass and wear does not hide in it; of a door that is slow
 * now nothing is learned.
 *
 * Weather  wind on the landing doors slows them for a day or two: the sum grows to `alarmAtSeconds` and no further, and must not have come
 *          back to 0 for `shiftDays` whole days, of which the last was `changeShare` above what is usual; for one, where the days before it say that
 *          it grows (`core/estimators/time-to-limit.ts` finds no step, and no noise). Days without closings do not count
 *
 * Repeats  many gateways tell the last value in every reading, until the next. The same value again is a new closing when `doorCycles`
 *          has risen, else when the door was seen on its way since, else when it comes late enough
 * Input    `doorCloseSeconds`, s; `doorCycles` and `doorState` where they are there
 * Finding  warning; evidence in s; then its days are counted anew, so a persisting fault reports again
 * Forecast when the growth over days and weeks will have added `limitShare` to what is usual; see `wear.ts`
 * Clears   never by itself: a door does not heal, the visit ends the episode; then all is learned anew
 * Memory   six numbers per elevator, seven for what was told last, and those of `wear.ts`
 * Source   E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), 100–115; settings are unverified defaults
 */
export const doorCloseDrift = defineDetector({
  id: 'elevator/door-close-drift',
  about: { ...about, severities: ['warning'] },
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    doorCloseSeconds: true,
    doorObstructed: true,
    doorReopens: true,
    doorState: true,
    doorCycles: true,
    mode: true,
    faultCode: true,
  }),
  rising: [['repeatSeconds', 'repeatedSeconds']],
  bounds: wearBounds,
  settings,
  initial: {
    closings: 0,
    usualSeconds: 0,
    excessSeconds: 0,
    slowDays: 0,
    last: 0,
    lastButOne: 0,
    told: nothingTold,
    door: null,
    cycled: false,
    growth: growth.initial as WearRuleState,
  } as State,

  step(before, input, settings, facts) {
    const { doorCloseSeconds, doorObstructed, doorReopens = 0 } = input
    const state = hear(before, input, settings)
    if (doorCloseSeconds === undefined || !isNewClosing(before, state, input, doorCloseSeconds, settings))
      return { state }
    if (doorObstructed || doorReopens > 0 || isAtWork(state.growth.service))
      return { state: { ...state, cycled: false } }

    const { state: grown, finding } = growth.step(state.growth, input, settings, facts)
    const closings = state.closings + 1
    const remembered = {
      ...state,
      cycled: false,
      closings,
      last: doorCloseSeconds,
      lastButOne: state.last,
      growth: grown as WearRuleState,
    }
    if (closings <= 2) return { state: remembered }

    const closeSeconds = median(doorCloseSeconds, state.last, state.lastButOne)
    const isSlow = state.excessSeconds >= settings.alarmAtSeconds
    const weight = isSlow ? 0 : 1 / Math.min(closings - 2, settings.memoryClosings)
    const usualSeconds = Number((state.usualSeconds + (closeSeconds - state.usualSeconds) * weight).toPrecision(6))
    if (closings <= settings.warmUpClosings) return { state: { ...remembered, usualSeconds } }

    const tolerance = Math.max(settings.toleranceSeconds, settings.toleranceShare * usualSeconds)
    const lateSeconds = Math.min(closeSeconds - usualSeconds - tolerance, settings.capSeconds)
    const excessSeconds = Math.min(Math.max(0, state.excessSeconds + lateSeconds), settings.alarmAtSeconds)
    const isNewDay = remembered.growth.wear.period !== state.growth.wear.period
    const slowDays = excessSeconds === 0 ? 0 : Math.min(state.slowDays + Number(isNewDay), settings.shiftDays + 1)
    const next = { ...remembered, usualSeconds, excessSeconds, slowDays }
    if (finding !== undefined) return { state: next, finding }
    const isSlowDay = isNewDay && excessSeconds >= settings.alarmAtSeconds
    if (!isSlowDay || !isWorn(next, settings, facts)) return { state: next }

    return {
      state: { ...next, slowDays: 0 },
      finding: {
        severity: 'warning',
        summary: `The door takes ${closeSeconds.toFixed(1)} s to close, usually ${usualSeconds.toFixed(1)} s`,
        evidence: { doorCloseSeconds: closeSeconds, usualSeconds, excessSeconds },
      },
    }
  },

  forecast: (state, settings, facts) => growth.forecast?.(state.growth, settings, facts),
  renewed: (state) => ({
    ...state,
    ...{ closings: 0, usualSeconds: 0, excessSeconds: 0, slowDays: 0, last: 0, lastButOne: 0 },
    growth: growth.renewed?.(state.growth) as WearRuleState,
  }),
})

interface State {
  readonly closings: number
  readonly usualSeconds: number
  readonly excessSeconds: number
  /** So many days have begun since the sum left 0; no more is counted than the rule asks for. */
  readonly slowDays: number
  readonly last: number
  readonly lastButOne: number
  readonly told: PerCycle
  /** The last word on the door; null where there was none. */
  readonly door: NonNullable<ElevatorValues['doorState']> | null
  /** It was seen on its way, or open, since the last closing that counted. */
  readonly cycled: boolean
  readonly growth: WearRuleState
}

type Said = ElevatorValues & { readonly at: number }

/** No weather: it has been slow for long enough, and by enough, or its days say that it grows. The last day that has begun is not over. */
function isWorn(state: State, config: typeof settings, facts: object): boolean {
  const { slowDays, usualSeconds, growth: grown } = state
  const isChanged = grown.wear.usual > (1 + config.changeShare) * usualSeconds
  if (slowDays > config.shiftDays && isChanged) return true
  const ahead = growth.forecast?.(grown, config, facts)
  return slowDays > 1 && ahead !== undefined && (ahead.refused === undefined || ahead.refused === 'too-far')
}

/** The last words, and who uses the elevator; the same object when nothing is new. */
function hear(was: State, said: Said, { workCodes }: typeof settings): State {
  const { at, doorState, doorCloseSeconds } = said
  const told = perCycleAfter(was.told, at, doorCloseSeconds, said.doorCycles)
  const door = doorState ?? was.door
  const cycled = was.cycled || (doorState !== undefined && doorState !== 'closed')
  const grown = withService(was.growth, said, workCodes)
  const same = told === was.told && door === was.door && cycled === was.cycled && grown === was.growth
  if (same) return was
  const { closings, usualSeconds, excessSeconds, slowDays, last, lastButOne } = was
  return { closings, usualSeconds, excessSeconds, slowDays, last, lastButOne, told, door, cycled, growth: grown }
}

/** This reading is the first to tell of a closing. */
function isNewClosing(before: State, now: State, said: Said, seconds: number, settings: RepeatSettings): boolean {
  const { told } = before
  const isCounted = now.told.cycles !== null && told.cyclesThen !== null
  if (seconds !== told.value || isCounted || now.door === null)
    return isOfNewCycle(told, said.at, seconds, said.doorCycles, settings)
  const mayBeTold = now.door === 'closed' || (now.door === 'closing' && said.doorState === undefined)
  return now.cycled && mayBeTold
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
