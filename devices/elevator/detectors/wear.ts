import { median } from 'simple-statistics'
import type { z } from 'zod'
import {
  type About,
  type Detector,
  defineDetector,
  type Evidence,
  type Finding,
  type WearForecast,
} from '../../../core/detector.ts'
import { newWear, observeWear, type WearState, wearPoints } from '../../../core/estimators/wear-history.ts'
import type { Bound } from '../../../core/setting-range.ts'
import { type DaysLeft, daysLeft, leftEvidence, wearForecast } from '../../outlook.ts'
import type { ElevatorFacts } from '../facts.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { saysStanding, standingMps } from './motion.ts'
import { type Counted, eventOf, isOfNewEvent, repeatedEvent, type SaidOfEvent } from './repeats.ts'
import { isAtWork, type Service, withService, workCodes } from './service.ts'

/** What every rule about wear has; unverified defaults. */
export const wearSettings = {
  /** Days of its own that say what is usual. */
  learnDays: 7,
  /** So many days in a row above `shiftShare` more than usual are a change. */
  shiftDays: 3,
  shiftShare: 0.2,
  /** And by so much at least, in the quantity's unit. */
  shiftLeast: 0,
  /** So many more values over the limit than under it. */
  overTimes: 5,
  /** A forecast that reaches the limit so soon, at the early end of its interval, is worth a visit. */
  noticeDays: 30,
  /** A day with fewer values tells nothing. */
  fewestValues: 3,
  workCodes,
}

/** A quantity may more than double; and of some, any growth by its share is enough. */
export const wearBounds = { shiftShare: [0.02, 5], shiftLeast: [0, 100] } as const

export type WearRuleSettings = typeof wearSettings & { readonly resolution: number }

export interface WearRuleState {
  readonly service: Service
  readonly wear: WearState
  /** Values over the limit, less those under it; between 0 and `overTimes`. */
  readonly over: number
  /** The usual level; null while it is learned. */
  readonly usual: number | null
  /** The last forecast: days, and the ends of its 80 % interval, from the end of the last day. */
  readonly forecast: DaysLeft | null
  /** Day in which it was last said, counted from 1970. */
  readonly said: number
  /** Of a rule with `oncePer`, from its first value on. */
  readonly last?: Counted
}

const initial: WearRuleState = { service: 0, wear: newWear, over: 0, usual: null, forecast: null, said: -1 }

/** What a rule about one quantity that wears adds to the common part. */
export interface WearRule<Settings extends WearRuleSettings> {
  readonly id: `elevator/${string}`
  readonly about: Omit<About, 'severities'>
  /** The metric that wears, or what is made of it; the name that the evidence has. */
  readonly metric: string
  /** In a sentence: "The levelling error". */
  readonly words: string
  readonly unit: string
  readonly reads: z.ZodObject
  readonly mayRead?: z.ZodObject
  readonly settings: Settings
  readonly bounds?: { readonly [K in keyof Settings & string]?: Bound }
  /** There is one value for each of these; absent where every sample is a value of its own. */
  readonly oncePer?: 'trips' | 'doorCycles'
  /** What of a reading wears; undefined when it tells nothing. */
  valueOf(
    input: Partial<ElevatorValues> & { readonly at: number },
    settings: Settings,
    facts: ElevatorFacts,
  ): number | undefined
  /** Where it must not get to; `usual` is this elevator's own level, null while that is learned. */
  limitOf(settings: Settings, usual: number | null, facts: ElevatorFacts): number | null
}

/**
 * A part wears: one quantity of this very elevator grows. Found in three ways, whichever comes first:
 *
 * Limit     `overTimes` more values over the limit than under it
 * Change    `shiftDays` whole days in a row more than `shiftShare` (and `shiftLeast`) above what is usual, the median of the days before
 * Forecast  a growth that will reach the limit within `noticeDays`, by the early end of its 80 % interval (`core/estimators/time-to-limit.ts`)
 *
 * Repeats   many gateways tell the last value of a stop in every reading, until the next. With `oncePer` the same value again counts when that
 *           counter has changed, and is not that of a ride under way; without the counter when the car is known to stand at another floor; else when it comes
 *           three minutes later. Counter or floor may be told in some readings only
 * Modes     values from `inspection`, `fire` and `firefighter` do not count: nobody rides as usual
 * Finding   warning, said again once a day with the forecast as it is then; evidence in the quantity's unit, and days
 * Clears    never by itself: a part does not heal; after the visit everything is learned anew
 * Memory    levels of some twenty days and spans of days, and five numbers; four more with `oncePer`
 */
export function defineWear<Settings extends WearRuleSettings>(rule: WearRule<Settings>): Detector {
  return defineDetector({
    id: rule.id,
    about: { ...rule.about, severities: ['warning'] },
    reads: rule.reads,
    mayRead: (rule.mayRead ?? elevatorTelemetry.pick({})).extend(mayReadOf(rule).shape),
    hears: ['mode', 'faultCode'],
    bounds: { ...(wearBounds as typeof rule.bounds), ...rule.bounds },
    settings: rule.settings as Settings & object,
    initial,

    step(state, input, settings, facts: ElevatorFacts) {
      const values: Partial<ElevatorValues> & { readonly at: number } = input
      const heard = withService(state, values, settings.workCodes)
      const value = isAtWork(heard.service) ? undefined : rule.valueOf(values, settings, facts)
      if (value === undefined) return { state: heard }
      const event = eventIn(values, value, rule)
      if (event && state.last && !isOfNewEvent(state.last, event))
        return { state: repeated(heard, repeatedEvent(state.last, event)) }

      const wear = observeWear(state.wear, values.at, value, historyOf(settings))
      const dayIsOver = wear.period !== state.wear.period && state.wear.period >= 0
      const learned = dayIsOver ? learn(wear, rule, settings, facts) : undefined
      const usual = learned?.usual ?? state.usual
      const limit = rule.limitOf(settings, usual, facts)
      const over = limit === null ? 0 : Math.min(Math.max(state.over + (value > limit ? 1 : -1), 0), settings.overTimes)
      const forecast = learned === undefined ? state.forecast : learned.forecast
      const { service, said } = heard
      const next: WearRuleState =
        event === undefined
          ? { service, wear, over, usual, forecast, said }
          : { service, wear, over, usual, forecast, said, last: eventOf(event) }

      const isOver = over >= settings.overTimes
      const due = isOver ? state.said !== wear.period : learned?.due === true
      if (!due) return { state: next }
      return {
        state: { ...next, said: wear.period },
        finding: findingOf(rule, isOver ? value : wear.usual, { usual, limit, forecast }),
      }
    },

    forecast(state, settings, facts: ElevatorFacts) {
      return forecastOf(rule, state, settings, facts)
    },
    renewed: ({ service }) => ({ ...initial, service }),
  })
}

/** Spelled out: spreading costs more than all the rest of the step. */
function repeated({ service, wear, over, usual, forecast, said }: WearRuleState, last: Counted): WearRuleState {
  return { service, wear, over, usual, forecast, said, last }
}

/** What tells one stop from another, beside the counter. */
export const whereTold = { floor: true, carSpeedMps: true, brakeState: true, direction: true } as const

function mayReadOf({ oncePer }: { readonly oncePer?: 'trips' | 'doorCycles' }) {
  const service = elevatorTelemetry.pick({ mode: true, faultCode: true })
  if (oncePer === undefined) return service
  const where = service.extend(elevatorTelemetry.pick(whereTold).shape)
  return where.extend({ [oncePer]: elevatorTelemetry.shape[oncePer] })
}

/** By this reading alone; undefined where it says nothing of it: a lit arrow may be of the next ride. */
export function standsBy(said: Partial<ElevatorValues>): boolean | undefined {
  if (said.carSpeedMps !== undefined) return Math.abs(said.carSpeedMps) <= standingMps
  if (saysStanding(said)) return true
  return said.brakeState === 'released' ? false : undefined
}

function eventIn(
  said: Partial<ElevatorValues> & { readonly at: number },
  value: number,
  { oncePer }: { readonly oncePer?: 'trips' | 'doorCycles' },
): SaidOfEvent | undefined {
  if (oncePer === undefined) return undefined
  const { at, floor, [oncePer]: count } = said
  return { value, at, count, countsRides: oncePer === 'trips', floor, stands: standsBy(said) }
}

function historyOf({ fewestValues, resolution }: WearRuleSettings) {
  return { periodHours: 24, fewestValues, resolution }
}

interface Learned {
  readonly usual: number | null
  readonly forecast: WearRuleState['forecast']
  /** It has changed, or will soon be at its limit. */
  readonly due: boolean
}

/** Once a day. */
function learn<Settings extends WearRuleSettings>(
  wear: WearState,
  rule: WearRule<Settings>,
  settings: Settings,
  facts: ElevatorFacts,
): Learned {
  const points = wearPoints(wear)
  const shiftFrom = wear.period - settings.shiftDays
  const before = points.filter(({ from, periods }) => from + periods <= shiftFrom)
  // older days are remembered in twos: one that reaches in speaks for the first of them
  const recent = points.slice(before.length)
  const heard = recent.reduce((sum, { from, periods }) => sum + from + periods - Math.max(from, shiftFrom), 0)
  const days = before.reduce((sum, { periods }) => sum + periods, 0)
  const levels = before.flatMap(({ level, periods }) => Array<number>(periods).fill(level))
  const usual = days < settings.learnDays ? null : Number(median(levels).toPrecision(5))
  const changed =
    usual === null ? Number.POSITIVE_INFINITY : usual + Math.max(usual * settings.shiftShare, settings.shiftLeast)
  const hasChanged = heard >= settings.shiftDays && recent.every(({ level }) => level > changed)

  const limit = rule.limitOf(settings, usual, facts)
  const forecast = limit === null ? null : daysLeft(wear, limit, historyOf(settings))
  return { usual, forecast, due: hasChanged || (forecast !== null && forecast[1] <= settings.noticeDays) }
}

function findingOf<Settings extends WearRuleSettings>(
  { metric, words, unit }: WearRule<Settings>,
  level: number,
  { usual, limit, forecast }: { usual: number | null; limit: number | null; forecast: WearRuleState['forecast'] },
): Finding {
  const named = (prefix: string) => `${prefix}${metric[0]?.toUpperCase()}${metric.slice(1)}`
  const shown = (value: number) => `${Number(value.toPrecision(3))} ${unit}`.trim()
  const evidence: Record<string, Evidence[string]> = { [metric]: Number(level.toPrecision(4)) }
  if (usual !== null) evidence[named('usual')] = Number(usual.toPrecision(4))
  if (limit !== null) evidence[named('limit')] = Number(limit.toPrecision(4))
  Object.assign(evidence, leftEvidence(forecast))
  const against = [
    ...(usual === null ? [] : [`usually ${shown(usual)}`]),
    ...(limit === null ? [] : [`limit ${shown(limit)}`]),
    ...(forecast === null ? [] : [`reached in about ${Math.round(forecast[0])} days`]),
  ]
  return { severity: 'warning', summary: `${words} is ${shown(level)}; ${against.join(', ')}`, evidence }
}

function forecastOf<Settings extends WearRuleSettings>(
  rule: WearRule<Settings>,
  { wear, usual, forecast }: WearRuleState,
  settings: Settings,
  facts: ElevatorFacts,
): WearForecast | undefined {
  const limit = rule.limitOf(settings, usual, facts)
  return limit === null ? undefined : wearForecast(rule.metric, { wear, left: forecast }, limit, historyOf(settings))
}
