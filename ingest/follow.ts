import { setTimeout as delay } from 'node:timers/promises'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Service } from '../core/service.ts'
import type { Journal } from '../stores/journal/port.ts'

/** Someone who takes the journal in order, at a pace of their own. */
export interface Consumer<Batch> {
  readonly name: string
  /** Everything before it is done: where to go on after a restart. */
  readonly position: number
  /** The next batch it takes begins here; ahead of `position` by what it has taken and not yet done. */
  readonly next: number
  /**
   * Takes all of a batch; a restart at `position` makes whole what was not done by then.
   * @throws when it cannot now; what begins at `next` comes again
   */
  take(batch: Batch): Promise<void>
}

export interface BatchRange {
  readonly first: number
  readonly next: number
}

export interface ConsumerHealth {
  readonly name: string
  /** Everything before it is done. */
  readonly position: number
  /** Why it does not get on; null when it does. */
  readonly waitingFor: string | null
  readonly waitingSince: number | null
}

export interface Following extends Service {
  /** There is something new up to `head`. */
  wake(): void
  health(): ConsumerHealth[]
}

/** Each fsync of the journal brings a few messages; reading on after each would cost more than the messages do. */
const shortestRoundMs = 20
const shortestWaitMs = 250
const longestWaitMs = 5_000
const longestSleepMs = 1_000
/** Those that stand together share the decoding, so the quick wait for the slow, but not for one whose store hangs. */
const patienceMs = 500

/**
 * Reads the journal, decodes each batch once, and hands it to every consumer that stands there. A consumer that cannot take
 * it (its store is down, or hangs) waits and comes back to where it stood, while the others go on.
 */
export function followJournal<Batch extends BatchRange>(options: {
  journal: Journal
  batchBytes: number
  decode: (batch: Awaited<ReturnType<Journal['read']>>, first: number) => Promise<Batch>
  consumers: readonly Consumer<Batch>[]
  clock: () => number
  log: Log
}): Following {
  const { journal, batchBytes, decode, consumers, clock, log } = options
  const states = consumers.map((consumer) => ({
    consumer,
    waitMs: 0,
    waitUntil: 0,
    waitingFor: null as string | null,
    since: 0,
    busy: undefined as Promise<boolean> | undefined,
  }))
  type State = (typeof states)[number]
  let stopping = false
  let wakeUp = () => {}

  function recovered(state: State): void {
    if (state.waitingFor !== null) log.info({ consumer: state.consumer.name }, 'goes on after waiting')
    state.waitMs = 0
    state.waitingFor = null
  }

  function failed(state: State, cause: unknown): void {
    if (state.waitingFor === null) {
      state.since = clock()
      log.warn(
        { consumer: state.consumer.name, reason: reasonOf(cause) },
        'cannot go on; its part of the journal waits',
      )
    }
    state.waitingFor = reasonOf(cause)
    state.waitMs = Math.min(longestWaitMs, Math.max(shortestWaitMs, state.waitMs * 2))
    state.waitUntil = performance.now() + state.waitMs
  }

  /** Never rejects. Answers whether it moved. */
  async function attempt(state: State, batch: Promise<Batch | undefined>): Promise<boolean> {
    let moved = false
    try {
      const taken = await batch
      if (taken !== undefined) await state.consumer.take(taken)
      moved = taken !== undefined
      recovered(state)
    } catch (cause) {
      failed(state, cause)
    }
    state.busy = undefined
    if (moved) wakeUp()
    return moved
  }

  /** One batch for each consumer that is ready; those that stand at the same place share the decoding. */
  async function round(): Promise<boolean> {
    const batches = new Map<number, Promise<Batch | undefined>>()
    const batchAt = (position: number) => {
      const known = batches.get(position)
      if (known !== undefined) return known
      const made = journal
        .read(position, batchBytes)
        .then((read) => (read.next === position ? undefined : decode(read, position)))
      batches.set(position, made)
      return made
    }
    const attempts = states
      .filter((state) => state.busy === undefined && performance.now() >= state.waitUntil)
      .map((state) => {
        state.busy = attempt(state, batchAt(state.consumer.next))
        return state.busy
      })
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<boolean[]>((resolve) => {
      timer = setTimeout(resolve, patienceMs, [])
    })
    const moved = await Promise.race([Promise.all(attempts), patience])
    clearTimeout(timer)
    return moved.some(Boolean)
  }

  async function run(): Promise<void> {
    while (!stopping) {
      // made before the read, so nothing that comes during it is slept through
      const woken = new Promise<void>((resolve) => {
        wakeUp = resolve
      })
      const roundEnds = performance.now() + shortestRoundMs
      if (await round()) {
        const restMs = roundEnds - performance.now()
        if (restMs > 0) await delay(restMs)
        continue
      }
      const waits = states.some((state) => state.waitMs > 0)
      const timer = setTimeout(wakeUp, waits ? shortestWaitMs : longestSleepMs)
      await woken
      clearTimeout(timer)
    }
    await Promise.all(states.map((state) => state.busy))
  }

  const running = run()
  return {
    name: 'journal follower',
    wake: () => wakeUp(),
    health: () =>
      states.map(({ consumer, waitingFor, since }) => ({
        name: consumer.name,
        position: consumer.position,
        waitingFor,
        waitingSince: waitingFor === null ? null : since,
      })),
    async stop() {
      stopping = true
      wakeUp()
      await running
    },
  }
}
