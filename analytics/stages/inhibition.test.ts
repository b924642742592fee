import { expect, test } from 'vitest'
import type { Incident } from '../../core/incident.ts'
import { followedIncident, foundAt } from '../../test/fixtures/incidents.ts'
import { InhibitionRule, inhibitionBetween, inhibitorOf, isSource, shippedInhibitions } from './inhibition.ts'
import { placeOfScope } from './place.ts'

const explains = (source: Incident, incident: Incident) =>
  inhibitionBetween(source, incident, shippedInhibitions)?.by ?? null

const silentGateway = (id: string, finding = 'gateway/silent') =>
  followedIncident({
    scope: { type: 'gateway', id },
    deviceId: null,
    finding,
    place: placeOfScope({ type: 'gateway', id }, []),
  })
const b1 = { path: { estate: 'e-1', building: 'b-1' } }
const outage = followedIncident({
  scope: { type: 'building', id: 'b-1' },
  deviceId: null,
  finding: 'electricity-meter/outage',
  place: { gatewayId: null, feederId: null, siteId: 'b-1', ...b1 },
})
const found = (finding: string, place = {}) => foundAt(place, { finding })

test.each(['gateway/silent', 'gateway/clock-ahead'])(
  '%s explains that the devices of that gateway are silent, of whatever kind',
  (source) => {
    for (const finding of ['elevator/silent', 'electricity-meter/silent', 'smoke-detector/silent']) {
      expect(explains(silentGateway('gw-1', source), found(finding))).toBe('inhibition')
      expect(explains(silentGateway('gw-2', source), found(finding))).toBeNull()
    }
    expect(explains(silentGateway('gw-1', source), found('elevator/motor-over-temperature'))).toBeNull()
  },
)

test('the outage of a building explains the fault code that says so, and no other code', () => {
  const code = (means: string, place = {}) => foundAt(place, { finding: 'elevator/fault-code', evidence: { means } })
  expect(explains(outage, code('elevator/mains-lost', b1))).toBe('inhibition')
  expect(explains(outage, code('elevator/out-of-service', b1))).toBe('inhibition')
  expect(explains(outage, code('elevator/mains-lost', { path: { building: 'b-2' } }))).toBeNull()
  for (const means of ['warning', 'elevator/safety-circuit', 'elevator/entrapment']) {
    expect(explains(outage, code(means, b1))).toBeNull()
  }
  expect(explains(outage, found('elevator/fault-code', b1))).toBeNull()
})

test.each([
  'electricity-meter/under-voltage',
  'electricity-meter/silent',
  'elevator/mains-lost',
  'elevator/silent',
  'gateway/silent',
])('the outage of a building explains %s there and nowhere else', (finding) => {
  expect(explains(outage, found(finding, b1))).toBe('inhibition')
  expect(explains(outage, found(finding, { path: { estate: 'e-1', building: 'b-2' } }))).toBeNull()
  expect(explains(outage, found(finding))).toBeNull()
})

test('a trapped passenger comes through an outage, a silent gateway and a mechanic’s visit', () => {
  const service = foundAt(b1, { finding: 'elevator/service-mode', severity: 'info' })
  for (const finding of ['elevator/entrapment', 'elevator/unintended-movement']) {
    for (const source of [outage, silentGateway('gw-1'), service]) {
      expect(explains(source, found(finding, b1))).toBeNull()
    }
  }
  expect(explains(service, found('elevator/door-close-drift', b1))).toBe('service-mode')
  expect(explains(service, foundAt(b1, { deviceId: 'm-2', finding: 'elevator/door-close-drift' }))).toBeNull()
})

test.each(['alarm-button', 'stopped-outside-zone', 'run-time-limiter', 'door-fault', 'fault-code'])(
  'who is shut in is one order: the entrapment explains %s of its elevator, and of no other',
  (name) => {
    const entrapment = found('elevator/entrapment')
    expect(explains(entrapment, found(`elevator/${name}`))).toBe('inhibition')
    expect(explains(entrapment, foundAt(b1, { deviceId: 'lift-9', finding: `elevator/${name}` }))).toBeNull()
    expect(explains(entrapment, found('elevator/motor-over-temperature'))).toBeNull()
  },
)

test('where nothing is known, nothing is equal', () => {
  const unplaced = { ...outage, place: { ...outage.place, path: {} } }
  expect(explains(unplaced, found('elevator/mains-lost'))).toBeNull()
})

test('nothing explains itself, nor what explains it', () => {
  const gateway = { ...silentGateway('gw-1'), parentId: 'x' }
  expect(explains(gateway, gateway)).toBeNull()
  expect(explains(gateway, { ...found('elevator/silent'), id: 'x' })).toBeNull()
})

test('of all that is active, the first that explains it is named', () => {
  const active = [found('elevator/entrapment'), silentGateway('gw-2'), silentGateway('gw-1')]
  expect(inhibitorOf(found('elevator/silent'), active, shippedInhibitions)?.source).toBe(active[2])
  expect(inhibitorOf(found('elevator/silent'), active.slice(0, 2), shippedInhibitions)).toBeUndefined()
})

test('a source is of its rule’s scope: one room without supply explains nothing of the building', () => {
  const oneRoom = foundAt(b1, { finding: 'electricity-meter/outage', severity: 'info' })
  expect(shippedInhibitions.some((rule) => isSource(oneRoom, rule))).toBe(false)
})

test('a rule without equal keys is refused, in plain words', () => {
  const rule = { source: { finding: 'gateway/silent', scope: 'gateway' }, targets: ['*/silent'] }
  expect(InhibitionRule.safeParse({ ...rule, equal: 'gateway' }).success).toBe(true)
  for (const wrong of [rule, { ...rule, equal: null }, { ...rule, equal: 'city' }, { ...rule, equal: '' }]) {
    expect(InhibitionRule.safeParse(wrong).error?.issues[0]?.message).toBe(
      'an inhibition rule without `equal` would silence everything',
    )
  }
})
