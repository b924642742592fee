import { dayMs, minuteMs } from './clock.ts'

/*
 * Dates and times of the day where people live, by the rules of the time zone database. A date is written "2026-11-24", a time
 * "20:00". What happened is kept as ms since 1970; only what people wrote on a wall or in a calendar is local.
 */

/** China has one time zone, and no summer time since 1991. */
export const shanghai = 'Asia/Shanghai'

/** What is told of an earlier day is a slip of the pen: nobody has kept such books. Unverified default. */
export const earliestDate = '1980-01-01'

/** The local clock as if it were UTC, in ms: wall clocks can be compared and divided by days like any other number. */
export function wallClock(at: number, timeZone: string): number {
  return at + offsetAt(at, timeZone)
}

/** Days of UTC on which the clocks of a zone were not set, with their offset: to ask Intl costs a hundred times as much. */
const quietDays = new Map<string, Map<number, number | null>>()
const mostDays = 20_000
/** Clocks are set at quarters of an hour. */
const quarterMs = 15 * minuteMs

function offsetAt(at: number, timeZone: string): number {
  const day = Math.floor(at / dayMs)
  const days = quietDays.get(timeZone) ?? new Map<number, number | null>()
  quietDays.set(timeZone, days)
  let quiet = days.get(day)
  if (quiet === undefined) {
    // no zone has set its clocks forth and back within a day
    const [first, last] = [askedOffset(day * dayMs, timeZone), askedOffset((day + 1) * dayMs - 1, timeZone)]
    quiet = first === last ? first : null
    if (days.size >= mostDays) days.clear()
    days.set(day, quiet)
  }
  return quiet ?? askedOffset(at, timeZone)
}

function askedOffset(at: number, timeZone: string): number {
  const quarter = Math.floor(at / quarterMs)
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(quarter * quarterMs)) parts[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - quarter * quarterMs
}

/** When a local clock shows this; of an hour that is missing in spring, the time that follows it. */
export function instantOfWall(wall: number, timeZone: string): number {
  const near = wall - (wallClock(wall, timeZone) - wall)
  return wall - (wallClock(near, timeZone) - near)
}

export function localDate(at: number, timeZone: string): string {
  return dateOfWall(wallClock(at, timeZone))
}

/** "20:00" */
export function localTime(at: number, timeZone: string): string {
  return new Date(wallClock(at, timeZone)).toISOString().slice(11, 16)
}

export function dateOfWall(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10)
}

/** When this local date begins; ms since 1970. */
export function startOfDate(date: string, timeZone: string): number {
  return instantOfWall(wallOfDate(date), timeZone)
}

/** Of a day that nobody has kept books of: a slip of the pen. */
export function isTooEarly(at: number): boolean {
  return at < startOfDate(earliestDate, shanghai)
}

export function wallOfDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`)
}

/** Of the local day, in ms: "20:00" is 72,000,000. */
export function timeOfDayMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * minuteMs
}

const instantText = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/

/**
 * ISO 8601 with an offset, or "2026-11-24 16:00[:00]" as a clock there showed it; undefined when it is neither, and for what no
 * calendar or clock ever showed: `Date.parse` takes 30 February for 2 March, and 24:00 for the next day.
 */
export function instantOfText(text: string, timeZone: string): number | undefined {
  const [, date = '', time = '', offset] = instantText.exec(text) ?? []
  const wall = Date.parse(`${date}T${time}Z`)
  if (Number.isNaN(wall) || dateOfWall(wall) !== date) return undefined
  if (offset === undefined) return instantOfWall(wall, timeZone)
  const at = Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(at) ? undefined : at
}

export function addDays(date: string, days: number): string {
  return dateOfWall(wallOfDate(date) + days * dayMs)
}

/** How many days after `from` the date `to` is. */
export function daysBetween(from: string, to: string): number {
  return (wallOfDate(to) - wallOfDate(from)) / dayMs
}

/** The same day so many months on; where that month is too short, its last day: one month after 31 January is 28 February. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  const lastDay = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return dateOfWall(Date.UTC(year, month - 1 + months, Math.min(day, lastDay)))
}

/** 1 = Monday … 7 = Sunday, of the day in which a wall clock shows this. */
export function weekdayOfWall(wall: number): number {
  return ((Math.floor(wall / dayMs) + 3) % 7) + 1 // 1970 began on a Thursday
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}
