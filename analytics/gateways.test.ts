import { describe, expect, test } from 'vitest'
import { hourMs, secondMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { silentLog } from '../core/log.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import { createAnalyticsHost } from './host.ts'

const start = 1_800_000_000_000

function device(id: string, gatewayId: string): Device {
  const unknown = { name: null, siteId: null, feederId: null, contacts: [], facts: {}, createdAt: 0 }
  return { id, kind: 'smoke-detector', gatewayId, ...unknown }
}

const s1 = device('s1', 'g1')
const s2 = device('s2', 'g1')
const s3 = device('s3', 'g2')

/** A host and its journal; times in seconds after the start. Only what is said of gateways. */
function running() {
  let host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
  const saved = new Map<string, string>()
  let position = 0
  const mark = (seconds: number) => ({ position: position++, receivedAt: start + seconds * secondMs })
  const ofGateways = (events: readonly EpisodeEvent[]) => events.filter(({ scope }) => scope.type === 'gateway')

  return {
    /** A reading that was measured `oldSeconds` before. */
    heard(seconds: number, from: Device, oldSeconds = 0) {
      const entry = mark(seconds)
      const at = entry.receivedAt - oldSeconds * secondMs
      const reading = { deviceId: from.id, kind: from.kind, at, receivedAt: entry.receivedAt, values: { beeps: 1 } }
      return ofGateways(host.message(from, [reading], entry))
    },
    /** One that is refused, for its time is so many hours ahead. */
    refused(seconds: number, from: Device, aheadHours = 8) {
      host.clockAhead(from.gatewayId, aheadHours * hourMs, mark(seconds))
    },
    ticks(from: number, until: number) {
      const said: EpisodeEvent[] = []
      for (let seconds = from; seconds <= until; seconds += 5) said.push(...ofGateways(host.tick(mark(seconds))))
      return said
    },
    known: (gatewayId: string) => host.gatewaysOf([gatewayId]).get(gatewayId),
    started: (seconds: number) => host.start(mark(seconds)),
    moved: (moved: Device) => host.deviceChanged(moved),
    /** Killed, and started again from what was saved just before. */
    restart() {
      for (const [key, text] of host.takeChanges()) saved.set(key, text)
      host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
      host.restore(saved, (id) => [s1, s2, s3].find((known) => known.id === id))
    },
  }
}

const brief = (events: readonly EpisodeEvent[]) =>
  events.map(({ change, scope, detectedAt }) => `${change} ${scope.id} ${(detectedAt - start) / secondMs}`)

test('a gateway of whose devices nothing came for 5 minutes is silent, once an hour, until something comes', () => {
  const { heard, ticks } = running()
  heard(0, s1)
  heard(20, s2)
  const said = ticks(25, 4_000)

  expect(brief(said)).toEqual(['opened g1 320', 'repeated g1 3920'])
  expect(said[0]).toEqual({
    change: 'opened',
    scope: { type: 'gateway', id: 'g1' },
    deviceId: null,
    finding: 'gateway/silent',
    severity: 'warning',
    summary: 'Nothing came through the gateway for 5 min; it has 2 devices',
    evidence: { silentSeconds: 300, limitSeconds: 300, devices: 2 },
    occurredAt: start + 20_000,
    at: start + 320_000,
    receivedAt: start + 20_000,
    detectedAt: start + 320_000,
    ruleVersion: 0,
    position: expect.any(Number),
  })
  expect(heard(4_001, s1)).toMatchObject([
    { change: 'cleared', severity: 'warning', occurredAt: start + 20_000, receivedAt: start + 4_001_000 },
  ])
  expect(heard(4_002, s2)).toEqual([])
})

test('one device that goes on reporting is enough, and the neighbour’s gateway is another matter', () => {
  const { heard, ticks } = running()
  heard(0, s2)
  heard(0, s3)
  const said: EpisodeEvent[] = []
  for (let seconds = 10; seconds < 2_000; seconds += 10) {
    heard(seconds, s1)
    said.push(...ticks(seconds, seconds + 5))
  }
  expect(brief(said)).toEqual(['opened g2 300'])
})

test('what was stored and comes late is a sign of life all the same', () => {
  const { heard, ticks } = running()
  heard(0, s1)
  expect(brief(ticks(5, 400))).toEqual(['opened g1 300'])
  expect(brief(heard(401, s1, 390))).toEqual(['cleared g1 401'])
})

test('its silence goes on over a restart: neither forgotten nor told again', () => {
  const { heard, ticks, restart, started } = running()
  heard(0, s1)
  expect(brief(ticks(5, 400))).toEqual(['opened g1 300'])
  restart()
  started(500)
  expect(ticks(505, 3_800)).toEqual([])
  restart()
  expect(brief(ticks(3_805, 4_000))).toEqual(['repeated g1 3900'])
  expect(brief(heard(4_001, s1))).toEqual(['cleared g1 4001'])
  restart()
  expect(ticks(4_005, 4_200)).toEqual([])
})

test('after a start everyone has 5 minutes to come back, also when the service was away for long', () => {
  const { heard, ticks, restart, started } = running()
  heard(0, s1)
  heard(0, s3)
  ticks(5, 100)
  restart()
  started(7_200)
  expect(ticks(7_205, 7_300)).toEqual([])
  heard(7_301, s1)
  const [silent, ...more] = ticks(7_305, 7_600)
  expect(silent).toMatchObject({ scope: { id: 'g2' }, occurredAt: start, detectedAt: start + 7_500_000 })
  expect(more).toEqual([])
})

test('a process that was suspended, or whose clock jumped, calls nobody silent for it', () => {
  const { heard, ticks } = running()
  heard(0, s1)
  ticks(5, 60)
  expect(ticks(3_600, 3_650)).toEqual([])
  heard(3_651, s1)
  expect(ticks(3_655, 3_900)).toEqual([])

  const back = running()
  back.heard(7_200, s1)
  back.ticks(7_205, 7_210)
  back.heard(10, s1)
  expect(back.ticks(15, 300)).toEqual([])
  expect(brief(back.ticks(305, 400))).toEqual(['opened g1 315'])
})

test('a gateway whose devices were moved to another one is not missed, and its silence is over', () => {
  const { heard, ticks, moved } = running()
  heard(0, s1)
  expect(brief(ticks(5, 400))).toEqual(['opened g1 300'])
  moved({ ...s1, gatewayId: 'g2' })
  expect(brief(ticks(405, hourMs / secondMs))).toEqual(['cleared g1 405'])
})

test('a gateway that was never heard is not silent', () => {
  const { ticks, started } = running()
  started(0)
  expect(ticks(5, 1_000)).toEqual([])
})

test('one whose devices report every five minutes is missed after a quarter of an hour, also after a restart', () => {
  const { heard, ticks, restart } = running()
  for (let seconds = 0; seconds <= 3_000; seconds += 300) {
    heard(seconds, s1)
    expect(brief(ticks(seconds + 5, seconds + 295))).toEqual([])
  }
  restart()
  const said = brief(ticks(3_305, 4_200))
  expect(said).toHaveLength(1)
  expect(Number(said[0]?.split(' ')[2])).toBeGreaterThanOrEqual(3_000 + 800)
})

/** A ride in each 25 minutes from 7 to 22 h, ten changes within half a minute; the same words again when it has said nothing for so long. */
function changesAndHeartbeat(days: number, heartbeatSeconds: number): number[] {
  const said: number[] = []
  let last = 0
  for (let ride = 1; ride <= days * 57; ride++) {
    const hour = 7 + ((ride % 57) / 57) * 15
    const begins = Math.round((Math.floor(ride / 57) * 24 + hour) * 3_600)
    for (last += heartbeatSeconds; last < begins; last += heartbeatSeconds) said.push(last)
    for (let n = 0; n < 10; n++) said.push(begins + n * 3)
    last = begins + 27
  }
  return said
}

test.each([300, 420, 1_200])(
  'one that tells changes, and everything again after %d s, is missed twice at most while that is learned, and then when it is gone',
  (heartbeatSeconds) => {
    const { heard, ticks } = running()
    const said: EpisodeEvent[] = []
    let ticked = 0
    const messages = changesAndHeartbeat(3, heartbeatSeconds)
    for (const seconds of messages) {
      said.push(...ticks(ticked + 5, seconds - 1))
      ticked = Math.floor((seconds - 1) / 5) * 5
      heard(seconds, s1)
    }
    const end = messages.at(-1) ?? 0
    expect(said.filter(({ change }) => change === 'opened').length).toBeLessThanOrEqual(2)
    expect(ticks(ticked + 5, end + 3 * heartbeatSeconds + 60).map(({ change }) => change)).toEqual(['opened'])
  },
)

test('hours in which it was away make a gateway that talks all the time no rarer', () => {
  const { heard, ticks } = running()
  for (let hour = 0; hour < 20; hour++) {
    for (let second = hour * 3_600; second < hour * 3_600 + 1_800; second += 20) {
      heard(second, s1)
      expect(brief(ticks(second + 5, second + 15))).toEqual([])
    }
    expect(brief(ticks(hour * 3_600 + 1_800, hour * 3_600 + 3_595))).toEqual([`opened g1 ${hour * 3_600 + 2_080}`])
  }
})

describe('the clock of a gateway is ahead, so that nothing it sends can be used', () => {
  const named = (events: readonly EpisodeEvent[]) => events.map(({ change, finding }) => `${change} ${finding}`)
  type Running = ReturnType<typeof running>

  /** A refused message each 20 s, with the ticks in between. */
  function refusedFrom(seconds: number, until: number, { refused, ticks }: Running, from = s1) {
    const said: EpisodeEvent[] = []
    for (let at = seconds; at < until; at += 20) {
      refused(at, from)
      said.push(...ticks(at + 5, Math.min(at + 20, until)))
    }
    return said
  }

  test('it is told as that after 5 minutes, once an hour, and never as silent', () => {
    const run = running()
    run.heard(0, s1)
    const said = refusedFrom(20, 4_000, run)
    expect(brief(said)).toEqual(['opened g1 300', 'repeated g1 3900'])
    expect(said[0]).toMatchObject({
      finding: 'gateway/clock-ahead',
      severity: 'warning',
      summary: "The gateway's clock is 8.0 h ahead: nothing that it sends can be used; it has 1 device",
      evidence: { aheadSeconds: 28_800, unusableSeconds: 280, devices: 1 },
      occurredAt: start + 20 * secondMs,
    })
    expect(named(run.heard(4_010, s1))).toEqual(['cleared gateway/clock-ahead'])
    expect(run.ticks(4_015, 4_300)).toEqual([])
  })

  test('also when it is the first that we hear of it', () => {
    expect(named(refusedFrom(0, 400, running()))).toEqual(['opened gateway/clock-ahead'])
  })

  test('a few refused messages between good ones are no wrong clock of the gateway', () => {
    const run = running()
    for (let seconds = 0; seconds < 1_000; seconds += 20) {
      run.heard(seconds, s1)
      run.refused(seconds + 5, s2)
      expect(run.ticks(seconds + 10, seconds + 15)).toEqual([])
    }
    run.heard(1_000, s1)
    expect(refusedFrom(1_020, 1_400, run)).toMatchObject([{ occurredAt: start + 1_020 * secondMs }])
  })

  test('when it goes away, it is silent; when it comes back with a wrong clock, it is not', () => {
    const run = running()
    run.heard(0, s1)
    refusedFrom(20, 400, run)
    const gone = run.ticks(405, 1_000)
    expect(named(gone)).toEqual(['cleared gateway/clock-ahead', 'opened gateway/silent'])
    expect(gone[1]).toMatchObject({ occurredAt: start + 380 * secondMs })
    expect(named(refusedFrom(1_000, 1_400, run))).toEqual(['cleared gateway/silent', 'opened gateway/clock-ahead'])
  })

  test('it is remembered over a restart', () => {
    const run = running()
    run.heard(0, s1)
    refusedFrom(20, 400, run)
    run.restart()
    expect(refusedFrom(400, 1_000, run)).toEqual([])
    expect(named(run.heard(1_000, s1))).toEqual(['cleared gateway/clock-ahead'])
  })
})

test('when a gateway was last heard, and how far its clock is off, is known after a restart too', () => {
  const service = running()
  service.heard(0, s1, 2)
  service.refused(60, s3)
  service.restart()

  expect(service.known('g1')).toEqual({ heardAt: start, clockAheadMs: -2 * secondMs })
  expect(service.known('g2')).toEqual({ heardAt: start + 60 * secondMs, clockAheadMs: 8 * hourMs })
  expect(service.known('g9')).toBeUndefined()

  // of a gateway that begins with what it has stored nobody knows yet whether it is old or its clock is wrong
  const met = running()
  met.heard(0, s1, 3_600)
  expect(met.known('g1')).toEqual({ heardAt: start, clockAheadMs: null })
})
