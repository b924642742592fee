import { expect, test } from 'vitest'
import { idIn, scopesOf } from '../../core/scope.ts'
import { foundAt } from '../../test/fixtures/incidents.ts'
import { placeOfScope } from './place.ts'

const path = { district: 'd-1', estate: 'e-1', building: 'b-1', unit: 'u-1' }
const place = { gatewayId: 'gw-1', feederId: 'f-1', siteId: 'u-1', path }

test('a device belongs to itself, its gateway, its feeder and each of its sites', () => {
  const scopes = scopesOf(foundAt(place, { deviceId: 'm-1' })).map(({ type, id }) => `${type} ${id}`)
  expect(scopes.sort()).toEqual([
    'building b-1',
    'device m-1',
    'district d-1',
    'estate e-1',
    'feeder f-1',
    'gateway gw-1',
    'unit u-1',
  ])
  expect(idIn(foundAt(place), 'street')).toBeNull()
})

test('an outage of a building is in that building, whichever units, feeders and gateways are part of it', () => {
  const other = { ...place, gatewayId: 'gw-2', feederId: 'f-2', path: { ...path, unit: 'u-2' } }
  const { unit: _, ...above } = path
  const whole = { gatewayId: null, feederId: null, siteId: 'b-1', path: above }
  expect(placeOfScope({ type: 'building', id: 'b-1' }, [place, other])).toEqual(whole)
  expect(placeOfScope({ type: 'building', id: 'b-1' }, [place])).toEqual(whole)
})

test('a gateway is where all of its devices are, and nowhere when nobody knows', () => {
  const scope = { type: 'gateway', id: 'gw-1' } as const
  const far = { ...place, path: { district: 'd-1', estate: 'e-2', building: 'b-9' } }
  expect(placeOfScope(scope, [place, far])).toEqual({
    gatewayId: 'gw-1',
    feederId: place.feederId,
    siteId: 'd-1',
    path: { district: 'd-1' },
  })
  expect(placeOfScope(scope, [place, { ...far, feederId: 'another' }]).feederId).toBeNull()
  expect(placeOfScope(scope, [])).toEqual({ gatewayId: 'gw-1', feederId: null, siteId: null, path: {} })
})
