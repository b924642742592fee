import { dayMs, hourMs } from '../../../core/clock.ts'
import { shanghai, wallClock } from '../../../core/local-time.ts'

/** The hour of the local day, with its fraction: 22.5 is half past ten in the evening. */
export function localHour(at: number): number {
  return (wallClock(at, shanghai) % dayMs) / hourMs
}

/** Whether an hour lies in a span that may go over midnight: from 22 to 8. */
export function isWithin(hour: number, fromHour: number, toHour: number): boolean {
  return fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour
}
