import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { changesOnly, every10s, news, oneByOne, type Said, said, settles, start } from './said.ts'
import { stoppedOutsideZone } from './stopped-outside-zone.ts'

const riding = {
  mode: 'normal',
  doorState: 'closed',
  doorZone: false,
  carSpeedMps: 1.75,
  floor: 4,
  passengerPresent: false,
}
const stopped = { ...riding, carSpeedMps: 0, floor: 5 }
const atFloor = { ...stopped, doorZone: true }

const found = (stream: readonly Said[], until = 0) =>
  news(stoppedOutsideZone, withTicks(stream, { until: start + until * 1_000 }))

test('an empty car that stands between floors is urgent after a minute, and the reason is in words', () => {
  const [raised] = replay(stoppedOutsideZone, [said(0, riding), ...every10s(10, 100, stopped)])

  expect(raised?.at).toBe(start + 70_000)
  expect(raised?.finding).toEqual({
    severity: 'urgent',
    summary: 'The car has stopped outside its door zone for 60 s; nobody is known to be inside (limit 60 s)',
    evidence: {
      standingSeconds: 60,
      limitSeconds: 60,
      outsideDoorZone: true,
      floor: 5,
      outOfService: false,
      faultCode: null,
    },
    since: start + 10_000,
  })
})

test.each([
  ['a brake', { brakeState: 'applied' }],
  ['an arrow', { direction: 'none' }],
  ['the controller’s code', { faultCode: '04' }],
])('it needs no speed: %s will do', (_, values) => {
  expect(found(every10s(0, 90, { doorZone: false, ...values }))).toEqual(['urgent 60'])
})

test('nor anything but a floor that is said again and again', () => {
  const once = (seconds: number) =>
    Array.from({ length: 100 }, (_, i) => said(i * seconds, { doorZone: false, floor: 5 }))

  expect(found(once(10))).toEqual(['urgent 70'])
  expect(found(once(31))).toEqual([])
  expect(found([said(0, { doorZone: false, floor: 4 }), said(2, { floor: 5 }), said(4, { floor: 6 })], 90)).toEqual([])
})

test('the code alone will do as well, and it is named', () => {
  const [raised] = replay(stoppedOutsideZone, every10s(0, 90, { faultCode: '04' }))
  expect(raised?.finding?.summary).toContain('between floors, as code 04 says, for 60 s')
})

test('each metric in a reading of its own, and each change told once, are found as well', () => {
  const stream = [said(0, riding), ...every10s(10, 100, stopped)]

  expect(found(oneByOne(stream))).toEqual(['urgent 70'])
  expect(found(changesOnly(stream), 120)).toEqual(['urgent 70'])
})

test('a car that nobody is seen in from the stop on is found, though people rode in it before', () => {
  expect(found([said(0, { ...riding, passengerPresent: true }), ...every10s(10, 90, stopped)])).toEqual(['urgent 70'])
})

test('who is seen later does not end what was raised, and is for entrapment', () => {
  const then = every10s(110, 900, { ...stopped, passengerPresent: true })
  expect(found([said(0, riding), ...every10s(10, 100, stopped), ...then])).toEqual(['urgent 70'])
})

test('a car that was caught when its mode turned to out of service comes through, and on battery or in an earthquake', () => {
  const caught = { ...stopped, mode: 'out-of-service' }
  expect(
    found([said(0, riding), said(10, { ...riding, mode: 'out-of-service' }), ...every10s(15, 90, caught)]),
  ).toEqual(['urgent 75'])
  for (const mode of ['emergency-power', 'earthquake']) {
    expect(found([said(0, riding), ...every10s(10, 90, { ...stopped, mode })])).toEqual(['urgent 70'])
  }
})

test('caught is within ten seconds of the switch, and a zone counts that was told within a minute of the stop', () => {
  const off = (seconds: number) => [
    said(0, riding),
    said(10, { mode: 'out-of-service' }),
    ...every10s(seconds, 200, { ...stopped, mode: 'out-of-service' }),
  ]
  const zone = (seconds: number) => [said(0, riding), said(seconds, { carSpeedMps: 0 })]

  expect(found(off(20))).toEqual(['urgent 80'])
  expect(found(off(20.1))).toEqual([])
  expect(found(zone(60), 150)).toEqual(['urgent 120'])
  expect(found(zone(60.1), 150)).toEqual([])
})

test('a parked car has left its zone by the second word, or the first that says that it has moved', () => {
  const parked = [said(0, { ...riding, trips: 7 }), ...every10s(10, 50, { ...atFloor, trips: 7 })]
  const outside = (more: object) => every10s(60, 200, { ...stopped, trips: 7, ...more } as Said['values'])

  expect(found([...parked, ...outside({})])).toEqual(['urgent 130'])
  expect(found([...parked, ...outside({ floor: 6 })])).toEqual(['urgent 120'])
  expect(found([...parked, ...outside({ trips: 8 })])).toEqual(['urgent 120'])
  expect(found([...parked, said(60, { doorZone: false })], 140)).toEqual(['urgent 120'])
})

test('a word on the zone of a parked car that the readings after it do not take back is believed', () => {
  const parked = [said(-130, { ...riding, trips: 7 }), ...every10s(-120, -100, { ...atFloor, trips: 7 })]
  const once = said(0, { doorZone: false, carSpeedMps: 0, brakeState: 'applied' })
  const others = Array.from({ length: 20 }, (_, i) => said(30 * i + 30, { floor: 5, passengerPresent: false }))

  expect(found([...parked, once, ...others])).toEqual(['urgent 90'])
  expect(found([...parked, once, said(9, { floor: 5 }), said(10, { doorZone: true }), ...others])).toEqual([])
})

test('a car that stands at a floor leaves the state as it is', () => {
  expect(settles(stoppedOutsideZone, atFloor)).toBe(true)
})

test('it says so at every sample, clears ten seconds after it moves or is at a floor, and not by silence', () => {
  const event = [said(0, riding), ...every10s(10, 100, stopped)]

  expect(replayAll(stoppedOutsideZone, event)).toHaveLength(4)
  for (const values of [riding, atFloor]) {
    expect(found([...event, said(110, values), said(119.9, values)])).toEqual(['urgent 70'])
    expect(found([...event, said(110, values), said(120, values)])).toEqual(['urgent 70', 'cleared 120'])
  }
  expect(found(event, 86_400)).toEqual(['urgent 70'])
  expect(found([...event, ...every10s(110, 900, { ...atFloor, mode: 'inspection' })])).toEqual(['urgent 70'])
})

test.each<[string, Said[]]>([
  ['a car that rides', every10s(0, 3_600, riding)],
  [
    'someone who is known to be inside, whom entrapment finds',
    every10s(0, 900, { ...stopped, passengerPresent: true }),
  ],
  [
    'someone who was seen after the stop and stands still',
    [...every10s(0, 20, { ...stopped, passengerPresent: true }), ...every10s(30, 900, stopped)],
  ],
  [
    'an empty car that the controller brings to a floor within 50 s',
    [...every10s(0, 50, stopped), said(55, { ...riding, carSpeedMps: 0.3 }), ...every10s(65, 900, atFloor)],
  ],
  [
    'one wrong sample of the door zone',
    Array.from({ length: 101 }, (_, i) => said(i * 10, i % 4 === 3 ? stopped : atFloor)),
  ],
  [
    'one wrong sample of the door zone of a parked car, once in 80 s',
    Array.from({ length: 40 }, (_, i) => said(i * 80, { ...(i % 4 === 3 ? stopped : atFloor), trips: 7 })),
  ],
  [
    'a stop at a floor whose zone is not told again',
    [
      ...changesOnly([said(0, riding)]),
      said(10, { carSpeedMps: 0 }),
      said(12, { doorState: 'open' }),
      ...every10s(20, 900, { carSpeedMps: 0 }),
    ],
  ],
  [
    'a zone that was told more than a minute before the stop',
    [said(0, riding), said(70, { carSpeedMps: 0 }), ...every10s(80, 900, { carSpeedMps: 0 })],
  ],
  ['a car that was put out of service between floors', every10s(0, 900, { ...stopped, mode: 'out-of-service' })],
  [
    'a car that stood there before it was put out of service',
    [
      ...every10s(0, 900, { ...atFloor, mode: 'normal' }),
      ...every10s(910, 920, { ...atFloor, mode: 'out-of-service' }),
      ...every10s(940, 1_800, stopped),
    ],
  ],
  ['a mechanic on the car’s roof in inspection mode', every10s(0, 900, { ...stopped, mode: 'inspection' })],
  [
    'the same, told by a code of an elevator without a mode',
    every10s(0, 900, { doorZone: false, carSpeedMps: 0, faultCode: '43' }),
  ],
  [
    'a car that rides each time it is sampled, at the same speed, where only changes are told',
    [
      said(0, { ...riding, trips: 700 }),
      said(80, { doorZone: true }),
      said(160, { doorZone: false, trips: 704 }),
      said(250, { trips: 707 }),
      said(340, { floor: 1, carSpeedMps: 0, doorZone: true }),
    ],
  ],
  [
    'a link that is lost on a ride, where only changes are told',
    [
      said(0, { ...atFloor, brakeState: 'applied', direction: 'none' }),
      said(20, { doorZone: false, brakeState: 'released', direction: 'up' }),
      said(22, { floor: 4 }),
      said(24, { floor: 5 }),
    ],
  ],
  [
    'the same of a car that tells neither brake nor arrow',
    [said(0, atFloor), said(20, { doorZone: false }), said(22, { floor: 4 }), said(24, { floor: 5, trips: 7 })],
  ],
  ['an elevator that says nothing of its motion', every10s(0, 900, { doorZone: false })],
])('stays silent for %s', (name, stream) => {
  expect(found(name.includes('put out') ? stream.map(outOfService) : stream, 600)).toEqual([])
})

/** Out of service until its gateway says another mode. */
function outOfService({ at, values }: Said): Said {
  return at >= start + 910_000 || values.mode === 'out-of-service'
    ? { at, values: { ...values, mode: 'out-of-service' } }
    : { at, values }
}

test.each(['fire', 'firefighter'])('stays silent in mode %s', (mode) => {
  expect(found(every10s(0, 900, { ...stopped, mode }))).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(stoppedOutsideZone, { holds: stopped, calm: riding, seconds: 60 })
})
