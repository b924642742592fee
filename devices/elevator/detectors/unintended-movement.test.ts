import { expect, test } from 'vitest'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { changesOnly, every10s, news, oneByOne, type Said, said, settles, start, tick } from './said.ts'
import { unintendedMovement } from './unintended-movement.ts'

const boarding = { mode: 'normal', doorState: 'open', doorZone: true, carSpeedMps: 0 }
const closed = { ...boarding, doorState: 'closed' }
const riding = { ...closed, doorZone: false, carSpeedMps: 1.75 }
const adrift = { ...boarding, doorZone: false, carSpeedMps: 0.6 }
const caught = { ...boarding, doorZone: false, carSpeedMps: 0 }

/** A stop with people boarding, and a ride, sampled every 10 s; `times` of them. */
function service(times: number): Said[] {
  const words = [closed, { ...boarding, doorState: 'opening' }, boarding, { ...boarding, doorState: 'closing' }, riding]
  return Array.from({ length: times * words.length }, (_, i) => said(i * 10, words[i % words.length] ?? closed))
}

const found = (stream: readonly Said[], until = 0) =>
  news(unintendedMovement, withTicks(stream, { until: start + until * 1_000 }))

test('a car that drifts off with its door open is critical with the second such sample, and the reason is in words', () => {
  const [raised] = replay(unintendedMovement, [...every10s(0, 20, boarding), ...every10s(30, 60, adrift)])

  expect(raised?.at).toBe(start + 40_000)
  expect(raised?.finding).toEqual({
    severity: 'critical',
    summary: 'The car left its door zone with its door not closed at 0.60 m/s (with an open door at most 0.3 m/s)',
    evidence: {
      outsideDoorZone: true,
      doorState: 'open',
      carSpeedMps: 0.6,
      limitMps: 0.3,
      movedMm: null,
      limitMm: null,
      leftFloor: null,
      floor: null,
      faultCode: null,
    },
    since: start + 30_000,
  })
})

test.each([
  ['the zone that is left', { ...caught, carSpeedMps: 0.1 }],
  ['the speed alone, where no zone is told', { doorState: 'open', carSpeedMps: 0.4 }],
  ['a speed above levelling while the door closes', { ...boarding, doorState: 'closing', carSpeedMps: 0.9 }],
])('one word is believed at the second sample: %s', (_, values) => {
  expect(found([...every10s(0, 20, boarding), ...every10s(30, 60, values)])).toEqual(['critical 40'])
})

test('a car that is said to stand outside its zone, with its door open, is believed after 15 s', () => {
  const at = (seconds: readonly number[]) => seconds.map((s) => said(s, caught))

  expect(found([...every10s(0, 20, boarding), ...every10s(30, 60, caught)])).toEqual(['critical 50'])
  const { carSpeedMps: _speed, ...untold } = caught
  expect(found([...every10s(0, 20, { ...untold, doorZone: true }), ...every10s(30, 60, untold)])).toEqual([
    'critical 40',
  ])
  expect(found([said(0, boarding), ...at([10, 24.9])])).toEqual([])
  expect(found([said(0, boarding), ...at([10, 25])])).toEqual(['critical 25'])
  // it was seen to move on its way there, and had not stopped in its zone since
  const moved = [said(0, boarding), said(5, { ...boarding, carSpeedMps: 0.1 })]
  expect(found([...moved, ...at([10, 11])])).toEqual(['critical 11'])
  expect(found([...moved, said(8, boarding), ...at([10, 11])])).toEqual([])
})

test('at one sample per second it takes one second, and no less', () => {
  const fast = (seconds: readonly number[]) => seconds.map((s) => said(s, { ...boarding, carSpeedMps: 0.5 }))

  expect(found([...every10s(0, 10, boarding), ...fast([20, 21])])).toEqual(['critical 21'])
  expect(found([...every10s(0, 10, boarding), ...fast([20, 20.3, 20.6, 20.9])])).toEqual([])
})

test('a car that is fast in its zone has moved, and has not left it', () => {
  const [raised] = replay(unintendedMovement, every10s(0, 20, { ...boarding, carSpeedMps: 0.4 }))
  expect(raised?.finding).toMatchObject({
    summary: 'The car moved with its door not closed at 0.40 m/s (with an open door at most 0.3 m/s)',
    evidence: { outsideDoorZone: false },
  })
})

const unzoned = { mode: 'normal', doorState: 'open', carSpeedMps: 0 }
const creeping = { ...unzoned, carSpeedMps: -0.08 }

/** The same values once a second, from one second to another, both included. */
function every1s(from: number, to: number, values: Said['values']): Said[] {
  return Array.from({ length: to - from + 1 }, (_, i) => said(from + i, values))
}

test('a car that creeps off with its door open is found by its way, and the reason is in words', () => {
  const [raised] = replay(unintendedMovement, [...every1s(0, 10, unzoned), ...every1s(11, 20, creeping)])

  expect(raised?.at).toBe(start + 16_000)
  expect(raised?.finding).toMatchObject({
    severity: 'critical',
    summary: 'The car moved with its door not closed: 400 mm (limit 350 mm)',
    evidence: { outsideDoorZone: false, doorState: 'open', movedMm: 400, limitMm: 350 },
    since: start + 11_000,
  })
})

test('it takes four slow samples in a row, in one round or each metric in its own, with no speed above re-levelling', () => {
  const slow = (to: number) => [...every10s(0, 20, unzoned), ...every10s(30, to, { ...unzoned, carSpeedMps: 0.3 })]

  expect(found(slow(50))).toEqual([])
  expect(found(slow(60))).toEqual(['critical 60'])
  expect(found(oneByOne(slow(60)))).toEqual(['critical 60'])
  expect(found([...slow(50), said(60, unzoned), ...every10s(70, 90, { ...unzoned, carSpeedMps: 0.3 })])).toEqual([])
})

test('of a gateway that tells changes, a creep that nothing contradicts for 15 s is one, though it has stopped', () => {
  const told = [said(0, unzoned), said(20, { carSpeedMps: 0.08 })]

  expect(found(told, 60)).toEqual(['critical 35'])
  expect(found([...told, said(25, { carSpeedMps: 0 })], 60)).toEqual(['critical 35'])
  expect(found([...told, said(24, { carSpeedMps: 0 })], 60)).toEqual([])
  expect(news(unintendedMovement, [...told, tick(34.9, 20)])).toEqual([])
  for (const news of [{ doorState: 'closing' }, { doorZone: true }, { carSpeedMps: 0.9 }, { mode: 'inspection' }])
    expect(found([...told, said(30, news), said(31, { carSpeedMps: 0 })], 60)).toEqual([])
  const inspected = [said(30, { mode: 'inspection' }), said(31, { carSpeedMps: 0 }), said(40, { mode: 'normal' })]
  expect(found([...told, ...inspected], 60)).toEqual([])
  // the door's word is so old that another may have been lost
  expect(found([said(0, unzoned), said(31, { carSpeedMps: 0.08 })], 120)).toEqual([])
})

test('a car that crept clears as any other', () => {
  const event = [...every1s(0, 10, unzoned), ...every1s(11, 20, creeping), ...every10s(30, 60, unzoned)]
  const { doorZone: _zone, ...shut } = closed

  expect(found([...event, ...every10s(70, 660, shut)])).toEqual(['critical 16'])
  expect(found([...event, ...every10s(70, 670, shut)])).toEqual(['critical 16', 'cleared 670'])

  const again = [...every10s(70, 600, shut), said(610, unzoned), ...every1s(611, 620, creeping)]
  expect(found([...event, ...again, ...every10s(630, 1_220, shut)])).toEqual(['critical 16'])
  expect(found([...event, ...again, ...every10s(630, 1_230, shut)])).toEqual(['critical 16', 'cleared 1230'])
})

test('a zone sensor that has flickered is believed again when the car moves, or has closed its door', () => {
  const flickered = [...every10s(0, 20, boarding), said(30, caught), said(40, boarding)]

  const { carSpeedMps: _speed, ...untold } = caught
  const back = [said(30, { ...caught, carSpeedMps: 0.1 }), said(40, boarding)]

  expect(found([...flickered, ...every10s(50, 300, caught)])).toEqual([])
  // one that was seen to move, or tells no speed, has not flickered
  expect(found([said(20, boarding), ...back, ...every10s(50, 80, caught)])).toEqual(['critical 70'])
  const unsaid = [20, 40].map((s) => said(s, { ...untold, doorZone: true }))
  expect(found([...unsaid, said(45, untold), said(50, { doorZone: true }), ...every10s(60, 80, untold)])).toEqual([
    'critical 70',
  ])
  expect(found([...flickered, said(50, { ...caught, carSpeedMps: 0.1 }), said(60, caught)])).toEqual(['critical 60'])
  expect(found([...flickered, said(50, closed), said(60, boarding), ...every10s(70, 90, caught)])).toEqual([
    'critical 90',
  ])
})

test('a gateway that samples every ten minutes finds a car that was caught outside its zone', () => {
  expect(found([said(0, closed), said(600, caught), said(1_200, caught)])).toEqual(['critical 1200'])
})

test.each(['forwards', 'backwards'] as const)(
  'each metric in a reading of its own, %s, delays it by one round',
  (order) => {
    const stream = [...every10s(0, 20, boarding), said(30, adrift), ...every10s(40, 60, caught)]
    expect(found(oneByOne(stream, order))).toEqual(['critical 40'])
  },
)

test('a gateway that tells each change once is believed when nothing contradicts it', () => {
  const told = changesOnly([said(0, boarding), said(20, caught)])

  expect(found(told, 120)).toEqual(['critical 35'])
  expect(news(unintendedMovement, [...told, tick(34.9, 20.1)])).toEqual([])
  expect(found([...told, said(25, { doorState: 'closing' }), said(28, { doorState: 'closed' })], 120)).toEqual([])
})

/** A stop as a gateway that tells changes tells it, and then its temperature once a minute while the door stands open. */
const doorsTold = [said(0, boarding), said(8, { doorState: 'closing' }), said(11, { doorState: 'closed' })]
const opened = [said(100, { doorState: 'opening' }), said(103, { doorState: 'open' })]
const heartbeats = (to: number) =>
  Array.from({ length: Math.floor((to - 103) / 60) }, (_, i) => said(163 + i * 60, { motorCelsius: 40 }))

test.each<[string, Said[], number]>([
  ['leaves its zone', [said(700, { doorZone: false })], 715],
  ['moves', [said(700, { carSpeedMps: 0.4 })], 715],
  ['moves and leaves its zone', [said(700, { carSpeedMps: 0.2 }), said(702, { doorZone: false })], 717],
  ['creeps and stops', [said(700, { carSpeedMps: 0.1 }), said(720, { carSpeedMps: 0 })], 715],
])('a door that is told to have opened is open minutes later, when the car %s', (_, moves, at) => {
  expect(found([...doorsTold, ...opened, ...heartbeats(700), ...moves], 760)).toEqual([`critical ${at}`])
})

test('of a car as fast as on a ride its stop tells: outside its zone it had no door that closed', () => {
  const told = [...doorsTold, ...opened, ...heartbeats(500)]
  const runs = [said(500, { doorZone: false, carSpeedMps: 0.9 })]

  expect(found([...told, ...runs, said(521, { carSpeedMps: 0 })], 600)).toEqual(['critical 521'])
  expect(found([...told, ...runs], 600)).toEqual(['critical 560'])
  expect(found([...told, said(500, { doorZone: false, carSpeedMps: 0.8 })], 600)).toEqual(['critical 515'])
})

test('the word of a door holds for five minutes in which nothing at all was heard, and no longer', () => {
  const after = (seconds: number) => [...doorsTold, ...opened, said(103 + seconds, { doorZone: false })]

  expect(found(after(300), 450)).toEqual(['critical 418'])
  expect(found(after(310), 450)).toEqual([])
  const anew = [said(413, { doorState: 'closing' }), said(415, { doorState: 'open' }), said(500, { doorZone: false })]
  expect(found([...doorsTold, ...opened, ...anew], 550)).toEqual(['critical 515'])
})

test('two words on the door within 20 s show that changes are told, at 21 s they may be samples', () => {
  const told = (apart: number) => [
    said(0, boarding),
    said(apart, { doorState: 'closed' }),
    said(100, { doorState: 'open' }),
  ]
  const leaves = said(160, { doorZone: false })

  expect(found([...told(20), leaves], 200)).toEqual(['critical 175'])
  expect(found([...told(21), leaves], 200)).toEqual([])
})

test('a door that opens again half-way is told as changes, not sampled', () => {
  const again = [
    said(60, { doorState: 'open' }),
    said(66, { doorState: 'closing' }),
    said(68, { doorState: 'opening' }),
  ]
  const told = [...doorsTold, ...again, said(70, { doorState: 'open' }), said(75, { doorState: 'closed' }), ...opened]

  expect(found([...told, ...heartbeats(700), said(700, { doorZone: false })], 760)).toEqual(['critical 715'])
})

/** A box that tells floor and door alone, so many seconds apart: rides from floor 1 on of twelve samples each, the floor passed with the third. */
function floorsOnly(rides: number, every = 1): Said[] {
  const doors = ['closed', 'closed', 'opening', 'open', 'open', 'closing']
  return Array.from({ length: rides * 12 }, (_, i) => {
    const floor = 1 + Math.floor((i + 10) / 12)
    return said(i * every, { floor, doorState: doors[Math.floor((i % 12) / 2)] ?? '' })
  })
}

/** Ends at floor 12 with its door open, at sample 132. */
const known = (every = 1) => [...floorsOnly(11, every), said(132 * every, { floor: 12, doorState: 'open' })]
const gone = (seconds: number, floor = 13) => said(seconds, { floor, doorState: 'open' })

/** Up and down over sixteen floors, one in two seconds, with a stop of ten seconds at each end. */
const longRides = Array.from({ length: 840 }, (_, i) => {
  const second = i % 42
  const way = Math.floor(Math.min(second, 31) / 2)
  const doorState = second < 32 ? 'closed' : second < 34 ? 'opening' : second < 40 ? 'open' : 'closing'
  return said(i, { floor: Math.floor(i / 42) % 2 === 0 ? way + 1 : 16 - way, doorState })
})

test('told by floor and door alone, a car at another floor with its door open all the while is critical at the second sample', () => {
  const [raised] = replay(unintendedMovement, [...known(), gone(133, 12), gone(134), gone(135)])

  expect(raised?.at).toBe(start + 135_000)
  expect(raised?.finding).toMatchObject({
    severity: 'critical',
    summary: 'The car left floor 12 for 13 with its door not closed',
    evidence: { outsideDoorZone: null, doorState: 'open', leftFloor: 12, floor: 13 },
    since: start + 134_000,
  })
  expect(found([...known(5), gone(665), gone(670)])).toEqual(['critical 670'])
  expect(found(oneByOne([...known(), gone(133), gone(134, 14)]))).toEqual(['critical 134'])
})

test('it needs ten rides whose floor came in time, and samples closer than a door cycle', () => {
  const short = (rides: number) => floorsOnly(rides).slice(0, -2)
  const leaves = (from: number, floor: number) => [gone(from, floor), gone(from + 1, floor)]

  expect(found([...short(10), gone(120, 11), ...leaves(121, 12)])).toEqual(['critical 122'])
  expect(found([...short(9), gone(108, 10), ...leaves(109, 11)])).toEqual([])
  expect(found([...known(), gone(137.9), gone(139)])).toEqual(['critical 139'])
  expect(found([...known(), gone(138), gone(139)])).toEqual([])
})

test('a change of the floor while the door opens counts neither for it nor against it', () => {
  const once = (readings: readonly Said[]) =>
    readings.map(({ at, values }, i) => {
      const late = i === 62 || i === 63
      return { at, values: late ? { ...values, floor: Number(values.floor) - 1 } : values }
    })
  const ends = (rides: number) => said(rides * 12, { floor: rides + 1, doorState: 'open' })
  const moved = (rides: number) => [
    ...[...once(floorsOnly(rides)), ends(rides)],
    ...[1, 2].map((s) => gone(rides * 12 + s, rides + 2)),
  ]

  expect(found(moved(11))).toEqual(['critical 134'])
  expect(found(moved(10))).toEqual([])
})

test('of a gateway that tells changes, a floor that changes with the door open counts when nothing contradicts it for a minute', () => {
  const told = changesOnly(known())
  const leaves = said(400, { floor: 13 })

  expect(found([...told, ...heartbeats(400), leaves], 500)).toEqual(['critical 460'])
  expect(found([...told, ...heartbeats(400), leaves, said(459, { doorState: 'closing' })], 500)).toEqual([])
  expect(found([...told, ...heartbeats(400), leaves, said(430, { floor: 12 })], 500)).toEqual([])
  expect(found([...told, ...heartbeats(400), leaves, said(430, { floor: 14 })], 500)).toEqual(['critical 460'])
  // it says everything again once a minute
  const again = [193, 253, 313, 373].map((s) => gone(s, 12))
  expect(found([...told, ...again, leaves], 500)).toEqual(['critical 460'])
})

test('a car that rolls on with its door open and comes to rest level with another floor is found, told as changes', () => {
  const told = [said(-1, { doorZone: true, carSpeedMps: 0 }), ...changesOnly(known())]
  const rolls = [said(140, { doorZone: false }), said(141, { floor: 13 }), said(142, { doorZone: true })]
  const rest = [150, 210].map((s) => said(s, { ...boarding, floor: 13 }))
  const [raised] = replay(unintendedMovement, [...told, ...rolls, ...rest])

  expect(raised?.at).toBe(start + 210_000)
  expect(raised?.finding).toMatchObject({
    summary: 'The car left floor 12 for 13 with its door not closed',
    evidence: { outsideDoorZone: false, leftFloor: 12, floor: 13 },
    since: start + 140_000,
  })
  expect(found([...told, ...rolls], 240)).toEqual(['critical 202'])
  expect(found([...told, ...rolls, said(190, { doorState: 'closing' })], 260)).toEqual([])
  // it may repeat everything soon after a change
  const repeats = [said(8, { ...boarding, floor: 1 }), said(137, { ...boarding, floor: 12 })]
  const all = [...told, ...repeats, ...rolls, ...rest].sort((one, other) => one.at - other.at)
  expect(found(all)).toEqual(['critical 200'])
  // but then no floor is news: words were lost before it
  expect(found([...told, ...rolls.toSpliced(1, 1), ...rest], 260)).toEqual([])
  expect(found([...told, said(134, { doorState: 'open' }), ...rolls, ...rest], 260)).toEqual([])
  // with a door that closed meanwhile, what the zone said before tells nothing of the floor
  const again = [
    said(145, { doorState: 'closed' }),
    said(150, { doorState: 'opening' }),
    said(152, { doorState: 'open' }),
  ]
  const flickers = [said(140, { doorZone: false }), said(142, { doorZone: true })]
  expect(found([...told, ...flickers, ...again, said(160, { floor: 13 })], 240)).toEqual([])
  expect(found([...told, ...flickers, said(160, { floor: 13 })], 240)).toEqual(['critical 220'])
})

/** A box that tells everything: at floor 1 with its door open, seen once on its way, then level with floor 4 and its door still open. */
const rolled = (every: number, seen: Said['values'], cycles = 700) =>
  [...Array<Said['values']>(4).fill({ floor: 1 }), seen, ...Array<Said['values']>(4).fill({ floor: 4 })].map(
    (values, i) => said(i * every, { ...boarding, doorCycles: i > 4 ? cycles : 700, ...values }),
  )

test.each([
  [10, { floor: 2, doorZone: false, carSpeedMps: 1 }, ['critical 60']],
  [10, { floor: 1, doorZone: true, carSpeedMps: 0.1 }, ['critical 70']],
  [10, { floor: 2, doorZone: false, carSpeedMps: 0 }, []],
  [10, { floor: 3, doorZone: true, carSpeedMps: 0.9 }, ['critical 60']],
  [60, { floor: 2, doorZone: false, carSpeedMps: 1 }, ['critical 300']],
])(
  'sampled once in %d s, a car that rolled on from %o, and rests level with another floor, is found by its counter',
  (every, seen, news) => {
    expect(found(rolled(every, seen))).toEqual(news)
    // it closed its door, and rode
    expect(found(rolled(every, seen, 701))).toEqual([])
    // nothing was seen of its way: a floor that is lost
    expect(found(rolled(every, { floor: 4 }))).toEqual([])
    // a counter that is told by itself may be old
    expect(
      found(
        rolled(every, seen).flatMap(({ at, values: { doorCycles, ...values } }) => [
          { at: at - 1, values: { doorCycles: doorCycles ?? 0 } },
          { at, values },
        ]),
      ),
    ).toEqual([])
  },
)

/** Told as changes: a ride of 12 s every 40 s, and everything once a minute; at 10 s in the middle of the first ride, so at each third. */
function openRides(rides: number, repeated: (ride: number) => Said['values'] = () => ({})): Said[] {
  const told = Array.from({ length: rides }, (_, i) => {
    const at = (seconds: number, values: Said['values']) => said(40 * i + seconds, values)
    const all = { ...adrift, carSpeedMps: 1, floor: 2 * i + 1, ...repeated(i) }
    const rests = at(30, { ...boarding, floor: 2 * i + 2 })
    return [
      at(4, { carSpeedMps: 0.6, doorZone: false }),
      at(8, { carSpeedMps: 1, floor: 2 * i + 1 }),
      ...(i % 3 === 0 ? [at(10, all)] : []),
      at(14, { carSpeedMps: 1, floor: 2 * i + 2 }),
      at(16, { carSpeedMps: 0, doorZone: true }),
      ...(i % 3 === 1 ? [rests] : []),
    ]
  }).flat()
  return [said(-5, { ...boarding, floor: 0, doorState: 'opening' }), said(-2, { doorState: 'open' }), ...told]
}

test('rides with an open door, told as changes, are found by the second repetition that says all of it', () => {
  expect(found(openRides(6))).toEqual(['critical 130'])
  expect(replay(unintendedMovement, openRides(6))[0]?.finding?.since).toBe(start + 10_000)
  expect(found(openRides(3))).toEqual([])

  const shut = openRides(6).map((reading) =>
    reading.at === start + 70_000 ? { at: reading.at, values: { ...closed, floor: 4 } } : reading,
  )
  for (const ride of [0, 3]) {
    expect(found(openRides(6, (i) => (i === ride ? { carSpeedMps: 0.2 } : {})))).toEqual([])
    expect(found(openRides(6, (i) => (i === ride ? { doorZone: true } : {})))).toEqual([])
  }
  expect(found([...shut, said(75, { doorState: 'open' })].sort((a, b) => a.at - b.at))).toEqual([])
})

test('two readings that say a ride with an open door count within three minutes of each other', () => {
  const roams = { ...adrift, carSpeedMps: 1.5 }
  const rests = (from: number, to: number) =>
    Array.from({ length: Math.ceil((to - from) / 60) }, (_, i) =>
      said(from + i * 60, { carSpeedMps: 0, doorZone: true, floor: 5 }),
    )
  const twice = (seconds: number) => [
    said(-100, boarding),
    said(0, roams),
    ...rests(60, seconds),
    said(seconds, roams),
    ...rests(seconds + 60, seconds + 300),
  ]
  expect(found(twice(180))).toEqual(['critical 180'])
  expect(found(twice(240))).toEqual([])
  expect(found(twice(18_000))).toEqual([])
})

test('it is found though the mains are lost, and in any mode in which nobody works', () => {
  for (const mode of ['emergency-power', 'earthquake', 'out-of-service']) {
    expect(found([...every10s(0, 20, boarding), ...every10s(30, 60, { ...adrift, mode })])).toEqual(['critical 40'])
  }
})

test('the controller is believed at once', () => {
  const [raised] = replay(unintendedMovement, [said(0, closed), said(10, { faultCode: '05' })])

  expect(raised?.finding?.severity).toBe('critical')
  expect(raised?.finding?.summary).toBe('The controller reports unintended movement of the car (code 05)')
})

test('it stays while the car is out there, and says so again', () => {
  const said = replayAll(unintendedMovement, [...every10s(0, 20, boarding), ...every10s(30, 3_600, caught)])
  expect(said.length).toBeGreaterThan(300)
})

test('it clears when the car has stood closed at its floor for ten minutes, not before, and not by silence', () => {
  const event = [...every10s(0, 20, boarding), ...every10s(30, 100, adrift)]

  expect(found([...event, ...every10s(110, 700, closed)])).toEqual(['critical 40'])
  expect(found([...event, ...every10s(110, 720, closed)])).toEqual(['critical 40', 'cleared 710'])
  expect(found(event, 86_400)).toEqual(['critical 40'])
  expect(found([...event, ...every10s(110, 2_000, boarding)])).toEqual(['critical 40'])
})

test('a car that drifts again while it clears begins anew', () => {
  const event = [...every10s(0, 20, boarding), ...every10s(30, 60, adrift)]
  const again = [...every10s(70, 600, closed), said(610, adrift), ...every10s(620, 1_210, closed)]

  expect(found([...event, ...again])).toEqual(['critical 40'])
  expect(found([...event, ...again, ...every10s(1_220, 1_230, closed)])).toEqual(['critical 40', 'cleared 1220'])
})

test('sampled on a ride and then, two rounds in a row, outside its zone with an open door: it left the floor where it had stopped', () => {
  const rides = (...after: Said[]) => [...every10s(0, 20, boarding), said(50, riding), ...after]
  expect(found(rides(said(80, caught), said(110, caught)))).toEqual(['critical 110'])
  expect(found(rides(said(80, riding), said(110, caught), said(140, caught)))).toEqual(['critical 140'])
  expect(found(rides(said(80, adrift), said(81, adrift)))).toEqual(['critical 81'])
  expect(found(rides(said(80, caught), said(94.9, caught)))).toEqual([])
})

/** Told as changes, and everything again after a minute in which nothing was told: a stop at which the car rolls away. */
const minuteOfSilence = (rolls: readonly Said[]) => [
  said(-115, { doorState: 'open' }),
  said(-109, { doorState: 'closing' }),
  said(-106, { doorState: 'closed' }),
  said(-104, riding),
  said(-90, { carSpeedMps: 0, doorZone: true }),
  said(-30, closed),
  said(0, { doorState: 'opening' }),
  said(2, { doorState: 'open' }),
  ...rolls,
]

test.each<[string, Said[], string]>([
  [
    'fast',
    [said(7, { carSpeedMps: 1.01 }), said(7.2, { doorZone: false }), said(11, { carSpeedMps: 0 }), said(71, caught)],
    'critical 26',
  ],
  ['slowly, repeated soon after', [said(11, { doorZone: false }), said(19, caught), said(79, caught)], 'critical 29'],
])(
  'one that tells changes, and everything after a minute, is no gateway that samples: it rolls away %s',
  (_, rolls, news) => {
    expect(found(minuteOfSilence(rolls))).toEqual([news])
    expect(found(minuteOfSilence([...rolls.slice(0, -1), said(20, boarding), said(80, boarding)]))).toEqual([])
  },
)

test('a car that stands leaves the state as it is', () => {
  expect(settles(unintendedMovement, closed)).toBe(true)
})

test('two words with a gap between them: what was said before it accuses nobody', () => {
  const apart = [said(0, boarding), said(200, { doorZone: false, carSpeedMps: 1.75 }), said(210, { carSpeedMps: 1.75 })]
  expect(found(apart, 300)).toEqual([])
})

test.each<[string, Said[]]>([
  ['doors and rides', service(200)],
  ['a car that re-levels with its door open', every10s(0, 300, { ...boarding, carSpeedMps: 0.3 })],
  [
    'a door that opens early while the car levels in',
    every10s(0, 300, { ...boarding, doorState: 'opening', carSpeedMps: 0.8 }),
  ],
  [
    'a door that is forced between floors',
    [
      ...service(2),
      said(100, riding),
      ...every10s(110, 150, { ...caught, doorState: 'closed' }),
      ...every10s(160, 900, caught),
    ],
  ],
  [
    'a door that is forced between floors, by people who were seen to stop there',
    [boarding, riding, { ...caught, doorState: 'closed' }, caught, caught].map((words, i) => said(i * 30, words)),
  ],
  [
    'a zone sensor that says "outside" at every floor',
    Array.from({ length: 40 }, (_, i) => said(i * 30, { ...(i % 4 < 2 ? boarding : riding), doorZone: false })).slice(
      2,
    ),
  ],
  [
    'a door that opens while the car, seen on its ride before, levels in',
    [boarding, riding, { ...caught, doorState: 'opening' }, { ...caught, doorState: 'opening' }, boarding].map(
      (words, i) => said(i * 20, words),
    ),
  ],
  [
    'a zone that is told a moment after the door has opened, and then flickers',
    [boarding, riding, caught, boarding, caught, caught, caught].map((words, i) => said(i * 10, words)),
  ],
  [
    'one wrong sample of the door zone',
    [...every10s(0, 50, boarding), said(60, caught), ...every10s(70, 100, boarding)],
  ],
  [
    'one wrong sample of the speed',
    [...every10s(0, 50, boarding), said(60, { ...boarding, carSpeedMps: 9 }), ...every10s(70, 100, boarding)],
  ],
  [
    'a car that re-levels, again and again, and tells no zone',
    Array.from({ length: 900 }, (_, i) => said(i, { ...unzoned, carSpeedMps: i % 6 < 3 ? 0.25 : 0 })),
  ],
  [
    'a car that re-levels in its zone, as it says from time to time',
    Array.from({ length: 100 }, (_, i) => said(i * 3, i % 2 === 0 ? { ...creeping, doorZone: true } : creeping)),
  ],
  [
    'a car that settles in four samples',
    [...every1s(0, 10, unzoned), said(11, { ...unzoned, carSpeedMps: 0.3 })].concat(
      every1s(12, 14, { ...unzoned, carSpeedMps: 0.06 }),
    ),
  ],
  ['a car whose door is no longer told', [...every1s(0, 10, unzoned), ...every1s(11, 60, { carSpeedMps: 0.2 })]],
  ['slow samples too far apart to be one movement', [0, 20, 40, 60, 80].map((s) => said(s, s ? creeping : unzoned))],
  ['a speed sensor that reads 0.08 m/s in a car that stands', every1s(0, 600, creeping)],
  [
    'a zone sensor that flickers while the speed reads 0',
    Array.from({ length: 200 }, (_, i) => said(i * 5, [1, 2, 5, 7, 8, 9, 12].includes(i % 13) ? caught : boarding)),
  ],
  [
    'a car that is moved by hand, its door forced between floors',
    [said(0, riding), ...every10s(10, 30, { ...caught, doorState: 'closed' }), ...every10s(40, 60, caught)].concat(
      every1s(70, 90, { ...caught, carSpeedMps: 0.1 }),
    ),
  ],
  ['a mechanic who inches the car with its door open', every1s(0, 60, { ...creeping, mode: 'inspection' })],
  [
    'a gateway that measures each metric at its own time',
    Array.from({ length: 100 }, (_, i) => [
      said(i * 40, { doorState: 'open' }),
      said(i * 40 + 2, { doorZone: true }),
      said(i * 40 + 7, { carSpeedMps: 1.75 }),
      said(i * 40 + 8, { doorZone: false }),
      said(i * 40 + 10, { doorState: 'closed' }),
      said(i * 40 + 17, { carSpeedMps: 1.2 }),
      said(i * 40 + 18, { doorZone: false }),
      said(i * 40 + 20, { doorState: 'opening' }),
      said(i * 40 + 27, { carSpeedMps: 0 }),
      said(i * 40 + 28, { doorZone: true }),
      said(i * 40 + 30, { doorState: 'open' }),
    ]).flat(),
  ],
  [
    'a car that re-levels after minutes with its door open, told as changes',
    [...doorsTold, ...opened, ...heartbeats(500)].concat(
      [500, 520, 540].flatMap((s) => [said(s, { carSpeedMps: 0.15 }), said(s + 2, { carSpeedMps: 0 })]),
    ),
  ],
  [
    'a car that says with its door open for minutes that it left its zone, and is back',
    [...doorsTold, ...opened, ...heartbeats(500), said(500, { doorZone: false }), said(514, { doorZone: true })],
  ],
  [
    'a gateway that tells the floor late',
    floorsOnly(40).map(({ at, values }, i, all) => {
      return { at, values: { ...values, floor: all[Math.max(0, i - 5)]?.values.floor ?? 1 } }
    }),
  ],
  [
    'a gateway that tells the floors of a long ride late',
    longRides.map(({ at, values }, i) => ({ at, values: { ...values, floor: longRides[i - 5]?.values.floor ?? 1 } })),
  ],
  [
    'an elevator that is seen at another floor, its door open again',
    [...known(), ...Array.from({ length: 40 }, (_, i) => gone(142 + i * 10, i))],
  ],
  [
    'a floor that changes right before the door closes',
    [...known(), gone(133), said(134, { floor: 13, doorState: 'closing' }), gone(136), gone(137)],
  ],
  [
    'a floor that changes while the door opens',
    [...known(), said(133, { doorState: 'opening' }), gone(134), gone(135)],
  ],
  [
    'a gateway that told changes, and now samples',
    [...changesOnly(known()), gone(152, 12), gone(172), gone(192), gone(212, 15)],
  ],
  [
    'a car that re-levels in one sample of a minute, in its zone',
    [0, 60, 120, 180].map((s) => said(s, closed)).concat(said(240, { ...boarding, carSpeedMps: 0.1 })),
  ],
  [
    'the same that tells no zone',
    [0, 60, 120].map((s) => said(s, { ...unzoned, doorState: 'closed' })).concat(said(180, creeping)),
  ],
  ['slow samples a minute apart', [0, 60, 120, 180, 240, 300].map((s) => said(s, s ? creeping : unzoned))],
  [
    'a car that re-levels in its zone, told as changes after minutes with its door open',
    [...doorsTold, ...opened, ...heartbeats(500), said(500, { carSpeedMps: 0.1, doorZone: true })],
  ],
  ['one wrong sample of the floor', [...known(), gone(133, 12), gone(134, 3), gone(135, 12), gone(136, 12)]],
  [
    'a floor that is lost, the speed 0',
    [...known(), said(133, { ...boarding, floor: 12 }), ...every1s(134, 150, { ...boarding, floor: 0 })],
  ],
  [
    'a floor that is lost by a car that has told its speed, and tells it no more',
    [said(-1, { carSpeedMps: 0 }), ...known(), ...every1s(133, 150, { floor: 0, doorState: 'open' })],
  ],
  [
    'a ride, told by floors alone, of a car whose door’s words were lost',
    [...changesOnly(known()), said(160, { floor: 13 }), said(170, { floor: 14 }), said(178, { doorState: 'opening' })],
  ],
  [
    'a door that is told once a minute, and a floor half a minute later',
    [...changesOnly(known())].concat(
      Array.from({ length: 40 }, (_, i) => [
        said(200 + i * 60, { doorState: 'open' }),
        said(230 + i * 60, { floor: i }),
      ]).flat(),
    ),
  ],
  [
    'a mechanic who moves the car floor by floor with its door open',
    [...known(), said(133, { mode: 'inspection' }), gone(134), gone(135, 14), gone(136, 15)].concat(
      [said(137, { mode: 'normal' })],
      [138, 139, 140].map((s) => gone(s, 15)),
    ),
  ],
  [
    'a gateway that was not heard while its door stood open',
    [...doorsTold, ...opened, said(500, { doorZone: false, carSpeedMps: 1.75 })],
  ],
  [
    'a ride of a car whose door’s words were lost',
    [...doorsTold, ...opened, ...heartbeats(500), said(500, { doorZone: false, carSpeedMps: 1.75 })].concat([
      said(540, { doorZone: true, carSpeedMps: 0 }),
      said(541, { doorState: 'opening' }),
    ]),
  ],
  [
    'a car whose stop was lost, at a floor where its door opens',
    [...doorsTold, said(50, { carSpeedMps: 0.5 }), said(85, { doorState: 'opening' }), said(88, { doorState: 'open' })],
  ],
  [
    'a ride of a car whose closed door was lost',
    [...doorsTold, said(20, { doorState: 'closing' }), said(26, { doorZone: false, carSpeedMps: 0.9 })],
  ],
  [
    'a car whose door was on its way minutes ago',
    [...doorsTold, said(103, { doorState: 'closing' }), ...heartbeats(500), said(500, { doorZone: false })],
  ],
  [
    'a door sampled once a minute, and the rest of the car half a minute later',
    Array.from({ length: 60 }, (_, i) => [
      said(i * 60, { doorState: i % 4 === 3 ? 'open' : 'closed' }),
      said(i * 60 + 25, { doorZone: i % 3 !== 0, carSpeedMps: i % 3 === 0 ? 1.75 : 0 }),
    ]).flat(),
  ],
  [
    'the same that tells the floor with the door',
    Array.from({ length: 60 }, (_, i) => [
      said(i * 60, { doorState: i % 4 === 3 ? 'open' : 'closed', floor: i % 9 }),
      said(i * 60 + 25, { doorZone: i % 3 !== 0 }),
    ]).flat(),
  ],
  [
    'a mechanic who moves the car after minutes with its door open',
    [...doorsTold, ...opened, ...heartbeats(500), said(500, { mode: 'inspection' })].concat(
      [said(505, { doorZone: false, carSpeedMps: 0.3 }), said(540, { doorZone: true, carSpeedMps: 0 })],
      [said(570, { mode: 'normal' })],
    ),
  ],
  [
    'a mechanic who moves the car with its door open',
    [said(0, boarding), ...every10s(10, 600, { ...adrift, mode: 'inspection' }), ...every10s(610, 700, closed)],
  ],
  [
    'the same, told by a code of an elevator without a mode',
    every10s(0, 600, { doorState: 'open', doorZone: false, carSpeedMps: 0.6, faultCode: '43' }),
  ],
  ['a change that may have had another before it, lost', [said(0, boarding), said(31, { doorZone: false })]],
  ['an old code of inspection beside a mode', every10s(0, 600, { ...boarding, faultCode: '43' })],
])('stays silent for %s', (_, stream) => {
  expect(found(stream, 600)).toEqual([])
})

test.each(['fire', 'firefighter'])('stays silent in mode %s, and what was raised before stays', (mode) => {
  expect(found([said(0, { ...boarding, mode }), ...every10s(10, 600, { ...adrift, mode })])).toEqual([])
  expect(
    found([...every10s(0, 20, boarding), ...every10s(30, 50, adrift), ...every10s(60, 900, { ...closed, mode })]),
  ).toEqual(['critical 40'])
})

test('an inspection that ended is over, and an old code of it hides nothing of an elevator that tells its mode', () => {
  const inspected = every10s(0, 60, { ...closed, mode: 'inspection' })
  const { mode: _mode, ...unsaid } = adrift

  expect(found([said(0, { mode: 'inspection' }), ...every10s(10, 60, unsaid)])).toEqual([])
  expect(found([...inspected, ...every10s(70, 80, boarding), ...every10s(90, 100, adrift)])).toEqual(['critical 100'])
  expect(found([...every10s(0, 80, { ...boarding, faultCode: '43' }), ...every10s(90, 100, adrift)])).toEqual([
    'critical 100',
  ])
})

test('the quiet of a gateway that samples proves nothing, for a day', () => {
  const samples = [said(0, { doorState: 'open' }), said(49, { doorState: 'open' })]
  const change = (seconds: number) => [
    ...[said(seconds, { doorState: 'closed' }), said(seconds + 2, { doorState: 'open' })],
    said(seconds + 5, { doorZone: false }),
  ]

  expect(found([...samples, ...change(100)], 190)).toEqual([])
  expect(found([...samples, ...change(86_460)], 86_550)).toEqual(['critical 86480'])
  expect(found([said(0, { doorState: 'open' }), ...change(60)], 150)).toEqual(['critical 80'])
  // the same word alone is sampled, at its own time; one that repeats everything once a minute tells changes
  const leaves = said(65, { doorZone: false })
  expect(found([said(0, { doorState: 'open' }), said(60, { doorState: 'open' }), leaves], 150)).toEqual([])
  expect(found([said(0, boarding), said(60, boarding), leaves], 150)).toEqual(['critical 80'])
})
