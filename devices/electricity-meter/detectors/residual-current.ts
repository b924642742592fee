import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step, type Tick } from '../../../core/detector.ts'
import { leftEvidence, lookAhead, newOutlook, type Outlook, outlookDefaults, wearForecast } from '../../outlook.ts'
import { type ElectricityMeterFacts, electricityMeterFactDefaults } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { agree, type Sample, slowSeconds } from './sampling.ts'

interface State {
  readonly last: Sample | null
  /** Since when every sample is over the limit, ms; null when the last one was not. */
  readonly overSince: number | null
  /** The same of the limit from which it is urgent. */
  readonly urgentSince: number | null
  /** 0 none, 1 warning, 2 urgent. */
  readonly level: number
  /** When the present episode began, ms; null outside one. */
  readonly since: number | null
  /** How long it has been calm within the episode, s, as far as samples vouch for it. */
  readonly calmSeconds: number
  readonly breakerOpen: boolean
  readonly supplyLost: boolean
  readonly learned: Learned
  /** Of the days' highest values, mA. */
  readonly outlook: Outlook
}

interface Learned {
  /** Of the present day: how much was seen, s, and the highest agreed value, mA. */
  readonly seconds: number
  readonly highestMilliamps: number
  /** The highest values of the last whole days, mA, the newest last. */
  readonly dayMilliamps: readonly number[]
  /** The second highest of them, mA: the room's normal maximum; null while warming up. */
  readonly usualMilliamps: number | null
}

const defaults = {
  ceilingShare: 0.5,
  feederFromMilliamps: 100,
  feederShare: 0.8,
  fireMilliamps: 300,
  timesUsual: 2,
  stepMilliamps: 5,
  urgentMilliamps: 10,
  days: 7,
  delaySeconds: 5,
  holdShare: 0.8,
  clearMinutes: 10,
  supplyLostVolts: 50,
  ...outlookDefaults,
  noticeShare: 0.67,
}

type Settings = typeof defaults

/**
 * Current leaks to earth: worn insulation, damp wiring, a faulty appliance. It shocks people, and from 300 mA it lights fires.
 *
 * Ceiling   half of what the residual-current device in front of the room is rated for, since it may trip from there on: behind
 *           30 mA the alarm is at 15 mA, where a 300 mA alarm could never come first. A staged device of a feeder
 *           (`feederFromMilliamps` and more) has a natural leakage of 100–200 mA: `feederShare` of its rating, at most `fireMilliamps`.
 *           Where `use` is `feeder`, a smaller or an unknown rating is no staged device's: `fireMilliamps`
 * Baseline  `timesUsual` × the room's normal maximum, and `stepMilliamps` above it at least, so that an appliance switched on
 *           (an induction stove leaks 2–3 mA) is no fault. The normal maximum is the second highest of the last `days` days' maxima, a
 *           day being 24 h of samples: night, noon and cooking are in each. A median would know nothing of weekends, when people are at
 *           home; the highest may be an exception. It speaks after the first day; the ceiling at once
 * Severity  urgent from the ceiling on, or over the baseline from `urgentMilliamps` on; over the baseline below that it is a
 *           warning, for a tenant who moves into an empty room brings as much with sound appliances
 * Forecast  the day's highest value is what wears: how long a load runs does not change it, and an appliance that is new is a step. A growth
 *           that by the early end of its 80 % interval will be at the ceiling within `noticeDays` is a warning, said once a day, from
 *           `noticeShare` of the ceiling on: a wet season doubles a small leakage within weeks, and goes. It is over when no forecast has
 *           come near it for `lapseDays`, or after the visit
 * Learning  never from what is urgent, not while an episode calms down, not with the breaker open. A warning is learned, so that
 *           a room that was empty gets the baseline of its tenant within days; a step that nobody looks into becomes it as well
 * Delay     `delaySeconds` of samples over the limit, so two of them at the usual 10 s; one where a meter samples rarely, and one of a
 *           live circuit that nothing newer follows for 75 s: the meter tells changes
 * End       under `holdShare` of the limit for `clearMinutes` of samples from a live circuit: an open breaker proves nothing
 * Input     `residualMilliamps`, mA RMS; `breaker`; `volts`; ticks
 * Finding   warning or urgent; evidence in mA
 * Memory    the last sample and `days` maxima per meter; levels of some twenty days and spans of days
 * Source    trip between 50 and 100 % of the rating: GB/T 6829; setting at least twice the normal maximum, delay 5 s: Acrel ARCM200L
 *           manual; alarm within 30 s: GB 31252-2014, 4.3.1; 300 mA and natural leakage: GB 50116-2013, 9.2.3. Not checked against
 *           the paid standards; the step, `urgentMilliamps`, hold, clearing, feeder share and notice are unverified defaults
 */
export const residualCurrent = defineDetector({
  id: 'electricity-meter/residual-current',
  about: {
    finds: 'Current leaks to earth.',
    severities: ['warning', 'urgent'],
    source:
      'Trip between 50 and 100 % of the rating: GB/T 6829; twice the normal maximum, delay 5 s: Acrel ARCM200L manual; alarm within 30 s: GB 31252-2014, 4.3.1; 300 mA and natural leakage: GB 50116-2013, 9.2.3. The others are unverified defaults',
    traps: [
      'nights, noons and cooking',
      'less than twice a normal maximum of 6 mA',
      'a weekend after quiet weekdays',
      'a single stray value',
      'the first day, whatever it does below the ceiling',
      'a wet season that doubles the leakage in three weeks',
      'one new appliance after the other',
    ],
  },
  lasts: 'delaySeconds',
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ residualMilliamps: true, breaker: true, volts: true }),
  ticks: true,
  bounds: { fireMilliamps: [30, 1_000], holdShare: [0.5, 1], supplyLostVolts: [10, 150] },
  settings: defaults,
  initial: {
    last: null,
    overSince: null,
    urgentSince: null,
    level: 0,
    since: null,
    calmSeconds: 0,
    breakerOpen: false,
    supplyLost: false,
    learned: { seconds: 0, highestMilliamps: 0, dayMilliamps: [], usualMilliamps: null },
    outlook: newOutlook,
  } as State,

  step(state, input, settings, facts: ElectricityMeterFacts): Step<State> {
    if (!input.tick) return take(state, input, settings, facts)
    const milliamps = unsaid(state, input, settings, facts)
    return milliamps === undefined
      ? { state }
      : take(state, { at: input.at, residualMilliamps: milliamps }, settings, facts)
  },

  forecast: ({ outlook }, settings, facts: ElectricityMeterFacts) => {
    const ceiling = ceilingOf(settings, facts)
    return wearForecast('residualMilliamps', outlook, ceiling, historyOf(ceiling))
  },
  renewed: (state) => ({ ...state, outlook: newOutlook }),
})

interface Said {
  readonly at: number
  readonly residualMilliamps?: number | undefined
  readonly breaker?: 'closed' | 'open' | 'tripped' | undefined
  readonly volts?: number | undefined
}

function take(
  state: State,
  { at: saidAt, residualMilliamps, breaker, volts }: Said,
  settings: Settings,
  facts: ElectricityMeterFacts,
): Step<State> {
  const breakerOpen = breaker === undefined ? state.breakerOpen : breaker !== 'closed'
  const supplyLost = volts === undefined ? state.supplyLost : volts < settings.supplyLostVolts
  if (residualMilliamps === undefined) {
    const same = breakerOpen === state.breakerOpen && supplyLost === state.supplyLost
    return { state: same ? state : { ...state, breakerOpen, supplyLost } }
  }

  // what was on its way when a tick repeated the word before it, is no older than that tick
  const at = Math.max(saidAt, state.last?.at ?? saidAt)
  const { sample, low, seconds } = agree(state.last, at, residualMilliamps, freshSeconds)
  const goesOn = seconds > 0 || at === state.last?.at
  const { ceiling, limit, urgentLimit } = limitsOf(state, settings, facts)
  const live = !breakerOpen && !supplyLost

  const rare = sample.slow && state.last?.slow === true
  const overSince = sinceOver(state.overSince, at, residualMilliamps >= limit, goesOn)
  const leaking =
    lasts(overSince, at, rare, settings) || (state.level > 0 && residualMilliamps >= settings.holdShare * limit)
  const urgentSince = sinceOver(state.urgentSince, at, residualMilliamps >= urgentLimit, goesOn)
  const urgent =
    lasts(urgentSince, at, rare, settings) ||
    (state.level === 2 && residualMilliamps >= settings.holdShare * urgentLimit)
  // Spelled out: spreading the state costs more than all the rest of the step.
  const next = (
    since: number | null,
    calmSeconds: number,
    learned = state.learned,
    outlook = state.outlook,
  ): State => ({
    last: sample,
    overSince,
    urgentSince,
    level: urgent ? 2 : leaking ? 1 : 0,
    since,
    calmSeconds,
    breakerOpen,
    supplyLost,
    learned,
    outlook,
  })

  if (leaking) {
    const since = state.since ?? overSince ?? at
    const learned =
      live && !urgent && low < urgentLimit ? learn(state.learned, low, seconds, settings.days) : state.learned
    const outlook = outlookAfter(state, learned, at, ceiling, settings)
    const finding = findingOf(urgent, residualMilliamps, ceiling, limit, state.learned, since)
    return { state: next(since, 0, learned, outlook), finding }
  }
  if (state.since === null) {
    if (!live || low >= limit) return { state: next(null, 0) }
    const learned = learn(state.learned, low, seconds, settings.days)
    if (learned.dayMilliamps === state.learned.dayMilliamps) return { state: next(null, 0, learned) }
    const outlook = outlookAfter(state, learned, at, ceiling, settings)
    return foreseen(next(null, 0, learned, outlook), state.outlook, ceiling)
  }

  const calm = residualMilliamps < settings.holdShare * limit
  const calmSeconds = !calm ? 0 : state.calmSeconds + (live ? seconds : 0)
  const healed = calmSeconds * secondMs >= settings.clearMinutes * minuteMs
  // what is foreseen goes on, but a second leak must not be taken for the first: tomorrow it is said again
  return healed ? { state: next(null, 0), cleared: true } : { state: next(state.since, calmSeconds) }
}

/** Its last word on the leakage, over a limit that is not reached, when nothing newer has come for so long: it has nothing new to say. */
function unsaid(state: State, { at, fresh }: Tick, settings: Settings, facts: ElectricityMeterFacts) {
  const { last, level, learned, breakerOpen, supplyLost } = state
  const isFirst = learned.seconds === 0 && learned.dayMilliamps.length === 0
  if (last === null || isFirst || level === 2 || !fresh || breakerOpen || supplyLost) return undefined
  if (at - last.at < slowSeconds * secondMs || at - last.at > freshSeconds * secondMs) return undefined
  const { limit, urgentLimit } = limitsOf(state, settings, facts)
  return last.value >= (level === 0 ? limit : urgentLimit) ? last.value : undefined
}

function limitsOf({ learned }: State, settings: Settings, facts: ElectricityMeterFacts) {
  const ceiling = ceilingOf(settings, facts)
  const limit = Math.min(ceiling, baselineOf(settings, learned.usualMilliamps))
  return { ceiling, limit, urgentLimit: Math.min(ceiling, Math.max(limit, settings.urgentMilliamps)) }
}

/** One value a day. Days differ by some tenths of a milliampere in a room and more behind a feeder, so it goes with the ceiling. */
function historyOf(ceiling: number) {
  return { periodHours: 24, fewestValues: 1, resolution: ceiling / 15 }
}

/** When a day of samples is over. */
function outlookAfter(
  { learned: was, outlook }: State,
  { dayMilliamps }: Learned,
  at: number,
  ceiling: number,
  settings: typeof outlookDefaults,
): Outlook {
  const milliamps = dayMilliamps.at(-1)
  if (dayMilliamps === was.dayMilliamps || milliamps === undefined) return outlook
  return lookAhead(outlook, at, milliamps, ceiling, { ...settings, ...historyOf(ceiling) })
}

/** Once a day while a visit is due. */
function foreseen(state: State, was: Outlook, ceilingMilliamps: number): Step<State> {
  const { dueDays, left } = state.outlook
  if (dueDays === null) return was.dueDays === null ? { state } : { state, cleared: true }
  const highestMilliamps = state.learned.dayMilliamps.at(-1)
  if (left === null || highestMilliamps === undefined) return { state }
  return {
    state,
    finding: {
      severity: 'warning',
      summary: `Leakage grows, up to ${highestMilliamps.toFixed(1)} mA today; at the ceiling of ${ceilingMilliamps.toFixed(0)} mA in about ${Math.round(left[0])} days`,
      evidence: { highestMilliamps, ceilingMilliamps, ...leftEvidence(left) },
    },
  }
}

/** Since when every sample is over a limit, ms; a gap begins anew. */
function sinceOver(since: number | null, at: number, over: boolean, goesOn: boolean): number | null {
  if (!over) return null
  return goesOn ? (since ?? at) : at
}

function lasts(since: number | null, at: number, rare: boolean, settings: { delaySeconds: number }): boolean {
  return since !== null && (rare || at - since >= settings.delaySeconds * secondMs)
}

/** The level that nothing behind this device may reach, mA. */
function ceilingOf(
  settings: { ceilingShare: number; feederFromMilliamps: number; feederShare: number; fireMilliamps: number },
  facts: ElectricityMeterFacts,
): number {
  const rated = facts.residualDeviceMilliamps ?? electricityMeterFactDefaults.residualDeviceMilliamps
  if (rated < settings.feederFromMilliamps)
    return facts.use === 'feeder' ? settings.fireMilliamps : settings.ceilingShare * rated
  return Math.min(settings.fireMilliamps, settings.feederShare * rated)
}

/** The level that this room never reaches, mA; Infinity while nobody knows. */
function baselineOf(settings: { timesUsual: number; stepMilliamps: number }, usualMilliamps: number | null): number {
  if (usualMilliamps === null) return Infinity
  return Math.max(settings.timesUsual * usualMilliamps, usualMilliamps + settings.stepMilliamps)
}

const daySeconds = 24 * 60 * 60

function learn(learned: Learned, milliamps: number, moreSeconds: number, days: number): Learned {
  const seconds = learned.seconds + moreSeconds
  const highestMilliamps = Math.max(learned.highestMilliamps, milliamps)
  const { dayMilliamps, usualMilliamps } = learned
  if (seconds < daySeconds) return { seconds, highestMilliamps, dayMilliamps, usualMilliamps }

  const lastDays = [...dayMilliamps, highestMilliamps].slice(-days)
  return { seconds: 0, highestMilliamps: 0, dayMilliamps: lastDays, usualMilliamps: secondHighest(lastDays) }
}

/** Of a single one that one. */
function secondHighest(values: readonly number[]): number {
  const [highest = 0, second = highest] = values.toSorted((one, other) => other - one)
  return second
}

function findingOf(
  urgent: boolean,
  residualMilliamps: number,
  ceilingMilliamps: number,
  limitMilliamps: number,
  { usualMilliamps }: Learned,
  since: number,
): Finding {
  const against =
    residualMilliamps >= ceilingMilliamps || usualMilliamps === null
      ? `the ceiling is ${ceilingMilliamps.toFixed(0)} mA`
      : `normally at most ${usualMilliamps.toFixed(1)} mA`
  return {
    severity: urgent ? 'urgent' : 'warning',
    summary: `${residualMilliamps.toFixed(1)} mA leak to earth; ${against}`,
    evidence: { residualMilliamps, limitMilliamps, ceilingMilliamps, usualMilliamps },
    since,
  }
}
