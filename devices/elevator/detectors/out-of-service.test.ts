import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, withTicks } from '../../replay.ts'
import { outOfService } from './out-of-service.ts'
import { every10s, news, type Said, said, settles, start } from './said.ts'

const normal = { mode: 'normal' }
const off = { mode: 'out-of-service' }

const found = (stream: readonly Said[], until = 0) =>
  news(outOfService, withTicks(stream, { until: start + until * 1_000 }))

test('it is information after a minute, and says for how long', () => {
  const [raised] = replay(outOfService, [said(0, normal), ...every10s(10, 90, off)])

  expect(raised?.at).toBe(start + 70_000)
  expect(raised?.finding).toEqual({
    severity: 'info',
    summary: 'The elevator is out of service',
    evidence: { outOfServiceSeconds: 60 },
    since: start + 10_000,
  })
})

test('a gateway that tells changes says it once', () => {
  expect(found([said(0, normal), said(10, off)], 90)).toEqual(['info 70'])
})

test('an elevator that never tells its mode is believed by the city’s code', () => {
  expect(found([said(0, { faultCode: '00' }), ...every10s(10, 90, { faultCode: '42' })])).toEqual(['info 70'])
})

test('an elevator in service leaves the state as it is', () => {
  expect(settles(outOfService, { ...normal, faultCode: '00' })).toBe(true)
})

test('it clears when another mode has been said for a minute, and not by silence', () => {
  expect(found([...every10s(0, 90, off), ...every10s(100, 150, normal)])).toEqual(['info 60'])
  expect(found([...every10s(0, 90, off), ...every10s(100, 160, normal)])).toEqual(['info 60', 'cleared 160'])
  expect(found([...every10s(0, 90, { faultCode: '42' }), ...every10s(100, 160, { faultCode: '00' })])).toEqual([
    'info 60',
    'cleared 160',
  ])
  expect(found(every10s(0, 90, off), 86_400)).toEqual(['info 60'])
})

test.each<[string, Said[]]>([
  [
    'a restart of its controller within half a minute',
    [said(0, normal), ...every10s(10, 40, off), ...every10s(50, 200, normal)],
  ],
  ['inspection, which is not out of service', every10s(0, 900, { mode: 'inspection' })],
  ['a code beside a mode that says normal', every10s(0, 900, { ...normal, faultCode: '42' })],
  [
    'the same in readings of their own',
    Array.from({ length: 60 }, (_, i) => [said(i * 10, normal), said(i * 10 + 1, { faultCode: '42' })]).flat(),
  ],
])('stays silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})

test('it is never early, and no gap completes its minute', () => {
  expectNeverEarly(outOfService, { holds: off, calm: normal, seconds: 60 })
})
