import { expect, test } from 'vitest'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { unknownTelling } from './clash.ts'
import { type OpenChain, openChainAfter } from './open-chain.ts'
import { safetyCircuit } from './safety-circuit.ts'
import { every10s, news, oneByOne, type Said, said, settles, start, tick } from './said.ts'

const open = { doorState: 'open', doorZone: true, carSpeedMps: 0, safetyCircuit: 'open' }
const closed = { ...open, doorState: 'closed', safetyCircuit: 'closed' }
const riding = { ...closed, doorZone: false, carSpeedMps: 1.75 }
const wrong = { ...riding, safetyCircuit: 'open' }
const stopped = { ...wrong, carSpeedMps: 0 }

/** Stops and rides, sampled every 10 s; `times` of each. */
function service(times: number): Said[] {
  const words = [closed, { ...open, doorState: 'opening' }, open, { ...open, doorState: 'closing' }, closed, riding]
  return Array.from({ length: times * words.length }, (_, i) => said(i * 10, words[i % words.length] ?? closed))
}

const found = (stream: readonly Said[], until = 0) =>
  news(safetyCircuit, withTicks(stream, { until: start + until * 1_000 }))

test('a car that runs with its circuit open in two samples is critical, and the reason is in words', () => {
  const [raised] = replay(safetyCircuit, [said(0, riding), said(10, wrong), said(20, wrong)])

  expect(raised?.at).toBe(start + 20_000)
  expect(raised?.finding).toEqual({
    severity: 'critical',
    summary: 'The car runs with its safety circuit open',
    evidence: { running: true, outsideDoorZone: true, faultCode: null },
    since: start + 10_000,
  })
})

test('at one sample per second it takes one second, and no less', () => {
  const at = (seconds: readonly number[]) => seconds.map((s) => said(s, wrong))

  expect(found([said(0, riding), ...at([10, 11])])).toEqual(['critical 11'])
  expect(found([said(0, riding), ...at([10, 10.3, 10.6, 10.9])])).toEqual([])
})

test('a chain that an older version wrote down counts its rides as a new one does', () => {
  const old = { shut: true, drives: false, runs: false, times: 0, firstAt: 0, at: 0 } as OpenChain
  const before = { floor: 3, doorClosed: true, openAt: 1, telling: unknownTelling }
  const ride = (seconds: number, floor: number) => [
    { seconds, brakeState: 'released', safetyCircuit: 'open' } as const,
    { seconds: seconds + 3, floor },
    { seconds: seconds + 6, brakeState: 'applied', direction: 'none' } as const,
  ]
  const chain = [...ride(0, 4), ...ride(60, 6)].reduce<OpenChain | null>(
    (was, { seconds, ...values }) =>
      openChainAfter(was, { at: start + seconds * 1_000, ...values }, before, { levellingMps: 0.8, confirmSeconds: 1 }),
    old,
  )
  expect(chain?.rides).toBe(2)
  expect(
    openChainAfter(old, { at: start, safetyCircuit: 'closed' }, before, {
      levellingMps: 0.8,
      confirmSeconds: 1,
    }),
  ).toBeNull()
})

test('a car that stands with its circuit closed leaves the state as it is', () => {
  expect(settles(safetyCircuit, closed)).toBe(true)
})

test('one sample is enough when the circuit has stopped the car between floors', () => {
  const [raised] = replay(safetyCircuit, [said(0, riding), said(10, { ...wrong, carSpeedMps: 0.9 }), said(20, stopped)])

  expect(raised?.at).toBe(start + 20_000)
  expect(raised?.finding?.summary).toBe('The safety circuit opened while the car ran')
})

test.each([
  ['the speed outside the zone', { doorZone: false, carSpeedMps: 0.2 }],
  ['the speed in the zone', { doorZone: true, carSpeedMps: 0.9 }],
  ['the speed, where no zone is told', { carSpeedMps: 0.9 }],
  ['the brake outside the zone', { doorZone: false, brakeState: 'released' }],
])('it runs by %s', (_, values) => {
  expect(found(every10s(0, 30, { ...values, safetyCircuit: 'open' }))).toEqual(['critical 10'])
})

test('each metric in a reading of its own delays it by one round at most', () => {
  const stream = [said(0, riding), said(10, wrong), said(20, wrong), said(30, wrong)]

  expect(found(oneByOne(stream))).toEqual(['critical 20'])
  expect(found(oneByOne(stream, 'backwards'))).toEqual(['critical 20'])
  expect(found(oneByOne(every10s(0, 30, { carSpeedMps: 0.9, safetyCircuit: 'open' })))).toEqual(['critical 10'])
})

test('a gateway that tells each change once is believed when nothing contradicts it', () => {
  const ride = [said(0, closed), said(5, { carSpeedMps: 1.75 }), said(6, { doorZone: false })]

  expect(found([...ride, said(9, { safetyCircuit: 'open' })], 90)).toEqual(['critical 24'])
  expect(news(safetyCircuit, [...ride, said(9, { safetyCircuit: 'open' }), tick(23.9, 9)])).toEqual([])
  expect(found([...ride, said(9, { safetyCircuit: 'open' }), said(11, { carSpeedMps: 0 })], 90)).toEqual([
    'critical 26',
  ])
  expect(found([...ride, said(9, { safetyCircuit: 'open' }), said(20, { safetyCircuit: 'closed' })], 90)).toEqual([])
})

test('of a gateway that tells changes and no door zone, a word that it runs counts when it came after the circuit opened', () => {
  const ride = [
    said(0, { safetyCircuit: 'closed' }),
    said(5, { carSpeedMps: 1.75 }),
    said(9, { safetyCircuit: 'open' }),
  ]

  expect(found([...ride, said(12, { carSpeedMps: 1.7 })], 90)).toEqual(['critical 27'])
  expect(found([...ride, said(12, { carSpeedMps: 0 })], 90)).toEqual([])
})

/** A stop and a ride, told as changes; the words of the departure are those given. */
const stop = (...departure: Said[]) => [
  said(0, { doorState: 'closed', safetyCircuit: 'closed' }),
  said(20, { doorState: 'opening', doorZone: true, carSpeedMps: 0, safetyCircuit: 'open' }),
  said(22, { doorState: 'open' }),
  said(30, { doorState: 'closing' }),
  ...departure,
  said(35, { doorZone: false, carSpeedMps: 0.8 }),
  said(36, { carSpeedMps: 1.75 }),
]

test('an open circuit of which only changes are told is of the ride when the door was said to close, or when it was told on the ride', () => {
  expect(found(stop(said(33, { doorState: 'closed' })), 90)).toEqual(['critical 51'])
  expect(found([...stop(said(33, { safetyCircuit: 'closed' })), said(38, { safetyCircuit: 'open' })], 90)).toEqual([
    'critical 53',
  ])
})

test('the quiet of a gateway that samples proves nothing', () => {
  const samples = (...seconds: number[]) => seconds.map((s) => said(s, { safetyCircuit: 'closed' }))
  const ride = [said(15, { carSpeedMps: 1.75 }), said(16, { doorZone: false }), said(20, { safetyCircuit: 'open' })]
  expect(found([...samples(-10, 0, 10), ...ride], 90)).toEqual([])
  // one that tells changes says everything again once a minute, now and then soon after a change
  expect(found([...samples(-60, 0, 10), ...ride], 90)).toEqual(['critical 35'])
})

/** A box that tells changes: at 100 s intervals a ride to the next floor, a stop with an open door, and everything repeated while it rests. */
function ridesToldAsChanges(rides: number, circuit: string): Said[] {
  return Array.from({ length: rides }, (_, i) => {
    const at = (seconds: number, values: Said['values']) => said(i * 100 + seconds, values)
    return [
      at(0, { ...parked, floor: i, safetyCircuit: circuit }),
      at(20, { direction: 'up' }),
      at(21, { brakeState: 'released' }),
      at(22, { floor: i + 1 }),
      at(24, { direction: 'none', brakeState: 'applied' }),
      at(26, { doorState: 'opening' }),
      at(28, { doorState: 'open' }),
      at(34, { doorState: 'closed' }),
    ]
  }).flat()
}

const parked = { doorState: 'closed', direction: 'none', brakeState: 'applied', floor: 1 }
const driven = { doorState: 'closed', direction: 'up', brakeState: 'released', safetyCircuit: 'open' }

test('a car that rides on with its circuit open is found at its second ride, told as changes', () => {
  const sound = ridesToldAsChanges(3, 'closed')
  const bridged = ridesToldAsChanges(3, 'open').map(({ at, values }) => ({ at: at + 300_000, values }))

  expect(found([...sound, ...bridged])).toEqual(['critical 422'])
  expect(replay(safetyCircuit, bridged)[0]?.finding).toMatchObject({
    summary: 'The car runs with its safety circuit open',
    since: start + 322_000,
  })
  expect(found([...sound, ...bridged, ...every10s(600, 2_320, parked)])).toEqual(['critical 422'])
  expect(found([...sound, ...bridged, ...every10s(600, 2_400, parked)])).toEqual(['critical 422', 'cleared 2325'])
})

test('of a car without a speed and a zone, a released brake and another floor say that it runs', () => {
  const samples = [0, 1, 2, 3].map((i) => said(i * 10, { ...driven, floor: 2 * i }))

  expect(found([said(-10, { ...parked, safetyCircuit: 'closed' }), ...samples])).toEqual(['critical 10'])
  expect(found(samples.map(({ at, values }) => ({ at, values: { ...values, floor: 2 } })))).toEqual([])
  expect(found(samples.map(({ at, values }) => ({ at, values: { ...values, brakeState: 'applied' } })))).toEqual([])
})

test('of a car that is seen once a ride at most, two rides are enough while nothing says that the circuit is closed', () => {
  const rests = { ...parked, doorZone: true, carSpeedMps: 0, safetyCircuit: 'open' }
  const rides = { ...driven, doorZone: false, carSpeedMps: 1.75 }
  const every120s = (...words: object[]) => words.map((values, i) => said(i * 120, values as Said['values']))

  expect(found(every120s(rests, rides, rests, rests, rides, rests))).toEqual(['critical 480'])
  expect(found(every120s(rests, rides, rests, { ...rests, safetyCircuit: 'closed' }, rides, rests))).toEqual([])
  expect(found([...every120s(rests, rides, rests), said(480, rides), said(600, rests)])).toEqual(['critical 480'])
  expect(found([...every120s(rests, rides, rests), said(600, rides), said(720, rests)])).toEqual([])
  expect(found(every120s(rests, rides, { mode: 'inspection' }, { mode: 'normal' }, rides, rests))).toEqual([])
})

/** A box that tells changes: at 100 s intervals a ride past two floors whose circuit it says to be open, and closed again at the stop. */
function bridgedRides(rides: number, start: Said['values'] = {}, end: Said['values'] = {}): Said[] {
  return Array.from({ length: rides }, (_, i) => {
    const at = (seconds: number, values: Said['values']) => said(i * 100 + seconds, values)
    return [
      at(0, { ...parked, floor: 2 * i, safetyCircuit: 'closed' }),
      at(20, { direction: 'up', brakeState: 'released', safetyCircuit: 'open', ...start }),
      at(22, { floor: 2 * i + 1 }),
      at(24, { floor: 2 * i + 2 }),
      at(26, { direction: 'none', brakeState: 'applied', safetyCircuit: 'closed', ...end }),
      at(27, { doorState: 'opening', safetyCircuit: 'open' }),
      at(34, { doorState: 'closed', safetyCircuit: 'closed' }),
    ]
  }).flat()
}

test('two rides in a row whose circuit was open from start to stop are found, closed as it is at the stops', () => {
  const [raised] = replay(safetyCircuit, bridgedRides(2))
  expect(raised?.at).toBe(start + 122_000)
  expect(raised?.finding).toMatchObject({
    summary: 'The car runs with its safety circuit open',
    since: start + 22_000,
    evidence: { running: true },
  })

  expect(found(bridgedRides(2, { carSpeedMps: 0 }))).toEqual([])
  expect(found(bridgedRides(9))).toEqual(['critical 122'])
  const cleared = [...bridgedRides(9), ...every10s(900, 2_700, parked)]
  expect(found(cleared)).toEqual(['critical 122', 'cleared 2630'])
  const again = bridgedRides(1).map(({ at, values }) => ({ at: at + 3_000_000, values }))
  expect(replay(safetyCircuit, [...cleared, ...again]).at(-1)?.finding?.since).toBe(start + 3_022_000)
})

/** Rides of 15 s told as changes, the door closed since `doorAt`; the circuit opens at 0 and is told no more. */
const openRides = (count: number, door: readonly Said[]) => [
  ...[-60, -50, -40].flatMap((s, i) => [
    said(s, { safetyCircuit: i === 1 ? 'closed' : 'open', doorState: i === 1 ? 'closed' : 'opening' }),
  ]),
  said(-30, { safetyCircuit: 'closed', doorState: 'closed', doorZone: true, floor: 1 }),
  said(0, { safetyCircuit: 'open' }),
  ...door,
  ...Array.from({ length: count }, (_, i) => [
    said(60 * i + 1, { brakeState: 'released', direction: i % 2 ? 'down' : 'up' }),
    said(60 * i + 2, { carSpeedMps: 1.5, doorZone: false }),
    said(60 * i + 6, { floor: 2 }),
    said(60 * i + 14, { doorZone: true }),
    said(60 * i + 15, { carSpeedMps: 0, brakeState: 'applied', direction: 'none' }),
  ]).flat(),
]

test('of a gateway that tells changes, two rides after a circuit that opened behind a closed door are found', () => {
  expect(found(openRides(4, []))).toEqual(['critical 62'])
  expect(found(openRides(1, []))).toEqual([])
  expect(found(openRides(4, [said(0.1, { doorState: 'opening' }), said(0.5, { doorState: 'closed' })]))).toEqual([])
  const sampled = every10s(-600, -100, { safetyCircuit: 'closed' })
  expect(found([...sampled, ...openRides(4, [])])).toEqual([])
})

test('its speed and its zone may say that such a ride goes on', () => {
  const rides = bridgedRides(2, { carSpeedMps: 0, doorZone: true }, { carSpeedMps: 0, doorZone: true }).map(
    ({ at, values }) => {
      const { floor: _floor, ...more } = values
      return { at, values: Object.keys(values).length === 1 && 'floor' in values ? { carSpeedMps: 1 } : more }
    },
  )
  expect(found(rides)).toEqual(['critical 122'])
})

test.each<[string, Said[]]>([
  [
    'a lock that makes at its second try, on each ride',
    bridgedRides(20).flatMap((reading) =>
      reading.values.direction === 'up'
        ? [reading, said((reading.at - start) / 1_000 + 0.5, { safetyCircuit: 'closed' })]
        : [reading],
    ),
  ],
  [
    'a wrong word on every second ride',
    bridgedRides(20).map((reading, i) =>
      reading.values.direction === 'up' && i % 14 < 7
        ? { at: reading.at, values: { direction: 'up', brakeState: 'released' } }
        : reading,
    ),
  ],
  [
    'a wrong word of one ride, and of one a hundred sound rides later',
    [
      ...bridgedRides(1),
      ...ridesToldAsChanges(3, 'closed').map(({ at, values }) => ({ at: at + 100_000, values })),
      ...bridgedRides(1).map(({ at, values }) => ({ at: at + 500_000, values })),
    ],
  ],
  [
    'two rides with a sampled one between them that says that it is closed',
    [
      ...bridgedRides(1),
      said(100, { ...driven, floor: 4, safetyCircuit: 'closed' }),
      ...bridgedRides(1).map(({ at, values }) => ({ at: at + 200_000, values })),
    ],
  ],
  ['a start that is given up', bridgedRides(20).filter(({ values }) => Object.keys(values).join() !== 'floor')],
  [
    'a start that is given up and then succeeds, of a gateway that loses a word',
    bridgedRides(20, {}, { safetyCircuit: 'open' }).flatMap((reading) => {
      const seconds = (reading.at - start) / 1_000
      if (reading.values.direction !== 'up') return [reading]
      const isSound = { ...reading.values, safetyCircuit: 'open' }
      return [
        said(seconds - 5, isSound),
        said(seconds - 3, { direction: 'none', brakeState: 'applied' }),
        said(seconds, { direction: 'up', brakeState: 'released' }),
      ]
    }),
  ],
  [
    'a wrong word just before a stop',
    bridgedRides(20).flatMap((reading) => {
      const seconds = (reading.at - start) / 1_000
      if (reading.values.direction === 'up') return [said(seconds, { direction: 'up', brakeState: 'released' })]
      if (seconds % 100 === 22) return []
      if (seconds % 100 !== 24) return [reading]
      return [said(seconds - 0.5, { brakeState: 'released', safetyCircuit: 'open' }), reading]
    }),
  ],
  [
    'a wrong word before a stop, and the next ride, of a gateway that tells the speed and loses words',
    Array.from({ length: 20 }, (_, i) => [
      said(i * 100, { doorState: 'closed' }),
      said(i * 100 + 10, { carSpeedMps: 1.75, safetyCircuit: 'open' }),
      said(i * 100 + 10.5, { carSpeedMps: 0 }),
      said(i * 100 + 12, { doorState: 'open' }),
      said(i * 100 + 20, { doorState: 'closed' }),
      said(i * 100 + 30, { carSpeedMps: 1.75 }),
      said(i * 100 + 35, { carSpeedMps: 0 }),
      said(i * 100 + 40, { safetyCircuit: 'closed' }),
    ]).flat(),
  ],
  ['rides with an open door, for which there is another rule', bridgedRides(20, { doorState: 'open' })],
  [
    'a mechanic who runs it',
    bridgedRides(20).map(({ at, values }) => ({ at, values: { ...values, mode: 'inspection' } })),
  ],
])('rides told with an open circuit stay silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})

test('the controller’s code counts after 10 s between floors, after a minute at a floor', () => {
  const coded = (values: object) => every10s(0, 120, { ...values, faultCode: '01' } as Said['values'])

  expect(found(coded({ doorZone: false }))).toEqual(['critical 10'])
  expect(found([said(0, { doorZone: false, faultCode: '01' })], 90)).toEqual(['critical 10'])
  expect(news(safetyCircuit, [said(0, { doorZone: false, faultCode: '01' }), tick(9.9, 0)])).toEqual([])
  expect(
    found([said(0, { doorZone: false }), said(5, { faultCode: '01' }), said(9, { mode: 'inspection' })], 90),
  ).toEqual([])
  expect(found(coded({ doorZone: true }))).toEqual(['critical 60'])
  expect(found(coded({}))).toEqual(['critical 60'])
  expect(replay(safetyCircuit, coded({ doorZone: false }))[0]?.finding?.summary).toBe(
    'The controller reports that the safety circuit opened while running (code 01)',
  )
})

test('it stays while the car stands there, and clears half an hour after the circuit closed or a floor was reached', () => {
  const event = [...every10s(0, 30, wrong), ...every10s(40, 200, stopped)]

  expect(replayAll(safetyCircuit, event)).toHaveLength(20)
  expect(found([...event, ...every10s(210, 2_000, riding)])).toEqual(['critical 10'])
  expect(found([...event, ...every10s(210, 2_010, riding)])).toEqual(['critical 10', 'cleared 2010'])
  expect(found([...event, ...every10s(210, 2_010, open)])).toEqual(['critical 10', 'cleared 2010'])
  expect(found(event, 86_400)).toEqual(['critical 10'])
})

test.each<[string, Said[]]>([
  ['an open circuit at a floor with an open door', service(200)],
  ['a car that levels in with its door opening', every10s(0, 600, { ...open, doorState: 'opening', carSpeedMps: 0.8 })],
  [
    'a brake that is released while it levels',
    every10s(0, 600, { safetyCircuit: 'open', doorZone: true, brakeState: 'released' }),
  ],
  [
    'one wrong sample of the circuit on a ride',
    [...every10s(0, 50, riding), said(60, wrong), ...every10s(70, 90, riding)],
  ],
  [
    'an open circuit of a car that stands, its door closed',
    every10s(0, 3_600, { ...parked, doorZone: true, carSpeedMps: 0, safetyCircuit: 'open' }),
  ],
  ['a gateway that loses the words of a departure', [...stop(), said(50, { carSpeedMps: 0.5 })]],
  [
    'a gateway that loses the word that the circuit is closed again',
    ridesToldAsChanges(20, 'closed').map(({ at, values }) => {
      if ('safetyCircuit' in values) return { at, values: { floor: values.floor ?? 0 } }
      return values.doorState === 'opening' ? { at, values: { ...values, safetyCircuit: 'open' } } : { at, values }
    }),
  ],
  [
    'one ride past many floors, told as changes',
    [said(0, { ...parked, safetyCircuit: 'open' }), said(10, { direction: 'up', brakeState: 'released' })].concat(
      [2, 3, 4, 5].map((floor) => said(10 + 2 * floor, { floor })),
    ),
  ],
  [
    'rides after a door that opened, until the circuit is said to be open again',
    ridesToldAsChanges(20, 'open').filter(({ values }, i) => i === 0 || !('safetyCircuit' in values)),
  ],
  [
    'a circuit and a door that are each told at their own time',
    Array.from({ length: 100 }, (_, i) => [
      said(i * 40, { safetyCircuit: 'open' }),
      said(i * 40 + 7, { brakeState: i % 2 === 0 ? 'released' : 'applied' }),
      said(i * 40 + 8, { floor: i }),
      said(i * 40 + 10, { doorState: 'closed' }),
    ]).flat(),
  ],
  [
    'a ride after which the circuit stays open while it stands',
    [
      said(0, { ...parked, safetyCircuit: 'open' }),
      said(10, { ...driven, floor: 2 }),
      ...every10s(20, 900, { ...parked, floor: 2, safetyCircuit: 'open' }),
    ],
  ],
  [
    'one wrong sample of the circuit just before a stop at a floor',
    [said(0, riding), said(10, { ...wrong, carSpeedMps: 0.9 }), ...every10s(20, 90, open)],
  ],
  [
    'one wrong sample of the circuit just before the door opens where the zone is lost',
    [said(0, riding), said(10, { ...wrong, carSpeedMps: 0.9 }), ...every10s(20, 90, { ...open, doorZone: false })],
  ],
  ['an encoder that trembles while it stands between floors', every10s(0, 300, { ...stopped, carSpeedMps: 0.09 })],
  [
    'a gateway that measures each metric at its own time',
    Array.from({ length: 100 }, (_, i) => [
      said(i * 40, { safetyCircuit: 'open' }),
      said(i * 40 + 7, { carSpeedMps: 1.75 }),
      said(i * 40 + 8, { doorZone: false }),
      said(i * 40 + 10, { safetyCircuit: 'closed' }),
      said(i * 40 + 17, { carSpeedMps: 1.2 }),
      said(i * 40 + 18, { doorZone: false }),
      said(i * 40 + 20, { safetyCircuit: 'open' }),
      said(i * 40 + 27, { carSpeedMps: 0 }),
      said(i * 40 + 28, { doorZone: true }),
      said(i * 40 + 30, { safetyCircuit: 'open' }),
    ]).flat(),
  ],
  [
    'a stop whose speed was lost, at a floor where the door opens',
    [
      said(0, { ...closed }),
      said(5, { carSpeedMps: 1.75 }),
      said(6, { doorZone: false }),
      said(15, { doorZone: true }),
      said(17, { safetyCircuit: 'open' }),
    ],
  ],
  [
    'the same from a gateway that tells no zone',
    [said(0, { safetyCircuit: 'closed' }), said(5, { carSpeedMps: 1.75 }), said(17, { safetyCircuit: 'open' })],
  ],
  [
    'a power cut on a ride',
    [said(0, riding), said(10, { ...wrong, mainsLost: true }), ...every10s(20, 900, { ...stopped, mainsLost: true })],
  ],
  [
    'a battery that moves the car, of an elevator without a contact for its mains',
    every10s(0, 300, { ...wrong, carSpeedMps: 0.3, mode: 'emergency-power' }),
  ],
  [
    'a code at a floor that clears itself',
    [...every10s(0, 50, { ...open, faultCode: '01' }), ...every10s(60, 300, { ...open, faultCode: '00' })],
  ],
  [
    'a code between floors that is gone with the next reading',
    [said(0, { ...riding, faultCode: '01' }), ...every10s(10, 60, { ...riding, faultCode: '00' })],
  ],
  [
    'a mechanic who runs the car in inspection mode',
    every10s(0, 900, { ...wrong, mode: 'inspection', faultCode: '01' }),
  ],
  ['the same, told by a code of an elevator without a mode', every10s(0, 900, { ...wrong, faultCode: '43' })],
  [
    'words of which one is from before a gap',
    [said(0, { safetyCircuit: 'open' }), ...every10s(100, 300, { carSpeedMps: 1.75 })],
  ],
])('stays silent for %s', (_, stream) => {
  expect(found(stream, 600)).toEqual([])
})

test.each(['fire', 'firefighter'])('stays silent in mode %s, and what was raised before stays', (mode) => {
  expect(found(every10s(0, 600, { ...wrong, mode }))).toEqual([])
  expect(found([...every10s(0, 30, wrong), ...every10s(40, 3_600, { ...closed, mode })])).toEqual(['critical 10'])
})

test('when the mains are back, and the mechanic has gone, it is judged again', () => {
  expect(found([said(0, { ...wrong, mainsLost: true }), ...every10s(10, 60, { ...wrong, mainsLost: false })])).toEqual([
    'critical 20',
  ])
  expect(found([said(0, { ...wrong, mode: 'inspection' }), ...every10s(10, 60, { ...wrong, mode: 'normal' })])).toEqual(
    ['critical 20'],
  )
})
