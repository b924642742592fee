import { defineDetector, type Finding } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { defineWear, isMoving, type WearRuleState, wearBounds, wearSettings } from './wear.ts'

const settings = { ...wearSettings, resolution: 0.5, shiftShare: 0.5, shiftLeast: 3, repeatedMm: 10 }
type Settings = typeof settings

const about = {
  finds: 'The car stops less and less level with the floor.',
  source:
    'EN 81-20:2020, 5.12.1.1.4 (±10 mm when stopping, ±20 mm kept), seen in a secondary source; the rest are unverified defaults',
  traps: [
    'a car that has always stopped 6 mm off',
    'one stop of 30 mm',
    'a mechanic who levels it in inspection mode',
    'a hot afternoon that adds 1 mm',
    'one floor where it stops 15 mm off now and then',
  ],
}

const allFloors = defineWear({
  id: 'elevator/levelling-drift',
  ...{ about, settings, metric: 'levellingErrorMm', words: 'The levelling error', unit: 'mm' },
  reads: elevatorTelemetry.pick({ levellingErrorMm: true }),
  oncePer: 'trips',
  valueOf: ({ levellingErrorMm }) => (levellingErrorMm === undefined ? undefined : Math.abs(levellingErrorMm)),
  limitOf: ({ repeatedMm }) => repeatedMm,
})

interface State {
  readonly wear: WearRuleState
  /** Where the car is; null before the first word. */
  readonly floor: number | null
  /** Of floors where it lately stopped over the limit: stops over it less those under it there, between 1 and `overTimes`. */
  readonly over: Readonly<Record<string, number>>
}

/** So many floors are watched one by one; where more are off, it is no one floor's magnet. */
const mostFloors = 8

/**
 * The car stops less and less level with the floor: brake, encoder, a rope that has stretched; or at one floor, whose magnet or vane has moved.
 * People trip over the step.
 *
 * Limit    `repeatedMm` again and again, at all floors together or at one of them: the accuracy with which it has to stop
 * Input    `levellingErrorMm` at each stop, mm; its size, whichever side. `floor`, where it is told
 * See      `wear.ts` for what is found when, and for memory; and a number for each floor that is over the limit, of `mostFloors` at most
 * Source   stopping accuracy ±10 mm and levelling accuracy kept within ±20 mm: EN 81-20:2020, 5.12.1.1.4 (GB/T 7588.1-2020), seen in a secondary
 *          source; that five more stops over than under it count as "again and again" is an unverified default
 */
export const levellingDrift = defineDetector({
  id: 'elevator/levelling-drift',
  about: { ...about, severities: ['warning'] },
  reads: elevatorTelemetry.pick({ levellingErrorMm: true }),
  mayRead: elevatorTelemetry.pick({
    ...{ mode: true, faultCode: true },
    ...{ trips: true, floor: true, carSpeedMps: true },
  }),
  hears: ['mode', 'faultCode', 'floor'],
  bounds: wearBounds,
  settings,
  initial: { wear: allFloors.initial, floor: null, over: {} } as State,

  step(was, input, settings, facts) {
    const floor = input.floor ?? was.floor
    const stepped = allFloors.step(was.wear, input, settings, facts)
    const wear = stepped.state as WearRuleState
    const isStop = wear.wear !== was.wear.wear && floor !== null && !isMoving(input)
    const over = isStop ? overAfter(was.over, floor, Math.abs(input.levellingErrorMm), settings) : was.over
    if (stepped.finding) return { state: { wear, floor, over }, finding: stepped.finding }

    const isOver = isStop && (over[floor] ?? 0) >= settings.overTimes && wear.said !== wear.wear.period
    if (isOver) {
      const said = { ...wear, said: wear.wear.period }
      return { state: { wear: said, floor, over }, finding: findingAt(floor, input.levellingErrorMm, settings) }
    }
    const same = wear === was.wear && floor === was.floor && over === was.over
    return { state: same ? was : { wear, floor, over } }
  },

  forecast: ({ wear }, settings, facts) => allFloors.forecast?.(wear, settings, facts),
  renewed: ({ wear, floor }) => ({ wear: allFloors.renewed?.(wear) as WearRuleState, floor, over: {} }),
})

function overAfter(
  was: State['over'],
  floor: number,
  errorMm: number,
  { repeatedMm, overTimes }: Settings,
): State['over'] {
  const { [floor]: before = 0, ...others } = was
  const after = Math.min(Math.max(before + (errorMm > repeatedMm ? 1 : -1), 0), overTimes)
  if (after === before) return was
  if (after === 0) return others
  return before === 0 && Object.keys(others).length >= mostFloors ? was : { ...others, [floor]: after }
}

function findingAt(floor: number, levellingErrorMm: number, { repeatedMm }: Settings): Finding {
  const sizeMm = Math.abs(levellingErrorMm)
  return {
    severity: 'warning',
    summary: `The levelling error at floor ${floor} is ${Number(sizeMm.toPrecision(3))} mm, time and again; limit ${repeatedMm} mm`,
    evidence: { levellingErrorMm: Number(sizeMm.toPrecision(4)), limitLevellingErrorMm: repeatedMm, floor },
  }
}
