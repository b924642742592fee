import { expect, test } from 'vitest'
import type { VisitCurve } from '../wire-records.ts'
import { drawnOf } from './visit-curve.ts'

const from = Date.parse('2026-11-03T02:00:00Z')
const minute = 60_000
const at = (minutes: number) => new Date(from + minutes * minute).toISOString()
const curve = (items: VisitCurve['items']): VisitCurve => ({ from: at(0), to: at(60), items })
const still = { mode: 'normal', doorState: 'closed', floor: 1, trips: 41_250, doorCycles: 80_212 }
const claimed = { from: from + 15 * minute, to: from + 45 * minute }

test('an elevator on which nothing moved shows one state from end to end, and counters that stood still', () => {
  const items = Array.from({ length: 61 }, (_, index) => ({ at: at(index), values: still }))
  const drawn = drawnOf(curve(items), claimed, 'no data')
  expect(drawn?.strip.rows?.map(({ segments }) => segments.length)).toEqual([1, 1])
  expect(drawn?.counts).toEqual({ trips: 0, doorCycles: 0 })
  expect(drawn?.strip.moments?.map(({ at: moment }) => moment)).toEqual([claimed.from, claimed.to])
  expect(drawn?.strip.quiet).toEqual([])
})

test('a gap is no state: nothing is drawn through it', () => {
  const items = [0, 1, 2, 40, 41, 60].map((minutes) => ({ at: at(minutes), values: still }))
  const drawn = drawnOf(curve(items), claimed, 'no data')
  expect(drawn?.strip.quiet).toHaveLength(2)
  expect(drawn?.strip.rows?.[0]?.segments.length).toBeGreaterThan(1)
})

test('where nothing was measured there is nothing to draw, and what is not measured has no line', () => {
  expect(drawnOf(curve([]), claimed, 'no data')).toBeNull()
  const drawn = drawnOf(curve([{ at: at(1), values: { mode: 'normal' } }]), claimed, 'no data')
  expect([drawn?.floor, drawn?.counts]).toEqual([null, {}])
})
