import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, withTicks } from '../../replay.ts'
import { every10s, news, said } from './said.ts'
import { serviceMode } from './service-mode.ts'

test('a mechanic who switches to inspection is recorded, and over a minute after he has left', () => {
  const readings = [...every10s(0, 60, { mode: 'inspection' }), ...every10s(70, 200, { mode: 'normal' })]
  expect(news(serviceMode, readings)).toEqual(['info 10', 'cleared 130'])
})

test.each(['fire', 'firefighter'])('%s mode counts too', (mode) => {
  expect(news(serviceMode, every10s(0, 60, { mode }))).toEqual(['info 10'])
})

test('a gateway that tells the mode once is believed by ticks while that is fresh', () => {
  expect(news(serviceMode, withTicks([said(0, { mode: 'inspection' })], { until: said(60, {}).at }))).toEqual([
    'info 10',
  ])
})

test('a tick when nobody knows the mode any more completes nothing', () => {
  const tick = { tick: true, at: said(200, {}).at, fresh: false, lastReadingAt: said(0, {}).at } as const
  expect(news(serviceMode, [said(0, { mode: 'inspection' }), tick])).toEqual([])
})

test.each([
  [
    'a mode that flickers for a moment',
    [said(0, { mode: 'inspection' }), said(5, { mode: 'normal' }), said(60, { mode: 'normal' })],
  ],
  ['an elevator that is out of service', every10s(0, 600, { mode: 'out-of-service' })],
])('stays silent for %s', (_, readings) => {
  expect(replay(serviceMode, readings)).toEqual([])
})

test('it is never early, and no gap completes its delay', () => {
  expectNeverEarly(serviceMode, { holds: { mode: 'inspection' }, calm: { mode: 'normal' }, seconds: 10 })
})
