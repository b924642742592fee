import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { Detector, Step, Tick } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Reading, Values } from '../core/reading.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { type DeviceMemory, endOrphan, readMemory, statusOf, writtenMemory } from './device-memory.ts'
import { follow, netEvent, type Touched } from './episodes.ts'
import { factsOf, isOff } from './facts.ts'
import { createGatewayWatch } from './gateways.ts'
import type { DeviceStatus } from './health.ts'
import { pace, timeOnceRight } from './put-right.ts'
import { readingInput } from './reading-input.ts'
import { type RuleBook, shippedRules } from './rule-book.ts'
import { lagMs, observeOwnSkew, observeSkew, type Skew, skewMs } from './skew.ts'

/** Where in the journal we are: what happened there is dated by it. */
export interface EntryMark {
  readonly position: number
  readonly receivedAt: number
}

export interface AnalyticsHost {
  /** Readings of one message, oldest first. Those older than the device's newest are history and go past the detectors, but for a clock put right. */
  message(device: Device, readings: readonly Reading[], entry: EntryMark): readonly EpisodeEvent[]
  /** A message of this gateway that nothing could be used of: it is there, and its clock is so far ahead of ours, ms. */
  clockAhead(gatewayId: string, aheadMs: number, entry: EntryMark): void
  tick(entry: EntryMark): EpisodeEvent[]
  /** The service was started: a device that could not reach us meanwhile is not silent yet. */
  start(entry: EntryMark): void
  /** What changed since the last call, to be saved; see `restore`. */
  takeChanges(): Map<string, string>
  restore(entries: ReadonlyMap<string, string>, deviceOf: (id: string) => Device | undefined): void
  /** A device's facts, site or gateway changed; or it is retired, and everything about it is forgotten. */
  deviceChanged(device: Device): void
  /** Rules are as this book says from now on. */
  rulesChanged(book: RuleBook): void
  /** Of the book in force; after `restore` the one that was, which is to be given to `rulesChanged`. */
  readonly rulesVersion: number
  /** Work on the device that this finding asked for is done: what was learned of the worn part is forgotten. */
  workDone(deviceId: string, finding: string): void
  /** Of those of these devices that were heard. */
  statusOf(deviceIds: readonly string[]): Map<string, DeviceStatus>
  /** When those of these devices were heard that were; the time of the newest reading, but not after it reached us, ms since 1970. */
  heardAtOf(deviceIds: readonly string[]): Map<string, number>
  /** The same of gateways: when each was last heard, and how far its clock is ahead (behind: negative), ms; null while nobody can know. */
  gatewaysOf(gatewayIds: readonly string[]): Map<string, { heardAt: number; clockAheadMs: number | null }>
  readonly deviceCount: number
  /** Rules that have thrown since the start, per device: they see nothing there. */
  readonly brokenRules: number
}

const devicePrefix = 'device/'
const gatewayPrefix = 'gateway/'
const gatewaySilencePrefix = 'gateway-silence/'
/** Since when we listen without a break, and the last tick or start, from which a break is seen. */
const startKey = 'start'
const tickKey = 'tick'
const rulesKey = 'rules'
/** Ticks come every 5 s. Further apart, we were stopped, or the clock was set: nobody could be heard, as before a start. Unverified default. */
const pauseMs = minuteMs
/**
 * So many times as long as its samples stay fresh, a device that was last heard before we listened has to come back in, before it
 * can be called silent. Unverified default.
 */
const graceFreshTimes = 10
/** Who was not heard for the first, while we listened, is looked at once a minute only, for the second once an hour: nothing but its silence goes on. Unverified defaults. */
const rarelyAfterMs = hourMs
const seldomAfterMs = 2 * dayMs

/**
 * Runs every detector of every device over the journal's entries, in their order. Holds all state and no clock, so the same
 * entries always give the same events, wherever the process was stopped and started again in between.
 */
export function createAnalyticsHost(options: { kinds: readonly DeviceKind[]; log: Log }): AnalyticsHost {
  const kinds = new Map(options.kinds.map((kind) => [kind.id, kind]))
  const memories = new Map<string, DeviceMemory>()
  /** What was decoded before they were retired still comes. */
  const retired = new Set<string>()
  /** Since the last snapshot, which has them. */
  const forgotten = new Set<string>()
  const skews = new Map<string, Skew>()
  const changedGateways = new Set<string>()
  const brokenDetectors = new Set<string>()
  const gateways = createGatewayWatch()
  /** Of the device that is looked at; forgotten before the next. */
  const touched: Touched = new Map()
  let listeningSince = Number.NEGATIVE_INFINITY
  let tickedAt: number | undefined
  let timesChanged = false
  let book: RuleBook = shippedRules
  let rulesVersion = book.version

  function memoryOf(device: Device): DeviceMemory | undefined {
    const known = memories.get(device.id)
    if (known !== undefined) return known
    const kind = kinds.get(device.kind)
    if (kind === undefined || device.retiredAt != null || retired.has(device.id)) return undefined
    const memory: DeviceMemory = {
      device,
      kind,
      ...rulesAndFacts(kind, device),
      newestAt: Number.NEGATIVE_INFINITY,
      rightAt: null,
      ownSkew: undefined,
      firstAt: Number.NEGATIVE_INFINITY,
      coveredMs: 0,
      newestValues: {},
      lastReceivedAt: Number.NEGATIVE_INFINITY,
      states: kind.detectors.map((detector) => detector.initial),
      episodes: kind.detectors.map(() => undefined),
      orphans: undefined,
      changed: true,
    }
    memories.set(device.id, memory)
    gateways.joined(device.gatewayId)
    return memory
  }

  function forget({ device: { id, gatewayId } }: DeviceMemory): void {
    memories.delete(id)
    forgotten.add(id)
    gateways.left(gatewayId)
  }

  function rulesAndFacts(kind: DeviceKind, device: Device) {
    const facts = factsOf(kind, device)
    const rules = book.rulesOf(device, kind)
    const active = kind.detectors.flatMap((rule, index) =>
      rules[index]?.enabled === false || isOff(rule, facts) ? [] : [index],
    )
    return { facts, rules, active, ticking: active.filter((index) => kind.detectors[index]?.ticks) }
  }

  /** The time of a tick; after a pause it is a start. Answers since when a device must have been heard to be looked at now. */
  function listen({ receivedAt }: EntryMark): number {
    const isNew = (ms: number) => Math.floor(receivedAt / ms) !== Math.floor((tickedAt ?? 0) / ms)
    const allMs = isNew(hourMs) ? Number.POSITIVE_INFINITY : isNew(minuteMs) ? seldomAfterMs : rarelyAfterMs
    if (tickedAt !== undefined && Math.abs(receivedAt - tickedAt) > pauseMs) listeningSince = receivedAt
    tickedAt = receivedAt
    timesChanged = true
    return receivedAt - allMs
  }

  /** It may have had no one to tell: only the silence of those who could be heard says anything. */
  function isInGrace({ kind, lastReceivedAt }: DeviceMemory, { receivedAt }: EntryMark): boolean {
    const graceMs = graceFreshTimes * kind.freshSeconds * secondMs
    return lastReceivedAt < listeningSince && receivedAt - listeningSince < graceMs
  }

  function tickDevice(memory: DeviceMemory, entry: EntryMark): void {
    if (memory.ticking.length === 0) return
    const input = tickFor(memory, entry)
    if (input === undefined || (!input.fresh && isInGrace(memory, entry))) return

    for (const index of memory.ticking) {
      const before = memory.states[index]
      run(memory, index, input, input.fresh)
      if (memory.states[index] !== before) memory.changed = true
    }
  }

  function safely(
    detector: Detector,
    memory: DeviceMemory,
    index: number,
    input: object,
    fresh: boolean,
  ): Step<unknown> {
    const state = memory.states[index]
    try {
      const step = detector.step(state, input, memory.rules[index]?.settings ?? detector.settings, memory.facts)
      return memory.orphans === undefined ? step : endOrphan(memory, index, step, fresh)
    } catch (cause) {
      // one faulty rule on one device must not hide what the others see; named once, not at every reading
      const key = `${detector.id} ${memory.device.id}`
      if (!brokenDetectors.has(key)) {
        brokenDetectors.add(key)
        options.log.error(
          { finding: detector.id, device: memory.device.id, reason: reasonOf(cause) },
          'a detector failed',
        )
      }
      return { state }
    }
  }

  /** One reading or tick through one detector; what it did to the detector's episode is noted in `touched`. */
  function run(memory: DeviceMemory, index: number, input: { at: number }, fresh: boolean): void {
    const detector = memory.kind.detectors[index]
    if (detector === undefined) return
    const step = safely(detector, memory, index, input, fresh)
    memory.states[index] = step.state
    if (step.finding === undefined && step.cleared === undefined) return
    memory.episodes[index] = follow(touched, index, memory.episodes[index], detector, step, input.at, fresh)
  }

  /** How far its clock is behind ours, ms: its gateway's, or its own; undefined while nobody can know. */
  function lagOf({ device, ownSkew }: DeviceMemory, receivedAt: number): number | undefined {
    const lag = lagMs(skews.get(device.gatewayId), receivedAt)
    if (lag === undefined || ownSkew === undefined) return lag
    return Math.max(lag, lagMs(ownSkew, receivedAt) ?? 0)
  }

  /** Its own time by now; undefined when that cannot be known, or is no later than what it said itself. */
  function tickFor(memory: DeviceMemory, { receivedAt }: EntryMark): Tick | undefined {
    const { kind, newestAt, rightAt, lastReceivedAt } = memory
    const lag = lagOf(memory, receivedAt)
    if (lag === undefined) return undefined
    // the second for a device whose clock is ahead: it would otherwise have no ticks until ours has caught up
    const passedMs = (receivedAt - lastReceivedAt) * (rightAt === null ? 1 : pace)
    const at = Math.max(receivedAt - lag, newestAt + Math.floor(passedMs))
    if (at <= newestAt) return undefined
    return { tick: true, at, fresh: at - newestAt <= kind.freshSeconds * secondMs, lastReadingAt: newestAt }
  }

  function events(memory: DeviceMemory, entry: EntryMark): EpisodeEvent[] {
    const found: EpisodeEvent[] = []
    for (const [index, before] of touched) {
      const detector = memory.kind.detectors[index]
      if (detector === undefined) continue
      const { event, episode } = netEvent(before, memory.episodes[index], entry.receivedAt)
      memory.episodes[index] = episode
      if (event === undefined) continue
      found.push({
        ...event,
        scope: { type: 'device', id: memory.device.id },
        deviceId: memory.device.id,
        finding: detector.id,
        receivedAt: memory.lastReceivedAt,
        detectedAt: entry.receivedAt,
        ruleVersion: memory.rules[index]?.version ?? 0,
        position: entry.position,
      })
    }
    return found
  }

  function takeReading(memory: DeviceMemory, reading: Reading, fresh: boolean, deviceNow: number): void {
    if (reading.at === memory.newestAt || reading.at === memory.rightAt) {
      takeAddition(memory, reading, fresh)
    } else if (reading.at > memory.newestAt) {
      memory.rightAt = null
      takeValues(memory, reading.at, reading.values, fresh)
    } else {
      const at = timeOnceRight(memory, reading.at, deviceNow)
      if (at === undefined) return
      memory.rightAt = reading.at
      takeValues(memory, at, reading.values, fresh)
    }
  }

  function takeValues(memory: DeviceMemory, at: number, values: Values, fresh: boolean): void {
    if (memory.firstAt === Number.NEGATIVE_INFINITY) memory.firstAt = at
    else memory.coveredMs += Math.min(at - memory.newestAt, memory.kind.freshSeconds * secondMs)
    memory.newestAt = at
    memory.newestValues = values
    const input = readingInput(memory.kind, at, values)
    const { needed, found } = countCalls(memory.kind, values)
    for (const index of memory.active) {
      if ((found[index] as number) >= (needed[index] as number)) run(memory, index, input, fresh)
    }
  }

  /** A second message for the same moment: only what it adds counts, and no detector sees the same metric twice. */
  function takeAddition(memory: DeviceMemory, reading: Reading, fresh: boolean) {
    const before = memory.newestValues
    const added = Object.fromEntries(
      Object.entries(reading.values).filter(([metric]) => !Object.hasOwn(before, metric)),
    )
    if (Object.keys(added).length === 0) return

    const merged = { ...added, ...before }
    memory.newestValues = merged
    for (const index of memory.active) {
      const detector = memory.kind.detectors[index] as Detector
      const completes = detector.reads.length > 0 && !hasAll(detector.reads, before) && hasAll(detector.reads, merged)
      const tells = hasAny(detector.reads.length > 0 ? detector.hears : detector.mayRead, added)
      if (completes || tells)
        run(memory, index, readingInput(memory.kind, memory.newestAt, completes ? merged : added), fresh)
    }
  }

  return {
    message(device, readings, entry) {
      const back = gateways.heard(device.gatewayId, entry)
      const newest = readings.at(-1)
      const memory = newest && memoryOf(device)
      if (newest === undefined || memory === undefined) return back

      const skewBefore = skews.get(device.gatewayId)
      const skew = observeSkew(skewBefore, newest.at, entry.receivedAt)
      if (skew !== skewBefore) {
        skews.set(device.gatewayId, skew)
        changedGateways.add(device.gatewayId)
      }
      const gatewayLag = lagMs(skew, entry.receivedAt)
      if (gatewayLag !== undefined) {
        memory.ownSkew = observeOwnSkew(memory.ownSkew, newest.at, entry.receivedAt, gatewayLag)
      }
      const deviceNow = entry.receivedAt - (lagOf(memory, entry.receivedAt) ?? 0)
      const staleBefore = deviceNow - memory.kind.freshSeconds * secondMs

      memory.lastReceivedAt = entry.receivedAt
      memory.changed = true
      touched.clear()
      for (const reading of readings) takeReading(memory, reading, reading.at >= staleBefore, deviceNow)
      if (touched.size === 0) return back
      const found = events(memory, entry)
      return back.length === 0 ? found : [...back, ...found]
    },

    clockAhead: gateways.ahead,

    tick(entry) {
      const heardSince = listen(entry)
      const found: EpisodeEvent[] = []
      for (const memory of memories.values()) {
        if (Math.max(memory.lastReceivedAt, listeningSince) < heardSince) continue
        touched.clear()
        tickDevice(memory, entry)
        if (touched.size === 0) continue
        memory.changed = true
        found.push(...events(memory, entry))
      }
      found.push(...gateways.tick(entry, listeningSince))
      // devices and gateways are remembered in another order after a restart
      return found.sort((a, b) => (a.scope.id < b.scope.id ? -1 : a.scope.id > b.scope.id ? 1 : 0))
    },

    start(entry) {
      listeningSince = entry.receivedAt
      tickedAt = entry.receivedAt
      timesChanged = true
    },

    takeChanges() {
      const changes = new Map<string, string>()
      for (const id of forgotten) changes.set(devicePrefix + id, '')
      forgotten.clear()
      for (const memory of memories.values()) {
        if (!memory.changed) continue
        memory.changed = false
        changes.set(devicePrefix + memory.device.id, writtenMemory(memory))
      }
      for (const gatewayId of changedGateways) {
        changes.set(gatewayPrefix + gatewayId, JSON.stringify(skews.get(gatewayId)))
      }
      changedGateways.clear()
      for (const [gatewayId, text] of gateways.takeChanges()) changes.set(gatewaySilencePrefix + gatewayId, text)
      if (timesChanged && Number.isFinite(listeningSince)) changes.set(startKey, JSON.stringify(listeningSince))
      if (timesChanged && tickedAt !== undefined) changes.set(tickKey, JSON.stringify(tickedAt))
      if (rulesVersion !== 0) changes.set(rulesKey, JSON.stringify(rulesVersion))
      timesChanged = false
      return changes
    },

    restore(entries, deviceOf) {
      for (const [key, text] of entries) {
        if (key === startKey) {
          listeningSince = JSON.parse(text) as number
          continue
        }
        if (key === rulesKey) {
          rulesVersion = JSON.parse(text) as number
          continue
        }
        if (key === tickKey) {
          tickedAt = JSON.parse(text) as number
          continue
        }
        if (key.startsWith(gatewaySilencePrefix)) {
          gateways.restore(key.slice(gatewaySilencePrefix.length), text)
          continue
        }
        if (key.startsWith(gatewayPrefix)) {
          skews.set(key.slice(gatewayPrefix.length), JSON.parse(text) as Skew)
          continue
        }
        if (text === '') continue // it was forgotten
        const device = deviceOf(key.slice(devicePrefix.length))
        const memory = device && memoryOf(device)
        if (memory !== undefined) readMemory(memory, text)
      }
    },

    deviceChanged(device) {
      const isRetired = device.retiredAt != null
      if (isRetired) retired.add(device.id)
      else retired.delete(device.id)
      const memory = memories.get(device.id)
      if (memory === undefined) return
      if (isRetired || device.kind !== memory.kind.id) {
        forget(memory)
        return
      }
      if (memory.device.gatewayId !== device.gatewayId) {
        gateways.left(memory.device.gatewayId)
        gateways.joined(device.gatewayId)
      }
      memory.device = device
      Object.assign(memory, rulesAndFacts(memory.kind, device))
    },

    rulesChanged(newBook) {
      book = newBook
      rulesVersion = newBook.version
      for (const memory of memories.values()) Object.assign(memory, rulesAndFacts(memory.kind, memory.device))
    },

    workDone(deviceId, finding) {
      const memory = memories.get(deviceId)
      const index = memory?.kind.detectors.findIndex(({ id }) => id === finding) ?? -1
      const detector = memory?.kind.detectors[index]
      if (memory === undefined || detector?.renewed === undefined) return
      memory.states[index] = detector.renewed(memory.states[index])
      memory.episodes[index] = undefined
      memory.changed = true
    },

    statusOf(deviceIds) {
      const known = deviceIds.map((id) => memories.get(id)).filter((memory) => memory !== undefined)
      return new Map(known.map((memory) => [memory.device.id, statusOf(memory)]))
    },

    heardAtOf(deviceIds) {
      const known = deviceIds.map((id) => memories.get(id)).filter((memory) => memory !== undefined)
      return new Map(
        known
          .filter(({ newestAt }) => newestAt > Number.NEGATIVE_INFINITY)
          .map(({ device, newestAt, lastReceivedAt }) => [device.id, Math.min(newestAt, lastReceivedAt)]),
      )
    },

    gatewaysOf(gatewayIds) {
      return new Map(
        gatewayIds.flatMap((id) => {
          const last = gateways.lastOf(id)
          if (last === undefined) return []
          const skew = skews.get(id)
          const isKnown = skew !== undefined && lagMs(skew, last.heardAt) !== undefined
          return [[id, { heardAt: last.heardAt, clockAheadMs: last.aheadMs ?? (isKnown ? -skewMs(skew) : null) }]]
        }),
      )
    },

    get rulesVersion() {
      return rulesVersion
    },
    get deviceCount() {
      return memories.size
    },
    get brokenRules() {
      return brokenDetectors.size
    },
  }
}

interface Calls {
  /** Metric → the detectors that need it, and those that need none and may read it; as often as they need metrics, those that hear it. */
  readonly byMetric: ReadonlyMap<string, readonly number[]>
  /** How many of its metrics each must find to be called: all that it needs, or any that it may read. */
  readonly needed: readonly number[]
  readonly found: Uint8Array
}

const callsOfKind = new WeakMap<DeviceKind, Calls>()

/** How many of its metrics each detector finds in these values; overwritten by the next call. Of some thirty detectors a reading concerns a few. */
function countCalls(kind: DeviceKind, values: Values): Calls {
  let calls = callsOfKind.get(kind)
  if (calls === undefined) {
    calls = callsOf(kind)
    callsOfKind.set(kind, calls)
  }
  const { byMetric, found } = calls
  found.fill(0)
  for (const metric in values) {
    const concerned = byMetric.get(metric)
    if (concerned !== undefined) for (const index of concerned) found[index] = (found[index] as number) + 1
  }
  return calls
}

function callsOf({ detectors }: DeviceKind): Calls {
  const byMetric = new Map<string, number[]>()
  for (const [index, { reads, mayRead, hears }] of detectors.entries()) {
    const heard = hears.flatMap((metric) => reads.map(() => metric))
    for (const metric of reads.length > 0 ? [...reads, ...heard] : mayRead) {
      byMetric.set(metric, [...(byMetric.get(metric) ?? []), index])
    }
  }
  const needed = detectors.map(({ reads }) => Math.max(1, reads.length))
  return { byMetric, needed, found: new Uint8Array(detectors.length) }
}

function hasAll(metrics: readonly string[], values: Values): boolean {
  return metrics.every((metric) => values[metric] !== undefined)
}

function hasAny(metrics: readonly string[], values: Values): boolean {
  return metrics.some((metric) => values[metric] !== undefined)
}
