import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { minuteMs, secondMs } from '../core/clock.ts'
import { type Detector, defineDetector } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { silentLog } from '../core/log.ts'
import type { Values } from '../core/reading.ts'
import { kinds } from '../devices/index.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { smoke, smokeDetector, weakBattery } from '../test/fixtures/smoke-detector.ts'
import { keyOf } from './device-memory.ts'
import { rulesOff } from './facts.ts'
import { createAnalyticsHost } from './host.ts'
import { shapeOf } from './packed-state.ts'

const start = 1_800_000_000_000
const s1 = testDevice({ id: 's1', kind: 'smoke-detector', gatewayId: 'g1' })

type Sample = [secondsAfterStart: number, values: Values]

/** A host with its own journal: entries get the next position; times in seconds after the start. */
function running(options: { kinds?: DeviceKind[]; log?: typeof silentLog } = {}) {
  const host = createAnalyticsHost({ kinds: options.kinds ?? [smokeDetector], log: options.log ?? silentLog })
  let position = 0
  const mark = (seconds: number) => ({ position: position++, receivedAt: start + seconds * secondMs })
  const message = (receivedAfter: number, samples: Sample[], device = s1) => {
    const entry = mark(receivedAfter)
    const readings = samples.map(([seconds, values]) => ({
      deviceId: device.id,
      kind: device.kind,
      at: start + seconds * secondMs,
      receivedAt: entry.receivedAt,
      values,
    }))
    return host.message(device, readings, entry)
  }
  return {
    host,
    message,
    live: (seconds: number, values: Values, device = s1) => message(seconds, [[seconds, values]], device),
    tick: (seconds: number) => host.tick(mark(seconds)),
    started: (seconds: number) => host.start(mark(seconds)),
  }
}

/** As `change severity finding`, of devices without their kind. */
const brief = (events: readonly EpisodeEvent[]) =>
  events.map(({ change, severity, finding, scope }) => {
    return `${change} ${severity} ${scope.type === 'device' ? finding.split('/')[1] : finding}`
  })

/** Events of devices, past those of their gateway. */
const ofDevices = (events: readonly EpisodeEvent[]) => events.filter(({ scope }) => scope.type === 'device')

/** A kind of one detector that writes down what it is given. */
function recorder(detector: Partial<Detector> = {}) {
  const seen: object[] = []
  const recording: Detector = {
    id: 'smoke-detector/recorder',
    about: smoke.about,
    lasts: undefined,
    rising: [],
    bounds: {},
    reads: ['beeps'],
    mayRead: [],
    hears: [],
    ticks: false,
    clears: false,
    needs: [],
    settings: {},
    initial: null,
    step(state, input) {
      seen.push(input)
      return { state }
    },
    ...detector,
  }
  return { seen, ...running({ kinds: [{ ...smokeDetector, detectors: [recording] }] }) }
}

test('an emergency is opened, repeated every 5 minutes, raised and cleared, and each is dated by its entry', () => {
  const { live } = running()
  expect(live(0, { smokePercentPerM: 0 })).toEqual([])
  expect(live(10, { smokePercentPerM: 6 })).toEqual([
    {
      change: 'opened',
      scope: { type: 'device', id: 's1' },
      deviceId: 's1',
      finding: 'smoke-detector/smoke',
      severity: 'urgent',
      summary: 'Smoke of 6 %/m',
      evidence: { smokePercentPerM: 6 },
      occurredAt: start + 10_000,
      at: start + 10_000,
      receivedAt: start + 10_000,
      detectedAt: start + 10_000,
      ruleVersion: 0,
      position: 1,
    },
  ])
  for (let seconds = 20; seconds < 310; seconds += 10) expect(live(seconds, { smokePercentPerM: 7 })).toEqual([])
  const repeated = live(310, { smokePercentPerM: 7 })
  expect(brief(repeated)).toEqual(['repeated urgent smoke'])
  expect(repeated[0]).toMatchObject({ occurredAt: start + 10_000, at: start + 310_000 })
  expect(live(320, { smokePercentPerM: 7 })).toEqual([])
  expect(brief(live(330, { smokePercentPerM: 30 }))).toEqual(['upgraded critical smoke'])
  expect(live(340, { smokePercentPerM: 6 })).toEqual([])
  expect(brief(live(350, { smokePercentPerM: 0 }))).toEqual(['cleared critical smoke'])
  expect(live(360, { smokePercentPerM: 0 })).toEqual([])
  expect(brief(live(370, { smokePercentPerM: 9 }))).toEqual(['opened urgent smoke'])
})

test('what is repeated is how it is now, and what rises again after that is told again', () => {
  const { live } = running()
  expect(brief(live(10, { smokePercentPerM: 30 }))).toEqual(['opened critical smoke'])
  for (let seconds = 20; seconds < 310; seconds += 10) expect(live(seconds, { smokePercentPerM: 6 })).toEqual([])
  expect(live(310, { smokePercentPerM: 6 })).toMatchObject([
    { change: 'repeated', severity: 'urgent', summary: 'Smoke of 6 %/m' },
  ])
  expect(brief(live(320, { smokePercentPerM: 40 }))).toEqual(['upgraded critical smoke'])
})

test('over and back within one message is one trouble', () => {
  const { live, message } = running()
  live(0, { smokePercentPerM: 6 })
  const samples: Sample[] = [
    [10, { smokePercentPerM: 0 }],
    [20, { smokePercentPerM: 6 }],
  ]
  expect(message(20, samples)).toEqual([])
})

test('late readings are for history: no detector sees them, and they move nothing', () => {
  const { seen, message } = recorder()
  message(100, [[100, { beeps: 1 }]])
  message(110, [
    [50, { beeps: 2 }],
    [99.999, { beeps: 3 }],
    [110, { beeps: 4 }],
  ])
  message(120, [[60, { beeps: 5 }]])
  expect(seen).toEqual([
    { at: start + 100_000, beeps: 1 },
    { at: start + 110_000, beeps: 4 },
  ])
})

test('a clock that was 4 minutes ahead and is put right blinds nobody', () => {
  const { live, message } = running()
  message(0, [[240, { smokePercentPerM: 0 }]])
  expect(live(10, { smokePercentPerM: 0 })).toEqual([])
  expect(brief(live(20, { smokePercentPerM: 40 }))).toEqual(['opened critical smoke'])
  expect(brief(live(30, { smokePercentPerM: 0 }))).toEqual(['cleared critical smoke'])
})

test('a clock that falls back by hours blinds nobody for more than ten minutes, nor when it is put right again', () => {
  const { live, message, tick } = running()
  const fallen = (second: number, values: Values) => message(second, [[second - 8 * 3600, values]])
  live(0, { smokePercentPerM: 0 })
  for (let second = 10; second < 600; second += 10) {
    expect(fallen(second, { smokePercentPerM: 0 })).toEqual([])
    expect(tick(second + 5)).toEqual([])
  }
  expect(brief(fallen(600, { smokePercentPerM: 40 }))).toEqual(['opened critical smoke'])
  expect(brief(fallen(610, { smokePercentPerM: 0 }))).toEqual(['cleared critical smoke'])
  expect(brief(live(620, { smokePercentPerM: 40 }))).toEqual(['opened critical smoke'])
})

/** One of two devices of a gateway has a clock of its own; the other reports as ever, every 10 s. */
function beside(run: ReturnType<typeof running>) {
  const s2 = { ...s1, id: 's2' }
  return (second: number, at: number, values: Values) => {
    const found = [...run.live(second, { smokePercentPerM: 0 }, s2), ...run.message(second, [[at, values]])]
    return brief(ofDevices([...found, ...run.tick(second + 5)])).filter((line) => !line.includes('silent'))
  }
}

test.each([
  ['falls back by hours', 0],
  ['was hours behind when we met it', -8 * 3600],
])(
  'the clock of a single device that %s blinds nobody for more than ten minutes, nor when it is put right',
  (_, met) => {
    const run = running()
    const send = beside(run)
    const behind = (second: number) => second - 8 * 3600
    send(0, met, { smokePercentPerM: 0 })
    for (let second = 10; second < 610; second += 10)
      expect(send(second, behind(second), { testButton: false })).toEqual([])
    expect(send(610, behind(610), { smokePercentPerM: 40 })).toEqual(['opened critical smoke'])
    expect(send(620, behind(620), { smokePercentPerM: 0, testButton: true })).toEqual(['cleared critical smoke'])
    expect([630, 640].flatMap((second) => send(second, behind(second), { testButton: true }))).toEqual([])
    expect([650, 660].flatMap((second) => send(second, behind(second), { testButton: true }))).toEqual([
      'opened urgent button-held',
    ])
    expect(send(670, 670, { smokePercentPerM: 40, testButton: false })).toContain('opened critical smoke')
  },
)

test('what a single device sends again or had stored, beside what it measures now, is no clock that fell back', () => {
  const run = running()
  const send = beside(run)
  const found: string[] = []
  send(0, 0, { smokePercentPerM: 40 })
  for (let second = 10; second < 1_000; second += 10) send(second, second, { smokePercentPerM: 0 })
  for (let second = 1_000; second < 3_000; second += 10) {
    // as fast as it was recorded, with a word of now every 8 minutes
    const at = second % 480 === 0 ? second : second - 1_000
    found.push(...send(second, at, { smokePercentPerM: at < second ? 40 : 0 }))
  }
  for (let second = 4_000; second < 5_000; second += 10) {
    // twice as fast, and nothing of now
    found.push(...send(second, second - 5_000 + 2 * (second - 4_000), { smokePercentPerM: 40 }))
  }
  expect(found.filter((line) => line.startsWith('opened'))).toEqual([])
})

test('after a clock fell back, two messages for one moment are one, and the array of a minute is taken whole', () => {
  const { seen, message } = recorder({ reads: ['beeps', 'batteryVolts'] })
  const fallen = (second: number, ...samples: Sample[]) =>
    message(
      second,
      samples.map(([at, values]) => [at - 3600, values]),
    )
  message(0, [[0, { beeps: 0, batteryVolts: 3 }]])
  for (let second = 60; second <= 600; second += 60) fallen(second, [second, { label: 'kitchen' }])
  seen.length = 0
  fallen(660, [660, { beeps: 1 }])
  fallen(661, [660, { batteryVolts: 3 }])
  expect(seen).toMatchObject([{ beeps: 1, batteryVolts: 3 }])
  fallen(
    720,
    [680, { beeps: 2, batteryVolts: 3 }],
    [700, { beeps: 3, batteryVolts: 3 }],
    [720, { beeps: 4, batteryVolts: 3 }],
  )
  expect(seen.slice(1)).toMatchObject([{ beeps: 2 }, { beeps: 3 }, { beeps: 4 }])
})

test('while the right time catches up, neither readings nor ticks go back', () => {
  const { seen, message, live, tick } = recorder({ ticks: true })
  message(0, [[240, { beeps: 0 }]])
  for (let minute = 1; minute <= 20; minute++) {
    live(minute * 60, { beeps: minute })
    tick(minute * 60 + 30)
    tick(minute * 60 + 59.5)
  }
  const times = (seen as { at: number }[]).map(({ at }) => at)
  expect(times.length).toBeGreaterThan(50)
  expect(times.filter((at, index) => index > 0 && at < (times[index - 1] ?? 0))).toEqual([])
})

test('a reading that comes late, or twice, is no sign of a clock that was put right', () => {
  const { seen, message, live } = recorder()
  message(0, [[240, { beeps: 1 }]])
  message(1, [[239, { beeps: 2 }]])
  message(2, [[-100, { beeps: 3 }]])
  expect(seen).toHaveLength(1)
  live(10, { beeps: 4 })
  message(11, [[10, { beeps: 5 }]])
  message(12, [[9, { beeps: 6 }]])
  expect(seen).toEqual([
    { at: start + 240_000, beeps: 1 },
    { at: start + 240_001, beeps: 4 },
  ])
})

test('yesterday’s packets, replayed, raise nothing', () => {
  const { live, message } = running()
  live(0, { smokePercentPerM: 40 })
  live(10, { smokePercentPerM: 0 })
  live(86_400, { smokePercentPerM: 0 })
  expect(message(86_410, [[0, { smokePercentPerM: 40 }]])).toEqual([])
  expect(message(86_420, [[10, { smokePercentPerM: 40 }]])).toEqual([])
})

test('a second message for the same moment adds only what is new, and nobody sees a metric twice', () => {
  const { seen, live } = recorder({ reads: ['beeps', 'batteryVolts'] })
  live(0, { beeps: 1 })
  expect(seen).toEqual([])
  live(0, { beeps: 99, batteryVolts: 3 })
  expect(seen).toEqual([{ at: start, beeps: 1, batteryVolts: 3 }])
  live(0, { beeps: 1, batteryVolts: 3 })
  live(0, { label: 'kitchen' })
  expect(seen).toHaveLength(1)
})

test('what only may be read is told once, as it comes', () => {
  const { seen, live } = recorder({ reads: [], mayRead: ['beeps', 'testButton'] })
  live(0, { beeps: 1 })
  live(0, { beeps: 2, testButton: true })
  live(0, { testButton: false })
  live(10, { label: 'kitchen' })
  expect(seen).toEqual([
    { at: start, beeps: 1 },
    { at: start, testButton: true },
  ])
})

test('what is heard is told without what is read, and what is read with all of its moment', () => {
  const { seen, live } = recorder({ reads: ['batteryVolts', 'beeps'], mayRead: ['label'], hears: ['label'] })
  live(0, { label: 'kitchen' })
  live(0, { beeps: 1 })
  live(0, { batteryVolts: 3 })
  live(10, { batteryVolts: 3, beeps: 1 })
  live(10, { label: 'hall' })
  live(20, { batteryVolts: 3 })
  expect(seen).toEqual([
    { at: start, label: 'kitchen' },
    { at: start, label: 'kitchen', beeps: 1, batteryVolts: 3 },
    { at: start + 10_000, batteryVolts: 3, beeps: 1 },
    { at: start + 10_000, label: 'hall' },
  ])
})

test('a duration completes on a tick while the last sample is fresh, and never later', () => {
  const { live, tick } = running()
  live(0, { testButton: true })
  expect(brief(tick(25))).toEqual([])
  expect(brief(tick(30))).toEqual(['opened urgent button-held'])

  const gap = running()
  gap.live(0, { testButton: true })
  gap.tick(20)
  expect(gap.tick(91)).toEqual([])
  expect(gap.tick(200)).toEqual([])
})

test('the gateway’s clock is 8 h behind: its ticks are in its own time, and its alarms are raised', () => {
  const { message, tick } = running()
  const behind = 8 * 3_600
  for (let seconds = 0; seconds <= 60; seconds += 10) message(seconds, [[seconds - behind, { smokePercentPerM: 0 }]])
  expect(brief(message(70, [[70 - behind, { smokePercentPerM: 40, testButton: true }]]))).toEqual([
    'opened critical smoke',
  ])
  expect(brief(tick(95))).toEqual([])
  expect(brief(tick(100))).toEqual(['opened urgent button-held'])
})

test('one device with a clock that is 4 minutes ahead does not make its neighbour’s alarm look old', () => {
  const { message, live, tick } = running()
  const s2 = { ...s1, id: 's2' }
  message(0, [[240, { testButton: true }]], s2)
  expect(brief(live(10, { smokePercentPerM: 40, testButton: true }))).toEqual(['opened critical smoke'])
  expect(brief(tick(30)).concat(brief(tick(40)))).toEqual(['opened urgent button-held', 'opened urgent button-held'])
})

test('an emergency found only in stored data waits for fresh data', () => {
  const { live, message } = running()
  live(0, { smokePercentPerM: 0 })
  // offline for two hours, then what was stored comes first
  expect(message(7_200, [[600, { smokePercentPerM: 40 }]])).toEqual([])
  expect(message(7_201, [[1_200, { smokePercentPerM: 40 }]])).toEqual([])
  const [opened] = message(7_202, [[7_195, { smokePercentPerM: 6 }]])
  // as bad as it is now, since when it was found
  expect(opened).toMatchObject({ change: 'opened', severity: 'urgent', occurredAt: start + 600_000 })
})

test('an emergency that was over before we heard of it has passed, and sends nobody', () => {
  const { live, message } = running()
  live(0, { smokePercentPerM: 0 })
  message(7_200, [[600, { smokePercentPerM: 40 }]])
  const passed = message(7_201, [[1_200, { smokePercentPerM: 0 }]])
  expect(brief(passed)).toEqual(['passed critical smoke'])
  expect(passed[0]).toMatchObject({ occurredAt: start + 600_000, at: start + 1_200_000 })
})

test('a gateway that we meet with an hour of stored data is not taken for one whose clock is wrong', () => {
  const { message } = running()
  expect(message(0, [[-3_600, { smokePercentPerM: 40 }]])).toEqual([])
  expect(brief(message(1, [[-1_800, { smokePercentPerM: 0 }]]))).toEqual(['passed critical smoke'])
})

test('a day of backlog that takes a quarter of an hour to come raises nothing that is over, and what lasts when it is done', () => {
  const { live, message } = running()
  for (let seconds = 0; seconds <= 900; seconds += 10) live(seconds, { smokePercentPerM: 0 })
  const [outage, backlog] = [86_400, 870]
  const found: EpisodeEvent[] = []
  for (let stored = 910; stored < outage + backlog; stored += 10) {
    // a fire of half an hour every four hours, the last of which goes on
    const burns = stored % 14_400 < 1_800
    const receivedAfter = outage + (backlog * (stored - 910)) / (outage + backlog - 910)
    found.push(...message(receivedAfter, [[stored, { smokePercentPerM: burns ? 40 : 0 }]]))
  }
  expect(brief(found.slice(0, -1))).toEqual(Array.from({ length: 6 }, () => 'passed critical smoke'))
  expect(found.at(-1)).toMatchObject({ change: 'opened', occurredAt: start + 86_400 * secondMs })
})

test('a planned visit need not wait, and does not bring an old emergency with it', () => {
  const { live, message } = running()
  live(0, { batteryVolts: 3 })
  expect(message(7_200, [[600, { batteryVolts: 1.5 }]])).toEqual([])
  expect(brief(message(7_201, [[700, { batteryVolts: 2.5 }]]))).toEqual(['opened warning weak-battery'])
  expect(message(7_202, [[800, { batteryVolts: 1.5 }]])).toEqual([])
  expect(brief(message(7_203, [[7_200, { batteryVolts: 1.5 }]]))).toEqual(['upgraded urgent weak-battery'])
})

test('an emergency that goes on is not repeated on the strength of stored data', () => {
  const { live, message } = running()
  live(0, { smokePercentPerM: 40 })
  expect(message(8_000, [[600, { smokePercentPerM: 40 }]])).toEqual([])
  expect(brief(message(8_001, [[8_000, { smokePercentPerM: 40 }]]))).toEqual(['repeated critical smoke'])
})

test('no data clears nothing', () => {
  const { live, tick } = running()
  live(0, { smokePercentPerM: 40 })
  const said = Array.from({ length: 2_000 }, (_, i) => tick(5 + i * 5)).flat()
  expect(brief(said).filter((line) => !line.includes('silent'))).toEqual([])
})

test('who was not heard for an hour is looked at once a minute, after two days once an hour, and at each tick once it is back', () => {
  const { seen, live, tick } = recorder({ ticks: true })
  const seenIn = (hour: number) => {
    seen.length = 0
    for (let second = 5; second <= 3_600; second += 5) tick(hour * 3_600 + second)
    return seen.length
  }
  live(0, { beeps: 1 })
  const byHour = Array.from({ length: 60 }, (_, hour) => seenIn(hour))
  expect(byHour).toEqual([720, ...Array(47).fill(60), ...Array(12).fill(1)])

  live(60 * 3_600, { beeps: 1 })
  expect(seenIn(60)).toBe(720)
})

test('after we were away for days, who does not come back is looked at as if it had just been heard', () => {
  const { live, tick } = running()
  live(0, { smokePercentPerM: 0 })
  tick(5)
  const away = 3 * 86_400
  const said = Array.from({ length: 400 }, (_, i) => ofDevices(tick(away + i * 5))).flat()
  expect(said.map(({ detectedAt }) => (detectedAt - start) / secondMs - away)).toEqual([900])
})

test('silence is told by ticks, repeated hourly, and over with the next reading', () => {
  const { live, tick } = running()
  live(0, { smokePercentPerM: 0 })
  const said = ofDevices(Array.from({ length: 1_000 }, (_, i) => tick(5 + i * 5)).flat())
  expect(brief(said)).toEqual(['opened info silent', 'repeated info silent'])
  expect(said[0]).toMatchObject({ occurredAt: start, detectedAt: start + 605 * secondMs })
  expect(brief(live(5_010, { smokePercentPerM: 0 }))).toEqual(['cleared warning gateway/silent', 'cleared info silent'])
})

test('after a start no device is silent for a quarter of an hour, unless heard since', () => {
  const { live, tick, started } = running()
  const s2 = { ...s1, id: 's2' }
  live(0, { smokePercentPerM: 0 })
  started(7_200)
  live(7_201, { smokePercentPerM: 0 }, s2)
  const said = Array.from({ length: 200 }, (_, i) => ofDevices(tick(7_205 + i * 5))).flat()
  expect(said.map(({ scope, detectedAt }) => [scope.id, (detectedAt - start) / secondMs])).toEqual([
    ['s2', 7_805],
    ['s1', 8_100],
  ])

  const short = running()
  short.live(0, { testButton: true })
  short.started(3)
  expect(brief(short.tick(30))).toEqual(['opened urgent button-held'])
})

test('a device whose clock is ahead was heard when its reading reached us, not later; one whose clock is behind, when it was taken', () => {
  const { host, message } = running()
  message(60, [[240, { smokePercentPerM: 0 }]])
  expect(host.heardAtOf([s1.id])).toEqual(new Map([[s1.id, start + 60 * secondMs]]))
  message(600, [[300, { smokePercentPerM: 0 }]])
  expect(host.heardAtOf([s1.id])).toEqual(new Map([[s1.id, start + 300 * secondMs]]))
})

test('a retired device is missed by nobody, whatever is still on its way or in the last snapshot, until it is back', () => {
  const { host, live, tick } = running()
  const gone = { ...s1, retiredAt: start }
  live(0, { smokePercentPerM: 40 })
  expect(host.heardAtOf([s1.id, 'never'])).toEqual(new Map([[s1.id, start]]))
  const saved = host.takeChanges()
  host.deviceChanged(gone)
  expect(host.heardAtOf([s1.id])).toEqual(new Map())
  expect(live(10, { smokePercentPerM: 0 })).toEqual([])
  const ticked = (later: number) => Array.from({ length: 200 }, (_, i) => tick(later + i * 60)).flat()
  expect(ticked(60)).toEqual([])
  expect(host.deviceCount).toBe(0)

  const fromOld = running()
  fromOld.host.restore(saved, () => gone)
  expect(Array.from({ length: 200 }, (_, i) => fromOld.tick(60 + i * 60)).flat()).toEqual([])
  const fromNew = running()
  fromNew.host.restore(new Map([...saved, ...host.takeChanges()]), () => s1)
  expect(fromNew.host.deviceCount).toBe(0)

  host.deviceChanged(s1)
  expect(brief(live(20_000, { smokePercentPerM: 40 }))).toContain('opened critical smoke')
  expect(brief(ticked(20_060))).toContain('opened info silent')
})

test('a device that comes back as another kind is looked at as that', () => {
  const { host, live } = running({ kinds: [smokeDetector, ...kinds] })
  live(0, { smokePercentPerM: 0 })
  const meter = { ...s1, kind: 'electricity-meter' }
  host.deviceChanged(meter)
  expect(brief(live(10, { volts: 290 }, meter))).toEqual([])
  expect(brief(live(80, { volts: 290 }, meter))).toEqual(['opened critical over-voltage'])
})

test('a rule whose facts are missing is off, says which, and is on as soon as they are known', () => {
  const { host, live } = running()
  expect(rulesOff([smokeDetector], s1)).toEqual([{ finding: 'smoke-detector/chirping', missingFacts: ['room'] }])
  expect(live(0, { beeps: 500 })).toEqual([])

  const known = { ...s1, facts: { room: 'kitchen' } }
  host.deviceChanged(known)
  expect(rulesOff([smokeDetector], known)).toEqual([])
  const [opened] = live(10, { beeps: 500 })
  expect(opened).toMatchObject({ change: 'opened', summary: 'It chirps in kitchen' })
})

test('a detector that throws is named once a device and hides nothing of what the others see', () => {
  const errors: object[] = []
  const broken = defineDetector({
    id: 'smoke-detector/broken',
    about: smoke.about,
    reads: z.object({ smokePercentPerM: z.number() }),
    settings: {},
    initial: {},
    step() {
      throw new Error('division by cucumber')
    },
  })
  const kinds = [{ ...smokeDetector, detectors: [broken, ...smokeDetector.detectors] }]
  const { live } = running({ kinds, log: { ...silentLog, error: (fields) => errors.push(fields) } })

  expect(brief(live(0, { smokePercentPerM: 40 }))).toEqual(['opened critical smoke'])
  live(10, { smokePercentPerM: 40 })
  expect(errors).toEqual([{ finding: 'smoke-detector/broken', device: 's1', reason: 'division by cucumber' }])
})

test('a beginning that is no time is taken for the reading’s own', () => {
  const { live } = recorder({ step: (state) => ({ state, finding: { ...finding, since: Number.NaN } }) })
  const finding = { severity: 'warning', summary: 'x', evidence: {} } as const
  expect(live(5, { beeps: 1 })[0]?.occurredAt).toBe(start + 5_000)
})

test('a device of a kind that is gone, and a message without readings, are nothing', () => {
  const { host, live, message } = running()
  expect(live(0, { smokePercentPerM: 40 }, { ...s1, kind: 'river-probe' })).toEqual([])
  expect(message(0, [])).toEqual([])
  expect(host.deviceCount).toBe(0)
})

test('a detector that is new since the snapshot starts afresh, one that is gone is forgotten, null is a state', () => {
  const { host, live } = recorder({ initial: { fresh: true }, step: () => ({ state: null }) })
  live(0, { beeps: 1 })
  const entries = host.takeChanges()
  expect(host.takeChanges().size).toBe(0)

  const states: unknown[] = []
  const after = recorder({
    initial: { fresh: true },
    step(state) {
      states.push(state)
      return { state }
    },
  })
  after.host.restore(entries, () => s1)
  after.live(10, { beeps: 1 })
  expect(states).toEqual([null])

  const other = running()
  other.host.restore(entries, (id) => (id === 's1' ? s1 : undefined))
  expect(brief(other.live(10, { smokePercentPerM: 40 }))).toEqual(['opened critical smoke'])
})

/** What another version, which names other things in the states of these rules, wrote down. */
function inOtherShape(saved: string, ...detectors: readonly (Detector | undefined)[]): string {
  return detectors.reduce((text, detector) => {
    const [name, shape] = detector ? keyOf(detector) : ['', '']
    expect(text).toContain(`"${name}${shape}":`)
    return text.replace(`"${name}${shape}":`, `"${name}****":`)
  }, saved)
}

test('no two rules of a kind are written down under one key', () => {
  for (const { detectors } of kinds) expect(new Set(detectors.map((one) => keyOf(one)[0])).size).toBe(detectors.length)
})

test('what an older version wrote down, with long keys and long times, is read', () => {
  const before = running()
  before.live(0, { smokePercentPerM: 40, batteryVolts: 2.5 })
  const { format, states, ...rest } = JSON.parse(before.host.takeChanges().get('device/s1') ?? '')
  expect(format).toBe(2)
  expect(states).toMatchObject({ [keyOf(smoke).join('')]: ['@0'], [keyOf(weakBattery).join('')]: [true] })
  const older = { ...rest, states: { [`smoke ${shapeOf(smoke.initial)}`]: [start], 'weak-battery other': [true] } }

  const { host, live } = running()
  host.restore(new Map([['device/s1', JSON.stringify(older)]]), () => s1)
  expect(brief(live(10, { smokePercentPerM: 0, batteryVolts: 2.7 }))).toEqual(['cleared critical smoke'])
  // the other rule starts afresh under what it had found
  expect(JSON.parse(host.takeChanges().get('device/s1') ?? '').orphans).toEqual({ 'smoke-detector/weak-battery': 0 })
})

test('an open episode whose rule starts afresh is over after a day of fresh data without a finding, unless it is found again', () => {
  const before = running()
  before.live(0, { smokePercentPerM: 40, batteryVolts: 2.5 })
  const saved = before.host.takeChanges().get('device/s1') ?? ''
  const entries = new Map([['device/s1', inOtherShape(saved, smoke, weakBattery)]])

  const restored = running()
  restored.host.restore(entries, () => s1)
  expect(brief(restored.live(10, { smokePercentPerM: 0, batteryVolts: 2.5 }))).toEqual([])
  const well = (from: number, to: number, { live }: typeof restored) =>
    Array.from({ length: (to - from) / 60 }, (_, minute) => {
      return live(from + minute * 60, { smokePercentPerM: 0, batteryVolts: 2.7 })
    }).flat()
  expect(brief(well(70, 43_270, restored))).toEqual(['cleared warning weak-battery'])

  const again = running()
  again.host.restore(restored.host.takeChanges(), () => s1)
  expect(brief(well(43_270, 86_350, again))).toEqual([])
  expect(brief(well(86_350, 86_530, again))).toEqual(['cleared critical smoke'])
})

test('an entrapment that another version raised is found again, as the same, and over when the door opens', () => {
  const lift: Device = { ...s1, id: 'e1', kind: 'elevator' }
  const shutIn = { doorState: 'closed', doorZone: false, passengerPresent: true, carSpeedMps: 0, trips: 7 }
  const before = running({ kinds: [...kinds] })
  const said = [0, 10, 20, 30, 40].flatMap((seconds) => before.live(seconds, shutIn, lift))
  expect(brief(said)).toContain('opened critical entrapment')
  const saved = before.host.takeChanges().get('device/e1') ?? ''

  const after = running({ kinds: [...kinds] })
  const entrapment = kinds.flatMap(({ detectors }) => detectors).find(({ id }) => id === 'elevator/entrapment')
  const older = inOtherShape(saved, entrapment)
  after.host.restore(new Map([['device/e1', older]]), () => lift)
  const again = [50, 60, 70, 80, 90].flatMap((seconds) => after.live(seconds, shutIn, lift))
  expect(brief(again)).not.toContain('opened critical entrapment')
  expect(brief(after.live(100, { doorState: 'open', doorZone: true }, lift))).toContain('cleared critical entrapment')
})

const meter: Device = { ...s1, id: 'm1', kind: 'electricity-meter' }

test('a last gasp is an outage; the silence after it has a name of its own, and leaves the outage open', () => {
  const { live, tick } = running({ kinds: [...kinds] })
  live(0, { volts: 228 }, meter)
  expect(brief(live(10, { volts: 0 }, meter))).toEqual(['opened info outage'])
  const said = Array.from({ length: (25 * 3_600) / 5 }, (_, i) => tick(15 + i * 5)).flat()
  expect(brief(ofDevices(said))).toEqual(['opened info silent', 'upgraded warning silent'])
  live(90_100, { amps: 1 }, meter)
  expect(brief(ofDevices(tick(90_105)))).toEqual(['cleared warning silent'])
  expect(brief(live(90_110, { volts: 227 }, meter))).toEqual(['cleared info outage'])
})

test('ticks that say nothing leave nothing to be written down of thousands of devices', () => {
  const { host, live, tick } = running({ kinds: [...kinds] })
  for (let index = 0; index < 3_000; index++) {
    const gatewayId = `g${Math.floor(index / 30)}`
    const device = { ...meter, id: `d${index}`, kind: index % 3 > 0 ? 'elevator' : meter.kind, gatewayId }
    live(0, index % 3 > 0 ? { floor: 1, doorState: 'closed', mainsLost: false } : { volts: 228 }, device)
  }
  tick(105) // what was fresh is no longer
  host.takeChanges()

  for (let seconds = 110; seconds < 300; seconds += 40) expect(tick(seconds)).toEqual([])
  expect([...host.takeChanges().keys()]).toEqual(['tick'])
  expect(tick(305)).toHaveLength(Math.ceil(3_000 / 30))
  for (let seconds = 360; seconds < 1_000; seconds += 55) tick(seconds)
  host.takeChanges()

  for (let seconds = 1_000; seconds < 1_200; seconds += 40) expect(tick(seconds)).toEqual([])
  expect([...host.takeChanges().keys()]).toEqual(['tick'])
})

// Determinism: a journal of everything that can come, and a service that is cut, stopped and started anywhere in it.

const devices = ['s1', 's2', 's3'].map((id, index) => ({
  ...s1,
  id,
  gatewayId: index < 2 ? 'g1' : 'g2',
  facts: index === 0 ? { room: 'hall' } : {},
}))

const values = fc.record(
  {
    smokePercentPerM: fc.constantFrom(0, 3, 6, 40),
    batteryVolts: fc.constantFrom(1.5, 2.5, 3),
    testButton: fc.boolean(),
    beeps: fc.constantFrom(0, 1, 60),
  },
  { requiredKeys: [] },
)

/** Seconds since the entry before, and what it is; readings lie `old` seconds before their receipt. */
const entry = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('message' as const),
      after: fc.constantFrom(0, 1, 10, 40, 700),
      device: fc.constantFrom(...devices),
      samples: fc.array(fc.tuple(fc.constantFrom(-60, 0, 0, 0, 10, 100, 5_000), values), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('tick' as const), after: fc.constantFrom(1, 5, 30, 400, 3_600) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('start' as const), after: fc.constantFrom(0, 5) }) },
)

type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never
type Host = ReturnType<typeof createAnalyticsHost>

function journalOf(drafts: readonly Entry[]): ((host: Host) => readonly EpisodeEvent[])[] {
  let receivedAt = start
  return drafts.map((draft, position) => {
    receivedAt += draft.after * secondMs
    const mark = { position, receivedAt }
    if (draft.type === 'tick') return (host) => host.tick(mark)
    if (draft.type === 'start') {
      return (host) => {
        host.start(mark)
        return []
      }
    }
    const { device, samples } = draft
    const readings = samples
      .map(([old, given]) => ({
        deviceId: device.id,
        kind: device.kind,
        at: mark.receivedAt - old * secondMs,
        receivedAt: mark.receivedAt,
        values: given,
      }))
      .sort((a, b) => a.at - b.at)
    return (host) => host.message(device, readings, mark)
  })
}

test('the same journal gives byte-equal findings, wherever it is cut, saved, killed and read again', () => {
  const changes = new Set<string>()
  const gatewayChanges = new Set<string>()
  const stop = fc.record({ place: fc.nat(), what: fc.constantFrom('save', 'kill', 'save and stop') })

  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), fc.array(stop, { maxLength: 8 }), (drafts, stops) => {
      const journal = journalOf(drafts)
      const straight = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
      const expected = journal.flatMap((step) => step(straight))
      for (const { change, scope } of expected) (scope.type === 'device' ? changes : gatewayChanges).add(change)

      const at = new Map(stops.map(({ place, what }) => [place % journal.length, what]))
      let host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
      let saved = { position: 0, entries: new Map<string, string>() }
      const found = new Map<string, EpisodeEvent>()
      const save = (position: number) => {
        saved = { position, entries: new Map([...saved.entries, ...host.takeChanges()]) }
      }
      const restart = () => {
        host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
        // LevelDB gives them back in the order of their keys
        const entries = new Map([...saved.entries].sort(([a], [b]) => (a < b ? 1 : -1)))
        host.restore(entries, (id) => devices.find((device) => device.id === id))
        return saved.position
      }

      for (let position = 0; position < journal.length; ) {
        const what = at.get(position)
        at.delete(position)
        if (what?.startsWith('save')) save(position)
        if (what !== undefined && what !== 'save') {
          position = restart()
          continue
        }
        for (const event of journal[position]?.(host) ?? []) {
          const key = JSON.stringify([event.position, event.scope, event.finding])
          const known = found.get(key)
          if (known === undefined) found.set(key, event)
          else expect(JSON.stringify(event)).toBe(JSON.stringify(known))
        }
        position += 1
      }
      expect(JSON.stringify([...found.values()])).toBe(JSON.stringify(expected))
    }),
    { numRuns: 400 },
  )
  expect([...changes].sort()).toEqual(['cleared', 'opened', 'passed', 'repeated', 'upgraded'])
  expect([...gatewayChanges].sort()).toEqual(['cleared', 'opened', 'repeated'])
})

test('never more than one event for a position, scope and finding; a said episode is over or goes on', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), (drafts) => {
      const host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
      const open = new Map<string, number>()
      for (const step of journalOf(drafts)) {
        const keys = new Set<string>()
        for (const { scope, finding, change, detectedAt } of step(host)) {
          const key = `${scope.type} ${scope.id} ${finding}`
          expect(keys.has(key)).toBe(false)
          keys.add(key)
          expect(open.has(key)).toBe(change !== 'opened' && change !== 'passed')
          if (change === 'repeated') expect(detectedAt - (open.get(key) ?? 0)).toBeGreaterThanOrEqual(5 * minuteMs)
          if (change === 'cleared' || change === 'passed') open.delete(key)
          else open.set(key, detectedAt)
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('what is remembered of a device fits into 4 KiB', () => {
  const { host, live } = running()
  for (let seconds = 0; seconds < minuteMs / secondMs; seconds += 10) {
    live(seconds, { smokePercentPerM: 40, batteryVolts: 1.5, testButton: true, beeps: 3, label: 'kitchen' })
  }
  expect(host.takeChanges().get('device/s1')?.length).toBeLessThan(4_096)
})
