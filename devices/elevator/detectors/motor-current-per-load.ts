import { defineDetector, type Step } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { standingMps } from './motion.ts'
import { isAtWork, withService } from './service.ts'
import { defineWear, type WearRuleState, wearBounds, wearSettings } from './wear.ts'

const settings = {
  ...wearSettings,
  resolution: 0.005,
  shiftShare: 0.15,
  overTimes: 30,
  fewestValues: 10,
  limitRatio: 1.4,
  /** Of rides alike, so many are learned from before they are compared. */
  learnRides: 20,
}
type Settings = typeof settings

const about = {
  finds: 'The motor takes more current than it used to for the same load and direction.',
  source: 'Unverified defaults',
  traps: [
    'full cars in the rush hour',
    'the current of starting',
    'a car that rides up empty all morning',
    'a motor that has always drawn much',
    'a motor that comes back from below to its usual current',
  ],
}

const ratio = defineWear({
  id: 'elevator/motor-current-per-load',
  ...{ about, settings, metric: 'motorAmpsRatio', words: 'The motor’s current for its load', unit: 'times the usual' },
  reads: elevatorTelemetry.pick({ motorAmps: true }),
  valueOf: ({ motorAmps }) => motorAmps,
  limitOf: ({ limitRatio }) => limitRatio,
})

interface State {
  /** Of rides alike: their number, no more than `learnRides`, and their mean current, A. */
  readonly rides: readonly number[]
  readonly amps: readonly number[]
  readonly wear: WearRuleState
}

const directions = 2
const loads = 3
const kinds = directions * loads
const none = Array.from({ length: kinds }, () => 0)

/**
 * The motor takes more current than this elevator's used to for the same load and direction: guide shoes that drag, a brake that does not
 * release, a bearing, a counterweight that lost or gained weight.
 *
 * Alike    rides in the same direction with the car empty, half or full (`loadPercent` below 25, below 60, above; unknown counts as half). Their
 *          first `learnRides` samples are their measure, and each later sample is taken as its multiple
 * Samples  of a moving car, by `carSpeedMps` or, without it, `direction`; generating (negative current) is not motoring and is left out
 * Limit    `limitRatio` times the usual
 * Input    `motorAmps`, A; `loadPercent`, `direction`, `carSpeedMps`
 * See      `wear.ts`; and twelve numbers
 * Source   unverified defaults
 */
export const motorCurrentPerLoad = defineDetector({
  id: 'elevator/motor-current-per-load',
  about: { ...about, severities: ['warning'] },
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    ...{ motorAmps: true, loadPercent: true, direction: true, carSpeedMps: true },
    ...{ mode: true, faultCode: true },
  }),
  bounds: { ...wearBounds, limitRatio: [1.05, 5] },
  settings,
  initial: { rides: none, amps: none, wear: ratio.initial } as State,

  step(state, input, settings, facts) {
    const heard = hear(state, input, settings)
    const kind = input.motorAmps === undefined || input.motorAmps <= 0 ? undefined : kindOf(input)
    if (kind === undefined || isAtWork(heard.wear.service)) return { state: heard }

    const amps = input.motorAmps as number
    const count = heard.rides[kind] ?? 0
    if (count < settings.learnRides) return { state: learned(heard, kind, amps) }
    const multiple = amps / (heard.amps[kind] ?? amps)
    const { state: wear, finding } = inner(heard, { at: input.at, motorAmps: multiple }, settings, facts)
    return { state: { ...heard, wear }, ...(finding && { finding }) }
  },

  forecast: (state, settings, facts) => ratio.forecast?.(state.wear, settings, facts),
  renewed: ({ wear }) => ({ rides: none, amps: none, wear: ratio.renewed?.(wear) as WearRuleState }),
})

/** Who uses the elevator; the same object when nothing is new. */
function hear(was: State, said: Partial<ElevatorValues>, { workCodes }: Settings): State {
  const wear = withService(was.wear, said, workCodes)
  return wear === was.wear ? was : { ...was, wear }
}

function inner({ wear }: State, input: object, settings: Settings, facts: object): Step<WearRuleState> {
  return ratio.step(wear, input, settings, facts) as Step<WearRuleState>
}

/** Which rides it is like; undefined when the car does not move, or nobody knows in which direction. */
function kindOf({ carSpeedMps, direction, loadPercent = 50 }: Partial<ElevatorValues>): number | undefined {
  if (carSpeedMps !== undefined && Math.abs(carSpeedMps) <= standingMps) return undefined
  if (direction === undefined || direction === 'none') return undefined
  const load = loadPercent < 25 ? 0 : loadPercent < 60 ? 1 : 2
  return (direction === 'up' ? 0 : loads) + load
}

function learned(state: State, kind: number, amps: number): State {
  const rides = [...state.rides]
  const means = [...state.amps]
  const count = (rides[kind] ?? 0) + 1
  const mean = means[kind] ?? 0
  rides[kind] = count
  means[kind] = Number((mean + (amps - mean) / count).toPrecision(4))
  return { ...state, rides, amps: means }
}
