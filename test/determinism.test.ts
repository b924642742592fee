import { expect, test } from 'vitest'
import { createAnalysis } from '../analytics/analyse.ts'
import { type AnalyticsHost, createAnalyticsHost } from '../analytics/host.ts'
import { shippedRules } from '../analytics/rule-book.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { silentLog } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import { kinds } from '../devices/index.ts'
import { type FleetDevice, fleetReadings, type PlannedFault } from '../simulators/fleet.ts'
import { seededRandom } from '../simulators/random.ts'
import { memorySnapshots } from '../stores/snapshots/memory.ts'
import { testDevice } from './fixtures/rows.ts'

const startAt = Date.UTC(2026, 6, 1)
const endAt = startAt + 2 * dayMs
const perKind = 3
const sound = hourMs

const fleet: FleetDevice[] = kinds.flatMap(({ id: kind }) =>
  Array.from({ length: perKind }, (_, n) => ({ id: `${kind}-${n}`, kind, gatewayId: `gw-${kind}-${n % 2}`, seed: n })),
)
const devices = new Map<string, Device>(
  fleet.map(({ id, kind, gatewayId }) => [id, testDevice({ id, kind, gatewayId })]),
)

/** Every fault that the kinds can have, one after the other on each device, an hour of health in between. */
function allFaults(): PlannedFault[] {
  return kinds.flatMap((kind) => {
    const faults = Object.keys(kind.simulator.faults)
    const eachMs = Math.floor((endAt - startAt - sound) / Math.ceil(faults.length / perKind))
    return faults.map((fault, index): PlannedFault => {
      const afterSeconds = (sound + Math.floor(index / perKind) * eachMs) / secondMs
      const repairAfterSeconds = afterSeconds + (eachMs - Math.min(sound, eachMs / 2)) / secondMs
      return { deviceId: `${kind.id}-${index % perKind}`, fault, afterSeconds, repairAfterSeconds }
    })
  })
}

/** A gateway off the air from before an emergency until after its repair. */
function emergencyUnseen() {
  const critical = kinds.flatMap(({ detectors }) =>
    detectors.filter(({ about, clears }) => clears && about.severities.includes('critical')).map(({ id }) => id),
  )
  const unseen = allFaults().find(({ deviceId, fault }) => {
    const kind = kinds.find(({ id }) => id === devices.get(deviceId)?.kind)
    return critical.includes(kind?.simulator.faults[fault] ?? '')
  })
  const { deviceId = '', afterSeconds = 0, repairAfterSeconds = 0 } = unseen ?? {}
  const gatewayId = devices.get(deviceId)?.gatewayId
  const [from, to] = [afterSeconds * secondMs - 10 * minuteMs, repairAfterSeconds * secondMs + 20 * minuteMs]
  return { gatewayId, from: startAt + from, to: startAt + to }
}

type Entry =
  | { readonly type: 'message'; readonly receivedAt: number; readonly device: Device; readonly readings: Reading[] }
  | { readonly type: 'tick' | 'start'; readonly receivedAt: number }

/**
 * Two days as the journal has them: a tick each 5 s; readings a second or two after they were taken, one in fifty half an hour late
 * and one in fifty twice; gateways off the air for hours, with what they stored sent afterwards; twice the service was down.
 */
function journal(random: () => number): Entry[] {
  const offline = [
    { gatewayId: 'gw-electricity-meter-1', from: startAt + 20 * hourMs, to: startAt + 23 * hourMs },
    emergencyUnseen(),
  ]
  const downs = [startAt + 10 * hourMs, startAt + 33 * hourMs]
  const isDown = (at: number) => downs.some((from) => at > from && at < from + 20 * minuteMs)
  const entries: Entry[] = []
  const stored = new Map<object, Map<string, Reading[]>>(offline.map((gap) => [gap, new Map()]))

  const plan = { kinds, devices: fleet, faults: allFaults(), intervalSeconds: 60 }
  for (const { deviceId, kind, gatewayId, at, values } of fleetReadings(plan, startAt, endAt)) {
    const device = devices.get(deviceId) as Device
    const gap = offline.find((one) => one.gatewayId === gatewayId && at >= one.from && at < one.to)
    if (gap !== undefined) {
      const waiting = stored.get(gap)
      waiting?.set(deviceId, [...(waiting.get(deviceId) ?? []), { deviceId, kind, at, receivedAt: gap.to, values }])
      continue
    }
    const chance = random()
    const receivedAt = at + Math.round((chance < 0.02 ? 30 * minuteMs : secondMs) * (1 + random()))
    const readings = [{ deviceId, kind, at, receivedAt, values }]
    entries.push({ type: 'message', receivedAt, device, readings })
    if (chance > 0.98) entries.push({ type: 'message', receivedAt: receivedAt + 40 * secondMs, device, readings })
  }
  for (const waiting of stored.values()) {
    for (const [id, readings] of waiting) {
      const receivedAt = readings[0]?.receivedAt ?? 0
      entries.push({ type: 'message', receivedAt, device: devices.get(id) as Device, readings })
    }
  }
  for (let at = startAt; at < endAt + hourMs; at += 5 * secondMs) entries.push({ type: 'tick', receivedAt: at })
  const heard = entries.filter(({ receivedAt }) => !isDown(receivedAt))
  for (const from of downs) heard.push({ type: 'start', receivedAt: from + 20 * minuteMs })
  return heard.sort((one, other) => one.receivedAt - other.receivedAt)
}

const entries = journal(seededRandom(1))

function apply(host: AnalyticsHost, position: number): readonly EpisodeEvent[] {
  const entry = entries[position]
  if (entry === undefined) return []
  const mark = { position, receivedAt: entry.receivedAt }
  if (entry.type === 'message') return host.message(entry.device, entry.readings, mark)
  if (entry.type === 'tick') return host.tick(mark)
  host.start(mark)
  return []
}

const newHost = () => createAnalyticsHost({ kinds, log: silentLog })
/** Each event is a line: what differs is then shown. */
const lines = (events: readonly EpisodeEvent[]) => events.map((event) => JSON.stringify(event))

const straight = newHost()
const expected = lines(entries.flatMap((_, position) => apply(straight, position)))

test('the recorded days have enough in them to tell a difference', () => {
  const events = expected.map((line) => JSON.parse(line) as EpisodeEvent)
  const raised = new Set(events.map(({ finding }) => finding))
  const changes = new Set(events.map(({ change }) => change))
  expect([...changes].sort()).toEqual(['cleared', 'opened', 'passed', 'repeated', 'upgraded'])
  expect(raised).toContain('gateway/silent')
  for (const { id } of kinds)
    expect([...raised].filter((finding) => finding.startsWith(`${id}/`)).length).toBeGreaterThan(4)
})

test('taken as the service takes them, in batches of any size, each written down: the same bytes', async () => {
  const random = seededRandom(2)
  const found: EpisodeEvent[] = []
  const snapshots = memorySnapshots()
  const analysis = createAnalysis({
    host: newHost(),
    snapshots,
    journalId: 'j',
    startAt: 0,
    rulesAt: async () => shippedRules,
    record: async (events) => void found.push(...events),
    quarantine: async () => {},
    log: silentLog,
  })
  for (let first = 0; first < entries.length; ) {
    const next = Math.min(entries.length, first + 1 + Math.floor(random() ** 4 * 20_000))
    const items = entries.slice(first, next).map((entry, index) => ({ ...entry, position: first + index }))
    await analysis.take({ first, next, items, quarantined: [] })
    await analysis.snapshot()
    first = next
  }
  expect(lines(found)).toEqual(expected)
  const saved = await snapshots.load()
  expect([...(saved?.entries ?? [])].sort()).toEqual([...straight.takeChanges()].sort())
})

test('killed 20 times and read back from what was saved some time before, the same bytes', () => {
  const random = seededRandom(3)
  const somewhere = () => Math.floor(random() * entries.length)
  const kills = Array.from({ length: 20 }, somewhere).sort((one, other) => one - other)
  const saves = new Set([
    ...Array.from({ length: 30 }, somewhere),
    ...kills.map((kill) => kill - 1 - Math.floor(500 * random())),
  ])
  const found = new Map<string, string>()
  let host = newHost()
  let saved = { position: 0, entries: new Map<string, string>() }

  for (let position = 0; position < entries.length; position++) {
    if (saves.delete(position)) saved = { position, entries: new Map([...saved.entries, ...host.takeChanges()]) }
    if (position === kills[0]) {
      kills.shift()
      host = newHost()
      host.restore(new Map([...saved.entries].reverse()), (id) => devices.get(id))
      position = saved.position
    }
    for (const event of apply(host, position)) {
      const key = JSON.stringify([event.position, event.scope, event.finding])
      const line = JSON.stringify(event)
      expect(found.get(key) ?? line).toBe(line)
      found.set(key, line)
    }
  }
  expect(kills).toEqual([])
  expect([...found.values()]).toEqual(expected)
})
