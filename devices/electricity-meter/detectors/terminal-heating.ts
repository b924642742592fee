import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Step } from '../../../core/detector.ts'
import { leftEvidence, lookAhead, newOutlook, type Outlook, outlookDefaults, wearForecast } from '../../outlook.ts'
import { type ElectricityMeterFacts, electricityMeterFactDefaults } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { isWithin, localHour } from './local-hour.ts'

const defaults = {
  /** A terminal follows its current more slowly than this, and faster than that. */
  fastLagMinutes: 4,
  slowLagMinutes: 16,
  /** What changes more slowly than this is the sun on the box, or a neighbour's breaker, and is left out. */
  driftMinutes: 30,
  /** A window of samples tells the heating; it ends when that is known this well, and it is no shorter, or after so many hours. */
  windowMinutes: 180,
  precisionShare: 0.15,
  mostHours: 24,
  learnWindows: 3,
  timesUsual: 1.5,
  /** And so much more than it used to, at the breaker's rating. */
  extraKelvin: 20,
  windows: 2,
  nightFromHour: 22,
  nightToHour: 8,
  clearTimesUsual: 1.25,
  /** What a terminal may warm by at the breaker's rating. */
  limitKelvin: 60,
  ...outlookDefaults,
}

type Settings = typeof defaults

/** The heating of a terminal, K per A² above the air around it, and its standard error. */
type Heating = readonly [kelvinPerAmpSquared: number, error: number]

interface State {
  readonly load: Load | null
  readonly air: readonly [at: number, celsius: number] | null
  readonly occupied: boolean | null
  readonly window: Window
  /** The first windows, until they are `usual`. */
  readonly learned: readonly Heating[]
  readonly usual: Heating | null
  /** So many windows in a row were too hot; and the newest of them, where something was found. */
  readonly over: number
  readonly found: Found | null
  /** Of what each window says that the terminal would warm by at the breaker's rating, K. */
  readonly outlook: Outlook
}

interface Found {
  readonly heating: Heating
  readonly since: number
}

/** The newest current that was looked at, and its square with the fast and with the slow lag, A²; known since `from`. */
interface Load {
  readonly at: number
  readonly amps: number
  readonly fast: number
  readonly slow: number
  readonly from: number
}

/**
 * Of the two heats (f, s) and the rise (y), each less its own slow drift: means, and the sums of products of what deviates from them,
 * weighted by their seconds.
 */
interface Window {
  readonly from: number
  readonly at: number
  readonly seconds: number
  readonly drift: readonly [f: number, s: number, y: number]
  readonly means: readonly [f: number, s: number, y: number]
  readonly products: readonly [ff: number, fs: number, ss: number, fy: number, sy: number, yy: number]
}

const empty: Window = { from: 0, at: 0, seconds: 0, drift: [0, 0, 0], means: [0, 0, 0], products: [0, 0, 0, 0, 0, 0] }
/** More often it is not looked at: a terminal takes minutes. */
const lookEveryMs = 50 * secondMs
/** Longer apart, currents say nothing of what was between them; the air keeps its temperature as long. */
const apartMs = 11 * minuteMs
/** The heat must vary by this, A²; and the two lags by this share of it in their own way. */
const leastSpread = 0.5
const leastApart = 0.02
/** Deviations from the model stay for so long, s: samples that are closer are not independent. */
const correlatedSeconds = 1_200
/** A window begins when the two lags agree within this share of the heat: a terminal that still warms or cools after another load follows neither. */
const settledShare = 0.2
/** What a probe tells, K. */
const resolutionKelvin = 0.2
/** What a window knows less well after its longest time is not used. */
const poorShare = 0.5
/** A sound terminal warms by so much at least at the breaker's rating: the least that is believed to be usual. */
const soundKelvin = 10

/**
 * A terminal warms more by the same current than it used to: its contact wears, and shows it long before any temperature is too high.
 *
 * A contact of resistance R heats by R × I², and its terminal follows in minutes. So the rise above the air in the box is compared, by least
 * squares, with the square of the current after a fast and after a slow lag: together they follow any terminal between, and the sum of their
 * slopes is what a current brings in the end. What drifts for hours, as the sun on the box does, is taken out of both first. That slope is
 * the terminal's own, whatever the season and the use of the room; a constant offset of the probes has no part in it. No window begins while
 * the terminal still warms or cools after another load: the two lags follow it only nearly, and after a large load "nearly" is more than all
 * that comes then. The slope of `learnWindows` windows is the usual one.
 *
 * Limit    for `windows` windows, the slope less two standard errors is over `timesUsual` the usual one, and `extraKelvin` more at the
 *          breaker's rating. At night, with people in the room as far as is known, one window is enough: nobody would smell it
 * Forecast a growth of the rise at the breaker's rating that by the early end of its 80 % interval will be at `limitKelvin`, or at the limit
 *          above where that is higher, within `noticeDays`: a warning, said once a day. It is over when no forecast has come near it for
 *          `lapseDays`, or after the visit
 * Input    `terminalCelsius`, `ambientCelsius`, °C; `amps`, A; `occupied`. Without the air's temperature it is off
 * Finding  warning; evidence in K per A², K
 * Learning the first windows after installation or work, three hours of load at least and three days at most; then it is kept, for wear must
 *          not become usual. A window that is over the limit by those before it is not learned, so a contact that comes loose in these days
 *          is found as well
 * Clears   with a window below `clearTimesUsual`
 * Memory   some twenty numbers per meter, written once a minute or so; levels of some twenty days and spans of days
 * Source   breakers are type-tested to 60 K at their terminals (IEC 60898-1, table 6); regression with error bars: any text on statistics.
 *          The lag, the ratio and the windows are unverified defaults
 */
export const terminalHeating = defineDetector({
  id: 'electricity-meter/terminal-heating',
  about: {
    finds: 'A terminal warms more by the same current than it used to.',
    severities: ['warning'],
    source:
      'Terminals warm by 60 K at most when type-tested: IEC 60898-1, table 6; all settings are unverified defaults',
    traps: [
      'a large load that the terminal has never seen',
      'a hot summer after a cold spring',
      'sun on the box, and neighbours who warm it',
      'an empty room',
      'a probe that reads 3 K too much',
      'a meter without the temperature of the air',
      'a probe that was replaced',
      'an overload that ends, and a quiet night after it',
    ],
  },
  rising: [['clearTimesUsual', 'timesUsual']],
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({
    terminalCelsius: true,
    ambientCelsius: true,
    amps: true,
    occupied: true,
  }),
  bounds: { limitKelvin: [20, 150] },
  settings: defaults,
  initial: {
    load: null,
    air: null,
    occupied: null,
    window: empty,
    learned: [],
    usual: null,
    over: 0,
    found: null,
    outlook: newOutlook,
  } as State,

  step(state, input, settings, facts: ElectricityMeterFacts): Step<State> {
    const heard = hear(state, input, settings)
    const riseKelvin = riseOf(heard, input.terminalCelsius, input.at, settings)
    if (riseKelvin === undefined || heard.load === null) return { state: heard }

    const window = widened(heard.window, input.at, heard.load, riseKelvin, settings)
    const heating = heatingOf(window, settings)
    if (heating === 'not yet') return answer(widenedTo(heard, window), facts)
    if (heating === 'unknown') return answer({ ...heard, window: empty }, facts)
    const judged = judge({ ...heard, window: empty }, heating, window, settings, facts)
    if (judged.found !== null) return answer(judged, facts)
    if (judged.outlook.dueDays !== null) return foreseen(judged, heard, settings, facts)
    return heard.found !== null || heard.outlook.dueDays !== null ? { state: judged, cleared: true } : { state: judged }
  },

  forecast: ({ usual, outlook }, settings, facts: ElectricityMeterFacts) =>
    wearForecast('kelvinAtRated', outlook, limitOf(usual, settings, facts), history),

  renewed: ({ load, air, occupied }) => ({
    load,
    air,
    occupied,
    window: empty,
    learned: [],
    usual: null,
    over: 0,
    found: null,
    outlook: newOutlook,
  }),
})

/** Some windows a day. One differs from the next by kelvins. */
const history = { periodHours: 24, fewestValues: 1, resolution: 2 }

interface Heard {
  readonly at: number
  readonly amps?: number | undefined
  readonly ambientCelsius?: number | undefined
  readonly occupied?: boolean | null | undefined
}

/** The last word on each. */
function hear(state: State, { at, amps, ambientCelsius, occupied = state.occupied }: Heard, settings: Settings): State {
  const load = amps === undefined ? state.load : loadAfter(state.load, at, amps, settings)
  const isNew = ambientCelsius !== undefined && (state.air === null || at - state.air[0] >= lookEveryMs)
  const air = isNew ? ([at, ambientCelsius] as const) : state.air
  const same = load === state.load && air === state.air && occupied === state.occupied
  if (same) return state
  const { window, learned, usual, over, found, outlook } = state
  return { load, air, occupied, window, learned, usual, over, found, outlook }
}

/** Spelled out: spreading costs more than all the rest of the step. */
function widenedTo({ load, air, occupied, learned, usual, over, found, outlook }: State, window: Window): State {
  return { load, air, occupied, window, learned, usual, over, found, outlook }
}

function loadAfter(was: Load | null, at: number, amps: number, settings: Settings): Load {
  if (was === null || at - was.at > apartMs) {
    const heat = rounded(amps ** 2, 2)
    return { at, amps, fast: heat, slow: heat, from: at }
  }
  if (at - was.at < lookEveryMs) return was
  const held = at - was.at <= freshSeconds * secondMs
  const between = held ? was.amps ** 2 : (was.amps ** 2 + amps ** 2) / 2
  const lagged = (heat: number, minutes: number) =>
    rounded(between + (heat - between) * Math.exp(-(at - was.at) / (minutes * minuteMs)), 2)
  const fast = lagged(was.fast, settings.fastLagMinutes)
  return { at, amps, fast, slow: lagged(was.slow, settings.slowLagMinutes), from: was.from }
}

/** Above the air, K; undefined where one of the two or the load behind it is not known. */
function riseOf({ load, air, window }: State, celsius: number | undefined, at: number, settings: Settings) {
  if (celsius === undefined || load === null || air === null || at - window.at < lookEveryMs) return undefined
  const isKnown = at - load.at <= apartMs && at - air[0] <= apartMs
  return isKnown && load.at - load.from >= 2 * settings.slowLagMinutes * minuteMs ? celsius - air[1] : undefined
}

/** D. H. D. West, "Updating Mean and Variance Estimates", Comm. ACM 22 (1979), 532–535; a sample weighs the time since the last one. */
function widened(was: Window, at: number, { fast, slow }: Load, rise: number, settings: Settings): Window {
  const apart = at - was.at
  if (was.at === 0 && Math.abs(fast - slow) > Math.max(leastSpread, settledShare * slow)) return was
  if (was.at === 0 || apart > apartMs) {
    const drift = [fast, slow, rounded(rise, 4)] as const
    return was.at === 0 ? { ...was, from: at, at, drift } : { ...was, at, drift }
  }
  const kept = Math.exp(-apart / (settings.driftMinutes * minuteMs))
  const drifted = (value: number, drift: number) => rounded(value + (drift - value) * kept, 4)
  const drift = [drifted(fast, was.drift[0]), drifted(slow, was.drift[1]), drifted(rise, was.drift[2])] as const

  const weight = apart / secondMs
  const seconds = was.seconds + weight
  const [f, s, y] = was.means
  const [df, ds, dy] = [fast - drift[0] - f, slow - drift[1] - s, rise - drift[2] - y]
  const part = (weight * was.seconds) / seconds
  const [ff, fs, ss, fy, sy, yy] = was.products
  return {
    from: was.from,
    at,
    seconds: rounded(seconds, 1),
    drift,
    means: [
      rounded(f + (df * weight) / seconds, 4),
      rounded(s + (ds * weight) / seconds, 4),
      rounded(y + (dy * weight) / seconds, 5),
    ],
    products: [
      rounded(ff + part * df * df, 1),
      rounded(fs + part * df * ds, 1),
      rounded(ss + part * ds * ds, 1),
      rounded(fy + part * df * dy, 2),
      rounded(sy + part * ds * dy, 2),
      rounded(yy + part * dy * dy, 3),
    ],
  }
}

function heatingOf({ seconds, products }: Window, settings: Settings): Heating | 'not yet' | 'unknown' {
  if (seconds * secondMs < settings.windowMinutes * minuteMs) return 'not yet'
  const isLast = seconds * secondMs >= settings.mostHours * hourMs
  const [ff, fs, ss, fy, sy, yy] = products
  const determinant = ff * ss - fs * fs
  // a load that never changes tells nothing, and one that hardly does tells the two lags not apart
  if (ss < leastSpread ** 2 * seconds || determinant < leastApart * ff * ss) return isLast ? 'unknown' : 'not yet'

  const byFast = (ss * fy - fs * sy) / determinant
  const bySlow = (ff * sy - fs * fy) / determinant
  const slope = byFast + bySlow
  const variance = Math.max(resolutionKelvin ** 2, (yy - byFast * fy - bySlow * sy) / seconds)
  const error = Math.sqrt((variance * correlatedSeconds * (ff + ss - 2 * fs)) / determinant)
  if (error <= (isLast ? poorShare : settings.precisionShare) * slope) return [rounded(slope, 6), rounded(error, 6)]
  return isLast ? 'unknown' : 'not yet'
}

function judge(
  state: State,
  heating: Heating,
  window: Window,
  settings: Settings,
  facts: ElectricityMeterFacts,
): State {
  const [slope, error] = heating
  const limit = limitOf(state.usual, settings, facts)
  const atRated = slope * ratedOf(facts) ** 2
  const outlook = lookAhead(state.outlook, window.at, atRated, limit, { ...settings, ...history })
  const usual = usualSoFar(state)
  if (usual === null) return { ...state, outlook, learned: [heating] }
  const soundSlope = usualOf(usual, facts)
  const extraKelvin = (slope - soundSlope) * ratedOf(facts) ** 2
  const hot = slope - 2 * error > settings.timesUsual * soundSlope && extraKelvin >= settings.extraKelvin
  const over = hot ? state.over + 1 : 0
  const asleep =
    state.occupied !== false && isWithin(localHour(window.at), settings.nightFromHour, settings.nightToHour)
  const raised = over >= (asleep && state.usual !== null ? 1 : settings.windows)
  const stays = state.found !== null && slope >= settings.clearTimesUsual * soundSlope
  const found = raised || stays ? { heating, since: state.found?.since ?? window.from } : null
  const judged = { ...state, outlook, over, found }
  // what is over the limit, or stays up, is not learned
  if (state.usual !== null || hot || stays) return judged
  return { ...judged, ...learning([...state.learned, heating], settings) }
}

/** What is usual, or what has been learned of it until now. */
function usualSoFar({ usual, learned }: State): Heating | null {
  return usual ?? (learned.length > 0 ? meanOf(learned) : null)
}

function learning(learned: readonly Heating[], { learnWindows }: Settings): Pick<State, 'learned' | 'usual'> {
  return learned.length < learnWindows ? { learned, usual: null } : { learned: [], usual: meanOf(learned) }
}

/** What a terminal may warm by at the breaker's rating, K: never less than what the rule lets it. */
function limitOf(usual: Heating | null, settings: Settings, facts: ElectricityMeterFacts): number {
  if (usual === null) return settings.limitKelvin
  const usualKelvin = usualOf(usual, facts) * ratedOf(facts) ** 2
  return Math.max(settings.limitKelvin, settings.timesUsual * usualKelvin, usualKelvin + settings.extraKelvin)
}

/** Weighted by what each is worth. */
function meanOf(all: readonly Heating[]): Heating {
  let weights = 0
  let sum = 0
  for (const [slope, error] of all) {
    weights += error ** -2
    sum += slope * error ** -2
  }
  return [rounded(sum / weights, 6), rounded(weights ** -0.5, 6)]
}

/** Usual, and no less than what is sound. */
function usualOf([slope, error]: Heating, facts: ElectricityMeterFacts): number {
  return Math.max(slope + error, soundKelvin / ratedOf(facts) ** 2)
}

function ratedOf({ breakerAmps }: ElectricityMeterFacts): number {
  return breakerAmps ?? electricityMeterFactDefaults.breakerAmps
}

function answer(state: State, facts: ElectricityMeterFacts): Step<State> {
  const usual = usualSoFar(state)
  if (state.found === null || usual === null) return { state }
  const { heating, since } = state.found
  const [kelvinPerAmpSquared] = heating
  const [usualKelvinPerAmpSquared] = usual
  const ratedAmps = ratedOf(facts)
  const times = rounded(kelvinPerAmpSquared / usualKelvinPerAmpSquared, 1)
  const kelvinAtRated = rounded(kelvinPerAmpSquared * ratedAmps ** 2, 0)
  return {
    state,
    finding: {
      severity: 'warning',
      summary: `A terminal warms ${times.toFixed(1)} times as much as it used to: ${kelvinAtRated} K at ${ratedAmps} A`,
      evidence: {
        kelvinPerAmpSquared,
        usualKelvinPerAmpSquared,
        times,
        kelvinAtRated,
        ...leftEvidence(state.outlook.left),
        occupied: state.occupied,
      },
      since,
    },
  }
}

/** Once a day while a visit is due. */
function foreseen(state: State, was: State, settings: Settings, facts: ElectricityMeterFacts): Step<State> {
  const { left, wear } = state.outlook
  const isNews = wear.period !== was.outlook.wear.period || was.found !== null
  if (left === null || !isNews) return { state }
  const ratedAmps = ratedOf(facts)
  const kelvinAtRated = rounded(wear.usual, 0)
  const limitKelvin = rounded(limitOf(state.usual, settings, facts), 0)
  return {
    state,
    finding: {
      severity: 'warning',
      summary: `A terminal warms more and more, by ${kelvinAtRated} K at ${ratedAmps} A; by ${limitKelvin} K in about ${Math.round(left[0])} days`,
      evidence: { kelvinAtRated, limitKelvin, ...leftEvidence(left), occupied: state.occupied },
    },
  }
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
