import { expect, test } from 'vitest'
import { hourMs } from '../../../core/clock.ts'
import type { Finding } from '../../../core/detector.ts'
import type { Values } from '../../../core/reading.ts'
import { replay, replayAll } from '../../replay.ts'
import { looseNeutral } from './loose-neutral.ts'
import { days, longNews, news, noon, seeded, series } from './series.ts'

type Sample = number | readonly [volts: number, amps: number]

const supply = (samples: readonly Sample[], everySeconds = 10, from = noon) =>
  series(
    samples.map((each) => (typeof each === 'number' ? { volts: each } : { volts: each[0], amps: each[1] })),
    everySeconds,
    from,
  )
const steady = (value: Sample, count: number): Sample[] => Array<Sample>(count).fill(value)
/** Every five minutes others switch something on, for two minutes each. */
const swings = (count: number, high: number, ordinary = 226): Sample[] =>
  Array.from({ length: count }, () => [...steady(ordinary, 18), ...steady(high, 12)]).flat()
/** A supply whose voltage without load is this, as three days have shown. */
const threeDays = (noLoadVolts: number) =>
  Array.from({ length: 72 * 60 }, (_, i) => ({
    at: noon - (72 * 60 - i) * 60_000,
    values: { volts: noLoadVolts - 4 + (i % 60) / 15 },
  }))

test('a voltage that jumps far above that without load is critical at the third jump', () => {
  expect(news(looseNeutral, supply(swings(5, 262)))).toEqual(['790 s critical'])
})

test('it says how far it jumps, and above what', () => {
  const [found] = replay(looseNeutral, [...threeDays(228), ...supply(swings(3, 249))])

  expect(found?.finding).toMatchObject({
    severity: 'critical',
    summary: 'The voltage jumps with the loads of others, up to 249 V; without load it is 228 V: the neutral is loose',
    evidence: { volts: 249, highestVolts: 249, limitVolts: 242, jumps: 3, withinMinutes: 60 },
    since: noon + 190_000,
  })
})

test.each([
  ['far above the usual: 12 V', 240, [232, 250.5], [232, 253]],
  ['242 V at least', 225, [222, 241], [222, 243]],
  ['from 258 V on, whatever the usual', 250, [240, 257], [240, 259.5]],
  ['up from an ordinary voltage', 225, [234.5, 250.5], [232.5, 250.5]],
  ['up by 15 V', 228, [228.5, 242.5], [227, 242.5]],
])('a jump is %s', (_, noLoadVolts, none, jump) => {
  const found = ([ordinary = 0, high = 0]: number[]) =>
    longNews(looseNeutral, [...threeDays(noLoadVolts), ...supply(swings(4, high, ordinary))])
  expect(found(none)).toEqual([])
  expect(found(jump)).toHaveLength(1)
})

test.each([
  ['within a minute', 4, 1],
  ['not within 70 s', 6, 0],
])('a jump rises %s', (_, between, count) => {
  const risen = Array.from({ length: 4 }, () => [...steady(226, 12), ...steady(242, between), ...steady(262, 9)]).flat()
  expect(news(looseNeutral, supply(risen))).toHaveLength(count)
})

test('a supply that swings both ways is believed at the second jump', () => {
  const both = [...swings(1, 255), ...steady(188, 5), ...swings(3, 255)]
  expect(news(looseNeutral, supply(both))).toEqual(['540 s critical'])
})

test('a voltage that is another one at each sample is found within minutes', () => {
  const restless = Array.from({ length: 90 }, (_, i) => 225 + 45 * Math.sin(i * 1.3) * Math.cos(i * 0.31))
  expect(news(looseNeutral, supply(restless))).toHaveLength(1)
})

test.each([
  [1, 180],
  [10, 18],
  [60, 3],
  [300, 1],
  [600, 1],
])('a sample every %d s is enough', (everySeconds, count) => {
  const switched = Array.from({ length: 5 }, () => [...steady(226, count), ...steady(265, count)]).flat()
  expect(news(looseNeutral, supply([...steady(226, 5), ...switched], everySeconds))).toHaveLength(1)
})

test('it is over after two quiet hours, not after one, not while it stays high, and not by silence', () => {
  const jumps = swings(4, 262)
  const quiet = (minutes: number) => supply([...jumps, ...steady(226, 6 * minutes)])
  expect(news(looseNeutral, quiet(115))).toEqual(['790 s critical'])
  expect(news(looseNeutral, quiet(130))).toEqual(['790 s critical', `${1_200 + 7_200} s cleared`])
  expect(news(looseNeutral, supply([...jumps, ...steady(262, 1_000)]))).toEqual(['790 s critical'])
  expect(news(looseNeutral, [...supply(jumps), ...supply([226], 10, noon + 86_400_000)])).toEqual(['790 s critical'])
})

/** So many jumps, so many hours apart. */
const spread = (count: number, hours: number, ordinary = 226): Sample[] =>
  Array.from({ length: count }, () => [...swings(1, 262, ordinary), ...steady(226, 360 * hours - 30)]).flat()

test('six jumps within a day are a warning, also where no hour has three', () => {
  const [found] = replay(looseNeutral, supply(spread(6, 4)))

  expect(found?.at).toBe(noon + (5 * 4 * 3_600 + 190) * 1_000)
  expect(found?.finding).toMatchObject({ severity: 'warning', evidence: { jumps: 6, withinMinutes: 1_440 } })
  expect(found?.finding?.since).toBe(noon + 190_000)
})

test('such a warning is over when a day has fewer, and becomes critical by three within the hour', () => {
  expect(news(looseNeutral, supply([...spread(6, 4), ...steady(226, 360 * 4)]))).toEqual([
    `${5 * 14_400 + 190} s warning`,
    `${86_400 + 190} s cleared`,
  ])
  const severities = replayAll(looseNeutral, supply([...spread(6, 3), ...swings(3, 262)])).map(
    ({ finding }) => finding?.severity,
  )
  expect(new Set(severities)).toEqual(new Set(['warning', 'critical']))
  expect(severities.at(-1)).toBe('critical')
})

test('while it holds, every sample says so', () => {
  expect(replayAll(looseNeutral, supply(swings(4, 262))).length).toBeGreaterThan(30)
})

const longLine = (i: number): Sample => (i % 30 < 12 ? [249 - 16, 16] : [249, 0.2])

test.each([
  ['a grid that is too high for hours', supply([...steady(226, 100), ...steady(268, 2_000), ...steady(226, 100)])],
  [
    'a grid that rises and falls within minutes',
    supply(Array.from({ length: 2_000 }, (_, i) => 235 + 25 * Math.sin(i / 24))),
  ],
  ['a grid that hovers about the limit', supply(Array.from({ length: 2_000 }, (_, i) => 247 + 5 * Math.sin(i)))],
  ['a grid that is too low', supply(Array.from({ length: 2_000 }, (_, i) => 190 + 15 * Math.sign(Math.sin(i / 9))))],
  ['a long line with large loads and a sunny noon', supply(Array.from({ length: 2_000 }, (_, i) => longLine(i)))],
  ['stray values', supply(Array.from({ length: 2_000 }, (_, i) => (i % 20 === 7 ? 300 : 226)))],
  ['two jumps within the hour', supply([...swings(2, 262), ...steady(226, 300)])],
  [
    'three jumps within half a day',
    supply(Array.from({ length: 3 }, () => [...swings(1, 262), ...steady(226, 1_000)]).flat()),
  ],
  ['five jumps within a day', supply([...spread(5, 4), ...steady(226, 360)])],
  ['ten within ten days', supply(spread(10, 24))],
  ['power that comes back too high, six times a day', supply(spread(6, 3, 0))],
  ['an outage, and its end', supply([...steady(226, 20), ...steady(0, 50), ...steady(236, 50)])],
])('stays silent for %s', (_, inputs) => {
  expect(news(looseNeutral, inputs)).toEqual([])
})

test.each([
  [6, []],
  [3, ['760 s critical']],
])('%d A that were switched off explain as many volts of 19', (amps, jumps) => {
  const own = Array.from({ length: 300 }, (_, i): Sample => (i % 30 < 15 ? [229, amps] : [248, 0]))
  const said = replay(looseNeutral, supply(own)).flatMap(({ at, finding }) =>
    finding?.evidence.jumps === undefined ? [] : [`${(at - noon) / 1_000} s ${finding.severity}`],
  )
  expect(said).toEqual(jumps)
})

test('what the own load gives back is no jump, as far as it is known', () => {
  const ownLoad = Array.from({ length: 300 }, (_, i): Sample => (i % 30 < 15 ? [233, 16] : [249, 0]))
  expect(news(looseNeutral, supply(ownLoad))).toEqual([])
  expect(news(looseNeutral, supply(ownLoad.map((each) => (each as [number, number])[0])))).toHaveLength(1)
})

test('a gap is no jump', () => {
  const ends = [226, 265, 226, 265, 226, 265, 226].flatMap((volts, i) =>
    supply(steady(volts, 6), 10, noon + i * 480_000),
  )
  expect(news(looseNeutral, ends)).toEqual([])
})

/** A heater of a thermostat, 9 A of every quarter of an hour that it is on; a kettle's 8 A now and then. */
const ownAmps = (hour: number) => ((hour * 60) % 15 < 6 ? 9 : 0.4) + ((hour * 60) % 170 < 4 ? 8 : 0)

interface Line {
  /** Of the supply, at each hour. */
  readonly ohms: (hour: number) => number
  readonly everySeconds?: number
  /** What others do to the voltage. */
  readonly others?: (hour: number) => number
  readonly amps?: (hour: number) => number
  readonly says?: (volts: number, amps: number) => Values
}

/** A room whose voltage falls with its own current, from noon on. */
function* line(count: number, { ohms, everySeconds = 60, others = () => 0, amps = ownAmps, says }: Line) {
  const random = seeded(3)
  for (const { at, values } of days(count, everySeconds, noon, (hour) => {
    const volts = 228 + others(hour) - ohms(hour) * amps(hour) + 0.6 * (random() - 0.5)
    return says?.(volts, amps(hour)) ?? { volts: Math.round(volts * 10) / 10, amps: Math.abs(amps(hour)) }
  }))
    yield { at, values }
}
const found = (count: number, options: Line) => longNews(looseNeutral, line(count, options))
const worse = (to: number) => (hour: number) => (hour < 30 ? 0.4 : to)

test.each([
  [10, 1.8],
  [60, 3],
  [300, 3],
])('a contact that becomes loose is critical within the hour: a sample every %d s, %d Ω', (everySeconds, ohms) => {
  const [said] = found(2, { ohms: worse(ohms), everySeconds })
  expect(said).toMatch(/^3[01]\.\d h critical$/)
})

test('it says what the supply has, and what it usually has', () => {
  let told: Finding | undefined
  let state = looseNeutral.initial
  for (const { at, values } of line(2, { ohms: worse(3) })) {
    const step = looseNeutral.step(state, { at, ...values }, looseNeutral.settings, {})
    state = step.state
    told ??= step.finding
  }
  expect(told?.summary).toBe('The voltage moves by 27 V with the room’s own load: the supply has 3.0 Ω, usually 0.4 Ω')
  expect(told?.evidence).toMatchObject({ usualOhms: expect.closeTo(0.4, 1), limitOhms: 1.5, loadSteps: 3 })
  expect(told?.evidence.supplyOhms).toBeCloseTo(3, 1)
  expect(told?.evidence.dropVolts).toBeCloseTo(26.8, 0)
  expect(((told?.since ?? 0) - noon) / hourMs).toBeCloseTo(30, 0)
})

test('10 V of the own load count, and from half an ohm on a rise of 5 V', () => {
  const steps = (amps: number) => (hour: number) => ((hour * 60) % 15 < 6 ? amps + 0.4 : 0.4)
  expect(found(2, { ohms: worse(2), amps: steps(6) })).toEqual([expect.stringMatching(/^3[01]\.\d h critical$/)])
  expect(found(2, { ohms: worse(2), amps: steps(4) })).toEqual([])
  expect(found(2, { ohms: worse(-0.65), amps: steps(9) })).toEqual([expect.stringMatching(/^3[01]\.\d h critical$/)])
  expect(found(2, { ohms: worse(-0.4), amps: steps(16) })).toEqual([])
  expect(found(2, { ohms: worse(-0.65), amps: steps(6) })).toEqual([])
})

test('three steps are enough, one that was switched on and off is not', () => {
  const kettles = (count: number) => (hour: number) =>
    hour < 30 ? ownAmps(hour) : hour > 31 && hour < 31 + count && (hour * 60) % 60 < 4 ? 8 : 0.4
  expect(found(2, { ohms: worse(3), amps: kettles(1) })).toEqual([])
  expect(found(2, { ohms: worse(3), amps: kettles(2) })).toEqual(['32.0 h critical'])
})

test('one that was switched on and off is enough where it moves the voltage further than anybody else does', () => {
  const oneKettle = (hour: number) => (hour < 30 ? ownAmps(hour) : hour > 31 && hour < 31.07 ? 8 : 0.4)
  const oneWay = (hour: number) => (hour < 30 ? ownAmps(hour) : hour > 31 ? 8 : 0.4)
  expect(found(2, { ohms: worse(4.2), amps: oneKettle })).toEqual(['31.1 h critical'])
  expect(found(2, { ohms: worse(3.7), amps: oneKettle })).toEqual([])
  expect(found(2, { ohms: worse(4.2), amps: oneWay })).toEqual([])
})

test('it is over when the contact was made good, and not as long as nobody switches anything', () => {
  const repaired = (hour: number) => (hour < 30 || hour > 34 ? 0.4 : 3)
  expect(found(2, { ohms: repaired }).map((each) => each.split(' ')[2])).toEqual(['critical', 'cleared'])
  const away = (hour: number) => (hour > 34 ? 0.4 : ownAmps(hour))
  expect(found(2, { ohms: repaired, amps: away }).map((each) => each.split(' ')[2])).toEqual(['critical'])
})

test('a supply that was bad from the first day is a warning: nobody saw it become so', () => {
  expect(found(3, { ohms: () => 2.2 })).toEqual([expect.stringMatching(/^0\.\d h warning$/)])
  expect(found(3, { ohms: (hour) => (hour < 30 ? 0.7 : 2) }).map((each) => each.split(' ')[2])).toEqual(['warning'])
})

test('a contact that becomes loose over months does not become usual', () => {
  const slowly = (hour: number) => 0.4 + (0.6 * hour) / (30 * 24)
  expect(found(70, { ohms: slowly, everySeconds: 300 }).at(-1)).toMatch(/critical$/)
})

test('a voltage that rises with the own load is critical: it is another phase’s neutral', () => {
  const [said] = found(2, { ohms: (hour) => (hour < 30 ? 0.4 : -2) })
  expect(said).toMatch(/^3[01]\.\d h critical$/)
  expect(found(2, { ohms: (hour) => (hour < 30 ? 0.4 : -0.3) })).toEqual([])
  const small = (hour: number) => ((hour * 60) % 15 < 6 ? 3.9 : 0.4)
  expect(found(2, { ohms: (hour) => (hour < 30 ? 0.4 : -1), amps: small })).toEqual([])
})

test('steps of 4 A tell enough when the contact is bad enough', () => {
  const small = (hour: number) => ((hour * 60) % 15 < 6 ? 4.4 : 0.4)
  expect(found(2, { ohms: worse(4), amps: small })).toEqual([expect.stringMatching(/^3[01]\.\d h critical$/)])
})

test('one step that a neighbour hides does not delay it', () => {
  const hidden = (hour: number) => (hour > 30.3 && hour < 30.45 ? 24 : 0)
  const [said] = found(2, { ohms: worse(3), others: hidden })
  expect(said).toMatch(/^30\.[3-7] h critical$/)
})

test('a supply that was made better is what is usual from then on', () => {
  const ohms = (hour: number) => (hour < 30 ? 1.2 : hour < 60 ? 0.4 : 1.9)
  expect(found(4, { ohms }).at(-1)).toMatch(/^6\d\.\d h critical$/)
})

test('what was critical is not told less while it lasts', () => {
  const ohms = (hour: number) => (hour < 30 ? 0.6 : hour < 34 ? 3 : 1.7)
  expect(found(2, { ohms }).map((each) => each.split(' ')[2])).toEqual(['critical'])
})

test('voltage and current that come in readings of their own belong together', () => {
  const apart = [...line(2, { ohms: worse(3) })].flatMap(({ at, values: { volts = 0, amps = 0 } }, i) => [
    { at, values: i % 2 ? { volts } : { amps } },
    { at: at + 3, values: i % 2 ? { amps } : { volts } },
  ])
  expect(longNews(looseNeutral, apart)).toEqual([expect.stringMatching(/^3[01]\.\d h critical$/)])
})

/** A neighbour's heater, which has its own thermostat, on the same line. */
const neighbour = (hour: number) => ((hour * 60) % 23 < 11 ? -14 : 0)
const wandering = (hour: number) => 5 * Math.sin(hour * 1.7) + 3 * Math.sin(hour * 11.3)

/** Twice an hour the grid has half its voltage for some minutes; a heater draws as much less. */
const brownOut = (hour: number) => (hour > 31 && hour < 36 && (hour * 60 - 9) % 30 < 4 ? -114 : 0)
const heaterIn = (others: (hour: number) => number) => (hour: number) =>
  ownAmps(hour) + (9 * (228 + others(hour))) / 228

test.each<[string, Line]>([
  ['a long old cable of 0.9 Ω', { ohms: () => 0.9 }],
  ['a neighbour’s load that moves the voltage', { ohms: () => 0.4, others: neighbour }],
  ['a neighbour’s load, seen every five minutes', { ohms: () => 0.4, others: neighbour, everySeconds: 300 }],
  ['a neighbour’s load in a room where nothing is switched', { ohms: () => 0.4, others: neighbour, amps: () => 0.4 }],
  ['a weak grid that wanders by 8 V', { ohms: () => 0.6, others: wandering, everySeconds: 300 }],
  ['a better supply after a worse one', { ohms: (hour) => (hour < 30 ? 1.2 : 0.3) }],
  [
    'a voltage that falls step by step while loads come on one by one',
    { ohms: () => 0.4, others: (hour) => -8 * Math.floor(hour / 18), amps: (hour) => 0.4 + 5 * Math.floor(hour / 18) },
  ],
  [
    'the evening when power comes back',
    {
      ohms: () => 0.4,
      says: (volts, amps) => (volts < 226.5 && volts > 225.5 ? { volts: 0, amps: 0 } : { volts, amps }),
    },
  ],
  [
    'a brown-out that comes and goes while a heater runs',
    { ohms: () => 0.4, amps: heaterIn(brownOut), others: brownOut },
  ],
  [
    'a brown-out in which an air conditioner falls out',
    { ohms: () => 0.4, amps: (hour) => ownAmps(hour) + (brownOut(hour) < 0 ? 0 : 6), others: brownOut },
  ],
  ['2 Ω behind a small load', { ohms: worse(2), amps: (hour) => ((hour * 60) % 15 < 6 ? 4 : 0.4) }],
  [
    'a balcony that feeds in through a long line',
    {
      ohms: () => 1.1,
      amps: (hour) => ((hour * 60) % 15 < 6 ? -9 : 0.4),
      says: (volts, amps) => ({ volts, amps: Math.abs(amps), watts: volts * amps }),
    },
  ],
  [
    'a current that is stray now and then',
    { ohms: () => 0.4, says: (volts, amps) => ({ volts, amps: Math.round(volts * 10) % 7 === 0 ? 655.35 : amps }) },
  ],
])('stays silent for %s', (_, options) => {
  expect(found(3, options)).toEqual([])
})
