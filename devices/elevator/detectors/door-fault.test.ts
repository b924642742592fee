import { expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../../core/clock.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { doorFault } from './door-fault.ts'
import { changesOnly, every10s, news, oneByOne, type Said, said, settles, start, tick } from './said.ts'

const empty = { carSpeedMps: 0, floor: 1, passengerPresent: false }
const rest = { ...empty, doorState: 'closed' }
const tries = ['open', 'closing']

/** The door's word changes every 10 s, from one second to another, in this order. */
function words(from: number, to: number, order: readonly string[], more: Said['values'] = empty): Said[] {
  return every10s(from, to, more).map(({ at, values }, i) => ({
    at,
    values: { ...values, doorState: order[i % order.length] ?? 'closed' },
  }))
}

/** The door's words of a car at rest, so many seconds apart. */
function minutes(everySeconds: number, order: readonly string[]): Said[] {
  return order.map((doorState, i) => said(i * everySeconds, { ...empty, doorState }))
}

/** A day in five seconds a piece: the door stands open for so many minutes at night, and briefly every quarter of an hour. */
function days(count: number, nightMinutes: number): Said[] {
  return Array.from({ length: count * 96 }, (_, quarter) => {
    const openMinutes = quarter % 96 === 0 ? nightMinutes : 0.25
    const from = quarter * 900
    const openings = Array.from({ length: Math.ceil(openMinutes) }, (_, minute) =>
      said(from + minute * 60, { doorState: 'open' }),
    )
    return [...openings, said(from + openMinutes * 60, { doorState: 'closed' })]
  })
    .flat()
    .sort((a, b) => a.at - b.at)
}

const found = (stream: readonly Said[], until = 0) =>
  news(doorFault, withTicks(stream, { until: start + until * 1_000 }))

test('a door that tries to close and never does is a warning after 3 minutes, and the reason is in words', () => {
  const [raised] = replay(doorFault, [said(0, rest), ...words(10, 300, tries)])

  expect(raised?.at).toBe(start + 200_000)
  expect(raised?.finding).toEqual({
    severity: 'warning',
    summary: 'The door does not close: 180 s, 10 tries',
    evidence: { doorState: 'closing', lastedSeconds: 180, tries: 10, floor: 1, faultCode: null },
    since: start + 200_000,
  })
})

test('ticks that are ahead of words on their way count no time twice', () => {
  const late = words(10, 300, tries).flatMap((word, i) => {
    const seconds = 10 + i * 10
    return [word, ...[5, 10, 15].map((ahead) => tick(seconds + ahead, seconds))]
  })
  expect(news(doorFault, [said(0, rest), ...late])).toEqual(['warning 200'])
})

test.each([
  ['someone is in the car', { ...empty, passengerPresent: true }],
  ['nobody knows whether someone is', { floor: 1 }],
])('while %s, people may be why: it takes ten minutes', (_, values) => {
  expect(found([said(0, { ...values, doorState: 'closed' }), ...words(10, 900, tries, values)])).toEqual([
    'warning 620',
  ])
})

test('where the gateway says that the doorway is free, it takes 3 minutes', () => {
  const values = { ...empty, passengerPresent: true, doorObstructed: false }
  expect(found([said(0, rest), ...words(10, 900, tries, values)])).toEqual(['warning 200'])
})

test('three tries in three minutes are too few, four are enough', () => {
  const slow = (count: number) => [
    ...Array.from({ length: count }, (_, i) => [
      said(10 + i * 45, { ...empty, doorState: 'closing' }),
      said(15 + i * 45, { doorState: 'open' }),
    ]).flat(),
    ...every10s(10 + count * 45, 250, { doorState: 'open' }),
  ]
  expect(found([said(0, { ...empty, doorState: 'open' }), ...slow(3)])).toEqual([])
  expect(found([said(0, { ...empty, doorState: 'open' }), ...slow(4)])).toHaveLength(1)
})

test('where nobody tells of people, four tries in ten minutes are enough; where someone is seen, eight, and seven are not', () => {
  const tried = (count: number, values: Said['values']) => [
    said(0, { ...values, doorState: 'open' }),
    ...Array.from({ length: count }, (_, i) => [
      said(10 + i * 80, { ...values, doorState: 'closing' }),
      said(15 + i * 80, { doorState: 'open' }),
    ]).flat(),
    ...every10s(10 + count * 80, 640, { doorState: 'open' }),
  ]
  expect(found(tried(3, { floor: 1 }))).toEqual([])
  expect(found(tried(4, { floor: 1 }))).toHaveLength(1)
  expect(found(tried(7, { floor: 1, passengerPresent: true }))).toEqual([])
  expect(found([...tried(8, { floor: 1, passengerPresent: true }), said(650, { doorState: 'open' })])).toHaveLength(1)
})

test('a door that tries to open and never does is a warning after 2 minutes and three tries', () => {
  const stream = [said(0, rest), ...words(10, 300, ['opening', 'closed'])]
  const [raised] = replay(doorFault, stream)

  expect(found(stream)).toEqual(['warning 130'])
  expect(raised?.finding?.summary).toBe('The door does not open: 120 s, 7 tries')
  expect(found([said(0, rest), ...words(10, 40, ['opening', 'closed']), ...words(50, 900, ['closed'])])).toEqual([])
})

test('two tries to open are too few, three are enough', () => {
  const opens = (count: number) => [
    ...Array.from({ length: count }, (_, i) => [
      said(10 + i * 45, { ...empty, doorState: 'opening' }),
      said(15 + i * 45, rest),
    ]).flat(),
    ...every10s(20 + count * 45, 160, rest),
  ]
  expect(found([said(0, rest), ...opens(2)])).toEqual([])
  expect(found([said(0, rest), ...opens(3)])).toEqual(['warning 130'])
})

const [shut, opens] = ['closed', 'opening']

test.each([60, 120])('of a door that never opens, sampled every %d s, five tries that are seen are enough', (every) => {
  const tries = (count: number) => [shut, ...Array.from({ length: count }, () => [opens, shut, shut]).flat()]

  expect(found(minutes(every, tries(4)))).toEqual([])
  expect(found(minutes(every, tries(5)))).toEqual([`warning ${13 * every}`])
  expect(found(minutes(every, [shut, opens, shut, opens, opens, shut, opens, opens]))).toEqual([`warning ${7 * every}`])
})

test.each([60, 90])('five samples of a closed door, %d s apart, are no rest, six are', (every) => {
  const closed = (count: number) => Array.from({ length: count }, () => shut)
  const tries = (rest: number) => [shut, opens, shut, opens, ...closed(rest), opens, shut, opens, shut, opens]

  expect(found(minutes(every, tries(5)))).toHaveLength(1)
  expect(found(minutes(every, tries(6)))).toEqual([])
})

test.each([
  [40, 120],
  [45, 135],
  [60, 180],
  [80, 240],
])(
  'of a door that is stuck half-way, sampled every %d s, the fourth sample is enough, after %d s',
  (everySeconds, after) => {
    expect(found(minutes(everySeconds, ['closed', ...Array.from({ length: 8 }, () => 'opening')]))).toEqual([
      `warning ${everySeconds + after}`,
    ])
  },
)

test('a gateway that tells changes has nothing new to say of a stuck door: ticks do', () => {
  const told = [said(0, rest), said(10, { doorState: 'opening' }), said(60, { floor: 1 }), said(110, { floor: 1 })]
  expect(found(told, 190)).toEqual(['warning 130'])
})

test('a car that stands with its door closed leaves the state as it is', () => {
  expect(settles(doorFault, rest)).toBe(true)
})

test.each(['opening', 'closing'])('a door that stays `%s` for 2 minutes is stuck', (doorState) => {
  const stream = [said(0, rest), ...every10s(10, 200, { ...empty, doorState })]

  expect(found(stream)).toEqual(['warning 130'])
  expect(replay(doorFault, stream)[0]?.finding?.summary).toContain('is stuck half-way')
  expect(found([said(0, rest), said(10, { doorState })], 100)).toEqual([])
  expect(found(changesOnly([said(0, rest), said(10, { doorState }), ...every10s(20, 200, { floor: 1 })]), 60)).toEqual(
    [],
  )
})

test('a door that stands open for half an hour is a warning, once it is known that it never does', () => {
  const usual = days(3, 0)
  const from = 3 * 86_400
  const open = every10s(from, from + 2_400, { doorState: 'open' })

  expect(news(doorFault, [...usual, ...open])).toEqual([`warning ${from + 1_800}`])
  // known is what was watched for 48 hours
  const early = [...days(1, 0), ...every10s(47.2 * 3_600, 48.2 * 3_600, { doorState: 'open' })]
  expect(news(doorFault, early)).toEqual([`warning ${48 * 3_600}`])
  expect(
    news(
      doorFault,
      every10s(0, 24 * 3_600, { doorState: 'open' }).filter((_, i) => i % 6 === 0),
    ),
  ).toEqual([])
})

test('after work on the door its longest stay is learned anew', () => {
  const renewed = doorFault.renewed?.({ ...(doorFault.initial as object), from: 5, usualSeconds: 900 })
  expect(renewed).toEqual(doorFault.initial)
})

test('the controller’s code counts when it stays for 2 minutes', () => {
  for (const code of ['02', '03']) {
    const [raised] = replay(doorFault, [said(0, rest), ...every10s(10, 200, { ...rest, faultCode: code })])
    expect(raised?.at).toBe(start + 130_000)
    expect(raised?.finding?.summary).toBe(`The controller reports a door fault (code ${code})`)
  }
})

test('each metric in a reading of its own, and each change told once, are found as well', () => {
  const stream = [said(0, rest), ...words(10, 300, tries)]

  expect(found(oneByOne(stream))).toEqual(['warning 200'])
  expect(found(changesOnly(stream))).toEqual(['warning 200'])
})

test('it says so again, clears when the door has worked for ten minutes, and not by silence', () => {
  const event = [said(0, rest), ...words(10, 300, tries)]
  const works = ['closed', 'opening', 'open', 'closing']

  expect(replayAll(doorFault, event).length).toBeGreaterThan(10)
  expect(found([...event, ...words(310, 900, works)])).toEqual(['warning 200'])
  expect(found([...event, ...words(310, 920, works)])).toEqual(['warning 200', 'cleared 910'])
  expect(found(event, 86_400)).toEqual(['warning 200'])
})

test.each<[string, Said[]]>([
  [
    'doors in the rush hour, sampled every 10 s',
    words(0, 7_200, ['opening', 'open', 'closing', 'opening', 'closing', 'open', 'closed']),
  ],
  [
    'a door that closes now and then among many tries',
    words(0, 7_200, ['open', 'closing', 'open', 'closing', 'open', 'closing', 'open', 'closing', 'open', 'closed']),
  ],
  [
    'rides between the tries, told by the speed',
    words(0, 7_200, tries).map((reading, i) => (i % 15 === 14 ? said(i * 10, { carSpeedMps: 1.6 }) : reading)),
  ],
  [
    'doors in the rush hour, sampled once a minute, with a car that has come back each time',
    Array.from({ length: 120 }, (_, i) =>
      said(i * 60, { ...empty, doorState: i % 5 === 4 ? 'closed' : 'closing', trips: 500 + 2 * i }),
    ),
  ],
  [
    'rides between the tries, told by the floor',
    words(0, 7_200, tries).map(({ at, values }, i) => ({ at, values: { ...values, floor: Math.floor(i / 15) } })),
  ],
  [
    'people in the doorway for five minutes',
    [said(0, rest), ...words(10, 300, tries, { ...empty, doorObstructed: true }), ...every10s(310, 900, rest)],
  ],
  [
    'people who keep a closing door from closing',
    [
      said(0, rest),
      ...every10s(10, 300, { ...empty, doorState: 'closing', doorObstructed: true }),
      ...every10s(310, 900, rest),
    ],
  ],
  [
    'people whom the gateway does not tell, for five minutes',
    [said(0, rest), ...words(10, 300, tries, { ...empty, passengerPresent: true }), ...every10s(310, 900, rest)],
  ],
  [
    'people who move in, and have it open for twenty minutes',
    [
      said(0, rest),
      ...Array.from({ length: 7 }, (_, i) => [
        ...every10s(10 + i * 180, 180 + i * 180, { ...empty, passengerPresent: true, doorState: 'open' }),
        said(182 + i * 180, { passengerPresent: false }),
        said(183 + i * 180, { doorState: 'closing' }),
        said(185 + i * 180, { doorState: 'opening' }),
      ]).flat(),
      said(1_270, { doorObstructed: true }),
      ...every10s(1_280, 1_900, rest),
    ],
  ],
  [
    'a door that is held open for ten minutes, and then closes at the fifth try',
    [said(0, rest), ...every10s(10, 600, { ...empty, doorState: 'open' }), ...words(610, 690, tries), said(700, rest)],
  ],
  [
    'one closing that jams for a minute',
    [said(0, rest), ...every10s(10, 70, { ...empty, doorState: 'closing' }), ...every10s(80, 300, rest)],
  ],
  ...[60, 90].map((everySeconds): [string, Said[]] => [
    `a door that is on its way in each of three samples, a minute apart (${everySeconds} s)`,
    minutes(everySeconds, ['closed', 'closing', 'closing', 'closing', 'closed']),
  ]),
  [
    'a door that is on its way in each of three samples, a minute apart',
    minutes(60, ['closed', 'opening', 'opening', 'opening', 'closed', 'closed']),
  ],
  [
    'tries to open of which the open door was missed, with rests between them',
    Array.from({ length: 20 }, (_, i) => [
      said(i * 100, { ...empty, doorState: 'opening' }),
      ...every10s(i * 100 + 10, i * 100 + 90, rest),
    ]).flat(),
  ],
  [
    'a door that is on its way in each of three samples, a minute apart, and open at last',
    minutes(60, [shut, opens, shut, opens, shut, opens, shut, opens, 'open', shut, opens, shut]),
  ],
  ['an open door in fire mode', words(0, 3_600, tries, { ...empty, mode: 'fire' })],
  ['a door that is worked on, told by a code', words(0, 3_600, tries, { ...empty, faultCode: '43' })],
  [
    'a car that is out of service with its door stuck',
    every10s(0, 3_600, { ...empty, doorState: 'opening', mode: 'out-of-service' }),
  ],
  [
    'a code that clears itself',
    [
      said(0, rest),
      ...every10s(10, 110, { ...rest, faultCode: '02' }),
      ...every10s(120, 300, { ...rest, faultCode: '00' }),
    ],
  ],
])('stays silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})

test.each([
  ['an elevator that parks with its door open every night', days(6, 420)],
  ['a door that something kept open for 25 minutes', days(3, 25)],
])('stays silent for %s', (_, stream) => {
  expect(news(doorFault, stream)).toEqual([])
})

test('a longest stay is forgotten over weeks, and one that was a fault counts for no more than the limit', () => {
  const long = (from: number, minutes: number) => every10s(from, from + minutes * 60, { doorState: 'open' })
  const later = days(20, 0).map(({ at, values }) => ({ at: at + 5 * 24 * hourMs, values }))
  const shut = (seconds: number) => said(seconds, { doorState: 'closed' })
  const once = [...days(4, 0), ...long(4 * 86_400, 300), shut(4 * 86_400 + 300 * 60 + 10)]
  const end = 25 * 86_400

  expect(news(doorFault, once)).toEqual([`warning ${4 * 86_400 + 1_800}`])
  const state = once.reduce<unknown>(
    (s, { at, values }) => doorFault.step(s, { at, ...values }, doorFault.settings, {}).state,
    doorFault.initial,
  )
  expect((state as { usualSeconds: number }).usualSeconds).toBeLessThanOrEqual((30 * minuteMs) / 1_000)
  // 20 days of 96 cycles leave 38 % of the half hour, and four times that is the limit
  expect(news(doorFault, [...once, ...later, ...long(end, 60)]).at(-1)).toBe(`warning ${end + 2_780}`)
})
