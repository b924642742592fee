import { dayMs } from '../core/clock.ts'
import type { Detector, Step } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import type { Values } from '../core/reading.ts'
import type { RuleInForce } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Episode } from './episodes.ts'
import type { DeviceStatus } from './health.ts'
import { packState, shapeOf, unpackLongState, unpackState, wordOf } from './packed-state.ts'
import type { Skew } from './skew.ts'

/** Everything analytics remembers of one device; plain data, so that it can be written down and read back. */
export interface DeviceMemory {
  device: Device
  kind: DeviceKind
  facts: Readonly<Record<string, unknown>>
  /** As people have set them for this device; in the order of the kind's detectors, as all lists here. */
  rules: readonly RuleInForce[]
  /** Which detectors are on, and which of those take ticks. */
  active: readonly number[]
  ticking: readonly number[]
  newestAt: number
  /** While a clock that was put right is being caught up with: the device's own time of its newest reading; see `put-right.ts`. */
  rightAt: number | null
  /** While it is not in its gateway's time: how far its own clock is behind ours. */
  ownSkew: Skew | undefined
  /** When it was first heard, and for how long since then its samples vouch; device time, ms. */
  firstAt: number
  coveredMs: number
  /** What came at `newestAt`, merged. */
  newestValues: Values
  lastReceivedAt: number
  states: unknown[]
  episodes: (Episode | undefined)[]
  /** Detectors that started afresh under an open episode, by the `coveredMs` of that moment; see `endOrphan`. */
  orphans: Map<number, number> | undefined
  changed: boolean
}

/** As a snapshot keeps it. */
interface WrittenMemory {
  /** Absent where states have long keys and long times, as they were written before. */
  readonly format?: 2
  readonly newestAt: number
  readonly rightAt?: number
  readonly ownSkew?: Skew
  readonly firstAt: number
  readonly coveredMs: number
  readonly newestValues: Values
  readonly lastReceivedAt: number
  /** Of those detectors that have learned something, by their keys. */
  readonly states: Readonly<Record<string, unknown>>
  readonly episodes: Readonly<Record<string, Episode>>
  /** By the detector's name. */
  readonly orphans?: Readonly<Record<string, number>>
}

/** So much that its samples vouch for is longer than any rule that clears needs to find again what lasts. Unverified default. */
const orphanMs = dayMs

export function writtenMemory(memory: DeviceMemory): string {
  const { kind, newestAt, rightAt, ownSkew, firstAt, coveredMs, newestValues, lastReceivedAt } = memory
  const states: Record<string, unknown> = {}
  const episodes: Record<string, Episode> = {}
  for (const [index, detector] of kind.detectors.entries()) {
    const state = memory.states[index]
    if (state !== detector.initial) states[keyOf(detector).join('')] = packState(state, detector.initial, newestAt)
    const episode = memory.episodes[index]
    if (episode !== undefined) episodes[detector.id] = episode
  }
  const clock = { ...(rightAt !== null && { rightAt }), ...(ownSkew !== undefined && { ownSkew }) }
  const times = { newestAt, ...clock, firstAt, coveredMs, lastReceivedAt }
  const orphans = memory.orphans && {
    orphans: Object.fromEntries([...memory.orphans].map(([index, since]) => [kind.detectors[index]?.id, since])),
  }
  const written: WrittenMemory = { format: 2, ...times, newestValues, states, episodes, ...orphans }
  return JSON.stringify(written)
}

/** A detector that is new since then, or keeps another kind of state, starts afresh (see `endOrphan`); one that is gone is forgotten. */
export function readMemory(memory: DeviceMemory, text: string): void {
  const { format, states, episodes, orphans, ...rest } = JSON.parse(text) as WrittenMemory
  Object.assign(memory, rest, { changed: false })
  const keyIn = format === 2 ? keyOf : longKeyOf
  memory.states = memory.kind.detectors.map((detector) => {
    const key = keyIn(detector).join('')
    if (!Object.hasOwn(states, key)) return detector.initial
    if (format !== 2) return unpackLongState(states[key], detector.initial)
    return unpackState(states[key], detector.initial, rest.newestAt)
  })
  memory.episodes = memory.kind.detectors.map((detector) => episodes[detector.id])
  const found = memory.kind.detectors.flatMap((detector, index): [number, number][] => {
    const lostNow = episodes[detector.id] !== undefined && detector.clears && isInOtherShape(keyIn(detector), states)
    const since = orphans?.[detector.id] ?? (lostNow ? memory.coveredMs : undefined)
    return since === undefined ? [] : [[index, since]]
  })
  memory.orphans = found.length === 0 ? undefined : new Map(found)
}

/** What it had learned was written down by another version, which names other things. */
function isInOtherShape([name, shape]: Key, states: WrittenMemory['states']): boolean {
  return !Object.hasOwn(states, name + shape) && Object.keys(states).some((other) => other.startsWith(name))
}

/**
 * A detector that started afresh does not know that something of its own is open, and never says that it is over. So it is when fresh data
 * of `orphanMs` have passed and it has not found it again; from its first word on the episode is its own.
 */
export function endOrphan(memory: DeviceMemory, index: number, step: Step<unknown>, fresh: boolean): Step<unknown> {
  const { orphans, coveredMs } = memory
  const since = orphans?.get(index)
  if (orphans === undefined || since === undefined) return step

  const says = step.finding !== undefined || step.cleared !== undefined
  const isOver = !says && fresh && coveredMs - since >= orphanMs
  if (says || isOver) orphans.delete(index)
  if (orphans.size === 0) memory.orphans = undefined
  return isOver ? { state: step.state, cleared: true } : step
}

type Key = readonly [name: string, shape: string]

const keys = new WeakMap<Detector, Key>()

/** Short, for it stands in every device's snapshot: a word for its name, and one for what its state looks like. */
export function keyOf(detector: Detector): Key {
  let key = keys.get(detector)
  if (key === undefined) {
    key = [short(wordOf(detector.id)), short(shapeOf(detector.initial))]
    keys.set(detector, key)
  }
  return key
}

function short(word: string): string {
  return word.slice(-4).padStart(4, '0')
}

function longKeyOf({ id, initial }: Detector): Key {
  return [`${id.slice(id.indexOf('/') + 1)} `, shapeOf(initial)]
}

export function statusOf({
  kind,
  states,
  rules,
  facts,
  active,
  newestAt,
  firstAt,
  coveredMs,
}: DeviceMemory): DeviceStatus {
  const forecasts = active.flatMap((index) => {
    const detector = kind.detectors[index] as Detector
    const settings = rules[index]?.settings ?? detector.settings
    const forecast = detector.forecast?.(states[index], settings, facts)
    return forecast === undefined ? [] : [{ finding: detector.id, ...forecast }]
  })
  return { newestAt, firstAt, coveredMs, forecasts }
}
