import { type Clock, minuteMs, secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

const everyMs = minuteMs
/** Until it was well for the first time: its parts are only starting. */
const startingMs = secondMs
const timeoutMs = 5 * secondMs

/** Why it is not well; null when it is. */
export type Problem = () => Promise<string | null>

export interface Heartbeat {
  /** Once, if all is well. Answers whether it was called and heard. */
  beat(problem: Problem): Promise<boolean>
  /** Never red, for the service itself is as well as it was: only nobody outside hears it. */
  check(): { readonly name: string; readonly ok: true; readonly text: string }
  /** Whether the last call was not taken, or there was none because it was not well. */
  isFailing(): boolean
  start(problem: Problem): void
  /** Resolves when no call is under way. */
  stop(): Promise<void>
}

/**
 * Calls a URL outside every minute while all is well, and never when it is not: whoever waits for it there rings when it
 * does not come. So they learn that Liftwatt is dead, cut off, or not well, which it could not tell them itself.
 */
export function createHeartbeat(options: {
  /** HEARTBEAT_URL. It often holds a secret, and is neither logged nor shown. */
  url: string
  clock: Clock
  log: Log
}): Heartbeat {
  const { url, clock, log } = options
  const { host } = new URL(url)
  let timer: NodeJS.Timeout | undefined
  let calling: Promise<unknown> | undefined
  let isStopped = false
  let heardAt: number | undefined
  let failing: (Failure & { readonly since: number }) | undefined
  let said: { reason: string; at: number } | undefined

  async function beat(problem: Problem): Promise<boolean> {
    const failure = await failureOf(problem)
    if (failure === undefined) {
      heardAt = clock()
      failing = undefined
      return true
    }
    failing = { ...failure, since: failing?.since ?? clock() }
    say(failure.reason)
    return false
  }

  async function failureOf(problem: Problem): Promise<Failure | undefined> {
    const wrong = await problem().catch(reasonOf)
    if (wrong !== null) return { isCalled: false, reason: `it is not well: ${wrong}` }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
      await response.body?.cancel()
      return response.ok ? undefined : { isCalled: true, reason: `${host} answered with status ${response.status}` }
    } catch (cause) {
      // fetch says only that it failed; why is in its cause
      const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
      return { isCalled: true, reason: `${host} was not reached: ${reasonOf(inner)}` }
    }
  }

  /** Once a minute, or when it is another reason. */
  function say(reason: string): void {
    if (said?.reason === reason && clock() - said.at < everyMs) return
    said = { reason, at: clock() }
    log.warn({ reason }, 'no heartbeat')
  }

  function goOn(problem: Problem): void {
    const beganAt = performance.now()
    calling = beat(problem).then(() => {
      const isStarting = heardAt === undefined && failing?.isCalled === false
      // from beginning to beginning: a receiver that rings after a minute waits for no answer of its own
      const restMs = Math.max(0, everyMs - (performance.now() - beganAt))
      if (!isStopped) timer = setTimeout(goOn, isStarting ? startingMs : restMs, problem)
    })
  }

  function text(): string {
    if (failing === undefined) return heardAt === undefined ? 'not sent yet' : `heard at ${iso(heardAt)}`
    const before = heardAt === undefined ? '' : ` (before at ${iso(heardAt)})`
    return `not heard since ${iso(failing.since)}${before}: ${failing.reason}`
  }

  return {
    beat,
    check: () => ({ name: 'heartbeat', ok: true, text: text() }),
    isFailing: () => failing !== undefined,
    start(problem) {
      if (calling === undefined) goOn(problem)
    },
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await calling
    },
  }
}

interface Failure {
  /** False = it was not called, for it is not well. */
  readonly isCalled: boolean
  readonly reason: string
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
