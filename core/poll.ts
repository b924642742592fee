import { setTimeout as delay } from 'node:timers/promises'
import { reasonOf } from './errors.ts'

export interface Poll {
  start(): void
  /** Waits for what is being done. */
  stop(): Promise<void>
  /** Aborted from `stop` on, for work of many steps. */
  readonly stopped: AbortSignal
}

/** Works again `everyMs` after it has worked, whatever went wrong, until it is stopped. */
export function createPoll(options: {
  work: () => Promise<unknown>
  everyMs: number
  onFailure: (reason: string) => void
}): Poll {
  const { work, everyMs, onFailure } = options
  const stopping = new AbortController()
  const stopped = stopping.signal
  let running = Promise.resolve()

  async function loop(): Promise<void> {
    while (!stopped.aborted) {
      await work().catch((cause: unknown) => onFailure(reasonOf(cause)))
      await delay(everyMs, undefined, { signal: stopped }).catch(() => {})
    }
  }

  return {
    start() {
      running = loop()
    },
    async stop() {
      stopping.abort()
      await running
    },
    stopped,
  }
}
