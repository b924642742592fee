import { expect, test } from 'vitest'
import { hourMs } from '../../../core/clock.ts'
import type { Values } from '../../../core/reading.ts'
import { replay } from '../../replay.ts'
import { type Quiet, type TaperSettings, taperOf } from './charging.ts'
import { eBikeCharging } from './e-bike-charging.ts'
import { days, longNews, noon, seeded } from './series.ts'

/** What draws power `hour` hours after noon, W, and its power factor. */
type Load = (hour: number) => readonly [watts: number, powerFactor: number]

/** Constant current while the battery's voltage rises by a tenth, then constant voltage. */
const charger =
  (from: number, { watts = 220, flat = 3.5, taper = 2, factor = 0.6 } = {}): Load =>
  (hour) => {
    const on = hour - from
    if (on < 0) return [0, 1]
    if (on < flat) return [watts * (1 + (0.1 * on) / flat), factor]
    return [Math.max(6, watts * 1.1 * Math.exp((-3 * (on - flat)) / taper)), factor]
  }
const between =
  (from: number, to: number, watts: number, factor: number): Load =>
  (hour) => [hour >= from && hour < to ? watts : 0, factor]
/** Runs for `on` of every `period` minutes. */
const cycling =
  (watts: number, factor: number, on: number, period: number, from = 0, to = Number.POSITIVE_INFINITY): Load =>
  (hour) => [hour >= from && hour < to && (hour * 60) % period < on ? watts : 0, factor]
const standby: Load = () => [30, 0.6]
const fridge = cycling(85, 0.65, 14, 41)
const kettle: Load = (hour) => [hour % 5 > 4.9 && hour % 24 < 11 ? 1_800 : 0, 1]
const lights = between(6, 11.4, 120, 0.95)

interface Room {
  readonly everySeconds?: number
  readonly says?: (values: { watts: number; powerFactor: number }) => Values
  readonly count?: number
}

/** A room from noon on; one per cent of noise. */
function room(loads: readonly Load[], { everySeconds = 10, says = (values) => ({ ...values }), count = 1 }: Room = {}) {
  const random = seeded(7)
  return days(count, everySeconds, noon, (hour) => {
    let watts = 0
    let vars = 0
    for (const load of loads) {
      const [more, factor] = load(hour)
      watts += more
      vars += more * Math.tan(Math.acos(factor))
    }
    const noisy = Math.round(watts * (1 + 0.02 * (random() - 0.5)))
    return says({ watts: noisy, powerFactor: Math.round((watts / Math.hypot(watts, vars)) * 1e3) / 1e3 })
  })
}

const home = [standby, fridge, kettle, lights]
const found = (loads: readonly Load[], options?: Room, facts = {}) =>
  longNews(eBikeCharging, room(loads, options), facts)

test('a charger plugged in at eight, flat until half past eleven, is suspected as it tapers, and is over when it is full', () => {
  const said = found([...home, charger(8)])

  expect(said).toEqual(['12.3 h urgent', expect.stringMatching(/^1[23]\.\d h cleared$/)])
})

test('one that tapers slowly is a warning first, and urgent when most of it has gone', () => {
  const said = found([...home, charger(8, { taper: 4 })])

  expect(said.map((each) => each.split(' ')[2])).toEqual(['warning', 'urgent', 'cleared'])
})

test('it is told when three tenths have gone, and is over three hours later, whatever is left of it', () => {
  const slow = charger(8, { watts: 380, flat: 2, taper: 10 })
  expect(found([standby, slow], { everySeconds: 60 })).toEqual(['11.3 h warning', '13.0 h urgent', '14.3 h cleared'])
})

test('the evidence has its confidence and the curve that a person can judge', () => {
  const [urgent] = replay(eBikeCharging, [...room([...home, charger(8)])])

  expect(urgent?.finding?.summary).toMatch(/^Suspected e-bike charging indoors: some 2\d\d W for [45]\.\d h, now taper/)
  expect(urgent?.finding?.evidence).toMatchObject({ confidence: 1, night: true, curveMinutes: 20, occupied: null })
  expect(urgent?.finding?.evidence.powerFactor).toBeCloseTo(0.6, 1)
  const curve = String(urgent?.finding?.evidence.curveWatts).split(' ').map(Number)
  expect(Math.max(...curve)).toBeGreaterThan(220)
  expect(curve.at(-1)).toBeLessThan(160)
  expect(new Date((urgent?.finding?.since ?? 0) - noon).getUTCHours()).toBeGreaterThanOrEqual(7)
})

test.each([
  [95, 2.2, 1.5, 0.55],
  [150, 5.5, 1, 0.5],
  [220, 3.5, 3, 0.65],
  [440, 4, 2, 0.7],
])('%d W, flat for %d h, tapering for %d h, power factor %d', (watts, flat, taper, factor) => {
  const charging = charger(8.2, { watts, flat, taper, factor })
  expect(found([standby, fridge, charging]).map((each) => each.split(' ')[2])).toContain('urgent')
})

test.each([0.42, 0.78])('a power factor of %d may still be a charger', (factor) => {
  expect(found([standby, charger(8, { factor })]).map((each) => each.split(' ')[2])).toContain('urgent')
})

test.each([1, 60, 300])('a sample every %d s is enough', (everySeconds) => {
  expect(found([standby, fridge, charger(8)], { everySeconds })).not.toEqual([])
})

test('an air conditioner that cycles all night does not hide it', () => {
  expect(found([standby, cycling(950, 0.93, 9, 19), charger(8)])).not.toEqual([])
})

test('a heater that runs through whole windows hides nothing but those', () => {
  const heater = between(10.4, 11.3, 1_500, 1)
  expect(found([standby, fridge, heater, charger(8)]).map((each) => each.split(' ')[2])).toContain('urgent')
})

test('a heater that cuts the newest window short does not make the taper look slower than it is', () => {
  const loads = [standby, charger(8, { taper: 3 }), between(12.1, 12.5, 1_500, 1)]
  expect(found(loads, { everySeconds: 60 })).toEqual(['12.3 h warning', '12.7 h urgent', '13.3 h cleared'])
})

test('people and night make it surer; without a power factor, or by day in an empty room, it is a warning at most', () => {
  const severities = (loads: readonly Load[], options: Room) => found(loads, options).map((each) => each.split(' ')[2])
  const morning = [standby, fridge, charger(-5 + 24)]

  expect(severities([...home, charger(8)], { says: ({ watts }) => ({ watts }) })).toEqual(['warning', 'cleared'])
  expect(severities(morning, { says: (values) => ({ ...values, occupied: false }), count: 2 })).toEqual([
    'warning',
    'cleared',
  ])
  expect(severities(morning, { says: (values) => ({ ...values, occupied: true }), count: 2 })).toContain('urgent')
})

test('what falls with another power factor than was plugged in is a warning at most', () => {
  const runsDown =
    (factor: number): Load =>
    (hour) => [245 * Math.exp(-1.5 * Math.max(0, hour - 11.5)), factor]
  const computer = between(8, 16, 200, 0.6)

  expect(found([standby, fridge, runsDown(0.79), computer])).toEqual([
    expect.stringMatching(/ warning$/),
    expect.stringMatching(/ cleared$/),
  ])
  expect(found([standby, fridge, runsDown(0.72), computer]).map((each) => each.split(' ')[2])).toContain('urgent')
})

test('volts and amps tell the power factor as well, also when each metric comes in a reading of its own', () => {
  const byAmps = found([standby, charger(8)], {
    says: ({ watts, powerFactor }) => ({ watts, volts: 226, amps: watts / powerFactor / 226 }),
  })
  expect(byAmps.map((each) => each.split(' ')[2])).toContain('urgent')

  const apart = [...room([standby, charger(8)])].flatMap(({ at, values: { watts = 0, powerFactor = 1 } }) => [
    { at, values: { watts } },
    { at: at + 2_000, values: { powerFactor } },
  ])
  expect(longNews(eBikeCharging, apart).map((each) => each.split(' ')[2])).toContain('urgent')
})

test('an hour that nobody saw breaks the curve', () => {
  const seen = [...room([standby, charger(8)])].filter(({ at }) => Math.abs(at - noon - 10.5 * hourMs) > 0.6 * hourMs)
  expect(longNews(eBikeCharging, seen)).toEqual([])
})

/** An inverter's compressor, which is never quite the same twice. */
const humming: Load = (hour) => [250 + 14 * Math.sin(hour * 911) + 9 * Math.sin(hour * 377), 0.98]

test('an inverter that hums all night does not hide it', () => {
  expect(found([standby, fridge, humming, charger(8)]).map((each) => each.split(' ')[2])).toContain('urgent')
})

/** Never twice the same, as a computer or a screen is. */
function restless(from: number, to: number, watts: number, jitterWatts: number): Load {
  const random = seeded(23)
  return (hour) => [hour >= from && hour < to ? watts + jitterWatts * (random() + random() - 1) : 0, 0.65]
}

test('beside a computer that hums as much as it falls, it is found when it has fallen for 100 minutes', () => {
  const charging = charger(8, { watts: 150, taper: 3 })
  expect(found([standby, charging])[0]).toBe('12.3 h urgent')
  expect(found([standby, restless(7, 16, 150, 45), charging])[0]).toBe('13.0 h urgent')
})

test('an air conditioner that runs down right before it tapers does not hide it: a long decay is enough', () => {
  const runsDown: Load = (hour) => [hour < 7.2 ? 0 : hour < 10.7 ? 260 : 260 * Math.exp(-15 * (hour - 10.7)), 0.7]
  expect(found([standby, fridge, runsDown, charger(8)])[0]).toBe('13.0 h urgent')
})

test('a water heater that runs while it is plugged in does not hide it: its reactive power tells', () => {
  const rooms = [standby, fridge, between(6, 8.6, 60, 0.95), between(7.5, 10.5, 1_500, 1), charger(8, { flat: 4.5 })]
  expect(found(rooms, { everySeconds: 300 }).map((each) => each.split(' ')[2])).toContain('urgent')
})

test('a meter that tells only volts and amps warns by the apparent power', () => {
  const said = (options: Room) => found([standby, charger(8)], options).map((each) => each.split(' ')[2])
  const amps = (values: { watts: number; powerFactor: number }) => values.watts / values.powerFactor / 226
  expect(said({ says: (values) => ({ volts: 226, amps: amps(values) }) })).toEqual(['warning', 'cleared'])
  expect(
    said({ says: ({ watts, powerFactor }) => ({ volts: 226, amps: amps({ watts, powerFactor }), powerFactor }) }),
  ).toContain('urgent')
})

test('watts that are told later replace what stood for them', () => {
  let count = 0
  const says = ({ watts, powerFactor }: { watts: number; powerFactor: number }): Values => {
    count += 1
    return count < 400 ? { volts: 226, amps: watts / powerFactor / 226 } : { watts, powerFactor }
  }
  expect(found([...home, charger(8)], { says }).map((each) => each.split(' ')[2])).toContain('urgent')
})

const nextEvening = { count: 2 }

test('a charger that has tapered here before is a warning after 100 flat minutes, and urgent as it tapers again', () => {
  const said = found([standby, fridge, charger(8), charger(32, { flat: 4 })], nextEvening)
  expect(said.map((each) => each.split(' ')[2])).toEqual(['urgent', 'cleared', 'warning', 'urgent', 'cleared'])
  const hour = Number.parseFloat(said[2] ?? '')
  expect(hour).toBeGreaterThan(32 + 100 / 60)
  expect(hour).toBeLessThan(32 + 2.5)
})

test('and it is over when it is unplugged', () => {
  const said = found([standby, fridge, charger(8), between(32, 35, 226, 0.6)], nextEvening)
  expect(said.slice(2)).toEqual([
    expect.stringMatching(/^33\.\d h warning$/),
    expect.stringMatching(/^35\.\d h cleared$/),
  ])
})

/** A laptop that is charged beside a lamp that was lit with it, each too little for an e-bike; the lamp goes off as the laptop tapers. */
const laptopAndLamp = (standbyWatts: number, watts = 60, lampWatts = 52, until = 10.8) =>
  found(
    [
      () => [standbyWatts, 0.6],
      charger(8.55, { watts, flat: 1.9, taper: 2.6, factor: 0.55 }),
      between(8.5, until, lampWatts, 0.69),
    ],
    { everySeconds: 60.01 },
  )

test('two devices that joined together are no emergency as one of them tapers, and nothing where that is less than a charger', () => {
  expect(laptopAndLamp(8)).toEqual([])
  const severities = (said: readonly string[]) => said.map((each) => each.split(' ')[2])
  expect(severities(laptopAndLamp(40))).toEqual(['warning', 'cleared'])
  expect(severities(laptopAndLamp(30, 70, 40, 10.4))).toEqual(['warning', 'cleared'])
})

test.each<[string, Load]>([
  ['a lamp of another power', between(32, 38, 150, 0.6)],
  ['a heater of the same power', between(32, 38, 226, 1)],
  ['a motor of the same power', between(32, 38, 226, 0.75)],
  ['a television of about that power', (hour) => [hour > 32 && hour < 38 ? 224 + 12 * Math.sin(hour * 911) : 0, 0.6]],
  ['the same for an hour', between(32, 33.2, 226, 0.6)],
])('beside a known charger it says nothing of %s', (_, load) => {
  expect(found([standby, fridge, charger(8), load], nextEvening).slice(2)).toEqual([])
})

const screens = between(7.2, 10.6, 150, 0.6)
const computer: Load = (hour) => [hour > 7 && hour < 13 ? 120 + 80 * Math.abs(Math.sin(hour * 9)) : 0, 0.65]

const goneOneByOne = [
  restless(7.2, 11.6, 90, 45),
  restless(7.3, 10.4, 70, 22),
  between(7.1, 10.8, 60, 0.65),
  between(7.1, 11.2, 45, 0.65),
]

const evening = [between(7, 11.4, 110, 0.65), between(7.1, 11.75, 80, 0.65), between(7.2, 12.1, 45, 0.65)]

const slowlyUp: Load = (hour) => [Math.max(0, 220 * (1 - Math.abs(hour - 11) / 2.5)), 0.6]
const dozing: Load = (hour) => {
  const slept = hour - 11
  return [slept > 0 && slept < 2 ? 220 - 90 * slept + 40 * Math.abs(Math.sin(slept * 9.4)) : 0, 0.6]
}
const ebbing: Load = (hour) => [hour > 7 ? 160 + 60 * Math.sin(((hour - 8) * Math.PI) / 2) : 0, 0.6]
const runningDown: Load = (hour) => {
  const off = hour - 11.5
  if (hour < 8 || off > 2) return [0, 0.6]
  return [off < 0 ? 220 : Math.max(60 - 20 * off, 220 - 2_400 * off), 0.6]
}

test.each<[string, readonly Load[], object]>([
  ['a heater that is flat all evening', [...home, between(7, 12, 350, 1)], {}],
  ['a kettle now and then', [standby, cycling(1_800, 1, 4, 50)], {}],
  ['an air conditioner that cycles all night', [...home, cycling(900, 0.93, 12, 28)], {}],
  ['an air conditioner whose compressor turns slower and slower', [...home, charger(8, { factor: 0.95 })], {}],
  ['what has a little more than a charger’s power factor', [standby, charger(8, { factor: 0.83 })], {}],
  ['what has a little less', [standby, charger(8, { factor: 0.37 })], {}],
  ['a fridge', [standby, fridge], {}],
  ['a dimmed lamp that is brought up and down slowly', [...home, slowlyUp], {}],
  [
    'a computer that sleeps soon after its work, and wakes now and then',
    [...home, between(7, 11, 220, 0.6), dozing],
    {},
  ],
  ['a computer whose work ebbs and flows', [standby, fridge, ebbing], {}],
  ['a device that runs down at once, and then slowly', [...home, runningDown], {}],
  [
    'a television with a poor power factor, and lights, that go off one after the other',
    [...home, screens, between(6.5, 10.9, 60, 0.7)],
    {},
  ],
  ['screens that hum, and lamps, that go off one after the other', [standby, fridge, ...goneOneByOne], {}],
  [
    'screens that go off one after the other, beside an air conditioner that cycles all night',
    [standby, fridge, cycling(950, 0.93, 9, 19), ...evening],
    {},
  ],
  ['what draws more than 500 W', [standby, charger(8, { watts: 560, taper: 4 })], {}],
  ['a lamp for plants that is flat for hours', [...home, between(7, 13, 200, 0.6)], {}],
  ['a dehumidifier', [...home, between(7, 12, 250, 0.7)], {}],
  ['a charger that is unplugged before it tapers', [...home, between(8, 12, 220, 0.6)], {}],
  ['a computer at varying work', [...home, computer], {}],
  ['a phone and a laptop that charge', [...home, charger(8, { watts: 12 }), charger(9, { watts: 60, flat: 1 })], {}],
  ['a building’s feeder', [...home, charger(8)], { use: 'feeder' }],
])('stays silent for %s', (_, loads, facts) => {
  expect(found(loads, {}, facts)).toEqual([])
})

test('what fell is in the reactive power too: an inverter that slows down beside a computer that is switched on and off is no charger', () => {
  const windows: Quiet[] = [
    [2, 386, 103, 325, 67, 18],
    [18, 761, 279, 99, 116, 17],
    [11, 757, 280, 0, 0, 14],
    [19, 754, 294, -163, -152, 20],
    [0, 752, 295, 0, 0, 18],
    [17, 699, 281, 3, -55, 18],
    [18, 609, 160, -103, -143, 16],
    [17, 580, 158, 17, 3, 14],
    [19, 568, 154, 0, 0, 9],
    [2, 571, 154, 0, 0, 12],
    [4, 639, 255, 99, 118, 13],
    [7, 616, 272, 86, 71, 19],
    [18, 557, 257, -14, -3, 11],
    [14, 534, 243, 27, 31, 8],
    [19, 440, 127, -47, -106, 14],
    [17, 421, 123, 0, 0, 11],
    [19, 389, 116, -28, -6, 12],
  ]
  const before = Array.from({ length: 5 }, (): Quiet => [14, 22, 29, 0, 0, 2])
  expect(taperOf([...before, ...windows], eBikeCharging.settings as TaperSettings)).toBeUndefined()
})

test('what is switched on while it tapers may explain two fifths of the fall in the reactive power away, and no more', () => {
  /** A charger of 200 W that falls by 30 W and 40 var per window; with the third, so much reactive power joins. */
  const charge = (vars: number): Quiet[] => [
    ...Array.from({ length: 3 }, (): Quiet => [10, 20, 10, 0, 0, 2]),
    ...Array.from({ length: 7 }, (_, i): Quiet => [10, 220, 277, i === 0 ? 200 : 0, i === 0 ? 267 : 0, 2]),
    ...[1, 2, 3, 4, 5, 6].map((k): Quiet => {
      const [byWatts, byVars] = k >= 3 ? [66, vars] : [0, 0]
      return [10, 220 - 30 * k + byWatts, 277 - 40 * k + byVars, k === 3 ? byWatts : 0, k === 3 ? byVars : 0, 2]
    }),
  ]
  const settings = eBikeCharging.settings as TaperSettings

  expect(taperOf(charge(90), settings)).toMatchObject({ addedWatts: 200 })
  expect(taperOf(charge(110), settings)).toBeUndefined()
})
