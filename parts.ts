import { reasonOf } from './core/errors.ts'
import type { Log } from './core/log.ts'

/** What has been started so far, so that it can be stopped again. */
export interface Parts {
  /** How to stop a part that has just been started. @throws when the start was aborted meanwhile */
  push(stop: () => unknown): void
  /** In reverse order; one that fails to stop does not keep the others running. What is pushed later is stopped as it comes. */
  stopAll(): Promise<void>
}

export function createParts(log: Log, whileStarting: AbortSignal): Parts {
  const stops: (() => unknown)[] = []
  let stopping = false

  const stopOne = (stop: () => unknown) =>
    Promise.resolve()
      .then(stop)
      .catch((cause: unknown) => log.error({ reason: reasonOf(cause) }, 'could not stop cleanly'))

  return {
    push(stop) {
      if (stopping) stopOne(stop)
      else stops.push(stop)
      whileStarting.throwIfAborted()
    },
    async stopAll() {
      stopping = true
      for (const stop of stops.splice(0).reverse()) await stopOne(stop)
    },
  }
}
