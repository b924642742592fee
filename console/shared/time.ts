import { localDate, localTime, shanghai } from '../../core/local-time.ts'
import { words } from './words.ts'

const minuteMs = 60_000

/** "02:11", and on another day than `now` "11-24 02:11": the wall clock of where the elevators are, whatever this machine's zone. */
export function clockTime(at: number, now: number): string {
  const [date, today] = [localDate(at, shanghai), localDate(now, shanghai)]
  return date === today ? localTime(at, shanghai) : `${date.slice(5)} ${localTime(at, shanghai)}`
}

/** "02:14:07" */
export function clockSeconds(at: number): string {
  return `${localTime(at, shanghai)}:${String(Math.floor(at / 1_000) % 60).padStart(2, '0')}`
}

/** "3 min ago · 02:11": both, for the one is felt and the other written down. */
export function timeText(at: number, now: number): string {
  return `${relativeTime(at, now)} · ${clockTime(at, now)}`
}

export function relativeTime(at: number, now: number): string {
  const say = words()
  const minutes = Math.floor(Math.abs(now - at) / minuteMs)
  if (minutes === 0) return say.justNow
  const hours = Math.floor(minutes / 60)
  const length = minutes < 60 ? say.minutes(minutes) : hours < 48 ? say.hours(hours) : say.days(Math.floor(hours / 24))
  return at <= now ? say.ago(length) : say.ahead(length)
}
