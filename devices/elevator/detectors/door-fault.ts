import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'
import { standingMps } from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

type Door = NonNullable<ElevatorValues['doorState']>

interface State {
  readonly service: Service
  /** Its mode is another than normal: a door that stands open then is meant to. */
  readonly odd: boolean
  readonly door: Door | null
  readonly floor: number | null
  readonly trips: number | null
  /** Since when the presence sensor sees nobody, ms; 0 while it sees someone, null while nobody knows. */
  readonly emptyAt: number | null
  readonly code: string | null
  /** What the door has been doing since it last rested: closed, with no try to open before it. */
  readonly spell: Spell | null
  /** Since when it is watched, ms, and how long its door stands open at most, s, fading. */
  readonly from: number
  readonly usualSeconds: number
  readonly held: Held | null
}

/** Since the door's word changed. */
interface Same {
  /** Fresh time since then, now and when the word was said last. */
  readonly sameMs: number
  readonly saidAt: number
  readonly saidMs: number
  /** It was said again after more than `cycleMs`, of a door on its way. */
  readonly sparse: boolean
}

interface Spell extends Same {
  readonly at: number
  /** Fresh time since the door first began to close, and since it was open. */
  readonly unclosedMs: number
  readonly unopenedMs: number
  /** Between the last two words on it. */
  readonly apartMs: number
  /** How often it has begun to close since it was closed, and to open since it was open. */
  readonly closings: number
  readonly openings: number
  /** Somebody was in the way; undefined while the gateway has not said. */
  readonly obstructed?: boolean
}

const defaults = {
  /** So many tries, and no success for so long. */
  tries: 4,
  closeSeconds: 180,
  /** The same where people in the doorway may be the reason: what they carry through takes minutes at a time, a door that fails tries on and on. */
  triesWithPeople: 8,
  closeWithPeopleSeconds: 600,
  openTries: 3,
  /** The same where samples are rare: each may be of another cycle. */
  rareOpenTries: 5,
  openSeconds: 120,
  stuckSeconds: 120,
  /** A door that just stands open: so long, and so many times longer than it ever does. */
  staysOpenMinutes: 30,
  timesUsual: 4,
  warmUpHours: 48,
  /** Of its longest stay, per door cycle. */
  fadeShare: 0.0005,
  codeSeconds: 120,
  clearSeconds: 600,
  faultCodes: codesOf('elevator/door-fault'),
  workCodes,
}

type Settings = typeof defaults

const freshMs = freshSeconds * secondMs
/** A door that is closed for so long, and for so many samples where they are rare, has stopped trying. */
const restMs = minuteMs
const restSamples = 5
/** Words on a door that is on its way, further apart than this, may be of two ways. */
const cycleMs = 40 * secondMs

/**
 * The door will not close, or will not open: worn rollers, a belt off its wheel, something in the sill, a door drive that gave up.
 *
 * Not close  `tries` begun and none done for `closeSeconds` since the first; `closeWithPeopleSeconds` while people may be why: someone was present in these
 *            `closeSeconds` or nobody knows, and the gateway does not say that the doorway is free; `triesWithPeople`, too, where someone was.
 *            With `doorObstructed` they are why
 * Not open   `openTries` begun and none done for `openSeconds`; `rareOpenTries` seen where samples lie more than 40 s apart, as a sample sees
 *            three tries in ten. Who is inside is found by `elevator/entrapment`
 * Stuck      `opening` or `closing` for `stuckSeconds` without another word. Samples of it that lie more than 40 s apart count for 40 s each:
 *            they may be of different cycles of a sound door
 * Stays      open for `staysOpenMinutes`, and `timesUsual` as long as this door ever does: some park with an open door. Learned
 *            for `warmUpHours` first; a stay counts for no more than the limit, and is forgotten over weeks
 * Code       the controller's word (`faultCodes`) for `codeSeconds`; one that clears itself is for `elevator/door-lock-contact`
 * Modes      in any mode but `normal`, or an unknown one, the door is not judged: it is worked on, or held open on purpose
 * Input      readings and ticks. A car that rides, is at another floor or has counted a trip has had a sound door in between
 * Finding    warning; evidence in seconds and tries
 * Clears     when the door has done as it should for `clearSeconds`
 * Memory     ten small values, nine more while the door is not closed; after work on the door the longest stay is learned anew
 * Source     unverified defaults, all of them
 */
export const doorFault = defineDetector({
  id: 'elevator/door-fault',
  about: {
    finds: 'The door will not close, or will not open.',
    severities: ['warning'],
    source: 'Unverified defaults, all of them',
    traps: [
      'doors in the rush hour, sampled every 10 s',
      'doors in the rush hour, sampled once a minute, with a car that has come back each time',
      'people in the doorway for five minutes',
      'people who move in, and have it open for twenty minutes',
      'a door that is held open for ten minutes, and then closes at the fifth try',
      'people whom the gateway does not tell, for five minutes',
      'one closing that jams for a minute',
      'a door that is on its way in each of three samples, a minute apart',
      'an elevator that parks with its door open every night',
      'an open door in fire mode',
      'a code that clears itself',
    ],
  },
  rising: [
    ['closeSeconds', 'closeWithPeopleSeconds'],
    ['tries', 'triesWithPeople'],
  ],
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    doorState: true,
    doorObstructed: true,
    passengerPresent: true,
    carSpeedMps: true,
    floor: true,
    trips: true,
    faultCode: true,
  }),
  ticks: true,
  bounds: { fadeShare: [0.00005, 0.005] },
  settings: defaults,
  initial: {
    service: 0,
    odd: false,
    door: null,
    floor: null,
    trips: null,
    emptyAt: null,
    code: null,
    spell: null,
    from: 0,
    usualSeconds: 0,
    held: null,
  } as State,
  renewed: (state) => ({ ...state, from: 0, usualSeconds: 0 }),

  step(state, input, settings) {
    if (!input.tick) return judge(state, hear(state, input, settings), input.at, settings)

    const idle = state.spell === null && state.held === null && state.code === null
    if (idle || !input.fresh || state.odd) return { state }
    const spell = after(state.spell, state.door, state.door, input.at)
    return judge(state, { ...state, spell }, input.at, settings)
  },
})

type Said = ElevatorValues & { readonly at: number }

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const { at, mode, doorState, faultCode } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const odd = mode === undefined ? (service === was.service ? was.odd : isAtWork(service)) : mode !== 'normal'
  const door = doorState ?? was.door
  const floor = said.floor ?? was.floor
  const trips = said.trips ?? was.trips
  const emptyAt = said.passengerPresent === undefined ? was.emptyAt : said.passengerPresent ? 0 : was.emptyAt || at
  const code = faultCode === undefined ? was.code : settings.faultCodes.includes(faultCode) ? faultCode : null

  const isElsewhere = was.floor !== null && floor !== was.floor
  const hasRidden = was.trips !== null && trips !== null && trips > was.trips
  const rides = Math.abs(said.carSpeedMps ?? 0) > standingMps || isElsewhere || hasRidden
  const spell = odd || rides ? after(null, was.door, door, at) : goOn(was, door, said)
  const usualSeconds = door !== 'open' && was.door === 'open' ? learned(was, settings) : was.usualSeconds

  const sameDoor = door === was.door && spell === was.spell && emptyAt === was.emptyAt
  const sameCar = floor === was.floor && trips === was.trips
  const same = sameDoor && sameCar && service === was.service && odd === was.odd && code === was.code && was.from > 0
  if (same) return was
  return { service, odd, door, floor, trips, emptyAt, code, spell, from: was.from || at, usualSeconds, held: was.held }
}

/** A door that is closed, and was not trying to open, is at rest. */
function goOn({ spell, door: before }: State, door: Door | null, said: Said): Spell | null {
  const { at, doorObstructed } = said
  const next = after(spell, before, door, at, said.doorState !== undefined)
  return next === null || doorObstructed === undefined ? next : { ...next, obstructed: doorObstructed }
}

/** The spell at `at`, when the door's word was `before` until then and is `door` now. */
function after(spell: Spell | null, before: Door | null, door: Door | null, at: number, told = false): Spell | null {
  if (spell === null && (door === null || door === 'closed')) return null

  // after a gap nobody knows what the door did meanwhile
  if (spell !== null && at - spell.at > freshMs) return after(null, before, door, at)
  const changed = spell === null || door !== before
  const goneMs = spell === null ? 0 : at - spell.at
  const apartMs = told && spell !== null ? at - spell.saidAt : (spell?.apartMs ?? 0)
  // a door is on its way for less: seen so again after so long, it has begun anew
  const begins = changed || (told && isRare(apartMs))
  const closings = door === 'closed' ? 0 : (spell?.closings ?? 0) + (changed && door === 'closing' ? 1 : 0)
  const openings = door === 'open' ? 0 : (spell?.openings ?? 0) + (begins && door === 'opening' ? 1 : 0)
  const same = changed ? { sameMs: 0, saidAt: at, saidMs: 0, sparse: false } : sameAfter(spell, door, at, told)
  const rests = same.sameMs >= Math.max(restMs, restSamples * apartMs)
  if (door === 'closed' && (openings === 0 || rests)) return null

  const obstructed = spell?.obstructed
  const { sameMs, saidAt, saidMs, sparse } = same
  return {
    at,
    unclosedMs: door === 'closed' || (spell?.closings ?? 0) === 0 ? 0 : (spell?.unclosedMs ?? 0) + goneMs,
    unopenedMs: door === 'open' ? 0 : (spell?.unopenedMs ?? 0) + goneMs,
    sameMs,
    saidAt,
    saidMs,
    sparse,
    apartMs,
    closings,
    openings,
    ...(obstructed !== undefined && { obstructed }),
  }
}

/** How long its word has been the same. Of one on its way that is sampled rarely each sample counts for `cycleMs`, and no tick does. */
function sameAfter(spell: Spell, door: Door | null, at: number, told: boolean): Same {
  const { sameMs, saidAt, saidMs } = spell
  const apartMs = at - saidAt
  const sparse = spell.sparse || (told && isOnItsWay(door) && isRare(apartMs))
  if (!told) return { sameMs: sparse ? sameMs : sameMs + at - spell.at, saidAt, saidMs, sparse }
  const saidFor = sparse ? saidMs + Math.min(apartMs, cycleMs) : sameMs + at - spell.at
  return { sameMs: saidFor, saidAt: at, saidMs: saidFor, sparse }
}

function isRare(apartMs: number): boolean {
  return apartMs > cycleMs
}

function isOnItsWay(door: Door | null): boolean {
  return door === 'opening' || door === 'closing'
}

/** The longest that the door stands open, s: as much as it was just now counts, up to the limit. */
function learned({ spell, usualSeconds }: State, settings: Settings): number {
  const stayedSeconds = Math.min((spell?.sameMs ?? 0) / secondMs, limitSeconds(usualSeconds, settings))
  return Math.round(Math.max(stayedSeconds, usualSeconds * (1 - settings.fadeShare)) * 10) / 10
}

function limitSeconds(usualSeconds: number, { staysOpenMinutes, timesUsual }: Settings): number {
  return Math.max((staysOpenMinutes * minuteMs) / secondMs, timesUsual * usualSeconds)
}

function judge(before: State, heard: State, at: number, settings: Settings) {
  if (heard.odd) return { state: heard.held?.raised === false ? { ...heard, held: null } : heard }

  const trouble = troubleOf(heard, at, settings)
  const holds = trouble !== undefined || heard.code !== null
  const seconds = trouble === undefined ? settings.codeSeconds : 0
  const held = hold(before.held, at, holds, seconds, settings.clearSeconds)

  const state = held === heard.held ? heard : { ...heard, held }
  return answer(before, state, held?.raised && findingOf(state, trouble, held.since))
}

function troubleOf({ door, spell, emptyAt, from, usualSeconds }: State, at: number, settings: Settings) {
  if (spell === null) return undefined
  const { unclosedMs, unopenedMs, sameMs, apartMs, closings, openings, obstructed } = spell
  const isSeen = emptyAt !== null && (emptyAt === 0 || at - emptyAt < settings.closeSeconds * secondMs)
  const alone = (emptyAt !== null && !isSeen) || obstructed === false
  const closeSeconds = alone ? settings.closeSeconds : settings.closeWithPeopleSeconds
  const closeTries = isSeen && !alone ? settings.triesWithPeople : settings.tries
  const people = obstructed === true

  if (!people && closings >= closeTries && unclosedMs >= closeSeconds * secondMs) return 'does not close'
  const openTries = isRare(apartMs) ? settings.rareOpenTries : settings.openTries
  if (openings >= openTries && unopenedMs >= settings.openSeconds * secondMs) return 'does not open'
  if (!people && isOnItsWay(door) && sameMs >= settings.stuckSeconds * secondMs) return 'is stuck half-way'
  const warm = at - from >= settings.warmUpHours * hourMs
  const stays = door === 'open' && sameMs >= limitSeconds(usualSeconds, settings) * secondMs
  return warm && stays ? 'stays open' : undefined
}

function findingOf({ door, spell, code, floor }: State, trouble: string | undefined, since: number): Finding {
  const seconds = (ms: number | undefined) => Math.round((ms ?? 0) / secondMs)
  const tries = Math.max(spell?.closings ?? 0, spell?.openings ?? 0)
  const { unopenedMs, unclosedMs, sameMs } = spell ?? {}
  const lasted = seconds(trouble === 'does not open' ? unopenedMs : trouble === 'does not close' ? unclosedMs : sameMs)
  const seen = `The door ${trouble ?? 'did not work'}${trouble === undefined ? '' : `: ${lasted} s, ${tries} tries`}`
  return {
    severity: 'warning',
    summary: trouble === undefined && code !== null ? `The controller reports a door fault (code ${code})` : seen,
    evidence: { doorState: door, lastedSeconds: lasted, tries, floor, faultCode: code },
    since,
  }
}
