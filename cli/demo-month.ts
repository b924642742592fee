import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { localDate, shanghai, startOfDate } from '../core/local-time.ts'
import type { Severity } from '../core/severity.ts'
import type { MaintenanceItem } from '../core/visit.ts'
import type { FleetDevice } from '../simulators/fleet.ts'
import { type Company, companies, elevatorsOf } from './demo-companies.ts'

/* What happened in the demo's district in the month before it was started: invented, and the same each time but for the dates. */

const monthDays = 30

export interface Trouble {
  readonly deviceId: string
  /** Of the device. */
  readonly kind: string
  /** One that its kind can simulate: readings show it from `beganAt` until `endedAt`. */
  readonly fault: string
  readonly severity: Severity
  readonly beganAt: number
  /** When it was found; ms since 1970, as all times here. */
  readonly foundAt: number
  readonly answeredAt: number
  readonly arrivedAt: number
  readonly endedAt: number
  readonly teamId: string
  readonly outcome: 'repaired' | 'serviced' | 'self-corrected' | 'enforcement' | 'false-alarm' | 'drill'
  readonly causeClass: 'equipment' | 'people' | 'external'
}

export interface PastVisit {
  readonly deviceId: string
  readonly items: readonly MaintenanceItem[]
  readonly startedAt: number
  readonly endedAt: number
  /** Who says so. */
  readonly teamId: string
  readonly workers: readonly string[]
  /**
   * Of `work`, inspection mode; of `nothing`, that nobody was there, whatever the maintainer says; of `silence`, that the gateway was away
   * and nobody can tell.
   */
  readonly shows: 'work' | 'nothing' | 'silence'
}

export interface Month {
  readonly from: number
  readonly until: number
  /** By when they were found. */
  readonly troubles: readonly Trouble[]
  readonly visits: readonly PastVisit[]
}

/**
 * Elevator or meter, which of them · fault, severity · days ago, local time of the day at which it was found, minutes since it began ·
 * minutes from there to an answer, to the arrival, to the end · crew, outcome, cause
 */
const emergencies = `
  e  3 entrapment           critical 28 18:42    2   2  14   35 east  repaired       equipment
  m  4 e-bike               critical 26 22:10  140   1  17   40 south enforcement    people
  e  7 entrapment-at-floor  critical 24 08:17    3   1  11   24 east  repaired       equipment
  e 11 run-time-limiter     urgent   22 12:05    2   4  21   95 east  repaired       equipment
  m  6 overload             urgent   20 19:51   20   3  19   33 south self-corrected people
  e  3 door-does-not-close  urgent   18 07:48    6   3  16   52 east  repaired       equipment
  m  9 loose-terminal       critical 15 20:31   22   2  22   24 north repaired       equipment
  e 13 stopped-outside-zone urgent   14 22:26    2   2  27   58 south repaired       equipment
  e  5 entrapment           critical 12 17:58    2   1   9   21 east  repaired       external
  m  3 under-voltage        urgent   11 18:40    5   5  24  140 south repaired       external
  e  9 alarm-button         urgent    9 16:20    2   2  13   17 east  false-alarm    people
  m 10 e-bike               critical  8 23:05  200   9  36   60 south enforcement    people
  e  6 entrapment           critical  6 08:05    2   1  12   26 east  drill          people
  e 12 unintended-movement  critical  5 13:37    2   1  15  240 east  repaired       equipment
  m  5 arc                  critical  4 21:14    4   2  18   75 south repaired       equipment
  e  8 entrapment-at-floor  critical  2 19:22    3   2  16   30 east  repaired       equipment
  m  7 loose-terminal       critical  1 07:09   25   3  20   23 south repaired       equipment
  e 10 entrapment           critical  1 18:31    2   1  10   22 east  repaired       equipment
  e  4 stopped-outside-zone urgent    0 01:12    2   3  19   44 south repaired       equipment
  e  7 entrapment           critical  0 07:56    2   1  13   28 east  repaired       equipment
  m  8 overload             urgent    0 12:18   15   4  17   31 south self-corrected people
  e 14 run-time-limiter     urgent    0 17:40    2   2  12   48 east  repaired       equipment`

/** The same columns, with every duration in hours. */
const planned = `
  e  2 door-roller-wear     warning  9 10:00  400   3  70   72 east  serviced       equipment
  e  1 brake-wear           warning  7 14:00  480   2  48   51 east  serviced       equipment
  m  8 contact-corrosion    warning  6 21:00  500  12  90   91 south serviced       equipment
  e 14 bearing-wear         warning 10 11:00  410   4 120  124 east  serviced       equipment
  m  2 insulation-ageing    warning  3 20:00  480  11  40   41 south serviced       equipment
  e 12 cabinet-heat         warning 17 15:00    4   1  22   23 east  repaired       equipment
  m  1 counter-stands       warning 13 12:00   30   6  50   51 south serviced       equipment
  m  1 terminal-sensor-silent warning 19 09:00  3   8  28   29 south repaired       equipment
  e 11 door-lock-contact    warning  8 10:00   20   2  25   27 east  serviced       equipment`

const startOfToday = (now: number) => startOfDate(localDate(now, shanghai), shanghai)

/** When the district was connected; ms since 1970. */
export const telemetryFrom = (now: number) => startOfToday(now) - monthDays * dayMs

/** @param now what is not over by then has not happened */
export function monthBefore(devices: readonly FleetDevice[], now: number): Month {
  const today = startOfToday(now)
  const troubles = [
    ...rowsOf(emergencies).map((row) => troubleOf(row, devices, today, minuteMs)),
    ...rowsOf(planned).map((row) => troubleOf(row, devices, today, hourMs)),
  ]
  return {
    from: telemetryFrom(now),
    until: now,
    troubles: troubles.filter(({ endedAt }) => endedAt < now).sort((one, other) => one.foundAt - other.foundAt),
    visits: companies.flatMap((company) => visitsOf(company, devices, today)),
  }
}

function rowsOf(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
}

function troubleOf(row: readonly string[], devices: readonly FleetDevice[], today: number, unitMs: number): Trouble {
  const [letter, number, fault = '', severity, daysAgo, time, sinceBegin, toAnswer, toArrival, toEnd, crew, ...how] =
    row
  const kind = letter === 'e' ? 'elevator' : 'electricity-meter'
  const device = devices.filter((one) => one.kind === kind)[Number(number) - 1]
  if (device === undefined) throw new Error(`The demo has no ${kind} ${number}`)
  const [hours = 0, minutes = 0] = (time ?? '').split(':').map(Number)
  const foundAt = today - Number(daysAgo) * dayMs + hours * hourMs + minutes * minuteMs
  const after = (length: string | undefined) => foundAt + Number(length) * unitMs
  const [outcome, causeClass] = how
  return {
    ...{ deviceId: device.id, kind, fault, severity: severity as Severity, teamId: `crew-${crew}` },
    ...{ beganAt: foundAt - Number(sinceBegin) * unitMs, foundAt },
    ...{ answeredAt: after(toAnswer), arrivedAt: after(toArrival), endedAt: after(toEnd) },
    ...{ outcome: outcome as Trouble['outcome'], causeClass: causeClass as Trouble['causeClass'] },
  }
}

/** Of which visit, first or second, to which elevator what else than work shows. */
const shownInstead: Readonly<Record<string, PastVisit['shows']>> = {
  ...{ '3 1': 'nothing', '3 2': 'nothing', '7 1': 'nothing', '8 2': 'nothing', '10 1': 'nothing', '14 2': 'nothing' },
  '12 2': 'silence',
}

/** Twice a month to each; of those that were not, their company says that they were at night, when nobody sees them. */
function visitsOf({ id: teamId, crew, elevators }: Company, devices: readonly FleetDevice[], today: number) {
  const all = elevatorsOf(devices)
  return elevators.flatMap((number): PastVisit[] => {
    const deviceId = all[number - 1]?.id
    if (deviceId === undefined) return []
    const visit = (which: 1 | 2, daysAgo: number, minutes: number, items: readonly MaintenanceItem[]) => {
      const shows = shownInstead[`${number} ${which}`] ?? 'work'
      const startedAt = today - daysAgo * dayMs + (shows === 'nothing' ? 2 : 9.5) * hourMs
      return { deviceId, items, startedAt, endedAt: startedAt + minutes * minuteMs, teamId, workers: crew, shows }
    }
    const dayOfTwo = (number - 1) % 13
    return [visit(1, 16 + dayOfTwo, 50, ['half-month', 'quarter']), visit(2, 1 + dayOfTwo, 35, ['half-month'])]
  })
}
