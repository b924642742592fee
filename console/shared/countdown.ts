/** `calm`, from 10:00 `amber`, from 5:00 `red`, past zero `over`. */
export type CountdownTone = 'calm' | 'amber' | 'red' | 'over'

export interface Countdown {
  readonly tone: CountdownTone
  /** "26:19", "1:02:03"; past zero how long ago, without a sign. */
  readonly text: string
}

const amberSeconds = 10 * 60
const redSeconds = 5 * 60

/**
 * What is left until `until`, both ms since 1970. A second counts until it is over: 0.4 s before the end it is still "00:01", and
 * "00:00" is the deadline itself.
 */
export function countdown(until: number, now: number): Countdown {
  const left = Math.ceil((until - now) / 1_000)
  if (left < 0) return { tone: 'over', text: clockText(-left) }
  return { tone: left <= redSeconds ? 'red' : left <= amberSeconds ? 'amber' : 'calm', text: clockText(left) }
}

/** Seconds as "03:41", from an hour on as "1:02:03". */
export function clockText(seconds: number): string {
  const two = (figure: number) => String(figure).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(Math.floor(seconds) % 60)}`
}
