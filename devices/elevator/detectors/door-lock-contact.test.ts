import { expect, test } from 'vitest'
import { replay, replayAll } from '../../replay.ts'
import { doorLockContact } from './door-lock-contact.ts'
import { news, type Said, said, settles, start } from './said.ts'

const hour = 3_600

/** A door cycle with so many lock retries. */
const cycle = (seconds: number, doorLockRetries: number, more: Said['values'] = {}) =>
  said(seconds, { doorLockRetries, ...more })

/** A code comes, and clears itself after so many seconds. */
const code = (seconds: number, faultCode: string, forSeconds: number, more: Said['values'] = {}) => [
  said(seconds, { faultCode, ...more }),
  said(seconds + forSeconds, { faultCode: '00' }),
]

const found = (stream: readonly Said[]) => news(doorLockContact, stream)

test('the third time within a day is a warning, and the reason is in words', () => {
  const stream = [0, 3, 9].flatMap((h) => [cycle(h * hour, 2), cycle(h * hour + 60, 0)])
  const [raised] = replay(doorLockContact, stream)

  expect(raised?.at).toBe(start + 9 * hour * 1_000)
  expect(raised?.finding).toEqual({
    severity: 'warning',
    summary: "The door lock's contact failed and made again 3 times within 9.0 h",
    evidence: { events: 3, withinHours: 9, windowHours: 24, lastRetries: 2 },
    since: start,
  })
})

test.each(['02', '03'])('a code %s that clears itself is such a time, wherever the car is', (faultCode) => {
  expect(found([0, 1, 2].flatMap((h) => code(h * hour, faultCode, 30)))).toEqual([`warning ${2 * hour + 30}`])
})

test('the code of the safety circuit is one in the door zone only', () => {
  const at = (doorZone: boolean) => [0, 1, 2].flatMap((h) => code(h * hour, '01', 30, { doorZone }))

  expect(found(at(true))).toEqual([`warning ${2 * hour + 30}`])
  expect(found(at(false))).toEqual([])
  expect(found([0, 1, 2].flatMap((h) => code(h * hour, '01', 30)))).toEqual([])
})

test('retries and codes count together', () => {
  expect(found([cycle(0, 1), ...code(hour, '03', 60), cycle(2 * hour, 0), cycle(3 * hour, 1)])).toEqual([
    `warning ${3 * hour}`,
  ])
})

test('of a gateway that repeats its last value, another cycle is known by its counter', () => {
  const repeated = Array.from({ length: 30 }, (_, i) => cycle(i * 60, 1, { doorCycles: 100 + Math.floor(i / 10) }))
  expect(found(repeated)).toEqual([`warning ${20 * 60}`])
})

test('of a gateway that tells cycles only, the same number more than three minutes later is another cycle', () => {
  const every = (seconds: number) => [cycle(0, 1), cycle(seconds, 1), cycle(2 * seconds, 1)]

  expect(found(every(180))).toEqual([])
  expect(found(every(181))).toEqual(['warning 362'])
})

test('a counter that comes in a reading of its own tells another cycle, too', () => {
  const ofItsOwn = (doorCycles: (i: number) => number) =>
    Array.from({ length: 4 }, (_, i) => [cycle(i * 300, 1), said(i * 300 + 1, { doorCycles: doorCycles(i) })]).flat()

  expect(found(ofItsOwn(() => 7))).toEqual([])
  expect(found(ofItsOwn((i) => 7 + i))).toEqual(['warning 900'])
})

const parked = { brakeState: 'applied', direction: 'none', carSpeedMps: 0, doorState: 'closed' }
const rides = { brakeState: 'released', direction: 'up', carSpeedMps: 1.6, doorState: 'closed' }

test('of a gateway that tells no counter, the same number of a door that has closed at another floor is another cycle', () => {
  const at = (i: number, more: object) => cycle(i * 120, 1, { ...parked, ...more })

  expect(found([at(0, { floor: 1 }), at(1, { floor: 5 }), at(2, { floor: 3 })])).toEqual(['warning 240'])
  expect(found([at(0, { floor: 1 }), at(1, { ...rides, floor: 5 }), at(2, { floor: 3, doorState: 'open' })])).toEqual(
    [],
  )
})

test.each([
  [
    'a code that clears itself after ten minutes',
    (i: number) => code(i * hour, '03', 600),
    (i: number) => code(i * hour, '03', 600.1),
  ],
  ['words a minute apart', (i: number) => [cycle(i * 60, 1 + i)], (i: number) => [cycle(i * 59.9, 1 + i)]],
])('counts as three times: %s; and a little less does not', (_, counts, doesNot) => {
  const three = (words: (i: number) => Said[]) => found([0, 1, 2].flatMap(words))

  expect(three(counts)).toHaveLength(1)
  expect(three(doesNot)).toEqual([])
})

test('a sound lock leaves the state as it is', () => {
  expect(settles(doorLockContact, { doorLockRetries: 0, doorZone: true, faultCode: '00' })).toBe(true)
})

test('each further time says so again, and it never clears by itself', () => {
  const stream = [0, 1, 2, 3].flatMap((h) => [cycle(h * hour, 1), cycle(h * hour + 60, 0)])
  const quiet = Array.from({ length: 1_000 }, (_, i) => cycle((4 + i) * hour, 0))

  expect(replayAll(doorLockContact, [...stream, ...quiet])).toHaveLength(2)
  expect(found([...stream, ...quiet])).toHaveLength(1)
})

test('after work on the lock it counts anew', () => {
  const { step, settings, initial, renewed } = doorLockContact
  const twice = [0, hour].reduce<unknown>(
    (state, seconds) => step(state, { at: start + seconds * 1_000, doorLockRetries: seconds + 1 }, settings, {}).state,
    initial,
  )
  const third = { at: start + 2 * hour * 1_000, doorLockRetries: 5 }

  expect(step(twice, third, settings, {}).finding).toBeDefined()
  expect(step(renewed?.(twice), third, settings, {}).finding).toBeUndefined()
})

test.each<[string, Said[]]>([
  ['two events in 24 h', [cycle(0, 1), cycle(hour, 0), cycle(2 * hour, 3)]],
  ['three events in 25 h', [cycle(0, 1), cycle(10, 0), cycle(hour, 1), cycle(hour + 10, 0), cycle(25 * hour, 1)]],
  [
    'people who push against the door',
    Array.from({ length: 20 }, (_, i) => [
      cycle(i * hour, 2, { doorObstructed: true }),
      cycle(i * hour + 60, 0),
    ]).flat(),
  ],
  ['one retry that the gateway repeats until the next cycle', Array.from({ length: 100 }, (_, i) => cycle(i * 60, 1))],
  [
    'one retry that is repeated in readings of its own',
    Array.from({ length: 100 }, (_, i) => [cycle(i * 10, 1), said(i * 10 + 1, { doorZone: true })]).flat(),
  ],
  [
    'one retry that is repeated every two minutes, and a little later now and then',
    Array.from({ length: 100 }, (_, i) => cycle(i * 121, 1)),
  ],
  [
    'one retry at a floor that is repeated every ten minutes',
    Array.from({ length: 100 }, (_, i) => cycle(i * 600, 1, { ...parked, floor: 3 })),
  ],
  [
    'one retry that is repeated on the ride and while the door is open at the next floor',
    [
      cycle(0, 1, { ...parked, floor: 3 }),
      ...[4, 5, 6].map((floor, i) => cycle(200 + i, 1, { ...rides, floor })),
      ...['opening', 'open', 'open'].map((doorState, i) => cycle(400 + i * 200, 1, { ...parked, doorState, floor: 7 })),
    ],
  ],
  [
    'one retry that is repeated beside a counter that stays',
    Array.from({ length: 100 }, (_, i) => cycle(i * 600, 1, { doorCycles: 7 })),
  ],
  ['a burst of retries and codes within a minute', [cycle(0, 1), cycle(10, 2), ...code(20, '03', 15), cycle(50, 3)]],
  ['a code that stays', [0, 1, 2, 3].flatMap((h) => code(h * hour, '03', 601))],
  [
    'a code that another fault replaces',
    [0, 1, 2, 3].flatMap((h) => [
      said(h * hour, { faultCode: '02' }),
      said(h * hour + 30, { faultCode: '08' }),
      said(h * hour + 60, { faultCode: '00' }),
    ]),
  ],
  [
    'codes of a safety circuit that opens between floors',
    [0, 1, 2, 3].flatMap((h) => code(h * hour, '01', 30, { doorZone: false })),
  ],
  [
    'a mechanic who works on the lock in inspection mode',
    [
      said(0, { mode: 'inspection' }),
      ...[1, 2, 3, 4].flatMap((h) => [cycle(h * hour, h), ...code(h * hour + 300, '03', 30)]),
    ],
  ],
  [
    'a code that the mechanic clears',
    [0, 1, 2, 3].flatMap((h) => [
      said(h * hour, { faultCode: '03' }),
      said(h * hour + 60, { mode: 'inspection' }),
      said(h * hour + 120, { mode: 'normal', faultCode: '00' }),
    ]),
  ],
  ['a sound lock', Array.from({ length: 1_000 }, (_, i) => cycle(i * 90, 0, { faultCode: '00' }))],
])('stays silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})
