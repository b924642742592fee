import { expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../core/clock.ts'
import { type Suppression, suppressionText } from '../../core/suppression.ts'
import { foundAt } from '../../test/fixtures/incidents.ts'
import { suppressionOf } from './suppression.ts'

const place = { gatewayId: 'gw-1', feederId: 'f-1', path: { district: 'd-1', estate: 'e-1', building: 'b-1' } }
const drift = foundAt(place, { deviceId: 'elv-1', finding: 'elevator/door-close-drift', severity: 'warning' })

const said = (given: Partial<Suppression> = {}): Suppression => ({
  id: 's-1',
  type: 'maintenance',
  scope: { type: 'device', id: 'elv-1' },
  finding: null,
  reason: 'New door rollers',
  startsAt: hourMs,
  endsAt: 2 * hourMs,
  createdAt: hourMs,
  createdBy: 'wang',
  endedAt: null,
  endedBy: null,
  ...given,
})
const at = (now: number, ...suppressions: Suppression[]) => suppressionOf(drift, suppressions, now)?.id

test('a window holds from its beginning to its end, to the millisecond', () => {
  const times = [hourMs - 1, hourMs, 2 * hourMs - 1, 2 * hourMs]
  expect(times.map((now) => at(now, said()))).toEqual([undefined, 's-1', 's-1', undefined])
})

test('maintenance without an end holds until somebody ends it', () => {
  const open = said({ endsAt: null })
  expect(at(1_000 * hourMs, open)).toBe('s-1')
  const ended = { ...open, endedAt: hourMs + minuteMs }
  expect([at(hourMs + minuteMs - 1, ended), at(hourMs + minuteMs, ended)]).toEqual(['s-1', undefined])
})

test.each([
  ['device', 'elv-1'],
  ['gateway', 'gw-1'],
  ['feeder', 'f-1'],
  ['building', 'b-1'],
  ['estate', 'e-1'],
  ['district', 'd-1'],
] as const)('what is said of the %s holds for what is in it, and not for its neighbour', (type, id) => {
  expect(at(hourMs, said({ scope: { type, id } }))).toBe('s-1')
  expect(at(hourMs, said({ scope: { type, id: `${id}0` } }))).toBeUndefined()
})

test('a shelf for one finding leaves the others alone', () => {
  const shelf = said({ type: 'shelf', finding: 'elevator/door-close-drift' })
  expect(at(hourMs, shelf)).toBe('s-1')
  expect(suppressionOf({ ...drift, finding: 'elevator/motor-over-temperature' }, [shelf], hourMs)).toBeUndefined()
})

test('what another system sees is held back where its finding is named, and not by work that goes on there', () => {
  const smoke = { ...drift, source: 'camera-7', finding: 'camera/smoke' }
  const of = (suppression: Suppression) => suppressionOf(smoke, [suppression], hourMs)?.id
  expect([of(said()), of(said({ type: 'shelf', finding: 'camera/smoke' }))]).toEqual([undefined, 's-1'])
})

test.each(['elevator/entrapment', 'elevator/unintended-movement', 'camera/entrapment'])(
  'nothing that people say holds back %s',
  (finding) => {
    const everything = [said(), said({ type: 'shelf', finding }), said({ scope: { type: 'district', id: 'd-1' } })]
    expect(suppressionOf({ ...drift, finding }, everything, hourMs)).toBeUndefined()
  },
)

test('the reason names who, where, until when and why', () => {
  expect(suppressionText(said())).toBe(
    'In maintenance (device elv-1, by wang, until 1970-01-01T02:00:00.000Z): New door rollers',
  )
  expect(suppressionText(said({ type: 'shelf', endsAt: null }))).toMatch(/^Shelved .*until it is ended/)
})
