import { z } from 'zod'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { type Detector, defineDetector } from '../core/detector.ts'

/** Readings that follow sooner are passed over: a device that reports so often has the shortest limit anyway, and costs nothing. */
const lookEveryMs = minuteMs

interface State {
  /** The newest reading that was looked at, ms; 0 before the first. */
  readonly lastAt: number
  /** How far its readings usually lie apart, ms; 0 while it is not known. */
  readonly usualMs: number
  /** When its silence was last reported, ms; 0 while it is not silent. */
  readonly saidAt: number
  /** A silence that was long when it was first seen, and how long; absent while there is none to wait for. */
  readonly found?: { readonly at: number; readonly silentMs: number }
}

/**
 * A kind's `<kind>/silent`: a device has sent nothing for much longer than it ever pauses.
 *
 * Nothing is known of it meanwhile: what was found before stays as it was, and new dangers are not seen. At first that is only shown,
 * for most devices come back by themselves; one that stays away for a day needs a visit. Who never reported is not silent.
 *
 * Limit    ten times as long as one of its samples stays fresh, but `timesUsual` its own usual interval where it reports rarely.
 *          The interval is a mean over some 16 readings, a minute apart at least; a pause counts in it for no more than the limit
 * Waits    `catchUpSeconds` where the silence is longer by a minute than the limit when it is first seen: whoever begins with a backlog, or
 *          is met after our own start, is silent if its readings do not come nearer to now in twice the time that passes
 * Input    any reading; ticks. After a start of the service the host gives everyone time to be heard again
 * Finding  info, warning after `warningHours`; said again every `repeatHours`, so that an order closed by mistake comes back
 * Clears   at the first tick by which its newest reading is not older than the limit: what comes an hour late, at its own pace, tells nothing
 *          of now
 * Memory   three numbers per device; they change once a minute and when something is said or waited for, never at a mere tick
 * Source   all durations are unverified defaults
 */
export function defineSilent({
  id,
  telemetry,
  freshSeconds,
}: {
  readonly id: `${string}/silent`
  readonly telemetry: z.ZodObject
  readonly freshSeconds: number
}): Detector {
  return defineDetector({
    id,
    about: {
      finds: 'The device has sent nothing for much longer than it ever pauses.',
      severities: ['info', 'warning'],
      source: 'All durations are unverified defaults',
      traps: [
        'one that reports every 14 minutes',
        'one that misses a minute now and then',
        'a new one that begins with a backlog of days',
      ],
    },
    clears: true,
    reads: z.object({}),
    mayRead: telemetry,
    ticks: true,
    bounds: { silentSeconds: [60, 86_400] },
    settings: {
      silentSeconds: 10 * freshSeconds,
      timesUsual: 5,
      usualReadings: 16,
      catchUpSeconds: 300,
      warningHours: 24,
      repeatHours: 24,
    },
    initial: { lastAt: 0, usualMs: 0, saidAt: 0 } as State,

    step(state, input, settings) {
      const limitMs = Math.max(settings.silentSeconds * secondMs, settings.timesUsual * state.usualMs)
      if (!input.tick) {
        if (input.at - state.lastAt < lookEveryMs) return { state }
        const usualMs = usualAfter(state, input.at, limitMs, settings.usualReadings)
        return { state: readingSeen(state, input.at, usualMs) }
      }

      if (state.lastAt === 0) return { state }
      const silentMs = input.at - input.lastReadingAt
      if (silentMs < limitMs) {
        if (state.saidAt !== 0) return { state: heard(state), cleared: true }
        return { state: state.found === undefined ? state : heard(state) }
      }
      if (state.saidAt === 0 && silentMs >= limitMs + minuteMs) {
        const found = waitFor(state.found, { at: input.at, silentMs }, settings.catchUpSeconds * secondMs)
        if (found !== undefined) return { state: found === state.found ? state : { ...state, found } }
      }
      const worsensAt = input.lastReadingAt + settings.warningHours * hourMs
      const worsens = input.at >= worsensAt && state.saidAt < worsensAt
      const due = state.saidAt === 0 || worsens || input.at - state.saidAt >= settings.repeatHours * hourMs
      if (!due) return { state }

      return {
        state: { ...heard(state), saidAt: input.at },
        finding: {
          severity: input.at >= worsensAt ? 'warning' : 'info',
          summary: summaryOf(silentMs, state.usualMs),
          evidence: {
            silentSeconds: Math.round(silentMs / secondMs),
            usualSeconds: isRare(state.usualMs) ? Math.round(state.usualMs / secondMs) : null,
            limitSeconds: Math.round(limitMs / secondMs),
          },
          since: input.lastReadingAt,
        },
      }
    },
  })
}

type Found = NonNullable<State['found']>

/** What to go on waiting for; undefined once it was waited for long enough, and its readings have not come nearer to now. */
function waitFor(found: Found | undefined, now: Found, catchUpMs: number): Found | undefined {
  if (found === undefined) return now
  const waitedMs = now.at - found.at
  if (waitedMs < catchUpMs) return found
  return now.silentMs <= found.silentMs - waitedMs ? now : undefined
}

/** Spelled out: spreading costs more than all the rest of the step. */
function readingSeen({ saidAt, found }: State, lastAt: number, usualMs: number): State {
  return found === undefined ? { lastAt, usualMs, saidAt } : { lastAt, usualMs, saidAt, found }
}

/** Silent no longer, and nothing to wait for. */
function heard({ lastAt, usualMs }: State): State {
  return { lastAt, usualMs, saidAt: 0 }
}

function usualAfter({ lastAt, usualMs }: State, at: number, limitMs: number, readings: number): number {
  if (lastAt === 0) return 0
  const apartMs = Math.min(at - lastAt, limitMs)
  return Math.round(usualMs === 0 ? apartMs : usualMs + (apartMs - usualMs) / readings)
}

/** A device that reports several times a minute is seen about once a minute. */
function isRare(usualMs: number): boolean {
  return usualMs >= 2 * lookEveryMs
}

function summaryOf(silentMs: number, usualMs: number): string {
  const usually = isRare(usualMs) ? `; it usually reports every ${duration(usualMs)}` : ''
  return `Nothing heard for ${duration(silentMs)}${usually}`
}

function duration(ms: number): string {
  return ms < 2 * hourMs ? `${Math.round(ms / minuteMs)} min` : `${Math.round(ms / hourMs)} h`
}
