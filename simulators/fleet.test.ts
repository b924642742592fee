import { afterEach, expect, test } from 'vitest'
import { electricityMeter } from '../devices/electricity-meter/index.ts'
import { kinds } from '../devices/index.ts'
import { startTestBroker, type TestBroker } from '../test/fixtures/mqtt-broker.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import {
  type FleetDevice,
  type FleetPlan,
  fleetReadings,
  type PlannedFault,
  runFleet,
  type Truth,
  truthLine,
} from './fleet.ts'
import { drawFaults, planFleet } from './fleet-plan.ts'

let broker: TestBroker | undefined
afterEach(async () => {
  await broker?.stop()
  broker = undefined
})

const detector = (id: string, seed = 1): FleetDevice => ({ id, kind: 'smoke-detector', gatewayId: 'gw-1', seed })
const plan = (more: Partial<FleetPlan> = {}): FleetPlan => ({
  kinds: [smokeDetector],
  devices: [detector('s1', 1), detector('s2', 2)],
  intervalSeconds: 10,
  ...more,
})
const noon = Date.UTC(2026, 10, 1, 12)

test('each device measures once per interval, the devices spread over it, in the order of time', () => {
  const readings = [...fleetReadings(plan(), noon, noon + 30_000)]

  expect(readings.map(({ deviceId, at }) => [deviceId, at - noon])).toEqual([
    ['s1', 0],
    ['s2', 5_000],
    ['s1', 10_000],
    ['s2', 15_000],
    ['s1', 20_000],
    ['s2', 25_000],
  ])
})

test('the same plan gives the same readings, another seed gives others, and no device copies its neighbour', () => {
  const values = (more?: Partial<FleetPlan>) =>
    [...fleetReadings(plan(more), noon, noon + 20_000)].map((reading) => reading.values.smokePercentPerM)

  expect(values()).toEqual(values())
  expect(values({ devices: [detector('s1', 3), detector('s2', 4)] })).not.toEqual(values())
  expect(new Set(values()).size).toBe(4)
})

test("a device's own facts count, and the kind's defaults where it has none", () => {
  const devices = [detector('s1'), { ...detector('s2'), facts: { usualVolts: 9 } }]
  const volts = [...fleetReadings(plan({ devices }), noon, noon + 10_000)].map(({ values }) => values.batteryVolts)

  expect(volts).toEqual([3, 9])
})

test('a fault is in the readings from its time to its repair, and only in its device; the truth says so', () => {
  const truths: Truth[] = []
  const faults = [{ deviceId: 's1', fault: 'smoke', afterSeconds: 15, repairAfterSeconds: 35 }]
  const readings = [...fleetReadings(plan({ faults, onTruth: (truth) => truths.push(truth) }), noon, noon + 60_000)]
  const smoky = readings.filter(({ values }) => Number(values.smokePercentPerM) > 10)

  expect(smoky.map(({ deviceId, at }) => [deviceId, at - noon])).toEqual([
    ['s1', 20_000],
    ['s1', 30_000],
  ])
  expect(truths.map(truthLine)).toEqual([
    `{"deviceId":"s1","kind":"smoke-detector","fault":"smoke","finding":"smoke-detector/smoke","injectedAt":${noon + 15_000},"limitAt":null,"repairedAt":${noon + 35_000}}\n`,
  ])
})

test('the truth of what grows says when it will be at its limit, counted from its own beginning', () => {
  const simulator = { ...smokeDetector.simulator, limitAfterMs: { 'flat-battery': 90_000 } }
  const truths: Truth[] = []
  const faults = [
    { deviceId: 's1', fault: 'flat-battery', afterSeconds: 15, repairAfterSeconds: 35 },
    { deviceId: 's2', fault: 'smoke', afterSeconds: 5 },
  ]
  const given = { kinds: [{ ...smokeDetector, simulator }], faults, onTruth: (truth: Truth) => truths.push(truth) }
  for (const _ of fleetReadings(plan(given), noon, noon + 60_000));

  // beyond the repair, and beyond the run: how much time there was is counted from it
  expect(truths.map(({ fault, limitAt }) => [fault, limitAt])).toEqual([
    ['smoke', null],
    ['flat-battery', noon + 105_000],
  ])
})

test('a fault that has grown unseen is as far in its first reading as one that began so long before', () => {
  const faultOf = (afterSeconds: number, grownSeconds: number) => ({
    ...{ deviceId: 'm1', fault: 'loose-neutral', afterSeconds, grownSeconds },
  })
  const voltsAt = (at: number, fault: PlannedFault) => {
    const devices = [{ id: 'm1', kind: 'electricity-meter', gatewayId: 'gw-1', seed: 1 }]
    const given = { kinds: [electricityMeter], devices, faults: [fault], intervalSeconds: 600 }
    return [...fleetReadings(given, noon, at + 1)].at(-1)?.values.volts
  }
  const at = noon + 7_200_000
  expect(voltsAt(at, faultOf(7_200, 5_400))).toBe(voltsAt(at, faultOf(1_800, 0)))
  expect(voltsAt(at, faultOf(7_200, 0))).not.toBe(voltsAt(at, faultOf(1_800, 0)))
})

test.each([
  ['of an unknown kind', { devices: [{ ...detector('s1'), kind: 'toaster' }] }, 'of no known kind: "toaster"'],
  ['of two devices with one id', { devices: [detector('s1'), detector('s1')] }, 'same id'],
  ['without an interval', { intervalSeconds: 0 }, 'interval'],
  [
    'with a fault that no such device has',
    { faults: [{ deviceId: 's1', fault: 'entrapment', afterSeconds: 1 }] },
    'cannot have the fault "entrapment"; its faults are: smoke, flat-battery',
  ],
  [
    'with a fault of nobody',
    { faults: [{ deviceId: 's9', fault: 'smoke', afterSeconds: 1 }] },
    's9, which is not simulated',
  ],
  [
    'with a fault after the end',
    { faults: [{ deviceId: 's1', fault: 'smoke', afterSeconds: 999 }] },
    'begins after the end',
  ],
])('a plan %s is refused before anything runs', (_, more, sentence) => {
  expect(() => fleetReadings(plan(more), noon, noon + 60_000)).toThrow(sentence)
})

test.each(kinds.map((kind) => [kind.id, kind] as const))(
  'a fleet of the kind %s runs, with each of its faults, and says only what its telemetry allows',
  (id, kind) => {
    const faults = Object.keys(kind.simulator.faults).map((fault) => ({
      deviceId: `well-${fault}`,
      fault,
      afterSeconds: 60,
    }))
    const devices = [{ deviceId: 'well' }, ...faults].map(({ deviceId }, seed) => ({
      id: deviceId,
      kind: id,
      gatewayId: 'gw-1',
      seed,
    }))
    const truths: Truth[] = []
    const onTruth = (truth: Truth) => truths.push(truth)
    const readings = [...fleetReadings({ kinds, devices, faults, intervalSeconds: 10, onTruth }, noon, noon + 900_000)]

    // a fault may silence its device
    expect(readings.filter(({ deviceId }) => deviceId === 'well').length).toBeGreaterThan(80)
    expect(new Set(readings.map(({ deviceId }) => deviceId)).size).toBe(devices.length)
    expect(readings.map(({ values }) => kind.telemetry.safeParse(values).error).filter(Boolean)).toEqual([])
    expect(truths).toHaveLength(faults.length)
  },
)

test('a planned fleet has the kinds in their shares, full gateways of one kind, and a seed of its own for each device', () => {
  const devices = planFleet({ devices: 11, shares: { a: 0.7, b: 0.3 }, devicesPerGateway: 4, seed: 1 })

  expect(devices.filter(({ kind }) => kind === 'a')).toHaveLength(8)
  expect(devices.map(({ gatewayId }) => Number(gatewayId.slice(-4)))).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3])
  expect(devices[10]).toMatchObject({ id: 'sim-b-0003', kind: 'b' })
  expect(new Set(devices.map(({ seed }) => seed)).size).toBe(11)
  expect(planFleet({ devices: 11, shares: { a: 0.7, b: 0.3 }, devicesPerGateway: 4, seed: 1 })).toEqual(devices)
})

test('drawn faults are real ones, within the time, of different devices, and the same for the same seed', () => {
  const devices = planFleet({ devices: 10, shares: { 'smoke-detector': 1 }, devicesPerGateway: 5, seed: 1 })
  const draw = (count: number, seed = 5) =>
    drawFaults({ kinds: [smokeDetector], devices, count, spanSeconds: 600, seed })

  expect(draw(4)).toHaveLength(4)
  expect(draw(4)).toEqual(draw(4))
  expect(draw(4, 6)).not.toEqual(draw(4))
  expect(new Set(draw(99).map(({ deviceId }) => deviceId)).size).toBe(10)
  expect(() => fleetReadings(plan({ devices, faults: draw(99) }), noon, noon + 600_000)).not.toThrow()
})

test('1,000 devices behind 50 gateways run in one process, ten times as fast, up to now, and all they measure arrives', async () => {
  broker = await startTestBroker()
  const devices = planFleet({ devices: 1_000, shares: { 'smoke-detector': 1 }, devicesPerGateway: 20, seed: 1 })
  const faults = [{ deviceId: devices[0]?.id ?? '', fault: 'smoke', afterSeconds: 10 }]
  const truths: Truth[] = []
  const result = await runFleet({
    ...plan({ devices, faults, onTruth: (truth) => truths.push(truth) }),
    url: broker.url,
    credentials: Object.fromEntries(devices.map(({ gatewayId }) => [gatewayId, 'secret'])),
    durationSeconds: 3,
    speedUp: 10,
  })
  const endedAt = Date.now()

  // 30 simulated seconds, a reading every 10.
  expect(result).toMatchObject({ readings: 3_000, acknowledged: 3_000, unacknowledged: 0 })
  expect(broker.connects).toBe(50)
  const received = broker.messages.flatMap(({ deviceId, readings }) => readings.map(({ at }) => ({ deviceId, at })))
  expect(new Set(received.map(({ deviceId, at }) => `${deviceId} ${at}`)).size).toBe(3_000)
  const times = received.map(({ at }) => at)
  expect(Math.max(...times)).toBeLessThanOrEqual(endedAt)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(29_000)
  expect(truths).toHaveLength(1)
})

test('a fleet outlives its broker: what was measured meanwhile is delivered when it is back', async () => {
  broker = await startTestBroker()
  const first = broker
  const running = runFleet({
    ...plan({ intervalSeconds: 0.05 }),
    url: first.url,
    credentials: { 'gw-1': 'secret' },
    durationSeconds: 2,
    speedUp: 1,
    gatewaySettings: { firstPauseMs: 20, longestPauseMs: 50 },
  })
  while (first.messages.length < 5) await new Promise((resolve) => setTimeout(resolve, 10))
  await first.stop()
  await new Promise((resolve) => setTimeout(resolve, 300))
  broker = await startTestBroker({ port: first.port })
  const result = await running

  expect(result).toMatchObject({ readings: 80, acknowledged: 80, unacknowledged: 0 })
})

test('a fleet that is interrupted delivers what it has measured and ends', async () => {
  broker = await startTestBroker()
  const interrupt = new AbortController()
  const running = runFleet({
    ...plan({ intervalSeconds: 0.05 }),
    url: broker.url,
    credentials: { 'gw-1': 'secret' },
    durationSeconds: 3_600,
    speedUp: 1,
    signal: interrupt.signal,
  })
  while (broker.messages.length < 5) await new Promise((resolve) => setTimeout(resolve, 10))
  interrupt.abort()
  const result = await running

  expect(result.acknowledged).toBe(result.readings)
  expect(broker.messages.length).toBeGreaterThanOrEqual(5)
})

test.each([
  ['a wrong password', { credentials: { 'gw-1': 'wrong' } }, 'unauthenticated'],
  ['a missing password', { credentials: {} }, 'invalid'],
  ['a speed-up that would stretch time', { credentials: { 'gw-1': 'secret' }, speedUp: 0.5 }, 'invalid'],
])('%s ends the run at once', async (_, more, code) => {
  broker = await startTestBroker()

  await expect(
    runFleet({ ...plan(), url: broker.url, durationSeconds: 60, speedUp: 1, ...more }),
  ).rejects.toMatchObject({
    code,
  })
})
