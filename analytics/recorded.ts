import { dayMs, minuteMs, secondMs } from '../core/clock.ts'
import type { Evidence } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import type { Log } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import { orderTypeOf, type Severity } from '../core/severity.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { createAnalyticsHost } from './host.ts'
import type { RuleBook } from './rule-book.ts'
import { isSilence } from './stages/finding.ts'
import { holdOffMs } from './stages/hold-off.ts'

/** A stretch of time in which a condition held, as a recording shows it. Times in ms since 1970, the device's. */
export interface RecordedEpisode {
  /** Null when it is about a gateway. */
  readonly deviceId: string | null
  readonly gatewayId: string
  readonly finding: string
  /** The worst that it became. */
  readonly severity: Severity
  readonly occurredAt: number
  /** Of the reading or tick that completed the rule. */
  readonly detectedAt: number
  /** When it became as severe as `severity`; null when it was from the beginning. */
  readonly upgradedAt: number | null
  /** Since when it is over; null when the recording ends, or the rule leaves it to people, before. */
  readonly clearedAt: number | null
  /** What the live service would open for it alone. */
  readonly order: 'emergency' | 'planned' | null
  readonly summary: string
  readonly evidence: Evidence
}

export interface Recording {
  /** In the order of their arrival; the largest `receivedAt` so far is the time. */
  take(device: Device, reading: Reading): void
  /** Its facts or its gateway are known, or others, from now on. */
  deviceChanged(device: Device): void
  /** There is no more: what is still open is handed over. */
  end(): void
  readonly deviceCount: number
}

/** As the live service's. */
const tickMs = 5 * secondMs
/** Nothing from anyone for so long: the recording was interrupted, as if the service had been stopped. */
const interruptedMs = dayMs
/** A finding that no data end and that is not repeated for so long (wear is said once a day): its order would have been closed meanwhile. */
const forgottenMs = 2 * dayMs
const sweepEveryMs = minuteMs

interface Open {
  episode: RecordedEpisode
  /** Over from then on, unless it comes back before. */
  endsAt: number | null
  lastAt: number
}

/**
 * The live service's detectors over recorded readings: the same host, the same ticks, the same hold-off before an episode is over.
 * What several devices say together (a building's outage, a storm) is not seen here, but for one thing: the silence of a device is
 * explained by that of its gateway, and sends nobody.
 */
export function createRecording(options: {
  kinds: readonly DeviceKind[]
  /** Gateways that the recording does not name are not missed. */
  namesGateway: (gatewayId: string) => boolean
  onEpisode: (episode: RecordedEpisode) => void
  /** As they ship otherwise. */
  rules?: RuleBook
  /** False where no rule takes them and no gateway is missed: time then passes with the readings. */
  ticks?: boolean
  log: Log
}): Recording {
  const { namesGateway, onEpisode } = options
  const host = createAnalyticsHost({ kinds: options.kinds, log: options.log })
  if (options.rules !== undefined) host.rulesChanged(options.rules)
  const ticks = options.ticks ?? true
  const open = new Map<string, Open>()
  const gatewayOf = new Map<string, string>()
  let clock = Number.NEGATIVE_INFINITY
  let tickedAt = Number.NEGATIVE_INFINITY
  let sweptAt = Number.NEGATIVE_INFINITY
  let position = 0

  const mark = (receivedAt: number) => ({ position: position++, receivedAt })

  function hear(event: EpisodeEvent): void {
    const gatewayId = event.deviceId === null ? event.scope.id : (gatewayOf.get(event.deviceId) ?? '')
    if (event.deviceId === null && !namesGateway(gatewayId)) return
    const key = `${event.finding} ${event.scope.id}`
    // told by the times alone, as the live service does: not by when somebody looks
    endIfOver(key, event.detectedAt)
    const known = open.get(key)
    if (event.change === 'cleared') {
      if (known === undefined) return
      known.episode = { ...known.episode, clearedAt: event.at }
      known.endsAt = event.detectedAt + holdOffMs
    } else if (known === undefined) {
      begin(key, event, gatewayId)
    } else {
      known.endsAt = event.change === 'passed' ? event.detectedAt + holdOffMs : null
      known.lastAt = event.detectedAt
      known.episode = worsened(known.episode, event, orderOf(event, gatewayId))
    }
  }

  function orderOf({ change, finding, deviceId, severity }: EpisodeEvent, gatewayId: string): RecordedEpisode['order'] {
    const explained = isSilence(finding) && deviceId !== null && open.has(`gateway/silent ${gatewayId}`)
    return change === 'passed' || explained ? null : orderTypeOf(severity)
  }

  function begin(key: string, event: EpisodeEvent, gatewayId: string): void {
    const { deviceId, finding, severity, at, summary, evidence, change } = event
    const passed = change === 'passed'
    // what goes on after its order was closed begins anew, for the people it is sent to
    const occurredAt = change === 'opened' || passed ? event.occurredAt : at
    const order = orderOf(event, gatewayId)
    const times = { occurredAt, detectedAt: at, upgradedAt: null, clearedAt: passed ? at : null }
    const episode = { deviceId, gatewayId, finding, severity, ...times, order, summary, evidence }
    if (passed) onEpisode(episode)
    else open.set(key, { episode, endsAt: null, lastAt: event.detectedAt })
  }

  function endIfOver(key: string, now: number): void {
    const known = open.get(key)
    if (known === undefined) return
    const { episode, endsAt, lastAt } = known
    const over = endsAt !== null ? endsAt <= now : lastAt + forgottenMs <= now && !stillHolds(episode)
    if (!over) return
    open.delete(key)
    onEpisode(episode)
  }

  function sweep(): void {
    sweptAt = clock
    for (const key of open.keys()) endIfOver(key, clock)
  }

  /** A condition that data can end still holds while none has. */
  function stillHolds({ deviceId, finding }: RecordedEpisode): boolean {
    if (deviceId === null) return true
    return options.kinds.some(({ detectors }) => detectors.some(({ id, clears }) => id === finding && clears))
  }

  function passTime(until: number): void {
    if (tickedAt === Number.NEGATIVE_INFINITY || until - tickedAt > interruptedMs) {
      host.start(mark(until))
      tickedAt = until
    }
    // a tick of the very moment at which a reading was taken comes after it: it has to travel
    while (ticks && tickedAt + tickMs < until) {
      tickedAt += tickMs
      for (const event of host.tick(mark(tickedAt))) hear(event)
    }
    clock = until
    if (clock - sweptAt >= sweepEveryMs) sweep()
  }

  return {
    take(device, reading) {
      if (reading.receivedAt > clock) passTime(reading.receivedAt)
      gatewayOf.set(device.id, device.gatewayId)
      for (const event of host.message(device, [{ ...reading, receivedAt: clock }], mark(clock))) hear(event)
    },
    deviceChanged: (device) => host.deviceChanged(device),
    end() {
      for (const { episode } of open.values()) onEpisode(episode)
      open.clear()
    },
    get deviceCount() {
      return host.deviceCount
    },
  }
}

/** An episode that holds again is not over, and one that is worse now has the worse one's words and order. */
function worsened(episode: RecordedEpisode, event: EpisodeEvent, order: RecordedEpisode['order']): RecordedEpisode {
  const clearedAt = event.change === 'passed' ? event.at : null
  if (event.change !== 'upgraded') return episode.clearedAt === clearedAt ? episode : { ...episode, clearedAt }
  const { severity, summary, evidence, at } = event
  return { ...episode, severity, summary, evidence, clearedAt, upgradedAt: at, order }
}
