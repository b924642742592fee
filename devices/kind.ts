import type { z } from 'zod'
import type { Detector } from '../core/detector.ts'
import type { Values } from '../core/reading.ts'

/** How a device of this kind behaves, well or with a fault: drives demo, load and tests. Pure; the random source is given. */
export interface SimulatedDevice {
  /** What it measures at `at` (ms since 1970), called with rising times. */
  step(at: number): Values
  /** From `at` on, the named fault of `Simulator.faults` develops; `undefined` repairs it. */
  inject(fault: string | undefined, at: number): void
}

export interface Simulator {
  /** Fault name → the finding that it must raise, in the end. */
  readonly faults: Readonly<Record<string, string>>
  /**
   * Fault → how long after its beginning what grows has reached its physical limit, ms: what a finding's lead time is measured against. A
   * fault that is there at once, or reaches none, is not in it.
   */
  readonly limitAfterMs?: Readonly<Record<string, number>>
  /** `random` answers numbers in [0, 1), the same ones for the same seed. */
  create(options: { random: () => number; facts: object; startAt: number }): SimulatedDevice
}

/** One panel's worth of a kind's metrics on its Grafana dashboard. */
export interface DashboardPanel {
  readonly title: string
  readonly description: string
  readonly metrics: readonly string[]
  /** A Grafana unit id: `celsius`, `amp`, `short`, … */
  readonly unit: string
  readonly limits?: readonly { readonly value: number; readonly label: string }[]
}

/** A load that ran behind a device on one day, among others. */
export interface RanLoad {
  /** What kind of appliance it was; null when unsure. */
  readonly kind: string | null
  readonly probability: number
  readonly watts: number
  readonly kilowattHours: number
  /** Minutes of the day, from inclusive, to exclusive. */
  readonly runs: readonly { readonly from: number; readonly to: number }[]
}

/** For a kind that sees the power of many appliances: which ran on a day. */
export interface LoadRecognition {
  /** Whose one-minute means are wanted, W. */
  readonly metric: string
  /** @param minuteWatts one value for each minute of a local day, null where there is none */
  ofDay(minuteWatts: readonly (number | null)[]): { readonly baseWatts: number; readonly loads: readonly RanLoad[] }
}

/**
 * A kind of device: everything that knows its fields is in its folder. Adding a kind is one folder and one line in `index.ts`.
 */
export interface DeviceKind {
  readonly id: string
  readonly title: { readonly en: string; readonly 'zh-CN': string }
  /** Every metric, all optional, strict; units in names, ranges are what a working sensor can say (not what is healthy). */
  readonly telemetry: z.ZodObject
  /** What is known of one device and does not change by itself; all optional. */
  readonly facts: z.ZodObject
  /** Used where a device's fact is unknown and an assumption is safe; each documented as an "unverified default". */
  readonly factDefaults: Readonly<Record<string, unknown>>
  /** A sample is fresh for so long: past it, durations are suspended. */
  readonly freshSeconds: number
  readonly detectors: readonly Detector[]
  readonly loads?: LoadRecognition
  readonly simulator: Simulator
  readonly dashboard: readonly DashboardPanel[]
}
