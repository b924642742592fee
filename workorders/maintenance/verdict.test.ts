import { expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import { judgeVisit, provenBy, type VisitReading } from './verdict.ts'

const startedAt = Date.parse('2026-11-24T09:00:00+08:00')
const endedAt = startedAt + 60 * minuteMs
const visit = { items: ['half-month' as const], startedAt, endedAt }

/** One reading a minute. */
function minutes(from: number, until: number, values: (minute: number) => Values): VisitReading[] {
  return Array.from({ length: until - from }, (_, index) => {
    return { at: startedAt + (from + index) * minuteMs, values: values(from + index) }
  })
}

/** A mechanic: inspection mode from minute 5 to 40, a run and a door cycle every five minutes. */
const work = minutes(-15, 75, (minute) => {
  const isWork = minute >= 5 && minute <= 40
  const moving = isWork && minute % 5 === 0
  return {
    mode: isWork ? 'inspection' : 'normal',
    direction: moving ? 'up' : 'none',
    doorState: isWork && minute % 5 === 2 ? 'open' : 'closed',
  }
})

test('inspection mode for long enough, with doors and runs, proves a visit', () => {
  const { verdict, verdictText, verdictEvidence } = judgeVisit(visit, work)
  expect(verdict).toBe('proven')
  expect(verdictText).toBe('In inspection mode for 35 min between 09:05 and 09:40; 7 door openings, 8 runs')
  expect(verdictEvidence).toMatchObject({ inspectionMinutes: 35, neededMinutes: 15, coverage: 1 })
})

test('lifetime counters tell doors and runs where states are too quick to be seen', () => {
  const counted = work.map(({ at, values }, index) => {
    return { at, values: { mode: values.mode ?? 'normal', trips: 1_000 + index, doorCycles: 2_000 + 2 * index } }
  })
  expect(judgeVisit(visit, counted).verdictEvidence).toMatchObject({ runs: 89, doorCycles: 178 })
})

test('a counter that begins again at 0 while the mechanic works takes nothing back', () => {
  const restarted = work.map(({ at, values }, index) => {
    const count = index < 40 ? 52_000 + index : index - 40
    return { at, values: { mode: values.mode ?? 'normal', trips: count, doorCycles: count } }
  })
  expect(judgeVisit(visit, restarted)).toMatchObject({
    verdict: 'proven',
    verdictEvidence: { runs: 88, doorCycles: 88 },
  })
})

test('what is not measured is not asked for', () => {
  const modes = work.map(({ at, values }) => ({ at, values: { mode: values.mode ?? 'normal' } }))
  expect(judgeVisit(visit, modes)).toMatchObject({
    verdict: 'proven',
    verdictText: expect.stringContaining('doors are not measured, runs are not measured'),
  })
})

test('a visit that is claimed for less than its items take is not proven, whatever was not heard meanwhile', () => {
  const short = { items: ['year' as const], startedAt, endedAt: startedAt + 5_000 }
  expect(judgeVisit(short, [])).toMatchObject({
    verdict: 'not-proven',
    verdictText: 'The visit is claimed for 0 of at least 45 min',
  })
  expect(judgeVisit({ ...short, endedAt: startedAt + 45 * minuteMs }, []).verdict).toBe('cannot-tell')
  expect(judgeVisit({ ...visit, endedAt: startedAt + 14 * minuteMs }, work).verdict).toBe('proven')
})

test.each<[string, Values, RegExp]>([
  ['an elevator that ran all the time', { mode: 'normal' }, /no inspection mode/],
  [
    'a switch that was turned and nothing more',
    { mode: 'inspection', direction: 'none', doorState: 'closed' },
    /0 door openings, 0 runs/,
  ],
])('%s disproves it', (_, values, expected) => {
  const { verdict, verdictText } = judgeVisit(
    visit,
    minutes(-15, 75, () => values),
  )
  expect([verdict, verdictText]).toEqual(['not-proven', expect.stringMatching(expected)])
})

test('too short is not proven, also when a short visit is claimed', () => {
  const short = work.map(({ at, values }) =>
    at > startedAt + 17 * minuteMs ? { at, values: { ...values, mode: 'normal' } } : { at, values },
  )
  const expected = { verdict: 'not-proven', verdictText: expect.stringContaining('12 of at least 15 min') }
  expect(judgeVisit(visit, short)).toMatchObject(expected)
  expect(judgeVisit({ ...visit, endedAt: startedAt + 17 * minuteMs }, short)).toMatchObject(expected)
  expect(judgeVisit({ ...visit, items: ['half-month', 'year'] }, work).verdict).toBe('not-proven')
})

test('a minute of inspection proves one visit, also of two that adjoin', () => {
  const judged = (from: number, until: number, ...before: ReturnType<typeof judgeVisit>[]) => {
    const span = { ...visit, startedAt: startedAt + from * minuteMs, endedAt: startedAt + until * minuteMs }
    return judgeVisit(
      span,
      work,
      before.flatMap((one) => provenBy(one) ?? []),
    )
  }
  // 35 minutes, from 5 to 40
  const early = judged(-8, 7)
  expect(early.verdict).toBe('proven')
  const next = judged(8, 23, early)
  expect(next.verdict).toBe('proven') // 21 to 36
  const last = judged(24, 39, early, next)
  expect(last).toMatchObject({
    verdict: 'not-proven',
    verdictText:
      'The visit does not show: inspection mode for 3 of at least 15 min, but for 28 min that prove another visit, 1 door openings, 1 runs',
  })
  // of what is within a visit as much as it needs, nothing around it is spoken
  expect(judged(20, 40, judged(4, 20)).verdict).toBe('proven')
})

test('doors and runs in minutes that prove another visit prove no second one', () => {
  const mechanic = (until: number) =>
    minutes(-15, 75, (minute) => {
      const isWork = minute >= 0 && minute <= until
      return {
        mode: minute >= 0 && minute <= 50 ? 'inspection' : 'normal',
        direction: isWork && minute % 5 === 0 ? 'up' : 'none',
        doorState: isWork && minute % 5 === 2 ? 'open' : 'closed',
        trips: 100 + (isWork ? Math.floor(minute / 5) : Math.floor(until / 5)),
      }
    })
  const second = (readings: VisitReading[]) => {
    const first = judgeVisit({ ...visit, endedAt: startedAt + 20 * minuteMs }, readings)
    const claimed = { ...visit, startedAt: startedAt + 22 * minuteMs, endedAt: startedAt + 52 * minuteMs }
    return judgeVisit(claimed, readings, [provenBy(first) ?? expect.fail()])
  }
  expect(second(mechanic(20))).toMatchObject({
    verdict: 'not-proven',
    verdictText: 'The visit does not show: 0 door openings, 0 runs',
  })
  expect(second(mechanic(40))).toMatchObject({
    verdict: 'proven',
    verdictEvidence: { doorCycles: 4, runs: 4, spokenMinutes: 14 },
  })
})

test('a visit takes no more of the inspection around it than it lacks', () => {
  const long = traffic((minute) => minute >= 6 && minute <= 50)
  const span = (from: number, until: number) => {
    return { startedAt: startedAt + from * minuteMs, endedAt: startedAt + until * minuteMs }
  }
  const short = judgeVisit({ items: ['half-month'], ...span(0, 16) }, long)
  expect(provenBy(short)).toEqual({ from: startedAt + 6 * minuteMs, until: startedAt + 21 * minuteMs })
  const spoken = [provenBy(short) ?? expect.fail()]
  expect(judgeVisit({ items: ['quarter'], ...span(16, 50) }, long, spoken).verdict).toBe('proven')
  const late = judgeVisit({ items: ['half-month'], ...span(45, 60) }, long)
  expect(provenBy(late)).toEqual({ from: startedAt + 35 * minuteMs, until: startedAt + 50 * minuteMs })
})

test('work at another hour proves nothing', () => {
  const moved = work.map(({ at, values }) => ({ at: at + 3 * 60 * minuteMs, values }))
  const normal = minutes(-15, 75, () => ({ mode: 'normal' }))
  expect(judgeVisit(visit, [...normal, ...moved]).verdict).toBe('not-proven')
})

test.each([
  ['no reading at all', []],
  ['no mode among the readings', minutes(-15, 75, () => ({ motorCelsius: 40 }))],
  ['a gateway that was away half of the time', minutes(-15, 30, () => ({ mode: 'normal' }))],
])('nobody can tell from %s', (_, readings) => {
  const { verdict, verdictText } = judgeVisit(visit, readings)
  expect([verdict, verdictText]).toEqual(['cannot-tell', expect.stringContaining('too little to tell')])
})

/** Ordinary traffic, with inspection mode in the minutes given. */
const traffic = (isInspection: (minute: number) => boolean) =>
  minutes(-15, 75, (minute) => ({
    mode: isInspection(minute) ? 'inspection' : 'normal',
    direction: minute % 3 === 0 ? 'up' : 'none',
    doorState: minute % 3 === 1 ? 'open' : 'closed',
  }))

test('two moments of inspection mode are not the time between them, and stretches add up', () => {
  expect(
    judgeVisit(
      visit,
      traffic((minute) => minute === 2 || minute === 49),
    ),
  ).toMatchObject({
    verdict: 'not-proven',
    verdictText: expect.stringContaining('inspection mode for 0 of at least 15 min'),
  })
  const twice = traffic((minute) => (minute >= 2 && minute <= 10) || (minute >= 40 && minute <= 49))
  expect(judgeVisit(visit, twice)).toMatchObject({ verdict: 'proven', verdictEvidence: { inspectionMinutes: 17 } })
})

test('a gap in the data is no inspection, but where it could be one nobody can tell', () => {
  const all = traffic((minute) => minute >= 5 && minute <= 22)
  const without = (from: number, until: number) =>
    all.filter(({ at }) => at <= startedAt + from * minuteMs || at >= startedAt + until * minuteMs)
  expect(judgeVisit(visit, without(8, 20))).toMatchObject({
    verdict: 'cannot-tell',
    verdictText: 'Telemetry shows inspection mode for 10 of at least 15 min; for 7 min of it nothing was heard',
  })
  expect(judgeVisit(visit, without(8, 24)).verdictEvidence).toMatchObject({ inspectionMinutes: 3, unseenMinutes: 0 })
})
