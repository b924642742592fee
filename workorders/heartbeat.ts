import { minuteMs, secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

const everyMs = minuteMs
const timeoutMs = 5 * secondMs

export interface Heartbeat {
  /** Once, if all is well. Answers whether it was called and heard. */
  beat(): Promise<boolean>
  start(): void
  /** Resolves when no call is under way. */
  stop(): Promise<void>
}

/**
 * Calls a URL outside every minute while all is well, and never when it is not: whoever waits for it there rings when it
 * does not come. So they learn that Liftwatt is dead, cut off, or not well, which it could not tell them itself.
 */
export function createHeartbeat(options: {
  /** HEARTBEAT_URL. It often holds a secret, and is not logged. */
  url: string
  /** Why it is not well; null when it is. */
  problem: () => Promise<string | null>
  log: Log
}): Heartbeat {
  const { url, problem, log } = options
  const { host } = new URL(url)
  let timer: NodeJS.Timeout | undefined
  let calling: Promise<boolean> | undefined

  async function beat(): Promise<boolean> {
    try {
      const wrong = await problem()
      if (wrong !== null) {
        log.warn({ host, reason: wrong }, 'no heartbeat: it is not well')
        return false
      }
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
      await response.body?.cancel()
      if (response.ok) return true
      log.warn({ host, status: response.status }, 'the heartbeat was not taken')
    } catch (cause) {
      // fetch says only that it failed; why is in its cause
      const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
      log.warn({ host, reason: reasonOf(inner) }, 'the heartbeat did not arrive')
    }
    return false
  }

  function next(): void {
    // one that hangs is not joined by others
    calling ??= beat().finally(() => {
      calling = undefined
    })
  }

  return {
    beat,
    start() {
      if (timer !== undefined) return
      next()
      timer = setInterval(next, everyMs)
    },
    async stop() {
      clearInterval(timer)
      await calling
    },
  }
}
