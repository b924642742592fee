import { z } from 'zod'

// Ranges are what a working sensor can say, not what is healthy: a terminal at 180 °C or 400 V after a lost neutral is
// the very reading that must not be refused. All bounds are unverified defaults unless a source is named.

/** From an unheated stairwell to the glow of a bad contact; NTC probes end near 300 °C, thermocouples near 1,000 °C. */
const celsius = () => z.number().min(-60).max(1_000).optional()

/** RMS. Domestic short circuits reach some 6 kA, the breaking capacity of household breakers (IEC 60898-1). */
const amps = () => z.number().min(0).max(10_000).optional()

/**
 * One rented room's supply, as its meter and its fire-protection detector see it. Every metric is optional: a gateway sends what
 * it has, and what is absent is unknown.
 */
export const electricityMeterTelemetry = z.strictObject({
  /** RMS, on the supply side of the breaker, so it stays when the breaker opens. A last gasp is `volts: 0`. */
  volts: z.number().min(0).max(1_000).optional(),
  /** RMS, line conductor. */
  amps: amps(),
  /** RMS, neutral conductor. */
  neutralAmps: amps(),
  /** Active power; negative when the room feeds in (a balcony's solar panel). */
  watts: z.number().min(-1_000_000).max(1_000_000).optional(),
  /** Negative when the room feeds in. */
  powerFactor: z.number().min(-1).max(1).optional(),
  /** Mains frequency; 0 without supply. */
  hertz: z.number().min(0).max(100).optional(),
  /** Forward active energy since the meter was built (DL/T 645-2007 item 00010000). */
  energyKwh: z.number().min(0).max(1_000_000_000).optional(),
  /** Leakage: the difference between line and neutral, RMS. Detectors reach 1 A, an earth fault goes far beyond. */
  residualMilliamps: z.number().min(0).max(1_000_000).optional(),
  /** The hottest terminal of the breaker or meter. */
  terminalCelsius: celsius(),
  /** The outgoing cable's insulation. */
  cableCelsius: celsius(),
  /** The air in the meter box. */
  ambientCelsius: celsius(),
  /** Half-cycles with an arc: the largest count in any one second since the last reading; 100 a second at 50 Hz. */
  arcHalfCycles: z.int().min(0).max(200).optional(),
  breaker: z.enum(['closed', 'open', 'tripped']).optional(),
  /** The meter's own electronics (DL/T 645-2007 item 02800007). */
  meterCelsius: celsius(),
  /** Someone is in the room. */
  occupied: z.boolean().optional(),
})

/** A sample speaks for this long, s: nine readings of the usual 10 s. Past it nobody knows, and durations are suspended. */
export const freshSeconds = 90
