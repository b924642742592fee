interface Said {
  readonly watts: number
  readonly powerFactor?: number | null | undefined
  readonly volts?: number | undefined
  readonly amps?: number | undefined
}

/**
 * The reactive power behind a reading, var, distortion included; null where neither the power factor nor volts and amps are known. It
 * tells a heater (none) from a motor or a simple power supply, also when one of them joins others.
 */
export function varsOf({ watts, powerFactor, volts, amps }: Said): number | null {
  const active = Math.abs(watts)
  const factor = Math.abs(powerFactor ?? 0)
  if (factor > 0) return active * Math.sqrt(Math.max(0, 1 / factor ** 2 - 1))
  if (volts === undefined || amps === undefined) return null
  return Math.sqrt(Math.max(0, (volts * amps) ** 2 - active ** 2))
}

/** The power factor of what joined: 1 for a heater. Without a word on reactive power null. */
export function powerFactorOf(watts: number, vars: number | null): number | null {
  return vars === null ? null : Math.abs(watts) / Math.hypot(watts, vars)
}
