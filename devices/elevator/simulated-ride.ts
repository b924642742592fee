import { dayMs, hourMs } from '../../core/clock.ts'

/** China has one time zone and, since 1991, no summer time. */
const shanghaiMs = 8 * hourMs

export const storeyMetres = 2.9
export const accelerationMps2 = 0.8

export interface Run {
  readonly from: number
  readonly to: number
}

export function localHour(at: number): number {
  return Math.floor(((at + shanghaiMs) % dayMs) / hourMs)
}

/** A machine room under the roof: warmest at 15:00 and in July. */
export function roofCelsius(at: number): number {
  const local = at + shanghaiMs
  const yearAngle = (2 * Math.PI * (local / dayMs - 196)) / 365.25
  const dayAngle = (2 * Math.PI * ((local % dayMs) / hourMs - 15)) / 24
  return 24 + 8 * Math.cos(yearAngle) + 3 * Math.cos(dayAngle)
}

export function runSeconds(run: Run, cruiseMps: number): number {
  const metres = metresOf(run)
  const top = topSpeedMps(metres, cruiseMps)
  return metres / top + top / accelerationMps2
}

/** Constant acceleration to the top speed and the same to rest. */
export function alongRun(run: Run, cruiseMps: number, seconds: number): { metres: number; mps: number } {
  const metres = metresOf(run)
  const top = topSpeedMps(metres, cruiseMps)
  const ramp = top / accelerationMps2
  const left = runSeconds(run, cruiseMps) - seconds
  if (seconds < ramp) return { metres: (accelerationMps2 * seconds ** 2) / 2, mps: accelerationMps2 * seconds }
  if (left < ramp) return { metres: metres - (accelerationMps2 * left ** 2) / 2, mps: accelerationMps2 * left }
  return { metres: top * (seconds - ramp / 2), mps: top }
}

/** It rolls away from rest and is stopped within the 1.2 m that EN 81-20, 5.6.7.5, allows. */
export function alongDrift(seconds: number): { metres: number; mps: number } {
  const metres = (driftMps2 * seconds ** 2) / 2
  return metres < caughtAtMetres ? { metres, mps: driftMps2 * seconds } : { metres: caughtAtMetres, mps: 0 }
}

const driftMps2 = 0.4
const caughtAtMetres = 0.9

function metresOf(run: Run): number {
  return Math.abs(run.to - run.from) * storeyMetres
}

/** A short run never reaches the rated speed. */
function topSpeedMps(metres: number, cruiseMps: number): number {
  return Math.min(cruiseMps, Math.sqrt(metres * accelerationMps2))
}
