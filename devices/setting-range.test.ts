import { expect, test } from 'vitest'
import { dayMs, minuteMs } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import { type RuleSettings, settingFaults, settingRanges } from '../core/rule.ts'
import { seededRandom } from '../simulators/random.ts'
import { kinds } from './index.ts'
import type { DeviceKind } from './kind.ts'
import { inputFor, type ReplayInput } from './replay.ts'

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
