import { setTimeout as delay } from 'node:timers/promises'
import type { Device } from '../core/device.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { reasonOf, StoreUnavailable } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { QuarantineItem } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import type { Moment } from '../stores/journal/port.ts'
import type { SnapshotStore } from '../stores/snapshots/port.ts'
import { byGateway } from './by-gateway.ts'
import type { AnalyticsHost } from './host.ts'
import { type RuleBook, shippedRules } from './rule-book.ts'

/** What analytics needs of a decoded stretch of the journal. */
export interface AnalysedBatch {
  readonly first: number
  readonly next: number
  readonly items: readonly (
    | { type: 'message'; position: number; receivedAt: number; device: Device; readings: readonly Reading[] }
    | { type: 'clock-ahead'; position: number; receivedAt: number; gatewayId: string; aheadMs: number }
    | Moment
  )[]
  readonly quarantined: readonly QuarantineItem[]
}

export interface Analysis {
  readonly name: string
  readonly position: number
  readonly next: number
  /** Where a restart would go on: the position of the last snapshot. */
  readonly savedPosition: number
  readonly analysed: number
  /** Events that could not be recorded and never will: each is a danger that nobody is told of. */
  readonly leftOut: number
  take(batch: AnalysedBatch): Promise<void>
  /** Writes down what is known, so that a restart goes on from here. Not while a batch is being taken. */
  snapshot(): Promise<void>
}

const snapshotEveryMs = 30_000

/** Events in one transaction: they share its round trips, and the first of them waits for the last. */
const recordedTogether = 32

/** How long one turn of the detectors may take before others get theirs (API queries, the history's commit). */
const turnMs = 20

/**
 * The detectors' way through the journal. The effects of a batch (quarantine, incidents, orders) are applied before the
 * position moves; a restart before that finds the same events again, and applying them twice changes nothing.
 */
export function createAnalysis(options: {
  host: AnalyticsHost
  snapshots: SnapshotStore
  journalId: string
  startAt: number
  /** Rules as they were at a version. */
  rulesAt: (version: number) => Promise<RuleBook>
  /** Incidents and orders in one transaction: of all these events, or of none. */
  record: (events: readonly EpisodeEvent[]) => Promise<void>
  quarantine: (items: readonly QuarantineItem[]) => Promise<void>
  log: Log
}): Analysis {
  const { host, snapshots, journalId, record, quarantine, log } = options
  let position = options.startAt
  let leftOut = 0
  let savedPosition = options.startAt
  let analysed = 0
  /** Stepped through, but its effects are not all applied: the detectors must not see it twice. */
  let unfinished: { next: number; events: EpisodeEvent[]; quarantined: readonly QuarantineItem[] } | undefined
  let unsaved = new Map<string, string>()
  let snapshotAt = performance.now() + snapshotEveryMs

  /** Before anything is stepped: a store that is down must not find half a batch done. */
  async function booksFor({ items }: AnalysedBatch): Promise<Map<number, RuleBook>> {
    const books = new Map<number, RuleBook>()
    for (const item of items) if (item.type === 'rules') books.set(item.version, await options.rulesAt(item.version))
    return books
  }

  async function step(batch: AnalysedBatch): Promise<NonNullable<typeof unfinished>> {
    const books = await booksFor(batch)
    const events: EpisodeEvent[] = []
    let turnEnds = performance.now() + turnMs
    for (const item of byGateway(batch.items)) {
      if (item.type === 'message') {
        for (const event of host.message(item.device, item.readings, item)) events.push(event)
        analysed += item.readings.length
      } else if (item.type === 'clock-ahead') {
        host.clockAhead(item.gatewayId, item.aheadMs, item)
      } else if (item.type === 'tick') {
        for (const event of host.tick(item)) events.push(event)
      } else if (item.type === 'rules') {
        host.rulesChanged(books.get(item.version) ?? shippedRules)
      } else if (item.type === 'work') {
        host.workDone(item.deviceId, item.finding)
      } else {
        host.start(item)
      }
      if (performance.now() > turnEnds) {
        await delay(0)
        turnEnds = performance.now() + turnMs
      }
    }
    events.sort((a, b) => a.position - b.position)
    return { next: batch.next, events, quarantined: batch.quarantined }
  }

  /** A store that is down is waited for; what it can never take is named, counted, and must not hold up what comes behind. */
  async function attempt(event: EpisodeEvent): Promise<void> {
    await record([event]).catch((cause: unknown) => {
      if (cause instanceof StoreUnavailable) throw cause
      leftOut += 1
      const { deviceId: device, finding, severity, position } = event
      const fields = { device, finding, severity, position, reason: reasonOf(cause) }
      log.error(fields, 'the operations store will never take this event: no incident, no order')
    })
  }

  /** False when it failed, whichever of them it was, or whoever was in the way: then each is tried alone. */
  async function attemptTogether(events: readonly EpisodeEvent[]): Promise<boolean> {
    if (events.length === 1) return false
    return record(events).then(
      () => true,
      (cause: unknown) => {
        log.warn({ events: events.length, reason: reasonOf(cause) }, 'not recorded together: each is tried alone')
        return false
      },
    )
  }

  async function apply(work: NonNullable<typeof unfinished>): Promise<void> {
    // what is done is taken off, so that a failure in the middle repeats only the rest
    while (work.events.length > 0) {
      const some = work.events.slice(0, recordedTogether)
      if (await attemptTogether(some)) work.events.splice(0, some.length)
      else {
        for (const event of some) {
          await attempt(event)
          work.events.shift()
        }
      }
    }
    await quarantine(work.quarantined)
    work.quarantined = []
  }

  async function snapshot(): Promise<void> {
    snapshotAt = performance.now() + snapshotEveryMs
    if (unfinished !== undefined) return // its effects are still to come: the last snapshot repeats them
    unsaved = new Map([...unsaved, ...host.takeChanges()])
    const mark = { journalId, position }
    await snapshots.save({ ...mark, entries: unsaved }).then(
      () => {
        unsaved = new Map()
        savedPosition = mark.position
      },
      (cause: unknown) =>
        log.warn({ reason: reasonOf(cause) }, 'no snapshot was saved; a restart replays from the last one'),
    )
  }

  return {
    name: 'analytics',
    get position() {
      return position
    },
    get next() {
      return position
    },
    get savedPosition() {
      return savedPosition
    },
    get analysed() {
      return analysed
    },
    get leftOut() {
      return leftOut
    },

    async take(batch) {
      unfinished ??= await step(batch)
      await apply(unfinished)
      position = unfinished.next
      unfinished = undefined
      if (performance.now() >= snapshotAt) await snapshot()
    },

    snapshot,
  }
}
