import { hourMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { type Counted, eventOf, isOfNewEvent, repeatedEvent, type SaidOfEvent } from './repeats.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'
import { standsBy, whereTold } from './wear.ts'

interface State {
  readonly service: Service
  readonly zone: boolean | null
  /** The last door cycle with lock retries; null after one without, and the newest counter of cycles with it. */
  readonly retry: Counted | null
  readonly cycles: number | null
  /** The code that waits to clear itself, and since when, ms. */
  readonly code: string | null
  readonly codeAt: number
  /** When the newest events were, ms, the oldest first. */
  readonly events: readonly number[]
}

const defaults = {
  events: 3,
  windowHours: 24,
  /** A code that goes within this has cleared itself; longer, somebody was there. */
  selfClearSeconds: 600,
  /** Words so soon after one another are of the same event: a retry and its code. */
  mergeSeconds: 60,
  faultCodes: codesOf('elevator/door-fault'),
  /** These count in the door zone only: elsewhere they are `elevator/safety-circuit`. */
  zoneCodes: codesOf('elevator/safety-circuit'),
  /** The codes by which one has gone: another fault has not. */
  noneCodes: codesOf('none'),
  workCodes,
}

type Settings = typeof defaults

/**
 * A door lock's contact fails again and again, and makes at the next try: dirt, wear, a vane that hardly reaches its roller. Today it is a
 * closing that takes two tries; before long the elevator stands still with people in it.
 *
 * Event     a door cycle with lock retries and nobody in the way, or a fault code that clears itself within `selfClearSeconds`: a door's
 *           (`faultCodes`), or that of the safety circuit in the door zone (`zoneCodes`). Several within `mergeSeconds` are one, and so
 *           is a value that a gateway repeats until the next cycle: the same number with the same `doorCycles`; where they are not told, at
 *           the same floor, on the ride to another, and there while the door has not closed again; or within three minutes (`repeats.ts`)
 * Modes     `inspection`, `fire` and `firefighter`: what happens in them is no event
 * Input     `doorLockRetries`, `doorObstructed`, `doorCycles`, `doorZone`, `faultCode`, `mode`; `floor`, `doorState`, and what says that the car stands
 * Finding   warning with the third event in 24 h, and again with each further one; evidence is their number
 * Clears    never by itself: a contact does not heal, the visit ends the episode
 * Memory    ten small values at most and three times; forgotten after work on the door
 * Source    unverified defaults, all of them
 */
export const doorLockContact = defineDetector({
  id: 'elevator/door-lock-contact',
  about: {
    finds: 'A door lock’s contact fails again and again, and makes at the next try.',
    severities: ['warning'],
    source: 'Unverified defaults, all of them',
    traps: [
      'two events in 24 h',
      'three events in 25 h',
      'people who push against the door',
      'one retry that the gateway repeats until the next cycle',
      'a code that stays',
      'codes of a safety circuit that opens between floors',
      'a mechanic who works on the lock in inspection mode',
    ],
  },
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    doorLockRetries: true,
    doorObstructed: true,
    doorCycles: true,
    doorZone: true,
    faultCode: true,
    doorState: true,
    ...whereTold,
  }),
  settings: defaults,
  initial: {
    service: 0,
    zone: null,
    retry: null,
    cycles: null,
    code: null,
    codeAt: 0,
    events: [],
  } as State,
  renewed: (state) => ({ ...state, code: null, events: [] }),

  step(state, input, settings) {
    const retry = retryIn(state, input)
    const isNew = retry !== undefined && (state.retry === null || isOfNewEvent(state.retry, retry))
    const heard = hear(state, input, retry, isNew, settings)
    const hasRetried = isNew && input.doorObstructed !== true
    const happened = !isAtWork(heard.service) && (hasRetried || hasCleared(state, input, settings))
    const newest = state.events.at(-1) ?? 0
    if (!happened || input.at - newest < settings.mergeSeconds * secondMs) return { state: heard }

    const from = input.at - settings.windowHours * hourMs
    const events = [...state.events, input.at].filter((at) => at >= from).slice(-settings.events)
    const next = { ...heard, events }
    return events.length < settings.events
      ? { state: next }
      : { state: next, finding: findingOf(events, heard.retry, settings) }
  },
})

type Said = ElevatorValues & { readonly at: number }

/**
 * What this reading says of a door cycle with lock retries; undefined where it had none, or is not told. While the door is open after
 * a ride, the number is still that of the cycle before.
 */
function retryIn({ cycles }: State, said: Said): SaidOfEvent | undefined {
  const { at, doorLockRetries: value, doorCycles, floor, doorState } = said
  if (value === undefined || value === 0) return undefined
  const isOpen = doorState === 'open' || doorState === 'opening'
  return { value, at, count: doorCycles ?? cycles ?? undefined, floor, stands: isOpen ? false : standsBy(said) }
}

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, told: SaidOfEvent | undefined, isNew: boolean, settings: Settings): State {
  const { at, faultCode } = said
  const service = serviceAfter(was.service, said, settings.workCodes)
  const zone = said.doorZone ?? was.zone
  const retry = isNew && told !== undefined ? eventOf(told) : retryAfter(was.retry, said, told)
  const cycles = retry === null ? null : (said.doorCycles ?? was.cycles)

  const counts =
    settings.faultCodes.includes(faultCode ?? '') || (zone === true && settings.zoneCodes.includes(faultCode ?? ''))
  const code = isAtWork(service) ? null : faultCode === undefined ? was.code : counts ? faultCode : null
  const codeAt = code === null ? 0 : code === was.code ? was.codeAt : at

  const sameRetry = retry === was.retry && cycles === was.cycles
  if (sameRetry && zone === was.zone && service === was.service && code === was.code) return was
  return { service, zone, retry, cycles, code, codeAt, events: was.events }
}

/** After a reading that tells of no new cycle with retries. A counter that comes in a reading of its own is that of the cycle told before it. */
function retryAfter(was: Counted | null, said: Said, told: SaidOfEvent | undefined): Counted | null {
  if (was === null || said.doorLockRetries === 0) return null
  if (told !== undefined) return repeatedEvent(was, told)
  const [value, count, floor, at] = was
  return count === null && said.doorCycles !== undefined ? [value, said.doorCycles, floor, at] : was
}

/** A code has just gone, soon enough. */
function hasCleared({ code, codeAt }: State, { at, faultCode }: Said, settings: Settings): boolean {
  const gone = code !== null && faultCode !== undefined && settings.noneCodes.includes(faultCode)
  return gone && at - codeAt <= settings.selfClearSeconds * secondMs
}

function findingOf(events: readonly number[], retry: Counted | null, { windowHours }: Settings): Finding {
  const [first = 0] = events
  const hours = ((events.at(-1) ?? first) - first) / hourMs
  return {
    severity: 'warning',
    summary: `The door lock's contact failed and made again ${events.length} times within ${hours.toFixed(1)} h`,
    evidence: {
      events: events.length,
      withinHours: Number(hours.toFixed(2)),
      windowHours,
      lastRetries: retry?.[0] ?? 0,
    },
    since: first,
  }
}
