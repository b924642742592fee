import { expect, test } from 'vitest'
import { replay, replayAll } from '../../replay.ts'
import { every10s, news, type Said, said, settles, start } from './said.ts'
import { vibrationZone } from './vibration-zone.ts'

const facts = { motorKilowatts: 11, ratedSpeedMps: 1.75 }
const at = (vibrationMmPerS: number, carSpeedMps = 1.75) => ({ vibrationMmPerS, carSpeedMps })

const found = (stream: readonly Said[], known: object = facts) => news(vibrationZone, stream, { facts: known })

test('ten samples over the ceiling of its class are a warning, and the reason is in words', () => {
  const [raised] = replay(vibrationZone, every10s(0, 200, at(4.6)), { facts })

  expect(raised?.at).toBe(start + 90_000)
  expect(raised?.finding).toEqual({
    severity: 'warning',
    summary: 'The machine vibrates at 4.6 mm/s, zone D for one of 11 kW begins at 4.5 mm/s',
    evidence: { vibrationMmPerS: 4.6, limitMmPerS: 4.5, motorKilowatts: 11 },
    since: start,
  })
})

test.each([
  [11, 4.4, 4.6],
  [15, 4.4, 4.6],
  [16, 7, 7.2],
  [75, 7, 7.2],
  [76, 11.1, 11.3],
  [undefined, 7, 7.2],
])('a machine of %d kW may vibrate at %d mm/s, not at %d', (motorKilowatts, silent, warning) => {
  const after = (mmPerS: number) => found(every10s(0, 200, at(mmPerS)), { ratedSpeedMps: 1.75, motorKilowatts })

  expect(after(silent)).toEqual([])
  expect(after(warning)).toEqual(['warning 90'])
})

test('samples come with rides, however far apart, and of a gateway without a speed as well', () => {
  const rides = Array.from({ length: 12 }, (_, i) => said(i * 3_600, { vibrationMmPerS: 6 }))
  expect(found(rides)).toEqual([`warning ${9 * 3_600}`])
})

test('one sample in four below does not hide it', () => {
  expect(found(Array.from({ length: 40 }, (_, i) => said(i * 10, at(i % 4 === 3 ? 4 : 5.5))))).toHaveLength(1)
})

test('a smooth machine leaves the state as it is', () => {
  expect(settles(vibrationZone, { ...at(1), mode: 'normal' }, facts)).toBe(true)
})

test('it clears when ten more samples were a tenth below the ceiling', () => {
  const rough = every10s(0, 200, at(6))

  expect(replayAll(vibrationZone, rough, { facts })).toHaveLength(12)
  expect(found([...rough, ...every10s(210, 900, at(4.2))])).toEqual(['warning 90'])
  expect(found([...rough, ...every10s(210, 290, at(4))])).toEqual(['warning 90'])
  expect(found([...rough, ...every10s(210, 300, at(4))])).toEqual(['warning 90', 'cleared 300'])
})

test.each<[string, Said[], object?]>([
  ['a machine just under its ceiling', every10s(0, 3_600, at(4.5))],
  [
    'a rough start and stop of every ride',
    Array.from({ length: 300 }, (_, i) => said(i * 10, i % 2 === 0 ? at(9, 1.3) : at(2, 1.75))),
  ],
  ['a sensor that trembles while the car stands', every10s(0, 3_600, at(9, 0))],
  ['the same of a car whose rated speed is unknown', every10s(0, 3_600, at(9, 0)), { motorKilowatts: 11 }],
  [
    'three rides with a heavy trolley',
    [...every10s(0, 80, at(6)), ...every10s(90, 900, at(2)), ...every10s(910, 990, at(6))],
  ],
  ['a machine of 30 kW at 5 mm/s', every10s(0, 3_600, at(5)), { ...facts, motorKilowatts: 30 }],
  [
    'a mechanic who runs it in inspection mode',
    [said(0, { mode: 'inspection' }), ...every10s(10, 900, { vibrationMmPerS: 9 })],
  ],
  [
    'the same, told by a code of an elevator without a mode',
    [said(0, { faultCode: '43' }), ...every10s(10, 900, { vibrationMmPerS: 9 })],
  ],
])('stays silent for %s', (_, stream, known = facts) => {
  expect(found(stream, known)).toEqual([])
})
