import { secondMs } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { OrderEvent } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { createWatchWaiting } from '../plans/watch-waiting.ts'
import { createBury } from './bury.ts'
import { createKeepSent } from './keep-sent.ts'
import type { Means } from './send-notice.ts'
import { type Queue, serveChannel } from './serve-channel.ts'

const pollMs = secondMs

export interface Outbox {
  readonly name: 'outbox'
  start(): void
  /** Something was written: look now, not at the next second. */
  wake(): void
  /** Sends what is due, and resolves when nothing of it is on its way any more. */
  runOnce(): Promise<void>
  /** Takes nothing new; what is on its way arrives or is let go of within 5 s. */
  stop(): Promise<void>
}

export interface OutboxOptions extends Omit<Means, 'keepSent' | 'bury'> {
  readonly recordEvent: (unit: Operations, orderId: string, event: OrderEvent, idempotencyKey?: string) => Promise<void>
}

/**
 * Sends what the outbox holds: at least once, each time with the same key. Each channel has its own queue and its own few
 * messages on the way, so one slow receiver delays no other. What is here is only in the database, so it may be killed at any
 * moment: the lease of what it had taken ends, and it is due again.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { operations, clock, log } = options
  const means: Means = { ...options, keepSent: createKeepSent(options), bury: createBury(options) }
  const watchWaiting = createWatchWaiting(options)
  const queues = new Map<string, Queue>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let watching: Promise<void> | undefined
  let lookOnceMore = false
  let stopped = false

  async function look(): Promise<void> {
    while (lookOnceMore && !stopped) {
      lookOnceMore = false
      for (const channelId of await operations.dueChannels(clock())) serve(channelId)
    }
  }

  function wake(): void {
    if (stopped) return
    lookOnceMore = true
    looking ??= look()
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'the outbox could not be read'))
      .finally(() => {
        looking = undefined
        if (lookOnceMore) wake()
      })
  }

  function watch(): void {
    if (stopped) return
    watching ??= watchWaiting(clock())
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'whether crews could be told was not looked at'))
      .finally(() => {
        watching = undefined
      })
  }

  function serve(channelId: string): void {
    const queue = queues.get(channelId) ?? { sending: new Set(), open: new Set(), serving: undefined, again: false }
    queues.set(channelId, queue)
    if (queue.serving !== undefined) {
      queue.again = true
      return
    }
    queue.again = false
    queue.serving = serveChannel(means, channelId, queue, () => stopped)
      .catch((cause) => log.warn({ channelId, reason: reasonOf(cause) }, 'a channel could not be served'))
      .finally(() => {
        queue.serving = undefined
        if (queue.again && !stopped) serve(channelId)
      })
  }

  async function idle(): Promise<void> {
    const busy = () => [...queues.values()].flatMap(({ serving, open }) => [...(serving ? [serving] : []), ...open])
    while (looking !== undefined || watching !== undefined || busy().length > 0) {
      await Promise.all([looking, watching, ...busy()])
    }
  }

  return {
    name: 'outbox',
    start() {
      const poll = () => {
        wake()
        watch()
      }
      timer = setInterval(poll, pollMs)
      poll()
    },
    wake,
    async runOnce() {
      wake()
      watch()
      await idle()
    },
    async stop() {
      stopped = true
      lookOnceMore = false
      clearInterval(timer)
      await idle()
    },
  }
}
