import { defineDetector, type Finding } from '../../../core/detector.ts'
import type { ElevatorFacts } from '../facts.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { standingMps } from './motion.ts'
import { isAtWork, type Service, withService, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** When the first sample over the limit was, ms; 0 while there is none. */
  readonly since: number
  /** Samples over the limit, less those under it; between 0 and `samples`. */
  readonly over: number
  readonly raised: boolean
}

const defaults = {
  /** Zone D begins here, mm/s: up to 15 kW (class I), up to 75 kW and where the power is unknown (class II), above (class III). */
  smallMmPerS: 4.5,
  mediumMmPerS: 7.1,
  largeMmPerS: 11.2,
  /** So many more samples over the limit than under it, and as many back. */
  samples: 10,
  /** It is well again below this share of the limit. */
  holdShare: 0.9,
  /** Slower than this share of the rated speed it is not in steady running. */
  steadyShare: 0.8,
  workCodes,
}

type Settings = typeof defaults

/**
 * The machine vibrates so much that it harms itself: bearings, gear, a loose base. This is a ceiling, the same for all machines of a
 * size; how one changes against itself is found by `elevator/vibration-drift`.
 *
 * Samples   of steady running only: not those of a car that stands or is slower than `steadyShare` of its rated speed, where a
 *           reading says so
 * Modes     samples from `inspection`, `fire` and `firefighter` do not count: the car creeps
 * Input     `vibrationMmPerS`, mm/s RMS; `carSpeedMps`, facts `motorKilowatts` and `ratedSpeedMps` where they are there
 * Finding   warning; evidence in mm/s
 * Clears    when `samples` more samples were below `holdShare` of the limit than above
 * Memory    four small values
 * Source    ISO 10816-1:1995, annex B (zone C to D: class I 4.5, class II 7.1, class III 11.2 mm/s; now ISO 20816), not checked against
 *           the paid text; that elevator machines belong to these classes, and the samples, are unverified defaults
 */
export const vibrationZone = defineDetector({
  id: 'elevator/vibration-zone',
  about: {
    finds: 'The machine vibrates so much that it harms itself.',
    severities: ['warning'],
    source:
      'ISO 10816-1:1995, annex B (now ISO 20816), not checked against the paid text; classes for elevator machines and samples are unverified defaults',
    traps: [
      'a machine just under its ceiling',
      'a rough start and stop of every ride',
      'three rides with a heavy trolley',
      'a machine of 30 kW at 5 mm/s',
      'a mechanic who runs it in inspection mode',
    ],
  },
  rising: [['smallMmPerS', 'mediumMmPerS', 'largeMmPerS']],
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({ vibrationMmPerS: true, carSpeedMps: true, mode: true, faultCode: true }),
  bounds: { holdShare: [0.5, 1] },
  settings: defaults,
  initial: { service: 0, since: 0, over: 0, raised: false } as State,

  step(state, input, settings, facts: ElevatorFacts) {
    const { at, vibrationMmPerS } = input
    const heard = withService(state, input, settings.workCodes)
    if (vibrationMmPerS === undefined || isAtWork(heard.service) || !isSteady(input, settings, facts))
      return { state: heard }

    const limitMmPerS = ceilingOf(settings, facts)
    const isOver = vibrationMmPerS > (state.raised ? settings.holdShare * limitMmPerS : limitMmPerS)
    const over = Math.max(0, Math.min(settings.samples, state.over + (isOver ? 1 : -1)))
    const raised = over === settings.samples || (state.raised && over > 0)
    const since = over === 0 ? 0 : state.since || at
    const same = over === heard.over && raised === heard.raised
    const next = same ? heard : { service: heard.service, since, over, raised }

    if (raised) return { state: next, finding: findingOf(vibrationMmPerS, limitMmPerS, facts, since) }
    return state.raised ? { state: next, cleared: true } : { state: next }
  },
})

function isSteady(
  { carSpeedMps }: ElevatorValues,
  { steadyShare }: Settings,
  { ratedSpeedMps = 0 }: ElevatorFacts,
): boolean {
  return carSpeedMps === undefined || Math.abs(carSpeedMps) > Math.max(standingMps, steadyShare * ratedSpeedMps)
}

function ceilingOf(settings: Settings, { motorKilowatts = 75 }: ElevatorFacts): number {
  if (motorKilowatts <= 15) return settings.smallMmPerS
  return motorKilowatts <= 75 ? settings.mediumMmPerS : settings.largeMmPerS
}

function findingOf(
  vibrationMmPerS: number,
  limitMmPerS: number,
  { motorKilowatts }: ElevatorFacts,
  since: number,
): Finding {
  const size = motorKilowatts === undefined ? 'of unknown power' : `of ${motorKilowatts} kW`
  return {
    severity: 'warning',
    summary: `The machine vibrates at ${vibrationMmPerS.toFixed(1)} mm/s, zone D for one ${size} begins at ${limitMmPerS} mm/s`,
    evidence: { vibrationMmPerS, limitMmPerS, motorKilowatts: motorKilowatts ?? null },
    since,
  }
}
