import { expect, test } from 'vitest'
import { planFleet } from '../simulators/fleet-plan.ts'
import { booksBefore, booksFrom } from './demo-books.ts'
import { companies, elevatorsOf, maintainedBy } from './demo-companies.ts'
import { fleetSize } from './demo-district.ts'
import { telemetryFrom } from './demo-month.ts'

const devices = planFleet(fleetSize)
const days = ['2026-01-02', '2026-03-31', '2026-08-31', '2026-11-30', '2028-02-29'].map((day) =>
  Date.parse(`${day}T06:00:00Z`),
)

test('each elevator is maintained by one company', () => {
  const maintained = companies.flatMap((company) => maintainedBy(company, devices).map(({ id }) => id))
  expect(maintained.toSorted()).toEqual(elevatorsOf(devices).map(({ id }) => id))
})

test.each(days)(
  'orders lie between the begin of the contracts and that of telemetry, inspections in the quarter before (%s)',
  (now) => {
    const { troubles, inspections } = booksBefore(devices, now)
    for (const { foundAt, answeredAt, arrivedAt, endedAt } of troubles) {
      const times = [booksFrom(now), foundAt, arrivedAt, endedAt, telemetryFrom(now)]
      expect(times).toEqual(times.toSorted((one, other) => one - other))
      expect(answeredAt).toBeLessThan(arrivedAt)
    }
    expect(inspections).toHaveLength(elevatorsOf(devices).length)
    expect(inspections.filter(({ endedAt }) => endedAt < booksFrom(now) || endedAt > now)).toEqual([])
  },
)

test.each(days)(
  'the worst company has several times the faults of the others, some again and some found false (%s)',
  (now) => {
    const { troubles } = booksBefore(devices, now)
    const perElevator = companies.map((company) => {
      const own = new Set(maintainedBy(company, devices).map(({ id }) => id))
      return troubles.filter(({ deviceId }) => own.has(deviceId)).length / own.size
    })
    const [good = 0, middle = 0, bad = 0] = perElevator
    expect(bad).toBeGreaterThan(2 * Math.max(good, middle))
    expect(new Set(troubles.map(({ outcome }) => outcome))).toEqual(new Set(['repaired', 'false-alarm']))
  },
)
