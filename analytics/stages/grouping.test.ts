import { expect, test } from 'vitest'
import { minuteMs, secondMs } from '../../core/clock.ts'
import type { Place } from '../../core/scope.ts'
import type { FollowedIncident } from '../../stores/operations/port.ts'
import { followedIncident, foundAt } from '../../test/fixtures/incidents.ts'
import { groupingsOf, groupSummary, groupToJoin, membersOfGroup, shippedGroupings } from './grouping.ts'

const outage = 'electricity-meter/outage'
const building = (id: string, estate = 'e-1') => ({ path: { estate, building: id } })

const room = (n: number, seconds: number, place: Partial<Place> = building('b-1')) =>
  foundAt(place, { deviceId: `m-${n}`, finding: outage, severity: 'info', detectedAt: seconds * secondMs })

/** Rooms lose supply one after the other: which one makes a group, of what, and of how many. */
function timeline(rooms: readonly FollowedIncident[]) {
  for (const [index, incident] of rooms.entries()) {
    for (const rule of groupingsOf(incident, shippedGroupings)) {
      const around = rooms
        .slice(0, index + 1)
        .filter(({ place }) =>
          rule.by === 'feeder'
            ? place.feederId === incident.place.feederId
            : place.path.building === incident.place.path.building,
        )
      const members = membersOfGroup(incident, around, rule)
      if (members !== undefined) return { at: index + 1, by: rule.by, members: members.length }
    }
  }
  return undefined
}

test('the third room of a building that loses supply within 2 minutes makes it the outage of the building', () => {
  expect(timeline([room(1, 0), room(2, 60), room(3, 120)])).toEqual({ at: 3, by: 'building', members: 3 })
})

test('rooms on one feeder are the outage of that feeder, though they are in one building too', () => {
  const on = (n: number) => room(n, n, { ...building('b-1'), feederId: 'f-1' })
  expect(timeline([on(1), on(2), on(3)])).toEqual({ at: 3, by: 'feeder', members: 3 })
})

test.each([
  ['two rooms', [room(1, 0), room(2, 1)]],
  ['a third room that is late', [room(1, 0), room(2, 60), room(3, 121)]],
  ['rooms of three buildings', [room(1, 0), room(2, 1, building('b-2')), room(3, 2, building('b-3'))]],
  ['one room that comes and goes', [room(1, 0), room(1, 20), room(1, 40), room(1, 60)]],
  ['rooms of which nobody knows where they are', [1, 2, 3].map((n) => room(n, n, {}))],
  ['three undervoltages', [1, 2, 3].map((n) => ({ ...room(n, n), finding: 'electricity-meter/under-voltage' }))],
])('no outage of a building is made of %s', (_, rooms) => {
  expect(timeline(rooms)).toBeUndefined()
})

test('an elevator without mains is taken with the outage of its building and does not make one', () => {
  const lift = { ...room(9, 5), finding: 'elevator/mains-lost' }
  const [rule] = shippedGroupings.filter(({ of, by }) => of === 'device' && by === 'building')
  if (rule === undefined) throw new Error('no rule')
  const third = room(3, 10)
  expect(membersOfGroup(third, [lift, room(1, 0), room(2, 5), third], rule)).toHaveLength(4)
  expect(membersOfGroup(third, [lift, room(1, 0), third], rule)).toBeUndefined()
  expect(groupingsOf(lift, shippedGroupings)).toEqual([])
})

const group = (type: 'feeder' | 'building' | 'estate', id: string, given: Partial<FollowedIncident> = {}) =>
  followedIncident({ scope: { type, id }, deviceId: null, finding: outage, lastMemberAt: 0, ...given })

test('what fails later joins the outage that is known, that of the largest place', () => {
  const inFeeder = { ...building('b-1'), feederId: 'f-1' }
  const [feeder, whole] = [group('feeder', 'f-1'), group('building', 'b-1')]
  const late = room(7, 10_000, inFeeder)
  expect(groupToJoin(late, [feeder, whole], shippedGroupings)).toBe(whole)
  expect(groupToJoin(late, [feeder], shippedGroupings)).toBe(feeder)
  expect(groupToJoin({ ...late, finding: 'elevator/mains-lost' }, [feeder], shippedGroupings)).toBe(feeder)
})

test.each([
  ['another building’s outage', group('building', 'b-2')],
  ['an outage that the crew has restored', group('building', 'b-1', { orderState: 'restored' })],
  ['an outage whose order is closed', group('building', 'b-1', { orderState: 'closed' })],
  ['an outage that is over', group('building', 'b-1', { state: 'cleared' })],
  ['what somebody reported of the building by telephone', group('building', 'b-1', { lastMemberAt: null })],
])('a room does not join %s', (_, other) => {
  expect(groupToJoin(room(1, 0), [other], shippedGroupings)).toBeUndefined()
})

test('two feeders of a building are the building, two buildings are the estate', () => {
  const [feeders, buildings] = [
    ['feeder', 'building'],
    ['building', 'estate'],
  ].map(([of, by]) => shippedGroupings.find((rule) => rule.of === of && rule.by === by))
  if (feeders === undefined || buildings === undefined) throw new Error('no rule')
  const parts = ['f-1', 'f-2'].map((id) => group('feeder', id))
  expect(membersOfGroup(parts[1] as FollowedIncident, parts, feeders)).toHaveLength(2)
  expect(membersOfGroup(parts[0] as FollowedIncident, parts.slice(0, 1), feeders)).toBeUndefined()
  const both = ['b-1', 'b-2'].map((id) => group('building', id))
  expect(membersOfGroup(both[1] as FollowedIncident, both, buildings)).toHaveLength(2)
})

test('the summary says what happened, where, and by which rule', () => {
  const [, rule] = shippedGroupings
  if (rule === undefined) throw new Error('no rule')
  expect(groupSummary(rule, 'b-1')).toBe('The power is out in building b-1: at least 3 devices within 2 min')
  expect(rule.withinMs).toBe(2 * minuteMs)
})
