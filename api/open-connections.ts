import type { ServerResponse } from 'node:http'
import type { Viewer } from '../core/account.ts'
import { secondMs } from '../core/clock.ts'

const lookEveryMs = 2 * secondMs

/** A request that is not answered yet, a live stream above all. */
interface Open {
  readonly key: string
  readonly may: (viewer: Viewer) => boolean
}

/**
 * Who signed out, was removed or lost a role: what they have open is cut at the next look, whichever process did it.
 * @param viewerOf whose key it is; undefined when it is good no more
 */
export function watchOpenConnections(options: {
  viewerOf: (key: string) => Promise<Viewer | undefined>
  everyMs?: number
}) {
  const open = new Map<ServerResponse, Open>()
  let looking = false

  async function look(): Promise<void> {
    const viewers = new Map<string, Viewer | undefined>() // one look-up for all that a browser has open
    for (const [response, { key, may }] of [...open]) {
      if (!viewers.has(key)) viewers.set(key, await options.viewerOf(key))
      const viewer = viewers.get(key)
      if (viewer === undefined || !may(viewer)) response.destroy()
    }
  }

  const timer = setInterval(() => {
    if (looking) return
    looking = true
    // when the database is away, nothing is read from it for anyone; the next look asks again
    look()
      .catch(() => undefined)
      .finally(() => {
        looking = false
      })
  }, options.everyMs ?? lookEveryMs)
  timer.unref()

  return {
    add(response: ServerResponse, one: Open): void {
      open.set(response, one)
      response.once('close', () => open.delete(response))
    },
    remove: (response: ServerResponse) => void open.delete(response),
    stop: () => clearInterval(timer),
  }
}
