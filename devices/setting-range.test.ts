import { expect, test } from 'vitest'
import { dayMs, minuteMs } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import { type RuleSettings, settingFaults, settingRanges } from '../core/rule.ts'
import { seededRandom } from '../simulators/random.ts'
import { looseNeutral } from './electricity-meter/detectors/loose-neutral.ts'
import { residualCurrent } from './electricity-meter/detectors/residual-current.ts'
import { brakeDrift } from './elevator/detectors/brake-drift.ts'
import { doorReopens } from './elevator/detectors/door-reopens.ts'
import { kinds } from './index.ts'
import type { DeviceKind } from './kind.ts'
import { inputFor, type ReplayInput, withTicks } from './replay.ts'

const startAt = Date.UTC(2026, 5, 1)
const mostStateBytes = 4_096

const facts: Readonly<Record<string, object>> = {
  elevator: { insulationClass: 'B', ratedSpeedMps: 1.75, motorKilowatts: 11 },
  'electricity-meter': { breakerAmps: 40, residualDeviceMilliamps: 30, conductorMaxCelsius: 70 },
}

/** Three healthy days: a reading a minute, and a tick now and then. */
function healthyDays({ id, simulator }: DeviceKind): ReplayInput[] {
  const device = simulator.create({ random: seededRandom(3), facts: facts[id] ?? {}, startAt })
  const minutes = Array.from({ length: (3 * dayMs) / minuteMs }, (_, minute) => startAt + minute * minuteMs)
  return minutes.flatMap((at, minute): ReplayInput[] => {
    const reading = { at, values: device.step(at) }
    if (minute % 5 > 0) return [reading]
    return [reading, { tick: true, at: at + minuteMs / 2, fresh: true, lastReadingAt: at }]
  })
}

/** What becomes of it on these days. */
function lived(detector: Detector, inputs: readonly object[], settings: object, known: object) {
  let findings = 0
  let state = detector.initial
  for (const input of inputs) {
    const step = detector.step(state, input, settings, known)
    if (step.finding) findings += 1
    state = step.state
  }
  const isNumber = (value: unknown) => typeof value !== 'number' || Number.isFinite(value)
  const text = JSON.stringify(state, (_, value) => (isNumber(value) ? value : 'not a number'))
  return { findings, isSound: !text.includes('"not a number"') && text.length <= mostStateBytes }
}

/** A fault that begins after an hour of health, in a morning: a reading a minute, and ticks. */
function faultyHours({ id, freshSeconds, simulator }: DeviceKind, fault: string): ReplayInput[] {
  const device = simulator.create({ random: seededRandom(3), facts: facts[id] ?? {}, startAt })
  const hours = fault === 'loose-neutral' ? 12 : 4
  const readings = Array.from({ length: hours * 60 }, (_, minute) => {
    const at = startAt + minute * minuteMs
    if (minute === 60) device.inject(fault, at)
    return { at, values: device.step(at) }
  })
  return withTicks(readings, { freshSeconds })
}

const quiet = { findings: 0, isSound: true }

for (const kind of kinds) {
  const days = healthyDays(kind)
  const known = facts[kind.id] ?? {}
  test.each(kind.detectors.map((detector) => [detector.id, detector] as const))(
    '%s takes no setting with which it fails, is never quiet, or grows',
    (_, detector) => {
      const inputs = days.map((input) => inputFor(detector, input)).filter((input) => input !== undefined)
      const ships = detector.settings as RuleSettings
      const ranges = Object.entries(settingRanges(detector))
      for (const [setting, { least, most }] of ranges) {
        expect(least, setting).toBeLessThan(most)
        for (const value of [0, 1e12, 3 * Number(ships[setting])]) {
          const changed = { [setting]: value }
          if (settingFaults(detector, changed, ships).length > 0) continue
          expect(lived(detector, inputs, { ...ships, ...changed }, known), JSON.stringify(changed)).toEqual(quiet)
        }
      }
      const leasts = Object.fromEntries(ranges.map(([setting, { least }]) => [setting, least]))
      expect(lived(detector, inputs, { ...ships, ...leasts }, known).isSound).toBe(true)
      expect(settingFaults(detector, ships, ships)).toEqual([])
    },
  )
}

const dangers = kinds.flatMap((kind) =>
  Object.entries(kind.simulator.faults).flatMap(([fault, finding]) => {
    const detector = kind.detectors.find(({ id }) => id === finding)
    return detector?.about.severities.includes('critical') ? [[fault, { kind, detector }] as const] : []
  }),
)

test.each(dangers)('%s is found with every setting at its most or least', (fault, { kind, detector }) => {
  const inputs = faultyHours(kind, fault).flatMap((input) => inputFor(detector, input) ?? [])
  const known = { ...kind.factDefaults, ...facts[kind.id] }
  const ships = detector.settings as RuleSettings
  const deaf = Object.entries(settingRanges(detector)).flatMap(([setting, { least, most }]) =>
    [least, most].flatMap((value) => {
      if (settingFaults(detector, { [setting]: value }, ships).length > 0) return []
      return lived(detector, inputs, { ...ships, [setting]: value }, known).findings > 0 ? [] : [`${setting}=${value}`]
    }),
  )
  expect(deaf).toEqual([])
})

test.each([
  [doorReopens, { rushHours: [7.5] }, 'must be a whole number, 0 to 23'],
  [looseNeutral, { jumpsWithLow: 1.5 }, 'must be a whole number, 1 to 6'],
  [brakeDrift, { shiftShare: 6 }, 'must be 0.02 to 5'],
  [residualCurrent, { supplyLostVolts: 500 }, 'must be 10 to 150'],
])('$0.id refuses $1', (detector, changed, message) => {
  const [setting] = Object.keys(changed)
  expect(settingFaults(detector, changed, detector.settings as RuleSettings)).toEqual([{ setting, message }])
})

test('wear of any size may be a change, of the brake as of every other part', () => {
  expect(settingFaults(brakeDrift, { shiftLeast: 0 }, brakeDrift.settings as RuleSettings)).toEqual([])
})
