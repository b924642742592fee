import { expect, test } from 'vitest'
import { secondMs } from '../../core/clock.ts'
import type { FollowedIncident } from '../../stores/operations/port.ts'
import { followedIncident, foundAt } from '../../test/fixtures/incidents.ts'
import { membersOfStorm, shippedStorm, stormSummary, stormToJoin, worstOf } from './storm.ts'

const finding = 'elevator/motor-over-temperature'
const report = (n: number, seconds: number, gatewayId = 'gw-1', given: Partial<FollowedIncident> = {}) =>
  foundAt({ gatewayId }, { deviceId: `e-${n}`, finding, severity: 'urgent', detectedAt: seconds * secondMs, ...given })
const reports = (count: number, everySeconds: number, gatewayId?: string, given?: Partial<FollowedIncident>) =>
  Array.from({ length: count }, (_, n) => report(n, n * everySeconds, gatewayId, given))

/** Reports one after the other: which of them begins a storm, and of how many. */
function timeline(all: readonly FollowedIncident[]) {
  for (const [index, incident] of all.entries()) {
    const members = membersOfStorm(incident, incident.detectedAt, all.slice(0, index + 1), shippedStorm)
    if (members !== undefined) return { at: index + 1, members: members.length }
  }
  return undefined
}

test('the tenth device of a gateway with one finding within 5 minutes is a storm', () => {
  expect(timeline(reports(12, 30))).toEqual({ at: 10, members: 10 })
  expect(timeline(reports(12, 1))).toEqual({ at: 10, members: 10 })
})

test.each([
  ['nine devices', reports(9, 1)],
  ['ten, but slowly', reports(20, 34)],
  ['one device again and again', Array.from({ length: 50 }, (_, n) => report(1, n))],
  ['what is only recorded', reports(50, 1, 'gw-1', { severity: 'info' })],
  ['trapped passengers: each is a rescue of its own', reports(50, 1, 'gw-1', { finding: 'elevator/entrapment' })],
  ['what is critical', reports(50, 1, 'gw-1', { severity: 'critical' })],
  ['many gateways with a few devices each', Array.from({ length: 50 }, (_, n) => report(n, n, `gw-${n % 10}`))],
  ['many findings', reports(50, 1).map((one, n) => ({ ...one, finding: `elevator/f-${n % 10}` }))],
])('no storm is made of %s', (_, all) => {
  expect(timeline(all)).toBeUndefined()
})

const storm = (given: Partial<FollowedIncident> = {}) =>
  followedIncident({
    scope: { type: 'gateway', id: 'gw-1' },
    deviceId: null,
    finding,
    lastMemberAt: 0,
    orderState: 'accepted',
    ...given,
  })

test('a storm takes more as long as they keep coming, and 5 minutes of quiet end it', () => {
  const joins = (seconds: number, lastSeconds: number) =>
    stormToJoin(
      report(99, seconds),
      seconds * secondMs,
      [storm({ lastMemberAt: lastSeconds * secondMs })],
      shippedStorm,
    )
  expect(joins(3_600, 3_300)).toBeDefined()
  expect(joins(3_600, 3_299)).toBeUndefined()
})

test.each([
  ['another gateway', report(1, 1, 'gw-2'), storm()],
  ['another finding', report(1, 1, 'gw-1', { finding: 'elevator/safety-circuit' }), storm()],
  [
    'a trapped passenger',
    report(1, 1, 'gw-1', { finding: 'elevator/entrapment' }),
    storm({ finding: 'elevator/entrapment' }),
  ],
  ['what comes after the crew has restored it', report(1, 1), storm({ orderState: 'restored' })],
  ['what comes after its order was closed', report(1, 1), storm({ orderState: 'closed' })],
])('a storm does not swallow %s', (_, incident, running) => {
  expect(stormToJoin(incident, incident.detectedAt, [running], shippedStorm)).toBeUndefined()
})

test('what is released together counts together, however long ago it was detected', () => {
  const old = reports(10, 3_600)
  const last = old[9] as FollowedIncident
  const ids = old.slice(0, 9).map(({ id }) => id)
  expect(membersOfStorm(last, 1e9, old, shippedStorm, ids)).toHaveLength(10)
  expect(membersOfStorm(last, 1e9, old, shippedStorm)).toBeUndefined()
})

test('a storm is as severe as its worst member', () => {
  expect(worstOf([{ severity: 'warning' }, { severity: 'critical' }, { severity: 'urgent' }])).toBe('critical')
  expect(stormSummary(report(1, 1), shippedStorm)).toBe(
    `${finding} on at least 10 devices of gateway gw-1 within 5 min`,
  )
})
