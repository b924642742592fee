interface Said {
  readonly watts?: number | undefined
  readonly powerFactor?: number | undefined
  readonly volts?: number | undefined
  readonly amps?: number | undefined
}

/** Two samples within this, W, or one fiftieth, say the same: no rule needs more. */
export function saysTheSame(watts: number, before: number): boolean {
  return Math.abs(watts - before) <= Math.max(5, 0.02 * Math.abs(before))
}

/** The power factor that a reading tells, itself or by volts and amps; null where it tells none. */
export function factorOf({ watts, powerFactor, volts, amps }: Said): number | null {
  if (powerFactor !== undefined) return powerFactor
  if (watts === undefined || volts === undefined || amps === undefined || volts * amps === 0) return null
  return Math.round(Math.min(1, Math.abs(watts) / (volts * amps)) * 1e3) / 1e3
}

/**
 * The reactive power, var, distortion included: none for a heater, more than its watts for a simple power supply. It adds up well enough
 * to tell what joins others. Null where the power factor is not known.
 */
export function varsOf(watts: number, powerFactor: number | null): number | null {
  if (powerFactor === null || powerFactor === 0) return null
  return Math.abs(watts) * Math.sqrt(Math.max(0, 1 / powerFactor ** 2 - 1))
}

/** The power factor of what joined; null where its reactive power is not known. */
export function powerFactorOf(watts: number, vars: number | null): number | null {
  return vars === null ? null : Math.abs(watts) / Math.hypot(watts, vars)
}
