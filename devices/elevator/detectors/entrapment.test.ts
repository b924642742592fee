import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { type ReplayInput, replay, replayAll, withTicks } from '../../replay.ts'
import { entrapment } from './entrapment.ts'

const start = Date.parse('2025-06-02T09:00:00+08:00')

const betweenFloors = { doorState: 'closed', doorZone: false, carSpeedMps: 0, floor: 5, passengerPresent: true }
const atFloor = { ...betweenFloors, doorZone: true }
const riding = { ...betweenFloors, carSpeedMps: 1.6, floor: 4 }
const doorOpen = { ...atFloor, doorState: 'open' }

/** The same values every 10 s from `from` to `to`, s after the start. */
function every10s(from: number, to: number, values: Values) {
  return Array.from({ length: Math.floor((to - from) / 10) + 1 }, (_, i) => said(from + i * 10, values))
}

function upTo(seconds: number) {
  return ({ at }: { readonly at: number }) => at <= start + seconds * 1_000
}

function said(seconds: number, values: Values) {
  return { at: start + seconds * 1_000, values }
}

/** Someone stands in the closed car and leaves in a door cycle that is sampled as `closing` once; then the sensor holds. */
function leavesUnseen(stoodSeconds: number, holdSeconds: number) {
  const present = (seconds: number) => seconds <= stoodSeconds + holdSeconds
  return [
    said(-10, { ...riding, doorCycles: 10 }),
    ...every10s(0, 3_600, { ...atFloor }).map(({ at }, i) => {
      const seconds = i * 10
      const doorState = seconds === stoodSeconds + 10 ? 'closing' : 'closed'
      const doorCycles = seconds > stoodSeconds ? 11 : 10
      return { at, values: { ...atFloor, doorState, doorCycles, passengerPresent: present(seconds) } }
    }),
  ]
}

/** What a gateway with half the metrics says once in so many seconds, from a ride on: of the door and of people, word by word. */
function sparsely(
  everySeconds: number,
  words: readonly [doorState: string, passengerPresent: boolean, more?: Values][],
) {
  const ride = said(-everySeconds, { floor: 4, direction: 'up', doorState: 'closed', passengerPresent: true })
  const stands = words.map(([doorState, passengerPresent, more], i) =>
    said(i * everySeconds, { floor: 1, direction: 'none', doorState, passengerPresent, ...more }),
  )
  return withTicks([ride, ...stands], { until: start + words.length * everySeconds * 1_000 })
}

const someone: [string, boolean] = ['closed', true]
const nobody: [string, boolean] = ['closed', false]

/** When it raised and cleared, s after the start. */
function times(inputs: readonly ReplayInput[]) {
  return replay(entrapment, inputs).map(
    ({ at, finding }) => `${finding ? 'raised' : 'cleared'} ${(at - start) / 1_000}`,
  )
}

/**
 * Someone is shut in at second 0, and from then on the sensor says nothing. They are let out, and another ride ends at `from`, its door
 * closed. The door tells changes.
 */
function unseenSince(from: number) {
  return withTicks([
    said(0, atFloor),
    ...every10s(10, from - 120, { carSpeedMps: 0 }),
    said(from - 110, { doorState: 'open' }),
    ...every10s(from - 100, from - 60, { carSpeedMps: 0 }),
    said(from - 51, { doorState: 'closed' }),
    ...every10s(from - 50, from - 10, { carSpeedMps: 1.6 }),
    ...every10s(from, from + 900, { carSpeedMps: 0 }),
  ])
}

test('a word on people is believed for half an hour; older, only while nobody can have left', () => {
  expect(times(unseenSince(1_850))).toEqual(['raised 180', 'cleared 1740', 'raised 2030'])
  expect(times(unseenSince(1_920))).toEqual(['raised 180', 'cleared 1810'])
  const { passengerPresent: _unsaid, ...silent } = betweenFloors
  expect(times([said(0, betweenFloors), ...every10s(10, 7_200, silent)])).toEqual(['raised 30'])
})

test.each(['trips', 'doorCycles'])('or it counts another of its %s', (counter) => {
  const stops = (seconds: number, count: number) => [
    said(seconds, { carSpeedMps: 1, [counter]: count }),
    ...every10s(seconds + 10, seconds + 290, { carSpeedMps: 0, doorZone: true }),
  ]
  const rides = [said(0, { ...riding, [counter]: 7 }), ...stops(1_500, 8), ...stops(1_800, 9), ...stops(2_100, 10)]
  expect(times(withTicks(rides)).at(-1)).toBe('cleared 2100')
  expect(times(withTicks(rides)).filter((each) => each.startsWith('raised')).length).toBeGreaterThan(0)
})

/** The sensor sees someone board, and dies: a ride, a door that opens for 10 s, and the car stays there; all else is told every so many seconds. */
function diesWithSomeoneSeen(everySeconds: number, words: Values = {}) {
  const { passengerPresent: _unsaid, ...silent } = atFloor
  const before = Array.from({ length: 20 }, (_, i) => said((i - 20) * everySeconds, { ...doorOpen, ...words }))
  const rest = Array.from({ length: 60 }, (_, i) => {
    const seconds = (i + 1) * everySeconds
    const doorState = seconds >= 30 && seconds <= 40 ? 'open' : 'closed'
    return said(seconds, { ...silent, doorState, carSpeedMps: seconds < 30 ? 1.6 : 0 })
  })
  return withTicks([...before, said(0, atFloor), ...rest])
}

test.each([10, 30, 60, 80, 120])(
  'a presence sensor that dies shuts nobody in, all else told every %d s',
  (everySeconds) => {
    expect(times(diesWithSomeoneSeen(everySeconds))).toEqual([])
  },
)

test('one that comes back for a moment, and dies again, does not either', () => {
  const back = (seconds: number, everySeconds: number, doorState: string) =>
    diesWithSomeoneSeen(everySeconds).map((input) =>
      'values' in input && input.at === start + seconds * 1_000
        ? { ...input, values: { ...input.values, doorState, passengerPresent: true } }
        : input,
    )
  expect(times(back(300, 10, 'open'))).toEqual([])
  expect(times(back(480, 60, 'closed'))).toEqual([])
})

test('who was in the car when its sensor died, and cannot have left, is shut in; and who presses the button', () => {
  const { passengerPresent: _unsaid, ...silent } = atFloor
  const ride = [said(-90, doorOpen), said(-80, atFloor), ...every10s(-70, -10, { ...silent, carSpeedMps: 1.6 })]
  expect(times([...ride, said(-5, riding), ...every10s(0, 300, silent)])).toEqual(['raised 180'])

  const pressed = said(1_000.5, { alarmButton: true })
  const later = [...diesWithSomeoneSeen(10).filter(({ at }) => at < start + 600_000), ...every10s(600, 1_000, silent)]
  expect(times([...later, pressed, ...every10s(1_010, 1_020, silent)])).toEqual(['raised 1000.5'])
})

test('a sensor that tells changes only, beside a door that is repeated, is known by it: it sees people until it says that they left', () => {
  const { passengerPresent: _unsaid, ...silent } = atFloor
  const ride = (floor: number, at: number) => [
    said(at, { ...silent, doorState: 'open' }),
    ...every10s(at + 10, at + 60, { ...silent, floor, carSpeedMps: 1.6 }),
    said(at + 70, { ...silent, floor, doorState: 'open' }),
    ...every10s(at + 80, at + 130, { ...silent, floor: 9, carSpeedMps: 1.6 }),
  ]
  const night = (from: number) => [
    said(from, { ...atFloor, passengerPresent: false }),
    ...every10s(-1_000, -210, silent).filter(({ at }) => at > start + from * 1_000),
  ]
  const boards = said(-205, { passengerPresent: true })
  const stands = every10s(-60, 300, { ...silent, floor: 9 })

  expect(times([...night(-2_010), boards, ...ride(7, -200), ...stands])).toEqual(['raised 120'])
  expect(times([...night(-865), boards, ...ride(7, -200), ...stands])).toEqual(['raised 120'])
  // silent for nine minutes, it may be one that dies now and then
  expect(times([...night(-745), boards, ...ride(7, -200), ...stands])).toEqual([])
})

test('a dead sensor hides nobody between floors: whom it saw last is taken to be there', () => {
  const { passengerPresent: _unsaid, ...silent } = betweenFloors
  const long = every10s(10, 3_000, { ...silent, doorZone: true, doorState: 'open' })
  const ride = every10s(3_010, 3_060, { ...silent, carSpeedMps: 1.6 })
  expect(times([said(0, doorOpen), ...long, ...ride, ...every10s(3_070, 3_200, silent)])).toEqual(['raised 3100'])
})

/** A gateway that tells changes at once and everything at -20 s, when the car stood with someone in it; it departs at 0. */
const departs = (more: Values = {}) => [
  said(-20, { ...atFloor, ...more }),
  said(0, { doorZone: false, ...(more.brakeState ? { brakeState: 'released', direction: 'up' } : {}) }),
  said(2, { floor: 6 }),
  said(4, { floor: 7 }),
]
const { doorZone: _zone, ...withoutZone } = atFloor

test('of a gateway that samples, outside the zone is what is said since the stop; a parked car has left it by the second word', () => {
  const sampled = [-60, 0].map((seconds) => said(seconds, riding))
  const stops = [said(60, withoutZone), said(120, betweenFloors), said(180, betweenFloors)]
  expect(times(withTicks([...sampled, ...stops]))).toEqual(['raised 150'])
  expect(times(withTicks([...sampled, said(60, { carSpeedMps: 0 })], { until: start + 100_000 }))).toEqual([
    'raised 90',
  ])
  expect(times(withTicks([...sampled, said(60, withoutZone), said(120, atFloor)]))).toEqual([])
  // a sample that takes a second to come
  const often = [-90, -60, -30, 0].map((seconds) => said(seconds, riding))
  const oneByOne = [said(29, { doorZone: false }), said(29.5, { floor: 5 }), said(30, { ...withoutZone, floor: 5 })]
  expect(times(withTicks([...often, ...oneByOne], { until: start + 110_000 }))).toEqual(['raised 60'])

  const works = every10s(0, 100, { ...betweenFloors, mode: 'inspection' })
  const worked = [...sampled, ...works, said(110, { ...withoutZone, mode: 'normal' })]
  expect(times(withTicks(worked, { until: start + 150_000 }))).toEqual(['raised 140'])

  const parked = [said(-60, riding), said(0, atFloor)]
  const sinks = (more: Values) => every10s(10, 60, { ...betweenFloors, ...more })
  expect(times([...parked, ...sinks({})])).toEqual(['raised 40'])
  const unseen = sinks({ passengerPresent: false })
  expect(times([...parked, ...unseen])).toEqual(['raised 50'])
  expect(times([...parked, ...sinks({ floor: 4 })])).toEqual(['raised 40'])
  expect(times([said(0, { ...riding, doorZone: true }), ...sinks({ floor: 4 })])).toEqual(['raised 40'])
})

const withBrake = { brakeState: 'applied', direction: 'none' }

test.each([
  ['the brake', departs(withBrake), { brakeState: 'applied' }],
  ['the arrow', departs(withBrake), { direction: 'none' }],
  ['the speed', departs(), { carSpeedMps: 0 }],
])('a stop on the ride is known by a word of %s, not by the speed of 0 from before the ride', (_, ride, stops) => {
  expect(times(withTicks([...ride, said(6, stops), said(66, stops)]))).toEqual(['raised 36'])
  const other = said(20, { loadPercent: 40 })
  expect(times(withTicks([...ride, other], { until: start + 600_000 }))).toEqual([])
})

test('a brake that is released is believed at once; with no word since, 90 s later the car stands', () => {
  const stands = { ...atFloor, ...withBrake }
  const ride = [said(-1, stands), said(0, { brakeState: 'released', doorZone: false })]
  const others = every10s(10, 200, { alarmButton: false })
  expect(times(withTicks([...ride, ...others].filter(upTo(80))))).toEqual([])
  expect(times(withTicks([...ride, ...others]))).toEqual(['raised 120'])
})

test('a word that it stands, told two seconds before the last floor, is of this stop; a trip counted later does not undo it', () => {
  const floorAfter = (seconds: number) => [...departs(), said(20, { carSpeedMps: 0 }), said(20 + seconds, { floor: 8 })]
  expect(times(withTicks(floorAfter(2), { until: start + 80_000 }))).toEqual(['raised 52'])
  expect(times(withTicks(floorAfter(2.1), { until: start + 80_000 }))).toEqual([])

  const counts = [said(-30, { trips: 7 }), ...departs(), said(20, { carSpeedMps: 0 }), said(26, { trips: 8 })]
  expect(times(withTicks(counts, { until: start + 80_000 }))).toEqual(['raised 51'])
})

test('who is shut in and presses buttons lights the arrow, and is found no later', () => {
  const stands = { ...atFloor, ...withBrake }
  const lit = [65, 85, 105].flatMap((seconds) => [
    said(seconds, { direction: 'up' }),
    said(seconds + 10, { direction: 'none' }),
  ])
  const other = every10s(10, 200, { alarmButton: false })
  const stream = [said(-10, { ...riding, ...withBrake, brakeState: 'released' }), said(0, stands), ...lit, ...other]
  expect(times(withTicks(stream.sort((a, b) => a.at - b.at)))).toEqual(['raised 180'])
})

test('where nobody is seen, a button that stays down for a minute is someone who was seen since the stop, and a short press who is seen soon', () => {
  const nobody = { ...atFloor, passengerPresent: false }
  const left = [said(-10, riding), said(-2, doorOpen), ...every10s(0, 30, atFloor), ...every10s(40, 100, nobody)]
  const held = (seconds: number) => every10s(110, 110 + seconds, { ...nobody, alarmButton: true })
  const pressed = said(105, { alarmButton: true })
  const released = said(107, { alarmButton: false })

  expect(times([...left, pressed, ...held(50), ...every10s(170, 900, nobody)].filter(upTo(160)))).toEqual([])
  expect(times([...left, pressed, ...held(60)])).toEqual(['raised 170'])
  expect(times([...left, pressed, released, ...every10s(110, 120, nobody), ...every10s(130, 190, atFloor)])).toEqual([
    'raised 160',
  ])
})

test('someone between two floors is critical after 30 s, and the reason is in words', () => {
  const [raised] = replay(entrapment, [said(0, riding), ...every10s(10, 60, betweenFloors)])

  expect(raised?.at).toBe(start + 40_000)
  expect(raised?.finding).toEqual({
    severity: 'critical',
    summary: 'Someone is shut in: the car has stood outside the door zone for 30 s (limit 30 s)',
    evidence: {
      standingSeconds: 30,
      limitSeconds: 30,
      outsideDoorZone: true,
      doorState: 'closed',
      alarmButton: false,
      floor: 5,
      passengerPresent: true,
    },
    since: start + 10_000,
  })
})

test('someone behind a closed door at a floor is critical after 3 minutes, and not a second earlier', () => {
  const stream = (end: number) => [said(-5, riding), ...every10s(0, 170, atFloor), said(end, atFloor)]

  expect(times(stream(179.9))).toEqual([])
  expect(times(stream(180))).toEqual(['raised 180'])
})

test.each([
  ['between floors', betweenFloors, 10],
  ['at a floor', atFloor, 30],
])('the alarm button shortens it %s', (_, standing, limit) => {
  expect(times([said(0, standing), said(5, { alarmButton: true }), ...every10s(10, 60, standing)])).toEqual([
    `raised ${limit}`,
  ])
})

test('an event-driven gateway tells each change once, and a tick completes the time', () => {
  const events = [
    said(0, { mode: 'normal' }),
    said(1, { passengerPresent: true }),
    said(2, { doorState: 'closed' }),
    said(3, { carSpeedMps: 1.6 }),
    said(4, { doorZone: false }),
    said(6, { floor: 5 }),
    said(9, { carSpeedMps: 0 }),
  ]

  expect(times(withTicks(events, { until: start + 120_000 }))).toEqual(['raised 39'])
})

test.each([
  ['the brake', { brakeState: 'applied' }],
  ['the direction', { direction: 'none' }],
  ['only a floor that stays', {}],
  ['an arrow that stays lit beside an applied brake', { direction: 'up', brakeState: 'applied' }],
])('without a speed, standstill is the word of %s', (_, standing) => {
  const { carSpeedMps: _speed, ...known } = betweenFloors
  expect(times(every10s(0, 60, { ...known, ...standing }))).toEqual(['raised 30'])
})

test('a speed sensor that died on the ride does not hide people for long', () => {
  const { carSpeedMps: _speed, ...known } = betweenFloors
  expect(times([said(0, riding), ...every10s(10, 300, known)])).toEqual(['raised 140'])
})

test('people who stand still count, though the sensor drops', () => {
  const still = (values: Values) => ({ ...values, passengerPresent: false })

  expect(times([...every10s(0, 10, betweenFloors), ...every10s(20, 60, still(betweenFloors))])).toEqual(['raised 30'])
  expect(times([said(-5, riding), ...every10s(0, 50, atFloor), ...every10s(60, 300, still(atFloor))])).toEqual([
    'raised 180',
  ])
})

test('a door that tries to open and fails, again and again, is no way out', () => {
  const tries = Array.from({ length: 40 }, (_, i) => [
    said(i * 10, atFloor),
    said(i * 10 + 7, { doorState: 'opening' }),
    said(i * 10 + 8, { doorState: 'closing' }),
    said(i * 10 + 9, { doorState: 'closed' }),
  ]).flat()

  expect(times(tries)).toHaveLength(1)
})

test('nor is it one when people boarded a moment ago', () => {
  const boarding = [said(-40, doorOpen), said(-30, atFloor), said(-20, riding), said(-10, riding)]
  const tries = Array.from({ length: 30 }, (_, i) => [
    said(i * 10, atFloor),
    said(i * 10 + 8, { doorState: 'opening' }),
    said(i * 10 + 9, { doorState: 'closed' }),
  ]).flat()

  expect(times([...boarding, ...tries])).toHaveLength(1)
})

test.each(['opening', 'closing'])(
  'a door that jams half-way while %s holds people as a closed one does',
  (doorState) => {
    const jammed = every10s(0, 600, { ...atFloor, doorState })
    const [raised, ...more] = replay(entrapment, [said(-10, riding), ...jammed])

    expect(raised?.at).toBe(start + 180_000)
    expect(raised?.finding?.summary).toContain('behind a door that does not open for 180 s')
    expect(raised?.finding?.evidence.doorState).toBe(doorState)
    expect(more).toEqual([])
    expect(times([said(-10, riding), ...jammed, said(5, { alarmButton: true })].sort((a, b) => a.at - b.at))).toEqual([
      'raised 30',
    ])
  },
)

test('a door that goes opening, closing, closed, again and again, takes no longer to be found', () => {
  const states = ['opening', 'closing', 'closed']
  const tries = every10s(0, 600, atFloor).map((reading, i) => ({
    ...reading,
    values: { ...atFloor, doorState: states[i % 3] ?? 'closed' },
  }))

  expect(times([said(-10, riding), ...tries])).toEqual(['raised 180'])
})

test('tries that the counter counts delay it by the sensor hold, no more', () => {
  const tries = every10s(0, 600, atFloor).map((reading, i) => ({
    ...reading,
    values: { ...atFloor, doorCycles: 100 + i, passengerPresent: i % 3 === 0 },
  }))

  expect(times([said(-10, riding), ...tries])).toEqual(['raised 240'])
})

test('someone who is still seen a minute after a door cycle has not left, though the sensor drops later', () => {
  const cycle = [said(90, { ...atFloor, doorState: 'closing', doorCycles: 11 }), ...every10s(100, 160, atFloor)]
  const dropped = every10s(170, 600, { ...atFloor, passengerPresent: false })

  expect(times([said(-10, { ...riding, doorCycles: 10 }), ...every10s(0, 80, atFloor), ...cycle, ...dropped])).toEqual([
    'raised 180',
  ])
})

test('with the alarm button pressed a door cycle proves nobody gone', () => {
  const pressed = said(85, { alarmButton: true })
  expect(times([...leavesUnseen(80, 0), pressed].sort((a, b) => a.at - b.at))).toEqual(['raised 85'])
})

test('who presses again after the door has closed is shut in anew', () => {
  const pressed = { ...atFloor, alarmButton: true }
  const closedOn = [said(40, { ...doorOpen, alarmButton: false }), ...every10s(50, 60, atFloor)]
  const stream = [said(-10, riding), said(0, atFloor), said(5, pressed), ...every10s(10, 30, atFloor), ...closedOn]

  expect(times([...stream, said(65, pressed), ...every10s(70, 200, atFloor)])).toEqual([
    'raised 30',
    'cleared 40',
    'raised 80',
  ])
})

test('a press outlasts a door that tries to open and fails, one forced between floors, and one that closes on who boards', () => {
  const press = [said(-10, riding), said(-5, { alarmButton: true }), said(-4, { alarmButton: false })]
  const tried = [said(6, { doorState: 'opening' }), said(7, { doorState: 'closing' }), said(9, { doorState: 'closed' })]
  expect(times([...press, said(0, atFloor), ...tried, ...every10s(10, 60, atFloor)])).toEqual(['raised 30'])

  const forced = [said(4, { doorState: 'open' }), said(7, { doorState: 'closing' }), said(8, { doorState: 'closed' })]
  expect(times([...press, said(0, betweenFloors), ...forced, ...every10s(10, 60, betweenFloors)])).toEqual([
    'raised 10',
  ])

  const boards = [said(0, doorOpen), said(10, { ...atFloor, doorState: 'closing', alarmButton: true, doorCycles: 7 })]
  const closes = [said(16, { doorState: 'closed' }), said(17, { doorCycles: 8 }), ...every10s(20, 100, atFloor)]
  expect(times([said(-1, doorOpen), ...boards, said(12, { alarmButton: false }), ...closes])).toEqual(['raised 40'])
})

test.each(['opening', 'closed'])(
  'a door that is seen %s, then closing, has answered the press: the 3 minutes count',
  (doorState) => {
    const press = [said(-10, riding), said(-5, { alarmButton: true }), said(-4, { alarmButton: false })]
    const closes = [said(0, { ...atFloor, doorState }), said(10, { ...atFloor, doorState: 'closing' })]

    expect(times([...press, ...closes, ...every10s(20, 200, atFloor)])).toEqual(['raised 180'])
  },
)

test('a button held down while a cycle is counted is pressed; let go before it, it is not', () => {
  const cycle = (alarmButton: boolean) => every10s(10, 120, { ...atFloor, alarmButton, doorCycles: 8 })
  const press = [said(-10, { ...riding, doorCycles: 7 }), said(0, { ...atFloor, doorCycles: 7, alarmButton: true })]

  expect(times([...press, ...cycle(true)])).toEqual(['raised 30'])
  expect(times([...press, said(2, { alarmButton: false }), ...cycle(false)])).toEqual([])
})

test('a counter that was reset is no door cycle', () => {
  const reset = said(90, { ...atFloor, doorCycles: 0 })
  const dropped = every10s(100, 600, { ...atFloor, passengerPresent: false })

  expect(times([said(-10, { ...riding, doorCycles: 10 }), ...every10s(0, 80, atFloor), reset, ...dropped])).toEqual([
    'raised 180',
  ])
})

test('of someone who boards a parked car unseen, the 3 minutes begin then, and so does the fault', () => {
  const parked = every10s(0, 3_600, { ...atFloor, passengerPresent: false })
  const boarded = [...parked, ...every10s(3_610, 4_000, atFloor)]
  expect(times(boarded)).toEqual(['raised 3790'])
  expect(replay(entrapment, boarded)[0]?.finding?.since).toBe(start + 3_610_000)
})

test('people who rode in and then stand still count, where each change is told once', () => {
  const events = [
    said(-10, riding),
    said(0, { carSpeedMps: 0, doorZone: true, floor: 6 }),
    said(40, { passengerPresent: false }),
    ...every10s(50, 300, { alarmButton: false }),
  ]
  expect(times(events)).toEqual(['raised 180'])
})

test('a door forced between floors clears nothing, where each change is told once', () => {
  expect(
    times([
      said(-20, riding),
      said(0, { carSpeedMps: 0 }),
      ...every10s(10, 40, { mode: 'normal' }),
      said(50, { doorState: 'open' }),
    ]),
  ).toEqual(['raised 30'])
})

test.each([60, 300])(
  'a busy elevator that is seen every %d s, and each time with someone at the ground floor, has ridden',
  (everySeconds) => {
    const seen = Array.from({ length: 20 }, (_, i) => {
      const doorState = i % 3 === 0 ? 'closing' : 'closed'
      return said(i * everySeconds, { ...atFloor, doorState, floor: 1, trips: 500 + 2 * i })
    })
    const shutIn = seen.map(({ at, values }, i) => ({ at, values: { ...values, trips: i === 0 ? 500 : 502 } }))

    expect(times(withTicks(seen))).toEqual([])
    expect(times(withTicks(shutIn))).toHaveLength(1)
  },
)

test.each([10, 20, 60])(
  'tries to start that are counted as trips, every %d s, hide nobody between floors',
  (everySeconds) => {
    const tries = Array.from({ length: 20 }, (_, i) => said((i + 1) * everySeconds, { ...betweenFloors, trips: 8 + i }))
    expect(times(withTicks([said(0, { ...riding, trips: 7 }), ...tries]))).toEqual([`raised ${everySeconds + 30}`])
  },
)

test.each([
  [20, 180],
  [30, 180],
  [60, 180],
  [75, 225],
  [80, 320],
  [120, 480],
  [300, 1_200],
])(
  'seen once in %d s, someone shut in at a floor is found with the fourth sample, or the fifth of rare ones, after %d s',
  (everySeconds, found) => {
    const words = Array.from({ length: 12 }, () => someone)
    expect(times(sparsely(everySeconds, words))).toEqual([`raised ${found}`])
  },
)

test('of sparse samples four in a row count, behind a door that says the same', () => {
  expect(times(sparsely(90, [someone, someone, nobody, someone, someone, someone, nobody]))).toEqual([])
  expect(times(sparsely(60, [someone, nobody, someone, someone, someone, someone]))).toEqual(['raised 300'])
  const moves: [string, boolean] = ['opening', true]
  expect(times(sparsely(60, [someone, moves, someone, moves, someone, moves]))).toEqual([])
  expect(times(sparsely(60, [someone, moves, someone, someone, someone, someone, someone]))).toEqual(['raised 360'])
})

test('the 3 minutes begin anew with who comes after nobody was seen', () => {
  const four = (word: [string, boolean]) => [word, word, word, word]
  expect(times(sparsely(30, [...four(someone), someone, ...four(nobody), ...four(someone), nobody]))).toEqual([])
})

/** States told when they change, and all of them once a minute; someone inside stands still now and then. The door, then a ride, then nothing opens. */
function changesAndAMinute(more: readonly ReturnType<typeof said>[] = []) {
  const all = (seconds: number, passengerPresent: boolean) => said(seconds, { ...atFloor, passengerPresent, trips: 9 })
  return withTicks(
    [
      all(-60, true),
      ...['opening', 'open', 'closing', 'closed'].map((doorState, i) => said(-120 + 4 * i, { doorState })),
      said(-100, { carSpeedMps: 0 }),
      said(-20, { carSpeedMps: 1.6, doorZone: false }),
      said(-10, { floor: 5, trips: 9 }),
      said(-1, { doorZone: true, carSpeedMps: 0 }),
      ...[true, true, false, true, false, true].map((passengerPresent, i) => all(i * 60, passengerPresent)),
      ...[90, 150, 195, 255].map((s, i) => said(s, { passengerPresent: i % 2 === 1 })),
      ...more,
    ].sort((one, other) => one.at - other.at),
    { until: start + 330_000 },
  )
}

test('of a gateway that tells changes, a door of which nothing is said has not opened, though the sensor drops', () => {
  expect(times(changesAndAMinute())).toEqual(['raised 180'])
  // it samples the door as well: then it may have missed something
  const samples = Array.from({ length: 6 }, (_, i) => said(-300 + i * 40, { doorState: 'closed' }))
  expect(times(changesAndAMinute(samples))).toEqual([])
  // nobody was in it any more: the word was lost
  const gone = changesAndAMinute().map((input) =>
    'values' in input && input.at >= start && 'passengerPresent' in input.values
      ? { ...input, values: { ...input.values, passengerPresent: false } }
      : input,
  )
  expect(times(gone)).toEqual([])
  // people leave, and the sensor holds
  const leaves = ['opening', 'open', 'closing', 'closed'].map((doorState, i) => said(30 + 3 * i, { doorState }))
  expect(times(changesAndAMinute(leaves))).not.toContain('raised 180')
})

test('one word on the door soon after another, when a link is back, is not told as a change', () => {
  const latched = [said(-7_200, { ...doorOpen, passengerPresent: false }), said(-7_185, { doorState: 'closed' })]
  const drops = sparsely(60, [someone, nobody, someone, someone, someone, nobody, nobody])
  expect(times([...latched, ...drops])).toEqual([])
  const others = [...latched, said(-3_600, { doorState: 'open' }), said(-3_585, { doorState: 'closed' })]
  expect(times([...others, ...drops])).toEqual([])
})

test('two pairs of words on the door, each soon after another, are told as changes within two minutes', () => {
  const pairs = (apart: number) => [
    ...['opening', 'open'].map((doorState, i) => said(-400 + 4 * i, { doorState })),
    ...['closing', 'closed'].map((doorState, i) => said(-396 + apart + 4 * i, { doorState })),
  ]
  const stands = changesAndAMinute().filter((input) => !('values' in input) || input.at > start - 105_000)
  expect(times([...pairs(110), ...stands])).toEqual(['raised 180'])
  expect(times([...pairs(125), ...stands])).toEqual([])
})

test('of a gateway that told changes the day before yesterday nobody knows', () => {
  const early = ['opening', 'open', 'closing', 'closed'].map((doorState, i) => said(-100_000 + 4 * i, { doorState }))
  const late = changesAndAMinute().filter((input) => !('values' in input) || input.at > start - 100_000)
  expect(times([...early, ...late])).toEqual([])
})

test('the same sample, sent twice, is one', () => {
  const twice = sparsely(90, [someone, someone, someone, nobody]).flatMap((input): ReplayInput[] =>
    'values' in input ? [input, { ...input, at: input.at + 1 }] : [input],
  )
  expect(times(twice)).toEqual([])
})

test('after a gap longer than a sample is fresh, readings count though they tell nothing new', () => {
  const news = Array.from({ length: 5 }, (_, i) => said(i * 120 + 120, { alarmButton: false }))
  expect(times(withTicks([said(-10, riding), said(0, atFloor), ...news]))).toEqual(['raised 480'])
})

test('a counter of door cycles that stands still proves that the same people are inside, though the sensor drops', () => {
  const still = { doorCycles: 7 }
  const dropped: [string, boolean, Values] = ['closed', false, still]
  const seen: [string, boolean, Values] = ['closed', true, still]

  expect(times(sparsely(60, [seen, seen, seen, dropped, dropped]))).toEqual(['raised 180'])
  // told with every second reading only
  expect(times(sparsely(30, [seen, someone, seen, someone, seen, nobody, dropped, nobody]))).toEqual(['raised 180'])
  // the door has moved, the counter not yet
  expect(times(sparsely(120, [seen, ['closing', true, still], nobody]))).toEqual([])
})

test('one lost sample delays nothing, and a press does not wait for samples', () => {
  const lost = [...every10s(0, 140, atFloor), ...every10s(160, 200, atFloor)]
  expect(times([said(-10, riding), ...lost])).toEqual(['raised 180'])

  const pressed: [string, boolean, Values] = ['closed', true, { alarmButton: true }]
  expect(times(sparsely(60, [someone, pressed]))).toEqual(['raised 60'])
})

test('people who left while lost samples hid the door are not shut in; who is still seen a minute later has not left', () => {
  const lost = (presentUntil: number) =>
    every10s(0, 900, atFloor)
      .filter((_, i) => i !== 4 && i !== 5)
      .map(({ at, values }) => ({ at, values: { ...values, passengerPresent: at <= start + presentUntil * 1_000 } }))

  expect(times([said(-10, riding), ...lost(110)])).toEqual([])
  expect(times([said(-10, riding), ...lost(120)])).toEqual(['raised 180'])
})

test('each metric in a reading of its own is a sample, not many', () => {
  const rounds = (everySeconds: number, presents: readonly boolean[]) =>
    presents.flatMap((passengerPresent, i) => {
      const round = { floor: 1, direction: 'none', doorState: 'closed', passengerPresent }
      return Object.entries(round).map(([metric, value], n) => said(i * everySeconds + n * 0.007, { [metric]: value }))
    })

  expect(times(withTicks(rounds(90, [false, true, true, true, false, false])))).toEqual([])
  expect(times(withTicks(rounds(60, [false, true, true, true, true, true, true])))).toEqual(['raised 240.021'])
})

test('a gap suspends: the time is made up by samples, and unfresh ticks add nothing', () => {
  const before = every10s(0, 100, atFloor)
  const after = every10s(1_000, 1_200, atFloor)
  const readingsOnly = [...before, ...after]

  expect(times(readingsOnly)).toEqual(['raised 1080'])
  // With ticks the 90 s for which the last sample is fresh count too, which completes the 180 s at 180.
  expect(times(withTicks([...before, ...after]))).toEqual(['raised 180'])
  // 60 s of samples and 90 s of fresh ticks; the other 30 s come after the gap.
  expect(times(withTicks([...every10s(0, 60, atFloor), ...after]))).toEqual(['raised 1030'])
})

test.each([
  [80, 1],
  [100, 0],
])('without ticks, samples %d s apart vouch for the time between them, or do not', (seconds, count) => {
  expect(times(Array.from({ length: 20 }, (_, i) => said(i * seconds, betweenFloors)))).toHaveLength(count)
})

/** Shut in between floors as the power fails, found, then the gateway is silent for a few minutes. */
const outage = every10s(0, 50, { ...betweenFloors, floor: 7 })
const rescued = { ...atFloor, passengerPresent: false }

/** What a gateway that tells changes says when it is back, each word in a reading of its own. */
const wordByWord = (seconds: number, values: Values) =>
  Object.entries(values).map(([metric, value], i) => said(seconds + i * 0.2, { [metric]: value }))

test.each([
  ['sampled each 3 s', Array.from({ length: 300 }, (_, i) => said(790 + i * 3, rescued))],
  ['sampled each 10 s', every10s(790, 1_690, rescued)],
  ['told by change, the floor last', [...wordByWord(790, { passengerPresent: false, doorZone: true, floor: 5 })]],
  ['told by change, the floor first', [...wordByWord(790, { floor: 5, doorZone: true, passengerPresent: false })]],
  ['at the floor where it stood', every10s(790, 1_690, { ...rescued, floor: 7 })],
])('who was let out while nothing was heard is shut in no more: %s', (_, back) => {
  const inputs = withTicks([said(-10, riding), ...outage, ...back], { until: start + 1_800_000 })
  expect(times(inputs)).toEqual(['raised 30', expect.stringMatching(/^cleared 790/)])
  expect(replayAll(entrapment, inputs).filter(({ at, finding }) => finding && at >= start + 790_000)).toEqual([])
})

test('under an alarm nothing is answered for ten seconds, while what comes back word by word has not told the floor', () => {
  const shutIn = every10s(0, 200, { ...atFloor, floor: 7 })
  const back = (floorAfter: number) =>
    withTicks([
      said(-10, riding),
      ...shutIn,
      said(990, { doorState: 'closed' }),
      said(998, { passengerPresent: false }),
      said(990 + floorAfter, { floor: 5 }),
    ])
  const answers = (floorAfter: number) =>
    replayAll(entrapment, back(floorAfter))
      .filter(({ at, finding }) => finding && at >= start + 990_000)
      .map(({ at }) => (at - start) / 1_000)
  expect(answers(9)).toEqual([])
  expect(answers(22)).toEqual([1_003, 1_008])
})

test('who is still there after the silence is found anew by what is said since: at once between floors, after its own limit at a floor', () => {
  const stillThere = (floor: number, values: Values) =>
    withTicks([said(-10, riding), ...outage, ...every10s(790, 1_690, { ...values, floor })])
  const again = (inputs: readonly ReplayInput[]) =>
    replayAll(entrapment, inputs).find(({ at, finding }) => finding && at >= start + 790_000)

  expect(again(stillThere(7, betweenFloors))?.at).toBe(start + 790_000)
  expect(again(stillThere(1, betweenFloors))?.at).toBe(start + 790_000)
  expect(again(stillThere(5, atFloor))?.at).toBe(start + 970_000)
})

test('brought to a floor with its door closed before our eyes, they are still shut in, and no limit is named that was not reached', () => {
  const inputs = withTicks([said(-10, riding), ...outage, ...every10s(60, 300, { ...atFloor, floor: 7 })])
  const findings = replayAll(entrapment, inputs).flatMap(({ finding }) => finding ?? [])
  const still = findings.filter(({ summary }) => summary.startsWith('Someone is still shut in'))

  expect(still[0]?.summary).toBe('Someone is still shut in: the car has stood behind a closed door for 60 s')
  expect(still[0]?.evidence).not.toHaveProperty('limitSeconds')
  expect(findings.at(-1)?.summary).toMatch(
    /^Someone is shut in: the car has stood behind a closed door for 300 s \(limit/,
  )
  for (const { evidence } of findings) {
    const { standingSeconds, limitSeconds = 0 } = evidence as { standingSeconds: number; limitSeconds?: number }
    expect(standingSeconds).toBeGreaterThanOrEqual(limitSeconds)
  }
})

test('without data it neither raises nor clears', () => {
  expect(times(withTicks(every10s(0, 60, atFloor), { until: start + 86_400_000 }))).toEqual([])

  const [raised, ...more] = times(withTicks(every10s(0, 60, betweenFloors), { until: start + 86_400_000 }))
  expect(raised).toBe('raised 30')
  expect(more).toEqual([])
})

test.each([
  ['the car moves again', { carSpeedMps: 0.4 }],
  ['the door opens at a floor', { doorState: 'open', doorZone: true }],
])('it clears when %s', (_, way) => {
  expect(times([...every10s(0, 60, betweenFloors), said(70, way)])).toEqual(['raised 30', 'cleared 70'])
})

test.each([
  ['the door is forced between floors', { doorState: 'open' }],
  ['the sensor sees nobody', { passengerPresent: false }],
  ['the floor is lost while the car says that it stands', { floor: 0, carSpeedMps: 0 }],
  ['the mechanic switches to inspection', { mode: 'inspection' }],
  ['something else is told', { doorCycles: 5 }],
])('it does not clear when %s', (_, news) => {
  expect(times([...every10s(0, 60, betweenFloors), said(70, news), said(80, news)])).toEqual(['raised 30'])
})

test('while it lasts it answers at every sample, with the time so far', () => {
  const findings = replayAll(entrapment, every10s(0, 100, betweenFloors))
  expect(findings.map(({ finding }) => finding?.evidence.standingSeconds)).toEqual([30, 40, 50, 60, 70, 80, 90, 100])
})

test.each(['inspection', 'fire', 'firefighter', 'out-of-service'])(
  'people at work in mode %s raise nothing',
  (mode) => {
    expect(times([said(-10, { ...riding, mode }), ...every10s(0, 900, { ...betweenFloors, mode })])).toEqual([])
    expect(times([said(-10, { ...doorOpen, mode }), ...every10s(0, 900, { ...atFloor, mode })])).toEqual([])
  },
)

test.each(['43', '44', '45'])(
  'people at work by code %s, of an elevator that never tells its mode, raise nothing',
  (faultCode) => {
    const works = [said(-10, { ...riding, faultCode }), ...every10s(0, 900, betweenFloors)]
    expect(times(works)).toEqual([])
    expect(times([...works, said(910, { faultCode: '40' }), ...every10s(920, 990, betweenFloors)])).toEqual([
      'raised 940',
    ])
    expect(
      times([...every10s(0, 60, betweenFloors), said(70, { faultCode }), ...every10s(80, 900, betweenFloors)]),
    ).toEqual(['raised 30'])
  },
)

test('a code of people at work that nothing ends silences nobody who calls, and nothing half an hour later', () => {
  const served = (minutes: number) => said(60 * minutes, { ...doorOpen, faultCode: '43' })
  const stuck = every10s(0, 900, betweenFloors)
  const calls = stuck.map(({ at, values }) => ({ at, values: { ...values, alarmButton: at > start + 300_000 } }))

  expect(times([served(-20), said(-10, riding), ...stuck])).toEqual(['raised 640'])
  expect(times([served(-2_880), said(-10, riding), ...stuck])).toEqual(['raised 30'])
  expect(times([served(-20), said(-10, riding), ...calls])).toEqual(['raised 320'])
  const repeated = calls.map(({ at, values }) => ({ at, values: { ...values, faultCode: '43' } }))
  expect(times([served(-20), said(-10, riding), ...repeated])).toEqual([])
})

test('against a mode that was told, whenever that was, the code of inspection proves nothing', () => {
  const told = said(-86_400, { mode: 'normal' })
  expect(times([told, said(-10, { ...riding, faultCode: '43' }), ...every10s(0, 60, betweenFloors)])).toEqual([
    'raised 30',
  ])
})

test('the time before the mechanic ends the inspection does not count', () => {
  const stream = [
    ...every10s(0, 300, { ...betweenFloors, mode: 'inspection' }),
    ...every10s(310, 400, { ...betweenFloors, mode: 'normal' }),
  ]
  expect(times(stream)).toEqual(['raised 340'])
})

test.each(['emergency-power', 'earthquake', 'out-of-service'])(
  'passengers caught when the mode turns to %s come through',
  (mode) => {
    const ride = every10s(-40, -10, { ...riding, mode: 'normal' })
    expect(times([...ride, ...every10s(0, 60, { ...betweenFloors, mode })])).toEqual(['raised 30'])
    expect(times([...ride, said(-3, { mode }), ...every10s(0, 60, betweenFloors)])).toEqual(['raised 30'])
  },
)

test('caught is who stops within ten seconds of the switch to out-of-service', () => {
  const off = (seconds: number) => [
    ...every10s(-60, -20, { ...riding, mode: 'normal' }),
    said(seconds, { ...riding, mode: 'out-of-service' }),
    ...every10s(0, 60, betweenFloors),
  ]
  expect(times(off(-9))).toEqual(['raised 30'])
  expect(times(off(-12))).toEqual([])
})

test('pressed at a floor, it is found after 30 s, and not a moment earlier', () => {
  const until = (seconds: number) =>
    [said(-10, riding), ...every10s(0, 20, { ...atFloor, alarmButton: true })].concat(said(seconds, atFloor))
  expect(times(until(29.9))).toEqual([])
  expect(times(until(30))).toEqual(['raised 30'])
})

test('with the button pressed a sensor that drops after a door cycle, and wakes, does not begin it anew', () => {
  const pressed = said(120, { ...atFloor, passengerPresent: false, alarmButton: true })
  const cycle = [said(-10, { ...riding, doorCycles: 10 }), said(0, atFloor), said(10, { ...atFloor, doorCycles: 11 })]

  expect(times([...cycle, pressed, ...every10s(130, 200, atFloor)])).toEqual(['raised 140'])
})

test('a press belongs to a stop within the minute after it', () => {
  const pressed = (seconds: number) => [
    said(-100, riding),
    said(seconds, { alarmButton: true }),
    said(seconds + 2, { alarmButton: false }),
    said(-5, riding),
    ...every10s(0, 170, atFloor),
  ]
  expect(times(pressed(-50))).toEqual(['raised 30'])
  expect(times(pressed(-70))).toEqual([])
})

test('a door that has begun to open and is shut within five seconds has tried; after five it may have answered', () => {
  const shutAfter = (seconds: number) => [
    said(-10, riding),
    said(0, atFloor),
    said(1, { alarmButton: true }),
    said(2, { alarmButton: false }),
    said(3, { doorState: 'opening' }),
    said(3 + seconds, { doorState: 'closed' }),
    ...every10s(20, 170, atFloor),
  ]
  expect(times(shutAfter(4.9))).toEqual(['raised 30'])
  expect(times(shutAfter(5))).toEqual([])
})

test('of a car that nobody watched for 15 s before it stood, people may have left', () => {
  const unwatched = (seconds: number) => [
    said(-seconds, riding),
    ...every10s(0, 50, atFloor),
    ...every10s(60, 300, { ...atFloor, passengerPresent: false }),
  ]
  expect(times(unwatched(12))).toEqual(['raised 180'])
  expect(times(unwatched(20))).toEqual([])
})

test.each([
  [0.045, 1],
  [0.06, 0],
])('a car that creeps at %d m/s stands, or does not', (carSpeedMps, count) => {
  expect(times([said(-10, riding), ...every10s(0, 90, { ...betweenFloors, carSpeedMps })])).toHaveLength(count)
})

test('an unknown mode does not hide people', () => {
  expect(times(every10s(0, 60, betweenFloors))).toEqual(['raised 30'])
})

test('without a presence sensor the pressed button is someone; where the sensor sees nobody it is not', () => {
  const { passengerPresent: _present, ...unseen } = betweenFloors
  const pressed = (values: Values) => [said(0, values), said(1, { alarmButton: true }), ...every10s(10, 60, values)]

  expect(times(every10s(0, 600, unseen))).toEqual([])
  expect(times(pressed(unseen))).toEqual(['raised 10'])
  expect(times(pressed({ ...unseen, passengerPresent: false }))).toEqual([])
})

test.each<[string, ReplayInput[]]>([
  ['an empty car between floors', every10s(0, 3_600, { ...betweenFloors, passengerPresent: false })],
  ['a car that rides', every10s(0, 600, riding)],
  [
    'people who loiter for 2 min 50 s',
    [...every10s(0, 170, atFloor), said(175, doorOpen), ...every10s(180, 340, atFloor)],
  ],
  ['people in an open car', every10s(0, 3_600, doorOpen)],
  [
    'the sensor that holds for 60 s after people have left',
    [
      said(-10, riding),
      said(0, doorOpen),
      ...every10s(5, 60, atFloor),
      ...every10s(70, 14_400, { ...atFloor, passengerPresent: false }),
    ],
  ],
  [
    'an empty car that parks while the sensor holds',
    [
      said(0, { ...doorOpen, floor: 9 }),
      said(5, { ...atFloor, floor: 9 }),
      said(15, riding),
      ...every10s(25, 65, { ...atFloor, floor: 1 }),
      ...every10s(75, 14_400, { ...atFloor, floor: 1, passengerPresent: false }),
    ],
  ],
  [
    'a presence sensor that has died',
    [
      said(0, doorOpen),
      ...every10s(10, 1_890, { doorState: 'open', doorZone: true, carSpeedMps: 0 }),
      ...every10s(1_900, 4_000, { doorState: 'closed', doorZone: true, carSpeedMps: 0 }),
    ],
  ],
  [
    'the first reading of a parked car, while the sensor holds',
    withTicks(
      Array.from({ length: 30 }, (_, i) => said(i * 120, { ...atFloor, passengerPresent: i === 0, doorCycles: 7 })),
    ),
  ],
  [
    'a link that is lost on a ride, where only changes are told',
    withTicks([...departs(withBrake), said(200, { ...atFloor, ...withBrake, passengerPresent: false })]),
  ],
  ['the same of a car that tells neither brake nor arrow', withTicks(departs(), { until: start + 600_000 })],
  [
    'a spike of the alarm button of an empty car',
    [
      said(-20, { ...riding, doorCycles: 7 }),
      said(-10, { ...doorOpen, doorCycles: 7 }),
      ...every10s(0, 30, { ...atFloor, doorCycles: 8 }),
      ...every10s(40, 3_600, { ...atFloor, passengerPresent: false, doorCycles: 8 }).map(({ at, values }, i) => ({
        at,
        values: { ...values, alarmButton: i === 5 },
      })),
    ],
  ],
  [
    'the same, and a draught three minutes later',
    [
      said(-20, riding),
      said(-10, doorOpen),
      ...every10s(0, 30, atFloor),
      ...every10s(40, 3_600, atFloor).map(({ at, values }, i) => ({
        at,
        values: { ...values, alarmButton: i === 5, passengerPresent: i >= 20 && i < 26 },
      })),
    ],
  ],
  [
    'a draught that wakes the sensor in a parked car',
    [
      ...every10s(0, 3_600, { ...atFloor, passengerPresent: false }),
      ...every10s(3_610, 3_660, atFloor),
      ...every10s(3_670, 7_200, { ...atFloor, passengerPresent: false }),
    ],
  ],
  [
    'someone who boards a parked car between two samples',
    [
      ...every10s(0, 3_600, { ...atFloor, passengerPresent: false }),
      said(3_610, { ...atFloor, carSpeedMps: 0.04 }),
      said(3_620, riding),
    ],
  ],
  [
    'people who left where a slow gateway could not see it',
    [
      said(0, doorOpen),
      said(60, riding),
      said(120, atFloor),
      said(150, atFloor),
      ...every10s(210, 3_600, { ...atFloor, passengerPresent: false }),
    ],
  ],
  [
    'a stop at a floor whose zone an event-driven gateway did not repeat',
    [
      said(0, { ...riding }),
      said(10, { carSpeedMps: 0, floor: 7 }),
      said(12, { doorState: 'open' }),
      said(20, { doorState: 'closed', passengerPresent: false }),
      ...every10s(30, 3_600, { carSpeedMps: 0 }),
    ],
  ],
  [
    'a sample of the stop without its door zone, after a ride',
    withTicks([
      said(-60, { ...atFloor, passengerPresent: false, trips: 4 }),
      said(0, { ...riding, passengerPresent: false, trips: 4 }),
      said(60, { ...withoutZone, trips: 6 }),
      said(120, { ...atFloor, passengerPresent: false, trips: 6 }),
    ]),
  ],
  [
    'the same of a gateway that samples every 10 s, and loses it three times',
    [...every10s(-100, 0, riding), ...every10s(10, 40, withoutZone), ...every10s(50, 170, atFloor)],
  ],
  [
    'one wrong sample of the door zone of a parked car',
    withTicks([
      said(-60, { ...riding, trips: 4 }),
      said(0, { ...atFloor, trips: 5 }),
      ...[60, 120, 180, 240].map((seconds) => said(seconds, { ...atFloor, passengerPresent: false, trips: 5 })),
      said(300, { ...betweenFloors, passengerPresent: false, trips: 5 }),
      ...[360, 420].map((seconds) => said(seconds, { ...atFloor, passengerPresent: false, trips: 5 })),
    ]),
  ],
  [
    'one wrong sample of the door zone while people loiter',
    [...every10s(0, 100, atFloor), said(110, betweenFloors), ...every10s(120, 170, atFloor)],
  ],
  [
    'wrong samples of the door zone, one in three, while people loiter',
    every10s(0, 170, atFloor).map((reading, i) => (i % 3 === 1 ? { ...reading, values: betweenFloors } : reading)),
  ],
  [
    'a door that takes its 10 s to open, at every stop',
    Array.from({ length: 60 }, (_, i) => [
      said(i * 60, riding),
      ...every10s(i * 60 + 10, i * 60 + 20, { ...atFloor, doorState: 'opening' }),
      said(i * 60 + 30, doorOpen),
      said(i * 60 + 40, { ...atFloor, doorState: 'closing' }),
      said(i * 60 + 50, atFloor),
    ]).flat(),
  ],
  ['a door that something kept from closing for 170 s', every10s(0, 170, { ...atFloor, doorState: 'closing' })],
  [
    'people in a car whose gateway says nothing of the door',
    every10s(0, 600, { doorZone: true, carSpeedMps: 0, passengerPresent: true }),
  ],
  ...[80, 110, 140, 170].map((stood): [string, ReplayInput[]] => [
    `someone who stood ${stood} s in the closed car and left in a cycle sampled as closing only, while the sensor holds`,
    leavesUnseen(stood, 60),
  ]),
  ['someone who left so, where the sensor sees it at once', leavesUnseen(80, 0)],
  [
    'a ride known by its brake only',
    every10s(0, 60, { brakeState: 'released', doorZone: false, passengerPresent: true }),
  ],
  [
    'people who left in a door cycle that only its counter tells',
    [
      said(-40, doorOpen),
      said(-30, { ...atFloor, doorCycles: 7 }),
      said(-20, riding),
      said(-10, riding),
      said(0, { ...atFloor, doorCycles: 8 }),
      ...every10s(10, 60, atFloor),
      ...every10s(70, 3_600, { ...atFloor, passengerPresent: false }),
    ],
  ],
  [
    'people who left in a door cycle that only its closing time tells',
    [
      said(-40, doorOpen),
      said(-30, { ...atFloor, doorCloseSeconds: 3.1 }),
      said(-20, riding),
      said(-10, riding),
      said(0, { ...atFloor, doorCloseSeconds: 3.2 }),
      ...every10s(10, 60, atFloor),
      ...every10s(70, 3_600, { ...atFloor, passengerPresent: false }),
    ],
  ],
  [
    'a press that the door has answered, while the sensor holds',
    [
      said(-10, riding),
      said(-5, { alarmButton: true }),
      ...every10s(0, 3_600, atFloor).map(({ at, values }, i) => {
        const doorState = i === 1 ? 'open' : 'closed'
        return { at, values: { ...values, doorState, alarmButton: i < 2, passengerPresent: i < 8 } }
      }),
    ],
  ],
  [
    'a press answered in a cycle that was sampled as closing only, while the sensor holds',
    [said(-12, { alarmButton: true }), said(-11, { alarmButton: false }), ...leavesUnseen(0, 60)],
  ],
  [
    'a press in an open car that stands and closes later',
    [
      said(0, doorOpen),
      said(10, { ...doorOpen, alarmButton: true }),
      ...every10s(20, 170, { ...atFloor, alarmButton: false }),
    ],
  ],
  ...[60, 90, 120].map((everySeconds): [string, ReplayInput[]] => [
    `other riders in each of three samples, a minute or two apart (${everySeconds} s)`,
    sparsely(everySeconds, [nobody, ['open', true], someone, someone, someone, nobody, nobody]),
  ]),
  [
    'other riders in each of three samples, a minute or two apart',
    sparsely(120, [nobody, ['open', true], someone, someone, nobody, nobody, nobody]),
  ],
  [
    'a car that rides each time it is sampled, at the same speed, where only changes are told',
    withTicks(
      [
        said(0, { ...riding, trips: 700 }),
        said(80, { doorZone: true }),
        said(160, { doorZone: false }),
        said(240, { trips: 704 }),
        said(320, { trips: 707 }),
      ],
      { until: start + 400_000 },
    ),
  ],
  [
    'a button stuck for years, and people who loiter',
    [said(-3_600, { alarmButton: true }), said(-10, riding), ...every10s(0, 170, { ...atFloor, alarmButton: true })],
  ],
])('stays silent for %s', (_, stream) => {
  expect(times(stream)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  const calm = { passengerPresent: true, carSpeedMps: 1.5, doorZone: false }
  expectNeverEarly(entrapment, { holds: { ...calm, carSpeedMps: 0 }, calm, seconds: 30 })
})
