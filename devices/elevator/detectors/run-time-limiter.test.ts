import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { runTimeLimiter } from './run-time-limiter.ts'
import { changesOnly, every10s, news, oneByOne, type Said, said, settles, start } from './said.ts'

const standing = {
  doorState: 'closed',
  doorZone: true,
  brakeState: 'applied',
  direction: 'none',
  carSpeedMps: 0,
  floor: 3,
}
const driven = { ...standing, brakeState: 'released', direction: 'up' }
const riding = { ...driven, doorZone: false, carSpeedMps: 1.75 }
const tower = { facts: { stops: 30, ratedSpeedMps: 1.75 } }

const found = (stream: readonly Said[], until = 0, options: object = {}) =>
  news(runTimeLimiter, withTicks(stream, { until: start + until * 1_000 }), options)

test('a machine that is driven for 50 s and does not move is urgent, and the reason is in words', () => {
  const [raised] = replay(runTimeLimiter, withTicks([said(0, standing), ...every10s(10, 90, driven)]))

  expect(raised?.at).toBe(start + 60_000)
  expect(raised?.finding).toEqual({
    severity: 'urgent',
    summary: 'The machine is driven for 50 s and the car does not move (limit 45 s)',
    evidence: { drivenSeconds: 50, limitSeconds: 45, slips: false, floor: 3, faultCode: null },
    since: start + 10_000,
  })
})

test.each([
  ['of 3 floors at 1 m/s', { stops: 3, ratedSpeedMps: 1 }, 20],
  ['of 11 floors at 1 m/s', { stops: 11, ratedSpeedMps: 1 }, 40],
  ['of 60 floors at 1 m/s', { stops: 60, ratedSpeedMps: 1 }, 45],
  ['of which nothing is known', {}, 45],
])('its limit follows the travel of an elevator %s', (_, facts, seconds) => {
  const stream = [said(0, standing), ...every10s(10, 100, driven)]
  expect(found(stream, 0, { facts })).toEqual([`urgent ${10 + 10 * Math.ceil(seconds / 10)}`])
})

test.each([
  [3, 20],
  [13, 46],
])('sampled every second, an elevator of %d floors at 1 m/s is found after its own limit', (stops, wholeSeconds) => {
  const stream = [said(0, standing), ...Array.from({ length: 60 }, (_, i) => said(1 + i, driven))]
  expect(found(stream, 0, { facts: { stops, ratedSpeedMps: 1 } })).toEqual([`urgent ${1 + Math.min(wholeSeconds, 45)}`])
  expect(found(stream, 0, { facts: { stops: 10, ratedSpeedMps: 1 } })).toEqual(['urgent 38'])
})

test.each([
  ['the brake, released since it was applied', { brakeState: 'released' }],
  ['a brake that was released all along, and a direction', { brakeState: 'released', direction: 'up' }],
  ['a direction and the motor’s current, where no brake is told', { direction: 'down', motorAmps: -12 }],
])('driven is: %s', (name, values) => {
  const before = name.includes('since') ? { brakeState: 'applied', floor: 3 } : { floor: 3 }
  expect(found([said(0, before), ...every10s(10, 90, { floor: 3, ...values })])).toEqual(['urgent 60'])
})

test('a car that stops on its ride and is driven on is found as well', () => {
  expect(found([said(0, standing), said(10, riding), ...every10s(20, 100, { ...driven, doorZone: false })])).toEqual([
    'urgent 70',
  ])
})

test('who gives up after 20 s without having moved was stopped by the limiter; who gives up sooner was not', () => {
  const tried = (until: number) => [
    said(0, standing),
    ...every10s(10, until, driven),
    ...every10s(until + 10, 300, standing),
  ]
  expect(found(tried(30))).toEqual(['urgent 40'])
  expect(found(tried(20))).toEqual([])
})

test('a car whose speed is told but whose floor stays slips on its ropes: after 2 minutes, or the longest ride', () => {
  const slipping = [said(0, standing), ...every10s(10, 200, { ...driven, carSpeedMps: 0.5 })]
  const [raised] = replay(runTimeLimiter, slipping)

  expect(found(slipping)).toEqual(['urgent 130'])
  expect(found(slipping, 0, tower)).toEqual(['urgent 70'])
  expect(raised?.finding?.summary).toBe(
    'The car runs for 120 s and stays at its floor: its ropes may slip (limit 120 s)',
  )
})

test('a motor at rest draws less than 2 A', () => {
  const drawing = (motorAmps: number) => every10s(0, 90, { floor: 3, direction: 'up', motorAmps })

  expect(found(drawing(2))).toEqual(['urgent 50'])
  expect(found(drawing(1.9))).toEqual([])
})

test('a car that stands leaves the state as it is', () => {
  expect(settles(runTimeLimiter, { ...standing, motorAmps: 0 })).toBe(true)
})

test('of an elevator that tells no floor, only a speed clears it', () => {
  const floorless = ({ floor: _floor, ...values }: Said['values']) => values
  const event = [said(0, floorless(standing)), ...every10s(10, 90, floorless(driven))]

  expect(found([...event, ...every10s(100, 3_600, floorless(standing))])).toEqual(['urgent 60'])
  expect(found([...event, ...every10s(100, 200, floorless({ ...riding, doorZone: true }))])).toEqual([
    'urgent 60',
    'cleared 130',
  ])
})

test('what was raised before stays through an inspection, and clears when the car moves after it', () => {
  const event = [said(0, standing), ...every10s(10, 90, driven)]
  const inspected = every10s(100, 300, { ...standing, mode: 'inspection' })
  const rides = every10s(310, 400, { ...riding, mode: 'normal' }).map(({ at, values }, i) => ({
    at,
    values: { ...values, floor: 4 + i },
  }))

  expect(found([...event, ...inspected])).toEqual(['urgent 60'])
  expect(found([...event, ...inspected, ...rides])).toEqual(['urgent 60', 'cleared 340'])
})

test('the controller is believed at once', () => {
  expect(found([said(0, standing), said(10, driven), said(15, { faultCode: '06' })])).toEqual(['urgent 15'])

  const [raised] = replay(runTimeLimiter, [said(0, standing), said(10, { faultCode: '06' })])
  expect(raised?.finding?.summary).toBe('The run-time limiter of the motor has acted (code 06)')
})

test('each metric in a reading of its own, and each change told once and everything once a minute, are found as well', () => {
  const stream = [said(0, standing), ...every10s(10, 90, driven)]

  expect(found(oneByOne(stream))).toEqual(['urgent 60'])
  expect(found([...changesOnly(stream), said(70, driven)])).toEqual(['urgent 70'])
})

/** A counter of trips, as it rises with the rides. */
const counts = [8, 5, 3].map((floor, i) => said(-180 + 60 * i, { floor, trips: 698 + i, brakeState: 'applied' }))

/** A box that tells changes, no speed, and everything once a minute: a start of 45 s. */
function startToldAsChanges(repeatedAt: number, repeated: Said['values'], rode = counts): Said[] {
  const rests = { doorState: 'closed', brakeState: 'applied', direction: 'none', floor: 3, trips: 700 }
  return [
    ...rode,
    said(0, rests),
    said(10, { brakeState: 'released', direction: 'up' }),
    said(repeatedAt, { ...rests, brakeState: 'released', direction: 'up', ...repeated }),
    said(55, { brakeState: 'applied', direction: 'none' }),
    said(repeatedAt + 60, { ...rests, ...repeated }),
  ]
}

test('where no speed is told, a floor and a count of trips that stay are believed over 45 s', () => {
  const start = (repeatedAt: number, repeated: object = {}) =>
    found(startToldAsChanges(repeatedAt, repeated as Said['values']))

  expect(start(36)).toEqual(['urgent 55'])
  expect(start(54)).toEqual(['urgent 55'])
  expect(start(36, { trips: 701 })).toEqual([])
  expect(start(36, { floor: 4 })).toEqual([])
  const frozen = counts.map(({ at, values }) => ({ at, values: { ...values, trips: 700 } }))
  const late = counts.map(({ at, values }, i) => ({ at, values: { ...values, trips: i < 2 ? 690 : 700 } }))
  for (const told of [frozen, late, []]) expect(found(startToldAsChanges(36, {}, told))).toEqual([])
  const risingBy = (rides: number) =>
    counts.map(({ at, values }, i) => ({ at, values: { ...values, trips: 700 - rides * (2 - i) } }))
  expect(found(startToldAsChanges(36, {}, risingBy(3)))).toEqual(['urgent 55'])
  expect(found(startToldAsChanges(36, {}, risingBy(4)))).toEqual([])
  const tripless = startToldAsChanges(36, {}).map(({ at, values: { trips: _trips, ...values } }) => ({ at, values }))
  expect(found(tripless)).toEqual([])
  const { carSpeedMps: _speed, ...speedless } = driven
  const minuteApart = [0, 60, 120, 180].map((s) => said(s, { ...speedless, trips: 700 }))
  expect(found([said(-60, { brakeState: 'applied', floor: 3, trips: 700 }), ...minuteApart])).toEqual([])
  expect(found([...counts, ...minuteApart])).toEqual([])
})

test('it stays while the machine is blocked, clears when the car has moved for 30 s, and not by silence', () => {
  const event = [said(0, standing), ...every10s(10, 90, driven)]
  const rides = (from: number, until: number) =>
    every10s(from, until, riding).map(({ at, values }, i) => ({ at, values: { ...values, floor: 4 + i } }))

  expect(replayAll(runTimeLimiter, withTicks(event)).length).toBeGreaterThan(3)
  expect(found([...event, ...every10s(100, 3_600, standing)])).toEqual(['urgent 60'])
  expect(found([...event, ...rides(100, 120), said(129, { ...riding, floor: 9 })])).toEqual(['urgent 60'])
  expect(found([...event, ...rides(100, 130)])).toEqual(['urgent 60', 'cleared 130'])
  expect(found([...event, ...rides(100, 110), ...every10s(120, 140, { ...standing, floor: 6 })])).toEqual([
    'urgent 60',
    'cleared 130',
  ])
  expect(found(event, 86_400)).toEqual(['urgent 60'])
})

test.each<[string, Said[], object?]>([
  ['an arrow that stays lit while the car stands', every10s(0, 900, { ...standing, direction: 'up', motorAmps: 0.4 })],
  [
    'an arrow of an elevator without brake and current',
    every10s(0, 900, { direction: 'up', carSpeedMps: 0, floor: 3 }),
  ],
  [
    'a brake contact that hangs while the car stands',
    [said(0, standing), ...every10s(10, 30, riding), ...every10s(40, 900, { ...standing, brakeState: 'released' })],
  ],
  [
    'the same of an elevator that tells no direction',
    [
      said(0, { brakeState: 'applied', carSpeedMps: 0, floor: 3 }),
      said(10, { brakeState: 'released', carSpeedMps: 1.75, floor: 3 }),
      ...every10s(20, 900, { brakeState: 'released', carSpeedMps: 0, floor: 3 }),
    ],
  ],
  ['a start that takes 15 s', [said(0, standing), said(10, driven), said(25, riding), ...every10s(35, 900, standing)]],
  [
    'a ride and its way back between rare samples',
    [
      said(0, standing),
      said(30, { ...driven, carSpeedMps: 0.02 }),
      said(60, { ...driven, direction: 'down', carSpeedMps: -0.05 }),
      said(90, standing),
    ],
    { stops: 3, ratedSpeedMps: 1 },
  ],
  [
    'people who hold the door of a car that wants to leave',
    [said(0, standing), ...every10s(10, 900, { ...driven, doorState: 'open' })],
  ],
  [
    'a long ride without a speed sensor',
    [
      said(0, { brakeState: 'applied', floor: 1 }),
      ...Array.from({ length: 100 }, (_, i) =>
        said(10 + i * 10, { brakeState: 'released', direction: 'up', floor: 1 + Math.floor(i / 4) }),
      ),
    ],
  ],
  [
    'rides of an elevator that tells its brake and its door zone only',
    Array.from({ length: 100 }, (_, i) =>
      said(i * 10, { brakeState: i % 5 < 4 ? 'released' : 'applied', doorZone: i % 5 === 4 }),
    ),
  ],
  [
    'a long ride whose door zone tells that it goes on',
    [
      said(0, { brakeState: 'applied', doorZone: true, carSpeedMps: 0 }),
      ...Array.from({ length: 100 }, (_, i) =>
        said(10 + i * 10, { brakeState: 'released', direction: 'up', doorZone: i % 3 === 0, carSpeedMps: 0.04 }),
      ),
    ],
  ],
  [
    'a long ride whose floor is not told',
    [said(0, standing), ...every10s(10, 120, riding), ...every10s(130, 900, standing)],
  ],
  [
    'a speed sensor that dies on the ride',
    [said(0, standing), said(10, riding), ...every10s(20, 900, { floor: 3, brakeState: 'applied', direction: 'none' })],
  ],
  [
    'a very long ride of an elevator that tells no floor',
    [said(0, { doorZone: true }), ...every10s(10, 900, { carSpeedMps: 0.5 })],
  ],
  [
    'a mechanic who tests the brake in inspection mode',
    [said(0, { ...standing, mode: 'inspection' }), ...every10s(10, 900, driven)],
  ],
  [
    'the same, told by a code of an elevator without a mode',
    [said(0, { ...standing, faultCode: '43' }), ...every10s(10, 900, driven)],
  ],
  [
    'a brake that was already released when the mechanic left',
    [
      said(0, standing),
      said(5, { mode: 'inspection' }),
      ...every10s(10, 100, { ...driven, mode: 'inspection' }),
      said(110, { ...driven, mode: 'normal' }),
      said(120, riding),
    ],
  ],
])('stays silent for %s', (_, stream, facts = {}) => {
  expect(found(stream, 0, { facts })).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(runTimeLimiter, {
    holds: driven,
    calm: { ...standing, doorState: 'open' },
    seconds: 20,
    facts: { stops: 3, ratedSpeedMps: 1 },
  })
})
