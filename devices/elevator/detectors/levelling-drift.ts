import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { defineWear, standsBy, type WearRuleState, wearBounds, wearSettings, whereTold } from './wear.ts'

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

/** Of floors where it lately stopped over the limit: stops over it less those under it there, between 1 and `overTimes`. */
type Over = Readonly<Record<string, number>>
/** A stop whose floor may still be told: its error, and when that was told, ms. */
type Waits = readonly [sizeMm: number, at: number] | null

/** What is known of single floors: where the car is (null before the first word), and which are off. A list, for a snapshot keeps it. */
type Floors = readonly [floor: number | null, over: Over, waits: Waits]

/** Without `floors` while nothing was heard of them. */
type State = WearRuleState & { readonly floors?: Floors }

const noFloors: Floors = [null, {}, null]

/** An error may come so long before the floor of its stop: the car does not leave sooner. Unverified default. */
const floorLaterMs = 5 * secondMs

/** So many floors are watched one by one; where more are off, it is no one floor's magnet. */
const mostFloors = 8

/**
 * The car stops less and less level with the floor: brake, encoder, a rope that has stretched; or at one floor, whose magnet or vane has moved.
 * People trip over the step.
 *
 * Limit    `repeatedMm` again and again, at all floors together or at one of them: the accuracy with which it has to stop
 * Input    `levellingErrorMm` at each stop, mm; its size, whichever side. `floor`, where it is told: beside the error, before it, or up to five
 *          seconds after it
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
    ...{ trips: true, ...whereTold },
  }),
  hears: ['mode', 'faultCode', 'floor'],
  bounds: wearBounds,
  settings,
  initial: allFloors.initial as State,

  step(was, input, settings, facts) {
    const stepped = allFloors.step(was, input, settings, facts) as Step<State>
    const { wear, said } = stepped.state
    const before = was.floors ?? noFloors
    const stops = stopsIn(before, input, wear !== was.wear)
    const floors = floorsAfter(before, input, stops, settings)
    if (floors === before && stepped.state === was) return stepped
    const next = floors === noFloors ? stepped.state : withFloors(stepped.state, floors)
    const [, over] = floors
    if (stepped.finding) return { state: next, finding: stepped.finding }

    const off = stops.known.find(({ floor }) => (over[floor] ?? 0) >= settings.overTimes)
    if (off === undefined || said === wear.period) return { state: next }
    return { state: { ...next, said: wear.period }, finding: findingAt(off, over, settings) }
  },

  forecast: (state, settings, facts) => allFloors.forecast?.(state, settings, facts),
  renewed(state) {
    const renewed = allFloors.renewed?.(state) as State
    const floors: Floors | undefined = state.floors && [state.floors[0], {}, null]
    return { ...renewed, ...(floors && { floors }) }
  },
})

/** Spelled out: spreading costs more than all the rest of the step. */
function withFloors({ service, wear, over, usual, forecast, said, last }: State, floors: Floors): State {
  if (last === undefined) return { service, wear, over, usual, forecast, said, floors }
  return { service, wear, over, usual, forecast, said, last, floors }
}

type Input = Partial<ElevatorValues> & { readonly at: number }

interface Stop {
  readonly floor: number
  readonly sizeMm: number
}

interface Stops {
  /** Those whose floor is now known. */
  readonly known: readonly Stop[]
  readonly waits: Waits
}

const noStops: Stops = { known: [], waits: null }

/** @param isNew the error is another event's than the last one */
function stopsIn([floorThen, , waits]: Floors, input: Input, isNew: boolean): Stops {
  const { at, floor, levellingErrorMm } = input
  if (waits === null && levellingErrorMm === undefined) return noStops // as in most readings
  const stands = standsBy(input)
  const stop = isNew && levellingErrorMm !== undefined && stands !== false ? Math.abs(levellingErrorMm) : null
  const ended = waits !== null && (stop !== null || floor !== undefined || at - waits[1] > floorLaterMs)
  const isSame = !isNew && levellingErrorMm !== undefined && stands === true
  const isThere = ended && floor !== undefined && (isSame || (stop === null && at - waits[1] <= floorLaterMs))
  const waited = isThere ? floor : floorThen
  return {
    known: [
      ...(ended && waited !== null ? [{ floor: waited, sizeMm: waits[0] }] : []),
      ...(stop !== null && floor !== undefined ? [{ floor, sizeMm: stop }] : []),
    ],
    waits: stop !== null && floor === undefined ? [stop, at] : ended ? null : waits,
  }
}

/** The same object when nothing is new. */
function floorsAfter(was: Floors, input: Input, { known, waits }: Stops, settings: Settings): Floors {
  const [floorWas, overWas, waitsWas] = was
  const floor = input.floor ?? floorWas
  if (known.length === 0) return floor === floorWas && waits === waitsWas ? was : [floor, overWas, waits]
  return [floor, known.reduce((now, stop) => overAfter(now, stop, settings), overWas), waits]
}

function overAfter(was: Over, { floor, sizeMm }: Stop, { repeatedMm, overTimes }: Settings): Over {
  const { [floor]: before = 0, ...others } = was
  const after = Math.min(Math.max(before + (sizeMm > repeatedMm ? 1 : -1), 0), overTimes)
  if (after === before) return was
  if (after === 0) return others
  return before === 0 && Object.keys(others).length >= mostFloors ? was : { ...others, [floor]: after }
}

/** Names every floor that is off: one visit is for all of them. */
function findingAt({ floor, sizeMm }: Stop, over: Over, { repeatedMm, overTimes }: Settings): Finding {
  const others = Object.keys(over).filter((other) => other !== String(floor) && (over[other] ?? 0) >= overTimes)
  const also = others.length === 0 ? '' : `; so it is at floor ${others.join(', ')}`
  return {
    severity: 'warning',
    summary: `The levelling error at floor ${floor} is ${Number(sizeMm.toPrecision(3))} mm, time and again; limit ${repeatedMm} mm${also}`,
    evidence: { levellingErrorMm: Number(sizeMm.toPrecision(4)), limitLevellingErrorMm: repeatedMm, floor },
  }
}
