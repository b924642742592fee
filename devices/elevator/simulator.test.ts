import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import { type ReplayInput, replay, withTicks } from '../replay.ts'
import { elevator } from './index.ts'

type Reading = { at: number; values: Values }

/** A Monday, 00:00 in Hangzhou. */
const monday = Date.parse('2025-06-02T00:00:00+08:00')

/** Mulberry32, by T. Ettinger, public domain. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One elevator's readings, one per 10 s; `script`: after so many ms, this fault, or `undefined` for its repair. */
function readings(
  seed: number,
  ms: number,
  script: [afterMs: number, fault: string | undefined][] = [],
  facts = {},
  everyMs = 10 * secondMs,
) {
  const device = elevator.simulator.create({ random: seeded(seed), facts, startAt: monday })
  const due = [...script]
  return Array.from({ length: ms / everyMs }, (_, index): Reading => {
    const at = monday + index * everyMs
    while (due[0] && monday + due[0][0] <= at) device.inject(due.shift()?.[1], at)
    return { at, values: device.step(at) }
  })
}

/** What all detectors say of these readings, or only that of one finding; nothing measured is nothing sent. */
function news(stream: Reading[], facts: object = {}, finding?: string) {
  const sent = stream.filter(({ values }) => Object.keys(values).length > 0)
  return newsOf(withTicks(sent, { freshSeconds: elevator.freshSeconds }), facts, finding)
}

function newsOf(inputs: readonly ReplayInput[], facts: object = {}, finding?: string) {
  // what the general scorer remarks is for people to look at, and no fault
  const named = elevator.detectors.filter(({ id }) => id !== 'elevator/anomaly')
  const detectors = named.filter(({ id }) => finding === undefined || id === finding)
  return detectors.flatMap((detector) =>
    replay(detector, inputs, { facts: { ...elevator.factDefaults, ...facts } }).map((transition) => ({
      ...transition,
      id: detector.id,
    })),
  )
}

test.each([1, 2, 3, 4])('a normal day raises nothing (seed %i)', (seed) => {
  expect(news(readings(seed, dayMs))).toEqual([])
})

test('what it says is valid telemetry, sparse, with a full state once a minute', () => {
  const day = readings(11, dayMs)
  for (const { values } of day) elevator.telemetry.parse(values)

  const counts = day.map(({ values }) => Object.keys(values).length).sort((a, b) => a - b)
  expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(12)
  expect(day.filter(({ values }) => values.mode).length).toBeGreaterThanOrEqual(1_440)
})

test('the same seed gives the same day, another seed another', () => {
  expect(readings(5, 2 * hourMs)).toEqual(readings(5, 2 * hourMs))
  expect(readings(5, 2 * hourMs)).not.toEqual(readings(6, 2 * hourMs))
})

test('a day has some hundreds of trips, most in the rush hours, and a motor that stays below its limit', () => {
  const day = readings(3, dayMs)
  const tripsIn = (from: number, to: number) => {
    const trips = day
      .slice(from * 360, to * 360)
      .flatMap(({ values }) => (typeof values.trips === 'number' ? values.trips : []))
    return (trips.at(-1) ?? 0) - (trips[0] ?? 0)
  }
  const celsius = day.map(({ values }) => Number(values.motorCelsius))

  expect(tripsIn(0, 24)).toBeGreaterThan(300)
  expect(tripsIn(0, 24)).toBeLessThan(2_000)
  expect(tripsIn(17, 19)).toBeGreaterThan(5 * tripsIn(2, 4))
  expect(Math.max(...celsius)).toBeLessThan(100)
  expect(Math.max(...celsius) - Math.min(...celsius)).toBeGreaterThan(10)
})

test.each([1, 2, 3, 4])(
  'people trapped between floors are found soon, once, and it clears after the rescue (seed %i)',
  (seed) => {
    const script: [number, string | undefined][] = [
      [9 * hourMs, 'entrapment'],
      [10 * hourMs, undefined],
    ]
    const [raised, cleared, ...more] = news(readings(seed, 12 * hourMs, script), {}, 'elevator/entrapment')

    expect(raised).toMatchObject({
      id: 'elevator/entrapment',
      finding: { severity: 'critical', evidence: { outsideDoorZone: true } },
    })
    expect(raised?.at).toBeLessThan(monday + 9 * hourMs + 10 * minuteMs)
    expect(cleared).toMatchObject({ id: 'elevator/entrapment', cleared: true })
    expect(cleared?.at).toBeGreaterThanOrEqual(monday + 10 * hourMs)
    expect(more).toEqual([])
  },
)

test.each([1, 2, 3, 4])('people behind a door that does not open are found, once (seed %i)', (seed) => {
  const script: [number, string | undefined][] = [
    [9 * hourMs, 'entrapment-at-floor'],
    [10 * hourMs, undefined],
  ]
  const [raised, cleared, ...more] = news(readings(seed, 12 * hourMs, script), {}, 'elevator/entrapment')

  expect(raised).toMatchObject({ id: 'elevator/entrapment', finding: { evidence: { outsideDoorZone: false } } })
  expect(raised?.at).toBeLessThan(monday + 9 * hourMs + 10 * minuteMs)
  expect(cleared).toMatchObject({ cleared: true })
  expect(more).toEqual([])
})

test.each(['A', 'H'])(
  'a motor of class %s that overheats is urgent, once, and clears when it has cooled',
  (insulationClass) => {
    const script: [number, string | undefined][] = [
      [9 * hourMs, 'motor-over-temperature'],
      [14 * hourMs, undefined],
    ]
    const facts = { insulationClass }
    const said = news(readings(2, dayMs, script, facts), facts)

    expect(said.map(({ id, finding }) => [id, finding?.severity])).toEqual([
      ['elevator/motor-over-temperature', 'warning'],
      ['elevator/motor-over-temperature', 'urgent'],
      ['elevator/motor-over-temperature', undefined],
    ])
  },
)

test.each([1, 2])(
  'a door that slows within hours, and stays slow, is one warning after three days (seed %i)',
  (seed) => {
    // no ticks, for speed; silence has its own tests
    const said = newsOf(readings(seed, 6 * dayMs, [[dayMs, 'door-close-drift']], {}, minuteMs))

    expect(said).toHaveLength(1)
    expect(said[0]).toMatchObject({ id: 'elevator/door-close-drift', finding: { severity: 'warning' } })
    expect(said[0]?.at).toBeGreaterThan(monday + 4 * dayMs)
  },
)

test('rollers that wear over a month are one warning, and nothing else', { timeout: 120_000 }, () => {
  // no ticks: half a million of them in a month would prove nothing of wear
  const said = newsOf(readings(1, 40 * dayMs, [[10 * dayMs, 'door-roller-wear']], {}, 2 * minuteMs))

  expect(said.map(({ id }) => id)).toEqual(['elevator/door-close-drift'])
  expect(said[0]?.at).toBeGreaterThan(monday + 10 * dayMs)
})

test.each([
  'door-track-wear',
  'brake-wear',
  'lining-wear',
  'levelling-wear',
  'sheave-wear',
  'bearing-wear',
  'guide-drag',
])('%s is a warning days before its limit, and no emergency', { timeout: 120_000 }, (fault) => {
  const limitMs = elevator.simulator.limitAfterMs?.[fault] ?? 0
  const days = 9 + limitMs / dayMs
  const facts = { ratedSpeedMps: 1.75 }
  const said = newsOf(readings(2, days * dayMs, [[9 * dayMs, fault]], facts, 5 * minuteMs), facts)

  const own = said.find(({ id }) => id === elevator.simulator.faults[fault])
  expect(own?.finding?.severity).toBe('warning')
  expect(own?.at).toBeGreaterThan(monday + 9 * dayMs)
  expect(own?.at).toBeLessThan(monday + 9 * dayMs + limitMs - 3 * dayMs)
  expect(said.filter(({ finding }) => finding && !['info', 'warning'].includes(finding.severity))).toEqual([])
})

test('what grows has a time at which its limit is reached: of a failure within a day, of wear after weeks', () => {
  const limits = elevator.simulator.limitAfterMs ?? {}
  const within = (from: number, to: number) =>
    Object.keys(limits).filter((fault) => (limits[fault] ?? 0) > from && (limits[fault] ?? 0) <= to)
  expect(within(0, dayMs)).toEqual(['door-close-drift', 'vibration-zone'])
  expect(within(dayMs, 20 * dayMs)).toEqual([])
  expect(within(20 * dayMs, 60 * dayMs)).toHaveLength(8)
  for (const fault of Object.keys(limits)) expect(elevator.simulator.faults).toHaveProperty(fault)
})

test.each([1, 2])('without mains it lets people out and stands; nobody is trapped (seed %i)', (seed) => {
  const script: [number, string | undefined][] = [
    [18 * hourMs, 'mains-lost'],
    [20 * hourMs, undefined],
  ]
  const day = readings(seed, dayMs, script)
  const said = news(day).filter(({ id }) => id !== 'elevator/fault-code')
  const dark = day.filter(({ at }) => at > monday + 18 * hourMs + 2 * minuteMs && at < monday + 20 * hourMs)

  expect(said.map(({ id, finding }) => [id, finding?.severity])).toEqual([
    ['elevator/mains-lost', 'info'],
    ['elevator/mains-lost', undefined],
  ])
  expect(said[0]?.at).toBeLessThanOrEqual(monday + 18 * hourMs + 10 * secondMs)
  expect(new Set(dark.map(({ values }) => values.direction))).toEqual(new Set(['none']))
})

test('an elevator that goes silent is found after a quarter of an hour, and over when it is heard again', () => {
  const script: [number, string | undefined][] = [
    [9 * hourMs, 'silent'],
    [10 * hourMs, undefined],
  ]
  const [raised, cleared, ...more] = news(readings(3, 12 * hourMs, script))

  expect(raised).toMatchObject({ id: 'elevator/silent', finding: { severity: 'info' } })
  expect(raised?.at).toBeGreaterThanOrEqual(monday + 9 * hourMs + 14 * minuteMs)
  expect(raised?.at).toBeLessThanOrEqual(monday + 9 * hourMs + 16 * minuteMs)
  expect(cleared).toMatchObject({ id: 'elevator/silent', at: monday + 10 * hourMs + 5_000, cleared: true })
  expect(more).toEqual([])
})

test('a winding sensor that dies is named while all the others go on', () => {
  const script: [number, string | undefined][] = [
    [30 * hourMs, 'motor-sensor-silent'],
    [60 * hourMs, undefined],
  ]
  const [raised, worse, cleared, ...more] = news(readings(3, 3 * dayMs, script))

  expect(raised).toMatchObject({
    id: 'elevator/sensor-silent',
    finding: { severity: 'info', evidence: { metrics: 'motorCelsius' } },
  })
  expect(worse).toMatchObject({ finding: { severity: 'warning', evidence: { awayHours: 24 } } })
  expect(cleared).toMatchObject({ id: 'elevator/sensor-silent', cleared: true })
  expect(more).toEqual([])
})

test.each([
  ['unintended-movement', 30, 'critical'],
  ['overspeed', 120, 'critical'],
  ['safety-circuit', 240, 'critical'],
  ['stopped-outside-zone', 60, 'urgent'],
  ['alarm-button', 30, 'urgent'],
  ['run-time-limiter', 30, 'urgent'],
  ['machine-room-heat', 180, 'warning'],
  ['cabinet-heat', 180, 'warning'],
  ['door-does-not-close', 30, 'warning'],
  ['door-does-not-open', 30, 'warning'],
  ['door-lock-contact', 360, 'warning'],
  ['position-lost', 1, 'warning'],
  ['vibration-zone', 660, 'warning'],
  ['out-of-service', 10, 'info'],
])(
  '%s is found within %d min, and over after the repair, whether the controller tells codes or not',
  (fault, minutes, severity) => {
    const finding = elevator.simulator.faults[fault] ?? ''
    const facts = { ratedSpeedMps: 1.75 }
    for (const seed of [1, 2]) {
      const script: [number, string | undefined][] = [
        [8 * hourMs, fault],
        [20 * hourMs, undefined],
      ]
      const said = news(readings(seed, dayMs, script, facts), facts, finding)

      expect(said[0]?.finding?.severity).toBe(severity)
      expect(said[0]?.at).toBeGreaterThanOrEqual(monday + 8 * hourMs)
      expect(said[0]?.at).toBeLessThanOrEqual(monday + 8 * hourMs + minutes * minuteMs)
      if (finding !== 'elevator/door-lock-contact') expect(said.at(-1)?.cleared).toBe(true)
    }
  },
)

test.each([4, 5, 6, 7])('freed of a blocked drive, on its way to people or with them, it goes on (seed %i)', (seed) => {
  const script: [number, string | undefined][] = [
    [8 * hourMs, 'run-time-limiter'],
    [8.1 * hourMs, undefined],
  ]
  const day = readings(seed, 9 * hourMs, script)
  const after = day.filter(({ at }) => at > monday + 8.1 * hourMs)

  expect(after.map(({ values }) => elevator.telemetry.safeParse(values).error).filter(Boolean)).toEqual([])
  expect(new Set(after.map(({ values }) => values.floor)).size).toBeGreaterThan(2)
})

test('a car that is stuck for hours, empty or with its door shut, is no other emergency than what it is', () => {
  const emergencies = (fault: string, seed: number) => {
    const said = news(readings(seed, 14 * hourMs, [[9 * hourMs, fault]]))
    const urgent = said.filter(({ finding }) => finding && ['urgent', 'critical'].includes(finding.severity))
    return [...new Set(urgent.map(({ id }) => id))]
  }

  expect(emergencies('stopped-outside-zone', 1)).toEqual(['elevator/stopped-outside-zone'])
  expect(emergencies('entrapment', 2)).toEqual(['elevator/entrapment'])
  expect(emergencies('door-does-not-close', 1)).toEqual([])
})

/** The same day as other gateways tell it. */
const gateways: readonly [string, (day: Reading[]) => Reading[]][] = [
  ['each metric in a reading of its own', (day) => day.flatMap(oneByOne)],
  ['each change once', changesOnly],
  ['a sample a minute', (day) => day.filter((_, i) => i % 6 === 0)],
  ['half of the metrics', (day) => day.map(({ at, values }) => ({ at, values: halfOf(values, 0) }))],
  ['the other half', (day) => day.map(({ at, values }) => ({ at, values: halfOf(values, 1) }))],
  ['gaps of up to 20 minutes', (day) => day.filter((_, i) => (i * 7) % 1_000 > (i % 11) * 11)],
]

test.each(gateways)('a normal day raises nothing, told with %s', (_, told) => {
  const facts = { ratedSpeedMps: 1.75, stops: 18 }
  const said = news(told(withStates(readings(4, dayMs, [], facts))), facts)
  expect(said.filter(({ finding }) => finding && finding.severity !== 'info')).toEqual([])
})

/** Every state in each reading, as a gateway sends it that samples. */
function withStates(day: Reading[]): Reading[] {
  let states: Values = {}
  return day.map(({ at, values }) => {
    const { mode, safetyCircuit, brakeState, faultCode, alarmButton, mainsLost } = { ...states, ...values }
    states = { mode, safetyCircuit, brakeState, faultCode, alarmButton, mainsLost } as Values
    return { at, values: { ...states, ...values } }
  })
}

function oneByOne({ at, values }: Reading): Reading[] {
  return Object.entries(values).map(([metric, value], i) => ({ at: at + i * 5, values: { [metric]: value } }))
}

function changesOnly(day: Reading[]): Reading[] {
  const said: Record<string, unknown> = {}
  return day.flatMap(oneByOne).filter(({ values }) => {
    const [metric = '', value] = Object.entries(values)[0] ?? []
    const isNew = said[metric] !== value
    said[metric] = value
    return isNew
  })
}

function halfOf(values: Values, half: number): Values {
  return Object.fromEntries(Object.entries(values).filter(([metric]) => metric.length % 2 === half))
}

test('every fault names a finding of this kind', () => {
  const findings = elevator.detectors.map(({ id }) => id)
  for (const finding of Object.values(elevator.simulator.faults)) expect(findings).toContain(finding)
})
