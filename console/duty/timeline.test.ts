import { expect, test } from 'vitest'
import { timelineOf } from './timeline.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 24, 8, 0, seconds)).toISOString()
const ours = (seconds: number, data: Record<string, unknown>) =>
  ({ at: at(seconds), type: 'noted', actor: 'liftwatt', data }) as const

test('what a storm takes over and keeps is a line each with a count; what people do, and what is said once, stays apart', () => {
  const events = [
    { at: at(0), type: 'raised', actor: 'liftwatt', data: {} } as const,
    ...Array.from({ length: 300 }, (_, index) => ours(1, { action: 'merge', mergedOrderId: String(index) })),
    ...Array.from({ length: 40 }, (_, index) => ours(10 + index, { evidence: 'before' })),
    { at: at(50), type: 'accepted', actor: 'li', data: {} } as const,
    ours(51, { evidence: 'after' }),
    ours(52, { action: 'report' }),
    ours(53, { action: 'report' }),
    { at: at(54), type: 'noted', actor: 'li', data: { evidence: 'photo' } } as const,
    { at: at(55), type: 'noted', actor: 'li', data: { evidence: 'photo' } } as const,
  ]
  expect(timelineOf(events).map(({ event, count }) => [event.type, event.at, count])).toEqual([
    ['raised', at(0), 1],
    ['noted', at(1), 300],
    ['noted', at(49), 40],
    ['accepted', at(50), 1],
    ...[51, 52, 53, 54, 55].map((seconds) => ['noted', at(seconds), 1]),
  ])
})
