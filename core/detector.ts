import type { z } from 'zod'
import type { Bound, Bounds } from './setting-range.ts'
import type { Severity } from './severity.ts'

export type Evidence = Readonly<Record<string, number | string | boolean | null>>

/** What a detector says while its condition holds. */
export interface Finding {
  readonly severity: Severity
  /** One English sentence with the measured value and what it was measured against. */
  readonly summary: string
  /** The figures behind it, units in the names. */
  readonly evidence: Evidence
  /** When the condition began, device time in ms; the reading's own time when absent. */
  readonly since?: number
}

/** State is plain JSON data, so that it survives a restart; `cleared` says that the condition is over, on fresh data. */
export interface Step<State> {
  readonly state: State
  readonly finding?: Finding
  readonly cleared?: true
}

/**
 * Time passed and nothing came: in the device's own time. A duration may complete on a tick only while the device's last
 * sample is `fresh` (its kind's `freshSeconds`); otherwise nobody knows.
 */
export interface Tick {
  readonly tick: true
  readonly at: number
  readonly fresh: boolean
  /** The device's newest reading, ms. */
  readonly lastReadingAt: number
}

type Shape = Record<string, z.ZodType>
type Given<S extends Shape> = { [K in keyof S]-?: Exclude<z.infer<S[K]>, undefined> }
type Perhaps<S extends Shape> = { [K in keyof S]?: Exclude<z.infer<S[K]>, undefined> | undefined }

export type ReadingInput<Reads extends Shape, MayRead extends Shape> = Given<Reads> &
  Perhaps<MayRead> & { readonly at: number; readonly tick?: never }

/** What the catalogue and a finding's page say of a rule, so that page and code cannot drift apart. */
export interface About {
  /** One English sentence: what it finds. */
  readonly finds: string
  /** Those that its findings may have, the least severe first. */
  readonly severities: readonly Severity[]
  /** Where its formulas and limits come from: standard and clause, paper, or "unverified default". */
  readonly source: string
  /** What looks like it and is none. Each has a test `stays silent for <trap>`, and stands on the finding's page. */
  readonly traps: readonly string[]
}

/** When a quantity that wears will reach its limit, as a detector sees it; see `core/estimators/time-to-limit.ts`. */
export interface WearForecast {
  readonly quantity: string
  /** Now, and where it must not get to; in the quantity's unit. */
  readonly level: number
  readonly limit: number
  /** Device time of the newest sample behind it, ms. */
  readonly at: number
  /** Days from `at` to the limit and their 80 % interval; null when the data do not support a forecast, and why. */
  readonly days: number | null
  readonly lowDays: number | null
  readonly highDays: number | null
  readonly refused?: string
}

/**
 * One rule: pure, without clock or I/O, so that a year of history replays in seconds and the same journal gives the same findings.
 *
 * `lasts`     the setting that says for how long the condition must hold: a test proves that it is never early, never in a gap
 * `rising`    settings that must rise in this order, as a limit that clears and the one that raises: others are refused
 * `bounds`    settings whose range or words are others than `core/setting-range.ts` gives by their names
 * `reads`     every metric it needs: `step` is called for each reading that has them all
 * `mayRead`   metrics that it uses when they are there; with no `reads`, it is called when any of them is there
 * `hears`     of these, for which `step` is called without what it `reads` as well: a mode may be told by itself
 * `ticks`     call it every 5 s too, though nothing came
 * `needs`     facts of the device without which the rule is off (a kind's `factDefaults` fill some in)
 * `forecast`  where it watches something that wears: how long it will last, from its state
 * `renewed`   its state after work on the device: what was learned of a worn part says nothing of a new one
 *
 * While the condition holds it answers a finding at every step; the host makes one episode of them. A detector that never
 * answers `cleared` leaves the end of its episodes to the people who close the order.
 */
export interface DetectorDefinition<
  State,
  Reads extends Shape,
  MayRead extends Shape,
  Settings,
  Facts extends object,
  Ticks extends boolean,
> {
  readonly id: `${string}/${string}`
  readonly about: About
  readonly lasts?: keyof Settings & string
  readonly rising?: readonly (readonly (keyof Settings & string)[])[]
  readonly bounds?: { readonly [K in keyof Settings & string]?: Bound }
  readonly reads: z.ZodObject<Reads>
  readonly mayRead?: z.ZodObject<MayRead>
  readonly hears?: readonly (keyof MayRead & string)[]
  readonly ticks?: Ticks
  /** It answers `cleared` when its condition is over. Then an emergency found in old data waits for a fresh reading. */
  readonly clears?: boolean
  readonly needs?: readonly (keyof Facts & string)[]
  readonly settings: Settings
  readonly initial: State
  step(
    state: State,
    input: ReadingInput<Reads, MayRead> | (Ticks extends true ? Tick : never),
    settings: Settings,
    facts: Facts,
  ): Step<State>
  forecast?(state: State, settings: Settings, facts: Facts): WearForecast | undefined
  renewed?(state: State): State
}

/** A detector as its host sees it: names of metrics instead of types. */
export interface Detector {
  readonly id: string
  readonly about: About
  readonly lasts: string | undefined
  readonly rising: readonly (readonly string[])[]
  readonly bounds: Bounds
  readonly reads: readonly string[]
  readonly mayRead: readonly string[]
  readonly hears: readonly string[]
  readonly ticks: boolean
  readonly clears: boolean
  readonly needs: readonly string[]
  readonly settings: object
  readonly initial: unknown
  step(state: unknown, input: object, settings: object, facts: object): Step<unknown>
  forecast?: ((state: unknown, settings: object, facts: object) => WearForecast | undefined) | undefined
  renewed?: ((state: unknown) => unknown) | undefined
}

export function defineDetector<
  State,
  Reads extends Shape,
  Settings extends object,
  MayRead extends Shape = Record<never, never>,
  Facts extends object = object,
  Ticks extends boolean = false,
>(definition: DetectorDefinition<State, Reads, MayRead, Settings, Facts, Ticks>): Detector {
  return {
    id: definition.id,
    about: definition.about,
    lasts: definition.lasts,
    rising: definition.rising ?? [],
    bounds: (definition.bounds ?? {}) as Bounds,
    reads: Object.keys(definition.reads.shape),
    mayRead: Object.keys(definition.mayRead?.shape ?? {}),
    hears: definition.hears ?? [],
    ticks: definition.ticks ?? false,
    clears: definition.clears ?? false,
    needs: definition.needs ?? [],
    settings: definition.settings,
    initial: definition.initial,
    step: definition.step as Detector['step'],
    // always there: rules of one shape are called faster
    forecast: definition.forecast as Detector['forecast'],
    renewed: definition.renewed as Detector['renewed'],
  }
}
