import { expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { electricityMeterSilent } from './electricity-meter/detectors/silent.ts'
import { elevatorSilent } from './elevator/detectors/silent.ts'
import { type ReplayInput, replay, replayAll, type Transition, withTicks } from './replay.ts'

const from = 1_800_000_000_000

/** Readings this many ms after `from`. */
const heardAt = (...afterMs: number[]) => afterMs.map((ms) => ({ at: from + ms, values: { floor: 1, volts: 228 } }))
const every = (ms: number, count: number) => heardAt(...Array.from({ length: count }, (_, index) => index * ms))
const brief = (said: readonly Transition[]) =>
  said.map(({ at, finding, cleared }) => `${(at - from) / minuteMs} ${cleared ? 'cleared' : finding?.severity}`)

test.each([
  ['an elevator', elevatorSilent],
  ['a meter', electricityMeterSilent],
])('%s is silent after a quarter of an hour, and no longer with its next reading', (_, silent) => {
  const back = 40 * minuteMs + 10_000
  const said = replay(silent, withTicks(heardAt(0, 10_000, back), { until: from + back + minuteMs }))

  expect(said).toMatchObject([
    {
      at: from + 10_000 + 15 * minuteMs,
      finding: {
        severity: 'info',
        since: from + 10_000,
        evidence: { silentSeconds: 900, usualSeconds: null, limitSeconds: 900 },
      },
    },
    { at: from + back + 5_000, cleared: true },
  ])
})

test('after a day it becomes a visit, and is said again once a day, not at every tick', () => {
  const said = replayAll(elevatorSilent, withTicks(heardAt(0), { until: from + 60 * hourMs }))

  expect(brief(said)).toEqual(['15 info', `${24 * 60} warning`, `${48 * 60} warning`])
})

test('data that come an hour late, at their own pace, leave it silent; one of the last quarter of an hour ends that', () => {
  const late = Array.from({ length: 360 }, (_, index): ReplayInput[] => {
    const at = from + index * 10_000
    const tick = { tick: true as const, at: at + hourMs + 5_000, fresh: false, lastReadingAt: at }
    return [{ at, values: { floor: 1 } }, tick]
  }).flat()
  const now = from + 2 * hourMs
  const then = (ago: number): ReplayInput[] => {
    const tick = { tick: true as const, at: now, fresh: false, lastReadingAt: now - ago }
    return [...late, { at: now - ago, values: { floor: 1 } }, tick]
  }

  expect(brief(replay(elevatorSilent, late))).toEqual([`${65 + 5 / 60} info`])
  expect(replay(elevatorSilent, then(15 * minuteMs))).toHaveLength(1)
  expect(replay(elevatorSilent, then(15 * minuteMs - 1)).at(-1)?.cleared).toBe(true)
})

test('a backlog of thirty hours and what is measured now, between two ticks, end it; the next silence is another', () => {
  const back = from + 30 * hourMs
  const backlog = every(minuteMs, 30 * 60).slice(1)
  const silent = withTicks(heardAt(0), { until: back - 5_000 })
  const live = withTicks([{ at: back, values: { floor: 1 } }], { until: back + hourMs })

  expect(brief(replay(elevatorSilent, [...silent, ...backlog, ...live]))).toEqual([
    '15 info',
    `${24 * 60} warning`,
    `${30 * 60 + 5 / 60} cleared`,
    `${30 * 60 + 15} info`,
  ])
})

test('a new one that begins with a backlog of days is not silent while it catches up, and is when it stops on the way', () => {
  const now = from + 50 * hourMs
  // an hour of readings every ten seconds
  const backlog = every(minuteMs, 50 * 60 + 1).flatMap((reading, index): ReplayInput[] => {
    const tick = { tick: true as const, at: now + index * 167, fresh: false, lastReadingAt: reading.at }
    return index % 60 === 59 ? [reading, tick] : [reading]
  })
  const stops = backlog.slice(0, 1_000)
  const lastReadingAt = from + 983 * minuteMs
  const ticks = Array.from({ length: 100 }, (_, index): ReplayInput => {
    return { tick: true, at: now + (20 + index) * 10_000, fresh: false, lastReadingAt }
  })

  expect(replay(elevatorSilent, backlog)).toEqual([])
  const [said, ...more] = replay(elevatorSilent, [...stops, ...ticks])
  expect(said).toMatchObject({ finding: { severity: 'warning', since: lastReadingAt } })
  // five minutes after the last time that it was seen to catch up
  expect(((said?.at ?? 0) - now) / secondMs).toBeLessThanOrEqual(2 * 300 + 20)
  expect(more).toEqual([])
})

test('who comes nearer to now no faster than time passes is silent', () => {
  const slow = Array.from({ length: 90 }, (_, index): ReplayInput[] => {
    const at = from + index * 110 * secondMs
    return [
      { at, values: { floor: 1 } },
      { tick: true, at: from + 9 * hourMs + index * minuteMs, fresh: false, lastReadingAt: at },
    ]
  }).flat()
  expect(brief(replay(elevatorSilent, slow))).toEqual([`${9 * 60 + 5} info`])
})

test.each([
  ['one that reports every 14 minutes', every(14 * minuteMs, 20)],
  ['one that misses a minute now and then', heardAt(0, 10_000, 90_000, 100_000, 400_000, 410_000)],
])('stays silent for %s', (_, readings) => {
  expect(replay(elevatorSilent, withTicks(readings))).toEqual([])
})

test('a meter that is read every half hour is missed at first, then never, and found when it stays away', () => {
  const readings = every(30 * minuteMs, 48)
  const end = from + 47 * 30 * minuteMs
  const said = replay(electricityMeterSilent, withTicks(readings, { until: end + 4 * hourMs }))

  expect(said.filter(({ at }) => at > from + 31 * minuteMs && at <= end)).toEqual([])
  expect(said.at(-1)?.finding?.severity).toBe('info')
  expect((said.at(-1)?.at ?? 0) - end).toBeGreaterThan(2 * hourMs)
})

test('a long silence is not learned as its usual interval', () => {
  const before = every(10_000, 100)
  const back = from + 30 * hourMs
  const after = Array.from({ length: 3 }, (_, index) => ({ at: back + index * 10_000, values: { floor: 1 } }))
  const said = replay(elevatorSilent, withTicks([...before, ...after], { until: back + hourMs }))

  expect(said.map(({ finding, cleared }) => (cleared ? 'cleared' : finding?.severity))).toEqual([
    'info',
    'warning',
    'cleared',
    'info',
  ])
  expect((said.at(-1)?.at ?? 0) - back).toBeLessThan(17 * minuteMs)
})

test('who never reported is not silent, whatever the ticks say', () => {
  const ticks = Array.from({ length: 100 }, (_, index) => {
    return { tick: true as const, at: from + index * hourMs, fresh: false, lastReadingAt: from }
  })
  expect(replay(elevatorSilent, ticks)).toEqual([])
})

test('a tick that says nothing changes nothing, so that nothing is written down', () => {
  const { settings, initial } = elevatorSilent
  const { state } = elevatorSilent.step(initial, { at: from, floor: 1 }, settings, {})
  const tick = (afterMs: number) => ({ tick: true, at: from + afterMs, fresh: false, lastReadingAt: from })
  expect(elevatorSilent.step(state, tick(10 * secondMs), settings, {}).state).toBe(state)

  const waiting = elevatorSilent.step(state, tick(hourMs), settings, {}).state
  expect(elevatorSilent.step(waiting, tick(hourMs + minuteMs), settings, {}).state).toBe(waiting)
  const silent = elevatorSilent.step(waiting, tick(hourMs + 5 * minuteMs), settings, {}).state
  expect(silent).not.toBe(state)
  expect(elevatorSilent.step(silent, tick(2 * hourMs), settings, {}).state).toBe(silent)
})
