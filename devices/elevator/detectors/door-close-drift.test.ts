import { expect, test } from 'vitest'
import { dayMs } from '../../../core/clock.ts'
import type { Values } from '../../../core/reading.ts'
import { replay, replayAll } from '../../replay.ts'
import { doorCloseDrift } from './door-close-drift.ts'
import type { WearRuleState } from './wear.ts'

const everyMs = 216_000

/** 400 closings a day, one after the other. */
function inTurn(closings: readonly Values[]): { at: number; values: Values }[] {
  return closings.map((values, i) => ({ at: i * everyMs, values }))
}

function closings(count: number, doorCloseSeconds: number, more: Values = {}): Values[] {
  return Array.from({ length: count }, () => ({ doorCloseSeconds, ...more }))
}

/** As `replay`, without the way through JSON, for long histories: at which closings it found something. */
function findings(stream: readonly Values[], settings: object = doorCloseDrift.settings): number[] {
  let state = doorCloseDrift.initial
  return inTurn(stream).flatMap(({ at, values }, i) => {
    const step = doorCloseDrift.step(state, { at, ...values }, settings, {})
    state = step.state
    return step.finding === undefined ? [] : [i]
  })
}

/** The same door with the spread of a real one, repeatable. */
function wavering(count: number, doorCloseSeconds: number, slowerPerClosing = 0): Values[] {
  return Array.from({ length: count }, (_, i) => {
    const wavers = 0.15 * Math.sin(i * 1.7) + 0.1 * Math.sin(i * 0.31)
    return { doorCloseSeconds: doorCloseSeconds + wavers + i * slowerPerClosing }
  })
}

/** Three whole days of 400, after the one in which it began. */
const fourDays = 1_600

test('reports once when a door slows from 3.0 s to 3.5 s, and has been slow for three whole days', () => {
  const said = replay(doorCloseDrift, inTurn([...closings(900, 3.0), ...closings(fourDays, 3.5)]))

  expect(said).toHaveLength(1)
  // it begins in the third day, and the seventh has begun
  expect(said[0]?.index).toBe(6 * 400)
  expect(said[0]?.finding).toMatchObject({
    severity: 'warning',
    summary: 'The door takes 3.5 s to close, usually 3.0 s',
  })
})

test('days without a closing are no slow ones', () => {
  const weekend = inTurn([...closings(900, 3.0), ...closings(600, 3.5)])
  const after = inTurn(closings(300, 3.5)).map(({ at, values }) => ({ at: at + 20 * dayMs, values }))

  expect(replay(doorCloseDrift, [...weekend, ...after])).toEqual([])
})

test('what a mechanic does is not how it usually closes', () => {
  const learned = (stream: readonly Values[]) =>
    inTurn(stream).reduce<unknown>(
      (state, { at, values }) => doorCloseDrift.step(state, { at, ...values }, doorCloseDrift.settings, {}).state,
      doorCloseDrift.initial,
    ) as { closings: number; usualSeconds: number }

  const { closings: count, usualSeconds } = learned([
    { mode: 'inspection' },
    ...closings(100, 9.0),
    { mode: 'normal' },
    ...closings(100, 3.0),
  ])
  expect({ count, usualSeconds }).toEqual({ count: 100, usualSeconds: 3 })
})

test('a door that stays slow reports again, within the same episode', () => {
  const stream = inTurn([...closings(200, 3.0), ...closings(2 * fourDays, 3.6)])

  expect(replayAll(doorCloseDrift, stream)).toHaveLength(2)
  expect(replay(doorCloseDrift, stream)).toHaveLength(1)
})

test('half a second of wear in a month of 400 closings a day is found before the month is over', () => {
  const month = wavering(12_000, 3, 0.5 / 12_000)
  const [found] = findings([...wavering(4_000, 3), ...month])

  expect(found).toBeGreaterThan(4_000)
  expect(found).toBeLessThan(16_000)
})

test('what grows from day to day waits for no third day', () => {
  const perDay = 100
  const stream = wavering(40 * perDay, 3).map(({ doorCloseSeconds }, i) => ({
    at: i * (dayMs / perDay),
    values: { doorCloseSeconds: Number(doorCloseSeconds) + Math.max(0, i / perDay - 14) / 60 },
  }))
  const [found] = replay(doorCloseDrift, stream)
  expect(found?.finding?.evidence).toHaveProperty('excessSeconds')
  expect(Math.floor((found?.index ?? 0) / perDay)).toBe(35)
})

test('a jam among the first closings does not spoil the baseline', () => {
  const jammed = [...closings(2, 3.0), ...closings(1, 60), ...closings(200, 3.0), ...closings(fourDays, 3.5)]
  expect(replay(doorCloseDrift, inTurn(jammed))).toHaveLength(1)
})

test('a door that became faster long ago is found when it slows again, though still faster than at first', () => {
  // a tenth of the memory, and of the history
  const settings = { ...doorCloseDrift.settings, memoryClosings: 2_000 }
  const history = [...closings(10_000, 4.0), ...closings(4_000, 3.0)]

  expect(findings([...history, ...closings(fourDays + 1, 3.6)], settings).length).toBeGreaterThan(0)
  expect(findings(history, settings)).toEqual([])
})

/** The growth over days alone says so: what it knew of the limit, and at which of forty closings a day. */
function growth(secondsOf: (day: number) => number, days: number) {
  const perDay = Array.from({ length: days * 40 }, (_, i) => secondsOf(Math.floor(i / 40)) + (i % 2 ? 0.01 : -0.01))
  const stream = perDay.map((doorCloseSeconds, i) => ({ at: i * 10 * everyMs, values: { doorCloseSeconds } }))
  return replayAll(doorCloseDrift, stream).filter(
    ({ finding }) => finding?.evidence.limitDoorCloseSeconds !== undefined,
  )
}

test('fifty more closings over the limit than under it are the limit, 40 % above what is usual', () => {
  const [found] = growth((day) => (day < 12 ? 3 : 4.25), 15)
  expect(found?.index).toBe(12 * 40 + 49)
  expect(growth((day) => (day < 12 ? 3 : 4.15), 14)).toEqual([])
})

test('a door that will be too slow within 30 days, by the early end of the forecast, is found then', () => {
  const [found] = growth((day) => 3 + 0.015 * Math.max(0, day - 30), 80)

  expect(found?.finding?.evidence.leftLowDays).toBeGreaterThan(25)
  expect(found?.finding?.evidence.leftLowDays).toBeLessThanOrEqual(30)
})

test('of a door that never wavered, a closing far away counts for five times what the sensor tells', () => {
  const stream = [...closings(1_599, 3), ...closings(1, 60)]
  const state = inTurn(stream).reduce<unknown>(
    (before, { at, values }) => doorCloseDrift.step(before, { at, ...values }, doorCloseDrift.settings, {}).state,
    doorCloseDrift.initial,
  )
  expect((state as { growth: WearRuleState }).growth.wear.sum).toBeCloseTo(5 * 0.02, 8)
})

/** So many cycles of a door, sampled every 10 s by a gateway that repeats the last closing's time in every reading. */
function sampled(cycles: number, secondsOf: (cycle: number) => number, more: (cycle: number) => Values = () => ({})) {
  const doors = ['closed', 'closed', 'opening', 'open', 'closing', 'closed', 'closed', 'closed']
  return Array.from({ length: cycles * doors.length }, (_, i) => {
    const cycle = Math.floor(i / doors.length)
    const isOver = i % doors.length >= 5
    const told = {
      doorState: doors[i % doors.length] ?? 'closed',
      doorCloseSeconds: secondsOf(isOver ? cycle + 1 : cycle),
    }
    return { at: i * 10_000, values: { ...told, ...more(isOver ? cycle + 1 : cycle) } }
  })
}

/** How many closings it counted. */
function counted(stream: readonly { at: number; values: Values }[]): number {
  const state = stream.reduce<unknown>(
    (before, { at, values }) => doorCloseDrift.step(before, { at, ...values }, doorCloseDrift.settings, {}).state,
    doorCloseDrift.initial,
  )
  return (state as { closings: number }).closings
}

const withoutDoor = (stream: readonly { at: number; values: Values }[]) =>
  stream.map(({ at, values: { doorState: _door, ...values } }) => ({ at, values }))

test('a time that is repeated in every reading counts once a closing: by the door, by the counter, or by its change', () => {
  const waver = (cycle: number) => 3 + (cycle % 2) / 10

  expect(counted(sampled(100, () => 3))).toBe(101)
  expect(counted(sampled(100, waver))).toBe(101)
  expect(
    counted(
      withoutDoor(
        sampled(
          100,
          () => 3,
          (cycle) => ({ doorCycles: 700 + cycle }),
        ),
      ),
    ),
  ).toBe(101)
  expect(counted(withoutDoor(sampled(100, waver)))).toBe(101)
  // a cycle between two samples, of which the door's word tells nothing
  const shut = closings(100, 3).map((values, i): Values => ({ ...values, doorState: 'closed', doorCycles: i }))
  expect(counted(inTurn(shut))).toBe(100)
  // with neither door nor counter nor change nobody knows
  expect(counted(withoutDoor(sampled(100, () => 3)))).toBe(1)
})

test('of a gateway that tells each closing once, equal times are closings of their own', () => {
  const cycle = [{ doorState: 'opening' }, { doorState: 'open' }, { doorState: 'closing' }, { doorCloseSeconds: 3 }]
  const events = Array.from({ length: 100 }, () => [...cycle, { doorState: 'closed' }]).flat()
  const told = events.map((values, i) => ({ at: i * 3_000, values }))

  expect(counted(told)).toBe(100)
  // between them it says other things
  const others = Array.from({ length: 100 }, (_, i) => (i % 2 ? { mode: 'normal' } : { doorCloseSeconds: 3 }))
  const apart = (ms: number) => others.map((values, i) => ({ at: i * ms, values }))
  expect(counted(apart(8_000))).toBe(50)
  expect(counted(apart(7_000))).toBe(1)
  const alone = (ms: number) => closings(100, 3).map((values, i) => ({ at: i * ms, values }))
  expect(counted(alone(121_000))).toBe(100)
  expect(counted(alone(120_000))).toBe(1)
})

test('a door that slows is found as soon where its gateway repeats the times', () => {
  const perDay = 108
  const stream = sampled(6 * perDay, (cycle) => (cycle < 200 ? 3 : 3.5)).map(({ at, values }) => ({
    at: 10 * at,
    values,
  }))
  const [found] = replay(doorCloseDrift, stream)

  expect(found?.index).toBeGreaterThanOrEqual(5 * perDay * 8)
  expect(found?.index).toBeLessThan((5 * perDay + 1) * 8)
})

test('the time of an obstructed closing that is repeated without its flag is still that closing’s', () => {
  const stream = sampled(300, (cycle) => (cycle < 200 || cycle % 2 ? 3 : 9)).map(({ at, values }, i) => {
    const obstructed = i % 8 === 5 && values.doorCloseSeconds === 9
    return { at, values: { ...values, doorObstructed: obstructed } }
  })
  expect(counted(stream)).toBe(250)
})

test.each([
  ['a slow but steady door', closings(5_000, 6.0)],
  ['a door that the cold slows by 0.08 s', [...closings(500, 3.0), ...closings(3_000, 3.08)]],
  ['a door that is 8 % slower from one day on, and no more', [...wavering(6_000, 3.25), ...wavering(8_000, 3.51)]],
  ['a windy day', [...wavering(3_000, 3.0), ...wavering(400, 4.05), ...wavering(4_000, 3.0)]],
  ['a new door that is still settling', [...closings(10, 3.0), ...closings(20, 9.0)]],
  ['people in the doorway', [...closings(200, 3.0), ...closings(200, 9.0, { doorObstructed: true })]],
  ['people in the doorway, told by re-openings', [...closings(200, 3.0), ...closings(200, 9.0, { doorReopens: 2 })]],
  [
    'a mechanic who sets it in inspection mode',
    [
      ...closings(900, 3.0),
      { mode: 'inspection' },
      ...closings(fourDays + 400, 4.5),
      { mode: 'normal' },
      ...closings(9, 3),
    ],
  ],
  ['one closing that jams for a minute', [...closings(200, 3.0), ...closings(1, 60), ...closings(200, 3.0)]],
  [
    'one slow closing that the gateway repeats until the next',
    closings(200, 3.0)
      .map((values, i): Values => ({ ...values, doorCycles: i }))
      .concat(closings(500, 9.0, { doorCycles: 200 }), closings(1, 3.0, { doorCycles: 201 })),
  ],
  ['two in a row that jam', [...closings(200, 3.0), ...closings(2, 60), ...closings(200, 3.0)]],
  [
    'people whom the gateway does not tell, one closing in twenty',
    Array.from({ length: 100 }, () => [...closings(19, 3.0), ...closings(1, 9.0)]).flat(),
  ],
  ['a door that became faster after the visit', [...closings(500, 4.0), ...closings(5_000, 3.0)]],
])('stays silent for %s', (_, stream) => {
  expect(replayAll(doorCloseDrift, inTurn(stream))).toEqual([])
})

test('stays silent for a door that wavers, for years', () => {
  // a fortieth of the memory, so ten memories take 5,000 closings; a fresh baseline is the least sure one
  const settings = { ...doorCloseDrift.settings, memoryClosings: 500 }
  expect(findings(wavering(5_000, 3.0), settings)).toEqual([])
})
