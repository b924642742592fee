import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { addMonths, localDate, shanghai, startOfDate } from '../core/local-time.ts'
import type { FleetDevice } from '../simulators/fleet.ts'
import { seededRandom } from '../simulators/random.ts'
import { type Company, companies, maintainedBy } from './demo-companies.ts'
import { type Trouble, telemetryFrom } from './demo-month.ts'

/*
 * What the demo's companies and their insurer have in their books of the months before there was telemetry: orders, and the inspections of
 * the quarter before. Invented, and the same each time but for the dates.
 */

const monthsOfBooks = 6
const yearMs = 365.25 * dayMs
const passScore = 80

export interface PastInspection {
  readonly deviceId: string
  /** ms since 1970. */
  readonly endedAt: number
  /** Of 100. */
  readonly score: number
  readonly passed: boolean
}

export interface Books {
  readonly troubles: readonly Trouble[]
  readonly inspections: readonly PastInspection[]
}

/** When the contracts begin, and with them the books: on the first of a month. */
export function booksFrom(now: number): number {
  return startOfDate(addMonths(`${localDate(now, shanghai).slice(0, 7)}-01`, -monthsOfBooks), shanghai)
}

export function booksBefore(devices: readonly FleetDevice[], now: number): Books {
  return {
    troubles: companies.flatMap((company) =>
      maintainedBy(company, devices).flatMap((elevator) => troublesOf(elevator, company, now)),
    ),
    inspections: companies.flatMap((company) => inspectionsOf(company, devices, now)),
  }
}

const faults = [
  { fault: 'entrapment', severity: 'critical' },
  { fault: 'door-does-not-close', severity: 'urgent' },
  { fault: 'entrapment-at-floor', severity: 'critical' },
  { fault: 'stopped-outside-zone', severity: 'urgent' },
  { fault: 'run-time-limiter', severity: 'urgent' },
] as const

function troublesOf(elevator: FleetDevice, company: Company, now: number): Trouble[] {
  const random = seededRandom(elevator.seed)
  const between = ([from, to]: readonly [number, number]) => from + (to - from) * random()
  const until = telemetryFrom(now)
  const troubles: Trouble[] = []
  let foundAt = booksFrom(now)
  let kind = 0
  for (;;) {
    const isAgain = troubles.length > 0 && random() < company.repeatShare
    foundAt += isAgain ? between([4, 18]) * dayMs : (-Math.log(1 - random()) / company.faultsPerYear) * yearMs
    if (foundAt >= until - dayMs) return troubles
    kind = isAgain ? kind : Math.floor(random() * faults.length)
    const arrivedAt = foundAt + between(company.arrivalMinutes) * minuteMs
    troubles.push({
      ...{ deviceId: elevator.id, kind: elevator.kind, ...(faults[kind] as (typeof faults)[number]) },
      ...{ beganAt: foundAt - 2 * minuteMs, foundAt, answeredAt: foundAt + between([1, 6]) * minuteMs },
      ...{ arrivedAt, endedAt: arrivedAt + between([12, 90]) * minuteMs, teamId: company.id },
      ...{ outcome: random() < company.falseAlarmShare ? 'false-alarm' : 'repaired' },
      causeClass: random() < 0.15 ? 'external' : 'equipment',
    })
  }
}

/** Each elevator once in the quarter before this one, by day. */
function inspectionsOf(company: Company, devices: readonly FleetDevice[], now: number): PastInspection[] {
  const [year = 0, month = 1] = localDate(now, shanghai).split('-').map(Number)
  const quarter = `${year}-${String(3 * Math.ceil(month / 3) - 2).padStart(2, '0')}-01`
  const from = startOfDate(addMonths(quarter, -3), shanghai)
  return maintainedBy(company, devices).map(({ id: deviceId, seed }) => {
    const random = seededRandom(seed + 1)
    const [low, high] = company.inspectionScore
    const score = Math.round(10 * (low + (high - low) * random())) / 10
    const endedAt = from + Math.floor(80 * random()) * dayMs + 10 * hourMs + Math.floor(300 * random()) * minuteMs
    return { deviceId, endedAt, score, passed: score >= passScore }
  })
}
